"""Anthropic Messages: `event: content_block_delta`, `data: {"type":"content_block_delta","delta":{"type":"text_delta"...`.

There is one choice, no log probability, and no time; several tokens come in one event.
"""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from midstream_cli.frames import Kind, StreamInfo, TokenFrame
from midstream_cli.recordings import TokenRecording
from midstream_cli.streams.events import Event, event_with, sent_event
from midstream_cli.streams.json_object import JsonObject
from midstream_cli.streams.tally import Tally
from midstream_cli.streams.token_log import Usage, decode_events, written
from midstream_cli.streams.transports import ByteStream

KIND: Kind = "token"

DELTAS = {
    "text_delta": ("text", "text"),
    "thinking_delta": ("thinking", "thinking"),
    "input_json_delta": ("tool_call", "partial_json"),
}
"""Deltas that bring text: its kind, and the field that holds it. Signatures are not text."""

_EVENT = event_with(rb'"type"\s*:\s*"(?:message_(?:start|delta|stop)|content_block_(?:start|delta|stop))"')


def sniff(head: bytes) -> bool:
    """Whether there is an event of a message or of a content block."""
    return (b'"message_' in head or b'"content_block_' in head) and _EVENT.search(head) is not None


def decode(stream: ByteStream, tally: Tally, info: StreamInfo) -> Iterator[TokenRecording]:
    """Read text, thinking, input of tools and cited text."""
    return decode_events(stream, tally, info, _frames)


def _frames(event: Event, usage: Usage) -> Iterator[TokenFrame]:
    data = event.data
    match data.text("type") or event.name:
        case "message_start":
            message = data.object("message")
            _report(message.text("id"), message.object("usage"), usage)
        case "content_block_delta":
            kind, text = _delta(data.object("delta"))
            if text:
                yield TokenFrame(event.time_ns, text, kind=kind)
        case "message_delta":
            counts = data.object("usage")
            _report(None, counts, usage)
            usage.report(None, completion=counts.whole("output_tokens"))
            finish = data.object("delta").text("stop_reason")
            if finish:
                yield TokenFrame(event.time_ns, "", kind="finish", finish=finish)


def _delta(delta: JsonObject) -> tuple[str, str]:
    """Kind and text."""
    name = delta.text("type")
    if name == "citations_delta":
        return "citation", delta.object("citation").text("cited_text")
    kind, field = DELTAS.get(name, ("", ""))
    return kind, delta.text(field) if field else ""


def _report(response: str | None, counts: JsonObject, usage: Usage) -> None:
    """Take the prompt's tokens, those read from and written to the cache included; the final count comes at the end."""
    parts = [counts.whole(f"{part}input_tokens") for part in ("", "cache_creation_", "cache_read_")]
    usage.report(response, prompt=None if parts[0] is None else sum(part or 0 for part in parts))


def encode(recording: TokenRecording) -> Iterator[bytes]:
    """Write events as the server sends them. Times and log probabilities are lost: the protocol has none.

    A finish that stood on an event with text becomes an event of its own.

    Raises:
        FormatError: the recording has refusals, or several choices.
    """
    kinds = ("text", "thinking", "tool_call", "citation", "finish")
    frames = written(recording, "anthropic-messages", kinds, one_choice=True)
    return (sent_event(data, data["type"]) for data in chain.from_iterable(_messages(frames)))


def _messages(frames: list[TokenFrame]) -> Iterator[list[Mapping[str, Any]]]:
    """The events of each frame: a message begins with the first and after each finish, a block where the kind changes."""
    index, block = -1, ""
    for frame in frames:
        sent: list[Mapping[str, Any]] = []
        if index < 0:
            sent += _started()
            index = 0
        wanted = "text" if frame.kind == "citation" else frame.kind
        if frame.text and wanted != block:
            sent += [{"type": "content_block_stop", "index": index}] if block else []
            index, block = index + bool(block), wanted
            sent += [{"type": "content_block_start", "index": index, "content_block": _block(wanted)}]
        if frame.text:
            sent += [{"type": "content_block_delta", "index": index, "delta": _sent_delta(frame)}]
        if frame.finish:
            sent += [{"type": "content_block_stop", "index": index}] if block else []
            sent += [{"type": "message_delta", "delta": {"stop_reason": frame.finish, "stop_sequence": None}}]
            sent += [{"type": "message_stop"}]
            index, block = -1, ""
        yield sent


def _started() -> list[Mapping[str, Any]]:
    message = {"id": "msg_midstream", "type": "message", "role": "assistant", "model": "midstream", "content": []}
    return [{"type": "message_start", "message": message}]


def _block(kind: str) -> dict[str, Any]:
    match kind:
        case "thinking":
            return {"type": "thinking", "thinking": "", "signature": ""}
        case "tool_call":
            return {"type": "tool_use", "id": "toolu_midstream", "name": "tool", "input": {}}
    return {"type": "text", "text": ""}


def _sent_delta(frame: TokenFrame) -> dict[str, Any]:
    if frame.kind == "citation":
        return {"type": "citations_delta", "citation": {"type": "char_location", "cited_text": frame.text}}
    name = next(name for name, (kind, _) in DELTAS.items() if kind == frame.kind)
    return {"type": name, DELTAS[name][1]: frame.text}
