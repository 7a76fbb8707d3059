"""Correlation sums against plain loops over pairs."""

import math
from collections.abc import Iterator
from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.attractor.dimensions import correlation_sum as summing
from midstream_cli.attractor.dimensions.correlation_sum import BLOCKS, correlation_sums
from midstream_cli.attractor.embedding.sampling import columns_of, standardised
from midstream_cli.compiled import machine
from midstream_cli.errors import InsufficientData, UsageError
from midstream_cli.frames import Float64
from strategies import few, seeds

Norm = Literal["chebyshev", "euclidean"]


def twin(x: Float64, delay: int, dimensions: int, theiler: int, norm: Norm, radii: Float64) -> tuple[Float64, int]:
    """How many pairs are closer than each radius, in each dimension, and how many there are."""
    columns = columns_of(standardised(x))
    states = len(columns) - (dimensions - 1) * delay
    counts, pairs = np.zeros((dimensions, len(radii))), 0
    for i in range(states):
        for j in range(i + theiler + 1, states):
            pairs += 1
            apart: list[float] = []
            for m in range(dimensions):
                apart.extend(abs(columns[i + m * delay] - columns[j + m * delay]).tolist())
                distance = max(apart) if norm == "chebyshev" else math.hypot(*apart)
                counts[m] += distance < radii
    return counts, pairs


@pytest.fixture(autouse=True, params=["kernel", "numpy"])
def way(request: pytest.FixtureRequest) -> Iterator[None]:
    """Both ways to the same sums."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(summing, "LOADING_US", 0.0 if request.param == "kernel" else math.inf)
        if request.param == "numpy":
            patch.setattr(machine, "is_loaded", lambda _: False)
        yield


@few
@given(
    seeds,
    st.integers(60, 90),
    st.integers(1, 2),
    st.integers(1, 3),
    st.integers(1, 4),
    st.integers(0, 9),
    st.sampled_from(["chebyshev", "euclidean"]),
)
def test_sums_are_those_of_plain_loops(
    seed: int, n: int, channels: int, delay: int, dimensions: int, theiler: int, norm: Norm
) -> None:
    x = np.cumsum(np.random.default_rng(seed).normal(size=(n, channels)), axis=0)
    found = correlation_sums(x, delay=delay, dimensions=dimensions, theiler=theiler, norm=norm)
    expected, pairs = twin(x, delay, dimensions, theiler, norm, found.radii)
    assert found.pairs == pairs
    assert np.allclose(found.sums * pairs, expected, rtol=0.0, atol=1e-9 * pairs)
    assert (found.close == expected[:, : found.near]).all()


@pytest.mark.parametrize("norm", ["chebyshev", "euclidean"])
def test_an_outlier_is_far_from_all_others(norm: Norm) -> None:
    x = np.random.default_rng(0).normal(size=(600, 2))
    x[300] = 1e9
    found = correlation_sums(x, dimensions=3, norm=norm)
    expected, pairs = twin(x, 1, 3, 1, norm, found.radii)
    assert np.allclose(found.sums * pairs, expected, rtol=0.0, atol=1e-9 * pairs)
    assert (found.sums[:, -1] < 1.0).any() == (norm == "euclidean")


def test_what_is_left_out_is_a_stretch_of_time_on_either_side() -> None:
    x = np.random.default_rng(1).normal(size=200)
    found = correlation_sums(x, dimensions=1, theiler=2)
    z = standardised(x)
    bounds = np.linspace(0, 200, BLOCKS + 1).astype(int)
    times = np.arange(200)
    for block in range(BLOCKS):
        kept = times[(times < bounds[block]) | (times >= bounds[block + 1])]
        apart = np.abs(z[kept, None] - z[kept])[np.subtract.outer(kept, kept) > 2]
        shares = (apart[:, None] < found.radii[: found.near]).mean(axis=0)
        assert np.allclose(found.left_out[block, 0], shares, rtol=1e-12, atol=0.0)


def test_some_states_of_a_long_series_stand_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.random.default_rng(2).normal(size=3000)
    whole = correlation_sums(x, dimensions=3)
    monkeypatch.setattr(summing, "MOST_PAIRS", 400_000)
    monkeypatch.setattr(summing, "MOST_STATES", 2000)
    part = correlation_sums(x, dimensions=3)
    assert whole.pairs == 2997 * 2996 // 2
    assert 200_000 < part.pairs < 800_000
    plenty = whole.sums[:, : whole.near] > 1e-3
    ratio = part.sums[:, : whole.near][plenty] / whole.sums[:, : whole.near][plenty]
    assert np.abs(ratio - 1).max() < 0.15


def test_states_that_recur_are_closer_than_any_radius() -> None:
    found = correlation_sums(np.tile([0.0, 1.0, 5.0], 40), dimensions=4)
    assert np.allclose(found.sums[1:, 1], 1 / 3, atol=0.01)


def test_a_constant_is_in_one_place() -> None:
    found = correlation_sums(np.full(100, 7.0), dimensions=2)
    assert (found.sums[:, 1:] == 1.0).all()


@pytest.mark.parametrize("wrong", [{"delay": 0}, {"dimensions": 0}, {"theiler": -1}, {"norm": "taxicab"}])
def test_numbers_that_make_no_sense_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        correlation_sums(np.arange(100.0), **wrong)  # type: ignore[arg-type]


def test_a_series_without_pairs_is_too_short() -> None:
    with pytest.raises(InsufficientData):
        correlation_sums(np.arange(30.0), delay=4, dimensions=8)
