"""What a number was over the last minute, in bins of time that stand still while they pass."""

from typing import NamedTuple

BIN_S = 0.25
BINS = 240
"""A minute."""
WIDTHS = (1, 2, 3, 4, 5, 6, 8, 10, 12)
"""Bins that a column may be made of."""


class Column(NamedTuple):
    """What is shown of a stretch of time."""

    peak: float
    """The highest number."""
    style: str
    """The most telling word that went with it."""


class Minute:
    """The highest number of each quarter of a second, and the word that went with it."""

    def __init__(self) -> None:
        self._peaks: list[float | None] = [None] * BINS
        self._words = [""] * BINS
        self._newest = -1

    def take(self, time_s: float, value: float, word: str) -> None:
        """Take a number at a time, not before those already taken; one that is older counts as of now."""
        at = int(time_s / BIN_S)
        if at > self._newest:
            for passed in range(max(self._newest + 1, at - BINS + 1), at + 1):
                self._peaks[passed % BINS] = None
            self._newest = at
        slot = self._newest % BINS
        peak = self._peaks[slot]
        if peak is None or value > peak:
            self._peaks[slot] = value
        self._words[slot] = word

    def columns(self, room: int) -> list[Column | None]:
        """The last minute in at most so many columns, the newest last, each of as many bins; None where nothing came."""
        if self._newest < 0:
            return []
        wide = next((each for each in WIDTHS if BINS // each <= room), WIDTHS[-1])
        last = self._newest // wide
        found = [self._column(at * wide, wide) for at in range(last - BINS // wide + 1, last + 1)]
        return found[-room:] if room > 0 else []

    def _column(self, first: int, wide: int) -> Column | None:
        """Of bins counted from the beginning; the same bins for ever, so that what has passed does not change."""
        some = [i % BINS for i in range(first, first + wide) if self._newest - BINS < i <= self._newest and i >= 0]
        peaks = [(peak, self._words[i]) for i in some if (peak := self._peaks[i]) is not None]
        if not peaks:
            return None
        words = [word for _, word in peaks]
        return Column(max(peak for peak, _ in peaks), max(words, key=lambda word: (words.count(word), word)))
