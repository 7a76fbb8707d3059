"""Recordings delivered in time, by a clock that only moves when somebody waits or works."""

import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.errors import UsageError
from midstream_cli.recordings import CsiRecording, Recording, concatenate
from midstream_cli.streams.pace import FORGIVEN_S, GRAIN_S, LARGEST_S, LONGEST_WAIT_S, TICK_S, paced
from midstream_cli.streams.source import open_source
from strategies import SECOND, csi, csi_recordings, cuts, few, info_of, numbers, pieces, some, tokens

MS = 1_000_000
SLACK_S = 1e-6


class Clock:
    """Moves when somebody sleeps, and then a little too far, as clocks do."""

    def __init__(self, oversleep_s: float = 0.0) -> None:
        self.at_s = 1000.0
        self.longest_s = 0.0
        self._oversleep_s = oversleep_s

    def now(self) -> float:
        """By this clock."""
        return self.at_s

    def sleep(self, seconds: float) -> None:
        """Let it move."""
        assert seconds > 0
        self.longest_s = max(self.longest_s, seconds)
        self.at_s += seconds + self._oversleep_s


def frames_at(times_ms: Sequence[float], **info: Any) -> CsiRecording:
    at = np.array([round(ms * MS) for ms in times_ms], np.int64)
    return CsiRecording.build(info_of("csi", **info), at, np.ones((len(at), 2)), seq=np.arange(len(at)))


def played(
    recording: Any, speed: float, places: Sequence[int] = (), *, clock: Clock | None = None, work_s: float = 0.0
) -> tuple[list[float], list[Recording | None]]:
    """When each frame came, in seconds after the first, and what was yielded."""
    clock = clock or Clock()
    began_s, came, yielded = clock.at_s, list[float](), list[Recording | None]()
    for piece in paced(iter(pieces(recording, places)), speed, now=clock.now, sleep=clock.sleep):
        yielded.append(piece)
        if piece is not None:
            came += [clock.at_s - began_s] * len(piece)
            clock.at_s += work_s
    return came, yielded


@some
@given(csi_recordings(200), cuts, st.sampled_from([0.5, 1.0, 20.0]), st.sampled_from([0.0, 0.0001, 0.004]))
def test_each_frame_comes_when_it_is_due_whichever_way_the_recording_is_cut(
    recording: CsiRecording, places: list[int], speed: float, oversleep_s: float
) -> None:
    clock = Clock(oversleep_s)
    came, yielded = played(recording, speed, places, clock=clock)
    waits = np.minimum(np.diff(recording.time_ns) / 1e9 / speed, LONGEST_WAIT_S)
    due = np.concatenate([[0.0], np.cumsum(waits)])
    late = np.array(came) - due
    assert late.min() > -SLACK_S
    assert late.max() < GRAIN_S + oversleep_s + SLACK_S
    assert clock.longest_s <= TICK_S
    joined = concatenate([piece for piece in yielded if isinstance(piece, CsiRecording)])
    assert joined.time_ns.tolist() == recording.time_ns.tolist()
    assert joined.csi.tolist() == recording.csi.tolist()


@few
@given(csi_recordings(100), st.sampled_from([1.0, 20.0]))
def test_whoever_iterates_hears_something_all_the_time(recording: CsiRecording, speed: float) -> None:
    clock = Clock()
    heard = [clock.at_s for _ in paced(iter([recording]), speed, now=clock.now, sleep=clock.sleep)]
    assert heard[0] == 1000.0
    assert max(b - a for a, b in pairwise([*heard, clock.at_s])) <= TICK_S + GRAIN_S + SLACK_S < 0.05


def test_a_frame_that_comes_late_makes_none_after_it_come_early() -> None:
    came, _ = played(frames_at([0, 100, 60, 50, 120, 200]), 1.0)
    assert came == pytest.approx([0, 0.1, 0.1, 0.1, 0.12, 0.2], abs=GRAIN_S)


@pytest.mark.parametrize("back_ms", [1001, 3_600_000, 10**12])
def test_a_clock_that_starts_anew_goes_on_from_there(back_ms: int) -> None:
    start = 10**12
    came, _ = played(frames_at([start, start + 100, start + 100 - back_ms, start + 150 - back_ms]), 1.0)
    assert came == pytest.approx([0, 0.1, 0.1, 0.15], abs=GRAIN_S)


@pytest.mark.parametrize(("ahead_s", "waited_s"), [(4, 4), (6, 5), (4 * 3600, 5), (10**9, 5)])
def test_no_silence_lasts_longer_than_five_seconds(ahead_s: int, waited_s: int) -> None:
    came, _ = played(frames_at([0, 50, 50 + ahead_s * 1000, 150 + ahead_s * 1000]), 1.0)
    assert came == pytest.approx([0, 0.05, 0.05 + waited_s, 0.15 + waited_s], abs=GRAIN_S)


def test_a_silence_is_as_much_shorter_as_the_replay_is_faster() -> None:
    came, _ = played(frames_at([0, 60_000]), 20.0)
    assert came == pytest.approx([0, 3.0], abs=GRAIN_S)


@pytest.mark.parametrize(
    "recording", [csi(1, 50, clock="none"), tokens(1, 50, clock="none"), numbers(1, 5, clock="none")]
)
def test_without_times_all_come_at_once(recording: Recording) -> None:
    clock = Clock()
    came, yielded = played(recording, 1.0, [10, 30], clock=clock)
    assert (max(came), clock.longest_s) == (0.0, 0.0)
    assert [len(piece) for piece in yielded if piece is not None] == [
        len(piece)
        for piece in pieces(recording, [10, 30])  # type: ignore[type-var]
    ]


def test_infinitely_fast_is_at_once() -> None:
    came, yielded = played(csi(1, 500), float("inf"), [100])
    assert (max(came), len(yielded)) == (0.0, 2)


@pytest.mark.parametrize("speed", [0.0, -1.0, float("nan"), float("-inf")])
def test_a_speed_that_plays_nothing_is_refused_at_once(speed: float) -> None:
    with pytest.raises(UsageError, match="plays nothing") as caught:
        paced([], speed)
    assert caught.value.hint


@pytest.mark.parametrize("speed", [1.0, 20.0])
def test_what_a_busy_taker_missed_comes_in_small_parts_and_no_more_than_that(speed: float) -> None:
    recording, clock = frames_at([10 * speed * i for i in range(100)]), Clock()
    deliveries = paced(iter([recording]), speed, now=clock.now, sleep=clock.sleep)
    assert next(deliveries) is not None
    clock.at_s += 0.505
    caught_up, before_s = list[int](), clock.at_s
    for piece in deliveries:
        if clock.at_s > before_s:
            break
        caught_up.append(0 if piece is None else len(piece))
    assert sum(caught_up) == 50
    assert max(caught_up) <= LARGEST_S / 0.01 + 1


def test_a_taker_that_was_away_for_long_misses_no_frame_and_goes_on_where_it_was() -> None:
    recording, clock = frames_at([10 * i for i in range(100)]), Clock()
    deliveries = paced(iter([recording]), 1.0, now=clock.now, sleep=clock.sleep)
    assert next(deliveries) is not None
    clock.at_s += 3600
    returned_s, count = clock.at_s, 0
    came = []
    for piece in deliveries:
        count += 0 if piece is None else len(piece)
        came.append(clock.at_s - returned_s)
    assert count == 99
    assert came[-1] == pytest.approx(0.98, abs=0.01)
    assert FORGIVEN_S == 1.0


def test_a_taker_that_never_keeps_up_gets_all_of_it_as_fast_as_it_takes() -> None:
    recording = frames_at(list(range(500)))
    came, yielded = played(recording, 1.0, work_s=0.05)
    assert len(came) == 500
    assert max(len(piece) for piece in yielded if piece is not None) <= LARGEST_S / 0.001 + 1


@pytest.mark.parametrize("speed", [1.0, 20.0])
@pytest.mark.parametrize(
    "name", ["csikit/example_100hz_pitraffic.csv", "pulse/vacio_01.csv", "ruview/pretrain-1775182186.csi.jsonl"]
)
def test_real_recordings_take_as_long_as_they_did(data: Path, name: str, speed: float) -> None:
    with open_source(str(data / "csi" / name)) as source:
        read = list(source)
    clock = Clock(0.00005)
    deliveries = list(paced(iter(read), speed, now=clock.now, sleep=clock.sleep))
    times = np.concatenate([piece.time_ns for piece in read])
    assert sum(len(piece) for piece in deliveries if piece is not None) == len(times)
    latest = np.maximum.accumulate(times)
    assert (latest - times).max() < SECOND
    assert np.diff(latest).max() < LONGEST_WAIT_S * SECOND
    assert clock.at_s - 1000.0 == pytest.approx((latest[-1] - latest[0]) / 1e9 / speed, abs=2 * GRAIN_S)


def test_the_clock_of_this_machine_is_the_default() -> None:
    began_s = time.monotonic()
    assert sum(len(piece) for piece in paced([frames_at([0, 30, 60])], 1.0) if piece is not None) == 3
    assert 0.055 < time.monotonic() - began_s < 5.0
