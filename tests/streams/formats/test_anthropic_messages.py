"""Anthropic Messages: deltas, usage that is cumulative, and what is written."""

import json
from typing import Any

import pytest
from token_reading import plain, read, sse, written

from midstream_cli.frames import TokenFrame


def delta(**fields: Any) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": 0, "delta": fields}


def frames_of(*data: Any) -> list[tuple[Any, ...]]:
    frames, tally = read("anthropic-messages", sse(*data))
    assert tally.bad == 0
    return plain(frames)


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"type": "text_delta", "text": "x"}, "text"),
        ({"type": "thinking_delta", "thinking": "x"}, "thinking"),
        ({"type": "input_json_delta", "partial_json": "x"}, "tool_call"),
        ({"type": "citations_delta", "citation": {"type": "char_location", "cited_text": "x"}}, "citation"),
    ],
)
def test_a_delta_becomes_a_frame_of_its_kind(fields: dict[str, Any], kind: str) -> None:
    assert frames_of(delta(**fields)) == [(0, "x", 0, kind, None, "")]


def test_signatures_empty_input_and_unknown_deltas_make_no_frame() -> None:
    frames, tally = read(
        "anthropic-messages",
        sse(
            delta(type="signature_delta", signature="EqQB"),
            delta(type="input_json_delta", partial_json=""),
            delta(type="compaction_delta", content="x"),
            delta(type="new_delta", text="x"),
        ),
    )
    assert (frames, tally.skipped, tally.bad) == ([], {"event without text": 4}, 0)


def test_the_type_may_stand_in_the_event_line_only() -> None:
    data = b'event: content_block_delta\ndata: {"delta":{"type":"text_delta","text":"x"}}\n\n'
    assert [frame.text for frame in read("anthropic-messages", data)[0]] == ["x"]


def test_a_stop_reason_is_a_finish() -> None:
    data = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}}
    assert frames_of(data, {"type": "message_stop"}) == [(0, "", 0, "finish", None, "end_turn")]


def test_usage_counts_the_cache_and_takes_the_last_of_cumulative_counts() -> None:
    start = {"input_tokens": 3, "cache_read_input_tokens": 100, "cache_creation_input_tokens": 20, "output_tokens": 1}
    events = [{"type": "message_start", "message": {"id": "m1", "usage": start}}]
    events += [{"type": "message_delta", "delta": {}, "usage": {"output_tokens": n}} for n in (40, 90)]
    assert read("anthropic-messages", sse(*events))[1].usage == {"prompt": 123, "completion": 90}
    again = [events[0] | {"message": {"id": "m2", "usage": {"input_tokens": 7}}}, events[1]]
    assert read("anthropic-messages", sse(*events, *again))[1].usage == {"prompt": 130, "completion": 130}


def test_a_message_that_broke_off_has_no_count() -> None:
    start = {"type": "message_start", "message": {"id": "m", "usage": {"input_tokens": 3, "output_tokens": 1}}}
    _, tally = read("anthropic-messages", sse(start, *[delta(type="text_delta", text="x")] * 30))
    assert tally.usage == {"prompt": 3}


def test_what_is_written_has_blocks_that_open_and_close_around_their_deltas() -> None:
    frames = [
        TokenFrame(0, "hm", kind="thinking"),
        TokenFrame(0, "a"),
        TokenFrame(0, "src", kind="citation"),
        TokenFrame(0, "{}", kind="tool_call", finish="tool_use"),
        TokenFrame(0, "b"),
    ]
    lines = written("anthropic-messages", frames).decode().split("\n")
    sent = [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]
    assert [line.removeprefix("event: ") for line in lines if line.startswith("event: ")] == [e["type"] for e in sent]
    assert [(event["type"].removeprefix("content_block_"), event.get("index")) for event in sent] == [
        ("message_start", None),
        ("start", 0),
        ("delta", 0),
        ("stop", 0),
        ("start", 1),
        ("delta", 1),
        ("delta", 1),
        ("stop", 1),
        ("start", 2),
        ("delta", 2),
        ("stop", 2),
        ("message_delta", None),
        ("message_stop", None),
        ("message_start", None),
        ("start", 0),
        ("delta", 0),
    ]
