"""How commands read: one link of a source, between two times, live or recorded."""

import time
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from midstream_cli.cli import console, interrupts
from midstream_cli.cli.console import plural
from midstream_cli.errors import UsageError
from midstream_cli.recordings import Recording
from midstream_cli.streams.select import between, limited, one_link
from midstream_cli.streams.source import Source, open_source
from midstream_cli.streams.transports import Patience

WRAP_UP_S = 1.0
"""A live source that is to end by its own clock gets so much longer by ours."""

START_UP_S = 10.0
"""A live source that is to end may take so long until its first frame: boards restart when their port is opened."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What of a source is read; picklable, so that other processes read alike."""

    input_format: str | None = None
    node: str | None = None
    subcarriers: int | None = None
    start_s: float | None = None
    end_s: float | None = None
    frames: int | None = None
    duration_s: float | None = None
    timeout_s: float = 30.0
    reconnect_s: float = 30.0
    frame_rate_hz: float | None = None

    def __post_init__(self) -> None:
        if self.end_s is not None and self.end_s <= (self.start_s or 0.0):
            raise UsageError(
                f"--to {self.end_s:g} is not after --from {self.start_s or 0.0:g}",
                "both are seconds after the first frame",
            )

    @classmethod
    def asked(cls, given: Mapping[str, Any]) -> "Reading":
        """As the options of a command say, by the names of its parameters."""
        return cls(
            input_format=given["input_format"],
            node=given["node"],
            subcarriers=given["subcarriers"],
            start_s=given["start"],
            end_s=given["end"],
            frames=given["frames"],
            duration_s=given["duration"],
            timeout_s=given["timeout"],
            reconnect_s=given["reconnect"],
            frame_rate_hz=given["frame_rate"],
        )

    def open_whole(self, source: str) -> Source:
        """The source with all its links, damaged frames included, up to where reading ends."""
        opened = self._open(source, keep_bad=True)
        opened.pieces = limited(between(opened.pieces, self.start_s, self.until_s), self.frames)
        return opened

    def open_nodes(self, source: str) -> Source:
        """The source with all its senders, damaged frames left out; with the one that is asked for, where one is."""
        if self.node is not None or self.subcarriers is not None:
            return self.open(source)
        opened = self._open(source)
        if not opened.live:
            _look(opened)
        opened.pieces = limited(between(opened.pieces, self.start_s, self.until_s), self.frames)
        return opened

    def _open(self, source: str, *, keep_bad: bool = False) -> Source:
        return open_source(
            source,
            input_format=self.input_format,
            patience=Patience(self.timeout_s, self.reconnect_s),
            say=console.warning,
            keep_bad=keep_bad,
            frame_rate_hz=self.frame_rate_hz,
        )

    def open(self, source: str, before: Callable[[Recording], object] | None = None) -> Source:
        """The source, reduced to the link that is to be read; `before` sees every piece before it is."""
        opened = self._open(source)
        if not opened.live:
            _look(opened)
        every = _seen(opened.pieces, before) if before else opened.pieces
        link = one_link(every, opened.tally, node=self.node, subcarriers=self.subcarriers)
        opened.pieces = limited(between(link, self.start_s, self.until_s), self.frames)
        return opened

    @property
    def until_s(self) -> float | None:
        """Where reading ends, in seconds after the first frame."""
        if self.duration_s is None:
            return self.end_s
        until = (self.start_s or 0.0) + self.duration_s
        return until if self.end_s is None else min(until, self.end_s)


def _look(opened: Source) -> None:
    """Learn from the first piece what kind of stream it is, where its format holds several kinds."""
    try:
        first = next(opened.pieces, None)
    except BaseException:
        opened.close()
        raise
    if first is not None:
        opened.info, opened.pieces = first.info, chain([first], opened.pieces)


def _seen(pieces: Iterator[Recording], see: Callable[[Recording], object]) -> Iterator[Recording]:
    for piece in pieces:
        see(piece)
        yield piece


def follow(
    opened: Source,
    title: str,
    until_s: float | None = None,
    status: Callable[[float], str] | None = None,
) -> Generator[Recording | None]:
    """The pieces of a source with progress; of a live one decoupled from the work, with None where nothing came.

    SIGTERM and a terminal that closes are taken as Ctrl-C: what is under way is finished and kept.

    Args:
        until_s: where reading ends, in seconds after the first frame; a live stream whose clock stands still ends by
            ours.
        status: what to show of a live source so many seconds after its first frame; by default, its rate and losses.
    """
    if not opened.live:
        with console.progress(title, opened.stream.size) as bar:
            for recorded in opened:
                bar.update(opened.stream.read)
                yield recorded
        return
    frames = 0
    begun = time.monotonic()
    with console.progress(title, until_s) as bar:
        for piece in live(opened, until_s):
            if piece is not None:
                begun = begun if frames else time.monotonic()
                frames += len(piece)
            passed = time.monotonic() - begun
            bar.update(passed * bool(frames), (status or _pulse(opened, frames))(passed) if frames else "no frame yet")
            yield piece


def live(opened: Source, until_s: float | None = None) -> Generator[Recording | None]:
    """The pieces of a live source, decoupled from the work, with None where nothing came.

    SIGTERM and a terminal that closes are taken as Ctrl-C.

    Args:
        until_s: where reading ends, in seconds after the first frame; a stream whose clock stands still ends by ours.
    """
    from midstream_cli.streams.live import decoupled

    interrupts.take_all_as_ctrl_c()
    begun, came = time.monotonic(), False
    for piece in decoupled(opened):
        if piece is not None and not came:
            begun, came = time.monotonic(), True
        yield piece
        passed = time.monotonic() - begun
        if until_s is not None and passed > (until_s + WRAP_UP_S if came else max(until_s, START_UP_S)):
            return


def _pulse(opened: Source, frames: int) -> Callable[[float], str]:
    """The state of a live source in a few words."""

    def text(passed_s: float) -> str:
        dropped = opened.tally.dropped.total()
        words = [f"{frames:,} frames", f"{frames / max(passed_s, 0.1):.0f} Hz", f"{passed_s:.1f} s"]
        words += [f"{opened.tally.lost:,} lost"] if opened.tally.lost else []
        words += [f"{dropped:,} dropped"] if dropped else []
        return "  ".join(words)

    return text


def losses(opened: Source) -> list[str]:
    """What the user should know of what was not read."""
    tally = opened.tally
    said = [f"{plural(count, 'frame')} left out: {reason}" for reason, count in tally.dropped.items()]
    said += [f"{count:,} malformed: {name} (first at {tally.examples[name]})" for name, count in tally.faults.items()]
    if tally.lost:
        said.append(f"lost on the way: {plural(tally.lost, 'frame')}")
    if tally.resets:
        said.append(f"the board restarted: {plural(tally.resets, 'time')}")
    return said + tally.notes
