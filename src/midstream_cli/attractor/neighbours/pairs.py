"""Neighbours by looking at every pair of points: for jobs too small to load compiled code for."""

from collections.abc import Iterator

import numpy as np

from midstream_cli.frames import Float64, Int64

AT_ONCE = 1 << 18
"""Pairs that are held at a time."""


def _distances(
    points: Float64, queries: Int64, until: int, theiler: int, *, squares: bool
) -> Iterator[tuple[int, Float64]]:
    """Distances of some queries at a time to all points, infinite to those close in time; and where these queries begin."""
    time = np.arange(until)
    step = max(AT_ONCE // max(until, 1), 1)
    for begin in range(0, len(queries), step):
        asked = queries[begin : begin + step]
        total = np.zeros((len(asked), until))
        for coordinate in points.T:
            apart = coordinate[:until] - coordinate[asked, None]
            if squares:
                apart *= apart
                total += apart
            else:
                np.maximum(total, np.abs(apart, out=apart), out=total)
        total[np.abs(time - asked[:, None]) <= theiler] = np.inf
        yield begin, total


def nearest(
    points: Float64, queries: Int64, until: int, theiler: int, index: Int64, distance: Float64, reach: float,
    *, squares: bool,
) -> None:  # fmt: skip
    """As the kernel of the same name."""
    index.fill(-1)
    distance.fill(np.inf)
    for begin, total in _distances(points, queries, until, theiler, squares=squares):
        total[total > reach] = np.inf
        rows = np.arange(len(total))
        for s in range(min(index.shape[1], until)):
            # of equals, numpy takes the first
            best = total.argmin(axis=1)
            found = total[rows, best]
            there = np.isfinite(found)
            index[begin : begin + len(total), s] = np.where(there, best, -1)
            distance[begin : begin + len(total), s] = found
            total[rows, best] = np.inf


def within(
    points: Float64, queries: Int64, until: int, theiler: int, reach: float, *, squares: bool
) -> tuple[Int64, Int64, Float64]:
    """Where the neighbours of each query begin, the neighbours in the order of time, and their distances."""
    counts, index, distance = [np.zeros(1, np.int64)], [np.empty(0, np.int64)], [np.empty(0)]
    for _, total in _distances(points, queries, until, theiler, squares=squares):
        near = total <= reach
        counts.append(near.sum(axis=1))
        index.append(np.nonzero(near)[1])
        distance.append(total[near])
    return np.cumsum(np.concatenate(counts)), np.concatenate(index), np.concatenate(distance)
