"""ESP32-CSI-Tool (Hernandez): `CSI_DATA,AP,20:50:...,384,[84 -64 ...]`, 25 fields, space-separated values."""

from collections.abc import Iterator

from midstream_cli.frames import CsiRecording, Kind, StreamInfo
from midstream_cli.streams.csi_line import Fields
from midstream_cli.streams.esp32 import decode_lines, sniff_lines
from midstream_cli.streams.tally import Tally
from midstream_cli.streams.transports import ByteStream

KIND: Kind = "csi"

FIELDS = Fields.parse(
    "role,mac,rssi,rate,sig_mode,mcs,bandwidth,smoothing,not_sounding,aggregation,stbc,fec_coding,sgi,noise_floor,"
    "ampdu_cnt,channel,secondary_channel,local_timestamp,ant,sig_len,rx_state,real_time_set,real_timestamp,len",
    text="role",
    real="real_timestamp",
)


def sniff(head: bytes) -> bool:
    """Whether the bytes hold lines of this firmware."""
    return sniff_lines(head, FIELDS)


def decode(stream: ByteStream, tally: Tally, info: StreamInfo) -> Iterator[CsiRecording]:
    """Parse its lines; `len` is what the radio captured, not what was printed, so it is not checked."""
    return decode_lines(stream, tally, info, FIELDS)
