"""Loops of names while they come: the same computation as for a whole sequence cannot be, for it begins at its end."""

import numpy as np

from midstream_cli.attractor.live.regimes import Moment, Regime
from midstream_cli.attractor.loops import MATCHED, TIMES

LONGEST = 256
"""The longest period that is looked for, in names."""

ENOUGH = 12
"""Names in a row that came a period before, less four for each that did not; of long periods, as many as they have."""

SURE = 0.99
"""Of a hundred thousand names drawn by chance as words of a text come, none began a loop; of two kinds of names, a coin thrown
again and again, one in a thousand does."""


class LoopWatch:
    """Tells after each name whether the stream goes round in a loop: periodic, or unknown.

    For each period a sum gains 1 for a name that came a period before and loses 4 for one that did not, down to 0 (E. S.
    Page, Biometrika 41, 1954): a word that changes in each round is no end of a loop. It begins when the sum has
    reached what two rounds of it bring, and ends when it has lost half of that.
    """

    def __init__(self) -> None:
        self.regime = Regime.UNKNOWN
        self._names = np.full(LONGEST, np.nan)
        self._sums = np.zeros(LONGEST)
        self._most = np.maximum(ENOUGH, (TIMES - 1.0) * np.arange(1, LONGEST + 1))
        self._period = 0

    def update(self, name: float) -> Moment:
        """Take the next name, as a number."""
        same = self._names == name
        self._sums = np.clip(self._sums + np.where(same, 1.0, -MATCHED / (1.0 - MATCHED)), 0.0, 2.0 * self._most)
        self._names[1:] = self._names[:-1]
        self._names[0] = name
        if self._period and self._sums[self._period - 1] < 0.5 * self._most[self._period - 1]:
            self._period = 0
        if not self._period:
            found = np.flatnonzero(self._sums >= self._most)
            self._period = int(found[0]) + 1 if len(found) else 0
        before, self.regime = self.regime, Regime.PERIODIC if self._period else Regime.UNKNOWN
        period = float(self._period) if self._period else float("nan")
        return Moment(self.regime, self.regime is not before, SURE if self._period else 0.0, period, 0.0)
