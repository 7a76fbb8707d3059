"""What really went wrong on serial consoles: each kind of damage is passed over, counted and named."""

from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from midstream_cli.errors import FormatError
from midstream_cli.frames import StreamInfo
from midstream_cli.recordings import CsiRecording, concatenate
from midstream_cli.streams.formats import csi_recv, csi_recv_c5c6, esp32_csi_tool
from midstream_cli.streams.source import open_source
from midstream_cli.streams.tally import Tally
from midstream_cli.streams.transports import ByteStream, Chunk


def hernandez(
    time: int = 1000, data: str = "84 -64 4 0 ", mac: str = "20:50:0D:2A:A2:E4", seconds: str = "0.5"
) -> bytes:
    return f"CSI_DATA,AP,{mac},-72,11,1,0,1,1,1,0,0,0,0,-96,0,1,2,{time},0,84,0,0,{seconds},384,[{data}]".encode()


def espressif(number: int = 1, data: str = "44,-64,2,0", time: int | None = None) -> bytes:
    time = 1000 * number if time is None else time
    head = f"CSI_DATA,{number},1a:00:00:00:00:00,-57,11,1,0,1,1,1,0,0,0,1,-96,0,11,2,{time},0,44,0,4,1"
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


@dataclass(frozen=True, slots=True)
class Case:
    """Damage that was met, between two good records; what is read between them, and what is counted."""

    module: ModuleType
    between: bytes
    """From behind the first record to the beginning of the last."""
    frames: int = 0
    faults: dict[str, int] = field(default_factory=dict)
    first_at: str = ""
    skipped: dict[str, int] = field(default_factory=dict)
    resets: int = 0
    last_us: int = 9_000_000


LINE_OF_127 = hernandez(2000, data="84 -64 4 0 " * 31 + "-18 12012 7 ") + b"\n"
CLASSIC_HEADER = f"type,{esp32_csi_tool.FIELDS.header},CSI_DATA\n".encode()
OVERRUN = espressif(2, "44,-64,2,0" + ",2,0,-12,30,-11,31" * 300)[:-2]
ANSI = b"\x1b[0;31mE (50123) task_wdt: Task watchdog got triggered.\x1b[0m"

CATALOGUE = {
    "a stale half record before a whole one, together with the fields of another firmware": Case(
        csi_recv_c5c6,
        b"\nCSI_DATA,6,1a:00:00:00:00:00,-69,11,-99,16,55,11,511," + c6(7, 59_354_667) + b"\n",
        frames=1,
        faults={"record cut short": 1},
        first_at="line 2",
        last_us=59_364_667,
    ),
    "a record cut, then boot text on the same line": Case(
        esp32_csi_tool,
        b"\n" + hernandez(2000)[:40] + BOOT,
        faults={"record cut short": 1},
        first_at="line 2",
        skipped={"other text": 3},
        resets=1,
        last_us=500,
    ),
    "two headers, and a time that fell": Case(
        esp32_csi_tool, b"\n" + CLASSIC_HEADER, skipped={"header": 1}, resets=1, last_us=500
    ),
    "a log line in colour inside the data": Case(
        csi_recv,
        b"\n" + espressif(2, "44,-64," + ANSI.decode() + "2,0") + b"\n",
        faults={"garbage in the data": 1},
        first_at="line 2",
    ),
    "a log line on its own inside the data": Case(
        csi_recv,
        b"\n" + espressif(2)[:-5] + ANSI + b"\n" + espressif(2)[-4:] + b"\n",
        faults={"record cut short": 1, "record without a beginning": 1},
        first_at="line 2",
    ),
    "a prompt before the record, and a log line between records": Case(
        csi_recv,
        b"\nI (1234) wifi:new:<1,0>, old:<1,0>, ap:<255,255>, sta:<1,0>\n" + b"csi> ",
        skipped={"other text": 1},
    ),
    "a lost byte that leaves 127 values": Case(
        esp32_csi_tool, b"\n" + LINE_OF_127, faults={"odd number of values": 1}, first_at="line 2"
    ),
    "a lost byte that glues a value to the minus of the next": Case(
        esp32_csi_tool,
        b"\n" + hernandez(2000, data="84 -64-4 0 ") + b"\n",
        faults={"garbage in the data": 1},
        first_at="line 2",
    ),
    "a lost byte in the word that begins a record": Case(
        esp32_csi_tool, b"\nCSI_DTA" + GOOD[8:], faults={"record without a beginning": 1}, first_at="line 2"
    ),
    "a lost line end": Case(esp32_csi_tool, hernandez(2000) + b"\n", frames=1),
    "a line of repeated garbage": Case(
        csi_recv, b"\n" + OVERRUN + b"\n", faults={"record cut short": 1}, first_at="line 2"
    ),
    "a line of repeated garbage that is closed": Case(
        csi_recv, b"\n" + OVERRUN + b']"\n', faults={"length does not match": 1}, first_at="line 2"
    ),
    "line ends of CR CR LF": Case(esp32_csi_tool, b"\r\r\n" + hernandez(2000) + b"\r\r\n", frames=1),
    "bytes that are no text on a line of their own": Case(
        esp32_csi_tool, b"\n\xef\xbf\xbd\xff\xfe\n", skipped={"other text": 1}
    ),
    "bytes that are no text inside a record": Case(
        esp32_csi_tool,
        b"\n" + GOOD.replace(b"-64", b"\xef\xbf\xbd"),
        faults={"garbage in the data": 1},
        first_at="line 2",
    ),
    "an address of zeros": Case(esp32_csi_tool, b"\n" + hernandez(2000, mac="00:00:00:00:00:00") + b"\n", frames=1),
    "a hole of 105 seconds": Case(esp32_csi_tool, b"\n", last_us=105_001_000),
    "two holes of 4 seconds": Case(esp32_csi_tool, b"\n" + hernandez(4_001_000) + b"\n", frames=1, last_us=8_001_000),
}


def good(module: ModuleType, time_us: int, number: int) -> bytes:
    if module is esp32_csi_tool:
        return hernandez(time_us, seconds=str(time_us / 1e6))
    return c6(number, time_us) if module is csi_recv_c5c6 else espressif(number, time=time_us)


@pytest.mark.parametrize("name", CATALOGUE)
def test_frames_before_and_after_are_read_and_the_fault_is_counted_and_named(name: str) -> None:
    case = CATALOGUE[name]
    text = good(case.module, 1000, 1) + case.between + good(case.module, case.last_us, 9) + b"\n"
    recording, tally = read(case.module, text)
    assert len(recording) == 2 + case.frames
    assert recording.meta["local_timestamp"][[0, -1]].tolist() == [1000, case.last_us]
    assert (tally.faults, tally.skipped, tally.resets) == (case.faults, case.skipped, case.resets)
    assert list(tally.examples.values())[:1] == [case.first_at] * bool(case.first_at)
    if not case.resets:
        assert recording.time_ns[-1] - recording.time_ns[0] == (case.last_us - 1000) * 1000


@pytest.mark.parametrize("name", CATALOGUE)
@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_the_same_is_read_of_a_log_in_another_encoding(tmp_path: Path, encoding: str, name: str) -> None:
    case = CATALOGUE[name]
    text = good(case.module, 1000, 1) + case.between + good(case.module, case.last_us, 9) + b"\n"
    (tmp_path / "log").write_bytes(text.decode("utf-8", "replace").encode(encoding))
    with open_source(str(tmp_path / "log")) as source:
        times = [us for piece in source for us in piece.meta["local_timestamp"].tolist()]  # type: ignore[union-attr]
        assert (times[0], times[-1], len(times)) == (1000, case.last_us, 2 + case.frames)
        assert (source.tally.faults, source.tally.skipped) == (case.faults, case.skipped)


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


def test_boot_text_before_a_bad_record_counts_for_the_next_good_one() -> None:
    bad = hernandez(1, data="1 2 3 ") + b"\n"
    for text in (GOOD + BOOT + bad + GOOD, GOOD + BOOT + bad + bad + b"\n" + GOOD):
        recording, _ = read(esp32_csi_tool, text)
        assert recording.segment.tolist() == [0, 1]


def test_a_log_line_behind_the_data_is_no_fault() -> None:
    log = b"\x1b[0;31mE (50123) task_wdt: Task watchdog got triggered.\x1b[0m\n"
    recording, tally = read(esp32_csi_tool, hernandez(1000) + log + hernandez(2000) + b"\n")
    assert recording.csi.tolist() == [-64 + 84j, 4j] * 2
    assert tally.bad == 0


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


@pytest.mark.parametrize(("text", "told"), [(b"", "is empty"), (CLASSIC_HEADER, "nothing known reads")])
def test_a_file_of_no_frames_is_told_and_where_its_format_is_named_it_is_read(
    tmp_path: Path, text: bytes, told: str
) -> None:
    path = tmp_path / "nothing.csv"
    path.write_bytes(text)
    with pytest.raises(FormatError, match=told):
        open_source(str(path))
    with open_source(str(path), input_format="esp32-csi-tool") as source:
        assert list(source) == []
        assert (source.tally.bad, source.tally.skipped) == (0, {"header": 1} if text else {})
