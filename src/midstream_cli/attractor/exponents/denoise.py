"""White noise taken out of a finely sampled series, by its floor in the spectrum."""

import math

import numpy as np

from midstream_cli.frames import Float64

FLOOR_FROM = 0.6
"""Share of the frequencies above which only noise is expected."""

FLAT = 3.0
"""A floor whose first half stands higher above the second is the decay of the signal itself."""

ABOVE = 2.0
"""Power is the signal's where it is so many times the floor."""

REST = 0.05
"""Share of the signal that is let go."""

NOTHING = 1e-7
"""Share of the variance below which noise is left alone."""


def mean_period(series: Float64) -> float:
    """The inverse of the mean frequency of the power spectrum, in samples (Rosenstein, Collins and De Luca 1993)."""
    import scipy.fft

    n = len(series)
    power = np.abs(scipy.fft.rfft((series - series.mean()) * np.hanning(n))) ** 2
    power[:1] = 0.0
    total = float(power.sum())
    mean = float(power @ np.arange(len(power))) / n / total if total > 0 else 0.0
    return 1.0 / mean if mean > 0 else math.nan


def denoised(series: Float64) -> tuple[Float64, float]:
    """The series without the white noise that its spectrum shows, and the noise's deviation.

    A Wiener filter, whose floor is the median power above 0.6 of the highest frequency; where the spectrum still falls
    there, nothing is taken out. Exponents do not change by a linear filter as short as the memory of this one.

    Args:
        series: shape (n,), with a period of many samples.
    """
    import scipy.fft

    n = len(series)
    mirrored = np.concatenate([series, series[::-1]])
    spectrum = scipy.fft.rfft(mirrored)
    power = np.abs(spectrum) ** 2 / len(mirrored)
    width = max(5, len(power) // 100) | 1
    sums = np.cumsum(np.concatenate([[0.0], np.pad(power, width // 2, mode="edge")]))
    smooth = np.maximum((sums[width:] - sums[:-width]) / width, 1e-300)
    high = smooth[int(FLOOR_FROM * len(smooth)) :]
    floor = float(np.median(high))
    falls = float(np.median(high[: len(high) // 2])) > FLAT * float(np.median(high[len(high) // 2 :]))
    if falls or floor < NOTHING * float(series.var()):
        return series, 0.0
    gain = np.clip(1.0 - floor / smooth, 0.0, 1.0)
    # from where the signal first drowns and next to nothing of it comes up again, nothing is let through
    signal = np.maximum(smooth - floor, 0.0)
    beyond = signal.sum() - np.cumsum(signal)
    sunk = np.flatnonzero((smooth < ABOVE * floor) & (beyond < REST * signal.sum()))
    gain[int(sunk[0]) if len(sunk) else len(gain) :] = 0.0
    cleaned: Float64 = scipy.fft.irfft(spectrum * gain, len(mirrored))[:n]
    return cleaned, math.sqrt(floor)
