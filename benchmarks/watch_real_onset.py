"""The real onset: how soon walking is noticed after an empty room, and how often nothing is taken for it."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

import watch_real_intervals as intervals
from midstream_cli.attractor.live.regimes import Regime, RegimeWatch
from watch_real_scenes import EMPTY, WALKING, Frames, Lane, frames, hours, vectors

LANES = [Lane(feature, on_grid) for feature in ("bands8", "amplitude-l2", "amplitude") for on_grid in (False, True)]
LANES.append(Lane("doppler", True))
BEFORE_S, AFTER_S, SETTLING_S = 25.0, 5.0, 20.0
"""Seconds of an empty room before walking, of walking, and at the beginning whose alarms do not count."""
WITHIN_S = 0.5
SPLICES = 10
"""Of each empty room with each walk."""


class Onset(NamedTuple):
    """One splice."""

    delay_s: float
    """From the first frame of walking to the one that made the regime transient; NaN where none within five seconds did."""
    left_s: float
    """The same to the first regime that is not idle."""
    alarmed: bool
    """It was transient already."""


def regimes(lane: Lane, given: Frames) -> Iterator[tuple[int, Regime]]:
    """The frame that completed each vector, and the regime after it."""
    values, done = vectors(lane, given)
    watch = RegimeWatch(values.shape[1], rate_hz=lane.rate_hz(given))
    return ((at, watch.update(vector).regime) for at, vector in zip(done.tolist(), values, strict=True))


def alarms(lane: Lane, given: Frames) -> list[float]:
    """Seconds at which the regime became transient, those of the beginning left out."""
    found, before = [], Regime.UNKNOWN
    for at, regime in regimes(lane, given):
        if regime is Regime.TRANSIENT and before is not Regime.TRANSIENT:
            found.append(float(given.time_ns[at] - given.time_ns[0]) / 1e9)
        before = regime
    return [each for each in found if each >= SETTLING_S]


class Splice(NamedTuple):
    """An empty room, then walking."""

    frames: Frames
    first: int
    """The first frame of walking."""


def splices(*, levelled: bool) -> Iterator[Splice]:
    """At equal gain; or with the mean of each subcarrier over the whole recording as it was besides."""
    for name in EMPTY:
        for walk in WALKING:
            room, walking = frames(name), frames(walk)
            level = walking.level * np.median(room.level) / np.median(walking.level)
            moved = walking.relative + (room.relative.mean(axis=0) - walking.relative.mean(axis=0)) * levelled
            walking = Frames(walking.time_ns, np.abs(moved), level)
            begins = np.linspace(0.0, room.seconds - BEFORE_S, SPLICES)
            for begin_s, walk_s in zip(begins, np.linspace(2.0, walking.seconds - AFTER_S, SPLICES), strict=True):
                before = room.part(begin_s, begin_s + BEFORE_S)
                yield Splice(before.then(walking.part(walk_s, walk_s + AFTER_S)), len(before.level))


def noticed(lane: Lane, splice: Splice) -> Onset:
    """How soon."""
    given, first = splice
    begun = given.time_ns[first]
    delay = left = np.nan
    before = Regime.UNKNOWN
    for at, regime in regimes(lane, given):
        since = float(given.time_ns[at] - begun) / 1e9
        if at < first:
            before = regime
            continue
        if regime is not Regime.IDLE and np.isnan(left):
            left = since
        if regime is Regime.TRANSIENT:
            delay = since
            break
    return Onset(delay, left, before is Regime.TRANSIENT)


def row(lane: Lane, found: list[Onset]) -> dict[str, object]:
    """How soon on this lane."""
    fresh = [each for each in found if not each.alarmed]
    known = [each.delay_s for each in fresh if not np.isnan(each.delay_s)]
    within = sum(each <= WITHIN_S for each in known)
    return {
        "lane": lane.name,
        "onsets": len(fresh),
        "alarmed before": len(found) - len(fresh),
        "within 0.5 s": intervals.told(intervals.share(within, len(fresh))),
        "mean ms": intervals.told(intervals.mean([1e3 * each for each in known])),
        "median ms": f"{1e3 * np.median(known):.0f}" if known else "-",
        "most ms": f"{1e3 * max(known):.0f}" if known else "-",
    }


def idle_row(lane: Lane, name: str, given: Frames, count: Callable[[Lane, Frames], list[float]]) -> dict[str, object]:
    """How often nothing is taken for a change."""
    found = count(lane, given)
    exposed = given.seconds - SETTLING_S
    return {"lane": lane.name, "recording": name, "seconds": round(exposed), "alarms": len(found),
            "an hour": intervals.told(intervals.rate(len(found), exposed / 3600.0))}
