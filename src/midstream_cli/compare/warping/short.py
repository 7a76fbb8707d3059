"""Whole short sequences, aligned in scratch that is kept: for calls of a microsecond.

The kernels hold the interpreter, so that no other thread meets them in the scratch.
"""

import math
from typing import Any

import numpy as np

from midstream_cli.compare.kernels import pair as of_pair
from midstream_cli.compare.kernels import paths as of_paths
from midstream_cli.compare.kernels import skewed, vector_pair, vectors
from midstream_cli.compare.kernels.table import DOUBLE, KEEP, SQUARED, UP_FIRST
from midstream_cli.compare.warping.accumulation import entry
from midstream_cli.compare.warping.alignment import Alignment, made
from midstream_cli.compare.warping.convention import CONVENTIONS, METRICS, Convention, chosen
from midstream_cli.compiled import machine
from midstream_cli.compiled.vectors import aligned
from midstream_cli.errors import UsageError
from midstream_cli.frames import Int64

SCRATCH = 1 << 16
"""Numbers of scratch that are kept for short sequences,"""

SHORT = 1 << 13
"""of which so many for sequences of numbers: the longest take a millisecond,"""

WORDS = 1 << 16
"""and words for their paths."""

How = tuple[int, bool, bool]
"""Flags for the kernels, whether a root follows, and whether n + m normalises."""

pair: Any = None
"""The kernel for distances of what came last, numbers or vectors: `pair(a, b, scratch, flags)`; a TypeError else."""
_number_pair: Any = None
_vector_pair: Any = None
"""Both, once they are loaded."""
_paths: Any = None
_vectors: Any = None
"""Those for paths."""
_empty, _int64 = np.empty, np.int64
"""To be looked up in a module as large as numpy takes a thirtieth of such a call."""
_scratch = np.empty(0)
_short = np.empty(0)
"""For vectors, and for numbers."""
scratch = _short
"""For `pair`."""
_words = np.empty(0, np.int64)
_nothing = np.empty(0, np.int64)


def _how(known: Convention) -> How:
    double = known.step_pattern == "symmetric2"
    flags = SQUARED * (known.metric == "squared") | DOUBLE * double | UP_FIRST * known.up_first
    return flags, known.rooted, double


def _table() -> dict[tuple[str | None, str | None, str | None], How]:
    found = {}
    for name in (None, *CONVENTIONS):
        for steps in (None, "symmetric1", "symmetric2"):
            for metric in (None, *METRICS):
                try:
                    found[name, steps, metric] = _how(chosen(name, steps, metric))
                except UsageError:
                    continue
    return found


HOW = _table()


def arm() -> None:
    """Keep scratch for short sequences, as soon as the kernels are in memory."""
    global pair, _number_pair, _vector_pair, _paths, _vectors, scratch, _short, _scratch, _words  # noqa: PLW0603 - one scratch, held with the interpreter
    if scratch.size == 0:
        _scratch, _words = aligned(SCRATCH), np.empty(WORDS, np.int64)
        scratch = _short = _scratch[:SHORT]
    if _number_pair is None and machine.is_loaded(of_pair.pair.module):
        _number_pair = entry(of_pair.pair, hold_gil=True)
        pair = pair or _number_pair
    if _paths is None and machine.is_loaded(of_paths.paths.module):
        _paths = entry(of_paths.paths, hold_gil=True)
    if _vectors is None and machine.is_loaded(vectors.vectors.module):
        _vectors = entry(vectors.vectors, hold_gil=True)
    if _vector_pair is None and machine.is_loaded(vector_pair.vector_pair.module):
        _vector_pair = entry(vector_pair.vector_pair, hold_gil=True)


def other_kind(a: Any, b: Any, flags: int) -> float:
    """Cost of two sequences of another kind than the last, to which the next are then thought to belong.

    Returns:
        -1 where it must be done otherwise.
    """
    # an exception at each call would cost as much as a short alignment
    global pair, scratch
    kernel, room = (_vector_pair, _scratch) if scratch is _short else (_number_pair, _short)
    try:
        cost: float = kernel(a, b, room, flags)
    except TypeError:
        return -1.0
    if cost >= 0.0:
        pair, scratch = kernel, room
    return cost


def with_path(a: Any, b: Any, how: How) -> Alignment | None:
    """Two whole short sequences and their path; None where it must be done otherwise."""
    try:
        steps = len(a) + len(b)
        path = _empty((steps, 2), _int64)
        cost = _paths(a, b, _short, _words, path, how[0])
    except TypeError:
        return _vectors_with_path(a, b, how)
    if cost < 0.0:
        return None
    if how[1]:
        cost = math.sqrt(cost)
    return made(Alignment, (cost, cost / steps if how[2] else math.nan, path[path.item(0) :], ()))


def _vectors_with_path(a: Any, b: Any, how: How) -> Alignment | None:
    if _vectors is None or type(a) is not np.ndarray or type(b) is not np.ndarray or not a.ndim == b.ndim == 2:
        return None
    n, m, dims = len(a), len(b), a.shape[1]
    if not n * m * dims > 0 or vectors.room(n, m, dims) > SCRATCH or b.shape[1] != dims:
        return None
    # two words for each step of each tile
    if (n // skewed.LANES + 2) * (m + 2 * skewed.LANES) > WORDS // 2:
        return None
    path = np.empty((n + m, 2), np.int64)
    try:
        cost = _vectors(a.reshape(-1), b.reshape(-1), dims, _nothing, _nothing, _scratch, _words, path, how[0] | KEEP)
    except TypeError:
        return None
    return _alignment(cost, how, n + m, path[path.item(0) :]) if cost >= 0.0 else None


def _alignment(cost: float, how: How, steps: int, path: Int64 | None) -> Alignment:
    _, rooted, per_step = how
    if rooted:
        cost = math.sqrt(cost)
    return made(Alignment, (cost, cost / steps if per_step else math.nan, path, ()))
