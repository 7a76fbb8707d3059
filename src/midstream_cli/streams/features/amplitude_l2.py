"""Amplitude of each carrying subcarrier over the frame's root mean square; free of gain control."""

from typing import Any

from midstream_cli.frames import Float64, Kind
from midstream_cli.recordings import CsiRecording
from midstream_cli.streams.amplitude import fit_subcarriers, relative
from midstream_cli.streams.features import Parameters

KIND: Kind = "csi"


def fit(recording: CsiRecording) -> dict[str, Any]:
    """Which subcarriers carry the channel."""
    return fit_subcarriers(recording)


def vectors(recording: CsiRecording, parameters: Parameters) -> Float64:
    """Shape (n, carrying subcarriers)."""
    return relative(recording, parameters)
