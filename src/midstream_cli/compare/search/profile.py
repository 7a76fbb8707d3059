"""The distance of a query from every window of its length in a stream, as they are or each in its own scale."""

import math

import numpy as np

from midstream_cli.compare.kernels import profile as profiling
from midstream_cli.compare.kernels import search as searching
from midstream_cli.compare.kernels import standards as standardising
from midstream_cli.compare.kernels.band import WINDOWS
from midstream_cli.compare.kernels.standards import BLOCK
from midstream_cli.frames import Float64, Int64

ORDINARY = 800
"""Differences of numbers up to 2 to this power are numbers too, and not all in vain down to minus this."""


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

    def __init__(self, query: Float64, stream: Float64, spans: list[tuple[int, int]], *, normalise: bool) -> None:
        """Lay them out.

        Args:
            query: shape (n, dims).
            stream: shape (frames, dims); finite in the spans, and whatever stands in between.
            normalise: windows and query are compared less their mean and over their deviation, dimension by dimension.
        """
        self.n, self._dims = query.shape
        self._frames = len(stream)
        self._stream = np.zeros((self._dims, self._frames + 2 * BLOCK + self.n))
        self._stream[:, : self._frames] = stream.T
        self._spans = [(low, high) for low, high in spans if high - low >= self.n]
        self._normalise = normalise
        self._query = np.ascontiguousarray((standardised(query) if normalise else query).T)

    def euclidean(self) -> Windows:
        """Squared Euclidean distances; infinite where a window is not within a span."""
        out = self._room()
        for low, count in self._counts():
            inverse, mean = self._standards(low, count) if self._normalise else (np.empty(0), np.empty(0))
            where = (
                self._query.reshape(-1),
                self.n,
                self._stream.reshape(-1),
                self._stream.shape[1],
                low,
                count,
                self._dims,
            )
            profiling.profile(*where, inverse, mean, out[low:])
            out[low + count : low + count + 4 * WINDOWS] = math.inf
        return Windows(out[: -4 * WINDOWS], self.n)

    def warped(
        self, width: int, pattern: int, *, rooted: bool, bound: float = math.inf, falling: bool = False
    ) -> Windows:
        """Distances under time warping in a Sakoe-Chiba band; infinite where a window is not within a span.

        Args:
            pattern: symmetric1 or symmetric2, as the kernels number them.
            bound: distances above it may be infinite instead,
            falling: and so may all above the least but that one.
        """
        width = min(width, self.n - 1)
        upper, lower = _envelope(self._query, width)
        order = _order(upper, lower)
        frames = np.empty(self.n * self._dims * WINDOWS)
        band = np.empty((2 * width + 2) * WINDOWS)
        out = self._room()
        for low, count in self._counts():
            inverse, mean = self._standards(low, count)
            where = (
                self._query.reshape(-1),
                self.n,
                self._stream.reshape(-1),
                self._stream.shape[1],
                low,
                count,
                self._dims,
            )
            how = (width, float(pattern), int(rooted), bound, int(falling))
            searching.search(
                *where, *how, upper.reshape(-1), lower.reshape(-1), order, inverse, mean, frames, band, out[low:]
            )
            out[low + count : low + count + 4 * WINDOWS] = math.inf
            if falling:
                bound = min(bound, float(out[low : low + count].min()))
        return Windows(out[: -4 * WINDOWS], self.n)

    def _room(self) -> Float64:
        """A distance for each window, none yet; kernels write some more."""
        return np.full(self._frames - self.n + 1 + 4 * WINDOWS, math.inf)

    def _counts(self) -> list[tuple[int, int]]:
        """The first window of each span, and how many there are."""
        return [(low, high - low - self.n + 1) for low, high in self._spans]

    def _standards(self, low: int, count: int) -> tuple[Float64, Float64]:
        room = count + standardising.LANES + WINDOWS
        inverse, mean = np.zeros((self._dims, room)), np.zeros((self._dims, room))
        work = np.empty(2 * (BLOCK + self.n + standardising.LANES))
        # sums of squares that overflow, or of nothing, are seen and done again
        with np.errstate(over="ignore", divide="ignore"):
            for dim in range(self._dims):
                standardising.standards(self._stream[dim], low, count, self.n, inverse[dim], mean[dim], work)
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


def _envelope(query: Float64, width: int) -> tuple[Float64, Float64]:
    """The greatest and the least of what can meet each column; shape (dims, n) each."""
    n = query.shape[1]
    around = np.full((len(query), n + 2 * width), np.nan)
    around[:, width : width + n] = query
    seen = np.lib.stride_tricks.sliding_window_view(around, 2 * width + 1, axis=1)
    upper, lower = np.nanmax(seen, axis=2), np.nanmin(seen, axis=2)
    # the first meets the first, and the last the last
    upper[:, [0, -1]] = lower[:, [0, -1]] = query[:, [0, -1]]
    return np.ascontiguousarray(upper), np.ascontiguousarray(lower)


def _order(upper: Float64, lower: Float64) -> Int64:
    """Columns, those first that are likely to be far from what has mean 0: the first and the last, and high or deep ones."""
    height = np.maximum(lower, -upper).max(axis=0)
    height[[0, -1]] = math.inf
    return np.argsort(-height, kind="stable").astype(np.int64)
