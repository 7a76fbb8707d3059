"""OpenAI Responses: which events bring text, and how a response ends."""

from typing import Any

import pytest
from token_reading import plain, read, sse


def frames_of(*data: Any) -> list[tuple[Any, ...]]:
    frames, tally = read("openai-responses", sse(*data))
    assert tally.bad == 0
    return plain(frames)


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ("output_text", "text"),
        ("refusal", "refusal"),
        ("reasoning_text", "thinking"),
        ("reasoning_summary_text", "thinking"),
        ("function_call_arguments", "tool_call"),
        ("custom_tool_call_input", "tool_call"),
        ("mcp_call_arguments", "tool_call"),
        ("code_interpreter_call_code", "tool_call"),
    ],
)
def test_a_delta_becomes_a_frame_of_its_kind_and_output(event: str, kind: str) -> None:
    data = {"type": f"response.{event}.delta", "output_index": 3, "delta": "x", "obfuscation": "ab"}
    assert frames_of(data) == [(0, "x", 3, kind, None, "")]


def test_what_repeats_the_whole_text_makes_no_frame() -> None:
    done = {"type": "response.output_text.done", "output_index": 0, "text": "xyz"}
    assert frames_of(done, {"type": "response.in_progress", "response": {"error": None}}) == []


def test_the_type_may_stand_in_the_event_line_only() -> None:
    frames, _ = read("openai-responses", b'event: response.output_text.delta\ndata: {"delta":"x"}\n\n')
    assert [frame.text for frame in frames] == ["x"]


def test_log_probabilities_of_several_tokens_are_added_up() -> None:
    tokens = [{"token": "a", "logprob": -0.25}, {"token": "b", "logprob": -0.5}]
    data = {"type": "response.output_text.delta", "delta": "ab", "logprobs": tokens}
    assert frames_of(data)[0][4] == -0.75


@pytest.mark.parametrize(
    ("kind", "response", "finish"),
    [
        ("completed", {"status": "completed", "incomplete_details": None}, "completed"),
        ("incomplete", {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}, "max_output_tokens"),
        ("failed", {"status": "failed"}, "failed"),
        ("failed", {}, "failed"),
    ],
)  # fmt: skip
def test_a_response_ends_with_its_last_output(kind: str, response: dict[str, Any], finish: str) -> None:
    data = {"type": f"response.{kind}", "response": response | {"output": [{}, {}]}}
    assert frames_of(data) == [(0, "", 1, "finish", None, finish)]


def test_a_failure_is_told() -> None:
    response = {"status": "failed", "error": {"code": "server_error", "message": "no luck"}}
    _, tally = read("openai-responses", sse({"type": "response.failed", "response": response}))
    assert "the provider reported an error: 'no luck'" in tally.notes


def test_usage_is_counted() -> None:
    usage = {"input_tokens": 3, "output_tokens": 80, "output_tokens_details": {"reasoning_tokens": 64}}
    _, tally = read("openai-responses", sse({"type": "response.completed", "response": {"id": "r", "usage": usage}}))
    assert tally.usage == {"prompt": 3, "completion": 80, "reasoning": 64}
