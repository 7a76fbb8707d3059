"""Standard input: pipes, redirected files, terminals."""

import gzip
import os
import pty
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from midstream_cli.errors import ExitCode, SourceError
from midstream_cli.streams.tally import Tally
from midstream_cli.streams.transports import ByteStream, Patience, now_ns, stdin

TEXT = b"CSI_DATA,STA,1,[1 2 3 ]\n" * 10_000


class Pipe:
    """A pipe whose reading end is standard input."""

    def __init__(self) -> None:
        self.reading, self.writing = os.pipe()
        self._threads: list[threading.Thread] = []

    def send(self, *parts: bytes) -> None:
        """Write the parts and close, in a thread: a pipe holds only 64 kB."""

        def write() -> None:
            with os.fdopen(self.writing, "wb", buffering=0) as pipe:
                for part in parts:
                    pipe.write(part)
            self.writing = -1

        self._threads.append(threading.Thread(target=write))
        self._threads[-1].start()

    def close(self) -> None:
        """Wait for the threads, and close what is still open."""
        for thread in self._threads:
            thread.join(10)
        for descriptor in (self.reading, self.writing):
            if descriptor >= 0:
                os.close(descriptor)


@pytest.fixture
def pipe(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pipe]:
    opened = Pipe()
    monkeypatch.setattr(stdin, "DESCRIPTOR", opened.reading)
    yield opened
    opened.close()


def open_stdin(tally: Tally | None = None) -> ByteStream:
    return stdin.open_stream("-", Patience(silence_s=0.01), tally or Tally())


def test_a_pipe_is_read_to_its_end_and_stamped(pipe: Pipe) -> None:
    before = now_ns()
    pipe.send(TEXT)
    stream = open_stdin()
    chunks = [chunk for chunk in stream.chunks if chunk.data]
    assert b"".join(chunk.data for chunk in chunks) == TEXT
    stamps = [chunk.time_ns for chunk in chunks]
    assert stamps == sorted(stamps)
    assert before <= stamps[0]
    assert stamps[-1] <= now_ns()
    assert stream.live
    assert stream.sender_waits


def test_bytes_are_handed_out_as_they_come(pipe: Pipe) -> None:
    stream = open_stdin()
    for part in (b"a", b"bc\n"):
        os.write(pipe.writing, part)
        assert next(chunk for chunk in stream.chunks if chunk.data).data == part


def test_a_pipe_may_be_silent_for_as_long_as_it_likes_and_can_be_stopped(pipe: Pipe) -> None:
    stream = open_stdin()  # 0.01 s of patience are over many times
    assert [next(stream.chunks).data for _ in range(3)] == [b""] * 3
    os.write(pipe.writing, b"at last")
    assert next(chunk for chunk in stream.chunks if chunk.data).data == b"at last"
    stream.stopped = True
    assert list(stream.chunks) == []


@pytest.mark.parametrize("codec", ["gzip", "zstd"])
def test_a_compressed_pipe_is_decompressed(pipe: Pipe, codec: str) -> None:
    import pyarrow as pa

    packed = gzip.compress(TEXT) if codec == "gzip" else pa.Codec(codec).compress(TEXT, asbytes=True)
    pipe.send(packed[:1], packed[1:3], packed[3:])
    assert b"".join(chunk.data for chunk in open_stdin().chunks) == TEXT


def test_a_redirected_file_is_not_live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "walk.csv").write_bytes(gzip.compress(TEXT))
    with (tmp_path / "walk.csv").open("rb") as file:
        monkeypatch.setattr(stdin, "DESCRIPTOR", file.fileno())
        stream = open_stdin()
        chunks = list(stream.chunks)
    assert b"".join(chunk.data for chunk in chunks) == TEXT
    assert {chunk.time_ns for chunk in chunks} == {0}
    assert not stream.live
    assert stream.size == (tmp_path / "walk.csv").stat().st_size


def test_a_terminal_is_told_to_pipe_something(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = pty.openpty()
    monkeypatch.setattr(stdin, "DESCRIPTOR", theirs)
    with pytest.raises(SourceError, match="nothing is piped") as caught:
        open_stdin()
    assert caught.value.exit_code == ExitCode.SOURCE
    assert "|" in caught.value.hint
    os.close(ours)
    os.close(theirs)


def test_a_closed_standard_input_is_an_error_of_the_source(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stdin, "DESCRIPTOR", 1 << 20)
    with pytest.raises(SourceError, match="closed"):
        open_stdin()


def test_a_folder_as_standard_input_is_an_error_of_the_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = os.open(tmp_path, os.O_RDONLY)
    monkeypatch.setattr(stdin, "DESCRIPTOR", folder)
    with pytest.raises(SourceError, match="folder"):
        open_stdin()
    os.close(folder)


def test_what_cannot_be_read_is_an_error_of_the_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (tmp_path / "x").open("wb") as only_for_writing:
        monkeypatch.setattr(stdin, "DESCRIPTOR", only_for_writing.fileno())
        with pytest.raises(SourceError, match="cannot be read"):
            list(open_stdin().chunks)


def test_an_interrupt_ends_the_wait_for_a_silent_pipe() -> None:
    code = (
        "from midstream_cli.streams.transports import load, Patience\n"
        "from midstream_cli.streams.tally import Tally\n"
        "stream = load('-').open_stream('-', Patience(), Tally())\n"
        "for chunk in stream.chunks: print('tick' if not chunk.data else chunk.data, flush=True)\n"
    )
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"tick\n"
        process.send_signal(2)
        begun = time.monotonic()
        process.wait(10)
        assert time.monotonic() - begun < 5
        assert process.returncode != 0
