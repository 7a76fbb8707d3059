"""Pictures of motion in files."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from midstream_cli.cli.drawing import COLOURS, GREY, MOST_CELLS, Sheet
from midstream_cli.cli.motion_panels import TIMELINE, Panel, panels
from midstream_cli.errors import UsageError

if TYPE_CHECKING:
    from midstream_cli.attractor.analysis import AttractorInfo
    from midstream_cli.attractor.series import Series
    from midstream_cli.compare.named import Named

SIDE = 4.6
"""Of a panel, in inches."""


def draw(path: Path, picture: str, named: "Named", infos: "Sequence[tuple[Series, AttractorInfo]]") -> None:
    """A picture of one motion, or of how it changes from window to window.

    Raises:
        UsageError: this motion has no such picture.
        StoreError: the file cannot be written.
    """
    title = f"{named.name} ({named.feature})"
    if len(infos) > 1 or picture == TIMELINE:
        _timeline(path, title, infos)
        return
    ((series, info),) = infos
    shown = panels(picture, series, info, MOST_CELLS)
    if not shown:
        raise UsageError(f"of {named.name} there is no {picture} picture", "its `reasons` tell why")
    columns = min(2, len(shown))
    rows = math.ceil(len(shown) / columns)
    title += f": {info.attractor_type.value}, confidence {info.confidence:.2f}"
    with Sheet(path, SIDE * columns * 1.15, SIDE * rows, title) as figure:
        axes = figure.subplots(rows, columns, squeeze=False).ravel()
        for panel, own in zip(shown, axes, strict=False):
            _panel(panel, own)
        for spare in axes[len(shown) :]:
            spare.set_axis_off()


def _panel(panel: Panel, axes: Any) -> None:
    axes.set(title=panel.title, xlabel=panel.x, ylabel=panel.y)
    if panel.image is not None:
        extent = (*panel.extent, *panel.extent)
        axes.imshow(panel.image, origin="lower", extent=extent, cmap="Greys", interpolation="nearest", vmin=0.0)
        return
    for i, stroke in enumerate(panel.strokes):
        if stroke.kind == "fit":
            axes.plot(stroke.x, stroke.y, "--", color="black", linewidth=2.0, label=stroke.label)
        elif panel.joined:
            colour = GREY if stroke.kind == "faint" else COLOURS[i % len(COLOURS)]
            axes.plot(stroke.x, stroke.y, color=colour, linewidth=0.9, label=stroke.label or None)
        else:
            axes.plot(stroke.x, stroke.y, ".", color=COLOURS[i % len(COLOURS)], markersize=2.0)
    if any(stroke.label for stroke in panel.strokes):
        axes.legend(frameon=False, fontsize=8)


def _timeline(path: Path, title: str, infos: "Sequence[tuple[Series, AttractorInfo]]") -> None:
    kinds = sorted({info.attractor_type.value for _, info in infos})
    timed = infos[0][0].start_s is not None and infos[0][0].rate_hz is not None
    with Sheet(path, 10, 3.4 + 0.45 * len(kinds), title) as figure:
        top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1 + len(kinds)))
        for i, (series, info) in enumerate(infos):
            start, end = (series.start_s or 0.0, series.end_s or 0.0) if timed else (float(i), i + 1.0)
            row = kinds.index(info.attractor_type.value)
            colour = COLOURS[row % len(COLOURS)]
            alpha = 0.25 + 0.75 * info.confidence
            bottom.broken_barh([(start, end - start)], (row - 0.4, 0.8), facecolor=colour, alpha=alpha)
            top.plot([(start + end) / 2], [info.confidence], "o", color=colour)
        top.set(ylabel="confidence", ylim=(0, 1.05))
        bottom.set_yticks(range(len(kinds)), kinds)
        bottom.set(xlabel="time in seconds" if timed else "window", ylim=(len(kinds) - 0.5, -0.5))
        bottom.tick_params(left=False)
