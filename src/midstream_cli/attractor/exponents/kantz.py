"""Kantz's curve: the logarithm of the mean distance of a whole neighbourhood."""

import numpy as np

from midstream_cli.attractor.embedding.delay_vectors import embed
from midstream_cli.attractor.embedding.embedding import Embedding
from midstream_cli.attractor.exponents.divergence import references
from midstream_cli.attractor.neighbours.search import nearest
from midstream_cli.errors import InsufficientData
from midstream_cli.frames import Float64

REFERENCES = 1000
NEIGHBOURS = 8


def kantz(series: Float64, embedding: Embedding, steps: int) -> Float64:
    """The mean over reference points of the logarithm of the mean distance of their neighbours, after 0 to `steps` samples.

    H. Kantz, "A robust method to estimate the maximal Lyapunov exponent of a time series", Phys. Lett. A 185 (1994) 77,
    with as many neighbours everywhere instead of one radius; distances are those of the last values alone.

    Args:
        series: shape (n,) or (n, channels).

    Raises:
        InsufficientData: the series is too short.
    """
    span = (embedding.dimension - 1) * embedding.delay
    needed = span + steps + 2 * embedding.theiler + 4 * NEIGHBOURS
    if len(series) < needed:
        raise InsufficientData(needed, len(series), "following neighbourhoods")
    points = embed(series, embedding.dimension, embedding.delay)
    until = len(points) - steps
    at = references(until, REFERENCES)
    index = nearest(points, NEIGHBOURS, theiler=embedding.theiler, at=at, limit=until).index
    there = (index >= 0).all(axis=1)
    at, index = at[there] + span, index[there] + span
    values = series.reshape(len(series), -1)
    curve = np.empty(steps + 1)
    for step in range(steps + 1):
        apart = np.sqrt(((values[at + step, None] - values[index + step]) ** 2).sum(axis=2)).mean(axis=1)
        curve[step] = np.log(apart[apart > 0]).mean() if (apart > 0).any() else np.nan
    return curve
