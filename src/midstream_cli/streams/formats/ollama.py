"""Ollama, chat and generate: `{"model":"llama3","created_at":"2024-05-24T20:26:46.294874Z","message":{...},"done":...`.

The one provider that says when each event was made, in nanoseconds.
"""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from math import isnan, nan
from typing import Any

from midstream_cli.frames import Kind, StreamInfo, TokenFrame
from midstream_cli.recordings import TokenRecording
from midstream_cli.streams.events import Event, event_with, json_line
from midstream_cli.streams.json_object import JsonObject
from midstream_cli.streams.tally import Tally
from midstream_cli.streams.token_log import Piece, Usage, decode_events, logprobs, total_logprob, with_finish, written
from midstream_cli.streams.transports import ByteStream

KIND: Kind = "token"

SECOND_NS = 1_000_000_000

_CREATED, _DONE = event_with(rb'"created_at"\s*:\s*"'), event_with(rb'"done"\s*:\s*(?:true|false)')
_RFC3339 = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?(?:[Zz]|([+-])(\d\d):(\d\d))", re.ASCII
)


def sniff(head: bytes) -> bool:
    """Whether there are lines with `created_at` and `done`."""
    return b'"created_at"' in head and b'"done"' in head and bool(_CREATED.search(head) and _DONE.search(head))


def decode(stream: ByteStream, tally: Tally, info: StreamInfo) -> Iterator[TokenRecording]:
    """Read text, thinking and tool calls, at the time the server made them: Unix time, from any offset.

    An event whose `created_at` cannot be read is counted and passed over. Where servers that imitate Ollama leave it
    out, the time of arrival stands in.
    """
    latest_ns = 0

    def frames(event: Event, usage: Usage) -> Iterator[TokenFrame]:
        nonlocal latest_ns
        _report(event.data, event.where, usage)
        created = event.data.text("created_at")
        time_ns = unix_ns(created) if created else event.time_ns or latest_ns
        if time_ns is None:
            tally.fault("created_at unreadable", event.where)
            return
        latest_ns = time_ns
        finish = (event.data.text("done_reason") or "stop") if event.data.values.get("done") is True else ""
        yield from with_finish(_pieces(event.data), finish, 0, time_ns)

    return decode_events(stream, tally, info, frames)


def _pieces(data: JsonObject) -> list[Piece]:
    """Everything in an event; a call of a tool comes whole."""
    message = data.object("message")
    calls = [call.object("function").object("arguments").values for call in message.objects("tool_calls")]
    texts = [("thinking", message.text("thinking") or data.text("thinking"))]
    texts += [("text", message.text("content") or data.text("response"))]
    texts += [("tool_call", json.dumps(arguments, ensure_ascii=False)) for arguments in calls]
    logprob = total_logprob(logprobs(data, "logprobs"))
    pieces = [(kind, text) for kind, text in texts if text]
    return [(kind, text, nan if i else logprob) for i, (kind, text) in enumerate(pieces)]


def _report(data: JsonObject, response: str, usage: Usage) -> None:
    counts = {"prompt": data.whole("prompt_eval_count"), "completion": data.whole("eval_count")}
    if any(count is not None for count in counts.values()):
        usage.report(response, **counts)


def unix_ns(text: str) -> int | None:
    """Nanoseconds since 1970 of an RFC 3339 time with up to nine digits after the point; None where it is not one.

    Digits beyond the ninth are cut off. Times outside of 1970 to 2262, such as a server's zero time, are none.
    """
    match = _RFC3339.fullmatch(text)
    if not match:
        return None
    day, clock, fraction, sign, hours, minutes = match.groups()
    try:
        local = datetime.fromisoformat(f"{day}T{clock}+00:00")
    except ValueError:
        return None
    offset_s = (int(hours) * 3600 + int(minutes) * 60) * (-1 if sign == "-" else 1) if sign else 0
    time_ns = (int(local.timestamp()) - offset_s) * SECOND_NS + int((fraction or "0").ljust(9, "0"))
    return time_ns if 0 <= time_ns < 1 << 63 else None


def encode(recording: TokenRecording) -> Iterator[bytes]:
    """Write a chat as the server streams it; tool calls come whole there, so pieces of them have no place.

    Raises:
        FormatError: the recording has tool calls, refusals or citations, or several choices.
    """
    frames = written(recording, "ollama", ("text", "thinking", "finish"), one_choice=True)
    first_ns = frames[0].time_ns if frames else 0
    for frame in frames:
        field = "thinking" if frame.kind == "thinking" else "content"
        message = {"role": "assistant", "content": ""} | {field: frame.text}
        line: dict[str, Any] = {"model": "midstream", "created_at": _rfc3339(frame.time_ns), "message": message}
        if not isnan(frame.logprob):
            line["logprobs"] = [{"token": frame.text, "logprob": frame.logprob}]
        if frame.finish:
            line |= {"done_reason": frame.finish, "done": True, "total_duration": frame.time_ns - first_ns}
        yield json_line(line if frame.finish else line | {"done": False})


def _rfc3339(time_ns: int) -> str:
    seconds, fraction = divmod(time_ns, SECOND_NS)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{fraction:09d}Z"
