"""Ordinal patterns: how often each order of neighbouring values occurs, and what that says of a series.

Equal values are ordered by time, the earlier first, as antropy and ordpy do.

C. Bandt, B. Pompe, "Permutation entropy: a natural complexity measure for time series", PRL 88, 2002;
B. Fadlallah et al., "Weighted-permutation entropy", Phys. Rev. E 87, 2013; O. Rosso et al., "Distinguishing noise from
chaos", PRL 99, 2007.
"""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from midstream_cli.attractor.embedding.sampling import finite
from midstream_cli.attractor.kernels import ordinal_patterns
from midstream_cli.compiled import machine
from midstream_cli.errors import InsufficientData, UsageError
from midstream_cli.frames import Float64, Int64

LONGEST_ORDER = 10
"""Of 10 values there are 3.6 million patterns."""

NUMPY_COMPARISONS = 10_000_000
"""Comparisons that numpy makes while the kernels would be loaded."""

ORDINARY = 300
"""Powers of two, up and down, whose squares are far from the largest and least numbers."""

_compared = 0


class ComplexityEntropy(NamedTuple):
    """Where a series stands in the plane of complexity and entropy; noise is below at the right, chaos above the middle."""

    entropy: float
    """Permutation entropy as a share of the largest, 0 to 1."""
    complexity: float
    """Jensen-Shannon complexity, 0 to about 0.5."""


class MissingPatterns(NamedTuple):
    """Patterns that never occur: a deterministic series forbids some, noise none that it has had the time for."""

    number: int
    share: float
    """Of all patterns of this order, 0 to 1."""
    patterns: Int64
    """Shape (number, order): the places of the values of a window from the least to the greatest."""


def ordinal_counts(x: npt.ArrayLike, order: int = 3, delay: int = 1) -> Int64:
    """How many windows have each ordinal pattern.

    Args:
        x: shape (n,).
        order: values of a window, 2 to 10.
        delay: samples from one value of a window to the next.

    Returns:
        shape (order!,): the patterns in lexicographic order of their ranks; the first is the increasing one, the last the
        decreasing one.

    Raises:
        UsageError: the series is not finite or has several channels; order or delay out of range.
        InsufficientData: there is no window of this length.
    """
    series, windows = _checked(x, order, delay)
    if _by_numpy(windows, order):
        return np.bincount(_codes(series, windows, order, delay), minlength=math.factorial(order))
    counts = np.zeros((ordinal_patterns.TABLES, math.factorial(order)), dtype=np.int64)
    work = np.zeros(ordinal_patterns.LANES)
    ordinal_patterns.count(_followed(series), windows, order, delay, counts.reshape(-1), work)
    return np.asarray(counts.sum(axis=0), dtype=np.int64)


def ordinal_weights(x: npt.ArrayLike, order: int = 3, delay: int = 1) -> Float64:
    """The share that each ordinal pattern has of the variance of the windows; arguments and errors as of `ordinal_counts`.

    Returns:
        shape (order!,), of sum 1; of a constant series all is with the increasing pattern.
    """
    series, windows = _checked(x, order, delay)
    _, exponent = np.frexp(np.abs(series).max())
    if abs(exponent) > ORDINARY:
        # squares of 1e200 are no numbers; what is within the ordinary keeps its ties
        series = np.ldexp(series, -exponent)
    weights: Float64
    if _by_numpy(windows, order):
        variances = np.lib.stride_tricks.sliding_window_view(series, (order - 1) * delay + 1)[:, ::delay].var(axis=1)
        codes = _codes(series, windows, order, delay)
        weights = np.bincount(codes, weights=variances, minlength=math.factorial(order)).astype(np.float64)
    else:
        weights = np.zeros(math.factorial(order))
        work = np.zeros(2 * ordinal_patterns.LANES)
        ordinal_patterns.weigh(_followed(series), windows, order, delay, weights, work)
    total = weights.sum()
    if total == 0.0:
        weights[0] = total = 1.0
    return np.asarray(weights / total, dtype=np.float64)


def permutation_entropy(x: npt.ArrayLike, order: int = 3, delay: int = 1, *, normalised: bool = False) -> float:
    """Permutation entropy in nats, or as a share of ln(order!); arguments and errors as of `ordinal_counts`."""
    counts = ordinal_counts(x, order, delay)
    return _entropy(counts / counts.sum(), order, normalised)


def weighted_permutation_entropy(
    x: npt.ArrayLike, order: int = 3, delay: int = 1, *, normalised: bool = False
) -> float:
    """Permutation entropy of windows weighted by their variance, so that small ripples of noise count little.

    In nats, or as a share of ln(order!); arguments and errors as of `ordinal_counts`.
    """
    return _entropy(ordinal_weights(x, order, delay), order, normalised)


def complexity_entropy(x: npt.ArrayLike, order: int = 3, delay: int = 1) -> ComplexityEntropy:
    """Normalised permutation entropy and statistical complexity (Rosso 2007); arguments and errors as of `ordinal_counts`."""
    counts = ordinal_counts(x, order, delay)
    p = counts / counts.sum()
    n = len(p)
    entropy = _entropy(p, order, normalised=True)
    divergence = _shannon((p + 1 / n) / 2) - _shannon(p) / 2 - math.log(n) / 2
    largest = -0.5 * ((n + 1) / n * math.log(n + 1) + math.log(n) - 2 * math.log(2 * n))
    return ComplexityEntropy(entropy, entropy * max(0.0, divergence) / largest)


def missing_patterns(x: npt.ArrayLike, order: int = 3, delay: int = 1) -> MissingPatterns:
    """Which patterns never occur; arguments and errors as of `ordinal_counts`."""
    counts = ordinal_counts(x, order, delay)
    missing = np.flatnonzero(counts == 0)
    return MissingPatterns(len(missing), len(missing) / len(counts), _arranged(missing, order))


def _checked(x: npt.ArrayLike, order: int, delay: int) -> tuple[Float64, int]:
    """The series, and how many windows it has."""
    series = finite(x)
    if series.ndim == 2 and series.shape[1] > 1:
        raise UsageError(f"ordinal patterns are of one channel, and there are {series.shape[1]}", "choose a channel")
    series = series.reshape(-1)
    if not 2 <= order <= LONGEST_ORDER:
        raise UsageError(f"an order of {order}", f"choose one of 2 to {LONGEST_ORDER}; 3 to 7 are usual")
    if delay < 1:
        raise UsageError(f"a delay of {delay}", "it is at least 1 sample")
    windows = len(series) - (order - 1) * delay
    if windows < 1:
        raise InsufficientData((order - 1) * delay + 1, len(series), f"an ordinal pattern of order {order}")
    return series, windows


def _by_numpy(windows: int, order: int) -> bool:
    """Whether so little has been computed yet that loading the kernels does not pay."""
    global _compared  # noqa: PLW0603 - one process, one engine to load
    if machine.is_loaded(ordinal_patterns.count.module):
        return False
    _compared += windows * order * order
    return _compared < NUMPY_COMPARISONS


def _followed(series: Float64) -> Float64:
    return np.concatenate([series, np.zeros(ordinal_patterns.LANES)])


def _codes(series: Float64, windows: int, order: int, delay: int) -> Int64:
    """The number of each window's pattern."""
    codes = np.zeros(windows, dtype=np.int64)
    for a in range(order - 1):
        earlier = series[a * delay : a * delay + windows]
        codes *= order - a
        for b in range(a + 1, order):
            codes += series[b * delay : b * delay + windows] < earlier
    return codes


def _arranged(codes: Int64, order: int) -> Int64:
    """The places of the values from the least to the greatest, of each pattern by its number."""
    ranks = np.zeros((len(codes), order), dtype=np.int64)
    rest = codes.copy()
    for a in reversed(range(order)):
        # the digit counts the later values that are less
        ranks[:, a] = rest % (order - a)
        rest //= order - a
        later = ranks[:, a + 1 :]
        later += later >= ranks[:, a : a + 1]
    arranged = np.argsort(ranks, axis=1)
    return arranged[np.lexsort(arranged.T[::-1])]


def _shannon(p: Float64) -> float:
    held = p[p > 0]
    return max(0.0, -float((held * np.log(held)).sum()))


def _entropy(p: Float64, order: int, normalised: bool) -> float:
    entropy = _shannon(p)
    return min(1.0, entropy / math.log(math.factorial(order))) if normalised else entropy
