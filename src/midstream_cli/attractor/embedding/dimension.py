"""How many delayed copies of a series it takes until the states of its system no longer overlap."""

import math
from collections.abc import Iterator
from typing import Literal, NamedTuple, get_args

import numpy as np
import numpy.typing as npt

from midstream_cli.attractor.embedding.delay_vectors import embed
from midstream_cli.attractor.embedding.sampling import columns_of, standardised
from midstream_cli.attractor.neighbours.search import nearest
from midstream_cli.errors import InsufficientData, UsageError
from midstream_cli.frames import Float64, Int64

Method = Literal["cao", "false-neighbours"]

POINTS = 10_000
"""Of a longer series so many states, evenly spread, are looked at."""

QUERIES = 1_000
"""For so many of them the nearest neighbour is found."""

LEAST = 20
"""States below which no neighbours are looked for."""

RESOLUTION = 1e-3
"""In deviations of the series: states that are nearer are the same state."""

SATURATED = 0.9
"""Of its final level: Cao's first quotient has stopped changing."""

SETTLED = 2
"""So many quotients in a row end the search early."""

RATIO, SIZE, FEW = 10.0, 2.0, 0.01
"""Kennel's limits: growth of a distance, distance in deviations, and the share of false neighbours that is none."""


class Cao(NamedTuple):
    """Cao's quotients, for the dimensions 1, 2, ..."""

    dimension: int
    """The least in which the states do not overlap."""
    e1: Float64
    """How much farther neighbours get in one dimension more, over the same one dimension earlier: 1 when unfolded."""
    e2: Float64
    """The same of the new coordinate alone: 1 in all dimensions where the past says nothing of the future."""
    error: float
    """The standard error of one of `e2`, from how many neighbours it is the mean of."""

    @property
    def is_random(self) -> bool:
        """No quotient of the new coordinate differs from 1: white noise; noise with a memory does not show here."""
        # where states come back exactly, the quotients are 1 as well, the first one too
        folded = bool((self.e1[:1] < SATURATED).any())
        return folded and bool((np.abs(self.e2 - 1.0) < max(4.0 * self.error, 0.05)).all())


class FalseNeighbours(NamedTuple):
    """Shares of neighbours that one more dimension tears apart, for the dimensions 1, 2, ..."""

    dimension: int
    """The first of which one in a hundred is torn apart at most; else that of which fewest are."""
    share: Float64


class _Neighbours(NamedTuple):
    """Nearest neighbours in one dimension, and what becomes of them in the next."""

    distance: Float64
    """Shape (found,), at least the resolution."""
    step: Float64
    """How far they are apart in the new coordinates, shape (found,)."""


def embedding_dimension(
    x: npt.ArrayLike, delay: int, *, theiler: int = 1, method: Method = "cao", max_dimension: int = 10
) -> Cao | FalseNeighbours:
    """The least dimension in which a series' delay vectors unfold its attractor.

    Args:
        x: shape (n,) or (n, channels); the dimension counts copies of all channels.
        delay: in samples.
        theiler: states at most so many samples apart are no neighbours.
        method: `cao` or `false-neighbours`.
        max_dimension: the largest that is tried; less where the series is short.

    Raises:
        UsageError: the series is not finite, a number is below 1, or there is no such method.
        InsufficientData: the series has fewer than 20 states of two copies.
    """
    if method not in get_args(Method):
        raise UsageError(f"there is no method {method!r} for the dimension", f"use {' or '.join(get_args(Method))}")
    series = _checked(x, delay, theiler, max_dimension)
    search = cao_of if method == "cao" else false_neighbours_of
    return search(series, delay, theiler, max_dimension)


def cao(x: npt.ArrayLike, delay: int, *, theiler: int = 1, max_dimension: int = 10) -> Cao:
    """Cao's quotients E1 and E2 for all dimensions up to `max_dimension` (L. Cao, Physica D 110, 1997).

    States nearer than a thousandth of the series' deviation count as that far apart: otherwise rounding decides for clean
    cycles. The arguments and errors are those of `embedding_dimension`.
    """
    return cao_of(_checked(x, delay, theiler, max_dimension), delay, theiler, max_dimension, early=False)


def false_neighbours(x: npt.ArrayLike, delay: int, *, theiler: int = 1, max_dimension: int = 10) -> FalseNeighbours:
    """Shares of false nearest neighbours for all dimensions (M. B. Kennel, R. Brown, H. D. I. Abarbanel, Phys. Rev. A 45, 1992).

    A neighbour is false if the new coordinate is 10 times as far apart as the states were, or the new states are two
    deviations of the series apart. The arguments and errors are those of `embedding_dimension`.
    """
    return false_neighbours_of(_checked(x, delay, theiler, max_dimension), delay, theiler, max_dimension, early=False)


def cao_of(columns: Float64, delay: int, theiler: int, most: int, *, early: bool = True) -> Cao:
    """`cao` of standardised columns.

    Args:
        early: stop where the first quotient has reached 1.
    """
    growth: list[float] = []
    steps: list[float] = []
    spread, settled = 1.0, 0
    for near in _neighbours(columns, delay, theiler, most + 1, "chebyshev"):
        growth.append(float((np.maximum(near.distance, near.step) / near.distance).mean()))
        steps.append(max(float(near.step.mean()), RESOLUTION))
        spread = float(near.step.std()) / steps[-1] / math.sqrt(len(near.step))
        settled = settled + 1 if len(growth) > 1 and growth[-1] > SATURATED * growth[-2] else 0
        if early and settled > SETTLED:
            break
    if len(growth) < 2:
        return Cao(1, np.empty(0), np.empty(0), 0.0)
    e, s = np.array(growth), np.array(steps)
    e1 = e[1:] / e[:-1]
    # noise keeps the quotient below 1 in all dimensions: what counts is where it stops to rise
    level = min(1.0, float(e1[-3:].max()))
    return Cao(int((e1 >= SATURATED * level).argmax()) + 1, e1, s[1:] / s[:-1], math.sqrt(2.0) * spread)


def false_neighbours_of(
    columns: Float64, delay: int, theiler: int, most: int, *, early: bool = True
) -> FalseNeighbours:
    """`false_neighbours` of standardised columns."""
    shares = []
    for near in _neighbours(columns, delay, theiler, most, "euclidean"):
        farther = np.hypot(near.distance, near.step)
        shares.append(
            float(((near.step > RATIO * near.distance) | (farther > SIZE * math.sqrt(columns.shape[1]))).mean())
        )
        if early and shares[-1] <= FEW:
            break
    share = np.array(shares)
    few = np.flatnonzero(share <= FEW)
    best = int(few[0]) if len(few) else int(share.argmin()) if len(share) else 0
    return FalseNeighbours(best + 1, share)


def _checked(x: npt.ArrayLike, delay: int, theiler: int, most: int) -> Float64:
    """Standardised columns."""
    if delay < 1 or theiler < 0 or most < 1:
        raise UsageError(
            f"delay {delay}, Theiler window {theiler}, dimensions up to {most}",
            "delay and dimensions are at least 1, the window at least 0",
        )
    return columns_of(standardised(x))


def _neighbours(
    columns: Float64, delay: int, theiler: int, most: int, norm: Literal["chebyshev", "euclidean"]
) -> Iterator[_Neighbours]:
    """Neighbours in the dimensions 1 to `most`, as far as the series is long enough; none where it does not move."""
    n, channels = columns.shape
    if n - delay < LEAST:
        raise InsufficientData(LEAST + delay, n, f"an embedding dimension with a delay of {delay}")
    # each dimension more costs states: at least a third is kept
    most = max(1, min(most, 2 * n // 3 // delay, (n - LEAST) // delay))
    states = n - most * delay
    at, window = _chosen(states, theiler)
    whole = embed(columns, most + 1, delay) if len(at) == states else _rows(columns, at, most + 1, delay)
    queries = np.linspace(0, len(at) - 1, min(len(at), QUERIES)).astype(np.int64)
    for dimension in range(1, most + 1):
        points = np.ascontiguousarray(whole[:, : dimension * channels])
        found = nearest(points, 1, theiler=window, at=queries, norm=norm)
        known = found.index[:, 0] >= 0
        if not known.any() or not columns.any():
            return
        new = slice(dimension * channels, (dimension + 1) * channels)
        apart = np.abs(whole[queries[known], new] - whole[found.index[known, 0], new])
        step = apart.max(axis=1) if norm == "chebyshev" else np.sqrt((apart**2).sum(axis=1))
        yield _Neighbours(np.maximum(found.distance[known, 0], RESOLUTION), step)


def _chosen(states: int, theiler: int) -> tuple[Int64, int]:
    """Which states are looked at, and the Theiler window in their numbers."""
    if states <= 2 * POINTS:
        return np.arange(states), theiler
    stride = states / POINTS
    # at random within even steps, so that they are in step with no period
    at = ((np.arange(POINTS) + np.random.default_rng(0).random(POINTS)) * stride).astype(np.int64)
    return at, math.ceil(theiler / stride) + 1


def _rows(columns: Float64, at: Int64, dimension: int, delay: int) -> Float64:
    """Some of the delay vectors."""
    return np.concatenate([columns[at + k * delay] for k in range(dimension)], axis=1)
