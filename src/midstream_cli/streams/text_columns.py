"""Numbers and names in text, parsed as columns: vectorised passes over the bytes of many lines at once."""

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from midstream_cli.frames import Int64

Bytes = npt.NDArray[np.uint8]
Positions = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]

_MAC = re.compile(rb"[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}")
_ZERO, _TEN, _HUNDRED = np.uint8(ord("0")), np.uint8(10), np.uint8(100)
_WIDE, _ILLEGAL = np.uint8(1), np.uint8(2)
_POWERS = 10.0 ** np.arange(15, -1, -1)

np.empty(31 << 20, np.uint8)
"""Allocated and let go: glibc then keeps freed blocks of up to this size, instead of paying for their pages anew."""


class Text:
    """A block of bytes, in which each byte knows the 8-bit number that ends there.

    Whole passes over bytes are an order of magnitude cheaper than picking out tokens, so what can be known of a number
    is computed at every byte, and only then picked where numbers end. Numbers that do not fit 8 bits are told, and read
    one by one.
    """

    def __init__(self, data: Bytes) -> None:
        self.data = data
        units = data - _ZERO
        self._digit = digit = _flag(units < _TEN)
        minus = _flag(data == ord("-"))
        units *= digit
        pair = digit[1:] & digit[:-1]
        hundreds = units[:-2] * pair[1:]
        number = units.copy()
        number[1:] += units[:-1] * _TEN
        number[2:] += hundreds * _HUNDRED

        wide = _flag(number > 127)
        wide[2:] |= _flag(hundreds > 1)
        wide[3:] |= pair[2:] & pair[:-2]
        wide &= digit

        negative = np.zeros(len(data), np.uint8)
        np.bitwise_and(minus[:-3], pair[1:-1], out=negative[3:])
        negative[2:] |= minus[:-2]
        negative[2:] &= digit[1:-1]
        negative[1:] |= minus[:-1]
        complement = np.negative(negative)
        number ^= complement
        number -= complement
        self._number = number.view(np.int8)

        # a minus stands between something that is not a digit, and a digit
        legal = digit | _flag(data == ord(" ")) | _flag(data == ord(","))
        legal[1:-1] |= minus[1:-1] & _flag(digit[2:] > digit[:-2])
        self._flags = flags = legal ^ np.uint8(1)
        flags += flags
        flags |= wide

    def lists(
        self, opened: Positions, closed: Positions
    ) -> tuple[npt.NDArray[np.int16], Int64, list[tuple[str, Mask]]]:
        """All integers between the brackets at `opened` and `closed`.

        Returns:
            The values end to end, how many each list has, and per kind of damage which lists have it.
        """
        if not len(opened):
            return np.empty(0, np.int16), np.empty(0, np.int64), []
        spans = np.empty(2 * len(opened), np.intp)
        spans[::2], spans[1::2] = opened + 1, closed
        runs = np.diff(spans, prepend=0, append=len(self.data))
        ending = np.repeat(np.arange(len(runs)) % 2 == 1, runs)
        ending[:-1] &= self._digit[:-1] > self._digit[1:]
        last = np.flatnonzero(ending)
        values = self._number[last].astype(np.int16)
        edges = np.searchsorted(last, spans)
        counts = edges[1::2] - edges[::2]
        flags = np.bitwise_or.reduceat(self._flags, spans)[::2] * (closed > opened + 1)
        garbage = flags >= _ILLEGAL
        wide = np.flatnonzero(flags == _WIDE)
        if len(wide):
            garbage |= self._reread(opened, closed, counts, values, wide)
        return (
            values,
            counts,
            [
                ("garbage in the data", garbage),
                ("no data", counts == 0),
                ("odd number of values", counts % 2 == 1),
            ],
        )

    def _reread(self, opened: Positions, closed: Positions, counts: Int64, values: Any, which: Positions) -> Mask:
        """Replace the values of lists with numbers beyond 8 bits; say which have numbers beyond 16 bits."""
        text, ends = self.data.tobytes(), np.cumsum(counts)
        beyond = np.zeros(len(opened), np.bool_)
        for i in which.tolist():
            found = [int(match) for match in re.findall(rb"-?\d+", text[opened[i] : closed[i]])]
            beyond[i] = any(not -(1 << 15) <= value < 1 << 15 for value in found)
            if not beyond[i]:
                values[ends[i] - counts[i] : ends[i]] = found
        return beyond

    def ints(self, begin: Positions, end: Positions) -> tuple[Int64, Mask]:
        """Decimal integers of up to 15 digits at [begin, end), shape (k, n); the values, and which are not integers."""
        negative = self.data[begin] == ord("-")
        start = begin + negative
        width = end - start
        bad = (width < 1) | (width > 15) | (self._digit[start] & self._digit[end - 1] == 0)
        values = self._number[end - 1].astype(np.int64)
        for row in np.flatnonzero((width > 2).any(axis=1)).tolist():
            digits = self._right_justified(start[row], end[row], 15) - _ZERO
            bad[row] |= (digits > 9).any(axis=1)
            magnitude = digits.astype(np.float64) @ _POWERS[-digits.shape[1] :]
            values[row] = np.where(negative[row], -magnitude, magnitude)
        return values, bad

    def reals(self, begin: Positions, end: Positions) -> tuple[npt.NDArray[np.float64], Mask]:
        """Decimal numbers at [begin, end), shape (n,), and which are not numbers.

        A plain decimal of up to 15 digits is a whole number over a power of ten, both exact doubles, so that one
        division gives the double nearest to what is written.
        """
        values, bad = np.full(begin.shape, np.nan), np.zeros(begin.shape, np.bool_)
        letters = self._right_justified(begin, end, 16)
        point = np.argmax(letters == ord("."), axis=1)
        for place in np.flatnonzero(np.bincount(point)).tolist():
            rows = np.flatnonzero(point == place)
            digits = np.delete(letters[rows], place, axis=1) - _ZERO
            if (letters[rows, place] == ord(".")).all() and (digits < 10).all() and (end - begin)[rows].max() <= 16:
                numerators = digits.astype(np.float64) @ _POWERS[-digits.shape[1] :]
                values[rows] = numerators / 10.0 ** (letters.shape[1] - 1 - place)
                continue
            for row in rows.tolist():
                try:
                    values[row] = float(self.data[begin[row] : end[row]].tobytes())
                except ValueError:
                    bad[row] = True
        return values, bad

    def macs(self, begin: Positions, end: Positions) -> tuple[Int64, Mask]:
        """MAC addresses at [begin, end) as 48-bit integers, shape (n,), and which are not MAC addresses."""
        addresses, bad = np.zeros(begin.shape, np.int64), np.zeros(begin.shape, np.bool_)
        for rows, word in self._words(begin, end):
            if _MAC.fullmatch(word):
                addresses[rows] = int(word.replace(b":", b""), 16)
            else:
                bad[rows] = True
        return addresses, bad

    def texts(self, begin: Positions, end: Positions) -> tuple[npt.NDArray[np.str_], Mask]:
        """Short texts at [begin, end), shape (n,); none is bad."""
        texts = np.zeros(begin.shape, f"U{int((end - begin).max(initial=1))}")
        for rows, word in self._words(begin, end):
            texts[rows] = word.decode("ascii", "replace")
        return texts, np.zeros(begin.shape, np.bool_)

    def _words(self, begin: Positions, end: Positions) -> Iterator[tuple[Positions, bytes]]:
        """Each different word at [begin, end), and where it stands."""
        widths = end - begin
        for width in np.flatnonzero(np.bincount(widths)).tolist():
            rows = np.flatnonzero(widths == width)
            words = self._windows(width)[begin[rows]] if width else np.zeros(len(rows), "S1")
            if words.tobytes() == words[:1].tobytes() * len(words):
                yield rows, words.item(0)
            else:
                yield from ((rows[words == word], word) for word in np.unique(words).tolist())

    def _right_justified(self, begin: Positions, end: Positions, limit: int) -> Bytes:
        """The last `limit` bytes at most of each [begin, end), shape (n, widest), filled up with zeros on the left."""
        width = max(1, min(limit, int((end - begin).max())))
        at = np.maximum(end - width, 0)
        letters = self._windows(width)[at].view(np.uint8).reshape(len(at), width)
        letters[np.arange(width) < (begin - at)[:, None]] = _ZERO
        return letters

    def _windows(self, width: int) -> npt.NDArray[np.bytes_]:
        """Overlapping words of one width, beginning at each byte."""
        return np.ndarray(max(0, len(self.data) - width + 1), f"S{width}", self.data, strides=(1,))


def _flag(mask: Mask) -> Bytes:
    """Ones and zeros; mixing them with other bytes then costs no conversion."""
    return mask.view(np.uint8)
