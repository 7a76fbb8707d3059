"""Where in a block of console lines the records stand, and what is in front of and behind their data."""

import re
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from midstream_cli.frames import Float64
from midstream_cli.streams.csi_records import RECORD
from midstream_cli.streams.text_columns import Bytes, Mask, Positions, Text

TRAILER = 4
"""Bytes at most behind the data that need no look: `"`, CR CR and LF."""

BEHIND = re.compile(rb",*\],?\n")
"""The punctuation of a list and of what follows: nothing, or one more field."""


class Punctuation(NamedTuple):
    """Where the punctuation of lines stands; all but `cuts` have shape (n,)."""

    ends: Positions
    opened: Positions
    closed: Positions
    cuts: Positions
    """Shape (n, commas): the commas before the data."""
    regular: Mask
    """Which lines are punctuated as one record is; of others, only where they end means anything."""


@dataclass(frozen=True, slots=True)
class Block:
    """The bytes of whole lines, and where the punctuation of each stands."""

    data: Bytes
    starts: Positions
    marks: Punctuation
    clean: Mask
    """Which lines are one whole record, and nothing else that would matter."""
    behind: int
    """Bytes behind the data, at most."""

    @classmethod
    def of(cls, text: bytes, commas: int) -> "Block":
        """Find the lines, and the records with `commas` commas before their data."""
        data = np.frombuffer(text, np.uint8)
        marked = (data == ord("\n")) | (data == ord("[")) | (data == ord("]")) | (data == ord(","))
        at = marked.nonzero()[0]
        kinds = data.take(at)
        marks = _alike(at, kinds, commas) or _different(at, kinds, commas)
        starts = np.zeros_like(marks.ends)
        starts[1:] = marks.ends[:-1] + 1
        clean = marks.regular & _begins(data, starts)
        behind = marks.ends - marks.closed
        longest = int(behind.max(initial=0))
        if longest > TRAILER:
            comma = (data.take(marks.closed + 1) == ord(",")) | (data.take(marks.closed + 2, mode="clip") == ord(","))
            clean &= (behind <= TRAILER) | comma
        return cls(data, starts, marks, clean, longest)

    def line(self, i: int) -> bytes:
        """The i-th line, without its end."""
        return self.data[self.starts[i] : self.marks.ends[i]].tobytes()

    def host_times(self, text: Text) -> Float64:
        """What stands as a time behind the data, a comma and the Unix time; NaN where there is none, shape (n,)."""
        times = np.full(len(self.starts), np.nan)
        if self.behind < len("],1234567890"):
            return times
        closed, end = self.marks.closed, self.marks.ends.copy()
        begin = closed + 2 + (self.data.take(closed + 1) == ord('"'))
        for _ in range(2):
            end -= self.data.take(end - 1) == ord("\r")
        trailed = np.flatnonzero((end - begin >= 10) & (self.data.take(begin - 1) == ord(",")))
        if not len(trailed):
            return times
        found, _ = text.reals(begin[trailed], end[trailed])
        plausible = (found > 1e9) & (found < 1e10)
        times[trailed[plausible]] = found[plausible]
        return times


def _alike(at: Positions, kinds: Bytes, commas: int) -> Punctuation | None:
    """The punctuation of lines that all have the same, that of a record; None where they have not."""
    newline = int(np.argmax(kinds == ord("\n"))) if len(kinds) else 0
    pattern = kinds[: newline + 1]
    if not newline or len(kinds) % len(pattern) or (kinds.reshape(-1, len(pattern)) != pattern).any():
        return None
    before, bracket, behind = pattern.tobytes().partition(b"[")
    if not bracket or before != b"," * commas or not BEHIND.fullmatch(behind):
        return None
    columns = at.reshape(-1, len(pattern))
    ends, opened, closed = (columns[:, i].copy() for i in (newline, commas, commas + 1 + behind.find(b"]")))
    return Punctuation(ends, opened, closed, np.ascontiguousarray(columns[:, :commas]), np.ones(len(ends), np.bool_))


def _different(at: Positions, kinds: Bytes, commas: int) -> Punctuation:
    """The punctuation of any lines."""
    ends, opening, closing, comma = (at[kinds == ord(which)] for which in "\n[],")
    starts = np.append(0, ends[:-1] + 1)[: len(ends)]
    opened, one_opened = _one_a_line(opening, starts, ends)
    closed, one_closed = _one_a_line(closing, starts, ends)
    first = np.searchsorted(comma, starts)
    regular = one_opened & one_closed & (opened < closed)
    regular &= np.searchsorted(comma, opened) - first == commas
    regular &= np.searchsorted(comma, ends) - np.searchsorted(comma, closed) <= 1
    cuts = np.append(comma, np.zeros(commas, np.intp))[first[:, None] + np.arange(commas)]
    return Punctuation(ends, opened, closed, cuts, regular)


def _one_a_line(marks: Positions, starts: Positions, ends: Positions) -> tuple[Positions, Mask]:
    """The first of the marks on each line, and which lines have just one."""
    first = np.searchsorted(marks, starts)
    one = np.searchsorted(marks, ends) - first == 1
    return np.append(marks, 0)[first], one


def _begins(data: Bytes, starts: Positions) -> Mask:
    """Which lines begin with `CSI_DATA,`."""
    if len(data) < len(RECORD):
        return np.zeros(len(starts), np.bool_)
    words = np.ndarray(len(data) - len(RECORD) + 1, f"S{len(RECORD)}", data, strides=(1,))
    begins: Mask = words[np.minimum(starts, len(words) - 1)] == RECORD
    return begins
