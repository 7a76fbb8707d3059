"""The distance of a query from every window of its length in a stream, as they are or each in its own scale."""

import math
from collections.abc import Iterator

import numpy as np

from midstream_cli.compare.kernels import profile as profiling
from midstream_cli.compare.kernels import search as searching
from midstream_cli.compare.kernels import standards as standardising
from midstream_cli.compare.kernels.band import WINDOWS
from midstream_cli.compare.kernels.scales import chunk, sums_size
from midstream_cli.compare.kernels.standards import BLOCK
from midstream_cli.compare.search.memory import Take
from midstream_cli.frames import Float64, Int64

ORDINARY = 800
"""Differences of numbers up to 2 to this power are numbers too, and not all in vain down to minus this."""

MOST_PLACES = 1000
"""So many of the least distances are kept in order; a bound for more does not fall."""


class Windows:
    """Candidates by their first frame, all as long as the query."""

    def __init__(self, distances: Float64, n: int) -> None:
        self.distances = distances
        self._n = n

    def stretch(self, start: int) -> tuple[int, int]:
        """First frame, and the one after the last, of the candidate that starts at a frame."""
        return start, start + self._n

    def exclude(self, start: int, end: int) -> tuple[int, int]:
        """From now on no candidate shares a frame with this one; the positions whose distances have changed."""
        low, high = max(0, start - self._n + 1), min(end, len(self.distances))
        self.distances[low:high] = math.inf
        return low, high


class Profile:
    """A query and the windows of a stream that lie within its spans."""

    def __init__(
        self, query: Float64, stream: Float64, spans: list[tuple[int, int]], take: Take = np.empty, *, normalise: bool
    ) -> None:
        """Lay them out.

        Args:
            query: shape (n, dims).
            stream: shape (frames, dims); finite in the spans, and any numbers in between.
            take: gives memory, until the distances are no longer looked at.
            normalise: windows and query are compared less their mean and over their deviation, dimension by dimension.
        """
        self.n, self._dims = query.shape
        self._frames = len(stream)
        self._take = take
        self._spans = [(low, high) for low, high in spans if high - low >= self.n]
        self._normalise = normalise
        self._given = query
        # kernels look further than to the end
        beyond = 2 * BLOCK + 3 * self.n
        self._apart = max(0, self._frames - beyond - self.n) if self._dims == 1 else 0
        """Before this window, all is read where it is."""
        self._stream = np.ascontiguousarray(stream)
        rest = stream[self._apart :].T
        self._rest = take(self._dims * (rest.shape[1] + beyond)).reshape(self._dims, -1)
        self._rest[:, : rest.shape[1]], self._rest[:, rest.shape[1] :] = rest, 0.0

    def euclidean(self) -> Windows:
        """Squared Euclidean distances; infinite where a window is not within a span."""
        out = self._room()
        query = np.ascontiguousarray((standardised(self._given) if self._normalise else self._given).T).reshape(-1)
        for frames, first, low, count in self._pieces():
            inverse, mean = self._standards(frames, first, count) if self._normalise else (np.empty(0), np.empty(0))
            where = query, self.n, frames.reshape(-1), frames.shape[1], first, count, self._dims
            profiling.profile(*where, inverse, mean, out[low:])
            out[low + count : low + count + 4 * WINDOWS] = math.inf
        return Windows(out[: -4 * WINDOWS], self.n)

    def warped(
        self, width: int, pattern: int, *, rooted: bool, bound: float = math.inf, k: int | None = None, cell: int = 1
    ) -> Windows:
        """Distances under time warping in a Sakoe-Chiba band; infinite where a window is not within a span.

        Args:
            pattern: symmetric1 or symmetric2, as the kernels number them.
            bound: distances above it may be infinite instead,
            k: and so may those that are not among so many least, of which each has a cell of its own;
            cell: as many windows, one after the other, have one.
        """
        n, dims, width = self.n, self._dims, min(width, self.n - 1)
        frames, band = np.empty(n * dims * WINDOWS), np.empty((2 * width + 2) * WINDOWS)
        given, query = np.append(self._given.T, np.zeros(WINDOWS)), np.empty(dims * n)
        # columns beyond the query are met by anything
        upper, lower = np.full((2, dims, -(-n // WINDOWS) * WINDOWS), [[[math.inf]], [[-math.inf]]])
        envelope = upper.reshape(-1), lower.reshape(-1)
        searching.standardise(given, n, dims, width, frames, query, *envelope)
        above, below = (np.full_like(upper, edge) for edge in (-math.inf, math.inf))
        above[:, 1 : n - 1] = below[:, 1 : n - 1] = query.reshape(dims, n)[:, 1:-1]
        rows = above.reshape(-1), below.reshape(-1)
        order = _order(upper[:, :n], lower[:, :n])
        slack, margin = _rounding(n, dims, rooted=rooted)
        places = k if k is not None and k <= MOST_PLACES else 0
        kinds = 2 if cell > 1 else 1
        nearest, cells = np.full(kinds * places, math.inf), np.full(kinds * places, -1, np.int64)
        spots = np.zeros(2 * WINDOWS, np.int64)
        sums, seeds, out = np.zeros(sums_size(n)), np.empty(searching.REGIONS * WINDOWS), self._room()
        size = dims * (self._frames - n + 1 + chunk(n) + WINDOWS)
        inverse, mean = self._take(size), self._take(size)
        for pieces, first, low, count in self._pieces():
            where = pieces.reshape(-1), pieces.shape[1], first, count, dims
            scales = inverse[: dims * (count + chunk(n) + WINDOWS)], mean[: dims * (count + chunk(n) + WINDOWS)]
            # sums of squares that overflow are seen and done again; beyond the last window, memory holds anything
            with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
                searching.glance(n, *where, int(rooted), chunk(n), *envelope, order, sums, *scales, seeds, out[low:])
                if low > self._spans[0][0]:
                    # a bound is known
                    seeds.fill(math.inf)
                bound = searching.search(
                    query, n, *where, width, float(pattern), int(rooted), bound, slack, margin, *envelope, *rows, order,
                    *scales, frames, band, spots, low, cell, places, nearest, cells, seeds, out[low:],
                )  # fmt: skip
            out[low + count : low + count + 4 * WINDOWS] = math.inf
        return Windows(out[: -4 * WINDOWS], n)

    def _room(self) -> Float64:
        """A distance for each window, none yet; kernels write some more."""
        out = self._take(self._frames - self.n + 1 + 4 * WINDOWS)
        if self._spans != [(0, self._frames)]:
            out.fill(math.inf)
        return out

    def _pieces(self) -> Iterator[tuple[Float64, int, int, int]]:
        """Frames, shape (dims, stride), and of the windows of a span: the first there, the first in the stream, how many."""
        for low, high in self._spans:
            until = high - self.n + 1
            if low < self._apart:
                yield self._stream.reshape(1, -1), low, low, min(until, self._apart) - low
            if until > self._apart:
                begin = max(low, self._apart)
                yield self._rest, begin - self._apart, begin, until - begin

    def _standards(self, frames: Float64, first: int, count: int) -> tuple[Float64, Float64]:
        room = count + standardising.LANES + WINDOWS
        inverse, mean = (self._take(self._dims * room).reshape(self._dims, room) for _ in range(2))
        work = np.empty(2 * (BLOCK + self.n + standardising.LANES))
        # sums of squares that overflow, or of nothing, are seen and done again
        with np.errstate(over="ignore", divide="ignore"):
            for dim in range(self._dims):
                standardising.standards(frames[dim], first, count, self.n, inverse[dim], mean[dim], work)
        return inverse.reshape(-1), mean.reshape(-1)


def moderate(values: Float64, greatest: float) -> Float64:
    """Values, or values over a power of two whose differences are numbers: their own scale is the same."""
    exponent = math.frexp(greatest)[1]
    return np.ldexp(values, -exponent) if abs(exponent) > ORDINARY else values


def standardised(vectors: Float64) -> Float64:
    """Each dimension less its mean and over its deviation, as a search has it; zero where it is constant."""
    n, lanes = len(vectors), standardising.LANES
    room = np.zeros(n + 2 * BLOCK)
    inverse, mean, work = np.empty(1 + lanes), np.empty(1 + lanes), np.empty(2 * (BLOCK + n + lanes))
    result, found = np.empty_like(vectors), np.empty(n + lanes)
    for dim, column in enumerate(moderate(vectors, float(np.abs(vectors).max())).T):
        room[:n] = column
        with np.errstate(over="ignore", divide="ignore"):
            standardising.standards(room, 0, 1, n, inverse, mean, work)
        standardising.standardise(room, n, inverse, mean, found)
        result[:, dim] = found[:n]
    return result


def _order(upper: Float64, lower: Float64) -> Int64:
    """Columns, those first that are likely to be far from what has mean 0: the first and the last, and high or deep ones."""
    height = np.maximum(lower, -upper).max(axis=0)
    height[[0, -1]] = math.inf
    return np.argsort(-height, kind="stable").astype(np.int64)


def _rounding(n: int, dims: int, *, rooted: bool) -> tuple[float, float]:
    """By what factor, and by how much more, a lower bound may exceed a distance for its digits only.

    A frame in the scale that a window's sums tell is off by less than `digit` of itself and of one; the squares of all such
    frames sum up to n for each dimension.
    """
    digit = n * n * 2.0**-50
    slack = max(1e-9, digit)
    return 1.0 + slack, 2.0 * n * dims * digit if rooted else 4.0 * n * dims * digit * digit * (1.0 + 1.0 / slack)
