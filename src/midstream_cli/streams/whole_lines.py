"""Whole lines out of bytes that come in pieces cut anywhere."""

from collections.abc import Callable, Iterator

from midstream_cli.streams.tally import Tally

LONGEST = 1 << 20
"""In bytes; what is longer is no line, but a stream of something else."""

CUT_BY_STOPPING = "line cut by stopping"


def _never() -> bool:
    """Nobody stops the stream before its end."""
    return False


def whole_lines(
    chunks: Iterator[bytes], tally: Tally, longest: int = LONGEST, stopped: Callable[[], bool] = _never
) -> Iterator[bytes]:
    """Blocks of whole lines, as many as each chunk completes; a last line without an end gets one.

    A line longer than `longest` bytes is passed over and counted. Where we `stopped` before the sender did, the line
    that was under way is no fault of anybody: it is passed over, and counted as skipped.
    """
    rest, endless = b"", False
    for part in (chunk[at : at + longest] for chunk in chunks for at in range(0, len(chunk), longest)):
        cut = part.rfind(b"\n") + 1
        if cut:
            line = part.find(b"\n") + 1
            if not endless and len(rest) + line > longest:
                _count(tally, longest)
                endless = True
            if endless:
                endless, rest, part, cut = False, b"", part[line:], cut - line
            if cut:
                yield b"".join((rest, memoryview(part)[:cut])) if rest or cut < len(part) else part
            rest = part[cut:]
        elif not endless:
            rest += part
            if len(rest) >= longest:
                _count(tally, longest)
                rest, endless = b"", True
    if rest and stopped():
        tally.skipped[CUT_BY_STOPPING] += 1
    elif rest:
        yield rest + b"\n"


def _count(tally: Tally, longest: int) -> None:
    tally.fault("endless line", f"a line of over {longest} bytes")
