"""The largest exponent by a learnt map: the best of several embeddings, along the series and as the map runs on its own.

Along the series, tangent vectors are carried by the map's gradients (J.-P. Eckmann, D. Ruelle, Rev. Mod. Phys. 57, 1985),
once as they are and once with what points along the flow taken out, so that two near exponents do not blur. On its own the
map visits far more of the attractor than a short series does: the series' own exponent over 30 periods may be a tenth off.
"""

import math
from typing import NamedTuple

import numpy as np

from midstream_cli.attractor.exponents.forecast import Effort, Forecast, Layout, learn, roam, states_of
from midstream_cli.frames import Float64, Int64

COARSE_PAIRS, COARSE_CENTRES, COARSE_SHARES = (800, 2000), (80, 120), (10, 160)
"""Least and most of the pairs and centres by which embeddings are compared; in between, so many samples take one more."""

WIDTHS, RIDGES = (0.5, 1.0), (1e-13, 1e-10, 1e-7, 1e-4)
"""What embeddings are compared with."""

FINE = Effort(3000, 240, (), ())
NARROWER = (0.6, 1.0)
"""Widths that are tried with many centres, in parts of the one that was best with few."""

NEARER = (1e-2, 1.0, 1e2)
"""The same of ridges; a short series does not tell them apart."""

SHORT = 2000
"""Samples."""

SPARE = 1
"""Maps that are learnt in place of ones that do not stay in the range of the series."""

FLOW_DIMENSIONS, MAP_DIMENSIONS = (4, 6, 8), (2, 3, 4, 5)
FRACTIONS = (24, 16, 11, 8)
"""Delays tried, in parts of a period."""

ALONG = 20_000
"""Samples along which tangents are carried at most, in a few long stretches."""

STRETCHES = 3
ROAMERS = (16, 32)
"""Of a short series, and of others."""

ROAMED, ROAMED_SHARE = (22, 60), 330
"""Least and most periods that each of the roamers runs; in between, so many samples take one more."""

SETTLING = 7
"""Periods of them that do not count."""

GENERATION = 12.0
"""Steps of a system without a period that are counted like one."""

BLOCKS = 8


class Learnt(NamedTuple):
    """What a learnt map says of the largest exponent, in nats a sample."""

    made: Forecast
    along: float
    """Along the series."""
    across: float
    """Along the series, across the flow."""
    alone: float
    """As the map runs on its own; nan where it does not stay in the series' range."""
    spread: float
    """Standard error of `across`, from equal parts of the series."""
    inside: float
    """The share of runs on its own that stay in the range."""

    @property
    def stays(self) -> bool:
        """Whether it stays where the series is: the gradients of a map that does not mean little."""
        return math.isfinite(self.alone)

    @property
    def votes(self) -> list[float]:
        """All that it says."""
        return [each for each in (self.along, self.across, self.alone) if math.isfinite(each)]


def layouts(count: int, period: float) -> list[Layout]:
    """The embeddings that are tried for a series of `count` samples."""
    if not math.isfinite(period):
        return [Layout(dimension, 1) for dimension in MAP_DIMENSIONS]
    delays = sorted({max(1, round(period / part)) for part in FRACTIONS})
    return [Layout(m, d) for m in FLOW_DIMENSIONS for d in delays if (m - 1) * d <= count // 4]


def learnt(series: Float64, period: float, seed: int, count: int = 2) -> list[Learnt]:
    """What the best maps say, best first, those that leave the series' range last; empty where none can be learnt.

    Args:
        series: shape (n,), of deviation 1.
        period: samples; nan for a map or where there is none.
        count: how many maps are learnt in full.
    """
    horizon = period / 2 if math.isfinite(period) else 2.0
    coarse = _coarse(len(series))
    tried = [learn(series, each, coarse, horizon, seed) for each in layouts(len(series), period)]
    good = sorted((each for each in tried if each is not None), key=lambda each: each.error)
    found: list[Learnt] = []
    for each in good[: count + SPARE]:
        widths = tuple(each.relative * factor for factor in NARROWER)
        ridges = tuple(each.ridge * factor for factor in NEARER) if len(series) > SHORT else (each.ridge,)
        made = learn(series, each.layout, FINE._replace(widths=widths, ridges=ridges), horizon, seed)
        if made is not None:
            found.append(_judged(made, series, period))
        if sum(each.stays for each in found) == count:
            break
    return sorted(found, key=lambda each: (not each.stays, each.made.error))


def _coarse(count: int) -> Effort:
    """By which embeddings are compared: more of what a long series has to tell, for which there is time."""
    pairs = int(np.clip(count // COARSE_SHARES[0], *COARSE_PAIRS))
    return Effort(pairs, int(np.clip(count // COARSE_SHARES[1], *COARSE_CENTRES)), WIDTHS, RIDGES)


def _judged(made: Forecast, series: Float64, period: float) -> Learnt:
    delay = made.layout.delay
    count = len(series) - made.layout.span + delay
    unit = period if math.isfinite(period) else GENERATION
    along, across = _growth(made, series, _stretches(count), round(SETTLING * unit / delay), period)
    low, high = float(series.min()), float(series.max())
    margin = 0.15 * (high - low)
    roamers = ROAMERS[len(series) > SHORT]
    begin = states_of(series, made.layout, np.linspace(0, count - 1, roamers).astype(np.int64))
    steps, settling = (int(each * unit / delay) for each in (np.clip(len(series) // ROAMED_SHARE, *ROAMED), SETTLING))
    free = roam(made, begin, steps, settling, (low - margin, high + margin))
    inside = len(free) / roamers
    alone = float(free.mean()) if inside > 0.5 else math.nan
    spread = float(across.std(ddof=1) / math.sqrt(len(across)))
    return Learnt(made, float(along.mean()), float(across.mean()), alone, spread, inside)


def _stretches(count: int) -> list[tuple[int, int]]:
    """First and one past the last state of the stretches along which tangents are carried."""
    if count <= ALONG:
        return [(0, count)]
    length = ALONG // STRETCHES
    return [(int(first), int(first) + length) for first in np.linspace(0, count - length, STRETCHES)]


def _growth(
    made: Forecast, series: Float64, stretches: list[tuple[int, int]], unsettled: int, period: float
) -> tuple[Float64, Float64]:
    """Growth along the series, and of that the part across the flow, in nats a sample, in equal parts of the way."""
    from midstream_cli.attractor.kernels.divergence import grow

    delay = made.layout.delay
    flow = math.isfinite(period)
    offsets: Int64 = np.unique(np.linspace(0, delay - 1, min(delay, 4)).astype(np.int64))
    parts: tuple[list[Float64], list[Float64]] = [], []
    for first, last in stretches:
        columns = states_of(series, made.layout, np.arange(first, last))
        here, gradient = np.ascontiguousarray(columns.T), np.ascontiguousarray(made.gradients(columns).T)
        steps = (len(here) - delay) // delay
        scratch = np.empty(here.shape[1])
        directions = flow_of(here) if flow else here
        for across in range(1 + flow):
            sums = np.zeros(max(1, BLOCKS // len(stretches)))
            settling = min(unsettled, 20) if across else unsettled
            grow(gradient, directions, offsets, steps, delay, min(settling, steps // 3), across, scratch, sums)
            parts[across].append(sums / (len(offsets) * delay))
    along = np.concatenate(parts[0])
    return along, np.concatenate(parts[1]) if flow else along


def flow_of(states: Float64) -> Float64:
    """Unit vectors along a trajectory, by differences of the fourth order; shape (n, dimension), at least 5 states."""
    flow = np.empty_like(states)
    flow[2:-2] = 8.0 * (states[3:-1] - states[1:-3]) - (states[4:] - states[:-4])
    flow[:2], flow[-2:] = flow[2], flow[-3]
    length = np.sqrt((flow * flow).sum(axis=1))
    found: Float64 = flow / np.where(length > 0, length, 1.0)[:, None]
    return found
