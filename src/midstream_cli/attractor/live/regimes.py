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

import math
from collections import deque
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from midstream_cli.attractor.change.changes import State
from midstream_cli.attractor.change.onset import Onset
from midstream_cli.attractor.kernels import windows
from midstream_cli.attractor.live.rules import CONFIDENCE, Regime, regime_of
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
BEYOND = 1e250
"""Greater numbers have no squares, and are passed over."""


class Look(NamedTuple):
    """What a window was found to be."""

    regime: Regime
    first: int
    """Position of the first vector of the window, of those that were not passed over."""
    period: float = math.nan
    """In vectors of the stream, where it repeats; else NaN."""
    exponent: float = math.nan
    dimension: float = math.nan


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
    exponent: float = math.nan
    """Largest Lyapunov exponent of the window that decided, in nats per vector of the stream: 0 of what is periodic, estimated of
    what is chaotic (`attractor.kernels.foretelling`), else NaN. On demo://lorenz, rossler, henon and logistic, at three rates of
    the flows, with noise of none to a twentieth, the median of windows is within a factor of 1.25 of the truth, and nine in
    ten single ones are between a third of it and two and a half times; where memory is longer than a window shows, as
    mackey_glass's, the median is twice the truth, and ueda's half to twice. The sign is right."""
    dimension: float = math.nan
    """Of the window that decided: 0 where nothing moves, 1 of what is periodic, estimated of what is chaotic, else NaN. On the same
    four, the median is within a fifth of the truth, and noise of a twentieth makes that a third."""


_NOTHING, _TRANSIENT = Look(Regime.UNKNOWN, 0), Look(Regime.TRANSIENT, 0)


class RegimeWatch:
    """Tells the regime after each vector, in bounded memory; however a stream is cut, the same.

    Until the first 64 vectors have come, the regime is unknown unless they change.
    """

    def __init__(
        self,
        channels: int = 1,
        *,
        rate_hz: float = 30.0,
        false_alarms_per_hour: float = 1.0,
        own_detector: bool = True,
    ) -> None:
        """Begin with nothing known.

        Args:
            channels: numbers of a vector.
            rate_hz: vectors a second, for what false alarms are counted by.
            false_alarms_per_hour: of the detector of change, while nothing changes.
            own_detector: detect changes; else `update` is told of them.

        Raises:
            UsageError: a number is out of its range.
        """
        self.channels = channels
        self.regime = Regime.UNKNOWN
        self._onset: Onset | None = None
        if own_detector:
            # features have the gain divided out already, or none
            self._onset = Onset(
                channels,
                rate_hz=rate_hz,
                false_alarms_per_hour=false_alarms_per_hour,
                split_gain=False,
                patience_s=max(PATIENCE_S, 4 * WINDOW / rate_hz) if rate_hz > 0 else PATIENCE_S,
            )
        self._kept: Float64 = aligned(SCALES * 2 * WINDOW * channels)
        self._means: Float64 = aligned((SCALES + 1) * channels)
        self._places = np.zeros(2 * SCALES, np.int64)
        self._looks = [_NOTHING] * SCALES
        self._latest = Regime.UNKNOWN
        """What the finest scale looked like last."""
        self._waiting: deque[int] = deque()
        self._taken = self._began = 0
        self._passed_over = 0
        self._changing = False
        self._answer = _NOTHING
        self._confidence = 0.0
        self._scratch: Float64 = aligned(windows.scratch_size(WINDOW, channels))
        self._found: Float64 = aligned(windows.FINDINGS)
        self._look = windows.look.function(hold_gil=True)
        self._keep = windows.keep.function(hold_gil=True)

    @property
    def changing(self) -> bool:
        """Whether the detector of change is alarmed, and learns nothing."""
        return self._changing

    @property
    def change_score(self) -> float:
        """How unusual the latest vectors are; 1 is where the detector is alarmed."""
        return self._onset.statistic / self._onset.threshold if self._onset is not None else math.nan

    @property
    def ready(self) -> bool:
        """Whether the detector of change has learnt enough to raise alarms."""
        return self._onset is None or self._onset.state is not State.LEARNING

    def __getstate__(self) -> dict[str, Any]:
        """All but the kernels, which a copy loads itself."""
        return {name: value for name, value in self.__dict__.items() if name not in ("_look", "_keep")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take what `__getstate__` gave."""
        self.__dict__.update(state)
        self._look = windows.look.function(hold_gil=True)
        self._keep = windows.keep.function(hold_gil=True)

    def update(self, vector: npt.ArrayLike, *, changing: bool = False) -> Moment:
        """Take the next vector, shape (channels,); one that is not finite, or beyond 1e250, is passed over.

        Args:
            changing: whether something changes, where there is no detector.

        Raises:
            UsageError: it has another shape.
        """
        given = np.ascontiguousarray(vector, np.float64).reshape(-1)
        if len(given) != self.channels:
            raise UsageError(f"a vector of {len(given)} is none of {self.channels} channels", "give as many")
        onset = self._onset
        if onset is not None:
            onset.update(given)
            passed_over, changing = onset.skipped, onset.changing
        else:
            passed_over = self._passed_over + (not (np.abs(given) <= BEYOND).all())
        news = changing is not self._changing
        if news:
            self._changing = changing
            if changing:
                self._began = self._taken
        if passed_over == self._passed_over:
            news |= self._take(given)
        self._passed_over = passed_over
        before = self.regime
        if news:
            self._judge()
        answer = self._answer
        regime = answer.regime
        return Moment(
            regime,
            regime is not before,
            self._confidence,
            answer.period,
            onset.statistic if onset is not None else math.nan,
            answer.exponent,
            answer.dimension,
        )

    def _take(self, vector: Float64) -> bool:
        """Put a vector onto every scale, and look at one window at most; whether it did."""
        self._taken += 1
        grown = self._keep(vector, self._kept, self._means, self._places, WINDOW)
        # a scale has a number of vectors that HOP divides where the stream has
        if self._taken % HOP == 0:
            for at in range(grown):
                count = self._taken >> at
                if count >= LEAST and count % HOP == 0 and at not in self._waiting:
                    self._waiting.append(at)
        if not self._waiting:
            return False
        at = self._waiting.popleft()
        look = self._looked(at)
        if at == 0:
            look, self._latest = self._settled(look), look.regime
        self._looks[at] = look
        return True

    def _settled(self, look: Look) -> Look:
        """The latest look of the finest scale; between idle and unknown, the one before until two looks agree."""
        before = self._looks[0]
        wavers = {before.regime, look.regime} == {Regime.IDLE, Regime.UNKNOWN} and look.regime is not self._latest
        return before if wavers and self._taken > LEAST else look

    def _looked(self, at: int) -> Look:
        """What the latest window of a scale is; as many vectors of the stream are one of it as its stride says."""
        stride, rows, found = 1 << at, int(self._places[2 * at]), self._found
        n = min(rows, WINDOW)
        end = (at * 2 * WINDOW + rows) * self.channels
        self._look(self._kept[end - n * self.channels : end], self.channels, NEWEST, self._scratch, found)
        first = self._taken - (n + 1) * stride + 1
        regime = regime_of(found, n, stride)
        if regime is Regime.PERIODIC:
            return Look(regime, first, float(found[windows.PERIOD]) * stride, 0.0, 1.0)
        if regime is Regime.CHAOTIC:
            exponent, dimension = float(found[windows.EXPONENT]), float(found[windows.DIMENSION])
            return Look(regime, first, math.nan, exponent / stride or math.nan, dimension or math.nan)
        return Look(regime, first, dimension=math.nan if found[windows.MOVES] else 0.0)

    def _judge(self) -> None:
        """The regime that all scales and the detector of change together speak for."""
        law = self._law()
        if law is not None and self._changing and self._onset is not None:
            # a law that holds since the change began is the usual one from now on; the next vector is judged so
            self._onset.relearn()
        self._answer = law or (_TRANSIENT if self._changing else self._looks[0])
        self.regime = self._answer.regime
        self._confidence = CONFIDENCE[self.regime]

    def _law(self) -> Look | None:
        """The look that shows a law, on the finest scale: it is quicker, and sees what a coarser one has averaged away."""
        for look in self._looks:
            # a window of two laws obeys neither
            if look.regime is Regime.CHAOTIC and look.first >= self._began:
                return look
        for look in self._looks:
            # a rhythm is seen to last by itself
            if look.regime is Regime.PERIODIC and (look.first >= self._began or not self._changing):
                return look
        return None
