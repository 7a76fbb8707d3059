"""The dimension that a spectrum of Lyapunov exponents makes of an attractor."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from midstream_cli.attractor.estimate import Estimate
from midstream_cli.errors import UsageError
from midstream_cli.frames import Float64

DRAWS = 2000

NINE_IN_TEN = 1.6449
"""Deviations of a normal distribution to either side that hold nine tenths of it."""


def kaplan_yorke(exponents: npt.ArrayLike) -> float:
    """The Kaplan-Yorke dimension: j + (the sum of the j greatest) / |the next|, j the most whose sum is not negative.

    Args:
        exponents: of any unit of time, in any order.

    Returns:
        0 where the greatest is negative; NaN where the sum of all of them is not negative: more of them are needed.

    Raises:
        UsageError: there are none, or one is not finite.

    Source: J. L. Kaplan, J. A. Yorke, "Chaotic behavior of multidimensional difference equations", LNM 730, 1979.
    """
    values = np.sort(np.asarray(exponents, dtype=np.float64).ravel())[::-1]
    if values.size == 0 or not np.isfinite(values).all():
        raise UsageError(
            "a dimension needs at least one exponent, and each of them a number", "give the whole spectrum"
        )
    return float(_dimensions(values[None, :])[0])


def kaplan_yorke_of(spectrum: Sequence[Estimate], *, seed: int = 0) -> Estimate:
    """The Kaplan-Yorke dimension of exponents that are known within bounds, with the bounds that follow.

    Args:
        spectrum: exponents with their intervals; one that cannot differ from 0 has an interval of no width.
        seed: of the draws that carry the intervals on.

    Raises:
        UsageError: as `kaplan_yorke` does.
    """
    value = kaplan_yorke([each.value for each in spectrum])
    table = np.array(spectrum)
    random = np.random.default_rng(seed)
    normal = random.standard_normal((DRAWS, len(table))) / NINE_IN_TEN
    below, above = table[:, 0] - table[:, 1], table[:, 2] - table[:, 0]
    draws = table[:, 0] + normal * np.where(normal < 0, below, above)
    found = _dimensions(-np.sort(-draws, axis=1))
    if math.isnan(value):
        return Estimate(value, value, value)
    # where all exponents may sum to more than zero, the dimension is at least that of the space
    low, high = np.quantile(np.nan_to_num(found, nan=float(len(table))), (0.05, 0.95)).tolist()
    return Estimate(value, min(low, value), max(high, value))


def _dimensions(descending: Float64) -> Float64:
    """Of each row of exponents, greatest first."""
    sums = np.cumsum(descending, axis=1)
    before = (sums >= 0).cumprod(axis=1).sum(axis=1)
    count = descending.shape[1]
    enough = before < count
    row = np.arange(len(descending))
    left = np.where(before > 0, sums[row, np.maximum(before - 1, 0)], 0.0)
    following = np.abs(descending[row, np.minimum(before, count - 1)])
    share = left / np.where(following > 0, following, 1.0)
    found: Float64 = np.where(enough, before + np.where(before > 0, share, 0.0), np.nan)
    return found
