"""Signals of which every value is known in closed form, and noise."""

from collections.abc import Callable, Iterator
from math import pi, sqrt

import numpy as np

from midstream_cli.frames import Float64
from midstream_cli.streams.simulate.dynamics.blocks import ROWS, Blocks, Course

SECOND_TONE = sqrt(2.0)
"""Irrational, so that the two tones of a torus never meet again."""

DECAY = 0.05
"""Of the damped oscillation, per second."""

MEMORY = 0.9
"""Of the autoregressive noise, from one sample to the next."""


def sine(time_s: Float64, phases: Float64) -> Float64:
    """One tone of 1 Hz."""
    tone: Float64 = np.sin(2 * pi * time_s + phases[0])
    return tone


def torus(time_s: Float64, phases: Float64) -> Float64:
    """Tones of 1 Hz and of the square root of two."""
    second: Float64 = np.sin(2 * pi * SECOND_TONE * time_s + phases[1])
    return sine(time_s, phases) + 0.7 * second


def damped(time_s: Float64, phases: Float64) -> Float64:
    """A tone of 1 Hz that dies away."""
    faded: Float64 = np.exp(-DECAY * time_s) * sine(time_s, phases)
    return faded


def course(signal: Callable[[Float64, Float64], Float64]) -> Course:
    """How a signal goes, beginning at random phases."""

    def move(rate_hz: float, random: np.random.Generator) -> Blocks:
        phases = random.uniform(0, 2 * pi, 2)
        return (signal(number / rate_hz, phases)[:, None] for number in _numbers())

    return move


def white_noise(_: float, random: np.random.Generator) -> Blocks:
    """Normal variates, independent of one another."""
    while True:
        yield random.standard_normal((ROWS, 1))


def ar1(_: float, random: np.random.Generator) -> Blocks:
    """Autoregressive noise of variance 1: x' = 0.9 x + e."""
    fresh = sqrt(1 - MEMORY**2)
    x = float(random.standard_normal())
    while True:
        values = []
        for kick in random.standard_normal(ROWS).tolist():
            values.append(x)
            x = MEMORY * x + fresh * kick
        yield np.array(values)[:, None]


def _numbers() -> Iterator[Float64]:
    start = 0
    while True:
        yield np.arange(start, start + ROWS, dtype=np.float64)
        start += ROWS
