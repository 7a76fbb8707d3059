"""Dynamic time warping with numpy alone: for jobs that are done before the compiled kernels would be loaded.

Cells of one anti-diagonal depend only on the two before it, so that each is computed as a whole.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from midstream_cli.frames import Float64, Int64

DIAGONAL_US = 16.0
CELL_US = 0.004
"""What a diagonal costs, and each cell and dimension of it."""


def predicted_us(n: int, m: int, dims: int, cells: int) -> float:
    """How long an alignment takes, in microseconds of processor time."""
    return DIAGONAL_US * (n + m) + CELL_US * cells * (dims + 4)


def accumulate(
    windows: Float64, template: Float64, first: Int64, final: Int64, *, double: bool, squared: bool
) -> Float64:
    """Accumulated cost at the last cell, for each of many windows, shape (count, n, dims), against one template.

    Args:
        first: the first column of each row that a path may visit, and `final`, the last; neither decreases.
        double: a diagonal step counts its cell twice.
        squared: local costs are squared distances.
    """
    # what is too far counts as infinitely far
    with np.errstate(over="ignore"):
        return _accumulate(windows, template, first, final, double, squared, None)


def align(
    a: Float64, b: Float64, first: Int64, final: Int64, *, double: bool, squared: bool, up_first: bool
) -> tuple[float, Int64]:
    """Accumulated cost at the last cell, and the path, shape (steps, 2), of two sequences (frames, dims)."""
    steps = _Steps(np.zeros((len(a), int((final - first).max()) + 1), np.uint8), first, up_first)
    distance = _accumulate(a[None], b, first, final, double, squared, steps)
    return float(distance[0]), steps.path(len(a) - 1, len(b) - 1)


def _accumulate(
    windows: Float64, template: Float64, first: Int64, final: Int64, double: bool, squared: bool, steps: "_Steps | None"
) -> Float64:
    (count, n, _), m = windows.shape, len(template)
    enter, leave = first + np.arange(n), final + np.arange(n)
    # row i stands at i + 1; rows outside the window stay infinite
    before = np.full((count, n + 1), np.inf)
    last = np.full((count, n + 1), np.inf)
    now = np.full((count, n + 1), np.inf)
    for diagonal in range(n + m - 1):
        low, high = int(np.searchsorted(leave, diagonal)), int(np.searchsorted(enter, diagonal, "right")) - 1
        now.fill(np.inf)
        if low <= high:
            rows = slice(low, high + 1)
            difference = windows[:, rows] - template[diagonal - high : diagonal - low + 1][::-1]
            cost = (difference * difference).sum(axis=2)
            if not squared:
                cost = np.sqrt(cost)
            straight = before[:, rows] + (2 * cost if double else cost)
            along, across = last[:, low + 1 : high + 2] + cost, last[:, rows] + cost
            if diagonal == 0:
                straight[:, 0] = cost[:, 0]
            best = np.minimum(np.minimum(straight, along), across)
            now[:, low + 1 : high + 2] = best
            if steps is not None:
                steps.put(diagonal, low, high, straight[0] == best[0], along[0] == best[0], across[0] == best[0])
        before, last, now = last, now, before
    result: Float64 = last[:, n]
    return result


@dataclass(slots=True)
class _Steps:
    """How each cell was reached: 0 diagonally, 1 along the second sequence, 2 along the first."""

    taken: npt.NDArray[np.uint8]
    """Shape (n, width): the cells of a row, from its first column in the window on."""
    first: Int64
    up_first: bool

    def put(
        self, diagonal: int, low: int, high: int, straight: npt.NDArray[np.bool_], along: npt.NDArray[np.bool_],
        across: npt.NDArray[np.bool_],
    ) -> None:  # fmt: skip
        rows = np.arange(low, high + 1)
        sideways = np.where(across, 2, 1) if self.up_first else np.where(along, 1, 2)
        self.taken[rows, diagonal - rows - self.first[rows]] = np.where(straight, 0, sideways)

    def path(self, i: int, j: int) -> Int64:
        """The path back from a cell."""
        path = [(i, j)]
        while i or j:
            step = int(self.taken[i, j - self.first[i]])
            i, j = i - (step != 1), j - (step != 2)
            path.append((i, j))
        return np.array(path[::-1], np.int64)
