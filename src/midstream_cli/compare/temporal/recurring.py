"""Stretches that occur more than once in a sequence of names, of every length."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt

from midstream_cli.errors import UsageError

T = TypeVar("T")
Name = TypeVar("Name", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Pattern(Generic[T]):
    """A stretch that occurs more than once in a sequence."""

    sequence: tuple[T, ...]
    occurrences: tuple[int, ...]
    """Where it begins; occurrences may overlap."""
    confidence: float
    """The share of the sequence's elements that its occurrences cover."""

    @property
    def frequency(self) -> int:
        """How often it occurs."""
        return len(self.occurrences)

    @property
    def length(self) -> int:
        """How many elements it has."""
        return len(self.sequence)


def recurring_patterns(names: Sequence[Name], min_length: int, max_length: int) -> list[Pattern[Name]]:
    """The stretches of `min_length` to `max_length` elements that occur more than once.

    The most frequent come first, of these the longest, of these the earliest. Stretches of a length are numbered by those
    one element shorter and what follows (R. M. Karp, R. E. Miller, A. L. Rosenberg, "Rapid identification of repeated
    patterns in strings, trees and arrays", STOC 1972), so that a length takes one sort, however long the stretches are.

    Raises:
        UsageError: the least length is below 1, or above the greatest.
    """
    if not 1 <= min_length <= max_length:
        raise UsageError(
            f"patterns of {min_length} to {max_length} elements cannot be",
            "the least length is 1, the greatest no less",
        )
    known: dict[Hashable, int] = {}
    single = np.array([known.setdefault(name, len(known)) for name in names], np.int64)
    found: list[Pattern[Name]] = []
    numbers = single
    for length in range(1, min(max_length, len(names)) + 1):
        if length > 1:
            numbers = np.unique(numbers[:-1] * len(known) + single[length - 1 :], return_inverse=True)[1]
        places = _repeated(numbers)
        if not places:
            # nor does anything longer
            break
        if length >= min_length:
            found += [_pattern(names, each, length) for each in places]
    return sorted(found, key=lambda pattern: (-pattern.frequency, -pattern.length, pattern.occurrences[0]))


def _repeated(numbers: npt.NDArray[np.int64]) -> list[npt.NDArray[np.intp]]:
    """The positions of each number that occurs more than once, in order."""
    order = np.argsort(numbers, kind="stable")
    ends = np.flatnonzero(np.diff(numbers[order])) + 1
    return [places for places in np.split(order, ends) if len(places) > 1]


def _pattern(names: Sequence[Name], places: npt.NDArray[np.intp], length: int) -> Pattern[Name]:
    # an occurrence covers what the one before it does not
    covered = length + int(np.minimum(np.diff(places), length).sum())
    start = int(places[0])
    return Pattern(tuple(names[start : start + length]), tuple(places.tolist()), covered / len(names))
