"""RuView's recordings: `{"timestamp":1775182186.95,"node_id":2,"type":"raw_csi","iq_hex":"0000...",...`, one a line."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from math import isfinite, nan
from typing import Any

import numpy as np

from midstream_cli.errors import FormatError
from midstream_cli.frames import CsiFrame, Float64, Kind, StreamInfo
from midstream_cli.recordings import CsiRecording, Recording
from midstream_cli.streams import ruview
from midstream_cli.streams.csi_samples import finite_numbers, interleaved
from midstream_cli.streams.esp32 import complex_samples
from midstream_cli.streams.events import Event, event_with, events, json_line
from midstream_cli.streams.json_object import JsonObject
from midstream_cli.streams.tally import Tally
from midstream_cli.streams.transports import ByteStream

KIND: Kind = "csi"

FEATURES = ("breathing_band_power", "motion_band_power", "spectral_power", "variance")
"""What RuView's server computed for each frame of a processed recording."""

NO_LEVEL = "the collector wrote the number of antennas where rssi belongs; levels are not known"

_RECORD = event_with(
    rb'(?:"magic"\s*:\s*"0xC511[0-9A-Fa-f]{4}"|"features"\s*:\s*\{[^{}]*"(?:breathing|motion)_band_power")'
)


def sniff(head: bytes) -> bool:
    """Whether the bytes hold packets that RuView's collector wrote down, or frames of its server's recordings."""
    return (b"0xC511" in head or b"_band_power" in head) and _RECORD.search(head) is not None


@dataclass(slots=True)
class _Row:
    """One frame as it stands in its line."""

    time_ns: int
    node: int
    samples: bytes | Float64
    """The ESP-IDF buffer, or amplitudes."""
    rssi: float
    noise_floor: float
    features: tuple[float, ...] = ()


def decode(stream: ByteStream, tally: Tally, info: StreamInfo) -> Iterator[CsiRecording]:
    """The frames of a recording, raw or processed; of what the server processed, only amplitudes were kept.

    Time is the collector's clock, exactly as it was written. Lines of vitals and features are skipped by name.
    """
    read: Callable[[JsonObject], _Row | None] | None = None
    for batch in events(stream, tally):
        rows = []
        for event in batch:
            reader = _reader(event)
            read = read or reader
            if reader is None:
                continue
            if reader is not read:
                tally.fault("frame of another kind of recording", event.where)
            elif row := reader(event.data):
                rows.append(row)
        if rows:
            yield (_raw if read is _raw_row else _processed)(rows, replace(info, clock="host"))


def _reader(event: Event) -> Callable[[JsonObject], _Row | None] | None:
    """What reads the frame that a line holds; None where it holds none, which is counted."""
    values, tally = event.data.values, event.data.tally
    if isinstance(values.get("subcarriers"), list):
        return _processed_row
    if "iq_hex" in values:
        return _raw_row
    kind, magic = values.get("type"), _magic(values.get("magic"))
    if isinstance(kind, str) and kind != "raw_csi":
        tally.skipped[kind] += 1
    elif magic == ruview.COMPRESSED:
        tally.skipped["compressed frame without its data"] += 1
    elif magic in ruview.NAMES:
        tally.skipped[ruview.NAMES[magic]] += 1
    else:
        tally.fault("record without samples", event.where)
    return None


def _magic(text: object) -> int:
    try:
        return int(text, 16) if isinstance(text, str) else 0
    except ValueError:
        return 0


def _raw_row(line: JsonObject) -> _Row | None:
    time_ns = _time_ns(line)
    node = None if time_ns is None else line.whole("node_id", 0, 255)
    if time_ns is None or node is None:
        return None
    try:
        samples = bytes.fromhex(line.values["iq_hex"])
    except (ValueError, TypeError):
        line.tally.fault("iq_hex is not hexadecimal", line.where)
        return None
    pairs, rest = divmod(len(samples), 2)
    if not pairs or rest or line.values.get("subcarriers", pairs) != pairs:
        line.tally.fault("samples do not fill their subcarriers", line.where)
        return None
    if line.values.get("rssi") == 1:
        line.tally.note(NO_LEVEL)
    return _Row(time_ns, node, samples, _level(line, "rssi"), _level(line, "noise_floor"))


def _processed_row(line: JsonObject) -> _Row | None:
    time_ns = _time_ns(line)
    node = None if time_ns is None else line.whole("node_id", 0, 255)
    if time_ns is None or node is None:
        return None
    amplitudes = finite_numbers(line.values["subcarriers"])
    if amplitudes is None or not len(amplitudes) or (amplitudes < 0).any():
        line.tally.fault("amplitudes are not amplitudes", line.where)
        return None
    features = line.object("features")
    numbers = tuple(features.number(name) for name in FEATURES)
    return _Row(time_ns, node, amplitudes, _level(line, "rssi"), _level(line, "noise_floor"), numbers)


def _time_ns(line: JsonObject) -> int | None:
    """Seconds as nanoseconds, digit by digit: what a program writes of a float are the digits that tell it apart."""
    value = line.values.get("timestamp")
    if isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value) and 0 <= value < 9e9:
        return int(Decimal(repr(value)) * 1_000_000_000)
    line.tally.fault("timestamp is not a time", line.where)
    return None


def _level(line: JsonObject, name: str) -> float:
    """A level in dBm; both collectors write 0 or 1 where they know none."""
    value = line.number(name)
    return value if -1000 < value < 0 else nan


def _raw(rows: list[_Row], info: StreamInfo) -> CsiRecording:
    values = np.frombuffer(b"".join([row.samples for row in rows if isinstance(row.samples, bytes)]), np.int8)
    return _recording(rows, info, complex_samples(values.astype(np.int16)), 2)


def _processed(rows: list[_Row], info: StreamInfo) -> CsiRecording:
    amplitudes = np.concatenate([row.samples for row in rows])
    features = np.array([row.features for row in rows], np.float64)
    meta = {name: features[:, i] for i, name in enumerate(FEATURES)}
    return _recording(rows, replace(info, amplitude_only=True), amplitudes, 1, meta=meta)


def _recording(rows: list[_Row], info: StreamInfo, csi: Any, values: int, **columns: Any) -> CsiRecording:
    return CsiRecording.build(
        info,
        [row.time_ns for row in rows],
        csi,
        offsets=np.concatenate([[0], np.cumsum([len(row.samples) // values for row in rows])]),
        **{name: [getattr(row, name) for row in rows] for name in ("node", "rssi", "noise_floor")},
        **columns,
    )


def encode(recording: Recording) -> Iterator[bytes]:
    """One line a frame, raw or, of amplitudes, as the server's recordings have them; times in whole microseconds.

    Raises:
        FormatError: samples do not fit 8 bits.
    """
    if not isinstance(recording, CsiRecording):
        raise FormatError("RuView recordings hold channel state", "write another kind of stream in another format")
    for frame in recording:
        seconds = round(frame.time_ns / 1000) / 1_000_000
        line = _processed_line(frame) if recording.info.amplitude_only else _raw_line(frame)
        yield json_line({"timestamp": seconds} | line)


def _raw_line(frame: CsiFrame) -> dict[str, Any]:
    samples = interleaved(frame.csi, np.int8).tobytes()
    return {
        "node_id": frame.node & 0xFF,
        "magic": f"0x{ruview.RAW:08X}",
        "size": ruview.HEADER.itemsize + len(samples),
        "rssi": 1 if np.isnan(frame.rssi) else round(frame.rssi),
        "type": "raw_csi",
        "iq_hex": samples.hex(),
        "subcarriers": len(frame.csi),
    }


def _processed_line(frame: CsiFrame) -> dict[str, Any]:
    return {
        "subcarriers": np.abs(frame.csi).astype(np.float64).tolist(),
        "rssi": 0.0 if np.isnan(frame.rssi) else frame.rssi,
        "noise_floor": 0.0 if np.isnan(frame.noise_floor) else frame.noise_floor,
        "features": {name: float(frame.meta.get(name, 0.0)) for name in FEATURES},
    }
