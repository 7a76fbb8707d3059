"""Pictures of motion on a terminal: curves in dots with their axes, and recurrences in shades."""

import math
import sys
from collections.abc import Sequence
from itertools import pairwise, zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from midstream_cli.cli import console, pictures
from midstream_cli.cli.canvas import Dots
from midstream_cli.cli.motion_facts import kind
from midstream_cli.cli.motion_panels import OVERVIEW, PICTURES, TIMELINE, Detail, Motion, Panel, panels, stretches
from midstream_cli.errors import UsageError

if TYPE_CHECKING:
    from midstream_cli.compare.named import Named
    from midstream_cli.frames import Float64

ROWS, GAP = 12, 3
"""Lines of a panel, and columns between two."""
WIDEST = 120
TWO = 60
"""Columns of the terminal from which two panels stand beside one another."""
SHOWN = ("phase", "recurrence", "divergence", "slopes")
"""Of an overview."""
SURE = 0.8
"""A window's type is drawn full from this confidence on."""
FIT = "38;5;203"
"""The colour of what a number was read from."""


class Line(NamedTuple):
    """A line of text, and how many columns of the terminal it takes."""

    text: str
    columns: int


def check(picture: str, figure: Path | None) -> None:
    """Find out before long work that a picture could not be drawn.

    Raises:
        UsageError: there is none of that name, or the figure cannot be written.
    """
    names = [OVERVIEW, *PICTURES, TIMELINE]
    if picture not in names:
        raise UsageError(f"no picture is called {picture!r}", f"known are {', '.join(names)}")
    if figure is not None:
        from midstream_cli.cli import drawing

        drawing.check(figure)


def picture(name: str, named: "Named", motions: Sequence[Motion]) -> list[str]:
    """What kind of motion a stream is, as lines of text."""
    width = pictures.width(WIDEST)
    if len(motions) > 1 or name == TIMELINE:
        return [f"{named.name}  ({named.feature})", *timeline(motions, width)]
    (motion,) = motions
    columns = (width - GAP) // 2 if name == OVERVIEW and width >= TWO else width
    detail = Detail(states=2000, periods=12, rounds=12, cells=2 * columns)
    drawn = [block(panel, columns) for panel in panels(name, motion, detail, SHOWN)]
    title = f"{named.name}  ({named.feature})  {kind(motion.row)}"
    return [title if len(title) <= width else title[: width - 1] + "…", *beside(drawn, columns, columns < width)]


def timeline(motions: Sequence[Motion], width: int) -> list[str]:
    """Which type each window is, the lighter the less sure."""
    timed = motions[0].series.end_s is not None
    spans = [
        (motion.row.attractor_type, start, end, 1 + (motion.info.confidence >= SURE))
        for motion, (start, end) in zip(motions, stretches(motions), strict=True)
    ]
    length = max(end for _, _, end, _ in spans)
    return pictures.timeline(spans, length, width, timed=timed)


def beside(blocks: Sequence[Sequence[Line]], columns: int, pairs: bool) -> list[str]:
    """Blocks of text, two and two beside one another or all below one another."""
    if not pairs:
        return [line.text for each in blocks for line in each]
    lines: list[str] = []
    for left, right in zip_longest(blocks[::2], blocks[1::2], fillvalue=()):
        for a, b in zip_longest(left, right, fillvalue=Line("", 0)):
            lines.append((a.text + " " * (columns + GAP - a.columns) + b.text).rstrip() if b.text else a.text.rstrip())
    return lines


def block(panel: Panel, columns: int) -> list[Line]:
    """A panel as lines of text no longer than so many columns: title, picture with what is left and below."""
    (x0, x1), (y0, y1) = _range(panel, 0), _range(panel, 1)
    marks = [_mark(y0, y1 - y0), _mark(y1, y1 - y0)]
    gutter = max(map(len, marks))
    cells = columns - gutter - 2
    drawn = _curves(panel, cells, (x0, x1), (y0, y1)) if panel.image is None else _image(panel.image, cells)
    lines = [Line(panel.title[:columns], min(len(panel.title), columns))]
    for i, line in enumerate(drawn):
        mark = marks[1] if i == 0 else marks[0] if i == len(drawn) - 1 else ""
        edge = "┤" if mark else "│"
        lines.append(Line(f"{mark:>{gutter}} {edge}{line.text}", gutter + 2 + line.columns))
    axis = ["─"] * cells
    if panel.fitted is not None:
        first, last = (round((at - x0) / ((x1 - x0) or 1.0) * (cells - 1)) for at in panel.fitted)
        axis[first : last + 1] = ["━"] * (last + 1 - first)
    lines.append(Line(f"{'':>{gutter}} └{''.join(axis)}", columns))
    below = _below(panel, x0, x1, cells)
    lines.append(Line(f"{'':>{gutter + 2}}{below}", gutter + 2 + len(below)))
    return lines


def _below(panel: Panel, x0: float, x1: float, cells: int) -> str:
    """What stands under the axis: where it begins, what it is, where it ends, in both units where there are two."""
    first, last = (f"{10**at:.2g}" if panel.decades else _mark(at, x1 - x0) for at in (x0, x1))
    last += "" if panel.second is None else f" = {_mark(x1 * panel.second[0], 0.0)} {panel.second[1][:1]}"
    room = cells - len(first) - len(last) - 2
    both = f"{panel.y} over {panel.x}"
    middle = both if panel.image is None and len(both) <= room else panel.x[: max(0, room)]
    room = cells - len(first) - len(middle) - len(last)
    return (first + " " * (room // 2) + middle + " " * (room - room // 2) + last)[:cells]


def _mark(value: float, span: float) -> str:
    """A number beside an axis that reaches so far."""
    if 1000 <= abs(value) < 1e6:
        return f"{value:.0f}"
    return f"{0.0 if abs(value) < 1e-4 * span else value:.3g}"


def _range(panel: Panel, side: int) -> tuple[float, float]:
    """From where to where a panel reaches along x or y."""
    import numpy as np

    if panel.image is not None:
        return panel.extent
    every = np.concatenate([stroke[side] for stroke in panel.strokes])
    every = every[np.isfinite(every)]
    return (float(every.min()), float(every.max())) if len(every) else (0.0, 1.0)


def _curves(panel: Panel, columns: int, wide: tuple[float, float], high: tuple[float, float]) -> list[Line]:
    """Curves in dots; what a number was read from in front, in another colour where there are colours."""
    behind, front = Dots(columns, ROWS), Dots(columns, ROWS)
    for stroke in panel.strokes:
        dots = front if stroke.kind == "fit" else behind
        x, y = _scaled(stroke.x, wide) * (dots.width - 1), (1.0 - _scaled(stroke.y, high)) * (dots.height - 1)
        places = list(zip(x.tolist(), y.tolist(), strict=True))
        if stroke.kind == "points":
            for at_x, at_y in places:
                dots.dot(round(at_x), round(at_y))
            continue
        for start, end in pairwise(places):
            if all(map(math.isfinite, (*start, *end))):
                dots.line(*start, *end)
    return [_merged(a.ljust(columns), b.ljust(columns)) for a, b in zip(behind.lines(), front.lines(), strict=True)]


def _scaled(values: "Float64", ends: tuple[float, float]) -> "Float64":
    scaled: Float64 = (values - ends[0]) / ((ends[1] - ends[0]) or 1.0)
    return scaled


def _merged(behind: str, front: str) -> Line:
    """Two lines of dots as one."""
    colours = console.colourful(sys.stdout)
    text, coloured = "", False
    for a, b in zip(behind, front, strict=True):
        if colours and coloured is not (b != " "):
            coloured = b != " "
            text += f"\x1b[{FIT}m" if coloured else "\x1b[39m"
        text += chr(0x2800 | _bits(a) | _bits(b)) if a != " " or b != " " else " "
    return Line(text + ("\x1b[39m" if coloured else ""), len(behind))


def _bits(cell: str) -> int:
    return 0 if cell == " " else ord(cell) - 0x2800


def _image(image: "Float64", columns: int) -> list[Line]:
    """An image in shades, its first row at the bottom; two rows share a line where there are colours."""
    rows = ROWS * (2 if console.colourful(sys.stdout) else 1)
    stretched = image[::-1].repeat(-(-columns // image.shape[1]), axis=1) if image.shape[1] < columns else image[::-1]
    lines = pictures.heatmap(stretched, columns, rows)
    return [Line(line, min(columns, stretched.shape[1])) for line in lines]
