"""Text in UTF-16, or with a byte-order mark, brought to bytes that ASCII-minded formats can read."""

import codecs
from collections.abc import Iterator

from midstream_cli.streams.transports import Chunk

_MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}

_LOOKED_AT, _ENOUGH = 256, 8
"""Bytes that are looked at for zeros in every second place, and of which at least so many must be there."""


def encoding_of(head: bytes | bytearray) -> str | None:
    """The name of an encoding that has to be undone first, or None where the bytes can be read as they are.

    UTF-16, as PowerShell writes it, is known by its byte-order mark, or by a zero in every second byte of plain text;
    UTF-8 by its mark alone.
    """
    for mark, name in _MARKS.items():
        if head.startswith(mark):
            return name
    even, odd = head[:_LOOKED_AT:2], head[1:_LOOKED_AT:2]
    if len(even) + len(odd) < _ENOUGH:
        return None
    if _plain(even) and not any(odd):
        return "utf-16-le"
    return "utf-16-be" if _plain(odd) and not any(even) else None


def _plain(text: bytes | bytearray) -> bool:
    return all(9 <= byte < 127 for byte in text)


def start_as_utf8(head: bytes | bytearray, encoding: str) -> bytes:
    """What a stream that begins with these bytes begins with when `as_utf8` is through."""
    return head.decode(encoding, "ignore").removeprefix("\ufeff").encode()


def as_utf8(chunks: Iterator[Chunk], encoding: str) -> Iterator[Chunk]:
    """The same text in UTF-8, without its byte-order mark; what cannot be decoded becomes U+FFFD."""
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    first = True
    for chunk in chunks:
        text = decoder.decode(chunk.data)
        if first and text:
            text, first = text.removeprefix("\ufeff"), False
        yield chunk._replace(data=text.encode())
    rest = decoder.decode(b"", final=True)
    if rest:
        yield Chunk(rest.encode())
