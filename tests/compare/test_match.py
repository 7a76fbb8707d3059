"""Matching a stream against signatures, window by window, against a twin that has the whole recording at hand."""

import json
import math
import pickle
import tracemalloc
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.compare.live.match import MatchSignatures, distances
from midstream_cli.compare.signatures.signature import Background, Signature
from midstream_cli.compare.warping.dtw import dtw
from midstream_cli.errors import FormatError, LayoutError, SignatureError
from midstream_cli.frames import StreamInfo, node_name
from midstream_cli.recordings import CsiRecording, NumericRecording, Recording, TokenRecording
from midstream_cli.results import Match
from midstream_cli.streams.features import load
from midstream_cli.streams.select import one_link
from midstream_cli.streams.source import open_source
from midstream_cli.streams.vectors import Track, VectorStream
from strategies import (
    SECOND,
    at_once,
    by_frames,
    by_pieces,
    csi,
    csi_recordings,
    cuts,
    few,
    info_of,
    numbers,
    seeds,
    tokens,
)
from tracks import collect, sign
from twins import vectors_of


def quiet(dims: int, seed: int = 2) -> Background:
    random = np.random.default_rng(seed)
    return Background(random.normal(0, 1, dims), random.uniform(0.1, 2, dims))


BANDS = [
    sign("long", "bands8", 40, 8, 1, rate_hz=32.0, background=quiet(8)),
    sign("short", "bands8", 12, 8, 2, rate_hz=32.0, promotion_threshold=0.3),
    sign("single", "bands8", 1, 8, 3, rate_hz=32.0, window=None),
]
MIXED = [
    sign("walk", "doppler", 16, 4, 4, rate_hz=32.0, background=quiet(4)),
    sign("step", "doppler", 20, 4, 5, rate_hz=20.0),
    sign("level", "mean-amplitude", 10, 1, 6, rate_hz=None, promotion_threshold=0.01),
]
NUMBERS = [sign("a", "", 6, 2, 7), sign("b", "columns", 9, 2, 8, background=quiet(2)), sign("c", "columns", 1, 2, 9)]


def words(name: str, recording: TokenRecording, begin: int, end: int, **changed: Any) -> Signature:
    """A signature of some of the words of a recording."""
    said = recording.take(np.array([text != "" for text in recording.text], np.bool_)).take(slice(begin, end))
    return Signature(name, name, load("token-ids").vectors(said, {}), "token-ids", **changed)


WORDS = [words("early", tokens(1, 40), 3, 9), words("late", tokens(1, 40), 20, 24, promotion_threshold=1.0)]
TIMED = [sign("pace", "inter-arrival", 5, 1, 10), sign("size", "text-length", 4, 1, 11, background=quiet(1))]


def reached(recording: Recording, signature: Signature) -> float:
    """The end of what the vectors of a whole recording describe, on the clock that windows are placed by."""
    feature = signature.feature_kind or "columns"
    points = vectors_of(recording, feature, signature.parameters, signature.rate_hz or 32.0)
    if not isinstance(recording, CsiRecording):
        return len(points)
    period = round(1e9 / (signature.rate_hz or 32.0))
    start = int(recording.time_ns[0])
    slot = max((int(at) - start) // period for at in recording.time_ns)
    samples = round(getattr(load(feature), "SUMMARY_S", 0) * (signature.rate_hz or 32.0))
    lag = math.ceil((samples - 1) * period / 2) if samples else 0
    return start + slot * period + period // 2 - lag + period


def twin(signatures: Sequence[Signature], recording: Recording, hop_s: float | None, top: int) -> list[Match]:
    """Every window of every signature at every end, one after the other."""
    grid = isinstance(recording, CsiRecording)
    used = recording
    if isinstance(recording, TokenRecording):
        used = recording.take(np.array([text != "" for text in recording.text], np.bool_))
    if len(used) == 0:
        return []
    first_ns = int(used.time_ns[0])
    start = first_ns if grid else 0
    periods = [round(1e9 / (each.rate_hz or 32.0)) if grid else 1 for each in signatures]
    if hop_s is None:
        hop = min(max(1, each.length // 2) * period for each, period in zip(signatures, periods, strict=True))
    else:
        hop = max(min(periods), round(hop_s * (1e9 if grid else 1)))
    until = min(reached(recording, each) for each in signatures)
    tracks = [vectors_of(recording, s.feature_kind or "columns", s.parameters, s.rate_hz or 32.0) for s in signatures]
    found = []
    for k in range(1, int((until - start) // hop) + 1):
        end, candidates = start + k * hop, []
        for signature, period, points in zip(signatures, periods, tracks, strict=True):
            clock = [at for at, _ in points] if grid else list(range(len(points)))
            stop = sum(at < end for at in clock)
            begin = stop - signature.length
            if begin < 0 or end - clock[stop - 1] > period:
                continue
            if any(b - a != period for a, b in pairwise(clock[begin:stop])):
                continue
            window = np.array([row for _, row in points[begin:stop]])
            if np.isfinite(window).all():
                candidates.append((apart(signature, window), signature, points, begin, stop))
        ranked = sorted(candidates, key=lambda candidate: (candidate[0], candidate[1].id))
        for rank, (distance, signature, points, begin, stop) in enumerate(ranked[:top], 1):
            half = 0.5 / (signature.rate_hz or 32.0) if grid else 0.0
            timed = recording.info.clock != "none"
            found.append(
                Match(
                    path=recording.info.source,
                    node=who(recording),
                    start_s=(points[begin][0] - first_ns) / 1e9 - half if timed else None,
                    end_s=(points[stop - 1][0] - first_ns) / 1e9 + half if timed else None,
                    start_frame=begin,
                    end_frame=stop,
                    rank=rank,
                    signature_id=signature.id,
                    label=signature.label,
                    distance=distance,
                    score=1 / (1 + distance),
                    above_threshold=1 / (1 + distance) >= signature.promotion_threshold,
                )
            )
    return found


def who(recording: Recording) -> str:
    if isinstance(recording, CsiRecording):
        return node_name(int(recording.node[0]))
    return str(recording.choice[0]) if isinstance(recording, TokenRecording) else ""


def apart(signature: Signature, window: Any) -> float:
    if signature.feature_kind == "token-ids":
        row = list(range(len(window) + 1))
        for i, name in enumerate(signature.vectors[:, 0].tolist(), 1):
            above, row = row, [i]
            for j, other in enumerate(window[:, 0].tolist(), 1):
                row.append(min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (name != other)))
        return row[-1] / len(window)
    return dtw(signature.whiten(window), signature.whiten(signature.vectors), window=signature.window).normalised


def check_is_the_twin(
    signatures: Sequence[Signature], recording: Recording, places: list[int], hop_s: float | None = None, top: int = 3
) -> list[Match]:
    found = by_pieces(MatchSignatures(signatures, hop_s=hop_s, top=top), recording, places)
    expected = twin(signatures, recording, hop_s, top)
    # many windows are compared by other kernels than one is: the last digits of distances may differ
    assert [replace(match, distance=0.0, score=0.0) for match in found] == [
        replace(match, distance=0.0, score=0.0) for match in expected
    ]
    for match, other in zip(found, expected, strict=True):
        assert math.isclose(match.distance, other.distance, rel_tol=1e-12)
        assert match.score == 1.0 / (1.0 + match.distance)
    return found


SILENCES = st.lists(st.tuples(st.integers(0, 400), st.sampled_from([200, 900, 1100, 7000])), max_size=3)


@pytest.mark.parametrize("signatures", [BANDS, MIXED], ids=["bands", "mixed"])
@few
@given(
    seed=seeds,
    n=st.integers(1, 500),
    silences=SILENCES,
    places=cuts,
    hop_s=st.sampled_from([None, 0.25, 0.3, 1.0]),
    top=st.integers(1, 3),
)
def test_channel_state_is_matched_as_the_twin_does(
    signatures: list[Signature],
    seed: int,
    n: int,
    silences: list[tuple[int, int]],
    places: list[int],
    hop_s: float | None,
    top: int,
) -> None:
    recording = csi(seed, n, gaps=[(at, ms * 1_000_000) for at, ms in silences])
    check_is_the_twin(signatures, recording, places, hop_s, top)


@pytest.mark.parametrize("clock", ["host", "none"])
@few
@given(seed=seeds, n=st.integers(1, 90), places=cuts, hop=st.sampled_from([None, 1, 2, 7]), top=st.integers(1, 3))
def test_plain_numbers_are_matched_as_the_twin_does(
    clock: str, seed: int, n: int, places: list[int], hop: int | None, top: int
) -> None:
    check_is_the_twin(NUMBERS, numbers(seed, n, clock=clock), places, hop, top)


@pytest.mark.parametrize("clock", ["host", "none"])
@few
@given(seed=seeds, n=st.integers(0, 90), places=cuts, hop=st.sampled_from([None, 1, 3]))
def test_tokens_are_matched_as_the_twin_does(clock: str, seed: int, n: int, places: list[int], hop: int | None) -> None:
    check_is_the_twin(WORDS, tokens(seed, n, clock=clock), places, hop)


@few
@given(seeds, st.integers(1, 90), cuts)
def test_the_pace_of_tokens_is_matched_as_the_twin_does(seed: int, n: int, places: list[int]) -> None:
    for signature in TIMED:
        check_is_the_twin([signature], tokens(seed, n, clock="host"), places)


@pytest.mark.parametrize("signatures", [BANDS, MIXED], ids=["bands", "mixed"])
@few
@given(recording=csi_recordings(most=300), places=cuts)
def test_however_a_recording_is_cut_the_matches_are_the_same(
    signatures: list[Signature], recording: CsiRecording, places: list[int]
) -> None:
    whole = at_once(MatchSignatures(signatures), recording)
    assert by_pieces(MatchSignatures(signatures), recording, places) == whole
    assert by_frames(MatchSignatures(signatures, info=recording.info), recording) == whole


@pytest.mark.parametrize("clock", ["host", "none"])
@pytest.mark.parametrize("kind", ["token", "numeric"])
def test_frame_by_frame_the_matches_are_the_same(kind: str, clock: str) -> None:
    recording = tokens(3, 60, clock=clock) if kind == "token" else numbers(3, 60, clock=clock)
    signatures = WORDS if kind == "token" else NUMBERS
    whole = at_once(MatchSignatures(signatures), recording)
    assert whole
    assert by_frames(MatchSignatures(signatures, info=recording.info), recording) == whole


def cut_out(recording: CsiRecording, feature: str, begin: int, length: int, name: str) -> Signature:
    """A signature that was captured from the recording itself."""
    points = vectors_of(recording, feature)[begin : begin + length]
    parameters = json.loads(json.dumps(load(feature).fit(recording.take(slice(64)))))
    vectors = np.array([row for _, row in points])
    return Signature(name, name, vectors, feature, window=2, rate_hz=32.0, parameters=parameters)


@pytest.mark.parametrize("feature", ["bands8", "doppler", "pca", "amplitude"])
def test_a_recording_holds_its_own_signature_at_distance_zero(feature: str) -> None:
    recording = csi(7, 500)
    here, there = cut_out(recording, feature, 32, 32, "here"), cut_out(csi(8, 500), feature, 32, 32, "there")
    found = at_once(MatchSignatures([there, here], hop_s=0.5, top=2), recording)
    exact = [match for match in found if match.signature_id == "here" and match.start_frame == 32]
    assert [(match.rank, match.distance, match.score, match.above_threshold) for match in exact] == [
        (1, 0.0, 1.0, True)
    ]
    assert all(match.distance > 0 for match in found if match.signature_id == "there")


def test_a_recording_as_long_as_a_signature_has_a_window() -> None:
    recording = csi(7, 200)
    length = int(recording.time_ns[-1] - recording.time_ns[0]) // 31_250_000 + 1
    found = at_once(MatchSignatures([sign("all", "bands8", length, 8, rate_hz=32.0)], hop_s=length / 32), recording)
    assert [(match.start_frame, match.end_frame) for match in found] == [(0, length)]


def test_windows_say_when_they_were() -> None:
    recording = csi(7, 600)
    for match in at_once(MatchSignatures(BANDS, hop_s=0.25), recording):
        length = next(each.length for each in BANDS if each.id == match.signature_id)
        assert match.end_frame - match.start_frame == length
        assert match.start_s is not None
        assert match.end_s is not None
        assert match.end_s - match.start_s == pytest.approx(length / 32, abs=1e-9)
        assert match.start_s == pytest.approx(match.start_frame / 32, abs=1e-6)
        assert match.end_s % 0.25 == pytest.approx(0.0, abs=1e-9)


def test_ranks_begin_with_the_nearest_and_end_at_top() -> None:
    found = at_once(MatchSignatures(BANDS, hop_s=0.25, top=2), csi(7, 600))
    slots: dict[float, list[Match]] = {}
    for match in found:
        slots.setdefault(match.end_s or 0.0, []).append(match)
    assert max(len(matches) for matches in slots.values()) == 2
    for matches in slots.values():
        assert [match.rank for match in matches] == list(range(1, len(matches) + 1))
        assert [match.distance for match in matches] == sorted(match.distance for match in matches)
    assert list(slots) == sorted(slots)


def test_of_two_equally_near_signatures_the_id_decides() -> None:
    twins = [sign(name, "bands8", 12, 8, 2, rate_hz=32.0) for name in ("b", "a")]
    found = at_once(MatchSignatures(twins, hop_s=1.0), csi(7, 300))
    assert [match.signature_id for match in found] == ["a", "b"] * (len(found) // 2)


def test_the_order_of_the_signatures_does_not_matter() -> None:
    recording = csi(9, 400)
    assert at_once(MatchSignatures(MIXED), recording) == at_once(MatchSignatures(MIXED[::-1]), recording)


@pytest.mark.parametrize(("threshold", "above"), [(0.124, True), (0.125, True), (0.126, False)])
def test_a_score_that_reaches_the_threshold_is_above_it(threshold: float, above: bool) -> None:
    recording = NumericRecording(info_of("numeric"), np.arange(4), {"x": np.zeros(4)})
    signature = Signature("one", "one", np.full((4, 1), 8.0), "columns", promotion_threshold=threshold)
    found = at_once(MatchSignatures([signature], hop_s=4), recording)
    assert [(match.distance, match.score, match.above_threshold) for match in found] == [(7.0, 0.125, above)]
    assert distances(signature, np.zeros((2, 4, 1))).tolist() == [7.0, 7.0]


def test_no_window_reaches_across_a_silence_or_is_told_twice_in_it() -> None:
    recording = csi(3, 800, gaps=[(400, 5 * SECOND)])
    before = int(recording.time_ns[399] - recording.time_ns[0]) / 1e9
    after = int(recording.time_ns[400] - recording.time_ns[0]) / 1e9
    for signatures in (BANDS, MIXED):
        found = at_once(MatchSignatures(signatures, hop_s=0.25), recording)
        for match in found:
            assert match.start_s is not None
            assert match.end_s is not None
            assert match.end_s <= before + 0.2 or match.start_s >= after - 0.2
        assert any((match.end_s or 0) < before for match in found)
        assert any((match.start_s or 0) > after for match in found)
        places = [(match.signature_id, match.start_frame) for match in found]
        assert len(set(places)) == len(places)


def test_a_jump_of_years_costs_no_memory() -> None:
    recording = csi(3, 400, gaps=[(200, 2 * 10**18)])
    operator = MatchSignatures(BANDS, hop_s=0.05)
    tracemalloc.start()
    try:
        found = at_once(operator, recording)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(found) > 50
    assert peak < 32 << 20


def test_a_hop_shorter_than_a_vector_is_a_vector() -> None:
    recording = csi(3, 200)
    assert at_once(MatchSignatures(BANDS, hop_s=1e-9), recording) == at_once(
        MatchSignatures(BANDS, hop_s=1 / 32), recording
    )
    walk = numbers(1, 30)
    assert at_once(MatchSignatures(NUMBERS, hop_s=0.0), walk) == at_once(MatchSignatures(NUMBERS, hop_s=1), walk)


@pytest.mark.parametrize("gap", [(), ((500, 3 * SECOND),)])
def test_the_state_does_not_grow_with_the_stream(gap: tuple[tuple[int, int], ...]) -> None:
    operator = MatchSignatures(MIXED, hop_s=0.25, info=info_of("csi"))
    sizes = []
    for part in range(4):
        recording = csi(part, 1000, gaps=gap)
        times = recording.time_ns + part * 20 * SECOND
        operator.extend(CsiRecording.build(recording.info, times, recording.matrix()))
        sizes.append(sum(group.kept.values.nbytes + group.kept.time_ns.nbytes for group in operator._groups))
    assert max(sizes) < 64 * 8 * 6
    assert max(sizes[2:]) <= 1.5 * max(sizes[:2])


def test_a_stream_too_sparse_for_one_feature_does_not_pile_up_for_another() -> None:
    # frames every two seconds make no window of a second, but a slot each
    operator = MatchSignatures(MIXED, info=info_of("csi"))
    recording = CsiRecording.build(info_of("csi"), np.arange(300) * 2 * SECOND, csi(1, 300).matrix())
    assert at_once(operator, recording) == []
    assert max(len(group.kept.time_ns) for group in operator._groups) < 40


def test_missing_numbers_leave_out_their_windows_and_no_others() -> None:
    recording = numbers(4, 60)
    recording.columns["c0"][25] = np.nan
    recording.columns["c1"][40] = np.inf
    found = check_is_the_twin(NUMBERS, recording, [10, 26, 27], 1)
    assert all(math.isfinite(match.distance) for match in found)
    assert not any(match.start_frame <= bad < match.end_frame for match in found for bad in (25, 40))
    assert {match.end_frame for match in found} == set(range(1, 61)) - {26, 41}


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_broken_frames_leave_no_trace(bad: float) -> None:
    recording = csi(4, 400)
    samples = recording.matrix().copy()
    samples[[3, 100, 101, 399], 4] = bad
    broken = CsiRecording.build(recording.info, recording.time_ns, samples, node=recording.node)
    good = recording.take(np.setdiff1d(np.arange(400), [3, 100, 101, 399]))
    assert at_once(MatchSignatures(BANDS), broken) == at_once(MatchSignatures(BANDS), good)


def test_repeated_times_and_times_that_step_back_are_matched_too() -> None:
    recording = csi(5, 400)
    at = recording.time_ns.copy()
    at[50:60] = at[50]
    at[100] -= 700_000_000
    odd = CsiRecording.build(recording.info, at, recording.matrix(), node=recording.node)
    assert check_is_the_twin(BANDS, odd, [55, 100, 101], 0.25)


@pytest.mark.parametrize("signatures", [BANDS, MIXED, NUMBERS, WORDS, TIMED[:1]])
def test_of_nothing_there_are_no_matches(signatures: list[Signature]) -> None:
    assert list(MatchSignatures(signatures).finish()) == []


@pytest.mark.parametrize("signatures", [BANDS[:2], MIXED])
def test_of_one_frame_there_are_no_windows(signatures: list[Signature]) -> None:
    assert at_once(MatchSignatures(signatures), csi(1, 1)) == []


def test_one_frame_is_a_window_of_a_signature_of_one_vector() -> None:
    assert len(at_once(MatchSignatures(BANDS[2:]), csi(1, 1))) == 1


def test_an_empty_piece_says_nothing() -> None:
    operator = MatchSignatures(BANDS)
    assert list(operator.extend(csi(1, 3, clock="none").take(slice(0)))) == []
    assert at_once(operator, csi(1, 300)) == at_once(MatchSignatures(BANDS), csi(1, 300))


def test_two_matchers_do_not_share_anything() -> None:
    first, second = csi(1, 300), csi(2, 300)
    one, other = MatchSignatures(MIXED), MatchSignatures(MIXED)
    found: tuple[list[Match], list[Match]] = ([], [])
    for i in range(0, 300, 50):
        found[0].extend(one.extend(first.take(slice(i, i + 50))))
        found[1].extend(other.extend(second.take(slice(i, i + 50))))
    assert found[0] + list(one.finish()) == at_once(MatchSignatures(MIXED), first)
    assert found[1] + list(other.finish()) == at_once(MatchSignatures(MIXED), second)


def test_signatures_are_left_as_they_were() -> None:
    before = pickle.dumps(MIXED)
    at_once(MatchSignatures(MIXED), csi(1, 300))
    assert pickle.dumps(MIXED) == before


def test_distances_of_names_are_edits_and_of_numbers_alignments() -> None:
    signature = words("w", tokens(1, 40), 0, 6)
    windows = np.stack([signature.vectors, signature.vectors[::-1]])
    expected = [apart(signature, window) for window in windows]
    assert distances(signature, windows).tolist() == pytest.approx(expected, abs=1e-15)
    assert expected[0] == 0.0


def test_without_signatures_there_is_nothing_to_do() -> None:
    with pytest.raises(SignatureError, match="no signature") as caught:
        MatchSignatures([])
    assert caught.value.hint


def test_signatures_of_different_kinds_of_stream_are_refused() -> None:
    with pytest.raises(SignatureError, match="different kinds of stream") as caught:
        MatchSignatures([BANDS[0], WORDS[0]])
    assert "folder" in caught.value.hint


def test_signatures_of_another_kind_of_stream_are_refused() -> None:
    with pytest.raises(FormatError, match="numeric stream") as caught:
        MatchSignatures(BANDS).extend(numbers(1, 10))
    assert caught.value.hint


def test_a_signature_of_other_dimensions_is_refused_by_name() -> None:
    with pytest.raises(SignatureError, match="wide has vectors of 5 dimensions, the stream's have 8") as caught:
        at_once(MatchSignatures([sign("wide", "bands8", 8, 5, rate_hz=32.0)]), csi(1, 300))
    assert caught.value.hint
    with pytest.raises(SignatureError, match="dimensions"):
        at_once(MatchSignatures([sign("wide", "", 4, 3)]), numbers(1, 30))


def test_a_stream_of_another_layout_than_the_signature_is_refused() -> None:
    signature = sign("x", "bands8", 8, 8, rate_hz=32.0, parameters={"layout": 64, "subcarriers": [1, 2]})
    with pytest.raises(LayoutError, match="16 subcarriers") as caught:
        at_once(MatchSignatures([signature]), csi(1, 300))
    assert "--subcarriers 64" in caught.value.hint


def test_the_source_and_the_sender_are_named() -> None:
    recording = csi(1, 300)
    assert {(m.path, m.node) for m in at_once(MatchSignatures(BANDS), recording)} == {("example", "20:50:0D:2A:A2:E4")}
    said = tokens(1, 40)
    assert {(m.path, m.node) for m in at_once(MatchSignatures(WORDS), said)} == {("example", "0")}
    by_one = MatchSignatures(BANDS, info=StreamInfo(source="live"))
    assert {match.path for match in by_frames(by_one, recording)} == {"live"}


def measured(data: Path, name: str) -> tuple[list[Recording], Track, VectorStream]:
    """A real recording, and what its vectors are."""
    stream = VectorStream("doppler")
    with open_source(str(data / "csi" / "pulse" / f"{name}.csv")) as source:
        link = list(one_link(source.pieces, source.tally))
    return link, collect(link, stream), stream


def test_a_walking_person_and_an_empty_room_are_told_apart_on_other_recordings(data: Path) -> None:
    _, empty, stream = measured(data, "vacio_01")
    background = Background.of(empty.values, "vacio_01", 60.0)

    def captured(name: str, track: Track) -> Signature:
        known: dict[str, Any] = {"parameters": dict(stream.parameters or {}), "background": background}
        return Signature(name, name, track.values[320:384], "doppler", window=8, rate_hz=32.0, **known)

    signatures = [captured("idle", empty), captured("walking", measured(data, "mov_01")[1])]
    for name, truth in (("mov_04", "walking"), ("vacio_02", "idle")):
        operator = MatchSignatures(signatures, top=1)
        found = [match for piece in measured(data, name)[0] for match in operator.extend(piece)] + list(
            operator.finish()
        )
        assert len(found) == pytest.approx(58, abs=1)
        assert sum(match.label == truth for match in found) >= 0.95 * len(found)
