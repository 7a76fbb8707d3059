"""The distance of two sequences of vectors under time warping: every cell of the table, none of them kept.

As in `pair`, two tiles run in one loop, the lower one LANES steps behind.
"""

from midstream_cli.compare.kernels.costs import (
    INF,
    MOST,
    OTHERWISE,
    fill,
    is_ordinary,
    read,
    write,
)
from midstream_cli.compare.kernels.skewed import (
    LANES,
    SQUARE,
    begin_far,
    measure,
    put_columns,
    put_rows,
    size,
    stride,
)
from midstream_cli.compare.kernels.table import DOUBLE, SQUARED, TRUSTED
from midstream_cli.compiled.kernel import F1, F2, inline, kernel
from midstream_cli.compiled.vectors import (
    REGISTER,
    Lanes,
    bits,
    flat,
    fma,
    last,
    load,
    maximum,
    minimum,
    minimum_cost,
    shift_in,
    splat,
)

SMALL = 2.0**-400
"""Beside a distance that is not smaller, squares that are too small for numbers are nothing."""


@inline
def room(n: int, m: int, dims: int) -> int:
    """Numbers of scratch that `vector_pair` needs, of sequences of n and of at least as many vectors."""
    return dims * (n + LANES + stride(m)) + 2 * size(m) + m + 8 * LANES


@inline
def _cell(cost: Lanes, up: Lanes, left: Lanes, diagonal: Lanes, double: int) -> Lanes:
    """Accumulated costs; one of the minima runs on units that arithmetic leaves free."""
    if double:
        return minimum(fma(splat(2.0, LANES), cost, diagonal), cost + minimum_cost(up, left))
    return cost + minimum(up, minimum_cost(left, diagonal))


@inline
def _one_tile(w: F1, costs: int, row: int, corner: int, begin: int, m: int, double: int) -> None:
    """LANES rows whose costs begin at w[costs]; w[row] is the row above, replaced by the last."""
    before = load(w, corner, LANES)
    now = splat(INF, LANES)
    for s in range(begin, m + LANES - 1):
        up = shift_in(now, read(w, row + s))
        now = _cell(load(w, costs + s * LANES, LANES), up, now, before, double)
        before = up
        if s >= LANES - 1:
            write(w, row + s - LANES + 1, last(now))


@inline
def _two_tiles(
    w: F1,
    costs: int,
    below: int,
    row: int,
    corner: int,
    begin: int,
    m: int,
    double: int,
) -> None:
    """2 * LANES rows: the upper tile alone, both, the lower tile alone."""
    before = load(w, corner, LANES)
    now = splat(INF, LANES)
    for s in range(begin, LANES):
        up = shift_in(now, read(w, row + s))
        now = _cell(load(w, costs + s * LANES, LANES), up, now, before, double)
        before = up
    write(w, row, last(now))
    lower_before = splat(INF, LANES)
    lower = splat(INF, LANES)
    for s in range(LANES, m + LANES - 1):
        up = shift_in(now, read(w, row + s))
        lower_up = shift_in(lower, read(w, row + s - LANES))
        now = _cell(load(w, costs + s * LANES, LANES), up, now, before, double)
        lower = _cell(
            load(w, below + (s - LANES) * LANES, LANES),
            lower_up,
            lower,
            lower_before,
            double,
        )
        before = up
        lower_before = lower_up
        if s >= 2 * LANES - 1:
            write(w, row + s - 2 * LANES + 1, last(lower))
        write(w, row + s - LANES + 1, last(now))
    for s in range(m - 1, m + LANES - 1):
        lower_up = shift_in(lower, read(w, row + s))
        lower = _cell(load(w, below + s * LANES, LANES), lower_up, lower, lower_before, double)
        lower_before = lower_up
        if s >= LANES - 1:
            write(w, row + s - LANES + 1, last(lower))


@kernel
def vector_pair(first: F2, second: F2, w: F1, how: int) -> float:
    """The accumulated cost at the last cell of the table of two sequences of shape (frames, dims).

    Args:
        w: scratch of `room` numbers; less, and nothing is computed.
        how: SQUARED, DOUBLE and TRUSTED of `table`.

    Returns:
        OTHERWISE where w is too small, a sequence empty, dimensions differ, or a number is out of the ordinary.
    """
    if first.shape[0] > second.shape[0]:
        first, second = second, first
    n, m, dims = first.shape[0], second.shape[0], first.shape[1]
    if n * dims == 0 or second.shape[1] != dims or w.shape[0] < room(n, m, dims):
        return OTHERWISE
    a, b = flat(first), flat(second)
    double, euclidean = how & DOUBLE, 1 - (how & SQUARED)
    tiles = (n + LANES - 1) // LANES
    # rows that are not there come first, so that the last row is a tile's last; none of them is near anything
    missing = tiles * LANES - n
    mine = 2 * LANES
    apart = stride(m)
    theirs = mine + tiles * LANES * dims + 2 * REGISTER
    costs = mine + tiles * LANES * dims + apart * dims + LANES
    below = costs + size(m) + LANES
    row = below + size(m)
    fill(w, 0, 2 * LANES, INF)
    fill(w, row, m + 2 * LANES, INF)
    sizes = maximum(
        put_rows(a, n, dims, missing, w, mine),
        put_columns(b, m, dims, w, theirs, apart),
    )
    if not how & TRUSTED and bits(sizes > splat(MOST, SQUARE)) != 0:
        return OTHERWISE
    begin_far(w, costs)
    begin_far(w, below)
    theirs += m - 1
    # where a diagonal step counts twice, the first cell still counts once
    w[missing] = 0.0
    begin, corner, tile = missing, 0, LANES * dims
    done = 0
    while done < tiles:
        measure(w, mine, theirs, apart, dims, m, costs, euclidean)
        if done == 0 and double:
            w[missing] = -read(w, costs + missing * LANES + missing)
        if done == 0 and tiles & 1:
            _one_tile(w, costs, row, corner, begin, m, double)
            done += 1
        else:
            measure(w, mine + tile, theirs, apart, dims, m, below, euclidean)
            _two_tiles(w, costs, below, row, corner, begin, m, double)
            done += 2
        begin, corner = 0, LANES
        mine = 2 * LANES + done * tile
    cost: float = read(w, row + m - 1)
    if not how & TRUSTED and cost < (SMALL * SMALL if how & SQUARED else SMALL):
        return cost if is_ordinary(a) and is_ordinary(b) else OTHERWISE
    return cost
