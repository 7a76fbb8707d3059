"""Neighbours followed, tangents carried and noise taken out, against slow and obvious twins."""

import math

import numpy as np
import pytest

from midstream_cli.attractor.embedding.embedding import Embedding
from midstream_cli.attractor.exponents.denoise import denoised, mean_period
from midstream_cli.attractor.exponents.forecast import Effort, Layout, learn, roam, states_of
from midstream_cli.attractor.exponents.learnt import flow_of
from midstream_cli.attractor.exponents.region import straight
from midstream_cli.attractor.exponents.rosenstein import rosenstein
from midstream_cli.attractor.exponents.transverse import transverse
from midstream_cli.attractor.kernels.divergence import GAP, follow, grow
from midstream_cli.errors import InsufficientData


def henon(n: int) -> np.ndarray:
    found, x, y = np.empty(n), 0.1, 0.1
    for i in range(-100, n):
        x, y = 1 - 1.4 * x * x + y, 0.3 * x
        if i >= 0:
            found[i] = x
    return found


def test_rosensteins_curve_is_that_of_brute_force() -> None:
    x = henon(300)
    steps, theiler = 6, 3
    points = np.stack([x[:-1], x[1:]], axis=1)
    until = len(points) - steps
    logs = []
    for i in range(until):
        apart = [
            float(np.linalg.norm(points[i] - points[j])) if abs(i - j) > theiler else math.inf for j in range(until)
        ]
        j = int(np.argmin(apart))
        logs.append([math.log(np.linalg.norm(points[i + k] - points[j + k])) for k in range(steps + 1)])
    found = rosenstein(x, Embedding(1, 2, theiler, math.nan), steps)
    assert found == pytest.approx(np.mean(logs, axis=0), rel=1e-9)


@pytest.mark.parametrize("slide", [0, 3])
@pytest.mark.parametrize("stride", [1, 2])
def test_the_kernel_follows_as_it_is_written(slide: int, stride: int) -> None:
    t = np.arange(120)
    points = np.stack([np.sin(0.3 * t), np.sin(0.3 * t + 1), np.cos(0.11 * t)], axis=1)
    at, near = np.array([3, 20, 40]), np.array([70, 62, 45])
    outs = []
    for run in (follow, follow.python):
        out = np.empty((3, 30 // stride))
        run(points, flow_of(points), at, near, stride, slide, 4, out)
        outs.append(out)
    assert outs[0] == pytest.approx(outs[1], rel=1e-9)
    assert (outs[0][:2] >= 0).all()


def test_neighbours_that_come_too_near_in_time_are_gaps() -> None:
    points = np.random.default_rng(0).standard_normal((50, 2))
    out = np.empty((1, 10))
    follow(points, points, np.array([10]), np.array([12]), 1, 0, 2, out)
    assert (out == GAP).all()


def test_tangents_grow_as_products_of_matrices_do() -> None:
    random = np.random.default_rng(0)
    n, size, delay, steps = 60, 3, 2, 20
    gradients = random.standard_normal((n, size))
    v = np.array([1.0, -0.5, 1.0 / 3.0])
    total = 0.0
    for k in range(steps):
        matrix = np.vstack([gradients[1 + k * delay], np.eye(size)[:-1]])
        v = matrix @ v
        total += math.log(np.linalg.norm(v))
        v /= np.linalg.norm(v)
    for run in (grow, grow.python):
        sums = np.zeros(1)
        run(gradients, gradients, np.array([1]), steps, delay, 0, 0, np.empty(size), sums)
        assert sums[0] * steps == pytest.approx(total, rel=1e-9)


def test_a_linear_process_is_learnt_with_its_gradient() -> None:
    random = np.random.default_rng(0)
    x = np.zeros(1500)
    for i in range(2, len(x)):
        x[i] = 1.5 * x[i - 1] - 0.8 * x[i - 2] + 1e-3 * random.standard_normal()
    x /= x.std()
    made = learn(x, Layout(2, 1), Effort(1500, 0, (1.0,), (1e-9,)), 1.0, 0)
    assert made is not None
    gradient = made.gradients(states_of(x, made.layout, np.arange(100)))
    assert gradient[:, 10] == pytest.approx([1.5, -0.8], abs=0.05)


def test_the_gradients_of_a_learnt_map_are_those_of_the_equation() -> None:
    x = np.empty(800)
    x[0] = 0.3
    for i in range(1, len(x)):
        x[i] = 4 * x[i - 1] * (1 - x[i - 1])
    series = (x - x.mean()) / x.std()
    made = learn(series, Layout(1, 1), Effort(700, 40, (0.5, 1.0), (1e-13, 1e-10)), 2.0, 0)
    assert made is not None
    assert made.error < 1e-4
    at = np.arange(100, 200)
    found = made.gradients(states_of(series, made.layout, at))
    assert found[0] == pytest.approx(4 - 8 * x[at], abs=0.01)


def test_the_straight_part_of_a_curve_has_its_slope() -> None:
    curve = np.minimum(-6.0 + 0.5 * np.arange(40), 0.0)
    region = straight(curve, math.nan)
    assert region.slope == pytest.approx(0.5, rel=1e-6)
    assert region.last <= 12


def test_a_curve_of_gaps_has_no_slope() -> None:
    assert straight(np.full(10, np.nan), 8.0).slope == 0.0


def test_white_noise_is_taken_out_of_an_oscillation() -> None:
    t = np.arange(4000)
    clean = np.sin(0.1 * t) + 0.5 * np.sin(0.2 * t + 1)
    noise = 0.1 * np.random.default_rng(0).standard_normal(len(t))
    found, level = denoised(clean + noise)
    assert level == pytest.approx(0.1, rel=0.2)
    assert (found - clean).std() < 0.5 * noise.std()


def test_a_clean_series_is_left_as_it_is() -> None:
    t = np.arange(2000)
    clean = np.sin(0.1 * t)
    found, level = denoised(clean)
    assert level == 0.0
    assert found is clean


def test_the_mean_period_of_a_sine_is_its_period() -> None:
    assert mean_period(np.sin(2 * np.pi * np.arange(2000) / 40)) == pytest.approx(40, rel=0.01)


def test_across_the_flow_a_torus_does_not_part() -> None:
    t = np.arange(3000)
    curve = transverse(np.sin(0.123 * t) + 0.7 * np.sin(0.199 * t), Embedding(10, 5, 100, 51.0), 300)
    assert abs(curve[-50:].mean() - curve[0]) < 0.5


def test_too_few_samples_to_follow_say_so() -> None:
    with pytest.raises(InsufficientData):
        rosenstein(henon(60), Embedding(1, 2, 20, math.nan), 20)


def test_a_map_on_its_own_grows_tangents_at_the_rate_of_its_system() -> None:
    x = henon(1000)
    x = (x - x.mean()) / x.std()
    made = learn(x, Layout(2, 1), Effort(900, 80, (0.5, 1.0), (1e-13, 1e-10, 1e-7)), 2.0, 0)
    assert made is not None
    begin = states_of(x, made.layout, np.arange(100, 140))
    assert roam(made, begin, 400, 50, (-3.0, 3.0)).mean() == pytest.approx(0.419, rel=0.03)
    assert len(roam(made, begin, 12, 0, (5.0, 9.0))) == 0
