"""Ordinal patterns of a series counted, many windows side by side."""

import numpy as np

from midstream_cli.compiled.kernel import F1, I1, inline, kernel
from midstream_cli.compiled.vectors import REGISTER, Lanes, bits, fma, last, load, ones, select, splat, store

LANES = 4 * REGISTER
"""Windows at once; the series is followed by so many values that do not count."""

TABLES = 4

FEW = 24
"""Of so many patterns each is looked for, which is faster than to ask each window for its own."""


@inline
def _codes(x: F1, at: int, order: int, delay: int) -> Lanes:
    """Numbers of the patterns of the windows from a position on: the Lehmer code of each, in factorial digits."""
    codes = splat(0.0, LANES)
    for a in range(order - 1):
        earlier = load(x, at + a * delay, LANES)
        below = splat(0.0, LANES)
        for b in range(a + 1, order):
            less = load(x, at + b * delay, LANES) < earlier
            below = below + select(less, splat(1.0, LANES), splat(0.0, LANES))
        codes = fma(codes, splat(float(order - a), LANES), below)
    return codes


@inline
def _ones(held: Lanes) -> int:
    """How many lanes of a comparison hold."""
    return np.int64(last(ones(splat(np.int64(bits(held)), 1))))  # type: ignore[return-value]


@inline
def _variances(x: F1, at: int, order: int, delay: int) -> Lanes:
    """Variances of the values of the windows from a position on, times their number."""
    mean = splat(0.0, LANES)
    for a in range(order):
        mean = mean + load(x, at + a * delay, LANES)
    mean = mean / splat(float(order), LANES)
    squares = splat(0.0, LANES)
    for a in range(order):
        apart = load(x, at + a * delay, LANES) - mean
        squares = fma(apart, apart, squares)
    return squares


@kernel
def count(x: F1, windows: int, order: int, delay: int, counts: I1, work: F1) -> None:
    """Add the windows of each pattern to `counts`.

    Args:
        counts: `TABLES` tables one after another, whose sums are meant: the same pattern often comes twice in a row.
        work: `LANES` numbers.
    """
    size = len(counts) // TABLES
    for at in range(0, windows - LANES + 1, LANES):
        codes = _codes(x, at, order, delay)
        if size <= FEW:
            for code in range(size):
                counts[np.uint64(code)] += _ones(codes == splat(float(code), LANES))
        else:
            store(work, 0, codes)
            for lane in range(0, LANES, TABLES):
                for table in range(TABLES):
                    counts[np.uint64(np.int64(work[lane + table]) + table * size)] += 1
    at = windows - windows % LANES
    store(work, 0, _codes(x, at, order, delay))
    for lane in range(windows - at):
        counts[np.uint64(np.int64(work[lane]))] += 1


@kernel
def weigh(x: F1, windows: int, order: int, delay: int, weights: F1, work: F1) -> None:
    """Add the variances of the windows of each pattern to `weights`; `work` holds `2 * LANES` numbers."""
    for at in range(0, windows, LANES):
        store(work, 0, _codes(x, at, order, delay))
        store(work, LANES, _variances(x, at, order, delay))
        for lane in range(min(LANES, windows - at)):
            weights[np.uint64(np.int64(work[lane]))] += work[LANES + lane]
