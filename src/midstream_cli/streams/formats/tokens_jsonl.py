"""midstream's own token log: `{"time_ns":1753879075170000000,"text":" Why","choice":0,"kind":"text","logprob":-0.1,...`.

The first line is a header, `{"format":"midstream-tokens","version":1,"source":...,"clock":...}`. A recorder that was
killed leaves a last line that is cut; it is counted, and everything before it is read.
"""

from collections.abc import Iterator
from dataclasses import replace
from math import isfinite
from typing import get_args

from midstream_cli.errors import FormatError
from midstream_cli.frames import TOKEN_KINDS, Clock, Kind, StreamInfo, TokenFrame
from midstream_cli.recordings import TokenRecording
from midstream_cli.streams.events import Event, event_with, events, json_line
from midstream_cli.streams.json_object import JsonObject
from midstream_cli.streams.tally import Tally
from midstream_cli.streams.token_log import LAST_CHOICE, TIMELESS
from midstream_cli.streams.transports import ByteStream

KIND: Kind = "token"

NAME, VERSION = "midstream-tokens", 1

_HEADER = event_with(rb'"format"\s*:\s*"midstream-tokens"')


def sniff(head: bytes) -> bool:
    """Whether there is a header."""
    return b'"midstream-tokens"' in head and _HEADER.search(head) is not None


def decode(stream: ByteStream, tally: Tally, info: StreamInfo) -> Iterator[TokenRecording]:
    """Read the rows; logs that were joined have further headers, which are skipped.

    Raises:
        FormatError: a newer version of midstream wrote it.
    """
    clock: Clock | None = None
    for batch in events(stream, tally):
        frames = []
        for event in batch:
            if event.data.values.get("format") == NAME:
                clock = clock or _clock(event.data)
                tally.skipped["header"] += 1
            else:
                frames += _frame(event)
        if frames:
            clock = clock or ("host" if frames[0].time_ns else "none")
            if clock == "none":
                tally.note(TIMELESS)
                frames = [replace(frame, time_ns=0) for frame in frames]
            yield TokenRecording.of(replace(info, clock=clock), frames)


def _clock(header: JsonObject) -> Clock | None:
    version = header.whole("version", VERSION) or 0
    if version > VERSION:
        raise FormatError(f"a token log of version {version}; this midstream reads {VERSION}", "update midstream")
    said = header.text("clock")
    clocks: dict[str, Clock] = {name: name for name in get_args(Clock)}
    if said not in clocks:
        header.tally.fault("clock unknown", header.where)
    return clocks.get(said)


def _frame(event: Event) -> list[TokenFrame]:
    """The frame of a row; none where a field that it needs is damaged."""
    row, kind = event.data, event.data.text("kind") or "text"
    time_ns, choice = row.whole("time_ns"), row.whole("choice", 0, LAST_CHOICE)
    if kind not in TOKEN_KINDS:
        row.tally.fault("kind unknown", event.where)
    elif "text" not in row.values or "time_ns" not in row.values:
        row.tally.fault("row without text or time", event.where)
    elif time_ns is not None and choice is not None:
        return [TokenFrame(time_ns, row.text("text"), choice, kind, row.number("logprob"), row.text("finish"))]
    return []


def header(info: StreamInfo) -> bytes:
    """The first line."""
    return json_line({"format": NAME, "version": VERSION, "source": info.source, "clock": info.clock})


def row(frame: TokenFrame) -> bytes:
    """The line of one event."""
    return json_line(
        {
            "time_ns": frame.time_ns,
            "text": frame.text,
            "choice": frame.choice,
            "kind": frame.kind,
            "logprob": frame.logprob if isfinite(frame.logprob) else None,
            "finish": frame.finish,
        }
    )


def encode(recording: TokenRecording) -> Iterator[bytes]:
    """Write a header, then a line for each event: nothing is lost."""
    yield header(recording.info)
    for frame in recording:
        yield row(frame)
