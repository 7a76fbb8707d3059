"""Surrogates keep what they promise, and the test against them tells chaos from noise as often as it says."""

import numpy as np
import pytest
import scipy.fft
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.attractor.prediction import prediction_error, reversal_asymmetry
from midstream_cli.attractor.surrogates import (
    KINDS,
    Kind,
    aaft,
    iaaft,
    make,
    matched_ends,
    phase_randomised,
    shuffled,
    surrogate_test,
)
from midstream_cli.errors import InsufficientData, UsageError
from midstream_cli.frames import Float64
from strategies import some


def autoregressive(n: int, seed: int, memory: float = 0.9) -> Float64:
    """Linear noise of first order."""
    steps = np.random.default_rng(seed).normal(size=n + 200)
    for i in range(1, n + 200):
        steps[i] += memory * steps[i - 1]
    return steps[200:]


def henon(n: int) -> Float64:
    """The first coordinate of the Henon map."""
    x, y, made = 0.1, 0.1, []
    for _ in range(n + 100):
        x, y = 1 - 1.4 * x * x + y, 0.3 * x
        made.append(x)
    return np.array(made[100:])


def lorenz(n: int) -> Float64:
    """The first coordinate of the Lorenz system, 0.05 of its time between samples."""
    state, made = np.array([1.0, 1.0, 20.0]), []

    def motion(s: Float64) -> Float64:
        return np.array([10 * (s[1] - s[0]), s[0] * (28 - s[2]) - s[1], s[0] * s[1] - 8 / 3 * s[2]])

    step = 0.01
    for i in range(5 * (n + 200)):
        k1 = motion(state)
        k2 = motion(state + step / 2 * k1)
        k3 = motion(state + step / 2 * k2)
        state = state + step / 6 * (k1 + 2 * k2 + 2 * k3 + motion(state + step * k3))
        if i % 5 == 0:
            made.append(state[0])
    return np.array(made[200:])


def spectrum(x: Float64) -> Float64:
    """Amplitudes of the frequencies above 0, along the last axis."""
    return np.asarray(np.abs(np.fft.rfft(x, axis=-1))[..., 1:], dtype=np.float64)


@some
@given(st.integers(0, 100), st.integers(16, 300), st.sampled_from([1.0, 1e-200, 1e200]), st.sampled_from([0.0, 1e6]))
def test_values_are_kept_exactly(seed: int, n: int, unit: float, level: float) -> None:
    x = (np.random.default_rng(seed).exponential(size=n) + level) * unit
    for make_some in (shuffled, aaft, iaaft):
        made = make_some(x, 3, seed=seed)
        assert made.shape == (3, n)
        np.testing.assert_array_equal(np.sort(made, axis=1), np.tile(np.sort(x), (3, 1)))


@pytest.mark.parametrize("n", [128, 129, 500])
def test_random_phases_keep_the_spectrum(n: int) -> None:
    x = 1e6 + autoregressive(n, 1)
    made = phase_randomised(x, 5)
    np.testing.assert_allclose(spectrum(made), np.tile(spectrum(x), (5, 1)), rtol=1e-6)
    np.testing.assert_allclose(made.mean(axis=1), x.mean(), rtol=1e-12)
    assert abs(float(np.asarray(np.corrcoef(made))[0, 1])) < 0.9


def test_iteration_brings_the_spectrum_closer() -> None:
    x = np.exp(autoregressive(1000, 2) / 3)
    errors = {
        kind: ((spectrum(make(x, 9, kind=kind)) - spectrum(x)) ** 2).sum(axis=1).mean() / (spectrum(x) ** 2).sum()
        for kind in ("shuffled", "aaft", "iaaft")
    }
    assert errors["iaaft"] < 1e-3
    assert errors["iaaft"] < errors["aaft"] / 10 < errors["shuffled"] / 10


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_seed_gives_the_same_surrogates(kind: Kind) -> None:
    x = autoregressive(200, 3)
    np.testing.assert_array_equal(make(x, 4, kind=kind, seed=5), make(x, 4, kind=kind, seed=5))
    assert (make(x, 4, kind=kind, seed=5) != make(x, 4, kind=kind, seed=6)).any()
    assert make(x, 0, kind=kind).shape == (0, 200)
    assert len(np.unique(make(x, 4, kind=kind, seed=5), axis=0)) == 4


def test_ends_are_cut_where_they_fit() -> None:
    # 10.3 periods: the longest stretch of whole periods fits
    x = np.sin(2 * np.pi * np.arange(1030) / 100) + 1e-6 * np.arange(1030)
    chosen = matched_ends(x)
    assert chosen.stop - chosen.start == 1000
    noise = np.random.default_rng(0).normal(size=997)
    chosen = matched_ends(noise)
    assert 0.9 * 997 <= chosen.stop - chosen.start <= 997
    assert scipy.fft.next_fast_len(chosen.stop - chosen.start, real=True) == chosen.stop - chosen.start


@pytest.mark.parametrize("statistic", ["prediction-error", "reversal-asymmetry"])
def test_chaos_is_not_linear(statistic: str) -> None:
    noise = np.random.default_rng(0).normal(size=600)
    clean = henon(600)
    for x in (clean, clean + 0.1 * clean.std() * noise):
        found = surrogate_test(x, statistic=statistic)  # type: ignore[arg-type]
        assert found.rejected
        assert found.p == (0.025 if statistic == "prediction-error" else 0.05)
        assert found.surrogates.shape == (39,)
        assert abs(found.z) > 5


def test_lorenz_is_predicted_better_than_its_surrogates() -> None:
    x = lorenz(1500)
    assert surrogate_test(x).rejected
    assert surrogate_test(x + 0.05 * x.std() * np.random.default_rng(1).normal(size=1500)).rejected


@pytest.mark.parametrize("statistic", ["prediction-error", "reversal-asymmetry"])
def test_linear_noise_is_rejected_as_seldom_as_the_level_says(statistic: str) -> None:
    rejected = sum(
        surrogate_test(autoregressive(256, seed), statistic=statistic, seed=seed).rejected  # type: ignore[arg-type]
        for seed in range(60)
    )
    # 3 are expected; 9 or more come with a chance of 0.2 %
    assert rejected < 9


def test_linear_noise_through_a_static_function_is_linear_noise() -> None:
    rejected = sum(surrogate_test(autoregressive(400, seed) ** 3, seed=seed).rejected for seed in range(20))
    assert rejected <= 4


def test_shuffled_surrogates_tell_any_dependence() -> None:
    def correlation(x: Float64) -> float:
        return float((x[1:] * x[:-1]).mean())

    assert surrogate_test(autoregressive(400, 1), statistic=correlation, kind="shuffled").rejected
    independent = np.random.default_rng(0).normal(size=(20, 400))
    rejected = sum(surrogate_test(x, statistic=correlation, kind="shuffled").rejected for x in independent)
    assert rejected <= 4


def test_prediction_error_is_0_for_what_repeats_and_1_for_noise() -> None:
    assert prediction_error(np.tile(np.random.default_rng(1).normal(size=20), 30)) < 1e-9
    assert prediction_error(np.random.default_rng(2).normal(size=2000)) == pytest.approx(1.1, abs=0.1)
    assert prediction_error(henon(2000)) < 0.05


def test_asymmetry_changes_sign_with_the_direction_of_time() -> None:
    x = henon(1000)
    assert reversal_asymmetry(x, lag=1) == pytest.approx(-reversal_asymmetry(x[::-1], lag=1), rel=1e-9)
    assert abs(reversal_asymmetry(np.tile([0.0, 1.0, 2.0, 1.0], 50), lag=1)) < 0.02
    assert reversal_asymmetry(np.zeros(50), lag=1) == 0.0


@pytest.mark.parametrize(
    "options", [{"statistic": "surprise"}, {"kind": "twins"}, {"surrogates": 18}, {"surrogates": -1}, {"level": 0.001}]
)
def test_what_makes_no_sense_is_refused(options: dict[str, float]) -> None:
    with pytest.raises(UsageError):
        surrogate_test(henon(300), **options)  # type: ignore[arg-type]


def test_series_that_cannot_be_tested_are_told() -> None:
    with pytest.raises(InsufficientData):
        iaaft(np.arange(15.0))
    with pytest.raises(InsufficientData) as told:
        surrogate_test(henon(31))
    assert (told.value.needed, told.value.available) == (36, 31)
    assert 0 < surrogate_test(henon(36)).p <= 1
    with pytest.raises(UsageError):
        surrogate_test(np.full(100, 2.0))
    with pytest.raises(UsageError, match="no number"):
        surrogate_test(henon(300), statistic=lambda _: np.nan)
    with pytest.raises(UsageError):
        iaaft(np.zeros((100, 2)))
    with pytest.raises(InsufficientData):
        prediction_error(np.arange(16.0))
