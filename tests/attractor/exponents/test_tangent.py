"""The kernels of the tangent map against numpy's QR and a dense solver."""

import numpy as np
import pytest

from midstream_cli.attractor.exponents.basis import Basis, Learnt
from midstream_cli.attractor.exponents.chains import cut
from midstream_cli.attractor.kernels import tangent


@pytest.mark.parametrize(("channels", "inputs"), [(1, 1), (1, 4), (2, 4), (3, 3)])
def test_growths_are_those_of_repeated_qr(channels: int, inputs: int) -> None:
    gradients = np.random.default_rng(0).standard_normal((50, channels, inputs))
    grown = np.empty((50, inputs))
    tangent.growths(gradients, np.eye(inputs), np.empty((inputs, inputs)), grown)
    frame = np.eye(inputs)
    for k in range(50):
        jacobian = np.vstack([np.eye(inputs)[channels:], gradients[k]])
        frame, upper = np.linalg.qr(jacobian @ frame)
        assert grown[k] == pytest.approx(np.log(np.abs(np.diag(upper))), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("channels", [1, 2])
def test_a_series_is_moved_to_the_least_squares(channels: int) -> None:
    random = np.random.default_rng(1)
    dimension, delay, trust = 2, 3, 0.5
    z = random.standard_normal((40, channels))
    inputs = dimension * channels
    weights = np.zeros((1 + inputs + inputs * (inputs + 1) // 2 + 1, channels))
    weights[1 : 1 + inputs] = random.standard_normal((inputs, channels))
    learnt = Learnt(Basis(np.zeros((1, inputs)), 1.0), weights, 0.0, 0.1)
    chains = cut(z, dimension, delay)
    moved = chains.towards(chains, learnt, trust, np.inf)
    # the map is straight: one step is the solution
    when = np.argsort(chains.when)
    rows = [np.eye(z.size), *_forecasts(weights[1 : 1 + inputs], dimension, delay, z.shape, trust)]
    wanted = np.concatenate([z.ravel(), np.zeros(sum(len(row) for row in rows[1:]))])
    best = np.linalg.lstsq(np.concatenate(rows), wanted, rcond=None)[0]
    assert moved.values[when] == pytest.approx(best.reshape(z.shape), rel=1e-8, abs=1e-9)


def _forecasts(
    slopes: np.ndarray, dimension: int, delay: int, shape: tuple[int, int], trust: float
) -> list[np.ndarray]:  # fmt: skip
    n, channels = shape
    found = []
    for start in range(n - dimension * delay):
        for channel in range(channels):
            row = np.zeros(shape)
            row[start + dimension * delay, channel] = 1.0 / trust
            for k in range(dimension):
                row[start + k * delay] -= slopes[k * channels : (k + 1) * channels, channel] / trust
            found.append(row.ravel()[None, :])
    return found
