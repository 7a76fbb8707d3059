"""Espressif's csi_recv and csi_recv_router on ESP32, S2, S3 and C3: `CSI_DATA,2534,1a:00:...,384,1,"[44,-64,...]"`."""

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
    "id,mac,rssi,rate,sig_mode,mcs,bandwidth,smoothing,not_sounding,aggregation,stbc,fec_coding,sgi,noise_floor,"
    "ampdu_cnt,channel,secondary_channel,local_timestamp,ant,sig_len,rx_state,len,first_word",
    sequence="id",
    counted=True,
    packet_format=True,
)

FIRMWARE = Firmware(FIELDS)


def sniff(head: bytes) -> bool:
    """Whether the bytes hold lines of this firmware."""
    return sniff_lines(head, FIELDS)


def decode(stream: ByteStream, tally: Tally, info: StreamInfo) -> Iterator[CsiRecording]:
    """Parse its lines; `id`, which the sender counts, tells what was lost."""
    return decode_lines(stream, tally, info, FIELDS)


def encode(recording: Recording) -> Iterator[bytes]:
    """The header, then each frame as a line; samples are rounded to 16 bits."""
    return print_lines(recording, FIRMWARE)
