"""All pairs of many sequences compared, on vectors of pairs and on all cores."""

import os
from collections.abc import Callable, Hashable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from midstream_cli.compare.kernels.tiles import LANES
from midstream_cli.compare.many.batch import by_diagonals, compiled_pays
from midstream_cli.compare.many.blocks import Rows, accumulated, block_of, rows_of
from midstream_cli.compare.many.ways import Way, distances_of, share, vanished, way_of
from midstream_cli.compare.names import edit_batch
from midstream_cli.compare.warping import magnitude
from midstream_cli.compare.warping.convention import Convention, chosen
from midstream_cli.compare.warping.dtw import Library, Metric, dtw, sequence
from midstream_cli.compare.warping.euclidean import euclidean
from midstream_cli.compare.warping.values import numbers
from midstream_cli.errors import UsageError
from midstream_cli.frames import Float64

Algorithm = Literal["dtw", "euclidean", "lcs", "edit"]

FEW_NUMBERS, FEW_VECTORS, SHORT = 8, 20, 128
"""Fewer sequences than fill vectors of pairs go pair by pair, unless they are so short that calls cost more than cells."""

ROWS_OF_A_TASK = 256
"""Sequences that a thread compares with a block before it tells of it."""

Progress = Callable[[int, int], None]
"""Is told how many pairs are done, and of how many."""


def pairwise(
    series: Sequence[Any],
    *,
    algorithm: Algorithm = "dtw",
    window: float | None = None,
    step_pattern: Literal["symmetric1", "symmetric2"] | None = None,
    metric: Metric | None = None,
    convention: Library | None = None,
    independent: bool = False,
    normalised: bool = True,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> Float64:
    """Distances of all pairs of sequences, as `dtw`, `euclidean`, `lcs` and `edit_distance` have them.

    Args:
        series: n sequences of shape (n_i,) or (n_i, dims); of names, for `lcs` and `edit`.
        window: positions may differ by so many at most (Sakoe-Chiba); None for any.
        convention: the library whose number is wanted, for the same arguments.
        independent: each dimension is warped on its own, and their distances are added.
        normalised: over the lengths; of `symmetric1`, which has no such length, as they are.
        jobs: threads; as many as there are processors by default.
        progress: called as pairs get done.

    Returns:
        Shape (n, n), symmetric, 0 on the diagonal.

    Raises:
        UsageError: two sequences cannot be compared, or are too far apart or too near for a number; a name is unknown.
    """
    if jobs is not None and jobs < 1:
        raise UsageError(f"{jobs} threads do nothing", "ask for 1 at least")
    told = _Told(progress, len(series))
    if algorithm in ("lcs", "edit"):
        found = _of_names(series, algorithm, jobs or _processors(), normalised=normalised)
        told.more(told.whole)
        return found
    if algorithm not in ("dtw", "euclidean"):
        raise UsageError(f"no algorithm is called {algorithm!r}", "known are dtw, euclidean, lcs, edit")
    values = _sequences(series)
    if algorithm == "euclidean":
        return _one_by_one(values, lambda a, b: _apart(a, b, normalised=normalised), 1, told)
    known = chosen(convention, step_pattern, metric)
    if known.step_pattern == "asymmetric":
        raise UsageError("asymmetric steps do not compare both ways alike", "choose symmetric2 or symmetric1")
    lengths = np.array([len(each) for each in values], np.int64)
    way = _way(known, window, lengths)
    options: dict[str, Any] = {
        "window": window,
        "step_pattern": step_pattern,
        "metric": metric,
        "convention": convention,
    }
    if way == "uneven" or _alone_pays(values, lengths):
        found = _one_by_one(values, lambda a, b: dtw(a, b, independent=independent, **options).distance, jobs, told)
    else:
        parts = [values]
        if independent and values:
            parts = [[each[:, d : d + 1] for each in values] for d in range(values[0].shape[1])]
        found = np.zeros((len(values), len(values)))
        for part in parts if len(values) > 1 else []:
            told.of(len(parts))
            found += _warped(part, known, way, options, jobs, told)
    return found / share(lengths, lengths, known) if normalised else found


class _Told:
    """Counts pairs for somebody who waits."""

    def __init__(self, progress: Progress | None, n: int) -> None:
        self.progress, self.pairs, self.whole, self.done = progress, n * (n - 1) // 2, n * (n - 1) // 2, 0

    def of(self, parts: int) -> None:
        self.whole = self.pairs * parts

    def more(self, pairs: int) -> None:
        self.done += pairs
        if self.progress:
            self.progress(self.done, self.whole)


def _sequences(series: Sequence[npt.ArrayLike]) -> list[Float64]:
    """Finite, non-empty arrays of shape (n_i, dims)."""
    values = [numbers(each, f"sequence {i}") for i, each in enumerate(series)]
    values = [each[:, None] if each.ndim == 1 else each for each in values]
    shapes = {each.shape[1:] for each in values}
    sound = len(shapes) < 2 and all(each.ndim == 2 and each.size for each in values)
    if not sound or not np.isfinite(np.concatenate(values or [np.zeros(0)])).all():
        # one by one, to tell which is at fault
        for i, each in enumerate(values):
            if sequence(each, f"sequence {i}").shape[1] != values[0].shape[1]:
                raise UsageError(
                    f"sequence 0 has vectors of {values[0].shape[1]} dimensions, sequence {i} of {each.shape[1]}",
                    "compare what was measured with the same feature",
                )
    return values


def _way(known: Convention, window: float | None, lengths: npt.NDArray[np.int64]) -> Way | Literal["uneven"]:
    """What the kernels do; uneven, where pairs must be compared one by one.

    Raises:
        UsageError: the window allows no path between some.
    """
    shortest, longest = (int(lengths.min()), int(lengths.max())) if len(lengths) else (1, 1)
    way = way_of(known, window, longest, shortest)
    if way != "uneven" and way.window is not None and way.window < longest - shortest:
        raise UsageError(
            f"a window of {window} allows no path between {shortest} and {longest} vectors",
            f"widen it to {longest - shortest} at least, or leave it out",
        )
    return way


def _warped(
    values: list[Float64], known: Convention, way: Way, options: dict[str, Any], jobs: int | None, told: _Told
) -> Float64:
    """Distances of all pairs."""
    # near in length, so that little of a block is padding
    order = np.argsort([len(each) for each in values], kind="stable")
    rows = rows_of([values[i] for i in order])
    exponent = magnitude.exponent(rows.frames)
    ordinary = rows._replace(frames=magnitude.scaled(rows.frames, exponent))
    if _compiled_pays(ordinary):
        costs = _by_blocks(ordinary, way, jobs, told)
    else:
        costs = _by_diagonals(ordinary, way)
        told.more(told.pairs)
    costs = np.triu(costs, 1)
    lost = np.empty((0, 2), np.int64)
    if not magnitude.is_ordinary(rows.frames):
        lost = np.argwhere(np.triu(vanished(costs, known), 1))
        costs[lost[:, 0], lost[:, 1]] = 0.0
    upper = distances_of(costs, exponent, known)
    for i, j in lost.tolist():
        upper[i, j] = dtw(values[order[i]], values[order[j]], **options).distance
    whole = upper + upper.T
    if (order[1:] > order[:-1]).all():
        return whole
    found = np.empty(whole.shape)
    found[np.ix_(order, order)] = whole
    return found


def _compiled_pays(rows: Rows) -> bool:
    n, dims = int(rows.lengths.mean()), rows.frames.shape[1]
    count, kinds = len(rows.lengths), len(np.unique(rows.lengths))
    return compiled_pays(max(1, count // (2 * kinds)), n, n, dims, count * kinds)


def _by_blocks(rows: Rows, way: Way, jobs: int | None, told: _Told) -> Float64:
    """Costs of each pair (i, j), i < j; what stands elsewhere has no meaning."""
    n = len(rows.starts)
    found = np.zeros((n, n))
    # the block that is not full comes first, where it has the fewest rows
    ends = range((n - 1) % LANES + 1, n + 1, LANES)
    tasks = [
        _Task(max(0, end - LANES), end, first, min(first + ROWS_OF_A_TASK, end - 1))
        for end in reversed(ends)
        for first in range(0, end - 1, ROWS_OF_A_TASK)
    ]
    blocks = {end: block_of(rows, range(max(0, end - LANES), end)) for end in ends}

    def run(task: _Task) -> tuple[_Task, Float64]:
        return task, accumulated(rows, task.first, task.stop, blocks[task.end], way)

    for task, costs in _each(run, tasks, jobs):
        found[task.first : task.stop, task.begin : task.end] = costs[:, : task.end - task.begin]
        told.more(int((task.end - np.maximum(task.begin, np.arange(task.first, task.stop) + 1)).sum()))
    return found


class _Task(NamedTuple):
    """Some sequences, against one block."""

    begin: int
    """The first sequence of the block."""
    end: int
    first: int
    stop: int


def _each(run: Callable[[Any], Any], tasks: Sequence[Any], jobs: int | None) -> Iterable[Any]:
    """What all tasks give, by several threads."""
    threads = min(jobs or _processors(), len(tasks))
    if threads < 2:
        yield from map(run, tasks)
        return
    with ThreadPoolExecutor(threads) as pool:
        yield from pool.map(run, tasks)


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _by_diagonals(rows: Rows, way: Way) -> Float64:
    """The same in numpy."""
    n = len(rows.starts)
    found = np.zeros((n, n))
    for length in np.unique(rows.lengths):
        begin, end = np.searchsorted(rows.lengths, [length, length + 1])
        for j in range(begin + 1, n):
            alike = slice(begin, min(j, end))
            template = rows.frames[rows.starts[j] : rows.starts[j] + rows.lengths[j]]
            own = rows._replace(starts=rows.starts[alike], lengths=rows.lengths[alike])
            found[alike, j] = by_diagonals(own, [template], way)[:, 0]
    return found


def _alone_pays(values: list[Float64], lengths: npt.NDArray[np.int64]) -> bool:
    """Whether single pairs are faster than many side by side."""
    few = FEW_NUMBERS if values and values[0].shape[1] == 1 else FEW_VECTORS
    return len(values) < few and int(lengths.max(initial=0)) > SHORT


def _one_by_one(
    values: list[Float64], apart: Callable[[Float64, Float64], float], jobs: int | None, told: _Told
) -> Float64:
    """Distances pair by pair."""
    found = np.zeros((len(values), len(values)))

    def run(pair: tuple[int, int]) -> tuple[int, int, float]:
        i, j = pair
        return i, j, apart(values[i], values[j])

    for i, j, distance in _each(run, list(combinations(range(len(values)), 2)), jobs):
        found[i, j] = found[j, i] = distance
        told.more(1)
    return found


def _apart(a: Float64, b: Float64, *, normalised: bool) -> float:
    found = euclidean(a, b)
    return found.normalised if normalised else found.distance


def _of_names(series: Sequence[Sequence[Hashable]], algorithm: Any, jobs: int, *, normalised: bool) -> Float64:
    """Edits between all pairs of sequences of names."""
    lengths = np.array([len(names) for names in series], np.int64)
    empty = np.flatnonzero(lengths == 0)
    if len(empty) > 1:
        raise UsageError(f"sequences {empty[0]} and {empty[1]} are empty", "there is nothing to compare")
    found = edit_batch.distances(series, series, algorithm, jobs=jobs).astype(np.float64)
    return found / np.maximum(np.maximum.outer(lengths, lengths), 1) if normalised else found
