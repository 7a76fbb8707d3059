"""OpenAI legacy completions, of vLLM and llama.cpp too: `data: {"object":"text_completion","choices":[{"text":...`."""

from collections.abc import Iterator
from math import isnan

from midstream_cli.frames import Kind, StreamInfo, TokenFrame
from midstream_cli.recordings import TokenRecording
from midstream_cli.streams.events import DONE, Event, event_with, sent_event
from midstream_cli.streams.formats.openai_chat import chunk_head, report_usage
from midstream_cli.streams.tally import Tally
from midstream_cli.streams.token_log import LAST_CHOICE, Usage, decode_events, total_logprob, with_finish, written
from midstream_cli.streams.transports import ByteStream

KIND: Kind = "token"

_CHUNK = event_with(rb'"object"\s*:\s*"text_completion"')


def sniff(head: bytes) -> bool:
    """Whether there is an event that calls itself a text completion."""
    return b'"text_completion"' in head and _CHUNK.search(head) is not None


def decode(stream: ByteStream, tally: Tally, info: StreamInfo) -> Iterator[TokenRecording]:
    """Read the text of each choice; `created` is the time of the request, so a recorded stream has no times."""
    return decode_events(stream, tally, info, _frames)


def _frames(event: Event, usage: Usage) -> Iterator[TokenFrame]:
    report_usage(event.data, usage)
    for choice in event.data.objects("choices"):
        index = choice.whole("index", 0, LAST_CHOICE)
        if index is not None:
            text = choice.text("text")
            pieces = (
                [("text", text, total_logprob(choice.object("logprobs").numbers("token_logprobs")))] if text else []
            )
            yield from with_finish(pieces, choice.text("finish_reason"), index, event.time_ns)


def encode(recording: TokenRecording) -> Iterator[bytes]:
    """Write chunks as a server sends them. Times are lost: the protocol has none.

    Raises:
        FormatError: the recording has events other than text.
    """
    frames = written(recording, "openai-completions", ("text", "finish"))
    head = chunk_head("cmpl", "text_completion", recording)
    for frame in frames:
        tokens = None if isnan(frame.logprob) else {"tokens": [frame.text], "token_logprobs": [frame.logprob]}
        choice = {"index": frame.choice, "text": frame.text, "logprobs": tokens}
        yield sent_event(head | {"choices": [choice | {"finish_reason": frame.finish or None}]})
    yield b"data: " + DONE + b"\n\n"
