"""Decompressing what comes in any pieces, and keeping what damage leaves."""

import gzip
import io
import zlib
from collections import Counter

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from midstream_cli.streams import compression
from midstream_cli.streams.compression import CUT, DAMAGED, decompressed
from midstream_cli.streams.tally import Tally
from midstream_cli.streams.transports import Chunk

CODECS = ("gzip", "zstd")
unhurried = settings(deadline=None)
codecs = st.sampled_from(CODECS)
texts = st.binary(max_size=300) | st.integers(1, 3000).map(lambda n: b"CSI_DATA,STA,1 2 3\n" * n)


def compress(codec: str, data: bytes) -> bytes:
    if codec == "gzip":
        return gzip.compress(data)
    written = pa.BufferOutputStream()
    with pa.CompressedOutputStream(written, codec) as stream:
        stream.write(data)
    return bytes(written.getvalue())


def pieces(data: bytes, sizes: list[int]) -> list[Chunk]:
    """Cut after each of the sizes in turn, with an empty chunk here and there."""
    cut, at = [], 0
    for i, size in enumerate(sizes):
        cut.append(Chunk(data[at : at + size], 1 + i))
        at += size
    return [*cut, Chunk(data[at:], 1 + len(sizes))]


def run(chunks: list[Chunk]) -> tuple[bytes, Counter[str]]:
    tally = Tally()
    plain = b"".join(chunk.data for chunk in decompressed(iter(chunks), tally, "walk.csv"))
    return plain, tally.faults


def byte_by_byte(codec: str, data: bytes) -> bytes:
    """All that can be read before an error, found by asking for one byte at a time."""
    stream = (
        gzip.GzipFile(fileobj=io.BytesIO(data))
        if codec == "gzip"
        else pa.CompressedInputStream(pa.py_buffer(data), codec)
    )
    plain = b""
    try:
        while byte := stream.read(1):
            plain += byte
    except (EOFError, OSError, zlib.error):
        pass
    return plain


@unhurried
@given(codecs, st.lists(texts, min_size=1, max_size=4), st.lists(st.integers(0, 40), max_size=30))
def test_members_and_frames_in_any_pieces_give_what_was_compressed(
    codec: str, parts: list[bytes], sizes: list[int]
) -> None:
    compressed = b"".join(compress(codec, part) for part in parts)
    assert run(pieces(compressed, sizes)) == (b"".join(parts), Counter())


@unhurried
@given(st.binary(max_size=200), st.lists(st.integers(0, 3), max_size=10))
@example(b"\x1f", [])
@example(b"\x28\xb5\x2f", [1, 1])
def test_what_is_not_compressed_comes_as_it_is(data: bytes, sizes: list[int]) -> None:
    if not compression.is_compressed(data):
        assert run(pieces(data, sizes)) == (data, Counter())


@unhurried
@given(codecs, texts, st.data())
def test_of_a_stream_cut_short_all_is_kept_that_can_be_read(codec: str, text: bytes, data: st.DataObject) -> None:
    whole = compress(codec, text)
    cut = whole[: data.draw(st.integers(4, len(whole) - 1))]
    plain, faults = run([Chunk(cut)])
    assert text.startswith(plain)
    assert len(plain) >= len(byte_by_byte(codec, cut).rstrip(b"\0"))
    assert faults == {CUT: 1}


@unhurried
@given(codecs, texts, texts, st.data())
def test_a_whole_member_before_a_damaged_one_is_kept(
    codec: str, first: bytes, second: bytes, data: st.DataObject
) -> None:
    bad = bytearray(compress(codec, second))
    bad[data.draw(st.integers(0, 1))] ^= 0x5A  # what it begins with
    plain, faults = run([Chunk(compress(codec, first) + bytes(bad))])
    assert plain.rstrip(b"\0") == first.rstrip(b"\0")
    assert faults == {DAMAGED: 1}


def test_a_wrong_checksum_spoils_nothing_but_is_counted() -> None:
    text = bytes(range(256)) * 9000
    bad = bytearray(gzip.compress(text))
    bad[-6] ^= 1
    assert run([Chunk(bytes(bad))]) == (text, {DAMAGED: 1})


def test_zeros_behind_a_member_are_padding() -> None:
    compressed = gzip.compress(b"one") + bytes(512) + gzip.compress(b"two") + bytes(512)
    assert run(pieces(compressed, [30, 100, 300, 100])) == (b"onetwo", Counter())


def test_little_that_holds_much_is_decompressed_in_pieces() -> None:
    text = bytes(10 * compression.PLAIN_BYTES)
    for codec in CODECS:
        sizes = [len(chunk.data) for chunk in decompressed(iter([Chunk(compress(codec, text))]), Tally(), "x")]
        assert sum(sizes) == len(text)
        assert max(sizes) <= compression.PLAIN_BYTES


@pytest.mark.parametrize("codec", CODECS)
def test_decompressed_chunks_say_when_they_came(codec: str) -> None:
    compressed = compress(codec, b"text")
    came = [chunk.time_ns for chunk in decompressed(iter([Chunk(compressed, 7)]), Tally(), "x") if chunk.data]
    assert came == [7]


def test_empty_chunks_go_through_before_while_and_after_the_first_bytes() -> None:
    compressed = gzip.compress(b"text")
    chunks = [Chunk(b"", 1), Chunk(compressed[:1], 2), Chunk(b"", 3), Chunk(compressed[1:], 4), Chunk(b"", 5)]
    out = list(decompressed(iter(chunks), Tally(), "x"))
    assert [chunk.time_ns for chunk in out if not chunk.data] == [1, 2, 3, 5]
    assert b"".join(chunk.data for chunk in out) == b"text"
