"""Maps of radial basis functions: their design matrix, their gradients, and what they do when they run on their own.

A map is a weighted sum of bumps around centres and of a delay vector's own values. States stand in columns, newest value
in the first row, and LANES of them are worked on at once.
"""

from math import log

from midstream_cli.compiled.kernel import F1, F2, I1, inline, kernel
from midstream_cli.compiled.vectors import (
    REGISTER,
    Lanes,
    flat,
    fma,
    from_pattern,
    lane,
    load,
    maximum,
    minimum,
    pattern,
    root,
    select,
    splat,
    store,
)

LANES = 2 * REGISTER
"""States that are worked on at once; a kernel is given as many at least."""

LEAST = -690.0
"""Below it the exponential is taken for what it is here, 2e-300."""

TO_TWOS, LN2_HIGH, LN2_LOW = 1.4426950408889634, 0.693147180369123816490, 1.90821492927058770002e-10

ROUNDING = 6755399441055744.0
"""Added to a number, it leaves the nearest whole one in the last bits."""


@inline
def exponential(x: Lanes) -> Lanes:
    """exp(x) of numbers not above 0, to fourteen digits: two to a whole power, and a power series of what is left."""
    x = maximum(x, splat(LEAST, LANES))
    rounded = fma(x, splat(TO_TWOS, LANES), splat(ROUNDING, LANES))
    whole = rounded - splat(ROUNDING, LANES)
    x = fma(whole, splat(-LN2_HIGH, LANES), x)
    x = fma(whole, splat(-LN2_LOW, LANES), x)
    total = splat(1 / 39916800, LANES)
    for factorial in (3628800, 362880, 40320, 5040, 720, 120, 24, 6, 2, 1, 1):
        total = fma(total, x, splat(1.0 / factorial, LANES))
    return from_pattern(pattern(total) + (pattern(rounded) << splat(52, LANES)))


@inline
def _bump(states: F1, at: int, stride: int, centres: F2, j: int, narrow: float) -> Lanes:
    """A bump's value at LANES states; value c of them stands at `at` + c `stride`."""
    total = splat(0.0, LANES)
    for c in range(centres.shape[1]):
        d = load(states, at + c * stride, LANES) - splat(centres[j, c], LANES)
        total = fma(d, d, total)
    return exponential(total * splat(narrow, LANES))


@kernel
def bumps(states: F2, centres: F2, width: float, out: F2) -> None:
    """The value of every bump at every state.

    Args:
        states: shape (dimension, n), n at least `LANES`.
        centres: shape (count, dimension).
        out: its first rows become the values, shape (count or more, n).
    """
    n = states.shape[1]
    z, found = flat(states), flat(out)
    narrow = -0.5 / (width * width)
    for j in range(centres.shape[0]):
        for i in range(0, n, LANES):
            # the last of them are done twice rather than fewer of them
            first = min(i, n - LANES)
            store(found, j * n + first, _bump(z, first, n, centres, j, narrow))


@inline
def _value(z: F1, at: int, stride: int, centres: F2, weights: F1, narrow: float) -> Lanes:
    """What follows LANES states; `weights` are those of the bumps, of the values, and of 1."""
    count, size = centres.shape
    value = splat(weights[count + size], LANES)
    for c in range(size):
        value = fma(load(z, at + c * stride, LANES), splat(weights[count + c], LANES), value)
    for j in range(count):
        value = fma(_bump(z, at, stride, centres, j, narrow), splat(weights[j], LANES), value)
    return value


@kernel
def ahead(states: F2, centres: F2, weights: F1, width: float, steps: int, far: float, work: F1, out: F1) -> None:
    """Where a map is after so many steps.

    Args:
        states: shape (dimension, n), n at least `LANES`.
        weights: of the bumps, of the states' values, and of 1; shape (count + dimension + 1,).
        far: values beyond are brought back to it.
        work: scratch, shape (dimension * LANES,).
        out: shape (n,).
    """
    size, n = states.shape
    narrow = -0.5 / (width * width)
    z = flat(states)
    for i in range(0, n, LANES):
        first = min(i, n - LANES)
        for c in range(size):
            store(work, c * LANES, load(z, first + c * n, LANES))
        for _ in range(steps):
            value = _value(work, 0, LANES, centres, weights, narrow)
            for c in range(size - 1, 0, -1):
                store(work, c * LANES, load(work, (c - 1) * LANES, LANES))
            store(work, 0, maximum(minimum(value, splat(far, LANES)), splat(-far, LANES)))
        store(out, first, load(work, 0, LANES))


@kernel
def gradients(states: F2, centres: F2, weights: F1, width: float, out: F2) -> None:
    """The gradient of a map at each state.

    Args:
        states: shape (dimension, n), n at least `LANES`.
        weights: as of `ahead`.
        out: shape (dimension, n).
    """
    size, n = states.shape
    count = centres.shape[0]
    narrow = -0.5 / (width * width)
    z, found = flat(states), flat(out)
    for i in range(0, n, LANES):
        first = min(i, n - LANES)
        for c in range(size):
            store(found, first + c * n, splat(weights[count + c], LANES))
        for j in range(count):
            pull = _bump(z, first, n, centres, j, narrow) * splat(-2.0 * narrow * weights[j], LANES)
            for c in range(size):
                at = first + c * n
                d = splat(centres[j, c], LANES) - load(z, at, LANES)
                store(found, at, fma(pull, d, load(found, at, LANES)))


@inline
def _stepped(work: F1, centres: F2, weights: F1, narrow: float, low: float, high: float, inside: Lanes) -> Lanes:
    """Run LANES states and their tangents a step; 0 instead of 1 for those that have left the bounds."""
    count, size = centres.shape
    value, pull = splat(weights[count + size], LANES), splat(0.0, LANES)
    for c in range(size):
        weight = splat(weights[count + c], LANES)
        value = fma(load(work, c * LANES, LANES), weight, value)
        pull = fma(load(work, (size + c) * LANES, LANES), weight, pull)
    for j in range(count):
        distance, along = splat(0.0, LANES), splat(0.0, LANES)
        for c in range(size):
            d = splat(centres[j, c], LANES) - load(work, c * LANES, LANES)
            distance = fma(d, d, distance)
            along = fma(d, load(work, (size + c) * LANES, LANES), along)
        bump = exponential(distance * splat(narrow, LANES)) * splat(weights[j], LANES)
        value = value + bump
        pull = fma(bump * splat(-2.0 * narrow, LANES), along, pull)
    for c in range(size - 1, 0, -1):
        store(work, c * LANES, load(work, (c - 1) * LANES, LANES))
        store(work, (size + c) * LANES, load(work, (size + c - 1) * LANES, LANES))
    bounded = maximum(minimum(value, splat(high, LANES)), splat(low, LANES))
    store(work, 0, bounded)
    store(work, size * LANES, pull)
    return select(bounded == value, inside, splat(0.0, LANES))


@inline
def _shortened(work: F1, size: int) -> Lanes:
    """Make LANES tangents units; how long they had become."""
    total = splat(1e-300, LANES)
    for c in range(size, 2 * size):
        v = load(work, c * LANES, LANES)
        total = fma(v, v, total)
    length = root(total)
    shorter = splat(1.0, LANES) / length
    for c in range(size, 2 * size):
        store(work, c * LANES, load(work, c * LANES, LANES) * shorter)
    return length


@kernel
def free_run(
    states: F2, tangents: F2, centres: F2, weights: F1, width: float, steps: int, unsettled: int, low: float, high: float,
    work: F1, growth: F1, inside: I1,
) -> None:  # fmt: skip
    """Run a map from each state, and sum the logarithm of how much a tangent vector grows.

    Args:
        states: where it begins, shape (dimension, n), n at least `LANES`; `tangents` alike.
        weights: as of `ahead`.
        unsettled: so many steps do not count.
        low, high: a value beyond is brought back, and its start is not inside any more.
        work: scratch, shape (2 * dimension * LANES,).
        growth: of each start, nats.
        inside: of each start: 1 or 0.
    """
    size, n = states.shape
    narrow = -0.5 / (width * width)
    z, v = flat(states), flat(tangents)
    for i in range(0, n, LANES):
        first = min(i, n - LANES)
        for c in range(size):
            store(work, c * LANES, load(z, first + c * n, LANES))
            store(work, (size + c) * LANES, load(v, first + c * n, LANES))
        for s in range(LANES):
            growth[first + s] = 0.0
        stays = splat(1.0, LANES)
        for k in range(steps):
            stays = _stepped(work, centres, weights, narrow, low, high, stays)
            length = _shortened(work, size)
            if k >= unsettled:
                for s in range(LANES):
                    growth[first + s] += log(lane(length, s))
        for s in range(LANES):
            inside[first + s] = 1 if lane(stays, s) > 0.5 else 0
