"""A recurrence plot thinned to what a screen shows: each cell holds the share of recurrences of its square."""

import numpy as np
import numpy.typing as npt

from midstream_cli.attractor.embedding.embedding import Embedding
from midstream_cli.attractor.kernels import recurrences
from midstream_cli.attractor.recurrences.trajectory import Norm, Trajectory, chosen_limit, trajectory
from midstream_cli.errors import UsageError
from midstream_cli.frames import Float64, Int64


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


def _counting(n: int, block: int, widths: Int64, theiler: int) -> Int64:
    """How many cells of each square count, 1 where none does."""
    possible = np.outer(widths, widths)
    if theiler:
        edges = np.minimum(block * np.arange(len(widths) + 1), n)
        near = _cells_below(edges, theiler) - _cells_below(edges, 1 - theiler)
        possible = possible - np.diff(np.diff(near, axis=0), axis=1)
    return np.maximum(possible, 1)


def _cells_below(edges: Int64, lag: int) -> Int64:
    """How many cells of less than a lag there are in the first p rows and q columns, for all edges p and q."""
    p, q = edges[:, None], edges
    # row i has as many as i + lag between 0 and q
    return _sum_between(p + lag, q) - _sum_between(np.full_like(p, lag), q)


def _sum_between(end: Int64, most: Int64) -> Int64:
    """Of all whole numbers below an end, each between 0 and `most`."""
    rising = np.clip(end, 0, most)
    return np.asarray(rising * (rising - 1) // 2 + np.maximum(end - most, 0) * most)
