"""Edit distance and longest common subsequence against the textbook tables and rapidfuzz, by kernels and without."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rapidfuzz.distance import LCSseq, Levenshtein

from midstream_cli.compare.names import bit_parallel, edit, interning, splitting
from midstream_cli.compare.names.edit import Edits, edit_distance, lcs
from midstream_cli.compare.names.edit_batch import distances
from midstream_cli.compiled import machine
from midstream_cli.compiled.kernel import VARIABLE
from midstream_cli.errors import UsageError
from strategies import few, seeds, some
from textbook import edit_table, lcs_table

few_ints = st.lists(st.integers(0, 3), max_size=30)
few_words = st.lists(st.sampled_from(["a", "b", "the", " cat", "", "é"]), max_size=30)
any_names = st.lists(
    st.one_of(
        # hash(-1) == hash(-2), hash(2**61 - 1) == hash(0), and a letter is no number
        st.sampled_from([-1, -2, 0, 2**61 - 1, 97, "a", "b", ("a", 1)]),
        st.integers(),
        st.text(max_size=2),
    ),
    max_size=12,
)
texts = st.text("abc\ud800😀", max_size=30)
pairs = st.one_of(*(st.tuples(names, names) for names in (few_ints, few_words, any_names, texts)))
Pair = tuple[Sequence[Hashable], Sequence[Hashable]]

MEASURES: tuple[tuple[Callable[..., Edits], Any], ...] = ((edit_distance, Levenshtein), (lcs, LCSseq))


@contextmanager
def way(*, compiled: bool) -> Iterator[None]:
    """All by the kernels, or nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bit_parallel, "compiled_pays", lambda *_: compiled)
        patch.setattr(edit, "TEXT_CELLS", {"Levenshtein": 0, "LCSseq": 0})
        yield


both_ways = pytest.mark.parametrize("compiled", [True, False], ids=["compiled", "rapidfuzz"])


def check_pairs_belong_together(found: Edits, a: Sequence[Hashable], b: Sequence[Hashable]) -> None:
    """Aligned elements are equal, and none is crossed."""
    path = found.path.tolist()
    assert all(a[i] == b[j] for i, j in path)
    assert all(i0 < i1 and j0 < j1 for (i0, j0), (i1, j1) in pairwise(path))


def numbered(a: Sequence[Hashable], b: Sequence[Hashable]) -> list[list[int]]:
    """Names that rapidfuzz can tell apart."""
    known: dict[Hashable, int] = {}
    return [[known.setdefault(name, len(known)) for name in names] for names in (a, b)]


def check_operations(found: Edits, peer: Any, a: Sequence[Hashable], b: Sequence[Hashable]) -> None:
    """They are those of rapidfuzz, in both forms, and turn the first sequence into the second."""
    expected = peer.editops(*numbered(a, b))
    assert [tuple(each) for each in found.operations] == [tuple(each) for each in expected]
    assert [tuple(each) for each in found.operations.opcodes()] == [tuple(each) for each in expected.as_opcodes()]
    assert found.operations.apply(a, b) == list(b)


@both_ways
@some
@given(pair=pairs.filter(any))
@example(pair=([-1], [-2]))
@example(pair=([0], [2**61 - 1]))
@example(pair=([97], ["a"]))
@example(pair=([], [1]))
@example(pair=("kitten", "sitting"))
def test_edit_distance_is_the_textbooks(compiled: bool, pair: Pair) -> None:
    a, b = pair
    with way(compiled=compiled):
        found, expected = edit_distance(a, b), edit_table(a, b)[-1][-1]
        assert found.distance == edit_distance(a, b, alignment=True).distance == expected
        assert found.normalised == expected / max(len(a), len(b))
        assert 0.0 <= found.normalised <= 1.0
        assert found.similarity == max(len(a), len(b)) - expected
        check_pairs_belong_together(found, a, b)
        check_operations(found, Levenshtein, a, b)
    # what is not aligned costs at least the longer of the two rests
    assert len(found.path) + expected >= max(len(a), len(b))


@both_ways
@some
@given(pair=pairs.filter(any))
@example(pair=([0], [2**61 - 1]))
@example(pair=([97], ["a"]))
@example(pair=([1, 2, 3], []))
def test_the_longest_common_subsequence_is_the_textbooks(compiled: bool, pair: Pair) -> None:
    a, b = pair
    common, longest = lcs_table(a, b)[-1][-1], max(len(a), len(b))
    with way(compiled=compiled):
        found = lcs(a, b)
        assert found.distance == lcs(a, b, alignment=True).distance == longest - common
        assert found.similarity == common
        assert found.normalised == (longest - common) / longest
        assert 0.0 <= found.normalised <= 1.0
        assert len(found.path) == common
        check_pairs_belong_together(found, a, b)
        check_operations(found, LCSseq, a, b)


@both_ways
@some
@given(pair=pairs.filter(any))
def test_both_are_symmetric_and_zero_exactly_for_equals(compiled: bool, pair: Pair) -> None:
    a, b = pair
    with way(compiled=compiled):
        for measure in (edit_distance, lcs):
            assert measure(a, b).distance == measure(b, a).distance
            assert (measure(a, b).distance == 0) == (list(a) == list(b))


def arrays(seed: int, n: int, m: int, alphabet: int) -> tuple[Any, Any]:
    random = np.random.default_rng(seed)
    a, b = random.integers(0, alphabet, n), random.integers(0, alphabet, m)
    kept = random.random(min(n, m)) < random.choice([0.0, 0.9])
    b[: len(kept)] = np.where(kept, a[: len(kept)], b[: len(kept)])
    return a, b


@both_ways
@some
@given(
    seed=seeds,
    n=st.sampled_from([1, 63, 64, 65, 128, 1000, 1025]),
    m=st.sampled_from([0, 1, 64, 65, 1000, 1100]),
    alphabet=st.sampled_from([1, 2, 64, 2000]),
    form=st.sampled_from(
        [
            lambda names: names,
            lambda names: names * 2**50 - 2**60,
            lambda names: names.astype(np.int16),
            lambda names: names.astype(np.float64),
            lambda names: names.astype(np.uint64) + np.uint64(2**63),
            lambda names: np.repeat(names, 2)[::2],
            lambda names: names.tolist(),
            lambda names: "".join(map(chr, names)),
            lambda names: [str(name) for name in names],
        ]
    ),
)
def test_names_are_what_is_equal_whatever_they_are(
    compiled: bool, seed: int, n: int, m: int, alphabet: int, form: Callable[[Any], Any]
) -> None:
    a, b = arrays(seed, n, m, alphabet)
    with way(compiled=compiled):
        for measure, peer in MEASURES:
            found = measure(form(a), form(b))
            assert found.distance == peer.distance(a.tolist(), b.tolist())
            check_operations(found, peer, a.tolist(), b.tolist())


def test_a_number_is_the_same_in_every_type() -> None:
    forms: tuple[Any, ...] = (
        [0, 1, 1],
        np.array([0, 1, 1]),
        np.array([0.0, 1.0, 1.0]),
        np.array([False, True, True]),
        np.array([0, 1, 1], np.uint64),
        np.array([0, 1, 1], object),
    )
    assert {edit_distance(a, b).distance for a in forms for b in forms} == {0}
    # as signed words of 64 bits these are one
    assert edit_distance(np.array([2**64 - 1], np.uint64), np.array([-1])).distance == 1
    assert edit_distance(np.array([0.5, np.nan]), np.array([0.5, np.nan])).distance == 1
    assert edit_distance(np.array([1e300]), np.array([np.iinfo(np.int64).min])).distance == 1
    assert edit_distance("a", [97]).distance == edit_distance("a", np.array([97])).distance == 1
    assert edit_distance("ab", ["a", "b"]).distance == 0


def test_operations_are_those_of_what_was_compared_even_if_it_changed_since() -> None:
    a, b = np.arange(200), np.arange(200)
    b[7] = -1
    with way(compiled=True):
        found = edit_distance(a, b)
        b[:] = 0
        assert list(found.operations) == [("replace", 7, 7)]
        assert found.operations is found.operations


def test_operations_are_a_sequence_of_tuples() -> None:
    operations = edit_distance("kitten", "sitting").operations
    expected = [("replace", 0, 0), ("replace", 4, 4), ("insert", 6, 6)]
    assert operations == expected
    assert (len(operations), operations[-1], operations[1:]) == (3, expected[-1], expected[1:])
    assert operations[0].tag == "replace"
    assert operations != expected[:2]
    assert repr(operations).startswith("Operations([Operation(tag='replace', src=0, dest=0)")
    assert repr(edit_distance("ab", "a")) == "Edits(distance=1, normalised=0.5, lengths=(2, 1))"


@pytest.mark.parametrize("alphabet", [2, 64, 3000])
def test_operations_of_long_sequences_are_those_of_rapidfuzz(alphabet: int) -> None:
    a, b = arrays(alphabet, 3000, 2600, alphabet)
    with way(compiled=True):
        check_operations(edit_distance(a, b), Levenshtein, a.tolist(), b.tolist())


@few
@given(seeds, st.integers(65, 300), st.integers(10, 300), st.sampled_from([1, 2, 64]))
def test_sequences_split_as_often_as_can_be_have_as_few_operations(seed: int, n: int, m: int, alphabet: int) -> None:
    a, b = arrays(seed, n, m, alphabet)
    with way(compiled=True), pytest.MonkeyPatch.context() as patch:
        patch.setattr(splitting, "MOST_BYTES", 1)
        found = edit_distance(a, b)
        assert len(found.operations) == found.distance == Levenshtein.distance(a.tolist(), b.tolist())
        assert found.operations.apply(a.tolist(), b.tolist()) == b.tolist()


def test_what_is_all_inserted_before_the_first_is_split_there() -> None:
    a, b = np.arange(100), np.concatenate([np.full(3000, -1), np.arange(100), np.full(3000, -2)])
    with way(compiled=True), pytest.MonkeyPatch.context() as patch:
        patch.setattr(splitting, "MOST_BYTES", 1)
        found = edit_distance(a, b)
        assert found.distance == len(found.operations) == 6000
        assert found.operations.apply(a.tolist(), b.tolist()) == b.tolist()


def test_an_alignment_that_would_fill_the_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bit_parallel, "MOST_WORDS", 10)
    with way(compiled=True), pytest.raises(UsageError, match="an alignment of 30 with 20 names is too large") as caught:
        lcs(np.arange(30), np.arange(20) * 3, alignment=True)
    assert "compare shorter stretches" in caught.value.hint


def test_more_names_than_letters_are_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interning, "LETTERS", 2)
    for compiled in (True, False):
        with way(compiled=compiled):
            assert edit_distance(["a", "b", "c"], ["a", "c", "d"]).distance == 2


def test_kernels_are_loaded_when_what_was_done_without_would_have_paid_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "is_loaded", lambda _: False)
    monkeypatch.setattr(bit_parallel.memory, "cells_without", 0)
    monkeypatch.delenv(VARIABLE, raising=False)
    enough = bit_parallel.CELLS_FOR_LOADING
    assert [bit_parallel.compiled_pays(enough // 2) for _ in range(3)] == [False, False, True]
    assert bit_parallel.compiled_pays(1)
    monkeypatch.setenv(VARIABLE, "off")
    assert not bit_parallel.compiled_pays(10 * enough)


@some
@given(st.lists(any_names, max_size=5), any_names.filter(bool))
@example([[0], [2**61 - 1]], [0])
def test_many_windows_are_as_far_as_each_alone(windows: list[list[Hashable]], template: list[Hashable]) -> None:
    expected = [[edit_table(window, template)[-1][-1]] for window in windows]
    assert distances(windows, [template]).tolist() == expected


def test_nothing_cannot_be_compared_with_nothing() -> None:
    for measure in (edit_distance, lcs):
        with pytest.raises(UsageError, match="both sequences are empty") as caught:
            measure([], "")
        assert caught.value.hint


@pytest.mark.parametrize("names", [[[1], [2]], np.zeros((2, 2)), [{}]])
def test_what_cannot_be_hashed_is_no_name(names: Any) -> None:
    for measure in (edit_distance, lcs):
        with pytest.raises(UsageError, match="what cannot be hashed is no name: unhashable type") as caught:
            measure(names, [1])
        assert caught.value.hint == "give numbers, texts or tuples of them"
