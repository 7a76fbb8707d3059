"""Onsets: what raises an alarm, what does not, and that it does not matter how a stream is cut."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onset_twin import statistics

from midstream_cli.attractor.change.changes import Change, ChangeKind, State
from midstream_cli.attractor.change.onset import CLIPPED, Onset
from midstream_cli.attractor.kernels import onset as kernels
from midstream_cli.attractor.kernels.channels import FAR
from midstream_cli.errors import UsageError

Frames = npt.NDArray[np.float64]

IDLE = 0.05 * np.sin(0.31 * np.arange(200))
MOTION = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0])


def noise(n: int, channels: int, seed: int = 1, level: float = 0.0) -> Frames:
    """White frames about a level."""
    return level + np.random.default_rng(seed).normal(size=(n, channels))


def alarms(changes: list[Change]) -> list[tuple[ChangeKind, int]]:
    """What began, and when."""
    return [(each.kind, each.frame) for each in changes if each.is_alarm]


def test_the_fixture_of_adr_099_alarms_on_its_first_frame_and_never_before() -> None:
    changes = Onset().extend(np.concatenate([IDLE, MOTION]))
    assert alarms(changes) == [(ChangeKind.MOTION, len(IDLE))]
    assert changes[0].began == len(IDLE)
    assert changes[0].statistic > changes[0].threshold


@pytest.mark.parametrize(("channels", "most"), [(1, FAR), (3, CLIPPED), (11, CLIPPED)])
def test_statistics_are_those_of_a_plain_twin(channels: int, most: float) -> None:
    frames = np.cumsum(noise(250, channels), axis=0) * 0.2 + noise(250, channels, 2, 5.0)
    ours = Onset(channels, warm_up=1000, split_gain=False).trace(frames).statistic[32:]
    np.testing.assert_allclose(ours, statistics(frames, most), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("channels", [1, 5])
def test_compiled_and_as_written_agree(channels: int) -> None:
    frames = noise(260, channels, 3, 20.0)
    frames[200:] += 6.0
    first, second = Onset(channels), Onset(channels)
    second._take = kernels.advance.python
    one, other = first.trace(frames), second.trace(frames)
    assert [each[:3] for each in one.changes] == [each[:3] for each in other.changes]
    np.testing.assert_allclose(one.statistic, other.statistic, rtol=1e-7, atol=1e-7)
    np.testing.assert_array_equal(one.state, other.state)


@given(st.data(), st.sampled_from([1, 4, 9]), st.integers(0, 1000))
def test_cuts_do_not_matter(data: st.DataObject, channels: int, seed: int) -> None:
    frames = noise(420, channels, seed, 10.0)
    frames[300:330] += 8.0 * noise(1, channels, seed + 1)
    frames[350, 0] = np.nan
    whole = Onset(channels)
    expected = whole.extend(frames)
    pieces = Onset(channels)
    found: list[Change] = []
    at = 0
    while at < len(frames):
        n = data.draw(st.integers(1, 200))
        if n < 20:
            for frame in frames[at : at + n]:
                found += pieces.update(frame)
        else:
            found += pieces.extend(frames[at : at + n])
        at += n
    assert found == expected
    np.testing.assert_array_equal(whole._s, pieces._s)
    np.testing.assert_array_equal(whole._c, pieces._c)


def test_a_trace_tells_what_extend_does() -> None:
    frames = noise(600, 4, 5, 20.0)
    frames[400:] += 9.0 * noise(1, 4, 6)
    one, other = Onset(4), Onset(4)
    trace = one.trace(frames)
    assert trace.changes == other.extend(frames)
    assert trace.statistic[-1] == other.statistic
    assert trace.threshold[-1] == other.threshold
    assert set(trace.state.tolist()) == {0, 1, 2}


@pytest.mark.parametrize("scale", [2.0**-600, 2.0**-20, 2.0**30, 2.0**600])
def test_units_do_not_matter(scale: float) -> None:
    frames = noise(500, 6, 7, 3.0)
    frames[400:] += 7.0
    plain, scaled = Onset(6).trace(frames), Onset(6).trace(frames * scale)
    assert alarms(plain.changes) == alarms(scaled.changes) != []
    np.testing.assert_allclose(plain.statistic, scaled.statistic, rtol=1e-9)


@pytest.mark.parametrize("level", [-1e6, 1e3, 1e6])
def test_the_level_of_one_channel_does_not_matter(level: float) -> None:
    frames = noise(500, 1, 8)
    frames[400:] += 9.0
    plain, raised = Onset().trace(frames), Onset().trace(frames + level)
    assert alarms(plain.changes) == alarms(raised.changes) != []
    np.testing.assert_allclose(plain.statistic, raised.statistic, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("value", [0.0, 1.0, -3e5, 1e-200, 1e200])
@pytest.mark.parametrize("channels", [1, 7])
def test_nothing_changes_where_nothing_moves(value: float, channels: int) -> None:
    trace = Onset(channels).trace(np.full((1000, channels), value))
    assert trace.changes == []
    assert np.isfinite(trace.statistic).all()


def test_a_channel_that_never_moved_and_does_is_a_motion() -> None:
    frames = np.full((300, 1), 4.0)
    frames[250:] = 4.1
    assert alarms(Onset().extend(frames))[0] == (ChangeKind.MOTION, 250)


def test_frames_that_are_not_finite_are_passed_over_and_counted() -> None:
    frames = noise(800, 5, 9, 10.0)
    broken = np.insert(frames, [100, 300, 300, 700], np.nan, axis=0)
    broken[100, 1:] = 0.0
    broken[302] = np.inf
    whole, holed = Onset(5), Onset(5)
    np.testing.assert_array_equal(
        whole.trace(frames).statistic, np.delete(holed.trace(broken).statistic, [100, 301, 302, 703])
    )
    assert holed.skipped == 4
    assert holed.position == len(broken)
    assert whole.skipped == 0


@pytest.mark.parametrize("factor", [0.4, 0.8, 1.3, 3.0])
def test_a_jump_of_all_channels_by_one_factor_is_a_gain(factor: float) -> None:
    frames = noise(900, 52, 10) + 10.0 + 20.0 * np.random.default_rng(0).random(52)
    frames[800:] *= factor
    detector = Onset(52)
    assert [each for each in alarms(detector.extend(frames)) if each[1] >= 800] == [(ChangeKind.GAIN, 800)]
    assert detector.gain == pytest.approx(factor, rel=0.02)
    assert detector.state is State.IDLE


def test_without_the_split_it_is_a_motion() -> None:
    frames = noise(900, 52, 10, 20.0)
    frames[800:] *= 1.3
    assert alarms(Onset(52, split_gain=False).extend(frames))[0] == (ChangeKind.MOTION, 800)


def test_motion_is_told_while_the_gain_jumps_about() -> None:
    random = np.random.default_rng(11)
    frames = noise(1500, 52, 11, 20.0)
    frames[1400:] += 3.0 * random.normal(size=52)
    frames *= np.repeat(random.uniform(0.7, 1.4, 15), 100)[:, None]
    assert [each for each in alarms(Onset(52).extend(frames)) if each[0] is ChangeKind.MOTION] == [
        (ChangeKind.MOTION, 1400)
    ]


def test_a_ramp_of_ten_deviations_is_noticed_within_two_frames() -> None:
    delays = []
    for seed in range(20):
        frames = noise(630, 52, seed, 20.0)
        pattern = np.random.default_rng(seed).normal(size=52)
        frames[600:] += np.minimum(np.arange(1, 31), 10)[:, None] * pattern
        delays.append(next(at for _, at in alarms(Onset(52).extend(frames)) if at >= 600) - 599)
    assert np.mean(delays) <= 2.0


def test_it_is_transient_as_long_as_the_motion_and_settles_afterwards() -> None:
    frames = noise(1000, 8, 12, 20.0)
    frames[600:700] += 8.0 * noise(100, 8, 13)
    trace = Onset(8).trace(frames)
    assert [each.kind for each in trace.changes] == [ChangeKind.MOTION, ChangeKind.SETTLED]
    assert (trace.state[600:700] == 2).all()
    assert 700 <= trace.changes[1].frame <= 740
    assert (trace.state[740:] == 1).all()


def test_a_new_level_is_adopted() -> None:
    frames = noise(1200, 8, 14, 20.0)
    frames[600:] += 8.0 * noise(1, 8, 15)
    changes = Onset(8).extend(frames)
    assert [each.kind for each in changes] == [ChangeKind.MOTION, ChangeKind.ADOPTED]
    assert changes[0].frame == 600
    assert 664 <= changes[1].frame <= 730


def test_what_lasts_is_learnt_anew() -> None:
    frames = noise(2500, 8, 16, 20.0)
    frames[600:] += 8.0 * noise(1900, 8, 17)
    changes = Onset(8, patience_s=20.0).extend(frames)
    assert [each.kind for each in changes] == [ChangeKind.MOTION, ChangeKind.RELEARNING]
    assert changes[1].frame == 600 + 600


def test_what_is_to_be_usual_from_now_on_is_learnt_at_once() -> None:
    frames = noise(1600, 8, 22, 20.0)
    frames[600:] += 8.0 * noise(1000, 8, 23)
    frames[1400:] += 60.0 * noise(1, 8, 24)
    detector = Onset(8)
    assert detector.trace(frames[:700]).state[-1] == kernels.TRANSIENT
    detector.relearn()
    learning = detector.trace(frames[700:1400])
    assert learning.state[[0, -1]].tolist() == [kernels.LEARNING, kernels.IDLE]
    assert learning.changes == []
    kind, at = alarms(detector.extend(frames[1400:]))[0]
    assert kind is ChangeKind.MOTION
    assert 1400 <= at <= 1401


def test_outliers_are_learnt() -> None:
    random = np.random.default_rng(18)
    frames = noise(30_000, 8, 18, 20.0)
    loud = random.random(len(frames)) < 0.02
    frames[loud] += random.standard_t(3, (int(loud.sum()), 8)) * 6.0
    assert len([at for _, at in alarms(Onset(8, split_gain=False).extend(frames)) if at >= 1000]) <= 1
    motion = noise(60, 8, 19, 20.0) + 8.0 * noise(60, 8, 20)
    detector = Onset(8, split_gain=False)
    detector.extend(frames)
    assert detector.calibrated
    assert detector.extend(motion)[0].frame <= len(frames) + 6


@pytest.mark.parametrize("channels", [1, 52])
@pytest.mark.parametrize("tails", [None, 3])
def test_idle_is_idle(channels: int, tails: int | None) -> None:
    random = np.random.default_rng(21)
    shape = 40_000, channels
    frames = random.normal(size=shape) if tails is None else random.standard_t(tails, shape)
    motions = [at for kind, at in alarms(Onset(channels).extend(frames + 20.0)) if kind is ChangeKind.MOTION]
    # one in 108,000 frames is allowed, but for the first thousand
    assert len([at for at in motions if at >= 1000]) <= 1


def test_empty_rooms_are_idle_and_walking_is_not(data: Path) -> None:
    from midstream_cli.streams.source import open_source
    from midstream_cli.streams.vectors import Track, VectorStream

    def amplitudes(name: str) -> Frames:
        stream = VectorStream("amplitude")
        with open_source(str(data / f"csi/pulse/{name}.csv")) as source:
            tracks = [stream.push(piece) for piece in source]
        return Track.joined([*tracks, stream.finish()]).values

    for room, walk in (("vacio_01", "mov_01"), ("vacio_02", "mov_04")):
        detector = Onset(52, rate_hz=32.0)
        assert alarms(detector.extend(amplitudes(room))) == []
        assert detector.calibrated
        walking = detector.trace(amplitudes(walk))
        assert alarms(walking.changes)[0][0] is ChangeKind.MOTION
        assert np.argmax(walking.state == 2) <= 8
        assert np.mean(walking.state == 2) >= 0.98


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(UsageError, match="0 channels"):
        Onset(0)
    with pytest.raises(UsageError, match="10 frames are too few"):
        Onset(warm_up=10)
    with pytest.raises(UsageError, match="patience"):
        Onset(patience_s=0.1)
    with pytest.raises(UsageError, match="no rate"):
        Onset(rate_hz=0.0)
    with pytest.raises(UsageError, match="one in a hundred"):
        Onset(false_alarms_per_hour=1e6)
    with pytest.raises(UsageError, match="3 channels"):
        Onset(3).update(np.zeros(4))
    with pytest.raises(UsageError, match="3 channels"):
        Onset(3).extend(np.zeros((5, 2)))
    with pytest.raises(UsageError, match="none of 1 channels"):
        Onset().update(np.zeros((1, 1)))


def test_frames_of_other_kinds_are_taken() -> None:
    whole = Onset(3).trace(np.arange(30).reshape(10, 3))
    detector = Onset(3)
    for each in range(0, 30, 3):
        assert detector.update([each, each + 1, each + 2]) == []
    assert detector.position == len(whole.state) == 10
    single = Onset()
    single.update(1.5)
    single.update(np.float32(2.5))
    single.update(np.array([3], np.int32))
    assert single.position == 3
    assert single.state is State.LEARNING
    assert not single.calibrated
