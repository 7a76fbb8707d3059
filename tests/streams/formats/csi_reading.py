"""Channel-state formats put to work on bytes: decoded, written, and drawn at random."""

from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from midstream_cli.frames import StreamInfo
from midstream_cli.recordings import CsiRecording, concatenate
from midstream_cli.streams.source import Source, open_source
from midstream_cli.streams.tally import Tally
from midstream_cli.streams.transports import ByteStream, Chunk


def decode(module: ModuleType, *chunks: bytes) -> tuple[CsiRecording, Tally]:
    """What a format reads, as one recording; and what it counted."""
    tally = Tally()
    stream = ByteStream(Chunk(chunk) for chunk in chunks)
    pieces = list(module.decode(stream, tally, StreamInfo("test", module.__name__.rpartition(".")[2])))
    return concatenate(pieces) if pieces else CsiRecording.build(StreamInfo(), [], np.zeros((0, 0))), tally


def open_csi(path: Path, *, keep_bad: bool = True) -> tuple[CsiRecording, Source]:
    """All frames of a file, in whichever format it is."""
    with open_source(str(path), keep_bad=keep_bad) as source:
        return concatenate([piece for piece in source if isinstance(piece, CsiRecording)]), source


def cut(text: bytes, at: Iterable[int]) -> list[bytes]:
    """The same bytes in pieces."""
    edges = [0, *sorted(at), len(text)]
    return [text[begin:end] for begin, end in pairwise(edges)]


def assert_equal(one: CsiRecording, other: CsiRecording, meta: Iterable[str] | None = None) -> None:
    """Every column of two recordings, and their `meta` or part of it, are equal."""
    for name in ("time_ns", "node", "csi", "offsets", "rssi", "noise_floor", "channel", "seq", "segment"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)
    for name in other.meta if meta is None else meta:
        np.testing.assert_array_equal(one.meta[name], other.meta[name], err_msg=name)


@st.composite
def recordings(draw: st.DrawFn, /, largest: int, **meta: st.SearchStrategy[Any]) -> CsiRecording:
    """Frames with whole samples, as a board with the fields of `meta` sends them."""
    n = draw(st.integers(1, 6))

    def column(values: st.SearchStrategy[Any]) -> Any:
        return np.array(draw(st.lists(values, min_size=n, max_size=n)))

    counts = column(st.integers(1, 4))
    total = 2 * int(counts.sum())
    parts = draw(st.lists(st.integers(-largest - 1, largest), min_size=total, max_size=total))
    waits_us = column(st.integers(0, 50_000_000))
    uptime_us = draw(st.integers(0, (1 << 32) - 1)) + np.cumsum(waits_us) - waits_us[0]
    return CsiRecording.build(
        StreamInfo(),
        uptime_us * 1000,
        np.array(parts[::2]) + 1j * np.array(parts[1::2]),
        offsets=np.concatenate([[0], np.cumsum(counts)]),
        node=column(st.integers(0, (1 << 48) - 1)),
        rssi=column(st.one_of(st.just(np.nan), st.integers(-127, -1))),
        noise_floor=column(st.one_of(st.just(np.nan), st.integers(-127, -1))),
        channel=column(st.integers(1, 177)),
        seq=column(st.integers(0, (1 << 32) - 1)),
        meta={name: column(values) for name, values in meta.items()},
    )
