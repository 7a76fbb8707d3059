"""One exponent, and how sure it is, from what learnt maps and neighbours that part say of it."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from midstream_cli.attractor.estimate import Estimate
from midstream_cli.attractor.exponents.learnt import Learnt

RISE, RISE_FROM, RISE_TO = (0.5, 0.9), 1000, 3000
"""Nats that the distance across the flow rises in many periods where a motion is chaotic.

More of a series of 3,000 samples than of one of 1,000: neighbours are nearer to begin with.
"""

AGREE = 1.5
"""Two estimates further apart than this do not mean the same."""

BLIND = 0.8
"""A forecast half a period ahead that errs by more, in deviations, knows nothing."""

LINEAR = 0.9
"""A map that errs by more than this share of a straight one's error has found no chaos."""

SURE = 0.3
"""Forecast error at which a learnt map and the divergence of neighbours weigh the same."""

FAR_APART = 6.0
"""A learnt map that says so many times what neighbours do has gradients that run away."""

SURE_OF_MAP = 0.15
"""The same of a series without a period."""

CLEAN = 0.2
"""Forecast error below which a learnt map that disagrees with the neighbours has gone wrong, and not they in noise."""

WIDENED = 1.37
"""From standard error to the half-width that holds nine truths in ten: fitted on flows set aside to develop on."""

CURVE_ALONE = 1.0
"""Half-width of what a curve of divergence says alone, as a share of it: down to 0, because neighbours part in noise too.

What the points of the curve scatter by says little of its error: nine in ten truths of the flows set aside to develop on,
with and without noise, lie within 0.73 (Rosenstein), 0.84 (transverse) and 0.95 (Kantz) of what is found.
"""

AS_GOOD = 1.5
"""A map that errs by less than this times the best one's error has its say too."""

LEAST_SHARE = 0.05
"""Standard error that is left however well all agree: the exponent of a finite stretch is not that of all time."""


class Fused(NamedTuple):
    """The exponent in nats a sample, and what speaks against it."""

    per_sample: Estimate
    agreement: float
    reason: str


def fuse(
    learnt: Sequence[Learnt], slope: float, rise: float, straight_error: float, *, count: int, flow: bool
) -> Fused:
    """Weigh the estimates.

    The learnt map counts the more the better it forecasts; the divergence of neighbours takes over where it cannot. The
    interval is `WIDENED` times a standard error made of the spread of the votes, of what equal parts of the series say, of
    the forecast error, and of `LEAST_SHARE`. Only `WIDENED` was fitted: to the nine-tenths quantile of errors through
    standard errors on the flows that the thresholds here were chosen on too, so that coverage elsewhere is to be measured.

    Args:
        slope: of the straight part of the curve of divergence, nats a sample; nan where there is none.
        rise: of the whole curve, nats; nan where there is none.
        straight_error: of the forecasts of a straight map, in deviations.
        count: samples of the series.
        flow: whether there is a period.
    """
    if not learnt and not math.isfinite(slope):
        return Fused(Estimate(math.nan, math.nan, math.nan), math.nan, "the series is too short")
    best = learnt[0] if learnt else None
    if flow and math.isfinite(rise) and rise < np.interp(count, (RISE_FROM, RISE_TO), RISE):
        return _regular(best, slope, rise)
    if best is None:
        return Fused(
            _around(slope, CURVE_ALONE * abs(slope)), math.nan, "from neighbours alone, which part in noise too"
        )
    value = _maps_say(learnt)
    every = [vote for each in learnt if each.made.error < 2 * best.made.error for vote in each.votes]
    agreement = math.nan
    if math.isfinite(slope):
        agreement = _ratio(value, slope)
        value = _weighed(learnt, value, slope, agreement, flow=flow)
        every.append(slope)
    apart = float(np.mean(np.abs(np.array(every) - value)))
    blind = best.made.error * abs(value) / 2
    found = _around(value, WIDENED * math.hypot(apart, best.spread, blind, LEAST_SHARE * value))
    noisy = best.made.error > BLIND or best.made.error > LINEAR * straight_error
    if noisy:
        reach = max(abs(found.low), abs(found.high))
        reason = "noise: no forecast is better than one of a linear process"
        return Fused(Estimate(value, min(found.low, -0.1 * reach), max(found.high, 0.1 * reach)), agreement, reason)
    return Fused(found, agreement, "the estimates disagree" if agreement > AGREE else "")


def _maps_say(learnt: Sequence[Learnt]) -> float:
    """The mean of what maps say that forecast about as well as the best, by the inverse of their squared errors."""
    best = learnt[0]
    good = [each for each in learnt if each.made.error < AS_GOOD * best.made.error and each.stays == best.stays]
    weights = [1.0 / max(each.made.error, 1e-12) ** 2 for each in good]
    said = [_map_says(each) for each in good]
    return float(np.average(said, weights=weights)) if good else _map_says(best)


def _map_says(each: Learnt) -> float:
    """The mean of what a map says along the series, across the flow, and of what it says on its own."""
    return (each.across + each.alone) / 2 if math.isfinite(each.alone) else each.across


def _weighed(learnt: Sequence[Learnt], value: float, slope: float, agreement: float, *, flow: bool) -> float:
    """The learnt map's estimate and the slope of the divergence as one."""
    error = learnt[0].made.error
    runs_away = not math.isfinite(learnt[0].alone)
    if flow and error >= CLEAN and value > FAR_APART * slope > 0:
        return slope
    if flow and not agreement < AGREE and (error < CLEAN or runs_away):
        return float(np.median([value, _map_says(learnt[-1]), slope]))
    # what is not smooth in delay coordinates, as many maps, misleads a learnt map more than neighbours
    share = 1.0 / (1.0 + error / SURE) if flow else 1.0 / (1.0 + (error / SURE_OF_MAP) ** 2)
    return share * value + (1.0 - share) * slope


def _regular(best: Learnt | None, slope: float, rise: float) -> Fused:
    """Of a motion whose neighbours stay together, or come nearer to one another."""
    along = best.along if best is not None else slope
    if rise < -RISE[0] and along < 0:
        return Fused(_around(along, max(0.25 * abs(along), abs(along - slope))), _ratio(along, slope), "")
    value = along if abs(along) < abs(slope) else slope
    return Fused(_around(value, 2.0 * abs(value) + abs(slope) + 1e-6), math.nan, "")


def _ratio(one: float, other: float) -> float:
    low, high = sorted((abs(one), abs(other)))
    return high / low if low > 0 and one * other > 0 else math.inf


def _around(value: float, half: float) -> Estimate:
    return Estimate(value, value - half, value + half)
