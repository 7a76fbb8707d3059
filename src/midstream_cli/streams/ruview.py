"""The packets that RuView boards send to UDP port 5005: which is which, how long, and whether it is whole.

Read from the firmware's own sources (ruvnet/RuView, firmware/esp32-csi-node). All numbers are little-endian; every
packet begins with a magic number, and only some end with a checksum.
"""

import re
import struct
import zlib

import numpy as np

RAW, VITALS, FEATURE, FUSED, COMPRESSED, STATE, TEMPORAL = range(0xC5110001, 0xC5110008)
MESH, SYNC = 0xC5118100, 0xC511A110

MAGIC = re.compile(rb"[\x01-\x07]\x00\x11\xc5|\x00\x81\x11\xc5|\x10\xa1\x11\xc5")
"""Any of them, as it is on the wire."""

HEADER = np.dtype(
    [
        ("magic", "<u4"),
        ("node", "u1"),
        ("antennas", "u1"),
        ("subcarriers", "<u2"),
        ("frequency", "<u4"),
        ("seq", "<u4"),
        ("rssi", "i1"),
        ("noise_floor", "i1"),
        ("ppdu_type", "u1"),
        ("flags", "u1"),
    ]
)
"""Of a raw channel-state packet; the ESP-IDF buffer follows, imaginary part first."""

FIRST_WORD_CLEARED = 1 << 5
"""A flag: the first two samples were junk, and were set to zero by the board."""

MOST_SAMPLES = 1024
"""Of one packet: the firmware's buffer holds four antennas of 256 subcarriers."""

LONGEST = HEADER.itemsize + 2 * MOST_SAMPLES

NAMES = {
    VITALS: "vitals",
    FEATURE: "feature vector",
    FUSED: "fused vitals",
    STATE: "feature state",
    TEMPORAL: "temporal classification",
    MESH: "mesh message",
    SYNC: "time sync",
}
"""What is not channel state."""

_FIXED = {VITALS: 32, FEATURE: 48, STATE: 60, SYNC: 32}
_EVENT_BYTES, _MOST_EVENTS = 5, 16
_MESH_HEADER, _CRC = 16, 4


def magic_of(data: bytes, at: int = 0) -> int:
    """The magic number at `at`; 0 where fewer than four bytes are left."""
    return int.from_bytes(data[at : at + 4], "little") if len(data) >= at + 4 else 0


def lengths(data: bytes, at: int = 0) -> tuple[int, ...] | None:
    """How long the packet at `at` says it is.

    Returns:
        The possible lengths, for one magic number has two meanings; empty where no packet begins; None where its
        header is cut.
    """
    magic = magic_of(data, at)
    if magic in _FIXED:
        return (_FIXED[magic],)
    room = len(data) - at
    if magic == RAW:
        return _raw_lengths(data, at) if room >= HEADER.itemsize else None
    if magic in (FUSED, TEMPORAL):
        return _event_lengths(data, at, 48 if magic == FUSED else 40) if room >= 8 else None
    if magic == COMPRESSED:
        return (10 + int.from_bytes(data[at + 8 : at + 10], "little"),) if room >= 10 else None
    if magic == MESH:
        return _mesh_lengths(data, at) if room >= _MESH_HEADER else None
    return ()


def _raw_lengths(data: bytes, at: int) -> tuple[int, ...]:
    antennas, subcarriers, frequency = struct.unpack_from("<xBHI", data, at + 4)
    samples = antennas * subcarriers
    plausible = 0 < samples <= MOST_SAMPLES and (frequency == 0 or 2400 <= _mhz(frequency) <= 7200)
    return (HEADER.itemsize + 2 * samples,) if plausible else ()


def _event_lengths(data: bytes, at: int, other: int) -> tuple[int, ...]:
    """Of what a WASM module put out, or of the packet that shares its magic number."""
    events = int.from_bytes(data[at + 6 : at + 8], "little")
    return (8 + _EVENT_BYTES * events, other) if events <= _MOST_EVENTS else (other,)


def _mesh_lengths(data: bytes, at: int) -> tuple[int, ...]:
    version, kind, payload = struct.unpack_from("<BB6xH", data, at + 4)
    plausible = version == 1 and 1 <= kind <= 7 and payload <= 256
    return (_MESH_HEADER + payload + _CRC,) if plausible else ()


def name_of(packet: bytes) -> str:
    """What a whole packet is that is not channel state."""
    magic = magic_of(packet)
    events = int.from_bytes(packet[6:8], "little")
    if magic in (FUSED, TEMPORAL) and len(packet) == 8 + _EVENT_BYTES * events and events <= _MOST_EVENTS:
        return "WASM output"
    return NAMES[magic]


def whole(packet: bytes) -> bool:
    """Whether a packet has the checksum it ends with, or is of a kind that has none."""
    magic = magic_of(packet)
    if magic not in (STATE, MESH) and not (magic == TEMPORAL and name_of(packet) == NAMES[TEMPORAL]):
        return True
    return zlib.crc32(packet[:-_CRC]) == int.from_bytes(packet[-_CRC:], "little")


def mesh_payload(packet: bytes) -> bytes:
    """What a mesh message carries."""
    return packet[_MESH_HEADER:-_CRC]


def _mhz(frequency: int) -> int:
    """The protocol's own table says Hz, its firmware writes MHz."""
    return frequency // 1_000_000 if frequency >= 1_000_000 else frequency


def channel_of(frequency: int) -> int:
    """The WiFi channel around a centre frequency in MHz; 0 where there is none."""
    mhz = _mhz(frequency)
    if mhz == 2484:
        return 14
    if 2412 <= mhz <= 2472:
        return (mhz - 2407) // 5
    if 5955 <= mhz <= 7115:
        return (mhz - 5950) // 5
    return (mhz - 5000) // 5 if 5005 <= mhz <= 5900 else 0


def frequency_of(channel: int) -> int:
    """The centre frequency in MHz of a 2.4 or 5 GHz channel, as the firmware computes it; 0 where there is none."""
    if channel == 14:
        return 2484
    if 1 <= channel <= 13:
        return 2407 + 5 * channel
    return 5000 + 5 * channel if 36 <= channel <= 177 else 0
