"""The stretch of a series that its indicators are computed from, and its scales of time."""

from typing import NamedTuple

import numpy as np

from midstream_cli.frames import Float64

LONGEST = 3_072
"""Samples that are looked at, at most; a regime shows in a stretch."""

FINEST = 48
"""Samples a period that are worth having; finer ones are averaged."""


class Stretch(NamedTuple):
    """Samples with mean 0 and standard deviation 1, and how fast they move."""

    x: Float64
    """Shape (n,)."""
    period: float
    """Half the power lies above its frequency and half below, in samples."""
    delay: int
    """Samples after which the autocorrelation has fallen to 0.3."""


def stretch(x: Float64) -> Stretch:
    """What is looked at of a standardised series of shape (n,): the end of it, averaged where it is sampled finely."""
    while len(x) > LONGEST:
        by = int(median_period(x[-8 * LONGEST :]) / FINEST)
        if by < 2:
            break
        by = min(by, len(x) // LONGEST + 1)
        whole = len(x) // by * by
        x = x[-whole:].reshape(-1, by).mean(axis=1)
    x = x[-LONGEST:]
    spread = x.std()
    x = (x - x.mean()) / (spread if spread > 0 else 1.0)
    return Stretch(x, median_period(x), _delay(x))


def median_period(x: Float64) -> float:
    """The period, in samples, that half of the power lies above and half below; an eighth of the series at most."""
    n = len(x)
    power = np.abs(np.fft.rfft(x * np.hanning(n))) ** 2
    power[0] = 0.0
    summed = np.cumsum(power)
    at = int(np.searchsorted(summed, summed[-1] / 2))
    return float(np.clip(n / max(at, 1), 2.0, n / 8))


def _delay(x: Float64) -> int:
    n = len(x)
    most = max(1, n // 24)
    spectrum = np.abs(np.fft.rfft(x, 2 * n)) ** 2
    correlation = np.fft.irfft(spectrum)[: most + 1]
    fallen = np.flatnonzero(correlation < 0.3 * correlation[0])
    return max(1, int(fallen[0]) - (int(fallen[0]) > 1)) if len(fallen) else most
