"""Many sequences of names against many: distances of all pairs, on vectors of pairs."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any, Literal, NamedTuple, cast

import numpy as np
import numpy.typing as npt

from midstream_cli.compare.kernels import token_batches
from midstream_cli.compare.kernels.bit_rows import LANES
from midstream_cli.compare.names import bit_parallel
from midstream_cli.compare.names.bit_parallel import memory
from midstream_cli.compare.names.interning import (
    LETTERS,
    Names,
    Numbers,
    interned,
    numbers_of,
    numbers_of_text,
    ranked,
    text_of,
)
from midstream_cli.errors import UsageError
from midstream_cli.frames import Int64

Algorithm = Literal["edit", "lcs"]

COLUMNS_OF_ROW = {"edit": 5, "lcs": 30}
"""To note where a row's names are takes as long as so many columns."""


class Flat(NamedTuple):
    """Sequences of names, one after the other."""

    numbers: Numbers
    starts: Int64
    """Shape (count + 1,): where each begins, and where the last one ends."""

    @property
    def lengths(self) -> Int64:
        """Shape (count,)."""
        return np.diff(self.starts)


def distances(
    sequences_a: Sequence[Names] | npt.NDArray[Any],
    sequences_b: Sequence[Names] | npt.NDArray[Any],
    algorithm: Algorithm = "edit",
    *,
    jobs: int = 1,
) -> Int64:
    """Distances of all pairs, as `edit_distance` and `lcs` define them; arrays of whole numbers and texts are the fastest.

    Args:
        sequences_a: sequences of names, as `edit_distance` takes them; or an array, shape (count, length).
        sequences_b: likewise; the same object as `sequences_a` for all pairs of one set, at half the work.
        algorithm: `edit` or `lcs`.
        jobs: threads.

    Returns:
        Shape (len(sequences_a), len(sequences_b)); 0 for two empty ones.

    Raises:
        UsageError: something cannot be hashed, or the algorithm is unknown.
    """
    if algorithm not in ("edit", "lcs"):
        raise UsageError(f"no algorithm for names is called {algorithm!r}", "known are edit, lcs")
    if len(sequences_a) == 0 or len(sequences_b) == 0:
        return np.zeros((len(sequences_a), len(sequences_b)), np.int64)
    both = sequences_a is sequences_b
    a, b = _flat([sequences_a] if both else [sequences_a, sequences_b])
    cells = len(a.numbers) * len(b.numbers)
    if not bit_parallel.compiled_pays(cells, token_batches.__name__):
        return _by_rapidfuzz(a, b, algorithm, both=both)
    a, b = _small(a, b)
    if both:
        return _computed(a, a, algorithm, jobs, both=True)
    if _effort(len(sequences_a), len(sequences_b), algorithm) <= _effort(len(sequences_b), len(sequences_a), algorithm):
        return _computed(a, b, algorithm, jobs)
    return _computed(b, a, algorithm, jobs).T


def _effort(texts: int, patterns: int, algorithm: Algorithm) -> int:
    return -(-patterns // LANES) * (texts + COLUMNS_OF_ROW[algorithm])


def _flat(sets: Sequence[Any]) -> tuple[Flat, Flat]:
    """The sets as numbers, the last one twice where there is one only."""
    numbers = [_numbers(sequences) for sequences in sets]
    if any(each is None for each in numbers) or len({isinstance(sequences[0], str) for sequences in sets}) > 1:
        texts = iter(interned([names for sequences in sets for names in sequences]))
        numbers = [_numbers([next(texts) for _ in sequences]) for sequences in sets]
    starts = [_starts(sequences) for sequences in sets]
    flat = [Flat(each, at) for each, at in zip(numbers, starts, strict=True) if each is not None]
    return flat[0], flat[-1]


def _starts(sequences: Any) -> Int64:
    """Where each begins when they are one after the other, and where the last one ends."""
    if isinstance(sequences, np.ndarray) and sequences.ndim > 1:
        return np.arange(len(sequences) + 1, dtype=np.int64) * np.int64(sequences.shape[1])
    return np.cumsum([0, *map(len, sequences)], dtype=np.int64)


def _numbers(sequences: Any) -> Numbers | None:
    """One after the other, where they are texts, or arrays of numbers."""
    if isinstance(sequences, np.ndarray):
        return numbers_of(sequences.reshape(-1)) if sequences.ndim == 2 else None
    if all(isinstance(names, str) for names in sequences):
        return numbers_of_text("".join(sequences))
    parts = [numbers_of(names) for names in sequences]
    return None if any(part is None for part in parts) else np.concatenate(cast(list[Numbers], parts))


def _small(a: Flat, b: Flat) -> tuple[Flat, Flat]:
    """The same with numbers that have rows."""
    # as unsigned numbers, those below zero are the largest
    if all(each.numbers.view(np.uint64).max(initial=0) < bit_parallel.NAMES for each in (a, b)):
        return a, b
    both = ranked(np.concatenate([a.numbers, b.numbers]))
    return Flat(both[: len(a.numbers)].copy(), a.starts), Flat(both[len(a.numbers) :].copy(), b.starts)


def _by_length(flat: Flat) -> tuple[Flat, Int64]:
    """The shortest first, so that neighbours have as many blocks; and the order."""
    order = np.argsort(flat.lengths, kind="stable")
    parts = [flat.numbers[flat.starts[at] : flat.starts[at + 1]] for at in order]
    return Flat(np.concatenate(parts), np.concatenate([[0], np.cumsum(flat.lengths[order])])), order


def _computed(texts: Flat, patterns: Flat, algorithm: Algorithm, jobs: int, *, both: bool = False) -> Int64:
    """Distances, shape (texts, patterns); of `both`, the same set, computed on and below the diagonal only."""
    order = None
    if (patterns.lengths != patterns.lengths[0]).any():
        patterns, order = _by_length(patterns)
        texts = patterns if both else texts
    rows, count = len(texts.starts) - 1, len(patterns.starts) - 1
    width = -(-count // LANES) * LANES
    found = np.empty((rows, width), np.uint64)
    kernel = token_batches.edit_distances if algorithm == "edit" else token_batches.lcs_distances
    entry = bit_parallel.entry_of(kernel, len(texts.numbers) * len(patterns.numbers))

    def of_group(first: int) -> None:
        starts = np.ascontiguousarray(texts.starts[first:]) if both else texts.starts
        part = found[first:].reshape(-1) if both else found.reshape(-1)
        handed = memory.columns_for(len(texts.numbers))
        given = (texts.numbers, starts, patterns.numbers, patterns.starts)
        entry(*given, first, memory.rows, memory.work, handed, part)

    if jobs == 1:
        for first in range(0, count, LANES):
            of_group(first)
    else:
        with ThreadPoolExecutor(jobs) as pool:
            list(pool.map(of_group, range(0, count, LANES)))
    between = found.view(np.int64)[:, :count]
    if both:
        between = np.tril(between) + np.tril(between, -1).T
    if order is None:
        return between
    place = np.argsort(order)
    return between[place][:, place] if both else between[:, place]


def _by_rapidfuzz(a: Flat, b: Flat, algorithm: Algorithm, *, both: bool) -> Int64:
    from rapidfuzz.distance import LCSseq, Levenshtein
    from rapidfuzz.process import cdist

    # it goes by hashes, which different numbers can share
    numbers = ranked(np.concatenate([a.numbers, b.numbers]))
    first = _cut(numbers[: len(a.numbers)], a.starts)
    second = first if both else _cut(numbers[len(a.numbers) :], b.starts)
    scorer = Levenshtein if algorithm == "edit" else LCSseq
    return np.asarray(cdist(first, second, scorer=scorer.distance, dtype=np.int64))


def _cut(numbers: Numbers, starts: Int64) -> list[Any]:
    parts = [numbers[start:stop] for start, stop in pairwise(starts.tolist())]
    return [text_of(part) for part in parts] if numbers.max(initial=0) < LETTERS else [part.tolist() for part in parts]
