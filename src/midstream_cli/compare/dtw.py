"""Dynamic time warping: exact, on sequences of vectors, one pair or one template against many windows.

Cells of one anti-diagonal depend only on the two before it, so that each is computed as a whole
(H. Sakoe, S. Chiba, "Dynamic programming algorithm optimization for spoken word recognition", IEEE Trans. ASSP 26, 1978:
symmetric form P = 0, here `symmetric2`: a diagonal step counts twice, and the distance over n + m is per step). The first
pair counts once, as in the pattern of that name in dtw-python (T. Giorgino, J. Stat. Soft. 31(7), 2009), not twice as in
the paper.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from midstream_cli.errors import UsageError
from midstream_cli.frames import Float64

STEP_PATTERNS = ("symmetric2",)

BLOCK_BYTES = 1 << 26
"""Windows are taken in blocks whose working memory stays about this size."""

MOST_CELLS = 1 << 31
"""Of an alignment: each needs one byte until the path is found."""

ORDINARY = 400
"""Squares of numbers up to 2 to this power, and of their last digits down to minus this, are numbers too."""


@dataclass(frozen=True, slots=True, eq=False)
class Alignment:
    """How far two sequences are apart when warped onto each other."""

    distance: float
    """The sum of local distances along the best path, diagonal steps counted twice."""
    normalised: float
    """`distance / (n + m)`: a mean local distance."""
    path: npt.NDArray[np.intp] | None = None
    """Shape (steps, 2): the positions that belong together, in order."""


def dtw(
    a: npt.ArrayLike,
    b: npt.ArrayLike,
    *,
    window: int | None = None,
    step_pattern: str = "symmetric2",
    alignment: bool = False,
) -> Alignment:
    """Align two sequences of shape (n,) or (n, dims), with Euclidean local distances.

    Args:
        window: positions may differ by so many at most (Sakoe-Chiba); None for any.
        alignment: find the path too.

    Raises:
        UsageError: a sequence is empty, holds NaN, or has other dimensions than the other; the window is too narrow for
            the lengths; the step pattern is unknown; the alignment would be too large to hold, or the distance too
            large for a number.
    """
    first, second = sequence(a, "the first sequence"), sequence(b, "the second sequence")
    if step_pattern not in STEP_PATTERNS:
        raise UsageError(f"no step pattern is called {step_pattern!r}", f"known are {', '.join(STEP_PATTERNS)}")
    if first.shape[1] != second.shape[1]:
        raise UsageError(
            f"vectors of {first.shape[1]} and of {second.shape[1]} dimensions cannot be compared",
            "compare what was measured with the same feature",
        )
    n, m = len(first), len(second)
    if window is not None and abs(n - m) > window:
        raise UsageError(
            f"a window of {window} allows no path between {n} and {m} vectors",
            f"widen it to {abs(n - m)} at least, or leave it out",
        )
    if alignment and n * (m if window is None else min(m, 2 * window + 1)) > MOST_CELLS:
        raise UsageError(
            f"an alignment of {n} with {m} vectors is too large",
            "narrow it with a window, or compare shorter stretches",
        )
    exponent = _exponent(first, second)
    scaled, steps = _accumulate(_scaled(first, exponent)[None], _scaled(second, exponent), window, alignment)
    path = _path(steps, n, m) if steps is not None else None
    distance, normalised = _unscaled(np.array([scaled[0], scaled[0] / (n + m)]), exponent).tolist()
    return Alignment(distance, normalised, path)


def windows_to_template(windows: Float64, template: Float64, window: int | None = None) -> Float64:
    """Normalised distance of each of many windows, shape (count, n, dims), from one template, shape (m, dims).

    Returns:
        Shape (count,); infinite where the window allows no path.

    Raises:
        UsageError: a value is not finite, or a distance too large for a number.
    """
    count, n, dims = windows.shape
    if count == 0:
        return np.empty(0)
    exponent = _exponent(windows, template)
    at_once = max(1, BLOCK_BYTES // (8 * (n + 1) * (dims + 6)))
    distances = [
        _accumulate(_scaled(windows[start : start + at_once], exponent), _scaled(template, exponent), window)[0]
        for start in range(0, count, at_once)
    ]
    return _unscaled(np.concatenate(distances) / (n + len(template)), exponent)


def sequence(values: npt.ArrayLike, name: str = "the sequence") -> Float64:
    """Values as a finite, non-empty array of shape (n, dims).

    Raises:
        UsageError: they cannot be.
    """
    array = np.asarray(values, np.float64)
    if array.ndim == 1:
        array = array[:, None]
    if array.ndim != 2 or array.size == 0:
        raise UsageError(f"{name} is empty", "it needs at least one vector of one dimension")
    if not np.isfinite(array).all():
        where = int(np.argmin(np.isfinite(array).all(axis=1)))
        raise UsageError(f"{name} has a value that is not finite, at position {where}", "leave such vectors out")
    return np.ascontiguousarray(array)


def _exponent(*arrays: Float64) -> int:
    """The power of two to take out, so that squares neither overflow nor vanish; 0 for ordinary numbers."""
    largest = float(np.max([bound for array in arrays for bound in (array.max(), -array.min())]))
    if not math.isfinite(largest):
        raise UsageError("a window or the template has a value that is not finite", "leave such windows out")
    exponent = math.frexp(largest)[1]
    return exponent if abs(exponent) > ORDINARY else 0


def _scaled(values: Float64, exponent: int) -> Float64:
    return np.ldexp(values, -exponent) if exponent else values


def _unscaled(distances: Float64, exponent: int) -> Float64:
    """Distances with the power of two put back."""
    with np.errstate(over="ignore"):
        unscaled: Float64 = np.ldexp(distances, exponent)
    if (np.isinf(unscaled) & ~np.isinf(distances)).any():
        raise UsageError("the sequences are too far apart for a number", "check their values")
    return unscaled


def _band(diagonal: int, n: int, m: int, window: int | None) -> tuple[int, int]:
    """The first and last row that an anti-diagonal has cells in."""
    low, high = max(0, diagonal - m + 1), min(n - 1, diagonal)
    if window is not None:
        low, high = max(low, (diagonal - window + 1) // 2), min(high, (diagonal + window) // 2)
    return low, high


def _accumulate(
    windows: Float64, template: Float64, window: int | None, keep_steps: bool = False
) -> tuple[Float64, "_Steps | None"]:
    """Accumulated distance at the last cell, for each window; with the step into each cell where it is asked for."""
    (count, n, _), m = windows.shape, len(template)
    steps = _Steps.of(n, m, window) if keep_steps else None
    # row i stands at i + 1; rows outside the band stay infinite
    before = np.full((count, n + 1), np.inf)
    last = np.full((count, n + 1), np.inf)
    now = np.full((count, n + 1), np.inf)
    for diagonal in range(n + m - 1):
        low, high = _band(diagonal, n, m, window)
        now.fill(np.inf)
        if low <= high:
            rows = slice(low, high + 1)
            difference = windows[:, rows] - template[diagonal - high : diagonal - low + 1][::-1]
            cost = np.sqrt((difference * difference).sum(axis=2))
            straight = before[:, rows] + 2 * cost
            along, across = last[:, low + 1 : high + 2] + cost, last[:, rows] + cost
            if diagonal == 0:
                straight[:, 0] = cost[:, 0]
            best = np.minimum(np.minimum(straight, along), across)
            now[:, low + 1 : high + 2] = best
            if steps is not None:
                steps.put(diagonal, low, high, np.where(straight[0] == best[0], 0, np.where(along[0] == best[0], 1, 2)))
        before, last, now = last, now, before
    return last[:, n], steps


@dataclass(slots=True)
class _Steps:
    """How each cell was reached: 0 diagonally, 1 along the second sequence, 2 along the first."""

    taken: npt.NDArray[np.uint8]
    """Shape (n, width): the cells of a row, from its first column in the band on."""
    window: int | None

    @classmethod
    def of(cls, n: int, m: int, window: int | None) -> "_Steps":
        return cls(np.zeros((n, m if window is None else min(m, 2 * window + 1)), np.uint8), window)

    def column(self, row: "int | npt.NDArray[np.intp]") -> "int | npt.NDArray[np.intp]":
        """The first column that is kept of a row."""
        return np.maximum(0, row - self.window) if self.window is not None else np.zeros_like(row)

    def put(self, diagonal: int, low: int, high: int, steps: npt.NDArray[np.intp]) -> None:
        rows = np.arange(low, high + 1)
        self.taken[rows, diagonal - rows - self.column(rows)] = steps

    def at(self, i: int, j: int) -> int:
        return int(self.taken[i, j - int(self.column(i))])


def _path(steps: _Steps, n: int, m: int) -> npt.NDArray[np.intp]:
    i, j = n - 1, m - 1
    path = [(i, j)]
    while i or j:
        step = steps.at(i, j)
        i, j = i - (step != 1), j - (step != 2)
        path.append((i, j))
    return np.array(path[::-1], np.intp)
