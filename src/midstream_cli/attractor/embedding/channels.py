"""Many channels as few: the directions in which they move most."""

import numpy as np
import numpy.typing as npt

from midstream_cli.attractor.embedding.sampling import finite
from midstream_cli.frames import Float64


def leading_components(x: npt.ArrayLike, count: int) -> Float64:
    """The leading principal components, shape (n, count), most variance first."""
    series = finite(x)
    columns = series.reshape(len(series), -1)
    columns = columns - columns[0]
    columns -= columns.mean(axis=0)
    left, size, _ = np.linalg.svd(columns, full_matrices=False)
    return np.ascontiguousarray(left[:, :count] * size[:count])
