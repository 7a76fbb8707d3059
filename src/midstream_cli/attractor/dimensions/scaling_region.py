"""Where a correlation sum grows as a power of the radius: the longest plateau of its slopes that dimensions share."""

import math
from dataclasses import dataclass

import numpy as np

from midstream_cli.attractor.dimensions.correlation_sum import BLOCKS, STEP, CorrelationSums
from midstream_cli.frames import Float64

HALF = STEP // 2
"""Slopes are taken over an octave, at every half of one."""

ENOUGH = 40
"""Pairs closer than the least radius of a slope."""

SURE = 1.6
"""Slopes may differ by so many standard errors more than a plateau allows."""

UNSURE = 0.2
"""Slopes whose standard error is a larger share of them do not count."""

FLOOR = 0.03
"""No slope weighs as if it were surer than this share of it."""

DIMENSIONS = 3
"""So many consecutive dimensions at least share a plateau."""

GROWTH = 0.2
"""By which slopes may grow from one dimension to the next; those of noise grow by one."""

PLATEAUS = (
    (0.03, 2.5), (0.05, 2.5), (0.075, 2.5), (0.1, 2.5), (0.15, 2.5), (0.075, 2.0), (0.1, 2.0), (0.15, 2.0), (0.2, 2.0),
)  # fmt: skip
"""By which share slopes may differ from the mean, and how many octaves a plateau has at least: the first that is met."""

SHORTEST = 2.0
LEAST = 0.3
"""Slopes below this are those of the gaps between samples that recur."""

VALLEY = 0.5
"""Above a plateau, slopes do not fall below this share of it: what lies below a gap is the pattern of sampling."""

STEEPER, LONGER = 1.35, 2.0
"""A plateau at larger radii is preferred if it is so much steeper, unless the lower one is so much longer: below the
distance of samples, dimensions look smaller for a while."""


@dataclass(frozen=True, slots=True)
class Slopes:
    """Local slopes of the logarithm of correlation sums over that of the radius."""

    radii: Float64
    """Shape (places,), the middle of each octave, in deviations of the series."""
    values: Float64
    """Shape (dimensions, places); NaN where there are no pairs."""
    errors: Float64
    """Their standard errors by the jackknife over stretches of time (H. Kuensch, Ann. Statist. 17, 1217, 1989)."""
    left_out: Float64
    """Shape (stretches, dimensions, places): without the pairs of one stretch."""
    known: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
    """Where they are known well enough to count."""

    @property
    def weights(self) -> Float64:
        """How much each counts in a mean."""
        floor = FLOOR * np.maximum(self.values, LEAST)
        return np.where(self.known, 1.0 / (self.errors**2 + floor**2), 0.0)


@dataclass(frozen=True, slots=True)
class Region:
    """Dimensions and radii over which slopes are the same."""

    dimensions: tuple[int, int]
    """The first and the last."""
    radii: tuple[float, float]
    """The least and the greatest, in deviations of the series."""
    deviation: float
    """By which share slopes may differ from their mean beyond what chance explains."""
    places: tuple[int, int]
    """The first and the last place of `Slopes`."""

    @property
    def part(self) -> tuple[slice, slice]:
        """Of an array of dimensions and places."""
        return slice(self.dimensions[0] - 1, self.dimensions[1]), slice(self.places[0], self.places[1] + 1)


def local_slopes(sums: CorrelationSums, dimensions: int | None = None) -> Slopes:
    """The slopes of correlation sums, an octave each, and how sure they are; up to an embedding dimension, or of all."""
    near = sums.near
    middle = np.arange(near - 1 - HALF, 2 * HALF, -HALF)[::-1]
    octaves = np.log2(np.maximum(sums.radii, sums.radii[1] / 2))
    width = octaves[middle + HALF] - octaves[middle - HALF]

    def slopes(shares: Float64) -> Float64:
        with np.errstate(divide="ignore", invalid="ignore"):
            logs = np.log2(shares)
            return np.asarray((logs[..., middle + HALF] - logs[..., middle - HALF]) / width)

    values, left_out = slopes(sums.sums[:dimensions]), slopes(sums.left_out[:, :dimensions])
    with np.errstate(invalid="ignore"):
        errors = np.sqrt((BLOCKS - 1) * left_out.var(axis=0))
        known = (sums.close[:dimensions, middle - HALF] >= ENOUGH) & (errors <= UNSURE * np.maximum(values, 0.5))
    known &= np.isfinite(values) & np.isfinite(errors)
    values = np.where(np.isfinite(values), values, np.nan)
    return Slopes(sums.radii[middle], values, np.where(known, errors, np.nan), left_out, known)


@dataclass(frozen=True, slots=True)
class _Plateaus:
    """Candidates, one a row."""

    deviation: Float64
    octaves: Float64
    slope: Float64
    growth: Float64
    first: Float64
    last: Float64
    begin: Float64
    end: Float64

    def where(self, chosen: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> "_Plateaus":
        """Some of them."""
        return _Plateaus(*(getattr(self, name)[chosen] for name in self.__slots__))


def scaling_region(slopes: Slopes, least: float = LEAST) -> Region | None:
    """The longest plateau of slopes that consecutive dimensions share; None where there is none.

    A plateau is a rectangle of dimensions and radii. Of those whose slopes differ by the least share from their mean, beyond
    what their standard errors explain, and do not grow with the dimension, the one of most octaves times dimensions is
    taken: the criterion of Grassberger and Procaccia (1983) without an eye that looks for it; K. P. Harikrishnan et al.,
    Physica D 215, 137 (2006), made it automatic for a range that is fixed. A steeper one at larger radii goes before:
    samples of a torus or a loop, looked at closely, are lines or points.

    Args:
        least: no plateau is lower.
    """
    found = _plateaus(slopes, least)
    best = _longest(found)
    if best is None:
        return None
    while True:
        above = (found.begin >= best.end[0]) & (found.slope > STEEPER * best.slope[0])
        steeper = _longest(found.where(above & (LONGER * found.octaves > best.octaves[0])))
        if steeper is None:
            break
        best = steeper
    begin, end = int(best.begin[0]), int(best.end[0])
    # an octave about each place
    low, high = slopes.radii[begin] / math.sqrt(2), slopes.radii[end] * math.sqrt(2)
    dimensions = int(best.first[0]) + 1, int(best.last[0]) + 1
    return Region(dimensions, (float(low), float(high)), float(best.deviation[0]), (begin, end))


def _longest(found: _Plateaus) -> _Plateaus | None:
    for deviation, octaves in PLATEAUS:
        flat = found.where((found.deviation <= deviation) & (found.octaves >= octaves))
        if len(flat.slope):
            best = int(np.argmax(flat.octaves * (flat.last - flat.first + 1)))
            return flat.where(np.arange(len(flat.slope)) == best)
    return None


def _plateaus(slopes: Slopes, least: float) -> _Plateaus:
    """All rectangles of known slopes that could be a plateau."""
    values, errors, known = np.nan_to_num(slopes.values), np.nan_to_num(slopes.errors), slopes.known
    count, places = values.shape
    weights = slopes.weights
    # sums from one place to another, in each dimension
    later = np.triu(np.ones((places, places), np.bool_))
    share = np.where(later, _between(weights), 0.0)
    total = np.where(share > 0.0, _between(weights * values), 0.0)
    mean = total / np.where(share > 0.0, share, 1.0)
    octaves = 1.0 + 0.5 * (np.arange(places) - np.arange(places)[:, None])
    beyond = np.minimum.accumulate(np.where(np.isnan(slopes.values), np.inf, slopes.values)[:, ::-1], axis=1)[:, ::-1]
    rows = []
    for first in range(count):
        for last in range(first + DIMENSIONS - 1, count):
            some = slice(first, last + 1)
            there = known[some].all(axis=0)
            top = np.where(there, (values[some] - SURE * errors[some]).max(axis=0), np.inf)
            bottom = np.where(there, (values[some] + SURE * errors[some]).min(axis=0), -np.inf)
            highest = np.maximum.accumulate(np.where(later, top, -np.inf), axis=1)
            lowest = np.minimum.accumulate(np.where(later, bottom, np.inf), axis=1)
            whole = share[some].sum(axis=0)
            slope = total[some].sum(axis=0) / np.where(whole > 0.0, whole, 1.0)
            fits = later & (octaves >= SHORTEST) & np.isfinite(highest) & (slope > least)
            fits &= beyond[some].min(axis=0) >= VALLEY * slope
            step = np.arange(last - first + 1) - (last - first) / 2
            growth = np.tensordot(step, mean[some], 1) / (step * step).sum()
            fits &= np.abs(growth) <= GROWTH
            begin, end = np.nonzero(fits)
            deviation = np.maximum(highest[fits] - lowest[fits], 0.0) / 2 / slope[fits]
            same = np.ones(len(begin))
            rows.append([deviation, octaves[fits], slope[fits], growth[fits], first * same, last * same, begin, end])
    return _Plateaus(*np.concatenate(rows, axis=1)) if rows else _Plateaus(*np.empty((8, 0)))


def _between(values: Float64) -> Float64:
    """Sums from one place to another, shape (dimensions, from, to)."""
    total = np.cumsum(values, axis=1)
    return np.asarray(total[:, None, :] - (total - values)[:, :, None])
