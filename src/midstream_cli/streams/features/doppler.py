"""How strongly the channel moves, in four octaves from 1 to 16 Hz, on a logarithmic scale: the default."""

from itertools import pairwise
from typing import Any

import numpy as np

from midstream_cli.frames import Float64, Kind
from midstream_cli.recordings import CsiRecording
from midstream_cli.streams.amplitude import bands, fit_subcarriers, relative
from midstream_cli.streams.features import Parameters

KIND: Kind = "csi"
BANDS = 8

SUMMARY_S = 1.0
"""Resolves 1 Hz, and holds a step of a walking person."""

OCTAVES_HZ = (1.0, 2.0, 4.0, 8.0, 16.0)
"""A body moving at v changes a reflected path by up to 2 v, hence the amplitude at 2 v / wavelength: 16 Hz is 1 m/s at
2.4 GHz; limbs and quick steps are above, breathing is below."""

FLOOR = 1e-8
"""Per hertz: below what 8-bit samples can resolve, so that a frozen channel is a number too."""


def fit(recording: CsiRecording) -> dict[str, Any]:
    """Which subcarriers carry the channel."""
    return fit_subcarriers(recording)


def vectors(recording: CsiRecording, parameters: Parameters) -> Float64:
    """What is watched over time: relative amplitude in eight bands, shape (n, 8)."""
    return bands(relative(recording, parameters), BANDS)


def summarise(windows: Float64, rate_hz: float) -> Float64:
    """Decimal logarithm of the power spectral density of relative amplitude, per hertz, shape (m, 4).

    Hann-windowed periodogram (P. D. Welch, IEEE Trans. Audio Electroacoust. 15, 1967), mean over the bands of
    subcarriers and over the frequencies of each octave.
    """
    samples = windows.shape[-1]
    taper = np.hanning(samples + 1)[:-1]
    moving = (windows - windows.mean(axis=-1, keepdims=True)) * taper
    lines = np.fft.rfft(moving, axis=-1)
    density = 2 * (lines.real**2 + lines.imag**2) / (rate_hz * (taper**2).sum())
    spectrum, frequency = density.mean(axis=1), np.fft.rfftfreq(samples, 1 / rate_hz)
    octaves = []
    for low, high in pairwise(OCTAVES_HZ):
        begin, end = np.searchsorted(frequency, [low, high])
        octaves.append(spectrum[:, begin:end].mean(axis=1) if end > begin else np.zeros(len(spectrum)))
    return np.log10(np.stack(octaves, axis=1) + FLOOR)
