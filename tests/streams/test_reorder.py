"""What a network does to numbered frames is undone, and counted exactly."""

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from midstream_cli.frames import CsiFrame, StreamInfo
from midstream_cli.recordings import CsiRecording, concatenate
from midstream_cli.streams.reorder import DEPTH, MODULUS, NEAR, Reorder
from midstream_cli.streams.tally import Tally

INFO = StreamInfo()
Sent = tuple[int, int, int]
"""Node, boot and number of a frame; its samples tell all three."""


def recording(arrivals: list[Sent], times: list[int] | None = None) -> CsiRecording:
    times = times or list(range(1000, 1000 + len(arrivals)))
    return CsiRecording.of(
        INFO,
        [
            CsiFrame(time_ns, node, np.array([number % MODULUS, boot, node], np.complex64), seq=number % MODULUS)
            for (node, boot, number), time_ns in zip(arrivals, times, strict=True)
        ],
    )


def reordered(arrivals: list[Sent], cuts: list[int] | None = None) -> tuple[CsiRecording, Tally]:
    tally = Tally()
    reorder, frames = Reorder(tally), recording(arrivals)
    edges = [0, *sorted(min(cut, len(arrivals)) for cut in cuts or []), len(arrivals)]
    pieces = [reorder.put(frames.take(slice(a, b))) for a, b in pairwise(edges)]
    rest = reorder.finish()
    return concatenate(pieces + ([rest] if rest is not None else [])), tally


def numbers(frames: CsiRecording, node: int = 1) -> list[int]:
    return [int(number) for number in frames.seq[frames.node == node]]


def of(*sent: int, node: int = 1, boot: int = 0) -> list[Sent]:
    return [(node, boot, number) for number in sent]


def test_frames_in_order_pass_at_once() -> None:
    reorder = Reorder(Tally())
    for number in (7, 8, 9):
        assert numbers(reorder.put(recording(of(number)))) == [number]
    assert reorder.finish() is None


def test_a_frame_waits_only_while_one_before_it_is_missing() -> None:
    reorder = Reorder(Tally())
    out = [numbers(reorder.put(recording(of(number)))) for number in (0, 2, 3, 1, 4)]
    assert out == [[0], [], [], [1, 2, 3], [4]]


def test_a_missing_frame_is_given_up_when_more_than_depth_frames_wait_for_it() -> None:
    tally = Tally()
    reorder = Reorder(tally)
    out = [numbers(reorder.put(recording(of(number)))) for number in (0, 2, 3, 4, 5, 6)]
    assert out == [[0], [], [], [], [], [2, 3, 4, 5, 6]]
    assert tally.lost == 1


def test_a_frame_after_its_place_was_given_up_is_not_lost_but_dropped() -> None:
    frames, tally = reordered(of(0, 2, 3, 4, 5, 6, 1, 1, 7))
    assert numbers(frames) == [0, 2, 3, 4, 5, 6, 7]
    assert (tally.lost, tally.late, dict(tally.dropped)) == (0, 0, {"too late": 1, "duplicate": 1})


def test_the_first_frame_decides_where_the_count_begins() -> None:
    frames, tally = reordered(of(500, 499, 501))
    assert numbers(frames) == [500, 501]
    assert (tally.lost, dict(tally.dropped)) == (0, {"too late": 1})


def test_what_still_waits_comes_at_the_end() -> None:
    frames, tally = reordered(of(0, 3, 2))
    assert numbers(frames) == [0, 2, 3]
    assert (tally.lost, tally.late) == (1, 1)


def test_a_frame_is_never_later_than_one_that_followed_it() -> None:
    reorder = Reorder(Tally())
    pieces = [reorder.put(recording(of(n), [t])) for n, t in ((0, 10), (2, 20), (3, 30), (1, 40), (4, 50))]
    assert concatenate(pieces).time_ns.tolist() == [10, 20, 20, 30, 50]


def test_numbers_go_on_through_the_end_of_their_range() -> None:
    frames, tally = reordered(of(MODULUS - 2, 0, MODULUS - 1, 1, 2))
    assert numbers(frames) == [MODULUS - 2, MODULUS - 1, 0, 1, 2]
    assert (tally.lost, tally.late, tally.resets) == (0, 1, 0)


def test_a_restart_begins_a_segment_in_which_the_first_numbers_can_be_missing() -> None:
    frames, tally = reordered(of(*range(1000, 1010)) + of(*range(3, 12), boot=1))
    assert frames.segment.tolist() == [0] * 10 + [1] * 9
    assert (tally.resets, tally.lost) == (1, 3)


def test_a_restart_far_from_zero_has_lost_nothing_that_we_know_of() -> None:
    frames, tally = reordered(of(*range(100_000, 100_010)) + of(*range(5000, 5010), boot=1))
    assert frames.segment.tolist() == [0] * 10 + [1] * 10
    assert (tally.resets, tally.lost) == (1, 0)


def test_a_board_that_restarts_soon_is_told_by_what_its_frames_hold() -> None:
    frames, tally = reordered(of(*range(20)) + of(*range(20), boot=1))
    assert numbers(frames) == [*range(20), *range(20)]
    assert (tally.resets, tally.lost, tally.dropped.total()) == (1, 0, 0)


@pytest.mark.parametrize("stray", [3, 900, 5000, 1 << 31, MODULUS - 1])
def test_a_single_number_out_of_line_is_dropped_and_disturbs_nothing(stray: int) -> None:
    frames, tally = reordered(of(*range(1000, 1020)) + of(stray, boot=9) + of(*range(1020, 1040)))
    assert numbers(frames) == list(range(1000, 1040))
    assert (tally.lost, tally.resets, dict(tally.dropped)) == (0, 0, {"number out of line": 1})


@pytest.mark.parametrize("other", [200, 900_000])
def test_of_two_boards_that_share_a_node_number_one_is_kept(other: int) -> None:
    mixed = [sent for n in range(100) for sent in of(5000 + n) + of(other + n, boot=1)]
    frames, tally = reordered(mixed)
    assert numbers(frames) == list(range(5000, 5100))
    assert (tally.lost, tally.resets) == (0, 0)
    assert tally.dropped["number out of line"] == 100


def test_numbers_give_times_where_none_were_recorded() -> None:
    tally = Tally()
    reorder = Reorder(tally, interval_ns=2e7)
    frames = reorder.put(recording(of(*range(100, 110), 111, 112) + of(*range(6), boot=1)))
    rest = reorder.finish()
    assert rest is None
    steps = np.diff(frames.time_ns)
    assert frames.time_ns[0] == 100 * 20_000_000
    assert sorted(steps.tolist()) == [20_000_000] * 16 + [40_000_000]


@dataclass
class Truth:
    """What was sent, in the order in which it came, and what must come of it."""

    arrivals: list[Sent] = field(default_factory=list)
    order: list[Sent] = field(default_factory=list)
    lost: int = 0
    late: int = 0
    too_late: int = 0
    duplicates: int = 0
    restarts: int = 0


@st.composite
def boards(draw: st.DrawFn, node: int) -> Truth:
    """A board that boots up to three times, over a network that loses, repeats and overtakes."""
    truth = Truth()
    first = draw(st.sampled_from([0, 20, 4321, MODULUS - 20]))
    # a number lost just after the count wrapped, and the same number of the next boot, look alike
    for boot in range(draw(st.integers(1, 3 if first < MODULUS // 2 else 1))):
        start = first if boot == 0 else 0
        count = draw(st.integers(45, 300))
        kept = np.ones(count, np.bool_)
        for _ in range(draw(st.integers(0, 4))):  # the first and the last frames of a boot come
            at, length = draw(st.integers(16, count - 1)), draw(st.sampled_from([1, 1, 2, 5, 30, 100, 200]))
            kept[at : min(at + length, count - 12)] = False
        seed = draw(st.integers(0, 1 << 32))
        _send(truth, np.random.default_rng(seed), (node, boot, start), np.flatnonzero(_spaced(kept)))
        truth.restarts += boot > 0
    return truth


def _spaced(kept: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Silences as long as `NEAR` with less than a dozen frames between them, made one."""
    edges = np.flatnonzero(np.diff(kept.astype(int)))
    for begin, end in pairwise(edges):
        if kept[begin + 1] and end - begin < 12:
            kept[begin + 1 : end + 1] = False
    return kept


def _send(truth: Truth, rng: np.random.Generator, boot: Sent, kept: np.ndarray[tuple[int], np.dtype[np.intp]]) -> None:
    node, number_of_boot, start = boot
    sent = [(node, number_of_boot, start + int(i)) for i in kept]
    delay = rng.uniform(0, DEPTH + 0.99, len(sent)) * (rng.random(len(sent)) < rng.choice([0.0, 0.1, 1.0]))
    came = [sent[i] for i in np.argsort(np.arange(len(sent)) + delay, kind="stable")]
    first = came[0][2] if number_of_boot == 0 else start
    numbers = [number for _, _, number in came]
    highest = np.maximum.accumulate(numbers)
    truth.too_late += sum(number < first for number in numbers)
    truth.late += sum(first <= number < top for number, top in zip(numbers, highest, strict=True))
    truth.lost += max(numbers) + 1 - first - sum(number >= first for number in numbers)
    truth.order += [frame for frame in sent if frame[2] >= first]
    for i in sorted(rng.choice(len(came), rng.integers(0, 5), replace=False).tolist(), reverse=True):
        came.insert(i + 1 + int(rng.integers(0, 3)), came[i])
        truth.duplicates += 1
    truth.arrivals += came


@settings(max_examples=100, deadline=None)
@given(boards(1), boards(2), st.integers(0, 1 << 32), st.lists(st.integers(0, 1500), max_size=4))
def test_whatever_a_network_does_the_count_is_exact(a: Truth, b: Truth, seed: int, cuts: list[int]) -> None:
    which = np.random.default_rng(seed).permutation([0] * len(a.arrivals) + [1] * len(b.arrivals))
    waiting = [iter(a.arrivals), iter(b.arrivals)]
    arrivals = [next(waiting[i]) for i in which.tolist()]
    frames, tally = reordered(arrivals, cuts)
    for node, truth in ((1, a), (2, b)):
        own = frames.take(frames.node == node)
        assert [(node, s, n) for s, n in zip(own.segment.tolist(), own.seq.tolist(), strict=True)] == [
            (node, boot, number % MODULUS) for _, boot, number in truth.order
        ]
        assert (np.diff(own.time_ns) >= 0).all()
    assert tally.lost == a.lost + b.lost
    assert tally.late == a.late + b.late
    assert tally.resets == a.restarts + b.restarts
    assert tally.dropped["duplicate"] == a.duplicates + b.duplicates
    assert tally.dropped["too late"] == a.too_late + b.too_late
    assert tally.dropped["number out of line"] == 0


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, MODULUS - 1) | st.integers(0, 3 * NEAR), max_size=80), st.lists(st.integers(0, 80)))
def test_any_numbers_are_handed_out_or_counted_however_they_are_cut(sent: list[int], cuts: list[int]) -> None:
    frames, tally = reordered(of(*sent), cuts)
    again, tally_again = reordered(of(*sent))
    assert len(frames) + tally.dropped.total() == len(sent)
    assert (frames.seq.tolist(), frames.segment.tolist()) == (again.seq.tolist(), again.segment.tolist())
    assert tally == tally_again
    assert tally.lost >= 0
