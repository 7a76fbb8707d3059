"""Dynamic time warping of one sequence of vectors against many at once, over panels of local costs.

The costs of four rows are computed first, then the cells of those rows as in `lanes`. Where windows of one stream
overlap, the costs of each frame are computed once, for all windows that it is in.
"""

from typing import Any

from midstream_cli.compare.kernels.tiles import (
    INF,
    LANES,
    ROWS,
    answer,
    clear,
    edge_of,
    greater,
    lesser,
    tile_of,
    weighted,
    whole_of,
)
from midstream_cli.compiled.kernel import F1, I1, inline, kernel
from midstream_cli.compiled.vectors import fma, load, minimum, root, splat, store


@inline
def _nothing(_rows: F1, _at: int) -> Any:
    return splat(0.0, LANES)


@inline
def _given(_row: Any, _column: Any, panel: F1, at: int) -> Any:
    return load(panel, at, LANES)


@inline
def _added(total: Any, difference: Any) -> Any:
    return fma(difference, difference, total)


@inline
def _fill(
    rows: F1, start: int, i: int, dims: int, columns: F1, low: int, high: int, m: int, rooted: int, panel: F1, base: int
) -> None:
    """Local costs of rows i to i + 3 in some columns."""
    r0, r1 = (start + greater(i, 0)) * dims, (start + greater(i + 1, 0)) * dims
    r2, r3 = (start + greater(i + 2, 0)) * dims, (start + i + 3) * dims
    zeros = splat(0.0, LANES)
    for j in range(low, high, 2):
        k = lesser(j + 1, high - 1)
        s0, s1, s2, s3, t0, t1, t2, t3 = zeros, zeros, zeros, zeros, zeros, zeros, zeros, zeros
        for d in range(dims):
            b, c = load(columns, (j * dims + d) * LANES, LANES), load(columns, (k * dims + d) * LANES, LANES)
            a0, a1, a2, a3 = (
                splat(rows[r0 + d], LANES),
                splat(rows[r1 + d], LANES),
                splat(rows[r2 + d], LANES),
                splat(rows[r3 + d], LANES),
            )
            s0, t0 = _added(s0, a0 - b), _added(t0, a0 - c)
            s1, t1 = _added(s1, a1 - b), _added(t1, a1 - c)
            s2, t2 = _added(s2, a2 - b), _added(t2, a2 - c)
            s3, t3 = _added(s3, a3 - b), _added(t3, a3 - c)
        if rooted:
            s0, s1, s2, s3, t0, t1, t2, t3 = (
                root(s0),
                root(s1),
                root(s2),
                root(s3),
                root(t0),
                root(t1),
                root(t2),
                root(t3),
            )
        at, then = base + j * LANES, base + k * LANES
        store(panel, at, s0)
        store(panel, at + m * LANES, s1)
        store(panel, at + 2 * m * LANES, s2)
        store(panel, at + 3 * m * LANES, s3)
        store(panel, then, t0)
        store(panel, then + m * LANES, t1)
        store(panel, then + 2 * m * LANES, t2)
        store(panel, then + 3 * m * LANES, t3)


@kernel
def costs(rows: F1, first: int, count: int, dims: int, columns: F1, m: int, rooted: int, panel: F1) -> None:
    """Local costs of consecutive vectors from each vector of a block.

    Args:
        rows: shape (frames, dims).
        first: the vectors from here,
        count: so many, are taken; four at least.
        columns: shape (m, dims, LANES).
        rooted: 1 for Euclidean, 0 for squared distances.
        panel: shape (count + 3, m, LANES); the first three rows stand for rows that do not exist.
    """
    for i in range(0, count - ROWS + 1, ROWS):
        _fill(rows, first, i, dims, columns, 0, m, m, rooted, panel, (i + ROWS - 1) * m * LANES)
    # the last four again, where they are no multiple
    i = count - ROWS
    _fill(rows, first, i, dims, columns, 0, m, m, rooted, panel, (i + ROWS - 1) * m * LANES)


_edge, _tile = edge_of(_nothing, _given, weighted), tile_of(_nothing, _given, weighted)
_whole = whole_of(_nothing, _given, weighted)


@kernel
def symmetric(
    rows: F1,
    starts: I1,
    lengths: I1,
    first: int,
    stop: int,
    dims: int,
    columns: F1,
    ends: I1,
    m: int,
    window: int,
    weight: float,
    rooted: int,
    origin: int,
    panel: F1,
    above: F1,
    out: F1,
) -> None:
    """Accumulated costs of sequences of vectors from a block of others.

    Args:
        rows: shape (frames, dims): sequence s is `lengths[s]` vectors from `starts[s]` on.
        first: the sequences from here,
        stop: up to here, are taken.
        dims: numbers of a vector.
        columns: shape (m, dims, LANES): the block, each lane padded with any finite vector behind its end.
        ends: shape (LANES,): how long each lane is.
        m: the longest of them.
        window: positions may differ by so many at most.
        weight: how much more a diagonal step counts than any other: 0 for symmetric1, 1 for symmetric2.
        rooted: 1 for Euclidean, 0 for squared distances.
        origin: the first vector whose costs stand in the panel, as `costs` made it; -1 where they do not.
        panel: else shape (4, m, LANES), room to work in.
        above: shape (m, LANES): room to work in.
        out: shape (stop - first, LANES); without meaning where the window allows no path.
    """
    for s in range(first, stop):
        n = lengths[s]
        base = 0
        for i in range(-(-n % ROWS), n, ROWS):
            if origin < 0:
                low, high = greater(0, i - window), lesser(m, i + ROWS + window)
                _fill(rows, starts[s], i, dims, columns, low, high, m, rooted, panel, 0)
            else:
                base = (starts[s] - origin + i + ROWS - 1) * m * LANES
            if i <= 0 or 2 * window < ROWS - 1:
                clear(above, i, m, window)
                _edge(above, 0, above, panel, base, i, m, window, weight, above)
            elif m - 1 - window <= i <= window - ROWS + 1 and m >= ROWS:
                clear(above, i, m, window)
                _whole(above, 0, above, panel, base, m, weight, above)
            else:
                _tile(above, 0, above, panel, base, i, m, window, weight, above)
        answer(above, ends, out, (s - first) * LANES)


@inline
def _row_asymmetric(i: int, m: int, window: int, panel: F1, base: int, above: F1) -> None:
    """One more row, from its last column backwards: each cell needs three of the row above and none of its own."""
    infs = splat(INF, LANES)
    if i == 0:
        store(above, 0, load(panel, base, LANES))
    else:
        low = greater(0, i - window)
        for j in range(lesser(m, i + window + 1) - 1, low - 1, -1):
            best = load(above, j * LANES, LANES)
            if j > 0:
                best = minimum(best, load(above, (j - 1) * LANES, LANES))
            if j > 1:
                best = minimum(best, load(above, (j - 2) * LANES, LANES))
            store(above, j * LANES, best + load(panel, base + j * LANES, LANES))
        if 0 < low <= m:
            store(above, (low - 1) * LANES, infs)


@kernel
def asymmetric(
    rows: F1,
    starts: I1,
    lengths: I1,
    first: int,
    stop: int,
    dims: int,
    columns: F1,
    ends: I1,
    m: int,
    window: int,
    _weight: float,
    rooted: int,
    origin: int,
    panel: F1,
    above: F1,
    out: F1,
) -> None:
    """The same with each row counting once, and none, one or two columns further at each step."""
    for s in range(first, stop):
        n = lengths[s]
        base = 0
        for i in range(-(-n % ROWS), n, ROWS):
            clear(above, i, m, window)
            if origin < 0:
                low, high = greater(0, i - window), lesser(m, i + ROWS + window)
                _fill(rows, starts[s], i, dims, columns, low, high, m, rooted, panel, 0)
            else:
                base = (starts[s] - origin + i + ROWS - 1) * m * LANES
            for r in range(greater(0, -i), ROWS):
                _row_asymmetric(i + r, m, window, panel, base + r * m * LANES, above)
        answer(above, ends, out, (s - first) * LANES)
