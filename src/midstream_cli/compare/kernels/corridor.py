"""The distance of two sequences of numbers under time warping, of paths that keep to a wide window.

Two tiles run in one loop, as in `pair`. Where the window enters and leaves a tile its rows are looked at one by one; in
between, all of them are inside.
"""

import numpy as np

from midstream_cli.compare.kernels.costs import INF, OTHERWISE, is_ordinary, read, write
from midstream_cli.compare.kernels.layout import lay_out
from midstream_cli.compare.kernels.pair import LANES, cell
from midstream_cli.compare.kernels.table import SQUARED, TRUSTED
from midstream_cli.compiled.kernel import F1, I1, inline, kernel
from midstream_cli.compiled.vectors import Lanes, last, load, select, shift_in, splat
from midstream_cli.frames import Int64

ROWS = 2 * LANES


def room(n: int, m: int) -> int:
    """Numbers of scratch that `corridor` needs."""
    return n + 2 * m + 10 * ROWS


def is_wide(first: Int64, final: Int64) -> bool:
    """Whether all rows of each pair of tiles are inside the window somewhere; `corridor` is for no other windows."""
    if final[0] < ROWS:
        return False
    ends = np.arange(len(first), 0, -ROWS)
    return bool((final[np.maximum(ends - ROWS, 0)] - first[ends - 1] >= ROWS).all())


@inline
def _limits(w: F1, at: int, first: I1, final: I1, above: int) -> None:
    """The steps at which each row enters the window, and after those, the steps at which it leaves."""
    for r in range(ROWS):
        w[at + r] = float(first[max(above + r, 0)] + r)
    for r in range(ROWS):
        w[at + ROWS + r] = float(final[max(above + r, 0)] + r)


@inline
def _entered(w: F1, at: int, s: int, x: Lanes) -> Lanes:
    return select(splat(float(s), LANES) >= load(w, at, LANES), x, splat(INF, LANES))


@inline
def _not_left(w: F1, at: int, s: int, x: Lanes) -> Lanes:
    return select(splat(float(s), LANES) <= load(w, at + ROWS, LANES), x, splat(INF, LANES))


@inline
def _group(w: F1, a: int, b: int, row: int, corner: int, begin: int, at: int, squared: int) -> None:
    """ROWS rows, of which w[at] tells the limits; all else as in `pair`."""
    mine = load(w, a, LANES)
    before = load(w, corner, LANES)
    now = splat(INF, LANES)
    # a step earlier, for what is diagonally before its first column
    lower_enters, all_inside = int(read(w, at + LANES)) - 1, int(read(w, at + ROWS - 1))
    upper_leaves, upper_left, lower_left = int(w[at + ROWS]), int(w[at + ROWS + LANES - 1]), int(w[at + 2 * ROWS - 1])
    for s in range(begin, lower_enters):
        up = shift_in(now, read(w, row + s))
        x = cell(mine - load(w, b - s, LANES), up, now, before, squared, 0)
        now = _entered(w, at, s, x)
        before = up
        if s >= LANES - 1:
            write(w, row + s - LANES + 1, last(now))
    lower = load(w, a + LANES, LANES)
    lower_before = load(w, corner + LANES, LANES)
    lower_now = splat(INF, LANES)
    for s in range(max(begin, lower_enters), all_inside):
        up = shift_in(now, read(w, row + s))
        lower_up = shift_in(lower_now, read(w, row + s - LANES))
        now = cell(mine - load(w, b - s, LANES), up, now, before, squared, 0)
        x = cell(lower - load(w, b + LANES - s, LANES), lower_up, lower_now, lower_before, squared, 0)
        lower_now = _entered(w, at + LANES, s, x)
        before = up
        lower_before = lower_up
        write(w, row + s - ROWS + 1, last(lower_now))
        write(w, row + s - LANES + 1, last(now))
    for s in range(max(begin, all_inside), upper_leaves + 1):
        up = shift_in(now, read(w, row + s))
        lower_up = shift_in(lower_now, read(w, row + s - LANES))
        now = cell(mine - load(w, b - s, LANES), up, now, before, squared, 0)
        other = lower - load(w, b + LANES - s, LANES)
        lower_now = cell(other, lower_up, lower_now, lower_before, squared, 0)
        before = up
        lower_before = lower_up
        write(w, row + s - ROWS + 1, last(lower_now))
        write(w, row + s - LANES + 1, last(now))
    for s in range(upper_leaves + 1, upper_left + 1):
        up = shift_in(now, read(w, row + s))
        lower_up = shift_in(lower_now, read(w, row + s - LANES))
        x = cell(mine - load(w, b - s, LANES), up, now, before, squared, 0)
        now = _not_left(w, at, s, x)
        other = lower - load(w, b + LANES - s, LANES)
        lower_now = cell(other, lower_up, lower_now, lower_before, squared, 0)
        before = up
        lower_before = lower_up
        write(w, row + s - ROWS + 1, last(lower_now))
        write(w, row + s - LANES + 1, last(now))
    for s in range(upper_left + 1, lower_left + 1):
        lower_up = shift_in(lower_now, read(w, row + s - LANES))
        x = cell(lower - load(w, b + LANES - s, LANES), lower_up, lower_now, lower_before, squared, 0)
        lower_now = _not_left(w, at + LANES, s, x)
        lower_before = lower_up
        write(w, row + s - ROWS + 1, last(lower_now))


@kernel
def corridor(a: F1, b: F1, first: I1, final: I1, w: F1, how: int) -> float:
    """The accumulated cost at the last cell of the table of a against b.

    Args:
        first: the first column of each row that a path may visit; never decreasing, 0 in the first row.
        final: the last one; the last column in the last row. The window `is_wide`.
        w: scratch of `room` numbers.
        how: SQUARED and TRUSTED of `table`; a diagonal step counts once.

    Returns:
        OTHERWISE where a number is out of the ordinary.
    """
    if not how & TRUSTED and not (is_ordinary(a) and is_ordinary(b)):
        return OTHERWISE
    n, m = a.shape[0], b.shape[0]
    groups = (n + ROWS - 1) // ROWS
    rows, column, row, at = lay_out(a, b, w, groups, ROWS, how)
    missing = groups * ROWS - n
    begin, corner = missing, 0
    for k in range(groups):
        above = k * ROWS - missing
        _limits(w, at, first, final, above)
        if k:
            # what is diagonally before the first column
            begin, corner = int(first[above]) - 1, ROWS
        mine = rows + k * ROWS
        # the numbers are written out so that each kind has loops of its own
        if how & SQUARED:
            _group(w, mine, column, row, corner, begin, at, 1)
        else:
            _group(w, mine, column, row, corner, begin, at, 0)
    cost: float = read(w, row + m - 1)
    return cost
