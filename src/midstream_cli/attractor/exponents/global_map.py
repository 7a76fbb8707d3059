"""A smooth map of the whole attractor, learnt from a series: delay vector in, the next value out.

Radial basis functions on a straight line (M. Casdagli, "Nonlinear prediction of chaotic time series", Physica D 35, 1989),
ridge regression, and a width and a ridge that blocked cross-validation chooses.
"""

from typing import NamedTuple, Protocol

import numpy as np

from midstream_cli.errors import InsufficientData
from midstream_cli.frames import Float64

CENTRES = 120
MOST_PAIRS = 4000
"""Pairs a map is learnt from; more of them are thinned to so many, evenly."""

WIDTHS = (0.7, 1.5, 3.0, 6.0)
RIDGES = (1e-13, 1e-11, 1e-9, 1e-7, 1e-5, 1e-3)
FOLDS = 6
JITTER = 1e-3


class Layout(Protocol):
    """What of an embedding a map needs."""

    @property
    def delay(self) -> int:
        """Samples between the values of a delay vector."""

    @property
    def dimension(self) -> int:
        """Values of a delay vector."""


class GlobalMap(NamedTuple):
    """A map from delay vectors, oldest value first, to the value `step` samples after their last."""

    dimension: int
    delay: int
    step: int
    channels: int
    cv_error: float
    """Root mean square of what it errs by in parts of the series it did not see, over the deviation: about 1 for noise."""
    mean: Float64
    scale: Float64
    centres: Float64
    width: float
    weights: Float64

    def predict(self, points: Float64) -> Float64:
        """The value that follows each delay vector.

        Args:
            points: shape (q, dimension * channels), in units of the series.

        Returns:
            Shape (q, channels).
        """
        z = (points - np.tile(self.mean, self.dimension)) / np.tile(self.scale, self.dimension)
        found: Float64 = _features(z, self.centres, self.width) @ self.weights * self.scale + self.mean
        return found

    def jacobian(self, points: Float64) -> Float64:
        """How the value that follows changes with each value of a delay vector.

        Args:
            points: shape (q, dimension * channels), in units of the series.

        Returns:
            Shape (q, channels, dimension * channels).
        """
        scale = np.tile(self.scale, self.dimension)
        z = (points - np.tile(self.mean, self.dimension)) / scale
        count, inputs = z.shape
        bumps = _bumps(z, self.centres, self.width)
        found = np.empty((count, self.channels, inputs))
        radial = self.weights[1 + inputs :]
        for channel in range(self.channels):
            weighted = bumps * radial[:, channel]
            pull = weighted @ self.centres - weighted.sum(axis=1)[:, None] * z
            found[:, channel] = self.weights[1 : 1 + inputs, channel] + pull / self.width**2
        return found * self.scale[:, None] / scale


def fit(x: Float64, embedding: Layout, *, step: int | None = None, seed: int = 0) -> GlobalMap:
    """Learn a map from a series.

    Args:
        x: shape (n,) or (n, channels), finite.
        embedding: delay in samples, and dimension.
        step: samples the map goes forward; the delay if not given.
        seed: chooses the centres and the jitter.

    Raises:
        InsufficientData: the series is too short to learn a map of it and to test it.
    """
    series = x[:, None] if x.ndim == 1 else x
    delay, dimension = embedding.delay, embedding.dimension
    step = delay if step is None else step
    span = (dimension - 1) * delay + step
    channels = series.shape[1]
    needed = span + max(60, 20 * dimension * channels)
    if len(series) < needed:
        raise InsufficientData(needed, len(series), "a map of the attractor")
    mean, scale = series.mean(axis=0), series.std(axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    z = (series - mean) / scale
    points, targets = _pairs(z, dimension, delay, step)
    random = np.random.default_rng(seed)
    thin = np.linspace(0, len(points) - 1, min(len(points), MOST_PAIRS)).astype(np.intp)
    points, targets = points[thin], targets[thin]
    centres = points[random.permutation(len(points))[: min(CENTRES, len(points) // 5)]]
    points = points + JITTER * random.standard_normal(points.shape)
    error, width, weights = _chosen(points, targets, centres)
    return GlobalMap(dimension, delay, step, channels, error, mean, scale, centres, width, weights)


def _pairs(z: Float64, dimension: int, delay: int, step: int) -> tuple[Float64, Float64]:
    """Delay vectors, oldest first, and what follows each."""
    count = len(z) - (dimension - 1) * delay - step
    points = np.concatenate([z[k * delay : k * delay + count] for k in range(dimension)], axis=1)
    return points, z[-count:]


def _bumps(z: Float64, centres: Float64, width: float) -> Float64:
    squared = (z * z).sum(axis=1)[:, None] + (centres * centres).sum(axis=1) - 2.0 * (z @ centres.T)
    bumps: Float64 = np.exp(np.maximum(squared, 0.0) * (-0.5 / width**2))
    return bumps


def _features(z: Float64, centres: Float64, width: float) -> Float64:
    return np.concatenate([np.ones((len(z), 1)), z, _bumps(z, centres, width)], axis=1)


def _chosen(points: Float64, targets: Float64, centres: Float64) -> tuple[float, float, Float64]:
    """The least cross-validated error, the width it was found with, and the weights."""
    best: tuple[float, float, float, Float64, Float64] | None = None
    spread = float(np.sqrt(points.shape[1]))
    for relative in WIDTHS:
        width = relative * spread
        features = _features(points, centres, width)
        folds = np.array_split(np.arange(len(points)), FOLDS)
        grams = np.array([features[fold].T @ features[fold] for fold in folds])
        sides = np.array([features[fold].T @ targets[fold] for fold in folds])
        gram, side = grams.sum(axis=0), sides.sum(axis=0)
        for ridge in RIDGES:
            penalty = ridge * len(points) * np.eye(len(gram))
            squares = 0.0
            for fold, g, s in zip(folds, grams, sides, strict=True):
                weights = np.linalg.solve(gram - g + penalty, side - s)
                squares += float(((features[fold] @ weights - targets[fold]) ** 2).sum())
            error = float(np.sqrt(squares / targets.size))
            if best is None or error < best[0]:
                best = error, width, ridge, gram + penalty, side
    assert best is not None
    return best[0], best[1], np.linalg.solve(best[3], best[4])


def exponents(found: GlobalMap, x: Float64, count: int | None = None) -> Float64:
    """Lyapunov exponents of a map along a series, greatest first, in nats per sample.

    Args:
        x: shape (n,) or (n, channels): the series the map was learnt from, or another of its kind.
        count: so many of the greatest; all of them if not given.

    Source: J.-P. Eckmann, D. Ruelle, "Ergodic theory of chaos and strange attractors", Rev. Mod. Phys. 57, 1985.
    """
    series = x[:, None] if x.ndim == 1 else x
    points, _ = _pairs(series, found.dimension, found.delay, found.step)
    inputs = points.shape[1]
    gradients = found.jacobian(points)
    if found.step != found.delay and found.dimension > 1:
        raise NotImplementedError
    total = np.zeros(inputs)
    steps = 0
    for start in range(found.step):
        frame = np.eye(inputs)
        for k, g in enumerate(gradients[start :: found.step]):
            jacobian = np.vstack([np.eye(inputs)[found.channels :], g]) if found.dimension > 1 else g
            frame, r = np.linalg.qr(jacobian @ frame)
            if k >= 10:
                total += np.log(np.maximum(np.abs(np.diag(r)), 1e-300))
                steps += 1
        if steps > 2000:
            break
    return np.sort(total / max(steps, 1) / found.step)[::-1][:count]
