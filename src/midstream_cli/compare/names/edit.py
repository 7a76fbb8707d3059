"""Sequences of names compared: longest common subsequence and edit distance, exact, 64 cells of the table in a word.

H. Hyyrö, "A bit-vector algorithm for computing Levenshtein and Damerau edit distances", Nordic J. Computing 10, 2003;
H. Hyyrö, "Bit-parallel LCS-length computation revisited", AWOCA 2004.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from midstream_cli.compare.kernels.tokens import DELETE, INSERT, REPLACE
from midstream_cli.compare.names import bit_parallel
from midstream_cli.compare.names.bit_parallel import EDIT, LCS, Measure
from midstream_cli.compare.names.interning import Names, Numbers, interned, numbers_of, numbers_of_text, ranked, text_of
from midstream_cli.compare.names.operations import Operations
from midstream_cli.compare.names.splitting import edit_operations
from midstream_cli.errors import UsageError

TEXT_CELLS = {EDIT.peer: 160_000, LCS.peer: 450_000}
"""Cells that rapidfuzz goes through, of texts, faster than kernels can be called."""

KINDS = {"replace": REPLACE, "delete": DELETE, "insert": INSERT}

Given = tuple[str, str] | tuple[Numbers, Numbers]
"""Two sequences, what is equal in them by the same letter or the same number."""

Kept = tuple[str, str] | tuple[bytes, bytes]
"""The same, which nobody can change; of numbers, their bytes."""


class Edits:
    """How two sequences of names differ."""

    __slots__ = ("_given", "_measure", "_operations", "distance", "lengths")

    def __init__(
        self,
        measure: Measure,
        given: Kept,
        distance: int,
        lengths: tuple[int, int],
        operations: Operations | None = None,
    ) -> None:
        self.distance = distance
        """Edit distance: insertions, deletions and substitutions. LCS: elements that are not common, the longer's."""
        self.lengths = lengths
        """Of the two sequences."""
        self._measure = measure
        self._given = given
        self._operations = operations

    @property
    def normalised(self) -> float:
        """The distance over the longer length: 0 equal, 1 nothing in common."""
        return self.distance / max(self.lengths)

    @property
    def similarity(self) -> int:
        """The longer length less the distance: of an LCS, its length."""
        return max(self.lengths) - self.distance

    @property
    def operations(self) -> Operations:
        """Fewest operations from the first sequence to the second; for an LCS, without replacements.

        Of all that are as few, those are found that rapidfuzz finds. Found when they are first asked for, unless the
        comparison was asked to.

        Raises:
            UsageError: the table would be too large.
        """
        if self._operations is None:
            self._operations = _operations(self._measure, _given_back(self._given))
        return self._operations

    @property
    def path(self) -> npt.NDArray[np.intp]:
        """Shape (common, 2): positions of equal elements that belong together, in order."""
        return self.operations.path

    def __repr__(self) -> str:
        return f"Edits(distance={self.distance}, normalised={self.normalised:g}, lengths={self.lengths})"


def edit_distance(a: Names, b: Names, *, alignment: bool = False) -> Edits:
    """Levenshtein distance of two sequences of names; arrays of whole numbers and texts are the fastest.

    Args:
        a: n names: a text, an array, or any sequence of what can be hashed.
        b: m names.
        alignment: find the operations too, at once: they take less time than when they are asked for later.

    Raises:
        UsageError: both are empty, or hold something that cannot be hashed.
    """
    return _compare(EDIT, a, b, alignment=alignment)


def lcs(a: Names, b: Names, *, alignment: bool = False) -> Edits:
    """Longest common subsequence of two sequences of names; arguments and errors as for `edit_distance`.

    Its length is the `similarity`.
    """
    return _compare(LCS, a, b, alignment=alignment)


def _compare(measure: Measure, a: Names, b: Names, *, alignment: bool) -> Edits:
    n, m = lengths = len(a), len(b)
    if n == m == 0:
        raise UsageError("both sequences are empty", "there is nothing to compare")
    if type(a) is type(b) is np.ndarray and bit_parallel.compiled_pays(n * m):
        try:
            return _compared(measure, a, b, lengths, alignment=alignment)
        except TypeError:
            # the kernel looks at arrays more quickly than Python does: these are not as it takes them
            pass
    given = _given(a, b)
    if alignment:
        operations = _operations(measure, given)
        return Edits(measure, ("", ""), _distance_of(measure, len(operations), lengths), lengths, operations)
    return Edits(measure, _kept(given), _distance(measure, given), lengths)


def _compared(measure: Measure, a: Any, b: Any, lengths: tuple[int, int], *, alignment: bool) -> Edits:
    """What is compared most often, arrays of whole numbers.

    Raises:
        TypeError: they are something else.
    """
    n, m = lengths
    if alignment:
        found = edit_operations(a, b) if measure is EDIT else bit_parallel.operations(measure, a, b)
        return Edits(measure, ("", ""), _distance_of(measure, len(found), lengths), lengths, Operations(found, n, m))
    counted = bit_parallel.distance(measure, a, b)
    distance = max(n, m) - counted if measure.counts_common else counted
    return Edits(measure, (a.tobytes(), b.tobytes()), distance, lengths)


def _kept(given: Given) -> Kept:
    """Whoever gave arrays may change them before asking for operations."""
    a, b = given
    return (a, b) if isinstance(a, str) and isinstance(b, str) else (a.tobytes(), b.tobytes())  # type: ignore[union-attr]


def _given_back(kept: Kept) -> Given:
    a, b = kept
    if isinstance(a, bytes) and isinstance(b, bytes):
        return np.frombuffer(a, np.int64), np.frombuffer(b, np.int64)
    return kept  # type: ignore[return-value]


def _given(a: Any, b: Any) -> Given:
    if isinstance(a, str) and isinstance(b, str):
        return a, b
    first, second = numbers_of(a), numbers_of(b)
    if first is not None and second is not None:
        return first, second
    return tuple(interned([a, b]))  # type: ignore[return-value]


def _numbers(given: Given) -> tuple[Numbers, Numbers]:
    a, b = given
    if isinstance(a, str) and isinstance(b, str):
        return numbers_of_text(a), numbers_of_text(b)
    return a, b  # type: ignore[return-value]


def _hashed(given: Given) -> tuple[Any, Any]:
    """The same for rapidfuzz, which goes by hashes, that different numbers can share."""
    a, b = given
    if isinstance(a, str) or isinstance(b, str):
        return given
    both = ranked(np.concatenate([a, b]))
    return text_of(both[: len(a)]), text_of(both[len(a) :])


def _distance(measure: Measure, given: Given) -> int:
    cells = len(given[0]) * len(given[1])
    is_small = isinstance(given[0], str) and cells < TEXT_CELLS[measure.peer]
    if not is_small and bit_parallel.compiled_pays(cells):
        counted = bit_parallel.distance(measure, *_numbers(given))
        return max(len(given[0]), len(given[1])) - counted if measure.counts_common else counted
    return int(_peer(measure).distance(*_hashed(given)))


def _operations(measure: Measure, given: Given) -> Operations:
    n, m = len(given[0]), len(given[1])
    if bit_parallel.compiled_pays(n * m):
        numbers = _numbers(given)
        return Operations(
            edit_operations(*numbers) if measure is EDIT else bit_parallel.operations(measure, *numbers), n, m
        )
    found = _peer(measure).editops(*_hashed(given))
    array = np.array([(KINDS[each.tag], each.src_pos, each.dest_pos) for each in found], np.int64)
    return Operations(array.reshape(-1, 3), n, m)


def _distance_of(measure: Measure, operations: int, lengths: tuple[int, int]) -> int:
    n, m = lengths
    return max(n, m) - (n + m - operations) // 2 if measure.counts_common else operations


def _peer(measure: Measure) -> Any:
    from rapidfuzz.distance import LCSseq, Levenshtein

    return LCSseq if measure.counts_common else Levenshtein
