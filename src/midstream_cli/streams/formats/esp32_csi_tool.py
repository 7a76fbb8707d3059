"""ESP32-CSI-Tool (Hernandez): `CSI_DATA,AP,20:50:...,384,[84 -64 ...]`, 25 fields, space-separated values."""

import re
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
    "role,mac,rssi,rate,sig_mode,mcs,bandwidth,smoothing,not_sounding,aggregation,stbc,fec_coding,sgi,noise_floor,"
    "ampdu_cnt,channel,secondary_channel,local_timestamp,ant,sig_len,rx_state,real_time_set,real_timestamp,len",
    text="role",
    real="real_timestamp",
)

FIRMWARE = Firmware(
    FIELDS,
    data="CSI_DATA",
    opening="[",
    between=" ",
    closing=" ]",
    upper_case=True,
    signed=False,
    largest=127,
    defaults={"role": "AP"},
)

LONG_TRAINING_FIELD = 128
"""Values of the legacy training field, the only ones that builds with SHOULD_COLLECT_ONLY_LLTF print."""

LARGEST_AMPLITUDE = 181
"""Of a pair of signed bytes, rounded down."""

_DATA = re.compile(rb",(\d+),\[([\d ]+)\]")
_ANY_DATA = re.compile(rb",\d+,\[[-\d ]+\]")


def sniff(head: bytes) -> bool:
    """Whether the bytes hold lines of this firmware, with pairs of values."""
    return sniff_lines(head, FIELDS) and not prints_amplitudes(head)


def prints_amplitudes(head: bytes) -> bool:
    """Whether the firmware was built with CSI_AMPLITUDE, which prints one value where others print pairs.

    Such values are never negative, and half as many as `len` says, or as the legacy training field has. A buffer of 256
    values of which 128 are printed has half as many too, but of channel state some are negative.
    """
    amplitudes = 0
    for captured, data in _DATA.findall(head):
        values = [int(value) for value in data.split()]
        half = 2 * len(values) in (int(captured), LONG_TRAINING_FIELD)
        amplitudes += half and 0 < max(values, default=0) <= LARGEST_AMPLITUDE
    return amplitudes > 0 and 2 * amplitudes > len(_ANY_DATA.findall(head))


def decode(stream: ByteStream, tally: Tally, info: StreamInfo) -> Iterator[CsiRecording]:
    """Parse its lines; `len` is what the radio captured, not what was printed, so it is not checked."""
    return decode_lines(stream, tally, info, FIELDS)


def encode(recording: Recording) -> Iterator[bytes]:
    """The header, then each frame as a line; samples are rounded to signed bytes."""
    return print_lines(recording, FIRMWARE)
