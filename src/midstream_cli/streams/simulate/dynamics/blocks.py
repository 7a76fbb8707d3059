"""States of a system, block by block and without end."""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import TypeAlias

import numpy as np

from midstream_cli.frames import Float64

Blocks: TypeAlias = Iterator[Float64]
"""Each of shape (rows, coordinates)."""

Course: TypeAlias = Callable[[float, np.random.Generator], Blocks]
"""How a system moves: (samples a second, what is random) to its states, sampled at 0, 1/rate, 2/rate, ... s."""

ROWS = 1024


def blocks(states: Iterator[tuple[float, ...]]) -> Blocks:
    """Gather states that come one at a time and never end."""
    while True:
        yield np.array(list(islice(states, ROWS)), np.float64)


def after(states: Iterator[tuple[float, ...]], settling: int) -> Iterator[tuple[float, ...]]:
    """What remains when the first states are passed over."""
    return islice(states, settling, None)
