"""OpenAI Responses: `event: response.output_text.delta`, `data: {"type":"response.output_text.delta","delta":...`."""

from collections.abc import Iterator

from midstream_cli.frames import Kind, StreamInfo, TokenFrame
from midstream_cli.recordings import TokenRecording
from midstream_cli.streams.events import Event, event_with
from midstream_cli.streams.json_object import JsonObject
from midstream_cli.streams.tally import Tally
from midstream_cli.streams.token_log import LAST_CHOICE, Usage, decode_events, logprobs, note_error, total_logprob
from midstream_cli.streams.transports import ByteStream

KIND: Kind = "token"

DELTAS = {
    "response.output_text.delta": "text",
    "response.refusal.delta": "refusal",
    "response.reasoning_text.delta": "thinking",
    "response.reasoning_summary_text.delta": "thinking",
    "response.function_call_arguments.delta": "tool_call",
    "response.custom_tool_call_input.delta": "tool_call",
    "response.mcp_call_arguments.delta": "tool_call",
    "response.code_interpreter_call_code.delta": "tool_call",
}
"""Events that bring text in `delta`, and its kind."""

ENDS = ("response.completed", "response.incomplete", "response.failed")

_EVENT = event_with(rb'"type"\s*:\s*"response\.[a-z_]+[."]')


def sniff(head: bytes) -> bool:
    """Whether there is an event of a type that begins with `response.`."""
    return b'"response.' in head and _EVENT.search(head) is not None


def decode(stream: ByteStream, tally: Tally, info: StreamInfo) -> Iterator[TokenRecording]:
    """Read the deltas; the choice is `output_index`, which counts messages, reasoning and tool calls of one response.

    The whole response ends with a finish frame of its last output.
    """
    return decode_events(stream, tally, info, _frames)


def _frames(event: Event, usage: Usage) -> Iterator[TokenFrame]:
    data = event.data
    kind = data.text("type") or event.name
    if kind in DELTAS:
        text, index = data.text("delta"), data.whole("output_index", 0, LAST_CHOICE)
        if text and index is not None:
            yield TokenFrame(event.time_ns, text, index, DELTAS[kind], total_logprob(logprobs(data, "logprobs")))
    elif kind in ENDS:
        response = data.object("response")
        note_error(response, data.tally)
        _report(response, usage)
        reason = response.object("incomplete_details").text("reason") or response.text("status")
        last = max(len(response.objects("output")) - 1, 0)
        yield TokenFrame(event.time_ns, "", last, "finish", finish=reason or kind.removeprefix("response."))


def _report(response: JsonObject, usage: Usage) -> None:
    counts = response.object("usage")
    if counts.values:
        usage.report(
            response.text("id"),
            prompt=counts.whole("input_tokens"),
            completion=counts.whole("output_tokens"),
            reasoning=counts.object("output_tokens_details").whole("reasoning_tokens"),
        )
