"""A source: a transport and a format put together, yielding recordings piece by piece."""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Self

import numpy as np

from midstream_cli.errors import FormatError
from midstream_cli.frames import StreamInfo
from midstream_cli.recordings import CsiRecording, Recording
from midstream_cli.streams import formats, transports
from midstream_cli.streams.encoding import as_utf8, encoding_of, start_as_utf8
from midstream_cli.streams.tally import Tally
from midstream_cli.streams.transports import ByteStream, Chunk, Patience

FIRST_LOOK, SNIFF_BYTES = 1 << 16, 1 << 20
"""A stream that no format knows by then is of no format we know: boot logs are shorter."""

UNKNOWN_S = 3.0
"""A live stream that no format knows after so long is talked about; it may be that its beginning is still to come."""

LOOK_AGAIN = 17 / 16
"""How much longer than last time a stream must be to be looked at again while its bytes are coming."""


@dataclass(slots=True)
class Source:
    """An open stream of frames. Iterating reads it once; `tally` counts as it goes."""

    info: StreamInfo
    stream: ByteStream
    pieces: Iterator[Recording]
    tally: Tally = field(default_factory=Tally)

    @property
    def live(self) -> bool:
        """Frames come at the sender's pace."""
        return self.stream.live

    def __iter__(self) -> Iterator[Recording]:
        return self.pieces

    def close(self) -> None:
        """Let go of the port, socket or file."""
        self.stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_source(
    url: str,
    *,
    input_format: str | None = None,
    patience: Patience | None = None,
    say: Callable[[str], None] | None = None,
    keep_bad: bool = False,
    frame_rate_hz: float | None = None,
) -> Source:
    """Open a stream of frames.

    Args:
        url: a path, `-`, or a URL of a known transport.
        input_format: a name of `formats.names()`; told by the content where it is not given.
        patience: how long a live transport waits.
        say: called with a sentence when a live source goes away and comes back, or sends what nothing knows; from
            whichever thread reads.
        frame_rate_hz: how fast frames came, for recordings that carry no times.
        keep_bad: keep frames whose receiver said that they are damaged (`rx_state`).

    Raises:
        SourceError: the bytes cannot be had.
        FormatError: nothing knows what they are, or they cannot be of the format that was named.
        UsageError: the scheme or the format does not exist.
    """
    tally = Tally()
    patience = patience or Patience()
    if say:
        patience = replace(patience, say=say)
    stream = transports.load(url).open_stream(url, patience, tally)
    name = input_format or ("midstream" if stream.path and stream.path.is_dir() else None)
    try:
        name, encoding, chunks = _recognised(stream, url, name, patience.say)
        module = formats.load(name)
    except BaseException:
        stream.close()
        raise
    stream.chunks = as_utf8(chunks, encoding) if encoding else chunks
    stream.frame_rate_hz = frame_rate_hz
    info = StreamInfo(source=url, format=name, kind=module.KIND)
    pieces = module.decode(stream, tally, info)
    if frame_rate_hz:
        pieces = with_times(pieces, frame_rate_hz)
    return Source(info, stream, pieces if keep_bad else without_damaged(pieces, tally), tally)


def _recognised(
    stream: ByteStream, url: str, name: str | None, say: Callable[[str], None]
) -> tuple[str, str | None, Iterator[Chunk]]:
    """The format and the encoding of a stream, and its chunks, those that were read to find out first."""
    if stream.path and stream.path.is_dir():
        if name != "midstream":
            raise FormatError(f"{url} is a recording of midstream, not {name}", "leave --input-format out")
        return name, None, stream.chunks
    read: list[Chunk] = []
    head = bytearray()
    # messages that are lines need not end them
    lines = bytearray()
    looked_at = 0
    speak_s: float | None = None
    for chunk in chain(stream.chunks, [Chunk(b"")]):
        if chunk.data:
            read.append(chunk)
            head += chunk.data
            if stream.datagrams:
                lines += chunk.data if chunk.data.endswith(b"\n") else chunk.data + b"\n"
            speak_s = speak_s or time.monotonic() + UNKNOWN_S
        if stream.live and speak_s is not None and time.monotonic() > speak_s:
            say(f"nothing known reads {url} so far, which began with {_start(head)}; --input-format names its format")
            speak_s = math.inf
        # many small chunks are looked at when they are some more, or when nothing comes for a while
        if len(head) == looked_at or (chunk.data and len(head) < LOOK_AGAIN * looked_at):
            continue
        looked_at = len(head)
        encoding = encoding_of(head)
        text = start_as_utf8(head, encoding) if encoding else head
        found = name or _format_of(text) or (_format_of(lines) if lines else None)
        if found:
            return found, encoding, chain(read, stream.chunks)
        if len(head) >= SNIFF_BYTES:
            break
    if name and not head:
        return name, None, iter(())
    if not head:
        raise FormatError(f"{url} is empty", "record something into it first")
    raise FormatError(
        f"nothing known reads {url}, which begins with {_start(head)}",
        f"name its format with --input-format; known are {', '.join(formats.names())}",
    )


def _format_of(text: bytes | bytearray) -> str | None:
    found = formats.recognise(bytes(text[:FIRST_LOOK]))
    return formats.recognise(bytes(text)) if not found and len(text) > FIRST_LOOK else found


def _start(head: bytearray) -> str:
    return repr(bytes(head[:40])).removeprefix("b")


def with_times(pieces: Iterator[Recording], frame_rate_hz: float) -> Iterator[Recording]:
    """Give frames without times those they have at an even rate."""
    position = 0
    for piece in pieces:
        if piece.info.clock == "none":
            times = np.round(np.arange(position, position + len(piece)) * (1e9 / frame_rate_hz)).astype(np.int64)
            position += len(piece)
            piece = replace(piece, info=replace(piece.info, clock="device"), time_ns=times)
        yield piece


def without_damaged(pieces: Iterator[Recording], tally: Tally) -> Iterator[Recording]:
    """Leave out, and count, the frames that the receiver itself called damaged."""
    for piece in pieces:
        if isinstance(piece, CsiRecording) and "rx_state" in piece.meta:
            good = piece.meta["rx_state"] == 0
            if not good.all():
                tally.dropped["damaged on the air (rx_state)"] += int((~good).sum())
                piece = piece.take(good)
        if len(piece):
            yield piece
