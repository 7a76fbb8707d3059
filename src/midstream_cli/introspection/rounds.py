"""Whether a stream of tokens goes round: the same tokens, the same words around changing numbers, or the same characters."""

import re
from collections import deque
from math import nan
from zlib import crc32

import numpy as np

from midstream_cli.frames import Float64

LONGEST = 256
"""The longest round that is looked for, in tokens or in words."""
TIMES = 3
"""A round has been gone through so often: twice is a refrain."""
TOGETHER = 4
"""Names that are looked at together."""
MISSED = 4.0
"""What a name that did not come a round before costs, where one that did counts 1: one in five may change."""
TOKENS, WORDS = 16, 32
"""Names that came a round before, at least."""
LONGEST_WORD = 32
"""Characters; a longer word is several."""
LOOKED_AT = 4096
"""Characters of a token whose words are looked at: the last ones."""
ROUND, TAIL = 16, 256
"""Characters of a round at most, and those of the stream's end that must be made of it."""
OFTEN = 16
"""Characters between two looks at them."""

_WORD = re.compile(rf"[^\W\d_]{{1,{LONGEST_WORD}}}")
_SPACE = re.compile(r"\s")


class Rounds:
    """Finds the shortest round that a sequence of names goes through, four names at a time.

    For each length of a round a sum gains 1 for a name that came a round before and loses 4 for one that did not, down to 0
    (E. S. Page, Biometrika 41, 1954). A loop begins when the sum has reached what two rounds bring, and `least`; it ends when
    the sum has lost half of that.
    """

    def __init__(self, least: int) -> None:
        self.length = 0
        """Names of a round; 0 while there is none."""
        self._names: Float64 = np.full(2 * LONGEST, np.nan)
        self._at = LONGEST
        self._sums: Float64 = np.zeros(LONGEST)
        self._needed = np.maximum(least, (TIMES - 1.0) * np.arange(LONGEST, 0, -1))
        self._most = 2.0 * self._needed

    def update(self, name: float) -> int:
        """Take the next name, as a number; return the names of a round, 0 where there is none."""
        self._names[self._at] = name
        self._at += 1
        if self._at % TOGETHER == 0:
            self._look()
            if self._at == 2 * LONGEST:
                self._names[:LONGEST] = self._names[LONGEST:]
                self._at = LONGEST
        return self.length

    def _look(self) -> None:
        """Take the latest names into the sums; the longest round comes first, as the oldest name does."""
        first = self._at - TOGETHER
        latest = self._names[first : self._at, None]
        # row i holds the names before name i of the latest ones
        step = self._names.itemsize
        before: Float64 = np.ndarray(
            (TOGETHER, LONGEST), np.float64, self._names, (first - LONGEST) * step, (step, step)
        )
        total = np.where(before == latest, 1.0, -MISSED)
        np.add.accumulate(total, 0, None, total)
        # a sum that may not fall below 0 is the sum less the least that it has been
        lowest = np.minimum(np.minimum.reduce(total, 0), -self._sums)
        self._sums = np.minimum(total[-1] - lowest, self._most)
        if self.length and self._sums[-self.length] < 0.5 * self._needed[-self.length]:
            self.length = 0
        if not self.length:
            # what only has a long memory of another loop begins none
            reached = np.flatnonzero((self._sums >= self._needed) & (total[-1] > 0.0))
            self.length = LONGEST - int(reached[-1]) if len(reached) else 0


class TokenRounds:
    """Finds loops of a stream of tokens, however its text is cut into tokens.

    Tokens are compared as they are. Words, runs of letters, are compared without what stands between them: lines and
    items whose numbers change, and servers that send several tokens at once in changing portions, go round all the same.
    Characters are compared where the latest 256 are the same few again and again, with white space all alike.
    """

    def __init__(self) -> None:
        self._tokens = Rounds(TOKENS)
        self._words = Rounds(WORDS)
        self._count = 0
        self._ends: deque[int] = deque([0] * (LONGEST + 1), LONGEST + 1)
        self._word = ""
        self._tail = ""
        self._fresh = self._round = 0
        self._size = 0.0

    def update(self, text: str) -> float:
        """Take the next token, of one character or more; return the tokens of a round, NaN where there is none."""
        self._count += 1
        tokens = self._tokens.update(_name(text))
        text = text[-LOOKED_AT:]
        words = self._of_words(text)
        characters = self._of_characters(text)
        # the shortest round is that of characters
        return characters or float(tokens) or words or nan

    def _of_words(self, text: str) -> float:
        """Tokens of a round of words; 0 where there is none."""
        text = self._word + text
        words = _WORD.findall(text)
        # the next token may go on with the last one
        self._word = words.pop() if words and len(words[-1]) < LONGEST_WORD and text.endswith(words[-1]) else ""
        for word in words:
            self._words.update(_name(word))
            self._ends.append(self._count)
        length = self._words.length
        return max(float(self._ends[-1] - self._ends[-1 - length]), 1.0) if length else 0.0

    def _of_characters(self, text: str) -> float:
        """Tokens of a round of characters, or the part of one that it takes; 0 where there is none."""
        self._size += (len(text) - self._size) / min(self._count, 16)
        self._tail = (self._tail + _SPACE.sub(" ", text))[-TAIL - ROUND :]
        self._fresh += len(text)
        if self._fresh >= OFTEN:
            self._fresh = 0
            self._round = _round(self._tail)
        return self._round / self._size


def _round(tail: str) -> int:
    """The shortest round that the end of a text is made of; 0 where it is of none."""
    if len(tail) < TAIL + ROUND:
        return 0
    end = tail[-TAIL:]
    return next((length for length in range(1, ROUND + 1) if end == tail[-TAIL - length : -length]), 0)


def _name(text: str) -> float:
    return float(crc32(text.encode("utf-8", "surrogatepass")))
