"""Periods of clean, noisy, spiky, broad-band and drifting series, and of those that have none."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.attractor.embedding.period import dominant_period, spectrum
from midstream_cli.streams.simulate.dynamics.playing import Sampling, series
from strategies import seeds, some

TIME = np.arange(3000.0)


@some
@given(st.floats(2.5, 700.0), st.floats(0.0, 6.28), st.integers(-600, 600), st.sampled_from([0.0, 0.1, 0.3]), seeds)
def test_a_sine_has_its_period(period: float, phase: float, exponent: int, noise: float, seed: int) -> None:
    x = np.sin(2 * math.pi * TIME / period + phase) + noise * np.random.default_rng(seed).normal(size=len(TIME))
    # what noise does to a line, in bins of the spectrum
    error = 2e-4 + 0.05 * noise + (0.03 if period > 300 else 0.0)
    assert 1 / dominant_period(np.ldexp(x, exponent)) == pytest.approx(1 / period, abs=error / 3000 + 1e-3 / period)


@pytest.mark.parametrize("noise", [0.0, 0.1])
def test_of_pulses_and_squares_the_period_is_found_not_a_harmonic(noise: float) -> None:
    random = np.random.default_rng(1)
    for x in (np.exp(10 * (np.cos(2 * math.pi * TIME / 60.3) - 1)), np.sign(np.sin(2 * math.pi * TIME / 60.3))):
        assert dominant_period(x + noise * random.normal(size=len(x))) == pytest.approx(60.3, rel=0.005)


@pytest.mark.parametrize("n", [300, 3000])
def test_of_rare_spikes_of_any_height_it_is_how_often_they_come(n: int) -> None:
    random = np.random.default_rng(4)
    time = np.arange(n)
    height = np.exp(0.5 * random.normal(size=n // 25 + 1))[time // 25]
    x = height * np.exp(-0.5 * ((time % 25 - 12) / 1.5) ** 2)
    assert (((x - x.mean()) / x.std()) ** 4).mean() > 8
    assert dominant_period(x) == pytest.approx(25, rel=0.02)


def test_of_two_tones_the_faster_speed_counts() -> None:
    x = np.sin(2 * math.pi * TIME / 50.3) + 0.7 * np.sin(2 * math.pi * TIME / 50.3 * 0.618034)
    assert dominant_period(x) == pytest.approx(50.3, rel=0.002)


def test_drift_does_not_count() -> None:
    x = np.sin(2 * math.pi * TIME / 50.3) + 9 * TIME / 3000 + 2 * np.cos(4.4 * TIME / 3000)
    assert dominant_period(x) == pytest.approx(50.3, rel=0.002)


@pytest.mark.parametrize("noise", [0.0, 0.1, 0.3])
@pytest.mark.parametrize(
    ("name", "column", "rate_hz", "low", "high"),
    [
        # a round of a lobe takes 0.75 s, some before the lobe is changed more
        ("lorenz", 0, 100.0, 60, 110),
        ("lorenz", 0, 50.0, 32, 60),
        ("lorenz", 0, 20.0, 13, 23),
        ("lorenz", 2, 50.0, 36, 39),
        ("rossler", 0, 10.0, 57, 60),
        ("mackey_glass", 0, 1.0, 46, 53),
        ("ueda", 0, 10.0, 62, 64),
        ("van_der_pol", 0, 10.0, 66, 67),
    ],
)
def test_flows_have_the_time_of_an_orbit(
    name: str, column: int, rate_hz: float, low: float, high: float, noise: float
) -> None:
    x = series(name, Sampling(samples=5000, rate_hz=rate_hz, noise=noise))
    assert low <= dominant_period(x[:, column]) <= high


def test_channels_are_taken_together() -> None:
    assert 36 <= dominant_period(series("lorenz", Sampling(samples=5000))) <= 40


@pytest.mark.parametrize("name", ["henon", "logistic", "ikeda", "white_noise"])
@pytest.mark.parametrize("n", [300, 5000])
def test_maps_and_noise_have_none(name: str, n: int) -> None:
    assert math.isnan(dominant_period(series(name, Sampling(samples=n))[:, 0]))


def test_noise_with_a_memory_has_none() -> None:
    random = np.random.default_rng(3)
    found = []
    for _ in range(20):
        x = np.zeros(4000)
        for i, step in enumerate(random.normal(size=3999)):
            x[i + 1] = 0.9 * x[i] + step
        found.append(dominant_period(x))
    assert np.isnan(found).all()


def test_a_cycle_of_a_map_has_one() -> None:
    jitter = 0.01 * np.random.default_rng(1).normal(size=len(TIME))
    assert dominant_period((-1.0) ** TIME + jitter) == pytest.approx(2.0)
    assert dominant_period(np.tile([0.1, 0.9, 0.4], 400)) == pytest.approx(3.0, rel=1e-3)


@pytest.mark.parametrize(
    "x",
    [np.full(100, 0.1), np.arange(300.0), np.sin(np.arange(300) / 100), np.zeros((50, 3)), np.ones(3), [1.0]],
    ids=["level", "line", "half a wave", "channels", "three", "one"],
)
def test_what_does_not_come_back_has_none(x: object) -> None:
    assert math.isnan(dominant_period(x))  # type: ignore[arg-type]


def test_a_spectrum_has_the_lines_that_were_put_in() -> None:
    found = spectrum(np.sin(2 * math.pi * TIME / 20) + 2 * np.sin(2 * math.pi * TIME / 50))
    assert found.power.sum() == pytest.approx(1.0)
    for period, share in ((20, 0.2), (50, 0.8)):
        near = np.abs(found.frequency - 1 / period) < 5 / 3000
        assert found.power[near].sum() == pytest.approx(share, abs=0.005)
    assert not spectrum(np.full(50, 0.3)).power.any()
