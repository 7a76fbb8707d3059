"""Which points of a trajectory come nearest to one another, those close in time left out."""

import math
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from midstream_cli.attractor.kernels import kd_search
from midstream_cli.attractor.kernels.kd_tree import WIDE
from midstream_cli.attractor.neighbours import pairs
from midstream_cli.attractor.neighbours.tree import Tree, grown
from midstream_cli.compare.warping.values import numbers
from midstream_cli.compiled import machine
from midstream_cli.errors import UsageError
from midstream_cli.frames import Float64, Int64

Norm = Literal["euclidean", "chebyshev"]

NORMS = ("euclidean", "chebyshev")

LOADING_US = 35_000.0
"""Processor time that loading the kernels takes, once they are compiled."""

PAIR_US = 0.002
"""What numpy takes for one coordinate of one pair of points."""

ORDINARY = 300
"""Numbers up to 2 to this power, and down to minus this, can be squared without care."""

AT_ONCE = 1 << 20
"""Neighbours for which there is room at a time."""

_spent_us = 0.0


class Nearest(NamedTuple):
    """The nearest neighbours of each query."""

    index: Int64  # type: ignore[assignment]  # a name for a field, not the method of tuples
    """Shape (queries, k), nearest first; -1 where there are not so many."""
    distance: Float64
    """Shape (queries, k); infinite where there are not so many."""


class Within(NamedTuple):
    """All neighbours within a radius, in compressed rows."""

    start: Int64
    """Shape (queries + 1,); the neighbours of query q are at ``start[q]:start[q + 1]``."""
    index: Int64  # type: ignore[assignment]  # a name for a field, not the method of tuples
    """In the order of time for each query."""
    distance: Float64


class _Asked(NamedTuple):
    """What is looked for."""

    points: Float64
    """Scaled so that squares are safe."""
    exponent: int
    """Of the power of two by which they must be multiplied again."""
    queries: Int64
    until: int
    """So many points count as neighbours."""
    theiler: int
    squares: bool


def nearest(
    points: npt.ArrayLike,
    k: int = 1,
    *,
    theiler: int = 0,
    at: npt.ArrayLike | None = None,
    norm: Norm = "euclidean",
    limit: int | None = None,
    radius: float | None = None,
) -> Nearest:
    """The k nearest neighbours of points of a trajectory, themselves and those close in time left out.

    Of equally near ones the earliest come first: the result is the same whatever the machine, as far as distances that are
    equal in theory are also equal as computed.

    Args:
        points: shape (n, dims), in the order of time, finite.
        theiler: points up to so many samples before and after do not count (Theiler 1986); the point itself never does.
        at: which points are asked for, shape (queries,); all of them where it is left out.
        limit: only the first so many points count as neighbours: those whose future is known.
        radius: none farther than this.

    Raises:
        UsageError: points that are no finite numbers, negative numbers, queries that are no indices of points, an unknown
            norm.
    """
    if k < 1:
        raise UsageError(f"{k} neighbours", "ask for one at least")
    asked = _asked(points, at, theiler, norm, limit)
    reach = math.inf if radius is None else _reach(radius, asked)
    index = np.full((len(asked.queries), k), -1, np.int64)
    distance = np.full(index.shape, math.inf)
    if asked.until and len(asked.queries):
        if _is_small(asked, k):
            pairs.nearest(
                asked.points, asked.queries, asked.until, asked.theiler, index, distance, reach, squares=asked.squares
            )
        else:
            tree = grown(asked.points[: asked.until])
            order = _order(asked, tree)
            kd_search.nearest(
                tree.nodes, tree.leaves, asked.points, asked.queries, order, index, distance, *_scratch(),
                tree.halvings, tree.room, tree.inner, asked.theiler, reach, int(asked.squares),
            )  # fmt: skip
    return Nearest(index, _measured(distance, asked))


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
    """All points up to a distance from points of a trajectory, themselves and those close in time left out.

    Args:
        points, theiler, at, norm, limit: as for `nearest`.
        radius: points at exactly this distance count.
        most: of more than so many neighbours, only the nearest.

    Raises:
        UsageError: as for `nearest`; a radius that is negative or no number.
    """
    if most is not None:
        nearby = nearest(points, most, theiler=theiler, at=at, norm=norm, limit=limit, radius=radius)
        return _compressed(nearby)
    asked = _asked(points, at, theiler, norm, limit)
    reach = _reach(radius, asked)
    if not asked.until or not len(asked.queries):
        return Within(np.zeros(len(asked.queries) + 1, np.int64), np.empty(0, np.int64), np.empty(0))
    if _is_small(asked, 1):
        start, index, distance = pairs.within(
            asked.points, asked.queries, asked.until, asked.theiler, reach, squares=asked.squares
        )
    else:
        start, index, distance = _by_tree(asked, reach)
    return Within(start, index, _measured(distance, asked))


def _by_tree(asked: _Asked, reach: float) -> tuple[Int64, Int64, Float64]:
    """All neighbours, in pieces that there is room for."""
    tree = grown(asked.points[: asked.until])
    start = np.zeros(len(asked.queries) + 1, np.int64)
    room = max(AT_ONCE, asked.until)
    index, distance = np.empty(room, np.int64), np.empty(room)
    indices, distances = [], []
    begin, base = 0, 0
    while begin < len(asked.queries):
        end = kd_search.within(
            tree.nodes, tree.leaves, asked.points, asked.queries, begin, start, index, distance, *_scratch(),
            tree.halvings, tree.room, tree.inner, asked.theiler, reach, int(asked.squares),
        )  # fmt: skip
        # the row that there was no room for has written where it begins, which is where this piece ends
        found = int(start[end])
        indices.append(index[:found].copy())
        distances.append(distance[:found].copy())
        start[begin:end] += base
        base += found
        begin = end
    start[-1] = base
    return start, np.concatenate(indices), np.concatenate(distances)


def _compressed(nearby: Nearest) -> Within:
    """Rows of the neighbours that there are, in the order of time."""
    index = np.where(nearby.index < 0, np.iinfo(np.int64).max, nearby.index)
    order = np.argsort(index, axis=1)
    there = np.take_along_axis(nearby.index, order, 1) >= 0
    start = np.concatenate([[0], np.cumsum(there.sum(axis=1))]).astype(np.int64)
    index = np.take_along_axis(nearby.index, order, 1)[there]
    return Within(start, index, np.take_along_axis(nearby.distance, order, 1)[there])


def _asked(points: npt.ArrayLike, at: npt.ArrayLike | None, theiler: int, norm: str, limit: int | None) -> _Asked:
    array = np.ascontiguousarray(numbers(points, "the points"))
    if array.ndim == 1:
        array = array[:, None]
    if array.ndim != 2 or array.shape[1] == 0:
        raise UsageError(f"points of shape {array.shape}", "give shape (n, dims)")
    largest = float(np.abs(array).max(initial=0.0))
    if not math.isfinite(largest):
        raise UsageError("a point has a coordinate that is not finite", "leave such points out")
    if norm not in NORMS:
        raise UsageError(f"there is no norm {norm!r}", f"choose one of {', '.join(NORMS)}")
    if theiler < 0 or (limit is not None and limit < 0):
        raise UsageError(f"theiler = {theiler}, limit = {limit}", "neither is negative")
    n = len(array)
    queries = np.arange(n) if at is None else np.asarray(at)
    if queries.size and queries.dtype.kind not in "iu":
        raise UsageError(
            f"queries of type {queries.dtype.name}", "give indices of points; `numpy.flatnonzero` of a mask"
        )
    queries = np.ascontiguousarray(queries, np.int64)
    if queries.ndim != 1 or (queries.size and not 0 <= queries.min() <= queries.max() < n):
        raise UsageError(f"queries beyond the {n} points", "give indices of points")
    exponent = math.frexp(largest)[1]
    if abs(exponent) > ORDINARY:
        array = np.ldexp(array, -exponent)
    else:
        exponent = 0
    # no two points are farther apart in time
    return _Asked(array, exponent, queries, n if limit is None else min(limit, n), min(theiler, n), norm == "euclidean")


def _reach(radius: float, asked: _Asked) -> float:
    """A radius as the search measures distances."""
    if not 0 <= radius < math.inf:
        raise UsageError(f"a radius of {radius}", "give a number that is not negative")
    mantissa, exponent = math.frexp(radius)
    # beyond this everything is in reach
    scaled = math.ldexp(mantissa, min(exponent - asked.exponent, ORDINARY))
    return scaled * scaled if asked.squares else scaled


def _measured(distance: Float64, asked: _Asked) -> Float64:
    """Distances as they are, of those of the search."""
    if asked.squares:
        np.sqrt(distance, out=distance)
    return np.ldexp(distance, asked.exponent, out=distance) if asked.exponent else distance


def _order(asked: _Asked, tree: Tree) -> Int64:
    """The queries, neighbours one after the other."""
    n = len(asked.points)
    if asked.until == n == len(asked.queries) and (asked.queries == np.arange(n)).all():
        return tree.order
    # points that are not in the tree come last, in the order of time
    place = np.arange(n)
    place[tree.order] = np.arange(len(tree.order))
    return np.argsort(place[asked.queries], kind="stable")


def _scratch() -> tuple[Int64, Float64]:
    return np.empty(kd_search.STACK, np.int64), np.empty(kd_search.STACK + WIDE)


def _is_small(asked: _Asked, k: int) -> bool:
    """Whether numpy has looked at all pairs before the kernels are loaded."""
    global _spent_us  # noqa: PLW0603 - one process, one engine to load
    cost_us = len(asked.queries) * asked.until * (asked.points.shape[1] + k + 2) * PAIR_US
    small = _spent_us + cost_us < LOADING_US and not machine.is_loaded(kd_search.nearest.module)
    _spent_us += cost_us if small else 0.0
    return small
