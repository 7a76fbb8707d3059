"""The Theiler window: states nearer in time than this are neighbours because of that alone."""

import math

import numpy as np
import numpy.typing as npt

from midstream_cli.attractor.embedding.delay import correlation_of
from midstream_cli.attractor.embedding.period import period_of
from midstream_cli.attractor.embedding.sampling import columns_of, standardised
from midstream_cli.frames import Float64

PERIODS = 2.0

DECAYED = 0.1
"""Autocorrelation from which on samples say little of one another."""

SHARE = 10
"""The window is at most one part in so many of the series: most of it must be left to be searched."""


def theiler_window(x: npt.ArrayLike, period: float | None = None) -> int:
    """States at most so many samples apart do not count as neighbours (J. Theiler, Phys. Rev. A 34, 1986).

    Two dominant periods; where there is none, until the autocorrelation has fallen to a tenth; a tenth of the series at
    most, and at least 1.

    Args:
        x: shape (n,) or (n, channels).
        period: in samples where it is known already, NaN where it is known that there is none.

    Raises:
        UsageError: the series is not finite.
    """
    columns = columns_of(standardised(x))
    return window_of(columns, period_of(columns) if period is None else period)


def window_of(columns: Float64, period: float) -> int:
    """`theiler_window` of standardised columns."""
    limit = max(1, len(columns) // SHARE)
    if not math.isnan(period):
        return max(1, min(round(PERIODS * period), limit))
    if limit >= len(columns) or not columns.any():
        return 1
    decayed = np.flatnonzero(np.abs(correlation_of(columns, limit)) < max(DECAYED, 2.0 / math.sqrt(len(columns))))
    return max(1, int(decayed[0])) if len(decayed) else limit
