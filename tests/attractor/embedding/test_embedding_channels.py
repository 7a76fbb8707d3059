"""Leading components against numpy's own eigenvectors, and planted directions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.attractor.embedding.channels import leading_components
from midstream_cli.errors import UsageError
from strategies import seeds, some


@some
@given(seeds, st.integers(2, 30), st.integers(1, 30), st.sampled_from([1.0, 1e200, 1e-200]))
def test_components_have_the_variances_of_the_covariance(seed: int, n: int, channels: int, scale: float) -> None:
    x = np.random.default_rng(seed).normal(size=(n, channels)) + 100.0
    count = min(n, channels)
    found = leading_components(x * scale, count) / scale
    expected = np.sort(np.linalg.eigvalsh(np.atleast_2d(np.cov(x, rowvar=False, bias=True))))[::-1][:count]
    covariance = found.T @ found / n
    assert np.allclose(np.diag(covariance), expected, rtol=0, atol=1e-9)
    assert np.allclose(covariance, np.diag(np.diag(covariance)), rtol=0, atol=1e-9)
    assert np.allclose(found.mean(axis=0), 0.0, atol=1e-9)


def test_a_planted_motion_is_found_with_the_sign_of_its_largest_channel() -> None:
    random = np.random.default_rng(1)
    motion = np.sin(np.arange(500) / 9.0)
    part = np.array([0.1, -0.2, 0.9, 0.3, -0.5])
    x = 1e6 + motion[:, None] * part + 0.01 * random.normal(size=(500, 5))
    found = leading_components(x, 1)[:, 0]
    assert np.corrcoef(found, motion)[0, 1] > 0.999


def test_channels_that_do_not_move_give_nothing() -> None:
    assert not leading_components(np.full((20, 5), 0.1), 2).any()


@pytest.mark.parametrize("count", [0, 3])
def test_more_components_than_there_are_cannot_be_had(count: int) -> None:
    with pytest.raises(UsageError, match=f"{count} components of 2 channels"):
        leading_components(np.zeros((9, 2)), count)
