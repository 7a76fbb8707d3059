"""A query held against every window of a long stream, each in its own scale: what cannot be near is not warped.

T. Rakthanmanon et al., "Searching and mining trillions of time series subsequences under dynamic time warping", KDD 2012:
cheap lower bounds first, what looks nearest first, and warping is abandoned where it cannot come within the bound any
more. Neighbouring windows are the lanes at first, and then those that are left, wherever they are.
"""

from typing import Any

import numpy as np

from midstream_cli.compare.kernels import bounds
from midstream_cli.compare.kernels.bit_rows import population
from midstream_cli.compare.kernels.candidates import ALL, copied, warp_gathered, warp_neighbours, warp_seeds
from midstream_cli.compare.kernels.scales import WINDOWS, scale, standardise_frames, sum_up
from midstream_cli.compiled.kernel import F1, I1, inline, kernel
from midstream_cli.compiled.vectors import bits, load, minimum, select, shift_in, splat, store

INF = np.inf

FINITE = float(np.finfo(np.float64).max)

FIRST, SECOND = 8, 24
"""Columns of every window that are looked at first, and of those that are left."""

WIDEST = 16
"""A window's own envelope is made for bands up to this width."""

MANY = WINDOWS // 2
"""So many neighbours that are left are warped where they are."""

REGIONS = 8
"""Parts of a stream, of which those windows that look nearest are warped before all."""


@inline
def _numbered() -> Any:
    """Each lane's number."""
    lanes = splat(0.0, WINDOWS)
    for _ in range(WINDOWS):
        lanes = shift_in(lanes + splat(1.0, WINDOWS), 0.0)
    return lanes


@kernel
def glance(
    n: int,
    stream: F1,
    stride: int,
    first: int,
    count: int,
    dims: int,
    rooted: int,
    windows: int,
    upper: F1,
    lower: F1,
    order: I1,
    sums: F1,
    inverse: F1,
    mean: F1,
    seeds: F1,
    out: F1,
) -> None:
    """The scale of each of `count` windows, a lower bound of its distance from a few columns, and where it is least.

    Args:
        stream: (dims, stride): the windows begin at `first`, and 2 * (windows + n) + WINDOWS finite numbers follow them.
        windows: that are taken at once, a `chunk`.
        upper: (dims, columns): the query's greatest value within the band; `lower` its least.
        order: columns, those first that tell most.
        sums: of `sums_size`, to work with.
        inverse: (dims, count + windows + WINDOWS), as `mean`.
        seeds: (REGIONS, WINDOWS): of each region, and of the windows that each lane has had, that which looks nearest.
        out: count + WINDOWS; bounds, infinite beyond `count`.
    """
    step, region = len(inverse) // dims, -1
    infs, lanes = splat(INF, WINDOWS), _numbered()
    least, where = infs, infs
    for k in range(0, REGIONS * WINDOWS, WINDOWS):
        store(seeds, k, infs)
    for turn in range((count + windows - 1) // windows):
        low = turn * windows
        for dim in range(dims):
            at = first + low + dim * stride
            sum_up(stream, at, n, windows, sums)
            scale(stream, at, n, windows, sums, inverse, mean, dim * step + low)
        if low * REGIONS // count != region:
            region = low * REGIONS // count
            least, where = infs, infs
        for at in range(low, min(low + windows, count), WINDOWS):
            total = bounds.of_neighbours(
                splat(0.0, WINDOWS), 0, min(n, FIRST), INF, dims, rooted, upper, lower, order, stream, stride,
                first + at, inverse, mean, at,
            )  # fmt: skip
            total = select(lanes < splat(float(min(low + windows, count) - at), WINDOWS), total, infs)
            where = select(total < least, splat(float(at), WINDOWS) + lanes, where)
            least = minimum(least, total)
            store(out, at, total)
        store(seeds, region * WINDOWS, where)


@inline
def _near(
    limit: float,
    n: int,
    stream: F1,
    stride: int,
    first: int,
    dims: int,
    rooted: int,
    upper: F1,
    lower: F1,
    order: I1,
    inverse: F1,
    mean: F1,
    out: F1,
    at: int,
) -> int:
    """Which of neighbouring windows may be within a limit, as bits; by all columns where many may."""
    total = load(out, at, WINDOWS)
    near = bits(total <= splat(limit, WINDOWS))
    for part in range(2):
        if near and (part == 0 or population(near) >= MANY):
            total = bounds.of_neighbours(
                total, min(n, SECOND if part else FIRST), n if part else min(n, SECOND), limit, dims, rooted, upper, lower,
                order, stream, stride, first + at, inverse, mean, at,
            )  # fmt: skip
            near &= bits(total <= splat(limit, WINDOWS))
    store(out, at, total)
    return near


@inline
def _near_by_rows(
    known: float,
    limit: float,
    n: int,
    stream: F1,
    stride: int,
    at: int,
    dims: int,
    width: int,
    straightly: float,
    rooted: int,
    above: F1,
    below: F1,
    inverse: F1,
    mean: F1,
    to: int,
) -> bool:
    """Whether a window may be within a limit, whose bound by columns is known."""
    if known > limit:
        return False
    if width > WIDEST or at < width:
        return True
    rows = bounds.of_rows_of_one(n, dims, rooted, width, above, below, stream, stride, at, inverse, mean, to)
    # what counts twice counts for its column and for its row; but the first and the last, for their columns only
    return bool((known + rows if straightly > 0.0 else rows) <= limit)


@kernel
def search(
    query: F1, n: int, stream: F1, stride: int, first: int, count: int, dims: int, width: int, straightly: float,
    rooted: int, bound: float, slack: float, margin: float, upper: F1, lower: F1, above: F1, below: F1, order: I1,
    inverse: F1, mean: F1, frames: F1, band: F1, spots: I1, begin: int, cell: int, places: int, nearest: F1, cells: I1,
    seeds: F1, out: F1,
) -> float:  # fmt: skip
    """Warped distance of each of `count` windows, where it is within a bound, which falls; that bound at the end.

    Args:
        query: (dims, n).
        width: of the band, less than n.
        straightly: what a diagonal step counts beside one.
        slack: a lower bound beyond `slack * bound + margin` is no error of rounding.
        frames: n * dims * WINDOWS, to work with, as `band`, (2 * width + 2) * WINDOWS, and `spots`, 2 * WINDOWS.
        above: (dims, columns): the query's values, but -inf for the first, the last and beyond; `below` has inf there.
        begin: the number of the first window in the whole stream, of which `cell` have one cell; each counts once.
        places: so many cells that hold a window within the bound are enough; none for a bound that stays.
        nearest: (1 or 2, places): of cells, or of even cells and of odd ones, the least distances, ascending; `cells` which.
        out: bounds of `glance` before, distances after; infinite for windows beyond the bound.
    """
    held, tried, spared = 0, 0, 0
    bound = warp_seeds(
        seeds, query, n, stream, stride, first, dims, width, straightly, rooted, bound, frames, band, spots, begin, cell,
        places, nearest, cells, out,
    )  # fmt: skip
    for at in range(0, count, WINDOWS):
        limit = min(bound * slack + margin, FINITE)
        # beyond the last window, nothing is known of scales
        near = ALL >> max(0, at + WINDOWS - count)
        near &= _near(limit, n, stream, stride, first, dims, rooted, upper, lower, order, inverse, mean, out, at)
        known = load(out, at, WINDOWS)
        store(out, at, splat(INF, WINDOWS))
        if population(near) >= MANY and spared * 8 >= tried - 64 and width <= min(WIDEST, first + at):
            total = bounds.of_rows_of_neighbours(
                known if straightly > 0.0 else splat(0.0, WINDOWS), limit, n, dims, rooted, width, above, below, stream,
                stride, first + at, inverse, mean, at,
            )  # fmt: skip
            near &= bits(total <= splat(limit, WINDOWS))
            tried += 1
            spared += 1 if population(near) < MANY else 0
        if population(near) >= MANY:
            bound = warp_neighbours(
                near, at, query, n, stream, stride, first, dims, width, straightly, rooted, bound, frames, band, spots, begin,
                cell, places, nearest, cells, out,
            )  # fmt: skip
            near = 0
        while near:
            # the lowest bit that is set
            spot = at + population((near & -near) - 1)
            near &= near - 1
            columns = bounds.of_one(n, dims, rooted, upper, lower, stream, stride, first + spot, inverse, mean, spot)
            if _near_by_rows(
                columns, limit, n, stream, stride, first + spot, dims, width, straightly, rooted, above, below, inverse, mean,
                spot,
            ):  # fmt: skip
                spots[held] = spot
                held += 1
            if held == WINDOWS:
                bound = warp_gathered(
                    ALL, 1, query, n, stream, stride, first, dims, width, straightly, rooted, bound, frames, band, spots,
                    begin, cell, places, nearest, cells, out,
                )  # fmt: skip
                held = 0
    if held:
        bound = warp_gathered(
            ALL >> (WINDOWS - held), 1, query, n, stream, stride, first, dims, width, straightly, rooted, bound, frames, band,
            spots, begin, cell, places, nearest, cells, out,
        )  # fmt: skip
    return bound


@kernel
def standardise(query: F1, n: int, dims: int, width: int, frames: F1, out: F1, upper: F1, lower: F1) -> None:
    """A query in its own scale, with the digits that windows have, and what of it can meet each column.

    Args:
        query: (dims, n), and WINDOWS finite numbers after it.
        width: of the band.
        frames: n * dims * WINDOWS, to work with.
        out: (dims, n).
        upper: (dims, columns), the greatest of each column; `lower` the least; columns beyond the query are left alone.
    """
    copied(query, n, 0, n, dims, frames)
    standardise_frames(n, dims, frames)
    wide = len(upper) // dims
    for dim in range(dims):
        for j in range(n):
            out[dim * n + j] = frames[(j * dims + dim) * WINDOWS]
        for j in range(n):
            # the first meets the first, and the last the last
            around = 0 if j == 0 or j == n - 1 else width
            top, bottom = out[dim * n + j], out[dim * n + j]
            for i in range(max(0, j - around), min(n, j + around + 1)):
                top, bottom = max(top, out[dim * n + i]), min(bottom, out[dim * n + i])
            upper[dim * wide + j], lower[dim * wide + j] = top, bottom
