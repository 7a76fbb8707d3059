"""Clocks of simulated boards, whose true times are known."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.frames import Float64, Int64
from midstream_cli.streams.clock import WRAP_US, DeviceClock

SECOND, MINUTE, DAY = 1_000_000, 60_000_000, 86_400_000_000
"""In microseconds."""


@dataclass
class Board:
    """A board that prints frames, restarts, and is read by a host."""

    uptime_us: int = 0
    now_us: int = 0
    segment: int = 0
    counter: list[int] = field(default_factory=list)
    true_us: list[int] = field(default_factory=list)
    segments: list[int] = field(default_factory=list)
    uptime: list[int] = field(default_factory=list)

    def frame(self, after_us: int) -> None:
        """Print a frame."""
        self.uptime_us += after_us
        self.now_us += after_us
        self.counter.append(self.uptime_us % WRAP_US)
        self.uptime.append(self.uptime_us)
        self.true_us.append(self.now_us)
        self.segments.append(self.segment)

    def restart(self, after_us: int) -> None:
        """Go on with an uptime of zero."""
        self.now_us += after_us
        self.uptime_us = 0
        self.segment += 1

    @property
    def restarted(self) -> npt.NDArray[np.bool_]:
        """Which frames are the first after a restart."""
        return np.array(np.diff(self.segments, prepend=self.segments[0]) > 0)

    def board_s(self) -> Float64:
        """As `std::ostream` prints the uptime."""
        return np.array([float(f"{uptime / 1e6:.6g}") for uptime in self.uptime])

    def host_s(self, seed: int, late_s: float = 1.0) -> Float64:
        """As a host notes it, up to `late_s` too late."""
        late = np.random.default_rng(seed).uniform(0, late_s, len(self.true_us))
        return 1.7e9 + np.array(self.true_us) / 1e6 + late


def unwrap(counter: list[int], **evidence: Any) -> tuple[Int64, list[int], DeviceClock]:
    clock = DeviceClock()
    time_ns, segment = clock.unwrap(np.array(counter), **evidence)
    return time_ns, segment.tolist(), clock


def steps_us(time_ns: Int64) -> list[int]:
    return [int(step) // 1000 for step in np.diff(time_ns)]


uptimes = st.integers(0, WRAP_US + 5 * MINUTE)
short_waits = st.lists(st.integers(0, 50 * SECOND), min_size=2, max_size=200)
any_waits = st.lists(st.one_of(st.integers(0, SECOND), st.integers(0, 3 * DAY)), min_size=2, max_size=60)


def board_of(uptime_us: int, waits: list[int]) -> Board:
    board = Board(uptime_us)
    for wait in waits:
        board.frame(wait)
    return board


@given(uptimes, short_waits)
def test_a_counter_that_wraps_goes_on(uptime_us: int, waits: list[int]) -> None:
    board = board_of(uptime_us, waits)
    time_ns, segments, _ = unwrap(board.counter)
    assert steps_us(time_ns) == np.diff(board.true_us).tolist()
    assert time_ns[0] == board.counter[0] * 1000
    assert set(segments) == {0}


@given(uptimes, short_waits)
def test_a_counter_that_is_printed_signed_means_the_same(uptime_us: int, waits: list[int]) -> None:
    board = board_of(uptime_us, waits)
    signed = np.array(board.counter, np.uint32).view(np.int32).tolist()
    assert unwrap(signed)[0].tolist() == unwrap(board.counter)[0].tolist()


@given(uptimes, any_waits, st.integers(0, 99))
def test_with_the_hosts_clock_wraps_are_counted_through_any_silence(
    uptime_us: int, waits: list[int], seed: int
) -> None:
    board = board_of(uptime_us, waits)
    time_ns, segments, _ = unwrap(board.counter, host_s=board.host_s(seed))
    assert steps_us(time_ns) == np.diff(board.true_us).tolist()
    assert set(segments) == {0}


@given(st.integers(0, 10 * DAY), any_waits)
def test_so_they_are_with_another_clock_on_the_board(uptime_us: int, waits: list[int]) -> None:
    board = board_of(uptime_us, waits)
    time_ns, segments, _ = unwrap(board.counter, board_s=board.board_s())
    assert steps_us(time_ns) == np.diff(board.true_us).tolist()
    assert set(segments) == {0}


boots = st.lists(
    st.tuples(st.integers(0, 20 * SECOND), st.lists(st.integers(1, 20 * MINUTE), min_size=3, max_size=20)),
    min_size=2,
    max_size=5,
)


def board_with(boots: list[tuple[int, list[int]]]) -> Board:
    board = Board()
    for number, (silence, waits) in enumerate(boots):
        if number:
            board.restart(silence)
        for wait in waits:
            board.frame(wait)
    return board


@given(boots)
def test_boot_text_is_a_restart_whatever_the_counter_says(boots: list[tuple[int, list[int]]]) -> None:
    board = board_with(boots)
    time_ns, segments, clock = unwrap(board.counter, booted=board.restarted, board_s=board.board_s())
    assert segments == board.segments
    assert clock.segment == len(boots) - 1
    within = ~board.restarted[1:]
    assert np.array(steps_us(time_ns))[within].tolist() == np.diff(board.true_us)[within].tolist()
    assert (np.diff(time_ns) >= 0).all()


@given(boots, st.integers(0, 99))
def test_after_a_restart_time_goes_on_by_the_hosts_clock(boots: list[tuple[int, list[int]]], seed: int) -> None:
    board = board_with(boots)
    time_ns, _, _ = unwrap(board.counter, booted=board.restarted, host_s=board.host_s(seed, late_s=0.0))
    assert np.abs(np.array(steps_us(time_ns)) - np.diff(board.true_us)).max() <= 1


def test_after_a_restart_time_goes_on_by_the_last_interval_where_no_other_clock_is_known() -> None:
    time_ns, segments, _ = unwrap([10_000_000, 10_010_000, 300_000, 310_000])
    assert steps_us(time_ns) == [10_000, 10_000, 10_000]
    assert segments == [0, 0, 1, 1]


RESTARTED = [2400 * SECOND, 2400 * SECOND + 10_000, 90 * SECOND, 90 * SECOND + 10_000]
"""Of a board that ran for 40 minutes, and after a minute of silence again for 90 seconds: like a wrap."""


@pytest.mark.parametrize(
    ("evidence", "segments"),
    [
        ({}, [0, 0, 0, 0]),
        ({"booted": [False, False, True, False]}, [0, 0, 1, 1]),
        ({"headed": [False, False, True, False]}, [0, 0, 1, 1]),
        ({"headed": [True, False, False, False]}, [0, 0, 0, 0]),
        ({"board_s": [2400.0, 2400.01, 90.0, 90.01]}, [0, 0, 1, 1]),
        ({"board_s": [2400.0, 2400.01, 4385.0, 4385.01]}, [0, 0, 0, 0]),
        ({"host_s": [1e9, 1e9 + 0.01, 1e9 + 150, 1e9 + 150.01]}, [0, 0, 1, 1]),
        ({"host_s": [1e9, 1e9 + 0.01, 1e9 + 1985, 1e9 + 1985.01]}, [0, 0, 0, 0]),
        ({"host_s": [1e9, np.nan, 1e9 + 150, 1e9 + 150.01]}, [0, 0, 0, 0]),
        (
            {"headed": [False, False, True, False], "host_s": [1e9, 1e9 + 0.01, 1e9 + 1985, 1e9 + 1985.01]},
            [0, 0, 0, 0],
        ),
    ],
    ids=[
        "none",
        "boot text",
        "header",
        "first header",
        "real_timestamp fell",
        "real_timestamp went on",
        "host: a minute",
        "host: half an hour",
        "host unknown",
        "two recordings of one run joined",
    ],
)
def test_a_restart_that_looks_like_a_wrap_is_decided_by_evidence(
    evidence: dict[str, list[Any]], segments: list[int]
) -> None:
    assert unwrap(RESTARTED, **{name: np.array(seen) for name, seen in evidence.items()})[1] == segments


def test_a_fall_to_the_first_minute_is_a_restart_unless_the_wrap_was_near() -> None:
    near = WRAP_US - 30 * SECOND
    assert unwrap([near, near + 10_000, 5 * SECOND])[1] == [0, 0, 0]
    assert unwrap([2400 * SECOND, 2400 * SECOND + 10_000, 5 * SECOND])[1] == [0, 0, 1]


def test_a_frame_read_out_of_order_is_no_restart() -> None:
    time_ns, segments, _ = unwrap([5_000_000, 5_020_000, 5_010_000, 5_030_000])
    assert time_ns.tolist() == [5_000_000_000, 5_020_000_000, 5_010_000_000, 5_030_000_000]
    assert set(segments) == {0}


def test_a_burst_has_one_time() -> None:
    assert steps_us(unwrap([7, 7, 7, 9])[0]) == [0, 0, 2]


def test_a_header_in_the_middle_of_one_run_is_no_restart() -> None:
    assert unwrap([1_000_000, 1_010_000], headed=np.array([True, True]))[1] == [0, 0]


@pytest.mark.parametrize("clock", ["host_s", "board_s"])
@pytest.mark.parametrize("set_to", np.linspace(1.7e9, 1.7e9 + 4295, 8).tolist())
def test_a_clock_that_is_set_says_nothing(clock: str, set_to: float) -> None:
    seconds = np.array([100.0, 100.01, set_to, set_to + 0.01])
    time_ns, segments, _ = unwrap([1_000_000, 1_010_000, 1_020_000, 1_030_000], **{clock: seconds})
    assert steps_us(time_ns) == [10_000, 10_000, 10_000]
    assert set(segments) == {0}


seconds = st.one_of(st.just(np.nan), st.floats(0, 1e5), st.floats(1.6e9, 1.7e9))
rows = st.tuples(st.integers(-(1 << 31), (1 << 32) - 1), st.booleans(), st.booleans(), seconds, seconds)


@given(st.lists(rows, min_size=1, max_size=30), st.data())
def test_it_does_not_matter_how_a_stream_is_cut(rows: list[tuple[Any, ...]], data: st.DataObject) -> None:
    counter, booted, headed, board_s, host_s = (np.array(column) for column in zip(*rows, strict=True))
    whole, at_once = DeviceClock(), DeviceClock()
    expected = at_once.unwrap(counter, booted=booted, headed=headed, board_s=board_s, host_s=host_s)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(rows)), max_size=5)))
    pieces = [
        whole.unwrap(counter[a:b], booted=booted[a:b], headed=headed[a:b], board_s=board_s[a:b], host_s=host_s[a:b])
        for a, b in zip([0, *cuts], [*cuts, len(rows)], strict=True)
    ]
    assert np.concatenate([time_ns for time_ns, _ in pieces]).tolist() == expected[0].tolist()
    assert np.concatenate([segment for _, segment in pieces]).tolist() == expected[1].tolist()
    assert whole.segment == at_once.segment
