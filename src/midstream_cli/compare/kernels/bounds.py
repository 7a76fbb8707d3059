"""Lower bounds of warped distances from windows that are not warped: of neighbouring windows, and of one alone.

Each column of a warping table has a cell on the path at least, whose frame is met by something within the envelope of the
query (E. Keogh, C. Ratanamahatana, "Exact indexing of dynamic time warping", Knowl. Inf. Syst. 7, 2005). Each row likewise,
whose value is met by something within the envelope of the window.
"""

from typing import Any

import numpy as np

from midstream_cli.compare.kernels.scales import WINDOWS
from midstream_cli.compare.kernels.standards import own_scale
from midstream_cli.compiled.kernel import F1, I1, inline
from midstream_cli.compiled.vectors import Lanes, bits, fma, lane, load, maximum, minimum, root, splat

CHECKED = 4
"""Columns between two looks at whether a window can still be near enough."""


@inline
def _gap(y: Lanes, upper: Lanes, lower: Lanes) -> Lanes:
    """How far frames are outside an envelope."""
    return maximum(maximum(y - upper, lower - y), splat(0.0, WINDOWS))


@inline
def of_numbers(
    total: Lanes,
    begin: int,
    end: int,
    limit: float,
    rooted: int,
    upper: F1,
    lower: F1,
    order: I1,
    stream: F1,
    at: int,
    inverse: F1,
    mean: F1,
    to: int,
) -> Lanes:
    """The bound of each of neighbouring windows made closer by some more columns, until all are beyond a limit."""
    most, zero = splat(limit, WINDOWS), splat(0.0, WINDOWS)
    origin, over, level = load(stream, at, WINDOWS), load(inverse, to, WINDOWS), zero - load(mean, to, WINDOWS)
    for k in range(np.uint64(begin), np.uint64(end)):
        j: Any = np.uint64(order[k])
        y = fma(load(stream, np.uint64(at) + j, WINDOWS) - origin, over, level)
        gap = _gap(y, splat(upper[j], WINDOWS), splat(lower[j], WINDOWS))
        total = total + gap if rooted else fma(gap, gap, total)
        if k % CHECKED == CHECKED - 1 and bits(total <= most) == 0:
            return total
    return total


@inline
def of_vectors(
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
    """The same of vectors."""
    step, wide, most = len(inverse) // dims, len(upper) // dims, splat(limit, WINDOWS)
    for k in range(begin, end):
        j = order[k]
        squares = splat(0.0, WINDOWS)
        for dim in range(dims):
            here, of = at + dim * stride, to + dim * step
            begun, scale, level = load(stream, here, WINDOWS), load(inverse, of, WINDOWS), load(mean, of, WINDOWS)
            y = own_scale(load(stream, here + j, WINDOWS), begun, scale, level)
            gap = _gap(y, splat(upper[dim * wide + j], WINDOWS), splat(lower[dim * wide + j], WINDOWS))
            squares = fma(gap, gap, squares)
        total = total + (root(squares) if rooted else squares)
        if k % CHECKED == CHECKED - 1 and bits(total <= most) == 0:
            return total
    return total


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
    """The same of either."""
    if dims == 1:
        return of_numbers(total, begin, end, limit, rooted, upper, lower, order, stream, at, inverse, mean, to)
    return of_vectors(
        total, begin, end, limit, dims, rooted, upper, lower, order, stream, stride, at, inverse, mean, to
    )


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
    zero = splat(0.0, WINDOWS)
    total = zero
    for j in range(0, n, WINDOWS):
        squares = zero
        for dim in range(dims):
            here, of = at + dim * stride, to + dim * step
            begun, over, level = splat(stream[here], WINDOWS), splat(inverse[of], WINDOWS), splat(mean[of], WINDOWS)
            y = own_scale(load(stream, here + j, WINDOWS), begun, over, level)
            gap = _gap(y, load(upper, dim * wide + j, WINDOWS), load(lower, dim * wide + j, WINDOWS))
            if dims == 1 and rooted:
                total = total + gap
            squares = fma(gap, gap, squares)
        if dims > 1 and rooted:
            total = total + root(squares)
        elif not rooted:
            total = total + squares
    return _sum(total)


@inline
def _sum(total: Lanes) -> float:
    even, odd = 0.0, 0.0
    for k in range(0, WINDOWS, 2):
        even += lane(total, k)
        odd += lane(total, k + 1)
    return even + odd


@inline
def _row_gap(
    stream: F1, at: int, width: int, begun: Lanes, over: Lanes, level: Lanes, above: Lanes, below: Lanes
) -> Lanes:
    """How far the query's values are outside what they can meet: the frames from here on, twice the width."""
    top = load(stream, at, WINDOWS)
    bottom = top
    for k in range(1, 2 * width + 1):
        x = load(stream, at + k, WINDOWS)
        top, bottom = maximum(top, x), minimum(bottom, x)
    upper, lower = own_scale(top, begun, over, level), own_scale(bottom, begun, over, level)
    return maximum(maximum(above - upper, lower - below), splat(0.0, WINDOWS))


@inline
def of_rows_of_neighbours(
    total: Lanes,
    limit: float,
    n: int,
    dims: int,
    rooted: int,
    width: int,
    above: F1,
    below: F1,
    stream: F1,
    stride: int,
    at: int,
    inverse: F1,
    mean: F1,
    to: int,
) -> Lanes:
    """A bound of each of neighbouring windows from the rows, the query's values, added until all are beyond a limit."""
    step, wide, most = len(inverse) // dims, len(above) // dims, splat(limit, WINDOWS)
    for i in range(n):
        squares = splat(0.0, WINDOWS)
        for dim in range(dims):
            here, of = at + dim * stride, to + dim * step
            begun, over, level = load(stream, here, WINDOWS), load(inverse, of, WINDOWS), load(mean, of, WINDOWS)
            high, low = splat(above[dim * wide + i], WINDOWS), splat(below[dim * wide + i], WINDOWS)
            gap = _row_gap(stream, here + i - width, width, begun, over, level, high, low)
            if dims == 1 and rooted:
                total = total + gap
            squares = fma(gap, gap, squares)
        if dims > 1 and rooted:
            total = total + root(squares)
        elif not rooted:
            total = total + squares
        if i % CHECKED == CHECKED - 1 and bits(total <= most) == 0:
            return total
    return total


@inline
def of_rows_of_one(
    n: int,
    dims: int,
    rooted: int,
    width: int,
    above: F1,
    below: F1,
    stream: F1,
    stride: int,
    at: int,
    inverse: F1,
    mean: F1,
    to: int,
) -> float:
    """The same of one window: its rows are the lanes."""
    step, wide, total = len(inverse) // dims, len(above) // dims, splat(0.0, WINDOWS)
    for j in range(0, n, WINDOWS):
        squares = splat(0.0, WINDOWS)
        for dim in range(dims):
            here, of = at + dim * stride, to + dim * step
            begun, over, level = splat(stream[here], WINDOWS), splat(inverse[of], WINDOWS), splat(mean[of], WINDOWS)
            high, low = load(above, dim * wide + j, WINDOWS), load(below, dim * wide + j, WINDOWS)
            gap = _row_gap(stream, here + j - width, width, begun, over, level, high, low)
            if dims == 1 and rooted:
                total = total + gap
            squares = fma(gap, gap, squares)
        if dims > 1 and rooted:
            total = total + root(squares)
        elif not rooted:
            total = total + squares
    return _sum(total)
