"""The pieces of work of the comparison, and how far ahead midstream is to be in each."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from compare_timing import Clock
from compare_work import Pair, Rows, Search, Stream, Tokens, Windows, Work, revised, tokens, walk, warped


@dataclass(frozen=True, slots=True)
class Bar:
    """How many times as long others are to take, at least."""

    at_least: float
    of: str
    """The call of ours that it is about."""
    over: str = ""
    """Another call of ours; where empty, the fastest peer."""


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """One table."""

    title: str
    kind: str
    """What libraries call their ways of doing it."""
    work: Work
    bars: tuple[Bar, ...] = ()
    cells: int = 0
    """Of dynamic time warping, in all; 0 where they are not what counts."""
    clock: Clock = time.process_time

    @property
    def dims(self) -> int:
        """Of one cell."""
        work = self.work
        return work.first.shape[1] if isinstance(work, Pair) and work.first.ndim > 1 else 1


def within(n: int, band: int | None) -> int:
    """Cells of a square matrix that a band leaves."""
    return n * n if band is None else n * n - (n - band) * (n - band - 1)


def pairs(rng: np.random.Generator) -> list[Task]:
    """One pair at a time."""
    made = []
    for n, (plain, similar, path) in {64: (12.0, 0.0, 8.0), 1000: (18.0, 12.0, 20.0)}.items():
        pair = Pair(walk(rng, n), walk(rng, n))
        alike = Pair(pair.first, warped(rng, pair.first))
        cells = n * n
        title = f"{n:,} x {n:,}"
        made += [
            Task(title, "distance", pair, (Bar(plain, "distance"),), cells),
            Task(f"{title}, a similar pair", "distance", alike, (Bar(similar, "distance"),) if similar else (), cells),
            Task(f"{title} with path", "path", pair, (Bar(path, "dtw(alignment=True)"),), cells),
        ]
    n, band = 10_000, 500
    pair = Pair(walk(rng, n), walk(rng, n), band)
    made.append(Task("10,000 x 10,000, 5 % band", "distance", pair, (Bar(25.0, "distance"),), within(n, band)))
    for dims, bar in ((8, 9.0), (64, 11.0)):
        pair = Pair(walk(rng, 64, dims, axis=0), walk(rng, 64, dims, axis=0))
        made.append(Task(f"64 x 64, {dims} dimensions", "distance", pair, (Bar(bar, "distance"),), 64 * 64))
    return made


def matrices(rng: np.random.Generator) -> list[Task]:
    """All pairs of a set."""
    rows, n, band = walk(rng, 200, 128), 128, 6
    count = len(rows) * (len(rows) - 1) // 2
    return [
        Task("200 x 128, all pairs", "matrix", Rows(rows), (Bar(28.0, "pairwise(jobs=1)"),), count * n * n),
        Task(
            "200 x 128, 5 % band", "matrix", Rows(rows, band), (Bar(16.0, "pairwise(jobs=1)"),), count * within(n, band)
        ),
        Task(
            "200 x 128, all pairs, two cores, wall clock",
            "matrix",
            Rows(rows, workers=2),
            (Bar(1.8, "pairwise(jobs=2)", "pairwise(jobs=1)"),),
            clock=time.perf_counter,
        ),
    ]


def streams(rng: np.random.Generator) -> list[Task]:
    """Templates against every window of a stream, and a query in a long series."""
    length, dims = 64, 8
    stream = walk(rng, 1000 + length - 1, dims, axis=0)
    windows = np.lib.stride_tricks.sliding_window_view(stream, length, axis=0).swapaxes(1, 2)
    templates = walk(rng, 16, length, dims, axis=1)
    series, query = walk(rng, 100_000), walk(rng, length)
    return [
        Task(
            "1,000 windows x 16 signatures of 64 x 8",
            "windows",
            Windows(np.ascontiguousarray(windows), templates, stream),
            (Bar(12.0, "batch.distances"), Bar(40.0, "SlidingWindow"), Bar(200.0, "SPRING")),
        ),
        Task("16 signatures of 64 x 8, the best match of each in 1,063 frames", "stream", Stream(stream, templates)),
        Task("64 frames in 100,000", "search", Search(query, series), (Bar(40.0, "find"),), len(series) * length),
        Task(
            "64 frames in 100,000, z-normalised, 5 % band",
            "scaled_search",
            Search(query, series, 3),
            (Bar(10.0, "find(normalise=True)"),),
        ),
        Task("64 frames in 100,000, position by position", "profile", Search(query, series)),
        Task("64 frames in 100,000, position by position, z-normalised", "scaled_profile", Search(query, series)),
    ]


def token_sequences(rng: np.random.Generator) -> list[Task]:
    """Token sequences by edit distance and by longest common subsequence."""
    made = []
    first = tokens(rng, 1000)
    second = revised(rng, first)
    windows, templates = tokens(rng, 1000, 64), tokens(rng, 16, 64)
    for measure, title, bar in (("levenshtein", "Levenshtein", 2.3), ("lcs", "LCS", 2.0)):
        pair, many = Tokens(first, second, measure), Tokens(windows, templates, measure)
        made += [
            Task(f"{title} of 1,000 tokens", "tokens", pair, (Bar(bar, "distance of arrays"),)),
            Task(f"{title} of 1,000 tokens with operations", "operations", pair, (Bar(2.4, "operations of arrays"),)),
            Task(f"{title} of 1,000 x 16, 64 tokens each", "token_windows", many, (Bar(3.5, "distances of arrays"),)),
        ]
    return made


def tasks() -> list[Task]:
    """All of them, on the same data every time."""
    rng = np.random.default_rng(1)
    makers: tuple[Callable[[np.random.Generator], list[Task]], ...] = (pairs, matrices, streams, token_sequences)
    return [task for make in makers for task in make(rng)]
