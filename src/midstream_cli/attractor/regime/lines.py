"""Whether a series is a sum of sines: how well sines fitted to its first part foretell the rest, and how they are tuned.

Sines in integer ratios make a cycle, others a torus; chaos and noise are foretold by neither.
"""

import numpy as np

from midstream_cli.frames import Float64, Int64

NAMES = (
    "lines_1", "lines_2", "lines_4", "lines_8", "lines_best", "lines_fitted",
    "comb_low", "comb_high", "lattice", "lines_strong", "comb_error",
)  # fmt: skip

COUNT = 16
"""Sines that are fitted, at most."""

FITTED = 0.6
"""The share of the series that they are fitted to."""


def lines(x: Float64) -> tuple[float, ...]:
    """Errors as logarithms of shares of the variance, of a standardised series of shape (n,)."""
    n = len(x)
    first = int(FITTED * n)
    part, whole = x[:first], np.arange(n)
    waves = np.empty((n, 2 * COUNT))
    frequencies = np.empty(0)
    rest = part
    foretold = []
    for count in range(1, COUNT + 1):
        frequencies = np.append(frequencies, strongest(rest))
        waves[:, 2 * count - 2 : 2 * count] = _waves(frequencies[-1:], whole)
        weights, rest = _fit(part, waves[:first, : 2 * count])
        if count in {1, 2, 4, 8, COUNT}:
            frequencies = _refined(rest, frequencies, waves[:first, : 2 * count], weights)
            waves[:, : 2 * count] = _waves(frequencies, whole)
            weights, rest = _fit(part, waves[:first, : 2 * count])
            gap = x[first:] - waves[first:, : 2 * count] @ weights
            foretold.append(min(float(gap @ gap) / (n - first), 4.0))
    size = weights[0::2] ** 2 + weights[1::2] ** 2
    errors = np.log(np.array([*foretold[:4], min(foretold), float(rest @ rest) / first]) + 1e-4)
    return (*errors.tolist(), *_tuning(frequencies, size, 0.5 / first))


def strongest(x: Float64) -> float:
    """The frequency of the strongest sine, in cycles a sample."""
    size = 1 << (2 * len(x) - 1).bit_length()
    power = np.abs(np.fft.rfft(x * np.hanning(len(x)), size))
    k = int(np.argmax(power[1:-1])) + 1
    a, b, c = np.log(power[k - 1 : k + 2] + 1e-300)
    bend = a - 2 * b + c
    return float((k + (0.5 * (a - c) / bend if bend < 0 else 0.0)) / size)


def _waves(frequencies: Float64, t: Int64) -> Float64:
    """A cosine and a sine of each frequency, shape (n, 2 frequencies)."""
    return np.asarray(np.exp(2j * np.pi * np.outer(t, frequencies)).view(np.float64))


def _fit(x: Float64, waves: Float64) -> tuple[Float64, Float64]:
    """The weights of the waves, and what they leave."""
    gram = waves.T @ waves
    gram.flat[:: len(gram) + 1] += 1e-6 * len(x)
    weights = np.asarray(np.linalg.solve(gram, waves.T @ x), np.float64)
    return weights, x - waves @ weights


def _refined(rest: Float64, frequencies: Float64, waves: Float64, weights: Float64) -> Float64:
    """One step of Gauss and Newton on frequencies and amplitudes together."""
    n = len(rest)
    slope = (weights[1::2] * waves[:, 0::2] - weights[0::2] * waves[:, 1::2]) * (np.arange(n) / n)[:, None]
    both = np.hstack([waves, slope])
    gram = both.T @ both
    gram.flat[:: len(gram) + 1] += 1e-6 * n
    step = np.linalg.solve(gram, both.T @ rest)[len(weights) :] / (2 * np.pi * n)
    return np.clip(frequencies + np.clip(step, -0.5 / n, 0.5 / n), 1e-6, 0.5)


def _tuning(frequencies: Float64, size: Float64, tolerance: float) -> tuple[float, ...]:
    """How much of the lines' power is in one series of multiples, in two, and how many lines there are."""
    order = np.argsort(-size)
    f, power = frequencies[order], size[order] / size.sum()
    low, high, error = 0.0, 0.0, 1.0
    for divisor in range(1, 9):
        base = f[0] / divisor
        off = np.abs(f - base * np.round(f / base))
        on = (off < tolerance) & (f > base / 2)
        share = float(power[on].sum())
        if divisor <= 2:
            low = max(low, share)
        if share > high + 0.01:
            high, error = share, float((off * power)[on].sum() / tolerance)
    outside = np.flatnonzero(np.abs(f - f[0] * np.round(f / f[0])) >= tolerance)
    lattice = low
    if len(outside):
        second = f[outside[0]]
        i, j = np.meshgrid(np.arange(-4, 5), np.arange(-4, 5))
        grid = np.abs(i * f[0] + j * second).ravel()
        grid = np.abs(grid - np.round(grid))
        near = np.min(np.abs(f[:, None] - grid), axis=1) < tolerance
        lattice = float(power[near].sum())
    return low, high, lattice, float((power > 0.01).sum()), error
