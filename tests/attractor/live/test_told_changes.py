"""Regimes whose changes are told from outside are those of a watch with a detector, but for when a change is told."""

import numpy as np

from midstream_cli.attractor.live.regimes import RegimeWatch
from midstream_cli.attractor.live.rules import Regime


def regimes(values: np.ndarray, told: np.ndarray) -> list[Regime]:
    watch = RegimeWatch(1, own_detector=False)
    return [watch.update(np.array([x]), changing=bool(now)).regime for x, now in zip(values, told, strict=True)]


def test_what_is_told_is_transient_and_nothing_else() -> None:
    noise = np.random.default_rng(1).normal(size=600)
    told = np.zeros(600, bool)
    told[300:340] = True
    found = regimes(noise, told)
    assert set(found[128:300]) == {Regime.IDLE}
    assert set(found[300:340]) == {Regime.TRANSIENT}
    assert found[340] is Regime.IDLE


def test_nothing_is_detected_by_itself() -> None:
    noise = np.random.default_rng(1).normal(size=600)
    noise[400:] += 50.0
    assert Regime.TRANSIENT not in regimes(noise, np.zeros(600, bool))


def test_without_changes_a_detector_makes_no_difference() -> None:
    tone = np.sin(2 * np.pi * np.arange(500) / 25) + np.random.default_rng(2).normal(0, 0.01, 500)
    own, told = RegimeWatch(1), RegimeWatch(1, own_detector=False)
    for x in tone:
        a, b = own.update([x]), told.update([x], changing=own.changing)
        assert a.regime is b.regime or own.changing
    assert b.regime is Regime.PERIODIC


def test_a_law_that_holds_since_the_change_began_is_told() -> None:
    noise, tone = np.random.default_rng(1).normal(size=300), 9 * np.sin(2 * np.pi * np.arange(500) / 25)
    found = regimes(np.concatenate([noise, tone]), np.arange(800) >= 300)
    assert found[302] is Regime.TRANSIENT
    assert found[-1] is Regime.PERIODIC


def test_missing_numbers_are_passed_over() -> None:
    values = np.random.default_rng(1).normal(size=300)
    broken = np.insert(values, 150, [np.nan, np.inf, 1e300])
    whole = regimes(values, np.zeros(300, bool))
    assert [each for i, each in enumerate(regimes(broken, np.zeros(303, bool))) if i not in (150, 151, 152)] == whole
