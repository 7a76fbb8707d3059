"""rvCSI captures (.rvcsi): a header line, then `{"frame_id":0,"timestamp_ns":...,"i_values":[...],"q_values":[...]...`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import nan
from typing import Any

import numpy as np

from midstream_cli.errors import FormatError
from midstream_cli.frames import Complex64, CsiFrame, Float64, Kind, StreamInfo, node_name, node_number
from midstream_cli.recordings import CsiRecording, Recording
from midstream_cli.streams.csi_samples import finite_numbers
from midstream_cli.streams.events import event_with, events, json_line
from midstream_cli.streams.json_object import JsonObject
from midstream_cli.streams.sequence import LossCounter
from midstream_cli.streams.tally import Tally
from midstream_cli.streams.transports import ByteStream

KIND: Kind = "csi"

VERSION = 1

KEPT, UNUSABLE = ("Accepted", "Degraded"), ("Pending", "Rejected", "Recovered")
"""What rvCSI's validation says of a frame; those that it recovered were reconstructed."""

UNIX_NS = 10**17
"""Times from here on, 1973, are Unix times; smaller ones count from when the source started."""

_HEADER = event_with(rb'"rvcsi_capture_version"\s*:')
_NODE = re.compile(r"[0-9]{1,5}|[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}")
_INDEX = ("antenna_index", "tx_chain", "rx_chain")
_COLUMNS = ("node", "seq", "channel", "rssi", "noise_floor", "segment")
_LARGEST_TIME, _LARGEST_16 = (1 << 63) - 1, (1 << 16) - 1


def sniff(head: bytes) -> bool:
    """Whether there is the header of a capture."""
    return b'"rvcsi_capture_version"' in head and _HEADER.search(head) is not None


@dataclass(slots=True)
class _Row:
    """One frame as it stands in its line."""

    time_ns: int
    node: int
    seq: int
    csi: Complex64
    channel: int
    rssi: float
    noise_floor: float
    segment: int
    meta: dict[str, Any]


def decode(stream: ByteStream, tally: Tally, info: StreamInfo) -> Iterator[CsiRecording]:
    """The frames that rvCSI accepted, degraded ones included.

    A source that is called by a MAC address or a number is the node of its frames; any other is node 0. A further
    header, of captures that were joined, begins a segment. Frames that rvCSI left out leave gaps in `frame_id`, and
    count as lost.
    """
    reader, losses = _Reader(tally), LossCounter(tally)
    for batch in events(stream, tally):
        rows = [row for event in batch if (row := reader.read(event.data))]
        if reader.came:
            losses.count(*np.array(reader.came).T)
            reader.came.clear()
        if rows:
            yield _recording(rows, replace(info, clock="host" if reader.unix else "device"))


class _Reader:
    """From lines to frames."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._segment = -1
        self.came: list[tuple[int, int]] = []
        """The number of each frame, kept or not, and whose count it belongs to."""
        self.unix: bool | None = None
        """Whether times are Unix times; told by the first frame."""

    def read(self, line: JsonObject) -> _Row | None:
        """The frame of a line; None where it is no usable frame, which is counted."""
        if "rvcsi_capture_version" in line.values:
            self._header(line)
            return None
        time_ns = line.whole("timestamp_ns", -1, _LARGEST_TIME)
        number = None if time_ns is None else line.whole("frame_id", -1, _LARGEST_TIME)
        if time_ns is None or number is None:
            return None
        if time_ns < 0 or number < 0:
            self._tally.fault("frame without time or number", line.where)
            return None
        segment, node = max(0, self._segment), _node(line.text("source_id"))
        self.came.append((number, segment << 48 | node))
        csi = _samples(line)
        channel = None if csi is None else line.whole("channel", 0, (1 << 15) - 1)
        if csi is None or channel is None or not self._usable(line):
            return None
        if self.unix is None:
            self.unix = time_ns >= UNIX_NS
        levels = (_level(line, "rssi_dbm"), _level(line, "noise_floor_dbm"))
        return _Row(time_ns, node, number, csi, channel, *levels, segment, _meta(line))

    def _usable(self, line: JsonObject) -> bool:
        validation = line.values.get("validation")
        if validation in UNUSABLE:
            self._tally.dropped[f"validation: {validation}"] += 1
        elif validation not in KEPT:
            self._tally.fault("validation unknown", line.where)
        return validation in KEPT

    def _header(self, line: JsonObject) -> None:
        self._segment += 1
        self._tally.resets = self._segment
        if line.values["rvcsi_capture_version"] != VERSION:
            self._tally.note(f"the capture is of version {line.values['rvcsi_capture_version']}, and read as {VERSION}")


def _node(source: str) -> int:
    return node_number(source) if _NODE.fullmatch(source) else 0


def _level(line: JsonObject, name: str) -> float:
    value = line.number(name)
    return value if abs(value) < 1000 else nan


def _samples(line: JsonObject) -> Complex64 | None:
    """The complex samples, checked against what else the line says of them."""
    real, imaginary = (finite_numbers(line.values.get(name)) for name in ("i_values", "q_values"))
    if real is None or imaginary is None:
        line.tally.fault("samples are not numbers", line.where)
        return None
    count = line.values.get("subcarrier_count", len(real))
    if not len(real) or not len(real) == len(imaginary) == count:
        line.tally.fault("samples do not fill their subcarriers", line.where)
        return None
    if not _fits(line.values.get("amplitude"), np.hypot(real, imaginary)):
        line.tally.fault("amplitude does not fit its samples", line.where)
        return None
    return (real + 1j * imaginary).astype(np.complex64)


def _fits(said: object, amplitude: Float64) -> bool:
    """Whether amplitudes, where there are any, are roughly those of the samples; they may have been smoothed since."""
    if said is None or said == []:
        return True
    numbers = finite_numbers(said)
    if numbers is None or len(numbers) != len(amplitude):
        return False
    return bool(np.abs(numbers - amplitude).max() <= 0.5 * amplitude.max() + 1e-6)


def _meta(line: JsonObject) -> dict[str, Any]:
    chains = {name: -1 if (i := line.whole(name, -1, 255)) is None else i for name in _INDEX}
    reasons = line.values.get("quality_reasons")
    return chains | {
        "bandwidth_mhz": line.whole("bandwidth_mhz", 0, _LARGEST_16) or 0,
        "quality_score": line.number("quality_score"),
        "quality_reasons": "; ".join(map(str, reasons)) if isinstance(reasons, list) else "",
        "validation": line.text("validation"),
        "calibration_version": line.text("calibration_version"),
        "source_id": line.text("source_id"),
    }


def _recording(rows: list[_Row], info: StreamInfo) -> CsiRecording:
    return CsiRecording.build(
        info,
        [row.time_ns for row in rows],
        np.concatenate([row.csi for row in rows]),
        offsets=np.concatenate([[0], np.cumsum([len(row.csi) for row in rows])]),
        meta={name: np.array([row.meta[name] for row in rows]) for name in rows[0].meta},
        **{name: [getattr(row, name) for row in rows] for name in _COLUMNS},
    )


def encode(recording: Recording) -> Iterator[bytes]:
    """A header for each segment, then a line for each frame; those that say nothing of their quality as accepted."""
    if not isinstance(recording, CsiRecording):
        raise FormatError("rvCSI captures hold channel state", "write another kind of stream in another format")
    segment: int | None = None
    for number, frame in enumerate(recording):
        if frame.segment != segment:
            segment = frame.segment
            yield json_line(_header(recording, segment))
        yield json_line(_line(frame, number))


def _header(recording: CsiRecording, segment: int) -> dict[str, Any]:
    unknown = dict.fromkeys(("chip", "firmware_version", "driver_version"))
    lists: dict[str, list[int]] = {
        name: [] for name in ("supported_channels", "supported_bandwidths_mhz", "expected_subcarrier_counts")
    }
    can = dict.fromkeys(("supports_live_capture", "supports_injection", "supports_monitor_mode"), False)
    return {
        "rvcsi_capture_version": VERSION,
        "session_id": segment,
        "source_id": recording.info.source,
        "adapter_profile": {"adapter_kind": "File"} | unknown | lists | can,
        "validation_policy": {
            "min_subcarriers": 1,
            "max_subcarriers": 4096,
            "rssi_dbm_bounds": [-110, 0],
            "strict_monotonic_time": False,
            "degrade_instead_of_reject": True,
            "min_quality": 0.25,
        },
        "calibration_version": None,
        "runtime_config_json": "{}",
        "created_unix_ns": int(recording.time_ns[0]) if recording.info.clock == "host" else 0,
    }


def _line(frame: CsiFrame, number: int) -> dict[str, Any]:
    meta, csi = frame.meta, frame.csi
    reasons = str(meta.get("quality_reasons", ""))
    return {
        "frame_id": frame.seq if frame.seq >= 0 else number,
        "session_id": frame.segment,
        "source_id": node_name(frame.node) if frame.node else str(meta.get("source_id", "")),
        "adapter_kind": "File",
        "timestamp_ns": frame.time_ns,
        "channel": frame.channel,
        "bandwidth_mhz": int(meta.get("bandwidth_mhz", 0)) or _bandwidth_mhz(len(csi)),
        "rssi_dbm": None if np.isnan(frame.rssi) else round(frame.rssi),
        "noise_floor_dbm": None if np.isnan(frame.noise_floor) else round(frame.noise_floor),
        **{name: int(meta[name]) if meta.get(name, -1) >= 0 else None for name in _INDEX},
        "subcarrier_count": len(csi),
        "i_values": _shortest(csi.real),
        "q_values": _shortest(csi.imag),
        "amplitude": _shortest(np.abs(csi)),
        "phase": _shortest(np.angle(csi)),
        "validation": str(meta.get("validation", KEPT[0])),
        "quality_score": float(meta.get("quality_score", 1.0)),
        **({"quality_reasons": reasons.split("; ")} if reasons else {}),
        "calibration_version": str(meta.get("calibration_version", "")) or None,
    }


def _shortest(values: Any) -> list[float]:
    """As few digits as tell a 32-bit float from its neighbours."""
    return [float(str(value)) for value in values.astype(np.float32)]


def _bandwidth_mhz(subcarriers: int) -> int:
    return next((mhz for mhz, most in ((20, 64), (40, 192), (80, 256)) if subcarriers <= most), 160)
