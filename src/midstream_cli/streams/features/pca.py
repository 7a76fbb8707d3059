"""The three leading principal components of relative amplitude, fitted to the background where there is one."""

from typing import Any

import numpy as np

from midstream_cli.frames import Float64, Kind
from midstream_cli.recordings import CsiRecording
from midstream_cli.streams.amplitude import fit_subcarriers, relative
from midstream_cli.streams.features import Parameters

KIND: Kind = "csi"
COMPONENTS = 3


def fit(recording: CsiRecording) -> dict[str, Any]:
    """Which subcarriers carry the channel, their mean, and the directions in which they vary most.

    The sign of a component is arbitrary; here its largest weight is positive.
    """
    parameters = fit_subcarriers(recording)
    amplitudes = relative(recording, parameters)
    mean = amplitudes.mean(axis=0)
    centred = amplitudes - mean
    _, directions = np.linalg.eigh(centred.T @ centred)
    leading = directions[:, ::-1][:, :COMPONENTS].T
    leading *= np.sign(leading[np.arange(len(leading)), np.abs(leading).argmax(axis=1)])[:, None]
    return parameters | {"mean": mean.tolist(), "components": leading.tolist()}


def vectors(recording: CsiRecording, parameters: Parameters) -> Float64:
    """Shape (n, 3), or fewer where fewer subcarriers carry the channel."""
    centred = relative(recording, parameters) - np.asarray(parameters["mean"])
    # a sum in fixed order, so that a frame's vector does not depend on how many are computed with it
    return np.stack([(centred * direction).sum(axis=1) for direction in np.asarray(parameters["components"])], axis=1)
