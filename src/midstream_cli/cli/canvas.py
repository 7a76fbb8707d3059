"""Drawing on a terminal: curves in dots, eight to a character, and trees in lines."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy.typing as npt

DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""The bit of each dot of a Braille character, by row and column."""

LEFT, RIGHT, UP, DOWN = 1, 2, 4, 8
LINES = " ╴╶─╵┘└┴╷┐┌┬│┤├┼"
"""Characters by the sides that a line leaves them on."""


class Dots:
    """A field of dots, two wide and four high in each character."""

    def __init__(self, columns: int, rows: int) -> None:
        self.width, self.height = 2 * columns, 4 * rows
        self._cells = [[0] * columns for _ in range(rows)]

    def dot(self, x: int, y: int) -> None:
        """Set the dot at x to the right and y down; what is outside is not drawn."""
        if 0 <= x < self.width and 0 <= y < self.height:
            self._cells[y // 4][x // 2] |= DOTS[y % 4][x % 2]

    def line(self, x0: float, y0: float, x1: float, y1: float, *, dash: int = 1) -> None:
        """A straight line, of which every `dash`-th dot is set."""
        steps = max(1, math.ceil(max(abs(x1 - x0), abs(y1 - y0))))
        for step in range(0, steps + 1, dash):
            self.dot(round(x0 + (x1 - x0) * step / steps), round(y0 + (y1 - y0) * step / steps))

    def lines(self) -> list[str]:
        """As text."""
        return ["".join(chr(0x2800 + cell) if cell else " " for cell in row).rstrip() for row in self._cells]


def tree(merges: "npt.NDArray[Any]", order: Sequence[int], columns: int) -> list[str]:
    """A dendrogram that grows from its leaves on the left to its root on the right, a line a leaf.

    Args:
        merges: shape (n - 1, 4), as `scipy.cluster.hierarchy.linkage` has it: which two nodes are joined, and how high.
        order: the leaves from top to bottom.
    """
    n = len(order)
    cells = [[0] * columns for _ in range(n)]
    places = {leaf: (row, 0) for row, leaf in enumerate(order)}
    for i, ((first, second, _, _), at) in enumerate(zip(merges.tolist(), _joins(merges, columns), strict=True)):
        (upper, from_upper), (lower, from_lower) = sorted((places[int(first)], places[int(second)]))
        for row, begin in ((upper, from_upper), (lower, from_lower)):
            if begin == at:
                continue
            cells[row][begin] |= RIGHT
            for x in range(begin + 1, at):
                cells[row][x] |= LEFT | RIGHT
            cells[row][at] |= LEFT
        cells[upper][at] |= DOWN
        cells[lower][at] |= UP
        for row in range(upper + 1, lower):
            cells[row][at] |= UP | DOWN
        places[n + i] = ((upper + lower) // 2, at)
    return ["".join(LINES[cell] for cell in row).rstrip() for row in cells]


def _joins(merges: "npt.NDArray[Any]", columns: int) -> list[int]:
    """The column of each join, by its height; to the right of those that it joins, as long as there are columns."""
    n, highest = len(merges) + 1, float(merges[:, 2].max(initial=0.0)) or 1.0
    for spare in range(columns):
        found = [0] * n
        for first, second, height, _ in merges.tolist():
            right = max(found[int(first)], found[int(second)]) + 1
            found.append(max(round(height / highest * (columns - 1 - spare)), right))
        if max(found) < columns:
            break
    return [min(at, columns - 1) for at in found[n:]]
