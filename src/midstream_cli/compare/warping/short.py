"""Whole short sequences, aligned in scratch that is kept: for calls of a microsecond.

The kernels hold the interpreter, so that no other thread meets them in the scratch.
"""

import math
from typing import Any

import numpy as np

from midstream_cli.compare.kernels import numbers, vector_pair, vectors
from midstream_cli.compare.kernels.pair import pair as whole_pair
from midstream_cli.compare.kernels.table import DOUBLE, KEEP, SQUARED, UP_FIRST
from midstream_cli.compare.warping.accumulation import entry
from midstream_cli.compare.warping.alignment import Alignment
from midstream_cli.compare.warping.convention import CONVENTIONS, METRICS, Convention, chosen
from midstream_cli.compiled import machine
from midstream_cli.compiled.vectors import aligned
from midstream_cli.errors import UsageError
from midstream_cli.frames import Int64

SCRATCH = 1 << 16
"""Numbers of scratch that are kept for short sequences."""

WORDS = 1 << 15
"""And words for their paths."""

How = tuple[int, bool, bool]
"""Flags for the kernels, whether a root follows, and whether n + m normalises."""

pair: Any = None
"""The kernel for distances of numbers, once it is loaded: `pair(a, b, scratch, flags)`."""
_numbers: Any = None
_vectors: Any = None
"""Those for paths."""
_vector_pair: Any = None
"""The one for distances of vectors."""
scratch = np.empty(0)
_words = np.empty(0, np.int64)
_nothing = np.empty(0, np.int64)
_one_row = np.empty((1, 2), np.int64)


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
    global pair, _numbers, _vectors, _vector_pair, scratch, _words  # noqa: PLW0603 - one scratch, held with the interpreter
    if scratch.size == 0:
        scratch, _words = aligned(SCRATCH), np.empty(WORDS, np.int64)
    if pair is None and machine.is_loaded(whole_pair.module):
        pair = entry(whole_pair, hold_gil=True)
    if _numbers is None and machine.is_loaded(numbers.numbers.module):
        _numbers = entry(numbers.numbers, hold_gil=True)
    if _vectors is None and machine.is_loaded(vectors.vectors.module):
        _vectors = entry(vectors.vectors, hold_gil=True)
    if _vector_pair is None and machine.is_loaded(vector_pair.vector_pair.module):
        _vector_pair = entry(vector_pair.vector_pair, hold_gil=True)


def vectors_apart(a: Any, b: Any, flags: int) -> float:
    """Cost of two short sequences of vectors, in scratch that is kept; -1 where it must be done otherwise."""
    try:
        cost: float = _vector_pair(a, b, scratch, flags)
    except TypeError:
        return -1.0
    return cost


def whole(  # noqa: PLR0911 - whatever does not fit is done otherwise
    a: Any, b: Any, how: How | None, *, alignment: bool
) -> Alignment | None:
    """Whole short sequences, in scratch that is kept; None where it must be done otherwise."""
    if how is None or type(a) is not np.ndarray or type(b) is not np.ndarray or a.ndim != b.ndim:
        return None
    if a.ndim == 2 and not alignment:
        cost = vectors_apart(a, b, how[0])
        return _alignment(cost, how, len(a) + len(b), None) if cost >= 0.0 else None
    if (_numbers if a.ndim == 1 else _vectors if a.ndim == 2 else None) is None:
        return None
    flags = how[0]
    n, m, dims = len(a), len(b), a.shape[-1] if a.ndim == 2 else 1
    path = _one_row
    if not n * m * dims > 0 or vectors.room(n, m, dims) > SCRATCH or (a.ndim == 2 and b.shape[1] != dims):
        return None
    if alignment:
        # two words for each step of each tile, whichever kernel it is
        if (n // vectors.LANES + 2) * (m + 2 * numbers.LANES) > WORDS // 2:
            return None
        path, flags = np.empty((n + m, 2), np.int64), flags | KEEP
    try:
        if a.ndim == 1:
            cost = _numbers(a, b, _nothing, _nothing, scratch, _words, path, flags)
        else:
            cost = _vectors(a.reshape(-1), b.reshape(-1), dims, _nothing, _nothing, scratch, _words, path, flags)
    except TypeError:
        return None
    if cost < 0.0:
        return None
    return _alignment(cost, how, n + m, path[path.item(0) :] if alignment else None)


def _alignment(cost: float, how: How, steps: int, path: Int64 | None) -> Alignment:
    _, rooted, per_step = how
    if rooted:
        cost = math.sqrt(cost)
    return Alignment(cost, cost / steps if per_step else math.nan, path)
