"""A recorded file, plain or compressed with gzip or zstd: `recordings/walk.csv`, `walk.csv.zst`, `file:///data/x`."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from urllib.parse import unquote, urlsplit

from midstream_cli.errors import SourceError
from midstream_cli.streams.tally import Tally
from midstream_cli.streams.transports import ByteStream, Chunk, Patience

CHUNK_BYTES = 1 << 20
"""Fits the second-level cache, where the vectorised parsers are fastest."""

GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"


def open_stream(url: str, patience: Patience, tally: Tally) -> ByteStream:
    """Open a file, or a folder that is one recording; compression is told by the first bytes, not by the name."""
    path = Path(unquote(urlsplit(url).path)) if url.startswith("file://") else Path(url)
    try:
        if path.is_dir():
            return ByteStream(iter(()), path=path)
        file = path.open("rb")
        start = file.read(4)
        file.seek(0)
    except FileNotFoundError:
        raise SourceError(f"there is no file {path}", "check the path; globs are quoted: 'recordings/*.csv'") from None
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}", "check its permissions") from None
    compressed = start.startswith(GZIP) or start == ZSTD
    return ByteStream(_chunks(file, path, start, tally), path=None if compressed else path, size=path.stat().st_size)


def _chunks(file: IO[bytes], path: Path, start: bytes, tally: Tally) -> Iterator[Chunk]:
    with file, _decompressed(file, start) as plain:
        while True:
            try:
                data = plain.read(CHUNK_BYTES)
            except (EOFError, OSError) as error:
                tally.fault("compressed data cut short", f"{path.name}: {error}")
                return
            if not data:
                return
            yield Chunk(data)


def _decompressed(file: IO[bytes], start: bytes) -> IO[bytes]:
    if start.startswith(GZIP):
        import gzip

        return io.BufferedReader(gzip.GzipFile(fileobj=file), CHUNK_BYTES)
    if start == ZSTD:
        import pyarrow as pa

        return pa.CompressedInputStream(file, "zstd")  # type: ignore[no-any-return]
    return file
