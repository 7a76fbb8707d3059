"""A simulated stream as the bytes of a format, as they would come over a wire."""

from collections.abc import Callable, Iterator
from itertools import chain, islice
from typing import cast

from midstream_cli.errors import UsageError
from midstream_cli.frames import Kind
from midstream_cli.recordings import Recording, concatenate
from midstream_cli.streams import formats

Encode = Callable[[Recording], Iterator[bytes]]

MOST_FRAMES = 1 << 20
"""A format that needs all frames at once gets no more."""


def encoder(name: str, kind: Kind) -> Encode:
    """What writes streams of a kind in a format.

    Raises:
        UsageError: the format can only be read, or holds something else.
    """
    module = formats.load(name)
    if not hasattr(module, "encode"):
        raise UsageError(f"{name} can only be read", f"these can be written: {', '.join(formats.writable())}")
    # tables of numbers hold channel state too
    kinds = {kind} if kind == "token" else {kind, "numeric"}
    if module.KIND not in kinds:
        fitting = [other for other in formats.writable() if formats.load(other).KIND in kinds]
        what = {"csi": "channel state", "token": "tokens", "numeric": "numbers"}
        raise UsageError(
            f"{name} holds {what[module.KIND]}, and the scene is {what[kind]}", f"choose from {', '.join(fitting)}"
        )
    return cast(formats.WritableFormat, module).encode


def encoded(pieces: Iterator[Recording], encode: Encode) -> Iterator[bytes]:
    """The stream as bytes, in bounded memory where the format allows it.

    Raises:
        UsageError: the format needs all frames at once, and they are too many.
    """
    first = next(pieces, None)
    if first is None:
        return
    everything = chain([first], pieces)
    header = _header(first, encode)
    if header is None:
        yield from encode(_whole(everything))
        return
    yield b"".join(encode(first))
    for piece in pieces:
        yield b"".join(islice(encode(piece), header, None))


def timed(pieces: Iterator[Recording], encode: Encode) -> Iterator[tuple[int, bytes]]:
    """The stream frame by frame: when each comes, in nanoseconds, and its bytes.

    Raises:
        UsageError: the format has nothing that can be sent frame by frame.
    """
    first = next(pieces, None)
    if first is None:
        return
    everything = chain([first], pieces)
    header = _header(first, encode)
    if header is None:
        yield from _messages(_whole(everything), encode)
        return
    passed = 0
    for piece in everything:
        for i, time_ns in enumerate(piece.time_ns.tolist()):
            yield time_ns, b"".join(islice(encode(piece.take(slice(i, i + 1))), passed, None))
            passed = header


def _messages(whole: Recording, encode: Encode) -> Iterator[tuple[int, bytes]]:
    messages = list(encode(whole))
    if len(messages) < len(whole):
        raise UsageError("this format cannot be sent frame by frame", "choose another, or pace=fast")
    # what follows the last frame, such as a mark of the end, comes with it
    times = whole.time_ns.tolist()
    yield from zip(times + times[-1:] * (len(messages) - len(times)), messages, strict=True)


def _header(piece: Recording, encode: Encode) -> int | None:
    """With how many messages each part of a stream begins that only the first part needs; None if parts do not add up.

    They do where two frames are written as the first one is, followed by the second one without its header.
    """
    if piece.info.kind == "token" or len(piece) < 2:
        return None
    both, first, second = (list(encode(piece.take(part))) for part in (slice(0, 2), slice(0, 1), slice(1, 2)))
    header = len(second) - 1
    return header if b"".join(both) == b"".join(first + second[header:]) else None


def _whole(pieces: Iterator[Recording]) -> Recording:
    taken: list[Recording] = []
    for piece in pieces:
        taken.append(piece)
        if sum(map(len, taken)) > MOST_FRAMES:
            raise UsageError(
                f"this format needs all frames at once, and they are more than {MOST_FRAMES:,}",
                "choose a shorter duration, or a format of lines or packets",
            )
    whole: Recording = concatenate(taken)  # type: ignore[type-var]
    return whole
