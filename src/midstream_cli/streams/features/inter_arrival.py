"""Seconds since the event before, in a token stream with times."""

from typing import Any

import numpy as np

from midstream_cli.errors import FormatError
from midstream_cli.frames import Float64, Kind
from midstream_cli.recordings import TokenRecording
from midstream_cli.streams.features import Parameters

KIND: Kind = "token"
CONTEXT = 1
"""A vector needs the event before it: the first event of a stream has none."""


def fit(recording: TokenRecording) -> dict[str, Any]:
    """Nothing to fit.

    Raises:
        FormatError: the stream has no time per event.
    """
    if recording.info.clock == "none":
        raise FormatError(
            f"{recording.info.source} has no time per event, so it has no intervals",
            "record the stream live with midstream record, which adds arrival times",
        )
    return {}


def vectors(recording: TokenRecording, parameters: Parameters) -> Float64:
    """Shape (n, 1); the first is NaN."""
    intervals = np.full((len(recording), 1), np.nan)
    intervals[1:, 0] = np.diff(recording.time_ns) / 1e9
    return intervals
