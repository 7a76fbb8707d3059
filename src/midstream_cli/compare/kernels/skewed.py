"""Local costs of two sequences of vectors, skewed as the table is swept.

In each register are cells of one anti-diagonal: so many rows of the one sequence, and as many columns of the other
backwards. What is loaded of the columns serves all rows of a tile.
"""

from midstream_cli.compare.kernels.costs import FAR, INF, MAGNITUDE, fill, read, write
from midstream_cli.compiled.kernel import F1, inline
from midstream_cli.compiled.vectors import (
    REGISTER,
    Lanes,
    fma,
    load,
    maximum,
    pattern,
    root,
    splat,
    store,
    zip_high,
    zip_low,
)

GROUPS = 4
"""Registers of rows in a tile."""

LANES = GROUPS * REGISTER

DIAGONALS = 4
"""Whose costs are summed at once, of all groups: as many sums as there are registers for, beside what is summed."""

SQUARE = 8
"""Vectors, and dimensions, that are transposed at once."""


@inline
def stride(m: int) -> int:
    """From one dimension of the columns to the next: a line of the cache more than a tile's multiple."""
    return (m + 3 * REGISTER + LANES - 1) // LANES * LANES + REGISTER


@inline
def size(m: int) -> int:
    """Numbers of scratch for the costs of a tile."""
    return (m + LANES + REGISTER + 2 * DIAGONALS) * LANES


@inline
def _larger(most: Lanes, x: Lanes) -> Lanes:
    """The greater magnitudes, as bits: without the sign, they are in the order of the numbers."""
    return maximum(most, pattern(x) & splat(MAGNITUDE, SQUARE))


@inline
def _turn(x: F1, first: int, step: int, w: F1, to: int, apart: int, most: Lanes) -> Lanes:
    """Eight numbers each of eight vectors, `step` apart, to eight rows: shuffled three times, as cards are."""
    a, b = load(x, first, SQUARE), load(x, first + step, SQUARE)
    c, d = load(x, first + 2 * step, SQUARE), load(x, first + 3 * step, SQUARE)
    e, f = load(x, first + 4 * step, SQUARE), load(x, first + 5 * step, SQUARE)
    g, h = load(x, first + 6 * step, SQUARE), load(x, first + 7 * step, SQUARE)
    most = _larger(_larger(_larger(_larger(most, a), b), c), d)
    most = _larger(_larger(_larger(_larger(most, e), f), g), h)
    for _ in range(3):
        a, b, c, d, e, f, g, h = (
            zip_low(a, e), zip_high(a, e), zip_low(b, f), zip_high(b, f),
            zip_low(c, g), zip_high(c, g), zip_low(d, h), zip_high(d, h),
        )  # fmt: skip
    store(w, to, a)
    store(w, to + apart, b)
    store(w, to + 2 * apart, c)
    store(w, to + 3 * apart, d)
    store(w, to + 4 * apart, e)
    store(w, to + 5 * apart, f)
    store(w, to + 6 * apart, g)
    store(w, to + 7 * apart, h)
    return most


@inline
def _put(x: F1, first: int, dims: int, w: F1, to: int, apart: int, most: Lanes) -> Lanes:
    """One vector, dimension by dimension."""
    for k in range(dims):
        number = read(x, first + k)
        most = _larger(most, splat(number, SQUARE))
        write(w, to + k * apart, number)
    return most


@inline
def _spread(x: F1, first: int, step: int, dims: int, w: F1, to: int, apart: int, most: Lanes) -> Lanes:
    """Eight vectors, dimension by dimension."""
    if dims < SQUARE:
        for i in range(SQUARE):
            most = _put(x, first + i * step, dims, w, to + i, apart, most)
    else:
        for k in range(0, dims, SQUARE):
            # the last eight, where they are no multiple
            begin = min(k, dims - SQUARE)
            most = _turn(x, first + begin, step, w, to + begin * apart, apart, most)
    return most


@inline
def put_rows(a: F1, n: int, dims: int, missing: int, w: F1, mine: int) -> Lanes:
    """The first sequence by tile, dimension and row; rows that are not there come first, far from everything.

    Returns:
        Bits of magnitudes, of which none in the sequence is greater than all.
    """
    most = splat(0, SQUARE)
    if missing > 0:
        fill(w, mine, LANES * dims, FAR)
    # up to where rows stand at a multiple of eight
    single = min(-missing % SQUARE, n)
    for i in range(single):
        most = _put(a, i * dims, dims, w, mine + missing + i, LANES, most)
    for i in range(single, n, SQUARE):
        row = i + missing
        most = _spread(
            a,
            i * dims,
            dims,
            dims,
            w,
            mine + row // LANES * LANES * dims + row % LANES,
            LANES,
            most,
        )
    return most


@inline
def put_columns(b: F1, m: int, dims: int, w: F1, theirs: int, apart: int) -> Lanes:
    """The second sequence by dimension and backwards; columns that are not there are infinitely far.

    Returns:
        As `put_rows`.
    """
    most = splat(0, SQUARE)
    for k in range(dims):
        fill(w, theirs + k * apart - 2 * REGISTER, 2 * REGISTER, INF)
        fill(w, theirs + k * apart + m, REGISTER, INF)
    if m < SQUARE:
        for j in range(m):
            most = _put(b, j * dims, dims, w, theirs + m - 1 - j, apart, most)
    else:
        for j in range(0, m, SQUARE):
            end = min(j + SQUARE, m)
            most = _spread(b, (end - 1) * dims, -dims, dims, w, theirs + m - end, apart, most)
    return most


@inline
def _nearer(sums: Lanes, rows: Lanes, columns: Lanes) -> Lanes:
    d = rows - columns
    return fma(d, d, sums)


@inline
def _diagonals(w: F1, mine: int, theirs: int, apart: int, dims: int, at: int, euclidean: int) -> None:
    """Local costs of four anti-diagonals of each group of rows."""
    s00 = splat(0.0, REGISTER)
    s01, s02, s03, s10, s11, s12, s13 = s00, s00, s00, s00, s00, s00, s00
    s20, s21, s22, s23, s30, s31, s32, s33 = s00, s00, s00, s00, s00, s00, s00, s00
    for k in range(dims):
        column = theirs + k * apart
        b0, b1 = load(w, column, REGISTER), load(w, column - 1, REGISTER)
        b2, b3 = load(w, column - 2, REGISTER), load(w, column - 3, REGISTER)
        row = mine + k * LANES
        a = load(w, row, REGISTER)
        s00, s01, s02, s03 = (
            _nearer(s00, a, b0),
            _nearer(s01, a, b1),
            _nearer(s02, a, b2),
            _nearer(s03, a, b3),
        )
        a = load(w, row + REGISTER, REGISTER)
        s10, s11, s12, s13 = (
            _nearer(s10, a, b0),
            _nearer(s11, a, b1),
            _nearer(s12, a, b2),
            _nearer(s13, a, b3),
        )
        a = load(w, row + 2 * REGISTER, REGISTER)
        s20, s21, s22, s23 = (
            _nearer(s20, a, b0),
            _nearer(s21, a, b1),
            _nearer(s22, a, b2),
            _nearer(s23, a, b3),
        )
        a = load(w, row + 3 * REGISTER, REGISTER)
        s30, s31, s32, s33 = (
            _nearer(s30, a, b0),
            _nearer(s31, a, b1),
            _nearer(s32, a, b2),
            _nearer(s33, a, b3),
        )
    if euclidean:
        s00, s01, s02, s03 = root(s00), root(s01), root(s02), root(s03)
        s10, s11, s12, s13 = root(s10), root(s11), root(s12), root(s13)
        s20, s21, s22, s23 = root(s20), root(s21), root(s22), root(s23)
        s30, s31, s32, s33 = root(s30), root(s31), root(s32), root(s33)
    down = REGISTER * LANES + REGISTER
    _store4(w, at, s00, s01, s02, s03)
    _store4(w, at + down, s10, s11, s12, s13)
    _store4(w, at + 2 * down, s20, s21, s22, s23)
    _store4(w, at + 3 * down, s30, s31, s32, s33)


@inline
def _store4(w: F1, at: int, x0: Lanes, x1: Lanes, x2: Lanes, x3: Lanes) -> None:
    store(w, at, x0)
    store(w, at + LANES, x1)
    store(w, at + 2 * LANES, x2)
    store(w, at + 3 * LANES, x3)


@inline
def begin_far(w: F1, at: int) -> None:
    """Infinite costs left of the first column; what stands right of the last one reaches no cell of the table.

    Args:
        at: where the costs of step 0 begin.
    """
    infs = splat(INF, REGISTER)
    for group in range(GROUPS):
        for s in range(-1, group * REGISTER):
            store(w, at + group * REGISTER + s * LANES, infs)


@inline
def measure(
    w: F1,
    mine: int,
    theirs: int,
    apart: int,
    dims: int,
    width: int,
    at: int,
    euclidean: int,
) -> None:
    """Local costs of a tile, of so many columns from that at w[theirs] on: those of step s at w[at + s * LANES]."""
    for s in range(0, width + REGISTER - 1, DIAGONALS):
        _diagonals(w, mine, theirs - s, apart, dims, at + s * LANES, euclidean)
