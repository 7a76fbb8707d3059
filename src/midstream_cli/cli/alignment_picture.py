"""The picture of an alignment on a terminal: both curves with lines between, and the path over the local costs."""

import sys
from typing import TYPE_CHECKING

from midstream_cli.cli import console
from midstream_cli.cli.canvas import Dots
from midstream_cli.cli.curves import curves, local_costs
from midstream_cli.cli.pictures import HEAT, SHADES, width

if TYPE_CHECKING:
    from midstream_cli.compare.named import Named
    from midstream_cli.frames import Float64, Int64

CURVE, GAP, MATRIX = 4, 3, 16
"""Lines of text for a curve, for what lies between two, and for the matrix of costs."""
TIES = 12
"""Aligned positions that are joined by a line."""
PATH = "●"


def alignment(a: "Named", b: "Named", path: "Int64", units: str) -> list[str]:
    """Two sequences and the path, shape (steps, 2), that aligns them."""
    return [*_both(a, b, path, units), "", *_costs(a, b, path)]


def _both(a: "Named", b: "Named", path: "Int64", units: str) -> list[str]:
    """One curve above the other, with lines between positions that belong together."""
    import numpy as np

    (upper, lower), name = curves([a, b], units)
    dots = Dots(width() - 2, 2 * CURVE + GAP)
    reach = max(float(np.ptp(upper)), float(np.ptp(lower))) or 1.0
    longest = max(len(upper), len(lower)) - 1 or 1

    def place(values: "Float64", i: int, top: int) -> tuple[float, float]:
        # on one scale, each about its own level
        level = 0.5 + (middle[top] - float(values[i])) / reach
        return i / longest * (dots.width - 1), top + level * (4 * CURVE - 1)

    tops = (upper, 0), (lower, 4 * (CURVE + GAP))
    middle = {top: float(values.max() + values.min()) / 2 for values, top in tops}
    for values, top in tops:
        at = place(values, 0, top)
        dots.line(*at, *at)
        for i in range(1, len(values)):
            now = place(values, i, top)
            dots.line(*at, *now)
            at = now
    for step in range(0, len(path), max(1, len(path) // TIES)):
        i, j = path[step].tolist()
        (x0, y0), (x1, y1) = place(upper, i, 0), place(lower, j, tops[1][1])
        dots.line(x0, y0 + 2, x1, y1 - 2, dash=4)
    return [f"{a.name}  ({name})", *dots.lines(), b.name]


def _costs(a: "Named", b: "Named", path: "Int64") -> list[str]:
    """The path over the distances of positions: the first sequence goes down, the second to the right."""
    import numpy as np

    n, m = len(a.values), len(b.values)
    rows, columns = min(MATRIX, n), min(2 * MATRIX + 16, m, width() - 12)
    costs = local_costs(a.values, b.values, rows, columns)
    low, high = np.quantile(costs, [0.02, 0.98])
    level = np.clip((costs - low) / ((high - low) or 1.0), 0, 1)
    on_path = np.zeros(costs.shape, bool)
    on_path[path[:, 0] * rows // n, path[:, 1] * columns // m] = True
    lines = [
        "  " + (_coloured if console.colourful(sys.stdout) else _shaded)(values, marks)
        for values, marks in zip(level.tolist(), on_path.tolist(), strict=True)
    ]
    lines[0] += f"  0 of {a.name}"
    lines[-1] += f"  {n - 1}"
    across = f"  0{str(m - 1).rjust(columns - 1)}  of {b.name}"
    return [f"local costs, {SHADES[1]} near to {SHADES[-1]} far; {PATH} the path", *lines, across]


def _shaded(levels: list[float], marks: list[bool]) -> str:
    return "".join(
        PATH if mark else SHADES[round(level * (len(SHADES) - 1))] for level, mark in zip(levels, marks, strict=True)
    )


def _coloured(levels: list[float], marks: list[bool]) -> str:
    cells = [
        f"\x1b[38;5;231;48;5;{HEAT[round(level * (len(HEAT) - 1))]}m{PATH if mark else ' '}"
        for level, mark in zip(levels, marks, strict=True)
    ]
    return "".join(cells) + "\x1b[0m"
