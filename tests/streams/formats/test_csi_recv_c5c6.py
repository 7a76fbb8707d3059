"""Lines of Espressif's csi_recv on newer chips."""

import pytest
from csi_reading import assert_equal, cut, decode, recordings
from hypothesis import given, settings
from hypothesis import strategies as st

from midstream_cli.streams.formats import csi_recv, csi_recv_c5c6

HEADER = b"type,seq,mac,rssi,rate,noise_floor,fft_gain,agc_gain,channel,local_timestamp,sig_len,rx_state,len,first_word,data\n"
LINE = b'CSI_DATA,1664386,1a:00:00:00:00:02,-69,11,-99,16,55,11,59354667,47,2,4,0,"[0,1,-2,3]"\n'
META = {name: st.integers(0, 400) for name in ("rate", "fft_gain", "agc_gain", "sig_len", "first_word")}


def test_a_line_becomes_a_frame() -> None:
    recording, tally = decode(csi_recv_c5c6, HEADER + LINE)
    frame = recording.frame(0)
    assert frame.time_ns == 59354667000
    assert frame.csi.tolist() == [1 + 0j, 3 - 2j]
    assert (frame.rssi, frame.noise_floor, frame.channel, frame.seq) == (-69, -99, 11, 1664386)
    assert (frame.meta["fft_gain"], frame.meta["agc_gain"]) == (16, 55)
    assert (frame.meta["rx_format"], frame.meta["rx_state"]) == (2, 0)
    assert tally.bad == 0


def test_values_of_twelve_bits_are_read() -> None:
    values = [-2048, 2047, 1500, -1024, 999, -999]
    line = LINE.replace(b",4,0,", b",6,0,").replace(b"[0,1,-2,3]", str(values).replace(" ", "").encode())
    recording, _ = decode(csi_recv_c5c6, line)
    assert recording.csi.tolist() == [2047 - 2048j, -1024 + 1500j, -999 + 999j]


@pytest.mark.parametrize("lines", [1, 3])
def test_it_is_told_from_older_chips(lines: int) -> None:
    assert csi_recv_c5c6.sniff(LINE * lines)
    assert not csi_recv.sniff(LINE * lines)


def test_half_a_record_in_front_does_not_make_it_one_of_older_chips() -> None:
    """Together they have as many fields as a record of an older chip."""
    stale = b"CSI_DATA,1664380,1a:00:00:00:00:02,-69,11,-99,16,55,11,59,"
    recording, tally = decode(csi_recv_c5c6, stale + LINE, LINE)
    assert csi_recv_c5c6.sniff(stale + LINE)
    assert not csi_recv.sniff(stale + LINE)
    assert recording.time_ns.tolist() == [59354667000] * 2
    assert tally.faults == {"record cut short": 1}


@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_what_is_written_is_read_back(data: st.DataObject) -> None:
    recording = data.draw(recordings((1 << 15) - 1, **META))
    header, *lines = csi_recv_c5c6.encode(recording)
    assert header == HEADER
    text = header + b"".join(lines)
    again, tally = decode(csi_recv_c5c6, *cut(text, data.draw(st.lists(st.integers(0, len(text)), max_size=4))))
    assert tally.bad == 0
    assert_equal(again, recording)
