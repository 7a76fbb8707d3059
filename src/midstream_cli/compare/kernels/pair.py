"""The distance of two sequences of numbers under time warping: every cell of the table, none of them kept.

The table is swept in tiles of LANES rows, skewed: lane r stands at column s - r at step s, so that what it needs was in
registers a step or two before. Two tiles run in one loop, the lower one LANES steps behind, because one alone leaves
half of the arithmetic units idle. Only the last row of a tile goes through memory.
"""

from midstream_cli.compare.kernels.costs import (
    FAR,
    INF,
    OTHERWISE,
    copy,
    copy_backwards,
    fill,
    is_ordinary,
    read,
    write,
)
from midstream_cli.compare.kernels.table import DOUBLE, SQUARED, TRUSTED
from midstream_cli.compiled.kernel import F1, inline, kernel
from midstream_cli.compiled.vectors import (
    REGISTER,
    Lanes,
    absolute,
    fma,
    last,
    load,
    minimum,
    minimum_cost,
    shift_in,
    splat,
)

LANES = 4 * REGISTER


def room(n: int, m: int) -> int:
    """Numbers of scratch that `pair` needs."""
    return n + m + max(n, m) + 10 * LANES


@inline
def _cell(d: Lanes, up: Lanes, left: Lanes, diagonal: Lanes, squared: int, double: int) -> Lanes:
    """Accumulated costs, of the differences d; one of the minima runs on units that arithmetic leaves free."""
    if squared and not double:
        return fma(d, d, minimum(up, minimum_cost(left, diagonal)))
    cost = d * d if squared else absolute(d)
    if double:
        return minimum(fma(splat(2.0, LANES), cost, diagonal), cost + minimum_cost(up, left))
    return cost + minimum(up, minimum_cost(left, diagonal))


@inline
def _one_tile(w: F1, a: int, b: int, row: int, corner: int, begin: int, m: int, squared: int, double: int) -> None:
    """LANES rows whose numbers begin at w[a]; w[b] is the first column, w[row] the row above, replaced by the last."""
    mine = load(w, a, LANES)
    before = load(w, corner, LANES)
    now = splat(INF, LANES)
    for s in range(begin, m + LANES - 1):
        up = shift_in(now, read(w, row + s))
        now = _cell(mine - load(w, b - s, LANES), up, now, before, squared, double)
        before = up
        if s >= LANES - 1:
            write(w, row + s - LANES + 1, last(now))


@inline
def _two_tiles(w: F1, a: int, b: int, row: int, corner: int, begin: int, m: int, squared: int, double: int) -> None:
    """2 * LANES rows: the upper tile alone, both, the lower tile alone."""
    mine = load(w, a, LANES)
    before = load(w, corner, LANES)
    now = splat(INF, LANES)
    for s in range(begin, LANES):
        up = shift_in(now, read(w, row + s))
        now = _cell(mine - load(w, b - s, LANES), up, now, before, squared, double)
        before = up
    write(w, row, last(now))
    lower = load(w, a + LANES, LANES)
    lower_before = splat(INF, LANES)
    lower_now = splat(INF, LANES)
    for s in range(LANES, m + LANES - 1):
        up = shift_in(now, read(w, row + s))
        lower_up = shift_in(lower_now, read(w, row + s - LANES))
        now = _cell(mine - load(w, b - s, LANES), up, now, before, squared, double)
        other = lower - load(w, b + LANES - s, LANES)
        lower_now = _cell(other, lower_up, lower_now, lower_before, squared, double)
        before = up
        lower_before = lower_up
        if s >= 2 * LANES - 1:
            write(w, row + s - 2 * LANES + 1, last(lower_now))
        write(w, row + s - LANES + 1, last(now))
    for s in range(m - 1, m + LANES - 1):
        lower_up = shift_in(lower_now, read(w, row + s))
        other = lower - load(w, b - s, LANES)
        lower_now = _cell(other, lower_up, lower_now, lower_before, squared, double)
        lower_before = lower_up
        if s >= LANES - 1:
            write(w, row + s - LANES + 1, last(lower_now))


@kernel
def pair(a: F1, b: F1, w: F1, how: int) -> float:
    """The accumulated cost at the last cell of the table of a against b.

    Args:
        w: scratch of `room` numbers; less, and nothing is computed.
        how: SQUARED, DOUBLE and TRUSTED of `table`.

    Returns:
        OTHERWISE where w is too small, a sequence empty, or a number out of the ordinary.
    """
    if a.shape[0] < b.shape[0]:
        a, b = b, a
    n, m = b.shape[0], a.shape[0]
    if n == 0 or w.shape[0] < n + 2 * m + 10 * LANES:
        return OTHERWISE
    if not how & TRUSTED and not (is_ordinary(a) and is_ordinary(b)):
        return OTHERWISE
    squared, double = how & SQUARED, how & DOUBLE
    tiles = (n + LANES - 1) // LANES
    # rows that are not there come first, so that the last row is a tile's last; none of them is near anything
    missing = tiles * LANES - n
    rows = 2 * LANES
    columns = rows + tiles * LANES
    row = columns + m + 2 * LANES
    fill(w, 0, 2 * LANES, INF)
    # where a diagonal step counts twice, the first cell still counts once
    d = a[0] - b[0]
    w[missing] = 0.0 if not double else -d * d if squared else -abs(d)
    fill(w, rows, missing, FAR)
    copy(b, w, rows + missing)
    fill(w, columns, LANES, INF)
    fill(w, columns + LANES + m, LANES, INF)
    copy_backwards(a, w, columns + LANES)
    fill(w, row, m + 2 * LANES, INF)
    first = columns + LANES + m - 1
    begin, corner = missing, 0
    if tiles & 1:
        _one_tile(w, rows, first, row, corner, begin, m, squared, double)
        begin, corner = 0, LANES
        rows += LANES
    for _ in range(tiles // 2):
        _two_tiles(w, rows, first, row, corner, begin, m, squared, double)
        begin, corner = 0, LANES
        rows += 2 * LANES
    cost: float = read(w, row + m - 1)
    return cost
