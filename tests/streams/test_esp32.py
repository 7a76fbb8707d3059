"""From lines to frames: clocks, gaps and samples."""

import numpy as np
import pytest

from midstream_cli.frames import CsiRecording, StreamInfo, concatenate
from midstream_cli.streams.esp32 import complex_samples, decode_lines
from midstream_cli.streams.formats import csi_recv
from midstream_cli.streams.tally import Tally
from midstream_cli.streams.transports import ByteStream, Chunk

SECOND_NS = 1_000_000_000


def line(time_us: int) -> bytes:
    head = f"CSI_DATA,7,1a:00:00:00:00:00,-57,11,1,0,1,1,1,0,0,0,1,-96,0,11,2,{time_us},0,44,0,4,1"
    return f'{head},"[44,-64,2,0]"\n'.encode()


def decode(stream: ByteStream) -> tuple[CsiRecording, Tally]:
    tally = Tally()
    return concatenate(list(decode_lines(stream, tally, StreamInfo(), csi_recv.FIELDS))), tally


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


@pytest.mark.parametrize("kind", ["int8", "int16", "int64"])
def test_the_imaginary_part_comes_first(kind: str) -> None:
    values = np.array([84, -64, 4, 0, -128, 127]).astype(kind)
    assert complex_samples(values).tolist() == [-64 + 84j, 0 + 4j, 127 - 128j]
    assert complex_samples(values[:0]).tolist() == []
