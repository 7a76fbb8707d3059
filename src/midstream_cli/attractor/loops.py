"""Whether a sequence of names goes round in a loop, as a language model may: the same words again and again.

Names are equal or not, and nothing between: they have no exponents and no dimension, but they have periods.
"""

from collections.abc import Hashable, Sequence
from math import lgamma, log
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from midstream_cli.errors import InsufficientData, UsageError
from midstream_cli.frames import Int64

LEAST = 16
"""Names below which nothing is said."""

TIMES = 3
"""A loop has been gone through so often: twice is a refrain."""

MATCHED = 0.8
"""The share of names that come again a period later in a loop, at least: a counter may change in each round."""

DOUBT = 1e-3
"""How likely a loop may be by chance, over all periods that were looked at."""


class Repetition(NamedTuple):
    """The loop that a sequence of names ends in."""

    period: int
    """In names; 0 where there is none."""
    start: int
    """The first position of the loop; the length of the sequence where there is none."""
    share: float
    """Of the names in the loop after its first round, those that were there a period before."""
    length: int
    """Names in the whole sequence."""

    @property
    def times(self) -> float:
        """How often it is gone through."""
        return (self.length - self.start) / self.period if self.period else 0.0

    @property
    def confidence(self) -> float:
        """How sure the loop is; 0 where there is none."""
        return 1.0 - DOUBT if self.period else 0.0


def repetition(names: Sequence[Hashable] | npt.NDArray[Any]) -> Repetition:
    """The loop that a sequence ends in: of all that are certain, the one of the shortest period.

    A loop of period p covers at least three rounds; four names in five are those of a round before, so that a counter or
    a changing word does not hide it; and as many matches by chance, of names as frequent as these before the loop, are less
    likely than one in a thousand over all periods.

    Args:
        names: shape (n,), compared by equality.

    Raises:
        UsageError: something in it cannot be a name.
        InsufficientData: there are fewer than 16.
    """
    codes = _codes(names)
    n = len(codes)
    if n < LEAST:
        raise InsufficientData(LEAST, n, "a loop of names")
    best = Repetition(0, n, 0.0, n)
    for period in range(1, n // TIMES + 1):
        found = _loop(codes, period)
        # a longer period is another loop only where it covers more than its own length in addition
        if found is not None and (not best.period or found.start + period < best.start):
            best = found
    return best


def _loop(codes: Int64, period: int) -> Repetition | None:
    """The longest loop of a period at the end of a sequence."""
    n = len(codes)
    # most periods are out of the question after a look at a part of the last round
    for looked in (period // 4, period):
        misses = np.count_nonzero(codes[n - looked :] != codes[n - period - looked : n - period])
        if 1.0 - misses / period < MATCHED:
            return None
    same = (codes[period:] == codes[:-period])[::-1]
    # each miss costs what makes its four neighbours' matches worth nothing: the sum is highest where the loop begins
    score = np.cumsum(np.where(same, 1.0 - MATCHED, -MATCHED))
    reach = int(score.argmax()) + 1
    if reach + period < TIMES * period or reach < LEAST // 2:
        return None
    if not _is_certain(codes, same[:reach]):
        return None
    return Repetition(period, n - reach - period, float(same[:reach].mean()), n)


def _is_certain(codes: Int64, same: npt.NDArray[np.bool_]) -> bool:
    """Whether chance would hardly bring so many matches at the end, where names come as often as they do before them."""
    n, reach = len(codes), len(same)
    before = codes[: n - reach]
    kinds = int(codes.max()) + 1
    if kinds == 1:
        return True
    # Laplace's rule: a name that did not come yet may come all the same
    frequent = (np.bincount(before, minlength=kinds) + 1.0) / (len(before) + kinds + 1.0)
    rarity = -float(np.log(frequent[codes[n - reach :]][same[::-1]]).sum())
    misses = reach - int(same.sum())
    places = lgamma(reach + 1) - lgamma(misses + 1) - lgamma(reach - misses + 1)
    return rarity - places > log(n / DOUBT)


def _codes(names: Sequence[Hashable] | npt.NDArray[Any]) -> Int64:
    """Names as small whole numbers, in the order in which they come first."""
    known: dict[Hashable, int] = {}
    listed = names.tolist() if isinstance(names, np.ndarray) else names
    try:
        return np.array([known.setdefault(name, len(known)) for name in listed], np.int64)
    except TypeError as error:
        raise UsageError(
            f"there is something that cannot be a name: {error}", "give texts or numbers, shape (n,)"
        ) from None
