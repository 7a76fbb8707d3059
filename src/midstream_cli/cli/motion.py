"""One source of `analyze-attractor`: measured by each feature, and analysed as a whole or window by window."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from midstream_cli.cli import batch, console, interrupts, measuring
from midstream_cli.errors import InsufficientData, UsageError

if TYPE_CHECKING:
    from midstream_cli.attractor.series import Series
    from midstream_cli.cli.motion_panels import Motion
    from midstream_cli.cli.reading import Reading
    from midstream_cli.compare.named import Named
    from midstream_cli.frames import Kind
    from midstream_cli.results import Attractor
    from midstream_cli.streams.vectors import VectorStream

FEATURES: Mapping[str, tuple[str, ...]] = {
    "csi": ("bands8",),
    "token": ("token-ids", "text-length", "inter-arrival"),
    "numeric": ("columns",),
}
"""What is analysed of each kind of stream where nothing else is asked for."""


@dataclass(frozen=True, slots=True)
class Task:
    """What is analysed, and how; picklable, so that other processes analyse alike."""

    reading: "Reading"
    features: tuple[str, ...]
    """Empty for those that the kind of stream has."""
    channel: str
    window_s: float | None
    hop_s: float | None
    settings: tuple[tuple[str, Any], ...]
    """What `analyze` takes besides the series."""
    picture: str
    """Which one to draw."""
    plots: bool
    """On a terminal."""
    figure: Path | None


def analyse_source(source: str, report: batch.Report, *, task: Task) -> batch.Outcome:
    """A source, read once, with a row for each feature and window; an interrupt ends it, and what was found counts.

    Raises:
        MidstreamError: it cannot be read or measured, or holds too little of every feature.
    """
    from midstream_cli.cli import motion_pictures

    tell = _Teller(source, report)
    outcome = measuring.measure_by(source, tell.read, reading=task.reading, choose=partial(_streams, task.features))
    measured, outcome.results = outcome.results, []
    drawn: list[tuple[Named, list[Motion]]] = []
    missing: list[InsufficientData] = []
    try:
        for named in measured:
            try:
                if named.categorical:
                    outcome.results += _names(named, task)
                else:
                    drawn.append((named, []))
                    for motion in _motions(named, task, tell):
                        drawn[-1][1].append(motion)
                        outcome.results.append(motion.row)
            except InsufficientData as error:
                missing.append(error)
                outcome.notes.append(f"{named.feature}: {error}")
    except KeyboardInterrupt:
        outcome.interrupted = True
    if missing and not outcome.results and not outcome.interrupted:
        raise InsufficientData(missing[0].needed, missing[0].available, f"{source}: {missing[0].what}")
    drawn = [(named, motions) for named, motions in drawn if motions]
    if task.plots:
        for named, motions in drawn:
            outcome.picture += [*motion_pictures.picture(task.picture, named, motions), ""]
    if task.figure is not None and not outcome.interrupted:
        from midstream_cli.cli import motion_drawing

        motion_drawing.draw(task.figure, task.picture, drawn)
        console.note(f"drew {task.figure}")
    return outcome


class _Teller:
    """Shows how far the work on a source is."""

    def __init__(self, source: str, report: batch.Report) -> None:
        self._name = Path(source).name
        self._report = report
        self._read = 0.0
        self.stage = ""

    def read(self, done: float, text: str = "") -> None:
        """So much of the source is read."""
        self._read = done
        self._report(done, text)

    def passed(self, seconds: float) -> None:
        """It takes so long since the source was read."""
        self._report(self._read, f"{self._name}: {self.stage}, {seconds:.0f} s")


def _streams(features: Sequence[str], kind: "Kind") -> "list[VectorStream]":
    from midstream_cli.streams.vectors import VectorStream

    return [VectorStream(name) for name in features or FEATURES[kind]]


def _motions(named: "Named", task: Task, tell: _Teller) -> "Iterator[Motion]":
    """What kind of motion a feature's numbers are, in each window."""
    from midstream_cli.attractor import analysis, rows
    from midstream_cli.attractor.series import series
    from midstream_cli.cli.motion_panels import Motion

    parts = _parts(series(named, task.channel), task)
    for i, part in enumerate(parts, 1):

        def stage(what: str, at: int = i) -> None:
            tell.stage = what if len(parts) == 1 else f"window {at} of {len(parts)}"

        work = partial(analysis.analyze, part.values, rate_hz=part.rate_hz, stage=stage, **dict(task.settings))
        info = interrupts.left_behind(work, tell.passed)
        yield Motion(part, info, rows.row(info, part, path=named.name, feature=named.feature))


def _parts(whole: "Series", task: Task) -> "list[Series]":
    """The series, or its windows one after the other."""
    if task.window_s is None:
        return [whole]
    length, hop = _window(whole.rate_hz, task)
    starts = _starts(len(whole.values), length, hop)
    return [whole.window(start, length) for start in starts]


def _window(rate_hz: float | None, task: Task) -> tuple[int, int]:
    """The length and the distance of windows in samples."""
    rate = rate_hz or 1.0
    length = round((task.window_s or 0.0) * rate)
    hop = round((task.hop_s or (task.window_s or 0.0) / 2) * rate)
    if length < 1 or hop < 1:
        raise UsageError("a window, and the distance of two, holds a sample at least", "choose a longer one")
    return length, hop


def _starts(samples: int, length: int, hop: int) -> range:
    """Where windows begin."""
    if length > samples:
        raise InsufficientData(length, samples, "a window")
    return range(0, samples - length + 1, hop)


def _names(named: "Named", task: Task) -> "list[Attractor]":
    """Whether a feature's names go round in a loop."""
    from midstream_cli.attractor import rows
    from midstream_cli.attractor.loops import repetition

    names = named.values[:, 0]
    length, hop = (len(names), 1) if task.window_s is None else _window(None, task)
    return [
        rows.row_of_names(repetition(names[start : start + length]), named, start)
        for start in _starts(len(names), length, hop)
    ]
