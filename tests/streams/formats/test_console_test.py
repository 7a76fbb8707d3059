"""Lines of Espressif's console_test, and what else it prints."""

import base64

import numpy as np
import pytest
from csi_reading import assert_equal, cut, decode, recordings
from hypothesis import given, settings
from hypothesis import strategies as st

from midstream_cli.streams.formats import console_test

HEADER = (
    b"type,sequence,timestamp,taget_seq,taget,mac,rssi,rate,sig_mode,mcs,bandwidth,smoothing,not_sounding,aggregation,"
    b"stbc,fec_coding,sgi,noise_floor,ampdu_cnt,channel,secondary_channel,local_timestamp,ant,sig_len,rx_state,agc_gain,"
    b"fft_gain,len,first_word,data\n"
)
META = {
    "taget": st.sampled_from(["unknown", "none", "someone", "static", "move", "sit down"]),
    **{name: st.integers(0, 1) for name in ("sig_mode", "bandwidth", "stbc", "sgi", "ant", "first_word")},
    **{name: st.integers(0, 400) for name in ("rate", "mcs", "taget_seq", "sig_len", "agc_gain", "fft_gain")},
}


def line(data: str, length: int = 4, label: str = "sit down", moment: str = "12345", time: int = 12_345_678) -> bytes:
    head = f"CSI_DATA,17,{moment},3,{label},1a:00:00:00:00:00,-57,11,1,0,1,1,1,0,0,0,1,-96,0,11,2,{time},0,44,0,42,-7"
    return f"{head},{length},0,{data}\n".encode()


LIST, BASE64 = '"[44,-64,2,0]"', base64.b64encode(np.array([44, -64, 2, 0], np.int8).tobytes()).decode()


@pytest.mark.parametrize("data", [LIST, BASE64, f'"{BASE64}"', '"[44, -64, 2, 0]"'])
def test_a_line_becomes_a_frame(data: str) -> None:
    recording, tally = decode(console_test, HEADER + line(data))
    frame = recording.frame(0)
    assert frame.time_ns == 12_345_678_000
    assert frame.csi.tolist() == [-64 + 44j, 0 + 2j]
    assert (frame.rssi, frame.noise_floor, frame.channel, frame.seq) == (-57, -96, 11, 17)
    assert (frame.meta["taget"], frame.meta["taget_seq"]) == ("sit down", 3)
    assert (frame.meta["agc_gain"], frame.meta["fft_gain"], frame.meta["timestamp"]) == (42, -7, 12.345)
    assert np.isnan(frame.meta["host_time_s"])
    assert (tally.bad, tally.skipped) == (0, {"header": 1})


def test_what_it_prints_besides_is_counted_by_name() -> None:
    others = b"RADAR_DADA,5,12,0.1,0.1,0.2,0,0.01,0.01,0.02,0\nI (123) app_main: hello\nDEVICE_INFO,1,x,ESP32\n"
    recording, tally = decode(console_test, others + line(LIST) + b"csi> RADAR_DADA,6,13,0,0,0,0,0,0,0,0\n")
    assert len(recording) == 1
    assert tally.skipped == {"RADAR_DADA": 2, "DEVICE_INFO": 1, "other text": 1}
    assert tally.bad == 0


def test_the_date_that_espressifs_tool_notes_is_the_hosts_time() -> None:
    recording, tally = decode(console_test, line(LIST, moment="2024-03-01 10:20:30.123"))
    assert recording.meta["host_time_s"].tolist() == [1709288430.123]
    assert tally.bad == 0


def test_the_boards_second_clock_tells_a_restart_from_a_wrap() -> None:
    started = line(LIST, moment="2400000", time=2_400_000_000)
    _, wrapped = decode(console_test, started, line(LIST, moment="4395000", time=100_032_704))
    _, restarted = decode(console_test, started, line(LIST, moment="100033", time=100_032_704))
    assert (wrapped.resets, restarted.resets) == (0, 1)


@pytest.mark.parametrize(
    ("damaged", "fault"),
    [
        (line(BASE64[:-1]), "data is not base64"),
        (line(BASE64[:-4]), "odd number of values"),
        (line(BASE64 + "!"), "data is not base64"),
        (line(BASE64)[:60] + b"\n", "record cut short"),
        (line(LIST, length=6), "length does not match"),
        (line(LIST, label="\x07"), "text field unreadable"),
        (line(LIST, moment="noon"), "moment field unreadable"),
    ],
)
def test_damage_is_named(damaged: bytes, fault: str) -> None:
    recording, tally = decode(console_test, line(LIST) + damaged + line(BASE64))
    assert len(recording) == 2
    assert tally.faults == {fault: 1}
    assert tally.examples == {fault: "line 2"}


@pytest.mark.parametrize("data", [LIST, BASE64])
def test_it_is_recognised(data: str) -> None:
    assert console_test.sniff(line(data) * 2)
    assert not console_test.sniff(line(data)[:100])


@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_what_is_written_is_read_back(data: st.DataObject) -> None:
    recording = data.draw(recordings(127, **META))
    header, *lines = console_test.encode(recording)
    assert header == HEADER
    text = header + b"".join(lines)
    again, tally = decode(console_test, *cut(text, data.draw(st.lists(st.integers(0, len(text)), max_size=4))))
    assert tally.bad == 0
    assert_equal(again, recording)


@given(st.lists(st.lists(st.integers(-128, 127), min_size=1, max_size=6), min_size=1, max_size=5))
@settings(max_examples=40, deadline=None)
def test_lists_and_base64_mean_the_same(frames: list[list[int]]) -> None:
    pairs = [values * 2 for values in frames]
    lists = [line(str(values).replace(" ", ""), len(values)) for values in pairs]
    coded = [line(base64.b64encode(np.array(v, np.int8).tobytes()).decode(), len(v)) for v in pairs]
    one, other = decode(console_test, *lists)[0], decode(console_test, *coded)[0]
    assert_equal(one, other)
    assert len(one) == len(frames)
