"""VCR cassettes (YAML) of HTTP tests: the token streams among the recorded responses, one after the other."""

import re
import zlib
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from midstream_cli.frames import Kind, StreamInfo
from midstream_cli.recordings import TokenRecording
from midstream_cli.streams.formats import anthropic_messages, ollama, openai_chat, openai_completions, openai_responses
from midstream_cli.streams.json_object import JsonObject
from midstream_cli.streams.plain_yaml import from_base64, plain_yaml
from midstream_cli.streams.tally import Tally
from midstream_cli.streams.transports import ByteStream, Chunk

KIND: Kind = "token"

PROVIDERS = (anthropic_messages, ollama, openai_chat, openai_completions, openai_responses)

LARGEST = 1 << 26
"""Bytes of one decompressed body; no answer is larger, but a bomb may be."""

SNIFF_BYTES = 1 << 16

COMPRESSED = (b"\x1f\x8b", b"x\x01", b"x\x9c", b"x\xda")
"""How gzip and zlib begin."""

_CASSETTE = re.compile(rb"(?:\A(?:\xef\xbb\xbf)?|\n)(?:http_)?interactions:[ \t]*\r?\n\s*-[ \t]+(?:request|response):")


def sniff(head: bytes) -> bool:
    """Whether it is a list of `interactions` of requests and responses."""
    return b"interactions:" in head and _CASSETTE.search(head) is not None


def decode(stream: ByteStream, tally: Tally, info: StreamInfo) -> Iterator[TokenRecording]:
    """Read the whole cassette, then each response that is a token stream, by its own format.

    The choices of each response are numbered on from those of the one before, so that no two responses share a number.
    Times are kept where every response has them.
    """
    text = b"".join(chunk.data for chunk in stream.chunks)
    pieces: list[TokenRecording] = []
    first = 0
    for number, interaction in enumerate(_interactions(text, tally), 1):
        where = f"interaction {number}"
        body = _body(replace(interaction, where=where).object("response"))
        found = _decoded(body, where, tally, info) if body else []
        if not found:
            tally.skipped["response that is no token stream"] += 1
        found = [replace(piece, choice=piece.choice + np.int32(first)) for piece in found]
        first = max([first, *(int(piece.choice.max()) + 1 for piece in found)])
        pieces += found
    if len({piece.info.clock for piece in pieces}) > 1:
        tally.note("not every response has a time per event, so none is kept")
        pieces = [
            replace(piece, info=replace(piece.info, clock="none"), time_ns=np.zeros_like(piece.time_ns))
            for piece in pieces
        ]
    yield from pieces


def _interactions(text: bytes, tally: Tally) -> list[JsonObject]:
    """The interactions of a cassette; of a damaged one, those before the damage."""
    root = JsonObject({"cassette": plain_yaml(text, tally)}, "the whole file", tally).object("cassette")
    if not root.values.keys() & {"interactions", "http_interactions"}:
        tally.fault("no interactions", "the whole file")
    return root.objects("interactions") + root.objects("http_interactions")


def _body(response: JsonObject) -> bytes:
    """The body of a response, out of whatever it was wrapped in; empty where it cannot be had."""
    body = response.object("body")
    content = body.values.get("string")
    if content is None and body.text("base64_string"):
        content = from_base64(body.text("base64_string"), body.where, body.tally)
    if isinstance(content, str):
        content = content.encode("utf-8", "replace")
    if not isinstance(content, bytes):
        return b""
    return _decompressed(content, response) if content.startswith(COMPRESSED) else content


def _decompressed(content: bytes, response: JsonObject) -> bytes:
    # 32 more than the window size: gzip or zlib, whichever it is
    decompressor = zlib.decompressobj(32 + zlib.MAX_WBITS)
    try:
        plain = decompressor.decompress(content, LARGEST)
    except zlib.error:
        response.tally.fault("compressed body cannot be read", response.where)
        return b""
    if not decompressor.eof:
        response.tally.fault("compressed body cut short", response.where)
    return plain


def _decoded(body: bytes, where: str, tally: Tally, info: StreamInfo) -> list[TokenRecording]:
    """A body read by the format that knows it; its counts are added to those of the cassette."""
    reader = next((module for module in PROVIDERS if module.sniff(body[:SNIFF_BYTES])), None)
    if reader is None:
        return []
    own = Tally()
    found = list(reader.decode(ByteStream(iter([Chunk(body)])), own, info))
    for name, count in own.faults.items():
        tally.fault(name, f"{where}, {own.examples[name]}", count)
    tally.skipped += own.skipped
    for name, count in own.usage.items():
        tally.usage[name] = tally.usage.get(name, 0) + count
    for sentence in own.notes:
        tally.note(sentence)
    return found
