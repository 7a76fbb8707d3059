"""What any format writes is read back as far as the format can carry it, and taken for no other format."""

from dataclasses import replace
from typing import Any, cast

import numpy as np
import pytest
from any_recording import bits
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.frames import Kind, StreamInfo
from midstream_cli.recordings import CsiRecording, Recording, TokenRecording, concatenate
from midstream_cli.streams import formats
from midstream_cli.streams.formats import WritableFormat
from midstream_cli.streams.source import FIRST_LOOK
from midstream_cli.streams.tally import Tally
from midstream_cli.streams.transports import ByteStream, Chunk
from strategies import cuts, few, of_kind, seeds, spans

FRAME = ("csi", "offsets", "node")
LINE = (*FRAME, "time_ns", "rssi", "channel")
TOKEN = ("text", "kind", "logprob", "finish")
TABLE = ("time_ns",)
CARRIES: dict[tuple[str, Kind], tuple[str, ...]] = {
    ("esp32-csi-tool", "csi"): LINE,
    ("csi-recv", "csi"): (*LINE, "seq"),
    ("csi-recv-c5c6", "csi"): (*LINE, "seq"),
    ("console-test", "csi"): (*LINE, "seq"),
    ("nexmon", "csi"): (*LINE, "seq"),
    ("ruview-udp", "csi"): (*FRAME, "rssi", "channel", "seq"),
    ("ruview-jsonl", "csi"): (*FRAME, "time_ns", "rssi"),
    ("rvcsi", "csi"): (*LINE, "seq"),
    ("csv", "csi"): (*LINE, "seq"),
    ("npz", "csi"): (*LINE, "seq"),
    ("parquet", "csi"): (*LINE, "seq"),
    ("csv", "numeric"): TABLE,
    ("npz", "numeric"): TABLE,
    ("parquet", "numeric"): TABLE,
    ("anthropic-messages", "token"): ("text", "kind"),
    ("ollama", "token"): (*TOKEN, "time_ns"),
    ("openai-chat", "token"): (*TOKEN, "choice"),
    ("openai-completions", "token"): (*TOKEN, "choice"),
    ("tokens-jsonl", "token"): (*TOKEN, "choice", "time_ns"),
}
"""By format and kind of stream, the columns that come back to the last bit; of numbers, all of them."""

SINCE_BOOT = ("esp32-csi-tool", "csi-recv", "csi-recv-c5c6", "console-test")
"""Formats whose times are a board's counter of 32 bits; others hold Unix time."""

every = pytest.mark.parametrize(("name", "kind"), CARRIES)


def drawn(name: str, kind: Kind, seed: int, n: int) -> Recording:
    """A recording that is within the limits of every format: whole samples of a byte, whole microseconds, a small node."""
    recording = of_kind(kind, seed, n, clock="host")
    if isinstance(recording, TokenRecording):
        return recording.take(recording.text != "")
    start_us = 0 if name in SINCE_BOOT else 1_700_000_000_000_000
    times = (recording.time_ns // 1000 + start_us) * 1000
    if isinstance(recording, CsiRecording):
        samples = np.tile(recording.matrix(), 4) + 0  # integers have no negative zero
        return CsiRecording.build(
            recording.info,
            times,
            samples,
            node=np.full(n, 7),
            rssi=recording.rssi,
            channel=recording.channel,
            seq=recording.seq,
        )
    return replace(recording, time_ns=times)


def written(name: str, recording: Recording) -> bytes:
    return b"".join(cast(WritableFormat, formats.load(name)).encode(recording))


def read(name: str, kind: Kind, pieces: list[bytes]) -> tuple[Recording, Tally]:
    tally, info = Tally(), StreamInfo("test", name, kind)
    stream = ByteStream(Chunk(piece) for piece in pieces)
    found: Any = list(formats.load(name).decode(stream, tally, info))
    return concatenate(found), tally


def test_every_format_that_can_write_is_here() -> None:
    assert {name for name, _ in CARRIES} == set(formats.writable())


@every
@few
@given(seeds, st.integers(1, 12), cuts)
def test_what_is_written_is_read_back_however_it_is_cut(
    name: str, kind: Kind, seed: int, n: int, places: list[int]
) -> None:
    recording = drawn(name, kind, seed, n)
    if not len(recording):
        return
    text = written(name, recording)
    again, tally = read(name, kind, [text[span] for span in spans(len(text), places)])
    for column in CARRIES[name, kind]:
        assert bits(getattr(again, column)) == bits(getattr(recording, column)), column
    if kind == "numeric":
        assert numbers_of(again) == numbers_of(recording)
    assert (tally.bad, tally.lost, tally.resets, tally.dropped.total()) == (0, 0, 0, 0)


def numbers_of(recording: Recording) -> dict[str, object]:
    columns: dict[str, Any] = recording.columns  # type: ignore[union-attr, assignment]
    return {name: bits(values) for name, values in columns.items()}


@every
@few
@given(seeds, st.integers(2, 30))
def test_what_is_written_is_claimed_by_its_own_format_only(name: str, kind: Kind, seed: int, n: int) -> None:
    recording = drawn(name, kind, seed, n)
    if not len(recording):
        return
    head = written(name, recording)[:FIRST_LOOK]
    assert [form for form in formats.names() if formats.load(form).sniff(head)] == [name]
