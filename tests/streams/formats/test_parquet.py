"""Parquet files as recordings."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from table_reading import numbers, read, read_file, samples

from midstream_cli.errors import FormatError
from midstream_cli.frames import StreamInfo
from midstream_cli.recordings import CsiRecording
from midstream_cli.streams.formats import parquet
from midstream_cli.streams.recording import RecordingWriter
from midstream_cli.streams.segments import READ_ROWS
from midstream_cli.streams.source import open_source
from midstream_cli.streams.tally import Tally
from midstream_cli.streams.transports import ByteStream


def written(**columns: Any) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(columns), sink)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def test_numbers_are_columns_and_everything_else_is_skipped() -> None:
    recording, tally = read(
        "parquet",
        written(
            time_us=pa.array([1, 2]),
            x=pa.array([1.5, None]),
            n=pa.array([1, None], pa.int32()),
            d=pa.array([Decimal("1.25"), Decimal(2)]),
            label=pa.array(["a", None]),
            kind=pa.array(["a", "b"]).dictionary_encode(),
            bag=pa.array([{"a": 1}, None]),
        ),
    )
    expected: dict[str, list[float]] = {"x": [1.5, np.nan], "n": [1, np.nan], "d": [1.25, 2]}
    found = numbers(recording)
    assert list(found) == list(expected)
    assert all(np.array_equal(found[name], expected[name], equal_nan=True) for name in expected)
    assert recording is not None
    assert recording.time_ns.tolist() == [1000, 2000]
    assert tally.skipped == {f"{name}: not numbers": 1 for name in ("label", "kind", "bag")}


@pytest.mark.parametrize("kind", [pa.list_(pa.int8()), pa.large_list(pa.int16()), pa.list_(pa.int8(), 4)])
def test_lists_of_integers_are_an_esp32_buffer(kind: Any) -> None:
    recording, _ = read("parquet", written(csi=pa.array([[1, 2, -3, 4], [5, 6, 7, -8]], kind), role=["AP", "STA"]))
    assert samples(recording).tolist() == [[2 + 1j, 4 - 3j], [6 + 5j, -8 + 7j]]
    assert isinstance(recording, CsiRecording)
    assert recording.meta["role"].tolist() == ["AP", "STA"]


def test_real_and_imaginary_lists_are_samples() -> None:
    recording, _ = read("parquet", written(csi_real=[[1.0, 2.0]], csi_imag=[[3.0, 4.0]]))
    assert samples(recording).tolist() == [[1 + 3j, 2 + 4j]]


def test_lists_of_amplitudes_are_samples_without_phases() -> None:
    recording, _ = read("parquet", written(amplitude=[[1.0, 2.5]]))
    assert samples(recording).tolist() == [[1, 2.5]]
    assert recording is not None
    assert recording.info.amplitude_only


@pytest.mark.parametrize("lists", [[[1, 2], [3]], [[1], None], [["a"], ["b"]]])
def test_lists_of_different_lengths_are_no_samples(lists: Any) -> None:
    recording, tally = read("parquet", written(csi=lists, x=[1, 2]))
    assert numbers(recording) == {"x": [1, 2]}
    assert tally.skipped == {"csi: not numbers": 1}


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_timestamps_are_times(unit: str) -> None:
    recording, _ = read(
        "parquet",
        written(time=pa.array([1_700_000_000]).cast(pa.timestamp("s", "UTC")).cast(pa.timestamp(unit, "UTC")), x=[1]),
    )
    assert recording is not None
    assert recording.time_ns.tolist() == [1_700_000_000_000_000_000]
    assert recording.info.clock == "host"


def test_a_long_file_is_read_in_pieces(tmp_path: Path) -> None:
    pq.write_table(pa.table({"t": np.arange(50_000) * 0.5}), tmp_path / "x")
    stream = ByteStream(iter(()), path=tmp_path / "x")
    pieces = list(parquet.decode(stream, Tally(), StreamInfo()))
    assert max(map(len, pieces)) <= READ_ROWS
    assert np.array_equal(np.concatenate([piece.time_ns for piece in pieces]), np.arange(50_000) * 500_000_000)


def test_a_segment_of_a_recording_is_refused_with_a_hint(tmp_path: Path) -> None:
    with RecordingWriter(tmp_path / "r") as writer:
        writer.append(CsiRecording.build(StreamInfo(), [1], np.ones((1, 1))))
    with pytest.raises(FormatError, match="one segment of a recording") as caught:
        read_file("parquet", tmp_path / "r" / "segment-000000.parquet")
    assert "name the folder" in caught.value.hint


@pytest.mark.parametrize("cut", [1, 8, 100])
def test_a_file_cut_short_is_refused(cut: int) -> None:
    with pytest.raises(FormatError, match="not a whole Parquet file"):
        read("parquet", written(x=list(range(1000)))[:-cut])


def test_a_table_without_rows_has_no_frames() -> None:
    recording, _ = read("parquet", written(x=pa.array([], pa.float64())))
    assert recording is None


def test_a_name_that_is_no_text_is_read(tmp_path: Path) -> None:
    name = b"caf\xe9.parquet".decode(errors="surrogateescape")
    (tmp_path / name).write_bytes(written(x=[1.0, 2.0]))
    with open_source(str(tmp_path / name)) as source:
        assert [len(piece) for piece in source] == [2]
