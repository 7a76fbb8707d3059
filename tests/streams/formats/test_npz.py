"""NumPy archives as recordings."""

import io
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from table_reading import contents, encoded, numbers, read, read_file, samples

from midstream_cli.errors import FormatError, UsageError
from midstream_cli.frames import StreamInfo, TokenFrame
from midstream_cli.recordings import CsiRecording, NumericRecording, TokenRecording
from midstream_cli.streams import formats
from midstream_cli.streams.formats import npz
from midstream_cli.streams.source import open_source


def archive(**arrays: Any) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


class Bomb:
    """Something that writes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


def test_complex_numbers_are_samples() -> None:
    csi = np.array([[1 + 2j, 3], [4, 5j]], np.complex128)
    recording, tally = read("npz", archive(csi=csi, time_ns=[5, 6], rssi=[-50, -51], label=["a", "b"]))
    assert isinstance(recording, CsiRecording)
    assert np.array_equal(samples(recording), csi)
    assert recording.time_ns.tolist() == [5, 6]
    assert recording.rssi.tolist() == [-50, -51]
    assert recording.meta["label"].tolist() == ["a", "b"]
    assert (recording.info.kind, recording.info.clock) == ("csi", "device")
    assert not tally.skipped


def test_pairs_of_integers_are_an_esp32_buffer_with_the_imaginary_part_first() -> None:
    pairs = np.array([[1, 2, -3, 4], [5, 6, 7, -8]], np.int8)
    meta = {"num_subcarriers": np.int64(2), "label": "static", "chip": "C6", "duration_ms": 10.0}
    recording, tally = read("npz", archive(csi_data=pairs, **meta))
    assert samples(recording).tolist() == [[2 + 1j, 4 - 3j], [6 + 5j, -8 + 7j]]
    assert recording is not None
    assert recording.info.clock == "none"
    assert set(tally.skipped) == {f"{name}: not one value for each frame" for name in meta}


@pytest.mark.parametrize("name", ["amplitude", "amplitudes", "amp"])
def test_real_amplitudes_are_samples_without_phases(name: str) -> None:
    recording, _ = read("npz", archive(**{name: np.array([[1, 2], [3, 4.5]])}))
    assert samples(recording).tolist() == [[1, 2], [3, 4.5]]
    assert recording is not None
    assert recording.info.amplitude_only


def test_the_only_complex_matrix_is_channel_state_whatever_its_name() -> None:
    recording, _ = read("npz", archive(H=np.array([[[1j], [2]]]), t=[0.5]))
    assert samples(recording).tolist() == [[1j, 2]]
    assert recording is not None
    assert recording.time_ns.tolist() == [500_000_000]


def test_other_arrays_are_columns_of_numbers() -> None:
    recording, tally = read("npz", archive(timestamp=[1.5, 2.5], x=[1, 2], m=[[1, 2], [3, 4]], name=["a", "b"], n=[1]))
    assert numbers(recording) == {"x": [1, 2], "m0": [1, 3], "m1": [2, 4]}
    assert recording is not None
    assert recording.time_ns.tolist() == [1_500_000_000, 2_500_000_000]
    assert tally.skipped == {"name: not numbers": 1, "n: not one value for each frame": 1}


def test_dates_are_times() -> None:
    dates = np.array(["2024-01-01T00:00:00.000000005", "NaT", "2024-01-01T00:00:01"], "datetime64[ns]")
    recording, tally = read("npz", archive(time=dates, x=[1, 2, 3]))
    assert recording is not None
    assert recording.time_ns.tolist() == [1704067200000000005, 1704067201000000000]
    assert recording.info.clock == "host"
    assert numbers(recording) == {"x": [1, 3]}
    assert tally.faults == {"row without a time": 1}


def test_rows_without_a_time_are_left_out_of_every_column() -> None:
    recording, tally = read("npz", archive(csi=np.array([[1], [2j], [3]]), t=[np.nan, 1e300, 2.0], a=["x", "y", "z"]))
    assert isinstance(recording, CsiRecording)
    assert (samples(recording).tolist(), recording.time_ns.tolist()) == ([[3]], [2_000_000_000])
    assert recording.meta["a"].tolist() == ["z"]
    assert tally.faults == {"row without a time": 2}
    assert tally.examples == {"row without a time": "row 1"}


def test_what_our_own_columns_cannot_hold_is_unknown() -> None:
    csi = np.ones((3, 1), np.complex64)
    fields = archive(csi=csi, channel=[6, np.nan, 1e9], seq=np.array([1, 2, 3], np.uint32), rssi=[-50.5, np.nan, 0])
    recording, _ = read("npz", fields)
    assert isinstance(recording, CsiRecording)
    assert recording.channel.tolist() == [6, 0, 0]
    assert recording.seq.tolist() == [1, 2, 3]
    assert recording.rssi[0] == np.float32(-50.5)


@pytest.mark.parametrize("csi", [np.ones((2, 3)), np.ones((2, 3), np.int8), np.ones((2, 2), np.uint8)])
def test_samples_that_could_be_anything_are_refused(csi: Any) -> None:
    with pytest.raises(FormatError, match=r"csi holds .* neither complex numbers nor pairs of integers"):
        read("npz", archive(csi=csi))


def test_an_archive_without_columns_is_refused() -> None:
    with pytest.raises(FormatError, match="no column of numbers"):
        read("npz", archive(a=5))


# safety


def test_python_objects_are_never_loaded(tmp_path: Path) -> None:
    bomb = Bomb(tmp_path / "exploded")
    data = archive(csi=np.array([bomb, bomb], object))
    with pytest.raises(FormatError, match="holds Python objects") as caught:
        read("npz", data)
    assert "no pickle is ever loaded" in caught.value.hint
    for disguise in (pickle.dumps(bomb), b"PK\x03\x04" + b"\0" * 26 + b"x.npy" + pickle.dumps(bomb)):
        with pytest.raises(FormatError):
            read("npz", disguise)
    assert not (tmp_path / "exploded").exists()


@given(st.integers(1, 400))
@settings(deadline=None)
def test_an_archive_cut_anywhere_is_an_error_with_a_hint(cut: int) -> None:
    data = archive(x=np.arange(5))
    with pytest.raises(FormatError) as caught:
        read("npz", data[: max(1, len(data) - cut)])
    assert caught.value.hint


def test_one_array_is_not_an_archive() -> None:
    file = io.BytesIO()
    np.save(file, np.arange(3))
    with pytest.raises(FormatError, match="one array"):
        read("npz", file.getvalue())


# there and back


@pytest.mark.parametrize("name", ["npz", "parquet"])
def test_channel_state_of_mixed_layouts_comes_back_exactly(name: str) -> None:
    rng = np.random.default_rng(3)
    counts = rng.integers(0, 5, 40)
    offsets = np.concatenate([[0], np.cumsum(counts)])
    recording = CsiRecording.build(
        StreamInfo("here", name, "csi", "host"),
        1_700_000_000_000_000_000 + np.arange(40),
        (rng.normal(size=offsets[-1]) + 1j * rng.normal(size=offsets[-1])).astype(np.complex64),
        offsets=offsets,
        node=np.full(40, 0x20500D2AA2E4),
        rssi=-rng.integers(30, 90, 40),
        seq=np.arange(40) + 2**60,
        meta={"role": np.array(["AP", "STA"] * 20), "seq": np.arange(40), "ok": np.arange(40) % 3 == 0},
    )
    back, tally = read(name, encoded(name, recording))
    assert contents(back) == contents(recording)
    assert tally == type(tally)()


@pytest.mark.parametrize("name", ["npz", "parquet"])
@pytest.mark.parametrize("clock", ["device", "none"])
def test_numbers_and_amplitudes_come_back_exactly(name: str, clock: Any) -> None:
    times = np.array([5, 6]) if clock == "device" else np.zeros(2, np.int64)
    table = NumericRecording(StreamInfo("here", name, "numeric", clock), times, {"a": np.array([0.1, np.nan])})
    assert contents(read(name, encoded(name, table))[0]) == contents(table)
    info = StreamInfo("here", name, "csi", clock, amplitude_only=True)
    amplitudes = CsiRecording.build(info, times, np.array([[1.5, 2], [3, 4]]))
    back, _ = read(name, encoded(name, amplitudes))
    assert contents(back) == contents(amplitudes)
    assert back is not None
    assert back.info.amplitude_only


@pytest.mark.parametrize("name", ["npz", "parquet"])
def test_tokens_cannot_be_written(name: str) -> None:
    with pytest.raises(UsageError, match="no table of numbers"):
        encoded(name, TokenRecording.of(StreamInfo(kind="token"), [TokenFrame(1, "a")]))


@pytest.mark.parametrize("name", ["npz", "npy", "parquet"])
def test_a_file_is_told_by_its_first_bytes_and_read_by_its_path(name: str, tmp_path: Path) -> None:
    table = NumericRecording(
        StreamInfo("here", name, "numeric", "none"), np.zeros(2, np.int64), {"c0": np.array([1.0, 2.0])}
    )
    path = tmp_path / "file"
    if name == "npy":
        with path.open("wb") as file:
            np.save(file, np.array([1.0, 2.0]))
    else:
        path.write_bytes(encoded(name, table))
    head = path.read_bytes()
    assert [other for other in formats.names() if formats.load(other).sniff(head)] == [name]
    assert contents(read_file(name, path)[0]) == contents(table)
    with open_source(str(path)) as source:
        (piece,) = source
    assert (piece.info.format, numbers(piece)) == (name, {"c0": [1, 2]})


def test_other_archives_are_not_taken_for_numpy() -> None:
    assert not npz.sniff(b"PK\x03\x04" + b"\0" * 26 + b"word/document.xml")
    assert not npz.sniff(b"x.npy")
