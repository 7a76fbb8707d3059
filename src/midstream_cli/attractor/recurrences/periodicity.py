"""The period of a trajectory, from when it comes back."""

import math
from typing import NamedTuple

import numpy as np

from midstream_cli.frames import Float64, Int64

NEARLY = 0.7
"""A peak of so much of the highest one is of the period, and the highest one of a multiple."""

STRONG = 5.0
"""Deviations of chance that a peak is above the rate."""

LEAST = 0.05
"""Weaker than this, nothing is periodic."""


class Periodicity(NamedTuple):
    """After how many samples a trajectory comes back, and how surely."""

    period: float
    """In samples; NaN where it does not come back at a lag of its own."""
    strength: float
    """0 where it is at that lag no more often than at others, 1 where always."""


def periodicity(rates: Float64, rate: float) -> Periodicity:
    """The lag at which recurrences are most frequent (the tau-recurrence rate, Marwan et al. 2007, section 3.6).

    Args:
        rates: the share of recurrences at lag 0, 1, 2, ...; the second half counts only for multiples of the period.
        rate: the share at all lags.
    """
    nothing = Periodicity(math.nan, 0.0)
    reached = rates[: len(rates) // 2 + 1]
    falling = np.flatnonzero(np.diff(reached) > 0)
    if rate >= 1.0 or not len(falling):
        return nothing
    # before it, a trajectory has not yet left
    start = int(falling[0])
    inner = reached[start + 1 : -1]
    peaks = start + 1 + np.flatnonzero((inner >= reached[start:-2]) & (inner > reached[start + 2 :]))
    if not len(peaks):
        return nothing
    best = float(reached[peaks].max())
    lag = int(peaks[np.argmax(reached[peaks] >= NEARLY * best)])
    strength = (float(reached[lag]) - rate) / (1 - rate)
    chance = math.sqrt(rate * (1 - rate) / (len(rates) - lag))
    if strength < LEAST or float(reached[lag]) < rate + STRONG * chance:
        return nothing
    return Periodicity(_refined(rates, lag, rate), min(1.0, strength))


def _refined(rates: Float64, lag: int, rate: float) -> float:
    """A period from the latest of its multiples that still stand out: the peak there is as wide, and the error divided."""
    period, before = _centre(rates, lag, rate), lag
    height = float(rates[lag]) - rate
    last = int(0.8 * len(rates))
    for multiple in range(2, last // lag + 1):
        around = round(multiple * period)
        reach = max(1, round(period / 4))
        low = max(before + 1, around - reach)
        if around + reach >= last or low > around:
            break
        at = low + int(np.argmax(rates[low : around + reach + 1]))
        peak = float(rates[at])
        if peak - rate < height / 2 or peak < max(rates[at - 1], rates[at + 1]):
            break
        period, before = _centre(rates, at, rate) / multiple, at
    return period


def _centre(rates: Float64, at: int, rate: float) -> float:
    """The centre of gravity of what is above half of a peak's height."""
    floor = (float(rates[at]) + rate) / 2
    under = np.flatnonzero(rates <= floor)
    right = int(np.searchsorted(under, at))
    begin = int(under[right - 1]) + 1 if right else 0
    end = int(under[right]) if right < len(under) else len(rates)
    # as far on either side, so that an end of the series does not draw it
    reach = min(at - begin, end - 1 - at) if begin == 0 or end == len(rates) else max(at - begin, end - 1 - at)
    lags = np.arange(max(begin, at - reach), min(end, at + reach + 1))
    weights = rates[lags] - floor
    return float(lags @ weights / weights.sum())


def period_density_entropy(returns: Int64) -> float:
    """The entropy of recurrence times as a share of the largest: 0 for a period, 1 for noise (M. Little et al., 2007).

    Args:
        returns: how often each recurrence time occurs, from 0 on.
    """
    held = returns[returns > 0]
    longest = int(np.flatnonzero(returns)[-1]) if len(held) else 0
    if longest < 2:
        return 0.0
    p = held / held.sum()
    return max(0.0, -float((p * np.log(p)).sum())) / math.log(longest)
