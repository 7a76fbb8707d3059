"""From lines to frames: clocks, gaps, streams that are joined and left in mid-line, and samples."""

from collections.abc import Iterator
from types import ModuleType

import numpy as np
import pytest
from any_recording import all_bits
from csi_logs import chunks, logs
from hypothesis import given, settings
from hypothesis import strategies as st

from midstream_cli.frames import StreamInfo
from midstream_cli.recordings import CsiRecording, concatenate
from midstream_cli.streams.esp32 import complex_samples
from midstream_cli.streams.formats import console_test, csi_recv, csi_recv_c5c6, esp32_csi_amplitude, esp32_csi_tool
from midstream_cli.streams.tally import Tally
from midstream_cli.streams.transports import ByteStream, Chunk

SECOND_NS = 1_000_000_000


def line(time_us: int) -> bytes:
    head = f"CSI_DATA,7,1a:00:00:00:00:00,-57,11,1,0,1,1,1,0,0,0,1,-96,0,11,2,{time_us},0,44,0,4,1"
    return f'{head},"[44,-64,2,0]"\n'.encode()


def decode(stream: ByteStream, module: ModuleType = csi_recv) -> tuple[CsiRecording, Tally]:
    tally = Tally()
    pieces = list(module.decode(stream, tally, StreamInfo()))
    return concatenate(pieces) if pieces else CsiRecording.build(StreamInfo(), [], np.zeros((0, 0))), tally


def arriving(time_us: list[int], at_s: list[float], *, sender_waits: bool = False) -> ByteStream:
    """Lines that come one by one, at these times after some moment."""
    base_ns = 1_700_000_000 * SECOND_NS
    chunks = [Chunk(line(us), base_ns + round(s * 1e9)) for us, s in zip(time_us, at_s, strict=True)]
    return ByteStream(iter(chunks), live=True, sender_waits=sender_waits)


LOOKS_LIKE_A_WRAP = [2_400_000_000, 2_400_010_000, 90_000_000]


def test_live_the_times_of_arrival_tell_a_restart_from_a_wrap() -> None:
    restarted, tally = decode(arriving(LOOKS_LIKE_A_WRAP, [0.0, 0.01, 95.01]))
    assert restarted.segment.tolist() == [0, 0, 1]
    assert restarted.time_ns[2] - restarted.time_ns[1] == 95 * SECOND_NS
    assert tally.resets == 1
    wrapped, tally = decode(arriving(LOOKS_LIKE_A_WRAP, [0.0, 0.01, 1984.957]))
    assert wrapped.time_ns[2] - wrapped.time_ns[1] == ((1 << 32) + 90_000_000 - 2_400_010_000) * 1000
    assert tally.resets == 0


def test_times_of_arrival_mean_nothing_where_the_sender_waited() -> None:
    recording, _ = decode(arriving(LOOKS_LIKE_A_WRAP, [0.0, 0.01, 95.01], sender_waits=True))
    assert recording.segment.tolist() == [0, 0, 0]


def test_times_of_arrival_are_no_times_of_the_host() -> None:
    recording, _ = decode(arriving([1000, 2000], [0.0, 0.001]))
    assert np.isnan(recording.meta["host_time_s"]).all()


def test_no_record_goes_on_past_a_gap() -> None:
    chunks = [Chunk(line(1000) + line(2000)[:60]), Chunk(line(3000)[70:] + line(4000), gap=True)]
    recording, tally = decode(ByteStream(iter(chunks)))
    assert recording.time_ns.tolist() == [1_000_000, 4_000_000]
    assert tally.faults["record cut short"] == 1


LINES = [line(1000 * i) for i in range(1, 5)]
STARTS = np.cumsum([0, *map(len, LINES)])


def left_in_mid_line(text: bytes, size: int = 1 << 16) -> ByteStream:
    """A live stream of these bytes, which is stopped before the next ones."""

    def coming() -> Iterator[Chunk]:
        for at in range(0, len(text), size):
            yield Chunk(text[at : at + size], 1)
        stream.stopped = True
        yield Chunk(b"never read", 1)

    stream = ByteStream(coming(), live=True)
    return stream


@pytest.mark.parametrize("size", [7, 1 << 16])
@given(st.integers(0, STARTS[-1]), st.integers(0, STARTS[-1]))
def test_a_live_stream_may_be_joined_and_left_anywhere(size: int, one: int, other: int) -> None:
    begin, end = sorted((one, other))
    recording, tally = decode(left_in_mid_line(b"".join(LINES)[begin:end], size))
    whole = [i for i in range(len(LINES)) if STARTS[i] >= begin and STARTS[i + 1] <= end]
    assert recording.time_ns.tolist() == [1_000_000 * (i + 1) for i in whole]
    assert tally.bad == 0
    assert set(tally.skipped) <= {"line cut by joining", "line cut by stopping", "other text"}
    assert tally.skipped["line cut by stopping"] == int(end not in STARTS and end > begin)


OPENING = LINES[0].index(b'"[')


@pytest.mark.parametrize("cut", [*range(1, OPENING), *range(OPENING + 2, LINES[0].index(b"]") + 1)])
def test_half_a_record_is_a_fault_in_a_file_and_none_where_a_live_stream_is_joined(cut: int) -> None:
    half, good = LINES[0][cut:], LINES[1]
    live, live_tally = decode(ByteStream(iter([Chunk(half + good, 1)]), live=True))
    filed, filed_tally = decode(ByteStream(iter([Chunk(half + good)])))
    assert all_bits(live) == all_bits(filed)
    assert filed.time_ns.tolist() == [2_000_000]
    assert (live_tally.faults, live_tally.skipped) == ({}, {"line cut by joining": 1})
    assert (filed_tally.faults, filed_tally.skipped) == ({"record without a beginning": 1}, {})


def test_what_was_left_in_a_buffer_before_a_live_stream_was_joined_is_no_fault() -> None:
    stale = LINES[0][:50] + LINES[1] + LINES[0][:50] + b"\n" + LINES[2]
    recording, tally = decode(ByteStream(iter([Chunk(stale, 1)]), live=True))
    assert recording.time_ns.tolist() == [2_000_000, 3_000_000]
    assert tally.skipped == {"line cut by joining": 1}
    assert (tally.faults, tally.examples) == ({"record cut short": 1}, {"record cut short": "line 2"})


def test_a_live_stream_is_joined_again_after_a_gap() -> None:
    pieces = Chunk(LINES[0] + LINES[1][:60], 1), Chunk(LINES[2][70:], 2, gap=True), Chunk(LINES[3], 3)
    recording, tally = decode(ByteStream(iter(pieces), live=True))
    assert recording.time_ns.tolist() == [1_000_000, 4_000_000]
    assert (tally.faults, tally.skipped) == ({"record cut short": 1}, {"line cut by joining": 1})


def test_a_message_is_whole_and_its_damage_a_fault() -> None:
    pieces = Chunk(LINES[0][60:], 1), Chunk(LINES[1], 2)
    _, tally = decode(ByteStream(iter(pieces), live=True, datagrams=True))
    assert tally.faults == {"record without a beginning": 1}


@pytest.mark.parametrize("live", [False, True])
def test_a_last_line_that_its_sender_did_not_end_is_read_or_a_fault(live: bool) -> None:
    recording, tally = decode(ByteStream(iter([Chunk(LINES[0] + LINES[1][:-1])]), live=live))
    assert (recording.time_ns.tolist(), tally.bad) == ([1_000_000, 2_000_000], 0)
    recording, tally = decode(ByteStream(iter([Chunk(LINES[0] + LINES[1][:-9])]), live=live))
    assert (recording.time_ns.tolist(), tally.faults) == ([1_000_000], {"record cut short": 1})


FORMATS = esp32_csi_tool, esp32_csi_amplitude, csi_recv, csi_recv_c5c6, console_test


@pytest.mark.parametrize("module", FORMATS, ids=lambda module: module.__name__.rpartition(".")[2])
@given(data=st.data())
@settings(max_examples=40)
def test_any_log_gives_the_same_frames_and_counts_however_it_is_cut(module: ModuleType, data: st.DataObject) -> None:
    text = data.draw(logs(module.FIELDS))
    whole, expected = decode(ByteStream(iter([Chunk(text)])), module)
    pieces, tally = decode(ByteStream(Chunk(piece) for piece in data.draw(chunks(text))), module)
    assert all_bits(pieces) == all_bits(whole)
    assert tally == expected


@pytest.mark.parametrize("kind", ["int8", "int16", "int64"])
def test_the_imaginary_part_comes_first(kind: str) -> None:
    values = np.array([84, -64, 4, 0, -128, 127]).astype(kind)
    assert complex_samples(values).tolist() == [-64 + 84j, 0 + 4j, 127 - 128j]
    assert complex_samples(values[:0]).tolist() == []
