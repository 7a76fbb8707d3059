"""The embedding of a series: its delay, its dimension and what goes with them."""

from typing import NamedTuple

import numpy.typing as npt

from midstream_cli.attractor.embedding.delay import delay_of
from midstream_cli.attractor.embedding.dimension import cao_of
from midstream_cli.attractor.embedding.period import period_of
from midstream_cli.attractor.embedding.sampling import columns_of, standardised
from midstream_cli.attractor.embedding.theiler import window_of
from midstream_cli.errors import InsufficientData, UsageError

LEAST = 32
"""Samples below which no embedding is chosen."""

STATES = 20
"""So many delay vectors are left at least."""

MOST = 10
"""The largest dimension that is tried."""


class Embedding(NamedTuple):
    """How a series becomes states; all in samples."""

    delay: int
    """From one coordinate of a state to the next."""
    dimension: int
    """Delayed copies of each channel."""
    theiler: int
    """States at most so far apart are not counted as neighbours."""
    period: float
    """Of the dominant oscillation; NaN where there is none."""


def choose(
    x: npt.ArrayLike, *, delay: int | None = None, dimension: int | None = None, theiler: int | None = None
) -> Embedding:
    """The embedding of a series: what is given is kept, the rest is found.

    The delay is found by mutual information, the dimension by Cao's method: at least 2 for a single channel, so that
    oscillations become loops. A vector spans a third of the series at most. The work is bounded but for a few passes over
    the series.

    Args:
        x: shape (n,) or (n, channels).
        delay: in samples.
        dimension: delayed copies of each channel.
        theiler: in samples.

    Raises:
        UsageError: the series is not finite; a number is below its least, 1 for delay and dimension and 0 for the window.
        InsufficientData: there are fewer than 32 samples, or fewer than 20 vectors that were asked for.
    """
    columns = columns_of(standardised(x))
    n = len(columns)
    if (delay or 1) < 1 or (dimension or 1) < 1 or (theiler or 0) < 0 or delay == 0 or dimension == 0:
        raise UsageError(
            f"an embedding of delay {delay}, dimension {dimension} and Theiler window {theiler}",
            "delay and dimension are at least 1, the window at least 0",
        )
    span = ((dimension or 1) - 1) * (delay or 1)
    if n < max(LEAST, span + STATES):
        raise InsufficientData(max(LEAST, span + STATES), n, "choosing an embedding")
    period = period_of(columns)
    if theiler is None:
        theiler = window_of(columns, period)
    if delay is None:
        delay = delay_of(columns, period, max(1, min(n // 10, (n - STATES) // max((dimension or 2) - 1, 1))))
    if dimension is None:
        found = cao_of(columns, delay, theiler, max(1, min(MOST, n // (3 * delay))))
        dimension = max(found.dimension, 2 if columns.shape[1] == 1 and columns.any() else 1)
    return Embedding(delay, dimension, theiler, period)
