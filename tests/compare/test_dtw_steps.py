"""Step patterns, windows, open ends, dimensions one by one, and numbers of any size."""

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.compare.warping.dtw import Alignment, distance, dtw
from midstream_cli.errors import UsageError
from midstream_cli.frames import Float64
from strategies import few, seeds, some

lengths = st.integers(1, 40)
patterns = st.sampled_from(["symmetric1", "symmetric2", "asymmetric"])
metrics = st.sampled_from(["euclidean", "squared"])


def made(seed: int, n: int, dims: int) -> Float64:
    """Random numbers; whole ones, where the seed is even, so that many paths are equally good."""
    random = np.random.default_rng(seed)
    return random.normal(0, 1, (n, dims)) if seed % 2 else random.integers(0, 3, (n, dims)).astype(np.float64)


@some
@given(
    seeds, lengths, lengths, st.sampled_from([1, 1, 3]), patterns, metrics,
    st.sampled_from([(False, False), (False, True), (True, True), (True, False)]),
    st.sampled_from([("none", None), ("sakoechiba", 3), ("sakoechiba", 12), ("itakura", None)]),
)  # fmt: skip
def test_steps_windows_and_open_ends_are_those_of_dtw_python(
    seed: int, n: int, m: int, dims: int, steps: Any, metric: Any, ends: tuple[bool, bool], band: tuple[str, int | None]
) -> None:
    peer = pytest.importorskip("dtw")
    begin, end = ends[0] and steps == "asymmetric", ends[1] and steps != "symmetric1"
    a, b = made(seed, n, dims), made(seed + 2, m, dims)
    options: Any = {"step_pattern": steps, "metric": metric, "open_begin": begin, "open_end": end, "alignment": True}
    options |= {"window": band[1], "window_shape": "itakura" if band[0] == "itakura" else "sakoe-chiba"}
    method = {"euclidean": "euclidean", "squared": "sqeuclidean"}[metric]
    arguments = {"window_size": band[1]} if band[1] is not None else {}
    try:
        expected = peer.dtw(
            a, b, step_pattern=steps, dist_method=method, open_begin=begin, open_end=end, window_type=band[0],
            window_args=arguments,
        )  # fmt: skip
    except ValueError:
        with pytest.raises(UsageError, match="allows no path"):
            dtw(a, b, convention="dtw-python", **options)
        return
    found = dtw(a, b, convention="dtw-python", **options)
    assert math.isclose(found.distance, expected.distance, rel_tol=1e-12)
    if steps == "symmetric1":
        assert math.isnan(found.normalised)
    else:
        assert math.isclose(found.normalised, expected.normalizedDistance, rel_tol=1e-12)
    assert found.path is not None
    if seed % 2 == 0 and dims == 1:
        assert found.path.tolist() == np.column_stack([expected.index1, expected.index2]).tolist()


def weight(steps: str, di: int, dj: int) -> int:
    """What a step's arrival counts."""
    return di + dj if steps == "symmetric2" else 1


@some
@given(seeds, lengths, lengths, st.sampled_from([1, 3]), patterns, metrics, st.booleans(), st.booleans())
def test_an_open_path_is_admissible_costs_what_it_says_and_no_stretch_is_nearer(
    seed: int, n: int, m: int, dims: int, steps: Any, metric: Any, begin: bool, end: bool
) -> None:
    a, b = made(seed, n, dims), made(seed + 1, m, dims)
    options: Any = {"step_pattern": steps, "metric": metric}
    if steps == "asymmetric" and not end and (m - 1 > 2 * (n - 1) and not begin):
        return
    found = dtw(a, b, open_begin=begin, open_end=end, alignment=True, **options)
    assert found.path is not None
    path = [(int(i), int(j)) for i, j in found.path]
    assert path[0][0] == 0 if begin else path[0] == (0, 0)
    assert path[-1][0] == n - 1 if end else path[-1] == (n - 1, m - 1)
    moves = [(i1 - i0, j1 - j0) for (i0, j0), (i1, j1) in pairwise(path)]
    assert set(moves) <= ({(1, 0), (1, 1), (1, 2)} if steps == "asymmetric" else {(1, 0), (1, 1), (0, 1)})
    costs = [float(((a[i] - b[j]) ** 2).sum()) for i, j in path]
    costs = costs if metric == "squared" else [math.sqrt(cost) for cost in costs]
    total = sum(w * cost for w, cost in zip([1, *(weight(steps, *move) for move in moves)], costs, strict=True))
    assert math.isclose(found.distance, total, rel_tol=1e-9)
    if steps == "symmetric2":
        assert math.isclose(found.normalised, found.distance / (n + path[-1][1] - path[0][1] + 1), rel_tol=1e-12)
    stretches = [(s, e) for s in range(m if begin else 1) for e in (range(s + 1, m + 1) if end else [m])][:30]
    per_step = steps == "symmetric2" and not begin
    for s, e in stretches:
        try:
            other = dtw(a, b[s:e], **options)
        except UsageError:
            continue
        if per_step:
            assert found.normalised <= other.normalised * (1 + 1e-9)
        else:
            assert found.distance <= other.distance * (1 + 1e-9) + 1e-300


@few
@given(seeds, lengths, lengths, st.integers(1, 4), st.sampled_from(["midstream", "dtaidistance", "aeon"]))
def test_independent_dimensions_are_the_sum_of_each_alone(
    seed: int, n: int, m: int, dims: int, convention: Any
) -> None:
    a, b = made(seed, n, dims), made(seed + 1, m, dims)
    alone = [dtw(a[:, k], b[:, k], convention=convention, alignment=True) for k in range(dims)]
    found = dtw(a, b, convention=convention, independent=True, alignment=True)
    assert math.isclose(found.distance, sum(each.distance for each in alone), rel_tol=1e-12)
    assert found.path is None
    assert [path.tolist() for path in found.paths] == [each.path.tolist() for each in alone if each.path is not None]


def closely(got: float, expected: float) -> bool:
    return math.isclose(got, expected, rel_tol=1e-9)


@pytest.mark.parametrize("scale", [1e-310, 1e-250, 1e-160, 1e-120, 1e120, 1e160, 1e250])
@pytest.mark.parametrize("dims", [1, 3])
@pytest.mark.parametrize("steps", ["symmetric1", "symmetric2", "asymmetric"])
@pytest.mark.parametrize("alignment", [False, True])
def test_numbers_of_any_size_are_as_far_apart_as_those_of_one(
    scale: float, dims: int, steps: Any, alignment: bool
) -> None:
    # whole numbers lose no digit, even as the smallest of all
    a, b = np.round(100 * made(3, 30, dims)), np.round(100 * made(5, 28, dims))
    plain = dtw(a, b, step_pattern=steps, alignment=True)
    found = dtw(a * scale, b * scale, step_pattern=steps, alignment=alignment)
    assert closely(found.distance / scale, plain.distance) or scale < 1e-300
    assert closely(found.normalised / scale, plain.normalised) or steps == "symmetric1" or scale < 1e-300
    if scale < 1e-300:
        assert math.isclose(found.distance, plain.distance * scale, rel_tol=1e-2)
    rooted = dtw(a * scale, b * scale, convention="dtaidistance").distance
    assert math.isclose(rooted, dtw(a, b, convention="dtaidistance").distance * scale, rel_tol=1e-2 + 0 * scale)


@pytest.mark.parametrize("dims", [1, 2])
@pytest.mark.parametrize("left", [1e-300, 1e-200, 1e-170])
def test_what_is_left_of_a_distance_does_not_vanish_beside_large_equal_numbers(dims: int, left: float) -> None:
    a, b = np.zeros((3, dims)), np.zeros((3, dims))
    a[0], b[0] = 7.0, 7.0
    a[2, 0], b[2, 0] = 3 * left, 0.0
    assert closely(dtw(a, b).distance, 2 * 3 * left) or closely(dtw(a, b).distance, 3 * left)
    assert closely(dtw(a, b, convention="dtaidistance").distance, 3 * left)
    assert closely(dtw(a, b, convention="tslearn").distance, 3 * left)
    assert dtw(a, a, convention="dtaidistance").distance == 0.0


def test_squares_that_are_no_numbers_are_refused_where_no_root_follows() -> None:
    with pytest.raises(UsageError, match="too near each other") as near:
        dtw([0.0, 1e-200], [0.0, 0.0], convention="aeon")
    with pytest.raises(UsageError, match="too far apart") as far:
        dtw([0.0, 1e200], [0.0, 0.0], convention="aeon")
    assert near.value.hint
    assert far.value.hint


def test_the_lean_distance_takes_what_dtw_takes() -> None:
    a, b = made(1, 20, 1)[:, 0], made(3, 25, 1)[:, 0]
    options: list[dict[str, Any]] = [
        {}, {"window": 9}, {"convention": "aeon"}, {"convention": "dtaidistance", "window": 2}, {"metric": "squared"},
        {"step_pattern": "asymmetric"}, {"open_end": True}, {"step_pattern": "symmetric1", "open_begin": True},
    ]  # fmt: skip
    for _ in range(2):
        for each in options:
            assert distance(a, b, **each) == dtw(a, b, **each).distance


def test_an_alignment_can_be_taken_apart() -> None:
    far, normalised, path, paths = dtw([0.0, 1.0], [0.0, 2.0], alignment=True)
    assert (far, normalised, paths) == (2.0, 0.5, ())
    assert path is not None
    assert path.tolist() == [[0, 0], [1, 1]] or path.tolist() == [[0, 0], [0, 1], [1, 1]] or len(path) == 3
    assert isinstance(dtw([0.0], [1.0]), Alignment)
