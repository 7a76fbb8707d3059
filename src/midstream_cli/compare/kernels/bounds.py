"""Lower bounds of warped distances from windows that are not warped: of neighbouring windows, and of one alone.

Each column of a warping table has a cell on the path at least, whose frame is met by something within the envelope of the
query (E. Keogh, C. Ratanamahatana, "Exact indexing of dynamic time warping", Knowl. Inf. Syst. 7, 2005).
"""

from midstream_cli.compare.kernels.scales import WINDOWS
from midstream_cli.compare.kernels.standards import own_scale
from midstream_cli.compiled.kernel import F1, I1, inline
from midstream_cli.compiled.vectors import Lanes, fma, lane, least, load, maximum, root, splat

CHECKED = 4
"""Columns between two looks at whether a window can still be near enough."""


@inline
def _gap(y: Lanes, upper: Lanes, lower: Lanes) -> Lanes:
    """How far frames are outside an envelope."""
    return maximum(maximum(y - upper, lower - y), splat(0.0, WINDOWS))


@inline
def of_neighbours(
    total: Lanes,
    begin: int,
    end: int,
    limit: float,
    dims: int,
    rooted: int,
    upper: F1,
    lower: F1,
    order: I1,
    stream: F1,
    stride: int,
    at: int,
    inverse: F1,
    mean: F1,
    to: int,
) -> Lanes:
    """The bound of each window made closer by some more columns, until all are beyond a limit."""
    step, wide = len(inverse) // dims, len(upper) // dims
    origin, over, middle = load(stream, at, WINDOWS), load(inverse, to, WINDOWS), load(mean, to, WINDOWS)
    for k in range(begin, end):
        j = order[k]
        y = own_scale(load(stream, at + j, WINDOWS), origin, over, middle)
        gap = _gap(y, splat(upper[j], WINDOWS), splat(lower[j], WINDOWS))
        squares = gap * gap
        for dim in range(1, dims):
            here, of = at + dim * stride, to + dim * step
            # the first dimension's stay in registers
            begun, scale, level = load(stream, here, WINDOWS), load(inverse, of, WINDOWS), load(mean, of, WINDOWS)
            y = own_scale(load(stream, here + j, WINDOWS), begun, scale, level)
            gap = _gap(y, splat(upper[dim * wide + j], WINDOWS), splat(lower[dim * wide + j], WINDOWS))
            squares = fma(gap, gap, squares)
        total = total + (root(squares) if rooted else squares)
        if k % CHECKED == CHECKED - 1 and least(total) > limit:
            return total
    return total


@inline
def of_one(
    n: int,
    dims: int,
    rooted: int,
    upper: F1,
    lower: F1,
    stream: F1,
    stride: int,
    at: int,
    inverse: F1,
    mean: F1,
    to: int,
) -> float:
    """The bound of one window, from all of its columns: they are the lanes."""
    step, wide = len(inverse) // dims, len(upper) // dims
    total = splat(0.0, WINDOWS)
    for j in range(0, n, WINDOWS):
        squares = splat(0.0, WINDOWS)
        for dim in range(dims):
            here, of = at + dim * stride, to + dim * step
            begun, scale = splat(stream[here], WINDOWS), splat(inverse[of], WINDOWS)
            y = own_scale(load(stream, here + j, WINDOWS), begun, scale, splat(mean[of], WINDOWS))
            gap = _gap(y, load(upper, dim * wide + j, WINDOWS), load(lower, dim * wide + j, WINDOWS))
            squares = fma(gap, gap, squares)
        total = total + (root(squares) if rooted else squares)
    found = 0.0
    for k in range(WINDOWS):
        found += lane(total, k)
    return found
