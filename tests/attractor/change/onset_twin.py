"""A detector of change as slow and plain as it can be, before any tail is known: matrices, loops, no lanes."""

import math

import numpy as np
import numpy.typing as npt

LOOKS = (*range(1, 9), 12, 16, 24, 32)
SPANS = (2, 4, 8, 16, 32, 64)


class Channel:
    """Recursive least squares with forgetting, of one channel in units of its own."""

    def __init__(self) -> None:
        self.count = 0
        self.mean = 0.0
        self.deviation = 0.0
        self.past = [0.0] * 4
        self.model = np.zeros(4)
        self.certain = np.eye(4)
        self.variance = 1.0
        self.spread = 1.0
        self.unit = 1.0

    def gather(self, x: float) -> None:
        """One of the first 32 numbers."""
        self.count += 1
        if self.count == 1:
            self.mean = x
        else:
            off = x - self.mean
            self.deviation += (abs(off) - self.deviation) / self.count
            self.mean += off / self.count
        if self.count == 32:
            self.unit = max(1.2533 * self.deviation, 1e-9 * abs(self.mean), 1e-290)
        self.past = [x, *self.past[:3]]

    def score(self, x: float) -> float:
        """The residual of the next number over its deviation."""
        self.before = np.array([(each - self.mean) / self.unit for each in self.past])
        self.leverage = 1.0 + self.before @ self.certain @ self.before
        self.residual = (x - self.mean) / self.unit - self.before @ self.model
        return float(self.residual / math.sqrt(self.variance * self.leverage))

    def learn(self, x: float, n: int, weight: float) -> None:
        """Take it in."""
        bound = 3.0 * math.sqrt(self.variance * self.leverage)
        residual = float(np.clip(self.residual, -bound, bound))
        gain = weight * self.certain @ self.before / (1.0 + weight * (self.leverage - 1.0))
        grow = 1.0 / 0.998 if np.trace(self.certain) < 2.0 else 1.0
        self.model = self.model + gain * residual
        self.certain = (self.certain - np.outer(gain, self.certain @ self.before)) * grow
        quick, slow = weight * max(2.0 / n, 1.0 / 1024), weight * max(1.0 / n, 1.0 / 1024)
        found = min(residual**2 / self.leverage, 9.0 * self.variance)
        self.variance = max(1e-6, self.variance + quick * (found - self.variance))
        bound = 3.0 * math.sqrt(self.spread)
        off = float(np.clip((x - self.mean) / self.unit, -bound, bound))
        self.spread = max(1e-6, self.spread + quick * (off**2 - self.spread))
        self.mean += slow * off * self.unit


def statistics(frames: npt.NDArray[np.float64], most: float) -> list[float]:
    """The statistic of each frame after the first 32, of shape (n, channels), while all of them are learnt from.

    Args:
        most: no channel counts for more than this many deviations.
    """
    d = frames.shape[1]
    channels = [Channel() for _ in range(d)]
    ninth = 2.0 / (9.0 * d)
    usual = d ** (1.0 / 3.0) * math.sqrt(ninth)
    average = [d ** (1.0 / 3.0) * (1.0 - ninth)] * len(LOOKS) + [0.0] * len(SPANS)
    deviation = [usual] * len(LOOKS) + [1.0] * len(SPANS)
    scores: list[npt.NDArray[np.float64]] = []
    rares: list[float] = []
    found = []
    for n, frame in enumerate(frames, 1):
        if n <= 32:
            for channel, x in zip(channels, frame, strict=True):
                channel.gather(float(x))
            continue
        raw = [channel.score(float(x)) for channel, x in zip(channels, frame, strict=True)]
        scores.append(np.clip(raw, -most, most))
        rare = ((scores[-1] @ scores[-1]) ** (1.0 / 3.0) - average[0]) / deviation[0]
        rares.append(float(np.clip(rare, -4.0, 4.0)))
        heights = []
        for k in LOOKS:
            summed = np.sum(scores[-k:], axis=0)
            heights.append(float(summed @ summed / k) ** (1.0 / 3.0))
        heights += [sum(rares[-k:]) / math.sqrt(k) for k in SPANS]
        found.append(max((h - a) / s for h, a, s in zip(heights, average, deviation, strict=True)))
        share = max(1.0 / n, 1.0 / 2048)
        for i, height in enumerate(heights):
            off = float(np.clip(height - average[i], -3.0 * deviation[i], 3.0 * deviation[i]))
            least = 0.6 * usual if i < len(LOOKS) else 0.6
            average[i] += share * off
            deviation[i] = max(least, math.sqrt(deviation[i] ** 2 * (1.0 - share) + share * off**2))
        for channel, x in zip(channels, frame, strict=True):
            channel.learn(float(x), n, 1.0 if rare < 3.0 else 9.0 / rare**2)
            channel.past = [float(x), *channel.past[:3]]
    return found
