"""Names as whole numbers: what is equal gets one number, in all sequences."""

from array import array
from collections.abc import Hashable, Iterable, Sequence
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt

from midstream_cli.errors import UsageError
from midstream_cli.frames import Int64

Names = Sequence[Hashable] | npt.NDArray[Any]
"""A text, an array, or any sequence of what can be hashed."""

Numbers = Int64
"""Shape (n,): a number for each name."""

LETTERS = 0x110000
"""What a character of a text can be."""


def numbers_of(names: Any) -> Numbers | None:
    """A list or an array of whole numbers, or an array of numbers that happen to be whole; None for anything else."""
    if isinstance(names, list) and set(map(type, names)) == {int}:
        return _listed(names)
    if not isinstance(names, np.ndarray) or names.ndim != 1 or isinstance(names, np.ma.MaskedArray):
        return None
    # kernels take plain arrays, of the one of two equal types that is called int64
    plain: npt.NDArray[Any] = np.asarray(names)
    if plain.dtype.num == np.dtype(np.int64).num and plain.dtype.isnative:
        return np.require(plain, requirements=["C", "A"])
    if plain.dtype.kind == "f":
        with np.errstate(invalid="ignore"):
            whole = plain.astype(np.int64)
        return whole if (whole == plain).all() else None
    if plain.dtype.kind not in "iub" or (plain.dtype == np.uint64 and (plain > np.iinfo(np.int64).max).any()):
        return None
    return plain.astype(np.int64)


def _listed(names: list[int]) -> Numbers | None:
    try:
        return np.frombuffer(array("q", names), np.int64)
    except OverflowError:
        return None


def interned(sequences: Sequence[Iterable[Hashable]]) -> list[str] | list[Numbers]:
    """Each name as a letter, each sequence as a text; as numbers where there are more names than letters.

    Raises:
        UsageError: something cannot be hashed.
    """
    listed = [names.tolist() if isinstance(names, np.ndarray) else names for names in sequences]
    try:
        known = dict.fromkeys(chain.from_iterable(listed))
    except TypeError as error:
        raise UsageError(
            f"what cannot be hashed is no name: {error}", "give numbers, texts or tuples of them"
        ) from None
    if len(known) > LETTERS:
        numbers = dict(zip(known, range(len(known)), strict=True))
        return [np.array([numbers[name] for name in names], np.int64) for names in listed]
    letters = dict(zip(known, map(chr, range(len(known))), strict=True))
    return ["".join([letters[name] for name in names]) for names in listed]


def numbers_of_text(text: str) -> Numbers:
    """A text as the numbers of its characters."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.int64)


def text_of(numbers: Numbers) -> str:
    """The text of the numbers of its characters."""
    return numbers.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")


def ranked(numbers: Numbers) -> Numbers:
    """The same with small numbers: how many lesser ones there are."""
    return np.unique(numbers, return_inverse=True)[1].astype(np.int64)
