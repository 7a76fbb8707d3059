"""How sure a figure is: intervals that hold the truth 95 times in 100."""

import math
from collections.abc import Sequence

import numpy as np

LEVEL = 0.95
DRAWS = 2_000


def rate(count: int, exposure: float) -> tuple[float, float, float]:
    """Events per unit of exposure, and its exact Poisson interval (F. Garwood, Biometrika 28, 1936)."""
    from scipy.stats import chi2

    tail = 0.5 * (1.0 - LEVEL)
    low = 0.5 * float(chi2.ppf(tail, 2 * count)) if count else 0.0
    return count / exposure, low / exposure, 0.5 * float(chi2.ppf(1.0 - tail, 2 * count + 2)) / exposure


def share(count: int, of: int) -> tuple[float, float, float]:
    """A share, and its interval (C. J. Clopper, E. S. Pearson, Biometrika 26, 1934)."""
    from scipy.stats import beta

    tail = 0.5 * (1.0 - LEVEL)
    low = float(beta.ppf(tail, count, of - count + 1)) if count else 0.0
    high = float(beta.ppf(1.0 - tail, count + 1, of - count)) if count < of else 1.0
    return (count / of if of else math.nan), low, high


def mean(values: Sequence[float]) -> tuple[float, float, float]:
    """A mean, and its bootstrap interval of percentiles (B. Efron 1979)."""
    if not values:
        return math.nan, math.nan, math.nan
    given = np.asarray(values)
    drawn = given[np.random.default_rng(0).integers(0, len(given), (DRAWS, len(given)))].mean(axis=1)
    low, high = np.quantile(drawn, [0.5 * (1.0 - LEVEL), 0.5 * (1.0 + LEVEL)])
    return float(given.mean()), float(low), float(high)


def told(figure: tuple[float, float, float], unit: str = "") -> str:
    """A figure and its interval, for people."""
    middle, low, high = (f"{each:.3g}" if abs(each) < 1000 else f"{each:,.0f}" for each in figure)
    return f"{middle}{unit} ({low} to {high})"
