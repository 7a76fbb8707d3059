"""Two sequences of numbers under time warping, and the path that aligns them.

Two tiles of LANES rows run in one loop, the lower one LANES steps behind, as in `pair`; row r of both stands at column
s - r at step s. For the path two bits are kept of each cell, those of a step in two words.
"""

from midstream_cli.compare.kernels.costs import INF, OTHERWISE, fill, is_ordinary, read, write
from midstream_cli.compare.kernels.layout import lay_out
from midstream_cli.compare.kernels.straight import CHECKED, remaining, tightened, within
from midstream_cli.compare.kernels.table import DOUBLE, SQUARED, TRUSTED, UP_FIRST
from midstream_cli.compiled.kernel import F1, I1, I2, inline, kernel
from midstream_cli.compiled.vectors import (
    REGISTER,
    Lanes,
    absolute,
    bits,
    fma,
    last,
    least,
    load,
    minimum,
    minimum_cost,
    shift_in,
    splat,
)

LANES = 4 * REGISTER
ROWS = 2 * LANES

PRUNED = 4
"""Pairs of tiles from which on it pays to look for columns that no path crosses."""


def room(n: int, m: int) -> int:
    """Numbers of scratch that `paths` needs."""
    return n + 2 * m + n // ROWS + 8 * ROWS


def words_room(n: int, m: int) -> int:
    """Words that it needs."""
    return (n // ROWS + 1) * (1 + 2 * (m + ROWS))


@inline
def _cost(d: Lanes, squared: int) -> Lanes:
    return d * d if squared else absolute(d)


@inline
def _by_diagonal(d: Lanes, up: Lanes, left: Lanes, diagonal: Lanes, weight: float, squared: int, up_first: int) -> int:
    """Of each lane, whether the diagonal way is best; `table` tells how ways are compared."""
    if up_first:
        return bits(diagonal <= minimum_cost(up, left))
    cost = _cost(d, squared)
    return bits(fma(splat(weight, LANES), cost, diagonal) <= minimum_cost(up, left) + cost)


@inline
def _by_left(d: Lanes, up: Lanes, left: Lanes, squared: int, up_first: int) -> int:
    """Of each lane, whether the way from the left is better than the one from above."""
    if up_first:
        return bits(left < up)
    cost = _cost(d, squared)
    return bits(left + cost <= up + cost)


@inline
def _cell(d: Lanes, up: Lanes, left: Lanes, diagonal: Lanes, weight: float, squared: int, up_first: int) -> Lanes:
    cost = _cost(d, squared)
    if up_first:
        return cost + minimum(diagonal, minimum_cost(up, left))
    return minimum(fma(splat(weight, LANES), cost, diagonal), cost + minimum_cost(up, left))


@inline
def _group(
    w: F1, words: I1, kept: int, a: int, b: int, row: int, corner: int, begin: int, start: int, reach: int, m: int,
    bound: float, weight: float, squared: int, up_first: int,
) -> tuple[int, int]:  # fmt: skip
    """ROWS rows from column `start` on, from step `begin`; returns the last column, and where the next words go.

    No way through the row above leads further than to column `reach`, and none to where all costs exceed the bound.
    """
    mine = load(w, a, LANES)
    before = load(w, corner, LANES)
    now = splat(INF, LANES)
    for s in range(begin, start + LANES):
        up = shift_in(now, read(w, row + s))
        d = mine - load(w, b - s, LANES)
        write(words, kept, _by_diagonal(d, up, now, before, weight, squared, up_first))
        write(words, kept + 1, _by_left(d, up, now, squared, up_first))
        kept += 2
        now = _cell(d, up, now, before, weight, squared, up_first)
        before = up
    write(w, row + start, last(now))
    lower = load(w, a + LANES, LANES)
    lower_before = load(w, corner + LANES, LANES)
    lower_now = splat(INF, LANES)
    end = m + LANES - 1
    stop = min(reach + 1, end)
    s = max(begin, start + LANES)
    while s < end:
        while s < stop:
            up = shift_in(now, read(w, row + s))
            lower_up = shift_in(lower_now, read(w, row + s - LANES))
            d = mine - load(w, b - s, LANES)
            diagonal = _by_diagonal(d, up, now, before, weight, squared, up_first)
            along = _by_left(d, up, now, squared, up_first)
            now = _cell(d, up, now, before, weight, squared, up_first)
            before = up
            e = lower - load(w, b + LANES - s, LANES)
            write(
                words,
                kept,
                diagonal | _by_diagonal(e, lower_up, lower_now, lower_before, weight, squared, up_first) << LANES,
            )
            write(words, kept + 1, along | _by_left(e, lower_up, lower_now, squared, up_first) << LANES)
            kept += 2
            lower_now = _cell(e, lower_up, lower_now, lower_before, weight, squared, up_first)
            lower_before = lower_up
            write(w, row + s - ROWS + 1, last(lower_now))
            write(w, row + s - LANES + 1, last(now))
            s += 1
        if s < end and least(minimum(minimum(now, before), minimum(lower_now, lower_before))) > bound:
            fill(w, row + max(s - ROWS + 1, 0), ROWS, INF)
            return s - ROWS, kept
        stop = min(s + CHECKED, end)
    for s in range(max(begin, end), m + ROWS - 1):
        lower_up = shift_in(lower_now, read(w, row + s - LANES))
        e = lower - load(w, b + LANES - s, LANES)
        write(words, kept, _by_diagonal(e, lower_up, lower_now, lower_before, weight, squared, up_first) << LANES)
        write(words, kept + 1, _by_left(e, lower_up, lower_now, squared, up_first) << LANES)
        kept += 2
        lower_now = _cell(e, lower_up, lower_now, lower_before, weight, squared, up_first)
        lower_before = lower_up
        write(w, row + s - ROWS + 1, last(lower_now))
    return m - 1, kept


@inline
def _trace(words: I1, path: I2, group: int, i: int, j: int) -> None:
    """Write the path backwards to the end of its array, and where it begins there to path[0, 0]."""
    at = path.shape[0] - 1
    r = ROWS - 1
    here = read(words, group) + 2 * (j + r)
    path[at, 0], path[at, 1] = i, j
    while i + j > 0:
        straight, along = read(words, here) >> r & 1, read(words, here + 1) >> r & 1
        # beyond the borders all is infinite, and no way leads there, unless another thread writes what is no number
        straight, along = straight & (i > 0) & (j > 0), (along | (i == 0)) & (j > 0)
        left = straight | along
        up = 1 - (along & (1 - straight))
        i -= up
        j -= left
        at -= 1
        path[at, 0], path[at, 1] = i, j
        r -= up
        # up + left, but known sooner: the next words are what the loop waits for
        here -= 2 + 2 * straight
        if r < 0:
            r += ROWS
            group -= 1
            here = read(words, group) + 2 * (j + r)
    path[0, 0] = at


@kernel
def paths(a: F1, b: F1, w: F1, words: I1, path: I2, how: int) -> float:
    """The accumulated cost at the last cell of the table of a against b, and the path that leads there.

    Args:
        w: scratch of `room` numbers.
        words: scratch of `words_room` numbers; with less of either, nothing is computed.
        path: shape (n + m, 2). The path ends where it does; path[0, 0] tells where it begins there.
        how: SQUARED, DOUBLE or UP_FIRST, and TRUSTED of `table`.

    Returns:
        OTHERWISE where there is too little scratch, a sequence is empty, or a number out of the ordinary.
    """
    n, m = a.shape[0], b.shape[0]
    groups = (n + ROWS - 1) // ROWS
    if n == 0 or m == 0 or path.shape[0] < n + m:
        return OTHERWISE
    if w.shape[0] < n + 2 * m + n // ROWS + 8 * ROWS or words.shape[0] < groups * (1 + 2 * (m + ROWS)):
        return OTHERWISE
    if not how & TRUSTED and not (is_ordinary(a) and is_ordinary(b)):
        return OTHERWISE
    begin = groups * ROWS - n
    rows, first, row, rest = lay_out(a, b, w, groups, ROWS, how)
    bound = INF
    if groups >= PRUNED:
        bound = remaining(a, b, w, rest, groups, ROWS, how & SQUARED, how & DOUBLE)
    weight = 2.0 if how & DOUBLE else 1.0
    kept = groups
    start, corner = 0, 0
    reach = 0 if bound < INF else m - 1
    done = -begin
    for k in range(groups):
        words[k] = kept - 2 * begin
        mine = rows + k * ROWS
        # the numbers are written out so that each kind has a loop of its own
        if how & UP_FIRST and how & SQUARED:
            end, kept = _group(w, words, kept, mine, first, row, corner, begin, start, reach, m, bound, weight, 1, 1)
        elif how & UP_FIRST:
            end, kept = _group(w, words, kept, mine, first, row, corner, begin, start, reach, m, bound, weight, 0, 1)
        elif how & SQUARED:
            end, kept = _group(w, words, kept, mine, first, row, corner, begin, start, reach, m, bound, weight, 1, 0)
        else:
            end, kept = _group(w, words, kept, mine, first, row, corner, begin, start, reach, m, bound, weight, 0, 0)
        done += ROWS
        if bound < INF:
            bound = tightened(w, row, rest + k, done, n, m, bound)
        start, reach = within(w, row, start, end, bound)
        begin, corner = start, ROWS
    _trace(words, path, groups - 1, n - 1, m - 1)
    cost: float = read(w, row + m - 1)
    return cost
