"""Numbers so large or so small that their squares would not be numbers: seen, and scaled by a power of two."""

import math
from collections.abc import Callable
from typing import TypeVar

import numpy as np

from midstream_cli.errors import UsageError
from midstream_cli.frames import Float64, Int64

ORDINARY = 400
"""Squares of numbers up to 2 to this power, and of their last digits down to minus this, are numbers too."""

STEP = 880
"""Powers of two by which numbers are scaled up where costs have vanished: those that had are not too large then."""

EXACT = -1074 + ORDINARY
"""Whoever takes this power of two out, loses nothing of any number."""

FAR = 600
"""The power of two that numbers are apart at least, of which one is too large to be scaled up and they differ."""

PRECISION = 2.0**-30
"""Numbers near zero have fewer digits; no result may be rounded by a larger part of it."""

Found = TypeVar("Found")


def is_ordinary(*arrays: Float64) -> bool:
    """Whether every number is 0, or neither so large nor so small that its square is none."""
    with np.errstate(under="ignore"):
        sizes = [np.abs(array) for array in arrays]
    return all(
        float(size.max()) <= 2.0**ORDINARY and not ((size < 2.0**-ORDINARY) & (size > 0)).any() for size in sizes
    )


def exponent(*arrays: Float64) -> int:
    """The power of two to take out, so that squares neither overflow nor vanish; 0 for ordinary numbers."""
    largest = _largest(*arrays)
    if not math.isfinite(largest):
        raise UsageError("a window or the template has a value that is not finite", "leave such windows out")
    found = math.frexp(largest)[1]
    return found if abs(found) > ORDINARY else 0


def scaled(values: Float64, exponent: int) -> Float64:
    """Numbers with a power of two taken out."""
    with np.errstate(under="ignore"):
        return np.ldexp(values, -exponent) if exponent else values


def unscaled(distances: Float64, exponent: int, *, squared: bool = False) -> Float64:
    """Distances with the power of two put back.

    Args:
        squared: they are sums of squares.

    Raises:
        UsageError: one is too large for a number, or so small that digits are lost.
    """
    if not exponent:
        return distances
    with np.errstate(over="ignore", under="ignore"):
        found: Float64 = np.ldexp(distances, 2 * exponent if squared else exponent)
    if (np.isinf(found) & ~np.isinf(distances)).any():
        raise UsageError("the sequences are too far apart for a number", "check their values")
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        again = np.ldexp(found, -2 * exponent if squared else -exponent)
        rounded = np.abs(again - distances) > PRECISION * distances
    if rounded.any():
        raise UsageError(
            "the sequences are too near each other for a number", "multiply their values by the same number"
        )
    return found


def exponents(largest: Float64) -> Int64:
    """The power of two of the largest number of each of many sequences."""
    return np.frexp(largest)[1].astype(np.int64)


def shift(own: Int64) -> int:
    """The power of two to take out of sequences of these magnitudes; 0 for ordinary ones."""
    most = int(own.max())
    return most if abs(most) > ORDINARY else 0


def with_care(
    cost: Callable[[Float64, Float64], tuple[float, Found]], a: Float64, b: Float64, *, squared: bool
) -> tuple[float, int, Found]:
    """An accumulated cost of numbers of any size.

    What is squared in between may vanish where all that is left of a distance is tiny: then the numbers are scaled up. Of
    those that become too large it only matters which are equal: no short path passes where they differ.

    Args:
        cost: computes it, of numbers whose squares are numbers, or vanish.
        squared: it is a sum of squares, not of distances.

    Returns:
        The cost without a power of two, that power, and what else was computed.
    """
    out = exponent(a, b)
    found, other = cost(scaled(a, out), scaled(b, out))
    while found < 2.0 ** (-2 * ORDINARY - 100 if squared else -ORDINARY - 50) and out > EXACT:
        out -= STEP
        found, other = cost(*_enlarged(a, b, out))
    return found, 2 * out if squared else out, other


def _enlarged(a: Float64, b: Float64, exponent: int) -> tuple[Float64, Float64]:
    """Numbers with a power of two taken out; those that are too large then, far from all that they are not equal to."""
    both = np.concatenate([a, b])
    with np.errstate(over="ignore", under="ignore"):
        found = np.ldexp(both, -exponent)
    large = np.abs(found) > 2.0 ** (FAR - 10)
    ranks = np.unique(np.abs(both[large]), return_inverse=True)[1]
    found[large] = np.copysign(np.ldexp(ranks + 1.0, FAR), both[large])
    return found[: len(a)], found[len(a) :]


def _largest(*arrays: Float64) -> float:
    return float(np.max([bound for array in arrays for bound in (array.max(), -array.min())]))
