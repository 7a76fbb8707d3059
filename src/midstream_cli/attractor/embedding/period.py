"""The period of a series: the time that its strongest oscillation takes."""

import numpy as np
import numpy.typing as npt

from midstream_cli.attractor.embedding.sampling import standardised


def dominant_period(x: npt.ArrayLike) -> float:
    """The dominant period in samples; NaN where there is none."""
    import scipy.fft

    series = standardised(x)
    columns = series.reshape(len(series), -1)
    n = len(columns)
    if n < 16 or not columns.any():
        return float("nan")
    window = np.hanning(n)[:, None]
    spectrum = scipy.fft.rfft(columns * window, axis=0)
    power = (spectrum.real**2 + spectrum.imag**2).sum(axis=1)
    frequency = np.arange(len(power)) / n
    width = max(1, n // 100)
    smooth = np.convolve(power * frequency, np.ones(width) / width, mode="same")
    smooth[: 1 + n // 1000] = 0
    peak = frequency[int(np.argmax(smooth))]
    return float(1 / peak) if 0 < peak < 0.25 else float("nan")
