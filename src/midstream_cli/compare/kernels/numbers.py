"""Two sequences of numbers under time warping, in every form."""

from midstream_cli.compare.kernels.costs import FAR, INF, OTHERWISE, copy, copy_backwards, fill, is_ordinary
from midstream_cli.compare.kernels.table import (
    BANDED,
    HEAD,
    KEEP,
    OPEN_BEGIN,
    SQUARED,
    TRUSTED,
    begin_with,
    finish,
    limits,
    prepare,
    span,
    sweep,
)
from midstream_cli.compiled.kernel import F1, I1, I2, kernel
from midstream_cli.compiled.vectors import REGISTER

LANES = 4 * REGISTER


def room(n: int, m: int) -> int:
    """Numbers of scratch that `numbers` needs."""
    return n + 2 * m + (HEAD + 6) * LANES


@kernel
def numbers(a: F1, b: F1, first: I1, final: I1, w: F1, words: I1, path: I2, how: int) -> float:
    """Accumulated cost at the end of the path.

    Args:
        first: with BANDED, the first column of each row that a path may visit; never decreasing.
        final: the last one.
        w: scratch of `room` numbers.
        words: with KEEP, one number a tile and two each of its steps.
        path: shape (n + m, 2), or with no KEEP (1, 2). The path ends where it does; path[0] tells where it begins
            there, and the column where it ends.
        how: flags of `table`.

    Returns:
        Infinite where the window allows no path; OTHERWISE where a number is out of the ordinary.
    """
    if not how & TRUSTED and not (is_ordinary(a) and is_ordinary(b)):
        return OTHERWISE
    n, m = a.shape[0], b.shape[0]
    tiles = (n + LANES - 1) // LANES
    # rows that are not there come first, so that the last row is a tile's last; none of them is near anything
    missing = tiles * LANES - n
    mine = HEAD * LANES
    theirs = mine + tiles * LANES + LANES
    row = theirs + m + LANES + 2
    fill(w, mine, missing, FAR)
    copy(a, w, mine + missing)
    fill(w, theirs - LANES, LANES, INF)
    fill(w, theirs + m, LANES, INF)
    copy_backwards(b, w, theirs)
    prepare(w, row, m, missing, how, LANES)
    d = a[0] - b[0]
    begin_with(w, missing, d * d if how & SQUARED else abs(d), how, LANES)
    kept = tiles
    for t in range(tiles):
        left, right = span(w, row, t, missing, m, first, final, how, LANES)
        begin = missing if t == 0 else -1 if how & BANDED else 0
        end = right - left + LANES
        clear_from, clear_to = begin, end - 1
        if how & BANDED or (t == 0 and how & OPEN_BEGIN):
            clear_from, clear_to = limits(w, first, final, t * LANES - missing, left, m, how, LANES)
        if how & KEEP:
            words[t] = kept - 2 * (begin + left)
        kept = sweep(
            w, words, kept, mine + t * LANES, theirs + m - 1 - left, 0, row + left, begin, end,
            clear_from, clear_to, left, 1 if t == 0 else 0, how, LANES,
        )  # fmt: skip
    return finish(w, words, path, row, n, m, first, final, how, LANES)
