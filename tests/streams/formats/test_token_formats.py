"""What holds for every token format: nothing depends on how bytes are cut, and no input is fatal."""

import re
import time
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from token_reading import TOKEN_FORMATS, counts, frames_of, patient, pieces_of, places, plain, read, sse, written

from midstream_cli.errors import FormatError
from midstream_cli.frames import TokenFrame
from midstream_cli.recordings import TokenRecording
from midstream_cli.streams import formats
from midstream_cli.streams.transports import Chunk

SAMPLES: dict[str, bytes] = {
    "openai-chat": sse(
        {"id": "a", "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"role": "assistant"}}]},
        {
            "id": "a",
            "object": "chat.completion.chunk",
            "choices": [{"index": 1, "delta": {"content": "h\u00e9 \U0001f600"}}],
        },
        '{"id": "a", "choices": [',
        {"id": "a", "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
        {"id": "a", "object": "chat.completion.chunk", "choices": [], "usage": {"completion_tokens": 1}},
        "[DONE]",
    ),
    "openai-completions": sse(
        {"object": "text_completion", "choices": [{"index": 0, "text": " a", "logprobs": {"token_logprobs": [-1]}}]},
        {"object": "text_completion", "choices": [{"index": 0, "text": "\u00fc", "finish_reason": "length"}]},
        "[DONE]",
    ),
    "openai-responses": b"event: response.output_text.delta\r\n"
    + sse({"type": "response.output_text.delta", "output_index": 1, "delta": "h\u00e9"})
    + sse({"type": "response.completed", "response": {"id": "r", "status": "completed", "output": [{}, {}]}}),
    "anthropic-messages": b"event: ping\n"
    + sse({"type": "ping"}, {"type": "message_start", "message": {"id": "m", "usage": {"input_tokens": 3}}})
    + sse({"type": "content_block_delta", "delta": {"type": "text_delta", "text": "h\u00e9"}})
    + b"event: message_delta\n"
    + sse({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 9}}),
    "ollama": b'{"model":"m","created_at":"2024-05-24T20:26:46.39151Z","response":" a","done":false}\n{"cut":\n'
    b'{"model":"m","created_at":"2024-05-24T20:26:46.394Z","response":"","done":true,"eval_count":2}\n',
    "tokens-jsonl": b'{"format":"midstream-tokens","version":1,"source":"s","clock":"host"}\n'
    b'{"time_ns":5,"text":"a","choice":2,"kind":"thinking","logprob":-0.5,"finish":""}\n{"time_ns":7,"te',
    "vcr": b'interactions:\n- request:\n    uri: x\n  response:\n    body:\n      string: "data: {\\"object\\": '
    b'\\"text_completion\\", \\"choices\\": [{\\"text\\": \\"a\\"}]}\\n\\ndata: [DONE]\\n\\n"\nversion: 1\n',
}

WORDS = (
    "id",
    "object",
    "type",
    "choices",
    "delta",
    "content",
    "refusal",
    "text",
    "index",
    "logprobs",
    "token_logprobs",
    "logprob",
    "finish_reason",
    "usage",
    "x_groq",
    "prompt_tokens",
    "completion_tokens",
    "completion_tokens_details",
    "tool_calls",
    "function",
    "arguments",
    "function_call",
    "reasoning",
    "response",
    "output",
    "output_index",
    "status",
    "incomplete_details",
    "reason",
    "error",
    "message",
    "thinking",
    "partial_json",
    "citation",
    "cited_text",
    "stop_reason",
    "input_tokens",
    "output_tokens",
    "content_block",
    "created_at",
    "done",
    "done_reason",
    "eval_count",
    "time_ns",
    "choice",
    "kind",
    "finish",
    "format",
    "version",
    "clock",
)
VALUES = (
    "chat.completion.chunk",
    "text_completion",
    "response.output_text.delta",
    "response.completed",
    "message_start",
    "message_delta",
    "content_block_delta",
    "text_delta",
    "citations_delta",
    "error",
    "2024-05-24T20:26:46.3Z",
    "finish",
)
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(VALUES)
    | st.text(max_size=3)
    | st.just(10**400)
)
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner), max_leaves=12
)
hostile = st.dictionaries(st.sampled_from(WORDS), anything, max_size=6)


def test_every_token_format_is_tested_here() -> None:
    token = {name for name in formats.names() if formats.load(name).KIND == "token"}
    assert token == set(SAMPLES) == set(TOKEN_FORMATS)


@pytest.mark.parametrize("name", TOKEN_FORMATS)
@patient
@given(cuts=places)
def test_the_frames_do_not_depend_on_how_the_bytes_are_cut(name: str, cuts: list[int]) -> None:
    whole, tally = read(name, SAMPLES[name])
    found, again = read(name, SAMPLES[name], cuts)
    assert len(whole) > 0
    assert plain(found) == plain(whole)
    assert counts(again) == counts(tally)


@pytest.mark.parametrize("name", TOKEN_FORMATS)
def test_the_frames_do_not_depend_on_the_bytes_coming_one_by_one(name: str) -> None:
    found, tally = read(name, SAMPLES[name], range(len(SAMPLES[name])))
    whole, again = read(name, SAMPLES[name])
    assert (plain(found), counts(tally)) == (plain(whole), counts(again))


@pytest.mark.parametrize("name", TOKEN_FORMATS)
def test_a_format_knows_its_own_sample_and_no_other(name: str) -> None:
    assert [other for other in TOKEN_FORMATS if formats.load(name).sniff(SAMPLES[other])] == [name]


@pytest.mark.parametrize("name", TOKEN_FORMATS)
@pytest.mark.parametrize(
    "head",
    [
        b"{" * (1 << 20),
        b'{"created_at":"x" "done" ' * 40_000,
        b'{"object" "chat.completion.chunk" "text_completion" "response. "message_ "midstream-tokens" ' * 11_000,
        b'\n{"object"' * 100_000 + b'"chat.completion.chunk"',
        b"\ninteractions: " * 70_000,
    ],
)
def test_the_look_at_a_head_is_quick_whatever_it_holds(name: str, head: bytes) -> None:
    began = time.process_time()
    assert not formats.load(name).sniff(head)
    assert time.process_time() - began < 1.0


@pytest.mark.parametrize("name", TOKEN_FORMATS)
@patient
@given(data=st.binary(max_size=300))
def test_random_bytes_are_not_fatal(name: str, data: bytes) -> None:
    frames, tally = read(name, data)
    assert frames == []
    assert not formats.load(name).sniff(data)
    if name != "vcr" and data.strip(b"\r\n"):
        assert tally.bad + tally.skipped.total() > 0 or b":" not in data


@pytest.mark.parametrize("name", TOKEN_FORMATS)
@patient
@given(start=st.integers(0, 1 << 16), end=st.integers(0, 1 << 16), junk=st.binary(max_size=20))
def test_damage_anywhere_is_not_fatal(name: str, start: int, end: int, junk: bytes) -> None:
    sample = SAMPLES[name]
    start, end = sorted((start % len(sample), end % len(sample)))
    damaged = sample[:start] + junk + sample[end:]
    # a newer version is refused: that is no damage
    assume(not re.search(rb'"version":\s*(?!1\b)\d', damaged))
    frames, _ = read(name, damaged)
    assert len(frames) <= len(read(name, sample)[0]) + 1


@pytest.mark.parametrize("name", [name for name in TOKEN_FORMATS if name != "vcr"])
@patient
@given(items=st.lists(hostile, max_size=4))
def test_fields_of_any_type_are_not_fatal_and_every_event_is_accounted_for(name: str, items: list[Any]) -> None:
    items = [item for item in items if not (item.get("format") == "midstream-tokens" and item.get("version"))]
    frames, tally = read(name, sse(*items))
    assert len(frames) + tally.bad + tally.skipped.total() >= len(items)
    for frame in frames:
        frame.text.encode()


@pytest.mark.parametrize(
    ("name", "items", "faults"),
    [
        ("openai-chat", [{"choices": 5}, {"choices": [5]}], {"choices is not a list": 1, "choices is not a list of objects": 1}),
        ("openai-chat", [{"choices": [{"delta": 5}]}], {"delta is not an object": 1}),
        ("openai-chat", [{"choices": [{"delta": {"content": 5}}]}], {"content is not text": 1}),
        ("openai-chat", [{"usage": "x"}], {"usage is not an object": 1}),
        ("openai-chat", [{"choices": [{"index": -1, "delta": {"content": "x"}}]}], {"index is not a whole number": 1}),
        ("openai-completions", [{"choices": [{"text": {}}]}], {"text is not text": 1}),
        ("openai-responses", [{"type": 5}], {"type is not text": 1}),
        ("anthropic-messages", [{"type": "content_block_delta", "delta": "x"}], {"delta is not an object": 1}),
        ("ollama", [{"message": "x", "done": False}], {"message is not an object": 1}),
        ("tokens-jsonl", [{"time_ns": "x", "text": "x"}], {"time_ns is not a whole number": 1}),
    ],
)  # fmt: skip
def test_a_wrong_type_is_counted_by_the_name_of_its_field(name: str, items: list[Any], faults: dict[str, int]) -> None:
    frames, tally = read(name, sse(*items))
    assert frames == []
    assert tally.faults == faults
    assert tally.examples == {name: f"line {2 * i + 1}" for i, name in enumerate(faults)}
    assert tally.skipped == {}


def test_choices_that_are_null_are_an_event_without_text() -> None:
    frames, tally = read("openai-chat", sse({"choices": None}))
    assert (frames, tally.skipped, tally.bad) == ([], {"event without text": 1}, 0)


ROUND_TRIPS: dict[str, tuple[tuple[str, ...], int, bool]] = {
    "openai-chat": (("text", "thinking", "tool_call", "refusal"), 3, False),
    "openai-completions": (("text",), 3, False),
    "anthropic-messages": (("text", "thinking", "tool_call", "citation"), 1, False),
    "ollama": (("text", "thinking"), 1, True),
    "tokens-jsonl": (("text", "thinking", "tool_call", "refusal", "citation"), 3, True),
}


@pytest.mark.parametrize("name", [name for name in ROUND_TRIPS if name != "anthropic-messages"])
@patient
@given(st.data())
def test_what_a_format_writes_it_reads_back(name: str, data: st.DataObject) -> None:
    frames = data.draw(frames_of(*ROUND_TRIPS[name]))
    found, tally = read(name, written(name, frames))
    assert plain(found) == plain(frames)
    assert tally.bad == 0


@patient
@given(frames_of(*ROUND_TRIPS["anthropic-messages"]))
def test_anthropic_messages_reads_back_text_with_each_finish_on_its_own_and_without_logprobs(
    frames: list[TokenFrame],
) -> None:
    expected = []
    for frame in frames:
        if frame.text:
            expected.append(TokenFrame(0, frame.text, kind=frame.kind))
        if frame.finish:
            expected.append(TokenFrame(0, "", kind="finish", finish=frame.finish))
    found, tally = read("anthropic-messages", written("anthropic-messages", frames))
    assert plain(found) == plain(expected)
    assert tally.bad == 0


@pytest.mark.parametrize("name", ROUND_TRIPS)
def test_what_a_format_writes_no_other_claims(name: str) -> None:
    data = written(name, [TokenFrame(1_700_000_000_000_000_000, "a", finish="stop")])
    assert formats.recognise(data) == name
    assert [other for other in formats.names() if formats.load(other).sniff(data)] == [name]


@pytest.mark.parametrize(
    ("name", "frames"),
    [
        ("openai-chat", [TokenFrame(0, "a", kind="citation")]),
        ("openai-completions", [TokenFrame(0, "a", kind="thinking")]),
        ("anthropic-messages", [TokenFrame(0, "a", kind="refusal")]),
        ("anthropic-messages", [TokenFrame(0, "a"), TokenFrame(0, "b", choice=1)]),
        ("ollama", [TokenFrame(0, "a", kind="tool_call")]),
        ("ollama", [TokenFrame(0, "a"), TokenFrame(0, "b", choice=1)]),
    ],
)
def test_what_a_format_has_no_place_for_it_refuses_to_write(name: str, frames: list[TokenFrame]) -> None:
    with pytest.raises(FormatError, match=f"{name} has no place for") as error:
        written(name, frames)
    assert "tokens-jsonl" in error.value.hint


@pytest.mark.parametrize("name", ROUND_TRIPS)
def test_an_empty_recording_is_written_and_read_as_one(name: str) -> None:
    assert read(name, written(name, []))[0] == []


def test_a_live_stream_has_the_times_of_arrival() -> None:
    one = sse({"choices": [{"delta": {"content": "a"}}]})
    pieces, tally = pieces_of("openai-chat", [Chunk(one, 10), Chunk(one[:20], 20), Chunk(b"", 25), Chunk(one[20:], 30)])
    assert [(piece.info.clock, piece.time_ns.tolist()) for piece in pieces] == [("host", [10]), ("host", [30])]
    assert tally.notes == []


def test_a_recorded_stream_without_times_says_so_once() -> None:
    one = sse({"choices": [{"delta": {"content": "a"}}]})
    pieces, tally = pieces_of("openai-chat", [Chunk(one), Chunk(one)])
    assert [(piece.info.clock, piece.time_ns.tolist()) for piece in pieces] == [("none", [0]), ("none", [0])]
    assert tally.notes == ["the stream has no time per event, so there are no latencies"]


def test_each_chunk_that_completed_events_gives_one_recording() -> None:
    one = sse({"choices": [{"delta": {"content": "a"}}]})
    pieces, _ = pieces_of("openai-chat", [Chunk(one * 3), Chunk(one[:5]), Chunk(one[5:])])
    assert [len(piece) for piece in pieces] == [3, 1]
    assert all(isinstance(piece, TokenRecording) and piece.info.format == "openai-chat" for piece in pieces)


def chat(texts: int, tokens: int, **more: Any) -> bytes:
    events = [{"choices": [{"delta": {"content": "a"}}]}] * texts
    return sse(*events, {"choices": [], "usage": {"completion_tokens": tokens} | more})


@pytest.mark.parametrize(("tokens", "said"), [(100, False), (105, False), (106, True), (96, False), (95, True)])
def test_events_that_are_not_tokens_are_told_from_five_percent_on(tokens: int, said: bool) -> None:
    _, tally = read("openai-chat", chat(100, tokens))
    assert (f"100 text events carry {tokens} tokens: an event is not a token" in tally.notes) == said


def test_one_token_that_ends_the_text_is_no_difference() -> None:
    data = sse({"choices": [{"delta": {"content": "a"}}]}, {"choices": [{"delta": {}, "finish_reason": "stop"}]})
    _, tally = read("openai-chat", data + sse({"choices": [], "usage": {"completion_tokens": 2}}))
    assert len(tally.notes) == 1


def test_reasoning_that_was_not_streamed_is_not_missed() -> None:
    hidden = {"completion_tokens_details": {"reasoning_tokens": 500}}
    assert len(read("openai-chat", chat(100, 600, **hidden))[1].notes) == 1
    shown = sse(*[{"choices": [{"delta": {"reasoning_content": "a"}}]}] * 500)
    assert len(read("openai-chat", shown + chat(100, 600, **hidden))[1].notes) == 1
    assert len(read("openai-chat", shown + chat(100, 100, **hidden))[1].notes) == 2


def test_usage_is_added_up_over_responses_and_replaced_within_one() -> None:
    reports = [("a", 1), ("a", 2), ("b", 5), ("b", 7)]
    data = sse(*({"id": name, "choices": [], "usage": {"completion_tokens": n}} for name, n in reports))
    assert read("openai-chat", data)[1].usage == {"completion": 9}


@pytest.mark.parametrize(
    "event",
    [
        {"error": {"message": "Over\x1b[31mloaded", "code": 529}},
        {"type": "error", "error": {"message": "Over\x1b[31mloaded"}},
        {"type": "error", "message": "Over\x1b[31mloaded"},
        {"error": "Over\x1b[31mloaded"},
    ],
)
@pytest.mark.parametrize("name", ["openai-chat", "anthropic-messages", "openai-responses"])
def test_an_error_of_the_provider_is_told_without_its_control_characters(name: str, event: dict[str, Any]) -> None:
    frames, tally = read(name, sse(event))
    assert (frames, tally.notes) == ([], ["the provider reported an error: 'Over\\x1b[31mloaded'"])
    assert tally.skipped == {"event without text": 1}
