"""The tree of boxes: as compiled, as written, and against looking at every pair."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.attractor.kernels import kd_search, kd_tree
from midstream_cli.attractor.neighbours import pairs, search
from midstream_cli.attractor.neighbours.search import Nearest, Norm, Within, nearest, within
from midstream_cli.attractor.neighbours.tree import grown
from midstream_cli.frames import Float64
from strategies import few, seeds

norms = st.sampled_from(["euclidean", "chebyshev"])


def lattice(seed: int, n: int, dims: int) -> Float64:
    """Whole numbers: many distances are equal, and all are exact."""
    random = np.random.default_rng(seed)
    return random.integers(0, int(random.choice([1, 3, 30])), (n, dims)).astype(np.float64)


def found(points: Float64, theiler: int, norm: Norm, *, by: str) -> tuple[Nearest, Within]:
    """The nearest, and all within a distance."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "_is_small", lambda *_: by == "numpy")
        if by == "python":
            patch.setattr(kd_tree, "build", kd_tree.build.python)
            patch.setattr(kd_search, "nearest", kd_search.nearest.python)
            patch.setattr(kd_search, "within", kd_search.within.python)
        return nearest(points, 3, theiler=theiler, norm=norm), within(points, 1.0, theiler=theiler, norm=norm)


@few
@given(seeds, st.integers(1, 150), st.integers(1, 4), st.integers(0, 10), norms)
@pytest.mark.parametrize("by", ["kernel", "python"])
def test_the_tree_finds_what_looking_at_every_pair_finds(
    by: str, seed: int, n: int, dims: int, theiler: int, norm: Norm
) -> None:
    points = lattice(seed, n, dims)
    near, around = found(points, theiler, norm, by=by)
    near_too, around_too = found(points, theiler, norm, by="numpy")
    assert (near.index == near_too.index).all()
    assert np.allclose(near.distance, near_too.distance, rtol=1e-15, atol=0.0)
    assert (around.start == around_too.start).all()
    assert (around.index == around_too.index).all()
    assert np.allclose(around.distance, around_too.distance, rtol=1e-15, atol=0.0)


@few
@given(seeds, st.integers(1, 700), st.integers(1, 4))
def test_each_point_is_in_one_leaf_and_each_box_is_tight(seed: int, n: int, dims: int) -> None:
    points = lattice(seed, n, dims)
    tree = grown(points)
    assert sorted(tree.order.tolist()) == list(range(n))
    leaves = tree.leaves.reshape(-1, dims + 1, tree.room)
    boxes = tree.nodes.reshape(-1, 2 * dims + 2, kd_tree.WIDE)
    # the leaves are the last of the children, in order
    last = boxes[:, 2 * dims].ravel()
    kept = np.flatnonzero(np.isfinite(last))[-len(leaves) :].tolist()
    assert len(kept) == (len(leaves) if tree.inner else 0)
    for leaf, place in zip(leaves, kept, strict=bool(tree.inner)):
        node, slot = divmod(place, kd_tree.WIDE)
        there = np.isfinite(leaf[dims])
        for c in range(dims):
            assert boxes[node, 2 * c, slot] == leaf[c, there].min()
            assert boxes[node, 2 * c + 1, slot] == leaf[c, there].max()
        assert boxes[node, 2 * dims, slot] == leaf[dims, there].min()
        assert boxes[node, 2 * dims + 1, slot] == leaf[dims, there].max()
    for leaf in leaves:
        there = np.isfinite(leaf[dims])
        assert (points[leaf[dims, there].astype(int)] == leaf[:dims, there].T).all()


def test_leaves_too_near_in_time_are_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []
    to_points = kd_search._to_points

    def counted(leaves: Float64, at: int, *args: Any) -> Any:
        looked.append(at)
        return to_points(leaves, at, *args)

    monkeypatch.setattr(kd_search, "_to_points", counted)
    monkeypatch.setattr(search, "_is_small", lambda *_: False)
    monkeypatch.setattr(kd_search, "nearest", kd_search.nearest.python)
    monkeypatch.setattr(kd_search, "within", kd_search.within.python)
    drift = np.arange(2_000.0)
    assert nearest(drift, 1, theiler=400, at=[1_000]).index.tolist() == [[599]]
    assert within(drift, 401.0, theiler=400, at=[1_000]).index.tolist() == [599, 1_401]
    # in eights; there are a hundred within the window
    assert 4 <= len(looked) <= 32


def test_numpy_looks_at_pairs_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    points = lattice(1, 60, 2)
    whole = found(points, 2, "euclidean", by="numpy")
    monkeypatch.setattr(pairs, "AT_ONCE", 100)
    pieces = found(points, 2, "euclidean", by="numpy")
    assert (whole[0].index == pieces[0].index).all()
    assert (whole[1].index == pieces[1].index).all()
