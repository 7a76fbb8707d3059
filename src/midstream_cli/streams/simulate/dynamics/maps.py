"""Maps: the next state is a function of this one, and there is no time but the count of steps."""

from collections.abc import Callable, Iterator
from math import cos, sin
from typing import TypeAlias

import numpy as np

from midstream_cli.streams.simulate.dynamics.blocks import Blocks, Course, after, blocks

State: TypeAlias = tuple[float, ...]
Step: TypeAlias = Callable[..., State]

SETTLING = 1000
"""Steps to the attractor."""


def logistic(x: float) -> State:
    """The logistic map at its most chaotic, x' = 4 x (1 - x)."""
    return (4.0 * x * (1.0 - x),)


def henon(x: float, y: float) -> State:
    """Hénon (1976): x' = 1 - 1.4 x^2 + y, y' = 0.3 x."""
    return 1.0 - 1.4 * x * x + y, 0.3 * x


def ikeda(x: float, y: float) -> State:
    """Ikeda (1979), light in a ring: z' = 1 + 0.9 z exp(i (0.4 - 6 / (1 + |z|^2)))."""
    turn = 0.4 - 6.0 / (1.0 + x * x + y * y)
    c, s = cos(turn), sin(turn)
    return 1.0 + 0.9 * (x * c - y * s), 0.9 * (x * s + y * c)


def course(step: Step, near: State) -> Course:
    """How a map moves from a random place near a state."""

    def move(_: float, random: np.random.Generator) -> Blocks:
        start = tuple(value + 0.05 * float(random.random()) for value in near)
        return blocks(after(_orbit(step, start), SETTLING))

    return move


def _orbit(step: Step, state: State) -> Iterator[State]:
    while True:
        yield state
        state = step(*state)
