"""The operations that turn one sequence of names into another."""

from collections.abc import Iterator, Sequence
from typing import Any, Literal, NamedTuple, TypeVar, overload

import numpy as np
import numpy.typing as npt

from midstream_cli.compare.kernels.tokens import DELETE, INSERT, REPLACE
from midstream_cli.frames import Int64

Element = TypeVar("Element")

Tag = Literal["replace", "delete", "insert"]
TAGS: dict[int, Tag] = {REPLACE: "replace", DELETE: "delete", INSERT: "insert"}


class Operation(NamedTuple):
    """One element replaced, deleted or inserted."""

    tag: Tag
    src: int
    """Position in the first sequence; an insertion is before it."""
    dest: int
    """Position in the second sequence; a deletion is before it."""


class Opcode(NamedTuple):
    """A stretch of both sequences, as `difflib` gives it."""

    tag: Literal["equal", "replace", "delete", "insert"]
    src_start: int
    src_end: int
    dest_start: int
    dest_end: int


class Operations(Sequence[Operation]):
    """Operations in the order of positions."""

    __slots__ = ("array", "dest_length", "src_length")

    def __init__(self, array: Int64, src_length: int, dest_length: int) -> None:
        self.array = array
        """Shape (operations, 3): which of `TAGS`, position in the first sequence, position in the second."""
        self.src_length = src_length
        """Of the first sequence."""
        self.dest_length = dest_length
        """Of the second sequence."""

    def __len__(self) -> int:
        return len(self.array)

    @overload
    def __getitem__(self, at: int) -> Operation: ...
    @overload
    def __getitem__(self, at: slice) -> list[Operation]: ...
    def __getitem__(self, at: int | slice) -> Operation | list[Operation]:
        if isinstance(at, slice):
            return [Operation(TAGS[kind], src, dest) for kind, src, dest in self.array[at].tolist()]
        kind, src, dest = self.array[at].tolist()
        return Operation(TAGS[kind], src, dest)

    def __iter__(self) -> Iterator[Operation]:
        return iter(self[:])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Operations({list(self)})"

    @property
    def path(self) -> npt.NDArray[np.intp]:
        """Shape (equal, 2): positions of equal elements that belong together, in order."""
        kind, src, dest = self.array.T
        kept_a, kept_b = np.ones(self.src_length, np.bool_), np.ones(self.dest_length, np.bool_)
        kept_a[src[kind != INSERT]] = False
        kept_b[dest[kind != DELETE]] = False
        return np.stack([np.flatnonzero(kept_a), np.flatnonzero(kept_b)], axis=1)

    def opcodes(self) -> list[Opcode]:
        """Stretches that cover both sequences, in order; those that are equal too."""
        found: list[Opcode] = []
        src_end = dest_end = 0
        for tag, src, dest in self:
            if src > src_end:
                found.append(Opcode("equal", src_end, src, dest_end, dest))
            to = (src + (tag != "insert"), dest + (tag != "delete"))
            if found and found[-1].tag == tag:
                found[-1] = found[-1]._replace(src_end=to[0], dest_end=to[1])
            else:
                found.append(Opcode(tag, src, to[0], dest, to[1]))
            src_end, dest_end = to
        if src_end < self.src_length:
            found.append(Opcode("equal", src_end, self.src_length, dest_end, self.dest_length))
        return found

    def apply(self, a: Sequence[Element], b: Sequence[Element]) -> list[Element]:
        """The first sequence after the operations, which take from the second what they put in."""
        made: list[Any] = []
        at = 0
        for tag, src, dest in self:
            made += list(a[at:src])
            at = src + (tag != "insert")
            if tag != "delete":
                made.append(b[dest])
        return made + list(a[at:])
