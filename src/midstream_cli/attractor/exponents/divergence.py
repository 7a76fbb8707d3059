"""How far neighbours have moved apart after so many samples: the curve of divergence and what belongs to it."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from midstream_cli.attractor.embedding.delay_vectors import embed
from midstream_cli.attractor.embedding.embedding import Embedding
from midstream_cli.attractor.estimate import Estimate
from midstream_cli.attractor.exponents.learnt import flow_of
from midstream_cli.attractor.neighbours.search import nearest
from midstream_cli.errors import InsufficientData
from midstream_cli.frames import Float64, Int64


class Curve(NamedTuple):
    """The mean logarithm of the distance of neighbours, over the samples since they were found."""

    steps: Int64
    divergence: Float64
    """In nats, of the distance in deviations of the series."""


class Region(NamedTuple):
    """The part of a curve whose slope was taken."""

    first: int
    """Samples."""
    last: int
    slope: float
    """Nats a sample."""
    level: float
    """Of the straight line, at step 0."""


@dataclass(frozen=True, slots=True)
class LargestExponent:
    """How fast near states of a system part: positive where it is chaotic, 0 where it repeats, negative where it settles."""

    per_sample: Estimate
    """Nats a sample, with the 90 % interval; nan where nothing can be said."""
    per_second: Estimate | None
    """Nats a second; None where the rate is not known."""
    method: str
    region: Region | None
    """Which part of the curve was taken; None where there is no curve."""
    curve: Curve | None
    embedding: Embedding
    estimators: tuple[tuple[str, float], ...]
    """What each estimator said alone, nats a sample."""
    agreement: float
    """The larger through the smaller of the learnt map's and the divergence's estimates: below 1.5 they can be trusted; inf
    where they disagree in sign, nan where there is one alone."""
    reason: str
    """Why nothing, or only little, can be said; empty where there is nothing to object."""

    @property
    def is_significant(self) -> bool:
        """Whether the interval leaves out 0."""
        return self.per_sample.low > 0 or self.per_sample.high < 0


def references(count: int, most: int) -> Int64:
    """At most so many positions of `count`, evenly spread."""
    taken = min(count, most)
    positions: Int64 = (np.arange(taken) * count // max(taken, 1)).astype(np.int64)
    return positions


def followed(series: Float64, embedding: Embedding, steps: int, *, slide: int, most: int, stride: int = 1) -> Float64:
    """Squared distances of reference points and their nearest neighbours as they go on.

    Shape (references, steps // stride + 1), one every `stride` samples; negative where nothing is known. At most `most` reference points are followed, evenly spread over the series: more would
    be neighbours of one another in time.

    Raises:
        InsufficientData: the series is too short for neighbours that can be followed.
    """
    from midstream_cli.attractor.kernels.divergence import follow

    span = (embedding.dimension - 1) * embedding.delay
    needed = span + steps + 2 * embedding.theiler + 20
    if len(series) < needed:
        raise InsufficientData(needed, len(series), "following neighbours")
    points = embed(series, embedding.dimension, embedding.delay)
    until = len(points) - steps
    at = references(until, most)
    found = nearest(points, theiler=embedding.theiler, at=at, limit=until)
    there = (found.index[:, 0] >= 0) & (found.distance[:, 0] > 0)
    at, near = at[there], np.ascontiguousarray(found.index[there, 0])
    out = np.empty((len(at), steps // stride + 1))
    flow = flow_of(points) if slide else points
    follow(points, flow, np.ascontiguousarray(at), near, stride, slide, embedding.theiler // 2, out)
    return out


def mean_log(squared: Float64) -> Float64:
    """The mean over the rows of the logarithm of distances, of squared distances; gaps and zeros left out."""
    known = squared > 0
    logs = np.log(np.where(known, squared, 1.0))
    counts = known.sum(axis=0)
    mean: Float64 = np.where(counts > 0, 0.5 * logs.sum(axis=0) / np.maximum(counts, 1), np.nan)
    return mean
