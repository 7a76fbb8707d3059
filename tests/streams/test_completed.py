"""Which frame completed a vector, against an oracle that pushes frame by frame and looks when each vector comes."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.errors import UsageError
from midstream_cli.recordings import CsiRecording, Recording
from midstream_cli.streams.features import is_summary, load, names
from midstream_cli.streams.vectors import LOOK_AT, RATE_HZ, Track, VectorStream
from strategies import SECOND, csi, csi_recordings, cuts, few, numbers, pieces, seeds, some, tokens

CSI_FEATURES = names("csi")
OF_FRAMES = [name for name in CSI_FEATURES if not is_summary(load(name))]


def attributed(recording: Any, places: list[int], feature: str, **options: Any) -> tuple[Track, list[int]]:
    """The vectors of a stream, and the frames that completed them."""
    stream, tracks, completed = VectorStream(feature, **options), [], list[int]()
    for piece in pieces(recording, places):
        tracks.append(stream.push(piece))
        assert len(stream.completed) == len(tracks[-1].time_ns)
        completed += stream.completed.tolist()
    tracks.append(stream.finish())
    assert len(stream.completed) == len(tracks[-1].time_ns)
    return Track.joined(tracks), completed + stream.completed.tolist()


def when_they_come(recording: Any, feature: str, **options: Any) -> list[int]:
    """The number of the frame with which each vector comes where frames come one by one; at the end, the last."""
    stream, came = VectorStream(feature, **options), list[int]()
    for i in range(len(recording)):
        came += [i] * len(stream.push(recording.take(slice(i, i + 1))).time_ns)
    return came + [len(recording) - 1] * len(stream.finish().time_ns)


def check(recording: Recording, feature: str, places: list[int], **options: Any) -> None:
    expected = when_they_come(recording, feature, **options)
    track, completed = attributed(recording, places, feature, **options)
    assert completed == expected
    alone, one_by_one = attributed(recording, list(range(len(recording))), feature, **options)
    assert one_by_one == expected
    assert alone.time_ns.tolist() == track.time_ns.tolist()
    assert alone.values.tobytes() == track.values.tobytes()


@st.composite
def troubled(draw: st.DrawFn) -> CsiRecording:
    """Channel state with silences, repeated times, steps back, restarts, and frames that are not finite."""
    recording = draw(csi_recordings(300))
    at, samples = recording.time_ns.copy(), recording.matrix().copy()
    places = st.lists(st.integers(0, len(at) - 1), max_size=3)
    for place in draw(places):
        at[place : place + draw(st.integers(2, 80))] = at[place]
    for place in draw(places):
        at[place:] -= draw(st.sampled_from([1, 50_000_000, 3 * SECOND, int(at[place])]))
    for place in draw(places):
        samples[place : place + draw(st.integers(1, 40)), 3] = draw(st.sampled_from([np.nan, np.inf]))
    return CsiRecording.build(recording.info, at, samples)


@pytest.mark.parametrize("feature", ["doppler", "bands8", "amplitude-l2"])
@few
@given(troubled(), cuts, st.sampled_from([8.0, 32.0, 100.0]))
def test_on_a_grid_it_is_the_frame_with_which_the_vector_comes(
    feature: str, recording: CsiRecording, places: list[int], rate_hz: float
) -> None:
    check(recording, feature, places, rate_hz=rate_hz)


@pytest.mark.parametrize("feature", OF_FRAMES)
@few
@given(troubled(), cuts)
def test_without_a_grid_it_is_the_frame_with_which_the_vector_comes(
    feature: str, recording: CsiRecording, places: list[int]
) -> None:
    check(recording, feature, places, rate_hz=None)


@pytest.mark.parametrize("feature", names("token"))
@few
@given(seeds, st.integers(1, 150), cuts)
def test_so_it_is_of_tokens_among_which_empty_ones_count(feature: str, seed: int, n: int, places: list[int]) -> None:
    check(tokens(seed, n), feature, places)


@few
@given(seeds, st.integers(1, 150), cuts, st.sampled_from(["host", "none"]), st.sampled_from([None, 32.0]))
def test_so_it_is_of_plain_numbers(seed: int, n: int, places: list[int], clock: str, rate_hz: float | None) -> None:
    check(numbers(seed, n, clock=clock), "columns", places, rate_hz=rate_hz)


@some
@given(troubled(), seeds, st.sampled_from(["doppler", "bands8", "amplitude"]), st.data())
def test_no_vector_depends_on_a_frame_after_the_one_that_completed_it(
    recording: CsiRecording, seed: int, feature: str, data: st.DataObject
) -> None:
    rate_hz = None if feature == "amplitude" else 32.0
    until = data.draw(st.integers(0, len(recording)))
    other = csi(seed, 50)
    after = CsiRecording.build(other.info, other.time_ns + recording.time_ns[max(0, until - 1)], 9 * other.matrix())
    samples = np.concatenate([recording.matrix()[:until], after.matrix()])
    changed = CsiRecording.build(other.info, np.concatenate([recording.time_ns[:until], after.time_ns]), samples)
    known = []
    for stream in (recording, changed):
        track, completed = attributed(stream, [], feature, rate_hz=rate_hz)
        count = int((np.array(completed, np.int64) < until).sum()) if until < len(recording) else 0
        known.append((track.time_ns[:count].tolist(), track.values[:count].tolist(), completed[:count]))
    assert known[0] == known[1]


@pytest.mark.parametrize("feature", OF_FRAMES)
@pytest.mark.parametrize("clock", ["host", "none"])
def test_without_a_grid_each_frame_is_a_vector_as_it_is(feature: str, clock: str) -> None:
    recording = csi(2, 200, gaps=[(90, 3 * SECOND)], clock=clock)
    track, _ = attributed(recording, [50, 120], feature, rate_hz=None)
    module = load(feature)
    expected = module.vectors(recording, module.fit(recording.take(slice(LOOK_AT))))
    assert track.values.tolist() == expected.tolist()
    assert track.time_ns.tolist() == (recording.time_ns.tolist() if clock == "host" else list(range(200)))
    assert not VectorStream(feature, rate_hz=None).on_grid


def test_a_change_in_time_needs_a_grid() -> None:
    with pytest.raises(UsageError, match="doppler is a change in time") as caught:
        VectorStream("doppler", rate_hz=None)
    assert "bands8" in caught.value.hint
    assert "doppler" not in caught.value.hint


def test_the_first_vectors_are_known_with_the_last_frame_of_the_first_look() -> None:
    _, completed = attributed(csi(1, 100), [], "amplitude", rate_hz=None)
    assert completed == [LOOK_AT - 1] * LOOK_AT + list(range(LOOK_AT, 100))


def test_a_stream_that_is_slow_is_taken_frame_by_frame() -> None:
    slow, quick = csi(1, 200, rate_hz=20.0), csi(1, 200, rate_hz=100.0)
    for recording, gridded in ((slow, False), (quick, True)):
        stream = VectorStream("bands8", slow_hz=48.0)
        assert stream.on_grid
        found = stream.push(recording)
        assert stream.on_grid is gridded
        plain = VectorStream("bands8", rate_hz=RATE_HZ if gridded else None).push(recording)
        assert np.array_equal(found.values, plain.values)
        assert np.array_equal(found.time_ns, plain.time_ns)
