"""Subsequences of an endless stream under time warping: many templates against each new vector, in place.

Lanes are templates, `LANES` to a block. All of a matcher is in two flat arrays and a table, so that one call with few
arguments takes a vector:

- `constants`: the greatest number that can be compared; then a block after another: what `local_costs` needs of it; per
  lane the greatest mean distance of a match, the number of vectors, and the greatest divisor of a mean; and per offset a
  wall, 0 where the lane's window allows it, else infinity.
- `state`: scratch for one vector, its costs and a row of cells, then a block after another what is waiting to be reported, and the cells.
- `table`: row 0 belongs to the whole, every other row to a block; columns are named below.
"""

from midstream_cli.compare.kernels.local_costs import LANES, measure, missing
from midstream_cli.compiled.kernel import F1, I2, inline, kernel
from midstream_cli.compiled.vectors import bits as lanes_of
from midstream_cli.compiled.vectors import fma, load, mask, maximum, minimum, minimum_cost, select, splat, store

INF = float("inf")

CLOCK, FOUND, DIMS, WEIGHT, ROOTED, COSTS, REPORTS = range(7)
"""Of row 0: vectors taken, matches found; numbers in a vector, what a diagonal step counts, whether costs are Euclidean;
where in `state` the costs and the matches found are."""

ROWS, LOW, HIGH, CONSTANTS, WAITING, DEPTH, CELLS, PENDING = range(8)
"""Of a block: rows; how far a match's end may lie before and after its place on the diagonal, `LOW` -1 for any; where its
constants begin, what is waiting, of which there are so many, and its cells; lanes in which something is waiting."""

REPORT = 5
"""Numbers of a match found: block and lane in one, and the fields of what was waiting."""

LEAST, DISTANCE, START, END, FIELDS = range(5)
"""Fields of what is waiting, vectors of lanes each: the distance that must be undercut, infinite where nothing is waiting;
the accumulated distance, first and last vector."""


@inline
def warp(state: F1, cells: int, costs: int, rows: int, weight: float, clock: int) -> None:
    """Accumulated distances of the best paths into each row, and where they started; of equal ones the latest."""
    twice = splat(weight, LANES)
    none = splat(-1.0, LANES)
    above = load(state, costs, LANES)
    above_start = splat(float(clock), LANES)
    before = load(state, cells, LANES)
    before_start = load(state, cells + LANES, LANES)
    # a path that started earlier has gained nothing in the first row
    store(state, cells, above)
    store(state, cells + LANES, above_start)
    for row in range(1, rows):
        cell = cells + 2 * row * LANES
        cost = load(state, costs + row * LANES, LANES)
        old = load(state, cell, LANES)
        old_start = load(state, cell + LANES, LANES)
        straight = fma(twice, cost, before)
        along = old + cost
        across = above + cost
        above = minimum(minimum(straight, along), across)
        along_start = select(along == above, old_start, none)
        straight_start = select(straight == above, before_start, none)
        above_start = maximum(maximum(straight_start, along_start), select(across == above, above_start, none))
        store(state, cell, above)
        store(state, cell + LANES, above_start)
        before = old
        before_start = old_start


@inline
def warp_within(
    state: F1, cells: int, costs: int, rows: int, low: int, high: int, weight: float, constants: F1, walls: int
) -> None:
    """Accumulated distances of each row for each start in the window: offset `o` means `clock - row - start`.

    A cell comes straight from the row before at its offset, along the stream from its row at the offset before, and
    across from the row before, in the same moment, at the offset after. The cells of a row have guards at both ends. Above
    the first row is one that never changes, from which a path starts. Of two rows the second follows one offset behind the
    first; what the row above them held until this vector follows the costs.
    """
    twice = splat(weight, LANES)
    width = (low + high + 3) * LANES
    above = costs + rows * LANES
    for at in range(0, width, LANES):
        store(state, above + at, splat(INF, LANES))
    for row in range(0, rows, 2):
        first_cost = load(state, costs + row * LANES, LANES)
        second_cost = load(state, costs + (row + 1) * LANES, LANES)
        first = cells + row * width
        second = first + width
        first_along = splat(INF, LANES)
        second_along = splat(INF, LANES)
        wall_before = splat(INF, LANES)
        for at in range(LANES, width, LANES):
            behind = at - LANES
            old = load(state, first + at, LANES)
            across = load(state, first - width + at + LANES, LANES)
            straight = fma(twice, first_cost, load(state, above + at, LANES))
            wall = load(constants, walls + at, LANES)
            reached = maximum(minimum(straight, minimum_cost(first_along, across) + first_cost), wall)
            store(state, first + at, reached)
            old_second = load(state, second + behind, LANES)
            straight = fma(twice, second_cost, first_along)
            reached = maximum(minimum(straight, minimum_cost(second_along, reached) + second_cost), wall_before)
            store(state, second + behind, reached)
            store(state, above + behind, old_second)
            first_along = old
            second_along = old_second
            wall_before = wall


@inline
def consider(state: F1, waiting: int, depth: int, least: float, distance: float, start: int, clock: int) -> None:
    """Let a subsequence that ends now take the place of those waiting in its lane that it overlaps, if it is nearer."""
    stride = FIELDS * LANES
    until = waiting + depth * stride
    place = waiting
    while place < until and state[place] < INF and state[place + END * LANES] < start:
        place += stride
    for other in range(place, until, stride):
        if state[other] <= least:
            return
    for other in range(place, until, stride):
        state[other] = INF
    state[place] = least
    state[place + DISTANCE * LANES] = distance
    state[place + START * LANES] = start
    state[place + END * LANES] = clock


@inline
def compete(state: F1, constants: F1, limits: int, table: I2, block: int, cells: int) -> None:
    """Every lane's subsequences that end now and are near enough."""
    counted = table[0, WEIGHT] - 1.0
    clock, low, high = table[0, CLOCK], table[block, LOW], table[block, HIGH]
    waiting, depth = table[block, WAITING], table[block, DEPTH]
    for lane in range(LANES):
        limit = constants[limits + lane]
        length = int(constants[limits + LANES + lane])
        if length == 0:
            continue
        if low < 0:
            cell = cells + 2 * (length - 1) * LANES + lane
            distance = state[cell]
            if distance < INF:
                start = int(state[cell + LANES])
                if distance / (counted * (clock - start + 1) + length) <= limit:
                    consider(state, waiting + lane, depth, distance, distance, start, clock)
            continue
        cell = cells + ((length - 1) * (low + high + 3) + 1) * LANES + lane
        # dividing takes longest
        reach = limit * constants[limits + 2 * LANES + lane] * 1.000001
        for count in range(length - low, length + high + 1):
            distance = state[cell]
            if distance <= reach and distance < INF:
                mean = distance / (counted * count + length)
                if mean <= limit:
                    consider(state, waiting + lane, depth, mean, distance, clock - count + 1, clock)
            cell += LANES
    table[block, PENDING] = lanes_of(load(state, waiting, LANES) < splat(INF, LANES))


@inline
def threatened(
    state: F1, constants: F1, divisors: int, waiting: int, depth: int, cells: int, rows: int, low: int, high: int,
    clock: int,
) -> int:  # fmt: skip
    """The lanes where a path that overlaps what is waiting first, and so all that is waiting, may be nearer."""
    end = load(state, waiting + END * LANES, LANES)
    least = load(state, waiting, LANES)
    for place in range(waiting + FIELDS * LANES, waiting + depth * FIELDS * LANES, FIELDS * LANES):
        least = minimum(least, load(state, place, LANES))
    threats = mask(0, LANES)
    if low < 0:
        for row in range(rows):
            cell = cells + 2 * row * LANES
            threats = threats | ((load(state, cell, LANES) < least) & (load(state, cell + LANES, LANES) <= end))
        return lanes_of(threats)
    # a mean is least at the end of the longest subsequence, if nothing is added until then
    least = least * load(constants, divisors, LANES)
    for row in range(rows):
        cell = cells + row * (low + high + 3) * LANES
        for place in range(1, low + high + 2):
            start = splat(float(clock - row - place + 1 + low), LANES)
            threats = threats | ((load(state, cell + place * LANES, LANES) < least) & (start <= end))
    return lanes_of(threats)


@inline
def forget(state: F1, lane: int, cells: int, rows: int, low: int, high: int, clock: int, end: int) -> None:
    """Give up all paths of a lane that started up to a moment."""
    if low < 0:
        for row in range(rows):
            cell = cells + 2 * row * LANES + lane
            if state[cell + LANES] <= end:
                state[cell] = INF
        return
    for row in range(rows):
        # start = clock - row - (place - 1 - low)
        for place in range(max(1, clock - row - end + 1 + low), low + high + 2):
            state[cells + (row * (low + high + 3) + place) * LANES + lane] = INF


@inline
def settle(state: F1, constants: F1, divisors: int, table: I2, block: int, cells: int) -> None:
    """Report what is waiting where nothing that overlaps it can become better."""
    clock, rows, low, high = table[0, CLOCK], table[block, ROWS], table[block, LOW], table[block, HIGH]
    waiting, depth = table[block, WAITING], table[block, DEPTH]
    pending = table[block, PENDING]
    ready = pending & ~threatened(state, constants, divisors, waiting, depth, cells, rows, low, high, clock)
    while ready != 0:
        for lane in range(LANES):
            if (ready >> lane) & 1 == 0:
                continue
            here = waiting + lane
            report = table[0, REPORTS] + REPORT * table[0, FOUND]
            state[report] = (block - 1) * LANES + lane
            for field in range(FIELDS):
                state[report + 1 + field] = state[here + field * LANES]
            table[0, FOUND] += 1
            forget(state, lane, cells, rows, low, high, clock, int(state[here + END * LANES]))
            last = here + (depth - 1) * FIELDS * LANES
            for place in range(here, last, LANES):
                state[place] = state[place + FIELDS * LANES]
            state[last] = INF
        pending = lanes_of(load(state, waiting, LANES) < splat(INF, LANES))
        ready = ready & pending & ~threatened(state, constants, divisors, waiting, depth, cells, rows, low, high, clock)
    table[block, PENDING] = pending


@kernel
def advance(vectors: F1, constants: F1, state: F1, table: I2) -> int:
    """Take vectors, one after another in a flat array, up to the first that brings matches or cannot be compared.

    Returns:
        How many vectors passed before that one. The one that brings matches, `table[0, FOUND]` of them, is taken; one
        that cannot be compared is not, and has none.
    """
    dims, costs, rooted = table[0, DIMS], table[0, COSTS], table[0, ROOTED]
    weight = float(table[0, WEIGHT])
    table[0, FOUND] = 0
    count = int(len(vectors) // dims)
    for at in range(count):
        if missing(vectors, at * dims, dims, constants[0]):
            return at
        clock = table[0, CLOCK]
        for block in range(1, len(table)):
            rows, low, high, first = table[block, ROWS], table[block, LOW], table[block, HIGH], table[block, CONSTANTS]
            cells = table[block, CELLS]
            limits = first + (2 + rows) * dims * LANES
            measure(vectors, at * dims, dims, constants, first, rows, state, costs, rooted)
            if low < 0:
                warp(state, cells, costs, rows, weight, clock)
            else:
                warp_within(state, cells, costs, rows, low, high, weight, constants, limits + 3 * LANES)
            compete(state, constants, limits, table, block, cells)
            if table[block, PENDING] != 0:
                settle(state, constants, limits + 2 * LANES, table, block, cells)
        table[0, CLOCK] = clock + 1
        if table[0, FOUND] != 0:
            return at
    return count
