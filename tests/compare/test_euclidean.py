"""Distance position by position against sums written out."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.compare.warping.euclidean import euclidean
from midstream_cli.errors import UsageError
from strategies import seeds, some


@some
@given(seeds, st.integers(1, 30), st.integers(1, 5), st.sampled_from([1.0, 1e-200, 1e200]))
def test_distance_is_the_root_of_the_summed_squares(seed: int, n: int, dims: int, scale: float) -> None:
    a, b = np.random.default_rng(seed).normal(0, scale, (2, n, dims))
    expected = math.dist(a.ravel().tolist(), b.ravel().tolist())
    found = euclidean(a, b)
    assert math.isclose(found.distance, expected, rel_tol=1e-12)
    assert math.isclose(found.normalised, expected / math.sqrt(n), rel_tol=1e-12)
    assert found.path is not None
    assert found.path.tolist() == [[i, i] for i in range(n)]
    assert euclidean(a, a).distance == 0.0


def test_the_normalised_distance_does_not_depend_on_the_length() -> None:
    assert euclidean([0.0] * 3, [2.0] * 3).normalised == euclidean([0.0] * 50, [2.0] * 50).normalised == 2.0


@pytest.mark.parametrize(
    ("a", "b", "said"),
    [
        ([1.0, 2.0], [1.0], r"\(2, 1\) and \(1, 1\)"),
        ([[1.0, 2.0]], [[1.0], [2.0]], "cannot be compared position by position"),
        ([], [], "is empty"),
        ([math.nan], [1.0], "not finite"),
        ([1.7e308], [-1.7e308], "too far apart"),
    ],
)
def test_what_does_not_fit_is_refused_with_advice(a: Any, b: Any, said: str) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        euclidean(a, b)
    assert caught.value.hint
