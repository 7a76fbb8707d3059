"""Clusters of sequences, against scipy's own cuts and the definitions in plain loops."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.cluster.hierarchy import fcluster
from scipy.spatial.distance import squareform

from midstream_cli.compare.many.cluster import cluster, silhouette
from midstream_cli.errors import UsageError
from midstream_cli.frames import Float64
from strategies import few, seeds, some

methods = st.sampled_from(["average", "complete", "single"])


def apart(points: Float64) -> Float64:
    """Distances between points on a line."""
    return np.abs(points[:, None] - points)


def blobs(seed: int, sizes: list[int]) -> Float64:
    """Points around 0, 100, 200 and so on, mixed."""
    random = np.random.default_rng(seed)
    points = np.concatenate([random.normal(100.0 * i, 1.0, size) for i, size in enumerate(sizes)])
    return random.permutation(points)


def partition(labels: Any) -> set[frozenset[int]]:
    return {
        frozenset(np.flatnonzero(np.asarray(labels) == label).tolist()) for label in set(np.asarray(labels).tolist())
    }


@some
@given(seeds, st.integers(2, 20), methods, st.integers(1, 20))
def test_clusters_are_those_of_scipy(seed: int, n: int, method: Any, k: int) -> None:
    matrix = apart(np.random.default_rng(seed).normal(0, 1, n))
    found = cluster(matrix, k=min(k, n), method=method)
    assert partition(found.labels) == partition(fcluster(found.merges, min(k, n), "maxclust"))
    assert len(partition(found.labels)) == min(k, n)


@few
@given(seeds, st.integers(2, 20), methods, st.floats(0.01, 3.0))
def test_clusters_farther_apart_than_a_distance_stay_apart(seed: int, n: int, method: Any, distance: float) -> None:
    matrix = apart(np.random.default_rng(seed).normal(0, 1, n))
    found = cluster(matrix, distance=distance, method=method)
    assert partition(found.labels) == partition(fcluster(found.merges, distance, "distance"))


@some
@given(seeds, st.lists(st.integers(2, 6), min_size=2, max_size=5))
def test_their_number_is_found_where_it_is_plain(seed: int, sizes: list[int]) -> None:
    points = blobs(seed, sizes)
    found = cluster(apart(points))
    assert partition(found.labels) == partition(np.round(points / 100))
    assert found.silhouette is not None
    assert found.silhouette > 0.9


@some
@given(seeds, st.integers(2, 15), st.integers(1, 15))
def test_a_matrix_in_the_order_of_the_leaves_shows_blocks_counted_from_the_first(seed: int, n: int, k: int) -> None:
    found = cluster(apart(np.random.default_rng(seed).normal(0, 1, n)), k=min(k, n))
    assert sorted(found.order.tolist()) == list(range(n))
    in_order = found.labels[found.order]
    assert in_order.tolist() == sorted(in_order.tolist())
    assert sorted(set(in_order.tolist())) == list(range(min(k, n)))


@some
@given(seeds, st.integers(2, 15), st.integers(1, 15))
def test_medoids_are_nearest_to_all_others_of_their_cluster(seed: int, n: int, k: int) -> None:
    matrix = apart(np.random.default_rng(seed).normal(0, 1, n))
    found = cluster(matrix, k=min(k, n))
    for label, medoid in enumerate(found.medoids.tolist()):
        members = np.flatnonzero(found.labels == label).tolist()
        sums = {i: sum(matrix[i, j] for j in members) for i in members}
        assert sums[medoid] == pytest.approx(min(sums.values()), rel=1e-12)


@some
@given(seeds, st.integers(2, 12), st.integers(1, 6))
def test_the_silhouette_is_that_of_its_definition(seed: int, n: int, k: int) -> None:
    random = np.random.default_rng(seed)
    matrix = apart(random.integers(0, 9, n).astype(np.float64))
    _, labels = np.unique(random.integers(0, k, n), return_inverse=True)
    groups = sorted(set(labels.tolist()))
    widths = []
    for i in range(n):
        own = [matrix[i, j] for j in range(n) if labels[j] == labels[i] and j != i]
        others = [[matrix[i, j] for j in range(n) if labels[j] == group] for group in groups if group != labels[i]]
        if not own or not others:
            widths.append(0.0)
            continue
        a, b = sum(own) / len(own), min(sum(each) / len(each) for each in others)
        widths.append((b - a) / max(a, b) if max(a, b) > 0 else 0.0)
    found = silhouette(matrix, labels)
    if len(groups) in (1, n):
        assert found is None
    else:
        assert found == pytest.approx(sum(widths) / n, rel=1e-12, abs=1e-15)


def test_the_tree_is_that_of_scipy() -> None:
    from scipy.cluster.hierarchy import linkage

    matrix = apart(blobs(1, [3, 4]))
    assert cluster(matrix).merges.tolist() == linkage(squareform(matrix), "average").tolist()


def test_one_sequence_is_a_cluster_and_equal_ones_are_too() -> None:
    alone = cluster([[0.0]])
    assert (alone.labels.tolist(), alone.order.tolist(), alone.medoids.tolist()) == ([0], [0], [0])
    assert alone.silhouette is None
    assert alone.merges.shape == (0, 4)
    assert cluster(np.zeros((4, 4))).labels.tolist() == [0, 0, 0, 0]
    assert cluster(np.zeros((4, 4)), k=4).labels[cluster(np.zeros((4, 4))).order].tolist() == [0, 1, 2, 3]


def test_a_rounding_error_between_both_halves_is_no_fault() -> None:
    matrix = apart(np.array([0.0, 1.0, 5.0]))
    matrix[0, 1] *= 1 + 1e-12
    assert cluster(matrix, k=2).labels.tolist() in ([0, 0, 1], [1, 1, 0])


@pytest.mark.parametrize(
    ("matrix", "options", "said"),
    [
        ([[0.0, 1.0]], {}, "shape"),
        ([], {}, "shape"),
        ([[0.0, 1.0], [2.0, 0.0]], {}, "the distance of 0 from 1, 1, differs"),
        ([[0.0, np.nan], [np.nan, 0.0]], {}, "is not finite"),
        ([[0.0, np.inf], [np.inf, 0.0]], {}, "is not finite"),
        ([[0.0, -1.0], [-1.0, 0.0]], {}, "is negative"),
        ([[1.0, 1.0], [1.0, 0.0]], {}, "from itself"),
        ([[0.0, 1.0], [1.0, 0.0]], {"k": 3}, "2 sequences cannot make 3 clusters"),
        ([[0.0, 1.0], [1.0, 0.0]], {"k": 0}, "cannot make 0 clusters"),
        ([[0.0, 1.0], [1.0, 0.0]], {"k": 1, "distance": 1.0}, "both"),
        ([[0.0, 1.0], [1.0, 0.0]], {"distance": -1.0}, "-1.0 apart"),
        ([[0.0, 1.0], [1.0, 0.0]], {"distance": float("nan")}, "nan apart"),
        ([[0.0, 1.0], [1.0, 0.0]], {"method": "ward"}, "'ward'"),
    ],
)
def test_what_cannot_be_clustered_is_refused_with_advice(matrix: Any, options: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        cluster(matrix, **options)
    assert caught.value.hint
