"""Delays against plain counts, exact sums, and what is known of famous systems."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.attractor.embedding.delay import autocorrelation, delay, mutual_information
from midstream_cli.errors import UsageError
from midstream_cli.frames import Float64
from midstream_cli.streams.simulate.dynamics.playing import Sampling, series
from strategies import few, seeds, some


def seen(name: str, n: int, rate_hz: float | None = None, noise: float = 0.0) -> Float64:
    """The first coordinate of a system."""
    return series(name, Sampling(samples=n, rate_hz=rate_hz, noise=noise))[:, 0]


def information_twin(x: Float64, lag: int, pairs: int, bins: int) -> float:
    """Mutual information of counts in bins that hold equally many."""
    edges = sorted(x)
    borders = [edges[k * len(x) // bins] for k in range(1, bins)]
    code = [sum(value >= border for border in borders) for value in x]
    joint = Counter((code[i], code[i + lag]) for i in range(pairs))
    one, other = Counter(code[:pairs]), Counter(code[lag : lag + pairs])
    return sum(c / pairs * math.log(c * pairs / (one[a] * other[b])) for (a, b), c in joint.items())


@few
@given(seeds, st.integers(30, 300), st.sampled_from(["normal", "tied", "walk"]))
def test_information_is_that_of_plain_counts(seed: int, n: int, flavour: str) -> None:
    random = np.random.default_rng(seed)
    x = random.integers(0, 4, n).astype(float) if flavour == "tied" else random.normal(size=n)
    x = np.cumsum(x) if flavour == "walk" else x
    pairs = n - 9
    bins = max(3, int(math.sqrt(pairs / 10)))
    expected = [information_twin(x, lag, pairs, bins) for lag in range(10)]
    assert np.allclose(mutual_information(x, 9), expected, rtol=0, atol=1e-9)


def test_of_several_channels_the_mean_is_taken() -> None:
    x = np.random.default_rng(1).normal(size=(400, 3))
    each = [mutual_information(x[:, c], 5) for c in range(3)]
    assert np.allclose(mutual_information(x, 5), np.mean(each, axis=0), rtol=0, atol=1e-12)


def test_normal_noise_with_a_memory_has_the_information_of_its_correlation() -> None:
    random = np.random.default_rng(2)
    x = np.zeros(60_000)
    for i in range(1, len(x)):
        x[i] = 0.8 * x[i - 1] + random.normal()
    found = mutual_information(x, 3)
    # what counts in bins add by chance
    bias = 31**2 / 2 / 10_000
    for lag in (1, 2, 3):
        assert found[lag] - bias == pytest.approx(-0.5 * math.log(1 - 0.64**lag), abs=0.03)


@some
@given(seeds, st.integers(2, 80), st.integers(1, 3))
def test_autocorrelation_is_that_of_plain_sums(seed: int, n: int, channels: int) -> None:
    x = np.random.default_rng(seed).normal(size=(n, channels)) + 3.0
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    expected = [float((z[: n - lag] * z[lag:]).sum()) / (n * channels) for lag in range(n)]
    assert np.allclose(autocorrelation(x, n - 1), expected, rtol=0, atol=1e-9)


def test_what_does_not_move_is_all_the_same() -> None:
    assert autocorrelation(np.full(9, 0.1), 3).tolist() == [1.0] * 4
    assert mutual_information(np.full(40, 0.1), 3).tolist() == [0.0] * 4
    assert delay(np.full(40, 0.1)) == 1


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5])
def test_a_handful_of_samples_have_a_delay_of_one(n: int) -> None:
    x = np.arange(float(n))
    assert delay(x) == delay(x, "autocorrelation") == 1


@pytest.mark.parametrize("noise", [0.0, 0.05])
@pytest.mark.parametrize(
    ("name", "n", "rate_hz", "low", "high"),
    [
        ("lorenz", 5000, 100.0, 13, 24),
        ("lorenz", 5000, 50.0, 7, 12),
        ("lorenz", 5000, 20.0, 3, 5),
        ("rossler", 5000, 10.0, 11, 16),
        ("mackey_glass", 3000, 1.0, 9, 14),
        ("henon", 3000, None, 1, 1),
        ("logistic", 3000, None, 1, 1),
        ("white_noise", 3000, None, 1, 1),
    ],
)
def test_famous_systems_have_the_delays_of_the_literature(
    name: str, n: int, rate_hz: float | None, low: int, high: int, noise: float
) -> None:
    assert low <= delay(seen(name, n, rate_hz, noise)) <= high


@pytest.mark.parametrize("period", [41.7, 101.3])
@pytest.mark.parametrize("level", [0.0, 1e6])
def test_a_sine_has_a_quarter_of_its_period(period: float, level: float) -> None:
    x = level + np.sin(2 * math.pi * np.arange(3000) / period)
    assert delay(x) == pytest.approx(period / 4, abs=1.5)
    assert delay(x, "autocorrelation") == math.ceil(period / 4)


def test_a_slow_drift_does_not_hide_the_oscillation() -> None:
    t = np.arange(4000)
    assert 8 <= delay(np.sin(2 * math.pi * t / 50.3) + 3 * t / 4000 + 2 * np.cos(4 * t / 4000)) <= 13


def test_of_a_long_series_a_part_says_the_same() -> None:
    t = np.arange(300_000)
    x = np.sin(t / 8) + np.sin(t * math.sqrt(5) / 16) + 0.05 * np.random.default_rng(1).normal(size=len(t))
    assert abs(delay(x) - delay(x[:10_000])) <= 1


def test_a_limit_is_kept() -> None:
    x = np.sin(np.arange(2000) / 50)
    assert delay(x, max_delay=7) == 7
    assert delay(x, "autocorrelation", max_delay=7) == 7


def test_what_makes_no_sense_is_refused() -> None:
    x = np.arange(20.0)
    with pytest.raises(UsageError, match="no method 'fraser'"):
        delay(x, "fraser")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="at most 0"):
        delay(x, max_delay=0)
    for function in (autocorrelation, mutual_information):
        with pytest.raises(UsageError, match="in a series of 20 samples"):
            function(x, 20)
