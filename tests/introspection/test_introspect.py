"""A snapshot after each frame says what is known by then."""

from dataclasses import asdict
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.attractor.live.regimes import RegimeWatch
from midstream_cli.compare.recognition.recogniser import Recogniser
from midstream_cli.compare.signatures.signature import Background, Signature
from midstream_cli.errors import FormatError, SignatureError, UsageError
from midstream_cli.frames import StreamInfo
from midstream_cli.introspection.introspect import Introspect
from midstream_cli.introspection.similarities import TOP
from midstream_cli.recordings import NumericRecording
from midstream_cli.results import IntrospectionSnapshot
from midstream_cli.streams.source import open_source
from midstream_cli.streams.vectors import VectorStream
from strategies import SECOND, csi, cuts, few, numbers, pieces, tokens

INFO = StreamInfo(source="example", kind="numeric")


def columns(values: np.ndarray, rate_hz: float = 30.0, **info: Any) -> NumericRecording:
    """A stream of numbers at an even rate."""
    matrix = values.reshape(len(values), -1)
    times = np.round(np.arange(len(matrix)) * 1e9 / rate_hz).astype(np.int64)
    known = StreamInfo(source="example", kind="numeric", **info)
    return NumericRecording(known, times, {f"c{i}": matrix[:, i].copy() for i in range(matrix.shape[1])})


def noise(n: int, dims: int = 1, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, dims))


def template(shape: np.ndarray, identity: str = "wave", **more: Any) -> Signature:
    return Signature(identity, identity, shape.reshape(len(shape), -1), "columns", **more)


def seen(recording: NumericRecording, *signatures: Signature) -> list[IntrospectionSnapshot]:
    return list(Introspect(signatures).extend(recording))


def test_there_is_one_snapshot_a_frame_and_the_end_adds_none() -> None:
    recording = csi(1, 300)
    operator = Introspect()
    found = operator.extend(recording)
    assert [each.timestamp_ns for each in found] == recording.time_ns.tolist()
    assert [each.frame_count for each in found] == list(range(1, 301))
    assert operator.finish() == ()


def test_regimes_of_numbers_are_those_of_the_detector() -> None:
    values = np.concatenate([noise(500, 3), noise(100, 3, 1) + 9.0, noise(400, 3, 2)])
    watch = RegimeWatch(3, false_alarms_per_hour=1.0)
    expected = [watch.update(vector).regime.value for vector in values]
    assert [each.regime for each in seen(columns(values))][64:] == expected[64:]
    assert set(expected) >= {"idle", "transient"}


def test_regimes_of_channel_state_are_told_of_changes_by_coherence() -> None:
    """Frame by frame what the operator does with its lanes, written down plainly."""
    recording = csi(2, 1200)
    bands, amplitudes = VectorStream("bands8", slow_hz=48.0), VectorStream("amplitude-l2", rate_hz=None)
    watch, recogniser, still, regime, expected = None, None, 10**9, "unknown", []
    for frame in recording:
        piece = recording.of(recording.info, [frame])
        for vector in amplitudes.push(piece).values:
            rate_hz = amplitudes.frame_rate_hz or 0.0
            recogniser = recogniser or Recogniser([], dims=len(vector), rate_hz=rate_hz)
            recogniser.update(vector)
            still = 0 if recogniser.moving else still + 1
        moving = still < 2.0 * (amplitudes.frame_rate_hz or 0.0)
        for vector in bands.push(piece).values:
            watch = watch or RegimeWatch(len(vector), rate_hz=bands.rate_hz, own_detector=False)
            regime = watch.update(vector, changing=moving).regime.value
        expected.append("transient" if moving and regime in ("idle", "unknown") else regime)
    assert [each.regime for each in Introspect().extend(recording)] == expected
    assert len(set(expected)) > 1


def lorenz(n: int) -> np.ndarray:
    with open_source(f"demo://lorenz?samples={n}") as source:
        values = np.concatenate([piece.columns["x"] for piece in source if isinstance(piece, NumericRecording)])
    return values[:n]


def test_each_of_the_five_regimes_comes_up() -> None:
    calm = noise(600, 2)
    walk = np.concatenate([calm, np.cumsum(noise(300, 2, 1), axis=0) * 3 + 20])
    tone = np.sin(2 * np.pi * np.arange(600) / 25)
    states = {
        "idle": {each.regime for each in seen(columns(calm))},
        "transient": {each.regime for each in seen(columns(walk))},
        "periodic": {each.regime for each in seen(columns(tone))},
        "chaotic": {each.regime for each in seen(columns(lorenz(3000)))},
        "unknown": {seen(columns(calm))[0].regime},
    }
    assert all(name in found for name, found in states.items()), states


def test_a_rhythm_has_its_period_in_seconds() -> None:
    found = seen(columns(np.sin(2 * np.pi * np.arange(2000) / 25), rate_hz=50.0))
    assert {each.regime for each in found[128:]} == {"periodic"}
    last = found[-1]
    assert last.regime == "periodic"
    assert last.period_s == pytest.approx(0.5, rel=0.05)
    assert last.attractor_dim == 1.0


def test_a_change_of_regime_is_marked_on_the_frame_that_brings_it() -> None:
    found = seen(columns(np.concatenate([noise(600, 2), noise(100, 2, 1) + 8.0])))
    assert [each.regime_changed for each in found[1:]] == [
        now.regime != before.regime for before, now in pairwise(found)
    ]
    onset = next(each.frame_count for each in found if each.regime == "transient")
    assert 601 <= onset <= 602


def test_a_motion_is_recognised_from_its_first_frames_with_where_it_began() -> None:
    shape = np.linspace(0.0, 1.0, 12)[:, None] * np.random.default_rng(5).normal(size=(1, 16)) * 8
    values = noise(700, 16, 3)
    values[500:512] += shape
    found = seen(columns(values, rate_hz=30.0), template(shape), template(-shape, "other"))
    told = [each for each in found if each.top_k_similarity and each.top_k_similarity[0]["above_threshold"]]
    first = told[0].top_k_similarity[0]
    assert first["signature_id"] == "wave"
    assert told[0].frame_count <= 506
    assert first["start_frame"] is not None
    assert abs(first["start_frame"] - 500) <= 2
    assert first["start_s"] == pytest.approx(first["start_frame"] / 30.0, abs=1e-6)
    assert told[0].frame_count > 500


def test_the_best_signatures_come_first_and_five_at_most() -> None:
    random = np.random.default_rng(8)
    many = [template(random.normal(size=(6, 4)) * 5, f"s{i}") for i in range(8)]
    for snapshot in seen(columns(noise(300, 4)), *many):
        scores = [each["score"] for each in snapshot.top_k_similarity]
        assert len(scores) <= TOP
        assert scores == sorted(scores, reverse=True)
    assert len(snapshot.top_k_similarity) == TOP


def test_signatures_of_different_features_are_recognised_side_by_side() -> None:
    quick = Signature("a", "a", np.full((4, 1), 9.0), "mean-amplitude", rate_hz=32.0)
    slow = Signature("b", "b", np.full((4, 1), 9.0), "mean-amplitude", rate_hz=16.0)
    last = Introspect([quick, slow]).extend(csi(3, 900))[-1]
    assert {each["signature_id"] for each in last.top_k_similarity} == {"a", "b"}


def test_without_signatures_the_detector_of_change_tells_of_the_baseline() -> None:
    found = seen(columns(np.concatenate([noise(400, 2), noise(60, 2, 1) + 9.0])))
    assert found[3].background == "learning"
    assert (found[390].background, found[390].baseline_frozen, found[390].baseline_age_s) == ("steady", False, 0.0)
    assert found[-1].baseline_frozen
    assert found[-1].baseline_age_s is not None
    assert found[-1].baseline_age_s > 1.0
    assert found[-1].unknown_motion is None


def test_a_stream_without_times_is_told_of_by_positions() -> None:
    found = seen(columns(noise(80), clock="none"))
    assert [each.timestamp_ns for each in found] == list(range(80))
    assert {(each.time_s, each.rate_hz, each.period_s) for each in found} == {(None, None, None)}


def test_times_count_from_the_first_frame_of_the_source_where_it_was_cut() -> None:
    recording = columns(noise(5), start_ns=-2 * SECOND)
    assert seen(recording)[0].time_s == 2.0


def test_the_rate_is_that_of_the_latest_frames() -> None:
    recording = columns(noise(400), rate_hz=25.0)
    recording.time_ns[200:] = recording.time_ns[200] + np.arange(200) * SECOND // 100
    found = seen(recording)
    assert found[150].rate_hz == pytest.approx(25.0)
    assert found[-1].rate_hz == pytest.approx(100.0)


def test_what_was_lost_is_handed_through() -> None:
    recording = columns(noise(4))
    found = Introspect().extend(recording, np.array([-1, 0, 2, 2]))
    assert [each.frames_lost for each in found] == [None, 0, 2, 2]


def test_tokens_that_go_round_are_told_of() -> None:
    frames = tokens(1, 400)
    frames.text[100:] = [("I", " am", " here", ".")[i % 4] for i in range(300)]
    last = Introspect().extend(frames)[-1]
    assert last.regime == "periodic"
    assert last.loop_tokens == pytest.approx(4.0, abs=0.1)
    assert last.change_score == 0.0


def test_numbers_of_tokens_are_watched_where_that_is_asked_for() -> None:
    frames = tokens(1, 600)
    found = Introspect(feature="text-length").extend(frames)
    assert {each.regime for each in found} - {"unknown"}
    assert found[-1].background == "steady"


def test_a_silence_of_tokens_is_told_on_the_token_that_ends_it_only() -> None:
    frames = tokens(2, 300)
    frames.time_ns[200:] += 40 * SECOND
    found = [each.stalled_s for each in Introspect().extend(frames)]
    told = [i for i, each in enumerate(found) if each is not None]
    assert len(told) == 1
    assert found[told[0]] == pytest.approx(40.0, abs=1.0)


def test_after_a_silence_nothing_goes_on_that_went_on_before() -> None:
    tone = columns(np.sin(2 * np.pi * np.arange(600) / 25))
    broken = columns(np.sin(2 * np.pi * np.arange(600) / 25))
    broken.time_ns[400:] += 60 * SECOND
    assert seen(tone)[410].regime == "periodic"
    assert seen(broken)[410].regime == "unknown"


def test_signatures_of_another_size_are_refused() -> None:
    with pytest.raises(SignatureError, match="dimensions"):
        seen(columns(noise(200, 3)), template(noise(5, 2)))


def test_signatures_of_another_kind_of_stream_are_refused() -> None:
    with pytest.raises(FormatError, match="numeric stream"):
        Introspect([Signature("a", "a", np.ones((4, 1)), "mean-amplitude")]).extend(columns(noise(100)))


def test_a_feature_that_does_not_exist_is_an_error_before_anything_is_read() -> None:
    with pytest.raises(UsageError, match="no feature"):
        Introspect(feature="moods")


def test_missing_numbers_leave_the_last_snapshot_as_it_was() -> None:
    values = noise(300, 2)
    values[250] = np.nan
    found = seen(columns(values), template(np.ones((4, 2)) * 5))
    known = {name: value for name, value in asdict(found[250]).items() if name in ("regime", "top_k_similarity")}
    assert known == {name: asdict(found[249])[name] for name in known}


@few
@given(st.integers(0, 1000), cuts)
def test_however_a_stream_is_cut_the_snapshots_are_the_same(seed: int, places: list[int]) -> None:
    recording = numbers(seed, 400, columns=3)
    background = Background.of(noise(100, 3), "here", 3.0)
    signature = template(noise(8, 3, seed) * 4, background=background)
    whole = list(Introspect([signature]).extend(recording))
    operator = Introspect([signature])
    assert [each for piece in pieces(recording, places) for each in operator.extend(piece)] == whole
