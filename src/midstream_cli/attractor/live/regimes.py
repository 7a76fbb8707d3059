"""The regime of a stream of vectors, vector by vector: idle, periodic, transient, chaotic, or unknown.

Windows of 128 vectors are looked at on five time scales, each twice as coarse as the one before, so that a fan and a breath
are both seen whole; a detector of change runs beside them and needs no window. What is said, and why:

- `transient` as soon as the detector alarms, until what it saw is over, has become usual, or shows a law;
- `chaotic` where near states of one half of a window tell what comes in the other at least twice as well as the best line
  does, and it does not repeat: noise of any spectrum hardly ever does;
- `periodic` where it repeats after one period and after two, as well at one end as at the other. In so short a window, noise
  of a narrow band, chaos that keeps time, and rhythms without a common period may look the same;
- `idle` where nothing moves, or successive vectors differ as those of noise do (J. von Neumann 1941);
- `unknown` else: a walk through a room is neither idle nor of a law that a window could show.
"""

from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from midstream_cli.attractor.change.changes import State
from midstream_cli.attractor.change.onset import Onset
from midstream_cli.attractor.kernels import windows
from midstream_cli.compiled.vectors import aligned
from midstream_cli.errors import UsageError
from midstream_cli.frames import Float64

WINDOW, HOP, NEWEST = 128, 16, 64
"""Vectors of a window, between two looks, and those that whiteness is of."""
PATIENCE_S = 60.0
"""How long a change may last before it is usual, of slow streams four windows."""
SCALES = 5
LEAST = 64
"""Vectors of a scale for the first look."""
WHITE = 0.45
"""Whiteness from which it may be noise: of empty rooms 97 in 100 windows are above, of walking 97 below."""
FORESEEN, BENT = 0.5, 0.05
"""The error of nearest states through that of a line, at most; and the least of the latter: else a line explains it."""
REPEATS, AGAIN, CYCLES = 0.85, 0.75, 2.5
"""Autocorrelation after one period and after two, and periods in a window, at least."""
EVEN = 0.3
"""How much is left of a rhythm between the two ends of a window, in power, at least: else it dies down, begins or has ended."""
SLOW = 4.0
"""Vectors of a period of a coarse scale, at least: finer scales see what is faster, and see sooner that it ends."""


class Regime(StrEnum):
    """What a stream is doing."""

    IDLE = "idle"
    PERIODIC = "periodic"
    TRANSIENT = "transient"
    CHAOTIC = "chaotic"
    UNKNOWN = "unknown"


CONFIDENCE = {
    Regime.IDLE: 0.97,
    Regime.PERIODIC: 0.8,
    Regime.TRANSIENT: 0.99,
    Regime.CHAOTIC: 0.96,
    Regime.UNKNOWN: 0.0,
}
"""How often it is right of systems that no rule was made on, each kind as frequent as any other: `benchmarks/attractor_live.py`."""


class Look(NamedTuple):
    """What a window was found to be."""

    regime: Regime
    period: float
    """In vectors of the stream, where it repeats; else NaN."""
    first: int
    """Position of the first vector of the window, of those that were not passed over."""


class Moment(NamedTuple):
    """What is known after a vector."""

    regime: Regime
    regime_changed: bool
    """It was another before this vector."""
    confidence: float
    period: float
    """In vectors, of a periodic regime; else NaN."""
    statistic: float
    """How unusual the latest vectors are, in deviations of a normal number."""


_NOTHING = Look(Regime.UNKNOWN, float("nan"), 0)


class RegimeWatch:
    """Tells the regime after each vector, in bounded memory; however a stream is cut, the same.

    Until the first 64 vectors have come, the regime is unknown unless they change.
    """

    def __init__(self, channels: int = 1, *, rate_hz: float = 30.0, false_alarms_per_hour: float = 1.0) -> None:
        """Begin with nothing known.

        Args:
            channels: numbers of a vector.
            rate_hz: vectors a second, for what false alarms are counted by.
            false_alarms_per_hour: of the detector of change, while nothing changes.

        Raises:
            UsageError: a number is out of its range.
        """
        self.channels = channels
        self.regime = Regime.UNKNOWN
        # features have the gain divided out already, or none
        self._onset = Onset(
            channels,
            rate_hz=rate_hz,
            false_alarms_per_hour=false_alarms_per_hour,
            split_gain=False,
            patience_s=max(PATIENCE_S, 4 * WINDOW / rate_hz) if rate_hz > 0 else PATIENCE_S,
        )
        self._scales = [_Scale(channels) for _ in range(SCALES)]
        self._looks = [_NOTHING] * SCALES
        self._waiting: deque[int] = deque()
        self._taken = self._began = 0
        self._scratch: Float64 = aligned(windows.scratch_size(WINDOW, channels))
        self._found: Float64 = aligned(windows.FINDINGS)
        self._look = windows.look.function(hold_gil=True)

    def update(self, vector: npt.ArrayLike) -> Moment:
        """Take the next vector, shape (channels,); one that is not finite, or beyond 1e250, is passed over.

        Raises:
            UsageError: it has another shape.
        """
        given = np.asarray(vector, np.float64).reshape(-1)
        if len(given) != self.channels:
            raise UsageError(f"a vector of {len(given)} is none of {self.channels} channels", "give as many")
        skipped = self._onset.skipped
        usual = self._onset.state is not State.TRANSIENT
        self._onset.update(given)
        if usual and self._onset.state is State.TRANSIENT:
            self._began = self._taken
        if self._onset.skipped == skipped:
            self._take(given)
        before, self.regime, period = self.regime, *self._judged()
        return Moment(self.regime, self.regime is not before, CONFIDENCE[self.regime], period, self._onset.statistic)

    def _take(self, vector: Float64) -> None:
        """Put a vector onto every scale, and look at one window at most."""
        self._taken += 1
        for at, scale in enumerate(self._scales):
            if scale.take(vector) and at not in self._waiting:
                self._waiting.append(at)
            if scale.held:
                break
            vector = scale.mean
        if self._waiting:
            at = self._waiting.popleft()
            self._looks[at] = self._looked(self._scales[at].window(), 1 << at)

    def _looked(self, window: Float64, stride: int) -> Look:
        """What a window is; `stride` vectors of the stream are one of it."""
        found = self._found
        self._look(window.reshape(-1), self.channels, NEWEST, self._scratch, found)
        first = self._taken - (len(window) + 1) * stride + 1
        regime = regime_of(found, len(window), stride)
        return Look(regime, float(found[windows.PERIOD]) * stride if regime is Regime.PERIODIC else float("nan"), first)

    def _judged(self) -> tuple[Regime, float]:
        """The regime that all scales and the detector of change together speak for."""
        changing = self._onset.state is State.TRANSIENT
        # finer scales are quicker, and see what a coarser one has averaged away
        for regime in (Regime.CHAOTIC, Regime.PERIODIC):
            for look in self._looks:
                # a window of two laws obeys neither; a rhythm is seen to last by itself
                whole = look.first >= self._began or (regime is Regime.PERIODIC and not changing)
                if look.regime is regime and whole:
                    if changing:
                        # a law that holds since it began is the usual one from now on
                        self._onset.relearn()
                    return regime, look.period
        return (Regime.TRANSIENT, float("nan")) if changing else self._looks[0][:2]


def regime_of(found: Float64, n: int, stride: int) -> Regime:
    """What a window of n vectors is, from what was found in it."""
    if found[windows.MOVES] == 0.0:
        return Regime.IDLE
    height, nearest, linear = found[windows.HEIGHT], found[windows.NEAREST], found[windows.LINEAR]
    # noise lowers the autocorrelation by what it adds to each forecast
    repeats = height > REPEATS and 1.0 - height < 6.0 * nearest + 0.02
    if nearest < FORESEEN * linear and linear > BENT and not repeats:
        return Regime.CHAOTIC
    seen = found[windows.PERIOD] >= SLOW or stride == 1
    lasts = n >= CYCLES * found[windows.PERIOD] and found[windows.EVENNESS] > EVEN
    if repeats and found[windows.TWICE] > AGAIN and seen and lasts:
        return Regime.PERIODIC
    return Regime.IDLE if found[windows.WHITENESS] > WHITE else Regime.UNKNOWN


@dataclass(slots=True)
class _Scale:
    """The latest vectors of one time scale."""

    kept: Float64
    """Twice as many rows as a window, so that a window is one piece."""
    rows: int
    count: int
    held: bool
    """One vector waits for another to be averaged with."""
    mean: Float64

    def __init__(self, channels: int) -> None:
        self.kept = aligned((2 * WINDOW, channels))
        self.rows = self.count = 0
        self.held = False
        self.mean = np.zeros(channels)

    def take(self, vector: Float64) -> bool:
        """Keep a vector; return whether it is time for a look."""
        if self.rows == len(self.kept):
            self.kept[:WINDOW] = self.kept[WINDOW:]
            self.rows = WINDOW
        self.kept[self.rows] = vector
        self.rows += 1
        self.count += 1
        if not self.held:
            self.mean = vector.copy()
        else:
            self.mean = 0.5 * (self.mean + vector)
        self.held = not self.held
        return self.count >= LEAST and self.count % HOP == 0

    def window(self) -> Float64:
        """The latest vectors, shape (up to 128, channels)."""
        return self.kept[max(0, self.rows - WINDOW) : self.rows]
