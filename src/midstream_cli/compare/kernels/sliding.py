"""The last vectors of a stream against many templates under time warping, anew with each vector: lanes are templates.

Local costs are kept in a ring, so that of each window only the newest column is measured. As in `spring`, all is in two
flat arrays and a table:

- `constants`: the greatest number that can be compared; then a block after another: what `local_costs` needs of it; per
  lane the number of vectors of the template, of the window, and what an accumulated distance is divided by; per column
  where windows begin: 0 there, else infinity; and per difference of column and row a wall: 0 where the lane's window
  allows it, else infinity.
- `state`: scratch for one vector, for a row and for a last column, then a block after another the ring.
- `table`: row 0 belongs to the whole, every other row to a block; columns are named below.
"""

from midstream_cli.compare.kernels.local_costs import LANES, TILE, measure, missing
from midstream_cli.compiled.kernel import F1, I2, inline, kernel
from midstream_cli.compiled.vectors import fma, load, maximum, minimum, minimum_cost, splat, store

INF = float("inf")

SLOT, SEEN, DIMS, WEIGHT, ROOTED, COLUMNS, WORK = range(7)
"""Of row 0: where in the ring the next vector goes, vectors since the last gap; numbers in a vector, what a diagonal step
counts, whether costs are Euclidean; vectors in the longest window, where in `state` the scratch for a row is."""

ROWS, LOW, HIGH, CONSTANTS, RING = range(5)
"""Of a block: rows; the least and the greatest difference of column and row that any lane's window allows; where its
constants and its ring begin."""


@inline
def descend(
    state: F1, ring: int, slot: int, columns: int, rows: int, work: int, low: int, high: int,
    weight: float, constants: F1, walls: int, bounded: bool,
) -> None:  # fmt: skip
    """Accumulated distances of four rows after another, over all columns of the window; the last column is kept.

    The row above is in `state` from `work` on, and is written over by the last of the four.
    """
    twice = splat(weight, LANES)
    lasts = work + columns * LANES
    for row in range(0, rows, TILE):
        x0 = splat(INF, LANES)
        x1 = splat(INF, LANES)
        x2 = splat(INF, LANES)
        x3 = splat(INF, LANES)
        # nothing comes straight into the first row
        straight = splat(INF if row == 0 else 0.0, LANES)
        first = max(row + low, 0)
        before = splat(INF, LANES)
        if row > 0 and first > 0:
            before = load(state, work + (first - 1) * LANES, LANES)
        for column in range(first, min(row + TILE + high, columns)):
            place = slot + column
            if place >= columns:
                place -= columns
            costs = ring + (place * rows + row) * LANES
            wall = walls + (column - row + rows - TILE) * LANES
            above = load(state, work + column * LANES, LANES)
            cost = load(state, costs, LANES)
            if bounded:
                cost = maximum(cost, load(constants, wall + 3 * LANES, LANES))
            reached = minimum(fma(twice, cost, before), minimum_cost(x0, above) + cost)
            before = maximum(above, straight)
            cost = load(state, costs + LANES, LANES)
            if bounded:
                cost = maximum(cost, load(constants, wall + 2 * LANES, LANES))
            above = minimum(fma(twice, cost, x0), minimum_cost(x1, reached) + cost)
            x0 = reached
            cost = load(state, costs + 2 * LANES, LANES)
            if bounded:
                cost = maximum(cost, load(constants, wall + LANES, LANES))
            reached = minimum(fma(twice, cost, x1), minimum_cost(x2, above) + cost)
            x1 = above
            cost = load(state, costs + 3 * LANES, LANES)
            if bounded:
                cost = maximum(cost, load(constants, wall, LANES))
            above = minimum(fma(twice, cost, x2), minimum_cost(x3, reached) + cost)
            x2 = reached
            x3 = above
            store(state, work + column * LANES, above)
        if row + TILE + high < columns:
            continue
        store(state, lasts + row * LANES, x0)
        store(state, lasts + (row + 1) * LANES, x1)
        store(state, lasts + (row + 2) * LANES, x2)
        store(state, lasts + (row + 3) * LANES, x3)


@kernel
def slide(vectors: F1, constants: F1, state: F1, table: I2, distances: F1) -> None:
    """Take vectors, one after another in a flat array.

    Args:
        distances: of each vector, the mean distance of each lane of each block; infinite for a window that a gap is in,
            or that has not filled yet.
    """
    dims, columns, work = table[0, DIMS], table[0, COLUMNS], table[0, WORK]
    lanes = (len(table) - 1) * LANES
    for at in range(len(vectors) // dims):
        for lane in range(lanes):
            distances[at * lanes + lane] = INF
        if missing(vectors, at * dims, dims, constants[0]):
            table[0, SEEN] = 0
            continue
        newest = table[0, SLOT]
        slot = newest + 1
        if slot == columns:
            slot = 0
        table[0, SLOT] = slot
        table[0, SEEN] += 1
        for block in range(1, len(table)):
            rows, low, high, ring = table[block, ROWS], table[block, LOW], table[block, HIGH], table[block, RING]
            first = table[block, CONSTANTS]
            lengths = first + (2 + rows) * dims * LANES
            measure(
                vectors, at * dims, dims, constants, first, rows, state, ring + newest * rows * LANES, table[0, ROOTED]
            )
            begins = lengths + 3 * LANES
            for column in range(columns):
                store(state, work + column * LANES, load(constants, begins + column * LANES, LANES))
            walls = begins + columns * LANES
            bounded = low > 1 - rows or high < columns - 1
            descend(
                state, ring, slot, columns, rows, work, low, high, float(table[0, WEIGHT]), constants, walls, bounded
            )
            for lane in range(LANES):
                if 0 < constants[lengths + LANES + lane] <= table[0, SEEN]:
                    last = work + (columns + int(constants[lengths + lane]) - 1) * LANES + lane
                    place = at * lanes + (block - 1) * LANES + lane
                    distances[place] = state[last] / constants[lengths + 2 * LANES + lane]
