"""Natural logarithm of the probability the model gave each event's tokens."""

from typing import Any

import numpy as np

from midstream_cli.errors import FormatError
from midstream_cli.frames import Float64, Kind
from midstream_cli.recordings import TokenRecording
from midstream_cli.streams.features import Parameters

KIND: Kind = "token"


def fit(recording: TokenRecording) -> dict[str, Any]:
    """Nothing to fit.

    Raises:
        FormatError: the stream has no log probabilities.
    """
    if np.isnan(recording.logprob).all():
        raise FormatError(
            f"{recording.info.source} has no log probabilities", "ask the model's provider for them: logprobs=true"
        )
    return {}


def vectors(recording: TokenRecording, parameters: Parameters) -> Float64:
    """Shape (n, 1); an event without a log probability counts as certain."""
    return np.nan_to_num(recording.logprob[:, None], nan=0.0)
