"""What a detector of change is tried on: five kinds of idle, four shapes of onset, in units of the idle deviation."""

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.signal import lfilter

Frames = npt.NDArray[np.float64]

IDLES = ("white", "AR(1)", "breathing", "Student t3", "drift")
SHAPES = ("step", "ramp", "fixture", "burst")
RATE_HZ = 30.0
PIECE = 20_000
LENGTH = 30
"""Frames that a detector has for it."""


class Idle:
    """Endless idle frames of one kind, shape (n, channels), about a level where there are many channels.

    AR(1) has a coefficient of 0.9; breathing is a sine of 0.25 Hz with twice the deviation of the noise; drift is white
    noise on a random walk of 0.02 a frame, and with many channels on a gain that jumps by up to 40 % every 50 s, about.
    """

    def __init__(self, kind: str, channels: int, seed: list[int]) -> None:
        self.kind = kind
        self.channels = channels
        self._random = np.random.default_rng([*seed, IDLES.index(kind), channels])
        self._level = 10.0 + 20.0 * self._random.random(channels) if channels > 1 else np.zeros(1)
        self._pattern = self._random.normal(size=channels) if channels > 1 else np.ones(1)
        self._position = 0
        self._state: Any = np.zeros((1, channels))
        self._gain = 1.0

    def frames(self, n: int) -> Frames:
        """The next frames."""
        shape = n, self.channels
        gain: Any = 1.0
        if self.kind == "Student t3":
            found = self._random.standard_t(3, shape) / np.sqrt(3.0)
        else:
            found = self._random.normal(size=shape)
        if self.kind == "AR(1)":
            found, self._state = lfilter([np.sqrt(1.0 - 0.81)], [1.0, -0.9], found, axis=0, zi=self._state)
        if self.kind == "breathing":
            phase = 2.0 * np.pi * 0.25 / RATE_HZ * (self._position + np.arange(n))
            wave = np.sqrt(8.0) * np.sin(phase)[:, None] * self._pattern
            found = (found + wave) / np.sqrt(1.0 + 4.0 * self._pattern**2)
        if self.kind == "drift":
            walk = self._state + np.cumsum(0.02 * self._random.normal(size=shape), axis=0)
            self._state = walk[-1:]
            found = found + walk
            gain = self._gains(n) if self.channels > 1 else 1.0
        self._position += n
        return np.ascontiguousarray((self._level + found) * gain)

    def many(self, n: int) -> Frames:
        """The same, made in pieces, which takes no more room than they do."""
        found = np.empty((n, self.channels))
        for at in range(0, n, PIECE):
            found[at : at + PIECE] = self.frames(min(PIECE, n - at))
        return found

    def _gains(self, n: int) -> Frames:
        """The gain of each frame, shape (n, 1)."""
        jumps = self._random.random(n) < 1.0 / 1500
        values = np.concatenate([[self._gain], self._random.uniform(0.7, 1.4, int(jumps.sum()))])
        self._gain = float(values[-1])
        return np.asarray(values[np.cumsum(jumps)][:, None])


def onset(shape: str, height: float, channels: int, random: np.random.Generator) -> Frames:
    """What is added from the first frame of a change on, shape (LENGTH, channels).

    A ramp takes ten frames; the fixture is that of ADR-099: a fifth of the height more in each of five frames; a burst is ten
    frames that swing with a period of eight. With many channels, each has a factor of its own, normal of deviation 1.
    """
    k = np.arange(LENGTH)
    form = {
        "step": np.ones(LENGTH),
        "ramp": np.minimum(k + 1, 10) / 10.0,
        "fixture": np.minimum(k + 1, 5) / 5.0,
        "burst": np.where(k < 10, np.sin(2.0 * np.pi * (k + 1) / 8.0), 0.0),
    }[shape]
    pattern = random.normal(size=channels) if channels > 1 else random.choice([-1.0, 1.0], 1)
    return np.asarray(height * form[:, None] * pattern)
