"""Many sequences of names against many: each pair is as far as it is alone."""

from collections.abc import Callable, Hashable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.compare.names import bit_parallel
from midstream_cli.compare.names.edit import edit_distance, lcs
from midstream_cli.compare.names.edit_batch import Algorithm, distances
from midstream_cli.errors import UsageError
from strategies import seeds, some
from textbook import edit_table, lcs_table

names = st.lists(st.sampled_from([-1, -2, 0, 2**61 - 1, 97, "a", "b", ("a", 1)]), max_size=8)

both_ways = pytest.mark.parametrize("compiled", [True, False], ids=["compiled", "rapidfuzz"])


def expected(a: Any, b: Any, algorithm: str) -> list[list[int]]:
    if algorithm == "edit":
        return [[edit_table(x, y)[-1][-1] for y in b] for x in a]
    return [[max(len(x), len(y)) - lcs_table(x, y)[-1][-1] for y in b] for x in a]


@both_ways
@pytest.mark.parametrize("algorithm", ["edit", "lcs"])
@some
@given(a=st.lists(names, min_size=1, max_size=6), b=st.lists(names, min_size=1, max_size=6))
def test_pairs_are_as_far_as_the_textbook_has_it(
    compiled: bool, algorithm: Algorithm, a: list[list[Hashable]], b: list[list[Hashable]]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bit_parallel, "compiled_pays", lambda *_: compiled)
        assert distances(a, b, algorithm).tolist() == expected(a, b, algorithm)
        assert distances(a, a, algorithm).tolist() == expected(a, a, algorithm)


@both_ways
@some
@given(
    seed=seeds,
    counts=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    longest=st.sampled_from([3, 64, 65, 150]),
    alphabet=st.sampled_from([1, 2, 64, 2000]),
    jobs=st.sampled_from([1, 2]),
    form=st.sampled_from(
        [
            lambda each: each,
            lambda each: each * 2**50 - 2**60,
            lambda each: each.astype(np.float32),
            lambda each: "".join(map(chr, each)),
        ]
    ),
)
def test_every_pair_is_as_far_as_it_is_alone(
    compiled: bool,
    seed: int,
    counts: tuple[int, int],
    longest: int,
    alphabet: int,
    jobs: int,
    form: Callable[[Any], Any],
) -> None:
    random = np.random.default_rng(seed)
    a, b = ([form(random.integers(0, alphabet, n)) for n in random.integers(1, longest + 1, count)] for count in counts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bit_parallel, "compiled_pays", lambda *_: compiled)
        edits, commons = distances(a, b, jobs=jobs), distances(a, b, "lcs", jobs=jobs)
        same = distances(a, a, jobs=jobs)
    for i, j in zip(random.integers(0, counts[0], 9), random.integers(0, counts[1], 9), strict=True):
        assert edits[i, j] == edit_distance(a[i], b[j]).distance
        assert commons[i, j] == lcs(a[i], b[j]).distance
        k = int(random.integers(counts[0]))
        assert same[i, k] == same[k, i] == edit_distance(a[i], a[k]).distance


def test_windows_of_a_stream_may_overlap(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = np.random.default_rng(0).integers(0, 5, 200)
    windows = np.lib.stride_tricks.sliding_window_view(stream, 20)
    apart = [stream[i : i + 20].tolist() for i in range(len(windows))]
    template = apart[50]
    for compiled in (True, False):
        monkeypatch.setattr(bit_parallel, "compiled_pays", lambda *_, compiled=compiled: compiled)
        found = distances(windows, [template])[:, 0]
        assert found.tolist() == [edit_table(window, template)[-1][-1] for window in apart]
        assert found[50] == 0


def test_sets_of_different_kinds_are_compared_by_what_is_equal() -> None:
    texts = ["ab", "ba"]
    listed: list[list[Hashable]] = [["a", "b"], [97, 98]]
    assert distances(texts, listed).tolist() == [[0, 2], [2, 2]]
    assert distances(np.array([[97, 98]]), listed).tolist() == [[2, 0]]
    assert distances([np.array([1, 2]), "ab"], [[1, 2], ["a", "b"]]).tolist() == [[0, 2], [2, 0]]


def test_none_of_one_set_are_no_distances() -> None:
    assert distances([], [[1]]).shape == (0, 1)
    assert distances([[1], [2]], []).shape == (2, 0)
    assert distances([[]], [[], [1]]).tolist() == [[0, 1]]


def test_an_algorithm_that_does_not_exist_is_told() -> None:
    with pytest.raises(UsageError, match="no algorithm for names is called 'dtw'") as caught:
        distances([[1]], [[1]], "dtw")  # type: ignore[arg-type]
    assert caught.value.hint == "known are edit, lcs"


def test_what_cannot_be_hashed_is_no_name_in_a_set() -> None:
    with pytest.raises(UsageError, match="what cannot be hashed is no name"):
        distances([[[1]]], [[1]])  # type: ignore[list-item]
