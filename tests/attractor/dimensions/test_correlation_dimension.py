"""Correlation dimension and entropy against published values, and what has none."""

import math

import numpy as np
import pytest

from midstream_cli.attractor.dimensions.correlation_dimension import correlation_dimension
from midstream_cli.attractor.embedding.embedding import Embedding
from midstream_cli.errors import InsufficientData, UsageError
from midstream_cli.frames import Float64
from midstream_cli.streams.simulate.dynamics.playing import Sampling, series


def seen(name: str, n: int, seed: int = 1, noise: float = 0.0) -> Float64:
    """One coordinate of a system."""
    columns = "" if name in {"white_noise", "ar1"} else "x"
    return series(name, Sampling(samples=n, seed=seed, noise=noise, columns=columns))[:, 0]


@pytest.mark.parametrize(
    ("system", "published", "off"),
    [
        ("logistic", 1.0, 0.05),
        ("henon", 1.22, 0.05),
        ("ikeda", 1.69, 0.05),
        ("lorenz", 2.05, 0.05),
        ("rossler", 1.99, 0.05),
        ("ueda", 2.67, 0.05),
        ("mackey_glass", 1.95, 0.05),
        ("sine", 1.0, 0.05),
        ("van_der_pol", 1.0, 0.05),
        ("torus", 2.0, 0.06),
    ],
)
def test_the_dimension_is_the_published_one(system: str, published: float, off: float) -> None:
    found = correlation_dimension(seen(system, 5000))
    assert found.dimension.value == pytest.approx(published, rel=off)
    assert found.dimension.low <= published <= found.dimension.high
    assert found.reason == ""
    assert found.region is not None


@pytest.mark.parametrize(("system", "published", "off"), [("henon", 0.325, 0.06), ("logistic", math.log(2), 0.1)])
def test_the_entropy_is_the_published_one(system: str, published: float, off: float) -> None:
    found = correlation_dimension(seen(system, 5000)).entropy_per_sample
    assert found.value == pytest.approx(published, abs=off)
    assert found.low < published < found.high


@pytest.mark.parametrize("system", ["sine", "van_der_pol", "torus"])
def test_what_does_not_forget_has_next_to_no_entropy(system: str) -> None:
    assert 0 <= correlation_dimension(seen(system, 5000)).entropy_per_sample.value < 0.003


@pytest.mark.parametrize("system", ["white_noise", "ar1"])
@pytest.mark.parametrize("n", [300, 1000, 5000])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_noise_has_no_dimension(system: str, n: int, seed: int) -> None:
    found = correlation_dimension(seen(system, n, seed))
    assert all(math.isnan(each) for each in (*found.dimension, *found.entropy_per_sample))
    assert found.region is None
    assert "grow" in found.reason


def test_noise_on_an_attractor_leaves_what_is_larger() -> None:
    found = correlation_dimension(seen("lorenz", 5000, noise=0.05))
    assert found.dimension.low < 2.05 < found.dimension.high
    assert found.region is not None
    assert found.region.radii[0] > 0.1


@pytest.mark.parametrize("x", [np.full(500, 3.0), np.zeros(500), np.tile([1.0, 4.0, 2.0], 200)])
def test_states_that_recur_exactly_have_no_extent(x: Float64) -> None:
    found = correlation_dimension(x)
    assert found.dimension == (0.0, 0.0, 0.0)
    assert found.entropy_per_sample == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(("scale", "level"), [(1e-200, 0.0), (1e200, 0.0), (1.0, 1e6)])
def test_scale_and_level_do_not_matter(scale: float, level: float) -> None:
    x = seen("henon", 2000)
    embedding = Embedding(1, 2, 2, math.nan)
    plain = correlation_dimension(x, embedding=embedding).dimension
    moved = correlation_dimension(x * scale + level, embedding=embedding).dimension
    assert moved.value == pytest.approx(plain.value, rel=1e-3)


def test_channels_are_coordinates() -> None:
    x = series("henon", Sampling(samples=3000))
    found = correlation_dimension(x, embedding=Embedding(1, 1, 2, math.nan), dimensions=6)
    assert found.dimension.value == pytest.approx(1.22, rel=0.06)


def test_few_samples_are_said_to_be_few() -> None:
    with pytest.raises(InsufficientData) as caught:
        correlation_dimension(seen("lorenz", 120))
    assert caught.value.available == 120
    assert caught.value.needed > 120


def test_so_many_samples_as_are_said_to_be_needed_are_enough() -> None:
    x = seen("henon", 300)
    given = Embedding(3, 4, 7, math.nan)
    with pytest.raises(InsufficientData) as caught:
        correlation_dimension(x[:50], embedding=given)
    assert caught.value.needed == 213
    assert correlation_dimension(x[:213], embedding=given).pairs > 0


def test_two_dimensions_are_too_few_to_compare() -> None:
    with pytest.raises(UsageError):
        correlation_dimension(seen("henon", 1000), dimensions=2)


def test_the_work_is_bounded() -> None:
    x = np.sin(np.arange(300_000) * 0.1) + np.sin(np.arange(300_000) * 0.1 * math.sqrt(3))
    found = correlation_dimension(x, embedding=Embedding(10, 3, 100, math.nan))
    assert found.pairs < 60_000_000
    assert found.dimension.value == pytest.approx(2.0, rel=0.1)
