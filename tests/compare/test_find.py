"""Finding a query in a stream, against all stretches compared one after the other."""

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from midstream_cli.compare.names.edit import edit_distance
from midstream_cli.compare.search.find import find
from midstream_cli.compare.search.stretches import Stretch
from midstream_cli.compare.warping.dtw import dtw
from midstream_cli.errors import UsageError
from midstream_cli.frames import Float64
from strategies import few, seeds, some

Distances = dict[tuple[int, int], float]
"""Of every stretch, by its first frame and the one after its last."""

flavours = st.sampled_from(["normal", "tied", "constant", "huge", "tiny", "vanishing", "shifted", "gaps"])
patterns = st.sampled_from(["symmetric1", "symmetric2", "asymmetric"])
metrics = st.sampled_from(["euclidean", "squared"])


def made(seed: int, n: int, dims: int, flavour: str) -> Float64:
    """A sequence of a kind that is hard for a careless kernel."""
    random = np.random.default_rng(seed)
    values = random.normal(0, 1, (n, dims))
    if flavour == "tied":
        return random.integers(0, 3, (n, dims)).astype(np.float64)
    if flavour == "constant":
        return np.full((n, dims), float(random.integers(0, 2)))
    if flavour == "gaps":
        values[random.random(n) < 0.15, 0] = np.nan
    scale = {"huge": 1e150, "tiny": 1e-150, "vanishing": 1e-200}.get(flavour, 1.0)
    return values * scale + (1e6 if flavour == "shifted" else 0.0)


def finite(flavour: str) -> str:
    return "normal" if flavour == "gaps" else flavour


def cost(a: Float64, b: Float64, metric: str) -> float:
    return math.dist(a, b) if metric == "euclidean" else math.dist(a, b) ** 2


def from_one_start(query: Float64, stream: Float64, pattern: str, metric: str, window: int | None) -> list[float]:
    """Distance of each stretch that starts with the first frame, by its last: the table cell by cell."""
    before: list[float] = []
    for i, q in enumerate(query):
        row: list[float] = []
        for t, x in enumerate(stream):
            if window is not None and abs(i - t) > window:
                row.append(math.inf)
                continue
            c = cost(q, x, metric)
            if i == t == 0:
                ways = [c]
            elif pattern == "asymmetric":
                ways = [before[t - skipped] + c for skipped in range(3) if i and t >= skipped]
            else:
                ways = [row[t - 1] + c] if t else []
                ways += [before[t] + c] if i else []
                ways += [before[t - 1] + (2 * c if pattern == "symmetric2" else c)] if i and t else []
            row.append(min(ways, default=math.inf))
        before = row
    return before


def all_stretches(query: Float64, stream: Float64, pattern: str, metric: str, window: int | None) -> Distances:
    """The distance of every stretch whose frames are finite."""
    known: Distances = {}
    ok = np.asarray(np.isfinite(stream).all(axis=1))
    for start in range(len(stream)):
        end = start + int(np.argmin(np.append(ok[start:], False)))
        for last, distance in enumerate(from_one_start(query, stream[start:end], pattern, metric, window)):
            if distance < math.inf:
                known[start, start + last + 1] = distance
    return known


def check_nearest_one_by_one(
    found: list[Stretch], known: Distances, k: int, *, exact: bool = False, last_digit: float = 0.0
) -> None:
    """Whether each is the nearest of all that share no frame with those before it."""
    left = dict(known)
    for stretch in found:
        least = min(left.values())
        assert math.isclose(stretch.distance, least, rel_tol=1e-9, abs_tol=last_digit)
        assert math.isclose(stretch.distance, left[stretch.start, stretch.end], rel_tol=1e-9, abs_tol=last_digit)
        if exact:
            first = min((distance, end, -start) for (start, end), distance in left.items())
            assert (stretch.distance, stretch.end, -stretch.start) == first
        left = {each: d for each, d in left.items() if each[1] <= stretch.start or each[0] >= stretch.end}
    assert len(found) == k or not left


def test_a_stretch_small_enough_to_find_by_hand() -> None:
    found = find([1.0, 5.0, 2.0], [9.0, 1.0, 1.0, 5.0, 2.0, 9.0, 1.5, 5.0, 2.0], k=2)
    # the first pair counts once: the path begins where the 1 is the last, and 1.5 is half off
    assert [(each.start, each.end, each.distance) for each in found] == [(2, 5, 0.0), (6, 9, 0.5)]
    assert [each.normalised for each in found] == [0.0, 0.5 / 6]
    assert found[0].path is None


@some
@given(
    seeds, st.integers(1, 7), st.integers(1, 30), st.integers(1, 3), flavours, patterns, metrics,
    st.sampled_from([None, None, 0, 1, 3, 50]), st.integers(1, 5),
)  # fmt: skip
@example(1, 1, 1, 1, "normal", "symmetric2", "euclidean", None, 1)
@example(2, 7, 1, 2, "normal", "symmetric1", "euclidean", None, 2)
@example(3, 5, 30, 1, "gaps", "symmetric2", "euclidean", 1, 5)
def test_each_stretch_is_the_nearest_of_all_that_are_left(
    seed: int, n: int, m: int, dims: int, flavour: str, pattern: str, metric: str, window: int | None, k: int
) -> None:
    if metric == "squared" and flavour in {"huge", "tiny", "vanishing"}:
        flavour = "normal"
    if pattern == "asymmetric":
        window = None
    query, stream = made(seed, n, dims, finite(flavour)), made(seed + 1, m, dims, flavour)
    found = find(query, stream, k=k, window=window, step_pattern=pattern, metric=metric)
    check_nearest_one_by_one(found, all_stretches(query, stream, pattern, metric, window), k)


@some
@given(seeds, st.integers(1, 6), st.integers(1, 30), patterns, metrics, st.sampled_from([None, 0, 2]))
def test_of_equally_near_ones_the_first_to_end_is_taken_and_of_those_the_shortest(
    seed: int, n: int, m: int, pattern: str, metric: str, window: int | None
) -> None:
    if pattern == "asymmetric":
        window = None
    query, stream = made(seed, n, 1, "tied"), made(seed + 1, m, 1, "tied")
    found = find(query, stream, k=4, window=window, step_pattern=pattern, metric=metric)
    check_nearest_one_by_one(found, all_stretches(query, stream, pattern, metric, window), 4, exact=True)


@few
@given(seeds, st.integers(1, 3), patterns)
def test_long_stretches_are_found_whole(seed: int, plateau: int, pattern: str) -> None:
    # the path stays on one of the query's vectors for a long while
    random = np.random.default_rng(seed)
    stream = np.concatenate([random.normal(0, 1, 9), np.full(12 * plateau, 5.0), random.normal(3, 1, 9)])[:, None]
    query = np.array([[stream[8, 0]], [5.0], [stream[-9, 0]]])
    found = find(query, stream, k=3, step_pattern=pattern)
    check_nearest_one_by_one(found, all_stretches(query, stream, pattern, "euclidean", None), 3)


@some
@given(seeds, st.integers(1, 90), st.integers(1, 200), st.integers(1, 4), st.sampled_from([None, 0, 3, 20]))
def test_the_distance_and_the_path_are_those_of_dtw(seed: int, n: int, m: int, dims: int, window: int | None) -> None:
    query, stream = made(seed, n, dims, "normal"), made(seed + 1, m, dims, "normal")
    for each in find(query, stream, k=3, window=window, alignment=True):
        whole = dtw(query, stream[each.start : each.end], window=window, alignment=True)
        assert math.isclose(each.distance, whole.distance, rel_tol=1e-9)
        assert math.isclose(each.normalised, whole.normalised, rel_tol=1e-9)
        assert each.path is not None
        assert whole.path is not None
        assert each.path.tolist() == (whole.path + np.array([0, each.start])).tolist()


@some
@given(seeds, st.integers(1, 6), st.integers(1, 30), st.floats(0, 10))
def test_a_threshold_brings_all_that_are_within_it(seed: int, n: int, m: int, threshold: float) -> None:
    query, stream = made(seed, n, 1, "normal"), made(seed + 1, m, 1, "normal")
    every = find(query, stream, k=m)
    expected = [each for each in every if each.distance <= threshold]
    within = find(query, stream, k=None, threshold=threshold)
    assert [(each.start, each.end) for each in within] == [(each.start, each.end) for each in expected]
    assert len(find(query, stream, k=2, threshold=threshold)) == min(2, len(expected))


@some
@given(seeds, st.integers(1, 6), st.integers(1, 30), patterns, st.sampled_from([None, 0, 2]))
def test_overlapping_ones_are_the_nearest_that_end_at_each_frame(
    seed: int, n: int, m: int, pattern: str, window: int | None
) -> None:
    if pattern == "asymmetric":
        window = None
    query, stream = made(seed, n, 1, "tied"), made(seed + 1, m, 1, "tied")
    found = find(query, stream, k=m, window=window, step_pattern=pattern, overlapping=True)
    known = all_stretches(query, stream, pattern, "euclidean", window)
    ends = {end for _, end in known}
    nearest = sorted(min((d, e, -s) for (s, e), d in known.items() if e == end) for end in ends)
    assert [(each.distance, each.end, -each.start) for each in found] == nearest


def test_no_stretch_holds_a_frame_that_is_not_finite() -> None:
    stream = np.array([0.0, 1.0, np.nan, 2.0, 3.0, np.inf, 1.0, 2.0, 3.0])
    found = find([1.0, 2.0, 3.0], stream, k=9)
    assert found[0].distance == 0.0
    assert (found[0].start, found[0].end) == (6, 9)
    assert all(np.isfinite(stream[each.start : each.end]).all() for each in found)
    assert find([1.0], [np.nan, np.inf]) == []


@pytest.mark.parametrize("scale", [1e200, 1e300, 1e-200, 1e-300])
@pytest.mark.parametrize("dims", [1, 2])
@pytest.mark.parametrize("window", [None, 2])
def test_squares_neither_overflow_nor_vanish(scale: float, dims: int, window: int | None) -> None:
    query, stream = made(1, 5, dims, "normal"), made(2, 40, dims, "normal")
    plain, scaled = find(query, stream, k=3, window=window), find(query * scale, stream * scale, k=3, window=window)
    assert [(each.start, each.end) for each in scaled] == [(each.start, each.end) for each in plain]
    for one, other in zip(plain, scaled, strict=True):
        assert math.isclose(one.distance * scale, other.distance, rel_tol=1e-9)


def test_a_frame_out_of_all_proportion_is_a_gap_and_hides_nothing() -> None:
    query, stream = made(3, 6, 2, "normal"), made(4, 40, 2, "normal")
    stream[20] = 1e300
    spoilt = find(query, stream, k=4)
    check_nearest_one_by_one(
        spoilt, all_stretches(query, np.where(stream == 1e300, np.nan, stream), "symmetric2", "euclidean", None), 4
    )


@few
@given(seeds, st.integers(2, 6), st.integers(2, 30), st.integers(1, 4))
def test_names_are_found_with_as_few_edits_as_possible(seed: int, n: int, m: int, k: int) -> None:
    random = np.random.default_rng(seed)
    query, stream = random.choice(list("abcd"), n).tolist(), random.choice(list("abcd"), m).tolist()
    found = find(query, stream, algorithm="edit", k=k, alignment=True)
    known: Distances = {
        (start, end): edit_distance(query, stream[start:end]).distance
        for start in range(m)
        for end in range(start + 1, m + 1)
    }
    check_nearest_one_by_one(found, known, k, exact=True)
    for each in found:
        assert each.path is not None
        assert all(query[i] == stream[j] for i, j in each.path.tolist())
        assert each.normalised == each.distance / max(n, each.end - each.start)


@pytest.mark.parametrize(
    ("arguments", "options", "says"),
    [
        (([np.nan], [1.0]), {}, "query has a value that is not finite"),
        (([], [1.0]), {}, "query is empty"),
        (([1.0], []), {}, "stream is empty"),
        (([1.0], [[1.0, 2.0]]), {}, "1 dimensions cannot be found in a stream of 2"),
        (([1.0, 2.0], [1.0]), {"normalise": True}, "longer than the stream"),
        (([1.0, 2.0], [1.0]), {"algorithm": "euclidean"}, "longer than the stream"),
        (([1.0], [1.0]), {"algorithm": "guess"}, "no algorithm is called 'guess'"),
        (([1.0], [1.0]), {"convention": "guess"}, "no convention is called 'guess'"),
        (([1.0], [1.0]), {"step_pattern": "guess"}, "no step pattern is called 'guess'"),
        (([1.0], [1.0]), {"metric": "guess"}, "no metric is called 'guess'"),
        (([1.0], [1.0]), {"k": 0}, "0 stretches"),
        (([1.0], [1.0]), {"k": None}, "neither"),
        (([1.0], [1.0]), {"threshold": -1.0}, "threshold of -1"),
        (([1.0], [1.0]), {"threshold": math.nan}, "threshold of nan"),
        (([1.0], [1.0]), {"window": -1}, "window of -1"),
        (([1.0], [1.0]), {"window": 1, "convention": "tslearn"}, "window of 1 as tslearn has it"),
        (([1.0], [1.0]), {"window": -1, "normalise": True}, "window of -1"),
        (([1.0], [1.0]), {"window": 1, "step_pattern": "asymmetric"}, "asymmetric"),
        (([1.0], [1.0]), {"window": 1, "algorithm": "euclidean"}, "euclidean has no window"),
        (([1.0], [1.0]), {"metric": "euclidean", "algorithm": "edit"}, "edit has no window"),
        ((["a"], ["a"]), {"normalise": True, "algorithm": "edit"}, "no mean"),
        ((["a"], []), {"algorithm": "edit"}, "holds no name"),
    ],
)
def test_what_cannot_be_found_is_an_error_with_a_hint(arguments: Any, options: dict[str, Any], says: str) -> None:
    with pytest.raises(UsageError, match=says) as caught:
        find(*arguments, **options)
    assert caught.value.hint


def test_a_query_longer_than_the_stream_is_found_in_all_of_it_or_less() -> None:
    query, stream = made(8, 20, 1, "normal"), made(9, 4, 1, "normal")
    found = find(query, stream, k=9)
    check_nearest_one_by_one(found, all_stretches(query, stream, "symmetric2", "euclidean", None), 9)


@few
@given(seeds, st.integers(2, 30), st.integers(30, 200))
def test_dtaidistance_finds_the_same(seed: int, n: int, m: int) -> None:
    peer = pytest.importorskip("dtaidistance.subsequence.dtw")
    query, stream = made(seed, n, 1, "normal")[:, 0], made(seed + 1, m, 1, "normal")[:, 0]
    alignment = peer.subsequence_alignment(query, stream, penalty=0)
    found = find(query, stream, convention="dtaidistance")[0]
    assert math.isclose(found.distance, alignment.matching_function().min() * n, rel_tol=1e-9)
    # its best match is never a single frame
    if found.end - found.start > 1:
        best = alignment.best_match()
        assert math.isclose(found.distance, best.distance, rel_tol=1e-9)
        assert (found.start, found.end - 1) == tuple(best.segment)


def test_stretches_come_nearest_first_and_apart() -> None:
    query, stream = made(10, 8, 1, "normal"), made(11, 3000, 1, "normal")
    found = find(query, stream, k=50)
    assert [each.distance for each in found] == sorted(each.distance for each in found)
    in_order = sorted(found, key=lambda each: each.start)
    assert all(one.end <= other.start for one, other in pairwise(in_order))
    assert len(found) == 50
