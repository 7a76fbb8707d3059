"""Neighbours against looking at every pair, by the tree and by numpy."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.attractor.neighbours import search
from midstream_cli.attractor.neighbours.search import Norm, nearest, within
from midstream_cli.errors import UsageError
from midstream_cli.frames import Float64
from strategies import seeds, some

Found = list[list[tuple[float, int]]]

norms = st.sampled_from(["euclidean", "chebyshev"])


def twin(points: Float64, theiler: int, norm: str, limit: int) -> Found:
    """The neighbours of each point, nearest first, of equally near ones the earliest."""
    rows = []
    for i, here in enumerate(points):
        apart = np.abs(points[:limit] - here)
        away = (apart**2).sum(axis=1) if norm == "euclidean" else apart.max(axis=1)
        rows.append(sorted((float(d), j) for j, d in enumerate(away) if abs(i - j) > theiler))
    return [[(d**0.5 if norm == "euclidean" else d, j) for d, j in row] for row in rows]


def lattice(seed: int, n: int, dims: int) -> Float64:
    """Whole numbers: many distances are equal, and all are exact."""
    random = np.random.default_rng(seed)
    return random.integers(0, int(random.choice([1, 3, 30])), (n, dims)).astype(np.float64)


@pytest.fixture(autouse=True, params=["kernel", "numpy"])
def way(request: pytest.FixtureRequest) -> Iterator[None]:
    """Both ways to the same neighbours."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "_is_small", lambda *_: request.param == "numpy")
        yield


@some
@given(
    seeds, st.integers(1, 300), st.integers(1, 10), st.integers(1, 6), st.integers(0, 40), norms, st.integers(0, 320)
)
def test_nearest_finds_what_looking_at_every_pair_finds(
    seed: int, n: int, dims: int, k: int, theiler: int, norm: Norm, limit: int
) -> None:
    points = lattice(seed, n, dims)
    found = nearest(points, k, theiler=theiler, norm=norm, limit=limit)
    assert found.index.shape == found.distance.shape == (n, k)
    for row, expected in enumerate(twin(points, theiler, norm, limit)):
        wanted = (expected + [(np.inf, -1)] * k)[:k]
        assert found.index[row].tolist() == [j for _, j in wanted]
        assert np.allclose(found.distance[row], [d for d, _ in wanted], rtol=1e-15, atol=0.0)


@some
@given(seeds, st.integers(1, 200), st.integers(1, 5), st.integers(0, 30), norms, st.integers(0, 6))
def test_within_finds_all_up_to_the_radius_in_the_order_of_time(
    seed: int, n: int, dims: int, theiler: int, norm: Norm, radius: int
) -> None:
    points = lattice(seed, n, dims)
    found = within(points, radius, theiler=theiler, norm=norm)
    for row, all_of_it in enumerate(twin(points, theiler, norm, n)):
        expected = sorted((j, d) for d, j in all_of_it if d <= radius)
        here = slice(found.start[row], found.start[row + 1])
        assert found.index[here].tolist() == [j for j, _ in expected]
        assert np.allclose(found.distance[here], [d for _, d in expected], rtol=1e-15, atol=0.0)
    assert found.start[-1] == len(found.index) == len(found.distance)


@some
@given(seeds, st.integers(1, 150), st.integers(1, 4), st.integers(1, 5), norms)
def test_within_with_a_most_keeps_the_nearest(seed: int, n: int, dims: int, most: int, norm: Norm) -> None:
    points = lattice(seed, n, dims)
    found = within(points, 2.0, theiler=1, norm=norm, most=most)
    for row, all_of_it in enumerate(twin(points, 1, norm, n)):
        expected = sorted(j for d, j in all_of_it[:most] if d <= 2.0)
        assert found.index[found.start[row] : found.start[row + 1]].tolist() == expected


@some
@given(seeds, st.integers(1, 400), st.integers(1, 4), st.integers(0, 50))
def test_queries_are_answered_as_if_all_had_been_asked(seed: int, n: int, k: int, theiler: int) -> None:
    random = np.random.default_rng(seed)
    points = random.normal(size=(n, 3))
    at = random.integers(0, n, 20)
    limit = int(random.integers(1, n + 1))
    whole = nearest(points, k, theiler=theiler, limit=limit)
    some_of_it = nearest(points, k, theiler=theiler, limit=limit, at=at)
    assert (some_of_it.index == whole.index[at]).all()
    assert (some_of_it.distance == whole.distance[at]).all()


@pytest.mark.parametrize("scale", [1e-200, 1e-3, 1e200])
def test_the_scale_does_not_matter(scale: float) -> None:
    points = np.random.default_rng(1).normal(size=(300, 3))
    plain, scaled = nearest(points, 2, theiler=3), nearest(points * scale, 2, theiler=3)
    assert (plain.index == scaled.index).all()
    assert np.allclose(scaled.distance, plain.distance * scale, rtol=1e-12, atol=0.0)
    near = within(points * scale, 0.5 * scale, theiler=3)
    assert (near.start == within(points, 0.5, theiler=3).start).all()


def test_the_earliest_of_identical_points_is_found_at_once() -> None:
    found = nearest(np.full((5000, 2), 7.0), 2, theiler=3, at=np.arange(0, 5000, 50))
    assert (found.distance == 0).all()
    assert found.index[0].tolist() == [4, 5]
    assert (found.index[1:] == [0, 1]).all()


def test_a_radius_limits_the_nearest() -> None:
    found = nearest(np.array([0.0, 1.0, 3.0, 7.0]), 2, radius=2.0)
    assert found.index.tolist() == [[1, -1], [0, 2], [1, -1], [-1, -1]]


@pytest.mark.parametrize(
    ("points", "asked"),
    [
        ([[0.0], [np.nan]], {}),
        ([[0.0], [np.inf]], {}),
        (np.zeros((3, 0)), {}),
        (np.zeros((3, 2, 1)), {}),
        ([0.0, 1.0], {"k": 0}),
        ([0.0, 1.0], {"theiler": -1}),
        ([0.0, 1.0], {"limit": -1}),
        ([0.0, 1.0], {"at": [2]}),
        ([0.0, 1.0], {"at": [True, False]}),
        ([0.0, 1.0], {"at": [0.5]}),
        (["a", "b"], {}),
        (np.ma.masked_array([0.0, 1.0], [False, True]), {}),
        ([0.0, 1.0], {"norm": "taxicab"}),
        ([0.0, 1.0], {"radius": -1.0}),
        ([0.0, 1.0], {"radius": np.nan}),
    ],
)
def test_what_makes_no_sense_is_refused(points: Float64, asked: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        nearest(points, **asked)  # type: ignore[arg-type]


def test_more_neighbours_than_there_is_room_for_come_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    points = np.random.default_rng(2).normal(size=(500, 2))
    whole = within(points, 1.5)
    monkeypatch.setattr(search, "AT_ONCE", 1)
    pieces = within(points, 1.5)
    assert len(whole.index) > 10 * len(points)
    assert (whole.start == pieces.start).all()
    assert (whole.index == pieces.index).all()
    assert (whole.distance == pieces.distance).all()
