"""Series as the analysis takes them: on an even grid, finite, of any scale and level."""

from typing import Literal

import numpy as np
import numpy.typing as npt

from midstream_cli.compare.warping.values import numbers
from midstream_cli.errors import UsageError
from midstream_cli.frames import Float64

NOTHING = 16 * np.finfo(np.float64).eps
"""Motion below so much of its level is rounding."""


EVEN = 0.05
"""Intervals that differ by so much of the typical one at most are even."""

LONGEST = 5.0
"""Median intervals: what was missed in a longer one nobody knows."""

MISSING = 0.1
"""So much of the time may lie in gaps of more than two intervals."""


def finite(x: npt.ArrayLike, what: str = "the series") -> Float64:
    """A series of shape (n,) or (n, channels) as float64, in memory row by row.

    Raises:
        UsageError: it is empty, not of one of these shapes, not of numbers, or holds NaN, infinity or what is masked.
    """
    series = numbers(x, what)
    if series.ndim not in {1, 2} or series.size == 0:
        raise UsageError(
            f"{what} has the shape {series.shape}, and (n,) or (n, channels) is needed",
            "give one row a sample, one column a channel",
        )
    if not np.isfinite(series).all():
        at = int(np.flatnonzero(~np.isfinite(series.reshape(len(series), -1)).all(axis=1))[0])
        raise UsageError(
            f"{what} holds {series[at]} at sample {at}",
            "leave out or interpolate the samples that are not finite",
        )
    return np.ascontiguousarray(series)


def columns_of(series: Float64) -> Float64:
    """A series as columns, one a channel, shape (n, channels)."""
    return series.reshape(len(series), -1)


def standardised(x: npt.ArrayLike) -> Float64:
    """A series with mean 0 and deviation 1 in each channel; a channel that does not move is 0.

    Args:
        x: shape (n,) or (n, channels), of any scale, beside any level.

    Raises:
        UsageError: as `finite` does.
    """
    series = finite(x)
    # a power of two costs no digit, and keeps squares of 1e200 or 1e-200 numbers
    _, exponent = np.frexp(np.abs(series).max(axis=0))
    scaled = np.ldexp(series, -exponent)
    level = np.abs(scaled).max(axis=0)
    scaled -= scaled[0]
    moving = np.ptp(scaled, axis=0) > NOTHING * level
    _, exponent = np.frexp(np.abs(scaled).max(axis=0))
    scaled = np.ldexp(scaled, np.where(moving, -exponent, 0))
    scaled -= scaled.mean(axis=0)
    deviation = scaled.std(axis=0)
    return np.ascontiguousarray(np.where(moving, scaled / np.where(moving, deviation, 1.0), 0.0))


def even(
    time_s: npt.ArrayLike, x: npt.ArrayLike, *, method: Literal["cubic", "linear"] = "cubic", longest: float = LONGEST
) -> tuple[Float64, float]:
    """A series on an even grid of time, and its samples per second.

    Samples that are evenly spaced to within a twentieth stay what they are. Others are interpolated at the mean rate of
    ordinary intervals: by cubic splines, or, where samples come in bursts, by cubics that cannot overshoot.

    Args:
        time_s: shape (n,), seconds, increasing.
        x: shape (n,) or (n, channels).
        method: `cubic` or `linear`.
        longest: the longest interval that is bridged, in median intervals.

    Returns:
        the series, shape (m,) or (m, channels), and its rate in Hz.

    Raises:
        UsageError: times and samples are not equally many, or fewer than 2; time does not increase; a gap is too long, or
            more than a tenth of the time lies in gaps of more than two intervals.
    """
    series, times = finite(x), finite(time_s, "the time")
    if times.ndim != 1 or len(times) != len(series) or len(times) < 2:
        raise UsageError(
            f"{len(series)} samples at {len(times)} times", "give one time a sample, and two samples at least"
        )
    if method not in {"cubic", "linear"}:
        raise UsageError(f"there is no interpolation {method!r}", "use cubic or linear")
    interval = np.diff(times)
    if interval.min() <= 0.0:
        at = int((interval <= 0.0).argmax())
        raise UsageError(
            f"time does not increase: sample {at + 1} is at {times[at + 1]:g} s, after {times[at]:g} s",
            "sort the samples by time, and keep one of those at the same time",
        )
    typical = float(np.median(interval))
    if np.abs(interval - typical).max() <= EVEN * typical:
        return series, (len(times) - 1) / float(times[-1] - times[0])
    _check_gaps(times, interval, typical, longest)
    typical = float(interval[interval <= 1.5 * typical].mean())
    grid = times[0] + typical * np.arange(int((times[-1] - times[0]) / typical * (1.0 + 1e-12)) + 1)
    return _interpolated(times, series, np.minimum(grid, times[-1]), method, typical), 1.0 / typical


def _check_gaps(times: Float64, interval: Float64, typical: float, longest: float) -> None:
    """What is invented across a gap has no place in an analysis of motion."""
    at = int(interval.argmax())
    if interval[at] > longest * typical:
        raise UsageError(
            f"sampled too unevenly: a gap of {interval[at]:g} s after {times[at]:g} s, "
            f"{interval[at] / typical:.1f} times the typical interval of {typical:g} s",
            f"analyse the stretches between gaps of more than {longest:g} intervals one by one, or bring the samples "
            "onto an even grid yourself",
        )
    inside = float(interval[interval > 2.0 * typical].sum() / (times[-1] - times[0]))
    if inside > MISSING:
        raise UsageError(
            f"sampled too unevenly: {inside:.0%} of the time lies in gaps of more than two typical intervals, {typical:g} s",
            "record more evenly, or average the samples onto a coarser even grid",
        )


def _interpolated(times: Float64, series: Float64, grid: Float64, method: str, typical: float) -> Float64:
    from scipy import interpolate

    if method == "linear":
        columns = [np.interp(grid, times, column) for column in columns_of(series).T]
        return np.ascontiguousarray(np.stack(columns, axis=1).reshape(len(grid), *series.shape[1:]))
    bursts = np.diff(times).min() < 0.5 * typical
    found = (interpolate.PchipInterpolator if bursts else interpolate.CubicSpline)(times, series)(grid)
    return np.ascontiguousarray(found, dtype=np.float64)
