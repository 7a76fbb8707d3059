"""Numbers and names in text, parsed as columns: vectorised passes over the bytes of many lines at once."""

import re
from contextlib import suppress
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt

from midstream_cli.frames import Float64, Int64

Bytes = npt.NDArray[np.uint8]
Positions = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]

_REAL = re.compile(rb"-?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
_MOMENT = re.compile(rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{3}|\.\d{6})?")
_MAC = re.compile(rb"[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}")
_ZERO, _TEN, _HUNDRED, _COMMA = np.uint8(ord("0")), np.uint8(10), np.uint8(100), np.uint8(ord(","))
_TO_HIGHEST, _LOWEST_DIGIT = np.uint8(127 - ord("9")), np.int8(127 - 9)
_ILLEGAL = np.uint8(1)
_POWERS = np.array([float(10**i) for i in range(16, -1, -1)])

LONGEST_TEXT, MAC_LETTERS = 32, 17
_TEXT = re.compile(rb"[ -~]{0,%d}" % LONGEST_TEXT)

MOST_DIGITS, MOST_DIGITS_OF_VALUE = 15, 5
"""An integer of up to 15 digits is exact in a double; a value is one of 16 bits."""
_INT = re.compile(rb"-?\d{1,%d}" % MOST_DIGITS)

FEW = 8
"""So many numbers are faster read one by one: a block of one line is what a live stream brings."""

np.empty(31 << 20, np.uint8)
"""Allocated and let go: glibc then keeps freed blocks of up to this size, instead of paying for their pages anew."""


class Text:
    """A block of bytes that ends with a line end, in which each byte knows the 8-bit number that ends before it.

    Whole passes over bytes are an order of magnitude cheaper than picking out tokens, so what can be known of a number
    is computed at every byte, and only then picked where numbers end. Numbers that do not fit 7 bits and a sign are
    told, and read again.
    """

    def __init__(self, data: Bytes) -> None:
        self.data = data
        units = data - _ZERO
        # with digits as the highest of signed bytes, one comparison finds them, and at twice the speed of unsigned ones
        digit = _flag((data + _TO_HIGHEST).view(np.int8) >= _LOWEST_DIGIT)
        minus = _flag(data == ord("-"))
        units *= digit
        pair = digit[1:] & digit[:-1]
        hundreds = units[:-2] * pair[1:]
        ended = np.empty(len(data) + 1, np.uint8)
        number = ended[1:]
        ended[:2] = 0
        np.multiply(units[:-1], _TEN, out=number[1:])
        number += units
        number[2:] += hundreds * _HUNDRED

        # any bit but that of what is illegal
        wide = number & np.uint8(128)
        wide[2:] |= hundreds & np.uint8(254)
        four = pair[2:] & pair[:-2]
        four += four
        wide[3:] |= four

        negative = np.zeros(len(data), np.uint8)
        np.bitwise_and(minus[:-3], pair[1:-1], out=negative[3:])
        negative[2:] |= minus[:-2]
        negative[2:] &= digit[1:-1]
        negative[1:] |= minus[:-1]
        complement = np.negative(negative)
        number ^= complement
        number -= complement
        self._ended = ended

        # a minus stands between something that is not a digit, and a digit
        legal = digit | _flag(data == ord(" ")) | _flag(data == ord(","))
        legal[1:-1] |= minus[1:-1] & _flag(digit[2:] > digit[:-2])
        self._flags = legal ^ _ILLEGAL
        self._flags |= wide
        self._digit = digit

    def lists(self, opened: Positions, closed: Positions) -> tuple[npt.NDArray[np.int16], Int64, Mask]:
        """All integers of up to five digits between the brackets at `opened` and `closed`, one pair on each line.

        Returns:
            The values end to end, how many each list has, and which lists hold anything else.
        """
        ending = self._ending(opened, closed)
        # numbers are apart, so that two neighbouring bytes hold at most one end: half as many to look at
        even = len(ending) & ~1
        cells = (ending[:even].view(np.uint16) != 0).nonzero()[0]
        pairs = (self._ended[:even] * _flag(ending[:even])).view(np.uint16).take(cells)
        pairs |= pairs >> np.uint16(8)
        values = pairs.astype(np.uint8).view(np.int8).astype(np.int16)
        counts = _counts(cells, opened // 2, closed // 2)

        edges = np.empty(2 * len(opened), np.intp)
        edges[::2], edges[1::2] = opened + 1, closed
        flags = np.bitwise_or.reduceat(self._flags, edges)[::2]
        flags *= closed > opened + 1
        garbage: Mask = (flags & _ILLEGAL) != 0
        wide = (flags != 0) & ~garbage
        if wide.any():
            tokens = np.flatnonzero(np.repeat(wide, counts))
            values[tokens], beyond = self._wide_values(np.flatnonzero(ending)[tokens])
            garbage[np.repeat(np.arange(len(counts)), counts)[tokens[beyond]]] = True
        return values, counts, garbage

    def _ending(self, opened: Positions, closed: Positions) -> Mask:
        """Which bytes of the lists stand right behind a number."""
        edges = np.full(2 * len(opened) + 2, -1, np.intp)
        edges[1:-1:2], edges[2:-1:2], edges[-1] = opened, closed, len(self.data) - 1
        runs = edges[1:] - edges[:-1]
        ending = np.repeat(np.arange(len(runs)) % 2 == 1, runs)
        ending[1:] &= self._digit[:-1] > self._digit[1:]
        return ending

    def _wide_values(self, ends: Positions) -> tuple[Int64, Mask]:
        """The integers before `ends`, and which have more than five digits or do not fit 16 bits; each shape (n,)."""
        running, width, values = (np.full(len(ends), start) for start in (True, 0, 0))
        for place in range(MOST_DIGITS_OF_VALUE + 1):
            letters = self.data.take(ends - 1 - place, mode="clip") - _ZERO
            running &= letters < _TEN
            values += np.where(running, letters, 0) * np.int64(10**place)
            width += running
        values[self.data.take(ends - 1 - width) == ord("-")] *= -1
        return values, (width > MOST_DIGITS_OF_VALUE) | (values < -(1 << 15)) | (values >= 1 << 15)

    def ints(self, cuts: Positions, columns: list[int]) -> tuple[Int64, Mask]:
        """Decimal integers of up to 15 digits in comma-separated fields.

        Args:
            cuts: shape (n, fields + 1), where the commas around the fields stand.
            columns: which fields to read.

        Returns:
            The values, and which are not integers; each shape (columns, n).
        """
        after = cuts.reshape(-1)
        last = after - 1
        values = self._ended.take(after).view(np.int8)
        size = np.abs(values)
        printed = (size > 9).view(np.int8) + (size > 99) + (values < 0) + 1
        width = np.empty(len(after), np.intp)
        np.subtract(last[1:], after[:-1], out=width[1:])
        # what ends with a digit, and is as wide as its value prints, is that number and nothing else
        read = (width == printed) & (self._digit.take(last) > self._flags.take(last))
        numbers = values.reshape(cuts.shape)[:, 1:].T[columns].astype(np.int64)
        read = read.reshape(cuts.shape)[:, 1:].T[columns]
        long = (~read.all(axis=1)).nonzero()[0]
        if len(long):
            begin, end = (cuts[:, np.array(columns)[long] + side].T.reshape(-1) for side in (0, 1))
            again = self._long_ints(begin + 1, end)
            numbers[long], read[long] = (found.reshape(len(long), -1) for found in again)
        return numbers, ~read

    def _long_ints(self, begin: Positions, end: Positions) -> tuple[Int64, Mask]:
        """Decimal integers of up to 15 digits at [begin, end), shape (n,), and which are integers."""
        if len(begin) <= FEW:
            words = [self._word(begin, end, row) for row in range(len(begin))]
            numbers = [int(word) if _INT.fullmatch(word) else None for word in words]
            return np.array([number or 0 for number in numbers]), np.array([number is not None for number in numbers])
        negative = self.data[begin] == ord("-")
        width = end - begin - negative
        values, digits_only = _whole(self._right_justified(end - width, end, MOST_DIGITS))
        values[negative] *= -1
        return values.astype(np.int64), digits_only & (width >= 1) & (width <= MOST_DIGITS)

    def reals(self, begin: Positions, end: Positions) -> tuple[Float64, Mask]:
        """Decimal numbers at [begin, end), shape (n,), and which are not numbers."""
        values, plain = np.full(len(begin), np.nan), np.zeros(len(begin), np.bool_)
        if len(begin) > FEW:
            values, plain = self._plain_reals(begin, end)
        bad = np.zeros(len(begin), np.bool_)
        for row in (~plain).nonzero()[0].tolist():
            word = self._word(begin, end, row)
            bad[row] = not _REAL.fullmatch(word)
            values[row] = np.nan if bad[row] else float(word)
        return values, bad

    def _plain_reals(self, begin: Positions, end: Positions) -> tuple[Float64, Mask]:
        """Plain decimals at [begin, end), shape (n,), and which are such.

        But for its point, such a number is a whole one below 2^53. That and a power of ten are exact doubles, so that
        one division gives the double nearest to what is written.
        """
        values, width = np.full(len(begin), np.nan), end - begin
        letters = self._right_justified(begin, end, MOST_DIGITS + 2)
        most = letters.shape[1]
        plain = (width > 0) & (width <= most)
        point = np.argmax(letters == ord("."), axis=1)
        point[letters[np.arange(len(point)), point] != ord(".")] = most
        for place in np.bincount(point).nonzero()[0].tolist():
            rows = np.flatnonzero(point == place)
            whole, legal = _whole(letters[rows], place if place < most else None)
            plain[rows] &= legal & (whole < 2.0**53) & ((place == most) | (width[rows] > 1))
            values[rows] = whole / 10.0 ** max(most - 1 - place, 0)
        return values, plain

    def moments(self, begin: Positions, end: Positions) -> tuple[Float64, Mask]:
        """Seconds at [begin, end), shape (n,), and which are none.

        A number is milliseconds since boot; a date with a time, taken as UTC, is seconds since 1970.
        """
        values, bad = self.reals(begin, end)
        values /= 1000
        for row in np.flatnonzero(bad).tolist():
            word = self._word(begin, end, row)
            if _MOMENT.fullmatch(word):
                with suppress(ValueError):
                    values[row] = datetime.fromisoformat(word.decode()).replace(tzinfo=UTC).timestamp()
                    bad[row] = False
        return values, bad

    def macs(self, begin: Positions, end: Positions) -> tuple[Int64, Mask]:
        """MAC addresses at [begin, end) as 48-bit integers, shape (n,), and which are not MAC addresses."""
        words, which = self._words(begin, end, MAC_LETTERS)
        numbers = [int(word.replace(b":", b""), 16) if _MAC.fullmatch(word) else -1 for word in words]
        addresses = np.array(numbers)[which]
        return addresses, addresses < 0

    def texts(self, begin: Positions, end: Positions, without: bytes) -> tuple[npt.NDArray[np.str_], Mask]:
        """Texts at [begin, end), shape (n,), and which are long, not printable, or have `without` in them."""
        words, which = self._words(begin, end, LONGEST_TEXT)
        good = [_TEXT.fullmatch(word) is not None and without not in word for word in words]
        texts = [word.decode() if fine else "" for word, fine in zip(words, good, strict=True)]
        return np.array(texts)[which], ~np.array(good)[which]

    def _word(self, begin: Positions, end: Positions, row: int) -> bytes:
        return self.data[begin[row] : end[row]].tobytes()

    def _words(self, begin: Positions, end: Positions, longest: int) -> tuple[list[bytes], Positions]:
        """The different words at [begin, end), and which of them stands at each; of longer words, the end."""
        width = int(end[0] - begin[0])
        if width and (end - begin == width).all():
            words = _windows(self.data, width)[begin]
            if words.tobytes() == words[:1].tobytes() * len(words):
                return [words[:1].tobytes()], np.zeros(len(words), np.intp)
        letters = self._right_justified(begin, end, longest + 1, filler=_COMMA)
        words = letters.view(f"S{letters.shape[1]}").reshape(-1)
        _, first, which = np.unique(words, return_index=True, return_inverse=True)
        return [letters[i].tobytes().lstrip(b",") for i in first.tolist()], which

    def _right_justified(self, begin: Positions, end: Positions, most: int, filler: np.uint8 = _ZERO) -> Bytes:
        """The last `most` bytes of each [begin, end) or, if all are shorter, as many as the longest has; shape (n, k)."""
        width = max(1, min(most, int((end - begin).max())))
        data, at = self.data, end - width
        if at.min() < 0:
            data, at = np.concatenate([np.zeros(width, np.uint8), data]), at + width
        letters = _windows(data, width)[at].view(np.uint8).reshape(len(at), width)
        letters[np.arange(width) < (width - end + begin)[:, None]] = filler
        return letters


def _windows(data: Bytes, width: int) -> npt.NDArray[np.bytes_]:
    """Overlapping words of one width, beginning at each byte."""
    return np.ndarray(max(0, len(data) - width + 1), f"S{width}", data, strides=(1,))


def _counts(cells: Positions, after: Positions, until: Positions) -> Int64:
    """How many of the cells lie in each (after, until]; all lie in one of them."""
    each, rest = divmod(len(cells), len(after))
    if each and not rest and (cells[::each] > after).all() and (cells[each - 1 :: each] <= until).all():
        return np.full(len(after), each)
    return np.searchsorted(cells, until, side="right") - np.searchsorted(cells, after, side="right")


def _whole(letters: Bytes, point: int | None = None) -> tuple[Float64, Mask]:
    """Whole numbers of up to 16 digits, shape (n,), from letters of shape (n, k); and which hold nothing else.

    Args:
        point: the column in which each has a decimal point, that is left out.
    """
    digits = letters - _ZERO
    legal = digits < _TEN
    weights = _POWERS[len(_POWERS) - letters.shape[1] + (point is not None) :]
    if point is not None:
        weights = np.concatenate((weights[:point], (0.0,), weights[point:]))
        legal[:, point] = letters[:, point] == ord(".")
    nothing_else = np.ones(len(letters), np.bool_) if legal.all() else np.asarray(legal.all(axis=1))
    return np.asarray(digits.astype(np.float64) @ weights), nothing_else


def _flag(mask: Mask) -> Bytes:
    """Ones and zeros; mixing them with other bytes then costs no conversion."""
    return mask.view(np.uint8)
