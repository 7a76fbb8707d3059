"""Amplitudes over the subcarriers that carry the channel: what most features of channel state begin with."""

from collections.abc import Mapping
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np

from midstream_cli.errors import LayoutError
from midstream_cli.frames import Complex64, Float64
from midstream_cli.recordings import CsiRecording
from midstream_cli.streams.layout import valid_subcarriers


def fit_subcarriers(recording: CsiRecording) -> dict[str, Any]:
    """Which of how many subcarriers carry the channel.

    Raises:
        LayoutError: none does.
    """
    valid = valid_subcarriers(recording)
    if len(valid) == 0:
        raise LayoutError("no subcarrier carries anything", "midstream info shows what the recording holds")
    return {"layout": int(recording.subcarriers[0]), "subcarriers": valid.tolist()}


def carrying(recording: CsiRecording, parameters: Mapping[str, Any]) -> Complex64:
    """Channel state of the carrying subcarriers only, shape (n, carrying).

    Raises:
        LayoutError: the frames have another number of subcarriers than the parameters were fitted to.
        ValueError: the parameters name no subcarrier.
    """
    matrix, positions = recording.matrix(), parameters["subcarriers"]
    # as an array, they have been looked at before
    if not isinstance(positions, np.ndarray) and (len(positions) == 0 or min(positions) < 0):
        raise ValueError("subcarriers are positions in the frame, one at least")
    if matrix.shape[1] != parameters["layout"]:
        raise LayoutError(
            f"{recording.info.source} has frames of {matrix.shape[1]} subcarriers, the feature was fitted to "
            f"{parameters['layout']}",
            f"choose that layout with --subcarriers {parameters['layout']}, or capture the signature anew",
        )
    if len(matrix) == 1:
        # `take` lets other threads go on meanwhile, which may take longer than all that a frame needs
        return np.asarray(matrix[0][positions][None])
    # rows in one block of memory: sums over them then have the same bits however many rows there are
    samples: Complex64 = matrix.take(positions, axis=1)
    return samples


def relative(recording: CsiRecording, parameters: Mapping[str, Any]) -> Float64:
    """Amplitudes over their root mean square within the frame, shape (n, carrying).

    Gain control scales a whole frame, so that nothing of it is left. A frame of zeros stays one. Of a single frame, asked for
    by one feature after another, it is measured once; nobody may write over it.
    """
    if len(recording) > 1:
        return _relative(recording, parameters)
    global _latest  # noqa: PLW0603 - replaced as a whole, so that threads do not see a part of it
    measures = parameters["layout"], np.asarray(parameters["subcarriers"]).tobytes()
    seen, alike, found = _latest
    if seen is not recording or alike != measures:
        found = _relative(recording, parameters)
        _latest = recording, measures, found
    return found


_latest: tuple[CsiRecording | None, tuple[int, bytes], Float64] = None, (0, b""), np.empty((0, 0))
"""The frame that was measured last, which of its subcarriers, and what was found."""


def _relative(recording: CsiRecording, parameters: Mapping[str, Any]) -> Float64:
    amplitudes = np.abs(carrying(recording, parameters)).astype(np.float64)
    power = np.add.reduce(amplitudes * amplitudes, axis=1, keepdims=True) / amplitudes.shape[1]
    level: Float64 = np.sqrt(power)
    level[level == 0] = 1.0
    return amplitudes / level


def bands(relative_amplitudes: Float64, count: int) -> Float64:
    """Means over `count` bands of neighbouring subcarriers, shape (n, count).

    Motion moves neighbours together and receiver noise does not, so that the mean of a band keeps the one and loses
    most of the other.
    """
    edges = _edges(relative_amplitudes.shape[1], count)
    means = np.empty((len(relative_amplitudes), count))
    for band, (begin, end) in enumerate(edges):
        np.add.reduce(relative_amplitudes[:, begin:end], axis=1, out=means[:, band])
    means /= [end - begin for begin, end in edges]
    return means


@lru_cache(maxsize=64)
def _edges(subcarriers: int, count: int) -> list[tuple[int, int]]:
    """Where each band begins and ends; of fewer subcarriers than bands, some are in several."""
    edges = np.linspace(0, subcarriers, count + 1).astype(int).tolist()
    return [(a, max(b, a + 1)) for a, b in pairwise(edges)]
