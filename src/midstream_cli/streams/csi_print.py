"""Channel-state frames as the lines that ESP32 firmware prints."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from math import isnan
from typing import Any

import numpy as np
import numpy.typing as npt

from midstream_cli.errors import FormatError
from midstream_cli.frames import Int64
from midstream_cli.recordings import CsiRecording, Recording
from midstream_cli.streams.csi_line import Fields
from midstream_cli.streams.csi_records import RECORD

Column = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Firmware:
    """How one firmware prints its lines; where nothing is said, as Espressif's examples do."""

    fields: Fields
    data: str = "data"
    """What its header calls the list of values."""
    opening: str = '"['
    between: str = ","
    closing: str = ']"'
    upper_case: bool = False
    """MAC addresses have upper-case letters."""
    signed: bool = True
    """Counters of 32 bits are printed as signed numbers."""
    largest: int = (1 << 15) - 1
    """Of a value; the smallest is one further from zero."""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    """What is printed where `meta` lacks a field; 0 if nothing."""


def print_lines(recording: Recording, firmware: Firmware) -> Iterator[bytes]:
    """The header, then each frame as one line with its end.

    Fields come from the frames and their `meta`, where it holds them. Times are printed as counters of 32 bits, so that
    whole wraps, and what lies below a microsecond, are lost; samples are rounded, and cut at what the firmware can print.

    Raises:
        FormatError: the recording holds no channel state, or samples that all round to nothing.
    """
    if not isinstance(recording, CsiRecording):
        raise FormatError("lines of CSI_DATA hold channel state", "write another kind of stream in another format")
    fields, values = firmware.fields, _values(recording, firmware)
    yield f"type,{fields.header},{firmware.data}\n".encode()
    known = _columns(recording, firmware)
    columns = [_printed(known[name], real=name == fields.real) for name in fields.names]
    line = RECORD.decode() + "%s," * len(columns) + firmware.opening + "%s" + firmware.closing + "%s\n"
    ends = pairwise((2 * recording.offsets).tolist())
    lists = (firmware.between.join(map(str, values[begin:end].tolist())) for begin, end in ends)
    for row in zip(*columns, lists, _host_times(recording), strict=True):
        yield (line % row).encode()


def _columns(recording: CsiRecording, firmware: Firmware) -> dict[str, Column]:
    """The fields of the lines by their names, each shape (n,)."""
    meta, n, fields = recording.meta, len(recording), firmware.fields
    columns = {name: np.full(n, firmware.defaults.get(name, 0)) for name in fields.names} | dict(meta)
    if fields.counted or "len" not in meta:
        columns["len"] = 2 * recording.subcarriers
    if "rx_format" in meta:
        columns["rx_state"] = np.where(columns["rx_state"] == 0, meta["rx_format"], columns["rx_state"])
    if "first_word" not in meta and "first_word_invalid" in meta:
        columns["first_word"] = meta["first_word_invalid"]
    numbers = np.where(recording.seq < 0, np.arange(n), recording.seq)
    return columns | {
        "mac": _macs(recording.node, firmware),
        "rssi": recording.rssi,
        "noise_floor": recording.noise_floor,
        "channel": recording.channel,
        "local_timestamp": _counter(recording.time_ns // 1000, firmware),
        "real_timestamp": meta.get("real_timestamp", recording.time_ns / 1e9),
        "timestamp": meta.get("timestamp", recording.time_ns / 1e9) * 1000,
        fields.sequence: _counter(numbers, firmware),
    }


def _printed(column: Column, *, real: bool) -> list[Any]:
    if real:
        return [f"{value:.6g}" for value in column.tolist()]
    return list(column.tolist() if column.dtype.kind in "UO" else _whole(column).tolist())


def _values(recording: CsiRecording, firmware: Firmware) -> Int64:
    """The values of all frames end to end, imaginary parts first."""
    parts = np.ascontiguousarray(recording.csi).view(np.float32)
    values = np.clip(_whole(parts), -firmware.largest - 1, firmware.largest)
    if parts.any() and not values.any():
        raise FormatError("samples are too small to be integers", f"scale them to ±{firmware.largest} first")
    return values.reshape(-1, 2)[:, ::-1].reshape(-1)


def _host_times(recording: CsiRecording) -> list[str]:
    """What a program that reads the lines would add behind the data."""
    times = recording.meta.get("host_time_s", np.full(len(recording), np.nan))
    return ["" if isnan(time) else f",{time!r}" for time in times.tolist()]


def _whole(numbers: Column) -> Int64:
    """The nearest whole numbers; 0, as the firmware prints it, for what is not known."""
    if numbers.dtype.kind != "f":
        return np.asarray(numbers, np.int64)
    return np.asarray(np.rint(np.nan_to_num(np.clip(numbers, -(2.0**62), 2.0**62))), np.int64)


def _counter(numbers: Int64, firmware: Firmware) -> Column:
    """A count in 32 bits, as the firmware prints it."""
    return numbers.astype(np.uint32).view(np.int32 if firmware.signed else np.uint32)


def _macs(nodes: Int64, firmware: Firmware) -> Column:
    addresses, which = np.unique(nodes, return_inverse=True)
    names = [address.to_bytes(8).hex(":")[-17:] for address in addresses.tolist()]
    return np.array([name.upper() if firmware.upper_case else name for name in names], str)[which]
