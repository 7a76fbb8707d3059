"""Noise taken off a series whose own motion is slow: what lies above the spectrum's flat end is kept (Wiener's filter)."""

import numpy as np

from midstream_cli.frames import Float64

FLAT = (0.7, 1.5)
"""Power in the spectrum's third quarter over that in its last, where what is there is noise."""

MOST_NOISE = 0.3
"""Share of noise in the power above which nothing says where the motion ends."""


def smoothed(x: Float64) -> Float64:
    """A series without the white noise above its motion; as it is where its spectrum has no flat end.

    Args:
        x: shape (n, channels).

    Source: N. Wiener, "Extrapolation, Interpolation, and Smoothing of Stationary Time Series", 1949.
    """
    return np.stack([_channel(column) for column in x.T], axis=1)


def _channel(x: Float64) -> Float64:
    import scipy.fft

    n = len(x)
    pad = min(n // 4, 500)
    if pad < 16:
        return x
    # turned over at the ends, so that they meet and no jump is smeared over all frequencies
    longer = np.concatenate([2 * x[0] - x[pad:0:-1], x, 2 * x[-1] - x[-2 : -pad - 2 : -1]])
    size = len(longer)
    taper = np.hanning(size)
    power = np.abs(scipy.fft.rfft((longer - longer.mean()) * taper)) ** 2
    bins = len(power)
    # the median of an exponential distribution is ln 2 of its mean
    floor = float(np.median(power[int(0.75 * bins) :]) / np.log(2.0))
    third = float(np.median(power[int(0.55 * bins) : int(0.75 * bins)]) / np.log(2.0))
    total = float(power.sum())
    if floor <= 0 or not FLAT[0] < third / floor < FLAT[1] or floor * bins > MOST_NOISE * total:
        return x
    span = max(5, size // 200)
    level = np.convolve(power, np.ones(span) / span, "same")
    gain = np.clip(1.0 - floor / np.maximum(level, 1e-300), 0.0, 1.0)
    kept: Float64 = scipy.fft.irfft(scipy.fft.rfft(longer) * gain, size)[pad : pad + n]
    return kept
