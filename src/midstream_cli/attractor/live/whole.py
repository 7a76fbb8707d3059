"""The rhythm of a whole series, on the time scale that shows it best."""

import numpy as np

from midstream_cli.attractor.kernels import windows
from midstream_cli.attractor.live.regimes import NEWEST, WINDOW
from midstream_cli.attractor.live.rules import Regime, regime_of
from midstream_cli.frames import Float64

LEAST = 64
"""Samples, or means of several, below which nothing is said."""

MOST = 16
"""Windows of one scale that are looked at, spread over the series."""

LASTING, ALIKE = 0.4, 0.1
"""The share of them that repeat, at least, with periods no farther from their median than this part of it."""


def rhythm(x: Float64) -> float | None:
    """The period of a series that repeats itself, in samples, as `RegimeWatch` finds it in windows; None where it does not.

    Scales go from single samples to means of so many that one window holds the series; the first on which enough windows
    repeat alike tells the period. A few rounds are enough for it, where a torus, whose rounds are all a little different, cannot be
    told from a cycle yet.

    Args:
        x: shape (n,).
    """
    stride, whole = 1, -(-len(x) // WINDOW)
    while True:
        periods = _periods(x, stride)
        found = np.array([period for period in periods if period is not None])
        if len(found):
            middle = float(np.median(found))
            if (np.abs(found - middle) <= ALIKE * middle).sum() >= LASTING * len(periods):
                return middle
        if stride >= whole:
            return None
        stride = min(2 * stride, whole)


def _periods(x: Float64, stride: int) -> list[float | None]:
    """The periods of windows of one scale."""
    length = min(len(x) // stride, WINDOW) * stride
    if length < LEAST * stride:
        return []
    last = len(x) - length
    starts = np.linspace(0, last, min(MOST, last // length + 1)).astype(int).tolist()
    return [_period(x[start : start + length], stride) for start in starts]


def _period(part: Float64, stride: int) -> float | None:
    """The period of one window of means of `stride` samples, in samples."""
    means = np.ascontiguousarray(part.reshape(-1, stride).mean(axis=1))
    found = np.zeros(windows.FINDINGS)
    windows.look(means, 1, NEWEST, np.zeros(windows.scratch_size(len(means), 1)), found)
    if regime_of(found, len(means), stride) is not Regime.PERIODIC:
        return None
    return float(found[windows.PERIOD]) * stride
