"""Occurrences of signatures in a stream, against the vectors of the whole recording and plain loops."""

import json
import math
import tracemalloc
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.compare.live.occurrences import FindOccurrences
from midstream_cli.compare.signatures.signature import Background, Signature
from midstream_cli.errors import FormatError, SignatureError
from midstream_cli.frames import StreamInfo
from midstream_cli.recordings import CsiRecording, NumericRecording, Recording
from midstream_cli.results import Occurrence
from midstream_cli.streams.features import load
from midstream_cli.streams.select import one_link
from midstream_cli.streams.source import open_source
from midstream_cli.streams.vectors import VectorStream
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
from subsequences import carried, steps, within
from tracks import collect, sign
from twins import vectors_of

BANDS = [
    sign("long", "bands8", 20, 8, 1, rate_hz=32.0, promotion_threshold=0.3),
    sign("short", "bands8", 12, 8, 2, rate_hz=32.0, promotion_threshold=0.4),
    sign("free", "bands8", 10, 8, 3, rate_hz=32.0, promotion_threshold=0.5, window=None),
]
MIXED = [
    sign("walk", "doppler", 16, 4, 4, rate_hz=32.0, promotion_threshold=0.05),
    sign("step", "doppler", 20, 4, 5, rate_hz=20.0, promotion_threshold=0.05),
    sign("level", "mean-amplitude", 10, 1, 6, rate_hz=None, promotion_threshold=0.1),
]
NUMBERS = [sign("a", "", 6, 2, 7, promotion_threshold=0.2), sign("b", "columns", 9, 2, 8, promotion_threshold=0.1)]
TIMED = [sign("pace", "inter-arrival", 5, 1, 10), sign("size", "text-length", 4, 1, 11, promotion_threshold=0.2)]


def twin(signature: Signature, recording: Recording) -> list[tuple[Any, ...]]:
    """When and where one signature occurs, by plain loops over each unbroken stretch of the whole recording's vectors."""
    rate = signature.rate_hz or 32.0
    feature = signature.feature_kind or "columns"
    points = vectors_of(recording, feature, signature.parameters, rate)
    grid, period, half = isinstance(recording, CsiRecording), round(1e9 / rate), 0.0
    origin = int(recording.time_ns[0])
    if isinstance(recording, CsiRecording):
        half = 0.5 / rate
    elif feature in ("text-length", "inter-arrival"):
        origin = next(t for t, text in zip(recording.time_ns.tolist(), recording.text, strict=True) if text)  # type: ignore[union-attr]
    edges = [
        0,
        *(i + 1 for i, ((a, _), (b, _)) in enumerate(pairwise(points)) if grid and b - a != period),
        len(points),
    ]
    limit, template = 1 / signature.promotion_threshold - 1, signature.whiten(signature.vectors).tolist()
    found = []
    for begin, end in pairwise(edges):
        rows = [signature.whiten(np.array(row)).tolist() for _, row in points[begin:end]]
        if signature.window is None:
            reported, _ = carried(template, rows, limit)
        else:
            reported = within(template, rows, signature.window, limit)
        for now, first, after, distance in reported:
            found.append(
                (
                    signature.id,
                    begin + first,
                    begin + after,
                    min(begin + now + 1, end),
                    (points[begin + first][0] - origin) / 1e9 - half,
                    (points[begin + after - 1][0] - origin) / 1e9 + half,
                    distance / steps(template, after - first, 2),
                )
            )
    return found


def told(occurrence: Occurrence) -> tuple[Any, ...]:
    assert occurrence.score == 1 / (1 + occurrence.distance)
    return (
        occurrence.signature_id,
        occurrence.start_frame,
        occurrence.end_frame,
        occurrence.decided_frame,
        occurrence.start_s,
        occurrence.end_s,
        occurrence.distance,
    )


def check_is_the_twin(signatures: list[Signature], recording: Recording, places: list[int]) -> list[Occurrence]:
    found = by_pieces(FindOccurrences(signatures), recording, places)
    for signature in signatures:
        own = [told(each) for each in found if each.signature_id == signature.id]
        expected = twin(signature, recording)
        assert [each[:4] for each in own] == [each[:4] for each in expected]
        for one, other in zip(own, expected, strict=True):
            assert one[4:6] == pytest.approx(other[4:6], abs=1e-9)
            assert one[6] == pytest.approx(other[6], rel=1e-9)
    return found


@pytest.mark.parametrize("signatures", [BANDS, MIXED], ids=["bands", "mixed"])
@few
@given(
    seed=seeds,
    n=st.integers(1, 300),
    silences=st.lists(st.tuples(st.integers(0, 300), st.sampled_from([200, 900, 1100, 7000])), max_size=3),
    places=cuts,
)
def test_channel_state_is_looked_through_as_the_twin_does(
    signatures: list[Signature], seed: int, n: int, silences: list[tuple[int, int]], places: list[int]
) -> None:
    recording = csi(seed, n, gaps=[(at, ms * 1_000_000) for at, ms in silences])
    check_is_the_twin(signatures, recording, places)


@few
@given(seed=seeds, n=st.integers(1, 90), places=cuts, holes=st.lists(st.integers(0, 89), max_size=3))
def test_plain_numbers_are_looked_through_as_the_twin_does(
    seed: int, n: int, places: list[int], holes: list[int]
) -> None:
    recording = numbers(seed, n)
    recording.columns["c1"][[hole % n for hole in holes]] = np.nan
    check_is_the_twin(NUMBERS, recording, places)


@few
@given(seed=seeds, n=st.integers(12, 90), places=cuts)
def test_the_pace_of_tokens_is_looked_through_as_the_twin_does(seed: int, n: int, places: list[int]) -> None:
    for signature in TIMED:
        check_is_the_twin([signature], tokens(seed, n, clock="host"), places)


def test_the_streams_of_these_tests_have_occurrences() -> None:
    for signatures, recording in ((BANDS, csi(1, 400)), (MIXED, csi(1, 400)), (NUMBERS, numbers(1, 200))):
        found = check_is_the_twin(signatures, recording, [100])
        assert {each.signature_id for each in found} == {signature.id for signature in signatures}


@pytest.mark.parametrize("signatures", [BANDS, MIXED], ids=["bands", "mixed"])
@few
@given(recording=csi_recordings(most=300), places=cuts)
def test_however_a_recording_is_cut_the_occurrences_are_the_same_in_the_same_order(
    signatures: list[Signature], recording: CsiRecording, places: list[int]
) -> None:
    whole = at_once(FindOccurrences(signatures), recording)
    assert by_pieces(FindOccurrences(signatures), recording, places) == whole
    assert by_frames(FindOccurrences(signatures, info=recording.info), recording) == whole


def test_occurrences_come_in_the_order_in_which_they_are_certain() -> None:
    found = at_once(FindOccurrences(BANDS), csi(7, 1500))
    decided = [each.decided_frame for each in found]
    assert len(found) > 20
    assert decided == sorted(decided)
    assert all(each.start_frame < each.end_frame <= each.decided_frame for each in found)


def test_a_recording_holds_its_own_signature_at_distance_zero_and_tells_at_once() -> None:
    recording = csi(7, 500)
    parameters = json.loads(json.dumps(load("bands8").fit(recording.take(slice(64)))))
    rows = np.array([row for _, row in vectors_of(recording, "bands8")])
    background = Background.of(rows, "itself", 5.0)
    known: dict[str, Any] = {"rate_hz": 32.0, "parameters": parameters, "background": background}
    own = Signature("own", "own", rows[40:72], "bands8", window=4, promotion_threshold=1.0, **known)
    found = at_once(FindOccurrences([own]), recording)
    assert [(each.start_frame, each.end_frame, each.decided_frame, each.distance, each.score) for each in found] == [
        (40, 72, 72, 0.0, 1.0)
    ]
    assert found[0].start_s == pytest.approx(40 / 32, abs=1e-6)
    assert found[0].end_s == pytest.approx(72 / 32, abs=1e-6)


def test_a_threshold_for_all_goes_before_those_of_the_signatures() -> None:
    recording = csi(7, 600)
    for threshold in (1.0, 2.0):
        found = at_once(FindOccurrences(BANDS, threshold=threshold), recording)
        assert found
        assert all(each.distance <= threshold for each in found)
    lenient = at_once(FindOccurrences(BANDS, threshold=9.0), recording)
    assert len(lenient) > len(at_once(FindOccurrences(BANDS, threshold=1.0), recording))


def test_no_occurrence_reaches_across_a_silence() -> None:
    recording = csi(3, 800, gaps=[(400, 5 * SECOND)])
    before = int(recording.time_ns[399] - recording.time_ns[0]) / 1e9
    after = int(recording.time_ns[400] - recording.time_ns[0]) / 1e9
    for signatures in (BANDS, MIXED):
        found = at_once(FindOccurrences(signatures), recording)
        for each in found:
            assert (each.end_s or 0.0) <= before + 0.2 or (each.start_s or 0.0) >= after - 0.2
        assert any((each.end_s or 0.0) < before for each in found)
        assert any((each.start_s or 0.0) > after for each in found)


def test_without_a_clock_occurrences_have_positions_only() -> None:
    recording = numbers(1, 200, clock="none")
    found = at_once(FindOccurrences(NUMBERS), recording)
    assert found
    assert {(each.start_s, each.end_s) for each in found} == {(None, None)}
    timed = at_once(FindOccurrences(NUMBERS), numbers(1, 200))
    assert all(each.start_s is not None for each in timed)


def test_a_stretch_however_long_knows_when_it_began() -> None:
    # a level that stays for 5000 vectors, and one step up
    level = np.concatenate([[5.0], np.zeros(5000), [1.0, 5.0, 5.0]])
    at = np.arange(len(level)) ** 2
    recording = NumericRecording(info_of("numeric"), at, {"x": level})
    step = Signature("step", "step", np.array([[4.0], [0.0], [1.0]]), "columns", promotion_threshold=0.5)
    for places in ([], list(range(0, 5000, 50))):
        found = by_pieces(FindOccurrences([step]), recording, places)
        assert [(each.start_frame, each.end_frame, each.distance) for each in found] == [(0, 5002, 1 / 5005)]
        assert found[0].start_s == 0.0
        assert found[0].end_s == pytest.approx(5001**2 / 1e9)


def test_a_jump_of_years_costs_no_memory() -> None:
    recording = csi(3, 400, gaps=[(200, 2 * 10**18)])
    operator = FindOccurrences(BANDS)
    tracemalloc.start()
    try:
        found = at_once(operator, recording)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(found) > 3
    assert peak < 32 << 20


def test_two_operators_do_not_share_anything() -> None:
    first, second = csi(1, 300), csi(2, 300)
    one, other = FindOccurrences(MIXED), FindOccurrences(MIXED)
    found: tuple[list[Occurrence], list[Occurrence]] = ([], [])
    for i in range(0, 300, 50):
        found[0].extend(one.extend(first.take(slice(i, i + 50))))
        found[1].extend(other.extend(second.take(slice(i, i + 50))))
    assert found[0] + list(one.finish()) == at_once(FindOccurrences(MIXED), first)
    assert found[1] + list(other.finish()) == at_once(FindOccurrences(MIXED), second)


def test_the_source_and_the_sender_are_named() -> None:
    recording = csi(1, 400)
    found = at_once(FindOccurrences(BANDS), recording)
    assert {(each.path, each.node, each.label) for each in found} >= {
        ("example", "20:50:0D:2A:A2:E4", "label of short")
    }
    live = FindOccurrences(BANDS, info=StreamInfo(source="live"))
    assert {each.path for each in by_frames(live, recording)} == {"live"}


# what is refused


def test_signatures_of_names_are_refused_with_advice() -> None:
    said = Signature("w", "w", np.arange(4.0)[:, None], "token-ids", path="w.sig.json")
    with pytest.raises(SignatureError, match=r"w\.sig\.json is of token-ids") as caught:
        FindOccurrences([said])
    assert "--occurrences" in caught.value.hint


def test_without_signatures_there_is_nothing_to_look_for() -> None:
    with pytest.raises(SignatureError, match="no signature") as caught:
        FindOccurrences([])
    assert caught.value.hint


@pytest.mark.parametrize(
    ("signatures", "said"),
    [
        ([BANDS[0], NUMBERS[0]], "different kinds of stream"),
        ([BANDS[0], sign("x", "bands8", 8, 8, rate_hz=32.0, step_pattern="symmetric1")], "step patterns"),
    ],
)
def test_signatures_that_do_not_go_together_are_refused(signatures: list[Signature], said: str) -> None:
    with pytest.raises(SignatureError, match=said) as caught:
        FindOccurrences(signatures)
    assert "folder" in caught.value.hint


def test_another_kind_of_stream_and_other_dimensions_are_refused() -> None:
    with pytest.raises(FormatError, match="numeric stream"):
        FindOccurrences(BANDS).extend(numbers(1, 10))
    with pytest.raises(SignatureError, match="wide has vectors of 5 dimensions, the stream's have 8") as caught:
        at_once(FindOccurrences([sign("wide", "bands8", 8, 5, rate_hz=32.0)]), csi(1, 300))
    assert caught.value.hint


# real recordings


def test_walking_and_an_empty_room_are_found_in_other_recordings(data: Path) -> None:
    def measured(name: str) -> tuple[list[Recording], Any, VectorStream]:
        stream = VectorStream("doppler")
        with open_source(str(data / "csi" / "pulse" / f"{name}.csv")) as source:
            link = list(one_link(source.pieces, source.tally))
        return link, collect(link, stream), stream

    _, empty, stream = measured("vacio_01")
    known: dict[str, Any] = {
        "parameters": dict(stream.parameters or {}),
        "background": Background.of(empty.values, "vacio_01", 60.0),
        "window": 8,
        "rate_hz": 32.0,
    }
    signatures = [
        Signature(name, name, track.values[320:384], "doppler", **known)
        for name, track in (("idle", empty), ("walking", measured("mov_01")[1]))
    ]
    for name, truth in (("mov_04", "walking"), ("vacio_02", "idle")):
        operator = FindOccurrences(signatures, threshold=math.sqrt(2))
        found = [each for piece in measured(name)[0] for each in operator.extend(piece)] + list(operator.finish())
        assert len(found) >= 8
        assert {each.label for each in found} == {truth}
