"""Two sequences of vectors under time warping, in every form."""

from midstream_cli.compare.kernels.costs import FAR, INF, OTHERWISE, fill, is_ordinary, read, write
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
from midstream_cli.compiled.kernel import F1, I1, I2, inline, kernel
from midstream_cli.compiled.vectors import REGISTER, Lanes, fma, load, mask, root, select, splat, store

LANES = 2 * REGISTER
"""So few that eight sums of as many stay in registers."""

COLUMNS = 8
"""Columns whose costs are computed at once: what is loaded of the first sequence serves all."""

ODD, TWOS, FOURS, EIGHTS = 0xAAAA, 0xCCCC, 0xF0F0, 0xFF00
"""Lanes whose number has a bit set."""


def room(n: int, m: int, dims: int) -> int:
    """Numbers of scratch that `vectors` needs."""
    return dims * (n + LANES) + m + (HEAD + 4 + 4 * (m + 2 * LANES + 3 * COLUMNS)) * LANES


@inline
def _nearer(sums: Lanes, rows: Lanes, number: float) -> Lanes:
    d = rows - splat(number, LANES)
    return fma(d, d, sums)


@inline
def _columns(w: F1, mine: int, b: F1, j: int, dims: int, at: int, euclidean: int) -> None:
    """Local costs of a tile's rows in eight columns from j on; the last column stands for those beyond it."""
    end = b.shape[0] - dims
    b0, b1, b2, b3 = min(j * dims, end), min((j + 1) * dims, end), min((j + 2) * dims, end), min((j + 3) * dims, end)
    b4, b5, b6, b7 = (
        min((j + 4) * dims, end),
        min((j + 5) * dims, end),
        min((j + 6) * dims, end),
        min((j + 7) * dims, end),
    )
    c0 = splat(0.0, LANES)
    c1, c2, c3, c4, c5, c6, c7 = c0, c0, c0, c0, c0, c0, c0
    for k in range(dims):
        rows = load(w, mine + k * LANES, LANES)
        c0 = _nearer(c0, rows, read(b, b0 + k))
        c1 = _nearer(c1, rows, read(b, b1 + k))
        c2 = _nearer(c2, rows, read(b, b2 + k))
        c3 = _nearer(c3, rows, read(b, b3 + k))
        c4 = _nearer(c4, rows, read(b, b4 + k))
        c5 = _nearer(c5, rows, read(b, b5 + k))
        c6 = _nearer(c6, rows, read(b, b6 + k))
        c7 = _nearer(c7, rows, read(b, b7 + k))
    if euclidean:
        c0, c1, c2, c3 = root(c0), root(c1), root(c2), root(c3)
        c4, c5, c6, c7 = root(c4), root(c5), root(c6), root(c7)
    store(w, at, c0)
    store(w, at + LANES, c1)
    store(w, at + 2 * LANES, c2)
    store(w, at + 3 * LANES, c3)
    store(w, at + 4 * LANES, c4)
    store(w, at + 5 * LANES, c5)
    store(w, at + 6 * LANES, c6)
    store(w, at + 7 * LANES, c7)


@inline
def _skew(w: F1, at: int, apart: int, steps: int) -> None:
    """Each lane takes what stands as many steps before as its number says: a bit of the number at a time."""
    for s in range(steps):
        here = at + s * LANES
        x = select(mask(ODD, LANES), load(w, here - LANES, LANES), load(w, here, LANES))
        store(w, here + apart, x)
        x = select(mask(TWOS, LANES), load(w, here + apart - 2 * LANES, LANES), x)
        if LANES > 4:
            store(w, here + 2 * apart, x)
            x = select(mask(FOURS, LANES), load(w, here + 2 * apart - 4 * LANES, LANES), x)
        if LANES > 8:
            store(w, here + 3 * apart, x)
            x = select(mask(EIGHTS, LANES), load(w, here + 3 * apart - 8 * LANES, LANES), x)
        # nobody reads the plain column again but the next step
        store(w, here - LANES, x)


@inline
def _costs(w: F1, mine: int, b: F1, dims: int, left: int, right: int, at: int, apart: int, euclidean: int) -> None:
    """Local costs of a tile, skewed: those of step s, counted from column `left`, at w[at + s * LANES]."""
    width = right - left + 1
    for stage in range(4):
        fill(w, at - 7 * LANES + stage * apart, 8 * LANES, INF)
    for j in range(0, width, COLUMNS):
        _columns(w, mine, b, left + j, dims, at + (j + 1) * LANES, euclidean)
    fill(w, at + (width + 1) * LANES, (LANES - 1) * LANES, INF)
    _skew(w, at + LANES, apart, width + LANES - 1)


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
    row = mine + tiles * LANES * dims + 2
    costs = row + m + (1 + COLUMNS) * LANES
    apart = (m + 2 * LANES + 2 * COLUMNS) * LANES
    prepare(w, row, m, missing, how, LANES)
    fill(w, mine, LANES * dims, FAR)
    for i in range(n):
        at = mine + (i + missing) // LANES * LANES * dims + (i + missing) % LANES
        for k in range(dims):
            write(w, at + k * LANES, read(a, i * dims + k))
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
        _costs(w, mine + t * LANES * dims, b, dims, left, right, costs, apart, 1 - (how & SQUARED))
        if t == 0:
            begin_with(w, missing, read(w, costs + missing * LANES + missing), how, LANES)
        kept = sweep(
            w, words, kept, 0, 0, costs, row + left, begin, end,
            clear_from, clear_to, left, 1 if t == 0 else 0, how, LANES,
        )  # fmt: skip
    return finish(w, words, path, row, n, m, first, final, how, LANES)
