"""The 0-1 test for chaos: 0 for regular motion, 1 for chaotic motion, without an embedding.

G. A. Gottwald, I. Melbourne, "On the implementation of the 0-1 test for chaos", SIAM J. Appl. Dyn. Syst. 8, 2009:
correlation method, median over the frequencies, with the oscillating term taken off.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from midstream_cli.attractor.embedding.delay import delay as found_delay
from midstream_cli.attractor.embedding.sampling import standardised
from midstream_cli.errors import InsufficientData, UsageError
from midstream_cli.frames import Float64

SHORTEST = 100
"""Samples, after those between have been left out."""

LONGEST = 5000
"""More samples do not make the answer surer."""

FREQUENCIES = (np.pi / 5, 4 * np.pi / 5)
"""Resonances with a strong spectral line are rarer between these."""


class ZeroOne(NamedTuple):
    """How chaotic the motion is, between about 0 and 1; noise is 1 too."""

    k: float
    low: float
    high: float
    """Between `low` and `high` it lies in parts of half the length."""
    step: int
    """Every so many samples of the series were looked at."""
    samples: int
    """How many those were."""


def zero_one(x: npt.ArrayLike, *, step: int | None = None, frequencies: int = 100, seed: int = 0) -> ZeroOne:
    """The 0-1 test of one channel.

    Args:
        x: shape (n,).
        step: every so many samples count; None for the delay of an embedding. A series sampled finely looks regular.
        frequencies: how many are drawn.
        seed: what they are drawn with.

    Raises:
        UsageError: the series is not finite or has several channels; a step or a number of frequencies below 1.
        InsufficientData: fewer than 100 samples are left.
    """
    series = standardised(x)
    if series.ndim == 2 and series.shape[1] > 1:
        raise UsageError(f"the 0-1 test is of one channel, and there are {series.shape[1]}", "choose a channel")
    series = series.reshape(-1)
    if (step is not None and step < 1) or frequencies < 1:
        raise UsageError(f"a step of {step}, {frequencies} frequencies", "both are at least 1")
    if step is None:
        step = found_delay(series)
    kept = len(series[::step])
    if kept < SHORTEST:
        raise InsufficientData((SHORTEST - 1) * step + 1, len(series), f"the 0-1 test, of one sample in {step},")
    c = np.random.default_rng(seed).uniform(*FREQUENCIES, frequencies)
    if not series.any():
        return ZeroOne(0.0, 0.0, 0.0, step, min(kept, LONGEST))
    thinned = series[::step][:LONGEST]
    k = float(np.median(growth(thinned, c)))
    half = len(thinned) // 2
    parts = [
        float(np.median(growth(part, c))) for part in (thinned[:half], thinned[half // 2 :][:half], thinned[half:])
    ]
    return ZeroOne(k, min(k, *parts), max(k, *parts), step, len(thinned))


def growth(x: Float64, c: Float64) -> Float64:
    """How well the mean square displacement correlates with time, of each frequency: -1 to 1.

    Args:
        x: shape (n,), of mean 0.
        c: angular frequencies, shape (count,).
    """
    import scipy.fft

    n = len(x)
    longest = n // 10
    window = n - longest
    angles = np.outer(c, np.arange(1, n + 1))
    walk = np.cumsum(x * np.exp(1j * angles), axis=1)
    size = scipy.fft.next_fast_len(n + longest)
    whole = scipy.fft.fft(walk, size, axis=1)
    begun = scipy.fft.fft(walk[:, :window], size, axis=1)
    products = scipy.fft.ifft(whole * begun.conj(), axis=1)[:, 1 : longest + 1].real
    squares = np.concatenate([np.zeros((len(c), 1)), np.cumsum(np.abs(walk) ** 2, axis=1)], axis=1)
    lags = np.arange(1, longest + 1)
    displacement = (squares[:, lags + window] - squares[:, lags] + squares[:, window, None] - 2 * products) / window
    # the mean of the series makes it oscillate
    displacement -= x.mean() ** 2 * (1 - np.cos(np.outer(c, lags))) / (1 - np.cos(c))[:, None]
    time = lags - lags.mean()
    displacement -= displacement.mean(axis=1, keepdims=True)
    spread = np.sqrt((displacement**2).sum(axis=1) * (time**2).sum())
    return np.asarray(displacement @ time / np.where(spread > 0, spread, 1.0), dtype=np.float64)
