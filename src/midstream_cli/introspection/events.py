"""What happened, from the snapshots of a stream: matches, motions, regimes, loops, stalls, absences."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from midstream_cli.compare.kernels.recognition import APART
from midstream_cli.results import Event, IntrospectionSnapshot, Similarity
from midstream_cli.streams.vectors import COUNTED_HZ

OVER, OVER_S = 0.01, 2.0
"""Score below which what was told is over once it has lasted so long, and may be told again: who walks stands still between
two steps."""

GONE_S = 5.0
"""A node that was silent for longer has been away."""


@dataclass(slots=True)
class _Node:
    """What was told of a node last."""

    regime: str = "unknown"
    background: str = "none"
    time_s: float | None = None
    matched: dict[str, float] = field(default_factory=dict)
    """When signatures that were told had last something that speaks for them, in seconds."""
    moved_s: float | None = None
    """The same of an unknown motion; None where none was told, or it is over."""
    loop: bool = False
    drifted: bool = False


class Events:
    """Turns snapshots of any number of nodes into events; each is told once, when it begins."""

    def __init__(self) -> None:
        self._nodes: dict[str, _Node] = {}

    def update(self, snapshots: Sequence[IntrospectionSnapshot]) -> list[Event]:
        """Take the next snapshots; return what they tell, in order."""
        return [event for snapshot in snapshots for event in self._of(snapshot)]

    def known(self) -> Any:
        """What was told, for `resume`."""
        return self._nodes

    def resume(self, known: Any) -> None:
        """Go on from what `known` gave."""
        self._nodes = known

    def _of(self, snapshot: IntrospectionSnapshot) -> Iterator[Event]:
        known = self._nodes.setdefault(snapshot.node, _Node())
        before_s, known.time_s = known.time_s, snapshot.time_s
        if before_s is not None and snapshot.time_s is not None and snapshot.time_s - before_s > GONE_S:
            yield _event(snapshot, "back", snapshot.node, start_s=before_s, seconds=snapshot.time_s - before_s)
        if snapshot.background != known.background:
            if known.background != "none":
                yield _event(snapshot, "background", snapshot.background, previous=known.background)
            known.background = snapshot.background
        if snapshot.regime_changed:
            yield _event(snapshot, "regime", snapshot.regime, previous=known.regime, seconds=snapshot.period_s)
        known.regime = snapshot.regime
        yield from _matches(snapshot, known)
        yield from _motion(snapshot, known)
        yield from _tokens(snapshot, known)


def _matches(snapshot: IntrospectionSnapshot, known: _Node) -> Iterator[Event]:
    top, now_s = snapshot.top_k_similarity, _clock_s(snapshot)
    going_on = {each["signature_id"] for each in top if each["score"] > OVER}
    known.matched = {
        name: now_s if name in going_on else last_s for name, last_s in known.matched.items() if now_s - last_s < OVER_S
    }
    if top and is_told(top[0], snapshot):
        if top[0]["signature_id"] not in known.matched:
            yield _event(
                snapshot,
                "match",
                top[0]["label"],
                signature_id=top[0]["signature_id"],
                score=top[0]["score"],
                margin=top[0]["margin"],
                start_s=top[0]["start_s"],
            )
        known.matched[top[0]["signature_id"]] = now_s


def _clock_s(snapshot: IntrospectionSnapshot) -> float:
    return snapshot.frame_count / COUNTED_HZ if snapshot.time_s is None else snapshot.time_s


def is_told(best: Similarity, snapshot: IntrospectionSnapshot) -> bool:
    """Whether the best signature is a match: beyond its threshold, ahead of all others, on a background to be trusted."""
    return best["above_threshold"] and best["margin"] >= APART and _is_trusted(snapshot)


def _is_trusted(snapshot: IntrospectionSnapshot) -> bool:
    """Whether it is known what is usual: against the background of another room, all of a stream is motion."""
    return not snapshot.suppressed and snapshot.background != "learning"


def _motion(snapshot: IntrospectionSnapshot, known: _Node) -> Iterator[Event]:
    probable, now_s = snapshot.unknown_motion or 0.0, _clock_s(snapshot)
    if known.moved_s is not None and now_s - known.moved_s >= OVER_S:
        known.moved_s = None
    if probable >= 0.5 and known.moved_s is None and _is_trusted(snapshot):
        yield _event(snapshot, "motion", "unknown", score=probable)
        known.moved_s = now_s
    elif known.moved_s is not None and probable >= OVER:
        known.moved_s = now_s


def _tokens(snapshot: IntrospectionSnapshot, known: _Node) -> Iterator[Event]:
    if snapshot.stalled_s is not None:
        start_s = None if snapshot.time_s is None else snapshot.time_s - snapshot.stalled_s
        yield _event(snapshot, "stall", "silent", start_s=start_s, seconds=snapshot.stalled_s)
    loop = snapshot.loop_tokens is not None
    if loop and not known.loop:
        yield _event(snapshot, "loop", "loop", tokens=snapshot.loop_tokens)
    known.loop = loop
    if snapshot.drifted and not known.drifted:
        yield _event(snapshot, "drift", "drift")
    known.drifted = snapshot.drifted


def _event(snapshot: IntrospectionSnapshot, kind: str, name: str, **more: Any) -> Event:
    return Event(
        path=snapshot.path,
        node=snapshot.node,
        timestamp_ns=snapshot.timestamp_ns,
        time_s=snapshot.time_s,
        frame_count=snapshot.frame_count,
        kind=kind,
        name=name,
        **more,
    )
