"""Regimes of a stream vector by vector: each can be reached, and real rooms are told apart."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from midstream_cli.attractor.live.regimes import SCALES, WINDOW, Moment, RegimeWatch
from midstream_cli.attractor.live.rules import Regime
from midstream_cli.attractor.live.watch import WatchRegimes
from midstream_cli.errors import UsageError
from midstream_cli.frames import Float64, StreamInfo, TokenFrame
from midstream_cli.recordings import NumericRecording, Recording, TokenRecording
from midstream_cli.streams.source import open_source
from midstream_cli.streams.vectors import Track, VectorStream
from strategies import at_once


def watched(vectors: Float64, rate_hz: float = 32.0) -> list[Moment]:
    table = vectors if vectors.ndim == 2 else vectors[:, None]
    watch = RegimeWatch(table.shape[1], rate_hz=rate_hz)
    return [watch.update(vector) for vector in table]


def noise(n: int, channels: int = 4, seed: int = 1) -> Float64:
    return np.random.default_rng(seed).standard_normal((n, channels))


def henon(n: int) -> Float64:
    x, y = 0.1, 0.1
    values = []
    for _ in range(n):
        x, y = 1 - 1.4 * x * x + y, 0.3 * x
        values.append(x)
    return np.array(values)


def test_noise_is_idle() -> None:
    moments = watched(noise(2000))
    assert {moment.regime for moment in moments[64:]} == {Regime.IDLE}


@pytest.mark.parametrize("value", [0.0, 5.0, 0.1, -1e-200, 1e249])
def test_what_does_not_move_is_idle(value: float) -> None:
    assert watched(np.full((200, 3), value))[-1].regime is Regime.IDLE


def test_rounding_is_no_motion() -> None:
    turned = np.where(np.arange(600) // 5 % 2, 0.1, np.nextafter(0.1, 1.0))
    assert {moment.regime for moment in watched(turned)[64:]} == {Regime.IDLE}


@pytest.mark.parametrize("period", [3.7, 20.0, 300.0])
def test_a_rhythm_is_periodic_at_its_rate_fast_or_slow(period: float) -> None:
    tone = np.sin(2 * np.pi * np.arange(2048) / period)[:, None] + 0.1 * noise(2048, 1)
    last = watched(tone)[-1]
    assert last.regime is Regime.PERIODIC
    assert last.period == pytest.approx(period, rel=0.02)


def test_a_chaotic_map_is_chaotic() -> None:
    moments = watched(henon(600))
    assert Counter(moment.regime for moment in moments[100:]).most_common(1)[0][0] is Regime.CHAOTIC


def test_an_onset_is_transient_at_once_and_then_over() -> None:
    stream = noise(1200)
    stream[600:640] += np.linspace(0, 20, 40)[:, None]
    moments = watched(stream)
    assert moments[599].regime is Regime.IDLE
    first = next(i for i in range(600, 1200) if moments[i].regime is Regime.TRANSIENT)
    assert first <= 605
    assert moments[first].regime_changed
    assert moments[-1].regime is Regime.IDLE


def test_red_noise_is_unknown_for_no_law_shows() -> None:
    walk = np.convolve(noise(1500, 1)[:, 0], np.exp(-np.arange(60) / 15), "valid")
    counted = Counter(moment.regime for moment in watched(walk)[128:])
    assert counted[Regime.UNKNOWN] > 0.8 * counted.total()
    assert counted[Regime.CHAOTIC] == counted[Regime.PERIODIC] == 0


def test_the_ramp_after_a_small_ripple_is_transient_on_its_first_vector() -> None:
    ripple = 0.05 * np.sin(0.31 * np.arange(200))
    moments = watched(np.r_[ripple, 1, 2, 3, 4, 5, 5, 5, 5, 5, 5], rate_hz=30.0)
    assert moments[200].regime is Regime.TRANSIENT
    assert Regime.TRANSIENT not in {moment.regime for moment in moments[:200]}


def wave(n: int, period: float, channels: int = 4) -> Float64:
    return np.outer(np.sin(2 * np.pi * np.arange(n) / period), np.linspace(-1, 1, channels))


@pytest.mark.parametrize("period", [8.0, 20.0, 45.0])
def test_a_rhythm_is_told_once_a_window_holds_nothing_else_and_its_end_within_another(period: float) -> None:
    stream = 0.1 * noise(1600)
    stream[600:1000] += wave(400, period)
    regimes = [moment.regime for moment in watched(stream)]
    assert regimes[599] is Regime.IDLE
    assert regimes[610] is Regime.TRANSIENT
    assert set(regimes[600 + 128 + 16 : 1000]) == {Regime.PERIODIC}
    assert Regime.PERIODIC not in regimes[1000 + 2 * 128 :]
    assert regimes[-1] is Regime.IDLE


def test_what_dies_down_is_no_rhythm() -> None:
    stream = wave(512, 16.0) * np.exp(-np.arange(512) / 20)[:, None] + 1e-6 * noise(512)
    assert Regime.PERIODIC not in {moment.regime for moment in watched(stream)}


def test_two_outliers_are_no_rhythm() -> None:
    for apart in (35, 45, 51):
        stream = noise(400, 2)
        stream[[200, 200 + apart]] += 30.0
        assert Regime.PERIODIC not in {moment.regime for moment in watched(stream)}


def test_chaos_that_begins_in_quiet_is_told() -> None:
    stream = 0.01 * noise(1000, 1)
    stream[400:, 0] += henon(600)
    regimes = [moment.regime for moment in watched(stream)]
    assert regimes[400] is Regime.TRANSIENT
    assert Counter(regimes[560:]).most_common(1)[0][0] is Regime.CHAOTIC


def test_a_window_of_two_laws_is_not_chaotic() -> None:
    stream = np.r_[wave(1000, 100.0), wave(1000, 70.0)] + 0.1 * noise(2000)
    assert Regime.CHAOTIC not in {moment.regime for moment in watched(stream)}


@pytest.mark.parametrize(("factor", "level"), [(1e-6, 0.0), (1e6, 1e3), (1e-200, 0.0), (1e200, 0.0), (1.0, 1e6)])
@pytest.mark.parametrize("make", [noise, lambda n: wave(n, 20.0) + 0.1 * noise(n), lambda n: henon(n)[:, None]])
def test_scale_and_level_do_not_matter(make: Callable[[int], Float64], factor: float, level: float) -> None:
    stream = np.r_[make(300), make(400)]
    expected = [moment.regime for moment in watched(stream)]
    assert [moment.regime for moment in watched(factor * stream + level)] == expected


def test_vectors_that_are_too_large_are_passed_over() -> None:
    stream = noise(300)
    stream[100:110, 0] = 1e300
    kept = watched(np.delete(stream, np.s_[100:110], axis=0))
    moments = watched(stream)
    assert [moment.regime for moment in [*moments[:100], *moments[110:]]] == [moment.regime for moment in kept]


def test_the_state_stays_as_large_as_it_was() -> None:
    watch = RegimeWatch(2)
    sizes = [value.size for value in vars(watch).values() if isinstance(value, np.ndarray)]
    for vector in noise(5000, 2):
        watch.update(vector)
    assert [value.size for value in vars(watch).values() if isinstance(value, np.ndarray)] == sizes
    assert max(sizes) >= SCALES * 2 * WINDOW * 2
    assert len(watch._looks) == SCALES
    assert len(watch._waiting) <= SCALES


def test_a_vector_that_is_not_finite_is_passed_over() -> None:
    stream = noise(300)
    stream[[0, 70, 299], 1] = np.nan, np.inf, -np.inf
    assert {moment.regime for moment in watched(stream)[80:]} == {Regime.IDLE}


@pytest.mark.parametrize("rate_hz", [0.1, 1.0, 1000.0])
def test_streams_of_any_rate_are_watched(rate_hz: float) -> None:
    assert watched(noise(300), rate_hz)[-1].regime is Regime.IDLE


@pytest.mark.parametrize("rate_hz", [0.0, -1.0, float("nan")])
def test_what_is_no_rate_is_refused(rate_hz: float) -> None:
    with pytest.raises(UsageError, match="is no rate"):
        RegimeWatch(rate_hz=rate_hz)


def test_rounds_of_even_numbers_take_a_time_and_rounds_of_names_do_not() -> None:
    n = 400
    info = StreamInfo(source="example", kind="numeric")
    values = np.sin(0.4 * np.arange(n)) + 0.01 * noise(n, 1)[:, 0]
    found = at_once(WatchRegimes(), NumericRecording(info, np.arange(n) * 20_000_000, {"x": values}))
    assert [change.regime for change in found] == ["periodic"]
    assert found[0].period_s == pytest.approx(0.02 * 2 * np.pi / 0.4, rel=0.01)
    assert found[0].cycles_per_minute == pytest.approx(60 / found[0].period_s)
    frames = [TokenFrame(int(i * 1e8), "la", logprob=-1.0) for i in range(60)]
    names = at_once(WatchRegimes(), TokenRecording.of(StreamInfo(source="example", kind="token"), frames))
    assert [(change.regime, change.period_s) for change in names] == [("periodic", None)]


def test_vectors_of_another_shape_are_refused() -> None:
    with pytest.raises(UsageError, match="4 is none of 3 channels"):
        RegimeWatch(3).update(np.zeros(4))


def bands(path: Path) -> Track:
    stream = VectorStream("bands8")
    with open_source(str(path)) as opened:
        pieces: list[Recording] = [piece for piece in opened if piece is not None]
    tracks = [stream.push(piece) for piece in pieces if len(piece)]
    return Track.joined([*tracks, stream.finish()])


def windows_idle(path: Path) -> list[bool]:
    """Of each 2 s after the first, whether most of it is idle."""
    regimes = [moment.regime for moment in watched(bands(path).values)]
    return [Counter(regimes[i : i + 64]).most_common(1)[0][0] is Regime.IDLE for i in range(64, len(regimes) - 63, 64)]


def test_empty_rooms_are_idle_and_walking_is_not(data: Path) -> None:
    empty, walking = ([windows_idle(data / "csi" / "pulse" / f"{name}.csv") for name in names]
                      for names in (("vacio_01", "vacio_02"), ("mov_01", "mov_04")))  # fmt: skip
    right_empty = np.mean([idle for windows in empty for idle in windows])
    right_walking = 1 - np.mean([idle for windows in walking for idle in windows])
    assert (right_empty + right_walking) / 2 >= 0.95


def test_breathing_is_periodic_at_its_rate_and_empty_rooms_are_not(data: Path) -> None:
    last = watched(bands(data / "csi" / "pulse" / "resp_6rpm.csv").values)[-1]
    assert last.regime is Regime.PERIODIC
    assert 60 * 32.0 / last.period == pytest.approx(6.0, abs=0.2)
    for name in ("vacio_01", "vacio_02"):
        moments = watched(bands(data / "csi" / "pulse" / f"{name}.csv").values)
        assert not {Regime.PERIODIC, Regime.CHAOTIC} & {moment.regime for moment in moments}
