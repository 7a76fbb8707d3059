"""Sequences of names compared: longest common subsequence and edit distance, exact, by rapidfuzz's bit-parallel kernels.

H. Hyyrö, "Bit-parallel LCS-length computation revisited", AWOCA 2004; G. Myers, "A fast bit-vector algorithm for
approximate string matching based on dynamic programming", JACM 46, 1999.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from midstream_cli.errors import UsageError


@dataclass(frozen=True, slots=True, eq=False)
class Edits:
    """How two sequences of names differ."""

    distance: int
    """Edit distance: insertions, deletions and substitutions. LCS: elements that are not common, the longer's."""
    normalised: float
    """The distance over the longer length: 0 equal, 1 nothing in common."""
    path: npt.NDArray[np.intp]
    """Shape (common, 2): positions of equal elements that belong together, in order."""


def edit_distance(a: Sequence[Hashable], b: Sequence[Hashable]) -> Edits:
    """Levenshtein distance of two sequences of names.

    Raises:
        UsageError: both are empty.
    """
    from rapidfuzz.distance import Levenshtein

    longest = _longest(a, b)
    first, second = _numbered([a, b])
    distance = Levenshtein.distance(first, second)
    return Edits(distance, distance / longest, _common(Levenshtein.opcodes(first, second)))


def lcs(a: Sequence[Hashable], b: Sequence[Hashable]) -> Edits:
    """Longest common subsequence of two sequences of names.

    Raises:
        UsageError: both are empty.
    """
    from rapidfuzz.distance import LCSseq

    longest = _longest(a, b)
    first, second = _numbered([a, b])
    distance = LCSseq.distance(first, second)
    return Edits(distance, distance / longest, _common(LCSseq.opcodes(first, second)))


def windows_to_template(windows: Sequence[Sequence[Hashable]], template: Sequence[Hashable]) -> npt.NDArray[np.float64]:
    """Normalised edit distance of each of many windows from one template, shape (count,)."""
    from rapidfuzz.distance import Levenshtein

    wanted, *given = _numbered([template, *windows])
    return np.array([Levenshtein.normalized_distance(names, wanted) for names in given], np.float64)


def _numbered(sequences: Sequence[Sequence[Hashable]]) -> list[list[int]]:
    """Names as whole numbers counted from 0: the kernels go by hashes, which different names can share."""
    known: dict[Hashable, int] = {}
    return [[known.setdefault(name, len(known)) for name in names] for names in sequences]


def _longest(a: Sequence[Hashable], b: Sequence[Hashable]) -> int:
    longest = max(len(a), len(b))
    if longest == 0:
        raise UsageError("both sequences are empty", "there is nothing to compare")
    return longest


def _common(opcodes: Iterable[Any]) -> npt.NDArray[np.intp]:
    """The pairs of positions that the operations leave as they are."""
    pairs = [
        np.stack([np.arange(start_a, end_a), np.arange(start_b, start_b + end_a - start_a)], axis=1)
        for tag, start_a, end_a, start_b, _ in opcodes
        if tag == "equal"
    ]
    return np.concatenate(pairs) if pairs else np.empty((0, 2), np.intp)
