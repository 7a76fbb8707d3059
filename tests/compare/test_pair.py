"""Two sequences compared as wholes: the right kernel for what they are, and one row of result."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from midstream_cli.compare.method import ALGORITHMS, Algorithm, Method
from midstream_cli.compare.named import Named
from midstream_cli.compare.pair import compare
from midstream_cli.compare.warping.dtw import dtw
from midstream_cli.errors import UsageError


def measured(name: str, values: Sequence[float] | Any, feature: str = "bands8") -> Named:
    return Named(name, feature, np.asarray(values, np.float64).reshape(len(values), -1))


def words(name: str, values: Sequence[int], **changed: Any) -> Named:
    return Named(name, "token-ids", np.array(values, np.float64)[:, None], **({"categorical": True} | changed))


def test_measured_numbers_are_aligned_by_dtw_unless_told_otherwise() -> None:
    a, b = measured("a", [0.0, 2.0, 3.0]), measured("b", [0.0, 2.0, 2.0])
    row = compare(a, b)
    assert (row.a, row.b, row.feature, row.algorithm, row.length_a, row.length_b) == ("a", "b", "bands8", "dtw", 3, 3)
    assert (row.distance, row.normalised) == (1.0, 1.0 / 6)
    assert row.alignment == [[0, 0], [1, 1], [1, 2], [2, 2]]
    assert compare(a, b, Method("dtw", window=0)).distance == dtw(a.values, b.values, window=0).distance == 2.0


def test_euclidean_compares_position_by_position() -> None:
    row = compare(measured("a", [0.0, 0.0]), measured("b", [3.0, 4.0]), Method("euclidean"))
    assert (row.algorithm, row.distance, row.alignment) == ("euclidean", 5.0, [[0, 0], [1, 1]])


def test_names_are_compared_by_edit_distance_unless_told_otherwise() -> None:
    a, b = words("a", [1, 2, 3, 4]), words("b", [2, 9, 4])
    row = compare(a, b)
    assert (row.algorithm, row.distance, row.normalised, row.alignment) == ("edit", 2.0, 0.5, [[1, 0], [3, 2]])
    common = compare(a, b, Method("lcs"))
    assert (common.algorithm, common.distance, common.alignment) == ("lcs", 2.0, [[1, 0], [3, 2]])


@pytest.mark.parametrize("first", [True, False])
def test_names_are_names_even_where_only_one_side_says_so(first: bool) -> None:
    row = compare(words("a", [1, 2], categorical=first), words("b", [1, 3], categorical=not first))
    assert (row.algorithm, row.distance) == ("edit", 1.0)


@pytest.mark.parametrize("algorithm", ["dtw", "euclidean"])
def test_names_are_not_measured(algorithm: Algorithm) -> None:
    with pytest.raises(UsageError, match="are names") as caught:
        compare(words("a", [1]), words("b", [1]), Method(algorithm))
    assert "edit or lcs" in caught.value.hint


@pytest.mark.parametrize("algorithm", ["lcs", "edit"])
def test_measured_numbers_are_no_names(algorithm: Algorithm) -> None:
    with pytest.raises(UsageError, match="hardly ever equal") as caught:
        compare(measured("a", [1.0]), measured("b", [1.0]), Method(algorithm))
    assert "dtw or euclidean" in caught.value.hint


def test_sequences_of_different_features_are_not_compared() -> None:
    with pytest.raises(UsageError, match="a holds bands8, b holds doppler") as caught:
        compare(measured("a", [1.0]), measured("b", [1.0], "doppler"))
    assert "--feature" in caught.value.hint
    with pytest.raises(UsageError, match="no named feature"):
        compare(measured("a", [1.0], ""), measured("b", [1.0]))


def test_sequences_of_different_rates_are_not_compared() -> None:
    slow, fast = (replace(measured(name, [1.0]), rate_hz=rate) for name, rate in (("a", 32.0), ("b", 64.0)))
    with pytest.raises(UsageError, match="a has 32 vectors a second, b 64") as caught:
        compare(slow, fast)
    assert "--rate" in caught.value.hint
    assert compare(slow, replace(slow, rate_hz=32.0 + 1e-12)).distance == 0.0
    assert compare(slow, replace(fast, rate_hz=None)).distance == 0.0


def test_an_algorithm_that_does_not_exist_is_refused() -> None:
    with pytest.raises(UsageError, match="'fastdtw'") as caught:
        Method("fastdtw")
    assert all(name in caught.value.hint for name in ALGORITHMS)
