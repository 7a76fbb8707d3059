"""Relative amplitude in eight bands of neighbouring subcarriers; free of gain control, little noise."""

from typing import Any

from midstream_cli.frames import Float64, Kind
from midstream_cli.recordings import CsiRecording
from midstream_cli.streams.amplitude import bands, fit_subcarriers, relative
from midstream_cli.streams.features import Parameters

KIND: Kind = "csi"
BANDS = 8


def fit(recording: CsiRecording) -> dict[str, Any]:
    """Which subcarriers carry the channel."""
    return fit_subcarriers(recording)


def vectors(recording: CsiRecording, parameters: Parameters) -> Float64:
    """Shape (n, 8)."""
    return bands(relative(recording, parameters), BANDS)
