"""How soon a change is noticed, at one false alarm an hour: idle of five kinds, onsets of four shapes and six strengths.

Run as `python benchmarks/attractor_onset.py`, with `--quick` on a tenth of the frames, with `--json` for one object a row.
Every detector but midstream's has its threshold set on idle frames of the kind it is tried on, to at most one alarm in
108,000 frames (an hour at 30 Hz); midstream's comes as it is. False alarms are counted on other frames; of detectors too
slow for so many, on as many as said, with a threshold continued along the tail. A change counts as noticed where an alarm
comes in its 30 frames, the first of which counts 1, and none was in the eight frames before.
"""

import sys
import time
from typing import Any

import numpy as np

from attractor_onset_peers import Frames, Positions, detectors, microseconds, thinned
from attractor_onset_scenes import IDLES, LENGTH, SHAPES, Idle, onset
from midstream_cli.attractor.change.changes import ChangeKind
from midstream_cli.attractor.change.onset import Onset
from report import Report, main

HOUR = 108_000
FRAMES = 1_080_000
BEFORE = 600
"""Idle frames before a change."""
STRENGTHS = (2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
TRIALS = {1: 100, 52: 50}
SLOW_TRIALS = 5
SET, HELD_OUT, TRIED = 11, 12, 13
"""Seeds of the frames that thresholds are set on, of those false alarms are counted on, and of changes."""
GRACE = 1_000
"""Frames at the beginning whose alarms do not count."""


def height(statistic: Frames) -> float:
    """The threshold that one alarm an hour exceeds; of few frames, along the exponential tail of the highest."""
    hours = len(statistic) / HOUR
    if hours < 1:
        peaks = np.sort(statistic)[-max(20, len(statistic) // 200) :]
        share = len(peaks) / len(statistic) * HOUR / 4.0
        return float(peaks[0] + (peaks - peaks[0]).mean() * np.log(share))
    low, high = 0.0, float(statistic.max())
    for _ in range(40):
        middle = 0.5 * (low + high)
        if len(thinned(np.flatnonzero(statistic > middle))) > hours:
            low = middle
        else:
            high = middle
    return high


def chosen(detector: Any, frames: Frames) -> float:
    """The setting of a detector: the least strict that keeps to one alarm an hour."""
    if detector.settings is None:
        return height(detector.statistic(frames)[GRACE:])
    for setting in detector.settings[:-1]:
        if len(detector.run(frames, setting)) <= max(1.0, len(frames) / HOUR):
            return float(setting)
    return float(detector.settings[-1])


def alarms(detector: Any, frames: Frames, setting: float, first: int = 0) -> Positions:
    """Positions of its alarms."""
    if detector.settings is not None:
        return np.asarray(detector.run(frames, setting))
    found = detector.statistic(frames, first) if hasattr(detector, "window") else detector.statistic(frames)
    return thinned(np.flatnonzero(found > setting))


def tried(detector: Any, kind: str, channels: int, shape: str, strength: float, setting: float) -> list[float]:
    """Frames to the alarm of each trial; NaN where there was none."""
    found = []
    slow = detector.most < HOUR
    for trial in range(SLOW_TRIALS if slow else TRIALS[channels]):
        seed = [TRIED, trial]
        frames = Idle(kind, channels, seed).frames(BEFORE + LENGTH)
        random = np.random.default_rng([*seed, SHAPES.index(shape)])
        frames[BEFORE:] += onset(shape, strength, channels, random)
        first = max(0, BEFORE - getattr(detector, "memory", BEFORE))
        at = alarms(detector, frames[first:], setting, BEFORE - 8) + first
        after = at[at >= BEFORE - 8]
        noticed = len(after) > 0 and after[0] >= BEFORE
        found.append(float(after[0] - BEFORE + 1) if noticed else np.nan)
    return found


def cell(delays: list[float]) -> str:
    """The mean delay, and in how many of a hundred trials there was one."""
    known = [each for each in delays if not np.isnan(each)]
    share = 100.0 * len(known) / len(delays)
    return f"{np.mean(known):.1f}" + ("" if share > 99.5 else f" ({share:.0f} %)") if known else "-"


def scored(report: Report, kind: str, channels: int, frames: int) -> dict[str, Any]:
    """Two tables of one kind of idle; the delays and false alarms of midstream."""
    every = detectors(channels)
    idle = Idle(kind, channels, [SET]).many(frames)
    settings = [chosen(detector, idle[: detector.most]) for detector in every]
    del idle
    held_out = Idle(kind, channels, [HELD_OUT]).many(frames)
    rates, rows = [], []
    ours: dict[str, Any] = {}
    for detector, setting in zip(every, settings, strict=True):
        begun = time.perf_counter()
        most = min(frames, detector.most)
        found = alarms(detector, held_out[:most], setting)
        hourly = float((found >= GRACE).sum()) / (most - GRACE) * HOUR
        cost = microseconds(detector, held_out[: min(most, 2_000)], setting)
        rates.append(
            {"detector": detector.name, "alarms/h": hourly, "on frames": most, "us/frame": cost, "setting": setting}
        )
        for shape in SHAPES:
            delays = {s: tried(detector, kind, channels, shape, s, setting) for s in STRENGTHS}
            rows.append({"shape": shape, "detector": detector.name, **{f"{s:g}": cell(delays[s]) for s in STRENGTHS}})
            if detector.name == "midstream":
                ours[shape] = delays
        if detector.name == "midstream":
            ours["alarms"] = hourly
        print(f"{channels} {kind} {detector.name}: {time.perf_counter() - begun:.0f} s", file=sys.stderr, flush=True)
    report.table(f"{channels} channels, {kind}: false alarms", rates)
    rows.sort(key=lambda row: SHAPES.index(str(row["shape"])))
    report.table(f"{channels} channels, {kind}: frames to the alarm (and noticed), by idle deviations", rows)
    return ours


def fixture(report: Report) -> None:
    """The one of ADR-099: idle 0.05 sin(0.31 k), then 1, 2, 3, 4, 5, 5, ..."""
    idle = 0.05 * np.sin(0.31 * np.arange(200))
    found = [each for each in Onset().extend([*idle, 1, 2, 3, 4, 5, 5, 5, 5, 5, 5]) if each.is_alarm]
    report.at_most(0, "ADR-099: alarms in idle frames", sum(each.frame < len(idle) for each in found))
    report.at_most(1, "ADR-099: motion frame of the alarm", found[0].frame - len(idle) + 1 if found else np.inf)


def latency(report: Report) -> None:
    """How long one frame of 52 channels takes at most, nearly always."""
    detector, frames = Onset(52), Idle("white", 52, [TRIED]).frames(20_000)
    took = np.empty(len(frames))
    for at, frame in enumerate(frames):
        begun = time.perf_counter_ns()
        detector.update(frame)
        took[at] = time.perf_counter_ns() - begun
    report.at_most(10, "52 channels: a frame, 99 of 100", float(np.quantile(took[2_000:], 0.99)) / 1e3, "us")


def gains(report: Report) -> None:
    """Jumps of all channels by one factor."""
    told = dict.fromkeys(ChangeKind, 0)
    factors = np.repeat([0.5, 0.8, 1.25, 2.0], 25)
    for trial, factor in enumerate(factors):
        frames = Idle("white", 52, [TRIED, trial]).frames(BEFORE + LENGTH)
        frames[BEFORE:] *= factor
        for each in Onset(52).extend(frames):
            told[each.kind] += each.frame >= BEFORE
    report.at_least(0.99, "gain jumps told as gain", told[ChangeKind.GAIN] / len(factors))
    report.at_most(0.01, "gain jumps told as motion", told[ChangeKind.MOTION] / len(factors))


def measure(report: Report) -> None:
    """Everything."""
    words = [word for word in sys.argv[1:] if not word.startswith("-")]
    frames = FRAMES // 10 if "--quick" in sys.argv[1:] else FRAMES
    fixture(report)
    latency(report)
    gains(report)
    for channels in (1, 52):
        total, hours = 0.0, 0.0
        for kind in IDLES:
            if words and not any(word in f"{channels} {kind}" for word in words):
                continue
            ours = scored(report, kind, channels, frames)
            total += ours["alarms"]
            hours += 1
            if channels == 52 and kind in ("white", "AR(1)", "breathing"):
                delays = np.array(ours["ramp"][10.0])
                report.at_most(2.0, f"52 channels, {kind}: frames to notice a ramp of 10", float(np.nanmean(delays)))
                report.at_most(0.0, f"52 channels, {kind}: ramps of 10 missed", float(np.isnan(delays).mean()))
        if hours:
            report.at_most(1.5, f"{channels} channels: false alarms an hour over all idle", total / hours)


if __name__ == "__main__":
    main(measure)
