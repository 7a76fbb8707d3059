"""Sequences that are near one another put into clusters."""

from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from midstream_cli.compare.warping import magnitude
from midstream_cli.compare.warping.values import numbers
from midstream_cli.errors import UsageError
from midstream_cli.frames import Float64

Linkage = Literal["average", "complete", "single"]

MOST_CLUSTERS = 20
"""So many are tried at most, where nobody says how many."""


class Clusters(NamedTuple):
    """What belongs together."""

    labels: npt.NDArray[np.intp]
    """Shape (n,): the cluster of each, counted from 0 in the order of the leaves."""
    order: npt.NDArray[np.intp]
    """Shape (n,): leaves of the tree from one end to the other; in this order, a matrix shows clusters as blocks."""
    medoids: npt.NDArray[np.intp]
    """Shape (clusters,): the one of each cluster that is nearest to all others in it."""
    merges: Float64
    """Shape (n - 1, 4): the tree, as `scipy.cluster.hierarchy.linkage` has it."""
    silhouette: float | None
    """From -1 to 1, how much nearer each is to its own cluster than to the next; None for one cluster, or n."""


def cluster(
    matrix: npt.ArrayLike, *, k: int | None = None, distance: float | None = None, method: Linkage = "average"
) -> Clusters:
    """Clusters by agglomeration: the two nearest are joined, again and again.

    Args:
        matrix: distances, shape (n, n), symmetric, 0 on the diagonal.
        k: how many clusters; by default the number up to MOST_CLUSTERS with the greatest silhouette
            (P. Rousseeuw, J. Comput. Appl. Math. 20, 1987).
        distance: instead of their number, what clusters are apart at least.
        method: how far clusters are apart: the mean of all pairs, the farthest, or the nearest.

    Raises:
        UsageError: the matrix is not one of distances, k is out of range or given with a distance, or the method is
            unknown.
    """
    from scipy.cluster.hierarchy import leaves_list, linkage
    from scipy.spatial.distance import squareform

    apart = _distances(matrix)
    # sums of distances are to be numbers
    exponent = magnitude.exponent(apart)
    apart = magnitude.scaled(apart, exponent)
    n = len(apart)
    if method not in ("average", "complete", "single"):
        raise UsageError(f"no linkage is called {method!r}", "known are average, complete, single")
    if k is not None and distance is not None:
        raise UsageError("both a number of clusters and their distance are given", "choose one of them")
    if k is not None and not 1 <= k <= n:
        raise UsageError(f"{n} sequences cannot make {k} clusters", f"ask for 1 to {n}")
    if distance is not None and not distance >= 0:
        raise UsageError(f"clusters cannot be {distance} apart", "choose a distance of 0 or more")
    if n == 1:
        alone = np.zeros(1, np.intp)
        return Clusters(alone, alone, alone, np.empty((0, 4)), None)
    merges = linkage(squareform(apart, checks=False), method)
    order = np.asarray(leaves_list(merges), np.intp)
    if distance is not None:
        with np.errstate(over="ignore"):
            k = n - int(np.searchsorted(merges[:, 2], np.ldexp(distance, -exponent), side="left"))
    labels = _best(apart, merges, order) if k is None else _cut(merges, order, k)
    merges[:, 2] = np.ldexp(merges[:, 2], exponent)
    return Clusters(labels, order, _medoids(apart, labels), merges, silhouette(apart, labels))


def silhouette(matrix: Float64, labels: npt.NDArray[np.intp]) -> float | None:
    """Mean over all of (b - a) / max(a, b): a the mean distance to its own cluster, b to the next.

    One that is alone in its cluster counts 0. None where there is one cluster only, or each is its own.
    """
    counts = np.bincount(labels)
    if not 1 < len(counts) < len(labels):
        return None
    sums = matrix @ np.eye(len(counts))[labels]
    own = np.arange(len(labels)), labels
    inside = sums[own] / np.maximum(counts[labels] - 1, 1)
    means = sums / counts
    means[own] = np.inf
    next_one = means.min(axis=1)
    larger = np.maximum(inside, next_one)
    widths = np.divide(next_one - inside, larger, out=np.zeros(len(labels)), where=larger > 0)
    return float(np.where(counts[labels] > 1, widths, 0.0).mean())


def _distances(matrix: npt.ArrayLike) -> Float64:
    """The matrix, made exactly symmetric.

    Raises:
        UsageError: it is not one of distances.
    """
    apart = numbers(matrix, "the matrix")
    if apart.ndim != 2 or apart.shape[0] != apart.shape[1] or apart.size == 0:
        raise UsageError(f"a matrix of shape {apart.shape} is not one of all pairs", "give one of shape (n, n)")
    for bad, what in (
        (~np.isfinite(apart), "is not finite"),
        (apart < 0, "is negative"),
        (~np.isclose(apart, apart.T, rtol=1e-9, atol=0.0), "differs from that of the same pair the other way round"),
        ((apart != 0) & np.eye(len(apart), dtype=np.bool_), "is of a sequence from itself, and not 0"),
    ):
        if bad.any():
            i, j = (int(at) for at in np.argwhere(bad)[0])
            raise UsageError(f"the distance of {i} from {j}, {apart[i, j]:g}, {what}", "make the matrix with pairwise")
    upper = np.triu(apart, 1)
    return upper + upper.T


def _cut(merges: Float64, order: npt.NDArray[np.intp], k: int) -> npt.NDArray[np.intp]:
    """The tree cut into k clusters, counted in the order of the leaves."""
    n = len(order)
    joined = n - k
    parent = np.arange(n + joined)
    # later joins are nearer to the root
    for step in range(joined - 1, -1, -1):
        for side in merges[step, :2].astype(np.intp):
            parent[side] = parent[n + step]
    numbers = {root: number for number, root in enumerate(dict.fromkeys(parent[order].tolist()))}
    return np.array([numbers[root] for root in parent[:n].tolist()], np.intp)


def _best(apart: Float64, merges: Float64, order: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """The cut with the greatest silhouette, the fewer clusters of equals; one cluster where none is better than 0."""
    best, width = np.zeros(len(apart), np.intp), 0.0
    for k in range(2, min(MOST_CLUSTERS, len(apart) - 1) + 1):
        labels = _cut(merges, order, k)
        found = silhouette(apart, labels) or 0.0
        if found > width:
            best, width = labels, found
    return best


def _medoids(apart: Float64, labels: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    found = []
    for label in range(int(labels.max()) + 1):
        members = np.flatnonzero(labels == label)
        found.append(members[np.argmin(apart[np.ix_(members, members)].sum(axis=1))])
    return np.array(found, np.intp)
