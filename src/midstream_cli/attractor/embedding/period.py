"""The period of a series: the time that its strongest oscillation takes."""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from midstream_cli.attractor.embedding.sampling import columns_of, standardised
from midstream_cli.frames import Float64

STEP = 1.0 / 32.0
"""Octaves from one bin of the smooth spectrum to the next."""

WIDTH = 0.15
"""Octaves, the deviation of what it is smoothed with."""

FASTEST = 0.25
"""Cycles a sample from which on a broad peak is no oscillation: maps and white noise have theirs there."""

LINE = 0.5
"""Of all power: an oscillation that carries so much is one at any frequency."""

CYCLES = 2
"""An oscillation has been seen so often at least."""

PROMINENT = 6.0
"""A broad peak is so many times the white noise below it."""

FALLS = 0.5
"""Of a peak's height: the speed of a flow falls so low at some faster frequency, that of red noise does not."""

REPEATS = 0.2
"""A period that is longer than the peak's shows in the autocorrelation by so much."""

SPIKY = 8.0
"""Fourth moment from which on a series is mostly spikes; a sine has 1.5, a normal one 3."""

LEAST = 16
"""Samples below which no period is looked for."""

HARMONICS = 6
"""A peak may be this multiple of the period's frequency at most."""


class Spectrum(NamedTuple):
    """How much of a series' variance lies at which frequency."""

    frequency: Float64
    """Cycles a sample, from 0 to a half."""
    power: Float64
    """Its sum is 1, or 0 for a series that does not move."""


def spectrum(x: npt.ArrayLike) -> Spectrum:
    """Power spectrum of a series: of several channels, the sum of theirs.

    A straight line is taken out first, and a Hann window keeps strong lines from spilling over. The series is padded to
    twice its length, so that a line shows in about four neighbours.

    Args:
        x: shape (n,) or (n, channels).

    Raises:
        UsageError: the series is not finite.
    """
    return spectrum_of(columns_of(standardised(x)))


def spectrum_of(columns: Float64) -> Spectrum:
    """`spectrum` of standardised columns."""
    import scipy.fft

    n = len(columns)
    size = scipy.fft.next_fast_len(2 * n, real=True)
    time = np.linspace(-1.0, 1.0, n)
    window = np.hanning(n + 2)[1:-1]
    slope = (time @ columns) / max(float(time @ time), 1e-300)
    power = np.zeros(size // 2 + 1)
    for column, rise in zip(columns.T, slope, strict=True):
        lines = scipy.fft.rfft((column - rise * time) * window, size)
        power += lines.real**2 + lines.imag**2
    # what is left of the mean is no oscillation
    power[:2] = 0.0
    total = power.sum()
    # of a straight line nothing is left but rounding
    moving = total > 1e-20 * size * n * columns.shape[1]
    return Spectrum(np.arange(len(power)) / size, power / total if moving else np.zeros(len(power)))


def dominant_period(x: npt.ArrayLike) -> float:
    """The time that the strongest oscillation of a series takes, in samples; NaN where there is none to speak of.

    It is the peak of the spectrum of the series' speed, smoothed over a fifth of an octave: of broad-band flows, whose own
    spectrum may fall from frequency 0 on, the speed's has a peak at the mean time of an orbit. White noise that was
    added is taken off. A peak that is a harmonic of a stronger line gives way to it. Maps, white noise, drifts slower
    than a third of the series and what does not move have no period.

    Args:
        x: shape (n,) or (n, channels).

    Raises:
        UsageError: the series is not finite.
    """
    return period_of(columns_of(standardised(x)))


def period_of(columns: Float64) -> float:
    """`dominant_period` of standardised columns."""
    n = len(columns)
    if n < LEAST:
        return math.nan
    whole = spectrum_of(_tamed(columns))
    if not whole.power.any():
        return math.nan
    smooth = _smooth(whole, n)
    floor = _floor(whole)
    # what white noise of this strength would show by chance does not count
    above = np.maximum(smooth.power - floor * (1.0 + 4.0 / np.sqrt(smooth.weight)), 0.0)
    speed = above * smooth.frequency**2
    peak = int(speed.argmax())
    if speed[peak] == 0.0:
        return math.nan
    frequency, share = _line(whole, _middle(smooth.frequency, speed, peak))
    is_line_or_hill = share > LINE or (frequency < FASTEST and smooth.power[peak] > PROMINENT * floor)
    if frequency < CYCLES / n or not is_line_or_hill or _is_slope(smooth, peak, frequency):
        return math.nan
    return 1.0 / _fundamental(whole, smooth, above, peak, frequency)


def _is_slope(smooth: "_Smooth", peak: int, frequency: float) -> bool:
    """Whether the speed's spectrum stays as high at all faster frequencies, as that of red noise does."""
    speed = smooth.power[peak:] * smooth.frequency[peak:] ** 2
    # the lower the frequency, the fewer waves a peak is made of, and the higher it may be by chance
    least = FALLS * speed[0] / (1.0 + 2.0 / math.sqrt(smooth.weight[peak]))
    return frequency < FASTEST and bool(speed.min() > least)


def _tamed(columns: Float64) -> Float64:
    """Columns of which rare spikes are compressed: of those the spectrum would show how steep they are, not how often."""
    spiky = (columns**4).mean(axis=0) > SPIKY
    if not spiky.any():
        return columns
    return standardised(np.where(spiky, np.arcsinh(10.0 * columns), columns))


class _Smooth(NamedTuple):
    frequency: Float64
    power: Float64
    """A density: per bin of the spectrum."""
    weight: Float64
    """Independent bins of the spectrum that a value is the mean of."""


def _smooth(whole: Spectrum, n: int) -> _Smooth:
    """The spectrum on a grid of equal steps in octaves."""
    octave = np.log2(whole.frequency[2:])
    begin = math.log2(1.0 / n)
    grid = np.arange(begin, STEP - 1.0, STEP)
    at = np.round((octave - begin) / STEP).astype(np.int64)
    inside = (at >= 0) & (at < len(grid))
    sums = np.bincount(at[inside], weights=whole.power[2:][inside], minlength=len(grid))
    counts = np.bincount(at[inside], minlength=len(grid)).astype(np.float64)
    reach = round(3 * WIDTH / STEP)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) * STEP / WIDTH) ** 2)
    weight = np.convolve(counts, kernel)[reach : reach + len(grid)]
    power = np.convolve(sums, kernel)[reach : reach + len(grid)]
    filled = weight > 0.0
    # padded to twice the length and windowed, a third of the bins says something of its own
    return _Smooth(2.0 ** grid[filled], power[filled] / weight[filled], np.maximum(weight[filled] / 3.0, 1.0))


def _floor(whole: Spectrum) -> float:
    """The density of white noise in it, told where flows have nothing: at the fastest frequencies."""
    fast = whole.power[whole.frequency > 0.35]
    # of exponential values the median is log 2 of the mean
    return float(np.median(fast)) / math.log(2.0)


def _fundamental(whole: Spectrum, smooth: _Smooth, above: Float64, peak: int, frequency: float) -> float:
    """The frequency of the strongest line of which a peak is a harmonic, or the peak's own."""
    best, found = float(above[peak]), frequency
    correlation: Float64 | None = None
    for order in range(2, HARMONICS + 1):
        at = int(np.abs(smooth.frequency * order - smooth.frequency[peak]).argmin())
        near = slice(max(0, at - 3), at + 4)
        at = near.start + int(above[near].argmax())
        if above[at] <= best:
            continue
        lower, _ = _line(whole, float(smooth.frequency[at]))
        correlation = _correlation(whole) if correlation is None else correlation
        # a sum of unrelated lines, or a spectrum that falls from 0 on, does not repeat
        longer, shorter = round(1.0 / lower), round(1.0 / frequency)
        if longer >= len(correlation):
            break
        by_chance = math.sqrt(0.5 * longer / len(correlation))
        if correlation[longer] > max(REPEATS + by_chance, correlation[shorter] + 0.1):
            best, found = float(above[at]), lower
    return found


def _correlation(whole: Spectrum) -> Float64:
    """The autocorrelation of the windowed series, without what the window takes from it."""
    import scipy.fft

    size = 2 * (len(whole.power) - 1)
    sums = scipy.fft.irfft(whole.power, size)[: size // 4]
    window = np.hanning(size // 2 + 2)[1:-1]
    fading = scipy.fft.irfft(np.abs(scipy.fft.rfft(window, size)) ** 2, size)[: size // 4]
    return np.asarray(sums / sums[0] * fading[0] / fading, dtype=np.float64)


def _middle(frequency: Float64, speed: Float64, peak: int) -> float:
    """The mean frequency, in octaves, of the hill down to half of its height: a flat top has no one peak."""
    low = np.flatnonzero(speed < 0.5 * speed[peak])
    at = int(np.searchsorted(low, peak))
    begin = int(low[at - 1]) + 1 if at else 0
    end = int(low[at]) if at < len(low) else len(speed)
    weight = speed[begin:end]
    return float(np.exp(np.log(frequency[begin:end]) @ weight / weight.sum()))


def _line(whole: Spectrum, frequency: float) -> tuple[float, float]:
    """The frequency of the line near a peak, between the bins of the spectrum, and its share of all power.

    Where there is no line but a hill, the hill's own frequency.
    """
    half = 2.0 ** (WIDTH * 1.5)
    begin, end = np.searchsorted(whole.frequency, [frequency / half, frequency * half])
    begin, end = max(int(begin), 2), min(max(int(end), int(begin) + 1), len(whole.power))
    band = whole.power[begin:end]
    at = begin + int(band.argmax())
    share = float(whole.power[max(at - 4, 0) : at + 5].sum())
    if share < 0.5 * float(band.sum()) or share == 0.0:
        return frequency, share
    if at == len(whole.power) - 1:
        return float(whole.frequency[at]), share
    left, here, right = np.log(np.maximum(whole.power[at - 1 : at + 2], 1e-300))
    bend = left - 2.0 * here + right
    shift = 0.5 * (left - right) / bend if bend < 0.0 else 0.0
    step = float(whole.frequency[1])
    return float(whole.frequency[at]) + float(np.clip(shift, -0.5, 0.5)) * step, share
