"""A query held against every window of a long stream, each in its own scale: what cannot be near is not warped.

T. Rakthanmanon et al., "Searching and mining trillions of time series subsequences under dynamic time warping", KDD 2012:
cheap lower bounds first, what looks nearest first, and warping is abandoned where it cannot come within the bound any
more. Neighbouring windows are the lanes at first, and then those that are left, wherever they are.
"""

import numpy as np

from midstream_cli.compare.kernels import bounds
from midstream_cli.compare.kernels.band import warped
from midstream_cli.compare.kernels.bit_rows import population
from midstream_cli.compare.kernels.scales import WINDOWS, scale, standardise_frames, sum_up
from midstream_cli.compiled.kernel import F1, I1, inline, kernel
from midstream_cli.compiled.vectors import bits, lane, load, minimum, select, shift_in, splat, store

INF = np.inf

FIRST, SECOND = 8, 16
"""Columns of every window that are looked at first, and of those that are left."""

MANY = WINDOWS // 2
"""So many neighbours that are left are warped where they are."""

REGIONS = 8
"""Parts of a stream, of which those windows that look nearest are warped before all."""

RULED_OUT = 2
"""Places that a parity has, of neighbouring cells."""


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
        out: count + windows + WINDOWS; bounds, infinite beyond `count`.
    """
    step, region = len(inverse) // dims, -1
    infs, lanes = splat(INF, WINDOWS), _numbered()
    least, where = infs, infs
    for k in range(0, REGIONS * WINDOWS, WINDOWS):
        store(seeds, k, infs)
    for low in range(0, count, windows):
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
