"""rvCSI captures: usable frames kept, the others counted, samples checked against what is said of them."""

import json
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from midstream_cli.frames import StreamInfo
from midstream_cli.recordings import CsiRecording, concatenate
from midstream_cli.streams.formats import rvcsi
from midstream_cli.streams.tally import Tally
from midstream_cli.streams.transports import ByteStream, Chunk

INFO = StreamInfo(source="test", format="rvcsi")
HEADER = {
    "rvcsi_capture_version": 1,
    "session_id": 7,
    "source_id": "file:lab.rvcsi",
    "adapter_profile": {"adapter_kind": "Esp32", "chip": "ESP32-S3"},
    "created_unix_ns": 0,
}


def frame(number: int = 0, **other: Any) -> dict[str, Any]:
    """A frame as rvCSI writes it, of the sample 3 + 4j and its like."""
    return {
        "frame_id": number,
        "session_id": 7,
        "source_id": "esp32",
        "adapter_kind": "Esp32",
        "timestamp_ns": 1_000_000 * (number + 1),
        "channel": 6,
        "bandwidth_mhz": 20,
        "rssi_dbm": -55,
        "noise_floor_dbm": None,
        "antenna_index": 0,
        "tx_chain": None,
        "rx_chain": 1,
        "subcarrier_count": 3,
        "i_values": [3.0, 0.0, -1.0],
        "q_values": [4.0, 2.0, 0.0],
        "amplitude": [5.0, 2.0, 1.0],
        "phase": [0.9272952, 1.5707964, 3.1415927],
        "validation": "Accepted",
        "quality_score": 0.95,
        "calibration_version": None,
        **other,
    }


def lines(*records: Any) -> bytes:
    return b"".join((r if isinstance(r, bytes) else json.dumps(r).encode()) + b"\n" for r in records)


def decoded(*chunks: bytes) -> tuple[CsiRecording, Tally]:
    tally = Tally()
    pieces = list(rvcsi.decode(ByteStream(iter(map(Chunk, chunks))), tally, INFO))
    return (concatenate(pieces) if pieces else CsiRecording.of(INFO, [])), tally


COLUMNS = ("csi", "offsets", "time_ns", "node", "seq", "channel", "rssi", "noise_floor", "segment")


def equal(a: CsiRecording, b: CsiRecording) -> bool:
    return all(np.array_equal(getattr(a, name), getattr(b, name), equal_nan=True) for name in COLUMNS)


def test_real_parts_are_i_and_imaginary_parts_are_q() -> None:
    frames, tally = decoded(lines(HEADER, frame(5, quality_reasons=["missing rssi", "1/3 dead subcarriers"])))
    one = frames.frame(0)
    assert one.csi.tolist() == [3 + 4j, 2j, -1]
    assert (one.time_ns, one.seq, one.channel, one.rssi, one.node) == (6_000_000, 5, 6, -55.0, 0)
    assert np.isnan(one.noise_floor)
    assert {name: value for name, value in one.meta.items() if value != ""} == {
        "antenna_index": 0,
        "tx_chain": -1,
        "rx_chain": 1,
        "bandwidth_mhz": 20,
        "quality_score": 0.95,
        "quality_reasons": "missing rssi; 1/3 dead subcarriers",
        "validation": "Accepted",
        "source_id": "esp32",
    }
    assert tally == Tally(numbered=True)


def test_times_are_whole_nanoseconds_of_the_clock_that_they_look_like() -> None:
    unix, _ = decoded(lines(HEADER, frame(timestamp_ns=1775182186957775801)))
    since_start, _ = decoded(lines(HEADER, frame(timestamp_ns=123)))
    assert (unix.time_ns.tolist(), unix.info.clock) == ([1775182186957775801], "host")
    assert (since_start.time_ns.tolist(), since_start.info.clock) == ([123], "device")


@pytest.mark.parametrize(
    ("source", "node"), [("3", 3), ("AA:bb:00:00:00:01", 0xAABB00000001), ("esp32-com7", 0), ("", 0), ("-4", 0)]
)
def test_a_source_called_by_an_address_is_a_node(source: str, node: int) -> None:
    frames, _ = decoded(lines(HEADER, frame(source_id=source)))
    assert frames.node.tolist() == [node]


@pytest.mark.parametrize("validation", ["Pending", "Rejected", "Recovered"])
def test_frames_that_rvcsi_did_not_accept_are_dropped(validation: str) -> None:
    frames, tally = decoded(lines(HEADER, frame(0), frame(1, validation=validation), frame(2, validation="Degraded")))
    assert frames.meta["validation"].tolist() == ["Accepted", "Degraded"]
    assert dict(tally.dropped) == {f"validation: {validation}": 1}
    assert (tally.bad, tally.lost) == (0, 0)


def test_numbers_that_are_missing_are_lost() -> None:
    frames, tally = decoded(lines(HEADER, *(frame(number) for number in (10, 11, 14, 15))))
    assert (len(frames), tally.lost) == (4, 2)


def test_a_further_header_begins_a_segment_that_counts_anew() -> None:
    frames, tally = decoded(lines(HEADER, frame(0), frame(1), HEADER, frame(500), frame(501)))
    assert frames.segment.tolist() == [0, 0, 1, 1]
    assert (tally.resets, tally.lost) == (1, 0)


def test_another_version_is_read_and_told() -> None:
    frames, tally = decoded(lines(HEADER | {"rvcsi_capture_version": 2}, frame()))
    assert (len(frames), len(tally.notes)) == (1, 1)


@pytest.mark.parametrize(
    ("damage", "name"),
    [
        ({"i_values": [3.0, None, -1.0]}, "samples are not numbers"),
        ({"i_values": [3.0, "0", -1.0]}, "samples are not numbers"),
        ({"i_values": [3.0, 1e300, -1.0]}, "samples are not numbers"),
        ({"q_values": 4.0}, "samples are not numbers"),
        ({"q_values": [4.0, 2.0]}, "samples do not fill their subcarriers"),
        ({"subcarrier_count": 4}, "samples do not fill their subcarriers"),
        ({"i_values": [], "q_values": [], "subcarrier_count": 0}, "samples do not fill their subcarriers"),
        ({"amplitude": [5.0, 200.0, 1.0]}, "amplitude does not fit its samples"),
        ({"amplitude": [5.0, 2.0]}, "amplitude does not fit its samples"),
        ({"validation": "Excellent"}, "validation unknown"),
        ({"validation": None}, "validation unknown"),
        ({"timestamp_ns": 1 << 63}, "timestamp_ns is not a whole number"),
        ({"timestamp_ns": None}, "frame without time or number"),
        ({"frame_id": -1}, "frame_id is not a whole number"),
        ({"channel": "six"}, "channel is not a whole number"),
    ],
)
def test_a_damaged_frame_is_one_fault(damage: dict[str, Any], name: str) -> None:
    frames, tally = decoded(lines(HEADER, frame(0), frame(1, **damage)))
    assert (len(frames), dict(tally.faults), tally.examples) == (1, {name: 1}, {name: "line 3"})


def test_smoothed_amplitudes_still_fit() -> None:
    frames, tally = decoded(lines(HEADER, frame(amplitude=[4.2, 2.9, 1.3]), frame(1, amplitude=[])))
    assert (len(frames), tally.bad) == (2, 0)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.builds(frame, st.integers(0, 50)) | st.just(HEADER) | st.binary(max_size=20), max_size=8),
    st.lists(st.integers(0, 3000), max_size=8),
)
def test_the_same_frames_come_out_however_the_bytes_are_cut(parts: list[Any], cuts: list[int]) -> None:
    data = lines(HEADER, *parts)
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    whole, tally = decoded(data)
    cut, tally_cut = decoded(*(data[a:b] for a, b in pairwise(edges)))
    assert equal(whole, cut)
    assert tally == tally_cut


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_fields_of_any_type_never_raise(draw: st.DataObject) -> None:
    numbers = st.lists(st.floats() | st.integers() | st.none(), min_size=3, max_size=3)
    anything = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | numbers
    name = draw.draw(st.sampled_from(sorted(frame())))
    frames, tally = decoded(lines(HEADER, frame(0), frame(1, **{name: draw.draw(anything | st.just({}))})))
    assert len(frames) + tally.bad + tally.dropped.total() >= 2


@st.composite
def recordings(draw: st.DrawFn) -> CsiRecording:
    rng = np.random.default_rng(draw(st.integers(0, 1 << 32)))
    counts = draw(st.lists(st.sampled_from([1, 52, 64, 256]), min_size=1, max_size=6))
    n, total = len(counts), sum(counts)
    start = draw(st.sampled_from([0, 1_700_000_000_000_000_000]))
    return CsiRecording.build(
        StreamInfo(clock="host" if start else "device"),
        start + np.cumsum(rng.integers(0, 1 << 40, n)),
        rng.normal(0, 50, total) + 1j * rng.normal(0, 50, total),
        offsets=np.concatenate([[0], np.cumsum(counts)]),
        node=np.full(n, draw(st.sampled_from([0, 5, 0x1A0000000000]))),
        rssi=np.where(rng.random(n) < 0.5, np.nan, -60),
        noise_floor=np.full(n, -90),
        channel=rng.integers(1, 165, n),
        seq=np.arange(n),
        segment=np.arange(n) // 2,
    )


@settings(max_examples=60, deadline=None)
@given(recordings())
def test_what_was_written_is_read_back(recording: CsiRecording) -> None:
    written = b"".join(rvcsi.encode(recording))
    assert rvcsi.sniff(written)
    frames, tally = decoded(written)
    assert equal(frames, recording)
    assert frames.info.clock == recording.info.clock
    assert (tally.bad, tally.lost, tally.dropped.total()) == (0, 0, 0)


def test_what_was_read_is_written_with_all_that_was_said_of_it() -> None:
    original = frame(3, quality_reasons=["a", "b"], validation="Degraded", calibration_version="room@v2")
    frames, _ = decoded(lines(HEADER, original))
    _, written = (json.loads(line) for line in rvcsi.encode(frames))
    assert written == original | {"session_id": 0, "adapter_kind": "File"}


@pytest.mark.parametrize("head", [b"", b'{"frame_id": 0}', b'{"text": "\\"rvcsi_capture_version\\": 1"}'])
def test_other_lines_are_not_recognised(head: bytes) -> None:
    assert not rvcsi.sniff(head)
