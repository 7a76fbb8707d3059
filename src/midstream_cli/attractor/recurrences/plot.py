"""A recurrence plot thinned to what a screen shows: each cell holds the share of recurrences of its square."""

import numpy as np
import numpy.typing as npt

from midstream_cli.attractor.embedding.embedding import Embedding
from midstream_cli.attractor.kernels import recurrences
from midstream_cli.attractor.recurrences.trajectory import Norm, Trajectory, chosen_limit, trajectory
from midstream_cli.errors import UsageError
from midstream_cli.frames import Float64


def recurrence_plot(
    x: npt.ArrayLike,
    *,
    embedding: Embedding | None = None,
    radius: float | None = None,
    rate: float | None = None,
    norm: Norm = "euclidean",
    theiler: int = 0,
    cells: int = 800,
) -> Float64:
    """The recurrence matrix thinned to so many cells a side at most, in bounded memory.

    Args:
        x: shape (n,), which is embedded, or (n, channels), which are states already unless an embedding is given.
        embedding: how the series becomes states; None for the embedding that is found.
        radius: states at most so far apart are recurrences, in units of x.
        rate: the share of all cells that are to be recurrences; 0.05 where neither is given.
        theiler: states fewer samples apart do not count.

    Returns:
        shape (cells, cells) or less, 0 to 1: the share of recurrences in each square. Row and column 0 are the first
        states.

    Raises:
        UsageError: the series is not finite; both a radius and a rate, or one out of range; an unknown norm; no cells.
        InsufficientData: there are fewer than two states outside the Theiler window.
    """
    if cells < 1:
        raise UsageError(f"a picture of {cells} cells", "give 1 at least")
    path = trajectory(x, embedding, norm)
    limit, _ = chosen_limit(path, radius, rate, theiler)
    return shares(path, limit, theiler, cells)


def shares(path: Trajectory, limit: float, theiler: int, most: int = 800) -> Float64:
    """The thinned recurrence matrix.

    Args:
        limit: what the kernels compare with.
        theiler: cells fewer samples off the main diagonal do not count.
        most: cells a side at most.

    Returns:
        shape (cells, cells), 0 to 1; row and column 0 are the first states. Squares in which no cell counts are 0.
    """
    n = path.n
    block = -(-n // most)
    across = -(-n // block)
    counts = np.zeros((across, across), dtype=np.int64)
    recurrences.picture(*path.arguments, limit, theiler, block, across, counts.reshape(-1))
    counts = counts + counts.T
    widths = np.minimum(block, n - block * np.arange(across))
    if theiler == 0:
        counts[np.diag_indices(across)] += widths
    return np.asarray(counts / _counting(n, block, widths, theiler), dtype=np.float64)


def _counting(n: int, block: int, widths: Float64, theiler: int) -> Float64:
    """How many cells of each square count, 1 where none does."""
    possible = np.outer(widths, widths).astype(np.float64)
    if theiler:
        lags = np.arange(1 - theiler, theiler)
        rows = np.arange(n)[:, None]
        columns = rows + lags
        inside = (columns >= 0) & (columns < n)
        np.subtract.at(possible, (np.broadcast_to(rows // block, columns.shape)[inside], columns[inside] // block), 1.0)
    return np.maximum(possible, 1.0)
