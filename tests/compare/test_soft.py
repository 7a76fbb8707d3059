"""Soft-DTW against every alignment there is, against the recurrence cell by cell, and against tslearn."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from midstream_cli.compare.warping import soft as module
from midstream_cli.compare.warping.soft import soft_dtw, soft_dtw_divergence
from midstream_cli.errors import UsageError
from midstream_cli.frames import Float64
from peers import as_written
from strategies import few, seeds, some

lengths = st.integers(1, 80)
"""More than two tiles of rows on any machine but the widest, which has two and a half."""
gammas = st.sampled_from([1e-6, 0.01, 1.0, 30.0, 1e6])
flavours = st.sampled_from(["normal", "tied", "constant", "shifted"])


def made(seed: int, n: int, dims: int, flavour: str = "normal") -> Float64:
    random = np.random.default_rng(seed)
    if flavour == "tied":
        return random.integers(0, 3, (n, dims)).astype(np.float64)
    if flavour == "constant":
        return np.full((n, dims), float(random.integers(0, 2)))
    return random.normal(0, 1, (n, dims)) + (1e6 if flavour == "shifted" else 0.0)


def costs(a: Float64, b: Float64) -> list[list[float]]:
    return [[math.fsum((x - y) ** 2 for x, y in zip(one, other, strict=True)) for other in b.tolist()] for one in a]


def soft_minimum(values: list[float], gamma: float) -> float:
    least = min(values)
    return least - gamma * math.log(math.fsum(math.exp((least - value) / gamma) for value in values))


def twin(a: Float64, b: Float64, gamma: float) -> float:
    """Equation 2 of the paper, one cell after the other."""
    cost = costs(a, b)
    table = {(-1, -1): 0.0}
    for i in range(len(a)):
        for j in range(len(b)):
            ways = [table[way] for way in ((i - 1, j - 1), (i - 1, j), (i, j - 1)) if way in table]
            table[i, j] = cost[i][j] + soft_minimum(ways, gamma)
    return table[len(a) - 1, len(b) - 1]


Path = list[tuple[int, int]]


def paths(n: int, m: int) -> Iterator[Path]:
    """Every alignment of n with m positions."""
    if n == m == 1:
        yield [(0, 0)]
        return
    for before in ((n - 1, m - 1), (n - 1, m), (n, m - 1)):
        if min(before) > 0:
            yield from ([*path, (n - 1, m - 1)] for path in paths(*before))


def close(found: float, expected: float, scale: float = 0.0) -> bool:
    """Equal to 9 digits, of the numbers that it is the difference of too."""
    return math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-9 * scale)


@some
@given(seeds, st.integers(1, 5), st.integers(1, 5), st.integers(1, 3), gammas, flavours)
def test_value_and_expected_alignment_are_those_of_all_alignments(
    seed: int, n: int, m: int, dims: int, gamma: float, flavour: str
) -> None:
    a, b = made(seed, n, dims, flavour), made(seed + 1, m, dims, flavour)
    cost = costs(a, b)
    every = list(paths(n, m))
    totals = [math.fsum(cost[i][j] for i, j in path) for path in every]
    value = soft_minimum(totals, gamma)
    expected = np.zeros((n, m))
    for path, total in zip(every, totals, strict=True):
        for cell in path:
            expected[cell] += math.exp((value - total) / gamma)
    found = soft_dtw(a, b, gamma, alignment=True)
    assert close(found.value, value, gamma)
    assert found.expected is not None
    # a cost in units of gamma has as many digits after the point as are left
    digits = max(1.0, float(np.max(cost)) / gamma) * 1e-14
    np.testing.assert_allclose(found.expected, expected, atol=1e-11 + digits, rtol=1e-9 + digits)


@some
@given(seeds, lengths, lengths, st.integers(1, 4), gammas, flavours)
@example(1, 1, 1, 1, 1.0, "normal")
@example(2, 33, 1, 1, 1.0, "normal")
@example(3, 1, 33, 1, 1.0, "normal")
@example(4, 32, 32, 2, 0.01, "tied")
@example(5, 64, 64, 1, 1e6, "constant")
def test_the_value_is_the_slow_twins(seed: int, n: int, m: int, dims: int, gamma: float, flavour: str) -> None:
    a, b = made(seed, n, dims, flavour), made(seed + 1, m, dims, flavour)
    assert close(soft_dtw(a, b, gamma).value, twin(a, b, gamma), gamma)


@some
@given(seeds, lengths, lengths, st.integers(1, 4), st.sampled_from([0.01, 1.0, 30.0]))
def test_value_gradient_and_alignment_are_those_of_tslearn(seed: int, n: int, m: int, dims: int, gamma: float) -> None:
    peer = as_written("tslearn.metrics")
    a, b = made(seed, n, dims), made(seed + 1, m, dims)
    expected, value = peer.soft_dtw_alignment(a, b, gamma=gamma)
    found = soft_dtw(a, b, gamma, alignment=True)
    assert close(found.value, value, gamma)
    assert found.expected is not None
    np.testing.assert_allclose(found.expected, expected, atol=1e-9, rtol=1e-9)
    assert found.gradient is not None
    distances = peer.SquaredEuclidean(a, b)
    np.testing.assert_allclose(found.gradient, distances.jacobian_product(expected), atol=1e-9, rtol=1e-9)


@few
@given(seeds, st.integers(1, 12), st.integers(1, 12), st.integers(1, 3), st.sampled_from([0.1, 1.0, 30.0]))
def test_the_gradient_is_how_the_value_changes(seed: int, n: int, m: int, dims: int, gamma: float) -> None:
    a, b, step = made(seed, n, dims), made(seed + 1, m, dims), 1e-5
    found = soft_dtw(a, b, gamma, alignment=True).gradient
    assert found is not None
    assert found.shape == a.shape
    for place in np.ndindex(a.shape):
        values = []
        for sign in (1, -1):
            moved = a.copy()
            moved[place] += sign * step
            values.append(soft_dtw(moved, b, gamma).value)
        assert math.isclose(found[place], (values[0] - values[1]) / (2 * step), rel_tol=1e-5, abs_tol=1e-5)


@some
@given(seeds, lengths, lengths, gammas, flavours)
def test_what_is_expected_is_a_way_from_the_first_pair_to_the_last(
    seed: int, n: int, m: int, gamma: float, flavour: str
) -> None:
    found = soft_dtw(made(seed, n, 2, flavour), made(seed + 1, m, 2, flavour), gamma, alignment=True).expected
    assert found is not None
    assert found.shape == (n, m)
    assert math.isclose(found[0, 0], 1.0, rel_tol=1e-12)
    assert found[-1, -1] == 1.0
    assert found.min() >= 0.0
    assert found.max() <= 1 + 1e-12
    # every alignment passes every row and every column
    assert found.sum(axis=0).min() >= 1 - 1e-12
    assert found.sum(axis=1).min() >= 1 - 1e-12


@some
@given(seeds, st.integers(1, 40), st.integers(1, 40), gammas, flavours)
def test_the_divergence_is_zero_for_equals_symmetric_and_never_below(
    seed: int, n: int, m: int, gamma: float, flavour: str
) -> None:
    a, b = made(seed, n, 2, flavour), made(seed + 1, m, 2, flavour)
    found, scale = soft_dtw_divergence(a, b, gamma), gamma * (n + m)
    assert soft_dtw_divergence(a, a, gamma) == 0.0
    assert close(found, soft_dtw_divergence(b, a, gamma), scale)
    assert close(found, twin(a, b, gamma) - (twin(a, a, gamma) + twin(b, b, gamma)) / 2, scale)
    assert found >= -1e-9 * scale


@some
@given(seeds, st.integers(1, 30), st.integers(1, 30), st.sampled_from([1e120, 1e150, 1e-120, 1e-150]), gammas)
def test_scaling_the_sequences_and_gamma_scales_the_value(
    seed: int, n: int, m: int, scale: float, gamma: float
) -> None:
    a, b = made(seed, n, 2), made(seed + 1, m, 2)
    found = soft_dtw(a * scale, b * scale, gamma * scale**2, alignment=True)
    expected = soft_dtw(a, b, gamma, alignment=True)
    assert close(found.value / scale / scale, expected.value, gamma * (n + m))
    assert found.expected is not None
    assert expected.expected is not None
    np.testing.assert_allclose(found.expected, expected.expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("gamma", [1e-12, 1e-16, 1e-20, 1e-30, 1e-31, 1e-32, 1e-40, 1e-290])
def test_the_limit_at_gamma_zero_is_the_best_alignment(gamma: float) -> None:
    a, b = made(1, 20, 2), made(2, 25, 2)
    cost, table = costs(a, b), {(-1, -1): 0.0}
    for i in range(20):
        for j in range(25):
            ways = ((i - 1, j - 1), (i - 1, j), (i, j - 1))
            table[i, j] = cost[i][j] + min(table[way] for way in ways if way in table)
    found = soft_dtw(a, b, gamma, alignment=True)
    assert close(found.value, table[19, 24])
    assert found.expected is not None
    # one alignment is the best, and no other counts
    assert set(found.expected.round(9).ravel().tolist()) == {0.0, 1.0}
    assert close(float((found.expected * np.array(cost)).sum()), table[19, 24])


def test_a_single_cost_is_exact_to_the_last_digits() -> None:
    values = np.sqrt(np.linspace(0.0, 2.0, 200))
    found = np.array([soft_dtw([0.0], [value]).value for value in values.tolist()])
    assert np.abs(found - values**2).max() < 1e-15


def test_a_level_costs_the_gradient_no_digits() -> None:
    # numbers that are as exact far from zero
    a, b = np.round(made(1, 30, 2) * 64) / 64, np.round(made(2, 40, 2) * 64) / 64
    found, far = soft_dtw(a, b, alignment=True), soft_dtw(a + 2.0**40, b + 2.0**40, alignment=True)
    assert found.value == far.value
    np.testing.assert_allclose(far.gradient, found.gradient, rtol=1e-12, atol=1e-12)  # type: ignore[arg-type]


def test_costs_that_no_number_holds_do_not_count_where_there_is_a_way_round() -> None:
    # aligned with themselves the steps cost nothing; every other cell costs 1e400
    assert soft_dtw([0.0, 1e200, 0.0, 1e200], [0.0, 1e200, 0.0, 1e200]).value == 0.0
    # one cost of 2: each of two equal neighbours may be taken alone or with the other
    found = soft_dtw([1.0, 1.0], [1.0, 1.0]).value
    assert close(found, -math.log(3))
    assert close(soft_dtw([1e200, 1e200], [1e200, 1e200]).value, found)
    assert close(soft_dtw([1e-200, 2e-200], [1e-200, 1e-200]).value, found)


def test_one_dimension_may_be_given_without_its_axis() -> None:
    a, b = [1.0, 4.0, 2.0], np.array([[3.0], [1.0]])
    found = soft_dtw(a, b, alignment=True)
    assert found.gradient is not None
    assert found.gradient.shape == (3,)
    assert found.value == soft_dtw(np.array(a)[:, None], b).value
    assert soft_dtw(a, b).expected is None


@pytest.mark.parametrize(
    ("a", "b", "gamma", "said", "hinted"),
    [
        ([], [1.0], 1.0, "the first sequence is empty", "at least one"),
        ([1.0], [math.nan], 1.0, "second sequence has a value that is not finite, at position 0", "leave"),
        ([[1.0, 2.0]], [1.0], 1.0, "of 2 and of 1 dimensions", "same feature"),
        ([1.0], [1.0], 0.0, "a gamma of 0 ", "dtw is the limit"),
        ([1.0], [1.0], -1.0, "a gamma of -1 ", "positive"),
        ([1.0], [1.0], math.nan, "a gamma of nan ", "positive"),
        ([1.0], [1.0], math.inf, "a gamma of inf ", "positive"),
        ([0.0], [1e200], 1.0, "too far apart for a gamma of 1", "larger"),
        ([0.0], [1.0], 1e-300, "too far apart for a gamma of 1e-300", "larger"),
        ([-1.7e308], [1.7e308], 1.0, "too far apart", "larger"),
        ([0.0], [1e155], 1e300, "too far apart", "dtw"),
    ],
)
def test_what_cannot_be_compared_is_refused_with_advice(a: Any, b: Any, gamma: float, said: str, hinted: str) -> None:
    for compare in (soft_dtw, soft_dtw_divergence):
        with pytest.raises(UsageError, match=said) as caught:
            compare(a, b, gamma)
        assert hinted in caught.value.hint


def test_a_gradient_too_large_for_a_number_is_refused() -> None:
    wide = [-1.7e308, 1.7e308]
    assert soft_dtw(wide, wide).value == 0.0
    with pytest.raises(UsageError, match="too far apart for a number") as caught:
        soft_dtw(wide, wide, alignment=True)
    assert "values" in caught.value.hint


def test_an_expected_alignment_too_large_to_hold_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_CELLS", 99)
    with pytest.raises(UsageError, match="10 with 10 vectors is too large") as caught:
        soft_dtw(np.zeros(10), np.ones(10), alignment=True)
    assert "shorter" in caught.value.hint
    assert soft_dtw(np.zeros(10), np.ones(10)).expected is None
