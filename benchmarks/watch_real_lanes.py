"""Which vectors to match motions by: one a frame, or those of an even grid; half-second motions put onto the frames themselves."""

from typing import Any

import numpy as np

import watch_real_intervals as intervals
from midstream_cli.compare.recognition.recogniser import Recogniser
from midstream_cli.compare.signatures.signature import Background, Signature
from watch_real_scenes import GAIN, SHAPES, WARP, Float64, Frames, Lane, Motions, frames, vectors

LASTS_S, APART_S, LATE_S = 0.5, 2.0, 0.3
"""Of a motion, from its end to the next, and after it while a match still counts."""
TAKES = 3
LANES = [
    *(Lane(feature, on_grid) for feature in ("amplitude-l2", "bands8") for on_grid in (False, True)),
    Lane("doppler", True),
]


def moved(given: Frames, strength: Float64, motions: Motions, which: int, begin_s: float, lasts_s: float) -> None:
    """Put a motion onto the frames, in place; `strength` has shape (dims,)."""
    since = (given.time_ns - given.time_ns[0]) / 1e9 - begin_s
    inside = (since >= 0.0) & (since < lasts_s)
    given.relative[inside] += strength * motions.of(
        which, (since[inside] + 0.5 / given.rate_hz) / (lasts_s + 1.0 / given.rate_hz)
    )


def library(lane: Lane, part: Frames, strength: Float64, motions: Motions, seed: list[int]) -> list[Signature]:
    """Six signatures: means of three takes, each with the background that was there."""
    random = np.random.default_rng(seed)
    background = Background.of(vectors(lane, part).values, "background", part.seconds)
    around = (-0.4, 0.4) if lane.feature == "doppler" else (0.0, 0.0)
    found = []
    for which in range(SHAPES):
        takes = []
        for begin_s in random.uniform(2.0, part.seconds - 3.0, TAKES).tolist():
            take = part._replace(relative=part.relative.copy())
            moved(take, strength, motions, which, begin_s, LASTS_S)
            values, _, at_ns = vectors(lane, take)
            since = (at_ns - take.time_ns[0]) / 1e9 - begin_s
            takes.append(values[(since >= around[0]) & (since < LASTS_S + around[1])])
        length = min(map(len, takes))
        mean = np.mean([take[:length] for take in takes], axis=0)
        name = f"motion {which}"
        found.append(
            Signature(name, name, mean, lane.feature, rate_hz=lane.rate_hz(part), background=background, takes=TAKES)
        )
    return found


def stream(
    part: Frames, strength: Float64, motions: Motions, seed: list[int]
) -> tuple[Frames, list[tuple[float, float, int]]]:
    """Frames with motions, and of each when it begins and ends, and which it is."""
    random = np.random.default_rng(seed)
    given = part._replace(relative=part.relative.copy())
    events: list[tuple[float, float, int]] = []
    at_s = APART_S
    while True:
        at_s += random.uniform(0.5, 1.5) * APART_S
        lasts_s = LASTS_S * random.uniform(*WARP)
        if at_s + lasts_s + 1.0 >= part.seconds:
            return given, events
        which = int(random.integers(SHAPES))
        moved(given, strength * random.uniform(1.0 - GAIN, 1.0 + GAIN), motions, which, at_s, lasts_s)
        events.append((at_s, at_s + lasts_s, which))
        at_s += lasts_s


def lane_row(name: str, lane: Lane, peak: float, rounds: int) -> dict[str, Any]:
    """How soon, how often and how rightly on one lane, captured on each half and tried on the other."""
    whole = frames(name)
    halves = whole.part(0.0, 0.5 * whole.seconds), whole.part(0.5 * whole.seconds, whole.seconds)
    delays: list[float] = []
    wrong = missed = alarms = 0
    idle_s = 0.0
    for turn in range(2 * rounds):
        captured, tried = halves[turn % 2], halves[1 - turn % 2]
        seed = [turn, int(peak)]
        motions = Motions.draw(captured.relative.shape[1], seed)
        strength = peak * captured.relative.std(axis=0)
        recogniser = Recogniser(library(lane, captured, strength, motions, seed), rate_hz=lane.rate_hz(captured))
        for vector in vectors(lane, captured).values:
            recogniser.update(vector)
        given, events = stream(tried, strength, motions, [*seed, 1])
        values, done, _ = vectors(lane, given)
        since = (given.time_ns[done] - given.time_ns[0]) / 1e9
        said = [
            (at, matched)
            for at, vector in zip(since.tolist(), values, strict=True)
            if (matched := recogniser.update(vector).matched) >= 0
        ]
        late = LATE_S + (1.0 if lane.feature == "doppler" else 0.0)
        inside = 0
        for begin, end, which in events:
            heard = [(at, matched) for at, matched in said if begin <= at < end + late]
            inside += len(heard)
            missed += not heard
            wrong += bool(heard) and heard[0][1] != which
            delays += [1e3 * (heard[0][0] - begin)] if heard and heard[0][1] == which else []
        alarms += len(said) - inside
        idle_s += tried.seconds - sum(end - begin + late for begin, end, _ in events)
    there = len(delays) + wrong + missed
    return {
        "background": name,
        "peak": peak,
        "lane": lane.name,
        "motions": there,
        "ms": intervals.told(intervals.mean(delays)),
        "recall": intervals.told(intervals.share(there - missed, there)),
        "accuracy": intervals.told(intervals.share(len(delays), there - missed)),
        "false": alarms,
        "idle s": round(idle_s),
    }
