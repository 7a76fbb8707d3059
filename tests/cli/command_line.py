"""The command line, run as users run it: in this process, in one of its own, or on a terminal."""

import csv
import fcntl
import io
import json
import os
import pty
import re
import signal
import socket
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from midstream_cli.cli import console, interrupts
from midstream_cli.cli.main import main

FOREGROUND = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "from midstream_cli.cli.main import main; main()"
)
"""The command line as in a terminal, also where the tests run in the background and Ctrl-C is ignored."""

COMMAND = [sys.executable, "-c", FOREGROUND]
WAIT_S = 120.0
"""For something that takes a moment on an idle machine: no test passes by waiting so long."""

COMPILING = re.compile(r"^compil(ing the \w+ kernels|ed in \d).*\n", re.MULTILINE)
"""What is said where kernels were not compiled yet, which depends on what ran before."""

ROOT = Path(__file__).resolve().parents[2]
SIGNATURES = ROOT / "signatures"
"""The library that comes along: door_open, idle_room and walking_slow."""


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a command."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The JSON lines of stdout."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def table(self) -> list[dict[str, str]]:
        """The CSV of stdout."""
        return list(csv.DictReader(io.StringIO(self.out)))


def environment(folder: Path, **others: str) -> dict[str, str]:
    """The environment without settings of midstream's, and with those that are given."""
    hidden = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES")
    kept = {k: v for k, v in os.environ.items() if k not in hidden and not k.startswith("MIDSTREAM_")}
    return kept | {"XDG_CONFIG_HOME": str(folder / ".config")} | others


def alike(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows to compare others with, whose numbers may differ in their last digits."""
    return [{k: pytest.approx(v, rel=1e-12) if isinstance(v, float) else v for k, v in row.items()} for row in rows]


def midstream(*arguments: object, folder: Path, **variables: str) -> Done:
    """Run a command line in a folder to its end, in this process, which starts faster than another."""
    handlers = {number: signal.getsignal(number) for number in interrupts.SIGNALS}
    out, err = io.StringIO(), io.StringIO()
    code: int | str | None = None
    try:
        with (
            patch.dict(os.environ, environment(folder, **variables), clear=True),
            patch.object(console, "quiet", new=False),
            chdir(folder),
            redirect_stdout(out),
            redirect_stderr(err),
        ):
            main([str(argument) for argument in arguments])
    except SystemExit as end:
        code = end.code
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    return Done(int(code or 0), out.getvalue(), COMPILING.sub("", err.getvalue()))


@contextmanager
def running(*arguments: object, folder: Path, **variables: str) -> Iterator[subprocess.Popen[bytes]]:
    """A command line in a process of its own."""
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        bufsize=0,
        cwd=folder,
        env=environment(folder, **variables),
        stdin=subprocess.DEVNULL,
        stdout=pipe,
        stderr=pipe,
        start_new_session=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def finished(*arguments: object, folder: Path, **variables: str) -> Done:
    """A command line that ran to its end in a process of its own."""
    with running(*arguments, folder=folder, **variables) as process:
        out, err = process.communicate(timeout=WAIT_S)
    return Done(process.returncode, out.decode(), COMPILING.sub("", err.decode()))


def until(true: Callable[[], object]) -> None:
    """Wait for something that takes a moment, however busy the machine is."""
    end = time.monotonic() + WAIT_S
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


@contextmanager
def heard(port: int) -> Iterator[Callable[[bytes], object]]:
    """What sends a datagram to a port of this machine, from when somebody listens there; before, all would be lost."""
    there = ("127.0.0.1", port)

    def listened_to() -> bool:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect(there)
            try:
                probe.send(b"")
                time.sleep(0.02)
                probe.send(b"")  # fails if the one before came back
            except ConnectionRefusedError:
                return False
        return True

    until(listened_to)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        yield lambda datagram: sender.sendto(datagram, there)


class Screen:
    """A terminal that keeps what was written to it."""

    def __init__(self, columns: int = 100) -> None:
        self.here, self.there = pty.openpty()
        fcntl.ioctl(self.there, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        self._seen = bytearray()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        with suppress(OSError):
            while data := os.read(self.here, 65536):
                self._seen += data

    @property
    def text(self) -> str:
        """Everything so far, line ends as they were written."""
        return self._seen.decode(errors="replace").replace("\r\n", "\n")

    @property
    def frames(self) -> int:
        """How many frames a live source has brought, as shown."""
        shown = re.findall(r"([\d,]+) frames", self.text)
        return int(shown[-1].replace(",", "")) if shown else 0

    def close(self) -> None:
        """Wait for the last of what was written, after whoever writes has gone."""
        os.close(self.there)
        self._thread.join(WAIT_S)
        os.close(self.here)


@contextmanager
def on_terminal(
    *arguments: object,
    folder: Path,
    columns: int = 100,
    pipe_out: bool = False,
    variables: Mapping[str, str] | None = None,
) -> Iterator[tuple[subprocess.Popen[bytes], Screen, Screen]]:
    """A command line on a terminal: its process, and a screen each for stdout and stderr.

    Args:
        pipe_out: stdout is a pipe, read as `process.stdout`.
    """
    out, err = Screen(columns), Screen(columns)
    process = subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        cwd=folder,
        env=environment(folder, **{"TERM": "xterm-256color", **(variables or {})}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if pipe_out else out.there,
        stderr=err.there,
        start_new_session=True,
    )
    with process:
        try:
            yield process, out, err
        finally:
            process.kill()
            process.wait(WAIT_S)
            out.close()
            err.close()


def looked_at(*arguments: object, folder: Path, pipe_out: bool = False, **variables: str) -> Done:
    """A command line that ran to its end on a terminal."""
    with on_terminal(*arguments, folder=folder, pipe_out=pipe_out, variables=variables) as (process, out, err):
        piped = process.stdout.read().decode() if process.stdout else ""
        process.wait(WAIT_S)
    return Done(process.returncode, piped or out.text, err.text)
