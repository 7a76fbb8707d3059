"""Delay vectors: the state of a system from what one or several of its channels did a little later."""

import numpy as np
import numpy.typing as npt

from midstream_cli.attractor.embedding.sampling import finite
from midstream_cli.errors import InsufficientData, UsageError
from midstream_cli.frames import Float64


def embed(x: npt.ArrayLike, dimension: int, delay: int) -> Float64:
    """Delay vectors of a series (F. Takens, "Detecting strange attractors in turbulence", LNM 898, 1981).

    Args:
        x: shape (n,) or (n, channels).
        dimension: delayed copies of each channel.
        delay: samples from one copy to the next.

    Returns:
        shape (n - (dimension - 1) * delay, dimension * channels): row i is x[i], x[i + delay], x[i + 2 delay], ...;
        of several channels, all those of one instant stand together.

    Raises:
        UsageError: the series is not finite; dimension or delay is below 1.
        InsufficientData: the series is shorter than one vector.
    """
    series = finite(x)
    if dimension < 1 or delay < 1:
        raise UsageError(
            f"an embedding of dimension {dimension} and delay {delay} does not exist", "both are at least 1"
        )
    rows = len(series) - (dimension - 1) * delay
    if rows < 1:
        raise InsufficientData(
            (dimension - 1) * delay + 1, len(series), f"an embedding of dimension {dimension} and delay {delay}"
        )
    columns = series.reshape(len(series), -1)
    count = columns.shape[1]
    vectors = np.empty((rows, dimension * count))
    for k in range(dimension):
        vectors[:, k * count : (k + 1) * count] = columns[k * delay : k * delay + rows]
    return vectors
