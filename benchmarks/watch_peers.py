"""What recognises or notices a motion beside midstream's recogniser, each with its setting chosen for the same false alarms."""

from collections.abc import Callable
from typing import Any

import numpy as np

from attractor_onset_peers import Frames, Kernel, Positions, River, thinned
from attractor_onset_peers import detectors as of_change

DAY = 2_592_000
"""Frames of 24 hours at 30 a second."""


class Scored:
    """What has a number for each frame, and alarms where it is above a threshold; `most` is how many frames it is quick enough for."""

    def __init__(self, name: str, statistic: Callable[[Frames], Frames], most: int, fixed: float | None = None) -> None:
        self.name, self.most = name, most
        self.statistic = statistic
        self._fixed = fixed

    def chosen(self, frames: Frames) -> float:
        """The threshold that accepts one alarm in 24 hours, from idle frames."""
        return height(self.statistic(frames[: self.most])) if self._fixed is None else self._fixed

    def alarms(self, frames: Frames, setting: float) -> Positions:
        """Positions of its alarms."""
        return thinned(np.flatnonzero(self.statistic(frames) > setting))


class Drift:
    """A detector of drift of river, at the least strict of its settings that does not alarm."""

    def __init__(self, river: River, most: int) -> None:
        self.name, self.most = river.name, most
        self._river = river

    def chosen(self, frames: Frames) -> float:
        """The least strict setting that keeps silent."""
        settings = list(self._river.settings or ())
        for setting in settings[:-1]:
            if len(self._river.run(frames[: self.most], setting)) == 0:
                return float(setting)
        return float(settings[-1])

    def alarms(self, frames: Frames, setting: float) -> Positions:
        """Positions of its alarms."""
        return np.asarray(self._river.run(frames, setting))


def height(statistic: Frames) -> float:
    """What one frame in 24 hours exceeds; of fewer frames, along the exponential tail of the highest."""
    days = len(statistic) / DAY
    if days >= 1:
        return float(statistic.max())
    peaks = np.sort(statistic)[-max(20, len(statistic) // 200) :]
    share = len(peaks) / len(statistic) * DAY
    return float(peaks[0] + (peaks - peaks[0]).mean() * np.log(share))


def original_score(signature: Frames) -> Callable[[Frames], Frames]:
    """ADR-099: 1 / (1 + mean |signature - as many of the latest frames|), 0 of fewer frames; there, of the first component."""

    def statistic(frames: Frames) -> Frames:
        found, gap = np.zeros(len(frames)), np.zeros(max(0, len(frames) - len(signature) + 1))
        for row, numbers in enumerate(signature):
            gap += np.abs(frames[row : row + len(gap)] - numbers).mean(axis=1)
        found[len(signature) - 1 :] = 1.0 / (1.0 + gap / len(signature))
        return found

    return statistic


def subsequence_warping(signature: Frames) -> Callable[[Frames], Frames]:
    """dtaidistance: the signature aligned within the latest frames, twice as many as it has; anew for each frame.

    Raises:
        ImportError: it is not installed.
    """
    from dtaidistance.subsequence.dtw import subsequence_alignment  # type: ignore[import-not-found,import-untyped,unused-ignore]

    def statistic(frames: Frames) -> Frames:
        found, room = np.full(len(frames), -1e300), 2 * len(signature)
        series = np.ascontiguousarray(frames if frames.shape[1] > 1 else frames[:, 0])
        query = np.ascontiguousarray(signature if signature.shape[1] > 1 else signature[:, 0])
        for end in range(room, len(frames) + 1):
            found[end - 1] = -subsequence_alignment(query, series[end - room : end], use_c=True).matching_function()[-1]
        return found

    return statistic


def peers(signature: Frames, *, slow: int) -> list[Any]:
    """All that are installed; those that notice a change last.

    Args:
        signature: shape (length, dims).
        slow: frames for what takes 50 us a frame or more.
    """
    score = original_score(signature)
    found: list[Any] = [
        Scored("L1 score at 0.70", score, DAY, 0.70),
        Scored("L1 score, same alarms", score, DAY),
    ]
    try:
        found.append(Scored("dtaidistance each frame", subsequence_warping(signature), slow))
        found[-1].statistic(np.zeros((2 * len(signature), signature.shape[1])))
    except ImportError:
        print("dtaidistance is missing", flush=True)
    for each in of_change(signature.shape[1]):
        if isinstance(each, Kernel):
            found.append(Scored(each.name, each.statistic, slow))
        elif isinstance(each, River):
            found.append(Drift(each, 3_000 if "KSWIN" in each.name else slow))
    return found
