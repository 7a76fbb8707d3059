"""Sequences compared position by position."""

import math

import numpy as np
import numpy.typing as npt

from midstream_cli.compare.warping import magnitude
from midstream_cli.compare.warping.dtw import Alignment, sequence
from midstream_cli.errors import UsageError


def euclidean(a: npt.ArrayLike, b: npt.ArrayLike) -> Alignment:
    """Euclidean distance of two sequences of equal shape; normalised, the root mean square over positions.

    Raises:
        UsageError: the shapes differ, a sequence is empty or holds NaN, or the distance is too large or too small for a number.
    """
    first, second = sequence(a, "the first sequence"), sequence(b, "the second sequence")
    if first.shape != second.shape:
        raise UsageError(
            f"sequences of shape {first.shape} and {second.shape} cannot be compared position by position",
            "choose --algorithm dtw, which aligns sequences of different lengths",
        )
    with np.errstate(over="ignore"):
        difference = np.abs(first - second)
    largest = float(difference.max())
    if largest == math.inf:
        raise UsageError("the sequences are too far apart for a number", "check their values")
    # a power of two is taken out, so that squares neither overflow nor vanish
    exponent = math.frexp(largest)[1]
    scaled = math.sqrt((np.ldexp(difference, -exponent) ** 2).sum())
    both = magnitude.unscaled(np.array([scaled, scaled / math.sqrt(len(first))]), exponent)
    distance, normalised = both.tolist()
    positions = np.arange(len(first), dtype=np.intp)
    return Alignment(distance, normalised, np.stack([positions, positions], axis=1))
