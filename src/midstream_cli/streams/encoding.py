"""Text that was written as UTF-16, brought back to bytes that ASCII-minded formats can read."""

import codecs
from collections.abc import Iterator

from midstream_cli.streams.transports import Chunk

_MARKS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


def utf16_of(head: bytes) -> str | None:
    """Which UTF-16 the bytes are, by their byte-order mark or by a zero in every second byte of plain text."""
    for mark, name in _MARKS.items():
        if head.startswith(mark):
            return name
    sample = head[:256]
    if len(sample) >= 8 and not any(sample[1::2]) and all(9 <= byte < 127 for byte in sample[::2]):
        return "utf-16-le"
    if len(sample) >= 8 and not any(sample[::2]) and all(9 <= byte < 127 for byte in sample[1::2]):
        return "utf-16-be"
    return None


def as_utf8(chunks: Iterator[Chunk], encoding: str) -> Iterator[Chunk]:
    """The same text in UTF-8, without its byte-order mark; what cannot be decoded becomes U+FFFD."""
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    first = True
    for chunk in chunks:
        text = decoder.decode(chunk.data)
        if first and text:
            text, first = text.removeprefix("\ufeff"), False
        yield Chunk(text.encode(), chunk.time_ns)
    rest = decoder.decode(b"", final=True)
    if rest:
        yield Chunk(rest.encode())
