"""The work of `watch`: a stream through the live tap, shown, written, kept, and acted upon."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from midstream_cli.cli import console, interrupts, output, runs
from midstream_cli.cli.console import plural
from midstream_cli.cli.reading import Reading, follow, live, losses
from midstream_cli.cli.watch_memory import Memory, settings
from midstream_cli.cli.watch_outlets import Detached, Lines, Listed, Outlet, Picture
from midstream_cli.errors import ExitCode, MidstreamError, UsageError

if TYPE_CHECKING:
    from midstream_cli.cli.runs import Keeper
    from midstream_cli.introspection.events import Events
    from midstream_cli.introspection.introspect import Introspect
    from midstream_cli.introspection.nodes import IntrospectNodes
    from midstream_cli.logic.predicate import Predicate
    from midstream_cli.recordings import Recording
    from midstream_cli.results import Event, IntrospectionSnapshot
    from midstream_cli.streams.source import Source

COMMAND = "watch"

TURN_S = 5e-4
"""How long one thread may keep the interpreter while others want it, of a live stream."""

NOUNS = {
    "match": ("match", "matches"),
    "motion": ("unknown motion", "unknown motions"),
    "regime": ("change of regime", "changes of regime"),
    "loop": ("loop", "loops"),
    "stall": ("stall", "stalls"),
    "drift": ("drift", "drifts"),
    "back": ("return of a node", "returns of nodes"),
}
"""How a summary calls kinds of events, one and several, in its order; it leaves out those that are not here."""


def watch(given: Mapping[str, Any]) -> int:
    """Watch a source as options say.

    Args:
        given: every option in effect, by the name of its parameter.

    Raises:
        UsageError: options contradict one another, or name what does not exist.
    """
    from midstream_cli.introspection import lanes
    from midstream_cli.introspection.events import Events
    from midstream_cli.introspection.nodes import IntrospectNodes

    until, make = _predicate(given["until"]), _maker(given)
    reading = Reading.asked(given)
    end: KeyboardInterrupt | MidstreamError | None = None
    with ExitStack() as stack:
        opened = stack.enter_context(reading.open_nodes(given["source"]))
        run = runs.new_run(COMMAND, given, given["source"])
        nodes, events = IntrospectNodes(make, tally=opened.tally), Events()
        memory = Memory(Path(given["state"]) if given["state"] else None, settings(given), nodes, events)
        keeper = stack.enter_context(runs.keeping(given["store"], run))
        hook = _hook(given["on_match"], stack)
        if not opened.live and opened.info.kind != "token":
            # what is under way is not interrupted: let it not be this
            lanes.warm()
        if opened.live:
            # threads that read and write would otherwise keep what looks at frames waiting for five milliseconds at a time
            sys.setswitchinterval(TURN_S)
        outlet = _outlet(given, opened)
        tap = Tap(nodes, events, memory, keeper, outlet, hook, until, keeps_snapshots=given["snapshots"])
        try:
            for piece in _pieces(opened, reading, given["speed"], with_view=isinstance(outlet, Picture)):
                if tap.take(piece):
                    break
        except (KeyboardInterrupt, MidstreamError) as reason:
            end = reason
        finally:
            try:
                with interrupts.held_back():
                    _wind_up(tap, opened)
            finally:
                # whatever fails, and whoever is in a hurry: the terminal is given back
                outlet.close()
    if isinstance(outlet, Detached) and outlet.stuck:
        # whatever else is written to stdout would wait for its reader, too
        interrupts.abandon(end.exit_code if isinstance(end, MidstreamError) else _answer(tap, end))
    for sentence in losses(opened):
        console.warning(sentence)
    if isinstance(end, MidstreamError):
        raise end
    console.note(_summary(tap))
    return _answer(tap, end)


def _wind_up(tap: "Tap", opened: "Source") -> None:
    """Take what is left, and keep what is known."""
    try:
        tap.finish()
    finally:
        tap.keeper.count(tap.frames, opened.tally.lost, opened.tally.bad)
        if tap.whole:
            tap.memory.save()


def _answer(tap: "Tap", end: BaseException | None) -> int:
    """Interrupted; or whether what was waited for came."""
    if end is not None:
        return ExitCode.INTERRUPTED
    return ExitCode.OK if tap.until is None or tap.reached else ExitCode.NO


@dataclass(slots=True)
class Tap:
    """What happens to each piece of a stream, in this order: seen, kept, shown, acted upon."""

    nodes: "IntrospectNodes"
    events: "Events"
    memory: Memory
    keeper: "Keeper"
    outlet: Outlet
    hook: "Callable[[Event], None]"
    until: "Predicate | None"
    keeps_snapshots: bool
    frames: int = 0
    reached: bool = False
    whole: bool = True
    """What is known is of all frames so far: none was left half taken."""
    told: dict[str, int] = field(default_factory=dict)
    """Events by kind."""

    def take(self, piece: "Recording | None") -> bool:
        """Take frames, or none; return whether what is waited for has come."""
        self.memory.tick()
        if piece is None:
            self.keeper.write(())
            self.outlet.tick()
            return False
        return self._seen(piece, partial(self.nodes.extend, piece))

    def finish(self) -> None:
        """Take what only the end completes, if it is still of interest."""
        if self.whole and not self.reached:
            self._seen(None, self.nodes.finish)

    def _seen(self, piece: "Recording | None", look: "Callable[[], Sequence[IntrospectionSnapshot]]") -> bool:
        snapshots: Sequence[IntrospectionSnapshot] = ()
        events: Sequence[Event] = ()
        try:
            with interrupts.held_back():
                self.whole = False
                snapshots = self._up_to_the_first(look())
                events = self.events.update(snapshots)
                self.whole = True
                self.frames += len(snapshots)
                self.keeper.write([*events, *snapshots] if self.keeps_snapshots else events)
        finally:
            # an interrupt that came meanwhile loses nothing
            self._tell(piece, snapshots, events)
        return self.reached

    def _tell(
        self, piece: "Recording | None", snapshots: "Sequence[IntrospectionSnapshot]", events: "Sequence[Event]"
    ) -> None:
        for event in events:
            self.told[event.kind] = self.told.get(event.kind, 0) + 1
            if event.kind == "match":
                self.hook(event)
        self.outlet.take(piece, snapshots, events)

    def _up_to_the_first(self, snapshots: "Sequence[IntrospectionSnapshot]") -> "Sequence[IntrospectionSnapshot]":
        """Those up to the first of which the predicate holds."""
        if self.until is None:
            return snapshots
        from midstream_cli.introspection.predicates import holds

        last = next((i for i, snapshot in enumerate(snapshots) if holds(self.until, snapshot)), None)
        self.reached = last is not None
        return snapshots if last is None else snapshots[: last + 1]


def _pieces(
    opened: "Source", reading: Reading, speed: float | None, *, with_view: bool
) -> "Iterator[Recording | None]":
    """The source at its own pace, at the one asked for, or as fast as it goes."""
    if opened.live and speed is not None:
        raise UsageError("a live source comes at its own speed", "leave --speed out")
    if opened.live and not with_view:
        return follow(opened, "watching", reading.until_s)
    if opened.live:
        return live(opened, reading.until_s)
    interrupts.take_all_as_ctrl_c()
    if speed is None and not with_view:
        return follow(opened, "watching", reading.until_s)
    from midstream_cli.streams.pace import paced

    return paced(opened.pieces, speed or 1.0)


def _predicate(text: str | None) -> "Predicate | None":
    if text is None:
        return None
    from midstream_cli.introspection.predicates import of_snapshots

    return of_snapshots(text)


def _maker(given: Mapping[str, Any]) -> "Callable[[], Introspect]":
    """What makes the tap of a node."""
    from midstream_cli.introspection import lanes
    from midstream_cli.introspection.introspect import Introspect

    signatures = []
    if given["signatures"] is not None:
        from midstream_cli.compare.signatures.library import load

        signatures = load(Path(given["signatures"]))
    make = partial(
        Introspect,
        signatures,
        feature=given["feature"],
        false_alarms_per_day=given["false_alarms_per_day"],
    )
    make()
    if "://" in given["source"] or given["source"] == "-":
        lanes.warm()
    return make


def _outlet(given: Mapping[str, Any], opened: "Source") -> Outlet:
    """Where results go: a live view on a terminal where nothing else is asked for."""
    asked = output.OutputFormat(given["output_format"]) if given["output_format"] else None
    form = output.chosen(asked, given["json"])
    if asked is None and form is output.OutputFormat.TABLE and given["view"] and not given["quiet"] and _can_draw():
        from midstream_cli.cli.watch_view import View

        return Picture(View(given["source"]), opened)
    if form in (output.OutputFormat.TABLE, output.OutputFormat.JSON):
        # nobody reads a table of snapshots
        return Listed(form, events=given["events"] or form is output.OutputFormat.TABLE)
    lines = Lines(form, events=given["events"])
    return Detached(lines) if opened.live and not opened.stream.sender_waits else lines


def _can_draw() -> bool:
    import os

    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def _hook(command: str | None, stack: ExitStack) -> "Callable[[Event], None]":
    """What is done for each match."""
    if command is None:
        return lambda _event: None
    from midstream_cli.cli.on_match import Hooks

    hooks = Hooks(command)
    stack.callback(hooks.close)
    return hooks.run


def _summary(tap: Tap) -> str:
    """What was seen, in a sentence."""
    counts = [(tap.told[kind], nouns) for kind, nouns in NOUNS.items() if kind in tap.told]
    words = [f"{count:,} {nouns[count != 1]}" for count, nouns in counts]
    return f"watched {plural(tap.frames, 'frame')}: {', '.join(words) or 'nothing happened'}"
