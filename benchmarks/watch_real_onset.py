"""The real onset: how soon walking is noticed after an empty room, and how often nothing is taken for it."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

import numpy as np

import watch_real_intervals as intervals
from midstream_cli.attractor.live.regimes import RegimeWatch
from midstream_cli.attractor.live.rules import Regime
from midstream_cli.compare.recognition.recogniser import Recogniser
from midstream_cli.compare.signatures.signature import Background, Signature
from watch_real_scenes import EMPTY, WALKING, Float64, Frames, Lane, frames, vectors

Watch = Callable[[Float64], bool]
"""Takes the next vector; whether something moves."""

BEFORE_S, AFTER_S, SETTLING_S = 25.0, 5.0, 20.0
"""Seconds of an empty room before walking, of walking, and at the beginning whose alarms do not count."""
WITHIN_S = 0.5
SPLICES = 10
"""Of each empty room with each walk."""
TAKES_S, TAKE_S = (8.0, 20.0, 35.0, 50.0), 0.5
"""Where in the first walk signatures of walking are taken from, and how long they are."""


class Way(NamedTuple):
    """A way to tell that something moves."""

    name: str
    lane: Lane
    begin: Callable[[int, float], Watch]
    """From the number of dimensions and vectors a second."""


def by_regime(dims: int, rate_hz: float) -> Watch:
    """The regime is transient."""
    watch = RegimeWatch(dims, rate_hz=rate_hz)
    return lambda vector: watch.update(vector).regime is Regime.TRANSIENT


def by_coherence(dims: int, rate_hz: float) -> Watch:
    """Successive vectors are alike in direction: what `watch` says of motion that no signature is of."""
    recogniser = Recogniser([], dims=dims, rate_hz=rate_hz)

    def moves(vector: Float64) -> bool:
        recogniser.update(vector)
        return recogniser.moving

    return moves


def by_signatures(lane: Lane, _: int, rate_hz: float) -> Watch:
    """Walking is matched that was captured elsewhere in the first walk, with the background of the first room."""
    recogniser = Recogniser(walks(lane), rate_hz=rate_hz)
    return lambda vector: recogniser.update(vector).matched >= 0


def walks(lane: Lane) -> list[Signature]:
    """Half seconds of the first walk, at the gain of the first room."""
    room, walk = frames(EMPTY[0]), levelled(frames(WALKING[0]), frames(EMPTY[0]), mean=False)
    background = Background.of(vectors(lane, room).values, EMPTY[0], room.seconds)
    values, rate = vectors(lane, walk).values, lane.rate_hz(walk)
    length = round(TAKE_S * rate)
    return [
        Signature(
            f"walking {i}", "walking", values[at : at + length], lane.feature, rate_hz=rate, background=background
        )
        for i, at in enumerate(round(each * rate) for each in TAKES_S)
    ]


LANES = [Lane(feature, on_grid) for feature in ("bands8", "amplitude-l2", "amplitude") for on_grid in (False, True)]
EACH_FRAME, DOPPLER = Lane("amplitude-l2", False), Lane("doppler", True)
WAYS = [
    *(Way("coherence", lane, by_coherence) for lane in LANES if not lane.on_grid),
    *(Way("regime", lane, by_regime) for lane in [*LANES, DOPPLER]),
    *(Way("signatures", lane, partial(by_signatures, lane)) for lane in (EACH_FRAME, DOPPLER)),
]


class Noticed(NamedTuple):
    """One onset."""

    delay_s: float
    """From the first frame of walking to the one that made the alarm; NaN where none within five seconds did."""
    alarmed: bool
    """There was an alarm already."""


def told(way: Way, given: Frames) -> Iterator[tuple[int, bool]]:
    """The frame that completed each vector, and whether something moves."""
    values, done, _ = vectors(way.lane, given)
    watch = way.begin(values.shape[1], way.lane.rate_hz(given))
    return ((at, watch(vector)) for at, vector in zip(done.tolist(), values, strict=True))


def alarms(way: Way, given: Frames) -> tuple[list[float], float]:
    """Seconds at which something began to move, those of the beginning left out; and the share of time that it did."""
    found, before, moving, count = [], False, 0, 0
    for at, moves in told(way, given):
        since = float(given.time_ns[at] - given.time_ns[0]) / 1e9
        if since >= SETTLING_S:
            count, moving = count + 1, moving + moves
            if moves and not before:
                found.append(since)
        before = moves
    return found, moving / max(1, count)


def levelled(walking: Frames, room: Frames, *, mean: bool) -> Frames:
    """Walking at the gain of a room; and with the mean of each subcarrier over the whole recording, if asked for."""
    level = walking.level * np.median(room.level) / np.median(walking.level)
    moved = walking.relative + (room.relative.mean(axis=0) - walking.relative.mean(axis=0)) * mean
    return Frames(walking.time_ns, np.abs(moved), level)


class Splice(NamedTuple):
    """An empty room, then walking."""

    frames: Frames
    first: int
    """The first frame of walking."""


def splices(*, mean: bool) -> Iterator[Splice]:
    """At many points of both rooms and both walks."""
    for name in EMPTY:
        for walk in WALKING:
            room = frames(name)
            walking = levelled(frames(walk), room, mean=mean)
            begins = np.linspace(0.0, room.seconds - BEFORE_S, SPLICES)
            for begin_s, walk_s in zip(begins, np.linspace(2.0, walking.seconds - AFTER_S, SPLICES), strict=True):
                before = room.part(begin_s, begin_s + BEFORE_S)
                yield Splice(before.then(walking.part(walk_s, walk_s + AFTER_S)), len(before.level))


def noticed(way: Way, splice: Splice) -> Noticed:
    """How soon."""
    given, first = splice
    before = False
    for at, moves in told(way, given):
        if at < first:
            before = moves
        elif moves:
            return Noticed(float(given.time_ns[at] - given.time_ns[first]) / 1e9, before)
    return Noticed(np.nan, before)


def onset_row(way: Way, every: list[Splice]) -> dict[str, Any]:
    """How soon walking is noticed in this way."""
    found = [noticed(way, splice) for splice in every]
    fresh = [each.delay_s for each in found if not each.alarmed]
    known = [each for each in fresh if not np.isnan(each)]
    within = intervals.share(sum(each <= WITHIN_S for each in known), len(fresh))
    return {
        "told by": way.name,
        "lane": way.lane.name,
        "onsets": len(fresh),
        "alarmed before": len(found) - len(fresh),
        "within 0.5 s": intervals.told(within),
        "mean ms": intervals.told(intervals.mean([1e3 * each for each in known])),
        "median": f"{1e3 * np.median(known):.0f}" if known else "-",
        "longest": f"{1e3 * max(known):.0f}" if known else "-",
    }


def idle_row(way: Way, name: str, given: Frames) -> dict[str, Any]:
    """How often nothing is taken for a motion."""
    found, moving = alarms(way, given)
    exposed = given.seconds - SETTLING_S
    return {
        "told by": way.name,
        "lane": way.lane.name,
        "recording": name,
        "seconds": round(exposed),
        "alarms": len(found),
        "an hour": intervals.told(intervals.rate(len(found), exposed / 3600.0)),
        "moving": f"{100.0 * moving:.2g} %",
    }
