"""Kernels on two sequences of names, called with memory that lasts from call to call."""

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from midstream_cli.compare.kernels import tokens
from midstream_cli.compare.kernels.bit_rows import columns_size, work_size
from midstream_cli.compare.kernels.tokens import COLUMN, DISTANCE, OPERATIONS, UNKNOWN, kept_size
from midstream_cli.compare.names.interning import Numbers, ranked
from midstream_cli.compiled import machine
from midstream_cli.compiled.kernel import VARIABLE, Kernel
from midstream_cli.compiled.vectors import aligned
from midstream_cli.errors import UsageError
from midstream_cli.frames import Int64

CELLS_FOR_LOADING = 1_000_000_000
"""Cells of tables that rapidfuzz goes through in the time that loading the compiled kernels takes."""

CELLS_ALONE = 1 << 24
"""Cells that a kernel goes through in half a millisecond: other threads can wait for that long.

Of more, it takes copies: other threads may write into what was given.
"""

NAMES = 1 << 21
"""Names are numbers below this, or are renumbered: all characters are, and the tokens of language models."""

MOST_WORDS = 1 << 28
"""Of a table that is kept for its operations: 2 GB."""

WORDS_TO_STAY = 1 << 20
"""Longer memory goes with the call."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A kernel, and what its result means."""

    kernel: Kernel[..., int]
    vectors: int
    """Which it keeps of each column, to find operations."""
    counts_common: bool
    """It counts elements that are common, not those that are not."""
    peer: str
    """What rapidfuzz calls it."""


EDIT = Measure(tokens.levenshtein, 2, counts_common=False, peer="Levenshtein")
LCS = Measure(tokens.common, 1, counts_common=True, peer="LCSseq")


class Memory(threading.local):
    """What kernels work on, of each thread: to make it anew would take longer than to use it."""

    def __init__(self) -> None:
        self.rows = np.zeros(NAMES, np.uint64)
        self.work = aligned(work_size(), np.uint64)
        self.most_columns = 1024
        self.columns = aligned(columns_size(self.most_columns), np.uint64)
        self.kept = aligned(kept_size(64, 64, EDIT.vectors, DISTANCE), np.uint64)
        self.nothing = np.empty(0, np.int64)
        self.for_distance = self._for_distance()
        """Arguments of a kernel that finds nothing but a distance, for so many columns."""
        self.cells_without = 0
        """Cells that others went through because loading the kernels would not have paid."""

    def columns_for(self, m: int) -> npt.NDArray[np.uint64]:
        """Memory for m columns."""
        if m > self.most_columns:
            self.most_columns = 2 * m
            self.columns = aligned(columns_size(self.most_columns), np.uint64)
            self.for_distance = self._for_distance()
        return self.columns

    def kept_for(self, size: int) -> npt.NDArray[np.uint64]:
        """Memory for so many words of a table."""
        if size > WORDS_TO_STAY:
            return aligned(size, np.uint64)
        if len(self.kept) < size:
            self.kept = aligned(size, np.uint64)
            self.for_distance = self._for_distance()
        return self.kept

    def _for_distance(self) -> tuple[Any, ...]:
        return self.rows, self.work, self.columns, self.kept, self.nothing, DISTANCE


memory = Memory()


def compiled_pays(cells: int, module: str = tokens.__name__) -> bool:
    """Whether the kernels are in memory, or loading them is worth it for so many cells and for those before."""
    if machine.is_loaded(module):
        return True
    memory.cells_without += cells
    return memory.cells_without > CELLS_FOR_LOADING and os.environ.get(VARIABLE) != "off"


def distance(measure: Measure, a: Numbers, b: Numbers) -> int:
    """What the kernel counts in two sequences, neither of them longer than memory."""
    # a column costs as much for one row as for a tile of them
    if len(a) < len(b):
        a, b = b, a
    if len(b) > memory.most_columns:
        memory.columns_for(len(b))
    if len(a) * len(b) >= CELLS_ALONE:
        a, b = a.copy(), b.copy()
    entry = entry_of(measure.kernel, len(a) * len(b))
    counted: int = entry(a, b, *memory.for_distance)
    return entry(*_renumbered(a, b), *memory.for_distance) if counted == UNKNOWN else counted


def operations(measure: Measure, a: Numbers, b: Numbers) -> Int64:
    """Operations from one to the other, shape (operations, 3): kind, position in a, position in b.

    Raises:
        UsageError: the table would be too large.
    """
    n, m = len(a), len(b)
    size = kept_size(n, m, measure.vectors, OPERATIONS)
    if size > MOST_WORDS:
        raise UsageError(
            f"an alignment of {n} with {m} names is too large", "compare shorter stretches, or the distance only"
        )
    found = np.empty(3 * (n + m), np.int64)
    counted = _call(measure, a, b, OPERATIONS, size, found)
    if measure.counts_common:
        counted = n + m - 2 * counted
    return found[len(found) - 3 * counted :].reshape(-1, 3)


def last_column(a: Numbers, b: Numbers) -> Int64:
    """Edit distances of all beginnings of `a`, and of all of it, from all of `b`: shape (n + 1,). Neither is empty."""
    words = -(-len(a) // 64)
    found = np.empty(2 * words, np.int64)
    _call(EDIT, a, b, COLUMN, kept_size(len(a), len(b), EDIT.vectors, COLUMN), found)
    grows, falls = np.unpackbits(found.view(np.uint8), bitorder="little").reshape(2, -1)[:, : len(a)].astype(np.int64)
    return np.cumsum(np.concatenate([[len(b)], grows - falls]))


def _call(measure: Measure, a: Numbers, b: Numbers, wanted: int, size: int, found: Int64) -> int:
    if len(a) * len(b) >= CELLS_ALONE:
        a, b = a.copy(), b.copy()
    entry = entry_of(measure.kernel, len(a) * len(b))
    columns, kept = memory.columns_for(len(b)), memory.kept_for(size)
    counted: int = entry(a, b, memory.rows, memory.work, columns, kept, found, wanted)
    if counted == UNKNOWN:
        a, b = _renumbered(a, b)
        counted = entry(a, b, memory.rows, memory.work, columns, kept, found, wanted)
    return counted


def _renumbered(a: Numbers, b: Numbers) -> tuple[Numbers, Numbers]:
    both = ranked(np.concatenate([a, b]))
    return both[: len(a)], both[len(a) :]


_loaded: dict[tuple[str, bool], Callable[..., Any]] = {}


def entry_of(kernel: Kernel[..., Any], cells: int) -> Callable[..., Any]:
    """The machine code of a kernel; where it has many cells to go through, other threads go on meanwhile."""
    alone = cells < CELLS_ALONE
    entry = _loaded.get((kernel.name, alone))
    if entry is None:
        entry = _loaded[kernel.name, alone] = kernel.function(hold_gil=alone)
    return entry
