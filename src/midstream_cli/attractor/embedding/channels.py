"""Many channels as few: the directions in which they move most."""

import numpy as np
import numpy.typing as npt

from midstream_cli.attractor.embedding.sampling import columns_of, finite
from midstream_cli.errors import UsageError
from midstream_cli.frames import Float64


def leading_components(x: npt.ArrayLike, count: int) -> Float64:
    """The leading principal components of a series, most variance first.

    Channels count as they are, so that those of larger units weigh more: give `standardised(x)` for equal weights. A
    component's sign is that of the channel that has the largest part in it.

    Args:
        x: shape (n,) or (n, channels).
        count: as many as there are channels and samples at most.

    Returns:
        shape (n, count), each of mean 0, in the unit of the series.

    Raises:
        UsageError: the series is not finite; count is below 1, or beyond what there is.
    """
    columns = columns_of(finite(x))
    if not 1 <= count <= min(columns.shape):
        raise UsageError(
            f"{count} components of {columns.shape[1]} channels of {len(columns)} samples",
            f"ask for 1 to {min(columns.shape)}",
        )
    # a power of two costs no digit, and keeps squares of 1e200 or 1e-200 numbers
    _, exponent = np.frexp(np.abs(columns).max())
    centred = np.ldexp(columns, -exponent)
    centred = centred - centred[0]
    centred -= centred.mean(axis=0)
    if len(centred) > centred.shape[1]:
        # five times as fast as decomposing all rows; what is lost are components a hundred millionth as large as the first
        directions = np.linalg.eigh(centred.T @ centred)[1].T[::-1]
    else:
        directions = np.linalg.svd(centred, full_matrices=False)[2]
    largest = np.abs(directions).argmax(axis=1)
    directions = directions * np.sign(directions[np.arange(len(directions)), largest])[:, None]
    return np.ascontiguousarray(np.ldexp(centred @ directions.T, exponent)[:, :count])
