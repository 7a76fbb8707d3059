"""What the live view says in words: losses, backgrounds, events."""

import math

from midstream_cli.cli.view.held import clock, number, seconds
from midstream_cli.cli.view.palette import REGIMES, Line, Palette
from midstream_cli.cli.view.state import SILENT_S, Node, State
from midstream_cli.results import Event, IntrospectionSnapshot

JUST_S = 1.0
"""What is younger is of now."""


def losses(state: State) -> tuple[str, str]:
    """What of the stream was not seen, and how that is to look."""
    numbered = [node.newest.frames_lost for node in state.nodes.values() if node.newest is not None]
    known = [count for count in (state.lost, *numbered) if count is not None]
    # of the source, or of its nodes together
    lost = max(state.lost or 0, sum(count for count in numbered if count is not None))
    counts = ((lost, "lost"), (state.dropped, "dropped"), (state.bad, "bad"))
    said = [f"{count:,} {word}" for count, word in counts if count]
    if said:
        return ", ".join(said), "warn"
    return ("nothing lost" if known else "nothing dropped"), "dim"


def pace(state: State, node: Node) -> tuple[str, str]:
    """How fast frames come, or for how long none has come."""
    silent_s = state.now_s - node.came_s
    if silent_s > SILENT_S:
        return f"silent {seconds(silent_s, whole=True)}", "warn"
    if node.rate.shown is None:
        return "- Hz", "dim"
    unit = "tokens/s" if node.tokens else "Hz"
    return f"{number(node.rate.shown, 1 if node.rate.shown < 10 else 0)} {unit}", ""


def background(snapshot: IntrospectionSnapshot) -> tuple[str, str]:
    """Whether matches can be trusted, in plain words."""
    age_s = snapshot.baseline_age_s
    learnt = ""
    if age_s is not None and math.isfinite(age_s):
        learnt = ", learnt just now" if age_s < JUST_S else f", learnt {seconds(age_s, whole=True)} ago"
    if snapshot.suppressed or snapshot.background == "unsettled":
        return "background not steady: matches are held back", "warn"
    if snapshot.baseline_frozen:
        return f"background frozen while something moves{learnt}", ""
    if snapshot.background == "steady":
        return f"background steady{learnt}", "dim"
    if snapshot.background == "learning":
        return "background: learning what is usual here", "dim"
    return "background unknown", "dim"


def event(happened: Event, palette: Palette, *, with_node: bool) -> Line:
    """One line of the log."""
    when = "" if happened.time_s is None else clock(happened.time_s)
    where = f"{palette.text(happened.node)}: " if with_node and happened.node else ""
    said, style = _told(happened, palette)
    return [(f"{when or f'#{happened.frame_count:,}':>8}  ", "dim"), (where, "dim"), (said, style)]


def _told(happened: Event, palette: Palette) -> tuple[str, str]:
    name, before = palette.text(happened.name), palette.text(happened.previous or "")
    passed = "" if happened.seconds is None else seconds(happened.seconds)
    said: dict[str, tuple[str, str]] = {
        "motion": ("something moves that no signature is of", "warn"),
        "background": (
            f"background {name}" + (f", was {before}" if before else ""),
            "warn" if name == "unsettled" else "",
        ),
        "loop": ("goes round" + _every(happened.tokens), "warn"),
        "stall": (f"paused for {passed}" if passed else "paused", "warn"),
        "drift": ("drifts from what it began with", "warn"),
        "back": (f"is back after {passed}" if passed else "is back", "good"),
    }
    if happened.kind == "match":
        score = "" if happened.score is None else f"  {number(happened.score, 2)}"
        ahead = "" if happened.margin is None else f"  {signed(happened.margin)} nats ahead"
        return f"{palette.mark('match')} {name}{score}{ahead}", "alarm"
    if happened.kind == "regime":
        came = f"{before} {palette.mark('change')} " if before else ""
        return f"{palette.regime(happened.name)} {came}{name}", happened.name if known(happened.name) else ""
    return said.get(happened.kind, (f"{palette.text(happened.kind)} {name}", ""))


def _every(tokens: float | None) -> str:
    return "" if tokens is None else f" every {number(tokens, 0)} tokens"


def known(regime: str) -> bool:
    """Whether this is one of the five."""
    return regime in REGIMES


def signed(value: float) -> str:
    """A whole number with its sign, of a fixed width up to thousands."""
    if not math.isfinite(value):
        return "-"
    return f"{value:+.0f}" if abs(value) < 99_999.5 else f"{value:+.0e}"
