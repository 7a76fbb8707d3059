"""The nearest stretch of a stream of names that ends at each, by edit distance.

P. Sellers, "The theory and computation of evolutionary distances: pattern recognition", J. Algorithms 1, 1980.
"""

import math
from bisect import bisect_right
from collections.abc import Hashable, Sequence

import numpy as np
import numpy.typing as npt

from midstream_cli.frames import Float64, Int64


class Phrases:
    """Candidates by their last name; of equally near ones with one end, the shortest."""

    def __init__(self, query: Sequence[Hashable], stream: Sequence[Hashable]) -> None:
        known: dict[Hashable, int] = {}
        self._query = np.array([known.setdefault(name, len(known)) for name in query], np.int64)
        self._stream = np.array([known.setdefault(name, len(known)) for name in stream], np.int64)
        self._spans = [(0, len(self._stream))]
        self.distances: Float64 = self._scan(0, len(self._stream)).astype(np.float64)

    def stretch(self, end: int) -> tuple[int, int]:
        """First name, and the one after the last, of the candidate that ends at a name."""
        low = self._spans[self._span(end)][0]
        # one that is longer has more than n names too many
        begin = max(low, end + 1 - 2 * len(self._query))
        backwards = _table(self._query[::-1], self._stream[begin : end + 1][::-1], anchored=True)
        return end - int(np.flatnonzero(backwards == self.distances[end])[0]), end + 1

    def exclude(self, start: int, end: int) -> tuple[int, int]:
        """From now on no candidate shares a name with this stretch; the positions whose distances have changed."""
        at = self._span(start)
        low, high = self._spans[at]
        self._spans[at : at + 1] = [each for each in ((low, start), (end, high)) if each[0] < each[1]]
        self.distances[start:end] = math.inf
        until = min(high, end + 2 * len(self._query))
        self.distances[end:until] = self._scan(end, until)
        return start, until

    def _span(self, at: int) -> int:
        return bisect_right(self._spans, (at, len(self._stream))) - 1

    def _scan(self, low: int, high: int) -> Int64:
        return _table(self._query, self._stream[low:high], anchored=False)


def _table(query: Int64, stream: Int64, *, anchored: bool) -> Int64:
    """Edit distance of the query and the stretch that ends at each position, shape (len(stream),), and is not empty.

    Args:
        anchored: every stretch starts with the first name; else the nearest counts.
    """
    places = np.arange(len(stream) + 1)
    row = places.copy() if anchored else np.zeros(len(stream) + 1, np.int64)
    for i, name in enumerate(query.tolist(), 1):
        without_insertions = np.empty_like(row)
        without_insertions[0] = i
        without_insertions[1:] = np.minimum(row[:-1] + (stream != name), row[1:] + 1)
        # an insertion costs one: the least of all that is left of a place, and of the way from there
        row = np.minimum.accumulate(without_insertions - places) + places
    found: npt.NDArray[np.int64] = row[1:]
    return found
