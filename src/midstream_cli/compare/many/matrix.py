"""Many sequences compared with one another, and put into clusters."""

from collections.abc import Callable
from itertools import combinations
from typing import Any, NamedTuple, cast

import numpy as np

from midstream_cli.compare.many.cluster import Clusters, cluster
from midstream_cli.compare.many.pairwise import pairwise
from midstream_cli.compare.method import Settled
from midstream_cli.compare.pair import found
from midstream_cli.compare.warping.dtw import Metric
from midstream_cli.frames import Float64


class Matrix(NamedTuple):
    """Distances of all pairs of n sequences, and the clusters that they make."""

    distances: Float64
    """Shape (n, n), by the algorithm's own definition."""
    normalised: Float64
    """Shape (n, n); NaN with steps that give none."""
    clusters: Clusters
    """Made by the normalised distances, where there are such."""

    @property
    def apart(self) -> Float64:
        """What clusters are made by, shape (n, n)."""
        return nearness(self.distances, self.normalised)


def nearness(distances: Float64, normalised: Float64) -> Float64:
    """Normalised distances, where there are such; else distances as they are."""
    return distances if np.isnan(normalised).any() else normalised


def matrix(
    settled: Settled, k: int | None = None, jobs: int | None = None, progress: Callable[[int, int], None] | None = None
) -> Matrix:
    """Compare all pairs, and cluster them.

    Args:
        k: how many clusters; see `cluster`.
        jobs: threads; as many as there are processors by default.
        progress: is told how many pairs are done, and of how many.

    Raises:
        UsageError: two cannot be compared, or there are fewer sequences than clusters.
    """
    distances = _all_at_once(settled, jobs, progress) if _in_lanes(settled) else _one_by_one(settled, progress)
    normalised = distances / _lengths(settled)
    return Matrix(distances, normalised, cluster(nearness(distances, normalised), k=k))


def _in_lanes(settled: Settled) -> bool:
    """Whether `pairwise` can compare all of them at once."""
    if settled.algorithm != "dtw":
        return settled.algorithm != "soft-dtw"
    foreign = settled.warping.name not in ("midstream", "dtw-python") and settled.settings.keys() & {
        "window",
        "independent",
    }
    return not foreign and "window_shape" not in settled.settings


def _all_at_once(settled: Settled, jobs: int | None, progress: Callable[[int, int], None] | None) -> Float64:
    if settled.algorithm in ("lcs", "edit"):
        names = [each.values[:, 0] for each in settled.sequences]
        return pairwise(names, algorithm=settled.algorithm, normalised=False)
    values = [each.values for each in settled.sequences]
    if settled.algorithm == "euclidean":
        return pairwise(values, algorithm="euclidean", normalised=False)
    known, settings = settled.warping, {name: settled.settings.get(name) for name in ("window", "independent")}
    costs = pairwise(
        values,
        step_pattern=cast(Any, known.step_pattern),
        metric=cast(Metric, known.metric),
        window=settings["window"],
        independent=bool(settings["independent"]),
        normalised=False,
        jobs=jobs,
        progress=progress,
    )
    return np.sqrt(costs) if known.rooted else costs


def _lengths(settled: Settled) -> Float64:
    """What distances are divided by to be normalised, shape (n, n); NaN where they cannot be."""
    lengths = np.array([len(each.values) for each in settled.sequences], np.float64)
    if settled.algorithm in ("lcs", "edit"):
        return np.maximum(lengths[:, None], lengths)
    if settled.algorithm == "euclidean":
        return np.sqrt(np.maximum(lengths[:, None], lengths))
    if settled.algorithm == "dtw" and settled.warping.step_pattern == "symmetric1":
        return np.full((len(lengths), len(lengths)), np.nan)
    return lengths[:, None] + lengths


def _one_by_one(settled: Settled, progress: Callable[[int, int], None] | None) -> Float64:
    n = len(settled.sequences)
    distances = np.zeros((n, n))
    pairs = list(combinations(range(n), 2))
    for done, (i, j) in enumerate(pairs, 1):
        pair = settled._replace(sequences=[settled.sequences[i], settled.sequences[j]])
        distances[i, j] = distances[j, i] = found(pair, alignment=False).distance
        if progress:
            progress(done, len(pairs))
    return distances
