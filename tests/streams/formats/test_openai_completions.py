"""OpenAI legacy completions: text, log probabilities and the end."""

from typing import Any

import pytest
from token_reading import plain, read, sse


def chunk(text: str, **more: Any) -> dict[str, Any]:
    choice = {"index": 0, "text": text, "logprobs": None, "finish_reason": None, "stop_reason": None} | more
    return {"object": "text_completion", "choices": [choice], "usage": None}


def frames_of(*data: Any) -> list[tuple[Any, ...]]:
    frames, tally = read("openai-completions", sse(*data))
    assert tally.bad == 0
    return plain(frames)


def test_text_becomes_a_frame_of_its_choice() -> None:
    assert frames_of(chunk("a"), chunk("b", index=2)) == [(0, "a", 0, "text", None, ""), (0, "b", 2, "text", None, "")]


def test_a_finish_stands_on_its_text_or_on_its_own() -> None:
    rows = frames_of(chunk(".", finish_reason="length"), chunk("", finish_reason="stop"), chunk(""))
    assert rows == [(0, ".", 0, "text", None, "length"), (0, "", 0, "finish", None, "stop")]


@pytest.mark.parametrize(
    ("logprobs", "total"),
    [([-0.25, -0.5], -0.75), ([None, -0.5], -0.5), ([None], None), ([], None), (None, None)],
)
def test_log_probabilities_are_added_up_without_those_of_an_echoed_prompt(logprobs: Any, total: float | None) -> None:
    rows = frames_of(chunk("a", logprobs={"tokens": ["a"], "token_logprobs": logprobs}))
    assert [row[4] for row in rows] == [total]


def test_usage_is_counted() -> None:
    usage = {"prompt_tokens": 3, "completion_tokens": 1}
    _, tally = read("openai-completions", sse(chunk("a"), {"object": "text_completion", "choices": [], "usage": usage}))
    assert tally.usage == {"prompt": 3, "completion": 1}
