"""Flows: ordinary differential equations in three coordinates, by Runge and Kutta's method of fourth order."""

from collections.abc import Callable, Iterator
from math import ceil, cos
from typing import TypeAlias

import numpy as np

from midstream_cli.streams.simulate.dynamics.blocks import Blocks, Course, after, blocks

State: TypeAlias = tuple[float, float, float]
Slope: TypeAlias = Callable[[float, float, float], State]


def lorenz(x: float, y: float, z: float) -> State:
    """Lorenz (1963), convection: sigma 10, rho 28, beta 8/3."""
    return 10.0 * (y - x), x * (28.0 - z) - y, x * y - 8.0 / 3.0 * z


def rossler(x: float, y: float, z: float) -> State:
    """Rössler (1976): a 0.2, b 0.2, c 5.7."""
    return -y - z, x + 0.2 * y, 0.2 + z * (x - 5.7)


def ueda(x: float, v: float, t: float) -> State:
    """Ueda (1979), Duffing's oscillator without a linear spring: x'' + 0.05 x' + x^3 = 7.5 cos t."""
    return v, 7.5 * cos(t) - 0.05 * v - x * x * x, 1.0


def van_der_pol(x: float, v: float, _: float) -> State:
    """Van der Pol (1926): x'' - (1 - x^2) x' + x = 0."""
    return v, (1.0 - x * x) * v - x, 0.0


def course(slope: Slope, near: State, longest_s: float, settling_s: float) -> Course:
    """How a flow moves from a random place near a state.

    Args:
        longest_s: the longest step.
        settling_s: how long it takes to the attractor.
    """

    def move(rate_hz: float, random: np.random.Generator) -> Blocks:
        between = ceil(1.0 / (rate_hz * longest_s))
        # the third coordinate may be the time, which begins at 0
        x, y = (value + 0.1 * float(random.random()) for value in near[:2])
        states = _walk(slope, (x, y, near[2]), 1.0 / rate_hz / between, between)
        return blocks(after(states, ceil(settling_s * rate_hz)))

    return move


def _walk(slope: Slope, state: State, step: float, between: int) -> Iterator[State]:
    x, y, z = state
    half, sixth = step / 2.0, step / 6.0
    while True:
        yield x, y, z
        for _ in range(between):
            x1, y1, z1 = slope(x, y, z)
            x2, y2, z2 = slope(x + half * x1, y + half * y1, z + half * z1)
            x3, y3, z3 = slope(x + half * x2, y + half * y2, z + half * z2)
            x4, y4, z4 = slope(x + step * x3, y + step * y3, z + step * z3)
            x += sixth * (x1 + 2.0 * (x2 + x3) + x4)
            y += sixth * (y1 + 2.0 * (y2 + y3) + y4)
            z += sixth * (z1 + 2.0 * (z2 + z3) + z4)
