"""What the tests of all token formats use: reading bytes cut anywhere, comparing frames, and drawing some."""

import itertools
import json
from collections.abc import Iterable, Sequence
from dataclasses import astuple
from math import isnan
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from midstream_cli.frames import StreamInfo, TokenFrame
from midstream_cli.recordings import TokenRecording
from midstream_cli.streams import formats
from midstream_cli.streams.tally import Tally
from midstream_cli.streams.transports import ByteStream, Chunk

TOKEN_FORMATS = (
    "anthropic-messages",
    "ollama",
    "openai-chat",
    "openai-completions",
    "openai-responses",
    "tokens-jsonl",
    "vcr",
)


def cut(data: bytes, places: Iterable[int]) -> list[bytes]:
    """The same bytes in pieces."""
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[a:b] for a, b in itertools.pairwise(edges)]


def pieces_of(name: str, chunks: Sequence[Chunk]) -> tuple[list[TokenRecording], Tally]:
    """Chunks read as a format: its recordings, and its counts."""
    tally = Tally()
    stream = ByteStream(iter(chunks), live=any(chunk.time_ns for chunk in chunks))
    pieces = list(formats.load(name).decode(stream, tally, StreamInfo(source="test", format=name, kind="token")))
    return pieces, tally  # type: ignore[return-value]


def read(name: str, data: bytes, places: Iterable[int] = ()) -> tuple[list[TokenFrame], Tally]:
    """Bytes, cut at some places, read as a format."""
    pieces, tally = pieces_of(name, [Chunk(part) for part in cut(data, places)])
    return [frame for piece in pieces for frame in piece], tally


def sse(*data: Any) -> bytes:
    """Objects as server-sent events, written as servers write them; text stands for itself."""
    texts = (item if isinstance(item, str) else json.dumps(item) for item in data)
    return "".join(f"data: {text}\n\n" for text in texts).encode()


def plain(frames: Iterable[TokenFrame]) -> list[tuple[Any, ...]]:
    """Frames as tuples that compare equal where NaN stands for nothing on both sides."""
    return [
        tuple(None if isinstance(value, float) and isnan(value) else value for value in astuple(frame))
        for frame in frames
    ]


def written(name: str, frames: Sequence[TokenFrame]) -> bytes:
    """Frames as a format writes them."""
    recording = TokenRecording.of(StreamInfo(source="test", format=name, kind="token", clock="host"), frames)
    return b"".join(formats.load(name).encode(recording))  # type: ignore[attr-defined]


def counts(tally: Tally) -> tuple[Any, ...]:
    """All that a tally holds, for comparison."""
    return dict(tally.faults), tally.examples, dict(tally.skipped), tally.usage, tally.notes


patient = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""The machine may be busy; how long an example takes says nothing."""

places = st.lists(st.integers(0, 1 << 20), max_size=12)
logprobs = st.just(float("nan")) | st.floats(-50, 0)
texts = st.text(min_size=1, max_size=12)


def frames_of(kinds: Sequence[str], choices: int = 1, timed: bool = False) -> st.SearchStrategy[list[TokenFrame]]:
    """Lists of frames such as providers send: text that is not empty, or a finish."""
    times = st.integers(0, (1 << 63) - 1) if timed else st.just(0)
    choice = st.integers(0, choices - 1)
    text = st.builds(
        TokenFrame, times, texts, choice, st.sampled_from(kinds), logprobs, st.sampled_from(["", "", "length"])
    )
    finish = st.builds(
        TokenFrame, times, st.just(""), choice, st.just("finish"), finish=st.sampled_from(["stop", "length"])
    )
    return st.lists(text | finish, max_size=12)
