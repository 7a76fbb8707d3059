"""The nearest stretch of a stream that ends at each frame, under time warping with open begin and end."""

from bisect import bisect_right
from itertools import chain

import numpy as np

from midstream_cli.compare.kernels import band as banding
from midstream_cli.compare.kernels import scan as scanning
from midstream_cli.compare.kernels.band import WINDOWS
from midstream_cli.compare.kernels.scan import ASYMMETRIC, EUCLIDEAN, ROWS, SYMMETRIC1, SYMMETRIC2
from midstream_cli.compare.search.memory import Take
from midstream_cli.frames import Float64

PATTERNS = {"symmetric1": SYMMETRIC1, "symmetric2": SYMMETRIC2, "asymmetric": ASYMMETRIC}

CERTAIN = 1.0 + 1e-12
"""A sum in another order differs less from the same sum."""


class Ends:
    """Candidates by their last frame; of equally near ones with one end, the shortest.

    All is relative to free spans, which taken stretches and frames that are not finite leave: a path stays in one.
    """

    def __init__(
        self,
        query: Float64,
        stream: Float64,
        spans: list[tuple[int, int]],
        pattern: str,
        rooted: bool,
        take: Take = np.empty,
    ) -> None:
        """Compare every stretch within the spans.

        Args:
            query: shape (n, dims).
            stream: shape (frames, dims); finite in the spans, and whatever stands in between.
            rooted: local costs are Euclidean distances; else their squares.
            take: gives memory, until the distances are no longer looked at.
        """
        (n, dims), m = query.shape, len(stream)
        self._n, self._dims, self._m = n, dims, m
        self._pattern = PATTERNS[pattern]
        self._cost = (0 if rooted else 1) if dims == 1 else (EUCLIDEAN if rooted else 2)
        self._query = np.zeros((dims, -(-n // ROWS) * ROWS))
        self._query[:, :n] = query.T
        self._stream = take(dims * (m + 2 * ROWS)).reshape(dims, m + 2 * ROWS)
        self._stream[:, ROWS : ROWS + m] = stream[::-1].T
        self._stream[:, :ROWS] = self._stream[:, ROWS + m :] = 0.0
        self._spans = spans
        work = take(m + ROWS)
        work.fill(0.0)
        self.distances = work[:m]
        for low, high in spans:
            scanning.scan(*self._frames(low, high), work[low:])
        edges = [0, *chain.from_iterable(spans), m]
        for low, high in zip(edges[::2], edges[1::2], strict=True):
            self.distances[low:high] = np.inf

    def stretch(self, end: int) -> tuple[int, int]:
        """First frame, and the one after the last, of the candidate that ends at a frame."""
        low, length = self._spans[self._span(end)][0], 2 * self._n
        wanted = self.distances[end] * CERTAIN
        while True:
            begin = max(low, end + 1 - length)
            distance, start = self._trace(begin, end + 1)
            if distance <= wanted or begin == low:
                return begin + start, end + 1
            length *= 2

    def exclude(self, start: int, end: int) -> tuple[int, int]:
        """From now on no candidate shares a frame with this stretch; the positions whose distances have changed."""
        span = self._span(start)
        low, high = self._spans[span]
        self._spans[span : span + 1] = [each for each in ((low, start), (end, high)) if each[0] < each[1]]
        self.distances[start:end] = np.inf
        length = 2 * self._n
        while end < high:
            until = min(high, end + length)
            again = self._scan(end, until)
            unchanged = again[-1] == self.distances[until - 1]
            self.distances[end:until] = again
            # two best paths never cross, so that no later one began before either; or none is so long
            if until == high or unchanged or self._pattern == ASYMMETRIC:
                return start, until
            length *= 2
        return start, end

    def _span(self, at: int) -> int:
        return bisect_right(self._spans, (at, self._m)) - 1

    def _frames(self, low: int, high: int) -> tuple[Float64, int, Float64, int, int, int, int, int, int]:
        stride = self._stream.shape[1]
        first = ROWS + self._m - high
        return (
            self._query.reshape(-1),
            self._n,
            self._stream.reshape(-1),
            stride,
            first,
            high - low,
            self._dims,
            self._pattern,
            self._cost,
        )

    def _scan(self, low: int, high: int) -> Float64:
        work = np.zeros(high - low + ROWS)
        scanning.scan(*self._frames(low, high), work)
        return work[: high - low]

    def _trace(self, low: int, high: int) -> tuple[float, int]:
        """Distance and start of the nearest stretch that ends with the last of some frames."""
        work, starts = np.zeros(high - low + ROWS), np.arange(high - low + ROWS, dtype=np.float64)
        scanning.trace(*self._frames(low, high), work, starts)
        return float(work[high - low - 1]), int(starts[high - low - 1])


class BandedEnds:
    """The same of stretches with a path in a Sakoe-Chiba band.

    Positions in the query and in the stretch differ by the band's width at most; as much longer or shorter it may be.
    """

    def __init__(
        self,
        query: Float64,
        stream: Float64,
        spans: list[tuple[int, int]],
        pattern: str,
        rooted: bool,
        width: int,
    ) -> None:
        """Compare every stretch within the spans; arguments as of `Ends`."""
        (n, dims), m = query.shape, len(stream)
        self._n, self._dims, self._width = n, dims, min(width, n + m)
        self._straightly = float(PATTERNS[pattern])
        self._rooted = int(rooted)
        self._query = np.ascontiguousarray(query.T).reshape(-1)
        self._stream = np.zeros((dims, m + n + self._width + WINDOWS))
        self._stream[:, :m] = stream.T
        self._spans = spans
        self.distances = np.full(m, np.inf)
        self._starts = np.zeros(m, np.intp)
        for low, high in spans:
            self._slide(low, high)

    def stretch(self, end: int) -> tuple[int, int]:
        """First frame, and the one after the last, of the candidate that ends at a frame."""
        return int(self._starts[end]), end + 1

    def exclude(self, start: int, end: int) -> tuple[int, int]:
        """From now on no candidate shares a frame with this stretch; the positions whose distances have changed."""
        high = next(high for low, high in self._spans if low <= start < high)
        at = bisect_right(self._spans, (start, high)) - 1
        low = self._spans[at][0]
        self._spans[at : at + 1] = [each for each in ((low, start), (end, high)) if each[0] < each[1]]
        self.distances[start:end] = np.inf
        until = min(high, end + self._n + self._width)
        if until > end:
            self._slide(end, until)
        return start, until

    def _slide(self, low: int, high: int) -> None:
        room = high - low + self._n + self._width + WINDOWS
        found, starts = np.full(room, np.inf), np.zeros(room)
        frames = np.empty((self._n + self._width) * self._dims * WINDOWS)
        band = np.empty((2 * self._width + 2) * WINDOWS)
        banding.slide(
            self._query,
            self._n,
            self._stream.reshape(-1),
            self._stream.shape[1],
            low,
            high - low,
            self._dims,
            self._width,
            self._straightly,
            self._rooted,
            frames,
            band,
            found,
            starts,
        )
        self.distances[low:high] = found[: high - low]
        self._starts[low:high] = starts[: high - low].astype(np.intp) + low
