"""What a window looks like, against slow obvious versions; compiled and as it is written."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.attractor.kernels import windows
from midstream_cli.attractor.kernels.rhythm import FAST
from midstream_cli.compiled.kernel import VARIABLE
from midstream_cli.frames import Float64
from strategies import few, seeds


def found(window: Float64, newest: int = 1000) -> Float64:
    n, channels = window.shape
    out = np.zeros(windows.FINDINGS)
    windows.look(
        np.ascontiguousarray(window).reshape(-1), channels, newest, np.zeros(windows.scratch_size(n, channels)), out
    )
    return out


def leading(window: Float64) -> Float64:
    centred = window - window.mean(axis=0)
    return np.asarray(centred @ np.linalg.svd(centred, full_matrices=False)[2][0])


def autocorrelation(x: Float64, lag: int) -> float:
    early, late = x[: len(x) - lag], x[lag:]
    return float(early @ late / np.sqrt((early @ early) * (late @ late)))


def forecasts(x: Float64, dims: int, delay: int, apart: int) -> tuple[float, float]:
    """Errors of the three nearest states of the other half, and of the best line, in parts of the variance."""
    ahead = dims * delay
    states = np.array([x[i : i + ahead : delay] for i in range(len(x) - ahead)])
    truth = x[ahead:]
    told, half = [], len(states) // 2
    for i, state in enumerate(states):
        others = (j for j in range(len(states)) if abs(i - j) > apart and (i < half) != (j < half))
        order = sorted(others, key=lambda j: sum((states[j] - state) ** 2))
        told.append(np.mean(truth[order[:3]]))
    design = np.c_[states, np.ones(len(states))]
    rest = truth - design @ np.linalg.lstsq(design, truth, rcond=None)[0]
    free = len(states) - dims - 1
    return float(np.mean((truth - told) ** 2) / truth.var()), float((rest @ rest) / free / truth.var())


def waves(seed: int, n: int, channels: int) -> Float64:
    rng = np.random.default_rng(seed)
    tone = np.sin(2 * np.pi * np.arange(n) / rng.uniform(9, 25) + rng.uniform(0, 6))
    return np.outer(tone, rng.uniform(0.5, 2, channels)) + rng.uniform(0.1, 1) * rng.standard_normal((n, channels))


@few
@given(seeds, st.integers(64, 128), st.integers(1, 20))
def test_whiteness_is_von_neumanns_ratio_over_all_channels(seed: int, n: int, channels: int) -> None:
    window = waves(seed, n, channels)
    late = window[-64:]
    expected = (np.diff(late, axis=0) ** 2).sum() / (2 * ((late - late.mean(axis=0)) ** 2).sum())
    assert found(window, 64)[windows.WHITENESS] == pytest.approx(expected, rel=1e-9)


@few
@given(seeds, st.integers(64, 128))
def test_the_period_is_at_a_peak_that_noise_does_not_tell_from_the_highest(seed: int, n: int) -> None:
    window = waves(seed, n, 3)
    x = leading(window)
    values = [autocorrelation(x, lag) for lag in range(n // 2 + 1)]
    begin = next((lag for lag, value in enumerate(values) if value < 0), n // 2)
    inside = range(max(begin, 2), n // 2)
    highest = max([0.0, *(values[lag] for lag in range(begin, n // 2))])
    peaks = [lag for lag in inside if values[lag] == max(values[lag - 1 : lag + 2]) and values[lag] > 0]
    good = [lag for lag in peaks if values[lag] >= highest - 0.02 - (1 - highest)]
    out = found(window)
    if not good:
        assert out[windows.HEIGHT] == 0.0
        return
    # a fast one may be a part of that, as it need not be a whole number of samples
    times = round(good[0] / out[windows.PERIOD])
    assert abs(times * out[windows.PERIOD] - good[0]) <= 0.5
    assert times == 1 or good[0] <= FAST
    twice = int(2 * times * out[windows.PERIOD] + 0.5)
    if twice < n - n // 8:
        assert out[windows.TWICE] == pytest.approx(autocorrelation(x, twice), rel=1e-6, abs=1e-6)
    # the parabola's top is no lower than the highest of its three points
    assert values[good[0]] <= out[windows.HEIGHT] + 1e-6 <= values[good[0]] + 0.1


@few
@given(seeds, st.integers(64, 128), st.integers(1, 20))
def test_evenness_is_what_repeats_at_one_end_over_what_does_at_the_other(seed: int, n: int, channels: int) -> None:
    window = waves(seed, n, channels) * np.linspace(1, np.random.default_rng(seed).uniform(1, 4), n)[:, None]
    out = found(window)
    x = leading(window)
    if out[windows.HEIGHT] < 0.5:
        return

    def evenness(period: float) -> float:
        lag = int(period + 0.5)
        product = x[lag:] * x[:-lag]
        count = int((n // 4 // lag + 1) * period + 0.5)
        ends = product[:count].sum(), product[-count:].sum()
        return max(0.0, min(ends)) / max(ends) if max(ends) > 0 else 0.0

    # rhythms faster than samples show are parted after that: the peak was at a multiple of the period
    peaks = [k * out[windows.PERIOD] for k in range(1, 9) if k * out[windows.PERIOD] + 1 < n // 2]
    assert min(abs(out[windows.EVENNESS] - evenness(peak)) for peak in peaks) < 1e-6


@pytest.mark.parametrize("channels", [1, 7, 8, 9, 33])
@pytest.mark.parametrize("n", [64, 65, 128])
def test_nothing_is_written_outside_the_scratch_nor_left_from_before(n: int, channels: int) -> None:
    window = waves(5, n, channels)
    size, guard = windows.scratch_size(n, channels), 64
    room, out = np.full(size + 2 * guard, 7e77), np.full(windows.FINDINGS + 2 * guard, 7e77)
    windows.look(window.reshape(-1), channels, 64, room[guard:-guard], out[guard:-guard])
    for ends in (room, out):
        assert (ends[:guard] == 7e77).all()
        assert (ends[-guard:] == 7e77).all()
    np.testing.assert_array_equal(out[guard:-guard], found(window, 64))


@pytest.mark.parametrize("scale", [1e-250, 1e-100, 1e100, 1e250])
@pytest.mark.parametrize("channels", [1, 3])
def test_scale_does_not_matter(scale: float, channels: int) -> None:
    window = waves(7, 128, channels)
    expected, scaled = found(window), found(scale * window)
    assert np.delete(scaled, windows.MOVES) == pytest.approx(np.delete(expected, windows.MOVES), rel=1e-9)
    assert scaled[windows.MOVES] == pytest.approx(scale * expected[windows.MOVES])


@pytest.mark.parametrize("jumps", [True, False])
def test_forecasts_are_those_of_plain_loops(jumps: bool) -> None:
    x = np.random.default_rng(3).standard_normal(100)
    if not jumps:
        x = np.convolve(x, np.ones(6), "valid")
    x = (x - x.mean()) / x.std()
    falls = [lag for lag in range(1, 50) if autocorrelation(x, lag) <= np.exp(-1)]
    delay = 1 if jumps else min(falls[0], len(x) // 8)
    nearest, linear = forecasts(x, 2 if jumps else 3, delay, delay if jumps else 2 * delay)
    out = found(x[:, None])
    assert out[windows.NEAREST] == pytest.approx(nearest, rel=1e-9)
    assert out[windows.LINEAR] == pytest.approx(linear, rel=1e-6)


def parted(x: Float64, dims: int, delay: int, apart: int) -> tuple[float, float]:
    """Growth of the mean logarithm of distances of nearest neighbours, and the likeliest dimension; plain loops."""
    ahead, whole = dims * delay, len(x) - (dims - 1) * delay
    states = np.array([x[i : i + ahead : delay] for i in range(whole)])
    half, inverses = (len(x) - ahead) // 2, []
    pairs: list[tuple[int, int]] = []
    for i in range(len(x) - ahead):
        others = [j for j in range(len(x) - ahead) if abs(i - j) > apart and (i < half) != (j < half)]
        order = sorted(others, key=lambda j: float(((states[j] - states[i]) ** 2).sum()))
        distances = np.array([np.linalg.norm(states[j] - states[i]) for j in order[:6]])
        inverses.append(np.mean(np.log(distances[-1] / distances[:-1])))
        pairs.append((i, order[0]))
    heights: list[float] = []
    for step in range(1, 25):
        known = [(i + step, j + step) for i, j in pairs if max(i, j) + step < whole]
        heights.append(float(np.mean([np.log(np.linalg.norm(states[i] - states[j])) for i, j in known])))
    level = (0.25 if dims == 2 else 0.5) - 0.5
    near = next((at for at, height in enumerate(heights) if height >= level), len(heights))
    used = heights[: max(4, near)]
    return float(np.polyfit(np.arange(len(used)), used, 1)[0]), 1.0 / float(np.mean(inverses))


@pytest.mark.parametrize("n", [100, 128])
@pytest.mark.parametrize("jumps", [True, False])
def test_divergence_and_dimension_are_those_of_plain_loops(jumps: bool, n: int) -> None:
    x, every = np.empty(n), 1 if jumps else 4
    state = np.array([0.1, 0.1, 20.0])
    for at in range(n * every):
        if jumps:
            state[0] = 1.0 - 1.99 * state[0] ** 2
        else:
            for _ in range(4):
                a, b, c = state
                state = state + 0.005 * np.array([10.0 * (b - a), a * (28.0 - c) - b, a * b - 8.0 / 3.0 * c])
        x[at // every] = state[0]
    x = (x - x.mean()) / x.std()
    falls = [lag for lag in range(1, 50) if autocorrelation(x, lag) <= np.exp(-1)]
    delay = 1 if jumps else min(falls[0], len(x) // 8)
    exponent, dimension = parted(x, 2 if jumps else 3, delay, delay if jumps else 2 * delay)
    out = found(x[:, None])
    assert exponent > 0
    assert out[windows.EXPONENT] == pytest.approx(exponent, rel=1e-9)
    assert out[windows.DIMENSION] == pytest.approx(dimension, rel=1e-9)


@pytest.mark.parametrize("channels", [1, 7, 33])
def test_scales_keep_means_of_twice_as_many_vectors_each(channels: int) -> None:
    scales, window, n = 4, 16, 333
    vectors = np.random.default_rng(6).standard_normal((n, channels))
    kept, means = np.zeros(scales * 2 * window * channels), np.zeros((scales + 1) * channels)
    places = np.zeros(2 * scales, np.int64)
    grown = [windows.keep(vector, kept, means, places, window) for vector in vectors]
    assert grown == [
        next(at for at in range(scales, 0, -1) if at == 1 or (i + 1) % (1 << at - 1) == 0) for i in range(n)
    ]
    for at in range(scales):
        expected = vectors[: n >> at << at].reshape(-1, 1 << at, channels).mean(axis=1)
        rows = kept.reshape(scales, 2 * window, channels)[at, : places[2 * at]]
        assert places[2 * at + 1] == len(expected)
        assert len(rows) >= min(window, len(expected))
        np.testing.assert_allclose(rows, expected[-len(rows) :], rtol=1e-12, atol=1e-15)


def test_what_does_not_move_is_seen_not_to(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(2):
        out = found(np.full((80, 3), 7.0))
        assert (out[windows.MOVES], out[windows.HEIGHT], out[windows.WHITENESS]) == (0.0, 0.0, 1.0)
        monkeypatch.setenv(VARIABLE, "off")


@few
@given(seeds)
def test_it_is_the_same_compiled_and_as_written(seed: int) -> None:
    window = waves(seed, 70, 2)
    out = np.zeros(windows.FINDINGS)
    windows.look.python(window.reshape(-1), 2, 64, np.zeros(windows.scratch_size(70, 2)), out)
    assert found(window, 64) == pytest.approx(out, rel=1e-6, abs=1e-9)
