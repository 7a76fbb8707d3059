"""The tables of edit distance and longest common subsequence, 64 cells in every word of a vector.

Rows of a table are the names of `a`, one bit each, columns those of `b`. A word depends on the word above it by one bit,
so that lane k works on column `step - k`: what its last row hands down is with the lane below one step later, by
`shift_in`. Tiles of rows hand it down through memory, column by column.

H. Hyyrö, "A bit-vector algorithm for computing Levenshtein and Damerau edit distances", Nordic J. Computing 10, 2003;
M. Crochemore et al., "A fast and practical bit-vector algorithm for the longest common subsequence problem", Inf. Proc.
Letters 80, 2001.
"""

from typing import Any

import numpy as np

from midstream_cli.compiled.kernel import I1, U1, inline
from midstream_cli.compiled.vectors import REGISTER, Lanes, last, load, mask, ones, select, shift_in, splat, store

LANES = 2 * REGISTER
"""Words of a tile: it has 64 times as many rows."""

TABLE = 12 * LANES
"""Where in `work` the bits of the names begin; those that wait for their lanes are before."""

ALL, NONE, ONE, TOP = np.uint64(0xFFFFFFFFFFFFFFFF), np.uint64(0), np.uint64(1), np.uint64(63)

ODD, LATE, LATER, LATEST = (sum(1 << lane for lane in range(LANES) if lane & behind) for behind in (1, 2, 4, 8))
"""Lanes that are so many columns behind, as bits of numbers."""


def work_size() -> int:
    """Words needed as `work`."""
    return TABLE + (64 * LANES + 1) * LANES


def columns_size(m: int) -> int:
    """Words needed as `columns`, for m columns: the place of the name's bits, and two that are handed down."""
    return 3 * stride(m)


@inline
def stride(m: int) -> int:
    """Words in `columns` of one kind; those handed down begin `LANES - 1` later, so that all lanes have somewhere to write."""
    return m + 2 * LANES


@inline
def number(a: I1, start: int, stop: int, b: I1, head: int, m: int, rows: U1, work: U1, columns: U1) -> None:
    """Bits where each name is in a tile's rows, and for each column where the bits of its name are."""
    store(work, TABLE, splat(NONE, LANES))
    known = np.uint64(TABLE)
    for i in range(np.uint64(start), np.uint64(stop)):
        name = np.uint64(a[i])
        row: Any = rows[name]
        if row == NONE:
            known += np.uint64(LANES)
            row = known
            rows[name] = row
            store(work, row, splat(NONE, LANES))
        at = np.uint64(i) - np.uint64(start)
        work[row + (at >> np.uint64(6))] |= ONE << (at & TOP)
    for j in range(np.uint64(m)):
        columns[j] = max(np.uint64(TABLE), rows[np.uint64(b[np.uint64(head) + np.uint64(j)])])
    for j in range(m, m + LANES):
        columns[j] = np.uint64(TABLE)
    for i in range(np.uint64(start), np.uint64(stop)):
        rows[np.uint64(a[i])] = NONE


@inline
def _forget(work: U1) -> None:
    """Nothing waits for its lane."""
    for i in range(12):
        store(work, i * LANES, splat(NONE, LANES))


@inline
def _of_lanes(
    row: Lanes, row_before: Lanes, pair_before: Lanes, work: U1, step: int, odd: Lanes, late: Lanes
) -> tuple[Lanes, Lanes]:
    """Bits for each lane's own column, from those of the columns of this step and of steps before.

    Args:
        row: where the rows have the name of the newest column, at which lane 0 is.
        row_before: the same, of the step before.
        pair_before: what was returned second two steps before.
        work: where bits wait for four steps and for eight.
        step: its number.
        odd: lanes that are one step behind.
        late: those that are two more behind.
    """
    pair = select(odd, row_before, row)
    equal = select(late, pair_before, pair)
    if LANES > 4:
        waiting = (step & 3) * LANES
        before = load(work, waiting, LANES)
        store(work, waiting, equal)
        equal = select(mask(LATER, LANES), before, equal)
    if LANES > 8:
        waiting = (4 + (step & 7)) * LANES
        before = load(work, waiting, LANES)
        store(work, waiting, equal)
        equal = select(mask(LATEST, LANES), before, equal)
    return equal, pair


@inline
def population(word: int) -> int:
    """Bits that are set."""
    return np.int64(last(ones(splat(word, 1))))  # type: ignore[return-value]


@inline
def scan_edits(work: U1, columns: U1, m: int, kept: U1, base: int, window: int, more: int) -> None:
    """Edit distances of a tile as differences: two vectors a step, where they grow from row to row and where they fall.

    Args:
        work: bits of the names, of `number`.
        columns: of `number`; after it, differences from column to column in the row above, likewise.
        m: how many columns.
        kept: where vectors are written, from `base` on, by the step's number and `window`.
        base: a position.
        window: so many steps less one are kept, a power of two less one; -1 for all.
        more: 1 to hand the last row down.
    """
    one, top = splat(ONE, LANES), splat(TOP, LANES)
    grows, falls = stride(m), 2 * stride(m)
    _forget(work)
    up = splat(ALL, LANES)
    down = splat(NONE, LANES)
    right = splat(NONE, LANES)
    left = splat(NONE, LANES)
    # not known before: as constants, they would be loaded in every step
    nothing = m >> 62
    odd, late = mask(ODD | nothing, LANES), mask(LATE | nothing, LANES)
    row = splat(NONE, LANES)
    pair = splat(NONE, LANES)
    pair_before = splat(NONE, LANES)
    for step in range(m + LANES - 1):
        right_above = shift_in(right, columns[np.uint64(grows + LANES - 1 + step)])
        left_above = shift_in(left, columns[np.uint64(falls + LANES - 1 + step)])
        row_before = row
        row = load(work, columns[np.uint64(step)], LANES)
        pair_two_before = pair_before
        pair_before = pair
        equal, pair = _of_lanes(row, row_before, pair_two_before, work, step, odd, late)
        equal = equal | (left_above >> top)
        straight = (((equal & up) + up) ^ up) | equal
        right = down | ~(straight | up)
        left = straight & up
        straight = straight | down
        shifted = (right << one) | (right_above >> top)
        up = (left << one) | (left_above >> top) | ~(straight | shifted)
        down = shifted & straight
        if more:
            columns[np.uint64(grows + step)] = last(right)
            columns[np.uint64(falls + step)] = last(left)
        at = base + (step & window) * 2 * LANES
        store(kept, at, up)
        store(kept, at + LANES, down)


@inline
def scan_common(work: U1, columns: U1, m: int, kept: U1, base: int, keep: int, more: int) -> int:
    """Lengths of common subsequences of a tile as differences: zeros where they grow from row to row; a vector a step.

    Args:
        work: bits of the names, of `number`.
        columns: of `number`; after it, the top bit where lengths grow from column to column in the row above.
        m: how many columns.
        kept: where vectors are written, from `base` on.
        base: a position.
        keep: 1 to write them.
        more: 1 to hand the last row down.

    Returns:
        By how much lengths grow from the first row to the last, in the last column.
    """
    top = splat(TOP, LANES)
    grows = stride(m)
    _forget(work)
    flat = splat(ALL, LANES)
    carried = splat(NONE, LANES)
    # not known before: as constants, they would be loaded in every step
    nothing = m >> 62
    odd, late = mask(ODD | nothing, LANES), mask(LATE | nothing, LANES)
    row = splat(NONE, LANES)
    pair = splat(NONE, LANES)
    pair_before = splat(NONE, LANES)
    for step in range(m + LANES - 1):
        row_before = row
        row = load(work, columns[np.uint64(step)], LANES)
        pair_two_before = pair_before
        pair_before = pair
        equal, pair = _of_lanes(row, row_before, pair_two_before, work, step, odd, late)
        shared = flat & equal
        total = flat + shared + (shift_in(carried, columns[np.uint64(grows + LANES - 1 + step)]) >> top)
        carried = shared | (flat & ~total)
        flat = total | (flat & ~equal)
        if more:
            columns[np.uint64(grows + step)] = last(carried)
        if keep:
            store(kept, base + step * LANES, flat)
    at = base + (m + LANES - 1) * LANES if keep else 0
    store(kept, at, ~flat)
    total = 0
    for word in range(LANES):
        total += population(kept[at + word])
    return total
