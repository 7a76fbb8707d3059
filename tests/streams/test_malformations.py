"""What really went wrong on serial consoles: each kind of damage is passed over, counted and named."""

from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from midstream_cli.errors import FormatError
from midstream_cli.frames import CsiRecording, StreamInfo, concatenate
from midstream_cli.streams.formats import csi_recv, csi_recv_c5c6, esp32_csi_tool
from midstream_cli.streams.source import open_source
from midstream_cli.streams.tally import Tally
from midstream_cli.streams.transports import ByteStream, Chunk


def hernandez(
    time: int = 1000, data: str = "84 -64 4 0 ", mac: str = "20:50:0D:2A:A2:E4", seconds: str = "0.5"
) -> bytes:
    return f"CSI_DATA,AP,{mac},-72,11,1,0,1,1,1,0,0,0,0,-96,0,1,2,{time},0,84,0,0,{seconds},384,[{data}]".encode()


def espressif(number: int = 1, data: str = "44,-64,2,0") -> bytes:
    head = f"CSI_DATA,{number},1a:00:00:00:00:00,-57,11,1,0,1,1,1,0,0,0,1,-96,0,11,2,{1000 * number},0,44,0,4,1"
    return f'{head},"[{data}]"'.encode()


def c6(number: int, time: int) -> bytes:
    return f'CSI_DATA,{number},1a:00:00:00:00:00,-69,11,-99,16,55,11,{time},47,0,4,0,"[0,1,-2,3]"'.encode()


def read(module: ModuleType, text: bytes) -> tuple[CsiRecording, Tally]:
    tally = Tally()
    pieces = list(module.decode(ByteStream(iter([Chunk(text)])), tally, StreamInfo()))
    return concatenate(pieces) if pieces else CsiRecording.build(StreamInfo(), [], np.zeros((0, 0))), tally


BOOT = (
    b"ESP-ROM:esp32s3-20210327\r\r\nBuild:Mar 27 2021\r\r\nrst:0x1 (POWERON),boot:0x8 (SPI_FAST_FLASH_BOOT)\r\r\n"
    b"I (24) boot: ESP-IDF v5.5.4 2nd stage bootloader\r\r\n"
)
GOOD = hernandez() + b"\n"


def test_a_stale_half_record_before_a_whole_one_is_a_fault_and_the_whole_one_is_read() -> None:
    """Together they have the 24 fields of another firmware, with 11 for a time."""
    text = b"11,0,47,0,128,0,5,-3," + c6(7, 59_354_667) + b"\n" + c6(8, 59_364_667) + b"\n"
    recording, tally = read(csi_recv_c5c6, b"CSI_DATA,6,1a:00:00:00:00:00,-69,11,-99,16,55,11,5" + text)
    assert recording.time_ns.tolist() == [59_354_667_000, 59_364_667_000]
    assert tally.faults == {"record cut short": 1}
    assert not csi_recv.sniff(text)


def test_a_record_cut_by_boot_text_is_a_fault_and_the_board_restarted() -> None:
    text = (
        hernandez(9_000_000) + b"\n" + hernandez(9_010_000)[:40] + b"\xef\xbf\xbd" + BOOT + hernandez(9_500_000) + b"\n"
    )
    recording, tally = read(esp32_csi_tool, text)
    assert recording.segment.tolist() == [0, 1]
    assert (tally.faults, tally.resets) == ({"record cut short": 1}, 1)
    assert tally.skipped == {"other text": 3}


def test_boot_text_behind_a_whole_record_comes_after_it() -> None:
    text = hernandez(9_000_000) + b"\n" + hernandez(9_010_000) + BOOT + hernandez(9_500_000) + b"\n"
    recording, tally = read(esp32_csi_tool, text)
    assert recording.segment.tolist() == [0, 0, 1]
    assert tally.bad == 0


def test_a_second_header_and_a_time_that_fell_is_a_restart() -> None:
    header = b"type,role,mac,rssi,local_timestamp,len,CSI_DATA\n"
    text = header + hernandez(412_967_962, seconds="412.9") + b"\n" + header + hernandez(5455, seconds="0.2") + b"\n"
    recording, tally = read(esp32_csi_tool, text)
    assert recording.segment.tolist() == [0, 1]
    assert recording.time_ns[1] >= recording.time_ns[0]
    assert (tally.resets, tally.skipped) == (1, {"header": 2})


def test_boot_text_before_a_bad_record_counts_for_the_next_good_one() -> None:
    bad = hernandez(1, data="1 2 3 ") + b"\n"
    for text in (GOOD + BOOT + bad + GOOD, GOOD + BOOT + bad + bad + b"\n" + GOOD):
        recording, _ = read(esp32_csi_tool, text)
        assert recording.segment.tolist() == [0, 1]


def test_a_log_line_inside_the_data_is_a_fault() -> None:
    log = "\x1b[0;31mE (50123) task_wdt: Task watchdog got triggered.\x1b[0m"
    inside = espressif(2, f"44,-64,{log}2,0")
    apart = espressif(2, f"44,-64,{log}\n2,0")
    _, tally = read(csi_recv, espressif(1) + b"\n" + inside + b"\n" + espressif(3) + b"\n")
    assert tally.faults == {"garbage in the data": 1}
    _, tally = read(csi_recv, espressif(1) + b"\n" + apart + b"\n" + espressif(3) + b"\n")
    assert tally.faults == {"record cut short": 1, "record without a beginning": 1}


def test_a_log_line_behind_the_data_is_no_fault() -> None:
    log = b"\x1b[0;31mE (50123) task_wdt: Task watchdog got triggered.\x1b[0m\n"
    recording, tally = read(esp32_csi_tool, hernandez(1000) + log + hernandez(2000) + b"\n")
    assert recording.csi.tolist() == [-64 + 84j, 4j] * 2
    assert tally.bad == 0


def test_a_prompt_before_the_record_and_a_log_line_between_records_are_no_faults() -> None:
    text = b"csi> " + GOOD + b"I (1234) wifi:new:<1,0>, old:<1,0>, ap:<255,255>\n" + b"\x1b[0mcsi> " + GOOD
    recording, tally = read(esp32_csi_tool, text)
    assert len(recording) == 2
    assert (tally.bad, tally.skipped) == (0, {"other text": 1})


def test_a_lost_byte_that_glues_two_values_is_a_fault() -> None:
    _, tally = read(esp32_csi_tool, GOOD + hernandez(data="-18 120 12-7 ") + b"\n" + hernandez(data="-18 12012 7 "))
    assert tally.faults == {"garbage in the data": 1, "odd number of values": 1}


def test_two_records_on_a_line_are_both_read() -> None:
    recording, tally = read(esp32_csi_tool, hernandez(1000) + hernandez(2000) + b"\n" + hernandez(3000))
    assert recording.time_ns.tolist() == [1_000_000, 2_000_000, 3_000_000]
    assert tally.bad == 0


def test_a_record_overrun_by_another_is_a_fault_and_the_other_is_read() -> None:
    for cut in range(10, len(GOOD) - 2):
        recording, tally = read(esp32_csi_tool, hernandez(1000)[:cut] + hernandez(2000) + b"\n")
        assert recording.time_ns.tolist() == [2_000_000]
        assert tally.faults == {"record cut short": 1}


@pytest.mark.parametrize("repeated", [',2,0,"[44,-64', ",2,0\x1b[0m", ",2,\x00\x00"])
def test_a_record_overrun_by_repeated_garbage_is_one_fault(repeated: str) -> None:
    recording, tally = read(csi_recv, espressif(1, "44,-64" + repeated * 400) + b"\n" + espressif(2) + b"\n")
    assert recording.seq.tolist() == [2]
    assert tally.faults == {"garbage in the data": 1}


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r\r\n", b"\n\n", b"\r\n\r\n"])
@pytest.mark.parametrize("text", [hernandez(), hernandez() + b",1619984033.7131004"])
def test_lines_may_end_as_they_like(end: bytes, text: bytes) -> None:
    recording, tally = read(esp32_csi_tool, (text + end) * 3)
    assert len(recording) == 3
    assert (tally.bad, tally.skipped) == (0, {})
    assert np.isnan(recording.meta["host_time_s"]).all() == (b",1619" not in text)


def test_bytes_that_are_no_text_do_not_matter_outside_records() -> None:
    recording, tally = read(esp32_csi_tool, b"\xef\xbf\xbd\x00\xff" + GOOD + b"\xff\x00\n" + GOOD + b"\xef\xbf\xbd")
    assert len(recording) == 2
    assert (tally.bad, tally.skipped) == (0, {"other text": 2})


def test_bytes_that_are_no_text_are_faults_inside_records() -> None:
    damaged = GOOD.replace(b"-64", b"\xef\xbf\xbd"), GOOD.replace(b"AP", b"\xef\xbf\xbd"), GOOD.replace(b"-72", b"\x00")
    _, tally = read(esp32_csi_tool, GOOD + b"".join(damaged) + GOOD)
    assert tally.faults == {"garbage in the data": 1, "text field unreadable": 1, "int field unreadable": 1}


@pytest.mark.parametrize("text", [b"", b"\n\n", b"type,role,mac,local_timestamp,len,CSI_DATA\n", BOOT])
def test_a_log_without_a_frame_is_empty(text: bytes) -> None:
    recording, tally = read(esp32_csi_tool, text)
    assert (len(recording), tally.bad) == (0, 0)


def test_a_mac_address_of_zeros_is_one() -> None:
    recording, tally = read(esp32_csi_tool, hernandez(mac="00:00:00:00:00:00") + b"\n")
    assert (recording.node.tolist(), tally.bad) == ([0], 0)


def test_a_hole_in_a_recording_stays_one() -> None:
    recording, tally = read(esp32_csi_tool, hernandez(1_000_000) + b"\n" + hernandez(106_000_000) + b"\n")
    assert np.diff(recording.time_ns).tolist() == [105_000_000_000]
    assert tally.resets == 0


@pytest.mark.parametrize(
    ("name", "frames", "faults", "skipped"),
    [
        ("ronghua_csi-raw_utf16le.csv", 2586, {}, {"header": 1}),
        ("tristsou_empty_01.csv", 143, {}, {}),
        ("tristsou_empty_01_full_log.txt", 149, {}, {"header": 1, "other text": 122}),
        (
            "tristsou_full_log.txt",
            135,
            {"record without a beginning": 1, "record cut short": 1},
            {"header": 1, "other text": 127},
        ),
        (
            "debatablemiracle_csi_data_log.txt",
            0,
            {"record without a beginning": 1, "garbage in the data": 1},
            {"other text": 1},
        ),
    ],
)
def test_real_consoles_are_read_as_far_as_they_can_be(
    data: Path, name: str, frames: int, faults: dict[str, int], skipped: dict[str, int]
) -> None:
    with open_source(str(data / "csi/nasty" / name), keep_bad=True) as source:
        assert sum(map(len, source)) == frames
        assert dict(source.tally.faults) == faults
        assert dict(source.tally.skipped) == skipped
        assert source.tally.resets == 0


def test_every_nasty_file_is_looked_at(data: Path) -> None:
    assert len(list((data / "csi/nasty").iterdir())) == 5


def test_most_packets_of_strangers_are_damaged(data: Path) -> None:
    with open_source(str(data / "csi/nasty/ronghua_csi-raw_utf16le.csv")) as source:
        kept = sum(map(len, source))
        assert kept + source.tally.dropped["damaged on the air (rx_state)"] == 2586
        assert kept < 2586 / 2


def test_a_file_that_nothing_reads_is_told(tmp_path: Path) -> None:
    path = tmp_path / "boot.log"
    path.write_bytes(BOOT)
    with pytest.raises(FormatError, match="nothing known reads"):
        open_source(str(path))
