"""A smooth map that forecasts a series, and how fast near states part under it.

Radial basis functions on a straight line (M. Casdagli, "Nonlinear prediction of chaotic time series", Physica D 35, 1989)
from a delay vector, newest value first, to the value one delay later. Of several embeddings those count that forecast
half a period ahead best in parts of the series they did not see: a small error of the next value says little.
"""

from typing import NamedTuple

import numpy as np

from midstream_cli.attractor.kernels.radial import LANES, ahead, bumps, free_run, gradients
from midstream_cli.frames import Float64, Int64

RIDGES = 10.0 ** np.arange(-14, 0, 3)
"""Shares of the number of pairs that are added to the diagonal of the normal equations."""

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
    best: tuple[float, Float64, Float64, float] | None = None
    for relative in effort.widths:
        bumps(states, centres, relative * scale, features)
        found = _ridge(features, targets, seen)
        if found is not None and (best is None or found[0] < best[0]):
            best = (*found, relative)
    if best is None:
        return None
    _, held, weights, relative = best
    for each in (held, weights):
        each[len(centres) : -1] /= scale
    made = Forecast(layout, centres, relative * scale, held, relative, np.inf)
    unseen = np.flatnonzero(_held_back(count))
    return made._replace(weights=weights, error=_error(made, series, unseen, max(1, round(horizon / layout.delay))))


def _held_back(count: int) -> np.ndarray:
    """Which of so many places in time are kept back to choose by."""
    return (np.arange(count) * BLOCKS // count) % 4 == 1


def _ridge(features: Float64, targets: Float64, seen: int) -> tuple[float, Float64, Float64] | None:
    """The least error in what was kept back, the weights it was found with, and those learnt from everything.

    Args:
        features: shape (features, pairs), the first `seen` pairs those to learn from.
    """
    there, unseen = features[:, :seen], features[:, seen:]
    gram, side = there @ there.T, there @ targets[:seen]
    diagonal = np.eye(len(gram)) * len(targets)
    try:
        held = np.linalg.solve(
            gram + RIDGES[:, None, None] * diagonal, np.broadcast_to(side[:, None], (len(RIDGES), len(side), 1))
        )[:, :, 0]
        errors = ((held @ unseen - targets[seen:]) ** 2).mean(axis=1)
        which = int(errors.argmin())
        gram += unseen @ unseen.T + RIDGES[which] * diagonal
        weights = np.linalg.solve(gram, side + unseen @ targets[seen:])
    except np.linalg.LinAlgError:
        return None
    return float(errors[which]), held[which], weights


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
