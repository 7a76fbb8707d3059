"""Phase differences of neighbouring subcarriers, sanitised; free of carrier and sampling offsets and of gain."""

from typing import Any

import numpy as np

from midstream_cli.errors import FormatError
from midstream_cli.frames import Float64, Kind
from midstream_cli.recordings import CsiRecording
from midstream_cli.streams.amplitude import carrying, fit_subcarriers
from midstream_cli.streams.features import Parameters

KIND: Kind = "csi"

NEIGHBOURS = 2
"""Positions that far apart are neighbours: the centre subcarrier is missing between two that are."""


def fit(recording: CsiRecording) -> dict[str, Any]:
    """Which subcarriers carry the channel.

    Raises:
        FormatError: the stream has amplitudes only.
    """
    _require_phases(recording)
    return fit_subcarriers(recording)


def vectors(recording: CsiRecording, parameters: Parameters) -> Float64:
    """Radians in (-pi, pi], shape (n, pairs).

    The carrier's phase is common to a frame and drops out of the difference; the sampling offset makes the phase a
    straight line over frequency, whose slope, the argument of the mean product, is taken off (after S. Sen et al., "You
    are facing the Mona Lisa: spot localization using PHY layer information", MobiSys 2012).

    Raises:
        FormatError: the stream has amplitudes only.
    """
    _require_phases(recording)
    positions = np.asarray(parameters["subcarriers"])
    steps = np.diff(positions)
    near = steps <= NEIGHBOURS
    samples = carrying(recording, parameters).astype(np.complex128)
    # no operators: numpy may swap the factors of large temporary arrays, and complex products then round otherwise
    products = np.compress(near, np.multiply(samples[:, 1:], samples[:, :-1].conj()), axis=1)
    slope = np.angle(np.compress(steps[near] == 1, products, axis=1).sum(axis=1, keepdims=True))
    phases: Float64 = np.angle(np.multiply(products, np.exp(np.multiply(-1j * slope, steps[near]))))
    return phases


def _require_phases(recording: CsiRecording) -> None:
    if recording.info.amplitude_only:
        raise FormatError(
            f"{recording.info.source} has amplitudes but no phases", "choose a feature of amplitudes, such as bands8"
        )
