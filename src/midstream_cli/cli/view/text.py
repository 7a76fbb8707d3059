"""Text of others on a terminal: made harmless, measured in columns, cut and filled to a width."""

import unicodedata
from functools import lru_cache

UNSHOWN = "\N{REPLACEMENT CHARACTER}"
"""Instead of a character that would do something, rather than be seen."""

MARKS = 2
"""Accents on one letter, at most: more would reach into other lines."""

SHORT = 256
"""Characters of a text that is made harmless once and remembered, at most."""

_FLAGS = {0x1F1E6 + i: chr(ord("A") + i) for i in range(26)}
_DROPPED = {*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0), *range(0x1F3FB, 0x1F400)}
"""What changes the look and, on some terminals, the width of the character before it."""


def harmless(text: str, *, narrow: bool = False) -> str:
    """The same on one line, without anything that a terminal would obey; each character left has a known width.

    Escape and other control characters, lone surrogates and unassigned code points become a replacement character; line
    breaks and tabs become blanks; invisible ones, among them those that turn the direction of writing, go.

    Args:
        narrow: only ASCII can be shown.
    """
    if text.isascii() and text.isprintable():
        return text
    # labels come again with every picture; long texts do not, and would stay in memory
    return _remembered(text, narrow) if len(text) <= SHORT else _cleaned(text, narrow)


def _cleaned(text: str, narrow: bool) -> str:
    shown: list[str] = []
    marks = MARKS
    for character in unicodedata.normalize("NFC", text):
        instead = _shown(character)
        mark = bool(instead) and cells(instead) == 0
        marks = marks + 1 if mark else 0 if instead else marks
        if not mark or (marks <= MARKS and shown):
            shown.append(instead)
    found = "".join(shown)
    return found if not narrow else found.encode("ascii", "replace").decode()


_remembered = lru_cache(maxsize=1024)(_cleaned)


@lru_cache(maxsize=4096)
def _shown(character: str) -> str:
    code, category = ord(character), unicodedata.category(character)
    if code in _DROPPED or category == "Cf":
        return ""
    if character in "\t\n\r\v\f" or category[0] == "Z":
        return " "
    # the second and third parts of a syllable are drawn into its first
    if category[0] == "C" or 0x1160 <= code <= 0x11FF or 0xD7B0 <= code <= 0xD7FF:
        return UNSHOWN
    return _FLAGS.get(code, character)


@lru_cache(maxsize=4096)
def cells(text: str) -> int:
    """Columns that harmless text takes: two for each East Asian wide character and emoji, none for an accent."""
    if text.isascii():
        return len(text)
    return sum(map(_cells, text))


@lru_cache(maxsize=4096)
def _cells(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def cut(text: str, columns: int, more: str = "…") -> str:
    """Harmless text in at most so many columns; what was cut off is told by `more`, where there is room for it."""
    if cells(text) <= columns:
        return text
    room = columns - cells(more)
    if room < 1:
        more, room = "", columns
    taken, at = 0, 0
    for character in text:
        taken += cells(character)
        if taken > room:
            break
        at += 1
    return text[:at] + more


def filled(text: str, columns: int, *, right: bool = False, more: str = "…") -> str:
    """Harmless text in exactly so many columns."""
    short = cut(text, columns, more)
    blanks = " " * (columns - cells(short))
    return blanks + short if right else short + blanks


def wrapped(text: str, columns: int) -> list[tuple[int, str]]:
    """Running text as lines of at most so many columns, broken at blanks, each with the position that it begins at.

    Breaks of the text stay breaks. A line depends on what stands before its end alone, so that text that grows at its end
    does not move.

    Args:
        text: harmless but for its line breaks.
    """
    columns = max(2, columns)
    lines: list[tuple[int, str]] = []
    start = 0
    for paragraph in text.split("\n"):
        begin, used, blank = 0, 0, -1
        for at, character in enumerate(paragraph):
            used += cells(character)
            if character == " ":
                blank = at
                continue
            while used > columns:
                end = blank + 1 if blank >= begin else at
                lines.append((start + begin, paragraph[begin:end].rstrip()))
                begin, used = end, cells(paragraph[end : at + 1])
        lines.append((start + begin, paragraph[begin:].rstrip()))
        start += len(paragraph) + 1
    return lines
