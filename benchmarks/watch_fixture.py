"""ADR-099's fixture: noise of 0.05 sin(0.31 k), 200 frames of it, 33 ms apart, then 1, 2, 3, 4, 5, 5, 5, 5, 5, 5.

Its signature is the ramp 1 to 5. What is told is the frame of the ramp at which each recognises it, or alarms, with every
setting chosen so that one false alarm a day is accepted; and how many there are in 24 simulated hours at 30 Hz.
"""

import sys
import time
from typing import Any

import numpy as np

import watch_real_intervals as intervals
from attractor_onset_peers import Frames
from midstream_cli.compare.recognition.recogniser import Recogniser
from midstream_cli.compare.signatures.signature import Signature
from report import Report
from watch_peers import DAY, original_score, peers

RAMP = np.arange(1.0, 6.0)[:, None]
QUIET, FRAME_MS = 200, 33
MOTION = np.array([1.0, 2, 3, 4, 5, 5, 5, 5, 5, 5])
EVENT_PATH = 16
"""Frames of a window, which the path of events waits for."""
SLOW = 30_000
DEVIATIONS = (0.035, 0.1, 0.2, 0.3, 0.5, 0.8)
TRIALS = 500
SET, HELD_OUT, TRIED = 21, 22, 23
"""Seeds of the frames that settings are chosen on, of those that false alarms are counted on, and of trials."""
CONFUSERS = {
    "motion_ramp": [1, 2, 3, 4, 5],
    "step": [1, 1, 1, 1, 1],
    "blip": [1, 0.2, 0, 0, 0],
    "slow": [1, 1.5, 2, 2.5, 3],
    "fast": [1, 4, 7, 9, 10],
    "down": [1, 0, -1, -2, -3],
}


def ripple(n: int) -> Frames:
    """The fixture's noise, which has no chance in it, shape (n, 1)."""
    return np.asarray(0.05 * np.sin(0.31 * np.arange(n)))[:, None]


def recogniser(*signatures: tuple[str, Any]) -> Recogniser:
    """Of the fixture's signature, or others like it, at one false alarm a day."""
    given = signatures or (("motion_ramp", RAMP),)
    made = [Signature(name, name, np.asarray(rows, np.float64).reshape(-1, 1)) for name, rows in given]
    return Recogniser(made, rate_hz=1000.0 / FRAME_MS, false_alarms_per_day=1.0)


def first(positions: Any) -> str:
    """The frame of the ramp of the first alarm, from 1; how often sooner is 16 frames."""
    after = [int(each) - QUIET + 1 for each in positions if each >= QUIET]
    return f"{after[0]} ({EVENT_PATH / after[0]:.1f}x)" if after and after[0] <= len(MOTION) else "-"


def verbatim(report: Report, scale: float) -> None:
    """The fixture as it is written, and a day of its noise and of white noise as strong."""
    stream = np.concatenate([ripple(QUIET), MOTION[:, None]])
    n = int(DAY * scale)
    deviation = 0.05 / np.sqrt(2.0)
    white = {seed: deviation * np.random.default_rng(seed).standard_normal((n, 1)) for seed in (SET, HELD_OUT)}
    told = [match.position for match in recogniser().extend(stream)]
    counted, begun = {}, time.process_time()
    for name, frames in (("ripple", ripple(n)), ("white", white[HELD_OUT])):
        counted[name] = len(recogniser().extend(frames))
    cost = (time.process_time() - begun) / (2 * n) * 1e6
    rows = [_row("midstream", told, counted["ripple"], n, counted["white"], n, cost)]
    for peer in peers(RAMP, slow=int(SLOW * min(1.0, 4 * scale))):
        setting = peer.chosen(white[SET][: peer.most])
        some = min(n, peer.most)
        begun = time.process_time()
        false = len(peer.alarms(white[HELD_OUT][:some], setting))
        cost = (time.process_time() - begun) / some * 1e6
        false_ripple = len(peer.alarms(ripple(some), setting))
        rows.append(_row(peer.name, peer.alarms(stream, setting), false_ripple, some, false, some, cost))
        print(f"{peer.name}: done", file=sys.stderr, flush=True)
    report.table(
        "ADR-099's fixture at one false alarm a day: frame of the ramp, and false alarms in as many frames", rows
    )
    began = [each for each in told if each >= QUIET]
    report.at_most(1, "frame of the ramp at which it is recognised", began[0] - QUIET + 1 if began else 99)
    report.at_most(
        0, f"recognised in {n / DAY * 24:.3g} hours of its noise and as many of white noise", sum(counted.values())
    )


def _row(name: str, told: Any, ripples: int, of: int, whites: int, of_white: int, cost: float) -> dict[str, Any]:
    early = sum(int(each) < QUIET for each in told)
    return {
        "what": name, "frame of the ramp": first(told), "in the 200 before": early, "in ripple": ripples, "of frames": of,
        "in white noise": whites, "of frames ": of_white, "a day": intervals.told(intervals.rate(whites, of_white / DAY)),
        "us/frame": cost,
    }  # fmt: skip


def trials(shape: Frames, deviation: float, count: int, seed: int, *, bent: bool) -> tuple[Frames, Any]:
    """A stream of white noise with a motion now and then, and where they begin; with `bent`, warped and of other strength."""
    random = np.random.default_rng([TRIED, seed])
    parts, starts, at = [np.zeros(300)], [], 300
    for _ in range(count):
        warp, gain = (random.uniform(0.6, 1.6), random.uniform(0.85, 1.15)) if bent else (1.0, 1.0)
        rows = max(2, round(len(shape) * warp))
        motion = gain * np.interp(np.linspace(0, len(shape) - 1, rows), np.arange(len(shape)), shape)
        starts.append(at)
        rest = np.zeros(int(random.integers(60, 120)))
        parts += [motion, rest]
        at += len(motion) + len(rest)
    stream = np.concatenate(parts)
    return (stream + deviation * random.standard_normal(len(stream)))[:, None], starts


def noises(report: Report, scale: float) -> None:
    """The same ramp in stronger noise, and warped."""
    rows = []
    for bent in (False, True):
        for seed, deviation in enumerate(DEVIATIONS):
            stream, starts = trials(RAMP[:, 0], deviation, max(20, int(TRIALS * scale * 2)), seed, bent=bent)
            positions = [match.position for match in recogniser().extend(stream)]
            soon, matched = _delays(positions, starts)
            theirs, _ = _delays(np.flatnonzero(original_score(RAMP)(stream) >= 0.70).tolist(), starts)
            n = int(DAY * scale)
            idle = deviation * np.random.default_rng([HELD_OUT, seed]).standard_normal((n, 1))
            figures = intervals.mean(soon)
            rows.append(
                {
                    "noise": deviation, "ramp": "0.6-1.6 as long, +-15 %" if bent else "as it is",
                    "frames": intervals.told(figures), "sooner": f"{EVENT_PATH / figures[0]:.1f}x",
                    "recall": intervals.told(intervals.share(len(soon), len(starts))), "other": len(positions) - matched,
                    f"in {n / DAY * 24:.3g} h": len(recogniser().extend(idle)),
                    "L1 frames": f"{np.mean(theirs):.2f}" if theirs else "-", "L1 recall": len(theirs) / len(starts),
                }
            )  # fmt: skip
    report.table("The ramp in white noise of other strengths", rows)


def _delays(positions: list[int], starts: list[int]) -> tuple[list[float], int]:
    """Frames from each start to the first position within the event path's window, that counts 1; and how many positions are in one."""
    soon, matched = [], 0
    for start in starts:
        inside = [each for each in positions if start <= each < start + EVENT_PATH]
        matched += len(inside)
        if inside:
            soon.append(float(inside[0] - start + 1))
    return soon, matched


def confusers(report: Report, scale: float) -> None:
    """Six shapes that begin alike: what one number a frame can and cannot tell."""
    names, rows, firsts = list(CONFUSERS), [], []
    for which, name in enumerate(names):
        stream, starts = trials(
            np.array(CONFUSERS[name], np.float64), 0.1, max(20, int(TRIALS * scale)), which, bent=False
        )
        matches = recogniser(*CONFUSERS.items()).extend(stream)
        delays, right = [], 0
        for start in starts:
            inside = [each for each in matches if start <= each.position < start + EVENT_PATH]
            if inside:
                delays.append(float(inside[0].position - start + 1))
                right += inside[0].signature == which
        firsts += delays
        rows.append(
            {
                "shape": name, "frames": intervals.told(intervals.mean(delays)) if delays else "-",
                "told": len(delays) / len(starts), "rightly": f"{right / len(delays):.2f}" if delays else "-",
            }
        )  # fmt: skip
    report.table("Six shapes whose first sample is 1, in noise of 0.1: frames to the name", rows)
    report.note(
        "What one number a frame can tell: that something began, and that its value is the signature's first. The ramp's 1 is "
        f"{1 / (0.05 / np.sqrt(2)):.0f} deviations of the noise, and any test of one sample notices it as soon. Which shape it is, it "
        f"cannot tell: where six shapes begin alike, naming one takes {np.mean(firsts):.1f} frames, or never comes. With 56 numbers a "
        "frame, the first one tells (`shapes`)."
    )


def measure(report: Report) -> None:
    """The fixture, stronger noise, and shapes that begin alike."""
    scale = 0.1 if "--quick" in sys.argv[1:] else 1.0
    verbatim(report, scale)
    noises(report, scale)
    confusers(report, scale)
