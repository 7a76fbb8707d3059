"""Pictures of motion on a terminal."""

from collections.abc import Sequence
from itertools import pairwise, zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

from midstream_cli.cli import pictures
from midstream_cli.cli.canvas import Dots
from midstream_cli.cli.motion_panels import OVERVIEW, PANELS, TIMELINE, Panel, panels
from midstream_cli.errors import UsageError

if TYPE_CHECKING:
    from midstream_cli.attractor.analysis import AttractorInfo
    from midstream_cli.attractor.series import Series
    from midstream_cli.compare.named import Named

ROWS, GAP = 12, 4
"""Lines of a panel, and columns between two."""


def check(picture: str, figure: Path | None) -> None:
    """Find out before long work that a picture could not be drawn.

    Raises:
        UsageError: there is none of that name, or the figure cannot be written.
    """
    names = [OVERVIEW, *PANELS, TIMELINE]
    if picture not in names:
        raise UsageError(f"no picture is called {picture!r}", f"known are {', '.join(names)}")
    if figure is not None:
        from midstream_cli.cli import drawing

        drawing.check(figure)


def picture(name: str, named: "Named", infos: "Sequence[tuple[Series, AttractorInfo]]") -> list[str]:
    """What kind of motion a stream is, as lines of text."""
    title = f"{named.name}  ({named.feature})"
    if len(infos) > 1 or name == TIMELINE:
        return [title, *timeline(infos)]
    ((series, info),) = infos
    columns = (pictures.width() - GAP) // 2 if name == OVERVIEW else pictures.width()
    drawn = [block(panel, columns) for panel in panels(name, series, info, 2 * columns)]
    return [title, *beside(drawn, columns)]


def timeline(infos: "Sequence[tuple[Series, AttractorInfo]]") -> list[str]:
    """Which type each window is, the lighter the less sure."""
    length = max(series.end_s or 0.0 for series, _ in infos)
    timed = length > 0
    spans = []
    for i, (series, info) in enumerate(infos):
        start, end = (series.start_s or 0.0, series.end_s or 0.0) if timed else (float(i), i + 1.0)
        spans.append((info.attractor_type.value, start, end, 1 + (info.confidence >= 0.8)))
    return pictures.timeline(spans, length if timed else float(len(infos)), pictures.width(), timed=timed)


def beside(blocks: Sequence[Sequence[str]], columns: int) -> list[str]:
    """Blocks of text two and two beside one another."""
    lines: list[str] = []
    for left, right in zip_longest(blocks[::2], blocks[1::2], fillvalue=()):
        for a, b in zip_longest(left, right, fillvalue=""):
            lines.append((a + " " * (columns + GAP - len(a)) + b).rstrip() if b else a)
    return lines


def block(panel: Panel, columns: int) -> list[str]:
    """A panel as lines of text no longer than so many columns."""
    drawn = _curves(panel, columns) if panel.image is None else _image(panel, columns)
    labels = [stroke.label for stroke in panel.strokes if stroke.kind == "fit"]
    head = ": ".join([panel.title, *labels])
    return [head[:columns], *drawn, f"{panel.y} over {panel.x}"[:columns]]


def _curves(panel: Panel, columns: int) -> list[str]:
    import numpy as np

    dots = Dots(columns, ROWS)
    shown = [stroke for stroke in panel.strokes if len(stroke.x)]
    if not shown:
        return dots.lines()
    every_x, every_y = (np.concatenate([getattr(stroke, side) for stroke in shown]) for side in ("x", "y"))
    known = np.isfinite(every_x) & np.isfinite(every_y)
    every_x, every_y = every_x[known], every_y[known]
    wide, high = float(np.ptp(every_x)) or 1.0, float(np.ptp(every_y)) or 1.0
    for stroke in shown:
        x = (stroke.x - every_x.min()) / wide * (dots.width - 1)
        y = (1.0 - (stroke.y - every_y.min()) / high) * (dots.height - 1)
        whole = np.isfinite(x) & np.isfinite(y)
        places = list(zip(x[whole].tolist(), y[whole].tolist(), strict=True))
        if panel.joined:
            for (x0, y0), (x1, y1) in pairwise(places):
                dots.line(x0, y0, x1, y1, dash=1 if stroke.kind != "fit" else 2)
        else:
            for at_x, at_y in places:
                dots.dot(round(at_x), round(at_y))
    return dots.lines()


def _image(panel: Panel, columns: int) -> list[str]:
    assert panel.image is not None
    rows = pictures.squeezed(pictures.squeezed(panel.image[::-1], 2 * ROWS).T, ROWS * 1).T
    wide = pictures.squeezed(rows, columns)
    highest = float(wide.max()) or 1.0
    return ["".join(pictures.SHADES[round(value / highest * 4)] for value in row) for row in wide.tolist()]
