"""A learnt map that runs on its own, with a tangent vector that it carries along."""

from math import log, sqrt

from midstream_cli.compiled.kernel import F1, F2, I1, inline, kernel

HALVINGS = 8
"""Times that an exponent is halved before its power series is summed, and the sum squared again."""

LEAST = -50.0
"""Below it the exponential is taken for what it is here, 2e-22."""


@inline
def _exponential(x: float) -> float:
    """exp(x) of a number not above 0, to nine digits; a loop of it becomes a loop of vectors, which one of the library's does not."""
    y = max(x, LEAST) / (1 << HALVINGS)
    total = 1.0 + y / 8.0
    total = 1.0 + y / 7.0 * total
    total = 1.0 + y / 6.0 * total
    total = 1.0 + y / 5.0 * total
    total = 1.0 + y / 4.0 * total
    total = 1.0 + y / 3.0 * total
    total = 1.0 + y / 2.0 * total
    total = 1.0 + y * total
    for _ in range(HALVINGS):
        total *= total
    return total


@inline
def _weigh(centres: F2, radial: F1, narrow: float, states: F2, s: int, bumps: F1) -> None:
    """The radial basis functions of a state, each times its weight."""
    count = centres.shape[1]
    for j in range(count):
        bumps[j] = 0.0
    for c in range(centres.shape[0]):
        z = states[s, c]
        for j in range(count):
            d = centres[c, j] - z
            bumps[j] += d * d
    for j in range(count):
        bumps[j] = radial[j] * _exponential(narrow * bumps[j])


@inline
def _shift(states: F2, tangents: F2, s: int, value: float, pull: float) -> float:
    """Put a new value and a new first component of the tangent in front; how long the tangent, made a unit, had become."""
    size = states.shape[1]
    total = 1e-300 + pull * pull
    for c in range(size - 1, 0, -1):
        states[s, c] = states[s, c - 1]
        tangents[s, c] = tangents[s, c - 1]
        total += tangents[s, c] * tangents[s, c]
    states[s, 0] = value
    tangents[s, 0] = pull
    length = sqrt(total)
    for c in range(size):
        tangents[s, c] /= length
    return length


@kernel
def free_run(
    centres: F2, radial: F1, linear: F1, width: float, begin: F2, tangents: F2, steps: int, unsettled: int, low: float,
    high: float, bumps: F1, growth: F1, inside: I1,
) -> None:  # fmt: skip
    """Run the map from each start, and sum the logarithm of how much a tangent vector grows.

    Args:
        centres: of the radial basis functions, shape (dimension, count).
        radial: their weights; `linear`: those of the delay vector's values, newest first, and of 1.
        begin: delay vectors, shape (starts, dimension), replaced by where they have come to; `tangents` alike.
        unsettled: so many steps do not count.
        low, high: a value beyond is brought back, and its start is not inside any more.
        bumps: scratch, shape (count,).
        growth: of each start, nats; zeros before.
        inside: of each start, ones before.
    """
    size, count = centres.shape
    narrow = -0.5 / (width * width)
    for s in range(begin.shape[0]):
        for k in range(steps):
            _weigh(centres, radial, narrow, begin, s, bumps)
            value = float(linear[size])
            pull = 0.0
            for c in range(size):
                value += linear[c] * begin[s, c]
            for j in range(count):
                value += bumps[j]
            for c in range(size):
                z = begin[s, c]
                along = 0.0
                for j in range(count):
                    along += bumps[j] * (centres[c, j] - z)
                pull += (linear[c] - 2.0 * narrow * along) * tangents[s, c]
            if value < low or value > high:
                inside[s] = 0
                value = min(max(value, low), high)
            length = _shift(begin, tangents, s, value, pull)
            if k >= unsettled:
                growth[s] += log(length)
