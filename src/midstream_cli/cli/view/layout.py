"""The whole picture: which parts of the live view a terminal has room for, and where."""

from collections.abc import Callable
from typing import NamedTuple

from midstream_cli.cli.view import panels
from midstream_cli.cli.view.palette import Line, Palette
from midstream_cli.cli.view.state import Node, State
from midstream_cli.cli.view.table import table

PICTURE = (4, 7, 16)
"""Lines of what a stream looks like: at least, where there is room for all, at most."""
LOG = (1, 2, 6)
DETAIL = 9
"""Lines from which one of several nodes is shown in full."""


class Part(NamedTuple):
    """A part of the picture that fits into a number of lines."""

    worth: int
    """The lower, the later it is left out."""
    sizes: tuple[int, int, int]
    """Lines: at least, where there is room for all, at most."""
    lines: Callable[[int], list[Line]]


def render(state: State, width: int, height: int, palette: Palette) -> list[str]:
    """The live view as lines of text, at most `height`, each at most `width` columns wide.

    It depends on its arguments alone. Parts keep their places while numbers change: what is not known has its place, too.
    """
    width, height = max(1, width), max(1, height)
    node = state.nodes.get(state.full or "")
    several = len(state.nodes) > 1
    parts = [_fixed(0, panels.header(state, None if several and node is None else node, palette, width))]
    if several:
        parts.append(_table(state, palette, width))
        spare = height - sum(part.sizes[1] + 1 for part in parts)
        if spare < DETAIL:
            node = None
    if node is not None and node.newest is not None:
        parts += _detail(state, node, palette, width)
    parts.append(Part(4, LOG, lambda rows: panels.log(state, palette, rows)))
    return [palette.painted(line, width) for line in _placed(parts, height)][:height]


def _fixed(worth: int, lines: list[Line]) -> Part:
    return Part(worth, (len(lines), len(lines), len(lines)), lambda rows: lines[:rows])


def _table(state: State, palette: Palette, width: int) -> Part:
    count = len(state.nodes)
    return Part(1, (min(count, 2), count, count), lambda rows: table(state, palette, width, rows))


def _detail(state: State, node: Node, palette: Palette, width: int) -> list[Part]:
    """All of one node."""
    found = [
        _fixed(1, panels.regime(node, palette, width, named=len(state.nodes) > 1)),
        _fixed(3, panels.change(node, palette, width)),
    ]
    if matches := panels.matches(state, node, palette, width):
        found.append(_fixed(2, matches))
    if node.tokens:
        found.append(Part(2, PICTURE, lambda rows: panels.tokens(node, palette, width, rows)))
    elif node.columns:
        most = len(node.columns) + 1
        sizes = (min(PICTURE[0], most), min(PICTURE[1], most), most)
        found.append(Part(3, sizes, lambda rows: panels.columns(node, palette, width, rows)))
    elif node.rolling is not None:
        found.append(Part(3, PICTURE, lambda rows: panels.subcarriers(node, palette, width, rows)))
    return found


def _placed(parts: list[Part], height: int) -> list[Line]:
    """Parts below one another: the most worth first at their least, then blanks between, then as they would like to be."""
    rows = dict.fromkeys(range(len(parts)), 0)
    left = height
    by_worth = sorted(rows, key=lambda at: parts[at].worth)
    for at in by_worth:
        if 0 < parts[at].sizes[0] <= left:
            rows[at] = parts[at].sizes[0]
            left -= rows[at]
    shown = [at for at in rows if rows[at]]
    # what a stream does stands right below where it comes from
    apart = shown[2:]
    blanks = set(apart[: max(0, left)])
    left -= len(blanks)
    for size in (1, 2):
        for at in by_worth:
            if rows[at]:
                more = max(0, min(left, parts[at].sizes[size] - rows[at]))
                rows[at] += more
                left -= more
    lines: list[Line] = []
    for at in shown:
        some = parts[at].lines(rows[at])
        # every part keeps its place, whatever it has to say
        lines += [[]] * (at in blanks) + some + [[]] * (rows[at] - len(some))
    return lines
