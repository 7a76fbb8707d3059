"""The parts of the live view: what they show of a node, in lines of a given width."""

import math
from collections.abc import Sequence

from midstream_cli.cli.view import words
from midstream_cli.cli.view.held import clock, number, seconds
from midstream_cli.cli.view.history import Column
from midstream_cli.cli.view.palette import Line, Palette, Span
from midstream_cli.cli.view.state import LINGER_S, Match, Node, State
from midstream_cli.cli.view.text import cells, wrapped
from midstream_cli.cli.view.waterfall import Rolling, picture

GUTTER = 20
"""Columns of the names on the left; fewer on narrow terminals."""
STRONG = 10.0
"""The change score of the highest bar: one deviation an eighth or so, so that noise stays low."""
WIDE = 64
"""Columns from which there is room for more than what matters most."""


def gutter(width: int) -> int:
    """Columns of the names on the left."""
    return GUTTER if width >= WIDE else 12


def packed(facts: Sequence[Line], width: int, apart: int = 3) -> list[Line]:
    """Facts side by side as long as they fit, else below one another."""
    lines: list[Line] = []
    used = 0
    for fact in facts:
        size = sum(cells(text) for text, _ in fact)
        if lines and used + apart + size <= width:
            lines[-1] += [(" " * apart, ""), *fact]
            used += apart + size
        else:
            lines.append(list(fact))
            used = size
    return lines


def fact(name: str, value: str, width: int, style: str = "") -> Line:
    """A number with its name, in a place of its own."""
    return [(f"{name} ", "dim"), (f"{value:<{width}}", style)]


def header(state: State, node: Node | None, palette: Palette, width: int) -> list[Line]:
    """Where it comes from, how long and how fast, and what was lost."""
    source = palette.text(state.source)
    several = len(state.nodes) > 1
    kind = "choice" if node is not None and node.tokens else "node"
    name = "" if node is None or several or not node.name else f"  {kind} {palette.cut(node.name, 20)}"
    lost, lost_style = words.losses(state)
    if node is None:
        right: Line = [("no frame yet", "warn")]
    else:
        speed, style = (f"{len(state.nodes)} nodes", "") if several else words.pace(state, node)
        time = max(each.time_s for each in state.nodes.values())
        right = [(f"{clock(time):>7}  ", ""), (f"{speed:>9}", style), ("  ", ""), (lost, lost_style)]
    size = sum(cells(text) for text, _ in right)
    if size + 24 > width:
        right[0] = (right[0][0].lstrip(), right[0][1])
        return [[(palette.cut(source + name, width), "bold")], right]
    short = palette.cut(source, max(8, width - size - 2 - cells(name)))
    fill = " " * max(2, width - size - cells(short) - cells(name))
    return [[(short, "bold"), (name, ""), (fill, ""), *right]]


def regime(node: Node, palette: Palette, width: int, *, named: bool = False) -> list[Line]:
    """What the stream is doing, since when, and the numbers of its motion."""
    newest = node.newest
    if newest is None:
        return [[("?", "unknown")]]
    name = node.regime if words.known(node.regime) else "unknown"
    since_s = 0.0 if node.regime_since_s is None else node.time_s - node.regime_since_s
    confidence = newest.attractor_confidence
    sure = f"sure {round(100 * min(confidence, 0.99))} %" if confidence > 0 else ""
    told: Line = [
        (f"{palette.cut(node.name, 20)}  " if named else "", "bold"),
        (f"{palette.regime(name)} {palette.text(node.regime):<9}", name),
        (f"  for {seconds(since_s):<7}", ""),
    ]
    if sum(cells(text) for text, _ in told) + 10 <= width:
        told.append((f" {sure:<9}", "dim"))
    if node.tokens:
        return [told]
    rhythm = number(node.rhythm.shown, 1)
    numbers = [
        fact("exponent", number(node.exponent.shown, 2), 5),
        fact("dimension", number(node.dimension.shown, 1), 4),
        fact("rhythm", "-" if rhythm == "-" else f"{rhythm} a minute", 14),
    ]
    # side by side on a line of their own, where they do not fit beside the rest
    together = packed(numbers, width)
    return packed([told, *(together if len(together) == 1 else numbers)], width)


def change(node: Node, palette: Palette, width: int) -> list[Line]:
    """How unusual the last minute was, and what it was told to be."""
    columns = node.minute.columns(width - gutter(width))
    # the present is at the right edge
    side = max(gutter(width), width - len(columns)) if columns else gutter(width)
    # one that is held like the bar, so that a frame is not missed
    peak = number(min(node.change, 999.0), 1)
    bars: Line = [("change ", "dim"), (f"{peak:<{side - 7}}", "")]
    signs: Line = [(f"{'last minute':<{side}}" if side >= GUTTER else " " * side, "dim")]
    for column in columns:
        extend(bars, *bar(column, palette))
        extend(signs, *_sign(column, palette))
    return [bars, signs]


def bar(column: Column | None, palette: Palette) -> Span:
    """How unusual a stretch of time was, in the colour of its regime."""
    if column is None:
        return " ", ""
    return palette.height(max(0.0, column.peak) / STRONG), column.style


def _sign(column: Column | None, palette: Palette) -> Span:
    if column is None or column.style == "unknown":
        return " ", ""
    return palette.regime(column.style), column.style


def extend(line: Line, text: str, style: str) -> None:
    """Put a character at the end, into the last span where it looks alike."""
    if line[-1][1] == style and len(line) > 2:
        line[-1] = (line[-1][0] + text, style)
    else:
        line.append((text, style))


def matches(state: State, node: Node, palette: Palette, width: int) -> list[Line]:
    """The signatures that most speaks for, what none is of, and whether that can be trusted."""
    lines = [_match(match, state, palette, width) for match in node.matches]
    newest = node.newest
    if newest is None or not lines:
        return []
    unknown = node.unknown.shown or 0.0
    side = gutter(width)
    share = palette.bar(unknown, _bar_columns(width), "warn" if unknown >= 0.5 else "dim")
    name = "unknown motion" if side >= GUTTER else "unknown"
    lines.append([("  ", ""), (f"{name:<{side - 2}}", "dim"), *share, (f"  {number(unknown, 2)}", "dim")])
    said, style = words.background(newest)
    return [*lines, [("  ", ""), (said, style)]]


def _bar_columns(width: int) -> int:
    """Of bars, so that all that stands beside them has its place."""
    taken = gutter(width) + 6 + (24 if width >= WIDE else 0)
    return max(4, min(40, width - taken))


def _match(match: Match, state: State, palette: Palette, width: int) -> Line:
    lit = state.now_s - match.lit_s <= LINGER_S
    style = "alarm" if lit else ""
    label = match.newest["label"] or match.newest["signature_id"]
    line: Line = [
        (f"{palette.mark('match')} " if lit else "  ", style),
        (palette.filled(label, gutter(width) - 3) + " ", style),
        *palette.bar(match.score, _bar_columns(width), style or "good", mark=0.5),
        (f"  {number(match.score, 2)}", style or "dim"),
    ]
    if width < WIDE:
        return line
    # behind the best, a margin only repeats the scores
    ahead = match.margin.shown
    line.append((f"{words.signed(ahead) + ' nats' if ahead is not None and ahead > 0 else '':>11}", "dim"))
    if lit and match.since_s is not None:
        line.append((f"  since {seconds(match.since_s)}", ""))
    elif lit and match.since_frames is not None:
        line.append((f"  for {match.since_frames:,} frames", ""))
    return line


def subcarriers(node: Node, palette: Palette, width: int, rows: int) -> list[Line]:
    """Each subcarrier against what is usual of it."""
    rolling = node.rolling
    if rolling is None or rows < 2:
        return []
    title = f"{rolling.channels} subcarriers{' against their usual level' if width >= WIDE else ''}"
    title += _passed(node, rolling, width)
    return [[(palette.cut(title, width), "dim")], *picture(rolling.unusual, width, rows - 1, palette)]


def _passed(node: Node, rolling: Rolling, shown: int) -> str:
    """How long so many columns take, as far as the rate is known."""
    rate = node.rate.shown
    return "" if not rate else f", the last {seconds(shown * rolling.rows_per_column / rate)}"


def columns(node: Node, palette: Palette, width: int, rows: int) -> list[Line]:
    """Numeric columns as curves, each from its least to its greatest."""
    rolling = node.rolling
    if rolling is None or rows < 1:
        return []
    side = gutter(width)
    room = max(1, width - side - 11)
    names = node.columns
    shown = names if len(names) < rows else names[: max(0, rows - 1)]
    more = f", {len(shown)} of them shown" if len(shown) < len(names) else ""
    title = f"{len(names)} columns{more}{_passed(node, rolling, room)}"
    lines: list[Line] = [[(palette.cut(title, width), "dim")]]
    for at, name in enumerate(shown):
        values = rolling.values[-room:, at].tolist()
        known = [value for value in values if not math.isnan(value)]
        low, high = min(known, default=0.0), max(known, default=0.0)
        span = high - low
        curve = "".join(
            " "
            if math.isnan(value)
            else palette.height((value - low) / span if 0 < span < math.inf else 0.0, full=False)
            for value in values
        )
        last = node.values[at].shown if at < len(node.values) else None
        lines.append(
            [
                (palette.filled(name, side - 1) + " ", "dim"),
                (f"{curve:>{room}}", "periodic"),
                (f" {_plain(last):>10}", ""),
            ]
        )
    return lines


def _plain(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"


def tokens(node: Node, palette: Palette, width: int, rows: int) -> list[Line]:
    """What is wrong with a text, and the text as it comes."""
    newest = node.newest
    if newest is None or rows < 1:
        return []
    loop, stall = newest.loop_tokens, node.stall
    stalled = "none" if stall is None else f"{seconds(stall[0])}, {seconds(node.time_s - stall[1], whole=True)} ago"
    recent = stall is not None and node.time_s - stall[1] < 5.0
    drift = node.drift.shown
    facts = packed(
        [
            fact("loop", "none" if loop is None else f"{number(loop, 0)} tokens", 11, "" if loop is None else "alarm"),
            fact("stall", stalled, 18, "warn" if recent else ""),
            fact("drift", "-" if drift is None else number(drift, 1), 5, "warn" if drift and abs(drift) >= 3 else ""),
        ],
        width,
    )
    room = rows - len(facts)
    lines = [text for _, text in wrapped(node.text, width)][-room:] if room > 0 else []
    return [*facts[:rows], *([(palette.text(text), "")] for text in lines)]


def log(state: State, palette: Palette, rows: int) -> list[Line]:
    """What happened last."""
    some = list(state.events)[-rows:] if rows > 0 else []
    return [words.event(each, palette, with_node=len(state.nodes) > 1) for each in some]
