"""The mean and the deviation of every window of a stream, without loss of digits: neighbouring windows are the lanes.

Windows of twice the length are made of two neighbours (T. Chan, G. Golub, R. LeVeque, "Algorithms for computing the sample
variance", The American Statistician 37, 1983): nothing is ever subtracted again, so that what a window does not hold
leaves no trace in it. Means are counted from a window's first value, so that a level far from zero costs no digits.
"""

from midstream_cli.compiled.kernel import F1, inline, kernel
from midstream_cli.compiled.vectors import (
    REGISTER,
    Lanes,
    absolute,
    fma,
    least,
    load,
    maximum,
    root,
    select,
    splat,
    store,
)

LANES = 2 * REGISTER
BLOCK = 1024
"""Windows between which parts are shared."""

SMALL, LARGE = 1e-280, 1e280
"""Sums of squares between these are as good as any."""

CONSTANT = 1e-300
"""Values that differ by less are equal."""


@inline
def own_scale(x: Lanes, origin: Lanes, inverse: Lanes, mean: Lanes) -> Lanes:
    """One frame of each window, less the window's mean and over its deviation."""
    return fma(x - origin, inverse, splat(0.0, LANES) - mean)


@inline
def _joined(stream: F1, at: int, length: int, more: int, size: int, work: F1, squares: int) -> None:
    """Windows of `length` frames made longer by `more`: as many of the next window, or its first frame."""
    part, weight = splat(more / (length + more), LANES), splat(length * more / (length + more), LANES)
    for i in range(0, size, LANES):
        mean, square = load(work, i, LANES), load(work, squares + i, LANES)
        apart = load(stream, at + i + length, LANES) - load(stream, at + i, LANES) - mean
        if more > 1:
            apart = apart + load(work, i + length, LANES)
            square = square + load(work, squares + i + length, LANES)
        store(work, i, fma(apart, part, mean))
        store(work, squares + i, fma(apart * apart, weight, square))


@inline
def scaled(stream: F1, at: int, n: int, inverse: F1, mean: F1, to: int) -> None:
    """The same for a few windows one frame after the other, in the scale of their greatest difference."""
    origin = load(stream, at, LANES)
    peak, one, zero = splat(0.0, LANES), splat(1.0, LANES), splat(0.0, LANES)
    for j in range(1, n):
        peak = maximum(peak, absolute(load(stream, at + j, LANES) - origin))
    varies = peak > splat(CONSTANT, LANES)
    scale = one / select(varies, peak, one)
    total = zero
    for j in range(1, n):
        total = fma(load(stream, at + j, LANES) - origin, scale, total)
    middle = total * splat(1.0 / n, LANES)
    squares = middle * middle
    for j in range(1, n):
        d = (load(stream, at + j, LANES) - origin) * scale - middle
        squares = fma(d, d, squares)
    deviation = select(varies, root(squares * splat(1.0 / n, LANES)), one)
    store(inverse, to, select(varies, scale / deviation, zero))
    store(mean, to, select(varies, middle / deviation, zero))


@kernel
def standards(stream: F1, first: int, count: int, n: int, inverse: F1, mean: F1, work: F1) -> None:
    """What makes a frame x of the window that begins with x0 standardised: (x - x0) * inverse - mean.

    Both are zero for a window all of whose values are equal, or differ by less than 1e-300.

    Args:
        stream: any; the windows begin at `first`, and 2 * BLOCK + n finite numbers follow them.
        inverse, mean: count + LANES, from 0 on.
        work: 2 * (BLOCK + n + LANES).
    """
    squares = BLOCK + n + LANES
    for block in range(0, count, BLOCK):
        at = first + block
        for i in range(2 * squares):
            work[i] = 0.0
        length, top = 1, 1
        while top * 2 <= n:
            top *= 2
        while top > 1:
            top //= 2
            _joined(stream, at, length, length, BLOCK + n - 2 * length, work, squares)
            length *= 2
            if n & top:
                _joined(stream, at, length, 1, BLOCK + n - length - 1, work, squares)
                length += 1
        for i in range(0, min(count - block, BLOCK), LANES):
            total = load(work, squares + i, LANES)
            if least(total) < SMALL or -least(splat(0.0, LANES) - total) > LARGE:
                scaled(stream, at + i, n, inverse, mean, block + i)
            else:
                over = splat(1.0, LANES) / root(total * splat(1.0 / n, LANES))
                store(inverse, block + i, over)
                store(mean, block + i, load(work, i, LANES) * over)


@kernel
def standardise(stream: F1, n: int, inverse: F1, mean: F1, out: F1) -> None:
    """The frames of the first window in its own scale, with the digits that they have in a search.

    Args:
        out: n + LANES.
    """
    origin, over, middle = load(stream, 0, LANES), load(inverse, 0, LANES), load(mean, 0, LANES)
    for j in range(n):
        store(out, j, own_scale(load(stream, j, LANES), origin, over, middle))
