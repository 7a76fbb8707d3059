"""What pictures of motion show, whatever draws them: phase portrait, divergence, recurrence, correlation sums."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from midstream_cli.attractor.analysis import AttractorInfo
    from midstream_cli.attractor.series import Series
    from midstream_cli.frames import Float64

OVERVIEW, TIMELINE = "overview", "timeline"
MOST_STATES = 4000
"""Of a phase portrait: more would only fill it."""
MOST_DIMENSIONS = 6
"""Of correlation sums, a curve each."""


class Stroke(NamedTuple):
    """One curve of a panel."""

    x: "Float64"
    y: "Float64"
    kind: str
    """line, faint, or fit: a straight line through part of another."""
    label: str = ""


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
    joined: bool = True
    """Consecutive points of curves belong together; those of a map jump."""


def panels(picture: str, series: "Series", info: "AttractorInfo", cells: int) -> list[Panel]:
    """The panels of a picture; those that this motion has.

    Args:
        cells: along either side of a recurrence plot, at most.
    """
    names = list(PANELS) if picture == OVERVIEW else [picture]
    found = [PANELS[name](series, info, cells) for name in names]
    return [panel for panel in found if panel is not None]


def phase(series: "Series", info: "AttractorInfo", cells: int) -> Panel | None:  # noqa: ARG001 - as all panels are made
    """The state now over the state a delay ago, or two channels over one another."""
    import numpy as np

    values = series.values[-MOST_STATES:]
    if values.ndim == 2:
        x, y, name = values[:, 0], values[:, 1], ("first channel", "second channel")
    else:
        delay = 1 if info.embedding is None else info.embedding.delay
        if len(values) <= delay:
            return None
        x, y, name = values[:-delay], values[delay:], ("x(t)", f"x(t + {delay} samples)")
    smooth = info.embedding is not None and bool(np.isfinite(info.embedding.period)) and info.embedding.period > 8
    return Panel("phase portrait", *name, (Stroke(x, y, "line"),), joined=smooth)


def divergence(series: "Series", info: "AttractorInfo", cells: int) -> Panel | None:  # noqa: ARG001
    """How far neighbours have parted, with the part whose slope is the exponent."""
    import numpy as np

    largest = info.largest
    if largest is None or largest.curve is None:
        return None
    steps, rise = largest.curve.steps.astype(np.float64), largest.curve.divergence
    strokes = [Stroke(steps, rise, "line", largest.method)]
    if largest.region is not None:
        part = np.array([largest.region.first, largest.region.last], np.float64)
        fitted = largest.region.level + largest.region.slope * part
        strokes.append(Stroke(part, fitted, "fit", f"{largest.region.slope:.4g} a sample"))
    return Panel("divergence of neighbours", "samples", "mean log distance", tuple(strokes))


def recurrence(series: "Series", info: "AttractorInfo", cells: int) -> Panel | None:  # noqa: ARG001
    """When the motion comes near to where it was."""
    if info.recurrence is None or info.recurrence.picture is None:
        return None
    length = info.recurrence.states / (series.rate_hz or 1.0)
    unit = "samples" if series.rate_hz is None else "seconds"
    return Panel("recurrence plot", unit, unit, image=info.recurrence.picture, extent=(0.0, length))


def correlation(series: "Series", info: "AttractorInfo", cells: int) -> Panel | None:  # noqa: ARG001
    """Pairs of states within a radius, over the radius, for each embedding dimension."""
    import numpy as np

    found = info.correlation
    if found is None or not len(found.radii):
        return None
    radii = np.log10(found.radii)
    strokes = []
    for at in np.unique(np.linspace(0, len(found.sums) - 1, MOST_DIMENSIONS).astype(int)).tolist():
        counted = found.sums[at] > 0
        strokes.append(
            Stroke(radii[counted], np.log10(found.sums[at][counted]), "line" if at else "faint", f"m = {at + 1}")
        )
    if found.region is not None and np.isfinite(found.dimension.value):
        part = np.log10(np.array(found.region))
        middle = float(np.interp(part.mean(), radii, np.log10(np.maximum(found.sums[-1], 1e-300))))
        slope = found.dimension.value
        strokes.append(Stroke(part, middle + slope * (part - part.mean()), "fit", f"dimension {slope:.3g}"))
    return Panel("correlation sums", "log10 radius", "log10 share of pairs", tuple(strokes))


PANELS: Mapping[str, "Callable[[Series, AttractorInfo, int], Panel | None]"] = {
    "phase": phase,
    "divergence": divergence,
    "recurrence": recurrence,
    "correlation": correlation,
}
"""By the names that users type."""
