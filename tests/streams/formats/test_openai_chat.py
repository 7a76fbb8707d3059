"""OpenAI chat completions: what stands where in a chunk."""

from math import isnan
from typing import Any

import pytest
from token_reading import plain, read, sse


def chunk(delta: dict[str, Any], index: int = 0, **more: Any) -> dict[str, Any]:
    choice = {"index": index, "delta": delta, "finish_reason": None} | more
    return {"id": "c", "object": "chat.completion.chunk", "created": 1753879075170, "choices": [choice]}


def frames_of(*data: Any) -> list[tuple[Any, ...]]:
    frames, tally = read("openai-chat", sse(*data))
    assert tally.bad == 0
    return plain(frames)


@pytest.mark.parametrize(
    ("delta", "kind"),
    [
        ({"content": "x"}, "text"),
        ({"refusal": "x"}, "refusal"),
        ({"reasoning_content": "x"}, "thinking"),
        ({"reasoning": "x"}, "thinking"),
        ({"reasoning": "x", "reasoning_content": "x"}, "thinking"),
        ({"tool_calls": [{"index": 0, "function": {"name": "f", "arguments": "x"}}]}, "tool_call"),
        ({"function_call": {"arguments": "x"}}, "tool_call"),
    ],
)
def test_a_delta_becomes_one_frame_of_its_kind(delta: dict[str, Any], kind: str) -> None:
    assert frames_of(chunk(delta)) == [(0, "x", 0, kind, None, "")]


def test_everything_in_a_delta_becomes_a_frame_in_the_order_it_is_generated() -> None:
    calls = [{"index": i, "function": {"arguments": text}} for i, text in enumerate(["c", "d"])]
    delta = {"tool_calls": calls, "content": "b", "reasoning": "a"}
    assert [(row[1], row[3], row[5]) for row in frames_of(chunk(delta, finish_reason="tool_calls"))] == [
        ("a", "thinking", ""),
        ("b", "text", ""),
        ("c", "tool_call", ""),
        ("d", "tool_call", "tool_calls"),
    ]


@pytest.mark.parametrize("delta", [{}, {"content": ""}, {"content": None}, {"role": "assistant", "refusal": None}])
def test_a_delta_without_text_makes_no_frame(delta: dict[str, Any]) -> None:
    assert frames_of(chunk(delta)) == []


@pytest.mark.parametrize("delta", [{}, {"content": ""}, {"content": None}])
def test_a_finish_without_text_is_a_frame_of_its_own(delta: dict[str, Any]) -> None:
    assert frames_of(chunk(delta, 2, finish_reason="stop")) == [(0, "", 2, "finish", None, "stop")]


def test_a_finish_with_text_stands_on_the_text() -> None:
    assert frames_of(chunk({"content": "."}, finish_reason="length")) == [(0, ".", 0, "text", None, "length")]


def test_log_probabilities_of_several_tokens_in_an_event_are_added_up() -> None:
    tokens = [{"token": "a", "logprob": -0.25}, {"token": "b", "logprob": -0.5}, {"token": "c", "logprob": None}]
    rows = frames_of(
        chunk({"content": "ab"}, logprobs={"content": tokens, "refusal": None}),
        chunk({"refusal": "ab"}, logprobs={"content": None, "refusal": tokens}),
        chunk({"reasoning_content": "ab"}, logprobs={"content": tokens}),
        chunk({"content": "ab"}, logprobs={"content": []}),
    )
    assert [row[4] for row in rows] == [-0.75, -0.75, -0.75, None]


def test_choices_in_one_event_are_told_apart() -> None:
    event = chunk({"content": "a"})
    event["choices"] += chunk({"content": "b"}, 1)["choices"]
    assert [(row[1], row[2]) for row in frames_of(event)] == [("a", 0), ("b", 1)]


def test_a_choice_without_a_number_is_the_first() -> None:
    assert [row[2] for row in frames_of({"choices": [{"delta": {"content": "a"}}]})] == [0]


@pytest.mark.parametrize(
    "place",
    [
        {"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 1}},
        chunk({}, finish_reason="stop") | {"usage": {"prompt_tokens": 3, "completion_tokens": 1}},
        chunk({}, finish_reason="stop") | {"x_groq": {"usage": {"prompt_tokens": 3, "completion_tokens": 1}}},
        {"usage": None, "choices": [], "x_groq": {"usage": {"prompt_tokens": 3, "completion_tokens": 1}}},
    ],
)
def test_usage_is_found_wherever_it_is(place: dict[str, Any]) -> None:
    _, tally = read("openai-chat", sse(chunk({"content": "a"}), place))
    assert tally.usage == {"prompt": 3, "completion": 1}


def test_usage_that_is_broken_does_not_cost_the_text() -> None:
    frames, tally = read("openai-chat", sse(chunk({"content": "a"}) | {"usage": "x"}))
    assert frames[0].text == "a"
    assert isnan(frames[0].logprob)
    assert tally.faults == {"usage is not an object": 1}


def test_created_in_milliseconds_and_padding_are_of_no_concern() -> None:
    frames, tally = read("openai-chat", sse(chunk({"content": "a"}) | {"obfuscation": "Qup1BsQ3"}))
    assert [(frame.text, frame.kind, frame.time_ns) for frame in frames] == [("a", "text", 0)]
    assert tally.bad == 0
