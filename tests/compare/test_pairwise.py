"""All pairs of many sequences, against each pair compared on its own."""

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from midstream_cli.compare.many import pairwise as module
from midstream_cli.compare.many.pairwise import pairwise
from midstream_cli.compare.names.edit import edit_distance, lcs
from midstream_cli.compare.warping.dtw import dtw
from midstream_cli.compare.warping.euclidean import euclidean
from midstream_cli.errors import UsageError
from midstream_cli.frames import Float64
from strategies import few, seeds, some
from warping import FLAVOURS, close, cost_of_the_best_path, lengths, made

engines = st.sampled_from(["numpy", "compiled"])
patterns = st.sampled_from(["symmetric1", "symmetric2"])
metrics = st.sampled_from(["euclidean", "squared"])


def by(engine: str, series: Any, **options: Any) -> Float64:
    """All pairs by one engine or the other, whatever would pay."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "compiled_pays", lambda *_, **__: engine == "compiled")
        return pairwise(series, **options)


def drawn(seed: int, sizes: list[int], dims: int, flavours: list[str]) -> list[Float64]:
    return [made(seed + i, n, dims, flavours[i % len(flavours)]) for i, n in enumerate(sizes)]


def agree(found: Float64, right: list[list[float]]) -> bool:
    return found.shape == np.shape(right) and all(map(close, found.ravel().tolist(), np.ravel(right).tolist()))


@some
@given(seeds, st.lists(st.integers(1, 12), min_size=1, max_size=20), st.integers(1, 3), patterns, metrics, engines)
@example(1, [12] * 20, 1, "symmetric1", "squared", "compiled")
@example(1, [12] * 20, 2, "symmetric2", "euclidean", "compiled")
def test_distances_are_those_of_the_whole_table(
    seed: int, sizes: list[int], dims: int, step_pattern: str, metric: str, engine: str
) -> None:
    series, options = drawn(seed, sizes, dims, ["normal"]), {"step_pattern": step_pattern, "metric": metric}
    right = [
        [0.0 if i == j else cost_of_the_best_path(a, b, step_pattern, metric) for j, b in enumerate(series)]
        for i, a in enumerate(series)
    ]
    found = by(engine, series, normalised=False, **options)
    assert agree(found, right)
    assert (found == found.T).all()
    divided = [
        [x / lengths(n, m, step_pattern) for x, m in zip(row, sizes, strict=True)]
        for row, n in zip(right, sizes, strict=True)
    ]
    assert agree(by(engine, series, **options), divided)


@some
@given(
    seeds,
    st.lists(st.integers(4, 9), min_size=2, max_size=8),
    st.lists(st.sampled_from(FLAVOURS), min_size=1, max_size=4),
    st.integers(1, 2),
    engines,
)
@example(1, [5] * 6, ["vanishing", "enormous", "normal"], 2, "compiled")
@example(1, [5] * 6, ["vanishing", "normal"], 1, "numpy")
def test_whatever_the_magnitude_distances_are_those_of_each_pair(
    seed: int, sizes: list[int], flavours: list[str], dims: int, engine: str
) -> None:
    series = drawn(seed, sizes, dims, flavours)
    right = [[0.0 if a is b else cost_of_the_best_path(a, b, window=5) for b in series] for a in series]
    assert agree(by(engine, series, window=5, normalised=False), right)


@few
@given(
    seeds,
    st.sampled_from(["midstream", "dtw-python", "dtaidistance", "aeon", "tslearn"]),
    st.lists(st.integers(5, 8), min_size=2, max_size=5),
    st.booleans(),
    st.booleans(),
    engines,
)
@example(1, "aeon", [5, 8, 7], True, True, "compiled")
@example(1, "dtaidistance", [6, 6, 6], True, False, "compiled")
def test_in_a_convention_distances_are_those_of_dtw(
    seed: int, convention: Any, sizes: list[int], banded: bool, independent: bool, engine: str
) -> None:
    series = drawn(seed, sizes, 2, ["normal"])
    options: dict[str, Any] = {"convention": convention, "independent": independent}
    options["window"] = (0.5 if convention == "aeon" else 3) if banded else None
    right = [[0.0 if a is b else dtw(a, b, **options).distance for b in series] for a in series]
    assert agree(by(engine, series, normalised=False, **options), right)


@few
@given(seeds, st.integers(1, 3), engines)
def test_dimensions_warped_on_their_own_are_added(seed: int, dims: int, engine: str) -> None:
    series = drawn(seed, [7, 9, 8, 9], dims, ["normal"])
    right = sum(by(engine, [each[:, d] for each in series]) for d in range(dims))
    assert np.allclose(by(engine, series, independent=True), right, rtol=1e-12, atol=0.0)


def test_several_threads_give_the_bits_of_one_and_tell_of_every_pair() -> None:
    series = np.random.default_rng(1).normal(size=(150, 20, 2))
    told: list[tuple[int, int]] = []
    alone = by("compiled", series, jobs=1)
    assert by("compiled", series, jobs=3, progress=lambda done, whole: told.append((done, whole))).tolist() == (
        alone.tolist()
    )
    assert len(told) > 5
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[-1] == (150 * 149 // 2, 150 * 149 // 2)
    assert {whole for _, whole in told} == {150 * 149 // 2}
    by("numpy", series[:4], independent=True, progress=lambda done, whole: told.append((done, whole)))
    assert told[-2:] == [(6, 12), (12, 12)]


def test_the_order_of_the_sequences_does_not_matter() -> None:
    random = np.random.default_rng(2)
    series = [random.normal(size=(n, 2)) for n in random.integers(3, 30, 40)]
    order = random.permutation(40)
    mixed = by("compiled", [series[i] for i in order])
    assert np.allclose(mixed, by("compiled", series)[np.ix_(order, order)], rtol=1e-12, atol=0.0)


def test_sequences_of_numbers_may_be_given_without_their_axis() -> None:
    series = np.random.default_rng(3).normal(size=(5, 9))
    assert pairwise(list(series)).tolist() == pairwise(list(series[:, :, None])).tolist()
    assert pairwise([[1, 2, 3], [2, 3]]).tolist() == pairwise([np.array([[1.0], [2.0], [3.0]]), [2.0, 3.0]]).tolist()


@pytest.mark.parametrize("algorithm", ["dtw", "euclidean", "lcs", "edit"])
def test_of_no_sequence_or_one_there_are_no_pairs(algorithm: Any) -> None:
    assert pairwise([], algorithm=algorithm).shape == (0, 0)
    assert pairwise([[1.0, 2.0]], algorithm=algorithm).tolist() == [[0.0]]


@few
@given(seeds, st.sampled_from(FLAVOURS), st.booleans())
def test_euclidean_distances_are_those_of_each_pair(seed: int, flavour: str, normalised: bool) -> None:
    series = drawn(seed, [6] * 5, 2, [flavour])
    pairs = [[euclidean(a, b) for b in series] for a in series]
    right = [[pair.normalised if normalised else pair.distance for pair in row] for row in pairs]
    assert agree(pairwise(series, algorithm="euclidean", normalised=normalised), right)


@few
@given(st.lists(st.lists(st.sampled_from(["a", "b", "-1", -1, -2]), min_size=1, max_size=9), min_size=1, max_size=6))
def test_edits_are_those_of_each_pair(series: list[list[Any]]) -> None:
    for algorithm, kernel in (("lcs", lcs), ("edit", edit_distance)):
        pairs = [[kernel(a, b) for b in series] for a in series]
        assert pairwise(series, algorithm=algorithm).tolist() == [[pair.normalised for pair in row] for row in pairs]  # type: ignore[arg-type]
        raw = pairwise(series, algorithm=algorithm, normalised=False)  # type: ignore[arg-type]
        assert raw.tolist() == [[pair.distance for pair in row] for row in pairs]


@pytest.mark.parametrize(
    ("series", "options", "said"),
    [
        ([[1.0], []], {}, "sequence 1 is empty"),
        ([[1.0], [2.0, math.nan]], {}, "sequence 1 has a value that is not finite, at position 1"),
        ([[1.0], [[1.0, 2.0]]], {}, "sequence 0 has vectors of 1 dimensions, sequence 1 of 2"),
        ([[1.0], np.zeros((2, 2, 2))], {}, "sequence 1"),
        ([[1.0], [2.0] * 5], {"window": 3}, "a window of 3 allows no path between 1 and 5"),
        ([[1.0], [2.0]], {"window": -1}, "a window of -1"),
        ([[1.0], [2.0]], {"step_pattern": "asymmetric"}, "both ways alike"),
        ([[1.0], [2.0]], {"metric": "cosine"}, "'cosine'"),
        ([[1.0], [2.0]], {"algorithm": "soft"}, "'soft'"),
        ([[1.0], [2.0]], {"jobs": 0}, "0 threads"),
        ([[1.0], [2.0, 3.0]], {"algorithm": "euclidean"}, "position by position"),
        ([[], []], {"algorithm": "edit"}, "sequences 0 and 1 are empty"),
        ([[1.7e308], [-1.7e308]], {}, "too far apart"),
        ([[1e200], [0.0]], {"metric": "squared"}, "too far apart"),
        ([[1e-200], [0.0]], {"metric": "squared"}, "too near"),
    ],
)
def test_what_cannot_be_compared_is_refused_with_advice(series: Any, options: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        pairwise(series, **options)
    assert caught.value.hint


@pytest.mark.parametrize(("dims", "count"), [(1, 7), (1, 8), (3, 19), (3, 20)])
def test_few_long_sequences_are_as_far_as_each_pair_alone(dims: int, count: int) -> None:
    rng = np.random.default_rng(7)
    series = [rng.normal(size=(130 + i, dims)).cumsum(axis=0) for i in range(count)]
    done: list[tuple[int, int]] = []
    found = pairwise(series, jobs=2, progress=lambda *told: done.append(told))
    for i, j in itertools.combinations(range(count), 2):
        assert found[i, j] == found[j, i] == pytest.approx(dtw(series[i], series[j]).normalised, rel=1e-12)
    pairs = count * (count - 1) // 2
    assert done[-1] == (pairs, pairs)
    assert np.all(np.diag(found) == 0)
