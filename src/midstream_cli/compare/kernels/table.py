"""The table of accumulated costs in every form: windows, open ends, and the path.

It is swept in tiles of so many rows, skewed: lane r stands at column `start + s - r` at step s, so that what it needs was
in registers a step or two before. A window is a first and a last column for each row, neither of which ever decreases.
For the path two bits are kept of each cell.
"""

from midstream_cli.compare.kernels.costs import INF, fill, read, write
from midstream_cli.compiled.kernel import F1, I1, I2, inline
from midstream_cli.compiled.vectors import (
    Lanes,
    absolute,
    bits,
    fma,
    last,
    load,
    minimum,
    minimum_cost,
    select,
    shift_in,
    splat,
)

SQUARED = 1
"""Local costs are squared distances."""
DOUBLE = 2
"""A diagonal step counts its cell twice."""
KEEP = 4
"""The path is wanted."""
UP_FIRST = 8
"""Of equal ways in, the one along the first sequence is taken rather than the one along the second."""
OPEN_BEGIN = 16
OPEN_END = 32
PER_STEP = 64
"""The open end is where the cost over n + j + 1 is least, else where the cost is."""
BANDED = 128
TRUSTED = 256
"""The numbers need no look."""

HEAD = 5
"""Vectors at the beginning of the scratch: limits of a tile's rows, a corner, nothing, a floor."""


@inline
def begin_with(w: F1, missing: int, first_cost: float, how: int, lanes: int) -> None:
    """Before the first cell stands 0; where a diagonal step counts twice, so that the first cell counts once."""
    w[2 * lanes + missing] = -first_cost if how & DOUBLE else 0.0


@inline
def prepare(w: F1, row: int, m: int, missing: int, how: int, lanes: int) -> None:
    """Nothing but infinity around the first tile, and above it; w[row] is column 0."""
    fill(w, 2 * lanes, 3 * lanes, INF)
    if how & OPEN_BEGIN:
        w[4 * lanes + missing] = 0.0
    fill(w, row - 2, m + lanes + 2, INF)


@inline
def span(
    w: F1, row: int, tile: int, missing: int, m: int, first: I1, final: I1, how: int, lanes: int
) -> tuple[int, int]:
    """The first and the last column of a tile; what the row above holds left of it is made infinite."""
    if not how & BANDED:
        return 0, m - 1
    above = tile * lanes - missing
    left, right = first[max(above, 0)], final[above + lanes - 1]
    if tile and first[above - 1] >= left:
        w[row + left - 1] = INF
    return left, right


@inline
def limits(w: F1, first: I1, final: I1, above: int, left: int, m: int, how: int, lanes: int) -> tuple[int, int]:
    """Steps from and to which all rows of a tile are inside the window; where each row is, to the scratch."""
    begin, end = 0, m + lanes
    for r in range(lanes):
        i = above + r
        low, high = 0, m - 1
        if how & BANDED and i >= 0:
            low, high = first[i], final[i]
        w[r] = float(low + r)
        w[lanes + r] = float(high + r)
        if i >= 0:
            begin, end = max(begin, low - left + r), min(end, high - left + r)
    if above <= 0 and how & OPEN_BEGIN:
        return m + 2 * lanes, -1
    return begin, end


@inline
def _cost(w: F1, rows: Lanes, theirs: int, costs: int, s: int, how: int, lanes: int) -> Lanes:
    if costs:
        return load(w, costs + s * lanes, lanes)
    d = rows - load(w, theirs - s, lanes)
    return d * d if how & SQUARED else absolute(d)


@inline
def _diagonally(before: Lanes, cost: Lanes, how: int, lanes: int) -> Lanes:
    return fma(splat(2.0, lanes), cost, before) if how & DOUBLE else before + cost


@inline
def _keep(words: I1, kept: int, up: Lanes, now: Lanes, before: Lanes, cost: Lanes, how: int, lanes: int) -> None:
    """Two words of a step: whether the diagonal way into a cell is best, and else, the one from the left.

    Ways are compared as those compare them whose paths are wanted: before the cost of the cell is added, or after, which
    differs where sums round to the same number.
    """
    if how & UP_FIRST:
        write(words, kept, bits(before <= minimum_cost(up, now)))
        write(words, kept + 1, bits(now < up))
    else:
        write(words, kept, bits(_diagonally(before, cost, how, lanes) <= minimum_cost(up, now) + cost))
        write(words, kept + 1, bits(now + cost <= up + cost))


@inline
def sweep(
    w: F1, words: I1, kept: int, mine: int, theirs: int, costs: int, row: int, begin: int, end: int,
    clear_from: int, clear_to: int, left: int, opening: int, how: int, lanes: int,
) -> int:  # fmt: skip
    """One tile, of which w[row] is above the column where it begins; returns where the next words go.

    Args:
        mine: where the numbers of its rows begin, and `theirs`, those of the columns backwards; or
        costs: where the local costs of step 0 begin.
        clear_from: the first step at which all rows are inside the window, and `clear_to`, the last.
        opening: it is the first tile.
    """
    rows = load(w, mine, lanes)
    before = load(w, (3 - opening) * lanes, lanes)
    now = splat(INF, lanes)
    s = begin
    for stop in (min(clear_from, end), end):
        while s < stop:
            cost = _cost(w, rows, theirs, costs, s, how, lanes)
            up = minimum(shift_in(now, read(w, row + s)), load(w, (3 + opening) * lanes, lanes))
            if how & KEEP:
                _keep(words, kept, up, now, before, cost, how, lanes)
                kept += 2
            best = minimum(_diagonally(before, cost, how, lanes), cost + minimum_cost(up, now))
            place = splat(float(left + s), lanes)
            inside = (place >= load(w, 0, lanes)) & (place <= load(w, lanes, lanes))
            now = select(inside, best, splat(INF, lanes))
            before = up
            if s >= lanes - 1:
                write(w, row + s - lanes + 1, last(now))
            s += 1
        if how & KEEP:
            while s <= clear_to:
                cost = _cost(w, rows, theirs, costs, s, how, lanes)
                up = shift_in(now, read(w, row + s))
                _keep(words, kept, up, now, before, cost, how, lanes)
                kept += 2
                now = minimum(_diagonally(before, cost, how, lanes), cost + minimum_cost(up, now))
                before = up
                if s >= lanes - 1:
                    write(w, row + s - lanes + 1, last(now))
                s += 1
        while s <= clear_to:
            cost = _cost(w, rows, theirs, costs, s, how, lanes)
            up = shift_in(now, read(w, row + s))
            if how & DOUBLE:
                now = minimum(_diagonally(before, cost, how, lanes), cost + minimum_cost(up, now))
            else:
                now = cost + minimum(up, minimum_cost(now, before))
            before = up
            if s >= lanes - 1:
                write(w, row + s - lanes + 1, last(now))
            s += 1
    return kept


@inline
def finish(w: F1, words: I1, path: I2, row: int, n: int, m: int, first: I1, final: I1, how: int, lanes: int) -> float:
    """The cost where the path ends; with KEEP the path too, as long as there is one."""
    left, right, j = 0, m - 1, m - 1
    if how & OPEN_END:
        if how & BANDED:
            left, right = first[n - 1], final[n - 1]
        best, j = INF, right
        for k in range(left, right + 1):
            value = w[row + k] / (n + k + 1) if how & PER_STEP else w[row + k]
            if value < best:
                best, j = value, k
    path[0, 1] = j
    if how & KEEP and w[row + j] < INF:
        _trace(words, path, n, j, how & OPEN_BEGIN, lanes)
    cost: float = read(w, row + j)
    return cost


@inline
def _trace(words: I1, path: I2, n: int, j: int, open_begin: int, lanes: int) -> None:
    """Write the path backwards to the end of its array, and where it begins there to path[0, 0]."""
    missing = -n % lanes
    i = n - 1
    at = path.shape[0] - 1
    path[at, 0], path[at, 1] = i, j
    while i > 0 or (j > 0 and not open_begin):
        tile, r = (i + missing) // lanes, (i + missing) % lanes
        # numbers that somebody changes meanwhile lead anywhere, but never out of the table
        where = min(max(read(words, tile) + 2 * (j + r), 0), words.shape[0] - 2)
        straight, along = read(words, where) >> r & 1, read(words, where + 1) >> r & 1
        straight, along = straight & (i > 0) & (j > 0), (along | (i == 0)) & (j > 0)
        i -= 1 - (along & (1 - straight))
        j -= straight | along
        at -= 1
        path[at, 0], path[at, 1] = i, j
    path[0, 0] = at
