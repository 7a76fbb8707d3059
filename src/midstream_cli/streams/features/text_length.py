"""Characters of each event of a token stream."""

from typing import Any

import numpy as np

from midstream_cli.frames import Float64, Kind
from midstream_cli.recordings import TokenRecording
from midstream_cli.streams.features import Parameters

KIND: Kind = "token"


def fit(recording: TokenRecording) -> dict[str, Any]:
    """Nothing to fit."""
    return {}


def vectors(recording: TokenRecording, parameters: Parameters) -> Float64:
    """Shape (n, 1)."""
    return np.array([[len(text)] for text in recording.text], np.float64).reshape(-1, 1)
