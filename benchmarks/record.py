"""Whether `midstream record` loses frames, and what it costs: streams of 256 subcarriers over UDP and a serial line.

Run as `python benchmarks/record.py`. Frames go out at their real pace, from this process to the command: RuView packets
over the loopback interface, and lines of ESP32-CSI-Tool through a pseudo-terminal. What counts is what is in the
recording afterwards.
"""

import fcntl
import os
import pty
import socket
import struct
import tempfile
import time
import tty
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from itertools import cycle
from pathlib import Path

import numpy as np

from midstream_cli.recordings import CsiRecording
from midstream_cli.streams import recording
from midstream_cli.streams.formats import esp32_csi_tool, ruview_udp
from midstream_cli.streams.live import DROPPED
from midstream_cli.streams.simulate import catalogue
from midstream_cli.streams.tally import Tally
from report import Report, main
from timing import MIDSTREAM, Cost, Running

RATE_HZ, SECONDS = 1000, 20
BAUD, BITS_A_BYTE = 921_600, 10
SEQUENCE = struct.Struct("<I"), 12
"""Where a RuView packet has its number."""

SETTLE_S, GIVE_UP_S = 1.0, 60.0
FASTER_HZ, FASTER_SECONDS = (2000, 4000, 8000, 16_000, 32_000, 64_000), 4

Send = Callable[[int], object]
"""Send the i-th frame."""


def frames() -> CsiRecording:
    """A second of walking, 1,000 frames of 256 subcarriers."""
    second = next(catalogue.play("walking", {"duration": 1.0, "rate": RATE_HZ}).pieces)
    assert isinstance(second, CsiRecording)
    csi = np.tile(second.matrix(), (1, 4))
    return replace(second, csi=csi.reshape(-1), offsets=np.arange(len(second) + 1) * csi.shape[1])


def paced(send: Send, count: int, rate_hz: float) -> float:
    """Send so many frames, each when it is due; the seconds that it took."""
    begun = time.perf_counter()
    for i in range(count):
        wait_s = begun + i / rate_hz - time.perf_counter()
        if wait_s > 0:
            time.sleep(wait_s)
        send(i)
    return time.perf_counter() - begun


def over_udp(folder: Path, rate_hz: float, seconds: float) -> dict[str, object]:
    """Record RuView packets from a port of this machine."""
    packets = [bytearray(packet) for packet in ruview_udp.encode(frames())]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        out.bind(("127.0.0.1", 0))
        address = ("127.0.0.1", out.getsockname()[1] + 1)
        command = Running(MIDSTREAM, "record", f"udp://{address[0]}:{address[1]}", folder, "--quiet")
        until(lambda: is_taken(address))

        def send(i: int) -> None:
            packet = packets[i % len(packets)]
            SEQUENCE[0].pack_into(packet, SEQUENCE[1], i)
            out.sendto(packet, address)

        sent = round(rate_hz * seconds)
        took_s = paced(send, sent, rate_hz)
        return row("UDP", folder, sent, took_s, stopped(command))


def over_serial(folder: Path, rate_hz: float, seconds: float) -> dict[str, object]:
    """Record lines of text from a pseudo-terminal, whose writer waits while nobody reads."""
    lines = list(esp32_csi_tool.encode(frames()))[1:]
    master, slave = pty.openpty()
    try:
        tty.setraw(slave)
        command = Running(MIDSTREAM, "record", f"serial://{os.ttyname(slave)}", folder, "--quiet")
        until(lambda: is_locked(slave))
        text = cycle(lines)
        sent = round(rate_hz * seconds)
        took_s = paced(lambda _: write_all(master, next(text)), sent, rate_hz)
        return row("serial", folder, sent, took_s, stopped(command))
    finally:
        os.close(master)
        os.close(slave)


def write_all(file: int, data: bytes) -> None:
    """Write every byte, however few go at a time."""
    while data:
        data = data[os.write(file, data) :]


def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition, and a moment longer."""
    begun = time.monotonic()
    while not condition():
        if time.monotonic() - begun > GIVE_UP_S:
            raise TimeoutError("the command does not listen")
        time.sleep(0.02)
    time.sleep(SETTLE_S)


def is_taken(address: tuple[str, int]) -> bool:
    """Whether somebody listens on a UDP port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(address)
        except OSError:
            return True
        return False


def is_locked(terminal: int) -> bool:
    """Whether somebody has a terminal for himself."""
    with suppress(BlockingIOError):
        fcntl.flock(terminal, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fcntl.flock(terminal, fcntl.LOCK_UN)
        return False
    return True


def stopped(command: Running) -> Cost:
    """What a recording command cost, after Ctrl-C a moment after the last frame."""
    time.sleep(SETTLE_S)
    command.interrupt()
    return command.cost(GIVE_UP_S)


def row(way: str, folder: Path, sent: int, took_s: float, cost: Cost) -> dict[str, object]:
    """What was sent, what is in the recording, and how many frames the recording says are missing."""
    tally = Tally()
    kept = sum(map(len, recording.read(folder, tally)))
    return {
        "way": way,
        "frames/s": sent / took_s,
        "seconds": took_s,
        "sent": sent,
        "recorded": kept,
        "missing": sent - kept,
        "counted": tally.lost + tally.dropped[DROPPED],
        "malformed": tally.bad,
        "cpu share": f"{cost.cpu_s / took_s:.0%}",
        "most memory, MB": round(cost.peak_bytes / 1e6),
    }


def fastest(over: Callable[[Path, float, float], dict[str, object]], folder: Path) -> list[dict[str, object]]:
    """Ever higher rates, until frames are missing or the sender cannot go faster."""
    rows: list[dict[str, object]] = []
    for rate_hz in FASTER_HZ:
        rows.append(over(folder / str(rate_hz), rate_hz, FASTER_SECONDS))
        if rows[-1]["missing"] or float(str(rows[-1]["frames/s"])) < 0.9 * rate_hz:
            break
    return rows


def measure(report: Report) -> None:
    """Record at the real pace, then ever faster."""
    line = sum(map(len, esp32_csi_tool.encode(frames()))) / len(frames())
    as_wired_hz = BAUD / BITS_A_BYTE / line
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        real = [
            over_udp(folder / "udp", RATE_HZ, SECONDS),
            over_serial(folder / "wired", as_wired_hz, SECONDS / 2),
            over_serial(folder / "serial", RATE_HZ, SECONDS),
        ]
        report.table(f"256 subcarriers at 1 kHz, and over a serial line also as {BAUD:,} baud carry them", real)
        report.at_most(0, "frames missing", sum(int(str(item["missing"])) for item in real))
        for over in (over_udp, over_serial):
            rows = fastest(over, folder / over.__name__)
            report.table(f"Ever faster, {FASTER_SECONDS} s each: {rows[0]['way']}", rows)


if __name__ == "__main__":
    main(measure)
