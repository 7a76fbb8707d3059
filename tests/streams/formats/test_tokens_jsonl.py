"""midstream's own token log: its header, its rows, and what a crash leaves of it."""

import json
from math import inf, nan

import pytest
from token_reading import pieces_of, read, written

from midstream_cli.errors import FormatError
from midstream_cli.frames import Clock, StreamInfo, TokenFrame
from midstream_cli.recordings import TokenRecording
from midstream_cli.streams.formats import tokens_jsonl
from midstream_cli.streams.transports import Chunk

FRAMES = [TokenFrame(5, "a", 2, "thinking", -0.5), TokenFrame(7, "", 0, "finish", finish="stop")]


def test_the_header_says_what_it_is_and_each_row_holds_one_event() -> None:
    lines = [json.loads(line) for line in written("tokens-jsonl", FRAMES).splitlines()]
    assert lines == [
        {"format": "midstream-tokens", "version": 1, "source": "test", "clock": "host"},
        {"time_ns": 5, "text": "a", "choice": 2, "kind": "thinking", "logprob": -0.5, "finish": ""},
        {"time_ns": 7, "text": "", "choice": 0, "kind": "finish", "logprob": None, "finish": "stop"},
    ]


def test_a_recorder_can_write_the_parts_one_by_one() -> None:
    info = StreamInfo(source="test", clock="host")
    parts = tokens_jsonl.header(info) + b"".join(map(tokens_jsonl.row, FRAMES))
    assert parts == written("tokens-jsonl", FRAMES)


@pytest.mark.parametrize("logprob", [nan, inf, -inf])
def test_a_log_probability_that_is_no_number_is_null(logprob: float) -> None:
    assert json.loads(tokens_jsonl.row(TokenFrame(1, "a", logprob=logprob)))["logprob"] is None


@pytest.mark.parametrize("clock", ["host", "device", "none"])
def test_the_clock_is_that_of_the_recording(clock: Clock) -> None:
    recording = TokenRecording.of(StreamInfo(kind="token", clock=clock), [TokenFrame(0, "a")])
    pieces, tally = pieces_of("tokens-jsonl", [Chunk(b"".join(tokens_jsonl.encode(recording)))])
    assert pieces[0].info.clock == clock
    assert bool(tally.notes) == (clock == "none")


def test_times_without_a_clock_are_zero() -> None:
    data = tokens_jsonl.header(StreamInfo(clock="none")) + tokens_jsonl.row(TokenFrame(9, "a"))
    pieces, _ = pieces_of("tokens-jsonl", [Chunk(data)])
    assert pieces[0].time_ns.tolist() == [0]


def test_everything_before_a_cut_is_read_and_the_cut_is_counted() -> None:
    whole = written("tokens-jsonl", FRAMES * 20)
    rows = whole.index(b"\n") + 1
    for end in range(rows, len(whole)):
        frames, tally = read("tokens-jsonl", whole[:end])
        lines = whole[:end].count(b"\n") - 1
        # a last row that lacks nothing but its line end is whole
        finished = end == len(whole) or whole[end : end + 1] == b"\n"
        cut = not whole[:end].endswith(b"\n") and not finished
        assert len(frames) == lines + (finished and not whole[:end].endswith(b"\n"))
        assert tally.faults == ({"record cut short": 1} if cut else {})


def test_logs_that_were_joined_are_read_as_one() -> None:
    frames, tally = read("tokens-jsonl", written("tokens-jsonl", FRAMES) * 2)
    assert len(frames) == 4
    assert (dict(tally.skipped), tally.bad) == ({"header": 2}, 0)


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ({"text": "a"}, "row without text or time"),
        ({"time_ns": 1}, "row without text or time"),
        ({"time_ns": 1, "text": "a", "kind": "song"}, "kind unknown"),
        ({"time_ns": 1 << 63, "text": "a"}, "time_ns is not a whole number"),
        ({"time_ns": 1.5, "text": "a"}, "time_ns is not a whole number"),
        ({"time_ns": 1, "text": "a", "choice": 1 << 31}, "choice is not a whole number"),
    ],
)
def test_a_row_that_is_damaged_is_passed_over_and_counted(row: dict[str, object], fault: str) -> None:
    data = (
        tokens_jsonl.header(StreamInfo(clock="host")) + json.dumps(row).encode() + b"\n" + tokens_jsonl.row(FRAMES[0])
    )
    frames, tally = read("tokens-jsonl", data)
    assert len(frames) == 1
    assert (dict(tally.faults), tally.examples) == ({fault: 1}, {fault: "line 2"})


def test_fields_that_say_nothing_may_be_left_out() -> None:
    frames, tally = read("tokens-jsonl", b'{"time_ns":5,"text":"a"}\n')
    assert [(frame.choice, frame.kind, frame.finish) for frame in frames] == [(0, "text", "")]
    assert tally.bad == 0


def test_a_log_of_a_newer_midstream_is_refused() -> None:
    with pytest.raises(FormatError, match="version 2"):
        read("tokens-jsonl", b'{"format":"midstream-tokens","version":2}\n')


def test_a_clock_that_nobody_knows_is_a_fault() -> None:
    pieces, tally = pieces_of(
        "tokens-jsonl", [Chunk(b'{"format":"midstream-tokens","clock":"sun"}\n{"time_ns":5,"text":""}')]
    )
    assert pieces[0].info.clock == "host"
    assert tally.faults == {"clock unknown": 1}
