"""Serial ports: pseudo-terminals that are fed with a real recording and treated as badly as cables are."""

import fcntl
import os
import pty
import random
import re
import select
import socket
import subprocess
import sys
import termios
import threading
import time
import tty
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import serial as pyserial
import serial.tools.list_ports
from serial.urlhandler import protocol_loop, protocol_socket

from midstream_cli.errors import ExitCode, SourceError, UsageError
from midstream_cli.recordings import CsiRecording, Recording, concatenate
from midstream_cli.streams import ports, transports
from midstream_cli.streams.live import decoupled
from midstream_cli.streams.source import Source, open_source
from midstream_cli.streams.tally import Tally
from midstream_cli.streams.transports import ByteStream, Patience
from midstream_cli.streams.transports import serial as transport

DEADLINE_S = 20.0
PATIENT = Patience(silence_s=DEADLINE_S, reconnect_s=DEADLINE_S)


class Cable:
    """A pseudo-terminal behind a path, as a board is behind /dev/ttyUSB0."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.opened = threading.Semaphore(0)
        """Released whenever somebody has opened the port; opening forgets what was sent before."""
        self.board = self.port = -1
        self.plug()

    @property
    def url(self) -> str:
        """What to open."""
        return f"serial://{self.path}"

    def plug(self) -> None:
        """A new device behind the old path."""
        self.board, self.port = pty.openpty()
        tty.setraw(self.port)
        self.path.symlink_to(os.ttyname(self.port))

    def unplug(self) -> None:
        """The device goes away under whoever has it open."""
        self.path.unlink(missing_ok=True)
        if self.board >= 0:
            os.close(self.port)
            os.close(self.board)
        self.board = self.port = -1

    def write(self, data: bytes) -> None:
        """Send as fast as the other side reads."""
        while data:
            data = data[os.write(self.board, data) :]

    def feed(self, *parts: bytes | Callable[[], None]) -> None:
        """Send from a thread, as soon as somebody has opened the port."""

        def send() -> None:
            if self.opened.acquire(timeout=DEADLINE_S):
                for part in parts:
                    self.write(part) if isinstance(part, bytes) else part()

        threading.Thread(target=send, daemon=True).start()


@pytest.fixture
def cable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cable]:
    plugged = Cable(tmp_path / "ttyUSB0")
    open_port = pyserial.Serial.open

    def opened(port: pyserial.Serial) -> None:
        open_port(port)
        plugged.opened.release()

    monkeypatch.setattr(pyserial.Serial, "open", opened)
    yield plugged
    plugged.unplug()


class Collector:
    """The frames of a live source, as they come."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.pieces: list[CsiRecording] = []
        self._arriving = decoupled(source)

    def until(self, done: Callable[[], bool]) -> None:
        """Read until something is so, and fail if it is not so in time."""
        end = time.monotonic() + DEADLINE_S
        while not done():
            assert time.monotonic() < end, f"{self.frames} frames and {self.source.stream.read} bytes came"
            self.take(next(self._arriving))

    def take(self, piece: Recording | None) -> None:
        """Keep a piece."""
        if isinstance(piece, CsiRecording):
            self.pieces.append(piece)

    @property
    def frames(self) -> int:
        """How many have come."""
        return sum(map(len, self.pieces))

    def close(self) -> CsiRecording:
        """Stop; all that came."""
        self._arriving.close()  # type: ignore[attr-defined]
        return concatenate(self.pieces)


def csi_of(line: bytes) -> np.ndarray[Any, np.dtype[np.complex64]]:
    """The samples of one line, by the definition: pairs, imaginary part first."""
    values = [int(value) for value in line[line.index(b"[") + 1 : line.index(b"]")].split()]
    return np.array([complex(re, im) for im, re in zip(values[::2], values[1::2], strict=True)], np.complex64)


def timestamp_us(line: bytes) -> int:
    return int(line.split(b",")[18])


def paced(cable: Cable, lines: list[bytes]) -> Callable[[], None]:
    """Send lines when their own timestamps say."""

    def send() -> None:
        begun = time.monotonic()
        for line in lines:
            ahead_s = begun + (timestamp_us(line) - timestamp_us(lines[0])) / 1e6 - time.monotonic()
            if ahead_s > 0:
                time.sleep(ahead_s)
            cable.write(line)

    return send


@pytest.fixture(scope="module")
def lines(data: Path) -> list[bytes]:
    path = data / "csi" / "pulse" / "mov_01.csv"
    if not path.exists():
        pytest.skip(f"{path} is missing")
    return path.read_bytes().splitlines(keepends=True)


BOOT = (
    b"ets Jun  8 2016 00:22:57\r\n\r\nrst:0x1 (POWERON_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\r\n"
    b"\x1b[0;32mI (29) boot: ESP-IDF v4.4 2nd stage bootloader\x1b[0m\r\n"
)


def test_a_real_stream_with_real_faults_has_the_frames_of_the_same_bytes_in_a_file(
    cable: Cable, lines: list[bytes], tmp_path: Path
) -> None:
    noise = random.Random(3).randbytes(600).replace(b"\n", b"") + b"\n"
    calm = lines[1:216]
    rough = [
        lines[0][200:],  # we begin to listen in the middle of a line
        *calm,
        noise,
        *lines[216:300],
        lines[300][:250],  # a line cut short by the next one
        *lines[301:3000],
        lines[3000][:99] + BOOT,  # the board restarts in the middle of a line, and its clock begins anew
        *lines[10:400],
        b"csi> \x00\xff\xfe" + lines[400],  # a prompt and noise before a line
        *lines[401:],
        lines[7][:100] + b"\n",
    ]
    whole = [*calm, *lines[216:300], *lines[301:3000], *lines[10:]]
    everything = b"".join(rough)
    (tmp_path / "same.csv").write_bytes(everything)
    with open_source(str(tmp_path / "same.csv")) as recorded:
        expected = concatenate([piece for piece in recorded if isinstance(piece, CsiRecording)])

    cable.feed(rough[0], paced(cable, calm), *rough[len(calm) + 1 :])
    with open_source(cable.url, patience=PATIENT) as source:
        collector = Collector(source)
        collector.until(lambda: source.stream.read == len(everything))
        collector.until(lambda: collector.frames >= len(whole))
        live = collector.close()

    assert len(live) == len(expected) == len(whole)
    np.testing.assert_array_equal(live.csi, np.concatenate([csi_of(line) for line in whole]))
    np.testing.assert_array_equal(live.meta["local_timestamp"], [timestamp_us(line) for line in whole])
    np.testing.assert_array_equal(live.segment, expected.segment)
    assert live.segment[-1] == 1
    # how long the restart took is known by the times of arrival, which a file has not
    running = np.diff(live.segment) == 0
    assert live.time_ns[0] == expected.time_ns[0]
    np.testing.assert_array_equal(np.diff(live.time_ns)[running], np.diff(expected.time_ns)[running])
    assert (np.diff(live.time_ns)[~running] > 0).all()
    # in a file, the half line at the beginning is damage; here it is where we began to listen
    joined = {"line cut by joining": 1}
    assert source.tally.faults == recorded.tally.faults - Counter({"record without a beginning": 1})
    assert source.tally.skipped == recorded.tally.skipped | joined
    assert source.tally.resets == 1
    assert not source.tally.dropped


def test_a_pulled_cable_that_comes_back_costs_only_what_was_sent_meanwhile(cable: Cable, lines: list[bytes]) -> None:
    values = lines[100].index(b"[")
    half = lines[100][: lines[100].index(b" ", values + 200) + 1]
    # the rest of another line, that would make half of this one whole again
    missing = 128 - len(half[values + 1 :].split())
    rest = b" ".join(lines[200].split()[-missing - 1 :]) + b"\n"
    assert len(csi_of(half + rest)) == 64
    before, after = b"".join(lines[:100]) + half, rest + b"".join(lines[201:300])
    said: list[str] = []
    cable.feed(before)
    with open_source(cable.url, patience=PATIENT, say=said.append) as source:
        collector = Collector(source)
        collector.until(lambda: source.stream.read == len(before) and collector.frames == 100)
        cable.unplug()
        collector.until(lambda: len(said) == 1)
        cable.plug()
        cable.feed(after)
        collector.until(lambda: source.stream.read == len(before + after) and collector.frames >= 199)
        live = collector.close()
    whole = lines[:100] + lines[201:300]
    np.testing.assert_array_equal(live.csi, np.concatenate([csi_of(line) for line in whole]))
    assert re.fullmatch(rf"{cable.path} went away; waiting 20 s for it to come back", said[0])
    assert re.fullmatch(rf"{cable.path} is back after \d+\.\d s", said[1])
    assert len(said) == 2
    assert source.tally.notes == [transport.WENT_AWAY]
    assert source.tally.faults == {"record cut short": 1}
    assert source.tally.skipped == {"line cut by joining": 1}


def test_a_pulled_cable_that_stays_away_is_an_error_after_all_that_came_before(
    cable: Cable, lines: list[bytes]
) -> None:
    cable.feed(*lines[:50])
    with open_source(cable.url, patience=Patience(DEADLINE_S, reconnect_s=0.6)) as source:
        collector = Collector(source)
        collector.until(lambda: collector.frames == 50)
        cable.unplug()
        with pytest.raises(SourceError, match=r"ttyUSB0 went away and did not come back within 0\.6 s") as caught:
            collector.until(lambda: False)
    assert caught.value.exit_code == ExitCode.SOURCE
    assert "there is no port" in caught.value.hint
    assert collector.frames == 50


def test_waiting_for_a_pulled_cable_can_be_stopped(cable: Cable) -> None:
    cable.feed(b"hello")
    stream = opened(cable.url)
    assert next(chunk for chunk in stream.chunks if chunk.data).data == b"hello"
    cable.unplug()
    for _ in range(5):
        assert next(stream.chunks).data == b""
    stream.stopped = True
    assert list(stream.chunks) == []
    stream.close()


def test_the_patience_for_silence_begins_anew_when_a_cable_comes_back(cable: Cable) -> None:
    cable.feed(b"hello")
    stream = opened(cable.url, Patience(silence_s=1.0, reconnect_s=DEADLINE_S))
    assert received(stream, 5) == b"hello"
    cable.unplug()
    unplugged_s = time.monotonic()
    while time.monotonic() < unplugged_s + 1.1:
        assert next(stream.chunks).data == b""
    cable.plug()
    assert cable.opened.acquire(blocking=False) is False
    while not cable.opened.acquire(blocking=False):
        assert next(stream.chunks).data == b""
    stream.close()


def test_a_device_whose_node_is_gone_has_gone_away(cable: Cable) -> None:
    cable.feed(b"hello")
    said: list[str] = []
    stream = opened(cable.url, Patience(DEADLINE_S, 0.3, said.append))
    assert next(chunk for chunk in stream.chunks if chunk.data).data == b"hello"
    cable.path.unlink()
    with pytest.raises(SourceError, match="did not come back"):
        list(stream.chunks)
    stream.close()
    assert len(said) == 1


def test_silence_is_an_error_with_its_likely_causes(cable: Cable) -> None:
    stream = opened(f"{cable.url}?baud=115200", Patience(silence_s=0.25))
    chunks = stream.chunks
    assert next(chunks).data == b""
    with pytest.raises(SourceError, match=r"nothing came from .*ttyUSB0 for 0\.25 s") as caught:
        list(chunks)
    stream.close()
    assert caught.value.exit_code == ExitCode.SOURCE
    assert all(cause in caught.value.hint for cause in ("115200", "reset=1", "cable"))


def opened(url: str, patience: Patience = PATIENT, tally: Tally | None = None) -> ByteStream:
    return transports.load(url).open_stream(url, patience, tally or Tally())


def received(stream: ByteStream, count: int) -> bytes:
    """So many bytes, or as many as come in time."""
    data, end = b"", time.monotonic() + DEADLINE_S
    while len(data) < count and time.monotonic() < end:
        data += next(stream.chunks).data
    return data


def test_bytes_are_stamped_when_they_come_and_silence_is_heard_of(cable: Cable) -> None:
    before = time.time_ns()
    stream = opened(cable.url)
    assert next(stream.chunks).data == b""
    cable.write(b"\x00\xff\r\n")
    assert received(stream, 4) == b"\x00\xff\r\n"
    assert before < next(stream.chunks).time_ns <= time.time_ns()
    assert stream.live
    assert not stream.sender_waits
    stream.close()


def test_the_rate_is_921600_baud_unless_another_is_asked_for(cable: Cable) -> None:
    for url, rate in ((cable.url, termios.B921600), (f"{cable.url}?baud=115200", termios.B115200)):
        stream = opened(url)
        assert termios.tcgetattr(cable.port)[4:6] == [rate, rate]
        stream.close()


def test_a_closed_port_can_be_opened_again(cable: Cable) -> None:
    for _ in range(3):
        stream = opened(cable.url)
        cable.write(b"x")
        assert received(stream, 1) == b"x"
        stream.close()


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("baud=fast", "baud=fast .* is not a whole number"),
        ("baud=0", "0 baud"),
        ("baud=-9600", "-9600 baud"),
        ("speed=9600", "no option 'speed'"),
    ],
)
def test_options_that_make_no_sense_are_usage_errors(cable: Cable, query: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        opened(f"{cable.url}?{query}")


class Lines:
    """The control lines as the system and pyserial move them: opening raises both."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.states = [(True, True)]
        """(DTR, RTS) after every change."""
        monkeypatch.setattr(pyserial.Serial, "_update_dtr_state", self._set_dtr)
        monkeypatch.setattr(pyserial.Serial, "_update_rts_state", self._set_rts)

    @property
    def _set_dtr(self) -> Callable[[pyserial.Serial], None]:
        return lambda port: self.states.append((bool(port.dtr), self.states[-1][1]))

    @property
    def _set_rts(self) -> Callable[[pyserial.Serial], None]:
        return lambda port: self.states.append((self.states[-1][0], bool(port.rts)))


RESET = (False, True)
"""RTS without DTR pulls EN low."""


def test_opening_a_port_never_restarts_the_board(cable: Cable, monkeypatch: pytest.MonkeyPatch) -> None:
    control = Lines(monkeypatch)
    opened(cable.url).close()
    assert RESET not in control.states
    assert control.states[-1] == (False, False)


def test_the_board_is_restarted_once_when_that_is_asked_for(cable: Cable, monkeypatch: pytest.MonkeyPatch) -> None:
    control = Lines(monkeypatch)
    opened(f"{cable.url}?reset=1").close()
    changes = [b for a, b in zip(control.states, control.states[1:], strict=False) if a != b]
    assert changes.count(RESET) == 1
    assert control.states[-1] == (False, False)


def test_a_board_that_came_back_is_not_restarted_again(cable: Cable, monkeypatch: pytest.MonkeyPatch) -> None:
    control = Lines(monkeypatch)
    cable.feed(b"hello")
    stream = opened(f"{cable.url}?reset=1")
    assert received(stream, 5) == b"hello"
    cable.unplug()
    assert next(stream.chunks).data == b""
    cable.plug()
    control.states.append((True, True))
    cable.feed(b"again")
    assert received(stream, 5) == b"again"
    stream.close()
    assert control.states.count(RESET) == 1


def test_lines_that_are_flow_control_are_left_alone(cable: Cable, monkeypatch: pytest.MonkeyPatch) -> None:
    control = Lines(monkeypatch)
    opened(f"{cable.url}?rtscts=1&dsrdtr=1").close()
    assert control.states == [(True, True)]


def test_a_port_without_control_lines_cannot_restart_a_board(cable: Cable) -> None:
    with pytest.raises(SourceError, match="no control lines"):
        opened(f"{cable.url}?reset=1")
    opened(cable.url).close()


def fake_ports(monkeypatch: pytest.MonkeyPatch, *found: tuple[str, int | None, str]) -> None:
    named = [SimpleNamespace(device=device, vid=vid, description=text) for device, vid, text in found]
    monkeypatch.setattr(serial.tools.list_ports, "comports", lambda: named)


def test_the_one_port_that_looks_like_a_board_is_found(cable: Cable, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_ports(
        monkeypatch, ("/dev/ttyS0", None, "n/a"), (str(cable.path), 0x10C4, "CP2102N"), ("/dev/x", 0x046D, "mouse")
    )
    cable.feed(b"found")
    stream = opened("serial://?baud=115200")
    assert received(stream, 5) == b"found"
    stream.close()


def test_without_a_board_the_ports_that_are_there_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    fake_ports(monkeypatch, ("/dev/ttyS0", None, "n/a"), ("/dev/ttyACM1", 0x046D, "a mouse"))
    with pytest.raises(SourceError, match="no serial port looks like an ESP32") as caught:
        opened("serial://")
    assert "/dev/ttyACM1 (a mouse), /dev/ttyS0;" in caught.value.hint


def test_of_several_boards_one_must_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    fake_ports(monkeypatch, ("/dev/ttyUSB0", 0x1A86, "CH340"), ("/dev/ttyACM0", 0x303A, "USB JTAG"))
    with pytest.raises(SourceError, match="2 serial ports look like an ESP32") as caught:
        opened("serial://")
    assert "/dev/ttyACM0 (USB JTAG), /dev/ttyUSB0 (CH340)" in caught.value.hint


def test_a_port_that_is_not_there_is_told_with_those_that_are(monkeypatch: pytest.MonkeyPatch) -> None:
    fake_ports(monkeypatch, ("/dev/ttyUSB7", 0x1A86, "CH340"))
    with pytest.raises(SourceError, match="there is no port /dev/ttyUSB99") as caught:
        opened("serial:///dev/ttyUSB99")
    assert "/dev/ttyUSB7 (CH340)" in caught.value.hint


def test_a_path_with_a_slash_too_few_is_told_about_it() -> None:
    with pytest.raises(SourceError, match="there is no port dev/ttyUSB99") as caught:
        opened("serial://dev/ttyUSB99")
    assert "serial:///dev/ttyUSB99" in caught.value.hint


def test_a_port_that_may_not_be_opened_is_told_with_the_group_to_join(
    cable: Cable, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(port: pyserial.Serial) -> None:
        raise pyserial.SerialException(13, f"could not open port {port.port}: Permission denied")  # root may open all

    monkeypatch.setattr(pyserial.Serial, "open", refuse)
    with pytest.raises(SourceError, match="you may not open") as caught:
        opened(cable.url)
    assert f"usermod -aG {cable.path.group()} $USER" in caught.value.hint


def test_a_port_that_another_program_has_is_told_with_its_name(cable: Cable) -> None:
    code = (
        "import fcntl, sys\n"
        "port = open(sys.argv[1], 'rb', buffering=0)\n"
        "fcntl.flock(port, fcntl.LOCK_EX)\n"
        "print('ready', flush=True)\n"
        "sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", code, str(cable.path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"ready\n"
        with pytest.raises(SourceError, match=rf"in use by .*\(process {other.pid}\)") as caught:
            opened(cable.url)
        assert other.stdin is not None
        other.stdin.close()
    assert "fuser" in caught.value.hint
    opened(cable.url).close()


def test_two_of_us_cannot_share_a_port(cable: Cable) -> None:
    other = os.open(cable.path, os.O_RDWR | os.O_NOCTTY)
    fcntl.flock(other, fcntl.LOCK_EX)
    with pytest.raises(SourceError, match="is in use"):
        opened(cable.url)
    os.close(other)


def test_a_file_is_no_serial_port(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    with pytest.raises(SourceError, match="cannot be opened") as caught:
        opened(f"serial://{tmp_path}/file")
    assert "check that it is a serial port" in caught.value.hint


def test_nobody_holds_a_device_that_nobody_opened(tmp_path: Path) -> None:
    assert ports.holders(str(tmp_path / "unused")) == []


def test_a_loop_gives_back_what_is_written_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    loops: list[protocol_loop.Serial] = []
    open_loop = protocol_loop.Serial.open

    def opening(port: protocol_loop.Serial) -> None:
        open_loop(port)
        loops.append(port)

    monkeypatch.setattr(protocol_loop.Serial, "open", opening)
    stream = opened("loop://?baud=1000000", Patience(silence_s=0.25))
    loops[0].write(b"to myself")
    assert received(stream, 9) == b"to myself"
    assert loops[0].baudrate == 1_000_000
    with pytest.raises(SourceError, match="nothing came from loop://") as caught:
        list(stream.chunks)
    assert "baud" not in caught.value.hint
    stream.close()


def test_options_that_make_no_sense_to_pyserial_are_told(cable: Cable) -> None:
    with pytest.raises(UsageError, match="not a port") as caught:
        opened(f"spy://{cable.path}?dev=/dev/full&nonsense=1")
    assert "pyserial" in caught.value.hint


@pytest.fixture
def server() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(DEADLINE_S)
        yield listening


def url_of(server: socket.socket) -> str:
    host, port = server.getsockname()
    return f"socket://{host}:{port}"


def test_a_socket_is_read_like_a_port_and_opened_again_like_one(server: socket.socket) -> None:
    sent = os.urandom(300_000)
    said: list[str] = []

    def serve() -> None:
        for part in (sent[:200_000], sent[200_000:]):
            connection, _ = server.accept()
            with connection:
                connection.sendall(part)

    threading.Thread(target=serve, daemon=True).start()
    tally = Tally()
    stream = opened(url_of(server), Patience(DEADLINE_S, DEADLINE_S, said.append), tally)
    data, gaps, end = b"", 0, time.monotonic() + DEADLINE_S
    while len(data) < len(sent) and time.monotonic() < end:
        chunk = next(stream.chunks)
        assert not chunk.gap or len(data) == 200_000
        gaps += chunk.gap
        data += chunk.data
    stream.close()
    assert data == sent
    assert gaps == 1
    assert [sentence.split(";")[0].split(" after")[0] for sentence in said] == [
        f"{url_of(server)} went away",
        f"{url_of(server)} is back",
    ]
    assert tally.notes == [transport.WENT_AWAY]


def test_what_a_server_sends_at_once_is_read(server: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    def wait_for_the_first_bytes(port: protocol_socket.Serial) -> None:
        select.select([port], [], [], DEADLINE_S)

    monkeypatch.setattr(protocol_socket.Serial, "_reconfigure_port", wait_for_the_first_bytes)

    def serve() -> None:
        connection, _ = server.accept()
        with connection:
            connection.sendall(b"welcome")

    threading.Thread(target=serve, daemon=True).start()
    stream = opened(url_of(server))
    assert received(stream, 7) == b"welcome"
    stream.close()


def test_a_server_that_hangs_up_at_once_every_time_has_gone_away(server: socket.socket) -> None:
    def serve() -> None:
        while True:
            try:
                server.accept()[0].close()
            except OSError:
                return

    threading.Thread(target=serve, daemon=True).start()
    said: list[str] = []
    stream = opened(url_of(server), Patience(DEADLINE_S, 1.0, said.append))
    with pytest.raises(SourceError, match="did not come back within 1 s"):
        list(stream.chunks)
    stream.close()
    server.shutdown(socket.SHUT_RDWR)
    assert len(said) == 1


def test_a_server_that_is_not_there_is_an_error_of_the_source(server: socket.socket) -> None:
    url = url_of(server)
    server.close()
    with pytest.raises(SourceError, match=f"{url} cannot be opened: Connection refused") as caught:
        opened(url)
    assert caught.value.exit_code == ExitCode.SOURCE


def test_options_of_pyserial_reach_it_and_ours_do_not(cable: Cable, capsys: pytest.CaptureFixture[str]) -> None:
    stream = opened(f"spy://{cable.path}?color&baud=115200")
    cable.write(b"hello")
    assert received(stream, 5) == b"hello"
    assert termios.tcgetattr(cable.port)[4] == termios.B115200
    stream.close()
    spied = capsys.readouterr().err
    assert "68 65 6C 6C 6F" in spied
    assert "\x1b[" in spied  # in colour


def test_options_that_nobody_knows_are_told() -> None:
    with pytest.raises((SourceError, UsageError), match="speed=3"):
        opened("socket://127.0.0.1:1?speed=3")
