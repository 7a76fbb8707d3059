"""Motions put onto real backgrounds: how soon they are identified, how often at all, how often rightly, and what is taken for one."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

import watch_real_intervals as intervals
from midstream_cli.compare.recognition.recogniser import Recogniser
from midstream_cli.compare.signatures.signature import Background, Signature
from watch_real_scenes import (
    GAIN,
    LENGTH,
    SHAPES,
    WARP,
    Float64,
    Lane,
    Motions,
    frames,
    phases,
    vectors,
)

PEAKS = (5.0, 10.0, 20.0)
"""In deviations of the background, root mean square over the subcarriers."""
TAKES = 3
"""Of which a signature is the mean, each with what the background was then."""
APART = 48
"""Vectors from the end of a motion to the next, on average."""
LATE = 4
"""Vectors after a motion that still belong to it."""


class Scene(NamedTuple):
    """A background, cut in two: signatures are captured with one part, and tried on the other."""

    name: str
    lane: Lane
    captured: Float64
    tried: Float64
    rate_hz: float

    @property
    def deviation(self) -> Float64:
        """Shape (dims,): of the part that signatures are captured with."""
        return np.asarray(self.captured.std(axis=0))


class Tried(NamedTuple):
    """What a recogniser said of motions."""

    frames: list[float]
    """Of each motion that was identified rightly, vectors to that."""
    wrong: int
    missed: int
    alarms: int
    """Matches where there was no motion."""
    idle: int
    """Vectors without motion."""
    held_back: float
    """The share of vectors at which matches were suppressed."""


def scenes(name: str, lane: Lane) -> list[Scene]:
    """Each half of a recording in both parts."""
    given = frames(name)
    values = vectors(lane, given).values
    half, rate = len(values) // 2, lane.rate_hz(given)
    return [
        Scene(name, lane, values[:half], values[half:], rate),
        Scene(name, lane, values[half:], values[:half], rate),
    ]


def library(scene: Scene, motions: Motions, peak: float, seed: list[int]) -> list[Signature]:
    """Six signatures, each captured with the background that was there."""
    random = np.random.default_rng(seed)
    seconds = len(scene.captured) / scene.rate_hz
    background = Background.of(scene.captured, scene.name, seconds)
    found = []
    for which in range(SHAPES):
        starts = random.integers(0, len(scene.captured) - LENGTH, TAKES)
        takes = [scene.captured[start : start + LENGTH] for start in starts.tolist()]
        moved = peak * scene.deviation * motions.of(which, phases(LENGTH))
        name = f"motion {which}"
        found.append(
            Signature(
                name, name, np.mean(takes, axis=0) + moved,
                feature_kind=scene.lane.feature, rate_hz=scene.rate_hz, background=background, takes=TAKES,
            )
        )  # fmt: skip
    return found


def injected(
    scene: Scene, motions: Motions, peak: float, seed: list[int]
) -> tuple[Float64, list[tuple[int, int, int]]]:
    """The part that motions are tried on with as many as fit, and of each its first vector, the one after, and which."""
    random = np.random.default_rng(seed)
    values = scene.tried.copy()
    events: list[tuple[int, int, int]] = []
    at = APART
    while True:
        at += int(random.integers(APART // 2, APART * 3 // 2))
        length = round(LENGTH * random.uniform(*WARP))
        if at + length + LATE >= len(values):
            return values, events
        which, gain = int(random.integers(SHAPES)), random.uniform(1.0 - GAIN, 1.0 + GAIN)
        values[at : at + length] += gain * peak * scene.deviation * motions.of(which, phases(length))
        events.append((at, at + length, which))
        at += length


def tried(recogniser: Recogniser, warm: Float64, values: Float64, events: Sequence[tuple[int, int, int]]) -> Tried:
    """What is said of a stream, of which the first part only teaches."""
    for vector in warm:
        recogniser.update(vector)
    said, held = [], 0
    for at, vector in enumerate(values):
        matched = recogniser.update(vector).matched
        held += recogniser.suppressed
        if matched >= 0:
            said.append((at, matched))
    frames_to, wrong, missed, inside = [], 0, 0, 0
    for begin, end, which in events:
        heard = [(at, matched) for at, matched in said if begin <= at < end + LATE]
        inside += len(heard)
        if not heard:
            missed += 1
        elif heard[0][1] != which:
            wrong += 1
        else:
            frames_to.append(float(heard[0][0] - begin + 1))
    moving = sum(end + LATE - begin for begin, end, _ in events)
    return Tried(frames_to, wrong, missed, len(said) - inside, len(values) - moving, held / len(values))


def identified(name: str, lane: Lane, peak: float, rounds: int) -> dict[str, Any]:
    """A row: motions of one strength on one background."""
    every: list[Tried] = []
    rate = 0.0
    for part, scene in enumerate(scenes(name, lane)):
        rate = scene.rate_hz
        for turn in range(rounds):
            seed = [part, turn, int(peak)]
            motions = Motions.draw(scene.captured.shape[1], seed)
            recogniser = Recogniser(library(scene, motions, peak, seed), rate_hz=rate)
            every.append(tried(recogniser, scene.captured, *injected(scene, motions, peak, [*seed, 1])))
    right = [count for each in every for count in each.frames]
    wrong, missed = sum(each.wrong for each in every), sum(each.missed for each in every)
    said, there = len(right) + wrong, len(right) + wrong + missed
    alarms, idle = sum(each.alarms for each in every), sum(each.idle for each in every)
    return {
        "background": name,
        "peak": peak,
        "motions": there,
        "frames": intervals.told(intervals.mean(right)),
        "recall": intervals.told(intervals.share(said, there)),
        "accuracy": intervals.told(intervals.share(len(right), said)),
        "false/signature h": intervals.told(intervals.rate(alarms, SHAPES * idle / rate / 3600.0)),
        "held back": float(np.mean([each.held_back for each in every])),
    }


def mistaken(name: str, lane: Lane, peak: float, libraries: int) -> dict[str, Any]:
    """A row: what is taken for a motion where there is none."""
    alarms, exposed, held = 0, 0.0, []
    for part, scene in enumerate(scenes(name, lane)):
        for turn in range(libraries):
            seed = [part, turn, int(peak), 7]
            motions = Motions.draw(scene.captured.shape[1], seed)
            recogniser = Recogniser(library(scene, motions, peak, seed), rate_hz=scene.rate_hz)
            found = tried(recogniser, scene.captured, scene.tried, [])
            alarms, exposed = alarms + found.alarms, exposed + found.idle / scene.rate_hz / 3600.0
            held.append(found.held_back)
    return {
        "background": name,
        "peak": peak,
        "libraries": 2 * libraries,
        "signature h": SHAPES * exposed,
        "false": alarms,
        "false/signature h": intervals.told(intervals.rate(alarms, SHAPES * exposed)),
        "held back": float(np.mean(held)),
    }
