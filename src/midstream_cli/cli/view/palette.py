"""What a terminal can show, and words, glyphs, bars and colours made for it."""

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from midstream_cli.cli.view.text import cells, cut, filled, harmless

TRUE = 1 << 24
"""Colours of a terminal that takes red, green and blue."""

Span = tuple[str, str]
"""Harmless text, and the name of its style."""
Line = list[Span]

STYLES = {
    "": "",
    "dim": "2",
    "bold": "1",
    "good": "32",
    "warn": "33",
    "alarm": "1;33",
    "idle": "32",
    "periodic": "36",
    "transient": "1;33",
    "chaotic": "1;35",
    "unknown": "2",
    "none": "",
}
"""Of the terminal's own sixteen colours, which suit its background; regimes are styles by their names."""

CODE = re.compile(r"[0-9;]+")
"""Colours of their own, as escape sequences have them, are styles, too."""

REGIMES: Mapping[str, tuple[str, str]] = {
    "idle": ("·", "."),
    "periodic": ("≈", "~"),
    "transient": ("▲", "^"),
    "chaotic": ("◆", "*"),
    "unknown": ("?", "?"),
}
"""A glyph each, for those who see no colours: in Unicode, and in ASCII."""

_MARKS = {"match": ("●", "*"), "change": ("→", ">"), "more": ("…", "~"), "chosen": ("▸", ">")}
_PARTS = " ▏▎▍▌▋▊▉█"
_HEIGHTS = "▁▂▃▄▅▆▇█"
_LOW = "_.-=+*#@"
SHADES = " ░▒▓█"
_GREYS = " .:+#"


@dataclass(frozen=True, slots=True)
class Palette:
    """What a terminal can show."""

    colours: int = 0
    """0, 16, 256 or 2**24."""
    unicode: bool = True
    """Blocks, arrows and other alphabets; else ASCII."""

    def text(self, text: str) -> str:
        """What someone else wrote, made harmless."""
        return harmless(text, narrow=not self.unicode)

    def regime(self, name: str) -> str:
        """The glyph of a regime."""
        return REGIMES.get(name, REGIMES["unknown"])[not self.unicode]

    def mark(self, name: str) -> str:
        """A sign by its name."""
        return _MARKS[name][not self.unicode]

    def height(self, share: float, *, full: bool = True) -> str:
        """A bar of one column, from 0 to 1 high; not full, it never touches what stands above it."""
        levels = _HEIGHTS[: None if full else -1] if self.unicode else _LOW
        return levels[min(len(levels) - 1, max(0, int(share * len(levels))))]

    def shade(self, share: float) -> str:
        """A column from empty to full, for pictures without colours."""
        levels = SHADES if self.unicode else _GREYS
        return levels[min(len(levels) - 1, max(0, round(share * (len(levels) - 1))))]

    def bar(self, share: float, columns: int, style: str, mark: float | None = None) -> Line:
        """A bar of a fixed width, filled to a share of it, with a mark on the part that is empty."""
        share = min(1.0, max(0.0, share))
        eighths = round(share * columns * (8 if self.unicode else 1)) * (1 if self.unicode else 8)
        full, part = divmod(eighths, 8)
        body = ("█" if self.unicode else "#") * full + (_PARTS[part] if part else "")
        rest = [" "] * (columns - len(body))
        if mark is not None and (at := round(mark * columns) - len(body)) >= 0 and at < len(rest):
            rest[at] = "┊" if self.unicode else "|"
        return [(body, style), ("".join(rest), "dim")]

    def cut(self, text: str, columns: int) -> str:
        """What someone else wrote, in at most so many columns."""
        return cut(self.text(text), columns, self.mark("more"))

    def filled(self, text: str, columns: int, *, right: bool = False) -> str:
        """What someone else wrote, in exactly so many columns."""
        return filled(self.text(text), columns, right=right, more=self.mark("more"))

    def painted(self, spans: Iterable[Span], width: int) -> str:
        """A line as the terminal takes it, cut to its width, without blanks at its end."""
        kept: Line = []
        left = width
        for text, style in spans:
            short = cut(text, left, self.mark("more")) if left > 0 else ""
            left -= cells(short)
            kept.append((short, style))
        while kept and (not kept[-1][0].strip() or not kept[-1][0]):
            kept.pop()
        if kept:
            kept[-1] = (kept[-1][0].rstrip(), kept[-1][1])
        return "".join(self._styled(text, style) for text, style in kept)

    def _styled(self, text: str, style: str) -> str:
        code = STYLES.get(style) if self.colours else ""
        if code is None:
            # a regime may have any name
            code = style if CODE.fullmatch(style) else ""
        return f"\x1b[{code}m{text}\x1b[0m" if code and text else text

    def colour(self, red: int, green: int, blue: int) -> str:
        """The part of an escape sequence that follows 38; or 48;, of the nearest colour there is; of 256 or more."""
        if self.colours >= TRUE:
            return f"2;{red};{green};{blue}"
        return f"5;{_of_256(red, green, blue)}"


@lru_cache(maxsize=1024)
def _of_256(red: int, green: int, blue: int) -> int:
    """The nearest of the 6 x 6 x 6 colours and 24 greys of xterm."""
    levels = (0, 95, 135, 175, 215, 255)
    near = [min(range(6), key=lambda i, c=c: abs(levels[i] - c)) for c in (red, green, blue)]  # type: ignore[misc]
    cube = sum((levels[i] - c) ** 2 for i, c in zip(near, (red, green, blue), strict=True))
    grey = min(23, max(0, round(((red + green + blue) / 3 - 8) / 10)))
    greys = sum((8 + 10 * grey - c) ** 2 for c in (red, green, blue))
    return 232 + grey if greys < cube else 16 + 36 * near[0] + 6 * near[1] + near[2]


def palette_of(stream: Any, environ: Mapping[str, str] | None = None) -> Palette:
    """What the terminal behind a stream can show, by what the environment and the stream's encoding say of it."""
    known = os.environ if environ is None else environ
    term, colorterm = known.get("TERM", ""), known.get("COLORTERM", "").lower()
    if known.get("NO_COLOR") or term in ("dumb", "vt100", "vt220"):
        colours = 0
    elif colorterm in ("truecolor", "24bit") or "direct" in term:
        colours = TRUE
    else:
        colours = 256 if "256" in term or "kitty" in term else 16
    return Palette(colours, _takes_unicode(stream))


def _takes_unicode(stream: Any) -> bool:
    try:
        "█▀·≈→…".encode(getattr(stream, "encoding", None) or "ascii")
    except (UnicodeError, LookupError):
        return False
    return True
