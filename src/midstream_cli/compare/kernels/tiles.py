"""Four rows of dynamic time warping for many pairs at once: each lane of a vector is another pair.

What a cell needs of the row above and of the column before stays in registers; memory holds one row, the last of the
four above. What differs is given as functions: what is kept of a row, the local cost of a cell, and how steps count.
"""

from collections.abc import Callable
from typing import Any

from midstream_cli.compiled.kernel import F1, I1, inline
from midstream_cli.compiled.vectors import REGISTER, fma, load, minimum, minimum_cost, splat, store

LANES = 2 * REGISTER
"""Pairs at once: two registers of each row keep the units of the processor busy while a sum is on its way."""

ROWS = 4
"""Rows of a tile; the rows of a sequence end with a tile, and the first may begin with rows that do not exist."""

INF = float("inf")


@inline
def greater(x: int, y: int) -> int:
    """Of two whole numbers."""
    return x if x > y else y  # noqa: FURB136 - the compiler does not know max


@inline
def lesser(x: int, y: int) -> int:
    """Of two whole numbers."""
    return x if x < y else y  # noqa: FURB136 - nor min


@inline
def once(cost: Any, left: Any, above: Any, diagonal: Any, _weight: Any) -> Any:
    """Every step counts its cell once."""
    return cost + minimum_cost(left, minimum(above, diagonal))


@inline
def weighted(cost: Any, left: Any, above: Any, diagonal: Any, weight: Any) -> Any:
    """A diagonal step counts its cell once, and so many times more."""
    return cost + minimum_cost(left, minimum(above, fma(cost, weight, diagonal)))


@inline
def _outside(i: int, j: int, window: int) -> float:
    """What a cell costs on top: nothing within the band."""
    return 0.0 if i >= 0 and -window <= i - j <= window else INF


@inline
def _begun(i: int, j: int) -> float:
    """What lies before a cell: nothing before the first."""
    return 0.0 if i == 0 and j == 0 else INF


def edge_of(row: Callable[..., Any], cost: Callable[..., Any], step: Callable[..., Any]) -> Callable[..., Any]:
    """The tile that holds the first row, and any tile where a column of the band has fewer cells than a tile has rows."""

    @inline
    def edge(
        rows: F1, start: int, columns: F1, panel: F1, base: int, i: int, m: int, window: int, weight: float, above: F1
    ) -> None:
        infs, more = splat(INF, LANES), splat(weight, LANES)
        low, high = greater(0, i - window), lesser(m, i + ROWS + window)
        a0, a1 = row(rows, start + greater(i, 0)), row(rows, start + greater(i + 1, 0))
        a2, a3 = row(rows, start + greater(i + 2, 0)), row(rows, start + i + 3)
        l0, l1, l2, l3 = infs, infs, infs, infs
        diagonal = infs
        if low > 0:
            diagonal = load(above, (low - 1) * LANES, LANES)
        for j in range(low, high):
            at = base + j * LANES
            b, up = load(columns, j * LANES, LANES), load(above, j * LANES, LANES)
            x0 = step(cost(a0, b, panel, at), minimum(l0, splat(_begun(i, j), LANES)), up, diagonal, more)
            x0 = x0 + splat(_outside(i, j, window), LANES)
            at += m * LANES
            x1 = step(cost(a1, b, panel, at), minimum(l1, splat(_begun(i + 1, j), LANES)), x0, l0, more)
            x1 = x1 + splat(_outside(i + 1, j, window), LANES)
            at += m * LANES
            x2 = step(cost(a2, b, panel, at), minimum(l2, splat(_begun(i + 2, j), LANES)), x1, l1, more)
            x2 = x2 + splat(_outside(i + 2, j, window), LANES)
            at += m * LANES
            x3 = step(cost(a3, b, panel, at), minimum(l3, splat(_begun(i + 3, j), LANES)), x2, l2, more)
            x3 = x3 + splat(_outside(i + 3, j, window), LANES)
            diagonal, l0, l1, l2, l3 = up, x0, x1, x2, x3
            store(above, j * LANES, x3)

    return edge


def column_of(cost: Callable[..., Any], step: Callable[..., Any]) -> Callable[..., Any]:
    """The four cells of a tile in one column."""

    @inline
    def column(
        a0: Any, a1: Any, a2: Any, a3: Any, b: Any, panel: F1, at: int, apart: int,
        up: Any, diagonal: Any, l0: Any, l1: Any, l2: Any, l3: Any, more: Any,
    ) -> Any:  # fmt: skip
        x0 = step(cost(a0, b, panel, at), l0, up, diagonal, more)
        x1 = step(cost(a1, b, panel, at + apart), l1, x0, l0, more)
        x2 = step(cost(a2, b, panel, at + 2 * apart), l2, x1, l1, more)
        x3 = step(cost(a3, b, panel, at + 3 * apart), l3, x2, l2, more)
        return x0, x1, x2, x3

    return column


def tile_of(row: Callable[..., Any], cost: Callable[..., Any], step: Callable[..., Any]) -> Callable[..., Any]:
    """Any other tile: the band enters it row by row, has all of them, and leaves it row by row."""
    column = column_of(cost, step)

    @inline
    def tile(
        rows: F1, start: int, columns: F1, panel: F1, base: int, i: int, m: int, window: int, weight: float, above: F1
    ) -> None:
        infs, more = splat(INF, LANES), splat(weight, LANES)
        a0, a1, a2, a3 = (
            row(rows, start + i),
            row(rows, start + i + 1),
            row(rows, start + i + 2),
            row(rows, start + i + 3),
        )
        p = m * LANES
        p0, p1, p2, p3 = base, base + p, base + 2 * p, base + 3 * p
        l0, l1, l2, l3, diagonal, j = infs, infs, infs, infs, infs, i - window
        if 0 < j <= m:
            diagonal = load(above, (j - 1) * LANES, LANES)
        if 0 <= j < m:
            b, up = load(columns, j * LANES, LANES), load(above, j * LANES, LANES)
            l0, diagonal = step(cost(a0, b, panel, p0 + j * LANES), infs, up, diagonal, more), up
        if 0 <= j + 1 < m:
            b, up = load(columns, (j + 1) * LANES, LANES), load(above, (j + 1) * LANES, LANES)
            x0 = step(cost(a0, b, panel, p0 + (j + 1) * LANES), l0, up, diagonal, more)
            l1 = step(cost(a1, b, panel, p1 + (j + 1) * LANES), infs, x0, l0, more)
            diagonal, l0 = up, x0
        if 0 <= j + 2 < m:
            b, up = load(columns, (j + 2) * LANES, LANES), load(above, (j + 2) * LANES, LANES)
            x0 = step(cost(a0, b, panel, p0 + (j + 2) * LANES), l0, up, diagonal, more)
            x1 = step(cost(a1, b, panel, p1 + (j + 2) * LANES), l1, x0, l0, more)
            l2 = step(cost(a2, b, panel, p2 + (j + 2) * LANES), infs, x1, l1, more)
            diagonal, l0, l1 = up, x0, x1
        for j in range(greater(0, i + 3 - window), lesser(m, i + window)):
            b, up, at = load(columns, j * LANES, LANES), load(above, j * LANES, LANES), base + j * LANES
            x0, x1, x2, x3 = column(a0, a1, a2, a3, b, panel, at, p, up, diagonal, l0, l1, l2, l3, more)
            diagonal, l0, l1, l2, l3 = up, x0, x1, x2, x3
            store(above, j * LANES, x3)
        j = i + window
        if j < m:
            # the row above does not reach so far
            b, at = load(columns, j * LANES, LANES), base + j * LANES
            l0, l1, l2, l3 = column(a0, a1, a2, a3, b, panel, at, p, infs, diagonal, l0, l1, l2, l3, more)
            store(above, j * LANES, l3)
        j = i + window + 1
        if j < m:
            b = load(columns, j * LANES, LANES)
            x1 = step(cost(a1, b, panel, p1 + j * LANES), l1, infs, l0, more)
            x2 = step(cost(a2, b, panel, p2 + j * LANES), l2, x1, l1, more)
            x3 = step(cost(a3, b, panel, p3 + j * LANES), l3, x2, l2, more)
            l1, l2, l3 = x1, x2, x3
            store(above, j * LANES, x3)
        if j + 1 < m:
            b = load(columns, (j + 1) * LANES, LANES)
            x2 = step(cost(a2, b, panel, p2 + (j + 1) * LANES), l2, infs, l1, more)
            x3 = step(cost(a3, b, panel, p3 + (j + 1) * LANES), l3, x2, l2, more)
            l2, l3 = x2, x3
            store(above, (j + 1) * LANES, x3)
        if j + 2 < m:
            b = load(columns, (j + 2) * LANES, LANES)
            store(above, (j + 2) * LANES, step(cost(a3, b, panel, p3 + (j + 2) * LANES), l3, infs, l2, more))

    return tile


def whole_of(row: Callable[..., Any], cost: Callable[..., Any], step: Callable[..., Any]) -> Callable[..., Any]:
    """A tile that the band leaves whole, of four columns at least: each row is a column behind the row above it.

    No cell then waits for another of the same turn.
    """

    @inline
    def whole(rows: F1, start: int, columns: F1, panel: F1, base: int, m: int, weight: float, above: F1) -> None:
        infs, more = splat(INF, LANES), splat(weight, LANES)
        a0, a1, a2, a3 = row(rows, start), row(rows, start + 1), row(rows, start + 2), row(rows, start + 3)
        p0, p1, p2, p3 = base, base + (m - 1) * LANES, base + (2 * m - 2) * LANES, base + (3 * m - 3) * LANES
        b, up = load(columns, 0, LANES), load(above, 0, LANES)
        x0 = step(cost(a0, b, panel, p0), infs, up, infs, more)
        d0, d1, l0 = up, infs, x0
        b1, b, up = b, load(columns, LANES, LANES), load(above, LANES, LANES)
        x0 = step(cost(a0, b, panel, p0 + LANES), l0, up, d0, more)
        x1 = step(cost(a1, b1, panel, p1 + LANES), infs, l0, d1, more)
        d0, d1, d2, l0, l1 = up, l0, infs, x0, x1
        b2, b1, b, up = b1, b, load(columns, 2 * LANES, LANES), load(above, 2 * LANES, LANES)
        x0 = step(cost(a0, b, panel, p0 + 2 * LANES), l0, up, d0, more)
        x1 = step(cost(a1, b1, panel, p1 + 2 * LANES), l1, l0, d1, more)
        x2 = step(cost(a2, b2, panel, p2 + 2 * LANES), infs, l1, d2, more)
        d0, d1, d2, d3, l0, l1, l2, l3 = up, l0, l1, infs, x0, x1, x2, infs
        for j in range(3, m):
            at = j * LANES
            b, up = load(columns, at, LANES), load(above, at, LANES)
            b1, b2 = load(columns, at - LANES, LANES), load(columns, at - 2 * LANES, LANES)
            b3 = load(columns, at - 3 * LANES, LANES)
            x0 = step(cost(a0, b, panel, p0 + at), l0, up, d0, more)
            x1 = step(cost(a1, b1, panel, p1 + at), l1, l0, d1, more)
            x2 = step(cost(a2, b2, panel, p2 + at), l2, l1, d2, more)
            x3 = step(cost(a3, b3, panel, p3 + at), l3, l2, d3, more)
            d0, d1, d2, d3, l0, l1, l2, l3 = up, l0, l1, l2, x0, x1, x2, x3
            store(above, at - 3 * LANES, x3)
        at = m * LANES
        b1, b2 = load(columns, at - LANES, LANES), load(columns, at - 2 * LANES, LANES)
        b3 = load(columns, at - 3 * LANES, LANES)
        x1 = step(cost(a1, b1, panel, p1 + at), l1, l0, d1, more)
        x2 = step(cost(a2, b2, panel, p2 + at), l2, l1, d2, more)
        x3 = step(cost(a3, b3, panel, p3 + at), l3, l2, d3, more)
        store(above, at - 3 * LANES, x3)
        d2, d3, l1, l2, l3 = l1, l2, x1, x2, x3
        x2 = step(cost(a2, b1, panel, p2 + at + LANES), l2, l1, d2, more)
        x3 = step(cost(a3, b2, panel, p3 + at + LANES), l3, l2, d3, more)
        store(above, at - 2 * LANES, x3)
        x3 = step(cost(a3, b1, panel, p3 + at + 2 * LANES), x3, x2, l2, more)
        store(above, at - LANES, x3)

    return whole


@inline
def clear(above: F1, i: int, m: int, window: int) -> None:
    """Before a tile that may read there: nothing stands in the columns that its rows reach, and the row above did not."""
    infs = splat(INF, LANES)
    for j in range(i + window if i > 0 else 0, lesser(m, i + ROWS + window)):
        store(above, j * LANES, infs)


@inline
def answer(above: F1, ends: I1, out: F1, at: int) -> None:
    """What stands in the last row, at the end of each lane."""
    for lane in range(LANES):
        out[at + lane] = above[(ends[lane] - 1) * LANES + lane]
