"""ESP32-CSI-Tool built with CSI_AMPLITUDE: the same lines, but one amplitude for each subcarrier, and no phases."""

from collections.abc import Iterator
from dataclasses import replace

from midstream_cli.frames import Kind, StreamInfo
from midstream_cli.recordings import CsiRecording
from midstream_cli.streams.esp32 import decode_lines, sniff_lines
from midstream_cli.streams.formats.esp32_csi_tool import FIELDS as PAIRED
from midstream_cli.streams.formats.esp32_csi_tool import prints_amplitudes
from midstream_cli.streams.tally import Tally
from midstream_cli.streams.transports import ByteStream

KIND: Kind = "csi"

FIELDS = replace(PAIRED, pairs=False)


def sniff(head: bytes) -> bool:
    """Whether the bytes hold lines of this firmware, with amplitudes."""
    return sniff_lines(head, FIELDS) and prints_amplitudes(head)


def decode(stream: ByteStream, tally: Tally, info: StreamInfo) -> Iterator[CsiRecording]:
    """Parse its lines; the amplitudes are whole numbers, rounded down by the board."""
    return decode_lines(stream, tally, replace(info, amplitude_only=True), FIELDS)
