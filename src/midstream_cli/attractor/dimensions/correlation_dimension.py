"""The correlation dimension of a series, and the rate at which it forgets."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from midstream_cli.attractor.dimensions.correlation_sum import BLOCKS, CorrelationSums, correlation_sums
from midstream_cli.attractor.dimensions.scaling_region import ENOUGH, Region, Slopes, local_slopes, scaling_region
from midstream_cli.attractor.embedding.embedding import Embedding, choose
from midstream_cli.attractor.embedding.sampling import columns_of, standardised
from midstream_cli.attractor.estimate import Estimate
from midstream_cli.errors import InsufficientData, UsageError
from midstream_cli.frames import Float64

STATES = 200
"""Below so many states, slopes are a matter of chance."""

DIMENSIONS = 8
"""Embedding dimensions that are looked at, or three more than the embedding has."""

MOST_DIMENSIONS = 12

DEEP = 16
"""Embedding dimensions up to which the entropy is followed."""

SPAN = 15
"""One part in so many of the series is given away for that at most."""

STEPS = 3
"""From one dimension to the next, over so many of the largest that have pairs enough, the entropy is averaged."""

NINETY = 1.645
"""Standard errors on either side that hold nine tenths of a normal distribution."""

FLOW, MAP = 0.75, 0.3
"""No plateau is lower: where one sample leads smoothly to the next, states fill a line at least."""

BEND = 0.15
"""Share by which slopes at a radius of one deviation are off because the attractor ends and bends; less in proportion."""

UNKNOWN = Estimate(math.nan, math.nan, math.nan)

GROWING = 0.5
"""By which slopes grow with each dimension if there is no attractor of low dimension to be seen."""


@dataclass(frozen=True, slots=True)
class CorrelationDimension:
    """The correlation dimension of a series, and all that it was read from."""

    dimension: Estimate
    """NaN where there is none to be seen; `reason` tells why."""
    entropy_per_sample: Estimate
    """Correlation entropy K2 in nats a sample: how fast nearby states part; a lower bound of the metric entropy."""
    reason: str
    """Why there is no dimension; empty where there is one."""
    region: Region | None
    """The embedding dimensions and radii from which they are read."""
    radii: Float64
    """Shape (radii,), in deviations of the series."""
    sums: Float64
    """Shape (dimensions, radii): shares of pairs of states that are closer; the slopes' dimensions and larger ones."""
    slopes: Slopes
    """Of the logarithms of the sums."""
    pairs: int
    """How many pairs of states were looked at."""
    embedding: Embedding


def correlation_dimension(
    x: npt.ArrayLike, *, embedding: Embedding | None = None, dimensions: int | None = None
) -> CorrelationDimension:
    """The correlation dimension of a series (P. Grassberger and I. Procaccia, Phys. Rev. Lett. 50, 346, 1983).

    Sums are those of the maximum norm, in all embedding dimensions up to a largest. The dimension is the weighted mean of
    their slopes over the longest range of radii where they are the same in at least three consecutive dimensions
    (`scaling_region`). Slopes of noise grow with the dimension: then there is no such range, and no number is given.
    The interval covers the sampling error, by the jackknife over stretches of time, what the slopes differ by, and how near the radii
    come to the size of the attractor.

    Args:
        x: shape (n,) or (n, channels), finite.
        embedding: delay and Theiler window are taken from it; chosen by `embedding.choose` where it is left out.
        dimensions: the largest embedding dimension whose slopes are looked at; by default 8, or three more than the
            embedding has. The entropy is followed up to 16.

    Raises:
        UsageError: the series is not finite, or fewer than three dimensions are asked for.
        InsufficientData: there are fewer than 200 states; or fewer than 10 to the power of half the dimension
            (J.-P. Eckmann and D. Ruelle, Physica D 56, 185, 1992).
    """
    columns = columns_of(standardised(x))
    n = len(columns)
    if dimensions is not None and dimensions < 3:
        raise UsageError(f"slopes in {dimensions} embedding dimensions", "three at least are compared")
    delay, theiler = (1, 1) if embedding is None else (embedding.delay, embedding.theiler)
    needed = STATES + ((dimensions or 3) - 1) * delay + theiler
    if n < needed:
        raise InsufficientData(needed, n, "a correlation dimension")
    chosen = choose(columns) if embedding is None else embedding
    if dimensions is None:
        dimensions = min(max(DIMENSIONS, chosen.dimension + 3), MOST_DIMENSIONS)
        room = min(n // 4, n - STATES - chosen.theiler)
        dimensions = max(min(dimensions, 1 + room // chosen.delay), 3)
    needed = STATES + (dimensions - 1) * chosen.delay + chosen.theiler
    if n < needed:
        raise InsufficientData(needed, n, f"a correlation dimension in {dimensions} embedding dimensions")
    deep = max(dimensions, min(DEEP, 1 + n // (SPAN * chosen.delay)))
    sums = correlation_sums(columns, delay=chosen.delay, dimensions=deep, theiler=chosen.theiler)
    slopes = local_slopes(sums, dimensions)
    region = None if not columns.any() else scaling_region(slopes, FLOW if chosen.delay > 1 else MAP)
    if region is None:
        recurs = _recurs(sums)
        dimension = entropy = Estimate(0.0, 0.0, 0.0) if recurs else UNKNOWN
        reason = "" if recurs else _reason(slopes)
    else:
        dimension, entropy, reason = _dimension(slopes, region), _entropy(sums, region, chosen.delay), ""
        if dimension.value > 2 * math.log10(n):
            raise InsufficientData(math.ceil(10 ** (dimension.value / 2)), n, f"a dimension of {dimension.value:.1f}")
    return CorrelationDimension(
        dimension, entropy, reason, region, sums.radii, sums.sums, slopes, sums.pairs, chosen
    )  # fmt: skip


def _dimension(slopes: Slopes, region: Region) -> Estimate:
    """The mean of the slopes of a region."""
    part = region.part
    weights, values = slopes.weights[part], slopes.values[part]
    value = float((weights * values).sum() / weights.sum())
    with np.errstate(invalid="ignore"):
        without = (np.nan_to_num(slopes.left_out[:, *part]) * weights).sum(axis=(1, 2)) / weights.sum()
    spread = float((weights * (values - value) ** 2).sum() / weights.sum())
    bend = BEND * value * math.sqrt(region.radii[0] * region.radii[1])
    return _interval(value, without, spread + bend * bend)


def _entropy(sums: CorrelationSums, region: Region, delay: int) -> Estimate:
    """How much fewer pairs are close in one dimension more, in the largest that still have pairs, at the radii of a region.

    In small dimensions the loss is that of vectors that unfold (P. Grassberger and I. Procaccia, Phys. Rev. A 28, 2591,
    1983).
    """
    radii = sums.radii[: sums.near]
    inside = np.flatnonzero((radii >= region.radii[0]) & (radii <= region.radii[1]))
    upper = inside[len(inside) // 2 :]
    enough = sums.close[1:, upper].min(axis=1) >= ENOUGH
    last = int(np.flatnonzero(enough)[-1]) + 1 if enough.any() else 1
    some = slice(max(last - STEPS, 0), last + 1)
    rates = -np.diff(np.log(sums.sums[some, upper]), axis=0) / delay
    with np.errstate(divide="ignore", invalid="ignore"):
        without = -np.diff(np.log(sums.left_out[:, some][..., upper]), axis=1) / delay
    without = np.where(np.isfinite(without), without, rates)
    return _interval(float(rates.mean()), without.mean(axis=(1, 2)), float(rates.var()))


def _interval(value: float, without: Float64, spread: float) -> Estimate:
    """Nine tenths: the jackknife's error, and what the parts differ by."""
    sampling = (BLOCKS - 1) * float(without.var())
    half = NINETY * math.sqrt(sampling + spread)
    return Estimate(value, max(value - half, 0.0), value + half)


def _recurs(sums: CorrelationSums) -> bool:
    """Whether states return exactly, as often in many dimensions as in few: a fixed point, or a cycle of few samples."""
    same = sums.sums[:, 1]
    return bool(same[-1] > 0.5 * same[min(1, len(same) - 1)] and same[-1] > 1e-3)


def _reason(slopes: Slopes) -> str:
    """Why there is no region."""
    steps = np.diff(np.where(slopes.known, slopes.values, np.nan), axis=0)
    known = np.isfinite(steps)
    if known.any() and float(np.median(steps[known])) > GROWING:
        return "slopes grow with the embedding dimension as those of noise do: no dimension up to the largest one"
    return "no range of radii where slopes are the same in three embedding dimensions: record longer, or there is none"
