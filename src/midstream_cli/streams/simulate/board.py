"""What a board says of the packets it received: its clock, its own address, and the fields of its firmware."""

from typing import Any

import numpy as np
import numpy.typing as npt

from midstream_cli.frames import Complex64, Float64, Int64, StreamInfo
from midstream_cli.recordings import CsiRecording
from midstream_cli.streams.clock import WRAP_US
from midstream_cli.streams.simulate.radio import NOISE_FLOOR_DBM, SAMPLES, SECONDARY, SIG_LEN

CHANNEL = 6
CENTRE_HZ = 2.437e9

FIRST_NODE = 0x1A00_0000_0000
"""A MAC address that no manufacturer gives away; the numbers of the room and of the sender are added."""

SAME: dict[str, Any] = {
    "role": "STA",
    # 6 Mbit/s, the slowest rate with subcarriers
    "rate": 11,
    "sig_mode": 0,
    "mcs": 0,
    "bandwidth": 0,
    "smoothing": 0,
    "not_sounding": 0,
    "aggregation": 0,
    "stbc": 0,
    "fec_coding": 0,
    "sgi": 0,
    "ampdu_cnt": 0,
    "ant": 0,
    "sig_len": SIG_LEN,
    "rx_state": 0,
    "real_time_set": 0,
    "len": 2 * SAMPLES,
    "host_time_s": np.nan,
    "first_word_invalid": True,
}
"""The fields that are the same in every frame: those of a legacy frame without extras."""


def recording(
    info: StreamInfo,
    time_s: Float64,
    booted_s: float,
    node: Int64,
    number: Int64,
    samples: Complex64,
    rssi: Float64,
    secondary: str,
) -> CsiRecording:
    """Received packets as ESP32-CSI-Tool prints them: legacy frames, of which the legacy training field is kept.

    Args:
        time_s: shape (n,), since the scene began.
        booted_s: how long the board had been running by then.
        number: shape (n,), of the packet, as its sender counts.
    """
    uptime_us = np.round((booted_s + time_s) * 1e6).astype(np.int64)
    meta: dict[str, npt.NDArray[Any]] = {name: np.full(len(time_s), value) for name, value in SAME.items()}
    meta["secondary_channel"] = np.full(len(time_s), SECONDARY[secondary])
    meta["local_timestamp"] = uptime_us % WRAP_US
    meta["real_timestamp"] = uptime_us / 1e6
    return CsiRecording.build(
        info,
        uptime_us * 1000,
        samples,
        node=node,
        rssi=rssi,
        noise_floor=np.full(len(time_s), NOISE_FLOOR_DBM),
        channel=np.full(len(time_s), CHANNEL),
        seq=number,
        meta=meta,
    )
