"""The thinned recurrence matrix and the period of recurrences."""

import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.attractor.recurrences.periodicity import period_density_entropy
from midstream_cli.attractor.recurrences.plot import recurrence_plot
from midstream_cli.attractor.recurrences.quantification import recurrence
from strategies import some


@some
@given(st.integers(0, 1000), st.integers(2, 160), st.integers(1, 170), st.integers(0, 12))
def test_cells_of_the_picture_are_means_of_the_matrix(seed: int, n: int, most: int, theiler: int) -> None:
    theiler = min(theiler, n - 1)
    x = np.cumsum(np.random.default_rng(seed).normal(size=n))
    found = recurrence(x[:, None], radius=1.0, theiler=theiler, picture=most).picture
    at = np.arange(n)
    counts = np.abs(at[:, None] - at) >= theiler
    cells = (np.abs(x[:, None] - x) <= 1.0) & counts
    block = -(-n // most)
    begins = range(0, n, block)
    expected = [
        [cells[i : i + block, j : j + block].sum() / max(1, counts[i : i + block, j : j + block].sum()) for j in begins]
        for i in begins
    ]
    assert found is not None
    np.testing.assert_array_equal(found, recurrence_plot(x[:, None], radius=1.0, theiler=theiler, cells=most))
    assert len(found) <= most
    np.testing.assert_allclose(found, expected, atol=1e-14)


def test_a_wide_theiler_window_takes_no_more_memory() -> None:
    x = np.random.default_rng(0).normal(size=(20_000, 1))
    recurrence_plot(x, radius=0.1, cells=20)
    tracemalloc.start()
    recurrence_plot(x, radius=0.1, cells=20, theiler=2_000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20 * x.nbytes


@pytest.mark.parametrize("period", [7.0, 25.0, 31.4])
@pytest.mark.parametrize("noise", [0.0, 0.05])
def test_period_is_found(period: float, noise: float) -> None:
    t = np.arange(2000)
    x = np.sin(2 * np.pi * t / period) + noise * np.random.default_rng(0).normal(size=len(t))
    found = recurrence(x, rate=0.1)
    assert found.period == pytest.approx(period, rel=2e-3)
    assert found.periodicity > 0.3


def test_noise_has_no_period() -> None:
    found = recurrence(np.random.default_rng(1).normal(size=(1500, 2)))
    assert math.isnan(found.period)
    assert found.periodicity == 0.0
    # each state recurs with a chance of its own, 0.05 on average: recurrence times are about geometric
    returns = found.returns[found.returns > 0] / found.returns.sum()
    longest = np.flatnonzero(found.returns)[-1]
    assert found.period_density_entropy == pytest.approx(-(returns * np.log(returns)).sum() / np.log(longest))
    assert found.period_density_entropy > 0.5


def test_recurrence_times_of_a_period_are_the_period() -> None:
    x = np.tile(np.random.default_rng(2).normal(size=(10, 1)), (30, 1))
    found = recurrence(x, radius=1e-6)
    assert np.flatnonzero(found.returns).tolist() == [10]
    assert (found.mean_recurrence_time, found.period_density_entropy) == (10.0, 0.0)
    assert found.period == 10.0
    assert found.periodicity == pytest.approx(1.0)


def test_times_that_are_all_as_frequent_have_the_largest_entropy() -> None:
    assert period_density_entropy(np.array([0, *[3] * 8])) == pytest.approx(1.0)
    assert period_density_entropy(np.zeros(9, dtype=np.int64)) == 0.0
