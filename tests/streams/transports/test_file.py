"""Files, as they are on real disks."""

import gzip
import os
import pty
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Self

import numpy as np
import pyarrow as pa
import pytest

from midstream_cli.errors import ExitCode, FormatError, SourceError, UsageError
from midstream_cli.recordings import CsiRecording, concatenate
from midstream_cli.streams import transports
from midstream_cli.streams.compression import CUT
from midstream_cli.streams.source import open_source
from midstream_cli.streams.tally import Tally
from midstream_cli.streams.transports import ByteStream, Patience
from midstream_cli.streams.transports.file import CHUNK_BYTES

TEXT = b"type,role\n" + b"CSI_DATA,STA,1,[1 2 3 ]\n" * 1000


def zstd(data: bytes) -> bytes:
    return bytes(pa.Codec("zstd").compress(data, asbytes=True))


def plain(data: bytes) -> bytes:
    return data


packed = pytest.mark.parametrize("pack", [plain, gzip.compress, zstd])
Pack = Callable[[bytes], bytes]


def opened(url: str | Path, tally: Tally | None = None) -> ByteStream:
    return transports.load(str(url)).open_stream(str(url), Patience(), tally or Tally())


def content(url: str | Path, tally: Tally | None = None) -> bytes:
    stream = opened(url, tally)
    try:
        return b"".join(chunk.data for chunk in stream.chunks)
    finally:
        stream.close()


def open_descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


@packed
def test_a_file_gives_its_content_whatever_it_is_called(tmp_path: Path, pack: Pack) -> None:
    for name in ("walk.csv", "walk.csv.gz", "walk.zst"):
        (tmp_path / name).write_bytes(pack(TEXT))
        assert content(tmp_path / name) == TEXT


def test_a_long_file_comes_in_chunks_that_fit_the_cache(tmp_path: Path) -> None:
    data = os.urandom(2 * CHUNK_BYTES + 10)
    (tmp_path / "long").write_bytes(data)
    stream = opened(tmp_path / "long")
    chunks = list(stream.chunks)
    assert [len(chunk.data) for chunk in chunks] == [CHUNK_BYTES, CHUNK_BYTES, 10]
    assert b"".join(chunk.data for chunk in chunks) == data
    assert {chunk.time_ns for chunk in chunks} == {0}
    assert not stream.live


def test_only_an_uncompressed_file_can_be_sought_in(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(TEXT)
    (tmp_path / "b").write_bytes(gzip.compress(TEXT))
    a, b = opened(tmp_path / "a"), opened(tmp_path / "b")
    assert (a.path, a.size) == (tmp_path / "a", len(TEXT))
    assert (b.path, b.size) == (None, (tmp_path / "b").stat().st_size)
    a.close()
    b.close()


@pytest.mark.parametrize("pack", [gzip.compress, zstd])
def test_files_appended_to_one_another_are_one_file(tmp_path: Path, pack: Pack) -> None:
    (tmp_path / "day").write_bytes(pack(TEXT) + pack(b"") + pack(TEXT))
    tally = Tally()
    assert content(tmp_path / "day", tally) == TEXT + TEXT
    assert not tally.faults


@pytest.mark.parametrize("pack", [gzip.compress, zstd])
def test_of_a_compressed_file_cut_short_the_beginning_is_read_and_the_cut_counted(tmp_path: Path, pack: Pack) -> None:
    data = os.urandom(1 << 20)
    (tmp_path / "cut").write_bytes(pack(data)[: 1 << 19])
    tally = Tally()
    read = content(tmp_path / "cut", tally)
    assert data.startswith(read)
    assert len(read) > 300_000
    assert tally.faults == {CUT: 1}
    assert tally.examples[CUT].startswith("cut")


@packed
def test_a_file_of_nothing_is_an_error_of_its_format(tmp_path: Path, pack: Pack) -> None:
    (tmp_path / "empty").write_bytes(pack(b""))
    assert content(tmp_path / "empty") == b""
    with pytest.raises(FormatError, match="is empty"):
        open_source(str(tmp_path / "empty"))


def test_a_folder_is_handed_on_to_the_format_that_reads_folders(tmp_path: Path) -> None:
    stream = opened(tmp_path)
    assert stream.path == tmp_path
    assert list(stream.chunks) == []
    stream.close()


def test_a_file_that_is_not_there_is_an_error_of_the_source() -> None:
    with pytest.raises(SourceError, match=r"there is no file no/such\.csv") as caught:
        opened("no/such.csv")
    assert caught.value.exit_code == ExitCode.SOURCE
    assert caught.value.hint


def test_a_file_that_may_not_be_read_is_an_error_of_the_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret").write_bytes(TEXT)

    def refuse(path: Path, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))  # root may read everything

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(SourceError, match="secret cannot be read: permission denied") as caught:
        opened(tmp_path / "secret")
    assert "ls -l" in caught.value.hint


def test_a_file_in_a_file_is_an_error_of_the_source(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(TEXT)
    with pytest.raises(SourceError, match="Not a directory"):
        opened(tmp_path / "file" / "inside")


def test_a_disk_that_fails_while_it_is_read_is_an_error_of_the_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bad").write_bytes(TEXT)
    original = Path.open

    class Failing:
        def __init__(self, path: Path) -> None:
            self._file = original(path, "rb", buffering=0)
            self.fileno, self.close = self._file.fileno, self._file.close

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None:
            self.close()

        def read(self, _count: int) -> bytes:
            raise OSError(5, "Input/output error")

    monkeypatch.setattr(Path, "open", lambda path, *_, **__: Failing(path))
    with pytest.raises(SourceError, match="bad cannot be read: Input/output error"):
        content(tmp_path / "bad")


@packed
def test_a_named_pipe_is_read_as_standard_input_is(tmp_path: Path, pack: Pack) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    writer = threading.Thread(target=fifo.write_bytes, args=(pack(TEXT),))
    writer.start()
    stream = opened(fifo)
    chunks = [chunk for chunk in stream.chunks if chunk.data]
    stream.close()
    writer.join(10)
    assert b"".join(chunk.data for chunk in chunks) == TEXT
    assert stream.live
    assert stream.sender_waits
    assert all(chunk.time_ns > 1.6e18 for chunk in chunks)


def test_a_device_that_is_no_terminal_is_read() -> None:
    assert content("/dev/null") == b""


def test_a_serial_port_given_as_a_path_is_told_how_to_be_given() -> None:
    ours, theirs = pty.openpty()
    try:
        with pytest.raises(SourceError, match="serial port") as caught:
            opened(os.ttyname(theirs))
        assert f"serial://{os.ttyname(theirs)}" in caught.value.hint
    finally:
        os.close(ours)
        os.close(theirs)


def test_a_file_url_may_have_quoted_characters(tmp_path: Path) -> None:
    (tmp_path / "a walk?.csv").write_bytes(TEXT)
    assert content(f"file://{tmp_path}/a%20walk%3F.csv") == TEXT
    assert content(f"FILE://localhost{tmp_path}/a%20walk%3F.csv") == TEXT


def test_a_path_is_not_quoted(tmp_path: Path) -> None:
    (tmp_path / "a%20b?.csv").write_bytes(TEXT)
    assert content(tmp_path / "a%20b?.csv") == TEXT


def test_a_file_url_with_two_slashes_is_told_about_the_third() -> None:
    with pytest.raises(UsageError, match="another computer") as caught:
        opened("file://data/walk.csv")
    assert "file:///data/walk.csv" in caught.value.hint


def test_a_file_that_was_opened_and_never_read_is_closed(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(TEXT)
    before = open_descriptors()
    opened(tmp_path / "a").close()
    assert open_descriptors() == before


@pytest.mark.parametrize("pack", [gzip.compress, zstd])
def test_a_compressed_recording_has_the_frames_of_the_plain_one(data: Path, tmp_path: Path, pack: Pack) -> None:
    path = data / "csi" / "csikit" / "example_fast2_100hz_pitraffic.csv"
    (tmp_path / "packed").write_bytes(pack(path.read_bytes()))
    recordings = []
    for url in (path, tmp_path / "packed"):
        with open_source(str(url)) as source:
            recordings.append(concatenate([piece for piece in source if isinstance(piece, CsiRecording)]))
    assert len(recordings[0]) == 1599
    np.testing.assert_array_equal(recordings[0].csi, recordings[1].csi)
    np.testing.assert_array_equal(recordings[0].time_ns, recordings[1].time_ns)


def test_a_folder_that_may_not_be_entered_is_an_error_of_the_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(SourceError, match="permission denied") as caught:
        opened(tmp_path)
    assert caught.value.hint == f"ls -l {tmp_path} shows who may read it"
