"""The `CSI_DATA` lines that ESP32 firmware prints, parsed as columns: many lines in one vectorised pass.

A line is `CSI_DATA,` then comma-separated fields, then a list of integers in brackets. Which fields, depends on the
firmware; everything else is common, and so is everything that goes wrong on a serial console.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, reduce
from operator import or_
from typing import Any

import numpy as np
import numpy.typing as npt

from midstream_cli.frames import Float64, Int64
from midstream_cli.streams.csi_block import Block
from midstream_cli.streams.csi_records import RECORD, Console
from midstream_cli.streams.csi_single import SingleLine
from midstream_cli.streams.tally import Tally
from midstream_cli.streams.text_columns import Mask, Positions, Text

Columns = dict[str, npt.NDArray[Any]]
Damage = dict[str, Mask]
"""By name, which lines have it."""


CUT_BY_JOINING = "line cut by joining"

_RECORDS = re.compile(re.escape(RECORD))

LEGACY_SUBCARRIERS = 64
"""Of the legacy training field, with those that carry nothing."""


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of one firmware's line, between `CSI_DATA,` and the data, and what the data are."""

    header: str
    """The names of the fields, with commas between them. All hold whole numbers, but for `mac` and the next three."""
    text: str = ""
    real: str = ""
    moment: str = ""
    """A time, in milliseconds since boot or as a date."""
    sequence: str = ""
    """The field in which the sender numbers its frames, if there is one."""
    counted: bool = False
    """The field `len` is the number of values; where it is not, the line is damaged."""
    pairs: bool = True
    """Values come in pairs; an odd number of them is damage. Else they are amplitudes, half as many as `len` says or as
    the legacy training field has, and not negative."""
    base64_data: bool = False
    """The data may come as base64 of signed bytes instead of a list."""
    packet_format: bool = False
    """Newer builds print the packet's format where older ones print `rx_state`."""

    @property
    def names(self) -> list[str]:
        """The fields by name, in their order."""
        return self.header.split(",")

    @property
    def commas(self) -> int:
        """Commas between the start of the line and its data."""
        return len(self.names) + 1

    def by_kind(self) -> dict[str, list[int]]:
        """Positions of the fields of each kind: `text`, `real`, `moment`, `mac` or `int`."""
        kinds = {"mac": "mac", self.text: "text", self.real: "real", self.moment: "moment"}
        found: dict[str, list[int]] = {}
        for i, name in enumerate(self.names):
            found.setdefault(kinds.get(name, "int"), []).append(i)
        return found


@dataclass(slots=True)
class Lines:
    """The good lines of a block, as columns."""

    fields: Columns
    values: npt.NDArray[np.int16]
    """All data values end to end, in the order of the buffer: imaginary part first."""
    counts: Int64
    """How many values each line has."""
    host_time_s: Float64
    """Unix time that the reading program added behind the data; NaN where there is none."""
    evidence: Mask
    """What stood before each line, shape (n, 3); its columns are `csi_records.BOOTED`, `HEADED` and `RX_FORMAT`."""

    def __len__(self) -> int:
        return len(self.counts)

    def take(self, good: Mask) -> "Lines":
        """The lines that are good."""
        return Lines(
            {name: column[good] for name, column in self.fields.items()},
            self.values[np.repeat(good, self.counts)],
            self.counts[good],
            self.host_time_s[good],
            self.evidence[good],
        )


class LineParser:
    """Parses blocks of whole lines, in order; what is damaged is counted and passed over."""

    def __init__(self, fields: Fields, tally: Tally) -> None:
        self._fields = fields
        self._names, self._commas, self._by_kind = fields.names, fields.commas, fields.by_kind()
        self._single = SingleLine(fields.names, self._by_kind)
        self._tally = tally
        self._console = Console(fields.commas, tally, base64_data=fields.base64_data)
        self._lines = 0
        self._joined: set[int] = set()

    def join(self, after: int = 0) -> None:
        """Nobody saw the next line, or the one so many lines `after` it, begin: what is damaged there is no fault."""
        self._joined.add(self._lines + after + 1)

    def parse(self, text: bytes) -> Lines | None:
        """The good lines of a block that ends with a line end, or None where there are none."""
        if text.count(b"\n") == 1 and (line := self._alone(text)) is not None:
            self._lines += 1
            return line
        block = Block.of(text, self._commas)
        clean, number = block.clean, self._lines + 1
        self._lines += len(clean)
        if clean.all():
            lines, damage = self._columns(block)
            clean = ~_doubled(block, reduce(or_, damage.values(), ~clean)) if damage else clean
            if clean.all():
                lines.evidence = self._console.evidence(len(lines))
                return self._good(lines, damage, np.arange(number, self._lines + 1))
        clean = clean & ~_doubled(block, clean)
        text, numbers, evidence = self._console.cut(text, block.starts, block.marks.ends, clean, number)
        if not len(numbers):
            self._report()
            return None
        lines, damage = self._columns(Block.of(text, self._commas))
        lines.evidence = evidence
        return self._good(lines, damage, numbers)

    def _alone(self, text: bytes) -> Lines | None:
        """The record of a single line; None where there may be anything wrong with it, or beside it."""
        read = self._single.read(text)
        if read is None:
            return None
        fields, (columns, values) = self._fields, read
        if (fields.pairs and len(values) % 2) or (not fields.pairs and (values < 0).any()):
            return None
        said = columns["len"][0] if fields.counted or not fields.pairs else None
        expected = len(values) if fields.counted else 2 * len(values)
        if said is not None and said != expected and (fields.counted or len(values) != LEGACY_SUBCARRIERS):
            return None
        return Lines(columns, values, np.array([len(values)]), np.full(1, np.nan), self._console.evidence(1))

    def _columns(self, block: Block) -> tuple[Lines, Damage]:
        """All lines of a block in which each is a record, and their damage."""
        text = Text(block.data)
        values, counts, garbage = text.lists(block.marks.opened, block.marks.closed)
        damage = {"garbage in the data": garbage, "no data": counts == 0}
        if self._fields.pairs:
            damage["odd number of values"] = counts % 2 == 1
        else:
            damage["negative amplitude"] = _where_negative(values, counts)
        columns, unreadable = self._read(text, block.marks.cuts)
        damage |= {f"{kind} field unreadable": bad for kind, bad in unreadable.items()}
        if self._fields.counted:
            damage["length does not match"] = columns["len"] != counts
        elif not self._fields.pairs:
            damage["length does not match"] = (columns["len"] != 2 * counts) & (counts != LEGACY_SUBCARRIERS)
        lines = Lines(columns, values, counts, block.host_times(text), np.empty((0, 3), np.bool_))
        any_bad = reduce(or_, damage.values()).any()
        return lines, {name: bad for name, bad in damage.items() if bad.any()} if any_bad else {}

    def _read(self, text: Text, cuts: Positions) -> tuple[Columns, Damage]:
        """The fields by name, and by kind which lines have one that cannot be read."""
        columns: Columns = {}
        unreadable: Damage = {}
        readers: dict[str, Callable[[Positions, Positions], tuple[npt.NDArray[Any], Mask]]] = {
            "text": partial(text.texts, without=RECORD[:-1]),
            "real": text.reals,
            "moment": text.moments,
            "mac": text.macs,
        }
        for kind, at in self._by_kind.items():
            if kind == "int":
                found, bad = text.ints(cuts, at)
                columns.update(zip((self._names[i] for i in at), found, strict=True))
                unreadable[kind] = np.asarray(bad.any(axis=0))
            for i in at if kind != "int" else ():
                columns[self._names[i]], unreadable[kind] = readers[kind](cuts[:, i] + 1, cuts[:, i + 1])
        return columns, unreadable

    def _good(self, lines: Lines, damage: Damage, numbers: Int64) -> Lines | None:
        """The lines without a fault; the others are counted once each, by the first fault they have."""
        if not damage:
            self._report()
            return lines
        good = np.ones(len(numbers), np.bool_)
        for name, bad in damage.items():
            self._console.faults += [(number, name) for number in numbers[bad & good].tolist()]
            good &= ~bad
        self._report()
        self._console.pass_on(lines.evidence, good)
        return lines.take(good) if good.any() else None

    def _report(self) -> None:
        """Count the faults in the order of their lines; of a line that nobody saw begin, that it was cut."""
        faults = sorted(self._console.faults, key=lambda fault: fault[0])
        for number, name in faults:
            if number not in self._joined:
                self._tally.fault(name, f"line {number}")
        if cut := self._joined.intersection(number for number, _ in faults):
            self._tally.skipped[CUT_BY_JOINING] += len(cut)
        self._console.faults.clear()


def _doubled(block: Block, suspects: Mask) -> Mask:
    """Which of some lines begin another record within their fields; it makes at least one field unreadable."""
    begins = np.array([found.start() for found in _RECORDS.finditer(block.data.tobytes())], np.intp)
    lines = np.searchsorted(block.marks.ends, begins)
    return suspects & (np.bincount(lines, minlength=len(suspects)) > 1)


def _where_negative(values: npt.NDArray[np.int16], counts: Int64) -> Mask:
    """Which lines have a negative value."""
    negative = np.zeros(len(counts), np.bool_)
    negative[np.repeat(np.arange(len(counts)), counts)[values < 0]] = True
    return negative
