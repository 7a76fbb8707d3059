"""Soft-DTW of one pair: what all alignments weigh together, and how much of it passes through each cell.

M. Cuturi, M. Blondel, "Soft-DTW: a differentiable loss function for time-series", ICML 2017. A cell holds the sum of
``exp(-cost / gamma)`` over the alignments that end there: equation 2 without its logarithms, so that a cell takes one
exponential instead of three and a logarithm. Such a sum is a mantissa in [1, 2) and a binary exponent, itself a
float64: it neither overflows nor vanishes, and what is added is first brought to the largest exponent, as a stable
log-sum-exp does.

Lanes are `LANES` consecutive rows, each one column behind the row above; a tile is that many rows, from the first step,
at which its first row is in the first column, to the step at which its last row is in the last.
"""

import math

from midstream_cli.compiled.kernel import F1, inline, kernel
from midstream_cli.compiled.vectors import (
    REGISTER,
    Lanes,
    fma,
    from_pattern,
    lane,
    last,
    load,
    maximum,
    minimum,
    pattern,
    shift_in,
    shift_out,
    splat,
    store,
)

LANES = 4 * REGISTER
MOST = 1e300
"""Costs over gamma count as this at most; whoever calls refuses results that reach it."""

NOWHERE = -1e306
"""The exponent of cells outside the table: no alignment passes there."""
_FAINT = -1000.0
"""The exponent of the least share: what is fainter is as good as nothing."""
_PER_BIT = -1 / math.log(2)
_ROUNDING = 1.5 * 2.0**52
"""Added and taken away again, it leaves a whole number; its last bits are that number's, in two's complement."""
_BIASED = _ROUNDING + 1023.0
_UNBIASED = 2.0**52 + 1023.0
_FRACTION = (1 << 52) - 1
_ONE = 1023 << 52
_WHOLE = 1075 << 52
"""The bits of 2 to the power of 52."""
_C2, _C3, _C4, _C5, _C6, _C7, _C8, _C9, _C10, _C11, _C12 = (math.log(2) ** k / math.factorial(k) for k in range(2, 13))


@inline
def _two_to_whole(exponent: Lanes) -> Lanes:
    """2 to the power of whole numbers from `_FAINT` to 0: written into the exponent's bits."""
    return from_pattern(pattern(exponent + splat(_BIASED, LANES)) << splat(52, LANES))


@inline
def _two_to_half(x: Lanes) -> Lanes:
    """2 to the power of numbers in [-1/2, 1/2]: the Taylor series, of which the next term is below 2e-16.

    Its last power is even, so that what comes out is positive for any number.
    """
    y = fma(splat(_C12, LANES), x, splat(_C11, LANES))
    y = fma(y, x, splat(_C10, LANES))
    y = fma(y, x, splat(_C9, LANES))
    y = fma(y, x, splat(_C8, LANES))
    y = fma(y, x, splat(_C7, LANES))
    y = fma(y, x, splat(_C6, LANES))
    y = fma(y, x, splat(_C5, LANES))
    y = fma(y, x, splat(_C4, LANES))
    y = fma(y, x, splat(_C3, LANES))
    y = fma(y, x, splat(_C2, LANES))
    y = fma(y, x, splat(math.log(2), LANES))
    return fma(y, x, splat(1.0, LANES))


@inline
def _steps(n: int, m: int, first: int) -> int:
    """The steps of the tile of a row: the last ends where the last row meets the last column."""
    if first + LANES > n:
        return m + n - first - 1
    return m + LANES - 1


@kernel
def forward(a: F1, b: F1, n: int, m: int, dims: int, sharpness: float, above: F1, shares: F1) -> float:
    """The logarithm of what all alignments weigh together: soft-DTW over ``-gamma``.

    Args:
        a: one dimension after the other, each as whole tiles.
        b: one dimension after the other, each backwards between `LANES` infinite values on either side.
        sharpness: ``1 / sqrt(gamma)``.
        above: the row above the first: `m + LANES` mantissas of 1, and as many exponents of `NOWHERE`.
        shares: empty, or for each tile, step of a whole tile, and predecessor (left, above, diagonal), the part of each
            cell's sum that came from it.
    """
    rows, width, half, keep = len(a) // dims, len(b) // dims, m + LANES, len(shares) > 0
    now_m, now_e = splat(1.0, LANES), splat(NOWHERE, LANES)
    for first in range(0, rows, LANES):
        now_m, now_e = splat(1.0, LANES), splat(NOWHERE, LANES)
        across_m, across_e = now_m, now_e
        if first == 0:
            across_e = shift_in(now_e, 0.0)
        kept = first // LANES * (m + LANES - 1) * 3 * LANES
        for s in range(_steps(n, m, first)):
            cost = splat(0.0, LANES)
            for d in range(dims):
                difference = load(a, d * rows + first, LANES) - load(b, d * width + m - 1 - s + LANES, LANES)
                difference = difference * splat(sharpness, LANES)
                cost = fma(difference, difference, cost)
            weight = minimum(cost, splat(MOST, LANES)) * splat(_PER_BIT, LANES)
            # of a weight beyond 2^51 the rest is an error of rounding, and counts for nothing whatever becomes of it
            whole = (weight + splat(_ROUNDING, LANES)) - splat(_ROUNDING, LANES)
            rest = weight - whole
            up_m, up_e = shift_in(now_m, above[s]), shift_in(now_e, above[half + s])
            largest = maximum(maximum(up_e, across_e), now_e)
            left = now_m * _two_to_whole(maximum(now_e - largest, splat(_FAINT, LANES)))
            up = up_m * _two_to_whole(maximum(up_e - largest, splat(_FAINT, LANES)))
            across = across_m * _two_to_whole(maximum(across_e - largest, splat(_FAINT, LANES)))
            total = left + up + across
            if keep:
                per = splat(1.0, LANES) / total
                store(shares, kept + 3 * s * LANES, left * per)
                store(shares, kept + (3 * s + 1) * LANES, up * per)
                store(shares, kept + (3 * s + 2) * LANES, across * per)
            code = pattern(total * _two_to_half(rest))
            across_m, across_e = up_m, up_e
            now_m = from_pattern((code & splat(_FRACTION, LANES)) | splat(_ONE, LANES))
            grown = from_pattern((code >> splat(52, LANES)) | splat(_WHOLE, LANES)) - splat(_UNBIASED, LANES)
            now_e = largest + whole + grown
            if s >= LANES - 1:
                above[s - LANES + 1] = last(now_m)
                above[half + s - LANES + 1] = last(now_e)
    end = (n - 1) % LANES
    mantissa: float = lane(now_m, end)
    exponent: float = lane(now_e, end)
    return math.log(mantissa) + exponent * math.log(2)


@kernel
def backward(shares: F1, n: int, m: int, below: F1, end: F1, expected: F1) -> None:
    """How likely each cell is on an alignment drawn by its weight: the shares followed from the last cell back.

    Args:
        shares: as `forward` left them.
        below: `m + LANES` zeros: what comes up into each column of the last row of a tile, beginning at column -1.
        end: zeros, and 1 in the lane of the last row.
        expected: for each tile, and step of a whole tile, its cells.
    """
    for first in range((n - 1) // LANES * LANES, -1, -LANES):
        tile = first // LANES * (m + LANES - 1)
        left = splat(0.0, LANES)
        if first + LANES >= n:
            left = load(end, 0, LANES)
        up, across, across_before = splat(0.0, LANES), splat(0.0, LANES), splat(0.0, LANES)
        for s in range(_steps(n, m, first) - 1, -1, -1):
            entering = below[s - LANES + 2] if s >= LANES - 1 else 0.0
            now = left + shift_out(up, entering) + shift_out(across_before, 0.0)
            store(expected, (tile + s) * LANES, now)
            across_before = across
            left = now * load(shares, 3 * (tile + s) * LANES, LANES)
            up = now * load(shares, (3 * (tile + s) + 1) * LANES, LANES)
            across = now * load(shares, (3 * (tile + s) + 2) * LANES, LANES)
            if s <= m:
                below[s + 1] += lane(up, 0)
                below[s] = lane(across, 0)
