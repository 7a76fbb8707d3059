"""Many sequences of names against many: a pattern in every lane of a vector, 64 of its names in the lane's word.

The algorithms are those of `bit_rows`, block by block of 64 rows (G. Myers, "A fast bit-vector algorithm for approximate
string matching based on dynamic programming", JACM 46, 1999, section 4): what a block's last row hands down is kept for
every column of all texts, a bit for each lane.
"""

from typing import Any

import numpy as np

from midstream_cli.compare.kernels.bit_rows import ALL, LANES, NONE, ONE
from midstream_cli.compiled.kernel import I1, U1, inline, kernel
from midstream_cli.compiled.vectors import Lanes, bits, load, mask, maximum, ones, select, splat, store

HALF = np.uint64(1 << 63)

FALLS = 32
"""Bit of a column's word where the lanes begin in which distances fall; the first are those in which they grow."""

REST = (1 + 64 * LANES) * LANES
"""Where in `table` the rows are that each pattern has; before it the bits of the names, the first of names that none has."""


def table_size() -> int:
    """Words needed as `table`, with a vector for each name of a block."""
    return REST + LANES


@inline
def _block(patterns: I1, pattern_at: I1, first: int, top_row: int, rows: U1, table: U1) -> int:
    """Bits where each name is in 64 rows of each pattern; returns whether any pattern goes on below."""
    store(table, 0, splat(NONE, LANES))
    known = NONE
    goes_on = 0
    for lane in range(LANES):
        start, stop = 0, 0
        if first + lane < len(pattern_at) - 1:
            start, stop = pattern_at[first + lane] + top_row, pattern_at[first + lane + 1]
        if stop - start > 64:
            goes_on = 1
        count = max(0, min(64, stop - start))
        table[REST + lane] = ALL >> np.uint64(64 - count) if count > 0 else NONE
        for i in range(count):
            name = np.uint64(patterns[start + i])
            row: Any = rows[name]
            if row == NONE:
                known += np.uint64(LANES)
                row = known
                rows[name] = row
                store(table, row, splat(NONE, LANES))
            table[row + np.uint64(lane)] |= ONE << np.uint64(i)
    return goes_on


@inline
def _forget(patterns: I1, pattern_at: I1, first: int, top_row: int, rows: U1) -> None:
    for pattern in range(first, min(first + LANES, len(pattern_at) - 1)):
        start = pattern_at[pattern] + top_row
        for i in range(start, min(start + 64, pattern_at[pattern + 1])):
            rows[np.uint64(patterns[i])] = NONE


@inline
def _edits_of_text(texts: I1, start: int, stop: int, rows: U1, table: U1, handed: U1, more: int) -> Lanes:
    """How distances differ between a block's first row and its last, in the last column."""
    one, half = splat(ONE, LANES), splat(HALF, LANES)
    none = splat(NONE, LANES)
    up = splat(ALL, LANES)
    down = none
    for j in range(np.uint64(start), np.uint64(stop)):
        above = handed[j]
        left_above = select(mask(above >> np.uint64(FALLS), LANES), one, none)
        equal = load(table, rows[np.uint64(texts[j])], LANES) | left_above
        straight = (((equal & up) + up) ^ up) | equal
        right = down | ~(straight | up)
        left = straight & up
        straight = straight | down
        shifted = (right << one) | select(mask(above, LANES), one, none)
        up = (left << one) | left_above | ~(straight | shifted)
        down = shifted & straight
        if more:
            handed[j] = np.uint64(bits(right >= half) | bits(left >= half) << FALLS)
    rest = load(table, REST, LANES)
    return ones(up & rest) - ones(down & rest)


@inline
def _edits_of_block(texts: I1, start: int, stop: int, rows: U1, table: U1) -> Lanes:
    """The same, where patterns have no other block."""
    one = splat(ONE, LANES)
    up = splat(ALL, LANES)
    down = splat(NONE, LANES)
    for j in range(np.uint64(start), np.uint64(stop)):
        equal = load(table, rows[np.uint64(texts[j])], LANES)
        straight = (((equal & up) + up) ^ up) | equal
        right = down | ~(straight | up)
        left = straight & up
        straight = straight | down
        shifted = (right << one) | one
        up = (left << one) | ~(straight | shifted)
        down = shifted & straight
    rest = load(table, REST, LANES)
    return ones(up & rest) - ones(down & rest)


@inline
def _step(equal: Lanes, up: Lanes, down: Lanes, one: Lanes) -> tuple[Lanes, Lanes]:
    straight = (((equal & up) + up) ^ up) | equal
    right = down | ~(straight | up)
    left = straight & up
    straight = straight | down
    shifted = (right << one) | one
    return (left << one) | ~(straight | shifted), shifted & straight


@inline
def _edits_of_two(texts: I1, start: int, stop: int, rows: U1, table: U1, found: U1, at: int, width: int) -> None:
    """The same of two texts of one length, side by side: each alone waits for itself."""
    one = splat(ONE, LANES)
    up = splat(ALL, LANES)
    down = splat(NONE, LANES)
    other_up = up
    other_down = down
    apart = np.uint64(stop - start)
    for j in range(np.uint64(start), np.uint64(stop)):
        up, down = _step(load(table, rows[np.uint64(texts[j])], LANES), up, down, one)
        other_up, other_down = _step(load(table, rows[np.uint64(texts[j + apart])], LANES), other_up, other_down, one)
    rest = load(table, REST, LANES)
    store(found, at, load(found, at, LANES) + ones(up & rest) - ones(down & rest))
    store(found, at + width, load(found, at + width, LANES) + ones(other_up & rest) - ones(other_down & rest))


@inline
def _common_of_text(texts: I1, start: int, stop: int, rows: U1, table: U1, handed: U1, more: int) -> Lanes:
    """How many rows of a block are in the longest common subsequence."""
    one, none, half = splat(ONE, LANES), splat(NONE, LANES), splat(HALF, LANES)
    flat = splat(ALL, LANES)
    for j in range(np.uint64(start), np.uint64(stop)):
        equal = load(table, rows[np.uint64(texts[j])], LANES)
        shared = flat & equal
        total = flat + shared + select(mask(handed[j], LANES), one, none)
        if more:
            handed[j] = np.uint64(bits((shared | (flat & ~total)) >= half))
        flat = total | (flat & ~equal)
    return ones(~flat & load(table, REST, LANES))


@inline
def _common_of_block(texts: I1, start: int, stop: int, rows: U1, table: U1) -> Lanes:
    """The same, where patterns have no other block."""
    flat = splat(ALL, LANES)
    for j in range(np.uint64(start), np.uint64(stop)):
        equal = load(table, rows[np.uint64(texts[j])], LANES)
        flat = (flat + (flat & equal)) | (flat & ~equal)
    return ones(~flat & load(table, REST, LANES))


@inline
def _common_of_two(texts: I1, start: int, stop: int, rows: U1, table: U1, found: U1, at: int, width: int) -> None:
    """The same of two texts of one length, side by side: each alone waits for itself."""
    flat = splat(ALL, LANES)
    other_flat = flat
    apart = np.uint64(stop - start)
    for j in range(np.uint64(start), np.uint64(stop)):
        equal = load(table, rows[np.uint64(texts[j])], LANES)
        other = load(table, rows[np.uint64(texts[j + apart])], LANES)
        flat = (flat + (flat & equal)) | (flat & ~equal)
        other_flat = (other_flat + (other_flat & other)) | (other_flat & ~other)
    rest = load(table, REST, LANES)
    store(found, at, load(found, at, LANES) - ones(~flat & rest))
    store(found, at + width, load(found, at + width, LANES) - ones(~other_flat & rest))


@kernel
def edit_distances(
    texts: I1, text_at: I1, patterns: I1, pattern_at: I1, first: int, rows: U1, table: U1, handed: U1, found: U1
) -> None:
    """Edit distances of all texts from `LANES` patterns.

    Args:
        texts: one after the other, names that are numbers below `len(rows)`.
        text_at: shape (count + 1,): where each begins, and where the last one ends.
        patterns: as `texts`.
        pattern_at: as `text_at`.
        first: the first pattern.
        rows: zeros, and zeros again afterwards.
        table: of `table_size`.
        handed: as long as `texts`.
        found: shape (texts, width), flat: distances are written; the width is a multiple of `LANES`.
    """
    width = len(found) // max(1, len(text_at) - 1)
    for text in range(len(text_at) - 1):
        store(found, text * width + first, splat(np.uint64(text_at[text + 1] - text_at[text]), LANES))
    top_row, goes_on = 0, 1
    while goes_on:
        goes_on = _block(patterns, pattern_at, first, top_row, rows, table)
        if top_row == 0 and goes_on:
            for j in range(len(texts)):
                handed[j] = np.uint64((1 << LANES) - 1)
        text = 0
        while text < len(text_at) - 1:
            start, stop = text_at[text], text_at[text + 1]
            if top_row == 0 and goes_on == 0 and text + 2 < len(text_at) and text_at[text + 2] - stop == stop - start:
                _edits_of_two(texts, start, stop, rows, table, found, text * width + first, width)
                text += 2
                continue
            if top_row == 0 and goes_on == 0:
                counted = _edits_of_block(texts, start, stop, rows, table)
            else:
                counted = _edits_of_text(texts, start, stop, rows, table, handed, goes_on)
            at = text * width + first
            store(found, at, load(found, at, LANES) + counted)
            text += 1
        _forget(patterns, pattern_at, first, top_row, rows)
        top_row += 64


@kernel
def lcs_distances(
    texts: I1, text_at: I1, patterns: I1, pattern_at: I1, first: int, rows: U1, table: U1, handed: U1, found: U1
) -> None:
    """What the longest common subsequence leaves of the longer of each text and of `LANES` patterns.

    Arguments as for `edit_distances`.
    """
    width = len(found) // max(1, len(text_at) - 1)
    for which in range(min(LANES, len(pattern_at) - 1 - first)):
        table[which] = np.uint64(pattern_at[first + which + 1] - pattern_at[first + which])
    lengths = load(table, 0, LANES)
    for text in range(len(text_at) - 1):
        length = splat(np.uint64(text_at[text + 1] - text_at[text]), LANES)
        store(found, text * width + first, maximum(lengths, length))
    top_row, goes_on = 0, 1
    while goes_on:
        goes_on = _block(patterns, pattern_at, first, top_row, rows, table)
        if top_row == 0 and goes_on:
            for j in range(len(texts)):
                handed[j] = np.uint64(0)
        text = 0
        while text < len(text_at) - 1:
            start, stop = text_at[text], text_at[text + 1]
            if top_row == 0 and goes_on == 0 and text + 2 < len(text_at) and text_at[text + 2] - stop == stop - start:
                _common_of_two(texts, start, stop, rows, table, found, text * width + first, width)
                text += 2
                continue
            if top_row == 0 and goes_on == 0:
                counted = _common_of_block(texts, start, stop, rows, table)
            else:
                counted = _common_of_text(texts, start, stop, rows, table, handed, goes_on)
            at = text * width + first
            store(found, at, load(found, at, LANES) - counted)
            text += 1
        _forget(patterns, pattern_at, first, top_row, rows)
        top_row += 64
