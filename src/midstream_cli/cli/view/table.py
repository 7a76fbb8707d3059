"""Several nodes at once: a row each, its columns at the same places in all."""

from typing import NamedTuple

from midstream_cli.cli.view import words
from midstream_cli.cli.view.held import number
from midstream_cli.cli.view.palette import Line, Palette
from midstream_cli.cli.view.panels import WIDE, bar, extend
from midstream_cli.cli.view.state import LINGER_S, Node, State
from midstream_cli.cli.view.text import cells

REGIME, PACE, LOST, CURVE = 12, 15, 12, 60
"""Columns of what has a width of its own; of the last minute, at most."""
LEAST = 8
"""Columns of the last minute, at least: else something else is left out."""


class Widths(NamedTuple):
    """Columns of each part of a row; 0 of what is left out."""

    name: int
    curve: int
    match: int
    pace: int
    lost: int


def widths(state: State, width: int) -> Widths:
    """How the nodes that there are share a line."""
    wide = width >= WIDE
    name = 10 if wide else 7
    match = (20 if wide else 13) if any(node.matches for node in state.nodes.values()) else 0
    lost = LOST if wide and any(_lost(node) for node in state.nodes.values()) else 0
    pace = PACE if wide else 0
    room = width - 2 - name - REGIME
    if room - match - pace - lost < LEAST:
        lost = 0
    if room - match - pace < LEAST:
        pace = 0
    return Widths(name, max(0, min(CURVE, room - match - pace - lost)), match, pace, lost)


def table(state: State, palette: Palette, width: int, rows: int) -> list[Line]:
    """A row a node; where they are too many, those that show something, in the places that they have."""
    shown = nodes = list(state.nodes.values())
    if len(nodes) > rows:
        liveliest = {id(node) for node in sorted(nodes, key=lambda node: -node.liveliness)[: max(0, rows - 1)]}
        shown = [node for node in nodes if id(node) in liveliest]
    places = widths(state, width)
    lines = [_row(state, node, palette, places) for node in shown]
    if len(shown) < len(nodes):
        lines.append([(f"  and {len(nodes) - len(shown)} more nodes", "dim")])
    return lines


def _row(state: State, node: Node, palette: Palette, places: Widths) -> Line:
    name = node.regime if words.known(node.regime) else "unknown"
    chosen = node.name == state.full
    line: Line = [
        (palette.mark("chosen") + " " if chosen else "  ", ""),
        (palette.filled(node.name or "-", places.name - 1) + " ", "bold" if chosen else ""),
        (f"{palette.regime(name)} {palette.text(node.regime):<9} ", name),
    ]
    shown = node.minute.columns(places.curve)
    curve: Line = [(" " * (places.curve - len(shown)), "")]
    for column in shown:
        extend(curve, *bar(column, palette))
    speed, style = words.pace(state, node)
    line += [*curve, *_match(state, node, palette, places.match, "" if places.pace else speed * (style == "warn"))]
    if places.pace:
        line.append((f"{speed:>{places.pace}}", style))
    if places.lost:
        count = _lost(node)
        line.append((f"{f'{count:,} lost' if count else '':>{places.lost}}", "warn"))
    return line


def _match(state: State, node: Node, palette: Palette, columns: int, silent: str) -> Line:
    """The best match; where there is no room for the pace, its silence instead."""
    if silent and columns:
        return [(f" {silent:>{columns - 1}}", "warn")]
    if not node.matches:
        return [(" " * columns, "")]
    best = node.matches[0]
    lit = state.now_s - best.lit_s <= LINGER_S
    label = palette.filled(best.newest["label"] or best.newest["signature_id"], columns - 6)
    score = number(best.score, 2)
    return [(f" {label} {score}" + " " * (columns - 2 - cells(label) - len(score)), "alarm" if lit else "dim")]


def _lost(node: Node) -> int:
    return 0 if node.newest is None else node.newest.frames_lost or 0
