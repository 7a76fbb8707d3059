"""A map learnt from a series: what it foretells, how it bends, and what it does to noise."""

import math

import numpy as np
import pytest
from equations import henon, noisy

from midstream_cli.attractor.embedding.embedding import Embedding
from midstream_cli.attractor.exponents import global_map
from midstream_cli.errors import InsufficientData

PLANE = Embedding(1, 2, 4, math.nan)


def test_it_foretells_henon() -> None:
    x = henon(2000)[0][:, 0]
    found = global_map.fit(x[:1500], PLANE)
    states = np.column_stack([x[1500:-1], x[1501:]])[:-1]
    assert found.predict(states)[:, 0] == pytest.approx(x[1502:], abs=0.005)
    assert found.cv_error < 0.005


def test_its_jacobian_is_that_of_the_equations() -> None:
    x = henon(1500)[0][:, 0]
    found = global_map.fit(x, PLANE)
    states = np.column_stack([x[:-1], x[1:]])[100:200]
    slopes = found.jacobian(states)[:, 0]
    assert slopes[:, 0] == pytest.approx(np.full(100, 0.3), abs=0.03)
    assert slopes[:, 1] == pytest.approx(-2.8 * states[:, 1], abs=0.03)


def test_its_jacobian_is_the_slope_of_its_forecasts() -> None:
    states, _ = henon(1500)
    found = global_map.fit(states, Embedding(1, 2, 4, math.nan))
    at = np.concatenate([states[10:20], states[11:21]], axis=1)
    for k in range(4):
        step = 1e-6 * np.eye(4)[k]
        slope = (found.predict(at + step) - found.predict(at - step)) / 2e-6
        assert found.jacobian(at)[:, :, k] == pytest.approx(slope, rel=1e-4, abs=1e-5)


def test_noise_is_told_by_the_error_of_its_forecasts() -> None:
    x = np.random.default_rng(2).standard_normal(1000)
    found = global_map.fit(x, PLANE)
    assert found.cv_error == pytest.approx(1.0, abs=0.1)
    assert found.noise == 0.0


def test_a_noisy_series_is_moved_towards_the_motion() -> None:
    clean = henon(2000)[0][:, 0]
    observed = noisy(clean, 0.05)
    found = global_map.fit(observed, Embedding(1, 3, 4, math.nan))
    moved = np.empty(len(clean))
    moved[found.chains.when] = found.chains.values[:, 0] * found.scale + found.mean
    assert np.std(moved - clean) < 0.5 * np.std(observed - clean)


def test_another_series_of_the_system_has_the_same_exponents() -> None:
    found = global_map.fit(henon(1500, seed=1)[0][:, 0], PLANE)
    other, true = henon(1500, seed=2)
    assert global_map.exponents(found, other[:, 0]) == pytest.approx(true, rel=0.02)
    assert len(global_map.exponents(found, count=1)) == 1


def test_a_wave_neither_grows_nor_chaos_comes_of_its_noise() -> None:
    x = np.sin(0.31 * np.arange(2000)) + 0.05 * np.random.default_rng(0).standard_normal(2000)
    found = global_map.fit(x, Embedding(3, 4, 40, 20.0))
    assert abs(global_map.exponents(found)[0]) < 0.005


def test_a_long_series_is_looked_at_in_stretches() -> None:
    x = np.sin(0.31 * np.arange(200_000)) + np.sin(0.17 * np.arange(200_000))
    found = global_map.fit(x, Embedding(3, 4, 40, 20.0))
    assert len(found.chains.values) == 20_000
    assert found.chains.when.max() > 199_000


def test_too_short_a_series_is_said_to_be() -> None:
    with pytest.raises(InsufficientData, match="missing"):
        global_map.fit(np.arange(30.0), PLANE)
