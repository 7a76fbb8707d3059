"""The delay of an embedding: how many samples later a series says something new."""

import math
from collections.abc import Iterator
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from midstream_cli.attractor.embedding.period import period_of
from midstream_cli.attractor.embedding.sampling import columns_of, standardised
from midstream_cli.errors import UsageError
from midstream_cli.frames import Float64, Int64

Method = Literal["mutual-information", "autocorrelation"]

PAIRS = 10_000
"""So many pairs of samples say as much about a delay as all of a long series."""

BINS = 32
"""More tell noise from noise."""

FINER = 16
"""Parts of a bin by which its borders can be blurred."""

SHORT = 8
"""Delays from which on three neighbours are averaged, so that a single count does not decide."""

FALL = 0.7
"""Of the information of neighbouring samples: what is left at a minimum that means something."""

CHANNELS = 4
"""Of more channels the first ones stand for all."""

GOLDEN = (math.sqrt(5.0) - 1.0) / 2.0


def autocorrelation(x: npt.ArrayLike, max_lag: int) -> Float64:
    """Autocorrelation of a series: of several channels, of all of them together.

    Args:
        x: shape (n,) or (n, channels).
        max_lag: in samples.

    Returns:
        shape (max_lag + 1,): the sums of products over n terms, as if the series went on with its mean (the biased
        estimate); 1 everywhere for a series that does not move.

    Raises:
        UsageError: the series is not finite; max_lag is negative or not shorter than the series.
    """
    columns = columns_of(standardised(x))
    _check_lag(max_lag, len(columns))
    return correlation_of(columns, max_lag)


def correlation_of(columns: Float64, max_lag: int) -> Float64:
    """`autocorrelation` of columns whose mean is 0."""
    import scipy.fft

    size = scipy.fft.next_fast_len(len(columns) + max_lag, real=True)
    power = np.zeros(size // 2 + 1)
    for column in columns.T:
        spectrum = scipy.fft.rfft(column, size)
        power += spectrum.real**2 + spectrum.imag**2
    sums = scipy.fft.irfft(power, size)[: max_lag + 1]
    return np.asarray(sums / sums[0] if sums[0] > 0.0 else np.ones(max_lag + 1), dtype=np.float64)


def mutual_information(x: npt.ArrayLike, max_delay: int) -> Float64:
    """How much a sample tells of the one so many samples later (A. M. Fraser, H. L. Swinney, Phys. Rev. A 33, 1986).

    Values are counted in bins that hold equally many; equal values share a bin. The bias of the counts, about
    (bins - 1)^2 / 2n, is left in: it is the same at all delays. Of a long series 10,000 pairs are counted.

    Args:
        x: shape (n,) or (n, channels); of several channels, the mean over the first four.
        max_delay: in samples.

    Returns:
        shape (max_delay + 1,), in nats; the first is the entropy of the bins.

    Raises:
        UsageError: the series is not finite; max_delay is negative or not shorter than the series.
    """
    columns = columns_of(standardised(x))
    _check_lag(max_delay, len(columns))
    pairs = _Pairs(columns, max_delay)
    return np.array([pairs.information(lag) for lag in range(max_delay + 1)])


def delay(x: npt.ArrayLike, method: Method = "mutual-information", max_delay: int | None = None) -> int:
    """The delay for an embedding, in samples.

    The first minimum of the mutual information, but not beyond the first zero of the autocorrelation nor a quarter of
    the dominant period; or that zero alone.

    Args:
        x: shape (n,) or (n, channels).
        method: `mutual-information`, or `autocorrelation`.
        max_delay: at most so many samples; a tenth of the series if not given.

    Raises:
        UsageError: the series is not finite; there is no such method; max_delay is below 1.
    """
    if method not in get_args(Method):
        raise UsageError(f"there is no method {method!r} for the delay", f"use {' or '.join(get_args(Method))}")
    if max_delay is not None and max_delay < 1:
        raise UsageError(f"a delay of at most {max_delay} samples", "give at least 1")
    columns = columns_of(standardised(x))
    limit = len(columns) // 10 if max_delay is None else min(max_delay, len(columns) - 2)
    if method == "autocorrelation":
        return _first_zero(columns, max(1, limit))
    return delay_of(columns, period_of(columns), max(1, limit))


def delay_of(columns: Float64, period: float, limit: int) -> int:
    """The delay by mutual information of standardised columns, at most `limit` samples.

    Args:
        period: the dominant period, NaN where there is none.
    """
    if not math.isnan(period):
        limit = min(limit, max(1, round(period / 4.0)))
    # what cannot be told from zero counts
    cap = _first_zero(columns, limit, 2.0 / math.sqrt(len(columns)))
    return cap if cap <= 1 else _first_minimum(_Pairs(columns, cap + 2, dithered=True), cap)


def _first_zero(columns: Float64, limit: int, zero: float = 0.0) -> int:
    """The first lag at which the autocorrelation is not above zero, at most `limit`."""
    if len(columns) <= limit or not columns.any():
        return 1
    below = np.flatnonzero(correlation_of(columns, limit)[1:] <= zero)
    return int(below[0]) + 1 if len(below) else limit


def _first_minimum(pairs: "_Pairs", cap: int) -> int:
    """The first delay after which the information does not fall again within half as long; `cap` if there is none.

    Of a clean oscillation each sample says as much as any other: where the information hardly falls, its minimum means
    nothing.
    """
    best, least = 1, math.inf
    for lag in _delays(cap + 1):
        now = pairs.information(lag) if lag < SHORT else pairs.smooth(lag)
        if now < least:
            best, least = lag, now
        elif lag > best + best // 2:
            break
    return min(best, cap) if least < FALL * pairs.information(1) else cap


def _delays(most: int) -> Iterator[int]:
    """Delays from 1 to `most`: each one at first, then in steps of two per cent."""
    lag = 1
    while lag <= most:
        yield lag
        lag += max(1, lag // 50)


class _Pairs:
    """Pairs of samples at any delay, as the bins they fall into."""

    def __init__(self, columns: Float64, max_lag: int, *, dithered: bool = False) -> None:
        n = len(columns) - max_lag
        self.count = min(n, PAIRS)
        # in a slice where all are counted, which costs no copy
        self.at = _spread(n) if n > PAIRS else None
        self.bins = int(np.clip(math.sqrt(self.count / 10.0), 3, BINS))
        # bins of a clean oscillation come into step with one another at some delays: with blurred borders they do not
        random = np.random.default_rng(0) if dithered else None
        self.codes = [_codes(column, self.bins, random) for column in columns[:, :CHANNELS].T]
        numbers = np.arange(self.count + 1, dtype=np.float64)
        self.weighed = numbers * np.log(np.maximum(numbers, 1.0))
        self.rows = [self.later(codes, 0) * self.bins for codes in self.codes]
        # the first samples are the same at all delays
        self.alone = [self.sum(np.bincount(rows)) for rows in self.rows]
        self.known: dict[int, float] = {}

    def sum(self, counts: Int64) -> float:
        """Of k log k over counts k."""
        return float(self.weighed[counts].sum())

    def later(self, codes: Int64, lag: int) -> Int64:
        """The bins of the second samples."""
        return codes[lag : lag + self.count] if self.at is None else codes[self.at + lag]

    def information(self, lag: int) -> float:
        """Mean over the channels, in nats."""
        if lag not in self.known:
            each = [self._of(channel, lag) for channel in range(len(self.codes))]
            self.known[lag] = sum(each) / len(each)
        return self.known[lag]

    def smooth(self, lag: int) -> float:
        """The information at a delay and beside it, weighed 1 : 2 : 1."""
        return (self.information(max(1, lag - 1)) + 2.0 * self.information(lag) + self.information(lag + 1)) / 4.0

    def _of(self, channel: int, lag: int) -> float:
        """Sum of p log(p / qr), as sums of k log k over counts k."""
        joint = np.bincount(self.rows[channel] + self.later(self.codes[channel], lag), minlength=self.bins**2)
        apart = self.alone[channel] + self.sum(joint.reshape(self.bins, self.bins).sum(axis=0))
        return max(0.0, (self.sum(joint) - apart + float(self.weighed[-1])) / self.count)


def _spread(n: int) -> Int64:
    """So many of n positions that they say enough: evenly spread, in order, and in step with no period."""
    return np.sort((np.arange(1, PAIRS + 1) * GOLDEN % 1.0 * n).astype(np.int64))


def _codes(column: Float64, bins: int, random: np.random.Generator | None) -> Int64:
    """The bin of each sample, of bins that hold equally many; with borders that `random` blurs over a bin's width."""
    n = len(column)
    ordered = np.sort(column if n <= PAIRS else column[_spread(n)])
    parts = bins if random is None else bins * FINER
    edges = ordered[np.arange(1, parts) * len(ordered) // parts]
    fine = np.searchsorted(edges, column, side="right").astype(np.int64)
    return fine if random is None else np.minimum((fine + random.integers(0, FINER, n)) // FINER, bins - 1)


def _check_lag(lag: int, n: int) -> None:
    if not 0 <= lag < n:
        raise UsageError(f"a delay of {lag} in a series of {n} samples", "give 0 or more, and less than there are")
