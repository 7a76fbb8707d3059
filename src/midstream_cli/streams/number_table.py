"""Tables of numbers in text, with a header line, parsed as columns: by Arrow where a block is clean, else line by line.

Both ways read the same. What a cell means is written once, in `table_cells`; the fast way takes the lines of which it
is certain, and leaves the others.
"""

import math
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from midstream_cli.streams.named_columns import time_column
from midstream_cli.streams.table_cells import MISSING, Column, cells_of, columns_by, delimiter_of, is_value, tells_unit
from midstream_cli.streams.tally import Tally

FEW_LINES = 64
"""So few are read before Arrow has begun."""

_TYPES = {"number": np.float64, "complex": np.complex128, "time": np.int64, "date": np.int64}
_LINE_END = re.compile(rb"\r+(?=\n)")
_INDENTED_QUOTE = re.compile(rb'^(?: +|\xef\xbb\xbf *)"', re.MULTILINE)


class Unclean(Exception):  # noqa: N818 - it is no error: the other way is taken
    """A block that the fast way does not read."""


class TableReader:
    """Reads blocks of whole lines, in order; what is damaged is counted and passed over."""

    def __init__(self, tally: Tally) -> None:
        self.columns: list[Column] = []
        """What the columns hold; empty until the first row was read."""
        self.named = False
        """Whether the names of the columns were written there."""
        self._tally = tally
        self._lines = 0
        self._header: str | None = None
        self._names: list[str] = []
        self._comment = ""
        self._delimiter = ""

    def read(self, block: bytes) -> dict[str, npt.NDArray[Any]]:
        """The columns of the rows in a block that ends with a line end, times in nanoseconds as `time_ns`.

        Empty where the block holds no row.
        """
        first, count = self._lines + 1, block.count(b"\n")
        self._lines += count
        if b"\r" in block:
            block = _LINE_END.sub(b"", block)
        if len(self.columns) > 1 and count > FEW_LINES and b"#" not in block:
            try:
                return self._fast(block, count)
            except Unclean:
                pass
        lines = [(i, line) for i, line in enumerate(block.split(b"\n")[:-1], first) if self._is_row(line)]
        if not self.columns:
            lines = self._begin(lines)
        parts = list(self._salvage(lines))
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]} if parts else {}

    def _is_row(self, line: bytes) -> bool:
        bare = line.strip(b" ")
        if bare.startswith(b"#") and not self.columns:
            self._comment = _text(bare[1:])
        return bool(bare) and not bare.startswith(b"#")

    def _begin(self, lines: list[tuple[int, bytes]]) -> list[tuple[int, bytes]]:
        """Look for the header and the first row; return the lines from that row on, none while there is no row."""
        for i, (at, line) in enumerate(lines):
            text = _text(line)
            try:
                row = cells_of(text, self._delimiter if self._header is not None else delimiter_of(text))
                cells = cells_of(text, delimiter_of(text))
            except ValueError:
                self._tally.fault("quote not closed", f"line {at}")
                continue
            if all(cell in MISSING for cell in row):
                self._tally.skipped["empty row before the first number"] += 1
            elif not any(map(is_value, row)) or (self._header is None and time_column(row)):
                if self._header is not None:
                    self._tally.skipped["other text"] += 1
                self._header, self._names, self._delimiter = text, cells, delimiter_of(text)
            elif self._is_first(row, text, at):
                return lines[i:]
        return []

    def _is_first(self, row: list[str], text: str, at: int) -> bool:
        """Whether what the columns hold could be decided by this row."""
        names, delimiter = self._names, self._delimiter
        if self._header is None:
            delimiter = delimiter_of(text)
            commented = [name.strip(' "') for name in self._comment.split(delimiter or None)]
            names = commented if len(commented) == len(row) else []
        self.named = bool(names)
        names = names or [f"c{i}" for i in range(len(row))]
        time = time_column(names)
        if len(names) != len(row):
            self._tally.fault("wrong number of cells", f"line {at}")
            return False
        if time and not tells_unit(row[names.index(time.name)]):
            cell = row[names.index(time.name)]
            self._tally.fault("time unreadable", f"line {at}, column {time.name}: {cell[:40]!r}")
            return False
        self._delimiter = delimiter
        self._settle(names, row)
        return True

    def _settle(self, names: list[str], row: list[str]) -> None:
        """Decide what the columns hold."""
        unique = [name or f"c{i}" for i, name in enumerate(names)]
        unique = [f"{name}_{i}" if name in unique[:i] else name for i, name in enumerate(unique)]
        self.columns = columns_by(unique, row)
        for i, column in enumerate(self.columns):
            if not names[i] and row[i] in MISSING:
                # each line ends with a delimiter
                self.columns[i] = Column(column.name, "text")
            elif column.role == "text":
                self._tally.skipped[f"{column.name}: not numbers"] = 1

    def _salvage(self, lines: list[tuple[int, bytes]]) -> Iterator[dict[str, npt.NDArray[Any]]]:
        """The columns of lines of which some may be damaged, in parts: halves until they are clean, or few."""
        if len(lines) > FEW_LINES:
            try:
                yield self._fast(b"\n".join(line for _, line in lines) + b"\n", len(lines))
            except Unclean:
                yield from self._salvage(lines[: len(lines) // 2])
                yield from self._salvage(lines[len(lines) // 2 :])
            return
        rows = [row for at, line in lines if (row := self._row(_text(line), at)) is not None]
        if rows:
            kept = [column for column in self.columns if column.role != "text"]
            yield {
                _name(column): np.array(values, _TYPES[column.role])
                for column, values in zip(kept, zip(*rows, strict=True), strict=True)
            }

    def _row(self, text: str, at: int) -> list[Any] | None:
        """What the cells of a line mean; None, and counted, where it is damaged."""
        try:
            cells = cells_of(text, self._delimiter)
        except ValueError:
            self._tally.fault("quote not closed", f"line {at}")
            return None
        if len(cells) != len(self.columns):
            self._tally.fault("wrong number of cells", f"line {at}")
            return None
        row = []
        for column, cell in zip(self.columns, cells, strict=True):
            if column.role == "text":
                continue
            try:
                row.append(column.value(cell))
            except ValueError:
                if text == self._header:
                    self._tally.skipped["header again"] += 1
                    return None
                what = "time unreadable" if column.role in ("time", "date") else "text in a column of numbers"
                self._tally.fault(what, f"line {at}, column {column.name}: {cell[:40]!r}")
                return None
        return row

    def _fast(self, block: bytes, count: int) -> dict[str, npt.NDArray[Any]]:
        """The columns of a block of so many rows.

        Raises:
            Unclean: something in it is not as it should be.
        """
        import pyarrow as pa
        import pyarrow.csv

        if b"\r" in block or (b'"' in block and not self._delimiter):
            raise Unclean
        # behind what a line is freed of, a quote opens a cell; to Arrow it is a letter
        if b'"' in block and _INDENTED_QUOTE.search(block):
            raise Unclean
        if not self._delimiter:
            block = b"\n".join(b" ".join(line.split()) for line in block.split(b"\n"))
        # a quote that is not closed swallows the last row, which is ours
        block += (self._delimiter or " ").encode() * (len(self.columns) - 1) + b"\n" if b'"' in block else b""
        kept = [column for column in self.columns if column.role != "text"]
        types = {c.name: pa.float64() if c.role == "number" else pa.string() for c in kept}
        try:
            table = pa.csv.read_csv(
                pa.BufferReader(block),
                pa.csv.ReadOptions(column_names=[c.name for c in self.columns], block_size=len(block) + 1),
                pa.csv.ParseOptions(delimiter=self._delimiter or " "),
                pa.csv.ConvertOptions(column_types=types, include_columns=list(types), null_values=MISSING),
            )
        except pa.ArrowInvalid:
            raise Unclean from None
        if table.num_rows != count + (b'"' in block):
            raise Unclean
        table = table[:count]
        return {_name(column): _values(column, table[column.name].combine_chunks()) for column in kept}


def _text(line: bytes) -> str:
    return line.decode(errors="replace").removeprefix("\ufeff").strip(" ")


def _name(column: Column) -> str:
    return "time_ns" if column.role in ("time", "date") else column.name


def _values(column: Column, array: Any) -> npt.NDArray[Any]:
    """A column that Arrow has read.

    Raises:
        Unclean: a cell is not what it should be.
    """
    import pyarrow as pa

    if column.role == "number":
        # pyarrow's own way would import pandas, where that is installed
        whole = array.fill_null(math.nan) if array.null_count else array
        numbers: npt.NDArray[Any] = np.frombuffer(whole.buffers()[1], np.float64)
        return numbers[whole.offset : whole.offset + len(whole)]
    if column.role == "time":
        try:
            words = np.frombuffer(array.cast(pa.decimal128(38, column.digits)).buffers()[1], np.int64).reshape(-1, 2)[
                : len(array)
            ]
        except pa.ArrowInvalid:
            pass
        else:
            # the low word of 128 bits is the value, where the high word is nothing but its sign
            if array.null_count == 0 and (words[:, 1] == words[:, 0] >> 63).all():
                return words[:, 0]
    try:
        return np.array([column.value((cell or "").strip()) for cell in array.to_pylist()], _TYPES[column.role])
    except ValueError:
        raise Unclean from None
