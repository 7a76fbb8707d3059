"""What happens in each scene, and when: one function here is one scene, by its name, and its docstring is its help."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from midstream_cli.frames import Float64
from midstream_cli.streams.simulate.body import Body, sway
from midstream_cli.streams.simulate.motion import Ramp, Walk, tour
from midstream_cli.streams.simulate.room import Room

SCRIPT = 0x5C21
"""Keeps the random numbers of this module apart from those of others."""

SWING_S = 1.5
"""A door takes so long to open or to close, a person to sit down or to get up."""

SWAY_M = 0.003
FAN_HZ = 1.0

NOTHING, ALWAYS = Ramp.of((0.0, 0.0)), Ramp.of((0.0, 1.0))


@dataclass(frozen=True, slots=True)
class Act:
    """A stretch of a scene in which one thing happens."""

    label: str
    seconds: float


@dataclass(frozen=True, slots=True, eq=False)
class Script:
    """A scene: it begins anew after its last act."""

    acts: tuple[Act, ...]
    body: Body | None = None
    door: Ramp = NOTHING
    """How far the door is open."""
    fan_hz: float = 0.0
    """How fast the fan turns."""

    @property
    def period_s(self) -> float:
        """How long all acts take."""
        return sum(act.seconds for act in self.acts)


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """What a scene is made of: where it plays, and what may differ from one playing to the next."""

    room: Room
    random: np.random.Generator
    breathing_hz: float


def idle_room(_: Stage) -> Script:
    """Nobody there, nothing moves."""
    return Script((Act("idle_room", 60.0),))


def walking_slow(stage: Stage) -> Script:
    """Somebody strolls through the room at 0.7 m/s."""
    return _walking(stage, "walking_slow", 0.7, 0.5)


def walking(stage: Stage) -> Script:
    """Somebody walks through the room at 1.3 m/s."""
    return _walking(stage, "walking", 1.3, 0.7)


def sitting(stage: Stage) -> Script:
    """Somebody sits on a chair, sways a little, and shifts now and then."""
    times_s = np.cumsum(stage.random.uniform(5.0, 9.0, 12))
    lean = _shifts(times_s[times_s < 58.0], stage.random)
    return Script((Act("sitting", 60.0),), _seated(stage, lean=lean, breathing=0.3))


def breathing(stage: Stage) -> Script:
    """Somebody sits still and breathes."""
    return Script((Act("breathing", 60.0),), _seated(stage, swaying=0.0))


def door_open(_: Stage) -> Script:
    """A door opens, and is closed again."""
    acts = (
        Act("idle_room", 2.0),
        Act("door_open", SWING_S),
        Act("idle_room", 3.0),
        Act("door_close", SWING_S),
        Act("idle_room", 4.0),
    )
    return Script(acts, door=Ramp.of((2.0, 0.0), (3.5, 1.0), (6.5, 1.0), (8.0, 0.0)))


def fan(_: Stage) -> Script:
    """Nobody there, but a fan turns under the ceiling."""
    return Script((Act("fan", 60.0),), fan_hz=FAN_HZ)


def day(stage: Stage) -> Script:
    """The door opens, somebody walks in, sits down, breathes, gets up and leaves: all of it in a minute."""
    acts = (
        Act("idle_room", 8.0),
        Act("door_open", SWING_S),
        Act("walking", 12.5),
        Act("sitting", 8.0),
        Act("breathing", 12.0),
        Act("walking", 9.0),
        Act("door_open", SWING_S),
        Act("door_close", SWING_S),
        Act("idle_room", 6.0),
    )
    room, random = stage.room, stage.random
    inwards = tour(room, random, 12.5 * 1.2, room.doorway, room.chair)
    outwards = tour(room, random, 8.0 * 1.2, room.chair, room.doorway)
    walk = Walk.joined(
        Walk.along(inwards, 9.5, 12.5),
        Walk.resting(room.chair, room.heading_on_chair, 23.0, 42.0),
        Walk.along(outwards, 43.0, 8.0),
    )
    amplitudes, frequencies = sway(random, SWAY_M)
    body = Body(
        walk,
        presence=Ramp.of((9.0, 0.0), (9.6, 1.0), (52.4, 1.0), (53.0, 0.0)),
        seated=Ramp.of((22.0, 0.0), (22.0 + SWING_S, 1.0), (42.0, 1.0), (43.2, 0.0)),
        lean=_shifts(np.array([25.0, 27.5]), random),
        breathing_hz=stage.breathing_hz,
        breathing=Ramp.of((29.0, 0.3), (30.0, 1.0), (42.0, 1.0), (43.0, 0.3)),
        sway_m=amplitudes,
        sway_hz=frequencies,
        swaying=Ramp.of((22.0, 0.0), (23.0, 1.0), (29.0, 1.0), (30.0, 0.0)),
    )
    door = Ramp.of((8.0, 0.0), (9.5, 1.0), (11.0, 1.0), (12.5, 0.0), (51.0, 0.0), (52.5, 1.0), (52.6, 1.0), (54.0, 0.0))
    return Script(acts, body, door)


SCENES: dict[str, Callable[[Stage], Script]] = {
    scene.__name__: scene for scene in (idle_room, walking_slow, walking, sitting, breathing, door_open, fan, day)
}


def script(scene: str, room: Room, seed: int, breathing_hz: float) -> Script:
    """What happens in a scene, the same every time for one seed."""
    return SCENES[scene](Stage(room, np.random.default_rng((seed, SCRIPT)), breathing_hz))


def _walking(stage: Stage, label: str, speed: float, step_m: float) -> Script:
    seconds = 64.0
    start = stage.room.size_m[:2] / 2
    places = tour(stage.room, stage.random, speed * seconds, start, start)
    walk = Walk.along(places, 0.0, seconds, closed=True)
    # a whole number of strides, so that the walk goes on where it began
    strides = max(round(walk.distance_m[-1] / (2 * step_m)), 1)
    body = _present(walk, float(walk.distance_m[-1]) / (2 * strides))
    return Script((Act(label, seconds),), body)


def _present(walk: Walk, step_m: float) -> Body:
    return Body(walk, presence=ALWAYS, seated=NOTHING, lean=NOTHING, step_m=step_m)


def _seated(stage: Stage, *, lean: Ramp = NOTHING, breathing: float = 1.0, swaying: float = 1.0) -> Body:
    amplitudes, frequencies = sway(stage.random, SWAY_M)
    return Body(
        Walk.resting(stage.room.chair, stage.room.heading_on_chair),
        presence=ALWAYS,
        seated=ALWAYS,
        lean=lean,
        breathing_hz=stage.breathing_hz,
        breathing=Ramp.of((0.0, breathing)),
        sway_m=amplitudes,
        sway_hz=frequencies,
        swaying=Ramp.of((0.0, swaying)),
    )


def _shifts(times_s: Float64, random: np.random.Generator) -> Ramp:
    """Leaning forward and back again, within two seconds from each of some times."""
    knots = [(0.0, 0.0)]
    for time_s, lean_m in zip(times_s.tolist(), random.uniform(0.03, 0.08, len(times_s)).tolist(), strict=True):
        knots += [(time_s, 0.0), (time_s + 0.8, lean_m), (time_s + 1.2, lean_m), (time_s + 2.0, 0.0)]
    return Ramp.of(*knots)
