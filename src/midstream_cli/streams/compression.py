"""Compressed bytes, told by how they begin, and decompressed while they come."""

import io
import zlib
from collections.abc import Iterator
from itertools import chain

from midstream_cli.streams.tally import Tally
from midstream_cli.streams.transports import Chunk

PLAIN_BYTES = 1 << 20
"""The most that is decompressed at a time, however well it was compressed."""

GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
CUT, DAMAGED = "compressed data cut short", "compressed data damaged"


def is_compressed(head: bytes) -> bool:
    """Whether a stream that begins with these bytes is compressed with gzip or zstd."""
    return head.startswith((GZIP, ZSTD))


def decompressed(chunks: Iterator[Chunk], tally: Tally, where: str) -> Iterator[Chunk]:
    """What the chunks hold, whether they are compressed or not; damage is counted, what stands before it is kept.

    Args:
        where: names the stream in the tally.
    """
    head = b""
    for chunk in chunks:
        head += chunk.data
        if head in (b"", GZIP[:1], ZSTD[:1], ZSTD[:2], ZSTD[:3]):  # nothing can be told yet
            yield chunk._replace(data=b"")
            continue
        rest: Iterator[Chunk] = chain([chunk._replace(data=head)], chunks)
        if head.startswith(GZIP):
            rest = _gunzipped(rest, tally, where)
        elif head.startswith(ZSTD):
            rest = _unzstd(rest, tally, where)
        yield from rest
        return
    if head:
        yield Chunk(head)


def _gunzipped(chunks: Iterator[Chunk], tally: Tally, where: str) -> Iterator[Chunk]:
    """Members one after the other, as appending writers leave them (RFC 1952, 2.2), zeros between them passed over."""
    member = zlib.decompressobj(wbits=31)
    for chunk in chunks:
        data = chunk.data
        if not data:
            yield chunk
        while data:
            if member.eof:
                data = data.lstrip(b"\0")
                if not data:
                    break
                member = zlib.decompressobj(wbits=31)
            before = member.copy()
            try:
                plain = member.decompress(data, PLAIN_BYTES)
            except zlib.error as error:
                tally.fault(DAMAGED, f"{where}: {error}")
                yield chunk._replace(data=_before_damage(before, data))
                return
            yield chunk._replace(data=plain)
            data = member.unconsumed_tail or member.unused_data
    if not member.eof:
        tally.fault(CUT, where)


def _before_damage(member: "zlib._Decompress", data: bytes) -> bytes:
    plain = bytearray()
    for i in range(len(data)):
        try:
            plain += member.decompress(data[i : i + 1])
        except zlib.error:
            break
    return bytes(plain)


def _unzstd(chunks: Iterator[Chunk], tally: Tally, where: str) -> Iterator[Chunk]:
    import pyarrow as pa

    reader = _Reader(chunks)
    plain = pa.CompressedInputStream(reader, "zstd")
    while True:
        buffer = bytearray(PLAIN_BYTES)
        try:
            count = plain.readinto(buffer)
        except OSError as error:
            tally.fault(CUT if reader.at_end else DAMAGED, f"{where}: {error}")
            # what could be read is in the buffer all the same, and zeros behind it
            yield Chunk(bytes(buffer.rstrip(b"\0")), reader.time_ns)
            return
        if count == 0:
            return
        yield Chunk(bytes(memoryview(buffer)[:count]), reader.time_ns)


class _Reader(io.RawIOBase):
    """Chunks as a file that can only be read on."""

    def __init__(self, chunks: Iterator[Chunk]) -> None:
        self._chunks = chunks
        self._waiting = memoryview(b"")
        self.time_ns = 0
        self.at_end = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview | bytearray") -> int:  # type: ignore[override]
        while not self._waiting:
            chunk = next(self._chunks, None)
            if chunk is None:
                self.at_end = True
                return 0
            self._waiting, self.time_ns = memoryview(chunk.data), chunk.time_ns
        count = min(len(buffer), len(self._waiting))
        buffer[:count] = self._waiting[:count]
        self._waiting = self._waiting[count:]
        return count
