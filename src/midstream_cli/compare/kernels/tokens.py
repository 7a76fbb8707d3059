"""Two sequences of names compared: edit distance, longest common subsequence, and the operations from one to the other."""

import numpy as np

from midstream_cli.compare.kernels.bit_rows import (
    ALL,
    LANES,
    NONE,
    ONE,
    TOP,
    number,
    population,
    scan_common,
    scan_edits,
    stride,
)
from midstream_cli.compiled.kernel import I1, U1, inline, kernel

UNKNOWN = -1
"""A name is too large a number."""

DISTANCE, OPERATIONS, COLUMN = 0, 1, 2
"""What is wanted."""

REPLACE, DELETE, INSERT = 0, 1, 2


def kept_size(n: int, m: int, vectors: int, wanted: int) -> int:
    """Words needed as `kept`; `vectors` a step are 2 for edits, 1 for the longest common subsequence."""
    tiles = -(-n // (64 * LANES))
    return vectors * LANES * (tiles * (m + LANES) if wanted == OPERATIONS else LANES)


@kernel
def levenshtein(a: I1, b: I1, rows: U1, work: U1, columns: U1, kept: U1, found: I1, wanted: int) -> int:
    """The edit distance, or `UNKNOWN` where a name is not below `len(rows)`.

    Args:
        a: shape (n,).
        b: shape (m,).
        rows: zeros, and zeros again afterwards.
        work: of `work_size`.
        columns: of `columns_size`.
        kept: of `kept_size`.
        found: operations are written to its end, the last one last, each as kind, place in a, place in b: room for n + m;
            or a column to its beginning: words of bits where distances from all of b grow from row to row, and after all
            of these as many where they fall.
        wanted: `DISTANCE`; also the `OPERATIONS`; or the last `COLUMN`.
    """
    if _beyond(a, len(rows)) or _beyond(b, len(rows)):
        return UNKNOWN
    head, tail = 0, 0
    if wanted != COLUMN:
        head = _head(a, b)
        tail = _tail(a, b, head)
    n, m = len(a) - head - tail, len(b) - head - tail
    distance = n + m
    if n > 0 and m > 0:
        distance = _edits(a, b, head, n, m, rows, work, columns, kept, found, wanted)
    if wanted == OPERATIONS:
        _trace_edits(a, b, head, n, m, kept, found)
    return distance


@kernel
def common(a: I1, b: I1, rows: U1, work: U1, columns: U1, kept: U1, found: I1, wanted: int) -> int:
    """The length of the longest common subsequence; arguments as for `levenshtein`, operations are no replacements."""
    if _beyond(a, len(rows)) or _beyond(b, len(rows)):
        return UNKNOWN
    head = _head(a, b)
    tail = _tail(a, b, head)
    n, m = len(a) - head - tail, len(b) - head - tail
    length = head + tail
    if n > 0 and m > 0:
        length += _common(a, b, head, n, m, rows, work, columns, kept, wanted)
    if wanted == OPERATIONS:
        _trace_common(head, n, m, kept, found)
    return length


@inline
def _beyond(names: I1, size: int) -> bool:
    most = NONE
    for i in range(len(names)):
        most = max(most, np.uint64(names[i]))
    return bool(most >= np.uint64(size))


@inline
def _head(a: I1, b: I1) -> int:
    """How many names both begin with."""
    shorter = min(len(a), len(b))
    head = 0
    while head < shorter and a[head] == b[head]:
        head += 1
    return head


@inline
def _tail(a: I1, b: I1, head: int) -> int:
    """How many names both end with, after the head."""
    shorter = min(len(a), len(b)) - head
    tail = 0
    while tail < shorter and a[len(a) - 1 - tail] == b[len(b) - 1 - tail]:
        tail += 1
    return tail


@inline
def _edits(
    a: I1, b: I1, head: int, n: int, m: int, rows: U1, work: U1, columns: U1, kept: U1, found: I1, wanted: int
) -> int:
    """The edit distance of what is between head and tail."""
    grows, falls = stride(m) + LANES - 1, 2 * stride(m) + LANES - 1
    for j in range(m + LANES):
        columns[grows + j] = ALL if j < m else NONE
        columns[falls + j] = NONE
    base, words, total = 0, (n + 63) // 64, m
    window = -1 if wanted == OPERATIONS else LANES - 1
    for start in range(0, n, 64 * LANES):
        stop = min(n, start + 64 * LANES)
        number(a, head + start, head + stop, b, head, m, rows, work, columns)
        scan_edits(work, columns, m, kept, base, window, stop < n)
        for word in range((stop - start + 63) // 64):
            at = base + ((m - 1 + word) & window) * 2 * LANES + word
            rest = ALL >> np.uint64(64 - min(64, stop - start - 64 * word))
            total += population(kept[at] & rest) - population(kept[at + LANES] & rest)
            if wanted == COLUMN:
                found[start // 64 + word] = np.int64(kept[at])
                found[words + start // 64 + word] = np.int64(kept[at + LANES])
        if wanted == OPERATIONS:
            base += (m + LANES - 1) * 2 * LANES
    return total


@inline
def _common(a: I1, b: I1, head: int, n: int, m: int, rows: U1, work: U1, columns: U1, kept: U1, wanted: int) -> int:
    """The length of the longest common subsequence of what is between head and tail."""
    grows = stride(m) + LANES - 1
    for j in range(m + LANES):
        columns[grows + j] = NONE
    base, total = 0, 0
    for start in range(0, n, 64 * LANES):
        stop = min(n, start + 64 * LANES)
        number(a, head + start, head + stop, b, head, m, rows, work, columns)
        total += scan_common(work, columns, m, kept, base, wanted == OPERATIONS, stop < n)
        base += (m + LANES - 1) * LANES
    return total


@inline
def _is_set(kept: U1, at: int, vectors: int, m: int, row: int, column: int) -> bool:
    """A cell's bit, among the words that are kept from a position on."""
    word = (row >> 6) & (LANES - 1)
    tile = (row >> 6) // LANES
    step = tile * (m + LANES - 1) + column + word
    place = np.uint64(at + step * vectors * LANES + word)
    return kept[place] >> (np.uint64(row) & TOP) & ONE != NONE  # type: ignore[no-any-return]


@inline
def _put(found: I1, at: int, kind: int, row: int, column: int) -> int:
    """Write an operation before the one at a position, and return its own position."""
    found[np.uint64(at - 3)] = kind
    found[np.uint64(at - 2)] = row
    found[np.uint64(at - 1)] = column
    return at - 3


@inline
def _put_rest(found: I1, at: int, head: int, row: int, column: int) -> None:
    """Delete what is left of a, or insert what is left of b."""
    while row > 0:
        row -= 1
        at = _put(found, at, DELETE, head + row, head + column)
    while column > 0:
        column -= 1
        at = _put(found, at, INSERT, head + row, head + column)


@inline
def _trace_edits(a: I1, b: I1, head: int, n: int, m: int, kept: U1, found: I1) -> None:
    """From the last cell back: a deletion where it is as good as anything, then an insertion, then the diagonal."""
    row, column, at = n, m, len(found)
    while row > 0 and column > 0:
        if _is_set(kept, 0, 2, m, row - 1, column - 1):
            row -= 1
            at = _put(found, at, DELETE, head + row, head + column)
            continue
        column -= 1
        if column > 0 and _is_set(kept, LANES, 2, m, row - 1, column - 1):
            at = _put(found, at, INSERT, head + row, head + column)
            continue
        row -= 1
        if a[head + row] != b[head + column]:
            at = _put(found, at, REPLACE, head + row, head + column)
    _put_rest(found, at, head, row, column)


@inline
def _trace_common(head: int, n: int, m: int, kept: U1, found: I1) -> None:
    """From the last cell back: a deletion where it costs nothing, then an insertion, then the diagonal."""
    row, column, at = n, m, len(found)
    while row > 0 and column > 0:
        if _is_set(kept, 0, 1, m, row - 1, column - 1):
            row -= 1
            at = _put(found, at, DELETE, head + row, head + column)
            continue
        column -= 1
        if column > 0 and not _is_set(kept, 0, 1, m, row - 1, column - 1):
            at = _put(found, at, INSERT, head + row, head + column)
        else:
            row -= 1
    _put_rest(found, at, head, row, column)
