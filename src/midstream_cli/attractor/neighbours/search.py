"""Which points of a trajectory come nearest to one another, those close in time left out."""

from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from midstream_cli.errors import UsageError
from midstream_cli.frames import Float64, Int64

Norm = Literal["euclidean", "chebyshev"]

NORMS = ("euclidean", "chebyshev")


class Nearest(NamedTuple):
    """The nearest neighbours of each query."""

    index: Int64
    """Shape (queries, k), nearest first; -1 where there are not so many."""
    distance: Float64
    """Shape (queries, k); infinite where there are not so many."""


class Within(NamedTuple):
    """All neighbours within a radius, in compressed rows."""

    start: Int64
    """Shape (queries + 1,); the neighbours of query q are at ``start[q]:start[q + 1]``."""
    index: Int64
    """In increasing order within each query."""
    distance: Float64


def nearest(
    points: npt.ArrayLike,
    k: int = 1,
    *,
    theiler: int = 0,
    at: npt.ArrayLike | None = None,
    norm: Norm = "euclidean",
    limit: int | None = None,
) -> Nearest:
    """The k nearest neighbours of each point, itself and those close in time left out; of equally near ones the earliest.

    Args:
        points: shape (n, dims), in order of time, finite.
        theiler: points up to so many samples before and after do not count (Theiler 1986); the point itself never does.
        at: which points are asked for, shape (queries,); all of them where it is left out.
        limit: only the first so many points count as neighbours: those whose future is known.

    Raises:
        UsageError: points that are not finite, negative numbers, indices beyond the points, an unknown norm.
    """
    array, queries, until = _checked(points, at, k, theiler, norm, limit)
    from scipy.spatial import cKDTree

    n = len(array)
    index = np.full((len(queries), k), -1, np.int64)
    distance = np.full((len(queries), k), np.inf)
    if until == 0 or len(queries) == 0:
        return Nearest(index, distance)
    tree = cKDTree(array[:until])
    left = np.arange(len(queries))
    ask = k + 1
    while len(left):
        ask = min(ask, until)
        d, i = tree.query(array[queries[left]], np.arange(1, ask + 1), p=2 if norm == "euclidean" else np.inf)
        apart = (np.abs(i - queries[left, None]) > theiler) & (i < n)
        enough = (apart.sum(axis=1) >= k) | (ask == until)
        d[~apart] = np.inf
        i[~apart] = -1
        order = np.lexsort((i, d), axis=1)[:, :k]
        rows, width = left[enough], min(k, ask)
        index[rows, :width] = np.take_along_axis(i, order, 1)[enough]
        distance[rows, :width] = np.take_along_axis(d, order, 1)[enough]
        left = left[~enough]
        ask *= 2
    return Nearest(index, distance)


def within(
    points: npt.ArrayLike,
    radius: float,
    *,
    theiler: int = 0,
    at: npt.ArrayLike | None = None,
    norm: Norm = "euclidean",
    limit: int | None = None,
    most: int | None = None,
) -> Within:
    """All points within a radius of each point, itself and those close in time left out.

    Args:
        points: shape (n, dims), in order of time, finite.
        radius: those at exactly this distance count.
        theiler, at, limit: as for `nearest`.
        most: so many of the nearest at most for each query.

    Raises:
        UsageError: as for `nearest`; a negative radius.
    """
    array, queries, until = _checked(points, at, 1, theiler, norm, limit)
    from scipy.spatial import cKDTree

    tree = cKDTree(array[:until])
    p = 2 if norm == "euclidean" else np.inf
    found = tree.query_ball_point(array[queries], radius, p=p, return_sorted=True)
    rows, distances = [], []
    for query, each in zip(queries, found, strict=True):
        these = np.asarray(each, np.int64)
        these = these[np.abs(these - query) > theiler]
        d = np.linalg.norm(array[these] - array[query], ord=p, axis=1)
        if most is not None and len(these) > most:
            keep = np.sort(np.lexsort((these, d))[:most])
            these, d = these[keep], d[keep]
        rows.append(these)
        distances.append(d)
    start = np.concatenate([[0], np.cumsum([len(each) for each in rows])]).astype(np.int64)
    empty = np.empty(0)
    return Within(start, np.concatenate([*rows, empty.astype(np.int64)]), np.concatenate([*distances, empty]))


def _checked(
    points: npt.ArrayLike, at: npt.ArrayLike | None, k: int, theiler: int, norm: str, limit: int | None
) -> tuple[Float64, Int64, int]:
    """Points, queries, and how many points count."""
    array = np.ascontiguousarray(points, np.float64)
    if array.ndim == 1:
        array = array[:, None]
    if array.ndim != 2 or array.shape[1] == 0:
        raise UsageError(f"points of shape {array.shape}", "give shape (n, dims)")
    if not np.isfinite(array).all():
        raise UsageError("a point has a coordinate that is not finite", "leave such points out")
    if norm not in NORMS:
        raise UsageError(f"there is no norm {norm!r}", f"choose one of {', '.join(NORMS)}")
    if k < 1 or theiler < 0 or (limit is not None and limit < 0):
        raise UsageError(f"k = {k}, theiler = {theiler}, limit = {limit}", "k is at least 1, the others at least 0")
    n = len(array)
    queries = np.arange(n, dtype=np.int64) if at is None else np.ascontiguousarray(at, np.int64)
    if queries.ndim != 1 or (queries.size and not 0 <= queries.min() <= queries.max() < n):
        raise UsageError(f"queries beyond the {n} points", "give indices of points")
    return array, queries, n if limit is None else min(limit, n)
