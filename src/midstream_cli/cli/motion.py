"""One source of `analyze-attractor`: measured by each feature, and analysed as a whole or window by window."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from midstream_cli.cli import batch, console, drawing, measuring, pictures
from midstream_cli.cli.reading import Reading
from midstream_cli.errors import InsufficientData, UsageError

if TYPE_CHECKING:
    from midstream_cli.attractor.analysis import AttractorInfo
    from midstream_cli.attractor.series import Series
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

    reading: Reading
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
    """A source, read once, with a row for each feature and window.

    Raises:
        MidstreamError: it cannot be read or measured.
    """
    outcome = measuring.measure_by(source, report, reading=task.reading, choose=partial(_streams, task.features))
    rows: list[Attractor] = []
    for named in outcome.results:
        rows += _names(named, task) if named.categorical else _numbers(named, task, outcome)
    outcome.results = rows
    return outcome


def _streams(features: Sequence[str], kind: "Kind") -> "list[VectorStream]":
    from midstream_cli.streams.vectors import VectorStream

    return [VectorStream(name) for name in features or FEATURES[kind]]


def _numbers(named: "Named", task: Task, outcome: batch.Outcome) -> "list[Attractor]":
    """What kind of motion a feature's numbers are."""
    from midstream_cli.attractor import analysis, rows
    from midstream_cli.attractor.series import series
    from midstream_cli.cli import motion_pictures

    whole = series(named, task.channel)
    found: list[Attractor] = []
    infos: list[tuple[Series, AttractorInfo]] = []
    cells = drawing.MOST_CELLS if task.figure is not None else pictures.width() if task.plots else None
    for part in _parts(whole, task):
        info = analysis.analyze(part.values, rate_hz=part.rate_hz, picture=cells, **dict(task.settings))
        infos.append((part, info))
        found.append(rows.row(info, part, path=named.name, feature=named.feature))
    if task.plots:
        outcome.picture += motion_pictures.picture(task.picture, named, infos)
    if task.figure is not None:
        from midstream_cli.cli import motion_drawing

        motion_drawing.draw(task.figure, task.picture, named, infos)
        console.note(f"drew {task.figure}")
    return found


def _parts(whole: "Series", task: Task) -> "Iterator[Series]":
    """The series, or its windows one after the other."""
    if task.window_s is None:
        yield whole
        return
    length, hop = _window(whole.rate_hz, task)
    if length > len(whole.values):
        raise InsufficientData(length, len(whole.values), "a window")
    last = len(whole.values) - length
    with console.progress("analysing windows", last or None) as bar:
        for start in range(0, last + 1, hop):
            yield whole.window(start, length)
            bar.update(float(start), f"{start // hop + 1} of {last // hop + 1}")


def _window(rate_hz: float | None, task: Task) -> tuple[int, int]:
    """The length and the distance of windows in samples."""
    rate = rate_hz or 1.0
    length = round((task.window_s or 0.0) * rate)
    hop = round((task.hop_s or (task.window_s or 0.0) / 2) * rate)
    if length < 1 or hop < 1:
        raise UsageError("a window, and the distance of two, holds a sample at least", "choose a longer one")
    return length, hop


def _names(named: "Named", task: Task) -> "list[Attractor]":
    """Whether a feature's names go round in a loop."""
    from midstream_cli.attractor import rows
    from midstream_cli.attractor.loops import repetition

    names = named.values[:, 0]
    length, hop = (len(names), 1) if task.window_s is None else _window(None, task)
    if length > len(names):
        raise InsufficientData(length, len(names), "a window")
    return [
        rows.row_of_names(repetition(names[start : start + length]), named, start)
        for start in range(0, len(names) - length + 1, hop)
    ]
