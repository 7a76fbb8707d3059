"""The `CSI_DATA` lines that ESP32 firmware prints, parsed as columns: many lines in one vectorised pass.

A line is `CSI_DATA,` then comma-separated fields, then a list of integers in brackets. Which fields, depends on the
firmware; everything else is common, and so is everything that goes wrong on a serial console.
"""

import base64
import binascii
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from midstream_cli.frames import Int64
from midstream_cli.streams.tally import Tally
from midstream_cli.streams.text_columns import Bytes, Text

RECORD = b"CSI_DATA,"
BOOT = re.compile(rb"ESP-ROM:|rst:0x|ets [A-Z][a-z]{2} ")
"""What an ESP32 prints first after every reset."""
HEADLESS = re.compile(rb"[-\d ,]*\]")


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of one firmware's line, between `CSI_DATA,` and the data."""

    names: tuple[str, ...]
    text: frozenset[str] = frozenset()
    real: frozenset[str] = frozenset()
    base64_data: bool = False
    """The data may come as base64 of signed bytes instead of a list."""

    @classmethod
    def parse(cls, names: str, text: str = "", real: str = "", *, base64_data: bool = False) -> "Fields":
        """From comma-separated names, as the firmware's own header has them."""
        return cls(tuple(names.split(",")), frozenset(text.split(",")), frozenset(real.split(",")), base64_data)

    @property
    def commas(self) -> int:
        """Commas between the start of the line and its data."""
        return len(self.names) + 1

    def by_kind(self) -> dict[str, list[int]]:
        """Positions of the fields of each kind: `text`, `real`, `mac` or `int`."""
        kinds = dict.fromkeys(self.text, "text") | dict.fromkeys(self.real, "real") | {"mac": "mac"}
        found: dict[str, list[int]] = {}
        for i, name in enumerate(self.names):
            found.setdefault(kinds.get(name, "int"), []).append(i)
        return found


@dataclass(slots=True)
class Lines:
    """The good lines of a block, as columns."""

    fields: dict[str, npt.NDArray[Any]]
    values: npt.NDArray[np.int16]
    """All data values end to end, in the order of the buffer: imaginary part first."""
    counts: Int64
    """How many values each line has."""
    restarted: npt.NDArray[np.bool_]
    """Boot text or a header stood before the line."""
    host_time_s: npt.NDArray[np.float64]
    """Unix time that the reading program added behind the data; NaN where there is none."""

    def __len__(self) -> int:
        return len(self.counts)

    def take(self, good: npt.NDArray[np.bool_]) -> "Lines":
        """The lines that are good; a restart before a bad line is one before the next good one."""
        lines: Int64 = np.cumsum(good) - good
        restarted = np.zeros(len(self) + 1, np.bool_)
        np.logical_or.at(restarted, lines, self.restarted)
        return Lines(
            {name: column[good] for name, column in self.fields.items()},
            self.values[np.repeat(good, self.counts)],
            self.counts[good],
            restarted[: int(good.sum())],
            self.host_time_s[good],
        )


def fields_of(line: bytes) -> int:
    """How many fields stand between the last `CSI_DATA,` of a line and its data; 0 where there is none."""
    at = line.rfind(RECORD)
    end = line.find(b"[", at)
    return line.count(b",", at, end) - 1 if at >= 0 and end >= 0 and line.find(b"]", end) >= 0 else 0


@dataclass(slots=True)
class _Block:
    """The bytes of whole lines, and where in them the punctuation stands."""

    data: Bytes
    starts: npt.NDArray[np.intp]
    ends: npt.NDArray[np.intp]
    opened: npt.NDArray[np.intp]
    closed: npt.NDArray[np.intp]
    commas: npt.NDArray[np.intp]

    @classmethod
    def of(cls, text: bytes) -> "_Block":
        data = np.frombuffer(text, np.uint8)
        at = np.flatnonzero((data == ord("\n")) | (data == ord("[")) | (data == ord("]")) | (data == ord(",")))
        mark = data[at]
        ends, opened, closed, commas = (at[mark == ord(which)] for which in "\n[],")
        starts = np.concatenate([[0], ends[:-1] + 1]) if len(ends) else ends
        return cls(data, starts, ends, opened, closed, commas)

    def clean(self, commas: int) -> bool:
        """Whether every line is one whole record with this many commas before its data."""
        if not len(self.opened) == len(self.closed) == len(self.ends):
            return False
        if ((self.opened - self.starts < len(RECORD)) | (self.opened > self.closed) | (self.closed > self.ends)).any():
            return False
        prefix = self.data[self.starts[:, None] + np.arange(len(RECORD))]
        if (prefix != np.frombuffer(RECORD, np.uint8)).any():
            return False
        head = np.searchsorted(self.commas, self.opened) - np.searchsorted(self.commas, self.starts)
        return bool((head == commas).all())


class LineParser:
    """Parses blocks of whole lines, in order; what is damaged is counted and passed over."""

    def __init__(self, fields: Fields, tally: Tally) -> None:
        self._fields = fields
        self._by_kind = fields.by_kind()
        self._tally = tally
        self._line_number = 0
        self._restarted = False

    def parse(self, text: bytes) -> Lines | None:
        """The good lines of a block that ends with a line end, or None where there are none."""
        block = _Block.of(text)
        numbers = np.arange(self._line_number + 1, self._line_number + len(block.ends) + 1)
        self._line_number += len(block.ends)
        restarted = np.zeros(len(block.ends), np.bool_)
        if not block.clean(self._fields.commas):
            records, kept, restarted = self._salvage(text, block, numbers)
            block, numbers = _Block.of(b"".join(records)), numbers[kept]
        elif self._restarted and len(restarted):
            restarted[0], self._restarted = True, False
        return self._columns(block, numbers, restarted) if len(block.ends) else None

    def _salvage(
        self, text: bytes, block: _Block, numbers: Int64
    ) -> tuple[list[bytes], list[int], npt.NDArray[np.bool_]]:
        """The records that can be cut out of a block in which not every line is clean."""
        records, kept, restarted = [], [], []
        for i, (start, end) in enumerate(zip(block.starts.tolist(), block.ends.tolist(), strict=True)):
            line = text[start:end]
            if BOOT.search(line) or line.startswith(b"type,"):
                self._restarted = True
            record = self._record(line, f"line {numbers[i]}")
            if record:
                records.append(record + b"\n")
                kept.append(i)
                restarted.append(self._restarted)
                self._restarted = False
        return records, kept, np.array(restarted, np.bool_)

    def _record(self, line: bytes, where: str) -> bytes:
        """The record in a line, without what stands before it; empty where there is none."""
        at = line.rfind(RECORD)
        if at < 0 or line.startswith(b"type,"):
            if HEADLESS.match(line):
                self._tally.fault("record without a beginning", where)
            elif line.strip():
                self._tally.skipped["other text"] += 1
            return b""
        opened = line.find(b"[", at)
        closed = line.find(b"]", opened)
        if opened < 0 and self._fields.base64_data:
            return self._base64_record(line[at:], where)
        if opened < 0 or closed < 0:
            self._tally.fault("record cut short", where)
        elif line.count(b",", at, opened) != self._fields.commas:
            self._tally.fault("wrong number of fields", where)
        elif line.find(b"[", opened + 1) >= 0 or line.find(b"]", closed + 1) >= 0:
            self._tally.fault("garbage in the data", where)
        else:
            return line[at:]
        return b""

    def _base64_record(self, record: bytes, where: str) -> bytes:
        head, _, data = record.strip().rpartition(b",")
        if head.count(b",") + 1 != self._fields.commas:
            self._tally.fault("record cut short", where)
            return b""
        try:
            values = np.frombuffer(base64.b64decode(data, validate=True), np.int8)
        except binascii.Error:
            self._tally.fault("data is not base64", where)
            return b""
        return head + b",[" + ",".join(map(str, values.tolist())).encode() + b"]"

    def _columns(self, block: _Block, numbers: Int64, restarted: npt.NDArray[np.bool_]) -> Lines:
        text = Text(block.data)
        values, counts, faults = text.lists(block.opened, block.closed)
        first = np.searchsorted(block.commas, block.starts)
        cuts = block.commas[first + np.arange(self._fields.commas)[:, None]]
        begin, end = cuts[:-1] + 1, cuts[1:]
        columns: dict[str, npt.NDArray[Any]] = {}
        bad: npt.NDArray[np.bool_]
        for kind, at in self._by_kind.items():
            if kind == "int":
                parsed, bad = text.ints(begin[at], end[at])
                columns.update(zip((self._fields.names[i] for i in at), parsed, strict=True))
                faults.append(("int field unreadable", np.asarray(bad.any(axis=0))))
                continue
            for i in at:
                columns[self._fields.names[i]], bad = getattr(text, f"{kind}s")(begin[i], end[i])
                faults.append((f"{kind} field unreadable", bad))
        lines = Lines(columns, values, counts, restarted, self._host_times(block, text))
        good = self._count(faults, numbers)
        return lines if good.all() else lines.take(good)

    def _count(self, faults: list[tuple[str, npt.NDArray[np.bool_]]], numbers: Int64) -> npt.NDArray[np.bool_]:
        """Count each damaged line once, by the first fault it has; return which lines have none."""
        good = np.ones(len(numbers), np.bool_)
        for name, bad in faults:
            hit = bad & good
            if hit.any():
                self._tally.fault(name, f"line {numbers[np.argmax(hit)]}", int(hit.sum()))
                good &= ~hit
        return good

    @staticmethod
    def _host_times(block: _Block, text: Text) -> npt.NDArray[np.float64]:
        """What `serial_append_time.py` and its like write behind the data: a comma and the Unix time."""
        times = np.full(len(block.ends), np.nan)
        begin = block.closed + 2
        trailed = np.flatnonzero(
            (block.ends - begin >= 10) & (block.data[np.minimum(begin - 1, block.ends)] == ord(","))
        )
        if len(trailed):
            found, _ = text.reals(begin[trailed], block.ends[trailed])
            plausible = (found > 1e9) & (found < 1e10)
            times[trailed[plausible]] = found[plausible]
        return times


def blocks(chunks: Iterator[bytes] | Sequence[bytes], tally: Tally, limit: int = 1 << 20) -> Iterator[bytes]:
    """Whole lines out of chunks cut anywhere; a last line without an end gets one.

    A line longer than `limit` bytes is not a line: it is dropped and counted.
    """
    rest = b""
    for chunk in chunks:
        cut = chunk.rfind(b"\n") + 1
        if cut:
            yield rest + chunk[:cut]
            rest = chunk[cut:]
        elif chunk:
            rest += chunk
        if len(rest) > limit:
            tally.fault("endless line", f"a line of over {limit} bytes")
            rest = b""
    if rest:
        yield rest + b"\n"
