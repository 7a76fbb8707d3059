"""A smooth map of the whole attractor, learnt from a series: delay vector in, the next value out.

A parabola and radial basis functions (M. Casdagli, "Nonlinear prediction of chaotic time series", Physica D 35, 1989), ridge
regression, and a width and a ridge that cross-validation over stretches of time chooses. Noise in the delay vectors flattens
a map that is learnt from them: where the forecasts err, the series is moved to one that the map nearly follows, and the map
is learnt again from that (J. D. Farmer, J. J. Sidorowich, "Optimal shadowing and noise reduction", Physica D 47, 1991).
"""

from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from midstream_cli.attractor.embedding.embedding import Embedding
from midstream_cli.attractor.embedding.sampling import columns_of, standardised
from midstream_cli.attractor.exponents.basis import Learnt, learn
from midstream_cli.attractor.exponents.chains import Chains, cut
from midstream_cli.attractor.exponents.smoothing import smoothed
from midstream_cli.errors import InsufficientData
from midstream_cli.frames import Float64, Int64

CENTRES = 120
MOST_PAIRS = 2500
"""Pairs a map is learnt from; more of them are thinned to so many, evenly."""

WIDTHS = (0.5, 1.0, 2.0)
RIDGES = (1e-13, 1e-11, 1e-9, 1e-7, 1e-5, 1e-3)
FOLDS = 6
JITTER = 1e-3
"""Noise that is added to the states a map is learnt from, over the deviation: what no data tell shall be flat."""

STATE_JITTER = 1e-4
"""The same where several channels are the state itself: nothing is folded there."""

CLEAN, NOISE = 0.012, 0.8
"""Errors of a forecast, over the deviation: below, the series is clean; above, there is nothing to follow."""

ROUNDS = 3
TRUST = 0.3
"""How far from the map's forecasts a clean series may lie, over how far from what was observed."""

STRIDE = 0.3
"""No value is moved further at once, over the deviation."""

SETTLING = 10
"""Steps until a box that a map carries along is turned as the motion turns it."""


class Layout(Protocol):
    """What of an embedding a map needs."""

    @property
    def delay(self) -> int:
        """Samples between the values of a delay vector; a map goes so many forward."""

    @property
    def dimension(self) -> int:
        """Values of a delay vector."""


def finer(embedding: Embedding) -> Embedding:
    """An embedding with half the delay: what a map does in less time is less folded, and learnt from fewer samples."""
    return embedding._replace(delay=(embedding.delay + 1) // 2)


class GlobalMap(NamedTuple):
    """A map from delay vectors, oldest value first, to the value `delay` samples after their last."""

    dimension: int
    delay: int
    channels: int
    cv_error: float
    """Root mean square of what it errs by in stretches it did not see, over the deviation, as observed: about 1 for noise."""
    noise: float
    """How far the series was moved to follow the map, root mean square over the deviation; 0 where it is clean."""
    residual: float
    """As `cv_error`, of the series that was moved."""
    mean: Float64
    scale: Float64
    learnt: Learnt
    chains: Chains
    """The states along the series, as they were moved."""

    @property
    def step(self) -> int:
        """Samples the map goes forward."""
        return self.delay

    def predict(self, points: Float64) -> Float64:
        """The value that follows each delay vector.

        Args:
            points: shape (q, dimension * channels), in units of the series, oldest value first.

        Returns:
            Shape (q, channels).
        """
        found: Float64 = self.learnt.basis.values(self._standard(points)) @ self.learnt.weights * self.scale + self.mean
        return found

    def jacobian(self, points: Float64) -> Float64:
        """How the value that follows changes with each value of a delay vector.

        Args:
            points: as for `predict`.

        Returns:
            Shape (q, channels, dimension * channels).
        """
        found = self.learnt.basis.gradients(self._standard(points), self.learnt.weights)
        return found * self.scale[:, None] / np.tile(self.scale, self.dimension)

    def _standard(self, points: Float64) -> Float64:
        return (points - np.tile(self.mean, self.dimension)) / np.tile(self.scale, self.dimension)


def fit(x: npt.ArrayLike, embedding: Layout, *, seed: int = 0, clean: bool = True) -> GlobalMap:
    """Learn a map from a series.

    The work is bounded: of a long series, stretches are looked at.

    Args:
        x: shape (n,) or (n, channels), finite.
        embedding: delay in samples, and dimension.
        seed: chooses the centres and the jitter.
        clean: take noise off; without, the map is learnt from what was observed.

    Raises:
        InsufficientData: the series is too short to learn a map of it and to test it.
    """
    z = columns_of(standardised(x))
    series = columns_of(np.asarray(x, dtype=np.float64))
    delay, dimension = embedding.delay, embedding.dimension
    channels = series.shape[1]
    needed = dimension * delay + max(60, 20 * dimension * channels)
    if len(series) < needed:
        raise InsufficientData(needed, len(series), "a map of the attractor")
    mean = series.mean(axis=0)
    scale = series.std(axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    observed = cut(smoothed(z) if clean else z, dimension, delay)
    random = np.random.default_rng(seed)
    learnt = _learnt(observed, random, WIDTHS, RIDGES)
    error, moved = learnt.error, observed
    if clean and CLEAN < error < NOISE:
        for _ in range(ROUNDS):
            moved = moved.towards(observed, learnt, TRUST, STRIDE)
            width = learnt.basis.width / float(np.sqrt(dimension * channels))
            learnt = _learnt(moved, random, (width,), RIDGES)
        moved = moved.towards(observed, learnt, TRUST, STRIDE)
    noise = float(np.sqrt(((moved.values - observed.values) ** 2).mean()))
    return GlobalMap(dimension, delay, channels, error, noise, learnt.error, mean, scale, learnt, moved)


def _learnt(
    chains: Chains, random: np.random.Generator, widths: tuple[float, ...], ridges: tuple[float, ...]
) -> Learnt:
    states, targets = chains.pairs(MOST_PAIRS)
    count = len(states)
    centres = states[random.permutation(count)[: min(CENTRES, count // 4)]]
    jitter = JITTER if chains.dimension > 1 or states.shape[1] == 1 else STATE_JITTER
    states = states + jitter * random.standard_normal(states.shape)
    return learn(states, targets, centres, widths, ridges, FOLDS)


def growths(found: GlobalMap, x: npt.ArrayLike | None = None) -> tuple[Int64, Float64]:
    """How fast small boxes grow along a series.

    Args:
        x: shape (n,) or (n, channels): a series like that the map was learnt from; that one if not given.

    Returns:
        When each state was, shape (q,), in samples; and the logarithm of how much each edge grew from there to the next state,
        shape (q, dimension * channels).
    """
    from midstream_cli.attractor.kernels.tangent import growths as kernel

    chains = found.chains if x is None else _like(found, columns_of(np.asarray(x, dtype=np.float64)))
    states, when, settled = chains.along(SETTLING)
    gradients = np.ascontiguousarray(found.learnt.basis.gradients(states, found.learnt.weights))
    inputs = states.shape[1]
    grown = np.empty((len(states), inputs))
    kernel(gradients, np.eye(inputs), np.empty((inputs, inputs)), grown)
    return when[settled], grown[settled]


def _like(found: GlobalMap, series: Float64) -> Chains:
    """The states along another series, moved as those were that the map was learnt from."""
    z = (series - found.mean) / found.scale
    observed = cut(smoothed(z) if found.noise else z, found.dimension, found.delay)
    moved = observed
    for _ in range(ROUNDS if found.noise else 0):
        moved = moved.towards(observed, found.learnt, TRUST, STRIDE)
    return moved


def exponents(found: GlobalMap, x: npt.ArrayLike | None = None, count: int | None = None) -> Float64:
    """Lyapunov exponents of a map along a series, greatest first, in nats per sample.

    Args:
        x: shape (n,) or (n, channels): a series like that the map was learnt from; that one if not given.
        count: so many of the greatest; all of them if not given.

    Source: J.-P. Eckmann, D. Ruelle, "Ergodic theory of chaos and strange attractors", Rev. Mod. Phys. 57, 1985.
    """
    _, grown = growths(found, x)
    per_sample: Float64 = np.sort(grown.mean(axis=0))[::-1][:count] / found.step
    return per_sample
