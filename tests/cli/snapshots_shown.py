"""Snapshots and events to be shown."""

import io
from typing import Any

from midstream_cli.cli.watch_view import View
from midstream_cli.results import Event, IntrospectionSnapshot
from midstream_cli.results.introspection import Similarity


class Clock:
    """Time that stands still until it is moved."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:  # noqa: D102 - a clock is read
        return self.now_s


class Paper(io.StringIO):
    """A stream that remembers how often it was written to."""

    encoding = "utf-8"

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[str] = []

    def write(self, text: str) -> int:
        """Remember it."""
        self.writes.append(text)
        return len(text)

    @property
    def pictures(self) -> list[str]:
        """Those writes that draw."""
        return [text for text in self.writes if text.startswith("\x1b[?2026h")]


def similarity(label: str, score: float, *, above: bool = False, margin: float = -5.0, **more: Any) -> Similarity:
    """How far a signature is recognised."""
    return {
        "signature_id": label,
        "label": label,
        "score": score,
        "above_threshold": above,
        "margin": margin,
        "start_frame": more.get("start_frame"),
        "start_s": more.get("start_s"),
    }


def snapshot(time_s: float | None, regime: str = "idle", **more: Any) -> IntrospectionSnapshot:
    """What is known of a stream at a time."""
    count = more.pop("frame_count", 1 + round((time_s or 0.0) * 100))
    return IntrospectionSnapshot(
        timestamp_ns=count, frame_count=count, time_s=time_s, regime=regime, **{"rate_hz": 100.0} | more
    )


def event(kind: str, name: str, time_s: float | None = 1.0, **more: Any) -> Event:
    """Something that happened."""
    return Event(
        path="x", node=more.pop("node", ""), timestamp_ns=0, time_s=time_s, frame_count=1, kind=kind, name=name, **more
    )


def viewed(source: str = "udp://:5566") -> tuple[View, Clock, Paper]:
    """A view on nothing."""
    clock, paper = Clock(), Paper()
    return View(source, stream=paper, now=clock), clock, paper
