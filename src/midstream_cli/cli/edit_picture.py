"""The picture of an edit on a terminal: two texts as one, with what is taken out of it and what comes into it."""

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from midstream_cli.cli import console
from midstream_cli.cli.pictures import width

if TYPE_CHECKING:
    from midstream_cli.compare.named import Named

KEPT = 24
"""Characters of what both have in common that are shown before and after a change."""
LINES = 20
MORE = "…"


class Mark(NamedTuple):
    """How a stretch of text is set off from the others."""

    before: str
    after: str
    colour: str


EQUAL, OLD, NEW = Mark("", "", ""), Mark("[-", "-]", "\x1b[9;31m"), Mark("{+", "+}", "\x1b[32m")


def edit(a: "Named", b: "Named", path: Sequence[Sequence[int]]) -> list[str]:
    """Two sequences of names whose positions of the path, pairs in order, are equal: as many lines as fit a screen."""
    stretches = list(_stretches(a, b, path))
    coloured = console.colourful(sys.stdout)
    characters: list[tuple[str, Mark]] = []
    for i, (text, mark) in enumerate(stretches):
        shown = _cut(text, i > 0, i < len(stretches) - 1) if mark is EQUAL else text
        before, after = ("", "") if coloured else (mark.before, mark.after)
        characters += [(character, mark) for character in before + shown + after]
    columns = width() - 2
    lines = [characters[i : i + columns] for i in range(0, len(characters), columns)]
    drawn = [f"  {_line(line, coloured)}" for line in lines[:LINES]]
    rest = [f"  {MORE} {len(lines) - LINES} more lines"] if len(lines) > LINES else []
    legend = ", ".join(_marked(f"only in {each.name}", mark, coloured) for each, mark in ((a, OLD), (b, NEW)))
    return [legend, *drawn, *rest]


def _stretches(a: "Named", b: "Named", path: Sequence[Sequence[int]]) -> Iterator[tuple[str, Mark]]:
    """What is common, what is only in the first and what only in the second, in order."""
    old, new = _words(a), _words(b)
    common: list[str] = []
    before_a = before_b = 0
    for i, j in [*path, (len(old), len(new))]:
        if i > before_a or j > before_b:
            changed = ("".join(common), EQUAL), ("".join(old[before_a:i]), OLD), ("".join(new[before_b:j]), NEW)
            yield from (each for each in changed if each[0])
            common = []
        common += old[i : i + 1]
        before_a, before_b = i + 1, j + 1
    if common:
        yield "".join(common), EQUAL


def _words(named: "Named") -> list[str]:
    """The texts, nothing in them that a terminal would act on; numbers with space between, as are unknown names."""
    numbers = named.values[:, 0].tolist()
    if not named.categorical:
        return [f"{number:.0f} " for number in numbers]
    return [_safe(f"#{int(n):x} " if text is None else text) for n, text in zip(numbers, named.words(), strict=True)]


def _safe(text: str) -> str:
    return "".join("⏎" if c == "\n" else c if c.isprintable() else "�" for c in text)


def _cut(text: str, after_change: bool, before_change: bool) -> str:
    """Text that is common, without what is far from any change."""
    head, tail = text[:KEPT] if after_change else "", text[-KEPT:] if before_change else ""
    return text if len(text) <= len(head) + len(tail) + 2 * KEPT else f"{head.rstrip()} {MORE} {tail.lstrip()}"


def _marked(text: str, mark: Mark, coloured: bool) -> str:
    return f"{mark.colour}{text}\x1b[0m" if coloured else f"{mark.before}{text}{mark.after}"


def _line(characters: Sequence[tuple[str, Mark]], coloured: bool) -> str:
    if not coloured:
        return "".join(character for character, _ in characters).rstrip()
    drawn = []
    now = EQUAL
    for character, mark in characters:
        if mark is not now:
            drawn.append("\x1b[0m" + mark.colour)
            now = mark
        drawn.append(character)
    return "".join(drawn) + "\x1b[0m"
