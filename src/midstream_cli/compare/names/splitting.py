"""Edit operations of long sequences: both are split where a shortest edit passes, until the tables are small.

D. S. Hirschberg, "A linear space algorithm for computing maximal common subsequences", CACM 18, 1975. Split are the
middle of the second sequence, and the first where the sum of both sides is least; rapidfuzz does the same.
"""

import numpy as np

from midstream_cli.compare.names.bit_parallel import EDIT, last_column, operations
from midstream_cli.compare.names.interning import Numbers
from midstream_cli.frames import Int64

MOST_BYTES = 1 << 20
"""Of a table."""

LEAST_ROWS, LEAST_COLUMNS = 65, 10


def edit_operations(a: Numbers, b: Numbers) -> Int64:
    """Operations of a shortest edit, shape (operations, 3): kind, position in a, position in b."""
    if _is_small(a, b, max(len(a), len(b))):
        return operations(EDIT, a, b)
    parts: list[Int64] = []
    # what is to be done: both sequences, where they begin, and a bound of their distance
    waiting = [(a, b, 0, 0, max(len(a), len(b)))]
    while waiting:
        a, b, a_start, b_start, most = waiting.pop()
        head = _same(a, b)
        a, b, a_start, b_start = a[head:], b[head:], a_start + head, b_start + head
        tail = _same(a[::-1], b[::-1])
        a, b = a[: len(a) - tail], b[: len(b) - tail]
        most = min(most, max(len(a), len(b)))
        if _is_small(a, b, most):
            parts.append(_moved(a, b, a_start, b_start))
            continue
        half = len(b) // 2
        before = last_column(np.ascontiguousarray(a), np.ascontiguousarray(b[:half]))
        after = last_column(np.ascontiguousarray(a[::-1]), np.ascontiguousarray(b[half:][::-1]))[::-1]
        whole = before + after
        at = 1 + int(np.argmin(whole[1:])) if whole[1:].min() <= whole[0] else 0
        waiting.append((a[at:], b[half:], a_start + at, b_start + half, int(after[at])))
        waiting.append((a[:at], b[:half], a_start, b_start, int(before[at])))
    return np.concatenate(parts)


def _moved(a: Numbers, b: Numbers, a_start: int, b_start: int) -> Int64:
    """Operations between stretches that begin at these positions."""
    found = operations(EDIT, np.ascontiguousarray(a), np.ascontiguousarray(b))
    found[:, 1:] += (a_start, b_start)
    return found


def _is_small(a: Numbers, b: Numbers, most: int) -> bool:
    cells = min(len(a), 2 * most + 1) * len(b)
    return cells * 2 // 8 < MOST_BYTES or len(a) < LEAST_ROWS or len(b) < LEAST_COLUMNS


def _same(a: Numbers, b: Numbers) -> int:
    """How many names both begin with."""
    shorter = min(len(a), len(b))
    differ = a[:shorter] != b[:shorter]
    return int(np.argmax(differ)) if differ.any() else shorter
