"""Whether `midstream watch` keeps up with 1,000 frames a second: a real recording over UDP, a serial line, into a picture.

Run as `python benchmarks/watch_replay.py`, with `--minutes 3` for less than ten, with names of ways for some of them only.
The recording is one of a walk at 108 frames a second, again and again, its times such that 1,000 come in a second; each line
goes out when it is due, from this process to the command. Signatures are those of the repository. What counts is how many
frames the command has seen in the end, and whether its memory grows after the first minute.
"""

import os
import pty
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import NamedTuple

import numpy as np

from record import Send, is_locked, is_taken, paced, until, write_all
from report import Report, main
from timing import MIDSTREAM, run

RECORDING = Path(__file__).resolve().parents[2] / "shared" / "data" / "csi" / "pulse" / "mov_01.csv"
SIGNATURES = Path(__file__).resolve().parents[1] / "signatures"
RATE_HZ = 1000
MINUTES = 10.0
PICTURE_MINUTES = 1.0
DEVICE_CLOCK, SYSTEM_CLOCK = 18, 23
"""Fields of a line: microseconds, and seconds with two digits."""
SETTLE_S, LATEST_S = 2.0, 60.0
"""After the last frame, and until the command has ended."""
MOST_GROWTH = 1.05
"""From the first minute to the end."""


class Way(NamedTuple):
    """How frames get in, and where snapshots go."""

    over: str
    stored: bool = False
    drawn: bool = False


WAYS = {
    "udp": Way("udp"),
    "serial": Way("serial"),
    "store": Way("udp", stored=True),
    "picture": Way("udp", drawn=True),
}


class Lines:
    """The lines of the recording, for ever, as if 1,000 had come in a second."""

    def __init__(self, path: Path) -> None:
        self._fields = [
            line.split(b",", SYSTEM_CLOCK + 1)
            for line in path.read_bytes().splitlines()
            if line.startswith(b"CSI_DATA") and line.count(b",") > SYSTEM_CLOCK
        ]

    def __getitem__(self, i: int) -> bytes:
        fields = self._fields[i % len(self._fields)].copy()
        fields[DEVICE_CLOCK] = b"%d" % ((1_000_000 + i * 1_000_000 // RATE_HZ) % (1 << 32))
        fields[SYSTEM_CLOCK] = b"%.2f" % (1.0 + i / RATE_HZ)
        return b",".join(fields) + b"\n"


class Watching:
    """A command that watches: what it writes is read at once, and when, and how much memory it takes."""

    def __init__(self, source: str, way: Way, folder: Path) -> None:
        store = folder / f"{way.over}.duckdb" if way.stored else "none"
        words = [MIDSTREAM, "watch", source, "--signatures", SIGNATURES, "--store", store]
        self._ours, theirs = pty.openpty() if way.drawn else os.pipe()
        self._said = folder / "said"
        with self._said.open("wb") as said:
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                list(map(str, words if way.drawn else [*words, "--output-format", "jsonl"])),
                stdin=subprocess.DEVNULL,
                stdout=theirs,
                stderr=said,
                env=os.environ | {"TERM": "xterm-256color", "COLUMNS": "100", "LINES": "40"},
            )
        os.close(theirs)
        self.sent_s: list[float] = []
        self.came: list[tuple[int, float]] = []
        """How many lines had come at what time."""
        self.memory: list[tuple[float, float]] = []
        """Seconds since the beginning, and MB."""
        self.written = 0
        self._begun = time.monotonic()
        self._over = threading.Event()
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._read, self._weigh)]
        for thread in self._threads:
            thread.start()

    def cpu_s(self) -> float:
        """Seconds of processor time so far, to a second or better."""
        words = ["ps", "-o", "time=", "-p", str(self._process.pid)]
        passed = subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603
        return float(sum(float(part) * 60**power for power, part in enumerate(reversed(passed.split(":")))))

    def stop(self) -> float:
        """Press Ctrl-C; the seconds of processor time that it took in all."""
        time.sleep(SETTLE_S)
        self._over.set()
        self._process.send_signal(signal.SIGINT)
        killed = threading.Timer(LATEST_S, self._process.kill)
        killed.start()
        _, _, usage = os.wait4(self._process.pid, 0)
        killed.cancel()
        self._process.returncode = 0
        for thread in self._threads:
            thread.join(LATEST_S)
        return usage.ru_utime + usage.ru_stime

    @property
    def said(self) -> str:
        """On standard error."""
        return self._said.read_text(errors="replace")

    @property
    def snapshots(self) -> int:
        """Lines that came."""
        return self.came[-1][0] if self.came else 0

    def lags_ms(self) -> np.ndarray:
        """From sending a frame to reading its snapshot; of the first 64, which wait for one another, none."""
        if not self.came:
            return np.full(1, np.nan)
        counts, times = np.array([at for at, _ in self.came]), np.array([at for _, at in self.came])
        frames = np.arange(64, min(counts[-1], len(self.sent_s)))
        return np.asarray(1e3 * (times[np.searchsorted(counts, frames, "right")] - np.array(self.sent_s)[frames]))

    def _read(self) -> None:
        lines = 0
        while True:
            try:
                data = os.read(self._ours, 1 << 16)
            except OSError:
                # of a terminal that nobody writes to any more
                break
            if not data:
                break
            lines += data.count(b"\n")
            self.written += len(data)
            self.came.append((lines, time.monotonic()))
        os.close(self._ours)

    def _weigh(self) -> None:
        while not self._over.wait(5.0):
            words = ["ps", "-o", "rss=", "-p", str(self._process.pid)]
            kilobytes = subprocess.run(words, capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603
            if kilobytes:
                self.memory.append((time.monotonic() - self._begun, int(kilobytes) / 1e3))


@contextmanager
def line(over: str, way: Way, folder: Path) -> Iterator[tuple[Watching, Send]]:
    """A command that listens, and how to send it a line."""
    lines = Lines(RECORDING)
    if over == "udp":
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            out.bind(("127.0.0.1", 0))
            address = ("127.0.0.1", out.getsockname()[1] + 1)
            watching = Watching(f"udp://{address[0]}:{address[1]}", way, folder)
            until(lambda: is_taken(address))
            yield watching, lambda i: out.sendto(lines[i], address)
        return
    board, port = pty.openpty()
    try:
        tty.setraw(port)
        watching = Watching(f"serial://{os.ttyname(port)}", way, folder)
        until(lambda: is_locked(port))
        yield watching, lambda i: write_all(board, lines[i])
    finally:
        os.close(board)
        os.close(port)


def replayed(name: str, way: Way, minutes: float, folder: Path) -> dict[str, object]:
    """Send at the real pace, and tell what came of it."""
    folder.mkdir()
    with line(way.over, way, folder) as (watching, send):
        sent = round(60 * minutes * RATE_HZ)

        def noted(i: int) -> None:
            watching.sent_s.append(time.monotonic())
            send(i)

        started_s = watching.cpu_s()
        took_s = paced(noted, sent, RATE_HZ)
        cpu_s = watching.stop() - started_s
    found = re.search(r"watched ([\d,]+) frame", watching.said)
    seen = int(found[1].replace(",", "")) if found else watching.snapshots
    lags = np.full(1, np.nan) if way.drawn or seen != sent else watching.lags_ms()
    first = next((mb for at, mb in watching.memory if at >= 60.0), watching.memory[0][1])
    for sentence in watching.said.splitlines():
        print(f"  {name}: {sentence}", file=sys.stderr)
    return {
        "way": name,
        "frames/s": sent / took_s,
        "sent": sent,
        "seen": seen,
        "missing": sent - seen,
        "snapshots": seen if way.drawn else watching.snapshots,
        "cpu share": cpu_s / took_s,
        "MB at 1 min": first,
        "MB in the end": watching.memory[-1][1],
        "lag p50, ms": float(np.quantile(lags, 0.5)),
        "p99": float(np.quantile(lags, 0.99)),
        "most": float(lags.max()),
        "kB/s written": watching.written / took_s / 1e3,
    }


def asked(option: str, otherwise: float) -> float:
    """The number after an option."""
    words = sys.argv[1:]
    return float(words[words.index(option) + 1]) if option in words else otherwise


def measure(report: Report) -> None:
    """Each way in turn, then the bars."""
    minutes = asked("--minutes", MINUTES)
    # started in the background, a command would not hear Ctrl-C
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # whatever has to be compiled once a machine is compiled now
    run(MIDSTREAM, "watch", RECORDING, "--signatures", SIGNATURES, "--store", "none", "--frames", 500, "--events")
    names = [word for word in sys.argv[1:] if word in WAYS] or list(WAYS)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for name, number in zip(names, count(), strict=False):
            way = WAYS[name]
            length = min(minutes, PICTURE_MINUTES) if way.drawn else minutes
            rows.append(replayed(name, way, length, Path(folder) / str(number)))
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    load = os.getloadavg()[-1]
    report.table(f"{RATE_HZ:,} frames a second for {minutes:g} minutes; {cores} cores, load {load:.1f}", rows)
    report.at_most(0, "frames missing", sum(int(str(row["missing"])) for row in rows))
    growth = max(float(str(row["MB in the end"])) / float(str(row["MB at 1 min"])) for row in rows)
    report.at_most(MOST_GROWTH, "memory in the end over that after a minute", growth, "x")


if __name__ == "__main__":
    main(measure)
