"""Mean amplitude over the carrying subcarriers, in the receiver's own units; follows gain control."""

from typing import Any

import numpy as np

from midstream_cli.frames import Float64, Kind
from midstream_cli.recordings import CsiRecording
from midstream_cli.streams.amplitude import carrying, fit_subcarriers
from midstream_cli.streams.features import Parameters

KIND: Kind = "csi"


def fit(recording: CsiRecording) -> dict[str, Any]:
    """Which subcarriers carry the channel."""
    return fit_subcarriers(recording)


def vectors(recording: CsiRecording, parameters: Parameters) -> Float64:
    """Shape (n, 1)."""
    amplitudes = np.abs(carrying(recording, parameters)).astype(np.float64)
    means: Float64 = np.add.reduce(amplitudes, axis=1, keepdims=True) / amplitudes.shape[1]
    return means
