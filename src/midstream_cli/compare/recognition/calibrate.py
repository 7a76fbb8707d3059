"""The evidence from which a signature is told, so that a background is mistaken for it as rarely as asked for."""

import math
import sys
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from midstream_cli.frames import Float64, Int64

AT_ONCE = 4096
"""Values that are looked through together."""

COUNTED = 10
"""False alarms to be expected in the recordings from which their number is counted, and not foretold."""

LEAST = math.log(99.0)
"""Nats: a hundred to one, below which nobody is convinced."""

SHARE = 10
"""The highest tenth of all stretches is the tail."""

FEWEST, MOST = 8, 128
"""Peaks of the tail, where there are so many; what is missing of the fewest counts as peaks with an excess of one nat."""

STRAIGHT = 0.98
"""How often the upper quarter of a tail that is straight passes for its continuation."""

CONFIDENCE = 0.9

UNEVEN = 1.95
"""Kolmogorov's statistic, which events that come evenly reach once in a thousand."""

_SLOPES = 512


class Peaks:
    """The separate heights of a series of evidence: the highest of each stretch of one length, at least that far apart.

    Of two that are nearer than a stretch, the lower belongs to the higher.
    """

    def __init__(self, apart: int) -> None:
        """Begin with nothing seen; `apart` is the length of a stretch, 1 or more."""
        self.apart = apart
        self.taken = 0
        """How many values so far."""
        self._waiting: list[Float64] = []
        self._settled = 0
        self._positions: list[Int64] = []
        self._heights: list[Float64] = []

    def push(self, evidence: Float64) -> None:
        """Take the next values, shape (n,); however a series is cut, its peaks are the same."""
        self._waiting.append(evidence.copy())
        self.taken += len(evidence)
        if self.taken - self._settled >= max(self.apart, AT_ONCE):
            self._settle()

    def found(self) -> tuple[Int64, Float64]:
        """Positions and heights above 0, shape (m,) each, in order."""
        self._settle()
        last = Peaks(1)
        if self._settled < self.taken:
            last._note(self._waiting[0][None], self._settled)
        positions = np.concatenate([np.empty(0, np.int64), *self._positions, *last._positions])
        heights = np.concatenate([np.empty(0), *self._heights, *last._heights])
        near = np.diff(positions) < self.apart
        keep = heights > 0.0
        keep[1:] &= ~(near & (heights[:-1] >= heights[1:]))
        keep[:-1] &= ~(near & (heights[1:] > heights[:-1]))
        return positions[keep], heights[keep]

    def _settle(self) -> None:
        """Look through the stretches that are complete."""
        values = np.concatenate([np.empty(0), *self._waiting])
        whole = len(values) // self.apart
        self._note(values[: whole * self.apart].reshape(whole, self.apart), self._settled)
        self._waiting = [values[whole * self.apart :]]
        self._settled += whole * self.apart

    def _note(self, stretches: Float64, begin: int) -> None:
        at = stretches.argmax(axis=1)
        self._heights.append(stretches[np.arange(len(at)), at])
        self._positions.append(begin + stretches.shape[1] * np.arange(len(at)) + at)


class Threshold(NamedTuple):
    """Evidence in nats, and how often a day a background is expected to bring as much."""

    evidence: float
    per_day: float
    per_day_high: float
    """A bound of that which holds nine times in ten."""
    measured: bool
    """That was counted; else the tail of what was counted foretells it."""


def threshold(heights: Float64, days: float, per_day: float, usual: float = LEAST) -> Threshold:
    """The evidence that a background is expected to reach so often a day, at least `LEAST`.

    Where the recordings are so long that `COUNTED` times are to be expected in them, that is the height that so many peaks
    reached. Where they are shorter, the highest peaks say how the tail goes on: as an exponential one, whose slope is their
    mean excess over the next one (Hill's estimator for what is logarithmic already; Coles 2001, chapter 4) and never
    steeper than 1 per nat, for evidence of h nats for what is not there is as rare as exp(-h) (Wald 1945). How uncertain the
    slope is counts: the number expected is an average over all slopes that the peaks leave possible.

    Args:
        heights: shape (n,), of separate peaks.
        days: how long it took for them, more than 0.
        per_day: how many are accepted.
        usual: what is asked for without a calibration; `FEWEST` peaks are the least for less than that.
    """
    tail, wanted = Tail.of(heights), per_day * days
    if wanted >= COUNTED:
        evidence = _reached_by(heights, wanted)
        if evidence > LEAST:
            return Threshold(evidence, per_day, counted_at_most(wanted) / days, measured=True)
        reached = int((heights >= LEAST).sum())
        return Threshold(LEAST, reached / days, counted_at_most(reached) / days, measured=True)
    reaching = tail.reached_by(wanted)
    evidence = max(reaching, LEAST if len(heights) >= FEWEST else usual)
    expected = min(wanted, tail.number) if evidence == reaching else tail.expected(evidence)
    return Threshold(evidence, expected / days, tail.at_most(evidence) / days, measured=False)


def _reached_by(heights: Float64, wanted: float) -> float:
    """The height that so many peaks reached: between the last that is accepted and the first that is not; 0 of too few."""
    if len(heights) <= wanted:
        return 0.0
    last = math.floor(wanted)
    low, high = -np.partition(-heights, [last - 1, last])[[last, last - 1]]
    return float(high - (high - low) * math.log(wanted / last) / math.log1p(1.0 / last))


def counted_at_most(count: float) -> float:
    """The number of rare events to expect where so many came: a bound that holds nine times in ten (Garwood 1936)."""
    from scipy.special import gammaincinv

    return float(gammaincinv(count + 1.0, CONFIDENCE))


class Tail(NamedTuple):
    """The highest of many peaks, as a tail that falls exponentially."""

    begin: float
    """Nats, from which on it is one."""
    number: float
    """Peaks expected above that in the recordings."""
    slopes: Float64
    """Slopes per nat that are left possible, each as probable as any other: shape (m,)."""

    @classmethod
    def of(cls, heights: Float64) -> "Tail":
        """The tail of peaks of shape (n,): their highest tenth, or less of it where that is not straight."""
        from scipy.special import gammaincinv

        ordered = -np.sort(-heights[heights > 0.0])
        count = max(0, min(len(ordered) - 1, MOST, max(FEWEST, len(ordered) // SHARE)))
        while upper := count // 4:
            mean = (ordered[:count] - ordered[count]).mean()
            if (ordered[:upper] - ordered[upper]).sum() <= mean * gammaincinv(upper, STRAIGHT):
                break
            count = upper
        begin = float(ordered[count]) if len(ordered) else 0.0
        theory = max(1, FEWEST - count)
        excess = float((ordered[:count] - begin).sum()) + theory
        quantiles = (np.arange(_SLOPES) + 0.5) / _SLOPES
        return cls(begin, count + 1.0, np.minimum(gammaincinv(count + theory, quantiles) / excess, 1.0))

    def reached_by(self, wanted: float) -> float:
        """The height that so many peaks are expected to reach."""
        low, high = self.begin, self.begin + 1.0
        if self.number <= wanted:
            return self.begin
        while self.expected(high) > wanted:
            low, high = high, high + 2.0 * (high - low)
        return _crossing(lambda height: self.expected(height) <= wanted, low, high)

    def expected(self, height: float) -> float:
        """How many peaks to expect above a height, in recordings as long; below the tail, those of all of it."""
        return self.number * float(np.exp(-self.slopes * max(0.0, height - self.begin)).mean())

    def at_most(self, height: float) -> float:
        """A bound of that which holds nine times in ten."""
        from scipy.special import gammainc

        shares = np.maximum(np.exp(-self.slopes * max(0.0, height - self.begin)), sys.float_info.min)
        bound = _crossing(
            lambda count: gammainc(self.number, count / shares).mean() >= CONFIDENCE, 0.0, counted_at_most(self.number)
        )
        # of next to no peaks, a few slopes make the mean, beyond nine tenths of all
        return max(bound, self.expected(height))


def _crossing(holds: Callable[[float], bool], low: float, high: float) -> float:
    """The least number between two for which something holds that holds from there on, up to `high`."""
    while high - low > 1e-9 * high:
        middle = (low + high) / 2.0
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high


def come_evenly(positions: Int64, heights: Float64, length: int) -> bool:
    """Whether the highest peaks come evenly over a recording of so many vectors (Kolmogorov's test).

    Args:
        positions: shape (n,), of peaks, from 0.
        heights: shape (n,), theirs.
    """
    count = min(MOST, max(FEWEST, len(heights) // SHARE))
    if len(heights) < count:
        return True
    order = np.argpartition(-heights, count - 1)[:count]
    at = (np.sort(positions[order]) + 0.5) / length
    steps = np.arange(count + 1) / count
    apart = max(float((steps[1:] - at).max()), float((at - steps[:-1]).max()))
    return math.sqrt(count) * apart <= UNEVEN
