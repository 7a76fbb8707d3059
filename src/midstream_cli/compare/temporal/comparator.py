"""Sequences of anything compared by name of the algorithm, with what was compared before remembered by its content.

The interface is that of the Rust crate `temporal-compare`; the distances are those of the functions of this package.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from midstream_cli.compare.many.batch import Windows, distances
from midstream_cli.compare.names.edit import edit_distance, lcs
from midstream_cli.compare.names.edit_batch import distances as names_distances
from midstream_cli.compare.temporal import elements
from midstream_cli.compare.temporal.elements import Content, Values
from midstream_cli.compare.temporal.memory import CacheStats, Memory
from midstream_cli.compare.temporal.recurring import Pattern, recurring_patterns
from midstream_cli.compare.warping.dtw import dtw, sequence
from midstream_cli.compare.warping.euclidean import euclidean
from midstream_cli.errors import UsageError


class ComparisonAlgorithm(StrEnum):
    """How two sequences are compared."""

    DTW = "dtw"
    """Numbers or vectors by `dtw`: a diagonal step counts twice."""
    LCS = "lcs"
    """Names by their longest common subsequence: the insertions and deletions that are left, ``n + m - 2 * common``
    (G. Navarro, "A guided tour to approximate string matching", ACM Computing Surveys 33, 2001)."""
    EDIT_DISTANCE = "edit"
    """Names by insertions, deletions and substitutions: Levenshtein's distance."""
    EUCLIDEAN = "euclidean"
    """Numbers or vectors position by position, of equal lengths."""


OF_NUMBERS = (ComparisonAlgorithm.DTW, ComparisonAlgorithm.EUCLIDEAN)


@dataclass(frozen=True, slots=True, eq=False)
class ComparisonResult:
    """How far two sequences are apart."""

    distance: float
    algorithm: ComparisonAlgorithm
    alignment: npt.NDArray[np.intp]
    """Shape (steps, 2), not to be written to: the positions that belong together; of names, those of equal ones."""
    normalised: float
    """DTW: the distance over n + m. LCS and edit distance: over the most it could be. Euclidean: over the root of n."""


@dataclass(frozen=True, slots=True)
class SimilarityMatch:
    """A stretch of a series that is like what was looked for."""

    start_index: int
    similarity: float
    """``1 / (1 + normalised)``: 1 for equal ones, towards 0 for distant ones."""
    distance: float


class TemporalComparator:
    """Compares sequences, and remembers what it has compared by what is in them; any number of threads may use one."""

    def __init__(self, cache_size: int = 1000, max_sequence_length: int = 10_000) -> None:
        """An empty memory.

        Args:
            cache_size: results that are remembered; beyond, those asked for longest ago are forgotten.
            max_sequence_length: longer sequences are refused: the work grows with the product of two lengths.

        Raises:
            UsageError: one of them is negative.
        """
        if cache_size < 0 or max_sequence_length < 0:
            raise UsageError("a comparator cannot hold less than nothing", "choose sizes of at least 0")
        self.max_sequence_length = max_sequence_length
        self._memory = Memory(cache_size)

    def compare(self, a: Values, b: Values, algorithm: ComparisonAlgorithm | str) -> ComparisonResult:
        """How far two sequences are apart; when their elements came does not count.

        Raises:
            UsageError: there is no such algorithm, a sequence is too long, or the algorithm cannot compare them: DTW and
                Euclidean distance take numbers, the others names, and numbers as names.
        """
        chosen = _algorithm(algorithm)
        first, second = self._content(a, chosen), self._content(b, chosen)
        key = (chosen, first.key, second.key)
        return self._memory.recall(key, lambda: _compared(chosen, first.values, second.values))

    def find_similar(
        self, query: Values, series: Values, threshold: float, algorithm: ComparisonAlgorithm | str = "dtw"
    ) -> list[SimilarityMatch]:
        """The stretches of a series, as long as the query, that are like it: the nearest first.

        Args:
            series: of any length; a stretch begins at every position.
            threshold: the greatest normalised distance.

        Raises:
            UsageError: the query is empty or too long, the threshold below 0, or the algorithm cannot compare them.
        """
        chosen = _algorithm(algorithm)
        wanted, given = self._content(query, chosen), _content(series, chosen)
        if len(wanted) == 0:
            raise UsageError("the query is empty", "look for one element at least")
        if not threshold >= 0:
            raise UsageError(f"nothing is as near as {threshold:g}", "choose a threshold of 0 at least")
        key = ("similar", chosen, wanted.key, given.key, threshold)
        return list(self._memory.recall(key, lambda: _similar(chosen, wanted.values, given.values, threshold)))

    def detect_recurring_patterns(self, sequence: Values, min_length: int, max_length: int) -> list[Pattern[Any]]:
        """The stretches of a sequence that occur more than once, as `recurring_patterns` finds them.

        Raises:
            UsageError: the sequence is too long, the least length below 1, or above the greatest.
        """
        self._bounded(sequence)
        names = elements.names(sequence)
        key = ("recurring", names.key, min_length, max_length)
        return list(self._memory.recall(key, lambda: recurring_patterns(names.values, min_length, max_length)))

    def cache_stats(self) -> CacheStats:
        """How often a result was remembered since the memory was last cleared."""
        return self._memory.stats()

    def clear_cache(self) -> None:
        """Forget every result, and count from nothing."""
        self._memory.clear()

    def _content(self, given: Values, algorithm: ComparisonAlgorithm) -> Content:
        self._bounded(given)
        return _content(given, algorithm)

    def _bounded(self, given: Values) -> None:
        if len(given) > self.max_sequence_length:
            raise UsageError(
                f"a sequence of {len(given)} elements is longer than {self.max_sequence_length}",
                "compare shorter stretches, or make the comparator with a larger max_sequence_length",
            )


def _content(given: Values, algorithm: ComparisonAlgorithm) -> Content:
    return elements.numbers(given) if algorithm in OF_NUMBERS else elements.names(given)


def _algorithm(name: ComparisonAlgorithm | str) -> ComparisonAlgorithm:
    try:
        return ComparisonAlgorithm(name)
    except ValueError:
        known = ", ".join(ComparisonAlgorithm)
        raise UsageError(f"no algorithm is called {name!r}", f"known are {known}") from None


def _compared(algorithm: ComparisonAlgorithm, a: Any, b: Any) -> ComparisonResult:
    if algorithm in OF_NUMBERS:
        aligned = dtw(a, b, alignment=True) if algorithm is ComparisonAlgorithm.DTW else euclidean(a, b)
        assert aligned.path is not None
        return _result(aligned.distance, algorithm, aligned.path, aligned.normalised)
    if algorithm is ComparisonAlgorithm.LCS:
        common = lcs(a, b).path
        left = len(a) + len(b) - 2 * len(common)
        return _result(left, algorithm, common, left / (len(a) + len(b)))
    edits = edit_distance(a, b)
    return _result(edits.distance, algorithm, edits.path, edits.normalised)


def _result(distance: float, algorithm: ComparisonAlgorithm, path: Any, normalised: float) -> ComparisonResult:
    alignment = np.ascontiguousarray(path, np.intp)
    # whoever asks next is given the same
    alignment.setflags(write=False)
    return ComparisonResult(float(distance), algorithm, alignment, float(normalised))


def _similar(algorithm: ComparisonAlgorithm, query: Any, series: Any, threshold: float) -> list[SimilarityMatch]:
    length, count = len(query), len(series) - len(query) + 1
    if count < 1:
        return []
    if algorithm is ComparisonAlgorithm.EUCLIDEAN:
        each = [euclidean(query, series[start : start + length]) for start in range(count)]
        whole = np.array([alignment.distance for alignment in each])
        normalised = np.array([alignment.normalised for alignment in each])
    elif algorithm is ComparisonAlgorithm.DTW:
        windows = Windows(sequence(series, "the series"), np.arange(count), length)
        normalised = distances(windows, [sequence(query, "the query")])[:, 0]
        whole = 2 * length * normalised
    else:
        known: dict[Hashable, int] = {}
        numbers = np.array([known.setdefault(name, len(known)) for name in (*query, *series)], np.int64)
        stretches: Any = np.lib.stride_tricks.sliding_window_view(numbers[length:], length)
        wanted: Any = numbers[None, :length]
        is_lcs = algorithm is ComparisonAlgorithm.LCS
        changed = names_distances(stretches, wanted, "lcs" if is_lcs else "edit")[:, 0]
        normalised = changed / length
        # for each element that is not common, one is taken away and one put in
        whole = changed * (2 if is_lcs else 1)
    found = [
        SimilarityMatch(start, 1 / (1 + float(normalised[start])), float(whole[start]))
        for start in np.flatnonzero(normalised <= threshold).tolist()
    ]
    return sorted(found, key=lambda match: (match.distance, match.start_index))
