"""Series of any scale and level, and samples that came unevenly."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.attractor.embedding.sampling import even, finite, standardised
from midstream_cli.errors import UsageError
from strategies import seeds, some


@some
@given(seeds, st.integers(2, 60), st.integers(-660, 660), st.sampled_from([0.0, 1.0, -1e6]))
def test_scale_and_level_make_no_difference(seed: int, n: int, exponent: int, level: float) -> None:
    x = np.random.default_rng(seed).normal(size=n)
    expected = (x - x.mean()) / x.std()
    assert np.allclose(standardised(np.ldexp(x + level, exponent)), expected, rtol=0, atol=1e-8)


def test_each_channel_is_measured_by_itself() -> None:
    found = standardised(np.column_stack([[1.0, 2.0, 3.0], [1e200, 3e200, 5e200], [7.0, 7.0, 7.0]]))
    each = np.array([1.0, 1.0, 0.0]) * math.sqrt(1.5)
    assert np.allclose(found, [-each, 0 * each, each], rtol=0, atol=1e-12)


@pytest.mark.parametrize("value", [0.0, 0.1, -1e6, 1e200, 1e-200, 5e-324])
def test_what_does_not_move_is_zero(value: float) -> None:
    assert not standardised(np.full((7, 2), value)).any()
    assert not standardised([value]).any()


def test_rounding_is_no_motion() -> None:
    assert not standardised([0.3, 0.1 + 0.2, 0.3, 0.1 + 0.2]).any()


def test_the_widest_range_of_all_does_not_overflow() -> None:
    assert standardised([-1.7e308, 1.7e308]).tolist() == [-1.0, 1.0]


def test_what_is_not_finite_is_named() -> None:
    with pytest.raises(UsageError, match="holds nan at sample 2"):
        finite([1.0, 2.0, math.nan])
    with pytest.raises(UsageError, match="sample 1"):
        finite([[1.0, 2.0], [math.inf, 1.0]])


@pytest.mark.parametrize("x", [[], 3.0, np.zeros((2, 2, 2)), np.zeros((0, 3)), ["a"], [1j], [[1.0], [1.0, 2.0]]])
def test_what_is_no_series_is_refused(x: object) -> None:
    with pytest.raises(UsageError):
        finite(x)  # type: ignore[arg-type]


def test_even_samples_stay_what_they_are() -> None:
    x = np.random.default_rng(1).normal(size=(101, 2))
    found, rate_hz = even(np.arange(101) / 50.0 + 1e9, x)
    assert found.tolist() == x.tolist()
    assert rate_hz == pytest.approx(50.0, rel=1e-9)


@pytest.mark.parametrize(("method", "error"), [("cubic", 2e-5), ("linear", 5e-3)])
def test_uneven_samples_of_a_sine_come_out_as_the_sine(method: str, error: float) -> None:
    random = np.random.default_rng(2)
    times = np.cumsum(random.uniform(0.6, 1.4, 500)) / 100.0
    found, rate_hz = even(times, np.sin(6.0 * times), method=method)  # type: ignore[arg-type]
    grid = times[0] + np.arange(len(found)) / rate_hz
    assert rate_hz == pytest.approx(100.0, rel=0.05)
    assert grid[-1] <= times[-1] + 1e-9 < grid[-1] + 1.0 / rate_hz
    assert np.abs(found - np.sin(6.0 * grid)).max() < error


def test_samples_in_bursts_do_not_overshoot() -> None:
    random = np.random.default_rng(3)
    times = np.cumsum(random.choice([0.001, 0.01], 400))
    x = random.normal(size=(400, 2))
    found, _ = even(times, x)
    assert np.abs(found).max() <= np.abs(x).max()
    assert found.shape[1] == 2


def test_a_short_silence_is_bridged_at_the_rate_of_the_rest() -> None:
    times = np.delete(np.arange(200) / 10.0, [50, 51, 120])
    found, rate_hz = even(times, times)
    assert rate_hz == pytest.approx(10.0)
    assert np.allclose(found, np.arange(200) / 10.0, rtol=0, atol=1e-9)


def test_a_long_gap_is_refused_with_its_place() -> None:
    times = np.concatenate([np.arange(50), np.arange(60, 99)]) / 10.0
    with pytest.raises(UsageError, match=r"a gap of 1.1 s after 4.9 s, 11.0 times"):
        even(times, times)


def test_too_many_gaps_are_refused() -> None:
    times = np.arange(300)[np.arange(300) % 9 > 2] / 10.0
    with pytest.raises(UsageError, match="% of the time lies in gaps"):
        even(times, times)


@pytest.mark.parametrize(
    "times", [[0.0, 1.0, 1.0, 2.0], [0.0, 2.0, 1.0, 3.0], [0.0, 1.0, 2.0], [[0.0], [1.0], [2.0], [3.0]]]
)
def test_times_that_make_no_sense_are_refused(times: list[float]) -> None:
    with pytest.raises(UsageError):
        even(times, np.arange(4.0))


def test_an_unknown_interpolation_is_refused() -> None:
    with pytest.raises(UsageError, match="there is no interpolation 'spline'"):
        even([0.0, 1.0], [1.0, 2.0], method="spline")  # type: ignore[arg-type]
