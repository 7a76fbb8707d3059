"""A smooth map that forecasts a series, and how fast near states part under it.

Radial basis functions on a straight line (M. Casdagli, "Nonlinear prediction of chaotic time series", Physica D 35, 1989)
from a delay vector, newest value first, to the value one delay later. Of several embeddings those count that forecast
half a period ahead best in parts of the series they did not see: a small error of the next value says little.
"""

from typing import NamedTuple

import numpy as np

from midstream_cli.attractor.embedding.delay_vectors import embed
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
    width: float
    scale: float
    weights: Float64
    """Of the centres, of the vector's values in units of `scale`, of 1."""
    relative: float
    """The width in units of `scale`."""
    next_error: float
    """Root mean square error of the next value where it was not seen, over the deviation: about 1 for noise."""
    error: float
    """The same half a period ahead."""

    def step(self, states: Float64) -> tuple[Float64, Float64]:
        """The value that follows each delay vector, and its gradient; shapes (q,) and (q, dimension)."""
        count, size = len(self.centres), states.shape[1]
        bumps = _bumps(states, self.centres, self.width)
        radial, linear = self.weights[:count], self.weights[count : count + size] / self.scale
        value = bumps @ radial + states @ linear + self.weights[-1]
        bumps *= radial
        gradient = (bumps @ self.centres - bumps.sum(axis=1)[:, None] * states) / self.width**2 + linear
        return value, gradient


def states_of(series: Float64, layout: Layout) -> Float64:
    """Delay vectors, newest value first."""
    return np.ascontiguousarray(embed(series, layout.dimension, layout.delay)[:, ::-1])


def learn(series: Float64, layout: Layout, effort: Effort, horizon: float, seed: int) -> Forecast | None:
    """Learn a map, and measure what it is worth; None where the series is too short or too rough for it.

    Args:
        series: shape (n,), of deviation 1.
        horizon: samples ahead by which it is measured.
    """
    states = states_of(series, layout)
    delay = layout.delay
    count = len(states) - delay
    if count < 4 * BLOCKS:
        return None
    steps = max(1, round(horizon / delay))
    at = np.linspace(0, count - 1, min(count, effort.pairs)).astype(np.int64)
    points, targets = states[at], states[at + delay, 0]
    scale = float(np.sqrt((points * points).sum(axis=1).mean()))
    random = np.random.default_rng(seed)
    centres = points[random.permutation(len(points))[: min(effort.centres, len(points) // 4)]]
    back = (np.arange(len(points)) * BLOCKS // len(points)) % 4 == 1
    best = None
    for relative in effort.widths:
        features = _features(points, centres, relative * scale, scale)
        found = _ridge(features, targets, back)
        if found is not None and (best is None or found[0] < best[0]):
            best = (*found, relative)
    if best is None:
        return None
    error, held, weights, relative = best
    made = Forecast(layout, centres, relative * scale, scale, held, relative, error, np.inf)
    unseen = np.flatnonzero((np.arange(count) * BLOCKS // count) % 4 == 1)
    ahead = _error(made, states, unseen, steps)
    return made._replace(weights=weights, error=ahead)


def _bumps(states: Float64, centres: Float64, width: float) -> Float64:
    bumps = states @ (centres.T / width**2)
    bumps -= (states * states).sum(axis=1)[:, None] / (2 * width**2)
    bumps -= (centres * centres).sum(axis=1) / (2 * width**2)
    np.minimum(bumps, 0.0, out=bumps)
    found: Float64 = np.exp(bumps, out=bumps)
    return found


def _features(states: Float64, centres: Float64, width: float, scale: float) -> Float64:
    return np.concatenate([_bumps(states, centres, width), states / scale, np.ones((len(states), 1))], axis=1)


def _ridge(features: Float64, targets: Float64, back: np.ndarray) -> tuple[float, Float64, Float64] | None:
    """The least error in what was kept back, the weights it was found with, and those learnt from everything."""
    there, unseen = features[~back], features[back]
    gram, side = there.T @ there, there.T @ targets[~back]
    diagonal = np.eye(len(gram)) * len(features)
    try:
        held = np.linalg.solve(
            gram + RIDGES[:, None, None] * diagonal, np.broadcast_to(side[:, None], (len(RIDGES), len(side), 1))
        )
        errors = ((unseen @ held[:, :, 0].T - targets[back][:, None]) ** 2).mean(axis=0)
        which = int(errors.argmin())
        gram += unseen.T @ unseen + RIDGES[which] * diagonal
        weights = np.linalg.solve(gram, side + unseen.T @ targets[back])
    except np.linalg.LinAlgError:
        return None
    return float(np.sqrt(errors[which] / max(targets.var(), 1e-300))), held[which, :, 0], weights


def _error(made: Forecast, states: Float64, unseen: Int64, steps: int) -> float:
    """Root mean square error of forecasts `steps` delays ahead from where the map was not learnt."""
    delay = made.layout.delay
    begin = unseen[unseen < len(states) - steps * delay]
    if len(begin) == 0:
        return np.inf
    begin = begin[np.linspace(0, len(begin) - 1, min(len(begin), STARTS)).astype(np.int64)]
    here = states[begin]
    for _ in range(steps):
        here = _shifted(here, made.step(here)[0])
    return float(np.sqrt(((here[:, 0] - states[begin + steps * delay, 0]) ** 2).mean()))


def _shifted(states: Float64, value: Float64) -> Float64:
    return np.concatenate([np.clip(value, -FAR, FAR)[:, None], states[:, :-1]], axis=1)


def roam(made: Forecast, begin: Float64, steps: int, unsettled: int, bounds: tuple[float, float]) -> Float64:
    """How fast near states part while the map runs on its own: nats a sample, of each start that stays within bounds.

    Args:
        begin: delay vectors, shape (starts, dimension).
        unsettled: so many steps do not count.
    """
    from midstream_cli.attractor.kernels.free_run import free_run

    count, size = len(made.centres), begin.shape[1]
    linear = np.append(made.weights[count : count + size] / made.scale, made.weights[-1])
    tangents = np.random.default_rng(0).standard_normal(begin.shape)
    growth, inside = np.zeros(len(begin)), np.ones(len(begin), np.int64)
    centres = np.ascontiguousarray(made.centres.T)
    radial = np.ascontiguousarray(made.weights[:count])
    free_run(
        centres, radial, linear, made.width, begin.copy(), tangents, steps, unsettled, bounds[0], bounds[1],
        np.empty(count), growth, inside,
    )  # fmt: skip
    found: Float64 = growth[inside == 1] / ((steps - unsettled) * made.layout.delay)
    return found
