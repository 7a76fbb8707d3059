"""Recurrences of a trajectory, row by row in words of 64 bits: lines counted as they end, the matrix never kept.

The matrix is symmetric: only cells right of the main diagonal are computed. What is above the diagonal in a column goes on
in the row of the same number, so that vertical lines come together there. A row, the row before and both shifted by one
differ where a line begins or ends: the work beyond the distances is that of the lines, not of the cells.
"""

from typing import Any

import numpy as np

from midstream_cli.compiled.kernel import F1, I1, U1, inline, kernel
from midstream_cli.compiled.vectors import REGISTER, Lanes, absolute, bits, fma, last, load, maximum, ones, splat, store

LANES = 8 * REGISTER
"""Cells at once; each coordinate of the points is followed by so many numbers that do not count, 64 at least."""

EUCLIDEAN, CHEBYSHEV, MANHATTAN = 0, 1, 2
"""Norms; of the first, the square is what is compared."""

ALL, NONE, ONE = np.uint64(0xFFFFFFFFFFFFFFFF), np.uint64(0), np.uint64(1)

DIAGONAL, VERTICAL, WHITE, RETURNS, LAGS = 0, 1, 2, 3, 4
"""What is counted in the `lines` of `quantify`, table by table."""

ROW_SINCE, DIAGONAL_SINCE, ONSET = 0, 1, 2
"""What is kept for each column or lag in its `state`, table by table."""


@inline
def _distances(points: F1, stride: int, dims: int, norm: int, i: int, j: int) -> Lanes:
    """How far the points from j on are from point i."""
    total = splat(0.0, LANES)
    if norm == EUCLIDEAN:
        for c in range(dims):
            apart = load(points, c * stride + j, LANES) - splat(points[c * stride + i], LANES)
            total = fma(apart, apart, total)
    elif norm == CHEBYSHEV:
        for c in range(dims):
            apart = load(points, c * stride + j, LANES) - splat(points[c * stride + i], LANES)
            total = maximum(total, absolute(apart))
    else:
        for c in range(dims):
            apart = load(points, c * stride + j, LANES) - splat(points[c * stride + i], LANES)
            total = total + absolute(apart)
    return total


@inline
def _word(points: F1, stride: int, dims: int, norm: int, limit: float, i: int, first: int, base: int, n: int) -> Any:
    """Which of the 64 points from `base` on are recurrences of point i, those before `first` and from n on left out."""
    word = NONE
    if base < n:
        for part in range(0, 64, LANES):
            near = _distances(points, stride, dims, norm, i, base + part) <= splat(limit, LANES)
            word |= np.uint64(np.int64(bits(near))) << np.uint64(part)
        if base + 64 > n:
            word &= ALL >> np.uint64(64 - (n - base))
        if base < first:
            word &= ALL << np.uint64(first - base)
    return word


@inline
def _ones(word: Any) -> int:
    """How many bits of a word are set."""
    return np.int64(last(ones(splat(word, 1))))  # type: ignore[return-value]


@inline
def _count(lines: I1, table: int, length: int) -> None:
    """One more line of this length."""
    lines[np.uint64(table + length)] += 1


@inline
def _end_diagonals(lines: I1, state: I1, size: int, i: int, base: int, word: Any, changed: Any) -> None:
    """Begin and end diagonal lines in the columns of a word that differ from those of the row before, shifted by one."""
    while changed != NONE:
        bit = changed & (~changed + ONE)
        changed ^= bit
        lag = base + _ones(bit - ONE) - i
        at = np.uint64(DIAGONAL_SINCE * size + lag)
        if word & bit != NONE:
            state[at] = i
        else:
            length = i - state[at]
            _count(lines, DIAGONAL * size, length)
            lines[np.uint64(LAGS * size + lag)] += length


@inline
def _end_verticals(lines: I1, state: I1, size: int, i: int, base: int, word: Any, changed: Any) -> None:
    """Begin and end vertical lines in the columns of a word that differ from those of the row before."""
    while changed != NONE:
        bit = changed & (~changed + ONE)
        changed ^= bit
        column = base + _ones(bit - ONE)
        length = i - state[np.uint64(ROW_SINCE * size + column)]
        state[np.uint64(ROW_SINCE * size + column)] = i
        if word & bit != NONE:
            _count(lines, WHITE * size, length)
            onset = state[np.uint64(ONSET * size + column)]
            state[np.uint64(ONSET * size + column)] = i
            if onset >= 0:
                _count(lines, RETURNS * size, i - onset)
        else:
            _count(lines, VERTICAL * size, length)


@kernel
def quantify(
    points: F1, stride: int, dims: int, n: int, norm: int, limit: float, theiler: int, row: U1, state: I1, lines: I1
) -> None:
    """Count the lines of a recurrence matrix by their lengths.

    Args:
        points: coordinate by coordinate, `stride` numbers each, of which the first n count.
        limit: points at most so far apart recur; the square of it in the Euclidean norm.
        theiler: points fewer samples apart do not count; 0 for all of them, the main diagonal too.
        row: zeros, a bit for each of n + 1 columns.
        state: zeros, 3 tables of n + 1 numbers; of the last one -1.
        lines: zeros, 5 tables of n + 1 numbers. Of diagonal (those above the main diagonal), vertical and white vertical
            lines how many have each length, of recurrence times (from the beginning of one vertical line to that of the
            next) how often each occurs, and how many recurrences there are at each lag. White ones of no length do not
            count.
    """
    size = n + 1
    gap = max(1, theiler)
    for i in range(n - gap + 1):
        first = i + gap
        # the column that reaches the diagonal, or the blank strip along it
        column = first - 1
        length = i - state[np.uint64(ROW_SINCE * size + column)]
        black = row[np.uint64(column >> 6)] >> np.uint64(column & 63) & ONE
        begun, onset = first, -1
        if theiler == 0:
            onset = state[np.uint64(ONSET * size + i)]
            if black == NONE:
                _count(lines, WHITE * size, length)
                if onset >= 0:
                    _count(lines, RETURNS * size, i - onset)
                onset, length = i, 0
            begun, black = i - length, ONE
        else:
            _count(lines, (VERTICAL if black != NONE else WHITE) * size, length)
            black = NONE
        from_above = row[np.uint64((first >> 6) - 1)] >> np.uint64(63) if first >= 64 else NONE
        from_left = NONE
        for w in range(first >> 6, (n >> 6) + 1):
            base = w << 6
            word = _word(points, stride, dims, norm, limit, i, first, base, n)
            before = row[np.uint64(w)]
            row[np.uint64(w)] = word
            left = np.uint64(word) << ONE | from_left
            here = ALL
            if base <= first:
                here = ALL << np.uint64(first - base)
                left |= black << np.uint64(first - base)
            _end_diagonals(lines, state, size, i, base, word, (word ^ (before << ONE | from_above)) & here)
            _end_verticals(lines, state, size, i, base, word, (word ^ before) & here)
            from_above, from_left = before >> np.uint64(63), np.uint64(word) >> np.uint64(63)
            changed = (word ^ left) & here
            while changed != NONE:
                bit = changed & (~changed + ONE)
                changed ^= bit
                at = base + _ones(bit - ONE)
                if word & bit != NONE:
                    _count(lines, WHITE * size, at - begun)
                    if onset >= 0:
                        _count(lines, RETURNS * size, at - onset)
                    onset = at
                else:
                    _count(lines, VERTICAL * size, at - begun)
                begun = at
        # what is black at the end has ended in the column after it
        _count(lines, WHITE * size, n - begun)


@kernel
def nearest_pairs(
    points: F1, stride: int, dims: int, n: int, norm: int, gap: int, low: float, high: float, found: F1, work: F1
) -> int:
    """How many pairs, `gap` samples apart at least, are nearer than `low`; those up to `high` are listed.

    Args:
        found: its first element becomes the number of pairs between; their distances follow, while there is room.
        work: `LANES` numbers.
    """
    below, between = 0, 0
    for i in range(n - gap):
        for base in range(i + gap, n, LANES):
            apart = _distances(points, stride, dims, norm, i, base)
            here = ALL >> np.uint64(64 - min(LANES, n - base))
            under = np.uint64(np.int64(bits(apart < splat(low, LANES)))) & here
            below += _ones(under)
            rest = np.uint64(np.int64(bits(apart <= splat(high, LANES)))) & here & ~under
            if rest != NONE:
                store(work, 0, apart)
                while rest != NONE:
                    bit = rest & (~rest + ONE)
                    rest ^= bit
                    between += 1
                    if between < len(found):
                        found[np.uint64(between)] = work[np.uint64(_ones(bit - ONE))]
    found[0] = between
    return below


@kernel
def picture(
    points: F1,
    stride: int,
    dims: int,
    n: int,
    norm: int,
    limit: float,
    theiler: int,
    block: int,
    cells: int,
    counts: I1,
) -> None:
    """Count the recurrences above the main diagonal in squares of `block` by `block` samples: `cells` by `cells` of them."""
    gap = max(1, theiler)
    for i in range(n - gap):
        first = i + gap
        across = (i // block) * cells
        for w in range(first >> 6, ((n - 1) >> 6) + 1):
            base = w << 6
            word = np.uint64(_word(points, stride, dims, norm, limit, i, first, base, n))
            cell = base // block
            end = (cell + 1) * block - base
            while word != NONE:
                inside = word
                if end < 64:
                    inside = word & ~(ALL << np.uint64(end))
                counts[np.uint64(across + cell)] += _ones(inside)
                word ^= inside
                cell += 1
                end += block
