"""The terminal that is drawn on: a screen of its own while it lasts, and the cursor in order after it.

Only lines that have changed are written, each erased to its end, all in one synchronised update: nothing is cleared, so
nothing flickers. Written by hand: `rich.live` costs 70 ms of start-up, clears by whole lines, and knows no synchronised
updates.
"""

import os
import select
from typing import Any

ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[H\x1b[2J"
"""The other screen, no cursor, no line that runs over into the next."""
LEAVE = "\x1b[?2026l\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l"
BEGIN, END = "\x1b[?2026h", "\x1b[?2026l"
"""Terminals that know them show what is between at once; others ignore them."""
REPAINT = 16
"""Pictures after which all lines are written again, whatever else was printed on the terminal."""


class Screen:
    """A terminal's other screen."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._drawn: list[str] = []
        self._size = (0, 0)
        self.entered = False
        """It is shown."""
        self._count = 0
        self.gone = False
        """There is nobody to draw for any more."""

    def size(self) -> tuple[int, int]:
        """Columns and lines."""
        try:
            columns, lines = os.get_terminal_size(self._stream.fileno())
        except (OSError, ValueError):
            return 80, 24
        return columns or 80, lines or 24

    def ready(self) -> bool:
        """Whether the terminal takes what is written without making us wait."""
        try:
            return bool(select.select([], [self._stream.fileno()], [], 0)[1])
        except (OSError, ValueError):
            return True

    def draw(self, lines: list[str], size: tuple[int, int]) -> None:
        """Show a picture of at most as many lines as the screen has."""
        parts = [] if self.entered else [ENTER]
        whole = not self.entered or size != self._size or self._count % REPAINT == 0
        if self.entered and size != self._size:
            # the terminal has moved what was there
            self._drawn = []
            parts.append("\x1b[2J")
        for at in range(max(len(lines), len(self._drawn))):
            new = lines[at] if at < len(lines) else ""
            if whole or at >= len(self._drawn) or new != self._drawn[at]:
                parts.append(f"\x1b[{at + 1};1H{new}\x1b[K")
        if whole:
            parts.append("\x1b[J" if len(lines) < size[1] else "")
        parts.append("\x1b[H")
        self._drawn, self._size, self.entered = list(lines), size, True
        self._count += 1
        self._write(BEGIN + "".join(parts) + END)

    def leave(self) -> None:
        """Back to the screen that was there before, as it was."""
        if self.entered:
            self.entered, self._drawn = False, []
            # terminals without another screen go on below the picture
            self._write(f"\x1b[{self._size[1]};1H\r{LEAVE}")

    def print(self, lines: list[str]) -> None:
        """Leave lines behind, among all that was printed before."""
        self._write("".join(f"{line}\n" for line in lines))

    def _write(self, text: str) -> None:
        if self.gone:
            return
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):
            self.gone = True
