"""A system, sampled at even times, piece by piece, with noise of a chosen strength."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from midstream_cli.errors import UsageError
from midstream_cli.frames import Float64, StreamInfo
from midstream_cli.recordings import NumericRecording
from midstream_cli.streams.simulate.dynamics import delay
from midstream_cli.streams.simulate.dynamics.blocks import Blocks
from midstream_cli.streams.simulate.dynamics.systems import SYSTEMS, System

SAMPLES = 5000
"""Where nothing else is asked for."""

START_NS = 1_760_000_000_000_000_000
"""When the first sample is taken: an arbitrary instant of Unix time, so that the same seed gives the same stream."""

SPREAD_BLOCKS = 4
"""Of the coordinates' standard deviations, by which noise is scaled: so many blocks without noise tell them."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """How a system is observed."""

    rate_hz: float | None = None
    """Samples a second; the system's own where it is not given."""
    samples: float = SAMPLES
    """`inf` never ends."""
    seed: int = 1
    """Of where the system begins, and of the noise."""
    noise: float = 0.0
    """Standard deviation of white noise on each coordinate, as a share of the coordinate's own."""
    columns: str = ""
    """The coordinates that are seen, as in `x` or `x,z`; all where none is named."""
    tau_s: float = 17.0
    """The delay of what has one."""

    def __post_init__(self) -> None:
        """Refuse what cannot be.

        Raises:
            UsageError: a value is out of range.
        """
        for name, value, low, high in (
            ("rate", 1.0 if self.rate_hz is None else self.rate_hz, 0.001, 1e6),
            ("samples", self.samples, 1, math.inf),
            ("seed", self.seed, 0, 2**63),
            ("noise", self.noise, 0.0, 1e6),
            ("tau", self.tau_s, 0.001, 1000.0),
        ):
            if not low <= value <= high:
                raise UsageError(f"{name} cannot be {value:g}", f"choose from {low:g} to {high:g}")
        if math.isfinite(self.samples) and self.samples != int(self.samples):
            raise UsageError(f"samples cannot be {self.samples:g}", "give a whole number, or inf")


DEFAULT = Sampling()


def simulate(name: str, sampling: Sampling = DEFAULT) -> Iterator[NumericRecording]:
    """The samples of a system, piece by piece, in bounded memory; the same arguments give the same stream.

    Two samplings that differ in their noise show the same course, and so do two that differ in their columns.

    Raises:
        UsageError: there is no such system or coordinate.
    """
    if name not in SYSTEMS:
        raise UsageError(f"no system is called {name!r}", f"known are {', '.join(SYSTEMS)}")
    system = SYSTEMS[name]
    return _pieces(name, sampling, _seen(name, system, sampling.columns))


def series(name: str, sampling: Sampling = DEFAULT) -> Float64:
    """The samples of a system that ends, shape (samples, columns).

    Raises:
        UsageError: there is no such system or coordinate, or the samples have no end.
    """
    if math.isinf(sampling.samples):
        raise UsageError("a series has an end", "say how many samples there are")
    return np.concatenate([piece.matrix() for piece in simulate(name, sampling)])


def _seen(name: str, system: System, columns: str) -> tuple[str, ...]:
    chosen = tuple(filter(None, columns.split(","))) or system.columns
    for column in chosen:
        if column not in system.columns:
            raise UsageError(f"{name} has no column {column!r}", f"choose from {','.join(system.columns)}")
    if len(set(chosen)) < len(chosen):
        raise UsageError(f"a column is there once, not as in {columns}", f"choose from {','.join(system.columns)}")
    return chosen


def _pieces(name: str, sampling: Sampling, seen: tuple[str, ...]) -> Iterator[NumericRecording]:
    system = SYSTEMS[name]
    rate_hz = system.rate_hz if sampling.rate_hz is None else sampling.rate_hz
    course = delay.course(sampling.tau_s) if name == "mackey_glass" else system.course
    info = StreamInfo(source=f"demo://{name}", format="demo", kind="numeric", clock="host")
    states = course(rate_hz, np.random.default_rng([sampling.seed, 0]))
    first = 0
    for block in _noisy(states, sampling):
        rows = block[: int(min(len(block), sampling.samples - first))]
        number = np.arange(first, first + len(rows))
        columns = {name: np.ascontiguousarray(rows[:, system.columns.index(name)]) for name in seen}
        yield NumericRecording(info, START_NS + np.rint(number * (1e9 / rate_hz)).astype(np.int64), columns)
        first += len(rows)
        if first >= sampling.samples:
            return


def _noisy(states: Blocks, sampling: Sampling) -> Blocks:
    if not sampling.noise:
        yield from states
        return
    waiting = [next(states) for _ in range(SPREAD_BLOCKS)]
    spread = sampling.noise * np.concatenate(waiting).std(axis=0)
    random = np.random.default_rng([sampling.seed, 1])
    for block in waiting:
        yield block + spread * random.standard_normal(block.shape)
    for block in states:
        yield block + spread * random.standard_normal(block.shape)
