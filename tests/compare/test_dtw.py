"""Dynamic time warping against a slow twin that fills the whole table cell by cell."""

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from midstream_cli.compare.warping import accumulation
from midstream_cli.compare.warping.dtw import Alignment, dtw, sequence
from midstream_cli.errors import UsageError
from midstream_cli.frames import Float64
from strategies import few, seeds, some

lengths = st.integers(1, 40)
flavours = st.sampled_from(["normal", "tied", "constant", "huge", "tiny", "vanishing", "shifted"])
slacks = st.sampled_from([None, 0, 1, 2, 5, 100])
"""Of a window: how much wider it is than the lengths need."""


def made(seed: int, n: int, dims: int, flavour: str) -> Float64:
    """A sequence of a kind that is hard for a careless kernel."""
    random = np.random.default_rng(seed)
    values = random.normal(0, 1, (n, dims))
    if flavour == "tied":
        return random.integers(0, 3, (n, dims)).astype(np.float64)
    if flavour == "constant":
        return np.full((n, dims), float(random.integers(0, 2)))
    scale = {"huge": 1e150, "tiny": 1e-150, "vanishing": 1e-200}.get(flavour, 1.0)
    return values * scale + (1e6 if flavour == "shifted" else 0.0)


def twin(a: Float64, b: Float64, window: int | None) -> float:
    """The recurrence of symmetric2, one cell after the other."""
    n, m = len(a), len(b)
    table = [[math.inf] * m for _ in range(n)]
    for i in range(n):
        for j in range(m):
            if window is not None and abs(i - j) > window:
                continue
            cost = math.dist(a[i].tolist(), b[j].tolist())
            ways = [cost] if i == j == 0 else []
            if i and j:
                ways.append(table[i - 1][j - 1] + 2 * cost)
            if i:
                ways.append(table[i - 1][j] + cost)
            if j:
                ways.append(table[i][j - 1] + cost)
            table[i][j] = min(ways, default=math.inf)
    return table[-1][-1]


def window_of(n: int, m: int, slack: int | None) -> int | None:
    return None if slack is None else abs(n - m) + slack


def close(got: float, expected: float) -> bool:
    return math.isclose(got, expected, rel_tol=1e-12, abs_tol=0.0)


def test_a_pair_small_enough_to_do_by_hand() -> None:
    #        b: 0  2  2
    # a: 0       0  2  2    costs |a - b|; a diagonal step counts twice: straight to the corner is 0 + 0 + 2 * 1,
    #    2       2  0  0    the way round is 0 + 0 + 0 + 1
    #    3       3  1  1
    found = dtw([0.0, 2.0, 3.0], [0.0, 2.0, 2.0], alignment=True)
    assert found.distance == 1.0
    assert found.normalised == 1.0 / 6
    assert found.path is not None
    assert found.path.tolist() == [[0, 0], [1, 1], [1, 2], [2, 2]]


@some
@given(seeds, lengths, lengths, st.integers(1, 5), flavours, flavours, slacks)
@example(1, 1, 1, 1, "normal", "normal", 0)
@example(2, 1, 40, 3, "normal", "normal", None)
@example(3, 40, 1, 2, "tied", "tied", 0)
@example(4, 40, 40, 5, "huge", "huge", None)
@example(5, 40, 38, 5, "vanishing", "vanishing", 3)
def test_the_distance_is_the_slow_twins(
    seed: int, n: int, m: int, dims: int, one: str, other: str, slack: int | None
) -> None:
    a, b, window = made(seed, n, dims, one), made(seed + 1, m, dims, other), window_of(n, m, slack)
    found, expected = dtw(a, b, window=window), twin(a, b, window)
    assert close(found.distance, expected)
    assert close(found.normalised, expected / (n + m))


@some
@given(seeds, lengths, lengths, st.integers(1, 3), st.sampled_from(["normal", "tied"]), slacks)
def test_distance_and_path_are_those_of_dtw_python(
    seed: int, n: int, m: int, dims: int, flavour: str, slack: int | None
) -> None:
    peer = pytest.importorskip("dtw")
    a, b, window = made(seed, n, dims, flavour), made(seed + 1, m, dims, flavour), window_of(n, m, slack)
    band = {} if window is None else {"window_type": "sakoechiba", "window_args": {"window_size": window}}
    expected = peer.dtw(a, b, step_pattern="symmetric2", dist_method="euclidean", **band)
    found = dtw(a, b, window=window, alignment=True)
    assert close(found.distance, expected.distance)
    assert close(found.normalised, expected.normalizedDistance)
    assert found.path is not None
    assert found.path.tolist() == np.column_stack([expected.index1, expected.index2]).tolist()


@some
@given(seeds, lengths, lengths, st.integers(1, 5), flavours, slacks)
def test_the_path_is_admissible_and_costs_what_the_distance_says(
    seed: int, n: int, m: int, dims: int, flavour: str, slack: int | None
) -> None:
    a, b, window = made(seed, n, dims, flavour), made(seed + 1, m, dims, flavour), window_of(n, m, slack)
    found = dtw(a, b, window=window, alignment=True)
    assert found.path is not None
    path = [(int(i), int(j)) for i, j in found.path]
    assert path[0] == (0, 0)
    assert path[-1] == (n - 1, m - 1)
    steps = [(i1 - i0, j1 - j0) for (i0, j0), (i1, j1) in pairwise(path)]
    assert set(steps) <= {(1, 1), (1, 0), (0, 1)}
    if window is not None:
        assert max(abs(i - j) for i, j in path) <= window
    weights = [1, *(di + dj for di, dj in steps)]
    total = sum(w * math.dist(a[i], b[j]) for w, (i, j) in zip(weights, path, strict=True))
    assert close(found.distance, total)
    assert found.distance == dtw(a, b, window=window).distance


@some
@given(seeds, lengths, lengths, st.integers(1, 5), flavours, slacks)
def test_distance_is_symmetric_and_zero_for_equals(
    seed: int, n: int, m: int, dims: int, flavour: str, slack: int | None
) -> None:
    a, b, window = made(seed, n, dims, flavour), made(seed + 1, m, dims, flavour), window_of(n, m, slack)
    assert close(dtw(a, b, window=window).distance, dtw(b, a, window=window).distance)
    itself = dtw(a, a, window=window, alignment=True)
    assert itself.distance == 0.0
    assert itself.path is not None
    assert itself.path.tolist() == [[i, i] for i in range(n)]


@few
@given(seeds, st.integers(0, 6), st.integers(0, 6))
def test_a_wider_window_never_makes_it_longer(seed: int, narrow: int, more: int) -> None:
    a, b = made(seed, 30, 2, "normal"), made(seed + 1, 30, 2, "normal")
    assert dtw(a, b, window=narrow + more).distance <= dtw(a, b, window=narrow).distance


def test_one_dimension_may_be_given_without_its_axis() -> None:
    a, b = np.array([1.0, 4.0, 2.0]), [3, 1, 1, 2]
    assert dtw(a, b).distance == dtw(a[:, None], np.array(b, np.float64)[:, None]).distance


@pytest.mark.parametrize("scale", [1e200, 1e250, 1e300, 1e-300, 5e-310])
def test_squares_neither_overflow_nor_vanish(scale: float) -> None:
    a, b = [[0.0, 3 * scale], [0.0, 0.0]], [[4 * scale, 0.0], [0.0, 0.0]]
    # the first pair is 5 apart
    assert math.isclose(dtw(a, b).distance, 5 * scale, rel_tol=1e-12)


def test_a_distance_too_large_for_a_number_is_an_error() -> None:
    with pytest.raises(UsageError, match="too far apart") as caught:
        dtw([1.7e308], [-1.7e308])
    assert caught.value.hint


@pytest.mark.parametrize(
    ("a", "b", "options", "said", "hinted"),
    [
        ([], [1.0], {}, "the first sequence is empty", "at least one"),
        ([1.0], np.empty((0, 3)), {}, "the second sequence is empty", "at least one"),
        (np.empty((3, 0)), [1.0], {}, "the first sequence is empty", "at least one"),
        ([1.0, math.nan], [1.0], {}, "not finite, at position 1", "leave"),
        ([1.0], [[1.0, 2.0], [0.0, math.inf]], {}, "second sequence has a value that is not finite, at position 1", ""),
        ([[1.0, 2.0]], [1.0], {}, "of 2 and of 1 dimensions", "same feature"),
        ([1.0] * 9, [1.0] * 4, {"window": 4}, "a window of 4 allows no path between 9 and 4", "widen it to 5"),
        ([1.0], [1.0], {"window": -1}, "a window of -1", "widen it to 0"),
        ([1.0], [1.0], {"step_pattern": "symmetricP1"}, "'symmetricP1'", "symmetric2"),
        ([1.0], [1.0], {"metric": "cosine"}, "'cosine'", "squared"),
        ([1.0], [1.0], {"convention": "fastdtw"}, "'fastdtw'", "dtaidistance"),
        (
            [1.0],
            [1.0],
            {"convention": "aeon", "step_pattern": "symmetric2"},
            "aeon has no step pattern symmetric2",
            "leave",
        ),
        ([1.0], [1.0], {"convention": "aeon", "window": 3}, "3 is no fraction", "from 0 to 1"),
        ([1.0], [1.0], {"window": 0.5}, "0.5 is no number of positions", "whole"),
        ([1.0], [1.0], {"window_shape": "round"}, "no window of shape 'round'", "itakura"),
        ([1.0], [1.0] * 3, {"step_pattern": "asymmetric"}, "no path", "widen"),
        ([1.0], [1.0], {"convention": "dtaidistance", "open_end": True}, "no open", "leave"),
        ([1.0], [1.0], {"convention": "tslearn", "open_end": True}, "both ends or none", "both"),
        ([1.0], [1.0], {"convention": "dtw-python", "open_begin": True}, "asymmetric only", "leave"),
    ],
)
def test_what_cannot_be_aligned_is_refused_with_advice(
    a: Any, b: Any, options: dict[str, Any], said: str, hinted: str
) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        dtw(a, b, **options)
    assert hinted in caught.value.hint
    assert caught.value.hint


def test_an_alignment_too_large_to_hold_is_refused_before_it_is_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accumulation, "MOST_CELLS", 99)
    with pytest.raises(UsageError, match="10 with 10 vectors is too large") as caught:
        dtw([0.0] * 10, [1.0] * 10, alignment=True)
    assert "window" in caught.value.hint
    assert dtw([0.0] * 10, [1.0] * 10).path is None
    assert dtw([0.0] * 10, [1.0] * 10, window=4, alignment=True).path is not None


def test_sequences_of_numbers_of_any_type_become_doubles() -> None:
    assert sequence([1, 2, 3]).tolist() == [[1.0], [2.0], [3.0]]
    assert sequence(np.array([[True, False]])).tolist() == [[1.0, 0.0]]
    with pytest.raises(UsageError, match="the sequence has 3 axes"):
        sequence(np.zeros((2, 2, 2)))


def test_inputs_are_left_as_they_were() -> None:
    a, b = np.random.default_rng(1).normal(0, 1, (2, 20, 2))
    before = a.copy(), b.copy()
    found = dtw(a, b, window=3, alignment=True)
    assert isinstance(found, Alignment)
    assert (a == before[0]).all()
    assert (b == before[1]).all()
