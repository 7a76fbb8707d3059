"""Sequences of anything: values with their times, and what of them can be compared."""

from collections.abc import Hashable, Iterable, Iterator
from collections.abc import Sequence as SequenceOf
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt

from midstream_cli.errors import UsageError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class TemporalElement(Generic[T]):
    """A value, and when it came."""

    value: T
    timestamp: int


@dataclass(slots=True)
class Sequence(Generic[T]):
    """Values in the order in which they came: numbers, vectors of numbers, or names of any hashable kind."""

    elements: list[TemporalElement[T]] = field(default_factory=list)

    @classmethod
    def of(cls, values: Iterable[T], timestamps: Iterable[int] | None = None) -> "Sequence[T]":
        """Values with their times; without times, they are counted from 0.

        Raises:
            UsageError: there are more of one than of the other.
        """
        known = list(values)
        times = list(range(len(known))) if timestamps is None else list(timestamps)
        if len(times) != len(known):
            raise UsageError(f"{len(known)} values have {len(times)} timestamps", "give one for each")
        return cls([TemporalElement(value, time) for value, time in zip(known, times, strict=True)])

    def push(self, value: T, timestamp: int) -> None:
        """Add what has come."""
        self.elements.append(TemporalElement(value, timestamp))

    def is_empty(self) -> bool:
        """Whether nothing has come."""
        return not self.elements

    @property
    def values(self) -> list[T]:
        """The values alone."""
        return [element.value for element in self.elements]

    @property
    def timestamps(self) -> list[int]:
        """The times alone."""
        return [element.timestamp for element in self.elements]

    def __len__(self) -> int:
        return len(self.elements)

    def __iter__(self) -> Iterator[TemporalElement[T]]:
        return iter(self.elements)

    def __getitem__(self, position: int) -> TemporalElement[T]:
        return self.elements[position]


Values = Sequence[Any] | npt.NDArray[Any] | SequenceOf[Any]
"""What can be compared: a `Sequence`, an array, a list, a string."""


@dataclass(frozen=True, slots=True, eq=False)
class Content:
    """A sequence as it is compared, and what tells it from any other."""

    values: Any
    key: Hashable

    def __len__(self) -> int:
        return len(self.values)


def numbers(given: Values) -> Content:
    """A sequence of numbers or of vectors as an array of its own, which nobody else can change.

    Raises:
        UsageError: it holds something else, or vectors of different dimensions.
    """
    try:
        array = np.array(given.values if isinstance(given, Sequence) else given)
    except ValueError:
        raise UsageError(
            "the vectors have different dimensions", "compare what was measured with the same feature"
        ) from None
    if array.dtype.kind not in "biuf":
        raise UsageError("the elements are neither numbers nor vectors of numbers", "compare names by lcs or edit")
    values = array.astype(np.float64, order="C", copy=False)
    return Content(values, (values.shape, blake2b(values.tobytes(), digest_size=20).digest()))


def names(given: Values) -> Content:
    """A sequence of anything that is equal to another or not; vectors are, if all of their numbers are.

    Raises:
        UsageError: an element is neither hashable nor a vector.
    """
    plain = given.values if isinstance(given, Sequence) else given.tolist() if isinstance(given, np.ndarray) else given
    if isinstance(plain, str):
        return Content(plain, plain)
    hashable = tuple(plain)
    try:
        hash(hashable)
    except TypeError:
        hashable = tuple(_vector(name) for name in plain)
    return Content(hashable, hashable)


def _vector(name: Any) -> Hashable:
    """A name as it is, or a vector as its numbers."""
    plain = tuple(np.asarray(name).tolist()) if isinstance(name, list | np.ndarray) else name
    try:
        hash(plain)
    except TypeError:
        raise UsageError(
            f"an element is a {type(name).__name__}, which has no hash", "give names, numbers, or vectors"
        ) from None
    return plain
