"""A query held against every window of a long stream: neighbouring windows are the lanes.

Windows are compared in their own scale: what makes them so is known from `standards`, and zero where they are not.
"""

import numpy as np

from midstream_cli.compare.kernels.band import WINDOWS, warped
from midstream_cli.compare.kernels.standards import own_scale
from midstream_cli.compiled.kernel import F1, I1, inline, kernel
from midstream_cli.compiled.vectors import (
    Lanes,
    fma,
    least,
    load,
    maximum,
    root,
    select,
    shift_in,
    splat,
    store,
)

INF = np.inf
GLANCE = 4
"""Columns of every window that are looked at before any is warped."""

SLACK = 1.0 + 1e-9

CHECKED = 4
"""Columns between two looks at whether a window can still be near enough."""


@inline
def _gaps(
    total: Lanes,
    begin: int,
    end: int,
    limit: float,
    n: int,
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
    """A lower bound of each window's distance made closer by some more columns, until all are beyond a limit.

    A column has a cell at least, and its frame is met by something within the envelope (E. Keogh, C. Ratanamahatana,
    "Exact indexing of dynamic time warping", Knowl. Inf. Syst. 7, 2005).
    """
    step = len(inverse) // dims
    origin, over, middle = load(stream, at, WINDOWS), load(inverse, to, WINDOWS), load(mean, to, WINDOWS)
    for k in range(begin, end):
        j = order[k]
        gap = _gap(own_scale(load(stream, at + j, WINDOWS), origin, over, middle), upper[j], lower[j])
        squares = gap * gap
        for dim in range(1, dims):
            here, of = at + dim * stride, to + dim * step
            # the first dimension's stay in registers
            begun, scale, level = load(stream, here, WINDOWS), load(inverse, of, WINDOWS), load(mean, of, WINDOWS)
            y = own_scale(load(stream, here + j, WINDOWS), begun, scale, level)
            gap = _gap(y, upper[dim * n + j], lower[dim * n + j])
            squares = fma(gap, gap, squares)
        total = total + (root(squares) if rooted else squares)
        if k % CHECKED == CHECKED - 1 and least(total) > limit:
            return total
    return total


@inline
def _gap(y: Lanes, upper: float, lower: float) -> Lanes:
    """How far frames are outside an envelope."""
    above, below = y - splat(upper, WINDOWS), splat(lower, WINDOWS) - y
    return maximum(maximum(above, below), splat(0.0, WINDOWS))


@inline
def _nearest(
    query: F1,
    n: int,
    stream: F1,
    stride: int,
    at: int,
    dims: int,
    width: int,
    straightly: float,
    rooted: int,
    bound: float,
    inverse: F1,
    mean: F1,
    to: int,
    frames: F1,
    band: F1,
) -> Lanes:
    """Warped distances of neighbouring windows; infinite where they are beyond `bound`."""
    step = len(inverse) // dims
    for dim in range(dims):
        here, of = at + dim * stride, to + dim * step
        origin, over, middle = load(stream, here, WINDOWS), load(inverse, of, WINDOWS), load(mean, of, WINDOWS)
        for j in range(n):
            y = own_scale(load(stream, here + j, WINDOWS), origin, over, middle)
            store(frames, (j * dims + dim) * WINDOWS, y)
    infs = splat(INF, WINDOWS)
    if warped(query, n, n, dims, width, straightly, rooted, frames, band, bound) == 0:
        return infs
    found = load(band, width * WINDOWS, WINDOWS)
    return select(found <= splat(bound, WINDOWS), found, infs)


@inline
def _glance(
    some: int,
    n: int,
    stream: F1,
    stride: int,
    first: int,
    count: int,
    dims: int,
    rooted: int,
    limit: float,
    upper: F1,
    lower: F1,
    order: I1,
    inverse: F1,
    mean: F1,
    out: F1,
) -> int:
    """A lower bound of each window's distance from some columns; the position of the windows that look nearest."""
    infs, lanes = splat(INF, WINDOWS), splat(0.0, WINDOWS)
    for _ in range(WINDOWS):
        lanes = shift_in(lanes + splat(1.0, WINDOWS), 0.0)
    promising, least_gap = 0, INF
    for at in range(0, count, WINDOWS):
        total = splat(0.0, WINDOWS)
        total = _gaps(
            total, 0, some, limit, n, dims, rooted, upper, lower, order, stream, stride, first + at, inverse, mean, at
        )
        total = select(lanes < splat(float(count - at), WINDOWS), total, infs)
        if least(total) < least_gap:
            promising, least_gap = at, least(total)
        store(out, at, total)
    return promising


@kernel
def search(
    query: F1,
    n: int,
    stream: F1,
    stride: int,
    first: int,
    count: int,
    dims: int,
    width: int,
    straightly: float,
    rooted: int,
    bound: float,
    falling: int,
    upper: F1,
    lower: F1,
    order: I1,
    inverse: F1,
    mean: F1,
    frames: F1,
    band: F1,
    out: F1,
) -> None:
    """Warped distance of each of `count` windows, where it is within `bound`; infinite elsewhere.

    T. Rakthanmanon et al., "Searching and mining trillions of time series subsequences under dynamic time warping",
    KDD 2012: cheap lower bounds first, and warping is abandoned where it cannot come within the bound any more.

    Args:
        query: (dims, n).
        stream: (dims, stride): the windows begin at `first`, and n + WINDOWS finite numbers follow them.
        width: of the band, less than n.
        straightly: what a diagonal step counts beside one.
        falling: whether the least distance so far bounds all after it; the window that looks nearest comes first.
        upper: (dims, n): the query's greatest value within the band; `lower` its least.
        order: columns, those first that tell most.
        inverse: (dims, count + WINDOWS), as `mean`, from `standards`.
        frames: n * dims * WINDOWS, to work with, as `band`, (2 * width + 2) * WINDOWS.
        out: count + WINDOWS.
    """
    some = min(n, GLANCE)
    # sums in another order may differ in their last digits
    limit = bound * SLACK
    promising = _glance(
        some, n, stream, stride, first, count, dims, rooted, limit, upper, lower, order, inverse, mean, out
    )
    infs = splat(INF, WINDOWS)
    # the window that looks nearest is met first, then all in their order
    for turn in range(-WINDOWS if falling else 0, count, WINDOWS):
        at = promising if turn < 0 else turn
        glance = load(out, at, WINDOWS)
        found = infs
        if least(glance) <= limit:
            total = _gaps(
                glance, some, n, limit, n, dims, rooted, upper, lower, order, stream, stride, first + at, inverse, mean, at
            )  # fmt: skip
            if least(total) <= limit:
                found = _nearest(
                    query, n, stream, stride, first + at, dims, width, straightly, rooted, bound, inverse, mean, at,
                    frames, band,
                )  # fmt: skip
                found = select(glance < infs, found, infs)
                if falling and least(found) < bound:
                    bound = least(found)
                    limit = bound * SLACK
        if turn >= 0:
            store(out, at, found)
