"""Scenes of channel state: what they show, that they are repeatable, and how they compare with real recordings."""

import math
from itertools import islice, pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from midstream_cli.errors import UsageError
from midstream_cli.frames import Float64
from midstream_cli.recordings import CsiRecording, concatenate
from midstream_cli.streams.layout import valid_subcarriers
from midstream_cli.streams.simulate import scenes
from midstream_cli.streams.simulate.board import CENTRE_HZ
from midstream_cli.streams.simulate.link import Link
from midstream_cli.streams.simulate.propagation import SPEED_OF_LIGHT
from midstream_cli.streams.simulate.room import build
from midstream_cli.streams.simulate.scripts import script
from midstream_cli.streams.simulate.setup import Setup
from midstream_cli.streams.source import open_source

WAVELENGTH_M = SPEED_OF_LIGHT / CENTRE_HZ


def played(scene: str, **settings: float | str) -> CsiRecording:
    return concatenate(list(scenes.simulate(scene, Setup(**settings))))  # type: ignore[arg-type]


def link(scene: str, room: int = 1, **settings: float) -> Link:
    place = build(room)
    return Link(place, script(scene, place, 1, settings.get("breathing_hz", 0.25)), 0, CENTRE_HZ)


def shapes(recording: CsiRecording) -> Float64:
    """Each frame's amplitudes, free of gain, relative to their means; shape (n, valid subcarriers)."""
    amplitudes = np.abs(recording.matrix()[:, valid_subcarriers(recording)]).astype(np.float64)
    normal = amplitudes / np.linalg.norm(amplitudes, axis=1, keepdims=True)
    relative: Float64 = normal / normal.mean(axis=0)
    return relative


def densities(recording: CsiRecording, *bands: tuple[float, float]) -> list[float]:
    """The power density of the shapes in some bands of frequency, the median over the subcarriers."""
    time_s = recording.time_ns.astype(np.float64) / 1e9
    even = np.arange(time_s[0], time_s[-1], 0.01)
    series = np.stack([np.interp(even, time_s, column) for column in shapes(recording).T], axis=1)
    window = np.hanning(len(even))[:, None]
    power = np.abs(np.fft.rfft((series - series.mean(axis=0)) * window, axis=0)) ** 2
    frequencies = np.fft.rfftfreq(len(even), 0.01)
    return [float(np.median(power[(frequencies >= low) & (frequencies < high)].mean(axis=0))) for low, high in bands]


@pytest.fixture(scope="module")
def idle() -> CsiRecording:
    return played("idle_room")


@pytest.fixture(scope="module")
def walk() -> CsiRecording:
    return played("walking")


def test_an_idle_room_has_no_motion_above_its_noise(idle: CsiRecording) -> None:
    motion, noise = densities(idle, (0.5, 5.0), (10.0, 30.0))
    assert motion == pytest.approx(noise, rel=0.3)


def test_an_idle_room_varies_by_a_few_percent_in_each_subcarrier_by_itself(idle: CsiRecording) -> None:
    relative = shapes(idle)
    assert 0.03 < np.median(relative.std(axis=0)) < 0.12
    correlations = np.triu(np.corrcoef(relative.T), 1)
    assert np.abs(correlations[correlations != 0]).mean() < 0.05


def test_walking_moves_the_channel_of_neighbouring_subcarriers_together(walk: CsiRecording, idle: CsiRecording) -> None:
    moving, still = (densities(recording, (0.5, 5.0))[0] for recording in (walk, idle))
    assert moving > 5 * still
    correlations = np.corrcoef(shapes(walk).T)
    assert np.diag(correlations, 1).mean() > 0.5


@pytest.mark.parametrize(("scene", "speed"), [("walking_slow", 0.7), ("walking", 1.3)])
def test_walking_shows_doppler_shifts_up_to_twice_the_speed_of_the_limbs(scene: str, speed: float) -> None:
    rate_hz = 400.0
    channel = link(scene).channel(np.arange(0.0, 20.0, 1 / rate_hz))[:, 26]
    spectrum = np.abs(np.fft.fft((channel - channel.mean()) * np.hanning(len(channel)))) ** 2
    shift_hz = np.abs(np.fft.fftfreq(len(channel), 1 / rate_hz))
    trunk_hz = 2 * speed / WAVELENGTH_M
    total = spectrum.sum()
    # the trunk's own shifts, the legs' which are up to three times as fast, and nothing beyond
    assert spectrum[shift_hz > 0.5 * trunk_hz].sum() > 0.01 * total
    assert spectrum[shift_hz > 1.3 * trunk_hz].sum() < 0.1 * total
    assert spectrum[shift_hz > 4.0 * trunk_hz].sum() < 1e-4 * total


def test_walking_faster_spreads_the_spectrum() -> None:
    slow, fast = (densities(played(scene), (0.2, 3.0), (8.0, 20.0)) for scene in ("walking_slow", "walking"))
    assert fast[1] / fast[0] > 2 * slow[1] / slow[0]


@pytest.mark.parametrize("breathing_hz", [0.2, 0.25, 0.3])
def test_breathing_shows_as_a_line_at_its_rate(breathing_hz: float) -> None:
    recording = played("breathing", breathing_hz=breathing_hz)
    time_s = recording.time_ns / 1e9
    even = np.arange(time_s[0], time_s[-1], 0.05)
    series = np.stack([np.interp(even, time_s, column) for column in shapes(recording).T], axis=1)
    power = np.abs(np.fft.rfft((series - series.mean(axis=0)) * np.hanning(len(even))[:, None], axis=0)) ** 2
    frequencies = np.fft.rfftfreq(len(even), 0.05)
    band = (frequencies > 0.1) & (frequencies < 0.7)
    strongest = frequencies[band][np.argmax(power[band], axis=0)]
    at_rate = np.abs(strongest - breathing_hz) <= frequencies[1]
    assert at_rate.mean() > 0.3
    near = np.abs(frequencies - breathing_hz) < 0.03
    away = band & (np.abs(frequencies - breathing_hz) > 0.06) & (np.abs(frequencies - 2 * breathing_hz) > 0.06)
    assert (power[near].max(axis=0) > 20 * np.median(power[away], axis=0)).mean() > 0.3


def test_a_fan_shows_as_a_line_at_the_rate_of_its_blades() -> None:
    channel = link("fan").channel(np.arange(0.0, 60.0, 0.005))[:, 26]
    spectrum = np.abs(np.fft.rfft(np.abs(channel) - np.abs(channel).mean())) ** 2
    # three blades, one turn a second, and 60 s: every harmonic is a multiple of 180
    assert spectrum[180::180].sum() > 0.999 * spectrum.sum()


def test_a_door_changes_the_channel_while_it_swings_and_holds_it_while_open() -> None:
    door = link("door_open")
    closed, swinging, open_ = (
        door.channel(np.arange(start, end, 0.01)) for start, end in ((0.0, 2.0), (2.0, 3.5), (3.5, 6.5))
    )
    for still in (closed, open_):
        np.testing.assert_allclose(still, np.broadcast_to(still[0], still.shape), rtol=1e-5)
    assert np.abs(open_[0] - closed[0]).max() > 0.02 * np.abs(closed[0]).max()
    assert np.abs(np.diff(swinging, axis=0)).max() > 1e-3 * np.abs(closed[0]).max()


def test_all_scenes_of_a_room_have_one_background() -> None:
    before_the_door = np.array([0.0, 3.0, 7.9])
    idle, day, door = (link(scene).channel(before_the_door) for scene in ("idle_room", "day", "door_open"))
    np.testing.assert_allclose(day, idle, rtol=1e-5)
    np.testing.assert_allclose(door[0], idle[0], rtol=1e-5)
    assert np.abs(link("idle_room", room=2).channel(before_the_door) - idle).max() > 0.1 * np.abs(idle).max()


@pytest.mark.parametrize("scene", scenes.names())
def test_the_channel_of_a_scene_never_jumps(scene: str) -> None:
    place = build(1)
    play = script(scene, place, 1, 0.25)
    seams_s = np.cumsum([act.seconds for act in play.acts]) - 0.001
    before_s = np.concatenate([seams_s, np.random.default_rng(1).uniform(0.0, play.period_s, 2000)])
    channel, then = (Link(place, play, 0, CENTRE_HZ).channel(at) for at in (before_s, before_s + 0.002))
    steps = np.abs(then - channel).max(axis=1)
    # within 2 ms a foot, which is the fastest, changes its path by a tenth of a wavelength
    assert steps.max() < 0.2 * np.abs(channel).max()


@pytest.mark.parametrize("scene", ["walking_slow", "walking", "sitting", "breathing", "day"])
def test_nobody_moves_faster_than_people_do(scene: str) -> None:
    play = script(scene, build(1), 1, 0.25)
    assert play.body is not None
    time_s = np.arange(0.0, play.period_s + 1.0, 0.001)
    points, areas = play.body.points(time_s, time_s % play.period_s)
    speed = np.linalg.norm(np.diff(points, axis=1), axis=-1) / 0.001
    there = (areas[:, 1:] > 0) & (areas[:, :-1] > 0)
    # a foot that swings forward goes at almost three times the speed of the trunk
    assert speed[there].max() < 5.0
    assert speed[0][there[0]].max() < 2.5


@pytest.mark.parametrize("scene", scenes.names())
def test_a_scene_is_the_same_every_time_however_it_is_cut(scene: str) -> None:
    setup = Setup(duration_s=15.0, rate_hz=120.0, loss=0.05)
    once = concatenate(list(scenes.simulate(scene, setup)))
    pieces = list(scenes.simulate(scene, setup, frames=77))
    assert {len(piece) for piece in pieces[:-1]} == {77}
    again = concatenate(pieces)
    for name in ("csi", "time_ns", "rssi", "node", "seq"):
        np.testing.assert_array_equal(getattr(once, name), getattr(again, name))


def test_another_seed_is_another_course_in_the_same_room() -> None:
    first, second = (played("walking", duration_s=5.0, seed=seed) for seed in (1, 2))
    assert not np.array_equal(first.csi[:6400], second.csi[:6400])
    place = build(1)
    empty = [Link(place, script("idle_room", place, seed, 0.25), 0, CENTRE_HZ).channel(np.zeros(1)) for seed in (1, 2)]
    np.testing.assert_array_equal(empty[0], empty[1])


@settings(max_examples=10, deadline=None)
@given(st.floats(0.1, 12.0), st.sampled_from(["day", "walking"]))
def test_a_shorter_scene_is_the_beginning_of_a_longer_one(duration_s: float, scene: str) -> None:
    short, long = (list(scenes.simulate(scene, Setup(duration_s=seconds))) for seconds in (duration_s, 13.0))
    if not short:
        return
    beginning = concatenate(long).take(slice(sum(map(len, short))))
    np.testing.assert_array_equal(concatenate(short).csi, beginning.csi)
    np.testing.assert_array_equal(concatenate(short).time_ns, beginning.time_ns)


def test_loss_takes_frames_away_and_leaves_the_others_as_they_are() -> None:
    everything, some = (played("walking", duration_s=20.0, loss=loss) for loss in (0.0, 0.2))
    assert len(some) == pytest.approx(1600, abs=120)
    at = np.searchsorted(everything.seq, some.seq)
    np.testing.assert_array_equal(everything.take(at).csi, some.csi)
    np.testing.assert_array_equal(everything.time_ns[at], some.time_ns)


def test_senders_take_turns_each_at_its_rate_from_its_own_place() -> None:
    recording = played("idle_room", duration_s=10.0, nodes=3, rate_hz=50.0)
    nodes, counts = np.unique(recording.node, return_counts=True)
    assert counts == pytest.approx([500, 500, 500], abs=3)
    means = [np.abs(recording.take(recording.node == node).matrix()).mean(axis=0) for node in nodes.tolist()]
    assert np.abs(means[0] - means[1]).max() > 1.0
    for node in nodes.tolist():
        np.testing.assert_array_equal(np.diff(recording.seq[recording.node == node]), 1)


def test_the_board_s_clock_counts_microseconds_since_it_booted_and_wraps() -> None:
    recording = played("idle_room", duration_s=10.0, booted_s=4290.0)
    counter = recording.meta["local_timestamp"]
    assert counter.max() < 1 << 32
    assert (np.diff(counter) < 0).sum() == 1
    assert (np.diff(recording.time_ns) > 0).all()
    np.testing.assert_array_equal(recording.time_ns // 1000 % (1 << 32), counter)


@pytest.mark.parametrize("scene", scenes.names())
@pytest.mark.parametrize("duration_s", [0.5, 33.0, 60.0, 200.0])
def test_the_truth_covers_all_time_once(scene: str, duration_s: float) -> None:
    labels = scenes.truth(scene, Setup(duration_s=duration_s))
    assert labels[0][0] == 0.0
    assert labels[-1][1] == duration_s
    assert all(start < end for start, end, _ in labels)
    for (_, end, before), (start, _, after) in pairwise(labels):
        assert end == start
        assert before != after


def test_a_day_tells_its_story() -> None:
    labels = [label for _, _, label in scenes.truth("day")]
    assert labels == [
        *("idle_room", "door_open", "walking", "sitting", "breathing"),
        *("walking", "door_open", "door_close", "idle_room"),
    ]


def test_what_the_truth_calls_idle_is_still_and_what_it_calls_walking_is_not() -> None:
    day = link("day")
    for start, end, label in scenes.truth("day"):
        channel = day.channel(np.arange(start + 0.02, end - 0.02, 0.02))
        restless = np.abs(np.diff(channel, axis=0)).mean() / np.abs(channel).mean()
        if label == "idle_room":
            assert restless < 1e-4
        if label == "walking":
            assert restless > 0.02


def test_a_scene_without_end_is_played_but_has_no_list_of_labels() -> None:
    endless = Setup(duration_s=math.inf)
    assert sum(len(piece) for piece in islice(scenes.simulate("walking", endless), 2)) == 2048
    with pytest.raises(UsageError, match="without an end"):
        scenes.truth("walking", endless)


@pytest.mark.parametrize(
    ("name", "value"),
    [("duration_s", -1.0), ("rate_hz", 0.0), ("loss", 1.0), ("snr_db", math.nan), ("seed", -1), ("secondary", "left")],
)
def test_what_cannot_be_is_refused(name: str, value: float | str) -> None:
    with pytest.raises(UsageError):
        Setup(**{name: value})  # type: ignore[arg-type]


def test_every_scene_says_what_happens() -> None:
    sentences = [scenes.about(name) for name in scenes.names()]
    assert all(sentence.endswith(".") for sentence in sentences)
    assert len(set(sentences)) == len(sentences)


@pytest.fixture(scope="module")
def real(data: Path) -> dict[str, CsiRecording]:
    """An empty room and somebody walking, as boards recorded them, at 16 dB."""
    recordings = {}
    for name in ("vacio_01", "mov_01", "mov_04"):
        with open_source(str(data / f"csi/pulse/{name}.csv")) as source:
            pieces = [piece for piece in source if isinstance(piece, CsiRecording)]
        recordings[name] = concatenate([piece.take(piece.meta["sig_mode"] == 1) for piece in pieces])
    return recordings


@pytest.fixture(scope="module")
def simulated() -> dict[str, CsiRecording]:
    return {scene: played(scene, snr_db=16.0) for scene in ("idle_room", "walking")}


def test_an_empty_room_varies_as_much_as_a_real_one(
    real: dict[str, CsiRecording], simulated: dict[str, CsiRecording]
) -> None:
    recorded, model = (np.median(shapes(r).std(axis=0)) for r in (real["vacio_01"], simulated["idle_room"]))
    assert model == pytest.approx(recorded, rel=0.15)


def test_motion_stands_out_as_much_as_in_real_recordings(
    real: dict[str, CsiRecording], simulated: dict[str, CsiRecording]
) -> None:
    def ratio(moving: CsiRecording, still: CsiRecording) -> float:
        return densities(moving, (0.5, 5.0))[0] / densities(still, (0.5, 5.0))[0]

    recorded = [ratio(real[name], real["vacio_01"]) for name in ("mov_01", "mov_04")]
    model = ratio(simulated["walking"], simulated["idle_room"])
    assert min(recorded) / 2 < model < max(recorded) * 2


def test_motion_moves_subcarriers_together_as_far_apart_as_in_real_recordings(
    real: dict[str, CsiRecording], simulated: dict[str, CsiRecording]
) -> None:
    def falling(recording: CsiRecording) -> npt.NDArray[np.float64]:
        smooth = np.stack([np.convolve(x, np.ones(10) / 10, "valid") for x in shapes(recording).T])
        correlations = np.corrcoef(smooth)
        return np.array([np.diag(correlations, apart).mean() for apart in (1, 4, 8, 16)])

    np.testing.assert_allclose(falling(simulated["walking"]), falling(real["mov_01"]), atol=0.15)
