"""Frame counters: what was lost on the way is what is missing between the numbers."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from midstream_cli.frames import Int64
from midstream_cli.recordings import CsiRecording, Recording
from midstream_cli.streams.tally import Tally

MODULUS = 1 << 32
"""Senders count in 32 bits."""

LATE = 8
"""A step back by no more than this is a frame that came late; by more, a sender that started anew."""


UNKNOWN = -1
"""How many were lost before the first frame that has a number."""


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


class LostSoFar:
    """How many numbers one sender has skipped, told after each of its frames; counted as `LossCounter` does."""

    def __init__(self) -> None:
        self.lost = UNKNOWN
        """By now."""
        self._number = self._position = self._highest = 0
        self._steps = self._twos = self._late = 0
        self._skipped = self._skipped_in_twos = 0

    def after(self, numbers: Int64) -> Int64:
        """Take the numbers of the next frames, shape (n,); return what was lost when each came, shape (n,).

        A frame without a number, which is below 0, changes nothing; `UNKNOWN` before the first that has one.
        """
        return np.array([self._take(number) if number >= 0 else self.lost for number in numbers.tolist()], np.int64)

    def _take(self, number: int) -> int:
        if self.lost == UNKNOWN:
            self._number = number
        step = (number - self._number + MODULUS // 2) % MODULUS - MODULUS // 2
        step = step if step >= -LATE else 0
        self._number = number
        self._position += step
        risen = self._position - self._highest
        if risen > 0:
            self._highest = self._position
            self._steps += 1
            self._twos += risen == 2
            self._skipped += risen - 1
            self._skipped_in_twos += max(0, risen // 2 - 1)
        elif risen < 0 and step != 0:
            self._late += 1
        in_twos = self._twos > 0.9 * self._steps
        self.lost = max(0, (self._skipped_in_twos if in_twos else self._skipped) - self._late)
        return self.lost


def numbers_of(piece: Recording) -> Int64 | None:
    """The frame counters of a piece, shape (n,); None where its format has none.

    The sequence numbers of 802.11 are none: what else a sender sends takes numbers too, and frames of several antennas
    share one.
    """
    return piece.seq if isinstance(piece, CsiRecording) and "sequence_control" not in piece.meta else None
