"""A query warped onto many stretches of a long stream within a Sakoe-Chiba band: neighbouring starts are the lanes.

H. Sakoe, S. Chiba, "Dynamic programming algorithm optimization for spoken word recognition", IEEE Trans. ASSP 26, 1978.
"""

import numpy as np

from midstream_cli.compare.kernels.standards import LANES
from midstream_cli.compiled.kernel import F1, inline, kernel
from midstream_cli.compiled.vectors import (
    Lanes,
    absolute,
    fma,
    least,
    load,
    maximum,
    minimum,
    root,
    select,
    shift_in,
    splat,
    store,
)

WINDOWS = LANES
"""Neighbouring starts that are taken at once."""

INF = np.inf
CHECKED = 4
"""Rows between two looks at whether a window can still be near enough."""


@inline
def local(d: Lanes, query: F1, n: int, i: int, frames: F1, at: int, dims: int, rooted: int) -> Lanes:
    """Local cost of one of the query's vectors and one frame of each window, `d` apart in the first dimension."""
    if dims == 1 and rooted:
        return absolute(d)
    total = d * d
    for dim in range(1, dims):
        d = load(frames, at + dim * WINDOWS, WINDOWS) - splat(query[dim * n + i], WINDOWS)
        total = fma(d, d, total)
    return root(total) if rooted else total


@inline
def warped(
    query: F1,
    n: int,
    columns: int,
    dims: int,
    width: int,
    straightly: float,
    rooted: int,
    frames: F1,
    band: F1,
    bound: float,
) -> int:
    """Accumulated distances of the last row of each window's band; 0 where none can be within `bound`.

    A cell (i, j) stands at j - i + width; beyond both ends of the band it is infinite.
    """
    infs, once_more = splat(INF, WINDOWS), splat(straightly, WINDOWS)
    for k in range(2 * width + 2):
        store(band, k * WINDOWS, infs)
    for i in range(n):
        q = splat(query[i], WINDOWS)
        low = i - width if i > width else 0
        high = i + width if i + width < columns else columns - 1
        # the first pair counts once, whatever a diagonal step does
        left, nearest = splat(0.0 if i == 0 else INF, WINDOWS), infs
        straight = load(band, (low - i + width) * WINDOWS, WINDOWS)
        for j in range(low, high + 1):
            k = (j - i + width) * WINDOWS
            at = j * dims * WINDOWS
            c = local(load(frames, at, WINDOWS) - q, query, n, i, frames, at, dims, rooted)
            up = load(band, k + WINDOWS, WINDOWS)
            left = minimum(minimum(up, fma(c, once_more, straight)), left) + c
            straight = up
            nearest = minimum(nearest, left)
            store(band, k, left)
        store(band, (high - i + width + 1) * WINDOWS, infs)
        if i % CHECKED == CHECKED - 1 and least(nearest) > bound:
            return 0
    return 1


@kernel
def slide(
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
    frames: F1,
    band: F1,
    out: F1,
    starts: F1,
) -> None:
    """Distance of the nearest stretch that ends at each of `count` frames, as it is, with its path in the band.

    Args:
        query: (dims, n).
        stream: (dims, stride): frames from `first` on, and n + width + WINDOWS finite numbers after them.
        width: of the band, which is open at the end: a stretch is longer or shorter than the query by so many at most.
        frames: (n + width) * dims * WINDOWS, to work with, as `band`, (2 * width + 2) * WINDOWS.
        out: count + n + width + WINDOWS; infinite before, and meaningless beyond `count`.
        starts: as large; where each of the stretches starts, of equally near ones the shortest.
    """
    lanes = splat(0.0, WINDOWS)
    for _ in range(WINDOWS):
        lanes = shift_in(lanes + splat(1.0, WINDOWS), 0.0)
    for at in range(0, count, WINDOWS):
        for dim in range(dims):
            for j in range(n + width):
                y = load(stream, first + at + dim * stride + j, WINDOWS)
                store(frames, (j * dims + dim) * WINDOWS, y)
        warped(query, n, n + width, dims, width, straightly, rooted, frames, band, INF)
        froms = lanes + splat(float(at), WINDOWS)
        for k in range(2 * width + 1):
            end = at + n - 1 + k - width
            if end >= 0:
                found, known = load(band, k * WINDOWS, WINDOWS), load(out, end, WINDOWS)
                since = load(starts, end, WINDOWS)
                since = select(found < known, froms, select(found == known, maximum(since, froms), since))
                store(starts, end, since)
                store(out, end, minimum(found, known))
