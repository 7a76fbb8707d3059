"""What else recognises or notices motion, on the same real frames: each with the least strict setting that its idle frames bear."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

import watch_real_intervals as intervals
from attractor_onset_peers import River
from attractor_onset_peers import detectors as of_change
from midstream_cli.compare.recognition.recogniser import Recogniser
from watch_peers import original_score
from watch_real_matching import LATE, PEAKS, injected, library, scenes, tried
from watch_real_onset import EACH_FRAME, WITHIN_S, Splice
from watch_real_scenes import EMPTY, LENGTH, SHAPES, Float64, Frames, Motions, frames, vectors

Nearness = Callable[[Float64, Sequence[Float64]], Float64]
"""From vectors, shape (n, dims), and templates, shape (16, dims) each, to a score of each, shape (n, templates)."""
ROUNDS = 2
"""Libraries for each half of a background: warping anew for each vector takes a millisecond."""


def by_original(values: Float64, templates: Sequence[Float64]) -> Float64:
    """ADR-099's score, over all numbers."""
    return np.stack([original_score(each)(values) for each in templates], axis=1)


def by_warping(values: Float64, templates: Sequence[Float64]) -> Float64:
    """dtaidistance: each template warped onto as many of the latest vectors, anew for each vector."""
    from dtaidistance import dtw_ndim  # type: ignore[import-not-found,import-untyped,unused-ignore]

    found = np.full((len(values), len(templates)), -1e9)
    for end in range(LENGTH, len(values) + 1):
        part = np.ascontiguousarray(values[end - LENGTH : end])
        found[end - 1] = [-dtw_ndim.distance_fast(np.ascontiguousarray(each), part) for each in templates]
    return found


class Heard(NamedTuple):
    """What was said of motions."""

    delays: list[float]
    wrong: int
    missed: int
    alarms: int


def heard(found: Float64, limit: float, events: Sequence[tuple[int, int, int]]) -> Heard:
    """A match is where the best score comes to be above what no vector of the captured half reached."""
    over = found.max(axis=1) > limit
    said = np.flatnonzero(over & ~np.concatenate([[False], over[:-1]]))
    delays, wrong, missed, inside = [], 0, 0, 0
    for begin, end, which in events:
        its = said[(said >= begin) & (said < end + LATE)]
        inside += len(its)
        if not len(its):
            missed += 1
        elif int(found[its[0]].argmax()) != which:
            wrong += 1
        else:
            delays.append(float(its[0] - begin + 1))
    return Heard(delays, wrong, missed, len(said) - inside)


def motion_rows(name: str) -> list[dict[str, Any]]:
    """Rows of motions put onto a background, of midstream and of each peer, on the same vectors."""
    ways: list[tuple[str, Nearness | None]] = [("midstream", None), ("L1 over all", by_original)]
    try:
        by_warping(np.zeros((LENGTH, 2)), [np.zeros((LENGTH, 2))])
        ways.append(("dtaidistance each frame", by_warping))
    except ImportError:
        print("dtaidistance is missing", flush=True)
    rows = []
    for peak in PEAKS:
        of: dict[str, list[Heard]] = {way: [] for way, _ in ways}
        for part, scene in enumerate(scenes(name, EACH_FRAME)):
            for turn in range(ROUNDS):
                seed = [part, turn, int(peak)]
                motions = Motions.draw(scene.captured.shape[1], seed)
                signatures = library(scene, motions, peak, seed)
                values, events = injected(scene, motions, peak, [*seed, 1])
                centre = scene.captured.mean(axis=0)
                templates = [(each.vectors - centre) / scene.deviation for each in signatures]
                for way, near in ways:
                    if near is None:
                        ours = tried(Recogniser(signatures, rate_hz=scene.rate_hz), scene.captured, values, events)
                        of[way].append(Heard(ours.frames, ours.wrong, ours.missed, ours.alarms))
                        continue
                    limit = near((scene.captured - centre) / scene.deviation, templates).max()
                    of[way].append(heard(near((values - centre) / scene.deviation, templates), limit, events))
        rows += [_row(name, peak, way, each) for way, each in of.items()]
    return rows


def _row(name: str, peak: float, way: str, every: list[Heard]) -> dict[str, Any]:
    delays = [each for of in every for each in of.delays]
    said = len(delays) + sum(of.wrong for of in every)
    there = said + sum(of.missed for of in every)
    return {
        "background": name, "peak": peak, "what": way, "motions": there,
        "vectors": intervals.told(intervals.mean(delays)) if delays else "-",
        "recall": intervals.told(intervals.share(said, there)),
        "accuracy": intervals.told(intervals.share(len(delays), said)) if said else "-",
        "false": sum(of.alarms for of in every), "libraries": len(every), "signatures": SHAPES,
    }  # fmt: skip


def onset_rows(every: Sequence[Splice]) -> list[dict[str, Any]]:
    """Rows of walking after an empty room, of river's detectors, as quick as they may be while both rooms keep silent.

    What one number can tell is made easy for them: it is scaled by all that is idle before the onset.

    Those that take more than 50 us a frame are left out: neither they nor ruptures keep pace with two rooms of two minutes.
    """
    rows = []
    rooms = [_numbers(room, len(room.level)) for room in map(frames, EMPTY)]
    for detector in of_change(rooms[0].shape[1]):
        if not isinstance(detector, River) or detector.most < sum(map(len, rooms)):
            continue
        silent = (each for each in detector.settings or () if not any(len(detector.run(room, each)) for room in rooms))
        setting = next(silent, (detector.settings or (0.0,))[-1])
        delays = []
        for given, first in every:
            found = detector.run(_numbers(given, first), setting).tolist()
            after = [float(given.time_ns[at] - given.time_ns[first]) / 1e9 for at in found if at >= first]
            delays.append(after[0] if after else np.nan)
        known = [each for each in delays if not np.isnan(each)]
        within = intervals.share(sum(each <= WITHIN_S for each in known), len(delays))
        rows.append(
            {
                "told by": detector.name, "setting": float(setting), "onsets": len(delays), "within 0.5 s": intervals.told(within),
                "mean ms": intervals.told(intervals.mean([1e3 * each for each in known])) if known else "-",
                "longest": f"{1e3 * max(known):.0f}" if known else "-", "never in 5 s": len(delays) - len(known),
            }
        )  # fmt: skip
    return rows


def _numbers(given: Frames, idle: int) -> Float64:
    """One number a frame, shape (n, 1): how far all are off the idle mean, in deviations of that while nothing moves."""
    values = vectors(EACH_FRAME, given).values
    off = (values - values[:idle].mean(axis=0)) / values[:idle].std(axis=0)
    number = np.sqrt((off**2).mean(axis=1, keepdims=True))
    return np.asarray((number - number[:idle].mean()) / number[:idle].std())
