"""RuView's recordings: raw and processed frames, at exactly the times that were written."""

import json
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from midstream_cli.errors import FormatError
from midstream_cli.frames import StreamInfo
from midstream_cli.recordings import CsiRecording, concatenate
from midstream_cli.streams.formats import ruview_jsonl
from midstream_cli.streams.tally import Tally
from midstream_cli.streams.transports import ByteStream, Chunk

INFO = StreamInfo(source="test", format="ruview-jsonl")


def raw(seconds: float = 1775182186.9577758, iq: str = "0102fcff", **other: Any) -> dict[str, Any]:
    known = {"node_id": 2, "magic": "0xC5110001", "size": 24, "rssi": 1, "type": "raw_csi", "subcarriers": 2}
    return {"timestamp": seconds, **known, "iq_hex": iq, **other}


def processed(seconds: float = 1772472969.092, amplitudes: Any = (0.0, 3.0, 4.5), **other: Any) -> dict[str, Any]:
    features = {"breathing_band_power": 36.8, "motion_band_power": 60.4, "spectral_power": 133.7, "variance": 48.6}
    return {
        "timestamp": seconds,
        "subcarriers": list(amplitudes),
        "rssi": 0.0,
        "noise_floor": 0.0,
        "features": features,
        **other,
    }


VITALS = {"timestamp": 1775182187.35, "node_id": 2, "magic": "0xC5110002", "rssi": -19, "type": "vitals", "flags": 4}


def lines(*records: Any) -> bytes:
    return b"".join((r if isinstance(r, bytes) else json.dumps(r).encode()) + b"\n" for r in records)


def decoded(*chunks: bytes) -> tuple[CsiRecording, Tally]:
    tally = Tally()
    pieces = list(ruview_jsonl.decode(ByteStream(iter(map(Chunk, chunks))), tally, INFO))
    return (concatenate(pieces) if pieces else CsiRecording.of(INFO, [])), tally


def equal(a: CsiRecording, b: CsiRecording) -> bool:
    same = all(np.array_equal(getattr(a, name), getattr(b, name)) for name in ("csi", "offsets", "time_ns", "node"))
    return same and all(np.array_equal(getattr(a, name), getattr(b, name), equal_nan=True) for name in ("rssi",))


def test_a_raw_frame_holds_imaginary_parts_first() -> None:
    frames, tally = decoded(lines(raw()))
    assert frames.csi.tolist() == [2 + 1j, -1 - 4j]
    assert (frames.node.tolist(), frames.info.clock, frames.info.amplitude_only) == ([2], "host", False)
    assert tally.bad == 0


def test_times_are_the_digits_that_were_written() -> None:
    frames, _ = decoded(lines(raw(1775182186.9577758), raw(1775182186.959129), raw(1775182187)))
    assert frames.time_ns.tolist() == [1775182186_957775800, 1775182186_959129000, 1775182187_000000000]


@settings(max_examples=100, deadline=None)
@given(st.floats(0, 4e9))
def test_every_time_is_read_digit_by_digit(seconds: float) -> None:
    frames, _ = decoded(lines(raw(seconds)))
    assert frames.time_ns.tolist() == [int(Decimal(json.dumps(seconds)) * 10**9)]


def test_a_level_of_one_is_the_collectors_mistake() -> None:
    frames, tally = decoded(lines(raw(), raw(rssi=-51)))
    assert np.array_equal(frames.rssi, np.array([np.nan, -51], np.float32), equal_nan=True)
    assert tally.notes == [ruview_jsonl.NO_LEVEL]


def test_a_processed_frame_holds_amplitudes_only() -> None:
    frames, tally = decoded(lines(processed(), processed(rssi=-40.0, noise_floor=-90.0)))
    assert frames.csi.tolist() == [0, 3, 4.5] * 2
    assert frames.info.amplitude_only
    assert np.array_equal(frames.rssi, np.array([np.nan, -40], np.float32), equal_nan=True)
    assert np.array_equal(frames.noise_floor, np.array([np.nan, -90], np.float32), equal_nan=True)
    assert {name: values.tolist() for name, values in frames.meta.items()} == {
        "breathing_band_power": [36.8, 36.8],
        "motion_band_power": [60.4, 60.4],
        "spectral_power": [133.7, 133.7],
        "variance": [48.6, 48.6],
    }
    assert tally == Tally()


@pytest.mark.parametrize(
    ("record", "name"),
    [
        (VITALS, "vitals"),
        (VITALS | {"type": "feature"}, "feature"),
        ({"timestamp": 1.0, "node_id": 1, "magic": "0xC5110005", "size": 104}, "compressed frame without its data"),
        ({"timestamp": 1.0, "node_id": 1, "magic": "0xC5110006", "size": 60}, "feature state"),
    ],
)
def test_other_packets_are_skipped_by_name(record: dict[str, Any], name: str) -> None:
    frames, tally = decoded(lines(raw(), record, raw()))
    assert (len(frames), dict(tally.skipped), tally.bad) == (2, {name: 1}, 0)


@pytest.mark.parametrize(
    ("record", "name"),
    [
        (raw(iq="0102fc"), "samples do not fill their subcarriers"),
        (raw(iq=""), "samples do not fill their subcarriers"),
        (raw(subcarriers=3), "samples do not fill their subcarriers"),
        (raw(subcarriers="2"), "samples do not fill their subcarriers"),
        (raw(iq="0102fcfg"), "iq_hex is not hexadecimal"),
        (raw() | {"iq_hex": 12}, "iq_hex is not hexadecimal"),
        (raw() | {"timestamp": "now"}, "timestamp is not a time"),
        (raw() | {"timestamp": None}, "timestamp is not a time"),
        (raw(1e300), "timestamp is not a time"),
        (raw(-1.0), "timestamp is not a time"),
        (raw(node_id=256), "node_id is not a whole number"),
        (processed(), "frame of another kind of recording"),
        ({"timestamp": 1.0}, "record without samples"),
        (raw() | {"iq_hex": None, "type": "raw_csi"}, "iq_hex is not hexadecimal"),
        (b"{broken", "broken JSON"),
    ],
)
def test_a_damaged_line_is_one_fault(record: Any, name: str) -> None:
    frames, tally = decoded(lines(raw(), record, raw()))
    assert (len(frames), dict(tally.faults), tally.examples) == (2, {name: 1}, {name: "line 2"})


@pytest.mark.parametrize("amplitudes", [[], [1.0, -2.0], [1.0, None], ["1"], [[1.0]], [True], [1e300], [10**400]])
def test_amplitudes_must_be_amplitudes(amplitudes: Any) -> None:
    frames, tally = decoded(lines(processed(), processed(amplitudes=amplitudes)))
    assert (len(frames), dict(tally.faults)) == (1, {"amplitudes are not amplitudes": 1})


def test_a_last_line_cut_short_is_counted() -> None:
    frames, tally = decoded(lines(raw(), raw())[:-30])
    assert (len(frames), dict(tally.faults)) == (1, {"record cut short": 1})


records = st.one_of(
    st.builds(raw, st.floats(1e9, 2e9)),
    st.sampled_from([VITALS, processed(), raw(iq="01"), b"{broken", b"", raw(iq="00" * 128, subcarriers=64)]),
    st.binary(max_size=30),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(records, max_size=8), st.lists(st.integers(0, 2000), max_size=8))
def test_the_same_frames_come_out_however_the_bytes_are_cut(parts: list[Any], cuts: list[int]) -> None:
    data = lines(*parts)
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    whole, tally = decoded(data)
    cut, tally_cut = decoded(*(data[a:b] for a, b in pairwise(edges)))
    assert equal(whole, cut)
    assert tally == tally_cut


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_fields_of_any_type_never_raise(draw: st.DataObject) -> None:
    anything = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.lists(st.floats())
    record = draw.draw(st.sampled_from([raw(), processed(), VITALS]))
    name = draw.draw(st.sampled_from(sorted(record)))
    frames, tally = decoded(lines(record | {name: draw.draw(anything | st.dictionaries(st.text(), anything))}))
    assert len(frames) + tally.bad + tally.skipped.total() >= 1


@st.composite
def recordings(draw: st.DrawFn) -> CsiRecording:
    rng = np.random.default_rng(draw(st.integers(0, 1 << 32)))
    counts = draw(st.lists(st.sampled_from([1, 64, 128, 192]), min_size=1, max_size=6))
    amplitude_only = draw(st.booleans())
    total = sum(counts)
    pairs = rng.integers(-128, 128, (total, 2))
    return CsiRecording.build(
        StreamInfo(clock="host", amplitude_only=amplitude_only),
        rng.integers(0, 2 * 10**15, len(counts)) * 1000,
        rng.uniform(0, 100, total) if amplitude_only else pairs[:, 0] + 1j * pairs[:, 1],
        offsets=np.concatenate([[0], np.cumsum(counts)]),
        node=np.zeros(len(counts)) if amplitude_only else rng.integers(0, 256, len(counts)),
        rssi=np.where(rng.random(len(counts)) < 0.5, np.nan, -50),
    )


@settings(max_examples=100, deadline=None)
@given(recordings())
def test_what_was_written_is_read_back(recording: CsiRecording) -> None:
    frames, tally = decoded(b"".join(ruview_jsonl.encode(recording)))
    assert equal(frames, recording)
    assert frames.info.amplitude_only == recording.info.amplitude_only
    assert (tally.bad, tally.skipped.total()) == (0, 0)


def test_samples_beyond_8_bits_cannot_be_written() -> None:
    with pytest.raises(FormatError, match="8 bits"):
        list(ruview_jsonl.encode(CsiRecording.build(INFO, [0], np.full((1, 4), 300))))


@pytest.mark.parametrize("record", [raw(), processed(), VITALS])
def test_its_own_lines_are_recognised(record: dict[str, Any]) -> None:
    assert ruview_jsonl.sniff(lines(record))
    assert ruview_jsonl.sniff(lines({"other": 1}, record))


@pytest.mark.parametrize(
    "head", [b"", b'{"magic": "0xC5"}', b'{"text": "\\"magic\\": \\"0xC5110001\\""}', b'{"rvcsi_capture_version": 1}\n']
)
def test_other_lines_are_not_recognised(head: bytes) -> None:
    assert not ruview_jsonl.sniff(head)


def test_the_collected_corpus_comes_out_as_measured(data: Path) -> None:
    content = (data / "csi" / "ruview" / "pretrain-1775182186.csi.jsonl").read_bytes()
    assert ruview_jsonl.sniff(content[: 1 << 16])
    frames, tally = decoded(*(content[i : i + 100_000] for i in range(0, len(content), 100_000)))
    assert len(frames) == 5309
    assert dict(tally.skipped) == {"vitals": 236, "feature": 236, "compressed frame without its data": 2}
    assert tally.bad == 0
    counts = dict(zip(*np.unique(frames.subcarriers, return_counts=True), strict=True))
    assert counts == {64: 4127, 128: 1134, 192: 48}
    assert np.isnan(frames.rssi).all()
    assert tally.notes == [ruview_jsonl.NO_LEVEL]
    for node in (1, 2):
        times = frames.time_ns[frames.node == node]
        assert (len(times) - 1) / (times[-1] - times[0]) * 1e9 == pytest.approx(22.1, abs=0.1)
    decimals = [Decimal(line.split(b",")[0].split()[1].decode()) for line in content.splitlines() if b"iq_hex" in line]
    assert frames.time_ns.tolist() == [int(seconds * 10**9) for seconds in decimals]


def test_the_processed_corpus_comes_out_as_it_is(data: Path) -> None:
    content = (data / "csi" / "ruview" / "rec_1772472968919-20260302_173608.csi.jsonl").read_bytes()
    frames, tally = decoded(content)
    written = [json.loads(line) for line in content.splitlines()]
    assert np.array_equal(frames.matrix(), np.array([line["subcarriers"] for line in written], np.complex64))
    assert frames.time_ns.tolist() == [1772472969_092000000, 1772472969_190000000, 1772472969_293000000]
    assert frames.meta["variance"].tolist() == [line["features"]["variance"] for line in written]
    assert tally == Tally()
