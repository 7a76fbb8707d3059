"""From the lines ESP32 firmware prints to channel-state frames: what all its formats share."""

from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from midstream_cli.frames import Complex64, Int64, StreamInfo
from midstream_cli.recordings import CsiRecording
from midstream_cli.streams.clock import DeviceClock
from midstream_cli.streams.csi_line import Columns, Fields, LineParser, Lines
from midstream_cli.streams.csi_records import BOOTED, HEADED, RECORD, RX_FORMAT
from midstream_cli.streams.sequence import MODULUS, LossCounter
from midstream_cli.streams.tally import Tally
from midstream_cli.streams.transports import ByteStream
from midstream_cli.streams.whole_lines import whole_lines

COLUMNS = {"rssi", "noise_floor", "channel", "mac"}
"""Fields that every frame has anyway; all others go into `meta`."""

UNIX_TIME_S = 1e9
"""Seconds from which on a time is one since 1970, and not one since boot: September 2001."""

HIGHEST_PACKET_FORMAT = 5
"""Codes of `rx_format`, from 802.11b to 802.11ax; codes of `rx_state` that were met are all higher."""


def sniff_lines(head: bytes, fields: Fields) -> bool:
    """Whether most whole records in `head` have the number of fields that this firmware prints."""
    found = _fields_of_lines(head, base64_data=fields.base64_data)
    matching = found[len(fields.names)]
    return matching > 0 and matching * 2 > found.total() - found[0]


# every firmware's format asks about the same bytes
@lru_cache(maxsize=2)
def _fields_of_lines(head: bytes, *, base64_data: bool) -> Counter[int]:
    """How many records have so many fields."""
    return Counter(_fields_of(line, base64_data=base64_data) for line in head.split(b"\n") if RECORD in line)


def _fields_of(line: bytes, *, base64_data: bool) -> int:
    """How many fields stand between the last `CSI_DATA,` of a line and its data; 0 where the data are not whole."""
    record = line[line.rfind(RECORD) + len(RECORD) :]
    head, bracket, data = record.partition(b"[")
    if bracket:
        return head.count(b",") if b"]" in data else 0
    return head.count(b",") if base64_data else 0


def decode_lines(stream: ByteStream, tally: Tally, info: StreamInfo, fields: Fields) -> Iterator[CsiRecording]:
    """Parse a stream of lines into recordings, one for each piece that came in.

    A live stream may be joined and left in mid-line: what is damaged on the first line, or was under way when we
    stopped, is skipped, and no fault.

    `meta` holds the fields by their names, and `host_time_s`, the Unix time that the reading program added, NaN where
    it did not. `rx_state` is 0 where the receiver took the packet to be whole. Newer builds of esp-csi print the
    packet's format in its place, mostly under the same name: there, `rx_format` holds what was printed, and only what
    is no packet format, and is not called `rx_format` by the last header, is taken for an `rx_state`.
    """
    parser, clock, losses = LineParser(fields, tally), DeviceClock(), LossCounter(tally)
    arrived_s = np.nan
    joined = stream.live and not stream.datagrams
    if joined:
        parser.join()

    def text() -> Iterator[bytes]:
        nonlocal arrived_s
        for chunk in stream.as_text():
            if joined and chunk.gap:
                parser.join(after=1)  # the line that the gap cut ends first
            arrived_s = chunk.time_ns / 1e9 if chunk.time_ns and not stream.sender_waits else np.nan
            yield chunk.data

    for block in whole_lines(text(), tally, stopped=lambda: stream.stopped):
        lines = parser.parse(block)
        if lines is None:
            continue
        recording = _recording(lines, clock, info, fields, arrived_s)
        if fields.sequence:
            losses.count(recording.seq, recording.node)
        tally.resets = clock.segment
        yield recording


def _recording(lines: Lines, clock: DeviceClock, info: StreamInfo, fields: Fields, arrived_s: float) -> CsiRecording:
    values = lines.fields
    board_s, host_s = _other_clocks(lines, fields)
    time_ns, segment = clock.unwrap(
        values["local_timestamp"],
        booted=lines.evidence[:, BOOTED],
        headed=lines.evidence[:, HEADED],
        board_s=board_s,
        host_s=np.where(np.isnan(host_s), arrived_s, host_s),
    )
    offsets = np.zeros(len(lines) + 1, np.int64)
    np.cumsum(lines.counts // 2 if fields.pairs else lines.counts, out=offsets[1:])
    return CsiRecording.build(
        info,
        time_ns,
        complex_samples(lines.values) if fields.pairs else lines.values,
        offsets=offsets,
        node=values["mac"],
        rssi=_level(values["rssi"]),
        noise_floor=_level(values["noise_floor"]),
        channel=values["channel"],
        seq=values[fields.sequence] % MODULUS if fields.sequence else None,
        segment=segment,
        meta=_meta(lines, fields, offsets) | {"host_time_s": host_s},
    )


def _meta(lines: Lines, fields: Fields, offsets: Int64) -> Columns:
    """What the lines say besides."""
    meta = {name: column for name, column in lines.fields.items() if name not in COLUMNS}
    if fields.packet_format:
        code = meta["rx_state"]
        error = (code > HIGHEST_PACKET_FORMAT) & ~lines.evidence[:, RX_FORMAT]
        meta |= {"rx_state": np.where(error, code, 0), "rx_format": code}
    if fields.pairs:
        meta["first_word_invalid"] = first_word_invalid(lines, offsets)
    return meta


def _level(dbm: Int64) -> npt.NDArray[np.float32]:
    """No radio receives 0 dBm: the firmware had nothing to print."""
    return np.where(dbm == 0, np.float32(np.nan), dbm.astype(np.float32))


def _other_clocks(lines: Lines, fields: Fields) -> tuple[npt.NDArray[np.float64] | None, npt.NDArray[np.float64]]:
    """A second clock on the board, if there is one, and the clock of the host; both in seconds."""
    board_s, host_s = lines.fields.get("real_timestamp"), lines.host_time_s
    if fields.moment:
        moment = lines.fields[fields.moment]
        by_host = moment >= UNIX_TIME_S
        board_s, host_s = np.where(by_host, np.nan, moment), np.where(by_host, moment, host_s)
    return board_s, host_s


def complex_samples(values: npt.NDArray[np.integer[Any]]) -> Complex64:
    """Samples from a buffer of pairs of integers of up to 16 bits.

    "Each item is stored as two bytes: imaginary part followed by real part" (ESP-IDF programming guide, WiFi, CSI).
    """
    pairs = np.ascontiguousarray(values, np.int16).view(np.uint32)
    swapped = (pairs >> np.uint32(16)) | (pairs << np.uint32(16))
    return swapped.view(np.int16).astype(np.float32).view(np.complex64)


def first_word_invalid(lines: Lines, offsets: Int64) -> npt.NDArray[np.bool_]:
    """Which frames have junk in their first four bytes, so that samples 0 and 1 mean nothing.

    The classic ESP32 leaves the low byte of the packet's length there; newer firmware says so in `first_word`.
    """
    length = lines.fields["sig_len"] & 0xFF
    leftover = lines.values[offsets[:-1] * 2] & 0xFF
    said = lines.fields.get("first_word")
    invalid: npt.NDArray[np.bool_] = (leftover == length) & (length != 0)
    return invalid | (said == 1) if said is not None else invalid
