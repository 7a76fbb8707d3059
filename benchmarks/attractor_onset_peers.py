"""Detectors of change beside midstream's: ruptures, river, and the plain charts of quality control."""

import time
from collections.abc import Callable, Sequence
from typing import Any

import numba  # type: ignore[import-untyped,unused-ignore]
import numpy as np
import numpy.typing as npt

from midstream_cli.attractor.change.changes import ChangeKind
from midstream_cli.attractor.change.onset import Onset

Frames = npt.NDArray[np.float64]
Positions = npt.NDArray[np.int64]

APART = 64
"""Frames from one alarm to the next at least."""


def thinned(alarms: Sequence[int] | Positions) -> Positions:
    """Alarms without those that follow another too soon."""
    kept: list[int] = []
    for each in alarms:
        if not kept or each - kept[-1] >= APART:
            kept.append(int(each))
    return np.array(kept, np.int64)


class Midstream:
    """Its threshold is the one it comes with, for one false alarm an hour: nothing is set."""

    name = "midstream"
    settings: Sequence[float] | None = (0.0,)
    most = 10**9

    def run(self, frames: Frames, _setting: float) -> Positions:
        """Positions of its alarms of motion."""
        found = Onset(frames.shape[1]).extend(frames)
        return np.array([each.frame for each in found if each.kind is ChangeKind.MOTION], np.int64)


@numba.njit(cache=False)  # type: ignore[untyped-decorator,unused-ignore]
def _charts(frames: Any, out: Any) -> None:
    """Shewhart, EWMA and CUSUM of numbers less their running mean over their running deviation."""
    n, d = frames.shape
    mean, variance = frames[0].copy(), np.zeros(d)
    smooth, above, below = np.zeros(d), 0.0, 0.0
    for t in range(n):
        share = max(1.0 / (t + 1), 1.0 / 512)
        energy, smoothed, one = 0.0, 0.0, 0.0
        for i in range(d):
            off = frames[t, i] - mean[i]
            z = off / np.sqrt(variance[i]) if t > 64 and variance[i] > 0 else 0.0
            z = min(1e6, max(-1e6, z))
            smooth[i] += 0.2 * (z - smooth[i])
            energy += z * z
            smoothed += smooth[i] * smooth[i]
            one = z
            mean[i] += share * off
            variance[i] += share * (off * off - variance[i])
        if d > 1:
            one = (energy - d) / np.sqrt(2.0 * d)
        above = max(0.0, above + one - 0.5)
        below = max(0.0, below - one - 0.5) if d == 1 else 0.0
        out[0, t], out[1, t], out[2, t] = np.sqrt(energy), np.sqrt(smoothed), max(above, below)
        if max(above, below) > 1e4:
            above = below = 0.0


class Chart:
    """A plain chart; on many channels of the energy of all, each over its own deviation."""

    settings: Sequence[float] | None = None
    most = 10**9

    def __init__(self, which: int) -> None:
        self.name = ("Shewhart", "EWMA", "CUSUM")[which]
        self._which = which

    def statistic(self, frames: Frames) -> Frames:
        """What is compared with a threshold."""
        found = np.empty((3, len(frames)))
        _charts(frames, found)
        return np.asarray(found[self._which])


class Kernel:
    """ruptures: KernelCPD, one change in the latest 128 frames; how much it explains, where it is one of the latest 16."""

    name = "ruptures KernelCPD"
    settings: Sequence[float] | None = None
    most = 20_000
    window = 128

    def __init__(self) -> None:
        import ruptures  # type: ignore[import-not-found,unused-ignore]

        self._model = ruptures.KernelCPD(kernel="linear", min_size=1)

    def statistic(self, frames: Frames, first: int = 0) -> Frames:
        """What is compared with a threshold, from a frame on; before, nothing."""
        found = np.zeros(len(frames))
        scale = frames[: self.window].std(axis=0)
        frames = np.ascontiguousarray(frames / np.where(scale > 0, scale, 1.0))
        for end in range(max(first, self.window), len(frames) + 1):
            part = frames[end - self.window : end]
            at = self._model.fit(part).predict(n_bkps=1)[0]
            if self.window - 16 <= at < self.window:
                apart = part[at:].mean(axis=0) - part[:at].mean(axis=0)
                found[end - 1] = at * (self.window - at) / self.window * float(apart @ apart)
        return found


class River:
    """river: a detector of drift on one number a frame; of many channels their mean."""

    def __init__(
        self, name: str, make: Callable[[float], Any], settings: Sequence[float], most: int, memory: int = 10**9
    ) -> None:
        self.name = f"river {name}"
        self.settings: Sequence[float] | None = settings
        self.most = most
        self.memory = memory
        self._make = make

    def run(self, frames: Frames, setting: float) -> Positions:
        """Positions of its alarms."""
        detector, found = self._make(setting), []
        for at, number in enumerate(frames.mean(axis=1).tolist()):
            detector.update(number)
            if detector.drift_detected:
                found.append(at)
        return thinned(found)


def detectors(channels: int) -> list[Any]:
    """All that are installed, ours first."""
    found: list[Any] = [Midstream(), Chart(0), Chart(1), Chart(2)]
    _charts(np.zeros((2, channels)), np.empty((3, 2)))
    try:
        found.append(Kernel())
    except ImportError:
        print("ruptures is missing", flush=True)
    try:
        from river import drift  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        print("river is missing", flush=True)
        return found
    strict = [10.0**-k for k in (0.5, 1, 1.5, 2, 3, 5, 7, 9, 12, 16)]
    return [
        *found,
        River("ADWIN", lambda delta: drift.ADWIN(delta=delta, clock=1), strict, 10**9),
        River(
            "PageHinkley",
            lambda height: drift.PageHinkley(threshold=height, delta=0.5, alpha=1.0),
            (5, 7, 10, 14, 20, 30, 45, 70, 110, 200, 400),
            10**9,
        ),
        River("KSWIN", lambda alpha: drift.KSWIN(alpha=alpha, seed=1), strict[4:], 3_000, 160),
    ]


def microseconds(detector: Any, frames: Frames, setting: float) -> float:
    """What a frame takes, of processor time: frames one by one where the detector takes them so."""
    if isinstance(detector, Midstream):
        ours = Onset(frames.shape[1])
        begun = time.process_time()
        for each in frames:
            ours.update(each)
        return (time.process_time() - begun) / len(frames) * 1e6
    begun = time.process_time()
    detector.statistic(frames) if detector.settings is None else detector.run(frames, setting)
    return (time.process_time() - begun) / len(frames) * 1e6
