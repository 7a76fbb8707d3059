"""Loops of names while they come: the same computation as for a whole sequence cannot be, for it begins at its end."""

import numpy as np

from midstream_cli.attractor.live.regimes import Moment
from midstream_cli.attractor.live.rules import Regime
from midstream_cli.attractor.loops import TIMES
from midstream_cli.frames import Float64

LONGEST = 256
"""The longest round that is looked for, in names."""

MISSED = 4.0
"""What a name that did not come a round before costs, where one that did counts 1: one in five may change."""

FADES = 0.75
"""How much a look counts at the next one: a single name that is off does not speak against a round."""

ENOUGH = 12
"""Names in a row that came a period before, less four for each that did not; of long periods, as many as they have."""

SURE = 0.99
"""Of a hundred thousand names drawn by chance as words of a text come, none began a loop; of two kinds of names, a coin thrown
again and again, one in a thousand does."""


class Rounds:
    """Finds the shortest round that a sequence of names goes through.

    For each length of a round a sum gains 1 for a name that came a round before and loses 4 for one that did not, down to 0
    (E. S. Page, Biometrika 41, 1954): a word that changes in each round is no end of a loop. It begins when the sum has
    reached what two rounds bring, and `least`; it ends when the sum has lost half of that.
    """

    def __init__(self, least: int, *, together: int = 1) -> None:
        """Begin with nothing known.

        Args:
            least: names that came a round before, at least.
            together: names that are looked at at a time, a power of 2 up to `LONGEST`; fewer cost more, and tell sooner.
        """
        self.length = 0
        """Names of a round; 0 while there is none."""
        self._together = together
        self._names: Float64 = np.full(2 * LONGEST, np.nan)
        self._at = LONGEST
        self._sums: Float64 = np.zeros(LONGEST)
        self._needed = np.maximum(least, (TIMES - 1.0) * np.arange(LONGEST, 0, -1))
        self._most = 2.0 * self._needed
        self._lately: Float64 = np.zeros(LONGEST)
        """Whether the latest names came a round before, above 0, or most of them did not."""

    def update(self, name: float) -> int:
        """Take the next name, as a number; return the names of a round, 0 where there is none."""
        self._names[self._at] = name
        self._at += 1
        if self._at % self._together == 0:
            self._look()
            if self._at == 2 * LONGEST:
                self._names[:LONGEST] = self._names[LONGEST:]
                self._at = LONGEST
        return self.length

    def _look(self) -> None:
        """Take the latest names into the sums; the longest round comes first, as the oldest name does."""
        first = self._at - self._together
        latest = self._names[first : self._at, None]
        # row i holds the names before name i of the latest ones
        step = self._names.itemsize
        before: Float64 = np.ndarray(
            (self._together, LONGEST), np.float64, self._names, (first - LONGEST) * step, (step, step)
        )
        total = np.where(before == latest, 1.0, -MISSED)
        np.add.accumulate(total, 0, None, total)
        # a sum that may not fall below 0 is the sum less the least that it has been
        lowest = np.minimum(np.minimum.reduce(total, 0), -self._sums)
        self._sums = np.minimum(total[-1] - lowest, self._most)
        self._lately = FADES * self._lately + np.where(total[-1] > 0.0, 1.0, -1.0)
        if self.length and self._sums[-self.length] < 0.5 * self._needed[-self.length]:
            self.length = 0
        if not self.length:
            # what only has a long memory of another loop begins none
            reached = np.flatnonzero((self._sums >= self._needed) & (self._lately > 0.0))
            self.length = LONGEST - int(reached[-1]) if len(reached) else 0


class LoopWatch:
    """Tells after each name whether the stream goes round in a loop: periodic, or unknown."""

    def __init__(self) -> None:
        self.regime = Regime.UNKNOWN
        self._rounds = Rounds(ENOUGH)

    def update(self, name: float) -> Moment:
        """Take the next name, as a number."""
        period = self._rounds.update(name)
        before, self.regime = self.regime, Regime.PERIODIC if period else Regime.UNKNOWN
        return Moment(
            self.regime, self.regime is not before, SURE if period else 0.0, float(period) if period else np.nan, 0.0
        )
