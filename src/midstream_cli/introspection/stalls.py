"""Silences between tokens that are unusual for their stream."""

from math import exp, log, nan, sqrt
from statistics import NormalDist

import numpy as np

from midstream_cli.frames import Float64

FALSE_STALLS_PER_HOUR = 1.0
"""Of an ordinary stream, expected at most."""
LEAST, KEPT = 16, 256
"""Silences to know the usual ones from, at least and at most."""
AT_ONCE_S = 5e-4
"""Tokens that come within this time came at once, with no silence between them."""
HABIT, LONGER = 3, 1.5
"""What came so often among the silences kept is a habit of the stream; only what is so many times as long is a stall."""
LEARNT = 16
"""Silences after which the limit is set anew."""
SPREAD, WEIGHT = 0.4, 4.0
"""What the spread of silences is taken for before any came, and how many silences that is worth."""
SHORTEST_S = 0.1
"""A shorter silence is none that anybody would notice."""

_NORMAL = NormalDist()


class Stalls:
    """Tells a silence that is longer than an ordinary stream of this kind would bring once an hour.

    Where servers send tokens in bursts, most silences are next to nothing, but most of the time passes in the others: what is
    usual is the silence in which the typical second lies, not the typical silence. How far those beyond it exceed it, as
    ratios, is taken for half of a normal distribution, which is that of log-normal silences; exponential ones reach less far.
    Only the latest 256 silences count, and of these the longest two at most half as much again as the third, so that a stall
    does not make the next one usual; a third of like length does.
    """

    def __init__(self) -> None:
        self.limit_s = nan
        """A silence from which it is a stall; NaN while too little is known."""
        self._time_ns: int | None = None
        self._silences: Float64 = np.zeros(KEPT)
        self._count = 0

    def update(self, time_ns: int | None) -> tuple[float, float]:
        """Take the time of the next token, None where it is not known.

        Returns:
            The silence before it, and again where that was a stall, in seconds, else NaN. There is none before the first
            token; where times go back a clock was set, and there is none either.
        """
        before = self._time_ns
        if time_ns is None:
            return nan, nan
        self._time_ns = time_ns
        if before is None or time_ns < before:
            return nan, nan
        seconds = (time_ns - before) * 1e-9
        stalled = seconds if seconds > self.limit_s else nan
        if seconds > AT_ONCE_S:
            self._learn(seconds)
        return seconds, stalled

    def silent(self, now_ns: int) -> float:
        """How long nothing has come by a time, in seconds, where that is a stall already; else NaN."""
        if self._time_ns is None:
            return nan
        seconds = (now_ns - self._time_ns) * 1e-9
        return seconds if seconds > self.limit_s else nan

    def _learn(self, seconds: float) -> None:
        self._silences[self._count % KEPT] = seconds
        self._count += 1
        if self._count == LEAST or self._count % LEARNT == 0:
            self.limit_s = limit(self._silences[: min(self._count, KEPT)])


def limit(silences: Float64) -> float:
    """The silence that a stream with these would hardly bring within the hour, in seconds.

    Args:
        silences: shape (n,), seconds, above 0; three at least.
    """
    ordered = np.sort(silences)
    habit = LONGER * float(ordered[-HABIT])
    ordered = np.minimum(ordered, habit)
    passed = np.cumsum(ordered)
    usual = ordered[np.searchsorted(passed, 0.5 * passed[-1])]
    beyond = ordered[ordered >= usual]
    ratios = np.log(beyond / usual)
    spread = sqrt((float(ratios @ ratios) + WEIGHT * SPREAD**2) / (len(beyond) + WEIGHT))
    # the spread itself is known the less, the fewer it is from
    spread *= 1.0 + 3.0 / sqrt(2.0 * (len(beyond) + WEIGHT))
    an_hour = len(beyond) / passed[-1] * 3600.0
    reach = -_NORMAL.inv_cdf(0.5 * min(FALSE_STALLS_PER_HOUR / an_hour, 1.0))
    tail = float(usual) * exp(min(spread * reach, log(1e6)))
    return max(tail, habit, SHORTEST_S)
