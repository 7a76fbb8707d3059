"""Texts of a token stream as numbers that stand for them: equal or not, and nothing between."""

from hashlib import blake2b
from typing import Any

import numpy as np

from midstream_cli.frames import Float64, Kind
from midstream_cli.recordings import TokenRecording
from midstream_cli.streams.features import Parameters

KIND: Kind = "token"
CATEGORICAL = True


def fit(recording: TokenRecording) -> dict[str, Any]:
    """Nothing to fit: the same text has the same number in every stream."""
    return {}


def vectors(recording: TokenRecording, parameters: Parameters) -> Float64:
    """Shape (n, 1): 48 bits of a hash of the text, which a double holds exactly.

    Two of 10,000 different texts share a number with a probability of 2e-7.
    """
    known = _numbers(recording)
    return np.array([known[text] for text in recording.text], np.float64).reshape(-1, 1)


def names(recording: TokenRecording) -> dict[float, str]:
    """The text that each number stands for."""
    return {number: text for text, number in _numbers(recording).items()}


def _numbers(recording: TokenRecording) -> dict[str, float]:
    return {
        text: float(int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=6).digest()))
        for text in set(recording.text)
    }
