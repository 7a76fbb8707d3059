"""Six motions that differ only in which subcarriers they move: the mean over all of them is the same at every moment.

56 subcarriers in white noise. Each motion's displacement is one envelope, equal on all subcarriers, plus a pattern of its own
whose mean is zero and that turns slowly into another; half of the power is in each. They come 0.7 to 1.4 times as long as they
were captured, and stronger or weaker by up to 15 %. How strong the first frame is over the noise of a subcarrier is what the
rows are.
"""

import sys
import time
from typing import Any, NamedTuple

import numpy as np

import watch_real_intervals as intervals
from attractor_onset_peers import Frames, Kernel, River
from attractor_onset_peers import detectors as of_change
from midstream_cli.compare.recognition.recogniser import Recogniser
from midstream_cli.compare.signatures.signature import Background, Signature
from report import Report
from watch_peers import DAY, height, original_score

DIMS, COUNT, LENGTH = 56, 6, 32
RATE_HZ = 30.0
DECIBELS = (23.0, 13.5, 9.0, 4.9, 1.4, -3.0)
BEGINS = 0.35
"""What the first frame has of the greatest."""
CAPTURED = 600
"""Idle frames that a background is of."""
TRIALS = 600
BARRED_DB, FRAMES, ACCURACY = 1.4, 1.6, 0.99
SLOW_TRIALS, SLOW = 24, 3_000
LONG_RESTS = (200, 260)
"""Frames between motions for what compares two halves of the latest 128."""
EVENT_PATH = 16
BLOCK = 65_536
LIBRARY, BACKGROUND, TRIED, IDLE, SET = 31, 32, 33, 34, 35


class Library(NamedTuple):
    """The motions at one strength, and the stream they come in."""

    clean: list[Frames]
    """Of each motion the displacement, shape (length, dims), in deviations of the noise."""
    signatures: list[Signature]
    level: Frames
    deviation: Frames
    """Of the stream's background, shape (dims,)."""

    def noise(self, n: int, seed: list[int]) -> Frames:
        """Idle frames, shape (n, dims)."""
        return np.asarray(self.level + self.deviation * np.random.default_rng(seed).standard_normal((n, DIMS)))


def library(decibels: float, *, takes: bool) -> Library:
    """Six motions whose first frame has this ratio of signal to noise.

    Args:
        takes: captured once, with the noise that was there; else without noise.
    """
    random = np.random.default_rng(LIBRARY)
    level, deviation = random.uniform(10, 30, DIMS), random.uniform(0.5, 2.0, DIMS)
    phase = np.linspace(0.0, 1.0, LENGTH)
    envelope = BEGINS + (1.0 - BEGINS) * np.sin(0.5 * np.pi * np.minimum(1.0, 2.0 * phase)) * np.minimum(
        1.0, 3.0 * (1.0 - phase) + 0.2
    )
    strength = 10.0 ** (decibels / 20.0) * envelope / envelope[0]
    idle = level + deviation * np.random.default_rng(BACKGROUND).standard_normal((CAPTURED, DIMS))
    background = Background.of(idle, "idle", CAPTURED / RATE_HZ)
    clean, signatures = [], []
    for which in range(COUNT):
        ends = random.standard_normal((2, DIMS))
        ends -= ends.mean(axis=1, keepdims=True)
        turn = np.pi / 2 * phase[:, None]
        pattern = np.cos(turn) * ends[0] + np.sin(turn) * ends[1]
        pattern /= np.sqrt(np.square(pattern).mean(axis=1, keepdims=True))
        clean.append(strength[:, None] * (1.0 + pattern) / np.sqrt(2.0))
        taken = clean[-1] + (random.standard_normal(clean[-1].shape) if takes else 0.0)
        signatures.append(
            Signature(f"motion {which}", f"motion {which}", level + deviation * taken, background=background)
        )
    return Library(clean, signatures, level, deviation)


class Scene(NamedTuple):
    """A stream of motions, each after a rest."""

    frames: Frames
    starts: list[int]
    which: list[int]


def scene(given: Library, trials: int, seed: list[int], rests: tuple[int, int] = (60, 120)) -> Scene:
    """Motions in random order, warped and of other strength, with so many frames between them."""
    random = np.random.default_rng(seed)
    parts, starts, which, at = [np.zeros((300, DIMS))], [], [], 300
    for _ in range(trials):
        motion = int(random.integers(COUNT))
        rows = round(LENGTH * random.uniform(0.7, 1.4))
        places = np.linspace(0, LENGTH - 1, rows)
        clean = given.clean[motion]
        moved = np.stack([np.interp(places, np.arange(LENGTH), column) for column in clean.T], axis=1)
        rest = np.zeros((int(random.integers(*rests)), DIMS))
        parts += [random.uniform(0.85, 1.15) * moved, rest]
        starts.append(at)
        which.append(motion)
        at += rows + len(rest)
    moving = np.concatenate(parts)
    noise = random.standard_normal(moving.shape)
    return Scene(given.level + given.deviation * (moving + noise), starts, which)


def recogniser(given: Library) -> Recogniser:
    """At one false alarm a day."""
    return Recogniser(given.signatures, rate_hz=RATE_HZ, false_alarms_per_day=1.0)


def identified(matches: list[tuple[int, int]], played: Scene) -> tuple[list[float], int, int]:
    """Frames to the name of each motion that got one, how many are right, and names where there was no motion."""
    delays, right, inside = [], 0, 0
    for start, which in zip(played.starts, played.which, strict=True):
        its = [each for each in matches if start <= each[0] < start + round(1.4 * LENGTH) + 4]
        inside += len(its)
        if its:
            delays.append(float(its[0][0] - start + 1))
            right += its[0][1] == which
    return delays, right, len(matches) - inside


def alarms(given: Library, seed: int, n: int) -> int:
    """Matches in idle frames."""
    ours, found = recogniser(given), 0
    for at in range(0, n, BLOCK):
        found += len(ours.extend(given.noise(min(BLOCK, n - at), [IDLE, seed, at])))
    return found


def ours(report: Report, scale: float) -> None:
    """Midstream's recogniser at each strength."""
    n, rows = int(DAY * scale), []
    for takes in (False, True):
        for seed, decibels in enumerate(DECIBELS):
            given = library(decibels, takes=takes)
            played = scene(given, max(60, int(TRIALS * scale)), [TRIED, seed])
            found = [(match.position, match.signature) for match in recogniser(given).extend(played.frames)]
            delays, right, other = identified(found, played)
            begun = time.process_time()
            false = alarms(given, seed, n)
            frames = intervals.mean(delays)
            accuracy = intervals.share(right, len(delays))
            rows.append(
                {
                    "captured": "once, with noise" if takes else "without noise", "dB": decibels,
                    "frames": intervals.told(frames), "sooner": f"{EVENT_PATH / frames[0]:.1f}x",
                    "accuracy": intervals.told(accuracy),
                    "recall": intervals.told(intervals.share(len(delays), len(played.starts))), "between": other,
                    f"false in {n / DAY * 24:.3g} h": false,
                    "a day": intervals.told(intervals.rate(false, n / DAY)),
                }
            )  # fmt: skip
            print(f"{decibels} dB: {time.process_time() - begun:.0f} s", file=sys.stderr, flush=True)
            if decibels >= BARRED_DB and not takes:
                report.at_most(FRAMES, f"{decibels} dB: frames to the name", frames[0])
                report.at_least(ACCURACY, f"{decibels} dB: named rightly", accuracy[0])
                report.at_most(0, f"{decibels} dB: false alarms in {n / DAY * 24:.3g} hours", false)
    report.table("midstream: six motions of one mean envelope, 56 subcarriers", rows)


def scores(report: Report, scale: float) -> None:
    """The original's score, and warping anew for each frame: which signature is nearest, and whether it is near enough."""
    rows = []
    for seed, decibels in enumerate(DECIBELS):
        given = library(decibels, takes=False)
        shapes = [(each.vectors - given.level) / given.deviation for each in given.signatures]
        for name, nearness, trials, most in _ways(shapes, scale):
            idle = (given.noise(most, [SET, seed]) - given.level) / given.deviation
            limit = height(nearness(idle).max(axis=1))
            played = scene(given, trials, [TRIED, seed])
            found = nearness((played.frames - given.level) / given.deviation)
            over = np.flatnonzero(found.max(axis=1) > limit)
            matches = [(int(at), int(found[at].argmax())) for at in over if at == 0 or found[at - 1].max() <= limit]
            delays, right, other = identified(matches, played)
            rows.append(
                {
                    "dB": decibels, "what": name,
                    "frames": intervals.told(intervals.mean(delays)) if delays else "-",
                    "accuracy": intervals.told(intervals.share(right, len(delays))) if delays else "-",
                    "recall": intervals.told(intervals.share(len(delays), len(played.starts))), "between": other,
                    "set on frames": most,
                }
            )  # fmt: skip
    report.table(
        "Scores of the latest frames, as many as a signature has, each number over the noise's deviation", rows
    )


def _ways(shapes: list[Frames], scale: float) -> list[Any]:
    """Name, nearness of frames to each signature, motions it is tried on, idle frames its setting is chosen on."""

    def first(frames: Frames) -> Frames:
        return np.stack([original_score(each[:, :1])(frames[:, :1]) for each in shapes], axis=1)

    def every(frames: Frames) -> Frames:
        return np.stack([original_score(each)(frames) for each in shapes], axis=1)

    quick = max(40, int(150 * scale))
    found: list[Any] = [("L1, first subcarrier", first, quick, 30_000), ("L1, all", every, quick, 30_000)]
    try:
        from dtaidistance import dtw_ndim  # type: ignore[import-not-found,import-untyped,unused-ignore]
    except ImportError:
        print("dtaidistance is missing", flush=True)
        return found

    def warped(frames: Frames) -> Frames:
        out = np.full((len(frames), COUNT), -1e9)
        for end in range(LENGTH, len(frames) + 1):
            part = np.ascontiguousarray(frames[end - LENGTH : end])
            out[end - 1] = [-dtw_ndim.distance_fast(shape, part) for shape in shapes]
        return out

    shapes[:] = [np.ascontiguousarray(each) for each in shapes]
    return [*found, ("dtaidistance each frame", warped, SLOW_TRIALS, SLOW)]


def changes(report: Report) -> None:
    """Detectors of change: they notice a motion, and name none."""
    rows = []
    detectors = [each for each in of_change(DIMS) if isinstance(each, Kernel | River)]
    for seed, decibels in enumerate(DECIBELS):
        given = library(decibels, takes=False)
        for detector in detectors:
            idle = given.noise(SLOW, [SET, seed])
            setting = (
                height(detector.statistic(idle)) if isinstance(detector, Kernel)
                else next((each for each in detector.settings or () if not len(detector.run(idle, each))), 1e-16)
            )  # fmt: skip
            played = scene(given, SLOW_TRIALS, [TRIED, seed], LONG_RESTS)
            found = (
                np.flatnonzero(detector.statistic(played.frames) > setting) if isinstance(detector, Kernel)
                else detector.run(played.frames, setting)
            )  # fmt: skip
            delays, _, other = identified([(int(each), -1) for each in found], played)
            rows.append(
                {
                    "dB": decibels, "what": detector.name,
                    "frames to the alarm": intervals.told(intervals.mean(delays)) if delays else "-",
                    "noticed": intervals.told(intervals.share(len(delays), len(played.starts))), "between": other,
                    "set on frames": SLOW,
                }
            )  # fmt: skip
    if rows:
        report.table("Detectors of change on the same motions: they name none", rows)


def measure(report: Report) -> None:
    """Ours, then what scores the latest frames, then what only notices."""
    scale = 0.1 if "--quick" in sys.argv[1:] else 1.0
    ours(report, scale)
    scores(report, scale)
    changes(report)
