"""Edit distance and longest common subsequence against the textbook tables."""

from collections.abc import Hashable, Sequence
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from midstream_cli.compare.edit import Edits, edit_distance, lcs, windows_to_template
from midstream_cli.errors import UsageError
from strategies import some

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
texts = st.text("abc", max_size=30)
pairs = st.one_of(*(st.tuples(names, names) for names in (few_ints, few_words, any_names, texts)))
Pair = tuple[Sequence[Hashable], Sequence[Hashable]]


def edit_twin(a: Sequence[Hashable], b: Sequence[Hashable]) -> int:
    """Wagner and Fischer's table, row by row."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        above = row
        row = [i]
        for j, y in enumerate(b, 1):
            row.append(min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (x != y)))
    return row[-1]


def lcs_twin(a: Sequence[Hashable], b: Sequence[Hashable]) -> int:
    row = [0] * (len(b) + 1)
    for x in a:
        above = row
        row = [0]
        for j, y in enumerate(b, 1):
            row.append(above[j - 1] + 1 if x == y else max(above[j], row[j - 1]))
    return row[-1]


def check_pairs_belong_together(found: Edits, a: Sequence[Hashable], b: Sequence[Hashable]) -> None:
    """Aligned elements are equal, and none is crossed."""
    path = found.path.tolist()
    assert all(a[i] == b[j] for i, j in path)
    assert all(i0 < i1 and j0 < j1 for (i0, j0), (i1, j1) in pairwise(path))


@some
@given(pairs.filter(any))
@example(([-1], [-2]))
@example(([0], [2**61 - 1]))
@example(([97], ["a"]))
@example(([], [1]))
@example(("kitten", "sitting"))
def test_edit_distance_is_the_textbooks(pair: Pair) -> None:
    a, b = pair
    found, expected = edit_distance(a, b), edit_twin(a, b)
    assert found.distance == expected
    assert found.normalised == expected / max(len(a), len(b))
    assert 0.0 <= found.normalised <= 1.0
    check_pairs_belong_together(found, a, b)
    # what is not aligned costs at least the longer of the two rests
    assert len(found.path) + expected >= max(len(a), len(b))


@some
@given(pairs.filter(any))
@example(([0], [2**61 - 1]))
@example(([97], ["a"]))
@example(([1, 2, 3], []))
def test_the_longest_common_subsequence_is_the_textbooks(pair: Pair) -> None:
    a, b = pair
    found, common, longest = lcs(a, b), lcs_twin(a, b), max(len(a), len(b))
    assert found.distance == longest - common
    assert found.normalised == (longest - common) / longest
    assert 0.0 <= found.normalised <= 1.0
    assert len(found.path) == common
    check_pairs_belong_together(found, a, b)


@some
@given(pairs.filter(any))
def test_both_are_symmetric_and_zero_exactly_for_equals(pair: Pair) -> None:
    a, b = pair
    for measure in (edit_distance, lcs):
        assert measure(a, b).distance == measure(b, a).distance
        assert (measure(a, b).distance == 0) == (list(a) == list(b))


@some
@given(st.lists(any_names, max_size=5), any_names.filter(bool))
@example([[0], [2**61 - 1]], [0])
def test_many_windows_are_as_far_as_each_alone(windows: list[list[Hashable]], template: list[Hashable]) -> None:
    expected = [edit_twin(window, template) / max(len(window), len(template)) for window in windows]
    assert windows_to_template(windows, template).tolist() == pytest.approx(expected, abs=1e-15)


def test_nothing_cannot_be_compared_with_nothing() -> None:
    for measure in (edit_distance, lcs):
        with pytest.raises(UsageError, match="both sequences are empty") as caught:
            measure([], "")
        assert caught.value.hint
