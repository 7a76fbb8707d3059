"""The last vectors of a stream compared with every signature, anew with each vector."""

import sys
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from midstream_cli.compare.kernels import sliding as kernels
from midstream_cli.compare.kernels.local_costs import LANES
from midstream_cli.compare.live import templates as packing
from midstream_cli.compare.live.templates import templates
from midstream_cli.compare.signatures.signature import Signature
from midstream_cli.compare.warping.values import numbers
from midstream_cli.compiled.vectors import aligned
from midstream_cli.errors import UsageError
from midstream_cli.frames import Float64, Int64


class SlidingWindow:
    """Tells with each vector of a stream how far the last ones are from every signature: exact DTW of whole sequences.

    Only the newest vector is measured; local costs of the ones before are kept.

    A vector with a number that is not finite, or 2^400 times greater than those of the signatures, is a gap, and windows
    that it is in are infinitely far from everything.
    """

    def __init__(
        self,
        signatures: Sequence[Signature | npt.ArrayLike],
        *,
        length: int | None = None,
        step_pattern: str = "symmetric2",
        metric: str = "euclidean",
        window: int | None = None,
    ) -> None:
        """Lay out the signatures: arrays of shape (m,) or (m, dims), or signatures, which bring their own scale.

        Args:
            length: vectors of the stream that are compared; by default as many as each signature has.
            step_pattern: symmetric2 counts a diagonal step twice, symmetric1 once.
            metric: euclidean or squared distances of vectors.
            window: Sakoe-Chiba window for all; by default each signature's own, and none for arrays.

        Raises:
            UsageError: `templates` does, the step pattern or the metric is unknown, or a window is too narrow for the
                lengths.
        """
        weight = packing.weight(step_pattern, metric)
        self._templates = templates(signatures, window)
        self.dims = self._templates.dims
        self._exponent = self._templates.exponent * (2 if metric == "squared" else 1)
        self._blocks = packing.blocks(self._templates.each)
        if length is not None and not (length >= 1 and float(length).is_integer()):
            raise UsageError(
                f"a window of {length} vectors is none", "leave length out, or give a whole number, 1 at least"
            )
        self._lengths = [int(length or len(one.vectors)) for one in self._templates.each]
        for one, vectors in zip(self._templates.each, self._lengths, strict=True):
            if one.window is not None and abs(len(one.vectors) - vectors) > one.window:
                raise UsageError(
                    f"a window of {one.window} allows no path between {vectors} and {len(one.vectors)} vectors",
                    f"widen it to {abs(len(one.vectors) - vectors)} at least, or leave it out",
                )
        self._lay_out(weight, rooted=metric == "euclidean")
        self._take = kernels.slide.function(hold_gil=True)

    def update(self, vector: npt.NDArray[np.float64]) -> Float64:
        """Take the next vector, shape (dims,).

        Returns:
            Normalised distances, shape (signatures,): over n + m, symmetric1 over m. Infinite until a signature's window
            is full.

        Raises:
            UsageError: it has another number of dimensions.
        """
        try:
            fits = len(vector) == self.dims
            if fits:
                self._take(vector, self._constants, self._state, self._table, self._distances)
        except TypeError:
            fits = False
        if fits:
            return self._ordered(self._distances)
        first: Float64 = self.extend(numbers(vector, "the vector").reshape(1, -1))[0]
        return first

    def extend(self, vectors: npt.ArrayLike) -> Float64:
        """Take many vectors in order, shape (n, dims), or (n,) of numbers; return what `update` does, shape (n, signatures).

        Raises:
            UsageError: they have another number of dimensions.
        """
        given = packing.stream(vectors, self.dims)
        distances = np.empty(len(given) * len(self._blocks) * LANES)
        self._take(given.reshape(-1), self._constants, self._state, self._table, distances)
        return self._ordered(distances.reshape(len(given), len(self._blocks) * LANES))

    def _ordered(self, distances: Float64) -> Float64:
        """Distances of lanes as those of signatures, on their scale."""
        ordered = distances.take(self._order, axis=-1)
        return np.ldexp(ordered, self._exponent) if self._exponent else ordered

    def _lay_out(self, weight: int, *, rooted: bool) -> None:
        """Make the arrays that the kernel works on."""
        columns = max(self._lengths)
        sizes = [packing.rows([self._templates.each[at] for at in block]) for block in self._blocks]
        reaches = [self._reach(block, rows, columns) for block, rows in zip(self._blocks, sizes, strict=True)]
        constants = [
            self._block(block, rows, columns, weight - 1) for block, rows in zip(self._blocks, sizes, strict=True)
        ]
        self._constants, starts = packing.joined([np.full(1, self._templates.greatest), *constants])
        scratch = [self.dims * LANES, (columns + max(sizes)) * LANES]
        places = np.cumsum([0, *scratch, *(columns * rows * LANES for rows in sizes)]).tolist()
        self._state: Float64 = aligned(places[-1])
        self._table: Int64 = aligned((1 + len(sizes), 7), np.int64)
        self._table[0] = 0, 0, self.dims, weight, rooted, columns, places[1]
        for at, (rows, (low, high)) in enumerate(zip(sizes, reaches, strict=True), 1):
            self._table[at, :5] = rows, low, high, starts[at], places[at + 1]
        lanes = [at for block in self._blocks for at in block]
        where = [at * LANES + lane for at, block in enumerate(self._blocks) for lane in range(len(block))]
        self._order = np.array(where)[np.argsort(lanes)]
        self._distances: Float64 = aligned(len(sizes) * LANES)

    def _reach(self, block: Sequence[int], rows: int, columns: int) -> tuple[int, int]:
        """The least and the greatest difference of column and row that a window of the block allows."""
        allowed = [self._allowed(at, columns) for at in block]
        return max(min(low for low, _ in allowed), 1 - rows), min(max(high for _, high in allowed), columns - 1)

    def _allowed(self, at: int, columns: int) -> tuple[int, int]:
        """The same of one signature; its window of the stream ends with the last column."""
        window, begin = self._templates.each[at].window, columns - self._lengths[at]
        return (-sys.maxsize, sys.maxsize) if window is None else (begin - window, begin + window)

    def _block(self, block: Sequence[int], rows: int, columns: int, counted: int) -> Float64:
        """The constants of a block; `counted` is what a vector of the stream counts in the divisor of a mean."""
        lengths, begins = np.zeros((3, LANES)), np.full((columns, LANES), np.inf)
        walls = np.full((rows + columns - 1, LANES), np.inf)
        difference = np.arange(1 - rows, columns)
        for lane, at in enumerate(block):
            m, n = len(self._templates.each[at].vectors), self._lengths[at]
            lengths[:, lane] = m, n, counted * n + m
            begins[columns - n, lane] = 0.0
            low, high = self._allowed(at, columns)
            walls[(low <= difference) & (difference <= high), lane] = 0.0
        parts = (packing.packed([self._templates.each[at] for at in block]), lengths, begins, walls)
        return np.concatenate([part.ravel() for part in parts])
