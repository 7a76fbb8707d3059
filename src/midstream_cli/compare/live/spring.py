"""Signatures found in an endless stream of vectors while it flows: subsequence matching under time warping.

Y. Sakurai, C. Faloutsos, M. Yamamuro, "Stream monitoring under the time warping distance", ICDE 2007 (SPRING).
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from midstream_cli.compare.kernels import spring as kernels
from midstream_cli.compare.kernels.local_costs import LANES
from midstream_cli.compare.live import templates as packing
from midstream_cli.compare.live.templates import Template, templates
from midstream_cli.compare.signatures.signature import Signature
from midstream_cli.compare.warping.values import numbers
from midstream_cli.compiled.vectors import aligned
from midstream_cli.errors import UsageError
from midstream_cli.frames import Float64, Int64

MOST_BYTES = 1 << 31
"""Of state: a window so wide is none."""


class Subsequence(NamedTuple):
    """A stretch of the stream that matches a signature."""

    signature: int
    """Position among the signatures."""
    start: int
    """Position of its first vector in the stream."""
    end: int
    """Position after its last vector."""
    distance: float
    """Accumulated along the best path."""
    normalised: float
    """`distance / (n + m)`, n the vectors of the stretch and m those of the signature; symmetric1: `distance / m`."""
    decided: int
    """Vectors taken when it was certain."""


class Spring:
    """Finds the subsequences of a stream that signatures match, one vector after another, in bounded memory.

    A match is a stretch of the stream whose normalised distance is at most the threshold, and that is nearer than all that
    overlap it, but for those that had to give way to a nearer one themselves; of equally near ones, the one that ended
    first counts, and of those that ended together, the last to start. It is reported as soon as no path under way could
    become a nearer one that overlaps it. Then paths that started before its end are given up: matches of one signature are
    disjoint. Signatures do not compete.

    Without a window, nearest means the least accumulated distance, and of the stretches that end with a vector only the
    nearest is known and stands for all: as in the paper, paths of unlimited length take one cell a row. That favours short
    stretches, as each step adds to the sum; and where the best path of a stretch that follows a match met a better one that
    was given up with it, the stretch is told farther than it is, or missed.

    With a Sakoe-Chiba window w, a vector of the stream and one of the signature belong together only where their positions,
    counted from the start of each, differ by at most w. Every start has cells of its own, 2 w + 1 a row: the window is kept
    exactly, every stretch competes, and nearest means the least normalised distance.

    A vector with a number that is not finite, or 2^400 times greater than those of the signatures, is a gap: what is
    waiting is reported, and nothing reaches across. It counts as a vector.
    """

    def __init__(
        self,
        signatures: Sequence[Signature | npt.ArrayLike],
        *,
        threshold: float | Sequence[float] | None = None,
        step_pattern: str = "symmetric2",
        metric: str = "euclidean",
        window: int | None = None,
    ) -> None:
        """Lay out the signatures: arrays of shape (m,) or (m, dims), or signatures, which bring their own scale.

        Args:
            threshold: the greatest normalised distance, for all or one each; by default what each signature's promotion
                threshold allows, and for arrays none: every local best is a match.
            step_pattern: symmetric2 counts a diagonal step twice, symmetric1 once.
            metric: euclidean or squared distances of vectors.
            window: for all; by default each signature's own, and none for arrays.

        Raises:
            UsageError: `templates` does, the step pattern or the metric is unknown, or the windows are too wide to hold.
        """
        weight = packing.weight(step_pattern, metric)
        self._templates = templates(signatures, window, threshold)
        self.dims = self._templates.dims
        self._exponent = self._templates.exponent * (2 if metric == "squared" else 1)
        self._blocks = packing.blocks(self._templates.each)
        self._lay_out(weight, rooted=metric == "euclidean")
        self._take = kernels.advance.function(hold_gil=True)

    @property
    def position(self) -> int:
        """Vectors taken so far."""
        return int(self._table[0, kernels.CLOCK])

    def update(self, vector: npt.NDArray[np.float64]) -> Sequence[Subsequence]:
        """Take the next vector, shape (dims,); return the matches that it decides.

        Raises:
            UsageError: it has another number of dimensions.
        """
        passed = None
        try:
            if len(vector) == self.dims:
                passed = self._take(vector, self._constants, self._state, self._table)
        except TypeError:
            pass
        if passed == 1:
            return ()
        if passed is None:
            return self.extend(numbers(vector, "the vector").reshape(1, -1))
        return self._told() or self._gap()

    def extend(self, vectors: npt.ArrayLike) -> list[Subsequence]:
        """Take many vectors in order, shape (n, dims), or (n,) of numbers; return the matches that they decide.

        Raises:
            UsageError: they have another number of dimensions.
        """
        given = packing.stream(vectors, self.dims)
        flat, found, at = given.reshape(-1), list[Subsequence](), 0
        while at < len(given):
            at += self._take(flat[at * self.dims :], self._constants, self._state, self._table)
            if at < len(given):
                found += self._told() or self._gap()
                at += 1
        return found

    def finish(self) -> list[Subsequence]:
        """Report what is waiting, and begin anew: for the end of the stream, and for a break that has no vectors."""
        found = [
            self._subsequence(block * LANES + lane, waiting[:, lane].tolist())
            for block, row in enumerate(self._table[1:])
            for waiting in self._waiting(row)
            for lane in np.flatnonzero(waiting[kernels.LEAST] < math.inf).tolist()
        ]
        self._begin()
        return sorted(found)

    def _begin(self) -> None:
        """Wait for nothing, with no path under way."""
        self._state[self._table[1, kernels.WAITING] :] = math.inf
        self._table[1:, kernels.PENDING] = 0
        for low, high, cells in self._table[1:, [kernels.LOW, kernels.HIGH, kernels.CELLS]].tolist():
            if low >= 0:
                # across from here at the offset after its own, 1, a path starts
                start = cells - (high + 1) * LANES
                self._state[start : start + LANES] = 0.0

    def in_use(self) -> Int64:
        """Positions of vectors that a match still to come can begin or end with, in order."""
        used = []
        for row in self._table[1:]:
            waiting = self._waiting(row)
            used += [each[kernels.START :, each[kernels.LEAST] < math.inf].ravel() for each in waiting]
            rows, low, high, first = row[[kernels.ROWS, kernels.LOW, kernels.HIGH, kernels.CELLS]].tolist()
            if low < 0:
                cells = self._state[first : first + 2 * rows * LANES].reshape(rows, 2, LANES)
                used.append(cells[:, 1][cells[:, 0] < math.inf])
            else:
                used.append(np.arange(max(0, self.position - rows - high), self.position, dtype=np.float64))
        return np.unique(np.concatenate(used)).astype(np.int64)

    def _gap(self) -> list[Subsequence]:
        """Pass over a vector that cannot be compared."""
        self._table[0, kernels.CLOCK] += 1
        return self.finish()

    def _told(self) -> list[Subsequence]:
        """The matches that the last vector brought."""
        count, first = int(self._table[0, kernels.FOUND]), int(self._table[0, kernels.REPORTS])
        reports = self._state[first : first + count * kernels.REPORT].reshape(count, kernels.REPORT).tolist()
        return sorted(self._subsequence(int(where), fields) for where, *fields in reports)

    def _subsequence(self, where: int, fields: Sequence[float]) -> Subsequence:
        which, distance = self._blocks[where // LANES][where % LANES], fields[kernels.DISTANCE]
        first, after = int(fields[kernels.START]), int(fields[kernels.END]) + 1
        length = len(self._templates.each[which].vectors)
        steps = (after - first) * (int(self._table[0, kernels.WEIGHT]) - 1) + length
        accumulated, mean = math.ldexp(distance, self._exponent), math.ldexp(distance / steps, self._exponent)
        return Subsequence(which, first, after, accumulated, mean, self.position)

    def _waiting(self, row: Int64) -> Float64:
        """What is waiting in a block, shape (depth, fields, lanes)."""
        first, count = int(row[kernels.WAITING]), int(row[kernels.DEPTH])
        size = kernels.FIELDS * LANES
        return self._state[first : first + count * size].reshape(count, kernels.FIELDS, LANES)

    def _lay_out(self, weight: int, *, rooted: bool) -> None:
        """Make the arrays that the kernel works on."""
        blocks = [[self._templates.each[at] for at in block] for block in self._blocks]
        sizes = [packing.rows(block) for block in blocks]
        reaches = [_reach(block) for block in blocks]
        cells = [_cells(rows, *reach) for rows, reach in zip(sizes, reaches, strict=True)]
        if 8 * sum(cells) > MOST_BYTES:
            raise UsageError("the windows are too wide to hold", "narrow them, or leave them out")
        head = np.full(1, self._templates.greatest)
        self._constants, starts = packing.joined([head, *(self._block(block, weight - 1) for block in blocks)])
        depths = [_depth(block) for block in blocks]
        waiting = [depth * kernels.FIELDS * LANES for depth in depths]
        row = max(0, *(low + high + 3 for low, high in reaches))
        scratch = [self.dims * LANES, (max(sizes) + row) * LANES, sum(depths) * LANES * kernels.REPORT]
        own = [size for both in zip(waiting, cells, strict=True) for size in both]
        places = np.cumsum([0, *scratch, *own]).tolist()
        self._state: Float64 = aligned(places[-1])
        self._table: Int64 = aligned((1 + len(blocks), 8), np.int64)
        self._table[0, :7] = 0, 0, self.dims, weight, rooted, places[1], places[2]
        for at, (rows, (low, high), depth) in enumerate(zip(sizes, reaches, depths, strict=True), 1):
            first = places[2 * at + 2] + (0 if low < 0 else (low + high + 3) * LANES)
            self._table[at] = rows, low, high, starts[at], places[2 * at + 1], depth, first, 0
        self._begin()

    def _block(self, block: Sequence[Template], counted: int) -> Float64:
        """The constants of a block; `counted` is what a vector of the stream counts in the divisor of a mean."""
        limits, lengths, divisors = np.zeros(LANES), np.zeros(LANES), np.ones(LANES)
        low, high = _reach(block)
        walls = np.full((max(low + high + 3, 0), LANES), math.inf)
        for lane, one in enumerate(block):
            lengths[lane] = len(one.vectors)
            limits[lane] = math.ldexp(one.threshold, -self._exponent)
            if one.window is not None:
                divisors[lane] = counted * (len(one.vectors) + one.window) + len(one.vectors)
                walls[max(low + 1 - one.window, 1) : low + 2 + one.window, lane] = 0.0
        return np.concatenate([packing.packed(block), limits, lengths, divisors, walls.ravel()])


def _reach(block: Sequence[Template]) -> tuple[int, int]:
    """How far before and after the diagonal the cells of a block reach; -1 before it where nothing bounds them."""
    windows = [one.window for one in block if one.window is not None]
    if not windows:
        return -1, -1
    return min(max(windows), max(len(one.vectors) for one in block) - 1), max(windows)


def _depth(block: Sequence[Template]) -> int:
    """The most that can be waiting: disjoint, and but for the first inside a path that is as long as its window allows."""
    bounded = [(len(one.vectors), one.window) for one in block if one.window is not None]
    return max([2, *(1 + (length + window - 1) // max(1, length - window) for length, window in bounded)])


def _cells(rows: int, low: int, high: int) -> int:
    """Numbers that the cells of a block take: distance and start, or for each offset and guard a distance, and a row above."""
    return rows * LANES * 2 if low < 0 else (rows + 1) * LANES * (low + high + 3)
