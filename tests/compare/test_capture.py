"""Cutting, judging and rating what becomes a signature."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.compare.live.match import distances
from midstream_cli.compare.signatures.capture import (
    Quality,
    frame_quality,
    lost_between,
    problems,
    propose_threshold,
    segments,
    verdict,
    worst,
)
from midstream_cli.compare.signatures.signature import DEFAULT_THRESHOLD, Background, Signature
from midstream_cli.compare.signatures.signature_file import as_json, parse
from midstream_cli.errors import SignatureError
from midstream_cli.streams.vectors import Track
from strategies import SECOND, few, seeds, some

PERIOD = 31_250_000


def even(n: int, start_ns: int = 0) -> Track:
    """A track on the grid whose vectors are their own positions."""
    return Track(start_ns + np.arange(n) * PERIOD, np.arange(float(n))[:, None])


def test_a_segment_begins_with_the_first_vector_at_or_after_its_start() -> None:
    track = even(100, SECOND)
    cut = segments(track, [0, SECOND + 10 * PERIOD, SECOND + 10 * PERIOD + 1], 4)
    assert [piece.values[:, 0].tolist() for piece in cut] == [[0, 1, 2, 3], [10, 11, 12, 13], [11, 12, 13, 14]]
    assert cut[1].time_ns.tolist() == (SECOND + np.arange(10, 14) * PERIOD).tolist()


@some
@given(st.integers(1, 40), st.integers(0, 50 * PERIOD), st.integers(1, 45))
def test_a_segment_is_whole_or_refused(n: int, start_ns: int, length: int) -> None:
    begin = -(-start_ns // PERIOD)
    if begin + length > n:
        with pytest.raises(
            SignatureError, match=f"needs {length} vectors, and the stream has {max(n - begin, 0)}"
        ) as caught:
            segments(even(n), [start_ns], length)
        assert "--from" in caught.value.hint
    else:
        (piece,) = segments(even(n), [start_ns], length)
        assert piece.values[:, 0].tolist() == list(range(begin, begin + length))


def test_of_a_stream_too_thin_for_any_vector_the_hint_is_where_to_look() -> None:
    with pytest.raises(SignatureError, match="the stream has 0") as caught:
        segments(Track(np.empty(0, np.int64), np.empty((0, 0))), [0], 4)
    assert "midstream info" in caught.value.hint


def test_a_segment_across_a_silence_is_refused() -> None:
    track = even(20)
    track.time_ns[10:] += SECOND
    assert len(segments(track, [0, int(track.time_ns[10])], 10)) == 2
    with pytest.raises(SignatureError, match="interrupted") as caught:
        segments(track, [PERIOD], 10)
    assert "--from" in caught.value.hint


def test_vectors_that_come_as_events_do_are_never_interrupted() -> None:
    for times in ([0, 1, 50 * SECOND], [7, 7, 7], [0, 0, 9]):
        track = Track(np.array(times), np.ones((3, 1)))
        assert segments(track, [0], 3, even=False)[0].time_ns.tolist() == times


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_segment_with_a_missing_value_is_refused(bad: float) -> None:
    track = even(20)
    track.values[7] = bad
    assert len(segments(track, [8 * PERIOD], 10)) == 1
    with pytest.raises(SignatureError, match="not finite") as caught:
        segments(track, [0], 10)
    assert caught.value.hint


def test_the_quality_of_a_segment_is_that_of_its_frames_alone() -> None:
    times = np.array([0, 10, 20, 40, 50, 1000]) * 1_000_000
    lost = lost_between(times, np.array([1, 2, 3, 5, 6, 90]), 5_000_000, 60_000_000)
    quality = frame_quality(times, 5_000_000, 60_000_000, lost)
    assert quality == Quality(frames=4, rate_hz=3 / 0.04, lost=1, longest_gap_s=0.02)


@pytest.mark.parametrize(
    ("numbers", "lost"),
    [
        ([5, 6, 7, 8], 0),
        ([5, 9, 10, 11], 3),
        ([-1, -1, -1, -1], None),
        ([2**32 - 2, 2**32 - 1, 0, 2], 1),
        ([9000, 9001, 0, 1], 0),
        ([10, 12, 14, 16], 0),
        ([10, 12, 18, 20, *range(22, 80, 2)], 2),
        ([5, 5, 6, 7], 0),
    ],
    ids=["none", "some", "uncounted", "wrapped", "restarted", "in twos", "in twos, some", "repeated"],
)
def test_lost_frames_are_counted_as_the_sender_counts(numbers: list[int], lost: int | None) -> None:
    times = np.arange(len(numbers)) * 10_000_000
    assert lost_between(times, np.array(numbers), 0, SECOND) == lost


@pytest.mark.parametrize("times", [[], [7]])
def test_too_few_frames_have_no_rate_and_no_gap(times: list[int]) -> None:
    quality = frame_quality(np.array(times, np.int64), 0, 10)
    assert quality == Quality(frames=len(times), rate_hz=None, lost=None, longest_gap_s=None)


def test_frames_at_one_time_have_no_rate() -> None:
    assert frame_quality(np.array([5, 5]), 0, 10) == Quality(2, None, None, 0.0)


def test_several_segments_are_as_good_as_the_worst() -> None:
    found = worst([Quality(10, 50.0, 1, 0.1, 9.0), Quality(20, 20.0, 2, 0.4, 4.0), Quality(5, None, 0, None)], 99)
    assert found == Quality(35, 20.0, 3, 0.4, 4.0)
    assert worst([], 99) == Quality(99, None, None, None)
    assert worst([Quality(5, None, None, None)], 9).lost is None


GOOD = Quality(frames=200, rate_hz=100.0, lost=0, longest_gap_s=0.02, energy_over_background_db=20.0)


@pytest.mark.parametrize(
    ("changed", "length", "begins", "says"),
    [
        ({}, 64, "good", ""),
        ({"rate_hz": None, "longest_gap_s": None, "energy_over_background_db": None}, 64, "good", ""),
        ({}, 3, "poor", "3 vectors"),
        ({"rate_hz": 9.0}, 64, "poor", "9.0 frames a second"),
        ({"rate_hz": 15.0}, 64, "fair", "15.0 frames a second"),
        ({"lost": 60}, 64, "poor", "60 of 260 frames were lost"),
        ({"lost": 20}, 64, "fair", "20 of 220 frames were lost"),
        ({"longest_gap_s": 0.6}, 64, "poor", "0.60 s"),
        ({"longest_gap_s": 0.3}, 64, "fair", "0.30 s"),
        ({"energy_over_background_db": 1.0}, 64, "poor", "1.0 dB"),
        ({"energy_over_background_db": 4.0}, 64, "fair", "4.0 dB"),
        ({"energy_over_background_db": -5.0, "lost": 60}, 2, "poor", "; "),
    ],
)
def test_the_verdict_says_what_is_wrong(changed: dict[str, Any], length: int, begins: str, says: str) -> None:
    quality = replace(GOOD, **changed)
    said = verdict(quality, length, idle=False)
    assert said.startswith(begins)
    assert says in said
    assert (problems(quality, length, idle=False) != []) == (begins == "poor")


def test_an_idle_segment_need_not_move() -> None:
    still = replace(GOOD, energy_over_background_db=-1.0)
    assert verdict(still, 64, idle=True) == "good"
    assert verdict(still, 64, idle=False).startswith("poor")


def walk(seed: int, length: int = 16) -> tuple[Signature, np.ndarray[Any, np.dtype[np.float64]]]:
    """A signature far from its background, which is noise."""
    random = np.random.default_rng(seed)
    background = random.normal(0, 1, (400, 2))
    vectors = 6 + random.normal(0, 1, (length, 2))
    model = Background.of(background, "quiet", 12.5)
    return Signature("walk", "walk", vectors, "bands8", window=2, rate_hz=32.0, background=model), background


def windows_of(values: Any, length: int) -> Any:
    return np.stack([values[i : i + length] for i in range(len(values) - length + 1)])


@few
@given(seeds)
def test_the_proposed_threshold_lies_between_the_takes_and_the_background(seed: int) -> None:
    signature, background = walk(seed)
    takes = [signature.vectors, signature.vectors + np.random.default_rng(seed).normal(0, 0.3, (16, 2))]
    quiet = windows_of(background, 16)[:: 16 // 4]
    for given_takes in (takes, takes[:1]):
        threshold = propose_threshold(signature, background, given_takes, idle=False)
        assert 0 < threshold < 1
        assert (1 / (1 + distances(signature, quiet)) < threshold).all()
        assert (1 / (1 + distances(signature, np.stack(given_takes))) >= threshold).all()


@few
@given(seeds)
def test_the_background_itself_reaches_its_threshold_nineteen_times_of_twenty(seed: int) -> None:
    _, background = walk(seed)
    signature = Signature("idle", "idle", background[:16], "bands8", background=Background.of(background, "q", 1.0))
    threshold = propose_threshold(signature, background, [signature.vectors], idle=True)
    scores = 1 / (1 + distances(signature, windows_of(background, 16)[::4]))
    assert (scores >= threshold).mean() == pytest.approx(0.95, abs=0.02)


def test_without_enough_background_the_default_is_proposed() -> None:
    signature, background = walk(1)
    assert propose_threshold(signature, None, [signature.vectors], idle=False) == DEFAULT_THRESHOLD
    assert propose_threshold(signature, background[:15], [signature.vectors], idle=False) == DEFAULT_THRESHOLD


def test_missing_values_in_the_background_do_not_make_a_threshold_that_is_no_number() -> None:
    signature, background = walk(1)
    expected = propose_threshold(signature, background, [signature.vectors], idle=False)
    background[200] = np.nan
    found = propose_threshold(signature, background, [signature.vectors], idle=False)
    assert found == pytest.approx(expected, rel=0.2)
    assert propose_threshold(signature, np.full((40, 2), np.nan), [signature.vectors], idle=False) == DEFAULT_THRESHOLD


@pytest.mark.parametrize("idle", [True, False])
@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e9])
def test_a_proposed_threshold_survives_its_file(scale: float, idle: bool) -> None:
    signature, background = walk(1)
    far = replace(signature, vectors=signature.vectors * scale, background=None)
    threshold = propose_threshold(far, background * scale, [far.vectors], idle=idle)
    back = parse(as_json(replace(far, promotion_threshold=threshold)), "x")
    assert back.promotion_threshold == pytest.approx(threshold, rel=1e-5)


def test_a_signature_that_is_in_its_background_has_a_threshold_of_one_at_most() -> None:
    signature, background = walk(1)
    within = replace(signature, vectors=background[32:48])
    assert propose_threshold(within, background, [within.vectors], idle=False) == 1.0
