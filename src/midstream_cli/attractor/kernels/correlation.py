"""How often points of a trajectory come how close, in every embedding dimension at once.

The distance of two delay vectors in the next dimension is the greater of what it was and of one more difference, so that one
pass over the pairs serves all dimensions (Grassberger and Procaccia 1983; the maximum norm as in TISEAN's d2). Distances
are counted in bins that are read off the bits of the number: its exponent and the first bits of its mantissa, eight bins an
octave, and no logarithm. A pair that is farther than the cut is left as soon as that is certain.
"""

from midstream_cli.compiled.kernel import F1, I1, I2, kernel
from midstream_cli.compiled.vectors import absolute, bits, fma, load, maximum, pattern, splat, store

LANES = 8

PRECISION = 3
"""Bits of the mantissa that tell bins apart."""

OCTAVES_DOWN, OCTAVES_UP = 24, 8
"""Distances from 2 to minus this up to 2 to this power have bins of their own, relative to the data's deviation."""

BINS = (OCTAVES_DOWN + OCTAVES_UP) << PRECISION

SHIFT = 52 - PRECISION
FIRST = (1023 - OCTAVES_DOWN) << PRECISION
"""The bin of the least distance, as its bits are read."""


@kernel
def count(
    x: F1, channels: int, stride: int, delay: int, dimensions: int, references: I1, begin: int, end: int, theiler: int,
    cut: float, squares: int, counts: I2, bins: I1,
) -> int:  # fmt: skip
    """Count the distances between some points and a stretch of all.

    Args:
        x: the channels one after the other, `stride` numbers each, and LANES more.
        references: points, each compared with those from `begin` up to `end` that are more than `theiler` samples later,
            or with a negative `theiler`, with those more than its absolute value away on either side.
        cut: distances from here on are left out; with `squares` they are squared Euclidean, else of the maximum norm.
        counts: shape (dimensions, BINS + 1); in the last one lands what has no bin, it means nothing.
        bins: scratch, LANES.

    Returns:
        How many pairs were looked at.
    """
    seen = 0
    apart_in_time = abs(theiler)
    least, most = splat(0, LANES), splat(cut, LANES)
    offset, shift = splat(FIRST, LANES), splat(SHIFT, LANES)
    for turn in range(references.shape[0]):
        i = references[turn]
        for side in range(2):
            low, high = max(begin, i + apart_in_time + 1), end
            if side:
                if theiler >= 0:
                    break
                low, high = begin, min(end, i - apart_in_time)
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
                    store(bins, 0, maximum((pattern(distance) >> shift) - offset, least))
                    near = there
                    slot = 0
                    while near:
                        if near & 1:
                            counts[m, bins[slot]] += 1
                        near >>= 1
                        slot += 1
    return seen
