"""What pictures of motion show, whatever draws them: states, divergence, recurrences, correlation sums and slopes."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from midstream_cli.attractor.analysis import AttractorInfo
    from midstream_cli.attractor.series import Series
    from midstream_cli.frames import Float64
    from midstream_cli.results import Attractor

OVERVIEW, TIMELINE = "overview", "timeline"
SMOOTH = 8.0
"""Samples of a period from which consecutive ones may be joined by lines."""
MOST_JUMPS = 200
"""Samples of a map that can be told from one another side by side."""
MOST_DIMENSIONS = 8
"""Embedding dimensions of correlation sums, a curve each."""


class Motion(NamedTuple):
    """A series and what was found of it."""

    series: "Series"
    info: "AttractorInfo"
    row: "Attractor"


def stretches(motions: Sequence[Motion]) -> list[tuple[float, float]]:
    """What each window stands for, without overlaps: to halfway to its neighbours' middles.

    In seconds, or in samples where these have no times.
    """
    places = [_place(motion.series) for motion in motions]
    middles = [(start + end) / 2 for start, end in places]
    inner = [(a + b) / 2 for a, b in pairwise(middles)]
    return list(zip([places[0][0], *inner], [*inner, places[-1][1]], strict=True))


def _place(series: "Series") -> tuple[float, float]:
    if series.start_s is not None and series.end_s is not None:
        return series.start_s, series.end_s
    return float(series.first), float(series.first + len(series.values))


class Detail(NamedTuple):
    """How much a picture has room for."""

    states: int
    """Points of a phase portrait."""
    periods: int
    """Of a flow, in a phase portrait."""
    rounds: int
    """Periods of a flow in a recurrence plot."""
    cells: int
    """A side of a recurrence plot."""


class Stroke(NamedTuple):
    """One curve of a panel."""

    x: "Float64"
    y: "Float64"
    kind: Literal["line", "points", "fit"] = "line"
    """`fit` is what a number was read from."""
    label: str = ""
    shade: float | None = None
    """Where among others of its kind it stands, from 0 to 1."""


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """One picture: curves, or an image."""

    title: str
    x: str
    y: str
    strokes: tuple[Stroke, ...] = ()
    image: "Float64 | None" = None
    """Shape (rows, columns), its first row at the bottom, from 0 to 1."""
    extent: tuple[float, float] = (0.0, 1.0)
    """Of both sides of an image."""
    fitted: tuple[float, float] | None = None
    """From where to where along x a number was read."""
    band: tuple[float, float] | None = None
    """Bounds of that number along y."""
    second: tuple[float, str] | None = None
    """Another unit of x: what a number of it is multiplied by, and its name."""
    decades: bool = False
    """Numbers along x are powers of ten."""


def panels(picture: str, motion: Motion, detail: Detail, overview: tuple[str, ...]) -> list[Panel]:
    """The panels of a picture; those that this motion has.

    Args:
        overview: what an overview consists of.
    """
    names = overview if picture == OVERVIEW else PICTURES[picture]
    found = [PANELS[name](motion, detail) for name in names]
    return [panel for panel in found if panel is not None]


def _is_flow(info: "AttractorInfo") -> bool:
    return info.embedding is not None and math.isfinite(info.embedding.period) and info.embedding.period > SMOOTH


def _stretch(motion: Motion, periods: int, samples: int) -> "Float64":
    """The latest so many periods of a flow, or samples of a map."""
    values, embedding = motion.series.values, motion.info.embedding
    if embedding is not None and _is_flow(motion.info):
        samples = min(samples, math.ceil(periods * embedding.period) + embedding.dimension * embedding.delay)
    return values[-samples:]


def _seconds(series: "Series") -> tuple[float, str] | None:
    return None if series.rate_hz is None else (1.0 / series.rate_hz, "seconds")


def course(motion: Motion, detail: Detail) -> Panel:
    """The series itself, as much of it as can be seen."""
    import numpy as np

    flow = _is_flow(motion.info)
    shown = _stretch(motion, detail.periods, 2 * detail.cells if flow else MOST_JUMPS)
    columns = shown.reshape(len(shown), -1)[:, :4]
    first = len(motion.series.values) - len(shown)
    at = np.arange(first, len(motion.series.values), dtype=np.float64)
    strokes = tuple(Stroke(at, column) for column in columns.T)
    title = "series" if first == 0 else f"series, the last {len(shown):,} of {len(motion.series.values):,} samples"
    return Panel(title, "samples", motion.series.channel, strokes, second=_seconds(motion.series))


def phase(motion: Motion, detail: Detail) -> Panel | None:
    """The state a delay later over the state now, or two channels over one another."""
    info = motion.info
    values = _stretch(motion, detail.periods, detail.states)
    if values.ndim == 2:
        x, y, names = values[:, 0], values[:, 1], ("first channel", "second channel")
    else:
        delay = 1 if info.embedding is None or not _is_flow(info) else info.embedding.delay
        if len(values) <= delay:
            return None
        x, y, names = values[:-delay], values[delay:], ("x(t)", f"x(t + {delay} samples)")
    return Panel("phase portrait", *names, (Stroke(x, y, "line" if _is_flow(info) else "points"),))


def divergence(motion: Motion, detail: Detail) -> Panel | None:  # noqa: ARG001 - as all panels are made
    """How far neighbours have parted, with the part whose slope is an exponent."""
    import numpy as np

    largest, rate_hz = motion.info.largest, motion.series.rate_hz
    if largest is None or largest.curve is None:
        return None
    steps, rise = largest.curve.steps.astype(np.float64), largest.curve.divergence
    strokes = [Stroke(steps, rise, "line")]
    title, fitted, region = "divergence of neighbours", None, largest.region
    if region is not None:
        fitted = float(region.first), float(region.last)
        part = np.array(fitted)
        strokes.append(Stroke(part, region.level + region.slope * part, "fit"))
        title = f"divergence: {region.slope:.3g}/sample"
        title += "" if rate_hz is None else f", {region.slope * rate_hz:.3g}/s"
    return Panel(title, "samples", "mean log distance", tuple(strokes), fitted=fitted, second=_seconds(motion.series))


def recurrence(motion: Motion, detail: Detail) -> Panel | None:
    """When the motion comes near to where it was."""
    from midstream_cli.attractor.recurrences.plot import recurrence_plot

    info, series = motion.info, motion.series
    if info.embedding is None or info.recurrence is None:
        return None
    shown = _stretch(motion, detail.rounds, 10_000 if _is_flow(info) else detail.cells)
    image = recurrence_plot(shown, embedding=info.embedding, cells=detail.cells)
    factor, unit = _seconds(series) or (1.0, "samples")
    start = (len(series.values) - len(shown)) * factor
    return Panel("recurrence plot", unit, unit, image=image, extent=(start, len(series.values) * factor))


def sums(motion: Motion, detail: Detail) -> Panel | None:  # noqa: ARG001
    """Pairs of states within a radius, over the radius, for each embedding dimension."""
    import numpy as np

    found = motion.info.correlation
    if found is None or not len(found.radii):
        return None
    # one dimension folds everything onto a line, and has pairs at radii where no other has any
    known = (found.radii > 0) & (found.sums[min(1, len(found.sums) - 1)] > 0)
    radii, shares = np.log10(found.radii[known]), found.sums[: len(found.slopes.values), known]
    strokes = []
    chosen = _some(len(shares))
    for at in chosen:
        some = (shares[at] > 0) & (shares[at] < 1)
        strokes.append(Stroke(radii[some], np.log10(shares[at][some]), "line", f"m = {at + 1}", at / len(shares)))
    fitted = None
    if found.region is not None:
        low, high = np.log10(found.region.radii)
        first, last = found.region.dimensions
        for at in range(first - 1, last):
            some = (radii >= low - 1e-9) & (radii <= high + 1e-9) & (shares[at] > 0)
            strokes.append(Stroke(radii[some], np.log10(shares[at][some]), "fit"))
        fitted = float(low), float(high)
    return Panel("correlation sums", "radius", "log10 share of pairs", tuple(strokes), fitted=fitted, decades=True)


def slopes(motion: Motion, detail: Detail) -> Panel | None:  # noqa: ARG001
    """Local slopes of the correlation sums: where they are the same in several dimensions, they are the dimension."""
    import numpy as np

    found = motion.info.correlation
    if found is None:
        return None
    values = np.where(found.slopes.known, found.slopes.values, np.nan)
    inside = np.flatnonzero(np.isfinite(values[1:]).any(axis=0)) if len(values) > 1 else np.arange(0)
    if not len(inside):
        return None
    part = slice(inside[0], inside[-1] + 1)
    radii, values = np.log10(found.slopes.radii[part]), values[:, part]
    strokes = [Stroke(radii, values[at], "line", f"m = {at + 1}", at / len(values)) for at in _some(len(values))]
    title, fitted, band = "local slopes of correlation sums", None, None
    if found.region is not None and math.isfinite(found.dimension.value):
        dimension = found.dimension
        low, high = np.log10(found.region.radii)
        fitted, band = (float(low), float(high)), (dimension.low, dimension.high)
        strokes.append(Stroke(np.array(fitted), np.full(2, dimension.value), "fit", f"{dimension.value:.3g}"))
        title = f"dimension: {dimension.value:.3g} ({dimension.low:.3g} to {dimension.high:.3g})"
    return Panel(title, "radius", "local slope", tuple(strokes), fitted=fitted, band=band, decades=True)


def _some(dimensions: int) -> list[int]:
    """Of embedding dimensions, those that are drawn."""
    return list(range(min(dimensions, MOST_DIMENSIONS)))


PANELS: Mapping[str, "Callable[[Motion, Detail], Panel | None]"] = {
    "course": course,
    "phase": phase,
    "divergence": divergence,
    "recurrence": recurrence,
    "sums": sums,
    "slopes": slopes,
}

PICTURES: Mapping[str, tuple[str, ...]] = {
    "phase": ("phase",),
    "divergence": ("divergence",),
    "recurrence": ("recurrence",),
    "correlation": ("sums", "slopes"),
}
"""Panels by the names that users type."""
