"""Systems whose answers are known: what they show, when, and that they are what they are called."""

import itertools
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from midstream_cli.errors import UsageError
from midstream_cli.recordings import NumericRecording
from midstream_cli.streams.simulate import catalogue
from midstream_cli.streams.simulate.dynamics import delay, flows, maps
from midstream_cli.streams.simulate.dynamics.playing import START_NS, Sampling, series, simulate
from midstream_cli.streams.simulate.dynamics.systems import SYSTEMS

Float64 = npt.NDArray[np.float64]

every_system = pytest.mark.parametrize("name", SYSTEMS)


def whole(name: str, **settings: Any) -> Float64:
    return series(name, Sampling(**{"samples": 3000} | settings))


def frequencies(x: Float64, rate_hz: float) -> Float64:
    """Of the strongest tones, the strongest first."""
    power = np.abs(np.fft.rfft((x - x.mean()) * np.hanning(len(x)))) ** 2
    peaks = 1 + np.flatnonzero((power[1:-1] > power[:-2]) & (power[1:-1] >= power[2:]))
    return peaks[np.argsort(-power[peaks])] * rate_hz / len(x)


@every_system
def test_a_seed_gives_one_series_and_another_seed_another(name: str) -> None:
    first = whole(name, seed=3)
    np.testing.assert_array_equal(first, whole(name, seed=3))
    assert not np.array_equal(first, whole(name, seed=4))
    assert np.isfinite(first).all()
    assert first.shape == (3000, len(SYSTEMS[name].columns))


@every_system
@pytest.mark.parametrize("samples", [1, 2, 1023, 1024, 1025, 2500])
def test_a_short_series_is_how_a_long_one_begins(name: str, samples: int) -> None:
    np.testing.assert_array_equal(whole(name, samples=samples), whole(name)[:samples])


@every_system
def test_samples_come_at_even_times(name: str) -> None:
    pieces = list(simulate(name, Sampling(rate_hz=3.0, samples=2050)))
    times = np.concatenate([piece.time_ns for piece in pieces])
    assert times[0] == START_NS
    assert [(time - START_NS) * 3 // 10**9 for time in (times + 1).tolist()] == list(range(2050))
    assert max(map(len, pieces)) <= 1024
    assert {(piece.info.kind, piece.info.clock) for piece in pieces} == {("numeric", "host")}


@pytest.mark.parametrize("name", ["henon", "lorenz", "ar1"])
def test_noise_is_as_strong_as_it_is_said_to_be_and_leaves_the_course(name: str) -> None:
    clean, noisy = whole(name, samples=20_000), whole(name, samples=20_000, noise=0.1)
    added = noisy - clean
    np.testing.assert_allclose(added.std(axis=0) / clean.std(axis=0), 0.1, rtol=0.1)
    assert np.abs(np.corrcoef(added[1:].T, added[:-1].T)[0, -1]) < 0.03


def test_columns_are_chosen_and_change_nothing() -> None:
    (piece,) = simulate("lorenz", Sampling(samples=500, columns="z,x", noise=0.1))
    (full,) = simulate("lorenz", Sampling(samples=500, noise=0.1))
    assert list(piece.columns) == ["z", "x"]
    for name, values in piece.columns.items():
        np.testing.assert_array_equal(values, full.columns[name])


@pytest.mark.parametrize(("name", "step"), [("logistic", maps.logistic), ("henon", maps.henon), ("ikeda", maps.ikeda)])
def test_each_state_of_a_map_follows_from_the_one_before(name: str, step: maps.Step) -> None:
    states = whole(name, samples=300)
    assert [tuple(state) for state in states[1:].tolist()] == [step(*state) for state in states[:-1].tolist()]


@pytest.mark.parametrize(
    ("name", "slope", "rate_hz"),
    [("lorenz", flows.lorenz, 50.0), ("rossler", flows.rossler, 10.0), ("van_der_pol", flows.van_der_pol, 10.0)],
)
def test_a_flow_goes_where_its_equations_lead(name: str, slope: flows.Slope, rate_hz: float) -> None:
    from scipy.integrate import solve_ivp

    states = whole(name, samples=60)
    for start, end in itertools.pairwise(states[::3]):
        x0 = np.pad(start, (0, 3 - len(start)))
        found = solve_ivp(lambda _, x: slope(*x), (0, 3 / rate_hz), x0, rtol=1e-11, atol=1e-12).y[: len(end), -1]
        np.testing.assert_allclose(found, end, rtol=2e-5, atol=2e-5)


def test_a_driven_oscillator_goes_where_its_equations_lead() -> None:
    from scipy.integrate import solve_ivp

    states = whole("ueda", samples=60)
    # the drive began at 0, 500 s before the first sample
    for i, (start, end) in enumerate(itertools.pairwise(states)):
        span = (500 + i / 10, 500 + (i + 1) / 10)
        found = solve_ivp(lambda t, x: flows.ueda(x[0], x[1], t)[:2], span, start, rtol=1e-11, atol=1e-12).y[:, -1]
        np.testing.assert_allclose(found, end, rtol=2e-5, atol=2e-5)


@pytest.mark.parametrize("tau", [17.0, 23.3, 30.0, 0.35])
def test_a_delay_flow_remembers_what_was(tau: float) -> None:
    from scipy.interpolate import CubicSpline

    rate_hz, samples = 20.0, 2000
    x = series("mackey_glass", Sampling(rate_hz=rate_hz, samples=samples, tau_s=tau))[:, 0]
    time_s = np.arange(samples) / rate_hz
    spline = CubicSpline(time_s, x)
    later = time_s[(time_s > tau + 1) & (time_s < time_s[-1] - 1)]
    expected = [delay.production(past) for past in spline(later - tau)] - 0.1 * spline(later)
    np.testing.assert_allclose(spline(later, 1), expected, atol=2e-5)


@pytest.mark.parametrize("rate_hz", [0.7, 1.0, 3.0])
def test_the_rate_of_a_flow_changes_when_it_is_looked_at_and_not_how_it_goes(rate_hz: float) -> None:
    fine = series("van_der_pol", Sampling(rate_hz=60 * rate_hz, samples=6000))[::60]
    np.testing.assert_allclose(series("van_der_pol", Sampling(rate_hz=rate_hz, samples=100)), fine, atol=1e-5)


def test_tones_are_those_that_are_said() -> None:
    assert frequencies(whole("sine")[:, 0], 50.0)[0] == pytest.approx(1.0, abs=0.02)
    assert sorted(frequencies(whole("torus")[:, 0], 20.0)[:2]) == pytest.approx([1.0, 2**0.5], abs=0.01)
    assert frequencies(whole("van_der_pol")[:, 0], 10.0)[0] == pytest.approx(1 / 6.6633, abs=0.004)


def test_a_damped_tone_dies_away_as_fast_as_it_is_said() -> None:
    x = whole("damped")[:, 0]
    peaks = np.array([np.abs(x[i : i + 20]).max() for i in range(0, 1000, 20)])
    assert np.polyfit(np.arange(50.0), np.log(peaks), 1)[0] == pytest.approx(-0.05, rel=0.01)


def test_noise_remembers_what_it_should() -> None:
    for name, memory in (("ar1", 0.9), ("white_noise", 0.0)):
        x = whole(name, samples=50_000)[:, 0]
        assert x.std() == pytest.approx(1.0, abs=0.05)
        assert np.corrcoef(x[1:], x[:-1])[0, 1] == pytest.approx(memory, abs=0.02)


def test_a_scene_of_numbers_is_chosen_by_what_users_type() -> None:
    played = catalogue.play("lorenz", {"samples": "40", "noise": "0.1", "columns": "x", "rate": "20", "seed": "2"})
    (piece,) = played.pieces
    assert isinstance(piece, NumericRecording)
    assert (played.kind, list(piece.columns), len(piece)) == ("numeric", ["x"], 40)
    assert played.truth == [(0.0, 2.0, "strange")]
    (timed,) = catalogue.play("henon", {"duration": "2"}).pieces
    assert len(timed) == 200
    (slow,) = catalogue.play("mackey_glass", {"samples": 50, "tau": 30}).pieces
    (usual,) = catalogue.play("mackey_glass", {"samples": 50}).pieces
    assert isinstance(slow, NumericRecording)
    assert isinstance(usual, NumericRecording)
    assert not np.array_equal(slow.matrix(), usual.matrix())


def test_a_system_without_end_is_played_as_it_is_read() -> None:
    played = catalogue.play("torus", {"duration": "inf"})
    assert played.truth is None
    assert [len(next(played.pieces)) for _ in range(5)] == [1024] * 5


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("lorenz", {"rate_hz": 0.0}),
        ("lorenz", {"rate_hz": float("nan")}),
        ("lorenz", {"samples": 0}),
        ("lorenz", {"samples": 10.5}),
        ("lorenz", {"noise": -0.1}),
        ("lorenz", {"seed": -1}),
        ("lorenz", {"columns": "w"}),
        ("lorenz", {"columns": "x,x"}),
        ("mackey_glass", {"tau_s": 0.0}),
        ("attractor", {}),
    ],
)
def test_what_makes_no_sense_is_refused_and_says_what_would(name: str, settings: dict[str, Any]) -> None:
    with pytest.raises(UsageError) as error:
        simulate(name, Sampling(**settings))
    assert error.value.hint


def test_a_series_has_an_end() -> None:
    with pytest.raises(UsageError, match="has an end"):
        series("sine", Sampling(samples=float("inf")))
