"""How well the past of a short series tells what comes, and how fast near states part.

- Foretelling: the mean square error of a forecast by the three nearest states (E. Lorenz, J. Atmospheric Sciences 26, 1969)
  and by the best linear one of the same states. Chance is told no better by neighbours than by a line; a law that bends is.
- Divergence: the mean logarithm of the distance of neighbours, as both go on (M. T. Rosenstein, J. J. Collins, C. J. De Luca,
  Physica D 65, 1993).
- Dimension: how fast the number of neighbours grows with the distance, at its likeliest (E. Levina, P. J. Bickel, NIPS 17,
  2004), the inverses averaged over the states (D. MacKay, Z. Ghahramani, 2005).
"""

from math import log

from midstream_cli.attractor.kernels.solving import solved
from midstream_cli.compiled.kernel import F1, inline
from midstream_cli.compiled.vectors import bits, fma, load, mask, select, splat, store

LANES = 8
"""States, or steps, side by side; beyond a series as many zeros are kept."""
NEIGHBOURS, KEPT = 3, 6
"""Those that foretell, and those whose distances tell the dimension."""
NEAR = KEPT + 1
"""Numbers of a state: squared distances of its neighbours, nearest first, and where the nearest is."""
LEAST_STATES = 30
FAR, TINY = 1e300, 1e-24
"""No squared distance is as large; one that is less is none: numbers of few digits repeat."""
STEPS, FEWEST = 24, 3
"""That neighbours are followed, a multiple of the lanes; and the fewest that a line is laid through, less one."""
FOLLOWED = 10
"""Pairs of a step, at least."""
APART = (0.25, 0.5)
"""Mean logarithm of the distance of states that have nothing to do with each other, of two coordinates and of three, in
standard deviations: what chaotic systems come to when followed for long."""
BELOW = 0.5
"""So far below it, in nats, neighbours part as fast as they do when near."""


@inline
def room(n: int) -> int:
    """Numbers that it takes beside the series: distances, neighbours, equations, and sums of each step."""
    return LANES + NEAR * n + LANES * n + 5 * LANES + 3 * STEPS


@inline
def foretell(scratch: F1, x: int, a: int, n: int, at: int) -> tuple[float, float, float, float]:
    """How far forecasts are off, in parts of the variance, by the nearest states and by a line; exponent and dimension.

    The latter are 0 where a line is as good, or nothing grows.

    Args:
        x: where the series begins, of variance 1; behind it are `LANES` zeros.
        a: where its autocorrelation begins.
        at: where there is as much room as `room` says.
    """
    jumps = scratch[a + 1] < 0.5
    delay = 1
    while not jumps and delay < n // 8 and scratch[a + delay] > 0.36787944117144233:
        delay += 1
    dims = 2 if jumps else 3
    ahead = dims * delay
    states = n - ahead
    if states < LEAST_STATES:
        return 1.0, 1.0, 0.0, 0.0
    near = at + LANES
    mean = 0.0
    for i in range(states):
        mean += scratch[x + i + ahead]
    mean /= states
    spread = 0.0
    missed = 0.0
    for i in range(states):
        truth = scratch[x + i + ahead]
        spread += (truth - mean) * (truth - mean)
        told = _as_neighbours_go(scratch, x, i, states, dims, delay, delay if jumps else 2 * delay, at, near + NEAR * i)
        missed += (truth - told) * (truth - told)
    if spread <= 0.0:
        return 1.0, 1.0, 0.0, 0.0
    rest = _linear(scratch, x, states, dims, delay, ahead, near + NEAR * n)
    nearest, linear = missed / spread, rest / spread * states / (states - dims - 1.0)
    if nearest >= linear:
        return nearest, linear, 0.0, 0.0
    return (
        nearest, linear, _divergence(scratch, x, n, states, dims, delay, near), _dimension(scratch, states, near),
    )  # fmt: skip


@inline
def _as_neighbours_go(
    scratch: F1, x: int, i: int, states: int, dims: int, delay: int, apart: int, work: int, near: int
) -> float:
    """Where the three states of the other half of the window that are nearest to one go, on average.

    A law holds in both halves; and of those near in time, none counts.
    """
    half = states // 2
    begin, end = (half, states) if i < half else (0, half)
    first, second, third = scratch[x + i], scratch[x + i + delay], scratch[x + i + (dims - 1) * delay]
    for k in range(KEPT):
        scratch[near + k] = FAR
    scratch[near + KEPT] = -1.0
    p0, p1, p2 = -1, -1, -1
    for block in range(begin, end, LANES):
        e = splat(first, LANES) - load(scratch, x + block, LANES)
        d = e * e
        e = splat(second, LANES) - load(scratch, x + block + delay, LANES)
        d = fma(e, e, d)
        if dims == 3:
            e = splat(third, LANES) - load(scratch, x + block + 2 * delay, LANES)
            d = fma(e, e, d)
        hits = bits(d < splat(scratch[near + KEPT - 1], LANES))
        if hits == 0:
            continue
        store(scratch, work, d)
        for lane in range(min(LANES, end - block)):
            j = block + lane
            if hits >> lane & 1 == 0 or abs(i - j) <= apart or scratch[work + lane] >= scratch[near + KEPT - 1]:
                continue
            distance = scratch[work + lane]
            place = KEPT - 1
            while place > 0 and distance < scratch[near + place - 1]:
                scratch[near + place] = scratch[near + place - 1]
                place -= 1
            scratch[near + place] = distance
            if place == 0:
                p2, p1, p0 = p1, p0, j
            elif place == 1:
                p2, p1 = p1, j
            elif place == 2:
                p2 = j
    scratch[near + KEPT] = float(p0)
    ahead = x + dims * delay
    y0 = scratch[ahead + p0] if p0 >= 0 else 0.0
    y1 = scratch[ahead + p1] if p1 >= 0 else 0.0
    y2 = scratch[ahead + p2] if p2 >= 0 else 0.0
    return (y0 + y1 + y2) / NEIGHBOURS


@inline
def _linear(scratch: F1, x: int, states: int, dims: int, delay: int, ahead: int, at: int) -> float:
    """What the best linear forecast leaves: normal equations of up to four unknowns, side by side."""
    size = dims + 1
    for i in range(states):
        row = at + LANES * i
        for p in range(LANES):
            scratch[row + p] = scratch[x + i + p * delay] if p < dims else 0.0
        scratch[row + dims] = 1.0
        scratch[row + size] = scratch[x + i + ahead]
    first, second, third, fourth = splat(0.0, LANES), splat(0.0, LANES), splat(0.0, LANES), splat(0.0, LANES)
    for i in range(states):
        row = at + LANES * i
        numbers = load(scratch, row, LANES)
        first = fma(splat(scratch[row], LANES), numbers, first)
        second = fma(splat(scratch[row + 1], LANES), numbers, second)
        third = fma(splat(scratch[row + 2], LANES), numbers, third)
        fourth = fma(splat(scratch[row + 3], LANES), numbers, fourth)
    solution = at + LANES * states
    wide = size + 1
    # each row overwrites what the one before has too much
    store(scratch, solution, first)
    store(scratch, solution + wide, second)
    store(scratch, solution + 2 * wide, third)
    store(scratch, solution + 3 * wide, fourth)
    for p in range(size):
        scratch[solution + p * wide + p] *= 1.0 + 1e-9
    solved(scratch, solution, size)
    rest = 0.0
    for i in range(states):
        told = scratch[solution + dims * wide + size]
        for p in range(dims):
            told += scratch[solution + p * wide + size] * scratch[x + i + p * delay]
        error = scratch[x + i + ahead] - told
        rest += error * error
    return rest


@inline
def _divergence(scratch: F1, x: int, n: int, states: int, dims: int, delay: int, near: int) -> float:
    """The growth of the distance of neighbours in nats a sample, or 0 where it does not grow.

    A line through the mean logarithms of their distances after one step, two, and so on, up to the last before states have
    nothing to do with each other any more, but four at least. What neighbours bring in the first step is chosen, and not theirs.
    """
    sums = near + NEAR * n + LANES * n + 5 * LANES
    counts, products = sums + STEPS, sums + 2 * STEPS
    for k in range(STEPS):
        scratch[sums + k], scratch[counts + k], scratch[products + k] = 0.0, 0.0, 1.0
    whole = n - (dims - 1) * delay
    for i in range(states):
        j = int(scratch[near + NEAR * i + KEPT])
        if j >= 0 and scratch[near + NEAR * i] >= TINY:
            _follow(scratch, x, i, j, whole, dims, delay, counts, products)
        if i % LANES == LANES - 1 or i == states - 1:
            # so many distances can be multiplied before they are too small
            for k in range(STEPS):
                scratch[sums + k] += log(scratch[products + k])
                scratch[products + k] = 1.0
    level = (APART[1] if dims == 3 else APART[0]) - BELOW
    count, mean, far = 0, 0.0, False
    for k in range(STEPS):
        if scratch[counts + k] < FOLLOWED:
            break
        height = 0.5 * scratch[sums + k] / scratch[counts + k]
        far = far or height >= level
        if far and k > FEWEST:
            break
        scratch[sums + k] = height
        count += 1
        mean += height
    if count <= FEWEST:
        return 0.0
    mean /= count
    middle = 0.5 * (count - 1)
    rise = 0.0
    for k in range(count):
        rise += (k - middle) * (scratch[sums + k] - mean)
    return max(0.0, rise / (count * (count * count - 1) / 12.0))


@inline
def _follow(scratch: F1, x: int, i: int, j: int, whole: int, dims: int, delay: int, counts: int, products: int) -> None:
    """Multiply the products of each step by the squared distance of two states after it, while both are known."""
    last = whole - 1 - max(i, j)
    one, none = splat(1.0, LANES), splat(0.0, LANES)
    for k in range(0, min(STEPS, last), LANES):
        d = none
        for c in range(dims):
            e = load(scratch, x + i + 1 + k + c * delay, LANES) - load(scratch, x + j + 1 + k + c * delay, LANES)
            d = fma(e, e, d)
        known = mask((1 << min(LANES, last - k)) - 1, LANES) & (d > splat(TINY, LANES))
        store(scratch, products + k, load(scratch, products + k, LANES) * select(known, d, one))
        store(scratch, counts + k, load(scratch, counts + k, LANES) + select(known, one, none))


@inline
def _dimension(scratch: F1, states: int, near: int) -> float:
    """The inverse of the mean logarithm of how much farther the farthest neighbour is than the others; 0 if it is no more."""
    total, count = 0.0, 0
    for i in range(states):
        at = near + NEAR * i
        farthest = scratch[at + KEPT - 1]
        if scratch[at] < TINY or farthest >= FAR:
            continue
        ratios = 1.0
        for k in range(KEPT - 1):
            ratios *= farthest / scratch[at + k]
        total += 0.5 * log(ratios)
        count += KEPT - 1
    return count / total if total > 0.0 else 0.0
