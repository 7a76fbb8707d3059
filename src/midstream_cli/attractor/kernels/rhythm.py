"""How periodic a short series is: its autocorrelation, the period, and whether it lasts from one end to the other."""

import math

from midstream_cli.compiled.kernel import F1, inline
from midstream_cli.compiled.vectors import fma, load, splat, store

SIDE = 32
"""Lags that are summed side by side; beyond a series as many zeros are kept."""
NEARLY = 0.02
ENDS = 4
"""Each end of a window is a part of so many, and whole rounds."""
LEAST_SHARED = 8
"""So small a part of a window is too little to be compared with another."""
FAST, MAIN = 32.0, 0.7
"""Samples of a period that may hold several shorter ones, and the part of the variance that such a one has."""
HINTED = 0.5
"""A peak lower than that is no rhythm, whatever it is made of."""


@inline
def correlate(scratch: F1, x: int, a: int, sums: int, n: int) -> None:
    """Autocorrelation at lags up to half the window, each normalised by the energies of the two parts that overlap.

    Args:
        x: where the series begins; behind it are `SIDE` zeros.
        a: where the lags begin; behind them is room for `SIDE` more.
        sums: where the energies of the first parts begin.
    """
    total = 0.0
    for t in range(n):
        total += scratch[x + t] * scratch[x + t]
        scratch[sums + t] = total
    for lag in range(0, n // 2 + 1, SIDE):
        products = splat(0.0, SIDE)
        for t in range(n - lag):
            products = fma(splat(scratch[x + t], SIDE), load(scratch, x + t + lag, SIDE), products)
        store(scratch, a + lag, products)
    for lag in range(n // 2 + 1):
        scratch[a + lag] = _over_energies(scratch, scratch[a + lag], sums, n, lag)


@inline
def _over_energies(scratch: F1, product: float, sums: int, n: int, lag: int) -> float:
    early = scratch[sums + n - 1 - lag]
    late = scratch[sums + n - 1] - (scratch[sums + lag - 1] if lag > 0 else 0.0)
    both = (early * late) ** 0.5 if early * late > 0.0 else 0.0
    return product / both if both > 0.0 else 0.0


@inline
def _alike(scratch: F1, x: int, sums: int, n: int, lag: int) -> float:
    """Autocorrelation at one lag."""
    product = 0.0
    for t in range(n - lag):
        product += scratch[x + t] * scratch[x + t + lag]
    return _over_energies(scratch, product, sums, n, lag)


@inline
def peak(scratch: F1, x: int, a: int, sums: int, n: int) -> tuple[float, float, float]:
    """The period, between samples, how high its peak is, and the autocorrelation after two periods; 0 where there is none.

    The peak is the first that is nearly the highest, its top that of a parabola.
    """
    half = n // 2
    begin = 1
    while begin < half and scratch[a + begin] >= 0.0:
        begin += 1
    highest = 0.0
    for lag in range(begin, half):
        highest = max(highest, scratch[a + lag])
    # noise lowers all peaks alike; one that it does not tell from the highest is as good, and comes first
    least = NEARLY + (1.0 - highest)
    for lag in range(max(begin, 2), half):
        here, before, after = scratch[a + lag], scratch[a + lag - 1], scratch[a + lag + 1]
        if here > 0.0 and here >= highest - least and here >= before and here >= after:
            bend = before - 2.0 * here + after
            off = 0.5 * (before - after) / bend if bend < 0.0 else 0.0
            twice = int(2.0 * (lag + off) + 0.5)
            # two outliers are alike once
            again = _alike(scratch, x, sums, n, twice) if twice < n - n // LEAST_SHARED else 0.0
            return lag + off, here - 0.25 * (before - after) * off, again
    return 0.0, 0.0, 0.0


@inline
def evenness(scratch: F1, x: int, n: int, period: float) -> float:
    """Of the products of what is a period apart, over whole rounds at both ends, the less over the more; 0 where one is none."""
    lag = int(period + 0.5)
    if lag < 1 or 2 * lag > n:
        return 0.0
    count = int((n // ENDS // lag + 1) * period + 0.5)
    count = min(count, n - lag)
    first, last = 0.0, 0.0
    for t in range(count):
        first += scratch[x + lag + t] * scratch[x + t]
        last += scratch[x + n - 1 - t] * scratch[x + n - 1 - t - lag]
    return max(0.0, min(first, last)) / max(first, last, 1e-300)


@inline
def divided(scratch: F1, x: int, n: int, period: float, height: float) -> float:
    """Of a rhythm faster than samples show peak by peak, the period: the part of what was found that nearly all is in."""
    if period >= FAST or period < 2.0 or height < HINTED:
        return period
    for k in range(2, int(0.5 * period) + 1):
        turn = 2.0 * math.pi * k / period
        ahead, aside = math.cos(turn), math.sin(turn)
        cosine, sine = 1.0, 0.0
        even, odd = 0.0, 0.0
        for t in range(n):
            even += scratch[x + t] * cosine
            odd += scratch[x + t] * sine
            cosine, sine = cosine * ahead - sine * aside, sine * ahead + cosine * aside
        if 2.0 * (even * even + odd * odd) > MAIN * n * n:
            return period / k
    return period
