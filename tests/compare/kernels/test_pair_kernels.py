"""Kernels that align one pair: as they are compiled, as they are written, and cell by cell."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from midstream_cli.compare.kernels import asymmetric, costs, numbers, pair, table, vector_pair, vectors
from midstream_cli.compare.kernels.costs import OTHERWISE
from midstream_cli.frames import Float64
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


lengths = st.sampled_from([1, 2, 7, 8, 31, 32, 33, 50, 64, 65, 97, 130])
kinds = st.sampled_from([0, table.SQUARED, table.DOUBLE, table.SQUARED | table.DOUBLE])


def close(got: float, expected: float) -> bool:
    return got == expected or math.isclose(got, expected, rel_tol=1e-12)


@pytest.mark.parametrize("way", ["compiled", "written"])
@few
@given(seed=seeds, n=lengths, m=lengths, how=kinds)
@example(seed=1, n=1, m=1, how=3)
@example(seed=1, n=130, m=97, how=2)
def test_every_tile_of_the_whole_table_is_swept(way: str, seed: int, n: int, m: int, how: int) -> None:
    if way == "written":
        n, m = min(n, 40), min(m, 40)
    random = np.random.default_rng(seed)
    a, b = random.normal(0, 1, n), random.normal(0, 1, m)
    run = pair.pair.function() if way == "compiled" else pair.pair.python
    with np.errstate(over="ignore"):
        found = run(a, b, np.full(pair.room(n, m), np.nan), how)
    assert close(found, cells(a[:, None], b[:, None], how, n + m))


@pytest.mark.parametrize("way", ["compiled", "written"])
@few
@given(seed=seeds, n=lengths, m=lengths, dims=st.sampled_from([1, 2, 7, 8, 9, 16, 21]), how=kinds)
@example(seed=1, n=1, m=1, dims=8, how=3)
@example(seed=1, n=130, m=97, dims=8, how=2)
@example(seed=1, n=33, m=40, dims=19, how=0)
def test_every_tile_of_the_whole_table_of_vectors_is_swept(
    way: str, seed: int, n: int, m: int, dims: int, how: int
) -> None:
    if way == "written":
        n, m = min(n, 40), min(m, 40)
    random = np.random.default_rng(seed)
    a, b = random.normal(0, 1, (n, dims)), random.normal(0, 1, (m, dims))
    scratch = np.full(vector_pair.room(min(n, m), max(n, m), dims), np.nan)
    run = vector_pair.vector_pair.function() if way == "compiled" else vector_pair.vector_pair.python
    with np.errstate(over="ignore"):
        found = run(a, b, scratch, how)
    assert close(found, cells(a, b, how, n + m))


@pytest.mark.parametrize("way", ["compiled", "written"])
@pytest.mark.parametrize("dims", [1, 3, 8, 11])
@few
@given(seed=seeds, n=lengths, m=lengths, how=kinds, slack=st.sampled_from([0, 1, 7, 200]))
@example(seed=1, n=130, m=130, how=0, slack=0)
@example(seed=1, n=65, m=130, how=3, slack=1)
def test_a_window_shows_nothing_that_is_outside(
    way: str, dims: int, seed: int, n: int, m: int, how: int, slack: int
) -> None:
    if way == "written":
        n, m = min(n, 20), min(m, 20)
    random = np.random.default_rng(seed)
    a, b = random.normal(0, 1, (n, dims)), random.normal(0, 1, (m, dims))
    width = abs(n - m) + slack
    first, final = np.maximum(np.arange(n) - width, 0), np.minimum(np.arange(n) + width, m - 1)
    path = np.zeros((1, 2), np.int64)
    kernel: Any = numbers.numbers if dims == 1 else vectors.vectors
    room = numbers.room(n, m) if dims == 1 else vectors.room(n, m, dims)
    run = kernel.function() if way == "compiled" else kernel.python
    size: tuple[int, ...] = () if dims == 1 else (dims,)
    # scratch that was used before must not show either
    scratch = np.random.default_rng(seed).uniform(0, 1e-3, room)
    with np.errstate(over="ignore"):
        found = run(a.ravel(), b.ravel(), *size, first, final, scratch, NOTHING, path, how | table.BANDED)
    assert close(found, cells(a, b, how, width))
    assert path[0, 1] == m - 1


@pytest.mark.parametrize("bad", [math.nan, -math.nan, math.inf, -math.inf, 1e130, -1e-130, 5e-324])
@pytest.mark.parametrize("at", [0, 5, 16, 18])
def test_numbers_out_of_the_ordinary_are_seen_wherever_they_stand(bad: float, at: int) -> None:
    a, b = np.ones(19), np.ones(19)
    a[at] = bad
    scratch, path = np.zeros(vectors.room(19, 19, 1)), np.zeros((1, 2), np.int64)
    for run in (pair.pair.function(), pair.pair.python):
        assert run(a, b, scratch, 0) == run(b, a, scratch, 0) == OTHERWISE
    assert numbers.numbers(a, b, NOTHING, NOTHING, scratch, NOTHING, path, 0) == OTHERWISE
    assert vectors.vectors(b, a, 1, NOTHING, NOTHING, scratch, NOTHING, path, 0) == OTHERWISE
    room = np.zeros(asymmetric.room(19, 1))
    columns = np.zeros(19, np.int64)
    assert asymmetric.asymmetric(a, b, 1, NOTHING, NOTHING, room, np.zeros(0, np.uint8), columns, 0) == OTHERWISE
    a[at] = 0.0
    assert pair.pair(a, b, scratch, 0) == 1.0 + 0.0 * costs.FAR


@pytest.mark.parametrize("bad", [math.nan, -math.nan, math.inf, -math.inf, 1e130])
@pytest.mark.parametrize("at", [0, 5, 16, 37])
def test_vectors_too_large_are_seen_and_tiny_ones_where_they_matter(bad: float, at: int) -> None:
    a, b = np.ones((19, 2)), np.ones((19, 2))
    a.flat[at] = bad
    scratch = np.zeros(vector_pair.room(19, 19, 2))
    compiled, written = vector_pair.vector_pair.function(), vector_pair.vector_pair.python
    # rows that are not there are far by overflow
    for run in (np.errstate(over="ignore")(each) for each in (compiled, written)):
        for how in range(4):
            assert run(a, b, scratch, how) == run(b, a, scratch, how) == OTHERWISE
            assert run(1e-140 * b, b * 0.0, scratch, how) == OTHERWISE
            assert run(b, b, scratch, how) == 0.0
            # among ordinary numbers a tiny one is as good as none
            tiny = np.ones((19, 2))
            tiny.flat[at] = 1e-140
            none = np.where(tiny == 1.0, 1.0, 0.0)
            assert run(tiny, b, scratch, how) == run(none, b, scratch, how) > 0.5


def test_vectors_of_different_dimensions_or_none_are_not_compared() -> None:
    scratch = np.zeros(vector_pair.room(4, 4, 3))
    two, three = np.ones((4, 2)), np.ones((4, 3))
    assert vector_pair.vector_pair(two, three, scratch, 0) == OTHERWISE
    assert vector_pair.vector_pair(np.ones((0, 3)), three, scratch, 0) == OTHERWISE
    assert vector_pair.vector_pair(np.ones((4, 0)), np.ones((4, 0)), scratch, 0) == OTHERWISE
    assert vector_pair.vector_pair(three, three, scratch[:-1].copy(), 0) == OTHERWISE


def test_too_little_scratch_is_not_written_to() -> None:
    scratch = np.full(pair.room(40, 40) - 1, 7.0)
    assert pair.pair(np.ones(40), np.zeros(40), scratch, 0) == OTHERWISE
    assert (scratch == 7.0).all()
