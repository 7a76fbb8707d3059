"""Dynamic time warping of one sequence of numbers against many at once: each lane of a vector is another pair.

Sequences of vectors: `panels`.
"""

from typing import Any

from midstream_cli.compare.kernels.tiles import LANES, ROWS, answer, clear, edge_of, once, tile_of, weighted, whole_of
from midstream_cli.compiled.kernel import F1, I1, inline, kernel
from midstream_cli.compiled.vectors import absolute, splat


@inline
def _number(rows: F1, at: int) -> Any:
    return splat(rows[at], LANES)


@inline
def _squared(row: Any, column: Any, _panel: F1, _at: int) -> Any:
    difference = row - column
    return difference * difference


@inline
def _distance(row: Any, column: Any, _panel: F1, _at: int) -> Any:
    return absolute(row - column)


_edge1, _edge2 = edge_of(_number, _squared, once), edge_of(_number, _distance, weighted)
_tile1, _tile2 = tile_of(_number, _squared, once), tile_of(_number, _distance, weighted)
_whole1, _whole2 = whole_of(_number, _squared, once), whole_of(_number, _distance, weighted)


@kernel
def squared(
    rows: F1,
    starts: I1,
    lengths: I1,
    first: int,
    stop: int,
    columns: F1,
    ends: I1,
    m: int,
    window: int,
    weight: float,
    above: F1,
    out: F1,
) -> None:
    """Squared differences, each step counting once, of sequences of numbers from a block of others.

    Args:
        rows: sequences one after the other, or overlapping: sequence s is `lengths[s]` numbers from `starts[s]` on.
        first: the sequences from here,
        stop: up to here, are taken.
        columns: shape (m, LANES): the block, each lane padded with any finite number behind its end.
        ends: shape (LANES,): how long each lane is.
        m: the longest of them.
        window: positions may differ by so many at most.
        weight: 0: a diagonal step counts no more than any other.
        above: shape (m, LANES): room to work in.
        out: shape (stop - first, LANES): the accumulated costs; without meaning where the window allows no path.
    """
    for s in range(first, stop):
        n = lengths[s]
        for i in range(-(-n % ROWS), n, ROWS):
            if i <= 0 or 2 * window < ROWS - 1:
                clear(above, i, m, window)
                _edge1(rows, starts[s], columns, above, 0, i, m, window, weight, above)
            elif m - 1 - window <= i <= window - ROWS + 1 and m >= ROWS:
                clear(above, i, m, window)
                _whole1(rows, starts[s] + i, columns, above, 0, m, weight, above)
            else:
                _tile1(rows, starts[s], columns, above, 0, i, m, window, weight, above)
        answer(above, ends, out, (s - first) * LANES)


@kernel
def distance(
    rows: F1,
    starts: I1,
    lengths: I1,
    first: int,
    stop: int,
    columns: F1,
    ends: I1,
    m: int,
    window: int,
    weight: float,
    above: F1,
    out: F1,
) -> None:
    """The same with differences as they are; a diagonal step counts its cell once, and `weight` times more."""
    for s in range(first, stop):
        n = lengths[s]
        for i in range(-(-n % ROWS), n, ROWS):
            if i <= 0 or 2 * window < ROWS - 1:
                clear(above, i, m, window)
                _edge2(rows, starts[s], columns, above, 0, i, m, window, weight, above)
            elif m - 1 - window <= i <= window - ROWS + 1 and m >= ROWS:
                clear(above, i, m, window)
                _whole2(rows, starts[s] + i, columns, above, 0, m, weight, above)
            else:
                _tile2(rows, starts[s], columns, above, 0, i, m, window, weight, above)
        answer(above, ends, out, (s - first) * LANES)
