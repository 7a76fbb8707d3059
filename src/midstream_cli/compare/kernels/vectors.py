"""Two sequences of vectors under time warping, in every form."""

from midstream_cli.compare.kernels.costs import OTHERWISE, is_ordinary, read
from midstream_cli.compare.kernels.skewed import (
    LANES,
    begin_far,
    measure,
    put_columns,
    put_rows,
    size,
    stride,
)
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
)  # fmt: skip
from midstream_cli.compiled.kernel import F1, I1, I2, kernel
from midstream_cli.compiled.vectors import REGISTER


def room(n: int, m: int, dims: int) -> int:
    """Numbers of scratch that `vectors` needs."""
    return HEAD * LANES + dims * (n + LANES + stride(m)) + LANES + size(m) + m + 2 * LANES


@kernel
def vectors(a: F1, b: F1, dims: int, first: I1, final: I1, w: F1, words: I1, path: I2, how: int) -> float:
    """Accumulated cost at the end of the path, of vectors (frames, dims) laid flat; all else as in `numbers`."""
    if not how & TRUSTED and not (is_ordinary(a) and is_ordinary(b)):
        return OTHERWISE
    n, m = a.shape[0] // dims, b.shape[0] // dims
    tiles = (n + LANES - 1) // LANES
    # rows that are not there come first, so that the last row is a tile's last; none of them is near anything
    missing = tiles * LANES - n
    mine = HEAD * LANES
    apart = stride(m)
    theirs = mine + tiles * LANES * dims + 2 * REGISTER
    costs = mine + tiles * LANES * dims + apart * dims + LANES
    row = costs + size(m) + 2
    prepare(w, row, m, missing, how, LANES)
    put_rows(a, n, dims, missing, w, mine)
    put_columns(b, m, dims, w, theirs, apart)
    begin_far(w, costs)
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
        own = mine + t * LANES * dims
        measure(
            w,
            own,
            theirs + m - 1 - left,
            apart,
            dims,
            right - left + 1,
            costs,
            1 - (how & SQUARED),
        )
        if t == 0:
            begin_with(w, missing, read(w, costs + missing * LANES + missing), how, LANES)
        kept = sweep(
            w, words, kept, 0, 0, costs, row + left, begin, end,
            clear_from, clear_to, left, 1 if t == 0 else 0, how, LANES,
        )  # fmt: skip
    return finish(w, words, path, row, n, m, first, final, how, LANES)
