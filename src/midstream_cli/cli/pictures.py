"""Pictures made of characters: what a glance tells faster than a number."""

import itertools
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from midstream_cli.cli import console

if TYPE_CHECKING:
    import numpy.typing as npt

BARS = " ▁▂▃▄▅▆▇█"
SHADES = " ░▒▓█"
HEAT = (17, 18, 54, 90, 126, 161, 197, 203, 209, 215, 221, 227, 230)
"""A way through the 256 colours of a terminal, from dark blue over red to pale yellow."""


def width(limit: int = 100) -> int:
    """Columns of the terminal that a picture may take."""
    import shutil

    return max(20, min(limit, shutil.get_terminal_size((80, 24)).columns))


def sparkline(values: "npt.NDArray[Any] | Sequence[float]", columns: int) -> str:
    """Values as a row of bars, from the smallest to the largest; blanks where there is none."""
    import numpy as np

    fitted = squeezed(np.asarray(values, float)[None], columns)[0]
    known = fitted[~np.isnan(fitted)]
    if len(known) == 0:
        return ""
    low, high = float(known.min()), float(known.max())
    steps = (fitted - low) / (high - low or 1.0) * (len(BARS) - 2) + 1
    return "".join(" " if np.isnan(step) else BARS[round(float(step))] for step in steps)


def heatmap(matrix: "npt.NDArray[Any]", columns: int, rows: int = 16) -> list[str]:
    """A matrix as lines of text, its first row on top; two rows share a line where colours can be used."""
    import numpy as np

    fitted = squeezed(squeezed(matrix, columns).T, rows).T
    known = fitted[~np.isnan(fitted)]
    if len(known) == 0:
        return []
    low, high = np.quantile(known, [0.02, 0.98])
    level = np.clip((fitted - low) / ((high - low) or 1.0), 0, 1)
    if not console.colourful(sys.stdout):
        return [
            "".join(" " if np.isnan(x) else SHADES[round(float(x) * (len(SHADES) - 1))] for x in row) for row in level
        ]
    padded = np.vstack([level, np.full((len(level) % 2, level.shape[1]), np.nan)])
    return [_half_blocks(upper, lower) for upper, lower in zip(padded[::2], padded[1::2], strict=True)]


def _half_blocks(upper: "npt.NDArray[Any]", lower: "npt.NDArray[Any]") -> str:
    import numpy as np

    cells = []
    for top, bottom in zip(upper.tolist(), lower.tolist(), strict=True):
        front = "39" if np.isnan(top) else f"38;5;{HEAT[round(top * (len(HEAT) - 1))]}"
        back = "49" if np.isnan(bottom) else f"48;5;{HEAT[round(bottom * (len(HEAT) - 1))]}"
        cells.append(f"\x1b[{front};{back}m{' ' if np.isnan(top) else '▀'}")
    return "".join(cells) + "\x1b[0m"


def time_axis(seconds: float, columns: int, unit: str = " s") -> str:
    """A line under a picture with its beginning, middle and end in seconds, or in another unit."""
    marks = [f"{at:.{0 if at >= 1000 else 3}{'f' if at >= 1000 else 'g'}}{unit}" for at in (0.0, seconds / 2, seconds)]
    middle = max(1, columns // 2 - len(marks[0]) - len(marks[1]) // 2)
    line = marks[0] + " " * middle + marks[1]
    return line + " " * max(1, columns - len(line) - len(marks[2])) + marks[2]


def squeezed(matrix: "npt.NDArray[Any]", columns: int) -> "npt.NDArray[Any]":
    """The matrix with at most so many columns, each the mean of its share."""
    import warnings

    import numpy as np

    n = matrix.shape[1]
    if n <= columns:
        return matrix
    edges = np.linspace(0, n, columns + 1).astype(int)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return np.stack([np.nanmean(matrix[:, a:b], axis=1) for a, b in itertools.pairwise(edges)], axis=1)


def timeline(
    spans: "Sequence[tuple[str, float, float, int]]", seconds: float, columns: int, *, timed: bool = True
) -> list[str]:
    """Which label held when: one line a label, full where it is a match, light where it is only the nearest.

    Args:
        spans: label, start, end, and strength: 2 a match, 1 the nearest.
        seconds: the length of the whole.
        timed: lengths are in seconds, else positions.
    """
    labels = list(dict.fromkeys(label for label, *_ in spans))
    gutter = max(map(len, labels), default=0) + 2
    cells = max(10, columns - gutter)
    lines = []
    for label in labels:
        strength = [0] * cells
        for name, start, end, level in spans:
            if name == label:
                first = int(start / seconds * cells)
                for cell in range(first, max(first + 1, round(end / seconds * cells))):
                    if cell < cells:
                        strength[cell] = max(strength[cell], level)
        lines.append(label.ljust(gutter) + "".join("·░█"[level] for level in strength))
    return [*lines, " " * gutter + time_axis(seconds, cells, " s" if timed else "")]
