"""The scales of a stream's windows: quickly for all of them, to the last digits for those that are warped.

A window is the end of one block and the begin of the next, blocks being as long as a window: sums from a block's last
frame backward, and from there on, make those of every window (H. Tangwongsan, M. Hirzel, S. Schneider, K.-L. Wu, "General
incremental sliding-window aggregation", VLDB 2015). Nothing is ever subtracted again, so that what a window does not hold
leaves no trace in it; and all is counted from a frame that it holds, so that a level far from zero costs few digits.
"""

import numpy as np

from midstream_cli.compare.kernels.standards import BLOCK, CONSTANT, LANES, LARGE, SMALL, scaled
from midstream_cli.compiled.kernel import F1, inline
from midstream_cli.compiled.vectors import absolute, bits, fma, load, maximum, root, select, splat, store

WINDOWS = LANES
"""Neighbouring windows that are taken at once."""


def chunk(n: int) -> int:
    """How many windows have their sums in memory at once: those of a number of blocks."""
    return max(1, BLOCK // n) * n


def sums_size(n: int) -> int:
    """Words needed as `sums`."""
    return 3 * _stride(n)


@inline
def _stride(n: int) -> int:
    return max(BLOCK, n) + 3 * n + LANES


@inline
def sum_up(stream: F1, at: int, n: int, windows: int, sums: F1) -> None:
    """Sums, sums of squares and what both are counted from, of windows from a frame on, whose number is one of blocks."""
    stride = np.uint64(_stride(n))
    for block in range(windows // n + 1):
        # the begin of a block belongs to the windows of the one before, all of it to its own
        here, low, own = at + block * n, np.uint64(block * n), np.uint64((block + 2) * n - 1)
        total, square, own_total, own_square = 0.0, 0.0, 0.0, 0.0
        origin, own_origin = stream[max(at, here - 1)], stream[here + n - 1]
        for j in range(np.uint64(n)):
            e = stream[np.uint64(here + n - 1) - j] - own_origin
            own_total += e
            own_square += e * e
            sums[own - j] = own_total
            sums[own + stride - j] = own_square
            sums[low + j] += total
            sums[low + stride + j] += square
            sums[low + stride + stride + j] = origin
            d = stream[np.uint64(here) + j] - origin
            total += d
            square += d * d


@inline
def scale(stream: F1, at: int, n: int, windows: int, sums: F1, inverse: F1, mean: F1, to: int) -> None:
    """What makes a frame x of the window that begins with x0 standardised, (x - x0) * inverse - mean, by its sums."""
    squares, origins = _stride(n) + n, 2 * _stride(n) + n
    share, zero, one = splat(1.0 / n, LANES), splat(0.0, LANES), splat(1.0, LANES)
    small, large = splat(SMALL, LANES), splat(LARGE, LANES)
    for i in range(0, windows, LANES):
        total, square = load(sums, n + i, LANES), load(sums, squares + i, LANES)
        middle = total * share
        apart = fma(zero - total, middle, square)
        if bits((square < large) & (apart > small)) == (1 << LANES) - 1:
            over = one / root(apart * share)
            origin = load(sums, origins + i, LANES) - load(stream, at + i, LANES)
            store(inverse, to + i, over)
            store(mean, to + i, (origin + middle) * over)
        else:
            # the sums have no digits to tell
            scaled(stream, at + i, n, inverse, mean, to + i)


@inline
def standardise_frames(n: int, dims: int, frames: F1) -> None:
    """Each window of the frames less its mean and over its deviation, where it begins with zero."""
    zero, one, share, step = splat(0.0, LANES), splat(1.0, LANES), splat(1.0 / n, LANES), dims * LANES
    for dim in range(dims):
        begin = dim * LANES
        peak, total, squares = zero, zero, zero
        for j in range(n):
            peak = maximum(peak, absolute(load(frames, begin + j * step, LANES)))
        varies = peak > splat(CONSTANT, LANES)
        # squares of what is one at most are numbers
        over = select(varies, one / select(varies, peak, one), zero)
        for j in range(n):
            total = fma(load(frames, begin + j * step, LANES), over, total)
        middle = total * share
        for j in range(n):
            d = fma(load(frames, begin + j * step, LANES), over, zero - middle)
            squares = fma(d, d, squares)
        deviation = select(varies, root(squares * share), one)
        over, middle = over / deviation, middle / deviation
        for j in range(n):
            y = load(frames, begin + j * step, LANES)
            store(frames, begin + j * step, fma(y, over, zero - middle))
