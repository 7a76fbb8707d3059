"""How far neighbours have moved apart after so many samples: the curve of divergence and what belongs to it."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from midstream_cli.attractor.embedding.embedding import Embedding
from midstream_cli.attractor.estimate import Estimate
from midstream_cli.frames import Float64, Int64


class Curve(NamedTuple):
    """The mean logarithm of the distance of neighbours, over the samples since they were found."""

    steps: Int64
    divergence: Float64
    """In nats, of the distance in the series' own unit."""


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
    """Nats a sample, with the 90 % interval."""
    per_second: Estimate | None
    """Nats a second; None where the rate is not known."""
    method: str
    region: Region | None
    """Which part of the curve was taken; None where no curve says anything."""
    curve: Curve | None
    embedding: Embedding
    estimators: tuple[tuple[str, float], ...]
    """What each estimator said alone, nats a sample."""
    agreement: float
    """The larger through the smaller of the two main estimates: below 1.5 they can be trusted; inf where they disagree in
    sign, nan where there is one alone."""
    reason: str
    """Why nothing, or only little, can be said; empty where there is nothing to object."""

    @property
    def is_significant(self) -> bool:
        """Whether the interval leaves out 0."""
        return self.per_sample.low > 0 or self.per_sample.high < 0


def mean_log(rows: Float64) -> Float64:
    """The mean over the rows of the logarithm of distances, shape (references, steps); zeros and gaps (nan) left out."""
    known = rows > 0
    logs = np.log(np.where(known, rows, 1.0))
    counts = known.sum(axis=0)
    mean: Float64 = np.where(counts > 0, logs.sum(axis=0) / np.maximum(counts, 1), np.nan)
    return mean
