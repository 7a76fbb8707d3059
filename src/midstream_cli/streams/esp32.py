"""From the lines ESP32 firmware prints to channel-state frames: what all its formats share."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from midstream_cli.frames import CsiRecording, Int64, StreamInfo
from midstream_cli.streams.clock import DeviceClock
from midstream_cli.streams.csi_line import Fields, LineParser, Lines, blocks, fields_of
from midstream_cli.streams.tally import Tally
from midstream_cli.streams.transports import ByteStream

COLUMNS = {"rssi", "noise_floor", "channel", "mac"}
"""Fields that every frame has anyway; all others go into `meta`."""


def sniff_lines(head: bytes, fields: Fields) -> bool:
    """Whether most whole records in `head` have the number of fields that this firmware prints."""
    found = [fields_of(line) for line in head.split(b"\n") if b"CSI_DATA," in line]
    matching = found.count(len(fields.names))
    return matching > 0 and matching * 2 > len(found) - found.count(0)


def decode_lines(
    stream: ByteStream, tally: Tally, info: StreamInfo, fields: Fields, sequence: str | None = None
) -> Iterator[CsiRecording]:
    """Parse a stream of lines into recordings, one for each piece that came in.

    Args:
        sequence: the field in which the sender numbers its frames, if there is one.
    """
    parser, clock = LineParser(fields, tally), DeviceClock()
    for block in blocks((chunk.data for chunk in stream.chunks), tally):
        lines = parser.parse(block)
        if lines is not None and len(lines):
            yield _recording(lines, clock, info, sequence)
        tally.resets = clock.segment


def _recording(lines: Lines, clock: DeviceClock, info: StreamInfo, sequence: str | None) -> CsiRecording:
    values = lines.fields
    on_board = values.get("real_timestamp")
    by_host = not np.isnan(lines.host_time_s).any()
    reference = lines.host_time_s if by_host else on_board
    time_ns, segment = clock.unwrap(
        values["local_timestamp"], lines.restarted, reference, reference_restarts=not by_host
    )
    sample_pairs = lines.counts // 2
    offsets = np.concatenate([[0], np.cumsum(sample_pairs)])
    meta: dict[str, npt.NDArray[Any]] = {name: column for name, column in values.items() if name not in COLUMNS}
    meta["host_time_s"] = lines.host_time_s
    meta["first_word_invalid"] = first_word_invalid(lines, offsets)
    return CsiRecording.build(
        info,
        time_ns,
        complex_samples(lines.values),
        offsets=offsets,
        node=values["mac"],
        rssi=values["rssi"],
        noise_floor=values["noise_floor"],
        channel=values["channel"],
        seq=values[sequence] % (1 << 32) if sequence else None,
        segment=segment,
        meta=meta,
    )


def complex_samples(values: npt.NDArray[np.int16]) -> npt.NDArray[np.complex64]:
    """Samples from a buffer of integer pairs.

    "Each item is stored as two bytes: imaginary part followed by real part" (ESP-IDF programming guide, WiFi, CSI).
    """
    samples = np.empty(len(values) // 2, np.complex64)
    samples.real, samples.imag = values[1::2], values[::2]
    return samples


def first_word_invalid(lines: Lines, offsets: Int64) -> npt.NDArray[np.bool_]:
    """Which frames have junk in their first four bytes, so that samples 0 and 1 mean nothing.

    The classic ESP32 leaves the low byte of the packet's length there; newer firmware says so in `first_word`.
    """
    length = lines.fields["sig_len"] & 0xFF
    leftover = lines.values[offsets[:-1] * 2] & 0xFF
    said = lines.fields.get("first_word")
    invalid: npt.NDArray[np.bool_] = (leftover == length) & (length != 0)
    return invalid | (said == 1) if said is not None else invalid
