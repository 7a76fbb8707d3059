"""The embedding of a series: its delay, its dimension and what goes with them."""

from typing import NamedTuple

import numpy.typing as npt

from midstream_cli.attractor.embedding.delay import delay as found_delay
from midstream_cli.attractor.embedding.dimension import embedding_dimension
from midstream_cli.attractor.embedding.period import dominant_period
from midstream_cli.attractor.embedding.sampling import standardised
from midstream_cli.attractor.embedding.theiler import theiler_window


class Embedding(NamedTuple):
    """How a series becomes states; all in samples."""

    delay: int
    dimension: int
    theiler: int
    period: float
    """NaN where the series has none."""


def choose(
    x: npt.ArrayLike, *, delay: int | None = None, dimension: int | None = None, theiler: int | None = None
) -> Embedding:
    """The embedding of a series; what is given is kept."""
    series = standardised(x)
    period = dominant_period(series)
    if theiler is None:
        theiler = theiler_window(series, period)
    if delay is None:
        delay = found_delay(series)
    if dimension is None:
        dimension = max(2, embedding_dimension(series, delay, theiler=theiler).dimension)
    return Embedding(delay, dimension, theiler, period)
