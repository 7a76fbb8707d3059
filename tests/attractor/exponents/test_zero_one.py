"""The 0-1 test against its definition, and on motion whose kind is known."""

import math

import numpy as np
import pytest

from midstream_cli.attractor.exponents.zero_one import growth, zero_one
from midstream_cli.errors import InsufficientData, UsageError
from midstream_cli.frames import Float64


def logistic(n: int, r: float) -> Float64:
    """The logistic map."""
    x = [0.4]
    while len(x) < n + 200:
        x.append(r * x[-1] * (1 - x[-1]))
    return np.array(x[200:])


def growth_by_definition(x: Float64, c: float) -> float:
    """Correlation of the displacement of (p, q) with time, sum by sum."""
    n = len(x)
    p = np.cumsum([value * math.cos((j + 1) * c) for j, value in enumerate(x)])
    q = np.cumsum([value * math.sin((j + 1) * c) for j, value in enumerate(x)])
    longest = n // 10
    moved = []
    for lag in range(1, longest + 1):
        squares = [(p[j + lag] - p[j]) ** 2 + (q[j + lag] - q[j]) ** 2 for j in range(n - longest)]
        moved.append(np.mean(squares) - x.mean() ** 2 * (1 - math.cos(lag * c)) / (1 - math.cos(c)))
    return float(np.corrcoef(np.arange(1, longest + 1), moved)[0, 1])


@pytest.mark.parametrize("level", [0.0, 3.0])
def test_growth_is_that_of_the_definition(level: float) -> None:
    x = level + np.random.default_rng(0).normal(size=150)
    c = np.array([0.7, 1.3, 2.2])
    np.testing.assert_allclose(growth(x, c), [growth_by_definition(x, each) for each in c], rtol=1e-9)


@pytest.mark.parametrize(("r", "chaotic"), [(3.5, False), (3.55, False), (3.97, True), (4.0, True)])
def test_logistic_map_is_told(r: float, chaotic: bool) -> None:
    found = zero_one(logistic(1500, r))
    assert found.low <= found.k <= found.high
    assert found.k > 0.9 if chaotic else abs(found.k) < 0.1


def test_finely_sampled_cycles_and_tori_are_regular() -> None:
    t = np.arange(5000)
    for x in (np.sin(0.05 * t), np.sin(0.11 * t) + np.sin(0.178 * t)):
        found = zero_one(x)
        assert abs(found.k) < 0.15
        assert found.step > 1
        assert found.samples == len(x[:: found.step])


def test_seed_unit_and_level_do_not_matter_much() -> None:
    x = logistic(800, 3.97)
    assert zero_one(x, seed=3) == zero_one(x, seed=3)
    assert zero_one(1e6 + 1e-3 * x).k == pytest.approx(zero_one(x).k, abs=1e-4)


def test_what_does_not_move_is_regular() -> None:
    assert zero_one(np.full(500, 3.0))[:3] == (0.0, 0.0, 0.0)


def test_too_few_samples_are_told() -> None:
    with pytest.raises(InsufficientData) as told:
        zero_one(logistic(300, 4.0), step=5)
    assert told.value.needed == 496
    for wrong in ({"step": 0}, {"frequencies": 0}):
        with pytest.raises(UsageError):
            zero_one(logistic(300, 4.0), **wrong)
