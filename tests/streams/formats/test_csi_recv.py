"""Lines of Espressif's csi_recv and csi_recv_router."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from csi_reading import assert_equal, cut, decode, recordings
from hypothesis import given, settings
from hypothesis import strategies as st

from midstream_cli.frames import StreamInfo, node_number
from midstream_cli.recordings import CsiRecording
from midstream_cli.streams.formats import csi_recv, esp32_csi_tool
from midstream_cli.streams.source import open_source

HEADER = (
    b"type,id,mac,rssi,rate,sig_mode,mcs,bandwidth,smoothing,not_sounding,aggregation,stbc,fec_coding,sgi,noise_floor,"
    b"ampdu_cnt,channel,secondary_channel,local_timestamp,ant,sig_len,rx_state,len,first_word,data\n"
)
META = {
    **{name: st.integers(0, 1) for name in ("sig_mode", "bandwidth", "stbc", "sgi", "ant", "first_word")},
    **{name: st.integers(0, 400) for name in ("rate", "mcs", "ampdu_cnt", "secondary_channel", "sig_len")},
}


def line(
    number: int = 2534, data: str = "44,-64,2,0", length: int = 4, state: int = 0, time: int = 35519333, word: int = 1
) -> bytes:
    head = (
        f"CSI_DATA,{number},1a:00:00:00:00:00,-57,11,1,0,1,1,1,0,0,0,1,-96,0,11,2,{time},0,44,{state},{length},{word}"
    )
    return f'{head},"[{data}]"\r\n'.encode()


def test_a_line_becomes_a_frame() -> None:
    recording, tally = decode(csi_recv, HEADER + line())
    frame = recording.frame(0)
    assert frame.time_ns == 35519333000
    assert frame.node == node_number("1a:00:00:00:00:00")
    assert frame.csi.tolist() == [-64 + 44j, 0 + 2j]
    assert (frame.rssi, frame.noise_floor, frame.channel, frame.seq) == (-57, -96, 11, 2534)
    assert (frame.meta["secondary_channel"], frame.meta["sgi"], frame.meta["first_word"]) == (2, 1, 1)
    assert (tally.bad, tally.lost, tally.skipped) == (0, 0, {"header": 1})


def test_values_beyond_a_byte_are_read() -> None:
    recording, tally = decode(csi_recv, line(data="129,135,-139,200,2047,-2048").replace(b",4,1,", b",6,1,"))
    assert recording.csi.tolist() == [135 + 129j, 200 - 139j, -2048 + 2047j]
    assert tally.bad == 0


def test_counters_that_print_negative_are_counters_of_32_bits() -> None:
    texts = [line(number=-2, time=-1142324325), line(number=-1, time=-1142314325), line(number=1, time=-1142294325)]
    recording, tally = decode(csi_recv, *texts)
    assert recording.time_ns.tolist() == [(time + (1 << 32)) * 1000 for time in (-1142324325, -1142314325, -1142294325)]
    assert recording.seq.tolist() == [(1 << 32) - 2, (1 << 32) - 1, 1]
    assert tally.lost == 1


def test_what_the_sender_numbered_and_never_came_was_lost() -> None:
    _, tally = decode(csi_recv, b"".join(line(number=number) for number in (1, 2, 3, 6, 7, 9)))
    assert tally.lost == 3


def test_a_router_counts_in_twos_and_has_lost_nothing() -> None:
    _, tally = decode(csi_recv, b"".join(line(number=number) for number in range(0, 200, 2)))
    assert tally.lost == 0


@pytest.mark.parametrize(
    ("length", "data"), [(6, "1,2,3,4"), (4, "1,2,3,4,5,6"), (4, "1,2,3,44,5,6,7,8"), (128, "44,-64,2,0")]
)
def test_a_list_of_another_length_is_damage(length: int, data: str) -> None:
    recording, tally = decode(csi_recv, line(), line(data=data, length=length), line())
    assert len(recording) == 2
    assert tally.faults == {"length does not match": 1}
    assert tally.examples == {"length does not match": "line 2"}


NEW_HEADER = HEADER.replace(b"rx_state", b"rx_format")


@pytest.mark.parametrize(
    ("header", "code", "state"),
    [
        (b"", 0, 0),
        (b"", 1, 0),
        (b"", 5, 0),
        (b"", 6, 6),
        (b"", 65, 65),
        (HEADER, 1, 0),
        (HEADER, 65, 65),
        (NEW_HEADER, 1, 0),
        (NEW_HEADER, 7, 0),
        (NEW_HEADER + HEADER, 7, 7),
        (HEADER + NEW_HEADER, 7, 0),
    ],
)
def test_a_packets_format_is_no_damage(header: bytes, code: int, state: int) -> None:
    recording, _ = decode(csi_recv, header + line(state=code) * 2, line(state=code))
    assert recording.meta["rx_format"].tolist() == [code] * 3
    assert recording.meta["rx_state"].tolist() == [state] * 3


def test_what_the_receiver_called_damaged_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "csi.csv"
    path.write_bytes(b"".join(line(state=state) for state in (0, 1, 65)))
    with open_source(str(path)) as source:
        assert source.info.format == "csi-recv"
        assert sum(map(len, source)) == 2
        assert source.tally.dropped == {"damaged on the air (rx_state)": 1}


def test_the_first_word_is_invalid_where_the_board_or_its_leftover_says_so() -> None:
    lines = line(word=1, data="1,2"), line(word=0, data="1,2"), line(word=0, data="44,2")
    recording, _ = decode(csi_recv, b"".join(lines).replace(b",4,", b",2,"))
    assert recording.meta["first_word_invalid"].tolist() == [True, False, True]


def test_a_row_in_a_quoted_field_of_another_table_is_read() -> None:
    row = line().strip().replace(b'"', b'""')
    recording, tally = decode(csi_recv, b'2024-03-01T10:20:30,walk,1,,"' + row + b'"\n')
    assert recording.csi.tolist() == [-64 + 44j, 0 + 2j]
    assert tally.bad == 0


def test_a_recording_is_written_as_its_board_printed_it(data: Path) -> None:
    text = (data / "csi/espressif/debatablemiracle_csi_data.csv").read_bytes().replace(b"\r\n", b"\n")
    assert b"".join(csi_recv.encode(decode(csi_recv, text)[0])) == text


@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_what_is_written_is_read_back(data: st.DataObject) -> None:
    recording = data.draw(recordings((1 << 15) - 1, **META))
    header, *lines = csi_recv.encode(recording)
    assert header == HEADER
    assert len(lines) == len(recording)
    text = header + b"".join(lines)
    again, tally = decode(csi_recv, *cut(text, data.draw(st.lists(st.integers(0, len(text)), max_size=4))))
    assert tally.bad == 0
    assert_equal(again, recording)


def test_a_recording_of_another_firmware_is_written_with_what_it_knows(data: Path) -> None:
    text = (data / "csi/hernandez/rikesh_example_csi.csv").read_bytes()[:100_000]
    recording, _ = decode(esp32_csi_tool, text)
    again, tally = decode(csi_recv, *csi_recv.encode(recording))
    assert_equal(
        replace(again, seq=recording.seq), recording, meta=["sig_len", "mcs", "first_word_invalid", "host_time_s"]
    )
    assert recording.meta["first_word_invalid"].any()
    assert (tally.bad, tally.lost) == (0, 0)


def test_of_no_frames_only_the_header_is_written() -> None:
    assert list(csi_recv.encode(CsiRecording.build(StreamInfo(), [], np.zeros((0, 64))))) == [HEADER]


def test_counters_are_printed_signed() -> None:
    recording = CsiRecording.build(StreamInfo(), [3_000_000_000_000], np.array([[1 + 2j]]), seq=[4_000_000_000])
    text = list(csi_recv.encode(recording))[1]
    assert text.split(b",")[1] == b"-294967296"
    assert text.split(b",")[18] == b"-1294967296"


def test_frames_without_numbers_are_numbered() -> None:
    recording = replace(decode(csi_recv, line() * 3)[0], seq=np.full(3, -1))
    assert [text.split(b",")[1] for text in csi_recv.encode(recording)][1:] == [b"0", b"1", b"2"]
