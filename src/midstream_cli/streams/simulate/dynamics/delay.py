"""Mackey and Glass (1977), the making of blood: a flow that remembers, x' = 0.2 x(t - tau) / (1 + x(t - tau)^10) - 0.1 x.

Runge and Kutta's method of fourth order; the past between two steps is Hermite's cubic through their values and slopes,
so that any step goes with any delay.
"""

from collections.abc import Iterator
from math import ceil

import numpy as np

from midstream_cli.streams.simulate.dynamics.blocks import Blocks, Course, after, blocks

LONGEST_S = 0.1
SETTLING_DELAYS = 60
"""So many delays it takes to the attractor."""

Weights = tuple[float, float, float, float]


def production(past: float) -> float:
    """What is made, by what there was a delay before."""
    squared = past * past
    fourth = squared * squared
    return 0.2 * past / (1.0 + fourth * fourth * squared)


def course(tau_s: float) -> Course:
    """How it moves, from a random constant past."""

    def move(rate_hz: float, random: np.random.Generator) -> Blocks:
        between = ceil(1.0 / (rate_hz * min(LONGEST_S, tau_s)))
        start = 0.9 + 0.4 * float(random.random())
        states = _walk(start, tau_s, 1.0 / rate_hz / between, between)
        return blocks(after(states, ceil(SETTLING_DELAYS * tau_s * rate_hz)))

    return move


def _walk(x: float, tau_s: float, step: float, between: int) -> Iterator[tuple[float]]:
    length = ceil(tau_s / step - 1e-9)
    begin, middle = length - tau_s / step, length - tau_s / step + 0.5
    # the half step may lie beyond the next value
    later = int(middle >= 1.0)
    first, second = _hermite(max(begin, 0.0), step), _hermite(middle - later, step)
    # values and slopes of the last `length` steps and of this one, oldest first, round in circles
    size = length + 1
    values, slopes = [x] * size, [0.0] * size
    slopes[-1] = production(x) - 0.1 * x
    half, sixth = step / 2.0, step / 6.0
    oldest = 0
    past = x
    while True:
        yield (x,)
        for _ in range(between):
            now = production(past)
            k1 = now - 0.1 * x
            i = (oldest + later) % size
            j = (i + 1) % size
            k = production(_between(second, values[i], values[j], slopes[i], slopes[j]))
            k2 = k - 0.1 * (x + half * k1)
            k3 = k - 0.1 * (x + half * k2)
            i = (oldest + 1) % size
            j = (i + 1) % size
            past = _between(first, values[i], values[j], slopes[i], slopes[j])
            k4 = production(past) - 0.1 * (x + step * k3)
            x += sixth * (k1 + 2.0 * (k2 + k3) + k4)
            values[oldest], slopes[oldest] = x, production(past) - 0.1 * x
            oldest = (oldest + 1) % size


def _hermite(share: float, step: float) -> Weights:
    """Of the two values and the two slopes, so far between the first and the second."""
    s2, s3 = share * share, share**3
    return 2 * s3 - 3 * s2 + 1, 3 * s2 - 2 * s3, (s3 - 2 * s2 + share) * step, (s3 - s2) * step


def _between(weights: Weights, a: float, b: float, slope_a: float, slope_b: float) -> float:
    return weights[0] * a + weights[1] * b + weights[2] * slope_a + weights[3] * slope_b
