"""Espressif's console_test (esp-radar): 29 fields, among them a label (`taget`); data as a list or as base64."""

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
    "sequence,timestamp,taget_seq,taget,mac,rssi,rate,sig_mode,mcs,bandwidth,smoothing,not_sounding,aggregation,stbc,"
    "fec_coding,sgi,noise_floor,ampdu_cnt,channel,secondary_channel,local_timestamp,ant,sig_len,rx_state,agc_gain,"
    "fft_gain,len,first_word",
    text="taget",
    moment="timestamp",
    sequence="sequence",
    counted=True,
    base64_data=True,
    packet_format=True,
)

FIRMWARE = Firmware(FIELDS, signed=False, largest=127, defaults={"taget": "unknown"})


def sniff(head: bytes) -> bool:
    """Whether the bytes hold lines of this firmware."""
    return sniff_lines(head, FIELDS)


def decode(stream: ByteStream, tally: Tally, info: StreamInfo) -> Iterator[CsiRecording]:
    """Parse its lines; `timestamp` becomes seconds, since boot or, where Espressif's tool set it, since 1970."""
    return decode_lines(stream, tally, info, FIELDS)


def encode(recording: Recording) -> Iterator[bytes]:
    """The header, then each frame as a line with a list; samples are rounded to signed bytes."""
    return print_lines(recording, FIRMWARE)
