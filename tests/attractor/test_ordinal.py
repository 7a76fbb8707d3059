"""Ordinal patterns against windows sorted one by one, and against antropy and ordpy."""

import itertools
import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.attractor import ordinal
from midstream_cli.attractor.kernels import ordinal_patterns
from midstream_cli.attractor.ordinal import (
    complexity_entropy,
    missing_patterns,
    ordinal_counts,
    ordinal_weights,
    permutation_entropy,
    weighted_permutation_entropy,
)
from midstream_cli.errors import InsufficientData, UsageError
from midstream_cli.frames import Float64
from peers import as_written
from strategies import some

series = st.lists(st.integers(-3, 3).map(float) | st.floats(-1e3, 1e3), min_size=30, max_size=120).map(np.array)
orders, delays = st.integers(2, 5), st.integers(1, 4)


@pytest.fixture(params=["numpy", "compiled"], autouse=True)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways in which patterns are counted."""
    by_numpy = request.param == "numpy"
    monkeypatch.setattr(ordinal, "_by_numpy", lambda *_: by_numpy)


def windows(x: Float64, order: int, delay: int) -> list[list[float]]:
    """Every window of the series."""
    return [x[i : i + (order - 1) * delay + 1 : delay].tolist() for i in range(len(x) - (order - 1) * delay)]


def ranks(window: list[float]) -> tuple[int, ...]:
    """The rank of each value; of equal ones the earlier is less."""
    order = sorted(range(len(window)), key=lambda k: (window[k], k))
    return tuple(order.index(k) for k in range(len(window)))


@some
@given(series, orders, delays)
def _check_counts(x: Float64, order: int, delay: int) -> None:
    counted = Counter(map(ranks, windows(x, order, delay)))
    expected = [counted[each] for each in itertools.permutations(range(order))]
    assert ordinal_counts(x, order, delay).tolist() == expected


def test_counts_are_of_windows_sorted_one_by_one() -> None:
    _check_counts()


@some
@given(series, orders, delays)
def _check_weights(x: Float64, order: int, delay: int) -> None:
    expected = dict.fromkeys(itertools.permutations(range(order)), 0.0)
    for window in windows(x, order, delay):
        expected[ranks(window)] += float(np.var(window))
    total = sum(expected.values())
    if total > 1e-12:
        shares = [each / total for each in expected.values()]
        np.testing.assert_allclose(ordinal_weights(x, order, delay), shares, rtol=1e-9, atol=1e-12)


def test_weights_are_the_variances_of_the_windows() -> None:
    _check_weights()


@some
@given(series, orders, delays)
def _check_missing(x: Float64, order: int, delay: int) -> None:
    held = {tuple(sorted(range(order), key=lambda k: (w[k], k))) for w in windows(x, order, delay)}
    expected = [each for each in itertools.permutations(range(order)) if each not in held]
    found = missing_patterns(x, order, delay)
    assert [tuple(each) for each in found.patterns.tolist()] == expected
    assert (found.number, found.share) == (len(expected), len(expected) / math.factorial(order))


def test_missing_patterns_are_those_no_window_has() -> None:
    _check_missing()


@pytest.mark.parametrize("order", [2, 3, 6, 10])
def test_monotone_series_have_one_pattern(order: int) -> None:
    rising = np.arange(40.0) ** 3
    assert permutation_entropy(rising, order) == permutation_entropy(-rising, order) == 0.0
    assert weighted_permutation_entropy(rising, order) == 0.0
    counts = ordinal_counts(rising, order)
    assert (counts[0], counts.sum()) == (41 - order, 41 - order)
    assert ordinal_counts(-rising, order)[-1] == 41 - order


def test_constant_series_count_as_rising() -> None:
    assert ordinal_counts(np.full(20, 3.0))[0] == 18
    assert permutation_entropy(np.full(20, 3.0)) == weighted_permutation_entropy(np.full(20, 3.0)) == 0.0
    assert complexity_entropy(np.full(20, 3.0)) == (0.0, 0.0)


def test_noise_has_all_the_entropy_and_no_complexity() -> None:
    entropy, complexity = complexity_entropy(np.random.default_rng(0).normal(size=50_000), 4)
    assert entropy > 0.9995
    assert complexity < 1e-3
    assert permutation_entropy([1.0, 2.0, 1.0, 2.0, 1.0], 2) == pytest.approx(math.log(2))


def test_logistic_map_never_falls_twice() -> None:
    x = [0.4]
    while len(x) < 500:
        x.append(4 * x[-1] * (1 - x[-1]))
    assert missing_patterns(x, 3).patterns.tolist() == [[2, 1, 0]]


@some
@given(st.sampled_from([1e-200, 1e200]), st.sampled_from([0.0, 1e6]))
def _check_units(unit: float, level: float) -> None:
    x = np.random.default_rng(1).normal(size=300)
    there = (x + level) * unit
    assert weighted_permutation_entropy(there, 4) == pytest.approx(weighted_permutation_entropy(x, 4), rel=1e-8)
    assert permutation_entropy(there, 4) == permutation_entropy(x, 4)


def test_entropies_do_not_depend_on_unit_and_level() -> None:
    _check_units()


def test_kernels_as_written_count_what_they_count_compiled() -> None:
    x = np.concatenate([np.random.default_rng(2).normal(size=100), np.zeros(ordinal_patterns.LANES)])
    counts, weights = np.zeros((2, 4 * 24), np.int64), np.zeros((2, 24))
    work = np.zeros(2 * ordinal_patterns.LANES)
    ordinal_patterns.count(x, 94, 4, 2, counts[0], work)
    ordinal_patterns.count.python(x, 94, 4, 2, counts[1], work)
    ordinal_patterns.weigh(x, 94, 4, 2, weights[0], work)
    ordinal_patterns.weigh.python(x, 94, 4, 2, weights[1], work)
    assert counts[0].sum() == 94
    np.testing.assert_array_equal(counts[0], counts[1])
    np.testing.assert_allclose(weights[0], weights[1], rtol=1e-12)


@pytest.mark.parametrize("order", [3, 4, 5])
@pytest.mark.parametrize("delay", [1, 3])
def test_entropies_are_those_of_antropy_and_ordpy(order: int, delay: int) -> None:
    antropy, ordpy = as_written("antropy"), pytest.importorskip("ordpy")
    rng = np.random.default_rng(3)
    for x in (rng.normal(size=400), rng.integers(0, 4, 400).astype(float)):
        bits = permutation_entropy(x, order, delay) / math.log(2)
        assert bits == pytest.approx(antropy.perm_entropy(x, order, delay), rel=1e-12)
        assert tuple(complexity_entropy(x, order, delay)) == pytest.approx(
            ordpy.complexity_entropy(x, order, taux=delay), rel=1e-10
        )
        assert weighted_permutation_entropy(x, order, delay, normalised=True) == pytest.approx(
            ordpy.weighted_permutation_entropy(x, order, taux=delay), rel=1e-10
        )


@pytest.mark.parametrize(("order", "delay"), [(1, 1), (11, 1), (3, 0)])
def test_orders_and_delays_out_of_range_are_refused(order: int, delay: int) -> None:
    with pytest.raises(UsageError):
        ordinal_counts(np.arange(50.0), order, delay)


def test_what_holds_no_window_is_told() -> None:
    with pytest.raises(InsufficientData) as told:
        permutation_entropy(np.arange(8.0), 5, 2)
    assert (told.value.needed, told.value.available) == (9, 8)
    with pytest.raises(UsageError):
        permutation_entropy(np.zeros((50, 2)))
