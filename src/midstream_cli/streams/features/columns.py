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
    columns, names = recording.columns, parameters["columns"]
    try:
        found = [columns[name] for name in names]
    except KeyError as missing:
        raise LayoutError(
            f"{recording.info.source} has no column {missing.args[0]}", f"it has {', '.join(columns)}"
        ) from None
    if len(recording) == 1:
        # of a live stream, and an array for each number would cost more than all that is found out about them
        return np.array([list(map(np.ndarray.item, found))], np.float64)
    return np.stack(found, axis=1)
