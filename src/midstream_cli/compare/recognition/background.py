"""What a stream is like while nothing moves, and the coordinates in which that is white noise of unit variance."""

from dataclasses import dataclass

import numpy as np

from midstream_cli.compare.signatures.signature import Background
from midstream_cli.errors import UsageError
from midstream_cli.frames import Float64

STEADY, LESS = 1e-9, 0.02
"""The least unit of a channel: as a share of its mean, and of what is usual among the channels."""
TINY = 1e-290
"""What is less is divided by this instead: its inverse is a number still."""
GAIN_DIMS, GAIN_SPREAD = 8, 0.05
"""From so many channels on, a factor that all have in common is allowed to vary by so much."""
ROUNDS, OUTLYING = 3, 3.0
"""How often vectors are weighed anew, and times the median energy, beyond which none counts for more (P. J. Huber)."""
LEAST_LEFT = 1e-6
"""Part of the mean variance that is added to each: channels that follow from others have none of their own."""
LONGEST, FADED = 64, 0.1
"""Lags that are looked at, and the autocorrelation from which on the rest is chance."""


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """Mean and whitening of idle vectors of d dimensions."""

    mean: Float64
    """Shape (d,)."""
    unit: Float64
    """Shape (d,): what each channel is divided by first."""
    whitening: Float64
    """Shape (d, d), lower triangular: of displacements in units."""
    correlation: float = 1.0
    """Vectors that tell as much as one independent one; 1 where they are independent."""

    @classmethod
    def of(cls, vectors: Float64, *, least: Float64 | float = 0.0, around: Float64 | None = None) -> "Model":
        """The model that idle vectors of shape (n, d) describe.

        The covariance of the channels, in units of their deviations, is drawn towards none at all as far as n says it must
        be: Y. Chen et al., "Shrinkage algorithms for MMSE covariance estimation", IEEE Trans. Signal Processing 58, 2010,
        equation 23 (OAS), with n the number of vectors that are independent.

        Args:
            least: the least unit of each channel.
            around: the mean of which gain is a multiple, where the vectors are displacements from it already.

        Raises:
            UsageError: fewer than two vectors, or numbers that are not finite.
        """
        if vectors.ndim != 2 or len(vectors) < 2 or not np.isfinite(vectors).all():
            raise UsageError("a background needs two finite vectors at least", "give a longer stretch")
        # squares of numbers near 1e200 or 1e-200 are none
        exponent = int(np.frexp(np.abs(vectors).max())[1])
        vectors, least = np.ldexp(vectors, -exponent), np.ldexp(least, -exponent)
        around = None if around is None else np.ldexp(around, -exponent)
        middle = np.zeros(vectors.shape[1]) if around is not None else np.median(vectors, axis=0)
        about = middle if around is None else around
        unit = units(np.sqrt(np.square(vectors - middle).mean(axis=0)), about, least)
        independent = float(len(vectors))
        share = np.ones(len(vectors))
        white = vectors
        for _ in range(ROUNDS):
            if around is None:
                middle = about = share @ vectors / share.sum()
            scaled = (vectors - middle) / unit
            moments = shrunk((share * scaled.T) @ scaled / share.sum(), independent)
            inverse = whitening(moments, about / unit)
            white = scaled @ inverse.T
            energy = np.square(white).mean(axis=1)
            share = np.minimum(1.0, OUTLYING * np.median(energy) / np.maximum(energy, TINY))
            independent = len(vectors) / correlation_time(white)
        deviation = np.sqrt(share @ np.square(vectors - middle) / share.sum())
        final = units(deviation, about, least)
        inverse = inverse * (final / unit)
        unit = np.maximum(np.ldexp(final, exponent), TINY)
        return cls(np.ldexp(middle, exponent), unit, inverse, len(vectors) / independent)

    @classmethod
    def stored(cls, background: Background, *, least: Float64 | float = 0.0) -> "Model":
        """The model of a signature's background; channels are independent where it says nothing of their covariance."""
        unit = units(background.deviation, background.mean, least)
        moments = np.diag(np.square(background.deviation / unit))
        if background.covariance is not None:
            independent = (background.count or len(unit)) / max(1.0, background.correlation)
            alike = background.covariance / unit[:, None] / unit
            # what is too small to be squared has no covariance
            np.fill_diagonal(alike, np.diag(moments))
            moments = shrunk(alike, independent)
        return cls(background.mean, unit, whitening(moments, background.mean / unit), max(1.0, background.correlation))

    def whiten(self, displacements: Float64) -> Float64:
        """Displacements from the mean, shape (n, d), where the background is white and of unit variance."""
        white: Float64 = displacements / self.unit @ self.whitening.T
        return white


def units(deviation: Float64, mean: Float64, least: Float64 | float) -> Float64:
    """What channels are divided by, shape (d,): deviations, or where a channel hardly moves, what is usual among the others."""
    moving = deviation[deviation > 0]
    usual = float(np.median(moving)) if len(moving) else 0.0
    floor = np.maximum(np.maximum(LESS * usual, STEADY * np.abs(mean)), np.maximum(least, TINY))
    unit: Float64 = np.maximum(deviation, floor)
    return unit


def shrunk(moments: Float64, n: float) -> Float64:
    """A covariance of shape (d, d) of n vectors, drawn towards a multiple of the identity (OAS)."""
    d = len(moments)
    trace, square = float(np.trace(moments)), float(np.square(moments).sum())
    below = (n + 1.0 - 2.0 / d) * (square - trace * trace / d)
    share = 1.0 if below <= 0 else min(1.0, ((1.0 - 2.0 / d) * square + trace * trace) / below)
    drawn: Float64 = (1.0 - share) * moments + share * np.diag(np.diag(moments))
    return drawn


def whitening(moments: Float64, mean: Float64) -> Float64:
    """The lower triangular matrix that makes vectors of this covariance white; common gain counts little.

    Args:
        moments: shape (d, d).
        mean: shape (d,), in the same units.
    """
    d = len(moments)
    allowed = moments.copy()
    if d >= GAIN_DIMS:
        allowed += GAIN_SPREAD**2 * np.outer(mean, mean)
    diagonal = np.diag(allowed).mean()
    allowed[np.diag_indices(d)] = np.maximum(np.diag(allowed), 1e-12) + LEAST_LEFT * max(float(diagonal), 1e-12)
    lower = np.linalg.cholesky(allowed)
    inverse: Float64 = np.tril(np.linalg.solve(lower, np.eye(d)))
    return inverse


def alike(vectors: Float64) -> float:
    """The autocorrelation of vectors, shape (n, d), from one to the next, each channel counting as much as any."""
    off = vectors - vectors.mean(axis=0)
    off = off / np.maximum(np.abs(off).max(axis=0), TINY)
    power = np.square(off).mean(axis=0)
    moving = power > 0
    if not moving.any():
        return 0.0
    return float(((off[1:] * off[:-1]).mean(axis=0)[moving] / power[moving]).mean())


def correlation_time(vectors: Float64) -> float:
    """How many successive vectors, shape (n, d), tell as much as one: 1 + 2 times the sum of autocorrelations.

    Summed until they have faded below a tenth; 1 for white noise.
    """
    energy = float(np.square(vectors).sum())
    if energy <= 0:
        return 1.0
    total, n = 1.0, len(vectors)
    for lag in range(1, min(LONGEST, n // 4) + 1):
        alike = float((vectors[lag:] * vectors[:-lag]).sum()) / energy * n / (n - lag)
        if alike < FADED:
            break
        total += 2.0 * alike
    return total


def shape(vectors: Float64) -> Float64:
    """The lower triangular matrix of determinant 1 that makes directions of vectors, shape (n, d), as frequent as each other.

    Each vector counts as much as any, however long: D. E. Tyler, "A distribution-free M-estimator of multivariate scatter",
    Annals of Statistics 15, 1987, one step.
    """
    n, d = vectors.shape
    length = np.sqrt(np.square(vectors).mean(axis=1, keepdims=True))
    directions = vectors / np.maximum(length, TINY)
    moments = shrunk(directions.T @ directions / n, n)
    moments[np.diag_indices(d)] += LEAST_LEFT
    lower = np.linalg.cholesky(moments)
    scale = float(np.exp(np.log(np.diag(lower)).mean()))
    inverse: Float64 = np.tril(np.linalg.solve(lower / scale, np.eye(d)))
    return inverse
