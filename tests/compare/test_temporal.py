"""Sequences of anything: compared as the textbooks say, remembered by what is in them, from any number of threads."""

import gc
import math
import weakref
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from midstream_cli.compare.temporal import comparator as temporal
from midstream_cli.compare.temporal import elements
from midstream_cli.compare.temporal.comparator import (
    ComparisonAlgorithm,
    ComparisonResult,
    SimilarityMatch,
    TemporalComparator,
)
from midstream_cli.compare.temporal.elements import Sequence as Elements
from midstream_cli.compare.temporal.elements import TemporalElement
from midstream_cli.compare.temporal.memory import CacheStats, Memory
from midstream_cli.compare.temporal.recurring import Pattern, recurring_patterns
from midstream_cli.errors import UsageError
from midstream_cli.frames import Float64
from strategies import few, seeds, some

DTW, LCS = ComparisonAlgorithm.DTW, ComparisonAlgorithm.LCS
EDIT, EUCLIDEAN = ComparisonAlgorithm.EDIT_DISTANCE, ComparisonAlgorithm.EUCLIDEAN

words = st.lists(st.sampled_from(["a", "b", "the", ""]), max_size=20)
mixed = st.lists(st.sampled_from([0, 1, -1, -2, 2.5, "a", ("x", 1), None]), max_size=12)
names = st.one_of(words, mixed, st.text("abc", max_size=20), st.lists(st.integers(0, 3), max_size=20))


def warped(a: Float64, b: Float64) -> float:
    """DTW, one cell after the other; a diagonal step counts twice, the first pair once."""
    table: dict[tuple[int, int], float] = {}
    for i in range(len(a)):
        for j in range(len(b)):
            cost = math.dist(a[i], b[j])
            ways = [table[way] + weight * cost for way, weight in _ways(i, j) if way in table]
            table[i, j] = min(ways, default=cost)
    return table[len(a) - 1, len(b) - 1]


def _ways(i: int, j: int) -> list[tuple[tuple[int, int], int]]:
    return [((i - 1, j - 1), 2), ((i - 1, j), 1), ((i, j - 1), 1)]


def edited(a: Sequence[Hashable], b: Sequence[Hashable], substitution: int) -> int:
    """Wagner and Fischer's table; where a substitution costs 2, only insertions and deletions count."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        above, row = row, [i]
        for j, y in enumerate(b, 1):
            row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (0 if x == y else substitution)))
    return row[-1]


def repeated(sequence: Sequence[Hashable], least: int, most: int) -> dict[tuple[Hashable, ...], tuple[int, ...]]:
    """Every stretch with the places where it begins, kept if there are two."""
    places: dict[tuple[Hashable, ...], list[int]] = {}
    for length in range(least, most + 1):
        for start in range(len(sequence) - length + 1):
            places.setdefault(tuple(sequence[start : start + length]), []).append(start)
    return {stretch: tuple(starts) for stretch, starts in places.items() if len(starts) > 1}


@some
@given(seeds, st.integers(1, 12), st.integers(1, 12), st.integers(1, 3))
def test_numbers_and_vectors_are_compared_by_warping(seed: int, n: int, m: int, dims: int) -> None:
    random = np.random.default_rng(seed)
    a, b = random.normal(0, 1, (n, dims)), random.normal(0, 1, (m, dims))
    found = TemporalComparator().compare(a, Elements.of(b.tolist()), DTW)
    assert math.isclose(found.distance, warped(a, b), rel_tol=1e-9)
    assert math.isclose(found.normalised, found.distance / (n + m), rel_tol=1e-9)
    assert found.algorithm is DTW
    assert found.alignment[0].tolist() == [0, 0]
    assert found.alignment[-1].tolist() == [n - 1, m - 1]


@some
@given(seeds, st.integers(1, 12), st.integers(1, 3))
def test_numbers_and_vectors_are_compared_position_by_position(seed: int, n: int, dims: int) -> None:
    a, b = np.random.default_rng(seed).normal(0, 1, (2, n, dims))
    found = TemporalComparator().compare(a, b, "euclidean")
    assert math.isclose(found.distance, math.dist(a.ravel(), b.ravel()), rel_tol=1e-9)
    assert math.isclose(found.normalised, found.distance / math.sqrt(n), rel_tol=1e-9)
    assert found.alignment.tolist() == [[i, i] for i in range(n)]


@some
@given(names, names)
@example("kitten", "sitting")
@example([-1], [-2])
@example([], ["a"])
def test_names_are_compared_by_what_must_be_changed(a: Sequence[Hashable], b: Sequence[Hashable]) -> None:
    if not a and not b:
        return
    comparator = TemporalComparator()
    edit, lcs = comparator.compare(a, b, EDIT), comparator.compare(Elements.of(a), b, LCS)
    assert edit.distance == edited(a, b, 1)
    assert edit.normalised == edit.distance / max(len(a), len(b))
    assert lcs.distance == edited(a, b, 2)
    assert lcs.normalised == lcs.distance / (len(a) + len(b))
    assert len(a) + len(b) - 2 * len(lcs.alignment) == lcs.distance
    for found in (edit, lcs):
        assert all(a[i] == b[j] for i, j in found.alignment)


def test_vectors_are_names_too_equal_or_not() -> None:
    a, b = [[1, 2], [3, 4], [5, 6]], np.array([[3, 4], [5, 7]])
    comparator = TemporalComparator()
    assert comparator.compare(a, b, LCS).alignment.tolist() == [[1, 0]]
    assert comparator.compare([np.array([1, 2])], [(1, 2)], EDIT).distance == 0.0


def test_a_sequence_is_values_with_their_times() -> None:
    sequence: Elements[str] = Elements()
    assert sequence.is_empty()
    sequence.push("a", 100)
    sequence.push("b", 250)
    assert not sequence.is_empty()
    assert len(sequence) == 2
    assert sequence.values == ["a", "b"]
    assert sequence.timestamps == [100, 250]
    assert sequence[1] == TemporalElement("b", 250)
    assert list(sequence) == [TemporalElement("a", 100), TemporalElement("b", 250)]
    assert sequence == Elements.of("ab", [100, 250])
    assert Elements.of([1.5, 2.5]).timestamps == [0, 1]
    with pytest.raises(UsageError, match="2 values have 1 timestamps") as caught:
        Elements.of("ab", [1])
    assert "each" in caught.value.hint


def test_when_elements_came_does_not_count() -> None:
    comparator = TemporalComparator()
    one, other = Elements.of([1.0, 2.0], [0, 1]), Elements.of([1.0, 2.0], [50, 90])
    assert comparator.compare(one, other, DTW).distance == 0.0
    assert comparator.compare(other, one, DTW).distance == 0.0
    assert comparator.cache_stats().hits == 1


def test_what_was_compared_is_remembered_by_its_content() -> None:
    comparator = TemporalComparator()
    first = comparator.compare([1.0, 2.0], [1.0, 3.0], DTW)
    # of the same lengths, but not the same
    assert comparator.compare([1.0, 2.0], [1.0, 4.0], DTW).distance != first.distance
    again = comparator.compare(np.array([1, 2]), Elements.of([1, 3], [7, 8]), "dtw")
    assert again is first
    assert comparator.cache_stats() == CacheStats(hits=1, misses=2, size=2, capacity=1000)
    assert comparator.cache_stats().hit_rate == 1 / 3
    assert comparator.compare([1, 2], [1, 3], EDIT).distance == 1.0
    assert comparator.compare([1.0, 3.0], [1.0, 2.0], DTW) is not first


def test_an_array_that_is_changed_in_place_is_another_sequence() -> None:
    comparator, array = TemporalComparator(), np.zeros((3, 2))
    for algorithm in (DTW, EUCLIDEAN, EDIT, LCS):
        array[:] = 0.0
        assert comparator.compare(array, np.zeros((3, 2)), algorithm).distance == 0.0
        array[1] = 5.0
        assert comparator.compare(array, np.zeros((3, 2)), algorithm).distance > 0.0
    assert comparator.cache_stats().hits == 0


def test_what_is_compared_cannot_be_changed_meanwhile() -> None:
    array = np.zeros((3, 2))
    numbers, names = elements.numbers(array), elements.names(array)
    array[:] = 5.0
    assert numbers.values.tolist() == [[0.0, 0.0]] * 3
    assert names.values == ((0.0, 0.0),) * 3


def test_arrays_of_the_same_bytes_and_other_shapes_are_not_the_same() -> None:
    comparator = TemporalComparator()
    flat = np.arange(6.0)
    for shape in ((6, 1), (3, 2), (2, 3)):
        found = comparator.compare(flat.reshape(shape), np.zeros(shape), EUCLIDEAN)
        assert math.isclose(found.normalised, found.distance / math.sqrt(shape[0]), rel_tol=1e-12)
    assert comparator.cache_stats().misses == 3


def test_what_was_asked_for_longest_ago_is_forgotten_first() -> None:
    comparator = TemporalComparator(cache_size=2)
    first, second = comparator.compare("a", "b", EDIT), comparator.compare("a", "c", EDIT)
    assert comparator.compare("a", "b", EDIT) is first
    comparator.compare("a", "d", EDIT)
    assert comparator.compare("a", "b", EDIT) is first
    assert comparator.compare("a", "c", EDIT) is not second
    assert comparator.cache_stats() == CacheStats(hits=2, misses=4, size=2, capacity=2)


def test_a_comparator_without_memory_compares_all_the_same() -> None:
    comparator = TemporalComparator(cache_size=0)
    for _ in range(2):
        assert comparator.compare("ab", "ac", EDIT).distance == 1.0
    assert comparator.cache_stats() == CacheStats(hits=0, misses=2, size=0, capacity=0)
    assert comparator.cache_stats().hit_rate == 0.0


def test_a_cleared_memory_counts_from_nothing() -> None:
    comparator = TemporalComparator()
    assert comparator.cache_stats().hit_rate == 0.0
    first = comparator.compare("ab", "ac", EDIT)
    comparator.clear_cache()
    assert comparator.cache_stats() == CacheStats(hits=0, misses=0, size=0, capacity=1000)
    assert comparator.compare("ab", "ac", EDIT) is not first


def test_what_is_remembered_cannot_be_changed_by_who_was_given_it() -> None:
    comparator = TemporalComparator()
    found = comparator.compare([1.0, 2.0], [1.0, 3.0], DTW)
    with pytest.raises(ValueError, match="read-only"):
        found.alignment[0] = 9
    comparator.find_similar("ab", "abab", 0.0, EDIT).clear()
    assert len(comparator.find_similar("ab", "abab", 0.0, EDIT)) == 2
    comparator.detect_recurring_patterns("ababab", 2, 2).clear()
    assert len(comparator.detect_recurring_patterns("ababab", 2, 2)) == 2
    assert len(comparator.detect_recurring_patterns("ababab", 2, 3)) == 4
    assert len(comparator.detect_recurring_patterns("ababab", 1, 2)) == 4


def test_arrays_that_were_compared_are_not_kept() -> None:
    comparator, array = TemporalComparator(), np.ones(1000)
    comparator.compare(array, np.zeros(1000), EUCLIDEAN)
    comparator.find_similar(array[:5], array, 0.0)
    kept = weakref.ref(array)
    del array
    gc.collect()
    assert kept() is None
    assert comparator.cache_stats().size == 2


def test_many_threads_find_what_one_finds() -> None:
    random = np.random.default_rng(3)
    series = [random.normal(0, 1, (20, 2)) for _ in range(5)]
    pairs = [(a, b) for a in range(5) for b in range(5)]
    expected = {pair: TemporalComparator().compare(series[pair[0]], series[pair[1]], DTW).distance for pair in pairs}
    comparator, together = TemporalComparator(cache_size=15), Barrier(8)

    def work(seed: int) -> bool:
        together.wait()
        order = np.random.default_rng(seed).permutation(len(pairs) * 2) % len(pairs)
        found = [(pairs[i], comparator.compare(series[pairs[i][0]], series[pairs[i][1]], DTW)) for i in order]
        if seed == 5:
            comparator.clear_cache()
        return all(math.isclose(result.distance, expected[pair], rel_tol=1e-9) for pair, result in found)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(8)))
    stats = comparator.cache_stats()
    assert stats.size <= 15
    assert stats.hits + stats.misses <= 8 * 2 * len(pairs)


def test_hits_and_misses_of_many_threads_are_all_counted() -> None:
    memory, together = Memory(10), Barrier(8)

    def work(_: int) -> None:
        together.wait()
        for i in range(500):
            assert memory.recall(i % 10, lambda i=i: i % 10) == i % 10  # type: ignore[misc]

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    stats = memory.stats()
    assert stats.hits + stats.misses == 4000
    assert stats.size == 10
    assert 10 <= stats.misses <= 80


def test_a_long_comparison_keeps_nobody_else_waiting() -> None:
    memory, begun, done = Memory(10), Event(), Event()

    def slow() -> str:
        begun.set()
        assert done.wait(10)
        return "slow"

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(memory.recall, "slow", slow)
        assert begun.wait(10)
        assert memory.recall("quick", lambda: "quick") == "quick"
        assert memory.stats().size == 1
        done.set()
        assert waiting.result() == "slow"
    assert memory.stats().size == 2


def test_what_fails_is_not_remembered() -> None:
    comparator = TemporalComparator()
    for _ in range(2):
        with pytest.raises(UsageError, match="both sequences are empty"):
            comparator.compare("", [], EDIT)
    assert comparator.cache_stats() == CacheStats(hits=0, misses=2, size=0, capacity=1000)


@few
@given(seeds, st.integers(1, 6), st.integers(1, 30), st.floats(0.05, 1.5))
def test_similar_stretches_are_those_within_the_threshold(seed: int, length: int, count: int, threshold: float) -> None:
    random = np.random.default_rng(seed)
    series, query = random.normal(0, 1, (count, 2)), random.normal(0, 1, (length, 2))
    starts = range(count - length + 1)
    distances = [warped(query, series[start : start + length]) for start in starts]
    near = sorted((distances[start], start) for start in starts if distances[start] / 2 / length <= threshold)
    found = TemporalComparator().find_similar(query, series, threshold)
    assert [match.start_index for match in found] == [start for _, start in near]
    np.testing.assert_allclose([match.distance for match in found], [distance for distance, _ in near], rtol=1e-9)
    similarities = [1 / (1 + distance / 2 / length) for distance, _ in near]
    np.testing.assert_allclose([match.similarity for match in found], similarities, rtol=1e-9)


@pytest.mark.parametrize("algorithm", ComparisonAlgorithm)
def test_equal_stretches_are_found_where_they_are(algorithm: ComparisonAlgorithm) -> None:
    found = TemporalComparator().find_similar([3, 4, 5], [1, 2, 3, 4, 5, 3, 4, 5], 0.0, algorithm)
    assert found == [SimilarityMatch(2, 1.0, 0.0), SimilarityMatch(5, 1.0, 0.0)]
    assert TemporalComparator().find_similar([3, 4, 5], [3, 4], 9.0, algorithm) == []


@few
@given(words.filter(bool), words, st.floats(0.0, 1.0))
def test_similar_names_are_those_within_the_threshold(query: list[str], series: list[str], threshold: float) -> None:
    n = len(query)
    for algorithm, substitution in ((EDIT, 1), (LCS, 2)):
        each = [edited(query, series[i : i + n], substitution) for i in range(len(series) - n + 1)]
        near = sorted((far, i) for i, far in enumerate(each) if far / n / substitution <= threshold)
        found = TemporalComparator().find_similar(query, series, threshold, algorithm)
        assert [(match.distance, match.start_index) for match in found] == near


def test_similar_names_come_nearest_first() -> None:
    found = TemporalComparator().find_similar("cat", "the bat sat on a cat", 0.4, EDIT)
    assert [(match.start_index, match.distance) for match in found] == [(17, 0.0), (4, 1.0), (8, 1.0)]
    assert found[0].similarity == 1.0
    assert found[1].similarity == 1 / (1 + 1 / 3)
    comparator = TemporalComparator()
    for threshold in (0.0, 0.4, 0.4):
        comparator.find_similar("cat", "the bat sat on a cat", threshold, EDIT)
    assert (comparator.cache_stats().hits, comparator.cache_stats().misses) == (1, 2)


@some
@given(names, st.integers(1, 5), st.integers(0, 6))
@example("abcabcabc", 2, 2)
@example("aaaa", 1, 3)
@example([], 1, 1)
def test_recurring_patterns_are_all_that_occur_twice(sequence: Sequence[Hashable], least: int, more: int) -> None:
    expected = repeated(sequence, least, least + more)
    found = TemporalComparator().detect_recurring_patterns(Elements.of(sequence), least, least + more)
    assert {pattern.sequence: pattern.occurrences for pattern in found} == expected
    assert len(found) == len(expected)
    for pattern in found:
        covered = {start + i for start in pattern.occurrences for i in range(pattern.length)}
        assert pattern.confidence == len(covered) / len(sequence)
    order = [(-pattern.frequency, -pattern.length, pattern.occurrences[0]) for pattern in found]
    assert order == sorted(order)


def test_a_pattern_says_how_long_it_is_and_how_often_it_occurs() -> None:
    first = TemporalComparator().detect_recurring_patterns("abcabcabc", 2, 4)[0]
    assert first == Pattern(("a", "b", "c"), (0, 3, 6), 1.0)
    assert (first.length, first.frequency) == (3, 3)


def test_patterns_of_a_long_sequence_are_found_without_comparing_each_with_each() -> None:
    sequence = np.random.default_rng(1).integers(0, 4, 30_000).tolist()
    found = recurring_patterns(sequence, 12, 40)
    assert found
    for pattern in found[::50]:
        assert pattern.frequency >= 2
        assert {tuple(sequence[at : at + pattern.length]) for at in pattern.occurrences} == {pattern.sequence}


@pytest.mark.parametrize(
    ("a", "b", "algorithm", "said", "hinted"),
    [
        ("ab", "ac", "jaccard", "no algorithm is called 'jaccard'", "dtw, lcs, edit, euclidean"),
        ("ab", "ac", DTW, "neither numbers nor vectors", "lcs or edit"),
        (["1.5", "2"], ["1.5"], EUCLIDEAN, "neither numbers nor vectors", "lcs or edit"),
        ([1.0, "a"], [1.0], DTW, "neither numbers nor vectors", "lcs or edit"),
        ([[1.0], [1.0, 2.0]], [1.0], DTW, "different dimensions", "same feature"),
        ([1.0], [math.nan], DTW, "not finite", "leave"),
        ([], [1.0], DTW, "empty", "at least one"),
        ([1.0], [1.0, 2.0], EUCLIDEAN, "position by position", "dtw"),
        ([{}], ["a"], EDIT, "a dict, which has no hash", "names"),
        ("abcde", "a", EDIT, "a sequence of 5 elements is longer than 4", "larger max_sequence_length"),
        ([1.0], [0.0] * 5, DTW, "a sequence of 5 elements is longer than 4", "shorter"),
    ],
)
def test_what_cannot_be_compared_is_refused_with_advice(a: Any, b: Any, algorithm: str, said: str, hinted: str) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        TemporalComparator(max_sequence_length=4).compare(a, b, algorithm)
    assert hinted in caught.value.hint


def test_other_requests_without_sense_are_refused_with_advice() -> None:
    comparator = TemporalComparator(max_sequence_length=4)
    requests: dict[str, Callable[[], object]] = {
        "the query is empty": lambda: comparator.find_similar("", "abc", 0.1, EDIT),
        "5 elements is longer than 4": lambda: comparator.find_similar("abcde", "abc", 0.1, EDIT),
        "as near as -1": lambda: comparator.find_similar("a", "abc", -1.0, EDIT),
        "as near as nan": lambda: comparator.find_similar("a", "abc", math.nan, EDIT),
        "6 elements is longer than 4": lambda: comparator.detect_recurring_patterns("ababab", 1, 2),
        "patterns of 0 to 2": lambda: comparator.detect_recurring_patterns("abc", 0, 2),
        "patterns of 3 to 2": lambda: comparator.detect_recurring_patterns("abc", 3, 2),
        "hold less than nothing": lambda: TemporalComparator(cache_size=-1),
        "less than nothing": lambda: TemporalComparator(max_sequence_length=-1),
    }
    for said, request in requests.items():
        with pytest.raises(UsageError, match=said) as caught:
            request()
        assert caught.value.hint
    # a series may be of any length
    assert len(comparator.find_similar("ab", "ab" * 50, 0.0, EDIT)) == 50
    assert isinstance(comparator.compare("a", "b", temporal.ComparisonAlgorithm.LCS), ComparisonResult)
