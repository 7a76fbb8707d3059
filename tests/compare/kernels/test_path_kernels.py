"""Kernels that leave out what no path crosses, keep the path, or keep to a wide window: beside the one that does all."""

import math
import os
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from midstream_cli.compare.kernels import corridor, numbers, pair, paths, straight, table
from midstream_cli.compare.kernels.costs import OTHERWISE
from midstream_cli.compiled.kernel import VARIABLE
from midstream_cli.frames import Float64, Int64
from strategies import few, seeds

NOTHING = np.zeros(0, np.int64)


def cells(a: Float64, b: Float64, how: int, width: int) -> float:
    """The recurrence, one cell after the other, within ``|i - j| <= width``."""
    n, m = len(a), len(b)
    found = [[math.inf] * m for _ in range(n)]
    for i in range(n):
        for j in range(max(0, i - width), min(m, i + width + 1)):
            squared = float(((a[i] - b[j]) ** 2).sum())
            cost = squared if how & table.SQUARED else math.sqrt(squared)
            ways = [cost] if i == j == 0 else []
            if i and j:
                ways.append(found[i - 1][j - 1] + cost * (2 if how & table.DOUBLE else 1))
            if i:
                ways.append(found[i - 1][j] + cost)
            if j:
                ways.append(found[i][j - 1] + cost)
            found[i][j] = min(ways, default=math.inf)
    return found[-1][-1]


kinds = st.sampled_from([0, table.SQUARED, table.DOUBLE, table.SQUARED | table.DOUBLE])


def close(got: float, expected: float) -> bool:
    return got == expected or math.isclose(got, expected, rel_tol=1e-12)


@pytest.fixture(autouse=True, scope="module")
def _far_rows() -> Iterator[None]:
    """Rows that are not there are infinitely far, by overflow."""
    with np.errstate(over="ignore"):
        yield


def kept(a: Float64, b: Float64, how: int, limits: tuple[Int64, Int64] | None = None) -> tuple[float, Int64]:
    """Cost and path by the kernel for every form of the table, which leaves nothing out."""
    n, m = len(a), len(b)
    first, final = limits or (NOTHING, NOTHING)
    words, path = np.zeros((n // 8 + 2) * (2 * m + 200), np.int64), np.zeros((n + m, 2), np.int64)
    flags = how | table.KEEP | (table.BANDED if limits else 0)
    cost = numbers.numbers(a, b, first, final, np.zeros(numbers.room(n, m)), words, path, flags)
    return cost, path[path[0, 0] :]


def alike(seed: int, n: int, m: int, kind: str) -> tuple[Float64, Float64]:
    """Two sequences of numbers of which one is more or less the other."""
    random = np.random.default_rng(seed)
    if kind == "tied":
        return random.integers(0, 3, n).astype(np.float64), random.integers(0, 3, m).astype(np.float64)
    if kind == "constant":
        return np.full(n, 2.0), np.full(m, 2.0)
    a = random.normal(0, 1, n).cumsum()
    if kind == "unrelated":
        return a, random.normal(0, 1, m).cumsum()
    times = np.cumsum(random.uniform(0.5, 1.5, m))
    b = np.interp(np.linspace(times[0], times[-1], m), times / times[-1] * n, np.resize(a, m))
    return a, np.asarray(b + random.normal(0, 0.1, m), np.float64)


lengths_long = st.sampled_from([1, 31, 33, 64, 161, 192, 193, 200, 224, 255, 256, 257, 300, 389]).map(
    # as they are written, kernels take a second for the longer ones
    lambda n: n if os.environ.get(VARIABLE) != "off" else min(n, 70)
)
sorts = st.sampled_from(["tied", "constant", "unrelated", "similar"])
steps = st.sampled_from([0, 1, 2, 3, table.UP_FIRST, table.UP_FIRST | table.SQUARED])


@few
@given(seed=seeds, n=lengths_long, m=lengths_long, kind=sorts, how=kinds)
@example(seed=1, n=389, m=389, kind="similar", how=1)
@example(seed=1, n=224, m=389, kind="similar", how=2)
@example(seed=1, n=389, m=161, kind="tied", how=3)
def test_columns_that_no_path_crosses_are_not_missed(seed: int, n: int, m: int, kind: str, how: int) -> None:
    a, b = alike(seed, n, m, kind)
    found = pair.pair(a, b, np.full(pair.room(n, m), np.nan), how)
    assert close(found, kept(a, b, how)[0])


@few
@given(seed=seeds, n=lengths_long, m=lengths_long, kind=sorts, how=steps)
@example(seed=1, n=389, m=389, kind="similar", how=9)
@example(seed=1, n=300, m=389, kind="tied", how=2)
@example(seed=1, n=389, m=224, kind="tied", how=8)
def test_the_path_is_the_one_of_the_whole_table(seed: int, n: int, m: int, kind: str, how: int) -> None:
    a, b = alike(seed, n, m, kind)
    path = np.zeros((n + m, 2), np.int64)
    found = paths.paths(a, b, np.full(paths.room(n, m), np.nan), np.zeros(paths.words_room(n, m), np.int64), path, how)
    cost, expected = kept(a, b, how)
    assert close(found, cost)
    np.testing.assert_array_equal(path[path[0, 0] :], expected)


@pytest.mark.parametrize(("n", "m"), [(1, 1), (1, 40), (40, 1), (33, 20), (70, 66)])
@pytest.mark.parametrize("how", [0, 2, 9])
def test_the_path_as_written_is_the_one_that_is_compiled(n: int, m: int, how: int) -> None:
    a, b = alike(n, n, m, "tied")
    path = np.zeros((n + m, 2), np.int64)
    scratch, words = np.full(paths.room(n, m), np.nan), np.zeros(paths.words_room(n, m), np.int64)
    found = paths.paths.python(a, b, scratch, words, path, how)
    cost, expected = kept(a, b, how)
    assert close(found, cost)
    np.testing.assert_array_equal(path[path[0, 0] :], expected)
    assert close(found, cells(a[:, None], b[:, None], how, n + m))


@pytest.mark.parametrize("m", [300, 340])
def test_as_written_too_nothing_is_missed_and_most_is_left_out(m: int, monkeypatch: pytest.MonkeyPatch) -> None:
    a = np.random.default_rng(3).normal(0, 1, 300).cumsum()
    b = np.interp(np.linspace(0, 299, m), np.arange(300), a) + 0.01
    ends, sweep = [], pair._two_tiles

    def watched(*args: Any) -> int:
        ends.append(sweep(*args))
        return ends[-1]

    monkeypatch.setattr(pair, "_two_tiles", watched)
    monkeypatch.setattr(pair, "PRUNED", 1)
    found = pair.pair.python(a, b, np.full(pair.room(300, m), np.nan), table.SQUARED)
    assert close(found, kept(a, b, table.SQUARED)[0])
    assert ends[0] < m - 1
    assert ends[-1] == m - 1


@few
@given(seed=seeds, n=lengths_long, m=lengths_long, kind=sorts, how=kinds)
def test_no_best_path_costs_more_than_the_straight_one(seed: int, n: int, m: int, kind: str, how: int) -> None:
    a, b = alike(seed, n, m, kind)
    rest, groups = np.zeros(9), 3
    bound = straight.remaining(a, b, rest, 0, groups, 64, how & table.SQUARED, how & table.DOUBLE)
    assert bound >= kept(a, b, how)[0]
    # from the first group's last row on, after its last column, what remains is a path too
    if n > 128:
        row = n - 128
        column = (row * m - 1) // n + 1
        rest_of_it = kept(a[row:], b[column:] if column < m else b[m - 1 :], how & ~table.DOUBLE)[0]
        assert rest[0] * straight.MARGIN >= rest_of_it


@pytest.mark.parametrize("way", ["compiled", "written"])
@pytest.mark.parametrize("how", [0, table.SQUARED])
@pytest.mark.parametrize(
    ("n", "m", "width"), [(1, 100, 99), (100, 100, 70), (130, 110, 90), (128, 150, 100), (97, 97, 90), (161, 170, 140)]
)
def test_a_wide_window_shows_nothing_that_is_outside(way: str, how: int, n: int, m: int, width: int) -> None:
    random = np.random.default_rng(n)
    a, b = random.normal(0, 1, n).cumsum(), random.normal(0, 1, m).cumsum()
    first, final = np.maximum(np.arange(n) - width, 0), np.minimum(np.arange(n) + width, m - 1)
    assert corridor.is_wide(first, final)
    run = corridor.corridor.function() if way == "compiled" else corridor.corridor.python
    found = run(a, b, first, final, np.random.default_rng(1).uniform(0, 1e-3, corridor.room(n, m)), how)
    assert close(found, cells(a[:, None], b[:, None], how, width))


@few
@given(seed=seeds, n=st.integers(1, 400), m=st.integers(65, 400), how=st.sampled_from([0, table.SQUARED]))
def test_any_window_is_kept_to_or_called_narrow(seed: int, n: int, m: int, how: int) -> None:
    random = np.random.default_rng(seed)
    first = np.sort(random.integers(-m, m, n)).clip(0)
    final = np.maximum.accumulate(np.maximum(np.sort(random.integers(0, 2 * m, n)), first + 66).clip(0, m - 1))
    first[0], final[-1] = 0, m - 1
    a, b = random.normal(0, 1, n).cumsum(), random.normal(0, 1, m).cumsum()
    cost, path = kept(a, b, how, (first, final))
    if corridor.is_wide(first, final):
        scratch = random.uniform(0, 1e-3, corridor.room(n, m))
        assert close(corridor.corridor(a, b, first, final, scratch, how), cost)
    else:
        assert min(final[max(i - corridor.ROWS, 0)] - first[i - 1] for i in range(n, 0, -1)) < corridor.ROWS
    assert (first[path[:, 0]] <= path[:, 1]).all()


def test_a_path_in_too_little_scratch_is_not_begun() -> None:
    a, b, path = np.ones(70), np.zeros(50), np.full((120, 2), 7)
    room, words = paths.room(70, 50), paths.words_room(70, 50)
    for fewer, shorter, steps_fewer in ((1, 0, 0), (0, 1, 0), (0, 0, 1)):
        found = paths.paths(
            a, b, np.zeros(room - fewer), np.zeros(words - shorter, np.int64), path[steps_fewer:], table.SQUARED
        )
        assert found == OTHERWISE
    assert (path == 7).all()
    assert paths.paths(a, b, np.zeros(room), np.zeros(words, np.int64), path, table.SQUARED) == 70.0
    assert paths.paths(a[:0], b, np.zeros(room), np.zeros(words, np.int64), path, table.SQUARED) == OTHERWISE
    a[3] = math.nan
    assert paths.paths(a, b, np.zeros(room), np.zeros(words, np.int64), path, table.SQUARED) == OTHERWISE
