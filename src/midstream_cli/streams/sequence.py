"""Frame counters: what was lost on the way is what is missing between the numbers."""

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


MOST = 4096
"""Senders whose counters are known: who is heard of after so many others begins anew. A damaged address is a sender, too."""

FEW = 8
"""So many numbers are faster taken one by one: a live stream brings them so."""


class LostSoFar:
    """How many numbers one sender has skipped; its positions go on through wraps and restarts of its counter.

    A number that comes late was not lost. Of a sender that starts anew, what it lost meanwhile is not known.
    """

    def __init__(self) -> None:
        self.lost = UNKNOWN
        """By now. A counter that nearly always steps by two, counts in twos."""
        self._number = self._position = self._highest = 0
        self._late = 0
        self._rises = self._by_two = 0
        """How often the highest position rose, and how often by two."""
        self._skipped = self._skipped_in_twos = 0

    def after(self, numbers: Int64) -> Int64:
        """Take the numbers of the next frames, shape (n,); return what was lost when each came, shape (n,).

        A frame without a number, which is below 0, changes nothing; `UNKNOWN` before the first that has one.
        """
        return np.array([self.take(number) if number >= 0 else self.lost for number in numbers.tolist()], np.int64)

    def take(self, number: int) -> int:
        """Take the number of the next frame; return what is lost by now."""
        if self.lost == UNKNOWN:
            self._number = number
        step = (number - self._number + MODULUS // 2) % MODULUS - MODULUS // 2
        step = step if step >= -LATE else 0
        self._number = number
        self._position += step
        if self._position > self._highest:
            self._rose(self._position - self._highest, 1)
            self._highest = self._position
        elif self._position < self._highest and step != 0:
            self._late += 1
        return self._count()

    def take_many(self, numbers: Int64) -> int:
        """The same of the numbers of many frames, shape (n,)."""
        if self.lost == UNKNOWN:
            self._number = int(numbers[0])
        steps = np.diff(numbers, prepend=self._number)
        steps = (steps + MODULUS // 2) % MODULUS - MODULUS // 2
        steps[steps < -LATE] = 0
        positions = self._position + np.cumsum(steps)
        highest = np.maximum.accumulate(np.append(self._highest, positions))
        for rise, times in zip(*(found.tolist() for found in np.unique_counts(np.diff(highest))), strict=True):
            if rise > 0:
                self._rose(rise, times)
        self._late += int(((positions < highest[:-1]) & (steps != 0)).sum())
        self._number, self._position, self._highest = int(numbers[-1]), int(positions[-1]), int(highest[-1])
        return self._count()

    def _rose(self, rise: int, times: int) -> None:
        self._rises += times
        self._by_two += times * (rise == 2)
        self._skipped += times * (rise - 1)
        self._skipped_in_twos += times * max(0, rise // 2 - 1)

    def _count(self) -> int:
        in_twos = self._by_two > 0.9 * self._rises
        self.lost = max(0, (self._skipped_in_twos if in_twos else self._skipped) - self._late)
        return self.lost


class LossCounter:
    """Counts the numbers that one stream of frames skips, for each node, into `tally.lost`."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._senders: dict[int, LostSoFar] = {}
        self._lost = 0

    def count(self, numbers: Int64, nodes: Int64) -> None:
        """Take the numbers of the next frames, and who sent them; each shape (n,)."""
        if len(numbers) <= FEW:
            for number, node in zip(numbers.tolist(), nodes.tolist(), strict=True):
                sender = self._sender(node)
                before = max(0, sender.lost)
                self._lost += sender.take(number) - before
        else:
            for node in np.unique(nodes).tolist():
                sender = self._sender(node)
                before = max(0, sender.lost)
                self._lost += sender.take_many(numbers[nodes == node]) - before
        self._tally.numbered = True
        self._tally.lost = self._lost

    def _sender(self, node: int) -> LostSoFar:
        """Who is heard now stands last; who has not been heard of for longest is forgotten."""
        sender = self._senders.pop(node, None) or LostSoFar()
        self._senders[node] = sender
        if len(self._senders) > MOST:
            del self._senders[next(iter(self._senders))]
        return sender


def numbers_of(piece: Recording) -> Int64 | None:
    """The frame counters of a piece, shape (n,); None where its format has none.

    The sequence numbers of 802.11 are none: what else a sender sends takes numbers too, and frames of several antennas
    share one.
    """
    return piece.seq if isinstance(piece, CsiRecording) and "sequence_control" not in piece.meta else None
