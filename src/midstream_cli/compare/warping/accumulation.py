"""The least accumulated cost of aligning two sequences, and the path: by compiled kernels, or by numpy where that is sooner.

Loading the kernels costs as much as a hundred short alignments by numpy. Until that much time has gone by with numpy, a
job that is shorter still is done by it.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from midstream_cli.compare.kernels import (
    asymmetric,
    corridor,
    numbers,
    pair,
    paths,
    skewed,
    table,
    vector_pair,
    vectors,
)
from midstream_cli.compare.kernels.costs import NO_PATH, OTHERWISE
from midstream_cli.compare.warping import diagonals, magnitude
from midstream_cli.compiled import machine
from midstream_cli.compiled.kernel import VARIABLE, Kernel
from midstream_cli.compiled.vectors import aligned
from midstream_cli.errors import UsageError
from midstream_cli.frames import Float64, Int64

LOADING_US = 35_000.0
"""What loading compiled kernels costs, in microseconds of processor time."""

MOST_CELLS = 1 << 31
"""Of an alignment: each needs two bits or a byte until the path is found."""

Computed = tuple[float, tuple[int, Int64 | None]]
"""The cost, the column where the path ends, and the path."""

NOTHING = np.zeros(0, np.int64)
NO_BYTES = np.zeros(0, np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """What is asked of an alignment."""

    step_pattern: str
    squared: bool
    keep: bool
    """The path is wanted."""
    up_first: bool
    open_begin: bool = False
    open_end: bool = False
    per_step: bool = False
    """The open end is where the cost over n + j + 1 is least."""
    limits: tuple[Int64, Int64] | None = None
    """First and last column of each row that the path may visit; None for all."""

    def flags(self) -> int:
        """For the kernels."""
        chosen = {
            table.SQUARED: self.squared,
            table.DOUBLE: self.step_pattern == "symmetric2",
            table.KEEP: self.keep,
            table.UP_FIRST: self.up_first,
            table.OPEN_BEGIN: self.open_begin,
            table.OPEN_END: self.open_end,
            table.PER_STEP: self.per_step,
            table.BANDED: self.limits is not None,
        }
        return sum(flag for flag, held in chosen.items() if held)


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What was computed."""

    cost: float
    exponent: int
    """Of the power of two that the cost must be multiplied by."""
    end: int
    """The column where the path ends."""
    path: Int64 | None


_spent_us = 0.0


def accumulated(a: Float64, b: Float64, plan: Plan) -> Found:
    """The least accumulated cost of two finite sequences (frames, dims).

    Raises:
        UsageError: the window allows no path, or keeping the path takes more memory than is sensible.
    """
    global _spent_us  # noqa: PLW0603 - one process, one engine to load
    n, m = len(a), len(b)
    widest = m if plan.limits is None else int((plan.limits[1] - plan.limits[0]).max()) + 1
    if plan.keep and n * widest > MOST_CELLS:
        raise UsageError(
            f"an alignment of {n} with {m} vectors is too large",
            "narrow it with a window, or compare shorter stretches",
        )
    cost_us = _numpy_us(a, b, plan)
    if _spent_us + cost_us < LOADING_US and not machine.is_loaded(_kernel(a.shape[1], plan).module):
        _spent_us += cost_us
        ordinary = magnitude.is_ordinary(a, b)
        run: Callable[..., Computed] = _by_numpy
    else:
        ordinary, run = True, _by_kernel
    if ordinary:
        cost, other = run(a, b, plan)
        if cost != OTHERWISE:
            return _checked(Found(cost, 0, *other))
    cost, exponent, other = magnitude.with_care(lambda x, y: run(x, y, plan, table.TRUSTED), a, b, squared=plan.squared)
    return _checked(Found(cost, exponent, *other))


def _checked(found: Found) -> Found:
    if found.cost >= NO_PATH:
        raise UsageError("the window allows no path between the sequences", "widen it, or leave it out")
    return found


def _kernel(dims: int, plan: Plan) -> Kernel[..., Any]:
    if plan.step_pattern == "asymmetric":
        return asymmetric.asymmetric
    closed = not (plan.open_begin or plan.open_end)
    whole = closed and plan.limits is None
    if dims > 1:
        return vector_pair.vector_pair if whole and not plan.keep else vectors.vectors
    if whole:
        return paths.paths if plan.keep else pair.pair
    if closed and plan.limits is not None and plan.step_pattern == "symmetric1" and not plan.keep:
        return corridor.corridor if corridor.is_wide(*plan.limits) else numbers.numbers
    return numbers.numbers


def _numpy_us(a: Float64, b: Float64, plan: Plan) -> float:
    """How long numpy takes; for ever for what it cannot do."""
    if plan.step_pattern == "asymmetric" or plan.open_begin or plan.open_end:
        return LOADING_US
    n, m = len(a), len(b)
    cells = n * m if plan.limits is None else int((plan.limits[1] - plan.limits[0] + 1).sum())
    return diagonals.predicted_us(n, m, a.shape[1], cells)


def _by_numpy(a: Float64, b: Float64, plan: Plan, flags: int = 0) -> Computed:  # noqa: ARG001 - as kernels are called
    n, m = len(a), len(b)
    first, final = plan.limits or (np.zeros(n, np.int64), np.full(n, m - 1))
    double = plan.step_pattern == "symmetric2"
    if not plan.keep:
        cost = diagonals.accumulate(a[None], b, first, final, double=double, squared=plan.squared)
        return float(cost[0]), (m - 1, None)
    with np.errstate(over="ignore"):
        found, path = diagonals.align(a, b, first, final, double=double, squared=plan.squared, up_first=plan.up_first)
    return found, (m - 1, path)


def entry(kernel: Kernel[..., Any], *, hold_gil: bool) -> Any:
    """A kernel's machine code, or as long as there is to be none, the function as written."""
    return _entry(kernel, hold_gil, os.environ.get(VARIABLE) == "off")


@cache
def _entry(kernel: Kernel[..., Any], hold_gil: bool, off: bool) -> Any:
    # rows that are not there are infinitely far, by overflow
    return np.errstate(over="ignore")(kernel.python) if off else kernel.function(hold_gil=hold_gil)


def _by_kernel(a: Float64, b: Float64, plan: Plan, flags: int = 0) -> Computed:
    n, m, dims = len(a), len(b), a.shape[1]
    how = plan.flags() | flags
    kernel = _kernel(dims, plan)
    run = entry(kernel, hold_gil=False)
    first, final = plan.limits or (NOTHING, NOTHING)
    # other threads run meanwhile, and may write into what was given
    a, b = a.copy(), b.copy()
    x, y = a.reshape(-1), b.reshape(-1)
    if kernel is pair.pair:
        return run(x, y, aligned(pair.room(n, m)), how), (m - 1, None)
    if kernel is corridor.corridor:
        return run(x, y, first, final, aligned(corridor.room(n, m)), how), (m - 1, None)
    if kernel is paths.paths:
        path, words = np.empty((n + m, 2), np.int64), np.empty(paths.words_room(n, m), np.int64)
        cost = run(x, y, aligned(paths.room(n, m)), words, path, how)
        return cost, (m - 1, path[path.item(0) :] if cost >= 0.0 else None)
    if kernel is vector_pair.vector_pair:
        return run(a, b, aligned(vector_pair.room(min(n, m), max(n, m), dims)), how), (m - 1, None)
    if plan.step_pattern == "asymmetric":
        columns = np.empty(n, np.int64)
        steps = np.empty(n * m, np.uint8) if plan.keep else NO_BYTES
        cost = run(x, y, dims, first, final, np.empty(asymmetric.room(m, dims)), steps, columns, how)
        return cost, (int(columns[-1]), np.column_stack([np.arange(n), columns]) if plan.keep else None)
    lanes = numbers.LANES if dims == 1 else skewed.LANES
    path = np.empty((n + m if plan.keep else 1, 2), np.int64)
    words = np.empty(words_room(n, m, lanes, plan.limits), np.int64) if plan.keep else NOTHING
    if dims == 1:
        cost = run(x, y, first, final, aligned(numbers.room(n, m)), words, path, how)
    else:
        cost = run(x, y, dims, first, final, aligned(vectors.room(n, m, dims)), words, path, how)
    start, end = path[0].tolist()
    return cost, (end, path[start:] if plan.keep and 0 <= cost < NO_PATH else None)


def words_room(n: int, m: int, lanes: int, limits: tuple[Int64, Int64] | None) -> int:
    """Words that keeping the path takes."""
    tiles = -(-n // lanes)
    steps = tiles * (m + lanes + 1)
    if limits is not None:
        edges = np.maximum(np.arange(tiles + 1) * lanes - (tiles * lanes - n), 0)
        steps = int((limits[1][edges[1:] - 1] - limits[0][edges[:-1]] + lanes + 2).sum())
    return tiles + 2 * steps
