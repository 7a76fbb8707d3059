"""Recorded token streams, read against a slow reading in plain Python and against the figures known of them."""

import json
from dataclasses import dataclass
from datetime import datetime
from math import isnan, nan
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from token_reading import TOKEN_FORMATS, counts, patient, places, plain, read

from midstream_cli.frames import TokenFrame
from midstream_cli.recordings import TokenRecording, concatenate
from midstream_cli.streams import formats
from midstream_cli.streams.source import open_source
from midstream_cli.streams.tally import Tally

TIMELESS = "the stream has no time per event, so there are no latencies"


@dataclass(frozen=True)
class Known:
    """What is known of a file."""

    format: str
    frames: int
    texts: int
    usage: dict[str, int]
    skipped: dict[str, int]
    begins: str
    ends: str
    finish: str
    note: str = ""


KNOWN = {
    "anthropic_messages_text.sse": Known(
        "anthropic-messages",
        frames=71,
        texts=70,
        usage={"prompt": 17, "completion": 171},
        skipped={"ping": 1, "event without text": 4},
        begins="Here's an OpenTelemetry-themed joke",
        ends="tech-themed jokes!",
        finish="end_turn",
        note="70 text events carry 171 tokens: an event is not a token",
    ),
    "anthropic_tools.sse": Known(
        "anthropic-messages",
        frames=30,
        texts=29,
        usage={"prompt": 514, "completion": 165},
        skipped={"ping": 1, "event without text": 10},
        begins="Certainly! I'd be happy to help",
        ends='{"timezone": "America/New_York"}',
        finish="tool_use",
        note="29 events carry 165 tokens: an event is not a token",
    ),
    "azure_chat.sse": Known(
        "openai-chat",
        frames=25,
        texts=24,
        usage={},
        skipped={"[DONE]": 1, "event without text": 2},
        begins="Why did the Opentelemetry developer",
        ends=" traces!",
        finish="stop",
    ),
    "deepseek_chat_long.sse": Known(
        "openai-chat",
        frames=700,
        texts=699,
        usage={"prompt": 9, "completion": 698},
        skipped={"[DONE]": 1, "event without text": 1},
        begins="**OpenTelemetry",
        ends=" specific aspect?",
        finish="stop",
    ),
    "groq_chat.sse": Known(
        "openai-chat",
        frames=73,
        texts=72,
        usage={"prompt": 18, "completion": 73},
        skipped={"[DONE]": 1, "event without text": 1},
        begins="A joke about OpenTelemetry",
        ends=" your face!)",
        finish="stop",
    ),
    "ollama_chat_llama3.ndjson": Known(
        "ollama",
        frames=50,
        texts=49,
        usage={"prompt": 17, "completion": 50},
        skipped={},
        begins="Why did the OpenTelemetry agent go to therapy?",
        ends=" your face!)",
        finish="stop",
    ),
    "ollama_generate_llama3.ndjson": Known(
        "ollama",
        frames=71,
        texts=70,
        usage={"prompt": 17, "completion": 71},
        skipped={},
        begins="A joke about OpenTelemetry!",
        ends=" stages of development!)",
        finish="stop",
    ),
    "openai_inline_569c_refusal_logprobs.sse": Known(
        "openai-chat",
        frames=12,
        texts=11,
        usage={"prompt": 79, "completion": 12, "reasoning": 0},
        skipped={"[DONE]": 1, "event without text": 2},
        begins="I'm very",
        ends=" that.",
        finish="stop",
    ),
    "openai_inline_83b0.sse": Known(
        "openai-chat",
        frames=3,
        texts=2,
        usage={"prompt": 9, "completion": 2, "reasoning": 0},
        skipped={"[DONE]": 1, "event without text": 2},
        begins="Foo!",
        ends="Foo!",
        finish="stop",
    ),
    "openai_inline_a491.sse": Known(
        "openai-chat",
        frames=45,
        texts=42,
        usage={"prompt": 79, "completion": 42, "reasoning": 0},
        skipped={"[DONE]": 1, "event without text": 4},
        begins='{"{"{"',
        ends='"}"}"}',
        finish="stop",
    ),
    "openai_responses_unicorn_2026-03.sse": Known(
        "openai-responses",
        frames=80,
        texts=79,
        usage={"prompt": 18, "completion": 80, "reasoning": 0},
        skipped={"event without text": 7},
        begins="Once upon a time",
        ends=" the enchanted forest.",
        finish="completed",
    ),
    "vercel_openai-chat-text.chunks.txt": Known(
        "openai-chat",
        frames=301,
        texts=300,
        usage={"prompt": 16, "completion": 300, "reasoning": 0},
        skipped={"event without text": 2},
        begins="**Holiday Name",
        ends=".",
        finish="stop",
    ),
    "vllm_completions.sse": Known(
        "openai-completions",
        frames=20,
        texts=20,
        usage={},
        skipped={"[DONE]": 1},
        begins='.\n\n"Human"',
        ends=' Open Telemetry network."',
        finish="length",
    ),
}
FILES = sorted(KNOWN)


def slow_objects(path: Path) -> list[dict[str, Any]]:
    """The JSON objects of a log: whatever is between braces on a line."""
    lines = (line.removeprefix("data:").strip() for line in path.read_text(encoding="utf-8").split("\n"))
    return [json.loads(line) for line in lines if line.startswith("{")]


def slow_frames(item: dict[str, Any]) -> list[tuple[int, str, str, float, str]]:
    """Choice, kind, text, log probability and finish of an object of any provider in the files."""
    match item:
        case {"choices": list(choices)}:
            found = []
            for choice in choices:
                delta, logprobs = choice.get("delta", {}), choice.get("logprobs") or {}
                name = "refusal" if delta.get("refusal") else "content"
                text = delta.get(name) or choice.get("text") or ""
                kind = "refusal" if name == "refusal" else "text" if text else "finish"
                tokens = logprobs.get(name) or []
                logprob = sum(token["logprob"] for token in tokens) if tokens else nan
                found.append((choice["index"], kind, text, logprob, choice["finish_reason"] or ""))
        case {"type": "content_block_delta", "delta": {"text": text}}:
            found = [(0, "text", text, nan, "")]
        case {"type": "content_block_delta", "delta": {"partial_json": text}}:
            found = [(0, "tool_call", text, nan, "")]
        case {"type": "message_delta", "delta": {"stop_reason": reason}}:
            found = [(0, "finish", "", nan, reason)]
        case {"type": "response.output_text.delta", "delta": text}:
            found = [(0, "text", text, nan, "")]
        case {"type": "response.completed"}:
            found = [(0, "finish", "", nan, "completed")]
        case {"created_at": str(), "done": done}:
            text = item["message"]["content"] if "message" in item else item["response"]
            found = [(0, "finish" if done else "text", text, nan, item["done_reason"] if done else "")]
        case _:
            found = []
    return [row for row in found if row[2] or row[4]]


def opened(path: Path) -> tuple[TokenRecording, str, Tally]:
    with open_source(str(path)) as source:
        pieces = [piece for piece in source if isinstance(piece, TokenRecording)]
        return concatenate(pieces), source.info.format, source.tally


def unknown(value: float) -> float | None:
    return None if isnan(value) else value


def test_every_recorded_token_stream_is_known_here(data: Path) -> None:
    assert sorted(path.name for path in (data / "tokens").iterdir()) == FILES


@pytest.mark.parametrize("name", FILES)
def test_a_recorded_stream_is_read_as_a_slow_reading_reads_it(data: Path, name: str) -> None:
    path = data / "tokens" / name
    recording, _, tally = opened(path)
    expected = [row for item in slow_objects(path) for row in slow_frames(item)]
    assert [(f.choice, f.kind, f.text, unknown(f.logprob), f.finish) for f in recording] == [
        (choice, kind, text, unknown(logprob), finish) for choice, kind, text, logprob, finish in expected
    ]
    assert tally.bad == 0


@pytest.mark.parametrize("name", FILES)
def test_a_recorded_stream_has_the_counts_known_of_it(data: Path, name: str) -> None:
    known = KNOWN[name]
    recording, form, tally = opened(data / "tokens" / name)
    text = "".join(recording.text)
    assert (form, len(recording), int((recording.text != "").sum())) == (known.format, known.frames, known.texts)
    assert (tally.usage, dict(tally.skipped)) == (known.usage, known.skipped)
    assert (text.startswith(known.begins), text.endswith(known.ends)) == (True, True)
    assert recording.finish[-1] == known.finish
    timed = known.format == "ollama"
    assert tally.notes == [note for note in ("" if timed else TIMELESS, known.note) if note]
    assert recording.info.clock == ("host" if timed else "none")
    assert recording.time_ns.any() == timed


@pytest.mark.parametrize("name", FILES)
def test_every_line_of_a_recorded_stream_is_accounted_for(data: Path, name: str) -> None:
    path = data / "tokens" / name
    _, _, tally = opened(path)
    objects = slow_objects(path)
    with_frames = sum(bool(slow_frames(item)) for item in objects)
    assert with_frames + tally.skipped.total() == len(objects) + tally.skipped["[DONE]"]


@pytest.mark.parametrize("name", FILES)
def test_a_recorded_stream_reads_the_same_however_it_is_cut(data: Path, name: str) -> None:
    content = (data / "tokens" / name).read_bytes()
    whole, tally = read(KNOWN[name].format, content)
    expected = plain(whole), counts(tally)

    @patient
    @given(places)
    def cut_anywhere(at: list[int]) -> None:
        frames, again = read(KNOWN[name].format, content, at)
        assert (plain(frames), counts(again)) == expected

    if len(content) < 30_000:
        cut_anywhere()
    frames, again = read(KNOWN[name].format, content, range(0, len(content), 97))
    assert (plain(frames), counts(again)) == expected


@pytest.mark.parametrize("name", FILES)
def test_a_recorded_stream_is_claimed_by_one_format_only(data: Path, name: str) -> None:
    head = (data / "tokens" / name).read_bytes()[: 1 << 16]
    assert [form for form in formats.names() if formats.load(form).sniff(head)] == [KNOWN[name].format]


def test_no_token_format_claims_a_recording_of_channel_state(data: Path) -> None:
    recordings = [path for path in sorted((data / "csi").rglob("*")) if path.is_file()]
    assert len(recordings) > 20
    for path in recordings:
        head = path.read_bytes()[: 1 << 20]
        assert [name for name in TOKEN_FORMATS if formats.load(name).sniff(head)] == []


@pytest.mark.parametrize(
    ("name", "rate_hz"), [("ollama_chat_llama3.ndjson", 31.05), ("ollama_generate_llama3.ndjson", 31.08)]
)
def test_ollama_s_times_are_exact_and_give_the_known_rate(data: Path, name: str, rate_hz: float) -> None:
    path = data / "tokens" / name
    recording, _, _ = opened(path)
    zero = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
    since = [datetime.fromisoformat(item["created_at"]) - zero for item in slow_objects(path)]
    assert recording.time_ns.tolist() == [
        (passed.days * 86_400 + passed.seconds) * 10**9 + passed.microseconds * 1000 for passed in since
    ]
    passed_s = (recording.time_ns[-1] - recording.time_ns[0]) / 1e9
    assert round((len(recording) - 1) / passed_s, 2) == rate_hz


def test_three_choices_that_came_interleaved_are_three_whole_answers(data: Path) -> None:
    recording, _, _ = opened(data / "tokens" / "openai_inline_a491.sse")
    answers = ["".join(recording.text[recording.choice == choice]) for choice in range(3)]
    assert [sorted(json.loads(answer)) for answer in answers] == [["city", "temperature", "units"]] * 3
    assert recording.finish[-3:].tolist() == ["stop"] * 3


def test_the_deltas_of_a_response_are_the_text_it_says_it_was(data: Path) -> None:
    path = data / "tokens" / "openai_responses_unicorn_2026-03.sse"
    recording, _, _ = opened(path)
    whole = slow_objects(path)[-1]["response"]["output"][0]["content"][0]["text"]
    assert "".join(recording.text) == whole


def test_the_pieces_of_tool_calls_are_whole_objects(data: Path) -> None:
    recording, _, _ = opened(data / "tokens" / "anthropic_tools.sse")
    calls = "".join(frame.text for frame in recording if frame.kind == "tool_call")
    first, end = json.JSONDecoder().raw_decode(calls)
    assert first == {"location": "New York, NY", "unit": "fahrenheit"}
    assert json.loads(calls[end:]) == {"timezone": "America/New_York"}


def test_log_probabilities_of_a_refusal_are_those_of_its_tokens(data: Path) -> None:
    recording, _, _ = opened(data / "tokens" / "openai_inline_569c_refusal_logprobs.sse")
    assert [frame.kind for frame in recording] == ["refusal"] * 11 + ["finish"]
    assert recording.frame(0) == TokenFrame(0, "I'm", 0, "refusal", -0.0012038043)
    assert recording.frame(10).logprob == -0.57687104


def test_a_cassette_with_recorded_streams_is_read_like_the_streams(data: Path, tmp_path: Path) -> None:
    import yaml

    bodies = [(data / "tokens" / name).read_bytes() for name in FILES]
    interactions = [{"request": {"uri": "x"}, "response": {"body": {"string": body.decode()}}} for body in bodies]
    path = tmp_path / "cassette.yaml"
    path.write_text(yaml.safe_dump({"interactions": interactions, "version": 1}, sort_keys=True))
    recording, form, tally = opened(path)
    assert form == "vcr"
    assert list(recording.text) == [
        frame.text for name, body in zip(FILES, bodies, strict=True) for frame in read(KNOWN[name].format, body)[0]
    ]
    assert len(set(recording.choice.tolist())) == len(FILES) + 2
    assert tally.usage["completion"] == sum(known.usage.get("completion", 0) for known in KNOWN.values())
    assert tally.bad == 0
