"""The numbers that regimes are told by mean what their names say."""

import numpy as np
import pytest

from midstream_cli.attractor.regime import decay, forecasts, linear_twins, lines, returns, shape
from midstream_cli.attractor.regime.indicators import NAMES, indicators
from midstream_cli.attractor.regime.series import FINEST, LONGEST, median_period, stretch

T = np.arange(1_200.0)
CYCLE = np.sin(0.31 * T) + 0.5 * np.sin(0.62 * T + 1)
TORUS = np.sin(0.31 * T) + 0.9 * np.sin(0.31 * np.sqrt(3) * T)
NOISE = np.random.default_rng(0).standard_normal(len(T))


def named(x: np.ndarray) -> dict[str, float]:
    return dict(zip(NAMES, indicators(x).values.tolist(), strict=True))


def test_there_is_one_name_for_each_number() -> None:
    assert len(set(NAMES)) == len(NAMES) == len(indicators(NOISE).values)


@pytest.mark.parametrize(
    "x", [CYCLE, TORUS, NOISE, np.cumsum(NOISE), np.exp(-T / 50), T, np.sign(CYCLE), (T == 7) * 1.0]
)
@pytest.mark.parametrize("n", [100, 128, 333, 1_200])
def test_every_series_has_finite_indicators(x: np.ndarray, n: int) -> None:
    assert np.isfinite(indicators(x[:n]).values).all()


def test_the_same_series_has_the_same_indicators_every_time() -> None:
    assert (indicators(NOISE).values == indicators(NOISE.copy()).values).all()


def test_sines_are_foretold_and_noise_is_not() -> None:
    cycle, torus, noise = named(CYCLE), named(TORUS), named(NOISE)
    assert max(cycle["lines_best"], torus["lines_best"]) < -6 < -0.2 < noise["lines_best"]
    assert cycle["comb_low"] > 0.99
    assert torus["comb_low"] < 0.7
    assert torus["lattice"] > 0.99


@pytest.mark.parametrize("frequency", [0.0123, 0.101, 0.31, 0.4567])
def test_the_strongest_frequency_is_found_between_those_of_the_transform(frequency: float) -> None:
    assert lines.strongest(np.cos(2 * np.pi * frequency * T + 1)) == pytest.approx(frequency, abs=0.03 / len(T))


def test_a_cycle_comes_back_and_noise_does_not() -> None:
    assert named(CYCLE)["return_first"] < -5 < -0.5 < named(NOISE)["return_first"]


def test_the_change_over_a_lag_is_what_a_loop_says() -> None:
    x = (NOISE - NOISE.mean()) / NOISE.std()
    by_hand = [np.mean((x[lag:] - x[:-lag]) ** 2) / 2 for lag in range(450, 599)]
    found = dict(zip(returns.NAMES, returns.returns(x, 6.0), strict=True))
    assert np.exp(found["return_late"]) <= min(by_hand[150:] + by_hand) + 1e-3


def test_a_curved_law_is_told_from_a_linear_one() -> None:
    x = [0.3]
    for _ in range(800):
        x.append(3.9 * x[-1] * (1 - x[-1]))
    assert named(np.array(x))["gain_step"] < -1 < -0.1 < named(NOISE)["gain_step"]
    assert named(np.array(x))["twins_delay"] < -1 < -0.3 < named(NOISE)["twins_delay"]


def test_a_bent_instrument_makes_no_law_of_noise() -> None:
    straight = dict(zip(forecasts.LAW_NAMES, forecasts.laws(stretch(NOISE)), strict=True))
    bent = dict(zip(forecasts.LAW_NAMES, forecasts.laws(stretch(NOISE)._replace(x=np.exp(NOISE))), strict=True))
    assert bent == straight


def test_normal_scores_keep_the_order() -> None:
    scores = forecasts.normal_scores(NOISE)
    assert (np.argsort(scores) == np.argsort(NOISE)).all()
    assert abs(scores.mean()) < 1e-9
    assert scores.std() == pytest.approx(1, abs=0.01)


def test_what_comes_to_rest_moves_earlier_than_later() -> None:
    found = dict(zip(decay.NAMES, decay.decay(np.exp(-T / 100) * 5), strict=True))
    back = dict(zip(decay.NAMES, decay.decay(np.exp(-T[::-1] / 100) * 5), strict=True))
    assert found["decay_spread"] > 2
    assert back["decay_spread"] == pytest.approx(-found["decay_spread"])
    assert found["decay_centre"] < 0.1


def test_entropy_of_ranks_is_one_for_noise_and_low_for_a_ramp() -> None:
    found = dict(zip(shape.NAMES, shape.shape(stretch(NOISE)), strict=True))
    ramp = dict(zip(shape.NAMES, shape.shape(stretch((T - T.mean()) / T.std())), strict=True))
    assert found["permutations_step"] > 0.98
    assert ramp["permutations_step"] == 0
    assert ramp["missing_step"] == pytest.approx(23 / 24)


def test_twins_are_the_same_every_time() -> None:
    given = stretch(NOISE)
    assert linear_twins.linear_twins(given) == linear_twins.linear_twins(given)


def test_a_long_fine_series_is_averaged_and_cut() -> None:
    t = np.arange(100_000.0)
    part = stretch(np.sqrt(2) * np.sin(2 * np.pi * t / 400))
    assert len(part.x) <= LONGEST
    assert FINEST / 2 <= part.period <= 2 * FINEST


def test_half_the_power_is_above_the_median_frequency() -> None:
    assert median_period(np.sin(2 * np.pi * T / 24)) == pytest.approx(24, rel=0.02)
