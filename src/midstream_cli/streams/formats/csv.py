"""Tables of numbers with a header line: comma, semicolon, tab or spaces; `time_s,temp`, or channel state as `I0,Q0,...`.

Times are in a column called `time`, `timestamp` or `t`, or with its unit `time_ns`, `time_us`, `time_ms`, `time_s`.
"""

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from midstream_cli.frames import Kind, StreamInfo
from midstream_cli.recordings import Recording
from midstream_cli.streams.named_columns import columns_of, recording_of
from midstream_cli.streams.number_table import TableReader
from midstream_cli.streams.tally import Tally
from midstream_cli.streams.transports import ByteStream

KIND: Kind = "numeric"

LONGEST_LINE = 1 << 20
"""Bytes; what is longer is no line."""

ENCODED_ROWS = 4096
"""Rows that are text at a time."""

_SNIFFED_LINES = 100
_NAME = re.compile(r"(?=.*[A-Za-z])[^{}<>\"=:;\\]{1,64}")


def sniff(head: bytes) -> bool:
    """Whether there is a header of names, and under it a row that is mostly numbers."""
    if b"\0" in head or b"CSI_DATA" in head:
        return False
    tally = Tally()
    reader = TableReader(tally)
    for line in head.split(b"\n")[:-1][:_SNIFFED_LINES]:
        reader.read(line + b"\n")
        if reader.columns or tally.bad or tally.skipped["other text"]:
            break
    numbers = sum(column.role != "text" for column in reader.columns)
    names = all(_NAME.fullmatch(column.name) for column in reader.columns)
    return reader.named and names and not tally.bad and 2 * numbers > len(reader.columns)


def decode(stream: ByteStream, tally: Tally, info: StreamInfo) -> Iterator[Recording]:
    """Read a table row by row; where a live one has no times, a row gets that of its arrival."""
    reader = TableReader(tally)
    for block, came_ns in _blocks(stream, tally):
        columns = reader.read(block)
        if columns:
            if stream.live and "time_ns" not in columns:
                n = len(next(iter(columns.values())))
                columns["time_ns"] = np.full(n, came_ns, np.int64)
            yield recording_of(columns, info, tally)


def _blocks(stream: ByteStream, tally: Tally) -> Iterator[tuple[bytes, int]]:
    """Whole lines, and when the last of them came; a last line without an end gets one."""
    rest, came_ns = b"", 0
    for chunk in stream.as_text():
        came_ns = chunk.time_ns
        cut = chunk.data.rfind(b"\n") + 1
        if cut:
            yield rest + chunk.data[:cut], came_ns
            rest = b""
        rest += chunk.data[cut:]
        if len(rest) > LONGEST_LINE:
            tally.fault("endless line", f"a line of over {LONGEST_LINE} bytes")
            rest = b""
    if rest:
        yield rest + b"\n", came_ns


def encode(recording: Recording) -> Iterator[bytes]:
    """Write a header and a row for each frame; samples as I0, Q0, I1, Q1, ..., or amp0, amp1, ....

    Raises:
        UsageError: tokens are no table of numbers.
    """
    import pyarrow as pa
    import pyarrow.csv

    columns = _flat(columns_of(recording))
    yield ",".join(f'"{name}"' if set(name) & set(',"; \t') else name for name in columns).encode() + b"\n"
    options = pa.csv.WriteOptions(include_header=False)
    for start in range(0, len(recording), ENCODED_ROWS):
        sink = pa.BufferOutputStream()
        rows = {name: _array(values[start : start + ENCODED_ROWS]) for name, values in columns.items()}
        pa.csv.write_csv(pa.table(rows), sink, options)
        yield sink.getvalue().to_pybytes()


def _array(values: npt.NDArray[Any]) -> Any:
    """Values of a column; numbers from where they lie: pyarrow's own way would import pandas, where that is installed."""
    import pyarrow as pa

    if values.dtype.kind not in "iuf":
        return pa.array(values)
    kept = np.ascontiguousarray(values, values.dtype.newbyteorder("="))
    return pa.Array.from_buffers(pa.from_numpy_dtype(kept.dtype), len(kept), [None, pa.py_buffer(kept)])


def _flat(columns: dict[str, npt.NDArray[Any]]) -> dict[str, npt.NDArray[Any]]:
    """Columns of one value a row each."""
    flat: dict[str, npt.NDArray[Any]] = {}
    for name, values in columns.items():
        if name == "csi":
            for i in range(values.shape[1]):
                flat |= {f"I{i}": values[:, i].real, f"Q{i}": values[:, i].imag}
        elif name == "amplitude":
            flat |= {f"amp{i}": values[:, i] for i in range(values.shape[1])}
        else:
            flat[name] = values.astype(np.int8) if values.dtype.kind == "b" else values
    return flat
