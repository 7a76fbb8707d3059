"""From frames that come when they come to vectors at an even rate."""

import numpy as np
import numpy.typing as npt

from midstream_cli.frames import Float64, Int64

LONGEST_BRIDGE_NS = 1_000_000_000
"""Shorter silences are bridged by straight lines; nothing is invented across longer ones."""


class Grid:
    """Means over slots of equal length, counted from the first row; a slot's time is its middle.

    Slots without rows are filled linearly from their neighbours, unless the silence is longer than `LONGEST_BRIDGE_NS`:
    then they are missing from the output. Rows whose time steps back count as of the latest time.
    """

    def __init__(self, rate_hz: float) -> None:
        self.period_ns = round(1e9 / rate_hz)
        self.completed: Int64 = np.empty(0, np.int64)
        """Of each slot that the last push returned, which of its rows showed that the slot is complete."""
        self._start_ns: int | None = None
        self._slot = 0
        self._sum: Float64 | None = None
        self._count = 0
        self._last: tuple[int, Float64] | None = None

    def push(self, times: Int64, rows: Float64) -> tuple[Int64, Float64]:
        """Take rows of shape (n, dims); return the slots that are complete, shape (m, dims), with their times."""
        self.completed = np.empty(0, np.int64)
        if len(rows) == 0:
            return _nothing(rows.shape[1] if rows.ndim == 2 else 0)
        if self._start_ns is None:
            self._start_ns = int(times[0])
            self._sum = np.zeros(rows.shape[1])
        if len(rows) == 1:
            return self._push_one(int(times[0]), rows[0])
        slots = np.maximum.accumulate(np.maximum((times - self._start_ns) // self.period_ns, self._slot))
        opens = np.diff(slots, prepend=self._slot) > 0
        order, filled = np.cumsum(opens), np.concatenate([[self._slot], slots[opens]])
        sums, counts = np.zeros((len(filled), rows.shape[1])), np.bincount(order, minlength=len(filled))
        sums[0], counts[0] = self._sum, counts[0] + self._count
        # row by row in order, so that the sums have the same bits however the rows were cut into pieces
        np.add.at(sums, order, rows)
        self._slot, self._sum, self._count = int(filled[-1]), sums[-1], int(counts[-1])
        return self._fill(filled[:-1], sums[:-1] / counts[:-1, None], np.flatnonzero(opens))

    def finish(self) -> tuple[Int64, Float64]:
        """The last slot."""
        self.completed = np.empty(0, np.int64)
        if self._sum is None or self._count == 0:
            return _nothing(0)
        return self._fill(np.array([self._slot]), (self._sum / self._count)[None], np.array([0]))

    def _push_one(self, time_ns: int, row: Float64) -> tuple[Int64, Float64]:
        """The same of a single row, without the arrays that pay off for many."""
        assert self._start_ns is not None
        assert self._sum is not None
        slot = max((time_ns - self._start_ns) // self.period_ns, self._slot)
        if slot == self._slot:
            self._sum += row
            self._count += 1
            return _nothing(len(row))
        slots, means = np.array([self._slot]), (self._sum / self._count)[None]
        self._slot, self._sum, self._count = slot, 0.0 + row, 1
        return self._fill(slots, means, np.zeros(1, np.intp))

    def _fill(self, slots: Int64, means: Float64, completed: npt.NDArray[np.intp]) -> tuple[Int64, Float64]:
        """Put straight lines between slots that are close enough; `completed` says which row completed each."""
        assert self._start_ns is not None
        if len(slots) == 0:
            return _nothing(means.shape[1])
        at, values, latest = slots, means, int(slots[-1])
        before, mean = self._last or (int(slots[0]) - 1, means[0])
        if latest - before > len(slots):
            steps = np.diff(slots, prepend=before)
            bridged = np.where(steps * self.period_ns <= LONGEST_BRIDGE_NS, steps, 1)
            right = np.repeat(np.arange(len(steps)), bridged)
            inside = np.arange(len(right)) - np.repeat(np.cumsum(bridged) - bridged, bridged) + 1
            lands = inside == bridged[right]
            share = (inside / bridged[right])[:, None]
            first = np.concatenate([mean[None], means[:-1]])[right]
            values = np.where(lands[:, None], means[right], first + share * (means[right] - first))
            at = np.where(lands, slots[right], slots[right] - steps[right] + inside)
            completed = completed[right]
        self.completed, self._last = completed, (latest, means[-1].copy())
        return self._start_ns + at * self.period_ns + self.period_ns // 2, values


def _nothing(dims: int) -> tuple[Int64, Float64]:
    return np.empty(0, np.int64), np.empty((0, dims))
