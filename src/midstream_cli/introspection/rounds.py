"""Whether a stream of tokens goes round: the same tokens, the same words around changing numbers, or the same characters."""

import re
from collections import deque
from math import nan

from midstream_cli.attractor.live.loops import LONGEST, Rounds
from midstream_cli.introspection.token_shape import name

TOGETHER = 4
"""Names that are looked at together."""
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


class TokenRounds:
    """Finds loops of a stream of tokens, however its text is cut into tokens.

    Tokens are compared as they are. Words, runs of letters, are compared without what stands between them: lines and
    items whose numbers change, and servers that send several tokens at once in changing portions, go round all the same.
    Characters are compared where the latest 256 are the same few again and again, with white space all alike.
    """

    def __init__(self) -> None:
        self._tokens = Rounds(TOKENS, together=TOGETHER)
        self._words = Rounds(WORDS, together=TOGETHER)
        self._count = 0
        self._ends: deque[int] = deque([0] * (LONGEST + 1), LONGEST + 1)
        self._word = ""
        self._tail = ""
        self._fresh = self._round = 0
        self._size = 0.0

    def update(self, text: str) -> float:
        """Take the next token, of one character or more; return the tokens of a round, NaN where there is none."""
        self._count += 1
        tokens = self._tokens.update(name(text))
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
            self._words.update(name(word))
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
