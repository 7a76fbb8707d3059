"""Pictures of motion in files."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from midstream_cli.cli.drawing import COLOURS, GREY, MOST_CELLS, Sheet
from midstream_cli.cli.motion_facts import headline
from midstream_cli.cli.motion_panels import OVERVIEW, TIMELINE, Detail, Motion, Panel, Stroke, panels, stretches
from midstream_cli.errors import UsageError

if TYPE_CHECKING:
    from midstream_cli.compare.named import Named

SIDE = 3.9
"""Of a panel, in inches."""
ACROSS = 3
"""Panels beside one another."""
SHOWN = ("course", "phase", "recurrence", "divergence", "sums", "slopes")
"""Of an overview."""
DETAIL = Detail(states=6000, periods=60, rounds=30, cells=MOST_CELLS)


def draw(path: Path, picture: str, drawn: "Sequence[tuple[Named, Sequence[Motion]]]") -> None:
    """A picture of motions, one below the other, each with how it changes from window to window where there are several.

    Raises:
        UsageError: none of them has such a picture.
        StoreError: the file cannot be written.
    """
    timelines = picture == TIMELINE or any(len(motions) > 1 for _, motions in drawn)
    if timelines:
        _draw_timelines(path, drawn)
        return
    shown = [(named, motion, panels(picture, motion, DETAIL, SHOWN)) for named, (motion,) in drawn]
    shown = [(named, motion, own) for named, motion, own in shown if own]
    if not shown:
        raise UsageError(
            f"there is no {'' if picture == OVERVIEW else picture + ' '}picture of it", "its `reasons` tell why"
        )
    columns = min(ACROSS, max(len(own) for _, _, own in shown))
    lines = [-(-len(own) // columns) for _, _, own in shown]
    with Sheet(path, max(6.0, SIDE * 1.1 * columns), sum(SIDE * count + 0.6 for count in lines), "") as figure:
        parts = figure.subfigures(len(shown), 1, squeeze=False, height_ratios=lines).ravel()
        for (named, motion, own), count, part in zip(shown, lines, parts, strict=True):
            part.suptitle(f"{_title(named)}\n{headline(motion.row)}", x=0.01, ha="left", fontsize=11)
            axes = part.subplots(count, columns, squeeze=False).ravel()
            for panel, place in zip(own, axes, strict=False):
                _panel(panel, place)
            for spare in axes[len(own) :]:
                spare.set_axis_off()


def _title(named: "Named") -> str:
    return f"{named.name} ({named.feature})"


def _panel(panel: Panel, axes: Any) -> None:
    from matplotlib.ticker import LogLocator

    axes.set(title=panel.title, xlabel=panel.x, ylabel=panel.y)
    if panel.image is not None:
        extent = (*panel.extent, *panel.extent)
        axes.imshow(panel.image, origin="lower", extent=extent, cmap="Greys", interpolation="antialiased", vmin=0.0)
        return
    if panel.fitted is not None:
        axes.axvspan(*(_decades(at, panel) for at in panel.fitted), color=COLOURS[0], alpha=0.08, linewidth=0)
    if panel.band is not None and panel.fitted is not None:
        axes.fill_between([_decades(at, panel) for at in panel.fitted], *panel.band, color=COLOURS[1], alpha=0.25)
    for stroke in panel.strokes:
        _stroke(stroke, panel, axes)
    if panel.decades:
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter("{x:g}")
        axes.xaxis.set_major_locator(LogLocator(numticks=5))
        axes.xaxis.set_minor_formatter("")
    if panel.band is None and any(stroke.shade is not None for stroke in panel.strokes):
        axes.legend(frameon=False, fontsize=7, loc="best", handlelength=1.2, labelspacing=0.2)
    if panel.second is not None:
        factor, name = panel.second
        above = axes.secondary_xaxis("top", functions=(lambda x: x * factor, lambda x: x / factor))
        above.set_xlabel(name)
        axes.spines["top"].set_visible(True)


def _decades(at: Any, panel: Panel) -> Any:
    return 10.0**at if panel.decades else at


def _stroke(stroke: Stroke, panel: Panel, axes: Any) -> None:
    from matplotlib import colormaps

    x = _decades(stroke.x, panel)
    if stroke.kind == "fit":
        axes.plot(x, stroke.y, color=COLOURS[1], linewidth=2.2, solid_capstyle="round", zorder=3)
    elif stroke.kind == "points":
        axes.plot(x, stroke.y, ".", color=COLOURS[0], markersize=1.8 if len(x) > 1000 else 3.0, markeredgewidth=0)
    else:
        colour = COLOURS[0] if stroke.shade is None else colormaps["viridis"](0.9 * stroke.shade)
        width = 1.0 if len(x) < 1000 else 0.5
        axes.plot(x, stroke.y, color=colour, linewidth=width, label=stroke.label or None)


def _draw_timelines(path: Path, drawn: "Sequence[tuple[Named, Sequence[Motion]]]") -> None:
    kinds = [sorted({motion.row.attractor_type for motion in motions}) for _, motions in drawn]
    heights = [3.2 + 0.45 * len(names) for names in kinds]
    with Sheet(path, 10, sum(heights), "") as figure:
        parts = figure.subfigures(len(drawn), 1, squeeze=False, height_ratios=heights).ravel()
        for (named, motions), names, part in zip(drawn, kinds, parts, strict=True):
            part.suptitle(_title(named), x=0.01, ha="left", fontsize=11)
            _timeline(part, motions, names)


def _timeline(figure: Any, motions: Sequence[Motion], kinds: Sequence[str]) -> None:
    """Types and exponents of windows; the paler, the less sure."""
    timed = motions[0].series.end_s is not None
    top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=(4, 0.5 + len(kinds)))
    for motion, (start, end) in zip(motions, stretches(motions), strict=True):
        row, scale = motion.row, motion.row.rate_hz or 1.0
        at = kinds.index(row.attractor_type)
        colour = COLOURS[at % len(COLOURS)]
        alpha = 0.25 + 0.75 * row.confidence
        bottom.broken_barh([(start, end - start)], (at - 0.4, 0.8), facecolor=colour, alpha=alpha)
        exponent, middle = motion.info.max_lyapunov, (start + end) / 2
        if exponent is not None and math.isfinite(exponent.value):
            value, low, high = (each * scale for each in exponent)
            top.plot([middle, middle], [low, high], color=colour, linewidth=1.5, alpha=0.5)
            top.plot([middle], [value], "o", color=colour, markersize=4)
    top.axhline(0.0, color=GREY, linewidth=0.8)
    top.set(ylabel=f"exponent per {'second' if timed else 'sample'}")
    bottom.set_yticks(range(len(kinds)), kinds)
    bottom.set(xlabel="time in seconds" if timed else "sample", ylim=(len(kinds) - 0.5, -0.5))
    bottom.tick_params(left=False)
