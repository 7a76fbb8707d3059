"""Windows of a stream in their own scale, against every window standardised and compared alone."""

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from test_find import check_nearest_one_by_one, from_one_start

from midstream_cli.compare.search.find import find
from midstream_cli.compare.search.profile import standardised
from midstream_cli.frames import Float64
from strategies import few, seeds, some

DIGIT = 1e-13
"""What sums of a few numbers around 1, which windows in their own scale are, may lose."""

kinds = st.sampled_from(["normal", "walk", "tied", "constant", "huge", "tiny", "level", "steps", "gaps", "mixed"])


def made(seed: int, n: int, dims: int, kind: str) -> Float64:
    """A stream of a kind that is hard to standardise."""
    random = np.random.default_rng(seed)
    values = random.normal(0, 1, (n, dims))
    if kind == "walk":
        values = np.cumsum(values, axis=0)
    if kind == "tied":
        values = random.integers(0, 3, (n, dims)).astype(np.float64)
    if kind == "constant":
        values = np.repeat(random.normal(0, 1, (n // 5 + 1, dims)), 5, axis=0)[:n]
    if kind == "steps":
        values[n // 3 : n // 2] += 1e6
        values[n // 2 : 2 * n // 3] = 0.1
    if kind == "gaps":
        values[random.random(n) < 0.05, 0] = np.nan
    if kind == "mixed":
        values[: n // 2] *= 1e-170
        values[n // 2 + n // 4 :] *= 1e170
    scale = {"huge": 1e300, "tiny": 1e-200}.get(kind, 1.0)
    return values * scale + (1e6 if kind == "level" else 0.0)


def own_scale(window: Float64) -> Float64:
    """Less its mean and over its deviation, with more digits than the program has."""
    apart = (window - window[0]).astype(np.longdouble)
    apart = apart / np.maximum(np.abs(apart).max(axis=0), np.finfo(np.longdouble).tiny)
    centred = apart - apart.mean(axis=0)
    deviation = np.sqrt((centred**2).mean(axis=0))
    return np.where(deviation > 0, centred / np.where(deviation > 0, deviation, 1), 0).astype(np.float64)


def all_windows(
    query: Float64, stream: Float64, pattern: str, metric: str, width: int | None
) -> dict[tuple[int, int], float]:
    n, wanted = len(query), own_scale(query)
    return {
        (s, s + n): from_one_start(wanted, own_scale(stream[s : s + n]), pattern, metric, width)[-1]
        for s in range(len(stream) - n + 1)
        if np.isfinite(stream[s : s + n]).all()
    }


@some
@given(
    seeds, st.integers(1, 9), st.integers(9, 36), st.integers(1, 2), kinds,
    st.sampled_from(["symmetric1", "symmetric2"]), st.sampled_from(["euclidean", "squared"]),
    st.sampled_from([None, 0, 1, 3]), st.integers(1, 4),
)  # fmt: skip
@example(1, 9, 40, 1, "steps", "symmetric1", "squared", 2, 3)
@example(2, 9, 60, 1, "constant", "symmetric2", "euclidean", 1, 4)
@example(3, 5, 60, 2, "mixed", "symmetric2", "euclidean", 1, 4)
def test_each_window_is_the_nearest_of_all_that_are_left(
    seed: int, n: int, m: int, dims: int, kind: str, pattern: str, metric: str, width: int | None, k: int
) -> None:
    query, stream = made(seed, n, dims, "walk"), made(seed + 1, m, dims, kind)
    found = find(query, stream, k=k, window=width, step_pattern=pattern, metric=metric, normalise=True)
    check_nearest_one_by_one(found, all_windows(query, stream, pattern, metric, width), k, last_digit=DIGIT)


@some
@given(seeds, st.integers(1, 9), st.integers(9, 60), kinds, st.floats(0, 30), st.integers(1, 4))
def test_a_threshold_rules_out_no_window_within_it(
    seed: int, n: int, m: int, kind: str, threshold: float, k: int
) -> None:
    query, stream = made(seed, n, 1, "walk"), made(seed + 1, m, 1, kind)
    every = find(query, stream, k=m, window=2, normalise=True)
    within = find(query, stream, k=None, threshold=threshold, window=2, normalise=True)
    assert [(each.start, each.distance) for each in within] == [
        (each.start, each.distance) for each in every if each.distance <= threshold
    ]
    first = find(query, stream, k=k, window=2, normalise=True)
    assert [(each.start, each.distance) for each in first] == [(each.start, each.distance) for each in every[:k]]


@some
@given(seeds, st.integers(1, 9), st.integers(9, 36), kinds, st.integers(1, 4))
def test_overlapping_windows_are_the_nearest_of_all(seed: int, n: int, m: int, kind: str, k: int) -> None:
    query, stream = made(seed, n, 1, "walk"), made(seed + 1, m, 1, kind)
    found = find(query, stream, k=k, window=2, normalise=True, overlapping=True)
    known = sorted(all_windows(query, stream, "symmetric2", "euclidean", 2).values())
    assert len(found) == min(k, len(known))
    assert np.allclose([each.distance for each in found], known[:k], rtol=1e-9, atol=DIGIT)


@few
@given(seeds, st.integers(2, 70), st.integers(2200, 4000), st.integers(0, 18), kinds, st.sampled_from([1, 3, 7]))
@example(5, 40, 4000, 2, "gaps", 7)
def test_bounds_that_fall_leave_out_nothing_of_long_streams(
    seed: int, n: int, m: int, width: int, kind: str, k: int
) -> None:
    query, stream = made(seed, n, 1, "walk"), made(seed + 1, m, 1, "walk" if kind == "gaps" else kind)
    if kind == "gaps":
        stream[np.random.default_rng(seed).integers(0, m, 9)] = np.nan
    for overlapping in (False, True):
        every = find(query, stream, k=None, threshold=1e9, window=width, normalise=True, overlapping=overlapping)
        found = find(query, stream, k=k, window=width, normalise=True, overlapping=overlapping)
        assert [(each.start, each.distance) for each in found] == [(each.start, each.distance) for each in every[:k]]


@some
@given(seeds, st.integers(1, 80), st.integers(80, 300), st.integers(1, 3), kinds, st.booleans(), st.integers(1, 4))
def test_euclidean_distances_are_those_of_every_window(
    seed: int, n: int, m: int, dims: int, kind: str, normalise: bool, k: int
) -> None:
    if not normalise and kind == "mixed":
        kind = "normal"
    query, stream = made(seed, n, dims, "walk"), made(seed + 1, m, dims, kind)
    if not normalise and kind in {"huge", "tiny"}:
        query = made(seed, n, dims, kind)
    found = find(query, stream, k=k, algorithm="euclidean", normalise=normalise, alignment=True)
    scale = own_scale if normalise else np.asarray
    known = {
        (s, s + n): math.hypot(*(scale(query) - scale(stream[s : s + n])).ravel())
        for s in range(m - n + 1)
        if np.isfinite(stream[s : s + n]).all()
    }
    check_nearest_one_by_one(found, known, k, last_digit=DIGIT if normalise else 0.0)
    for each in found:
        assert each.path is not None
        assert each.path.tolist() == [[i, each.start + i] for i in range(n)]


def test_a_window_without_change_is_all_zeros() -> None:
    query = np.array([1.0, -1.0, 1.0, -1.0])
    stream = np.concatenate([np.full(20, 0.1), np.full(20, 1e6 + 0.1)])
    found = find(query, stream, k=1, normalise=True, algorithm="euclidean", threshold=2.0)
    assert found[0].distance == 2.0
    level = find(np.full(4, 7.0), stream, k=1, normalise=True, window=1)
    assert level[0].distance == 0.0


@pytest.mark.parametrize("level", [0.0, 1e3, 1e6, 1e9])
def test_a_level_step_beside_a_window_leaves_no_trace_in_it(level: float) -> None:
    random = np.random.default_rng(1)
    # multiples of 2^-20, which a level of 1e9 leaves as they are
    noise = np.round(random.normal(0, 1, 3000) * 2**20) / 2**20
    stream, query = noise.copy(), noise[500:564]
    stream[1000:2000] += level
    plain = find(query, noise[1100:1900], k=1, window=4, normalise=True)[0]
    stepped = find(query, stream[1100:1900], k=1, window=4, normalise=True)[0]
    assert (plain.start, plain.distance) == (stepped.start, stepped.distance)
    assert find(query, stream, k=1, window=4, normalise=True)[0].distance == 0.0


def test_the_query_is_standardised_as_the_windows_are() -> None:
    query = np.random.default_rng(2).normal(5, 3, (40, 2))
    assert np.allclose(standardised(query), own_scale(query), rtol=1e-14, atol=1e-15)


@few
@given(seeds, st.integers(8, 40), st.integers(100, 400))
def test_stumpy_measures_the_same(seed: int, n: int, m: int) -> None:
    stumpy = pytest.importorskip("stumpy")
    query, stream = made(seed, n, 1, "walk")[:, 0], made(seed + 1, m, 1, "walk")[:, 0]
    for normalise in (True, False):
        expected = stumpy.mass(query, stream, normalize=normalise)
        found = find(query, stream, algorithm="euclidean", normalise=normalise, k=3)
        assert np.allclose([expected[each.start] for each in found], [each.distance for each in found], rtol=1e-6)
        assert math.isclose(found[0].distance, expected.min(), rel_tol=1e-6)


@few
@given(seeds, st.integers(8, 40), st.integers(100, 400))
def test_wildboar_finds_nothing_nearer_and_measures_the_same(seed: int, n: int, m: int) -> None:
    wildboar = pytest.importorskip("wildboar.distance")
    query, stream = made(seed, n, 1, "walk")[:, 0], made(seed + 1, m, 1, "walk")[:, 0]
    found = find(query, stream, convention="tslearn", window=3, normalise=True)[0]

    def nearest(frames: Float64) -> float:
        options = {"metric": "scaled_dtw", "metric_params": {"r": 3.5 / n}}
        return float(wildboar.pairwise_subsequence_distance(query, frames[None], **options))

    # it misses the nearest window in one stream of a hundred, whose distance alone it measures right
    assert found.distance <= nearest(stream) * (1 + 1e-6)
    assert math.isclose(found.distance, nearest(stream[found.start : found.end]), rel_tol=1e-6)
