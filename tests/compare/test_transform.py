"""Transforms against their formulas, exact arithmetic, and the peers that define them."""

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from midstream_cli.compare.warping.transform import TRANSFORMS, derivative, transformed, z_normalise
from midstream_cli.errors import UsageError
from midstream_cli.frames import Float64
from strategies import seeds, some

lengths = st.integers(1, 60)
scales = st.sampled_from([1.0, 1e-3, 1e150, 1e300, 1e-150, 1e-300])
levels = st.sampled_from([0.0, 1.0, 1e6])


def made(seed: int, n: int, dims: int, scale: float, level: float) -> Float64:
    return (np.random.default_rng(seed).normal(0, 1, (n, dims)) + level) * scale


def exactly_normalised(column: list[float]) -> list[float]:
    """The definition in fractions; only the root is rounded."""
    exact = [Fraction(value) for value in column]
    mean = sum(exact) / len(exact)
    variance = sum((value - mean) ** 2 for value in exact) / len(exact)
    if variance == 0:
        return [0.0] * len(column)
    return [math.copysign(math.sqrt((value - mean) ** 2 / variance), value - mean) for value in exact]


@some
@given(seeds, lengths, st.integers(1, 4), scales, levels)
@example(1, 1, 1, 1.0, 0.0)
@example(2, 2, 3, 1e300, 1e6)
@example(3, 50, 2, 1e-300, 1e6)
def test_each_dimension_is_normalised_as_defined(seed: int, n: int, dims: int, scale: float, level: float) -> None:
    series = made(seed, n, dims, scale, level)
    found = z_normalise(series)
    expected = np.array([exactly_normalised(column) for column in series.T.tolist()]).T
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("constant", [0.0, 0.1, -3.0, 1e300, 5e-324])
def test_what_never_changes_becomes_zeros(constant: float) -> None:
    series = np.column_stack([np.full(7, constant), np.arange(7.0)])
    found = z_normalise(series)
    assert found[:, 0].tolist() == [0.0] * 7
    assert math.isclose(found[:, 1].std(), 1.0)
    assert z_normalise([constant]).tolist() == [0.0]


def test_the_least_change_counts_as_much_as_any() -> None:
    one, next_one = 1e9, math.nextafter(1e9, math.inf)
    assert z_normalise([one, next_one, one, next_one]).tolist() == [-1.0, 1.0, -1.0, 1.0]
    assert z_normalise([0.0, 5e-324]).tolist() == [-1.0, 1.0]
    assert z_normalise([-1.7e308, 1.7e308]).tolist() == [-1.0, 1.0]


@some
@given(seeds, st.integers(3, 60), st.integers(1, 4))
def test_normalising_is_that_of_aeon(seed: int, n: int, dims: int) -> None:
    general = pytest.importorskip("aeon.utils.numba.general")
    series = made(seed, n, dims, 1.0, 3.0)
    expected = np.array([general.z_normalise_series(column.copy()) for column in series.T]).T
    np.testing.assert_allclose(z_normalise(series), expected, rtol=1e-9, atol=1e-12)


def slopes(column: list[float]) -> list[float]:
    inner = [((column[i] - column[i - 1]) + (column[i + 1] - column[i - 1]) / 2) / 2 for i in range(1, len(column) - 1)]
    return [inner[0], *inner, inner[-1]]


@some
@given(seeds, st.integers(3, 60), st.integers(1, 4), scales, levels)
def test_the_derivative_is_that_of_the_paper(seed: int, n: int, dims: int, scale: float, level: float) -> None:
    series = made(seed, n, dims, scale, 0.0) + level
    expected = np.array([slopes(column) for column in series.T.tolist()]).T
    assert derivative(series).tolist() == expected.tolist()


def test_the_derivative_of_a_line_is_its_slope_and_a_level_is_nothing() -> None:
    assert derivative([1.0, 3.0, 5.0, 7.0]).tolist() == [2.0, 2.0, 2.0, 2.0]
    assert derivative([5.0, 5.0, 5.0]).tolist() == [0.0, 0.0, 0.0]
    # by hand: ((4 - 1) + (9 - 1) / 2) / 2
    assert derivative([1.0, 4.0, 9.0]).tolist() == [3.5, 3.5, 3.5]


@some
@given(seeds, st.integers(3, 60))
def test_the_derivative_is_that_of_aeon(seed: int, n: int) -> None:
    elastic = pytest.importorskip("aeon.distances.elastic._ddtw")
    series = made(seed, n, 2, 1.0, 3.0)
    expected = elastic.slope_derivative_2d(np.ascontiguousarray(series.T))
    np.testing.assert_allclose(derivative(series)[1:-1], expected.T, rtol=1e-9, atol=1e-12)


@some
@given(seeds, st.integers(3, 60))
def test_the_derivative_between_the_ends_is_that_of_dtaidistance(seed: int, n: int) -> None:
    preprocessing = pytest.importorskip("dtaidistance.preprocessing")
    series = made(seed, n, 1, 1.0, 3.0)[:, 0]
    np.testing.assert_allclose(derivative(series)[1:-1], preprocessing.derivative(series)[1:-1], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", TRANSFORMS)
def test_a_series_keeps_its_shape_and_stays_as_it_was(name: str) -> None:
    for shape in ((9,), (9, 1), (9, 3)):
        series = np.random.default_rng(1).normal(0, 1, shape)
        before = series.copy()
        assert TRANSFORMS[name](series).shape == shape
        assert (series == before).all()
    assert TRANSFORMS[name]([1, 2, 4]).shape == (3,)


def test_transforms_are_done_in_the_order_in_which_they_are_named() -> None:
    series = np.random.default_rng(1).normal(5, 3, (20, 2))
    one = transformed(series, ["z-normalise", "derivative"])
    assert one.tolist() == derivative(z_normalise(series)).tolist()
    other = transformed(series, ["derivative", "z-normalise"])
    assert other.tolist() == z_normalise(derivative(series)).tolist()
    assert one.tolist() != other.tolist()
    assert transformed([1, 2], []).tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    ("names", "series", "said", "hinted"),
    [
        (["z-normalize"], [1.0, 2.0], "no transform is called 'z-normalize'", "z-normalise, derivative"),
        (["z-normalise"], [], "the series is empty", "at least one"),
        (["z-normalise"], [1.0, math.nan], "not finite, at position 1", "leave"),
        (["derivative"], [1.0, 2.0], "a series of 2 has no slope", "three"),
        (["derivative"], [1.0, math.inf, 2.0], "not finite, at position 1", "leave"),
        (["derivative"], [-1.7e308, 0.0, 1.7e308], "more than a number can hold", "check"),
    ],
)
def test_what_cannot_be_transformed_is_refused_with_advice(
    names: list[str], series: Any, said: str, hinted: str
) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        transformed(series, names)
    assert hinted in caught.value.hint
