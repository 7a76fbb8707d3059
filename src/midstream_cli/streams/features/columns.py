"""The columns of a stream of plain numbers, as they are."""

from typing import Any

import numpy as np

from midstream_cli.errors import LayoutError
from midstream_cli.frames import Float64, Kind
from midstream_cli.recordings import NumericRecording
from midstream_cli.streams.features import Parameters

KIND: Kind = "numeric"


def fit(recording: NumericRecording) -> dict[str, Any]:
    """The names of the columns.

    Raises:
        LayoutError: there is none.
    """
    if not recording.columns:
        raise LayoutError(f"{recording.info.source} has no column of numbers but its times", "midstream info tells why")
    return {"columns": list(recording.columns)}


def vectors(recording: NumericRecording, parameters: Parameters) -> Float64:
    """Shape (n, columns).

    Raises:
        LayoutError: a column is missing.
    """
    missing = [name for name in parameters["columns"] if name not in recording.columns]
    if missing:
        raise LayoutError(
            f"{recording.info.source} has no column {missing[0]}", f"it has {', '.join(recording.columns)}"
        )
    return np.stack([recording.columns[name] for name in parameters["columns"]], axis=1)
