"""The chain from frames to vectors against its slow twin, however the stream is cut."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.errors import FormatError, LayoutError, UsageError
from midstream_cli.recordings import CsiRecording, Recording, TokenRecording
from midstream_cli.streams.features import load, names
from midstream_cli.streams.vectors import LOOK_AT, Track, VectorStream
from strategies import SECOND, csi, csi_recordings, cuts, few, numbers, of_kind, pieces, seeds, some, tokens
from tracks import collect
from twins import vectors_of

CSI_FEATURES = names("csi")


def by_cuts(recording: Any, places: list[int], feature: str, **options: Any) -> Track:
    return collect(pieces(recording, places), VectorStream(feature, **options))


def check_is_the_twin(recording: Recording, feature: str, places: list[int], **options: Any) -> None:
    found, expected = by_cuts(recording, places, feature, **options), vectors_of(recording, feature, **options)
    assert found.time_ns.tolist() == [time_ns for time_ns, _ in expected]
    if expected:
        assert found.values.tolist() == [row for _, row in expected]


@pytest.mark.parametrize("feature", CSI_FEATURES)
@few
@given(recording=csi_recordings(), places=cuts)
def test_channel_state_becomes_what_the_twin_says(feature: str, recording: CsiRecording, places: list[int]) -> None:
    check_is_the_twin(recording, feature, places)


@few
@given(csi_recordings(), cuts, st.sampled_from([8.0, 20.0, 33.3, 64.0, 100.0]), st.sampled_from(["doppler", "bands8"]))
def test_so_it_does_at_every_rate(recording: CsiRecording, places: list[int], rate_hz: float, feature: str) -> None:
    check_is_the_twin(recording, feature, places, rate_hz=rate_hz)


@pytest.mark.parametrize("feature", names("token"))
@pytest.mark.parametrize("clock", ["host", "none"])
@few
@given(seed=seeds, n=st.integers(1, 150), places=cuts)
def test_tokens_become_what_the_twin_says(feature: str, clock: str, seed: int, n: int, places: list[int]) -> None:
    if (feature, clock) != ("inter-arrival", "none"):
        check_is_the_twin(tokens(seed, n, clock=clock), feature, places)


@pytest.mark.parametrize("clock", ["host", "none"])
@few
@given(seed=seeds, n=st.integers(1, 150), places=cuts)
def test_plain_numbers_become_what_the_twin_says(clock: str, seed: int, n: int, places: list[int]) -> None:
    check_is_the_twin(numbers(seed, n, clock=clock), "columns", places)


@few
@given(seeds, cuts)
def test_frame_by_frame_is_only_another_way_to_cut(seed: int, places: list[int]) -> None:
    recording = csi(seed, 150)
    whole, alone = by_cuts(recording, [], "doppler"), by_cuts(recording, list(range(1, 150)), "doppler")
    assert whole.values.tolist() == alone.values.tolist() == by_cuts(recording, places, "doppler").values.tolist()
    assert whole.time_ns.tolist() == alone.time_ns.tolist()


@pytest.mark.parametrize("feature", CSI_FEATURES)
def test_pieces_so_large_that_numpy_computes_in_place_have_the_same_bits(feature: str) -> None:
    recording = csi(7, 2000, subcarriers=64)
    whole, cut = by_cuts(recording, [], feature), by_cuts(recording, list(range(0, 2000, 9)), feature)
    assert whole.values.tobytes() == cut.values.tobytes()


@pytest.mark.parametrize("feature", ["doppler", "bands8"])
def test_vectors_come_while_the_stream_flows(feature: str) -> None:
    recording, stream = csi(1, 1000), VectorStream(feature)
    late_ns = []
    for piece in pieces(recording, list(range(0, 1000, 10))):
        track = stream.push(piece)
        if len(track.time_ns):
            late_ns.append(int(piece.time_ns[-1] - track.time_ns[-1]))
    # half a summary, half a running median, a slot and a piece
    assert max(late_ns) < (0.5 * SECOND if feature == "doppler" else 0) + 0.3 * SECOND


def test_what_the_stream_is_like_is_known_after_the_first_look() -> None:
    recording, stream = csi(1, 200, rate_hz=50.0), VectorStream("bands8")
    stream.push(recording.take(slice(LOOK_AT - 1)))
    assert (stream.start_ns, stream.frame_rate_hz, stream.parameters) == (None, None, None)
    stream.push(recording.take(slice(LOOK_AT - 1, LOOK_AT)))
    assert stream.start_ns == recording.time_ns[0]
    assert stream.frame_rate_hz == pytest.approx(50.0, rel=0.1)
    assert stream.parameters == load("bands8").fit(recording.take(slice(LOOK_AT)))


def test_parameters_that_are_given_are_kept() -> None:
    first, second = csi(1, 200), csi(2, 200)
    parameters = load("pca").fit(first)
    stream = VectorStream("pca", parameters=parameters)
    found = collect([second], stream)
    assert stream.parameters is parameters
    assert found.values.tolist() == [row for _, row in vectors_of(second, "pca", parameters)]


def test_no_vector_describes_a_silence_that_was_not_bridged() -> None:
    recording = csi(3, 600, gaps=[(300, 3 * SECOND)])
    before, after = int(recording.time_ns[299]), int(recording.time_ns[300])
    for feature, reach in (("bands8", 0), ("doppler", SECOND // 2)):
        times = by_cuts(recording, [], feature).time_ns
        assert not ((times > before - reach + 62_500_000) & (times < after + reach - 62_500_000)).any()
        assert (times < before).any()
        assert (times > after).any()


@pytest.mark.parametrize("feature", CSI_FEATURES)
def test_a_frame_that_is_not_finite_counts_as_if_it_had_not_come(feature: str) -> None:
    recording = csi(4, 300)
    samples = recording.matrix().copy()
    bad = [0, 30, 63, 64, 200, 299]
    samples[bad, 5] = [np.nan, np.inf, 1j * np.nan, np.nan, np.inf, np.nan]
    broken = CsiRecording.build(recording.info, recording.time_ns, samples)
    good = np.setdiff1d(np.arange(300), bad)
    for places in ([], [1, 64, 65], list(range(300))):
        found, expected = by_cuts(broken, places, feature), by_cuts(recording.take(good), [], feature)
        assert found.time_ns.tolist() == expected.time_ns.tolist()
        assert found.values.tolist() == expected.values.tolist()


def test_of_nothing_but_broken_frames_there_are_no_vectors() -> None:
    broken = CsiRecording.build(csi(1, 1).info, np.arange(100) * 10**7, np.full((100, 4), np.nan))
    assert len(by_cuts(broken, [50], "bands8").time_ns) == 0


def test_a_missing_number_is_a_vector_with_a_missing_number() -> None:
    recording = numbers(1, 20)
    recording.columns["c1"][7] = np.nan
    values = by_cuts(recording, [3, 7, 8], "columns").values
    assert np.argwhere(np.isnan(values)).tolist() == [[7, 1]]


@pytest.mark.parametrize("feature", [*CSI_FEATURES, *names("token"), "columns"])
def test_of_one_frame_there_is_at_most_one_vector(feature: str) -> None:
    recording = of_kind(load(feature).KIND, 1, 1)
    if isinstance(recording, TokenRecording):
        recording.text[0] = "word"
    track = by_cuts(recording, [], feature)
    assert len(track.time_ns) == len(track.values) == (0 if feature in ("doppler", "inter-arrival") else 1)
    assert np.isfinite(track.values).all()


@pytest.mark.parametrize("feature", [*CSI_FEATURES, *names("token"), "columns"])
def test_of_nothing_there_is_nothing(feature: str) -> None:
    recording = of_kind(load(feature).KIND, 1, 3).take(slice(0))
    track = by_cuts(recording, [], feature)
    assert len(track.time_ns) == len(track.values) == 0


@pytest.mark.parametrize("feature", CSI_FEATURES)
def test_repeated_times_and_times_that_step_back_are_taken_as_they_come(feature: str) -> None:
    recording = csi(5, 300)
    at = recording.time_ns.copy()
    at[50:55] = at[50]
    at[100] -= 400_000_000
    at[200:] -= 50_000_000
    odd = CsiRecording.build(recording.info, at, recording.matrix())
    check_is_the_twin(odd, feature, [52, 100, 101])
    steps = np.diff(by_cuts(odd, [], feature).time_ns)
    assert (steps > 0).all()


def test_all_frames_at_one_time_are_one_slot() -> None:
    recording = csi(5, 100)
    still = CsiRecording.build(recording.info, np.zeros(100), recording.matrix())
    assert len(by_cuts(still, [], "bands8").time_ns) == 1


@pytest.mark.parametrize("feature", [*CSI_FEATURES, "inter-arrival", "columns"])
def test_pieces_may_be_overwritten_once_they_are_pushed(feature: str) -> None:
    recording = of_kind(load(feature).KIND, 6, 300)
    expected = by_cuts(recording, [], feature)
    stream, tracks = VectorStream(feature), []
    for i in range(0, 300, 20):
        piece: Any = of_kind(load(feature).KIND, 6, 300).take(slice(i, i + 20))
        track = stream.push(piece)
        tracks.append(Track(track.time_ns.copy(), track.values.copy()))
        piece.time_ns[:] = -1
        for array in [piece.csi] if isinstance(piece, CsiRecording) else getattr(piece, "columns", {}).values():
            array[:] = 77
    found = Track.joined([*tracks, stream.finish()])
    assert found.time_ns.tolist() == expected.time_ns.tolist()
    assert found.values.tolist() == expected.values.tolist()


@pytest.mark.parametrize("feature", CSI_FEATURES)
def test_a_feature_of_another_kind_of_stream_is_refused_with_those_that_fit(feature: str) -> None:
    with pytest.raises(FormatError, match=f"numeric stream, and {feature} is a feature of csi") as caught:
        VectorStream(feature).push(numbers(1, 3))
    assert "columns" in caught.value.hint


def test_channel_state_without_times_is_refused_with_advice() -> None:
    with pytest.raises(FormatError, match="has no times") as caught:
        by_cuts(csi(1, 100, clock="none"), [], "bands8")
    assert caught.value.hint


@pytest.mark.parametrize("name", ["bands 8", ""])
def test_a_feature_that_does_not_exist_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="no feature"):
        VectorStream(name)


def test_another_layout_than_that_of_the_parameters_is_refused() -> None:
    parameters = load("bands8").fit(csi(1, 50))
    with pytest.raises(LayoutError, match="12 subcarriers"):
        by_cuts(csi(1, 100, subcarriers=12), [], "bands8", parameters=parameters)


@pytest.mark.parametrize("subcarriers", [[], [-1, 3], [999], "abc", None, 7])
def test_parameters_that_name_no_position_in_the_frame_are_damaged(subcarriers: Any) -> None:
    parameters = {**load("bands8").fit(csi(1, 50)), "subcarriers": subcarriers}
    with pytest.raises(FormatError, match="the parameters of bands8 that were given are damaged"):
        by_cuts(csi(1, 100), [], "bands8", parameters=parameters)


@pytest.mark.parametrize(
    ("feature", "recording", "said"),
    [
        ("inter-arrival", tokens(1, 80, clock="none"), "no time per event"),
        ("phase-difference", csi(1, 80, amplitude_only=True), "no phases"),
    ],
)
@pytest.mark.parametrize("given", [True, False])
def test_what_a_stream_lacks_is_told_whether_or_not_parameters_are_given(
    feature: str, recording: Recording, said: str, given: bool
) -> None:
    able = csi(1, 80) if feature == "phase-difference" else tokens(1, 80)
    parameters: Any = load(feature).fit(able) if given else None
    with pytest.raises(FormatError, match=said) as caught:
        by_cuts(recording, [], feature, parameters=parameters)
    assert caught.value.hint


def test_missing_log_probabilities_are_told_though_there_is_nothing_to_fit() -> None:
    recording = tokens(1, 80)
    recording.logprob[:] = np.nan
    with pytest.raises(FormatError, match="no log probabilities"):
        by_cuts(recording, [], "logprob", parameters={})


@pytest.mark.parametrize(
    ("feature", "damaged"),
    [
        ("bands8", {"layout": 16}),
        ("bands8", {"layout": 16, "subcarriers": [3, 99]}),
        ("bands8", {"layout": 16, "subcarriers": "3"}),
        ("pca", {"layout": 16, "subcarriers": [2, 3]}),
        ("pca", {"layout": 16, "subcarriers": [2, 3], "mean": [1.0], "components": [[1.0, 2.0, 3.0]]}),
        ("columns", {"names": ["c0"]}),
        ("columns", {"columns": 3}),
    ],
)
def test_damaged_parameters_are_told_with_advice(feature: str, damaged: dict[str, Any]) -> None:
    with pytest.raises(FormatError, match=f"parameters of {feature}") as caught:
        by_cuts(of_kind(load(feature).KIND, 1, 80), [], feature, parameters=damaged)
    assert caught.value.hint


def test_tracks_are_cut_by_time() -> None:
    track = Track(np.array([10, 20, 30]), np.array([[1.0], [2.0], [3.0]]))
    part = track.between(20, 30)
    assert (part.time_ns.tolist(), part.values.tolist()) == ([20], [[2.0]])
    assert len(Track.joined([]).time_ns) == 0
    assert Track.joined([track, part]).values[:, 0].tolist() == [1.0, 2.0, 3.0, 2.0]


@some
@given(seeds, st.lists(st.integers(0, 59), max_size=5))
def test_the_state_does_not_grow_with_the_stream(seed: int, places: list[int]) -> None:
    stream, sizes = VectorStream("doppler"), []
    for part in pieces(csi(seed, 900), [300, 600]):
        for piece in pieces(part, places):
            stream.push(piece)
        assert stream._windows is not None
        assert stream._despike is not None
        assert stream._despike._rows is not None
        sizes.append((len(stream._windows._times), len(stream._despike._rows), len(stream._waiting)))
    assert sizes[0] == sizes[1] == sizes[2]
