"""How often points of a trajectory come how close, in every embedding dimension at once.

The distance of two delay vectors in the next dimension is the greater of what it was and of one more difference, so that one
pass over the pairs serves all dimensions (Grassberger and Procaccia 1983; the maximum norm as in TISEAN's d2). Distances
are counted in bins that are read off the bits of the number: its exponent and the first bits of its mantissa, eight bins an
octave, and no logarithm. A pair that is farther than the cut is left as soon as that is certain.
"""

from midstream_cli.compiled.kernel import F1, I1, inline, kernel
from midstream_cli.compiled.vectors import (
    absolute,
    bits,
    fma,
    last,
    load,
    maximum,
    minimum,
    ones,
    pattern,
    splat,
    store,
)

LANES = 32

PRECISION = 3
"""Bits of the mantissa that tell bins apart."""

OCTAVES_DOWN, OCTAVES_UP = 24, 8
"""Distances from 2 to minus this up to 2 to this power have bins of their own, relative to the data's deviation."""

BINS = (OCTAVES_DOWN + OCTAVES_UP) << PRECISION

SHIFT = 52 - PRECISION
FIRST = (1023 - OCTAVES_DOWN) << PRECISION
"""The bin of the least distance, as its bits are read."""


@inline
def _number(x: I1, at: int) -> int:
    """One number; never from the end, so that there is no sign to look at."""
    number: int = last(load(x, at, 1))
    return number


@inline
def _increase(x: I1, at: int) -> None:
    store(x, at, load(x, at, 1) + splat(1, 1))


@inline
def _ones(word: int) -> int:
    """Bits that are set."""
    number: int = last(ones(splat(word, 1)))
    return number


@kernel
def count(
    x: F1, channels: int, stride: int, delay: int, dimensions: int, references: I1, begin: int, end: int, theiler: int,
    both: int, cut: float, squares: int, counts: I1, bins: I1,
) -> int:  # fmt: skip
    """Count the distances between some points and a stretch of all.

    Args:
        x: the channels one after the other, `stride` numbers each, and LANES more.
        references: points, each compared with those from `begin` up to `end` that are more than `theiler` samples later,
            with `both` also with those that are so much earlier.
        cut: distances from here on are left out; with `squares` they are squared Euclidean, else of the maximum norm.
        counts: BINS + 1 for each dimension; in the last one lands what is farther than all bins.
        bins: scratch, LANES.

    Returns:
        How many pairs were looked at.
    """
    seen = 0
    least, greatest, most = splat(0, LANES), splat(BINS, LANES), splat(cut, LANES)
    offset, shift = splat(FIRST, LANES), splat(SHIFT, LANES)
    for turn in range(references.shape[0]):
        i = references[turn]
        for side in range(2 if both else 1):
            low, high = max(begin, i + theiler + 1), end
            if side:
                low, high = begin, min(end, i - theiler)
            seen += max(high - low, 0)
            for j in range(low, high, LANES):
                there = (1 << min(high - j, LANES)) - 1
                distance = splat(0.0, LANES)
                for m in range(dimensions):
                    for c in range(channels):
                        at = c * stride + m * delay
                        difference = load(x, at + j, LANES) - splat(x[at + i], LANES)
                        if squares:
                            distance = fma(difference, difference, distance)
                        else:
                            distance = maximum(distance, absolute(difference))
                    there &= bits(distance < most)
                    if there == 0:
                        break
                    store(bins, 0, minimum(maximum((pattern(distance) >> shift) - offset, least), greatest))
                    near = there
                    while near:
                        lowest = near & -near
                        _increase(counts, m * (BINS + 1) + _number(bins, _ones(lowest - 1)))
                        near ^= lowest
    return seen
