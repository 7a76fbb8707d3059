"""The Hampel filter: impulsive frames replaced by the median of their neighbours."""

import numpy as np

from midstream_cli.frames import Float64, Int64

SIGMA_PER_MAD = 1.4826
"""A normal distribution's standard deviation over its median absolute deviation."""

THRESHOLD_SIGMA = 2.0
"""Chosen on recordings of empty rooms and of walking: 3 lets impulsive frames through, and neither blunts motion."""

HALF_WINDOW_S = 0.09
"""Well below the period of human motion, well above the length of a burst of bad frames."""

BLOCK_BYTES = 1 << 20
"""Windows overlap, and medians need them whole: so much of them at a time."""


class Despike:
    """A running Hampel filter over rows, columns independent; rows come out half a window later.

    A value further than `THRESHOLD_SIGMA` scaled median absolute deviations from the median of its window becomes that
    median (F. R. Hampel, "The influence curve and its role in robust estimation", JASA 69, 1974; the running form after
    R. K. Pearson, "Outliers in process modeling and identification", IEEE Trans. CST 10, 2002). At both ends the window
    is filled with the outermost row.
    """

    def __init__(self, half_width: int) -> None:
        self._half = half_width
        self._rows: Float64 | None = None
        self._times = np.empty(0, np.int64)

    def push(self, times: Int64, rows: Float64) -> tuple[Int64, Float64]:
        """Take rows of shape (n, dims); return those whose window is now complete, with their times."""
        if self._half == 0 or len(rows) == 0:
            return times, rows
        if self._rows is None:
            self._rows = np.repeat(rows[:1], self._half, axis=0)
        self._rows = np.concatenate([self._rows, rows])
        self._times = np.concatenate([self._times, times])
        return self._complete()

    def finish(self) -> tuple[Int64, Float64]:
        """The last rows."""
        if self._rows is None:
            return np.empty(0, np.int64), np.empty((0, 0))
        self._rows = np.concatenate([self._rows, np.repeat(self._rows[-1:], self._half, axis=0)])
        return self._complete()

    def _complete(self) -> tuple[Int64, Float64]:
        assert self._rows is not None
        width = 2 * self._half + 1
        ready = len(self._rows) - width + 1
        if ready <= 0:
            return np.empty(0, np.int64), np.empty((0, self._rows.shape[1]))
        cleaned = hampel(self._rows, self._half)
        times, self._times = self._times[:ready], self._times[ready:]
        self._rows = self._rows[ready:]
        return times, cleaned


def hampel(rows: Float64, half_width: int) -> Float64:
    """The filter over rows of shape (n, dims); returns the n - 2 * half_width rows whose window is whole."""
    if len(rows) == 2 * half_width + 1:
        return _hampel_of_one(rows, half_width)
    windows = np.lib.stride_tricks.sliding_window_view(rows, 2 * half_width + 1, axis=0)
    cleaned = rows[half_width : len(rows) - half_width].copy()
    at_once = max(1, BLOCK_BYTES // max(1, windows[0].nbytes))
    for start in range(0, len(cleaned), at_once):
        window, centre = windows[start : start + at_once], cleaned[start : start + at_once]
        ordered = np.sort(window, axis=-1)
        median = ordered[..., half_width]
        # the half of the window nearest to the median is a run of ordered values: the tightest around it
        below, above = median[..., None] - ordered[..., : half_width + 1], ordered[..., half_width:] - median[..., None]
        deviation = SIGMA_PER_MAD * np.maximum(below, above).min(axis=-1)
        np.copyto(centre, median, where=np.abs(centre - median) > THRESHOLD_SIGMA * deviation)
    return cleaned


def _hampel_of_one(window: Float64, half_width: int) -> Float64:
    """The same of a single window, without the many views that pay off for many."""
    ordered, centre = np.sort(window, axis=0), window[half_width]
    median = ordered[half_width]
    below, above = median - ordered[: half_width + 1], ordered[half_width:] - median
    deviation = SIGMA_PER_MAD * np.minimum.reduce(np.maximum(below, above), axis=0)
    cleaned: Float64 = np.where(np.abs(centre - median) > THRESHOLD_SIGMA * deviation, median, centre)
    return cleaned[None]
