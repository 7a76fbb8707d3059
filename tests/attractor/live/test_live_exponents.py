"""Exponents and dimensions of a flowing stream: near the truth where there is one, and nothing where there is none."""

import math
from itertools import islice

import numpy as np
import pytest

from midstream_cli.attractor.live.regimes import Moment, RegimeWatch
from midstream_cli.attractor.live.rules import Regime
from midstream_cli.frames import Float64
from midstream_cli.streams.simulate.dynamics.systems import SYSTEMS


def played(system: str, rate_hz: float, n: int, seed: int = 1) -> Float64:
    """All coordinates, shape (n, coordinates)."""
    states = SYSTEMS[system].course(rate_hz, np.random.default_rng(seed))
    return np.concatenate(list(islice(states, n // 1024 + 1)))[:n, : len(SYSTEMS[system].columns)]


def watched(vectors: Float64) -> list[Moment]:
    table = vectors if vectors.ndim == 2 else vectors[:, None]
    watch = RegimeWatch(table.shape[1], rate_hz=32.0)
    return [watch.update(vector) for vector in table]


def told(moments: list[Moment], regime: Regime) -> Float64:
    """Exponent and dimension of each look that told a regime, shape (n, 2)."""
    seen = [(moment.exponent, moment.dimension) for moment in moments if moment.regime is regime]
    return np.array([now for before, now in zip([(0.0, 0.0), *seen], seen, strict=False) if now != before])


@pytest.mark.parametrize("noise", [0.0, 0.05])
@pytest.mark.parametrize(
    ("system", "rate_hz", "dimension"),
    [
        ("lorenz", 12.5, 2.06),
        ("lorenz", 25.0, 2.06),
        ("rossler", 2.5, 2.01),
        ("rossler", 5.0, 2.01),
        ("henon", 100.0, 1.26),
        ("logistic", 100.0, 1.0),
    ],
)
def test_the_median_is_near_the_truth_and_every_number_has_its_sign(
    system: str, rate_hz: float, dimension: float, noise: float
) -> None:
    moving = played(system, rate_hz, 12_000 if system == "rossler" else 6_000)
    moving += noise * moving.std(axis=0) * np.random.default_rng(2).standard_normal(moving.shape)
    numbers = told(watched(moving), Regime.CHAOTIC)
    exponents = numbers[np.isfinite(numbers[:, 0]), 0]
    truth = SYSTEMS[system].exponents[0] / (1.0 if SYSTEMS[system].is_map else rate_hz)
    assert len(exponents) > 30
    assert (exponents > 0).all()
    assert truth / 1.25 <= np.median(exponents) <= 1.25 * truth
    assert np.nanmedian(numbers[:, 1]) == pytest.approx(dimension, rel=0.2 if noise == 0 else 0.4)


@pytest.mark.parametrize("memory", [0.0, 0.5, 0.9, 0.99, 1.0])
@pytest.mark.parametrize("channels", [1, 8])
def test_noise_never_has_a_number(memory: float, channels: int) -> None:
    random = np.random.default_rng(3)
    vectors = np.zeros((3_000, channels))
    for at in range(1, len(vectors)):
        vectors[at] = memory * vectors[at - 1] + random.standard_normal(channels)
    assert all(math.isnan(each.exponent) and math.isnan(each.dimension) for each in watched(vectors[1:]))


@pytest.mark.parametrize("period", [5.0, 20.0, 90.0])
def test_a_rhythm_neither_grows_nor_fades_and_is_a_line(period: float) -> None:
    tone = np.sin(2 * np.pi * np.arange(1_500) / period) + 0.1 * np.random.default_rng(4).standard_normal(1_500)
    moments = watched(tone)
    assert {(each.exponent, each.dimension) for each in moments if each.regime is Regime.PERIODIC} == {(0.0, 1.0)}
    assert moments[-1].regime is Regime.PERIODIC


def test_what_does_not_move_is_a_point() -> None:
    last = watched(np.full((200, 3), 7.0))[-1]
    assert last.dimension == 0.0
    assert math.isnan(last.exponent)


def test_a_change_has_no_number_of_its_own() -> None:
    stream = 0.01 * np.random.default_rng(5).standard_normal((900, 3))
    stream[400:] += played("henon", 100.0, 500)[:, :1]
    moments = watched(stream)
    transient = [each for each in moments if each.regime is Regime.TRANSIENT]
    assert len(transient) > 20
    assert all(math.isnan(each.exponent) and math.isnan(each.dimension) for each in transient)
    assert len(told(moments, Regime.CHAOTIC)) > 3


def test_numbers_of_few_digits_have_distances_of_their_own() -> None:
    coarse = np.round(20.0 * played("henon", 100.0, 3_000))
    numbers = told(watched(coarse), Regime.CHAOTIC)
    assert np.nanmedian(numbers[:, 0]) == pytest.approx(0.4192, rel=0.4)
    assert np.nanmedian(numbers[:, 1]) == pytest.approx(1.26, rel=0.4)
