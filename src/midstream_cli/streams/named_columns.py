"""Named columns, as tables and archives hold them, read as frames; and frames as named columns."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from midstream_cli.errors import FormatError, UsageError
from midstream_cli.frames import Clock, Int64, StreamInfo
from midstream_cli.recordings import CsiRecording, NumericRecording, Recording, TokenRecording
from midstream_cli.streams.tally import Tally

Columns = Mapping[str, npt.NDArray[Any]]

DIGITS = {"s": 9, "ms": 6, "us": 3, "ns": 0}
"""Decimal digits from a unit of time to nanoseconds."""

SINCE_1970_NS = 10**18
"""Times from here on, which is September 2001, are Unix times; smaller ones count from some start of their own."""

COUNTS = "subcarriers"
"""The column that tells how many samples each frame has, where they differ; the others are filled up."""

META = "meta_"
"""Before the name of a field that has the name of one of ours."""

_TIME = re.compile(
    r"([Tt]imes?|TIME|[Tt]imestamps?|TIMESTAMP|ts?)(?:_(?P<unit>ns|us|ms|s)| ?[\[(](?P<in>ns|us|µs|ms|s)[\])])?"
)
_NUMBERED = re.compile(r"(I|Q|AMP|CSI)_?(\d+)", re.IGNORECASE)
_FIXED: dict[str, tuple[type, float]] = {
    "node": (np.int64, 0),
    "rssi": (np.float32, np.nan),
    "noise_floor": (np.float32, np.nan),
    "channel": (np.int16, 0),
    "seq": (np.int64, -1),
    "segment": (np.int32, 0),
}
"""Of channel-state frames: the type, and what stands for "unknown"."""


@dataclass(frozen=True, slots=True)
class TimeColumn:
    """The column that holds the times."""

    name: str
    unit: str | None
    """One of `DIGITS`; None where only the values tell."""

    def unit_by(self, first: float) -> str:
        """The unit, told by the first value where the name does not say it: Unix times are large numbers."""
        limits = {"s": 1e11, "ms": 1e14, "us": 1e17}
        return self.unit or next((unit for unit, limit in limits.items() if abs(first) < limit), "ns")


def time_column(names: Iterable[str]) -> TimeColumn | None:
    """The column of times by its name, as in `time_ns`, `time [s]`, `timestamp` or `t`: the finest that names its unit."""
    matches = [match for name in names if (match := _TIME.fullmatch(name))]
    found = [TimeColumn(match[0], (match["unit"] or match["in"] or "").replace("µ", "u") or None) for match in matches]
    return min(found, key=lambda column: DIGITS[column.unit] if column.unit else len(DIGITS) * 9, default=None)


def nanoseconds(values: npt.NDArray[Any], column: TimeColumn) -> tuple[Int64, npt.NDArray[np.bool_]]:
    """Times as whole nanoseconds, exact where they are whole numbers, and which are times at all; each shape (n,)."""
    if values.dtype.kind == "M":
        return values.astype("datetime64[ns]").astype(np.int64), ~np.isnat(values)
    size = np.abs(values.astype(np.float64))
    possible = size < 2.0**63
    first = float(size[np.argmax(possible)]) if possible.any() else 0.0
    scale = 10 ** DIGITS[column.unit_by(first)]
    known = size < 2.0**63 / scale
    if values.dtype.kind in "iu":
        return np.where(known, values, 0).astype(np.int64) * scale, known
    return np.rint(np.where(known, values, 0.0) * float(scale)).astype(np.int64), known


def clock_of(first_ns: int) -> Clock:
    """Whether times are Unix times."""
    return "host" if first_ns >= SINCE_1970_NS else "device"


@np.errstate(over="ignore")  # what is too large for a 32-bit sample is infinite
def recording_of(columns: Columns, info: StreamInfo, tally: Tally) -> Recording:
    """The frames that columns hold: channel state where some columns are called as such, else numbers.

    Times are in a column that `time_column` finds. Channel state is in `csi` as complex numbers, shape
    (n, subcarriers); in `csi` or `csi_data` as integers, in the order of an ESP32's buffer, imaginary part first; in
    `csi_real` and `csi_imag`; in `amplitude`; or in columns called I0, Q0, I1, ..., or amp0, ..., or csi0, ....
    What fits in nowhere is counted as skipped.

    Raises:
        FormatError: no column has a value for each frame, or `csi` holds something else.
    """
    samples, rest, amplitude_only = _samples(columns)
    time = time_column(name for name, values in rest.items() if values.ndim == 1 and values.dtype.kind in "iufM")
    n = len(samples) if samples is not None else _frames(rest, time)
    rest = {name: values for name, values in rest.items() if _fits(name, values, n, tally)}
    times = np.zeros(n, np.int64)
    clock: Clock = "none"
    if time and time.name in rest:
        values = rest.pop(time.name)
        times, known = nanoseconds(values, time)
        if not known.all():
            tally.fault("row without a time", f"row {np.argmin(known) + 1}", int((~known).sum()))
            rest = {name: column[known] for name, column in rest.items()}
            samples = samples[known] if samples is not None else None
            times = times[known]
        clock = clock_of(int(times[0])) if len(times) else "none"
    info = replace(info, clock=clock, amplitude_only=amplitude_only)
    if samples is None:
        return NumericRecording(replace(info, kind="numeric"), times, _numbers(rest, tally))
    return _channel_state(replace(info, kind="csi"), times, samples, rest, tally)


def _fits(name: str, values: npt.NDArray[Any], n: int, tally: Tally) -> bool:
    if values.ndim and len(values) == n:
        return True
    tally.skipped[f"{name}: not one value for each frame"] = 1
    return False


def columns_of(recording: Recording) -> dict[str, npt.NDArray[Any]]:
    """A recording as columns that `recording_of` reads back; samples have shape (n, most subcarriers).

    Raises:
        UsageError: tokens are no columns of numbers.
    """
    if isinstance(recording, TokenRecording):
        raise UsageError("a stream of tokens is no table of numbers", "record it as .jsonl, or into a folder")
    columns: dict[str, npt.NDArray[Any]] = {}
    if recording.info.clock != "none":
        columns["time_ns"] = recording.time_ns
    if isinstance(recording, NumericRecording):
        return columns | dict(recording.columns)
    columns |= {name: getattr(recording, name) for name in _FIXED}
    samples = _filled(recording)
    if (recording.subcarriers != samples.shape[1]).any():
        columns[COUNTS] = recording.subcarriers
    taken = {*columns, "csi", "amplitude", COUNTS}
    columns |= {META + name if name in taken else name: values for name, values in recording.meta.items()}
    return columns | ({"amplitude": samples.real} if recording.info.amplitude_only else {"csi": samples})


def _filled(recording: CsiRecording) -> npt.NDArray[np.complex64]:
    counts = recording.subcarriers
    if len(counts) and (counts == counts[0]).all():
        return recording.matrix()
    filled = np.full((len(counts), int(counts.max(initial=0))), np.nan + 0j, np.complex64)
    filled[np.arange(filled.shape[1]) < counts[:, None]] = recording.csi
    return filled


def _frames(columns: Columns, time: TimeColumn | None) -> int:
    """How many frames there are: as many as times, else as values in most columns."""
    if time:
        return len(columns[time.name])
    lengths = Counter(len(values) for values in columns.values() if values.ndim in (1, 2))
    if not lengths:
        raise FormatError("there is no column of numbers in it", "name one of the known formats with --input-format")
    return lengths.most_common(1)[0][0]


def _samples(columns: Columns) -> tuple[npt.NDArray[np.complex64] | None, dict[str, npt.NDArray[Any]], bool]:
    """Channel state of shape (n, subcarriers) if there is any, the other columns, and whether phases are missing."""
    rest = dict(columns)
    if "csi_real" in rest and "csi_imag" in rest:
        return _complex(rest.pop("csi_real"), rest.pop("csi_imag")), rest, False
    whole = [name for name, values in rest.items() if values.dtype.kind == "c" and values.ndim > 1]
    for name in ("csi", "csi_data", *(whole if len(whole) == 1 else ())):
        if name in rest and (rest[name].ndim > 1 or rest[name].dtype.kind == "c"):
            return _of_buffer(name, rest.pop(name)), rest, False
    for name in ("amplitude", "amplitudes", "amp"):
        if name in rest and rest[name].ndim == 2 and rest[name].dtype.kind in "iuf":
            return rest.pop(name).astype(np.complex64), rest, True
    return _numbered(rest)


def _of_buffer(name: str, values: npt.NDArray[Any]) -> npt.NDArray[np.complex64]:
    if values.dtype.kind == "c":
        return values.reshape(len(values), math.prod(values.shape[1:])).astype(np.complex64)
    if values.dtype.kind != "i" or values.ndim != 2 or values.shape[1] % 2:
        raise FormatError(
            f"{name} holds {values.dtype} of shape {values.shape}, neither complex numbers nor pairs of integers",
            "store complex numbers as csi, or amplitudes as amplitude",
        )
    return _complex(values[:, 1::2], values[:, ::2])


def _numbered(rest: dict[str, npt.NDArray[Any]]) -> tuple[npt.NDArray[np.complex64] | None, Any, bool]:
    """Samples in columns of their own: I0, Q0, I1, Q1, ..., or amp0, amp1, ..., or csi0, csi1, ...."""
    found: dict[str, dict[int, str]] = {}
    for name, values in rest.items():
        match = _NUMBERED.fullmatch(name)
        if match and values.ndim == 1 and values.dtype.kind in ("c" if match[1].lower() == "csi" else "iuf"):
            found.setdefault(match[1].lower(), {})[int(match[2])] = name
    parts = {
        kind: np.stack([rest[names[i]] for i in sorted(names)], axis=1)
        for kind, names in found.items()
        if kind not in "iq" or found.get("i", {}).keys() == found.get("q", {}).keys()
    }
    used = {name for kind in parts for name in found[kind].values()}
    rest = {name: values for name, values in rest.items() if name not in used}
    if "csi" in parts:
        return parts["csi"].astype(np.complex64), rest, False
    if "i" in parts:
        return _complex(parts["i"], parts["q"]), rest, False
    return (parts["amp"].astype(np.complex64), rest, True) if "amp" in parts else (None, rest, False)


def _complex(real: npt.NDArray[Any], imaginary: npt.NDArray[Any]) -> npt.NDArray[np.complex64]:
    samples = np.empty(real.shape, np.complex64)
    samples.real, samples.imag = real, imaginary
    return samples


def _channel_state(
    info: StreamInfo, times: Int64, samples: npt.NDArray[np.complex64], rest: Columns, tally: Tally
) -> CsiRecording:
    fixed: dict[str, npt.NDArray[Any]] = {}
    meta: dict[str, npt.NDArray[Any]] = {}
    counts: Int64 | None = None
    for name, values in rest.items():
        if name == COUNTS and values.dtype.kind in "iuf":
            counts = np.clip(np.nan_to_num(values), 0, samples.shape[1]).astype(np.int64)
        elif name in _FIXED and values.ndim == 1 and values.dtype.kind in "iuf":
            fixed[name] = _within(values, *_FIXED[name])
        elif values.ndim == 1 and values.dtype.kind in "biufUS":
            meta[name.removeprefix(META)] = values
        else:
            tally.skipped[f"{name}: not one value for each frame"] = 1
    if counts is None:
        return CsiRecording.build(info, times, samples, meta=meta, **fixed)
    flat = samples[np.arange(samples.shape[1]) < counts[:, None]]
    offsets = np.concatenate([[0], np.cumsum(counts)])
    return CsiRecording.build(info, times, flat, offsets=offsets, meta=meta, **fixed)


def _within(values: npt.NDArray[Any], kind: type, unknown: float) -> npt.NDArray[Any]:
    """Values as another type; what that type cannot hold is unknown."""
    if kind is np.float32:
        return values.astype(np.float32)
    limits = np.iinfo(kind)
    fits = np.isfinite(values) & (values >= limits.min) & (values < float(limits.max) + 1)
    whole: npt.NDArray[Any] = np.full(len(values), unknown, kind)
    whole[fits] = values[fits].astype(kind)
    return whole


def _numbers(columns: Columns, tally: Tally) -> dict[str, npt.NDArray[np.float64]]:
    """Columns of numbers; a matrix is one column for each of its own, a text is none."""
    numbers: dict[str, npt.NDArray[np.float64]] = {}
    for name, values in columns.items():
        if values.dtype.kind not in "biuf" or values.ndim > 2:
            tally.skipped[f"{name}: not numbers"] = 1
        elif values.ndim == 1:
            numbers[name] = values.astype(np.float64)
        else:
            numbers |= {f"{name}{i}": values[:, i].astype(np.float64) for i in range(values.shape[1])}
    return numbers
