"""The live tap on real channel state: motions put onto real backgrounds, and walking spliced to empty rooms, with intervals.

Run as `python benchmarks/watch_real.py`, with `--quick` on a part, with `--long` on more; words choose parts: matching, mistaken, lanes, steady, onset,
idle, blocks, peers. The recordings are those of `../shared/data/csi`. Intervals hold the truth 95 times in 100: of rates Poisson's,
exact; of shares Clopper's and Pearson's; of means the bootstrap's. Alarms of many libraries on the same seconds are not
independent, so that their intervals are somewhat too narrow; and two minutes of empty rooms alone certify no less than 90
alarms an hour at most. Hours of blocks are ten seconds of a recording at a time, drawn at random and joined: they show what the
noise of these minutes brings, not what other hours of a room would.
"""

import sys

import numpy as np

import watch_real_intervals as intervals
from midstream_cli.compare.recognition.recogniser import Recogniser
from report import Report, main
from watch_real_lanes import LANES, lane_row
from watch_real_matching import PEAKS, identified, injected, library, mistaken, scenes, tried
from watch_real_onset import EACH_FRAME, WAYS, idle_row, onset_row, splices
from watch_real_peers import motion_rows, onset_rows
from watch_real_scenes import (
    BACKGROUNDS,
    EMPTY,
    FILES,
    SHAPES,
    WALKING,
    Motions,
    as_midstream_does,
    frames,
    hours,
    vectors,
)

STATIONARY = [*EMPTY, "RuView node 1", "RuView node 2"]
"""Backgrounds whose level stays, and in which hardly anybody moves."""
ROUNDS, LIBRARIES, LANE_ROUNDS, BLOCKS_S = 8, 12, 1, 7_200.0
LONG = 4 if "--long" in sys.argv[1:] else 1
PARTS = ("matching", "mistaken", "lanes", "steady", "onset", "idle", "blocks", "peers")


def matching(report: Report, less: int) -> None:
    """Motions put onto vectors."""
    rows = [identified(name, EACH_FRAME, peak, max(1, ROUNDS // less)) for name in STATIONARY for peak in PEAKS]
    report.table(
        "motions of 16 vectors, amplitude-l2 of each frame: vectors to identification, by peak in deviations", rows
    )
    others = [name for name in BACKGROUNDS if name not in STATIONARY]
    rows = [identified(name, EACH_FRAME, 10.0, max(1, ROUNDS // less)) for name in others]
    report.table("the same on backgrounds that are not stationary", rows)


def mistakes(report: Report, less: int) -> None:
    """Libraries on backgrounds without motions."""
    rows = [
        mistaken(name, EACH_FRAME, peak, max(1, LONG * LIBRARIES // less)) for name in BACKGROUNDS for peak in PEAKS
    ]
    report.table("random libraries of six on backgrounds without motions", rows)
    for name in EMPTY:
        alarmed = sum(int(row["false"]) for row in rows if row["background"] == name)
        exposed = sum(float(row["signature h"]) for row in rows if row["background"] == name)
        report.at_most(1.0, f"{name}: false alarms an hour of a library of six", SHAPES * alarmed / exposed)


def lanes(report: Report, _: int) -> None:
    """Which vectors to match by."""
    for name in STATIONARY:
        rows = [lane_row(name, lane, 10.0, LONG * LANE_ROUNDS) for lane in LANES]
        report.table(f"{name}: motions of half a second put onto frames, milliseconds to identification", rows)


def steady(report: Report, _: int) -> None:
    """Whether backgrounds are told to be steady; each recording twice in a row."""
    rows = []
    for name in FILES:
        scene = scenes(name, EACH_FRAME)[0]
        held, first, alarmed = [], [], 0
        values = vectors(EACH_FRAME, frames(name)).values
        for turn in range(LONG * LANE_ROUNDS):
            motions = Motions.draw(values.shape[1], [turn])
            recogniser = Recogniser(library(scene, motions, 10.0, [turn]), rate_hz=scene.rate_hz)
            said = [
                (recogniser.update(v).matched >= 0, recogniser.suppressed) for v in np.concatenate([values, values])
            ]
            unsettled = np.array([each for _, each in said])
            alarmed += sum(matched for matched, _ in said)
            held.append(float(unsettled.mean()))
            first.append(float(unsettled.argmax()) / scene.rate_hz if unsettled.any() else np.nan)
        known = [each for each in first if not np.isnan(each)]
        rows.append(
            {
                "recording": name,
                "seconds": round(2 * frames(name).seconds),
                "unsettled": f"{100 * np.mean(held):.0f} %",
                "first after s": f"{np.mean(known):.0f}" if known else "-",
                "matches": alarmed,
                "with motions": _with_motions(name) if name in STATIONARY else "",
            }
        )
    report.table("how long a background is called unsettled, and matches held back", rows)


def _with_motions(name: str) -> str:
    """The share of time that matches are held back while motions come."""
    held = []
    for turn, scene in enumerate(scenes(name, EACH_FRAME)):
        motions = Motions.draw(scene.captured.shape[1], [turn])
        recogniser = Recogniser(library(scene, motions, 10.0, [turn]), rate_hz=scene.rate_hz)
        held.append(tried(recogniser, scene.captured, *injected(scene, motions, 10.0, [turn, 1])).held_back)
    return f"{100 * np.mean(held):.0f} %"


def onset(report: Report, less: int) -> None:
    """Walking spliced to empty rooms."""
    for mean, how in ((False, "at equal gain"), (True, "at equal gain and with equal means")):
        every = list(splices(mean=mean))[::less]
        rows = [onset_row(way, every) for way in WAYS]
        report.table(f"walking after an empty room, {how}", rows)
        best = float(str(rows[_default()]["within 0.5 s"]).split()[0])
        report.at_least(0.9, f"walking noticed within 0.5 s, {how}", best)


def _default() -> int:
    """The way that `watch` takes."""
    return next(i for i, way in enumerate(WAYS) if way.name == "coherence" and way.lane == EACH_FRAME)


def idle(report: Report, _: int) -> None:
    """Alarms of change in recordings as they are."""
    for way in WAYS:
        names = EMPTY if way.name == "signatures" else (*STATIONARY, "HKU", "Rikesh", *WALKING)
        rows = [idle_row(way, name, frames(name)) for name in names]
        report.table(f"{way.name}, {way.lane.name}: alarms of change in recordings as they are", rows)


def blocks(report: Report, less: int) -> None:
    """Alarms of change, and false matches, in hours made of blocks."""
    rows = []
    for name in STATIONARY:
        given = hours(frames(name), BLOCKS_S / less, [1])
        rows.append(idle_row(WAYS[_default()], name, given))
        scene = scenes(name, EACH_FRAME)[0]
        motions = Motions.draw(scene.captured.shape[1], [3])
        recogniser = Recogniser(library(scene, motions, 10.0, [3]), rate_hz=scene.rate_hz)
        found = tried(recogniser, scene.captured, vectors(EACH_FRAME, given).values, [])
        rows[-1]["false matches an hour"] = intervals.told(intervals.rate(found.alarms, given.seconds / 3600.0))
    report.table("hours made of ten-second blocks of the recordings themselves", rows)
    alarmed = sum(int(row["alarms"]) for row in rows[: len(EMPTY)])
    exposed = sum(int(row["seconds"]) for row in rows[: len(EMPTY)]) / 3600.0
    report.at_most(1.0, "empty rooms: alarms of change an hour", alarmed / exposed)


def peers(report: Report, less: int) -> None:
    """What else recognises and notices, on the same frames."""
    for name in EMPTY[:LONG]:
        report.table(
            f"{name}: the same motions by midstream and by its peers, amplitude-l2 of each frame", motion_rows(name)
        )
    for mean, how in ((False, "at equal gain"), (True, "at equal gain and with equal means")):
        if rows := onset_rows(list(splices(mean=mean))[::less]):
            report.table(f"walking after an empty room, {how}: detectors of change", rows)


def measure(report: Report) -> None:
    """Everything, or what words ask for."""
    words = [word for word in sys.argv[1:] if not word.startswith("-")]
    less = 4 if "--quick" in sys.argv[1:] else 1
    same = [as_midstream_does(name, lane.feature) for name in FILES for lane in LANES if lane.on_grid]
    report.at_least(1.0, "lanes here are those of VectorStream", float(np.mean(same)))
    for name, part in zip(PARTS, (matching, mistakes, lanes, steady, onset, idle, blocks, peers), strict=True):
        if not words or name in words:
            part(report, less)


if __name__ == "__main__":
    main(measure)
