"""What is given as numbers: every way to hold them is understood, and what is something else is refused."""

import math
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from midstream_cli.compare import Spring, barycenter, cluster, dtw, euclidean, find, pairwise, soft_dtw, transformed
from midstream_cli.compare.live.sliding import SlidingWindow
from midstream_cli.compare.many.pairwise import pairwise as matrix_of
from midstream_cli.compare.names.interning import numbers_of
from midstream_cli.compare.warping.values import numbers
from midstream_cli.errors import UsageError

PLAIN = np.array([0.0, 1.0, 2.0, 3.0, 1.0])
OTHER = np.array([0.0, 2.0, 2.0, 1.0])


class Own(np.ndarray[Any, Any]):
    """Somebody's own kind of array."""


def unaligned(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The same between the bytes of words."""
    found = np.ndarray(values.shape, values.dtype, np.empty(values.nbytes + 1, np.uint8), 1)
    found[...] = values
    return found


def mapped(folder: Path, values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The same in a file."""
    found = np.memmap(folder / "values", values.dtype, "w+", shape=values.shape)
    found[...] = values
    return found


def ways(folder: Path, values: np.ndarray[Any, Any]) -> dict[str, Any]:
    """The same numbers, held otherwise."""
    return {
        "unaligned": unaligned(values),
        "in a file": mapped(folder, values),
        "of a subclass": values.view(Own),
        "masked nowhere": np.ma.array(values),
        "apart": np.repeat(values, 2)[::2],
        "backwards": values[::-1].copy()[::-1],
        "of another byte order": values.astype(values.dtype.newbyteorder()),
        "objects": values.astype(object),
        "listed": values.tolist(),
        "short": values.astype(np.float32),
    }


CALLS: dict[str, Callable[[Any], Any]] = {
    "dtw": lambda x: dtw(x, OTHER),
    "the path of dtw": lambda x: dtw(x, OTHER, alignment=True, window=3),
    "asymmetric": lambda x: dtw(x, PLAIN, step_pattern="asymmetric"),
    "soft-DTW": lambda x: soft_dtw(x, OTHER).value,
    "euclidean": lambda x: euclidean(x, PLAIN),
    "find": lambda x: find(OTHER, x),
    "pairwise": lambda x: pairwise([x, OTHER]),
    "barycenter": lambda x: barycenter([x, OTHER, PLAIN]),
    "Spring": lambda x: Spring([OTHER]).extend(x),
    "a signature of Spring": lambda x: Spring([x]).extend(OTHER),
    "SlidingWindow": lambda x: SlidingWindow([OTHER]).extend(x),
}


@pytest.mark.parametrize("name", CALLS)
def test_numbers_may_be_held_in_any_way(name: str, tmp_path: Path) -> None:
    expected = repr(CALLS[name](PLAIN))
    for way, values in ways(tmp_path, PLAIN).items():
        assert repr(CALLS[name](values)) == expected, way


BAD = {
    "text": "abc",
    "texts": ["1", "2", "3"],
    "bytes": b"abc",
    "complex": np.array([1.0, 2.0 + 1.0j]),
    "times": np.array(["2020-01-01", "2020-01-02"], "M8[D]"),
    "spans": np.array([1, 2], "m8[s]"),
    "records": np.zeros(3, [("a", "f8")]),
    "ragged": [[1.0], [1.0, 2.0]],
    "a set": {1.0, 2.0},
    "too large": [10**400, 1],
    "objects": [object(), object()],
    "three axes": np.zeros((2, 2, 2)),
    "a number": 3.0,
    "nothing": None,
    "rounded": np.array([2**60 + 1, 2**60], np.int64),
    "rounded too": np.array([2**63 + 1, 0], np.uint64),
}


@pytest.mark.parametrize("kind", BAD)
@pytest.mark.parametrize("name", CALLS)
def test_what_is_something_else_is_refused_with_advice(name: str, kind: str) -> None:
    with pytest.raises(UsageError) as caught:
        CALLS[name](BAD[kind])
    assert caught.value.hint


def test_whole_numbers_that_are_doubles_are_not_refused() -> None:
    assert numbers([2**60, -(2**60)], "it").tolist() == [2.0**60, -(2.0**60)]
    assert numbers(np.array([2**63], np.uint64), "it").tolist() == [2.0**63]


def test_what_is_masked_is_missing() -> None:
    masked = np.ma.array([0.0, 0.0, 2.0, 2.0, 1.0], mask=[True, False, False, False, False])
    with pytest.raises(UsageError, match="not finite, at position 0"):
        dtw(masked, OTHER)
    spring = Spring([OTHER], threshold=0.1)
    assert spring.extend(masked) + spring.finish() == [(0, 1, 5, 0.0, 0.0, 5)]


def test_what_is_transformed_by_nothing_is_a_copy() -> None:
    values = PLAIN.copy()
    transformed(values, [])[0] = 9.0
    assert values.tolist() == PLAIN.tolist()


@pytest.mark.parametrize("convention", [None, "dtw-python", "dtaidistance", "tslearn"])
def test_a_window_wider_than_any_sequence_allows_every_path(convention: Any) -> None:
    for window in (sys.maxsize, 2**70, 1e300):
        wide = dtw(PLAIN, OTHER, convention=convention, window=window)
        assert wide.distance == dtw(PLAIN, OTHER, convention=convention).distance
        assert (
            matrix_of([PLAIN, OTHER], convention=convention, window=window)
            == matrix_of([PLAIN, OTHER], convention=convention)
        ).all()


@pytest.mark.parametrize("window", [math.nan, math.inf, 1.5])
def test_a_window_that_is_no_whole_number_is_refused(window: Any) -> None:
    for call in (
        lambda: dtw(PLAIN, OTHER, window=window),
        lambda: dtw(PLAIN, OTHER, window=window, convention="tslearn"),
        lambda: pairwise([PLAIN, OTHER], window=window),
        lambda: find(OTHER, PLAIN, window=window),
        lambda: find(OTHER, PLAIN, window=window, normalise=True),
        lambda: Spring([OTHER], window=window),
        lambda: SlidingWindow([OTHER], window=window),
        lambda: SlidingWindow([OTHER], length=window),
    ):
        with pytest.raises(UsageError, match="window of"):
            call()


def test_whole_numbers_as_names_are_plain_arrays(tmp_path: Path) -> None:
    names = np.array([3, 1, 4, 1, 5])
    held = ways(tmp_path, names) | {"of the other type": names.astype(np.longlong), "bits": names.astype(np.uint8)}
    for way, given in held.items():
        found = numbers_of(given)
        if way not in ("masked nowhere", "objects"):
            assert type(found) is np.ndarray, way
            assert found.dtype.num == np.dtype(np.int64).num, way
            assert found.flags.c_contiguous, way
            assert found.flags.aligned, way
            assert found.tolist() == names.tolist(), way
    assert numbers_of(np.ma.array(names)) is None


@pytest.mark.parametrize("tiny", [1e-160, 3e-161, 1e-161])
def test_a_distance_that_would_lose_digits_near_zero_is_refused(tiny: float) -> None:
    for call in (
        lambda: dtw([tiny], [0.0], metric="squared"),
        lambda: pairwise([[tiny], [0.0]], metric="squared"),
        lambda: euclidean([[5e-324, 5e-324]], [[0.0, 0.0]]),
        lambda: dtw([[5e-324, 5e-324]], [[0.0, 0.0]]),
    ):
        with pytest.raises(UsageError, match="too near"):
            call()
    assert dtw([tiny], [0.0]).distance == tiny


@pytest.mark.parametrize("squared", [False, True])
@pytest.mark.parametrize("huge", [1.0, 1e-60, 1e60, 1e150, 1e200, 1e300, 1.7e308])
def test_what_little_differs_beside_huge_numbers_counts(huge: float, squared: bool) -> None:
    convention: Any = "tslearn" if squared else None
    for tiny in (1e-95, 1e-150, 1e-170, 1e-200, 1e-290, 1e-310):
        for a, b, expected in (
            ([huge, tiny, huge], [huge, 0.0, huge], 1.0),
            ([-huge, -tiny, 0.9 * huge], [-huge, tiny, 0.9 * huge], 2.0),
        ):
            if not squared:
                expected *= 2.0
            if tiny < 1e-80 * huge:
                assert dtw(a, b, convention=convention).distance == pytest.approx(expected * tiny, rel=1e-9, abs=0.0)
                found = pairwise([a, b], convention=convention, normalised=False)[0, 1]
                assert found == pytest.approx(expected * tiny, rel=1e-9, abs=0.0)


def test_numbers_far_apart_in_size_warn_of_nothing() -> None:
    huge, tiny = [[-8.7e153]], [[-1.3e-308], [-1e-308]]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert pairwise([tiny, huge, tiny], normalised=False)[0, 2] == 0.0


def test_groups_of_huge_distances_are_those_of_ordinary_ones() -> None:
    ordinary = np.array([[0.0, 1.0, 9.0, 9.0], [1.0, 0.0, 9.0, 9.0], [9.0, 9.0, 0.0, 2.0], [9.0, 9.0, 2.0, 0.0]])
    huge = cluster(np.ldexp(ordinary, 1020), distance=2.0**1022)
    assert huge.labels.tolist() == cluster(ordinary, distance=4.0).labels.tolist()
    assert (huge.merges[:, 2] == np.ldexp(cluster(ordinary).merges[:, 2], 1020)).all()
