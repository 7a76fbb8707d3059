"""How many delayed copies it takes until the states of a system no longer overlap."""

from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from midstream_cli.attractor.embedding.delay_vectors import embed
from midstream_cli.attractor.embedding.sampling import standardised
from midstream_cli.frames import Float64


class Cao(NamedTuple):
    """Cao's two quotients for each dimension, and the dimension they say."""

    dimension: int
    e1: Float64
    e2: Float64


def embedding_dimension(
    x: npt.ArrayLike, delay: int, *, theiler: int = 1, method: Literal["cao"] = "cao", max_dimension: int = 10
) -> Cao:
    """The embedding dimension."""
    from scipy.spatial import cKDTree

    series = standardised(x)
    most = max(1, min(max_dimension, (len(series) - 20) // max(delay, 1) - 1))
    whole = embed(series, most + 2, delay) if len(series) > (most + 1) * delay else embed(series, 1, delay)
    channels = 1 if series.ndim == 1 else series.shape[1]
    n = len(whole)
    at = np.unique(np.linspace(0, n - 1, min(n, 2000)).astype(np.int64))
    growth, step = [], []
    for d in range(1, whole.shape[1] // channels):
        points = whole[:, : d * channels]
        k = min(n, 2 * min(theiler, 40) + 2)
        distance, index = cKDTree(points).query(points[at], k=k, p=np.inf)
        fine = (np.abs(index - at[:, None]) > theiler) & (distance > 0)
        first = fine.argmax(axis=1)
        rows = np.flatnonzero(fine.any(axis=1))
        if len(rows) == 0:
            break
        near = index[rows, first[rows]]
        far = np.abs(whole[at[rows], : (d + 1) * channels] - whole[near, : (d + 1) * channels])
        growth.append(float((far.max(axis=1) / distance[rows, first[rows]]).mean()))
        step.append(float(far[:, d * channels :].max(axis=1).mean()))
    e, s = np.array(growth), np.array(step)
    e1, e2 = e[1:] / e[:-1], s[1:] / np.where(s[:-1] > 0, s[:-1], 1.0)
    reached = np.flatnonzero(e1 > 0.9)
    return Cao(int(reached[0]) + 1 if len(reached) else max(1, len(e1)), e1, e2)
