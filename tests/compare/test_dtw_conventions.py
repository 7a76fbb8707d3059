"""The number that another library gives, for the same arguments: held against plain loops, and against the library."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.compare.warping.dtw import dtw
from midstream_cli.errors import UsageError
from midstream_cli.frames import Float64
from peers import as_written
from strategies import seeds, some

lengths = st.integers(1, 40)
dims_of = st.sampled_from([1, 1, 2, 9])
Allowed = Callable[[int, int], bool]


def pair_of(seed: int, n: int, m: int, dims: int) -> tuple[Float64, Float64]:
    """Two sequences, of whole numbers where the seed is even: then many paths are equally good."""
    random = np.random.default_rng(seed)
    draw = random.normal if seed % 2 else lambda *size: random.integers(0, 3, size[2])
    return tuple(np.asarray(draw(0, 1, (length, dims)), np.float64) for length in (n, m))  # type: ignore[return-value]


def table_of(a: Float64, b: Float64, allowed: Allowed, *, open_begin: bool = False) -> list[list[float]]:
    """Accumulated squared distances of symmetric1, one cell after the other."""
    table = [[math.inf] * len(b) for _ in a]
    for i in range(len(a)):
        for j in range(len(b)):
            if not allowed(i, j):
                continue
            ways = [0.0] if (i == 0 and open_begin) or i == j == 0 else []
            if i:
                ways.append(table[i - 1][j])
            if j:
                ways.append(table[i][j - 1])
            if i and j:
                ways.append(table[i - 1][j - 1])
            table[i][j] = float(((a[i] - b[j]) ** 2).sum()) + min(ways)
    return table


def path_of(table: list[list[float]], j: int, *, open_begin: bool = False) -> list[list[int]]:
    """Back from the last row: of equal cells the one diagonally before, then the one above."""
    i, path = len(table) - 1, [[len(table) - 1, j]]
    while i or (j and not open_begin):
        ways = [(table[i - 1][j - 1], 0, i - 1, j - 1)] if i and j else []
        ways += [(table[i - 1][j], 1, i - 1, j)] if i else []
        ways += [(table[i][j - 1], 2, i, j - 1)] if j else []
        _, _, i, j = min(ways)
        path.append([i, j])
    return path[::-1]


def holds(found: Any, table: list[list[float]], *, root: bool, exact_path: bool) -> None:
    """The distance is the table's, and the path too; where sums are of fractions, ways may be equal but for rounding."""
    expected = math.sqrt(table[-1][-1]) if root else table[-1][-1]
    assert math.isclose(found.distance, expected, rel_tol=1e-12)
    if exact_path:
        assert found.path.tolist() == path_of(table, len(table[0]) - 1)


def dtaidistance_allows(n: int, m: int, window: int | None) -> Allowed:
    """The loop of its `distance`."""
    width = max(n, m) if window is None else window

    def allowed(i: int, j: int) -> bool:
        return max(0, i - max(0, n - m) - width + 1) <= j < min(m, i + max(0, m - n) + width)

    return allowed


def tslearn_allows(n: int, m: int, radius: int | None) -> Allowed:
    """The loop of its `sakoe_chiba_mask`."""
    if radius is None:
        return lambda _i, _j: True
    if n > m:
        return lambda i, j: max(0, j - radius) <= i <= min(n, j + n - m + radius)
    return lambda i, j: max(0, i - radius) <= j <= min(m, i + m - n + radius)


def aeon_allows(n: int, m: int, window: float | None) -> Allowed:
    """The loop of its `_sakoe_chiba_bounding`."""
    if window is None or window == 1.0:
        return lambda _i, _j: True
    if n > m:
        turned = aeon_allows(m, n, window)
        return lambda i, j: turned(j, i)
    inside, most, thick = set(), max(n, m) + 1, int(window * min(n, m))
    for step in range(most):
        x, y = math.floor((step / most) * n), math.floor((step / most) * m)
        inside |= {(i, y) for i in range(max(0, x - thick), min(n, x + thick + 1))}
    return lambda i, j: (i, j) in inside


CASES: list[tuple[str, Callable[[int, int, Any], Allowed], Any, bool]] = [
    ("dtaidistance", dtaidistance_allows, st.sampled_from([None, 1, 2, 5]), True),
    ("tslearn", tslearn_allows, st.sampled_from([None, 0, 1, 5]), True),
    ("aeon", aeon_allows, st.sampled_from([None, 0.0, 0.1, 0.4, 1.0]), False),
]


@pytest.mark.parametrize(("convention", "allows", "windows", "root"), CASES, ids=[case[0] for case in CASES])
@some
@given(seed=seeds, n=lengths, m=lengths, dims=dims_of, data=st.data())
def test_the_distance_and_the_path_are_what_plain_loops_find(
    convention: Any, allows: Any, windows: Any, root: bool, seed: int, n: int, m: int, dims: int, data: Any
) -> None:
    a, b = pair_of(seed, n, m, dims)
    window = data.draw(windows)
    table = table_of(a, b, allows(n, m, window))
    if table[-1][-1] == math.inf:
        with pytest.raises(UsageError, match="allows no path"):
            dtw(a, b, convention=convention, window=window)
        return
    found = dtw(a, b, convention=convention, window=window, alignment=True)
    holds(found, table, root=root, exact_path=seed % 2 == 0)
    assert math.isclose(dtw(a, b, convention=convention, window=window).distance, found.distance, rel_tol=1e-12)


@some
@given(seeds, lengths, lengths, dims_of)
def test_open_at_both_ends_it_is_tslearns_subsequence(seed: int, n: int, m: int, dims: int) -> None:
    a, b = pair_of(seed, n, m, dims)
    table = table_of(a, b, lambda _i, _j: True, open_begin=True)
    found = dtw(a, b, convention="tslearn", open_begin=True, open_end=True, alignment=True)
    assert math.isclose(found.distance, math.sqrt(min(table[-1])), rel_tol=1e-12)
    if seed % 2 == 0:
        assert found.path is not None
        assert found.path.tolist() == path_of(table, table[-1].index(min(table[-1])), open_begin=True)


def library(name: str, window: Any) -> Callable[[Float64, Float64], tuple[float, list[list[int]]]]:
    """What the library itself finds, if it is installed."""
    if name == "dtaidistance":
        peer = pytest.importorskip("dtaidistance.dtw_ndim")

        def dtaidistance(a: Float64, b: Float64) -> tuple[float, list[list[int]]]:
            return peer.distance_fast(a, b, window=window), peer.warping_path(a, b, window=window)

        return dtaidistance
    if name == "tslearn":
        metrics = as_written("tslearn.metrics")

        def tslearn(a: Float64, b: Float64) -> tuple[float, list[list[int]]]:
            path, distance = metrics.dtw_path(a, b, sakoe_chiba_radius=window)
            return distance, path

        return tslearn
    distances = as_written("aeon.distances")

    def aeon(a: Float64, b: Float64) -> tuple[float, list[list[int]]]:
        path, distance = distances.dtw_alignment_path(a.T.copy(), b.T.copy(), window=window)
        return distance, path

    return aeon


@pytest.mark.parametrize(
    ("convention", "window"),
    [("dtaidistance", None), ("dtaidistance", 3), ("tslearn", None), ("tslearn", 3), ("aeon", None), ("aeon", 0.2)],
)
def test_the_distance_and_the_path_are_the_librarys_own(convention: Any, window: Any) -> None:
    peer = library(convention, window)
    for seed in range(0, 80, 2):
        n, m = np.random.default_rng(seed).integers(1, 40, 2).tolist()
        a, b = pair_of(seed, n, m, 1 + seed % 3)
        distance, path = peer(a, b)
        if not math.isfinite(distance):
            continue
        found = dtw(a, b, convention=convention, window=window, alignment=True)
        assert math.isclose(found.distance, distance, rel_tol=1e-9)
        assert found.path is not None
        assert found.path.tolist() == [list(each) for each in path]


def tslearn_itakura(n: int, m: int, slope: float) -> Allowed:
    """Its `itakura_mask`, pair by pair."""
    steep, flat = slope * n / m, n / m / slope

    def allowed(i: int, j: int) -> bool:
        low = max(round(flat * j, 2), round((n - 1) - steep * (m - 1) + steep * j, 2))
        high = min(round(steep * j, 2), round((n - 1) - flat * (m - 1) + flat * j, 2))
        return math.ceil(low) <= i < math.floor(high + 1)

    return allowed


@some
@given(seeds, st.integers(2, 30), st.integers(2, 30), st.sampled_from([1.5, 2.0, 4.0]))
def test_an_itakura_parallelogram_is_tslearns(seed: int, n: int, m: int, slope: float) -> None:
    a, b = pair_of(seed, n, m, 1)
    table = table_of(a, b, tslearn_itakura(n, m, slope))
    for convention in ("tslearn", "midstream"):
        options: Any = {"convention": convention, "window": slope, "window_shape": "itakura"}
        if table[-1][-1] == math.inf:
            with pytest.raises(UsageError, match="allows no path"):
                dtw(a, b, metric="squared", step_pattern="symmetric1", **options)
            continue
        found = dtw(a, b, metric="squared", step_pattern="symmetric1", **options).distance
        expected = math.sqrt(table[-1][-1]) if convention == "tslearn" else table[-1][-1]
        assert math.isclose(found, expected, rel_tol=1e-12)


def test_dtaidistance_with_distances_that_are_not_squared_takes_no_root() -> None:
    a, b = np.array([0.0, 2.0, 3.0]), np.array([0.0, 2.0, 5.0])
    assert dtw(a, b, convention="dtaidistance").distance == 2.0
    assert dtw(a, b, convention="dtaidistance", metric="euclidean").distance == 2.0
    assert dtw(2 * a, 2 * b, convention="aeon").distance == 16.0
