"""Espressif's csi_recv on ESP32-C5, C6 and C61: the same with 14 fields, among them the gains of the receiver."""

from collections.abc import Iterator

from midstream_cli.frames import Kind, StreamInfo
from midstream_cli.recordings import CsiRecording, Recording
from midstream_cli.streams.csi_line import Fields
from midstream_cli.streams.csi_print import Firmware, print_lines
from midstream_cli.streams.esp32 import decode_lines, sniff_lines
from midstream_cli.streams.tally import Tally
from midstream_cli.streams.transports import ByteStream

KIND: Kind = "csi"

FIELDS = Fields(
    "seq,mac,rssi,rate,noise_floor,fft_gain,agc_gain,channel,local_timestamp,sig_len,rx_state,len,first_word",
    sequence="seq",
    counted=True,
    packet_format=True,
)

FIRMWARE = Firmware(FIELDS)


def sniff(head: bytes) -> bool:
    """Whether the bytes hold lines of this firmware."""
    return sniff_lines(head, FIELDS)


def decode(stream: ByteStream, tally: Tally, info: StreamInfo) -> Iterator[CsiRecording]:
    """Parse its lines; `seq`, which the sender counts, tells what was lost."""
    return decode_lines(stream, tally, info, FIELDS)


def encode(recording: Recording) -> Iterator[bytes]:
    """The header, then each frame as a line; samples are rounded to 16 bits."""
    return print_lines(recording, FIRMWARE)
