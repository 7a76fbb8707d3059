"""As much of a terminal as the live view needs, to see what is on it."""

import re
import unicodedata

PIECE = re.compile(r"\x1b\[(\??)([\d;]*)([A-Za-z])|(\r|\n)|([^\x1b\r\n])")


class Terminal:
    """Two screens of characters, one of them shown."""

    def __init__(self, columns: int, lines: int) -> None:
        self.columns, self.lines = columns, lines
        self.modes: set[int] = {7, 25}
        self.usual = self._blank()
        self.other = self._blank()
        self.row = self.column = 0
        self._kept = (0, 0)
        self.cleared = 0

    def _blank(self) -> list[list[str]]:
        return [[" "] * self.columns for _ in range(self.lines)]

    @property
    def shown(self) -> list[list[str]]:
        """The screen that is seen."""
        return self.other if 1049 in self.modes else self.usual

    @property
    def text(self) -> list[str]:
        """Its lines, without what is blank at their ends."""
        return ["".join(row).rstrip() for row in self.shown]

    def feed(self, text: str) -> None:
        """Take what a program writes; anything but what is expected of it is an error."""
        at = 0
        while at < len(text):
            found = PIECE.match(text, at)
            assert found, f"not to be written to a terminal: {text[at : at + 20]!r}"
            at = found.end()
            private, numbers, letter, moves, character = found.groups()
            if character:
                self._put(character)
            elif moves == "\r":
                self.column = 0
            elif moves == "\n":
                self._next_line()
            elif private:
                self._mode(int(numbers), letter)
            else:
                self._do(numbers, letter)

    def _put(self, character: str) -> None:
        assert unicodedata.category(character)[0] != "C", f"a control character: {character!r}"
        if unicodedata.category(character) in ("Mn", "Me"):
            return
        wide = unicodedata.east_asian_width(character) in "WF"
        assert self.column + 1 + wide <= self.columns, f"{character!r} is beyond the edge"
        self.shown[self.row][self.column] = character
        if wide:
            self.shown[self.row][self.column + 1] = ""
        self.column += 1 + wide

    def _next_line(self) -> None:
        self.row, self.column = self.row + 1, 0
        if self.row == self.lines:
            self.row -= 1
            self.shown[:] = [*self.shown[1:], [" "] * self.columns]

    def _mode(self, number: int, letter: str) -> None:
        assert letter in "hl"
        if number == 1049 and letter == "h" and number not in self.modes:
            self._kept = self.row, self.column
        if number == 1049 and letter == "l" and number in self.modes:
            self.row, self.column = self._kept
        (self.modes.add if letter == "h" else self.modes.discard)(number)

    def _do(self, numbers: str, letter: str) -> None:
        if letter == "H":
            row, column = map(int, (numbers or "1;1").split(";"))
            assert row <= self.lines
            self.row, self.column = row - 1, column - 1
        elif letter == "K":
            self.shown[self.row][self.column :] = [" "] * (self.columns - self.column)
        elif letter == "J":
            self.cleared += numbers == "2"
            first = 0 if numbers == "2" else self.row + 1
            if numbers != "2":
                self.shown[self.row][self.column :] = [" "] * (self.columns - self.column)
            self.shown[first:] = [[" "] * self.columns for _ in self.shown[first:]]
        else:
            assert letter == "m", f"an escape sequence of another kind: {letter}"
