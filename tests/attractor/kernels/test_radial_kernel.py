"""Maps of radial basis functions, against numpy's exponentials and matrices; as compiled and as written."""

import math
from typing import Any

import numpy as np
import pytest

from midstream_cli.attractor.kernels.radial import LANES, ahead, bumps, free_run, gradients
from midstream_cli.frames import Float64

SIZE, COUNT = 3, 7
STATES = LANES + 5
WIDTH = 1.3


def both(kernel: Any) -> list[Any]:
    return [kernel, kernel.python]


@pytest.fixture
def weights() -> Float64:
    return 0.3 * np.random.default_rng(1).standard_normal(COUNT + SIZE + 1)


@pytest.fixture
def states() -> Float64:
    return np.random.default_rng(2).standard_normal((SIZE, STATES))


CENTRES = np.random.default_rng(3).standard_normal((COUNT, SIZE))


def step(states: Float64, weights: Float64) -> tuple[Float64, Float64]:
    """Value and gradient, by numpy, of states in columns."""
    apart = CENTRES[:, :, None] - states[None]
    bump = np.exp(-0.5 * (apart**2).sum(axis=1) / WIDTH**2)
    linear = weights[COUNT : COUNT + SIZE]
    value = weights[:COUNT] @ bump + linear @ states + weights[-1]
    return value, np.einsum("k,kn,kcn->cn", weights[:COUNT], bump, apart) / WIDTH**2 + linear[:, None]


@pytest.mark.parametrize("run", both(bumps))
@pytest.mark.parametrize("far", [1.0, 8.0, 60.0])
def test_bumps_are_gaussian_from_near_to_very_far(run: Any, far: float, states: Float64) -> None:
    out = np.full((COUNT + 1, STATES), 7.0)
    run(far * states, CENTRES, WIDTH, out)
    apart = (CENTRES[:, :, None] - far * states[None]) / WIDTH
    assert out[:COUNT] == pytest.approx(np.exp(-0.5 * (apart**2).sum(axis=1)), rel=1e-12, abs=1e-290)
    assert (out[COUNT] == 7.0).all()


@pytest.mark.parametrize("run", both(gradients))
def test_gradients_are_those_of_the_formula(run: Any, states: Float64, weights: Float64) -> None:
    out = np.empty((SIZE, STATES))
    run(states, CENTRES, weights, WIDTH, out)
    assert out == pytest.approx(step(states, weights)[1], rel=1e-10, abs=1e-12)


@pytest.mark.parametrize("run", both(ahead))
@pytest.mark.parametrize("far", [6.0, 0.2])
def test_a_map_goes_ahead_step_by_step(run: Any, far: float, states: Float64, weights: Float64) -> None:
    out = np.empty(STATES)
    begun = states.copy()
    run(states, CENTRES, weights, WIDTH, 4, far, np.empty(SIZE * LANES), out)
    assert (states == begun).all()
    for _ in range(4):
        states = np.concatenate([np.clip(step(states, weights)[0], -far, far)[None], states[:-1]])
    assert out == pytest.approx(states[0], rel=1e-10, abs=1e-12)


@pytest.mark.parametrize("run", both(free_run))
@pytest.mark.parametrize("bound", [9.0, 0.6])
def test_tangents_grow_as_products_of_matrices_do(run: Any, bound: float, states: Float64, weights: Float64) -> None:
    tangents = np.random.default_rng(4).standard_normal(states.shape)
    growth, inside = np.empty(STATES), np.empty(STATES, np.int64)
    work = np.empty(2 * SIZE * LANES)
    run(states, tangents, CENTRES, weights, WIDTH, 12, 2, -bound, bound, work, growth, inside)
    total, stays = np.zeros(STATES), np.ones(STATES, bool)
    for k in range(12):
        value, gradient = step(states, weights)
        stays &= np.abs(value) <= bound
        states = np.concatenate([np.clip(value, -bound, bound)[None], states[:-1]])
        tangents = np.concatenate([(gradient * tangents).sum(axis=0)[None], tangents[:-1]])
        length = np.sqrt((tangents**2).sum(axis=0))
        tangents = tangents / length
        total += np.log(length) if k >= 2 else 0.0
    assert growth == pytest.approx(total, rel=1e-8, abs=1e-10)
    assert (inside == stays).all()
    assert math.isfinite(growth.sum())
