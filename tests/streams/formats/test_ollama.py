"""Ollama: times to the nanosecond, and the two shapes of its lines."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from token_reading import patient, pieces_of, plain, read

from midstream_cli.streams.formats.ollama import unix_ns
from midstream_cli.streams.transports import Chunk

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def lines(*data: dict[str, Any]) -> bytes:
    return b"".join(json.dumps({"model": "m"} | item).encode() + b"\n" for item in data)


def at(second: int, **fields: Any) -> dict[str, Any]:
    return {"created_at": f"2024-05-24T20:26:{second:02}Z", "done": False} | fields


@patient
@given(
    st.datetimes(datetime(1970, 1, 3), datetime(2262, 1, 1)),  # noqa: DTZ001 - the zone is drawn apart
    st.integers(-23 * 60 - 59, 23 * 60 + 59),
    st.integers(0, 999),
)
def test_a_time_is_exact_to_the_nanosecond_in_any_zone(local: datetime, minutes: int, nanoseconds: int) -> None:
    zoned = local.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    text = zoned.isoformat(timespec="microseconds")
    text = f"{text[:26]}{nanoseconds:03}{text[26:]}"
    assert unix_ns(text) == (zoned - EPOCH) // timedelta(microseconds=1) * 1000 + nanoseconds


@pytest.mark.parametrize(
    ("text", "time_ns"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T00:00:01.5z", 1_500_000_000),
        ("1970-01-01t00:00:00.000000001Z", 1),
        ("1970-01-01 00:00:00.0000000019Z", 1),
        ("1970-01-01T02:00:00+02:00", 0),
        ("1969-12-31T22:00:00-02:00", 0),
        ("0001-01-01T00:00:00Z", None),
        ("9999-01-01T00:00:00Z", None),
        ("1969-12-31T23:59:59Z", None),
        ("2024-02-30T00:00:00Z", None),
        ("2024-05-24T20:26:46", None),
        ("2024-05-24", None),
        ("1716582406", None),
        ("\u0662024-05-24T20:26:46Z", None),
        ("", None),
    ],
)
def test_a_time_is_read_or_is_none(text: str, time_ns: int | None) -> None:
    assert unix_ns(text) == time_ns


def test_chat_and_generate_give_the_same_frames() -> None:
    chat = [
        at(1, message={"content": "a"}),
        at(2, message={"thinking": "b"}),
        at(3, message={"content": ""}, done=True),
    ]
    generate = [at(1, response="a"), at(2, response="", thinking="b"), at(3, response="", done=True)]
    chat_frames, generate_frames = (plain(read("ollama", lines(*data))[0]) for data in (chat, generate))
    assert chat_frames == generate_frames
    assert [row[1:] for row in chat_frames] == [
        ("a", 0, "text", None, ""),
        ("b", 0, "thinking", None, ""),
        ("", 0, "finish", None, "stop"),
    ]
    assert [row[0] for row in chat_frames] == [1716582361_000000000, 1716582362_000000000, 1716582363_000000000]


def test_a_call_of_a_tool_comes_whole() -> None:
    call = {"function": {"name": "weather", "arguments": {"city": "Z\u00fcrich"}}}
    frames, _ = read("ollama", lines(at(1, message={"content": "", "tool_calls": [call]})))
    assert [(frame.kind, json.loads(frame.text)) for frame in frames] == [("tool_call", {"city": "Z\u00fcrich"})]


def test_log_probabilities_are_read() -> None:
    frames, _ = read(
        "ollama", lines(at(1, response="ab", logprobs=[{"token": "a", "logprob": -0.25}, {"logprob": -1}]))
    )
    assert frames[0].logprob == -1.25


def test_the_reason_of_the_end_and_the_counts_are_on_the_last_line() -> None:
    end = at(2, response="", done=True, done_reason="length", prompt_eval_count=17, eval_count=2)
    frames, tally = read("ollama", lines(at(1, response="a"), end, at(3, response="b"), end))
    assert [frame.finish for frame in frames] == ["", "length", "", "length"]
    assert tally.usage == {"prompt": 34, "completion": 4}


def test_a_time_that_cannot_be_read_costs_the_event_and_is_counted() -> None:
    frames, tally = read("ollama", lines(at(1, response="a"), at(1, response="b", created_at="0001-01-01T00:00:00Z")))
    assert [frame.text for frame in frames] == ["a"]
    assert (dict(tally.faults), tally.examples) == ({"created_at unreadable": 1}, {"created_at unreadable": "line 2"})


def test_the_server_s_own_time_beats_that_of_arrival_which_stands_in_where_there_is_none() -> None:
    bare = {"response": "b", "done": False}
    pieces, _ = pieces_of("ollama", [Chunk(lines(at(1, response="a")), 5), Chunk(lines(bare), 1716582362_000000000)])
    assert [piece.time_ns.tolist() for piece in pieces] == [[1716582361_000000000], [1716582362_000000000]]
    pieces, _ = pieces_of("ollama", [Chunk(lines(at(1, response="a"), bare))])
    assert pieces[0].time_ns.tolist() == [1716582361_000000000] * 2


def test_a_log_without_any_time_has_no_clock() -> None:
    pieces, tally = pieces_of("ollama", [Chunk(lines({"response": "b", "done": False}))])
    assert (pieces[0].info.clock, len(tally.notes)) == ("none", 1)
