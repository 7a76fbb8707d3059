"""Whether a series comes back to where it was, after one period and after many."""

import numpy as np

from midstream_cli.frames import Float64

NAMES = ("return_first", "return_best", "return_late", "return_growth", "return_lag")


def returns(x: Float64, period: float) -> tuple[float, ...]:
    """Logarithms of the mean squared change over the lag that changes least, in multiples of that of unrelated samples."""
    n = len(x)
    most = n // 2
    spectrum = np.abs(np.fft.rfft(x, 2 * n)) ** 2
    products = np.fft.irfft(spectrum)[: most + 1]
    energy = np.concatenate([[0.0], np.cumsum(x * x)])
    lag = np.arange(most + 1)
    change = (energy[n - lag] + energy[n] - energy[lag] - 2 * products) / (2 * (n - lag))
    low, short = max(2, round(0.6 * period)), min(most - 2, max(8, round(3.0 * period)))
    first, at = _least(change, low, short)
    best, _ = _least(change, low, min(most - 2, max(12, round(12 * period))))
    late, _ = _least(change, most // 2, most - 2)
    follow = min(4 * at, most - 2)
    second, _ = _least(change, max(2, follow - 2), follow + 2) if follow > at else (first, at)
    return (
        float(np.log(first + 1e-4)),
        float(np.log(best + 1e-4)),
        float(np.log(late + 1e-4)),
        float(np.log((second + 1e-3) / (first + 1e-3))),
        at / period,
    )


def _least(change: Float64, low: int, high: int) -> tuple[float, int]:
    """The least value between two lags, and its lag; between samples, as a parabola runs."""
    high = max(high, low + 1)
    k = low + int(np.argmin(change[low : high + 1]))
    if k + 1 >= len(change):
        return max(float(change[k]), 0.0), k
    a, b, c = change[k - 1], change[k], change[k + 1]
    bend = a - 2 * b + c
    vertex = b - (a - c) ** 2 / (8 * bend) if bend > 0 and a >= b <= c else b
    return max(float(vertex), 0.0), k
