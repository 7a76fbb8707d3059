"""The live view in a process of its own on a pseudo-terminal: Ctrl-C, Ctrl-Z, another size."""

import codecs
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import WAIT_S
from small_terminal import Terminal

WATCHING = """
import signal, sys, time
sys.path.insert(0, sys.argv[1])
from snapshots_shown import snapshot
from midstream_cli.cli.watch_view import View
signal.signal(signal.SIGINT, signal.default_int_handler)
with View("here") as view:
    begun = time.monotonic()
    while time.monotonic() < begun + 60:
        view.show([snapshot(time.monotonic() - begun, "chaotic")])
        time.sleep(0.002)
"""


class Watched:
    """A process that draws on a pseudo-terminal, and what it has written there."""

    def __init__(self, columns: int, lines: int) -> None:
        self.main, self._other = pty.openpty()
        self.resize(columns, lines)
        self.process = subprocess.Popen(
            [sys.executable, "-c", WATCHING, str(Path(__file__).parent)],
            stdin=subprocess.DEVNULL,
            stdout=self._other,
            env=os.environ | {"TERM": "xterm-256color", "PYTHONIOENCODING": "utf-8", "NO_COLOR": ""},
            # of its own, so that it can be stopped
            process_group=0,
        )
        self.written = ""
        """Since the last time that something was waited for."""
        self._decoder = codecs.getincrementaldecoder("utf-8")()

    def resize(self, columns: int, lines: int) -> None:
        """Give the terminal another size."""
        fcntl.ioctl(self._other, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def until(self, said: str) -> str:
        """Read on until something has been written; return all up to there since the last time."""
        end = time.monotonic() + WAIT_S
        while (at := self.written.find(said)) < 0:
            assert time.monotonic() < end, f"{said!r} never came: {self.written!r}"
            if select.select([self.main], [], [], 0.2)[0]:
                self.written += self._decoder.decode(os.read(self.main, 65536))
        at += len(said)
        found, self.written = self.written[:at], self.written[at:]
        return found

    def close(self) -> None:
        """End it."""
        self.process.kill()
        self.process.wait()
        os.close(self.main)
        os.close(self._other)


@pytest.fixture
def watched() -> Iterator[Watched]:
    """One on 80 columns and 24 lines."""
    found = Watched(80, 24)
    yield found
    found.close()


def test_ctrl_c_leaves_the_last_picture_and_the_terminal_as_it_was(watched: Watched) -> None:
    watched.until("chaotic")
    watched.process.send_signal(signal.SIGINT)
    assert "\x1b[?25h" in watched.until("\x1b[?1049l")
    left = watched.until("last minute")
    assert "chaotic" in left
    assert "\x1b[?" not in left


def test_another_size_of_the_terminal_is_drawn_anew(watched: Watched) -> None:
    terminal = Terminal(50, 10)
    watched.until("chaotic")
    watched.resize(50, 10)
    watched.until("\x1b[2J")
    terminal.feed(watched.until("\x1b[?2026l"))
    # no longer side by side
    assert terminal.text[0] == "here"
    assert terminal.text[1].startswith("0:0")


def test_ctrl_z_gives_the_terminal_back_until_it_goes_on(watched: Watched) -> None:
    watched.until("chaotic")
    watched.process.send_signal(signal.SIGTSTP)
    watched.until("\x1b[?1049l")
    _, status = os.waitpid(watched.process.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status)
    watched.process.send_signal(signal.SIGCONT)
    watched.until("\x1b[?1049h")
    watched.process.send_signal(signal.SIGINT)
    watched.until("\x1b[?1049l")
