"""Lines of ESP32-CSI-Tool: what is read is what the board printed, and what is written is what it prints."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from csi_reading import assert_equal, cut, decode, recordings
from hypothesis import given, settings
from hypothesis import strategies as st

from midstream_cli.errors import FormatError
from midstream_cli.frames import StreamInfo, node_number
from midstream_cli.recordings import CsiRecording, TokenRecording
from midstream_cli.streams.formats import esp32_csi_amplitude, esp32_csi_tool
from midstream_cli.streams.source import open_source

HEADER = (
    b"type,role,mac,rssi,rate,sig_mode,mcs,bandwidth,smoothing,not_sounding,aggregation,stbc,fec_coding,sgi,noise_floor,"
    b"ampdu_cnt,channel,secondary_channel,local_timestamp,ant,sig_len,rx_state,real_time_set,real_timestamp,len,CSI_DATA\n"
)
LINE = (
    b"CSI_DATA,AP,20:50:0D:2A:A2:E4,-72,11,1,0,1,1,1,0,0,0,0,-96,0,1,2,4270524772,0,84,0,0,4270.7,384,"
    b"[84 -64 4 0 0 3 -2 5 ]\n"
)
META = {
    "role": st.sampled_from(["AP", "STA", "PASSIVE"]),
    **{name: st.integers(0, 1) for name in ("sig_mode", "bandwidth", "stbc", "sgi", "ant", "rx_state")},
    **{name: st.integers(0, 400) for name in ("rate", "mcs", "ampdu_cnt", "secondary_channel", "sig_len", "len")},
    "host_time_s": st.one_of(st.just(np.nan), st.floats(1.1e9, 9e9)),
}


def test_a_line_becomes_a_frame() -> None:
    recording, tally = decode(esp32_csi_tool, HEADER + LINE)
    frame = recording.frame(0)
    assert frame.time_ns == 4270524772000
    assert frame.node == node_number("20:50:0D:2A:A2:E4")
    assert frame.csi.tolist() == [-64 + 84j, 0 + 4j, 3 + 0j, 5 - 2j]
    assert (frame.rssi, frame.noise_floor, frame.channel, frame.seq) == (-72, -96, 1, -1)
    assert frame.meta["role"] == "AP"
    assert (frame.meta["secondary_channel"], frame.meta["len"], frame.meta["real_timestamp"]) == (2, 384, 4270.7)
    assert frame.meta["first_word_invalid"]
    assert np.isnan(frame.meta["host_time_s"])
    assert recording.info.clock == "device"
    assert (tally.bad, tally.skipped) == (0, {"header": 1})


def test_the_first_word_is_valid_where_it_does_not_hold_the_length() -> None:
    recording, _ = decode(esp32_csi_tool, LINE + LINE.replace(b"[84 ", b"[85 "))
    assert recording.meta["first_word_invalid"].tolist() == [True, False]


def test_time_that_a_host_added_is_kept() -> None:
    lines = [LINE.replace(b"]\n", b"]" + added + b"\r\n") for added in (b",1619984033.7131004", b",12", b",walk", b"")]
    recording, tally = decode(esp32_csi_tool, b"".join(lines))
    np.testing.assert_array_equal(recording.meta["host_time_s"], [1619984033.7131004, np.nan, np.nan, np.nan])
    assert tally.bad == 0


def test_any_rx_state_but_zero_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "passive.csv"
    path.write_bytes(b"".join(LINE.replace(b",84,0,", b",84,%d," % state) for state in (0, 1, 5, 65)))
    with open_source(str(path)) as source:
        assert sum(map(len, source)) == 1
        assert source.tally.dropped == {"damaged on the air (rx_state)": 3}


def test_a_recording_goes_on_where_the_counter_wraps(data: Path) -> None:
    recording, tally = decode(esp32_csi_tool, (data / "csi/pulse/mov_04.csv").read_bytes())
    assert (recording.meta["local_timestamp"][2563:2565]).tolist() == [4294963303, 13631]
    assert recording.time_ns[2564] - recording.time_ns[2563] == (13631 + (1 << 32) - 4294963303) * 1000
    assert (np.diff(recording.time_ns) >= 0).all()
    assert tally.resets == 0


@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_what_is_written_is_read_back(data: st.DataObject) -> None:
    recording = data.draw(recordings(127, **META))
    recording = replace(recording, seq=np.full(len(recording), -1))
    text = b"".join(esp32_csi_tool.encode(recording))
    again, tally = decode(esp32_csi_tool, *cut(text, data.draw(st.lists(st.integers(0, len(text)), max_size=4))))
    assert tally.bad == 0
    assert_equal(again, recording)


@pytest.mark.parametrize("name", ["pulse/mov_04.csv", "pulse/resp_6rpm.csv", "hernandez/hku_my-experiment-file.csv"])
def test_a_recording_is_written_as_its_board_printed_it(data: Path, name: str) -> None:
    text = (data / "csi" / name).read_bytes()
    header, *lines = esp32_csi_tool.encode(decode(esp32_csi_tool, text)[0])
    assert header == HEADER
    assert b"".join(lines) == text.removeprefix(HEADER)


def test_fields_that_a_frame_lacks_are_printed_all_the_same() -> None:
    recording = CsiRecording.build(StreamInfo(), [1_500_000], np.array([[1.4 - 200j, np.nan]]))
    assert list(esp32_csi_tool.encode(recording)) == [
        HEADER,
        b"CSI_DATA,AP,00:00:00:00:00:00,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1500,0,0,0,0,0.0015,4,[-128 1 0 0 ]\n",
    ]


def test_samples_that_would_vanish_are_not_written() -> None:
    recording = CsiRecording.build(StreamInfo(), [0], np.array([[0.1 + 0.2j, 0.3]]))
    with pytest.raises(FormatError, match="too small"):
        list(esp32_csi_tool.encode(recording))


def test_levels_that_are_not_printed_are_not_known() -> None:
    recording, _ = decode(esp32_csi_tool, LINE.replace(b",-72,", b",0,").replace(b",-96,", b",0,"))
    assert np.isnan([recording.rssi[0], recording.noise_floor[0]]).all()


def test_only_channel_state_can_be_written() -> None:
    with pytest.raises(FormatError, match="hold channel state"):
        list(esp32_csi_tool.encode(TokenRecording.of(StreamInfo(kind="token"), [])))


def test_pairs_are_told_from_amplitudes(data: Path) -> None:
    for name in ("hku_my-experiment-file.csv", "rikesh_example_csi.csv", "hernandez_example_csi.csv"):
        head = (data / "csi/hernandez" / name).read_bytes()[:65536]
        assert esp32_csi_tool.sniff(head)
        assert not esp32_csi_amplitude.sniff(head)


@pytest.mark.parametrize("head", [b"", b"CSI_DATA,", LINE[:-4], b"CSI_DATA,1,2,[3 4]\n" + LINE[:60], b"[84 -64]\n"])
def test_other_bytes_are_left_alone(head: bytes) -> None:
    assert not esp32_csi_tool.sniff(head)
