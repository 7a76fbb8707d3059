"""OpenAI chat completions, and all who speak it: `data: {"object":"chat.completion.chunk","choices":[{"delta":...`.

Azure, DeepSeek, Groq, vLLM, llama.cpp and others send the same chunks. They also come one JSON object a line. `created`
is the time of the request, the same in every chunk, so a recorded stream has no times.
"""

from collections.abc import Iterator
from math import isnan, nan
from typing import Any

from midstream_cli.frames import Kind, StreamInfo, TokenFrame
from midstream_cli.recordings import TokenRecording
from midstream_cli.streams.events import DONE, Event, event_with, sent_event
from midstream_cli.streams.json_object import JsonObject
from midstream_cli.streams.tally import Tally
from midstream_cli.streams.token_log import (
    LAST_CHOICE,
    Piece,
    Usage,
    decode_events,
    logprobs,
    total_logprob,
    with_finish,
    written,
)
from midstream_cli.streams.transports import ByteStream

KIND: Kind = "token"

_CHUNK = event_with(rb'"object"\s*:\s*"chat\.completion\.chunk"')


def sniff(head: bytes) -> bool:
    """Whether there is an event that calls itself a chunk of a chat completion; Azure's first one does not."""
    return b'"chat.completion.chunk"' in head and _CHUNK.search(head) is not None


def decode(stream: ByteStream, tally: Tally, info: StreamInfo) -> Iterator[TokenRecording]:
    """Read content, reasoning, refusals and arguments of tool calls.

    Where one event carries the log probabilities of several tokens, the frame has their sum. A finish reason stands on
    the text it came with, else on a frame of its own.
    """
    return decode_events(stream, tally, info, _frames)


def _frames(event: Event, usage: Usage) -> Iterator[TokenFrame]:
    report_usage(event.data, usage)
    for choice in event.data.objects("choices"):
        index = choice.whole("index", 0, LAST_CHOICE)
        if index is not None:
            pieces = _pieces(choice.object("delta"), choice.object("logprobs"))
            yield from with_finish(pieces, choice.text("finish_reason"), index, event.time_ns)


def _pieces(delta: JsonObject, tokens: JsonObject) -> list[Piece]:
    # servers in transition send their reasoning under both names
    texts = [("thinking", delta.text("reasoning_content") or delta.text("reasoning"))]
    texts += [("text", delta.text("content")), ("refusal", delta.text("refusal"))]
    texts += [("tool_call", call.object("function").text("arguments")) for call in delta.objects("tool_calls")]
    texts += [("tool_call", delta.object("function_call").text("arguments"))]
    content, refusal = (total_logprob(logprobs(tokens, name)) for name in ("content", "refusal"))
    pieces: list[Piece] = []
    for kind, text in texts:
        if text and kind == "refusal":
            pieces.append((kind, text, refusal))
        elif text:
            pieces.append((kind, text, content))
            content = nan
    return pieces


def report_usage(data: JsonObject, usage: Usage) -> None:
    """Take `usage`, which comes with the finish or in a chunk after it; Groq has it in `x_groq`."""
    counts = data.object("usage") if data.values.get("usage") is not None else data.object("x_groq").object("usage")
    if counts.values:
        usage.report(
            data.text("id"),
            prompt=counts.whole("prompt_tokens"),
            completion=counts.whole("completion_tokens"),
            reasoning=counts.object("completion_tokens_details").whole("reasoning_tokens"),
        )


def encode(recording: TokenRecording) -> Iterator[bytes]:
    """Write chunks as a server sends them. Times are lost: the protocol has none.

    Raises:
        FormatError: the recording has citations.
    """
    frames = written(recording, "openai-chat", ("text", "thinking", "tool_call", "refusal", "finish"))
    head = chunk_head("chatcmpl", "chat.completion.chunk", recording)
    for frame in frames:
        field = "refusal" if frame.kind == "refusal" else "content"
        tokens = None if isnan(frame.logprob) else {field: [{"token": frame.text, "logprob": frame.logprob}]}
        choice = {"index": frame.choice, "delta": _delta(frame), "logprobs": tokens}
        yield sent_event(head | {"choices": [choice | {"finish_reason": frame.finish or None}]})
    yield b"data: " + DONE + b"\n\n"


def chunk_head(prefix: str, kind: str, recording: TokenRecording) -> dict[str, Any]:
    """What every chunk of a stream begins with."""
    created = int(recording.time_ns[0]) // 1_000_000_000 if len(recording) else 0
    return {"id": f"{prefix}-midstream", "object": kind, "created": created, "model": "midstream"}


def _delta(frame: TokenFrame) -> dict[str, Any]:
    match frame.kind:
        case "thinking":
            return {"reasoning_content": frame.text}
        case "tool_call":
            return {"tool_calls": [{"index": 0, "function": {"arguments": frame.text}}]}
        case "refusal":
            return {"refusal": frame.text}
        case "text":
            return {"content": frame.text}
    return {}
