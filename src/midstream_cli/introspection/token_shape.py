"""What a token is: its name as a number, and what its characters are: letters, white space, and of which script."""

from functools import lru_cache
from typing import NamedTuple
from zlib import crc32

LATIN = 26
SCRIPTS = (0x0250, 0x0400, 0x0530, 0x0900, 0x1100, 0x3040, 0x3100, 0xAC00, 0xD7B0)
"""Where blocks of scripts end, roughly: Latin with accents; phonetic signs and Greek; Cyrillic; Armenian, Hebrew and Arabic;
India to Georgia; Africa, Cambodia and others; kana; Chinese; Hangul. What is beyond counts as one more."""
BINS = LATIN + len(SCRIPTS) + 1
LONGEST = 1024
"""Characters that are looked at, from the beginning of a token and from its end half each: a token has a few."""


class Shape(NamedTuple):
    """Of one token."""

    letters: float
    """Share of its characters that are letters."""
    spaces: float
    """Share that are white space."""
    bins: tuple[int, ...]
    """For each letter its bin: a to z without case, then scripts; at most 64 of them, evenly spread."""


def name(text: str) -> int:
    """A number of 32 bits that hardly another token has."""
    return crc32(text.encode("utf-8", "surrogatepass"))


def shape(text: str) -> Shape:
    """The shape of a token of one character or more."""
    if len(text) > LONGEST:
        text = text[: LONGEST // 2] + text[-LONGEST // 2 :]
    # tokens come again and again; long ones are chunks, which do not
    return _cached(text) if len(text) <= 32 else _shape(text)


def _shape(text: str) -> Shape:
    letters = [character for character in text.lower() if character.isalpha()]
    spaces = sum(map(str.isspace, text))
    step = -(-len(letters) // 64) or 1
    return Shape(min(len(letters) / len(text), 1.0), spaces / len(text), tuple(map(_bin, letters[::step])))


_cached = lru_cache(maxsize=4096)(_shape)


def _bin(letter: str) -> int:
    code = ord(letter)
    if code < 0x80:
        return code - ord("a")
    return LATIN + sum(code >= end for end in SCRIPTS)
