"""The records on the lines of a serial console, where they stand between prompts, log lines, boot text and damage."""

import base64
import re
from collections.abc import Iterator

import numpy as np

from midstream_cli.frames import Int64
from midstream_cli.streams.tally import Tally
from midstream_cli.streams.text_columns import Mask, Positions

RECORD = b"CSI_DATA,"

BOOT = re.compile(rb"ESP-ROM:|rst:0x|(?<![A-Za-z])ets [A-Z][a-z]{2} +\d")
"""What an ESP32 prints first after every reset."""

HEADER = re.compile(rb"(?:^|,)type,.*,local_timestamp,")
OTHER_RECORD = re.compile(rb"(RADAR_DADA|DEVICE_INFO),")
"""What the firmware of the `console_test` example prints besides."""

TAIL = re.compile(rb"(?:(?:.*\d)?,\"*\[)?[-\d ,]*\]")
"""The end of a record whose beginning is lost, cut in its fields or in its data."""

BASE64 = re.compile(rb"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")

HOST_TIME = re.compile(rb"\"?,[^\[\]]*")
"""What `serial_append_time.py` and its like write behind the data."""

BOOTED, HEADED, RX_FORMAT = range(3)
"""Columns of the evidence: before the record stood boot text, or a header; the last header calls it `rx_format`."""


class Console:
    """Cuts the records out of lines, in order, and remembers what stood between them.

    Each `CSI_DATA,` begins a record, which ends before the next one or with its line: it is read, or it is a fault. What
    stands before it on its line is a prompt or log text, or the end of an earlier record, then a fault too.
    """

    def __init__(self, commas: int, tally: Tally, *, base64_data: bool = False) -> None:
        """Look for records with `commas` commas before their data."""
        self.faults: list[tuple[int, str]] = []
        """Line numbers and names, since they were last looked at."""
        self._commas = commas
        self._base64_data = base64_data
        self._skipped = tally.skipped
        self._evidence = np.zeros(3, np.bool_)

    def evidence(self, n: int) -> Mask:
        """What stood before the next n records, shape (n, 3); nothing stands between them."""
        rows = np.zeros((n, 3), np.bool_)
        if n:
            rows[0] = self._evidence
            rows[:, RX_FORMAT] = self._evidence[RX_FORMAT]
            self._evidence[:RX_FORMAT] = False
        return rows

    def pass_on(self, evidence: Mask, good: Mask) -> None:
        """Let what stood before a bad record stand before the next good one."""
        for row in np.flatnonzero(~good & evidence[:, :RX_FORMAT].any(axis=1)).tolist():
            later = np.flatnonzero(good[row:])
            heir = evidence[row + later[0]] if len(later) else self._evidence
            heir[:RX_FORMAT] |= evidence[row, :RX_FORMAT]

    def cut(
        self, text: bytes, starts: Positions, ends: Positions, clean: Mask, number: int
    ) -> tuple[bytes, Int64, Mask]:
        """One line for each record in a block of lines.

        Args:
            starts: shape (n,), where the lines begin, the first of which has this `number`; they end at `ends`.
            clean: shape (n,), which lines are one whole record.

        Returns:
            The lines, the number that each had, and the evidence before it.
        """
        parts: list[bytes] = []
        numbers: list[int] = []
        evidence = [self.evidence(0)]
        at = 0
        for i in [*np.flatnonzero(~clean).tolist(), len(clean)]:
            if i > at:
                parts.append(text[starts[at] : ends[i - 1] + 1])
                numbers += range(number + at, number + i)
                evidence.append(self.evidence(i - at))
            if i < len(clean):
                for record in self.records(text[starts[i] : ends[i]], number + i):
                    parts.append(record + b"\n")
                    numbers.append(number + i)
                    evidence.append(self.evidence(1))
            at = i + 1
        return b"".join(parts), np.array(numbers, np.int64), np.concatenate(evidence)

    def records(self, line: bytes, number: int) -> Iterator[bytes]:
        """The whole records of a line; what is damaged is noted, what is none is counted."""
        before, *pieces = line.split(RECORD)
        if HEADER.search(before) and pieces and b"[" not in pieces[0]:
            del pieces[0]  # the header itself goes on behind the name of the data
        self._look_at(before, number, alone=not pieces)
        for piece in pieces:
            fault, outside = self._fault(piece), piece
            if fault:
                self.faults.append((number, fault))
            elif b"[" not in piece:
                yield from self._from_base64(piece, number)
            else:
                data, _, outside = piece.partition(b"]")
                time = HOST_TIME.match(outside)
                outside = b"" if time else outside
                yield RECORD + data + b"]" + (time[0] if time else b"")
            self._evidence[BOOTED] |= BOOT.search(outside) is not None

    def _look_at(self, text: bytes, number: int, *, alone: bool) -> None:
        """Text that is no record, before a record or `alone` on its line."""
        self._evidence[BOOTED] |= BOOT.search(text) is not None
        other = OTHER_RECORD.search(text)
        if HEADER.search(text):
            self._evidence[HEADED], self._evidence[RX_FORMAT] = True, b",rx_format," in text
            self._skipped["header"] += 1
        elif TAIL.match(text):
            self.faults.append((number, "record without a beginning"))
        elif other:
            self._skipped[other[1].decode()] += 1
        elif alone and text.strip():
            self._skipped["other text"] += 1

    def _fault(self, piece: bytes) -> str:
        """What is wrong with the text from behind `CSI_DATA,` to the next, or to the end of the line."""
        head, bracket, rest = piece.partition(b"[")
        data, closing, _ = rest.partition(b"]")
        in_base64 = self._base64_data and not bracket and head.count(b",") >= self._commas - 1
        if not closing and not in_base64:
            return "record cut short"
        if head.count(b",") != self._commas - 1 and not in_base64:
            return "wrong number of fields"
        if b"]" in head:
            return "garbage in the fields"
        return "garbage in the data" if b"[" in data else ""

    def _from_base64(self, piece: bytes, number: int) -> Iterator[bytes]:
        """The same record with its data as a list."""
        *head, data = piece.split(b",", self._commas - 1)
        data = data.strip(b'" \r')
        if not BASE64.fullmatch(data):
            self.faults.append((number, "data is not base64"))
            return
        values = np.frombuffer(base64.b64decode(data), np.int8).tolist()
        yield RECORD + b",".join(head) + b",[" + ",".join(map(str, values)).encode() + b"]"
