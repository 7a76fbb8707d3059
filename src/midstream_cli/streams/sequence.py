"""Frame counters: what was lost on the way is what is missing between the numbers."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from midstream_cli.frames import Int64
from midstream_cli.streams.tally import Tally

MODULUS = 1 << 32
"""Senders count in 32 bits."""

LATE = 8
"""A step back by no more than this is a frame that came late; by more, a sender that started anew."""


@dataclass(slots=True)
class _Sender:
    """The count of one node; positions go on through wraps and restarts of its counter."""

    number: int
    position: int = 0
    highest: int = 0
    steps: Counter[int] = field(default_factory=Counter)
    """How often the highest position rose by so much."""
    late: int = 0

    def lost(self) -> int:
        """Numbers that never came; a counter that nearly always steps by two, counts in twos."""
        stride = 2 if self.steps[2] > 0.9 * self.steps.total() else 1
        return max(0, sum((step // stride - 1) * n for step, n in self.steps.items() if step >= stride) - self.late)


class LossCounter:
    """Counts the numbers that one stream of frames skips, for each node, into `tally.lost`.

    A number that comes late was not lost. Of a sender that starts anew, what it lost meanwhile is not known.
    """

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._senders: dict[int, _Sender] = {}

    def count(self, numbers: Int64, nodes: Int64) -> None:
        """Take the numbers of the next frames, and who sent them; each shape (n,)."""
        for node in np.unique(nodes).tolist():
            own = numbers[nodes == node]
            sender = self._senders.setdefault(node, _Sender(int(own[0])))
            steps = np.diff(own, prepend=sender.number)
            steps = (steps + MODULUS // 2) % MODULUS - MODULUS // 2
            steps[steps < -LATE] = 0
            positions = sender.position + np.cumsum(steps)
            highest = np.maximum.accumulate(np.append(sender.highest, positions))
            values, counts = np.unique(np.diff(highest), return_counts=True)
            sender.steps.update({v: n for v, n in zip(values.tolist(), counts.tolist(), strict=True) if v > 0})
            sender.late += int(((positions < highest[:-1]) & (steps != 0)).sum())
            sender.number, sender.position, sender.highest = int(own[-1]), int(positions[-1]), int(highest[-1])
        self._tally.numbered = True
        self._tally.lost = sum(sender.lost() for sender in self._senders.values())
