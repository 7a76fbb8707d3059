"""Surrogate series: random ones that share with a series what a linear process could explain, and nothing else.

J. Theiler et al., "Testing for nonlinearity in time series: the method of surrogate data", Physica D 58, 1992; T. Schreiber,
A. Schmitz, "Improved surrogate data for nonlinearity tests", PRL 77, 1996, and "Surrogate time series", Physica D 142, 2000.
"""

import math
from collections.abc import Callable
from functools import partial
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from midstream_cli.attractor.embedding.embedding import Embedding, choose
from midstream_cli.attractor.embedding.sampling import finite
from midstream_cli.attractor.prediction import prediction_error, reversal_asymmetry
from midstream_cli.errors import InsufficientData, UsageError
from midstream_cli.frames import Float64

Kind = Literal["iaaft", "aaft", "phases", "shuffled"]
Statistic = Literal["prediction-error", "reversal-asymmetry"]

STATISTICS: dict[str, Callable[..., float]] = {
    "prediction-error": prediction_error,
    "reversal-asymmetry": reversal_asymmetry,
}

LONGEST = 4096
"""Samples that a test looks at: more make every real series differ from its surrogates."""

SHORTEST = 16
"""Samples; with less there is no spectrum to keep."""

ENDS = 0.1
"""The share of a series that may be cut so that its ends fit."""

ITERATIONS = 200
"""After so many, the spectrum hardly improves even where the ranks still change."""

SETTLED = 0.02
"""An iteration that improves the spectrum by less than this share ends the work."""


def shuffled(x: npt.ArrayLike, count: int = 39, *, seed: int = 0) -> Float64:
    """The values of a series in random order: what they are distributed like is kept, all dependence destroyed.

    Args:
        x: shape (n,).
        count: how many surrogates.
        seed: the same seed gives the same surrogates.

    Returns:
        shape (count, n).

    Raises:
        UsageError: the series is not finite or has several channels; a negative count.
        InsufficientData: fewer than 16 samples.
    """
    series = _checked(x, count)
    return np.random.default_rng(seed).permuted(np.tile(series, (count, 1)), axis=1)


def phase_randomised(x: npt.ArrayLike, count: int = 39, *, seed: int = 0) -> Float64:
    """Series of the same power spectrum with random phases; arguments, result and errors as of `shuffled`."""
    series = _checked(x, count)
    level, unit = _unit(series)
    moved = (series - level) / unit
    mean = moved.mean()
    made = _random_phases(moved - mean, count, np.random.default_rng(seed))
    return np.asarray((made + mean) * unit + level, dtype=np.float64)


def aaft(x: npt.ArrayLike, count: int = 39, *, seed: int = 0) -> Float64:
    """Amplitude-adjusted surrogates: the values exactly, the spectrum roughly; arguments and errors as of `shuffled`."""
    series = _checked(x, count)
    rng = np.random.default_rng(seed)
    order = np.argsort(series)
    gaussian = np.empty((count, len(series)))
    gaussian[:, order] = np.sort(rng.standard_normal((count, len(series))), axis=1)
    made = np.stack([_random_phases(each, 1, rng)[0] for each in gaussian]) if count else gaussian
    return _arranged(np.sort(series), np.argsort(made, axis=1))


def iaaft(x: npt.ArrayLike, count: int = 39, *, seed: int = 0, iterations: int = ITERATIONS) -> Float64:
    """Iterated amplitude-adjusted surrogates: the values exactly, the spectrum closely; else as `shuffled`.

    Args:
        iterations: as many at most; each surrogate ends when its ranks stay or its spectrum stops to improve.
    """
    import scipy.fft

    series = _checked(x, count)
    standard = _standard(series)
    values, n = np.sort(standard), len(series)
    amplitudes = np.abs(scipy.fft.rfft(standard))
    power = float((amplitudes**2).sum()) or 1.0
    rng = np.random.default_rng(seed)
    orders = np.argsort(rng.permuted(np.tile(standard, (count, 1)), axis=1), axis=1)
    active = np.arange(count)
    error = np.full(count, np.inf)
    for _ in range(iterations):
        if not len(active):
            break
        spectrum = scipy.fft.rfft(_arranged(values, orders[active]), axis=1)
        size = np.abs(spectrum)
        found = ((size - amplitudes) ** 2).sum(axis=1) / power
        spectrum *= amplitudes / np.where(size > 0, size, 1.0)
        fresh = np.argsort(scipy.fft.irfft(spectrum, n, axis=1), axis=1)
        moving = (found < error[active] * (1 - SETTLED)) & (fresh != orders[active]).any(axis=1)
        orders[active[moving]] = fresh[moving]
        error[active] = found
        active = active[moving]
    return _arranged(np.sort(series), orders)


def make(x: npt.ArrayLike, count: int = 39, *, kind: Kind = "iaaft", seed: int = 0) -> Float64:
    """Surrogates of a named kind; arguments, result and errors as of `shuffled`.

    Raises:
        UsageError: there is no such kind.
    """
    if kind not in KINDS:
        raise UsageError(f"there are no surrogates called {kind!r}", f"choose one of {', '.join(KINDS)}")
    return KINDS[kind](x, count, seed=seed)


KINDS = {"iaaft": iaaft, "aaft": aaft, "phases": phase_randomised, "shuffled": shuffled}


def matched_ends(x: npt.ArrayLike, *, most: float = ENDS) -> slice:
    """The stretch of a series whose two ends fit best, so that it can be thought of as one period.

    A jump between the ends gives a spectrum with power at high frequencies that the series itself does not have, and tests
    against such surrogates find differences where there are none. By how much the step from the end to the beginning is
    not that of its neighbours, and the change of slope, are each squared and added (after Schreiber & Schmitz 2000, section
    4.6, whose jump is between the values themselves).

    Args:
        x: shape (n,).
        most: the share of the series that may be left out.

    Returns:
        the stretch; its length is a product of 2, 3 and 5.
    """
    import scipy.fft

    series = _standard(_checked(x, 0))
    n = len(series)
    least = max(SHORTEST, int(np.ceil(n * (1 - most))))
    lengths = [m for m in range(least, n + 1) if scipy.fft.next_fast_len(m, real=True) == m] or [n]
    slopes = np.diff(series)
    best, chosen = np.inf, slice(0, n)
    for m in reversed(lengths):
        starts = n - m + 1
        first, final = slopes[:starts], slopes[m - 2 : m - 2 + starts]
        jump = series[:starts] - series[m - 1 : m - 1 + starts] - (first + final) / 2
        mismatch = jump**2 + (first - final) ** 2
        at = int(np.argmin(mismatch))
        if mismatch[at] < best:
            best, chosen = float(mismatch[at]), slice(at, at + m)
    return chosen


class SurrogateTest(NamedTuple):
    """Whether a series is more than a linear process seen through a static function."""

    statistic: float
    """Of the series."""
    surrogates: Float64
    """Of each surrogate."""
    z: float
    """By how many deviations of the surrogates the series is off their mean; infinite where they do not vary."""
    p: float
    """The share of such series, were they linear, at least as far off: by rank, 1 / (surrogates + 1) at least."""
    rejected: bool
    """Whether a linear process is ruled out at the level."""


def surrogate_test(
    x: npt.ArrayLike,
    *,
    statistic: Statistic | Callable[[Float64], float] = "prediction-error",
    surrogates: int = 39,
    kind: Kind = "iaaft",
    embedding: Embedding | None = None,
    level: float = 0.05,
    seed: int = 0,
) -> SurrogateTest:
    """Compare a series with surrogates of it; of a long one, `LONGEST` samples in the middle.

    Both ends of the series are cut so that they fit (`matched_ends`), and the statistic is taken of what remains.

    Args:
        x: shape (n,).
        statistic: `prediction-error` (a deterministic series is predicted better: one-sided), `reversal-asymmetry`
            (two-sided), or a function of a series, two-sided.
        surrogates: how many; 19 are the fewest for a one-sided test at 0.05, 39 for a two-sided one.
        kind: `iaaft`, `aaft`, `phases` or `shuffled`: what the surrogates keep is what is tested.
        embedding: of the series, for the prediction; None for the one that is found. Its delay is the step of both.
        level: of significance.
        seed: the same seed gives the same surrogates.

    Raises:
        UsageError: the series is not finite, has several channels or does not move; an unknown name; so few surrogates
            that nothing can be rejected; a statistic that is NaN.
        InsufficientData: too few samples for the spectrum or the embedding.
    """
    series = _checked(x, surrogates)
    if not callable(statistic) and statistic not in STATISTICS:
        raise UsageError(
            f"there is no statistic {statistic!r}", f"choose one of {', '.join(STATISTICS)}, or a function"
        )
    sides = 1 if statistic == "prediction-error" else 2
    if sides > level * (surrogates + 1) * (1 + 1e-9):
        needed = int(np.ceil(sides / level * (1 - 1e-9))) - 1
        raise UsageError(f"{surrogates} surrogates reject nothing at {level}", f"make {needed} at least")
    if np.ptp(series) == 0.0:
        raise UsageError("a constant series has no surrogates", "it is a point: there is nothing to test")
    begin = max(0, (len(series) - LONGEST) // 2)
    series = series[begin : begin + LONGEST]
    stretch = _standard(series[matched_ends(series)])
    try:
        measure = statistic if callable(statistic) else _named(statistic, stretch, embedding)
        mine = float(measure(stretch))
        others = np.array([float(measure(each)) for each in make(stretch, surrogates, kind=kind, seed=seed)])
    except InsufficientData as error:
        # of so many samples, enough are left when the ends are cut
        raise InsufficientData(math.ceil(error.needed / (1 - ENDS)), len(series), error.what) from None
    if np.isnan([mine, *others]).any():
        raise UsageError("the statistic is no number for some of the series", "give one that is known of any series")
    low = (1 + np.count_nonzero(others <= mine)) / (surrogates + 1)
    high = (1 + np.count_nonzero(others >= mine)) / (surrogates + 1)
    p = low if sides == 1 else min(1.0, 2 * low, 2 * high)
    spread = float(others.std(ddof=1))
    apart = mine - float(others.mean())
    z = apart / spread if spread > 0 else float(np.copysign(np.inf, apart) if apart else 0.0)
    return SurrogateTest(mine, others, z, float(p), bool(p <= level * (1 + 1e-9)))


def _named(name: Statistic, series: Float64, embedding: Embedding | None) -> Callable[[Float64], float]:
    """A statistic with the embedding of a series."""
    return partial(STATISTICS[name], embedding=choose(series) if embedding is None else embedding)


def _checked(x: npt.ArrayLike, count: int) -> Float64:
    series = finite(x)
    if series.ndim == 2 and series.shape[1] > 1:
        raise UsageError(f"surrogates are of one channel, and there are {series.shape[1]}", "choose a channel")
    if count < 0:
        raise UsageError(f"{count} surrogates", "make 19 or more")
    if len(series) < SHORTEST:
        raise InsufficientData(SHORTEST, len(series), "a surrogate series")
    return series.reshape(-1)


def _unit(series: Float64) -> tuple[float, float]:
    """The level of a series, and a power of two that its motion is about as large as."""
    level = float(series[0])
    return level, float(np.ldexp(1.0, int(np.frexp(np.abs(series - level).max())[1])))


def _standard(series: Float64) -> Float64:
    """Of mean 0 and ordinary size."""
    level, unit = _unit(series)
    moved = (series - level) / unit
    return np.asarray(moved - moved.mean(), dtype=np.float64)


def _arranged(values: Float64, orders: npt.NDArray[np.int64]) -> Float64:
    """Sorted values where each row's order has them: row k holds values[j] at orders[k, j]."""
    rows = np.empty(orders.shape)
    np.put_along_axis(rows, orders, np.broadcast_to(values, orders.shape), axis=1)
    return rows


def _random_phases(series: Float64, count: int, rng: np.random.Generator) -> Float64:
    """Of mean 0, with the spectrum of a series."""
    import scipy.fft

    n = len(series)
    amplitudes = np.abs(scipy.fft.rfft(series))
    turns = np.exp(2j * np.pi * rng.random((count, len(amplitudes))))
    # what has no partner of negative frequency is real
    turns[:, 0] = 1.0
    if n % 2 == 0:
        turns[:, -1] = np.where(turns[:, -1].real < 0, -1.0, 1.0)
    return np.asarray(scipy.fft.irfft(amplitudes * turns, n, axis=1), dtype=np.float64)
