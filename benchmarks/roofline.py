"""What this machine can do at most: loops that only compute, in registers, with nothing to load and nothing to keep.

A cell of dynamic time warping with squared costs is a difference, two minima and a multiply-add; each further dimension
adds a difference and a multiply-add. How many of those one core makes in a second is the limit of any kernel that
computes every cell.
"""

import time
from dataclasses import dataclass

from midstream_cli.compiled.kernel import F1, Kernel, kernel
from midstream_cli.compiled.vectors import REGISTER, aligned, fma, last, load, minimum, minimum_cost, splat

W = 64 if REGISTER == 8 else 4 * REGISTER
"""Lanes computed at once: all that the registers hold, so that no multiply-add waits for the one before."""

ROUNDS, TURNS = 15, 200_000


@kernel
def warping_cells(values: F1, turns: int) -> float:
    """Cells of one dimension, `W` a turn."""
    first, now, before = load(values, 0, W), load(values, W, W), load(values, 2 * W, W)
    above = splat(1e300, W)
    for turn in range(turns):
        difference = first - splat(values[turn & 7], W)
        reached = fma(difference, difference, minimum(minimum(now, before), above))
        before = now
        now = reached
    least: float = last(minimum(now, before))
    return least


@kernel
def warping_cells_as_bits(values: F1, turns: int) -> float:
    """The same; one of the minima compares costs as whole numbers, which other ports of the core do."""
    first, now, before = load(values, 0, W), load(values, W, W), load(values, 2 * W, W)
    above = splat(1e300, W)
    for turn in range(turns):
        difference = first - splat(values[turn & 7], W)
        reached = fma(difference, difference, minimum_cost(minimum(now, before), above))
        before = now
        now = reached
    least: float = last(minimum(now, before))
    return least


@kernel
def squared_differences(values: F1, turns: int) -> float:
    """One more dimension of as many cells."""
    first, total = load(values, 0, W), load(values, W, W)
    for turn in range(turns):
        difference = first - splat(values[turn & 7], W)
        total = fma(difference, difference, total)
    whole: float = last(total)
    return whole


@dataclass(frozen=True, slots=True)
class Limit:
    """Seconds that one core takes for a cell at least."""

    cell_s: float
    """Of one dimension."""
    dimension_s: float
    """Of each further dimension."""

    def fraction(self, cells: int, dims: int, seconds: float) -> float:
        """How much of the limit was reached by computing so many cells in so many seconds."""
        return cells * (self.cell_s + (dims - 1) * self.dimension_s) / seconds

    def row(self) -> dict[str, object]:
        """One line of a table."""
        return {"cells of one dimension": 1e-9 / self.cell_s, "further dimensions": 1e-9 / self.dimension_s}


def measured() -> Limit:
    """The limit of this machine, now: the best of several rounds."""
    return Limit(min(_seconds(warping_cells), _seconds(warping_cells_as_bits)), _seconds(squared_differences))


def _seconds(loop: Kernel[..., float]) -> float:
    """Processor seconds a cell, in the fastest round."""
    values = aligned(3 * W)
    values[:] = range(len(values))
    times = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        loop(values, TURNS)
        times.append(time.process_time() - begun)
    return min(times) / (TURNS * W)
