"""Text in UTF-16, or behind a byte-order mark, comes out as plain UTF-8."""

import codecs
from pathlib import Path

import pytest
from csi_logs import chunks
from hypothesis import example, given
from hypothesis import strategies as st

from midstream_cli.streams.encoding import as_utf8, encoding_of, start_as_utf8
from midstream_cli.streams.source import open_source
from midstream_cli.streams.transports import Chunk

MARKS = {"utf-8": codecs.BOM_UTF8, "utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}
LINE = "CSI_DATA,AP,20:50:0D:2A:A2:E4,-72,11\r\n"


@pytest.mark.parametrize("encoding", MARKS)
def test_a_byte_order_mark_is_known(encoding: str) -> None:
    assert encoding_of(MARKS[encoding] + LINE.encode(encoding)) == encoding


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_is_known_without_a_mark(encoding: str) -> None:
    assert encoding_of(LINE.encode(encoding)) == encoding


@pytest.mark.parametrize(
    "head",
    [b"", b"C", LINE.encode(), b"\x01\x00\x11\xc5\x01\x01\x40\x00", b"\x00" * 64, b"\xd4\xc3\xb2\xa1\x02\x00\x04\x00"],
    ids=["nothing", "one byte", "plain text", "a RuView packet", "zeros", "a capture file"],
)
def test_other_bytes_are_left_alone(head: bytes) -> None:
    assert encoding_of(head) is None


@given(text=st.text(st.characters(exclude_categories=["Cs"]), min_size=1), data=st.data())
@example(text="\ufeff", data=None)
@pytest.mark.parametrize("encoding", MARKS)
def test_text_survives_however_it_is_cut(encoding: str, text: str, data: st.DataObject | None) -> None:
    written = MARKS[encoding] + text.encode(encoding)
    pieces = data.draw(chunks(written)) if data else [written]
    read = b"".join(chunk.data for chunk in as_utf8((Chunk(piece, 7) for piece in pieces), encoding))
    assert read.decode() == text
    assert text.startswith(start_as_utf8(written[:100], encoding).decode())


def test_times_of_arrival_are_kept_and_damage_is_replaced() -> None:
    read = list(as_utf8(iter([Chunk(b"A\x00\x00", 1), Chunk(b"\xd8B\x00", 2), Chunk(b"C", 3)]), "utf-16-le"))
    assert [chunk.time_ns for chunk in read[:3]] == [1, 2, 3]
    assert b"".join(chunk.data for chunk in read).decode() == "A\ufffdB\ufffd"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16-le", "utf-16-be", "utf-16"])
def test_a_recording_is_read_alike_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(f"{HEADER}{RECORD}{RECORD}".encode(encoding))
    with open_source(str(path)) as source:
        assert [len(piece) for piece in source] == [2]
        assert source.info.format == "esp32-csi-tool"
        assert dict(source.tally.skipped) == {"header": 1}
        assert source.tally.bad == 0


HEADER = (
    "type,role,mac,rssi,rate,sig_mode,mcs,bandwidth,smoothing,not_sounding,aggregation,stbc,fec_coding,sgi,noise_floor,"
    "ampdu_cnt,channel,secondary_channel,local_timestamp,ant,sig_len,rx_state,real_time_set,real_timestamp,len,CSI_DATA\n"
)
RECORD = "CSI_DATA,AP,20:50:0D:2A:A2:E4,-72,11,1,0,1,1,1,0,0,0,0,-96,0,1,1,1000,0,84,0,0,0.5,384,[84 -64 4 0 ]\n"
