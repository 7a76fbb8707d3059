"""The library beside midstream where sequences are of tokens."""

from collections.abc import Iterator
from functools import partial
from importlib import import_module
from typing import Any

import numpy as np

from compare_work import Tokens, Way


def operations_read(operations: Any) -> Any:
    """What is done, and at which position of both sequences."""
    kinds = {"replace": 0, "delete": 1, "insert": 2}
    return np.array([(kinds[tag], *positions) for tag, *positions in operations])


class Rapidfuzz:
    """C++, bit-parallel; text is faster than lists of numbers, which are hashed one by one."""

    name = "rapidfuzz"

    def __init__(self) -> None:
        distance = import_module("rapidfuzz.distance")
        self.scorers = {"levenshtein": distance.Levenshtein, "lcs": distance.LCSseq}
        self.cdist = import_module("rapidfuzz.process").cdist

    def tokens(self, work: Tokens) -> Iterator[Way]:
        """Of text and of lists."""
        call = self.scorers[work.measure].distance
        yield Way(self.name, "distance of str", partial(call, work.text(work.first), work.text(work.second)))
        yield Way(self.name, "distance of list[int]", partial(call, work.first.tolist(), work.second.tolist()))

    def operations(self, work: Tokens) -> Iterator[Way]:
        """What to insert, delete and replace, with the distance as their number."""
        call = self.scorers[work.measure].editops
        yield Way(
            self.name, "editops of str", partial(call, work.text(work.first), work.text(work.second)), operations_read
        )
        yield Way(
            self.name, "editops of list[int]", partial(call, work.first.tolist(), work.second.tolist()), operations_read
        )

    def token_windows(self, work: Tokens) -> Iterator[Way]:
        """A matrix, on one thread."""
        given = [[work.text(row) for row in each] for each in (work.first, work.second)]
        call = partial(self.cdist, *given, scorer=self.scorers[work.measure].distance, workers=1)
        yield Way(self.name, "process.cdist of str", call)


OF_TOKENS = (Rapidfuzz,)
