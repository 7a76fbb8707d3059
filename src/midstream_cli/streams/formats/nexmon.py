"""Nexmon CSI of Broadcom chips (Raspberry Pi, Nexus, Asus): a pcap capture of UDP port 5500, as tcpdump writes it."""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from midstream_cli.errors import FormatError, LayoutError
from midstream_cli.frames import Complex64, Int64, Kind, StreamInfo
from midstream_cli.recordings import CsiRecording, Recording
from midstream_cli.streams import pcap
from midstream_cli.streams.csi_samples import interleaved, levels, signed_byte
from midstream_cli.streams.tally import Tally
from midstream_cli.streams.transports import ByteStream

KIND: Kind = "csi"

PORT = 5500

HEADER = np.dtype(
    [
        ("magic", "<u2"),
        ("rssi", "i1"),
        ("frame_control", "u1"),
        ("source", "u1", 6),
        ("sequence_control", "<u2"),
        ("core_stream", "<u2"),
        ("chanspec", "<u2"),
        ("chip", "<u2"),
    ]
)
"""Of the payload; samples of 4 bytes each follow (seemoo-lab/nexmon_csi, csi_extractor.c)."""

SENDER = b"NEXMON"
"""The MAC address that the firmware makes its datagrams come from."""

MAGIC, OLD_MAGIC = b"\x11\x11", b"\x11\x11\x11\x11"
"""Old firmware writes its magic number where newer has RSSI and frame control."""

SUBCARRIERS = (64, 128, 256, 512)
"""At 20, 40, 80 and 160 MHz."""

NO_CSI = f"the capture holds no datagram of channel state to UDP port {PORT}"


class Packed(NamedTuple):
    """Samples packed as floats: sign and mantissa of the real part, of the imaginary part, and a common exponent."""

    mantissa: int
    """Bits, the sign included."""
    exponent: int
    """Bits, in two's complement."""


SMALL, LARGE = Packed(9, 5), Packed(12, 6)

CHIPS: dict[int, Packed | None] = {1: None, 101: None, 3: SMALL, 103: LARGE, 106: LARGE}
"""Nexmon's numbers of the 4339, 43455c0, 4358, 4366c and 4366c0; None for pairs of 16-bit integers."""


def sniff(head: bytes) -> bool:
    """Whether the bytes begin as a capture does."""
    return pcap.is_capture(head)


def decode(stream: ByteStream, tally: Tally, info: StreamInfo) -> Iterator[CsiRecording]:
    """The frames of a capture, at the times when they were captured, subcarriers in the order of the chip's FFT.

    Each core and spatial stream of a packet is a frame of its own. `seq` is the WiFi packet's own number; the chip is
    told which packets to look at, so gaps in it are no losses. Amplitudes of chips that pack floats are the packed
    values, and comparable from frame to frame, but their unit is the chip's own.

    Raises:
        FormatError: the capture is of a format or a kind of link that cannot be read.
    """
    packings: dict[int, Packed | None] = dict(CHIPS)
    any_csi = False
    for batch in pcap.udp_payloads(stream, PORT, tally):
        payloads = [(payload, count) for payload in batch if (count := _subcarriers(payload, tally))]
        if payloads:
            any_csi = True
            yield _recording(payloads, replace(info, clock="host"), packings)
    if not any_csi:
        tally.note(NO_CSI)


def _subcarriers(payload: pcap.Payload, tally: Tally) -> int:
    """How many subcarriers a datagram holds; 0 where it is none of channel state, which is counted."""
    if not payload.data.startswith(MAGIC):
        tally.fault("not channel state", payload.where)
        return 0
    words, rest = divmod(len(payload.data) - HEADER.itemsize, 4)
    # some firmware appends one word to some packets
    count = next((count for count in SUBCARRIERS if count in (words, words - 1)), 0)
    if rest or not count:
        tally.fault("wrong length", payload.where)
        return 0
    return count


def _recording(
    payloads: Sequence[tuple[pcap.Payload, int]], info: StreamInfo, packings: dict[int, Packed | None]
) -> CsiRecording:
    size = HEADER.itemsize
    header = np.frombuffer(b"".join([payload.data[:size] for payload, _ in payloads]), HEADER)
    words = np.frombuffer(b"".join([p.data[size : size + 4 * count] for p, count in payloads]), "<u4")
    offsets = np.concatenate([[0], np.cumsum([count for _, count in payloads])])
    old = np.array([payload.data.startswith(OLD_MAGIC) for payload, _ in payloads])
    source = header["source"].astype(np.int64) @ (1 << np.arange(40, -1, -8))
    return CsiRecording.build(
        info,
        [payload.time_ns for payload, _ in payloads],
        _samples(words, offsets, header["chip"], packings),
        offsets=offsets,
        node=source,
        rssi=np.where(old, np.nan, levels(header["rssi"])),
        channel=primary_channel(header["chanspec"]),
        seq=header["sequence_control"] >> 4,
        meta={
            "core": header["core_stream"] & 7,
            "spatial_stream": header["core_stream"] >> 3 & 7,
            "chanspec": header["chanspec"],
            "bandwidth_mhz": bandwidth_mhz(header["chanspec"]),
            "chip": header["chip"],
            "frame_control": np.where(old, 0, header["frame_control"]),
            "sequence_control": header["sequence_control"],
        },
    )


def _samples(
    words: npt.NDArray[np.uint32],
    offsets: Int64,
    chips: npt.NDArray[np.uint16],
    packings: dict[int, Packed | None],
) -> Complex64:
    csi = np.zeros(len(words), np.complex64)
    which = np.repeat(chips, np.diff(offsets))
    for chip in np.unique(which[words != 0]).tolist():
        own = which == chip
        if chip not in packings:
            frame = np.searchsorted(offsets, np.argmax(own & (words != 0)), "right")
            packings[chip] = packing_of(words[offsets[frame - 1] : offsets[frame]])
        packed = packings[chip]
        csi[own] = _pairs(words[own]) if packed is None else unpacked(words[own], packed)
    return csi


def packing_of(words: npt.NDArray[np.uint32]) -> Packed | None:
    """How a chip that is not known packs its samples, told by one frame: floats leave the highest bits zero."""
    highest = int(words.max(initial=0)).bit_length()
    return next((p for p in (SMALL, LARGE) if highest <= 2 * p.mantissa + p.exponent), None)


def _pairs(words: npt.NDArray[np.uint32]) -> Complex64:
    values = words.view("<i2")
    csi = np.empty(len(words), np.complex64)
    csi.real, csi.imag = values[::2], values[1::2]
    return csi


def unpacked(words: npt.NDArray[np.uint32], packed: Packed) -> Complex64:
    """Samples packed as floats, as what they stand for: mantissa times two to the exponent.

    The published tools scale them to integers, each by a power of two that is the same for a whole capture at best;
    here it is 1.
    """
    bits, exponent_bits = packed
    exponent = (words & ((1 << exponent_bits) - 1)).astype(np.int32)
    exponent -= (exponent >> (exponent_bits - 1)) << exponent_bits
    csi = np.empty(len(words), np.complex64)
    for part, shift in ((csi.real, exponent_bits + bits), (csi.imag, exponent_bits)):
        field = words >> np.uint32(shift)
        mantissa = (field & ((1 << (bits - 1)) - 1)).astype(np.float32)
        part[:] = np.ldexp(np.where(field >> np.uint32(bits - 1) & 1, -mantissa, mantissa), exponent)
    return csi


def primary_channel(chanspec: npt.NDArray[np.uint16]) -> Int64:
    """The primary 20 MHz channel of a Broadcom channel specification, which names the centre and the sideband."""
    centre, sideband = (chanspec & 0xFF).astype(np.int64), (chanspec >> 8 & 7).astype(np.int64)
    width = bandwidth_mhz(chanspec) // 20
    primary: Int64 = np.where(width > 1, centre - 2 * (width - 1) + 4 * sideband, centre)
    return primary


def bandwidth_mhz(chanspec: npt.NDArray[np.uint16]) -> Int64:
    """The bandwidth of a Broadcom channel specification; 0 where it names none."""
    named: Int64 = np.array([0, 0, 20, 40, 80, 160, 0, 0])[chanspec >> 11 & 7]
    return named


def encode(recording: Recording) -> Iterator[bytes]:
    """The head of a capture, then a packet for each frame, as the chip of a Raspberry Pi (43455c0) would send it.

    Raises:
        LayoutError: a frame is not of 64, 128, 256 or 512 subcarriers.
        FormatError: samples do not fit 16 bits.
    """
    if not isinstance(recording, CsiRecording):
        raise FormatError("Nexmon captures hold channel state", "write another kind of stream in another format")
    nanoseconds = bool((recording.time_ns % 1000).any())
    yield pcap.header(nanoseconds=nanoseconds)
    for frame in recording:
        count = len(frame.csi)
        if count not in SUBCARRIERS:
            raise LayoutError(
                f"a Nexmon frame has 64, 128, 256 or 512 subcarriers, not {count}", "choose --subcarriers"
            )
        meta = frame.meta
        payload = struct.pack(
            "<HbB6sHHHH",
            0x1111,
            signed_byte(frame.rssi),
            int(meta.get("frame_control", 0)),
            (frame.node & ((1 << 48) - 1)).to_bytes(6, "big"),
            int(meta.get("sequence_control", (max(frame.seq, 0) & 0xFFF) << 4)),
            int(meta.get("core", 0)) | int(meta.get("spatial_stream", 0)) << 3,
            int(meta.get("chanspec", _chanspec(frame.channel, count))),
            101,
        )
        samples = interleaved(frame.csi, np.int16, imaginary_first=False).astype("<i2").tobytes()
        yield pcap.udp_record(payload + samples, PORT, SENDER, frame.time_ns, nanoseconds=nanoseconds)


def _chanspec(channel: int, subcarriers: int) -> int:
    """Of a primary channel in the lowest place of a block of so many subcarriers."""
    width = subcarriers // 64
    code = {1: 2, 2: 3, 4: 4, 8: 5}[width]
    return (0xC000 if channel > 14 else 0) | code << 11 | (channel + 2 * (width - 1)) & 0xFF
