"""The delay of an embedding: how many samples later a series says something new."""

from typing import Literal

import numpy as np
import numpy.typing as npt

from midstream_cli.attractor.embedding.sampling import standardised
from midstream_cli.errors import UsageError
from midstream_cli.frames import Float64, Int64

Method = Literal["mutual-information", "autocorrelation"]
PAIRS = 20_000


def autocorrelation(x: npt.ArrayLike, max_lag: int) -> Float64:
    """Autocorrelation at the lags 0 to max_lag."""
    import scipy.fft

    series = standardised(x)
    columns = series.reshape(len(series), -1)
    n = len(columns)
    size = scipy.fft.next_fast_len(n + max_lag, real=True)
    spectrum = scipy.fft.rfft(columns, size, axis=0)
    power = (spectrum.real**2 + spectrum.imag**2).sum(axis=1)
    sums = scipy.fft.irfft(power, size)[: max_lag + 1]
    return np.asarray(sums / sums[0] if sums[0] > 0 else np.ones(max_lag + 1), dtype=np.float64)


def mutual_information(x: npt.ArrayLike, max_delay: int) -> Float64:
    """Mutual information of a series and itself later, in nats, at the delays 0 to max_delay."""
    codes, bins = _codes(np.asarray(x, dtype=np.float64))
    return np.array([_information(codes, bins, lag) for lag in range(max_delay + 1)])


def _codes(series: Float64) -> tuple[Int64, int]:
    n = len(series)
    bins = int(np.clip(round((min(n, PAIRS) / 5) ** 0.5 / 1.5), 4, 32))
    order = np.argsort(series, kind="stable")
    ranks = np.empty(n, dtype=np.int64)
    ranks[order] = np.arange(n)
    return ranks * bins // n, bins


def _information(codes: Int64, bins: int, lag: int) -> float:
    n = len(codes) - lag
    first = codes[:n]
    second = codes[lag:]
    if n > PAIRS:
        at = np.linspace(0, n - 1, PAIRS).astype(np.int64)
        first, second = first[at], second[at]
    joint = np.bincount(first * bins + second, minlength=bins * bins).reshape(bins, bins) / len(first)
    apart = joint.sum(axis=1)[:, None] * joint.sum(axis=0)
    here = joint > 0
    return float((joint[here] * np.log(joint[here] / apart[here])).sum())


def delay(x: npt.ArrayLike, method: Method = "mutual-information", max_delay: int | None = None) -> int:
    """The delay in samples: the first minimum of the mutual information, not beyond the first zero of the autocorrelation."""
    if method not in {"mutual-information", "autocorrelation"}:
        raise UsageError(f"there is no method {method}", "use mutual-information or autocorrelation")
    series = standardised(x)
    limit = max(1, min(max_delay or len(series) // 5, len(series) - 2))
    correlation = autocorrelation(series, limit)
    below = np.flatnonzero(correlation <= 0)
    cap = int(below[0]) if len(below) else limit
    if series.ndim == 2:
        series = np.ascontiguousarray(series[:, 0])
    if method == "autocorrelation" or cap <= 1:
        return max(1, cap)
    codes, bins = _codes(series)
    before = _information(codes, bins, 1)
    for lag in range(2, cap + 1):
        now = _information(codes, bins, lag)
        if now > before:
            return lag - 1
        before = now
    return cap
