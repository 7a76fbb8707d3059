"""How the vectors of a background go together: from dimension to dimension, and from moment to moment."""

import numpy as np

from midstream_cli.frames import Float64

BLOCK = 8192
"""Vectors whose lags are looked at together: some minutes, beyond which a background drifts rather than wavers."""

WINDOW = 5.0
"""Lags that are summed, in multiples of the sum (Sokal 1997)."""


def covariance(vectors: Float64, mean: Float64, deviation: Float64) -> Float64:
    """The covariance of vectors of shape (n, dims), as measured: shape (dims, dims), with deviation**2 on its diagonal.

    Args:
        vectors: finite.
        mean: shape (dims,), theirs.
        deviation: shape (dims,), theirs; a dimension that is constant goes with none.
    """
    unit = np.where(deviation > 0, deviation, 1.0)
    white = (vectors - mean) / unit
    correlations = white.T @ white / len(white)
    correlations = np.clip((correlations + correlations.T) / 2, -1.0, 1.0)
    np.fill_diagonal(correlations, 1.0)
    return from_correlations(correlations, deviation)


def from_correlations(correlations: Float64, deviation: Float64) -> Float64:
    """The covariance of shape (dims, dims) of correlation coefficients and deviations of shape (dims,)."""
    found: Float64 = correlations * deviation * deviation[:, None]
    return found


def to_correlations(covariance: Float64, deviation: Float64) -> Float64:
    """Correlation coefficients of shape (dims, dims); those of dimensions that are constant are 0."""
    unit = np.where(deviation > 0, deviation, np.inf)
    found: Float64 = covariance / unit / unit[:, None]
    return found


def correlation_time(vectors: Float64) -> float:
    """How many consecutive vectors of shape (n, dims) tell as much as one of independent ones: 1 of white noise.

    The integrated autocorrelation time 1 + 2 sum(r_k), of the autocorrelations r_k that the dimensions have on average
    (each in units of its own deviation), summed up to the first lag of five times the sum: Sokal, Monte Carlo Methods in
    Statistical Mechanics (1997), section 3. It is at least 1 and at most the number of vectors.

    Args:
        vectors: finite, in order.
    """
    if len(vectors) < 2:
        return 1.0
    deviation = vectors.std(axis=0)
    moving = deviation > 0
    if not moving.any():
        return 1.0
    mean, unit = vectors.mean(axis=0)[moving], deviation[moving]
    length = min(len(vectors), BLOCK)
    sums = np.zeros(length)
    for first in range(0, len(vectors) - length + 1, length):
        white = (vectors[first : first + length, moving] - mean) / unit
        spectrum = np.fft.rfft(white, 2 * length, axis=0)
        sums += np.fft.irfft((spectrum.real**2 + spectrum.imag**2).sum(axis=1), 2 * length)[:length]
    if not sums[0] > 0:
        return 1.0
    times = 2 * np.cumsum(sums / sums[0]) - 1
    enough = np.arange(length) >= WINDOW * times
    time = float(times[np.argmax(enough)] if enough.any() else times.max())
    return min(max(time, 1.0), float(len(vectors)))
