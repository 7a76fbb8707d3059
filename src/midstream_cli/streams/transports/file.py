"""A recorded file, plain or compressed with gzip or zstd: `recordings/walk.csv`, `walk.csv.zst`, `file:///data/x`."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from urllib.parse import unquote, urlsplit

from midstream_cli.errors import SourceError, UsageError
from midstream_cli.streams.compression import decompressed, is_compressed
from midstream_cli.streams.tally import Tally
from midstream_cli.streams.transports import ByteStream, Chunk, Patience
from midstream_cli.streams.transports.stdin import of_pipe

CHUNK_BYTES = 1 << 20
"""Fits the second-level cache, where the vectorised parsers are fastest."""


def open_stream(url: str, patience: Patience, tally: Tally) -> ByteStream:
    """Open a file, or a folder that is one recording; compression is told by the first bytes, not by the name.

    A named pipe is read as standard input would be, and is waited for until somebody writes to it.

    Raises:
        SourceError: there is no such file, or it cannot be read.
        UsageError: a `file://` URL that names another computer.
    """
    path = _path(url)
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            if not os.access(path, os.R_OK | os.X_OK):
                raise PermissionError
            return ByteStream(iter(()), path=path)
        file = path.open("rb", buffering=0)
        if not stat.S_ISREG(status.st_mode):
            return _of_device(path, file, tally)
        head = os.pread(file.fileno(), 4, 0)
    except OSError as error:
        raise _unreadable(path, error) from None
    chunks = decompressed(_chunks(file, path), tally, path.name)
    return ByteStream(chunks, file.close, path=None if is_compressed(head) else path, size=status.st_size)


def _path(url: str) -> Path:
    if not url.lower().startswith("file://"):
        return Path(url)
    parts = urlsplit(url)
    if parts.netloc not in ("", "localhost"):
        raise UsageError(
            f"{url} names a file on another computer", f"three slashes: file:///{parts.netloc}{parts.path}"
        )
    return Path(unquote(parts.path))


def _chunks(file: IO[bytes], path: Path) -> Iterator[Chunk]:
    with file:
        while True:
            try:
                data = file.read(CHUNK_BYTES)
            except OSError as error:
                raise _unreadable(path, error) from None
            if not data:
                return
            yield Chunk(data)


def _of_device(path: Path, file: IO[bytes], tally: Tally) -> ByteStream:
    if file.isatty():
        file.close()
        raise SourceError(f"{path} is a terminal or a serial port", f"name a serial port by URL: serial://{path}")
    return of_pipe(file.fileno(), path.name, tally, file.close)


def _unreadable(path: Path, error: OSError) -> SourceError:
    if isinstance(error, FileNotFoundError):
        return SourceError(f"there is no file {path}", "check the path; globs are quoted: 'recordings/*.csv'")
    if isinstance(error, PermissionError):
        return SourceError(f"{path} cannot be read: permission denied", f"ls -l {path} shows who may read it")
    return SourceError(f"{path} cannot be read: {error.strerror or error}", "check the disk and the path")
