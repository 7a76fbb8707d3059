"""How things move: smooth changes between set values, and walks through a room."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from midstream_cli.frames import Float64
from midstream_cli.streams.simulate.room import MARGIN_M, Room

STEP_S = 0.02
"""Walks are tabulated so densely; between two points a body moves straight."""

TURN_S = 0.8
"""How long a walker takes around a corner, and to start and stop."""

APART_M = 1.2
"""One walks at least so far before turning."""

CLEAR_M = 0.5
"""One keeps so far from antennas."""

MOST_TRIES = 2000
"""Of finding a next place, before a way among too many antennas is taken as it is."""


@dataclass(frozen=True, slots=True, eq=False)
class Ramp:
    """A value that stays, and changes smoothly between knots.

    Between two knots it follows a minimum-jerk curve, as reaching hands do: Flash, Hogan, "The coordination of arm
    movements", J. Neurosci. 5(7), 1985.
    """

    times: Float64
    """Shape (knots,), increasing."""
    values: Float64

    @classmethod
    def of(cls, *knots: tuple[float, float]) -> Self:
        """From pairs of time in seconds and value."""
        times, values = zip(*knots, strict=True)
        return cls(np.array(times, float), np.array(values, float))

    def at(self, time_s: Float64) -> Float64:
        """The value at each time; before the first knot and after the last it is constant."""
        position = np.interp(time_s, self.times, np.arange(len(self.times)))
        knot = position.astype(np.intp)
        part = position - knot
        change = np.diff(self.values, append=self.values[-1])[knot]
        return self.values[knot] + change * part**3 * (10 - 15 * part + 6 * part**2)


@dataclass(frozen=True, slots=True, eq=False)
class Walk:
    """Where a walker is, tabulated."""

    time_s: Float64
    """Shape (m,), increasing."""
    place: Float64
    """Shape (m, 2)."""
    heading: Float64
    """Shape (m,), radians from the first axis, without jumps."""
    distance_m: Float64
    """Shape (m,): walked so far."""
    pace: Float64
    """Shape (m,): 1 at the even pace of the walk, 0 at rest."""

    @classmethod
    def along(cls, places: Float64, start_s: float, seconds: float, *, closed: bool = False) -> Self:
        """At an even pace from the first of some places to the last, around rounded corners, from rest to rest.

        Args:
            places: shape (corners, 2).
            closed: the last place is the first, and the walk goes on there.
        """
        steps = round(seconds / STEP_S)
        time_s = np.arange(steps + 1, dtype=np.float64) * STEP_S + start_s
        corner_m = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(places, axis=0), axis=1))])
        rest_s = 0.0 if closed else TURN_S / 2
        walked = np.interp(time_s - start_s, [rest_s, seconds - rest_s], [0.0, corner_m[-1]])
        straight = np.stack([np.interp(walked, corner_m, places[:, axis]) for axis in range(2)], axis=1)
        place = np.stack([_smoothed(along, closed) for along in straight.T], axis=1)
        velocity = np.gradient(place, STEP_S, axis=0)
        if closed:
            velocity[[0, -1]] = (place[1] - place[-2]) / (2 * STEP_S)
        speed = np.linalg.norm(velocity, axis=1)
        return cls(
            time_s=time_s,
            place=place,
            heading=_smoothed(np.unwrap(np.arctan2(velocity[:, 1], velocity[:, 0])), closed),
            distance_m=np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(place, axis=0), axis=1))]),
            pace=np.minimum(speed * (seconds - 2 * rest_s) / corner_m[-1], 1.0),
        )

    @classmethod
    def resting(cls, place: Float64, heading: float, start_s: float = 0.0, end_s: float = 0.0) -> Self:
        """No walk: at one place, looking one way."""
        return cls(np.array([start_s, end_s]), np.array([place, place]), np.full(2, heading), np.zeros(2), np.zeros(2))

    @classmethod
    def joined(cls, *walks: Self) -> Self:
        """One walk after another; what lies between them is bridged evenly, turning the short way."""
        headings, distances = [walks[0].heading], [walks[0].distance_m]
        for walk in walks[1:]:
            turns = np.round((headings[-1][-1] - walk.heading[0]) / (2 * np.pi))
            headings.append(walk.heading + 2 * np.pi * turns)
            distances.append(walk.distance_m + distances[-1][-1])
        return cls(
            time_s=np.concatenate([walk.time_s for walk in walks]),
            place=np.concatenate([walk.place for walk in walks]),
            heading=np.concatenate(headings),
            distance_m=np.concatenate(distances),
            pace=np.concatenate([walk.pace for walk in walks]),
        )


def _smoothed(values: Float64, closed: bool) -> Float64:
    """Weighted means of neighbours in time, so that a corner takes `TURN_S`; shape (m,)."""
    half = round(TURN_S / 2 / STEP_S)
    weights = np.hanning(2 * half + 3)[1:-1]
    if closed:
        # a closed walk may have turned by whole turns
        turned = values[-1] - values[0]
        padded = np.concatenate([values[-half - 1 : -1] - turned, values, values[1 : half + 1] + turned])
    else:
        padded = np.pad(values, half, mode="edge")
    return np.convolve(padded, weights / weights.sum(), mode="valid")


def tour(room: Room, random: np.random.Generator, length_m: float, start: npt.ArrayLike, end: npt.ArrayLike) -> Float64:
    """Random places on a way of about `length_m` from one place to another, shape (corners, 2).

    It keeps away from walls, and where that is possible from antennas.
    """
    low, high = np.full(2, MARGIN_M), room.size_m[:2] - MARGIN_M
    places, target = [np.asarray(start, float)], np.asarray(end, float)
    left = length_m
    for _ in range(MOST_TRIES):
        here = places[-1]
        if left <= np.linalg.norm(target - here) + APART_M and _clear(room, here, target):
            break
        place = random.uniform(low, high)
        step = float(np.linalg.norm(place - here))
        if step >= APART_M and _clear(room, here, place):
            places.append(place)
            left -= step
    return np.array([*places, target])


def _clear(room: Room, start: Float64, end: Float64) -> bool:
    """Whether a straight way keeps its distance from every antenna."""
    antennas = np.array([room.receiver, *room.senders])[:, :2]
    along = end - start
    reach = np.clip((antennas - start) @ along / max(float(along @ along), 1e-12), 0.0, 1.0)
    return bool(np.linalg.norm(start + reach[:, None] * along - antennas, axis=1).min() >= CLEAR_M)
