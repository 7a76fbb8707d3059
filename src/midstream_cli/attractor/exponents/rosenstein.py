"""Rosenstein's estimate: the slope of the mean logarithm of the distance of nearest neighbours."""

import numpy as np

from midstream_cli.attractor.exponents.divergence import mean_log
from midstream_cli.attractor.neighbours.search import nearest
from midstream_cli.frames import Float64, Int64


def references(count: int, most: int) -> Int64:
    """At most so many positions of `count`, evenly spread."""
    taken = min(count, most)
    positions: Int64 = (np.arange(taken) * count // max(taken, 1)).astype(np.int64)
    return positions


def divergence(points: Float64, theiler: int, steps: int, most: int = 2000) -> Float64:
    """The mean logarithm of the distance of nearest neighbours after 0 .. steps samples, shape (steps + 1,).

    M. T. Rosenstein, J. J. Collins, C. J. De Luca, "A practical method for calculating largest Lyapunov exponents from
    small data sets", Physica D 65 (1993) 117.

    Args:
        points: delay vectors, shape (n, dims).
        theiler: neighbours are farther apart in time than so many samples.
        most: how many reference points are followed.
    """
    until = len(points) - steps
    at = references(until, most)
    found = nearest(points, theiler=theiler, at=at, limit=until).index[:, 0]
    at, found = at[found >= 0], found[found >= 0]
    rows = np.empty((len(at), steps + 1))
    for step in range(steps + 1):
        rows[:, step] = np.sqrt(((points[at + step] - points[found + step]) ** 2).sum(axis=1))
    return mean_log(rows)
