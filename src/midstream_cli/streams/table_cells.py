"""What the cells of a table of numbers mean: numbers, complex numbers, times and dates."""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

import numpy as np

from midstream_cli.streams.named_columns import DIGITS, time_column

Role = Literal["number", "complex", "time", "date", "text"]

MISSING = ("", "NA", "na", "N/A", "n/a", "NaN", "nan", "NAN", "null", "NULL", "None", "none")
"""Cells that hold no number, on purpose."""

_NUMBER = re.compile(r"[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf|infinity|nan)", re.ASCII | re.IGNORECASE)
_DATE = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(Z|[+-]\d\d:?\d\d)?)?", re.ASCII)
_COMPLEX_NAME = re.compile(r"csi_?\d+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Column:
    """What the cells of one column hold."""

    name: str
    role: Role
    digits: int = 0
    """Of a time: decimal digits to nanoseconds."""

    def value(self, cell: str) -> Any:
        """What a cell means: a float, a complex number, or a time in nanoseconds.

        Raises:
            ValueError: it holds something else.
        """
        if self.role == "complex":
            return complex("nan") if cell in MISSING else complex_number(cell)
        if self.role == "number":
            return float("nan") if cell in MISSING else number(cell)
        time_ns = self._time(cell)
        if not -(2**63) <= time_ns < 2**63:
            raise ValueError(cell)
        return time_ns

    def _time(self, cell: str) -> int:
        if self.role == "date":
            return unix_ns(cell)
        if not np.isfinite(number(cell)):
            raise ValueError(cell)
        return int(Decimal(cell).scaleb(self.digits).to_integral_value())


def number(cell: str) -> float:
    """A decimal number.

    Raises:
        ValueError: it is none.
    """
    if not _NUMBER.fullmatch(cell):
        raise ValueError(cell)
    return float(cell)


def complex_number(cell: str) -> complex:
    """A complex number as Python, NumPy or Octave write it: `(1+2j)`, `1.5 - 2i`.

    Raises:
        ValueError: it is none.
    """
    if "_" in cell:
        raise ValueError(cell)
    return complex(re.sub("i$", "j", cell.replace(" ", "").strip("()")))


def unix_ns(cell: str) -> int:
    """A date and time in ISO 8601 as nanoseconds since 1970; without a zone it is UTC.

    Raises:
        ValueError: it is none.
    """
    match = _DATE.fullmatch(cell)
    if not match:
        raise ValueError(cell)
    date, clock, zone = match.groups()
    moment = int(np.datetime64(f"{date}T{clock or '00:00'}", "ns").astype(np.int64))
    if zone and zone != "Z":
        minutes = int(zone[1:3]) * 60 + int(zone[-2:])
        moment -= (-minutes if zone[0] == "-" else minutes) * 60_000_000_000
    return moment


def delimiter_of(header: str) -> str:
    """What stands between the cells: comma, semicolon, tab, or spaces, which is ``""``."""
    bare = re.sub(r'"[^"]*"', "", header)
    return max((",", ";", "\t"), key=bare.count) if any(mark in bare for mark in ",;\t") else ""


def cells_of(line: str, delimiter: str) -> list[str]:
    """The cells of a line, without the spaces and quotes around them.

    Raises:
        ValueError: a quote is not closed.
    """
    if not delimiter:
        return line.split()
    if '"' not in line:
        return [cell.strip() for cell in line.split(delimiter)]
    # a quote that is not closed swallows the last cell, which is ours
    *cells, last = next(csv.reader([f"{line}{delimiter}."], delimiter=delimiter))
    if last != ".":
        raise ValueError(line)
    return [cell.strip() for cell in cells]


def columns_by(names: Sequence[str], row: Sequence[str]) -> list[Column]:
    """What each column holds, told by its name and by its cell in the first row."""
    time = time_column(name for name, cell in zip(names, row, strict=True) if is_value(cell))
    at = names.index(time.name) if time else -1
    columns = [_column(name, cell) for name, cell in zip(names, row, strict=True)]
    if time and _DATE.fullmatch(row[at]):
        columns[at] = Column(time.name, "date")
    elif time and columns[at].role == "number":
        columns[at] = Column(time.name, "time", DIGITS[time.unit_by(number(row[at]))])
    return columns


def _column(name: str, cell: str) -> Column:
    column = Column(name, "complex" if _COMPLEX_NAME.fullmatch(name) else "number")
    try:
        column.value(cell)
    except ValueError:
        return Column(name, "text")
    return column


def is_value(cell: str) -> bool:
    """Whether a cell is no name."""
    if cell in MISSING or not any(letter.isdigit() for letter in cell):
        return cell.lower().lstrip("+-") in ("inf", "infinity")
    try:
        complex_number(cell)
    except ValueError:
        return bool(_DATE.fullmatch(cell))
    return True


def tells_unit(cell: str) -> bool:
    """Whether the first time of a table may be this one: a finite number, or some text."""
    return cell not in MISSING and not (_NUMBER.fullmatch(cell) and not np.isfinite(float(cell)))
