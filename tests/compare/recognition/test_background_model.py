"""What a stream is like while nothing moves: whitening, units, shrinkage, correlation in time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.compare.recognition.background import Model, correlation_time, shape, shrunk
from midstream_cli.compare.signatures.signature import Background
from midstream_cli.errors import UsageError
from strategies import seeds, some


def test_many_vectors_are_white_in_their_own_model() -> None:
    random = np.random.default_rng(0)
    mixed = random.normal(size=(4000, 6)) @ random.normal(size=(6, 6)) + 3.0
    white = Model.of(mixed).whiten(mixed - mixed.mean(axis=0))
    assert np.allclose(np.cov(white.T), np.eye(6), atol=0.1)


def test_fewer_vectors_than_dimensions_still_make_a_model() -> None:
    random = np.random.default_rng(1)
    model = Model.of(random.normal(size=(20, 56)))
    unseen = np.square(model.whiten(random.normal(size=(500, 56)))).mean()
    assert 0.7 < unseen < 1.5


@some
@given(seeds, st.integers(-200, 200), st.integers(1, 12))
def test_the_scale_of_a_stream_does_not_matter(seed: int, power: int, d: int) -> None:
    vectors = np.random.default_rng(seed).normal(size=(50, d))
    one, other = Model.of(vectors), Model.of(vectors * 2.0**power)
    assert np.allclose(one.whiten(vectors), other.whiten(vectors * 2.0**power), rtol=1e-9)


def test_a_channel_that_never_moves_has_the_unit_of_the_others() -> None:
    vectors = np.random.default_rng(2).normal(size=(300, 4))
    vectors[:, 2] = 7.0
    model = Model.of(vectors)
    assert np.isfinite(model.whitening).all()
    assert 0.01 < model.unit[2] < 0.1


def test_impulses_do_not_make_the_background_wide() -> None:
    random = np.random.default_rng(3)
    vectors = random.normal(size=(500, 8))
    vectors[::20] *= 30.0
    quiet = np.square(Model.of(vectors).whiten(random.normal(size=(500, 8)))).mean()
    assert 0.6 < quiet < 1.1


def test_a_common_gain_counts_little_where_there_are_many_channels() -> None:
    random = np.random.default_rng(4)
    mean = random.uniform(50.0, 100.0, 20)
    model = Model.of(mean + random.normal(size=(1000, 20)))
    assert np.square(model.whiten(0.05 * mean[None])).sum() < 2.0
    turned = 0.05 * mean * np.where(np.arange(20) % 2, 1.0, -1.0)
    assert np.square(model.whiten(turned[None])).sum() > 200.0


def test_a_stored_background_whitens_by_its_covariance() -> None:
    random = np.random.default_rng(5)
    covariance = np.array([[4.0, 1.8], [1.8, 1.0]])
    background = Background(np.zeros(2), np.sqrt(np.diag(covariance)), covariance=covariance, count=100_000)
    white = Model.stored(background).whiten(random.multivariate_normal([0, 0], covariance, 5000))
    assert np.allclose(np.cov(white.T), np.eye(2), atol=0.06)


def test_correlation_time_is_that_of_an_autoregression() -> None:
    random = np.random.default_rng(6)
    x = np.zeros((20_000, 3))
    for n in range(1, len(x)):
        x[n] = 0.8 * x[n - 1] + random.normal(size=3)
    # (1 + a) / (1 - a), less what has faded below a tenth
    assert correlation_time(x) == pytest.approx(9.0, rel=0.15)
    assert correlation_time(random.normal(size=(5000, 3))) == pytest.approx(1.0, abs=1e-9)
    assert correlation_time(np.zeros((10, 2))) == pytest.approx(1.0)


def test_shrinkage_leaves_the_diagonal_and_fades_with_numbers() -> None:
    moments = np.array([[1.0, 0.9], [0.9, 1.0]])
    few, many = shrunk(moments, 2.0), shrunk(moments, 1e9)
    assert np.allclose(np.diag(few), 1.0)
    assert few[0, 1] < 0.8
    assert many[0, 1] == pytest.approx(0.9, abs=1e-6)


def test_the_shape_of_odd_vectors_has_no_size() -> None:
    random = np.random.default_rng(7)
    vectors = random.normal(size=(4000, 5)) * [9.0, 1.0, 1.0, 1.0, 1.0]
    matrix = shape(vectors * random.uniform(1.0, 50.0, (4000, 1)))
    assert np.linalg.det(matrix) == pytest.approx(1.0)
    assert matrix[0, 0] < 0.6 * matrix[1, 1]


@pytest.mark.parametrize("vectors", [np.zeros((1, 3)), np.full((5, 3), np.nan), np.zeros(5)])
def test_what_tells_nothing_is_an_error(vectors: np.ndarray) -> None:
    with pytest.raises(UsageError):
        Model.of(vectors)
