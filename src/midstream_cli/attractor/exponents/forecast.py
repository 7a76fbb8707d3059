"""A smooth map that forecasts a series, and how fast near states part under it.

Radial basis functions on a straight line (M. Casdagli, "Nonlinear prediction of chaotic time series", Physica D 35, 1989)
from a delay vector, newest value first, to the value one delay later. Of several embeddings those count that forecast
half a period ahead best in parts of the series they did not see: a small error of the next value says little.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from midstream_cli.attractor.kernels.radial import LANES, ahead, bumps, free_run, gradients
from midstream_cli.frames import Float64, Int64

BLOCKS = 10
"""Equal parts of the series; of each four in a row, one is kept back to choose by."""

STARTS = 300
"""Forecasts half a period ahead that are made to choose by."""

FAR = 6.0
"""Deviations beyond which a forecast is not followed."""


class Layout(NamedTuple):
    """A delay embedding, in samples."""

    dimension: int
    delay: int

    @property
    def span(self) -> int:
        """From a vector's oldest value to the value that is forecast from it."""
        return self.dimension * self.delay


class Effort(NamedTuple):
    """How much a map may cost."""

    pairs: int
    centres: int
    widths: tuple[float, ...]
    """Of the radial basis functions, in root mean squares of the delay vectors."""
    ridges: tuple[float, ...]
    """Shares of the number of pairs that are added to the diagonal of the normal equations."""


class _Ridge(NamedTuple):
    """Weights, and what they were found with."""

    error: float
    """Mean square, of what was kept back."""
    weights: Float64
    """Without what was kept back."""
    relative: float
    ridge: float
    gram: Float64
    """The normal equations of everything, the ridge added."""
    side: Float64


class Forecast(NamedTuple):
    """A map from delay vectors to the value one delay later."""

    layout: Layout
    centres: Float64
    """Shape (count, dimension)."""
    width: float
    weights: Float64
    """Of the centres, of the vector's values, of 1."""
    relative: float
    """The width in root mean squares of the delay vectors."""
    ridge: float
    error: float
    """Root mean square error half a period ahead where it was not learnt, over the deviation: about 1 for noise."""

    def gradients(self, states: Float64) -> Float64:
        """The gradient at each state, of states in columns; shape (dimension, n)."""
        out = np.empty(states.shape)
        gradients(states, self.centres, self.weights, self.width, out)
        return out


def states_of(series: Float64, layout: Layout, at: Int64) -> Float64:
    """Delay vectors whose oldest values are at these samples, in columns, newest value first; shape (dimension, n)."""
    return np.stack([series[at + back * layout.delay] for back in reversed(range(layout.dimension))])


def learn(series: Float64, layout: Layout, effort: Effort, horizon: float, seed: int) -> Forecast | None:
    """Learn a map, and measure what it is worth; None where the series is too short or too rough for it.

    Args:
        series: shape (n,), of deviation 1.
        horizon: samples ahead by which it is measured.
    """
    count = len(series) - layout.span
    if count < 4 * BLOCKS:
        return None
    at = np.linspace(0, count - 1, min(count, effort.pairs)).astype(np.int64)
    held_back = _held_back(len(at))
    random = np.random.default_rng(seed)
    around = at[random.permutation(len(at))[: min(effort.centres, len(at) // 4)]]
    at = np.concatenate([at[~held_back], at[held_back]])
    states, targets, seen = states_of(series, layout, at), series[at + layout.span], len(at) - int(held_back.sum())
    scale = float(np.sqrt((states * states).sum(axis=0).mean()))
    centres = np.ascontiguousarray(states_of(series, layout, around).T)
    features = np.empty((len(centres) + layout.dimension + 1, len(at)))
    features[len(centres) : -1] = states / scale
    features[-1] = 1.0
    found: list[_Ridge] = []
    for relative in effort.widths:
        bumps(states, centres, relative * scale, features)
        found += _ridge(features, targets, seen, relative, effort.ridges)
    found = [each for each in found if np.isfinite(each.error)]
    if not found:
        return None
    best = min(found, key=lambda each: each.error)
    weights = np.array(np.linalg.solve(best.gram, best.side), np.float64)
    for each in (best.weights, weights):
        each[len(centres) : -1] /= scale
    made = Forecast(layout, centres, best.relative * scale, best.weights, best.relative, best.ridge, np.inf)
    unseen = np.flatnonzero(_held_back(count))
    return made._replace(weights=weights, error=_error(made, series, unseen, max(1, round(horizon / layout.delay))))


def _held_back(count: int) -> npt.NDArray[np.bool_]:
    """Which of so many places in time are kept back to choose by."""
    found: npt.NDArray[np.bool_] = (np.arange(count) * BLOCKS // count) % 4 == 1
    return found


def _ridge(features: Float64, targets: Float64, seen: int, relative: float, ridges: tuple[float, ...]) -> list[_Ridge]:
    """The ridge that errs least in what was kept back, if there is one.

    Args:
        features: shape (features, pairs), the first `seen` pairs those to learn from.
    """
    there, unseen = features[:, :seen], features[:, seen:]
    gram, side = there @ there.T, there @ targets[:seen]
    matrices = np.repeat(gram[None], len(ridges), axis=0)
    diagonal = np.arange(len(gram))
    matrices[:, diagonal, diagonal] += len(targets) * np.array(ridges)[:, None]
    try:
        held = np.linalg.solve(matrices, np.broadcast_to(side[:, None], (len(ridges), len(side), 1)))[:, :, 0]
    except np.linalg.LinAlgError:
        return []
    errors = ((held @ unseen - targets[seen:]) ** 2).mean(axis=1)
    which = int(np.where(np.isfinite(errors), errors, np.inf).argmin())
    more = unseen @ unseen.T, unseen @ targets[seen:]
    return [
        _Ridge(float(errors[which]), held[which], relative, ridges[which], matrices[which] + more[0], side + more[1])
    ]


def _error(made: Forecast, series: Float64, unseen: Int64, steps: int) -> float:
    """Root mean square error of forecasts `steps` delays ahead from where the map was not learnt."""
    layout = made.layout
    last = (layout.dimension - 1 + steps) * layout.delay
    begin = unseen[unseen < len(series) - last]
    if len(begin) == 0:
        return np.inf
    begin = begin[np.linspace(0, len(begin) - 1, max(min(len(begin), STARTS), LANES)).astype(np.int64)]
    states, found = states_of(series, layout, begin), np.empty(len(begin))
    ahead(states, made.centres, made.weights, made.width, steps, FAR, np.empty(layout.dimension * LANES), found)
    return float(np.sqrt(((found - series[begin + last]) ** 2).mean()))


def roam(made: Forecast, begin: Float64, steps: int, unsettled: int, bounds: tuple[float, float]) -> Float64:
    """How fast near states part while the map runs on its own: nats a sample, of each start that stays within bounds.

    Args:
        begin: delay vectors in columns, shape (dimension, starts).
        unsettled: so many steps do not count.
    """
    size, starts = begin.shape
    tangents = np.random.default_rng(0).standard_normal(begin.shape)
    growth, inside = np.empty(starts), np.empty(starts, np.int64)
    free_run(
        begin, tangents, made.centres, made.weights, made.width, steps, unsettled, *bounds, np.empty(2 * size * LANES),
        growth, inside,
    )  # fmt: skip
    found: Float64 = growth[inside == 1] / ((steps - unsettled) * made.layout.delay)
    return found
