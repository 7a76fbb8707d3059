"""The distance of two sequences of numbers under time warping: every cell of the table, none of them kept.

The table is swept in tiles of LANES rows, skewed: lane r stands at column s - r at step s, so that what it needs was in
registers a step or two before. Two tiles run in one loop, the lower one LANES steps behind, because one alone leaves
half of the arithmetic units idle. Only the last row of a tile goes through memory.
"""

from midstream_cli.compare.kernels.costs import INF, OTHERWISE, fill, is_ordinary, read, write
from midstream_cli.compare.kernels.layout import lay_out
from midstream_cli.compare.kernels.straight import CHECKED, remaining, tightened, within
from midstream_cli.compare.kernels.table import DOUBLE, SQUARED, TRUSTED
from midstream_cli.compiled.kernel import F1, inline, kernel
from midstream_cli.compiled.vectors import (
    REGISTER,
    Lanes,
    absolute,
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

PRUNED = 6
"""Tiles from which on it pays to leave out columns that no path crosses."""


def room(n: int, m: int) -> int:
    """Numbers of scratch that `pair` needs."""
    return n + m + max(n, m) + min(n, m) // LANES + 12 * LANES


@inline
def cell(d: Lanes, up: Lanes, left: Lanes, diagonal: Lanes, squared: int, double: int) -> Lanes:
    """Accumulated costs, of the differences d; one of the minima runs on units that arithmetic leaves free."""
    if squared and not double:
        return fma(d, d, minimum(up, minimum_cost(left, diagonal)))
    cost = d * d if squared else absolute(d)
    if double:
        return minimum(fma(splat(2.0, LANES), cost, diagonal), cost + minimum_cost(up, left))
    return cost + minimum(up, minimum_cost(left, diagonal))


@inline
def _one_tile(
    w: F1, a: int, b: int, row: int, begin: int, m: int, bound: float, squared: int, double: int
) -> int:  # fmt: skip
    """The first LANES rows, as `_two_tiles`."""
    mine = load(w, a, LANES)
    before = load(w, 0, LANES)
    now = splat(INF, LANES)
    end = m + LANES - 1
    stop = min(begin + CHECKED, end) if bound < INF else end
    s = begin
    while s < end:
        while s < stop:
            up = shift_in(now, read(w, row + s))
            now = cell(mine - load(w, b - s, LANES), up, now, before, squared, double)
            before = up
            write(w, row + s - LANES + 1, last(now))
            s += 1
        if s < end and least(minimum(now, before)) > bound:
            return s - LANES
        stop = min(s + CHECKED, end)
    return m - 1


@inline
def _two_tiles(
    w: F1, a: int, b: int, row: int, corner: int, begin: int, start: int, reach: int, m: int, bound: float,
    squared: int, double: int,
) -> int:  # fmt: skip
    """2 * LANES rows: the upper tile alone, both, the lower tile alone; returns the last column.

    Args:
        a: where the numbers of the rows begin, `b`, that of the first column, and `row`, the row above, replaced by the last.
        corner: what stands diagonally before the rows at step `begin`.
        start: the first column; `reach`, the last to which the row above may lead a path.
        bound: no path leads on from where all costs exceed it.
    """
    mine = load(w, a, LANES)
    before = load(w, corner, LANES)
    now = splat(INF, LANES)
    for s in range(begin, start + LANES):
        up = shift_in(now, read(w, row + s))
        now = cell(mine - load(w, b - s, LANES), up, now, before, squared, double)
        before = up
    write(w, row + start, last(now))
    lower = load(w, a + LANES, LANES)
    lower_before = splat(INF, LANES)
    lower_now = splat(INF, LANES)
    end = m + LANES - 1
    stop = min(reach + 1, end)
    s = start + LANES
    while s < end:
        while s < stop:
            up = shift_in(now, read(w, row + s))
            lower_up = shift_in(lower_now, read(w, row + s - LANES))
            now = cell(mine - load(w, b - s, LANES), up, now, before, squared, double)
            other = lower - load(w, b + LANES - s, LANES)
            lower_now = cell(other, lower_up, lower_now, lower_before, squared, double)
            before = up
            lower_before = lower_up
            write(w, row + s - 2 * LANES + 1, last(lower_now))
            write(w, row + s - LANES + 1, last(now))
            s += 1
        if s < end and least(minimum(minimum(now, before), minimum(lower_now, lower_before))) > bound:
            fill(w, row + max(s - 2 * LANES + 1, 0), 2 * LANES, INF)
            return s - 2 * LANES
        stop = min(s + CHECKED, end)
    for s in range(m - 1, m + LANES - 1):
        lower_up = shift_in(lower_now, read(w, row + s))
        other = lower - load(w, b - s, LANES)
        lower_now = cell(other, lower_up, lower_now, lower_before, squared, double)
        lower_before = lower_up
        write(w, row + s - LANES + 1, last(lower_now))
    return m - 1


@kernel
def pair(a: F1, b: F1, w: F1, how: int) -> float:
    """The accumulated cost at the last cell of the table of a against b.

    Args:
        w: scratch of `room` numbers; less, and nothing is computed.
        how: SQUARED, DOUBLE and TRUSTED of `table`.

    Returns:
        OTHERWISE where w is too small, a sequence empty, or a number out of the ordinary.
    """
    if a.shape[0] > b.shape[0]:
        a, b = b, a
    n, m = a.shape[0], b.shape[0]
    if n == 0 or w.shape[0] < n + 2 * m + n // LANES + 12 * LANES:
        return OTHERWISE
    if not how & TRUSTED and not (is_ordinary(a) and is_ordinary(b)):
        return OTHERWISE
    squared, double = how & SQUARED, how & DOUBLE
    tiles = (n + LANES - 1) // LANES
    rows, first, row, rest = lay_out(a, b, w, tiles, LANES, how)
    # the first row that is there, as a step of the first tile; and the rows that are done
    begin = tiles * LANES - n
    done = -begin
    odd = tiles & 1
    bound = INF
    if tiles >= PRUNED:
        bound = remaining(a, b, w, rest, tiles // 2 + odd, 2 * LANES, squared, double)
    start, corner = 0, 0
    reach = 0 if bound < INF else m - 1
    for k in range(tiles // 2 + odd):
        if k == 0 and odd:
            end = _one_tile(w, rows, first, row, begin, m, bound, squared, double)
            done += LANES
        else:
            at = rows + tiles * LANES - n + done
            end = _two_tiles(w, at, first, row, corner, begin, start, reach, m, bound, squared, double)
            done += 2 * LANES
        if bound < INF:
            bound = tightened(w, row, rest + k, done, n, m, bound)
        start, reach = within(w, row, start, end, bound)
        begin, corner = start, LANES
    cost: float = read(w, row + m - 1)
    return cost
