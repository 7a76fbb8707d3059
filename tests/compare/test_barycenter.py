"""The average of several takes: never worse than the best of them."""

from collections.abc import Sequence
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.compare.warping.barycenter import barycenter, median, medoid
from midstream_cli.compare.warping.dtw import dtw
from midstream_cli.errors import UsageError
from midstream_cli.frames import Float64
from strategies import few, seeds, some


def takes_of(seed: int, count: int, dims: int = 2, length: int = 16) -> list[Float64]:
    """The same movement done several times, now quicker, now slower, with noise."""
    random = np.random.default_rng(seed)
    takes = []
    for _ in range(count):
        n = int(length + random.integers(-3, 4))
        pace = np.sort(random.uniform(0, 1, n))
        takes.append(np.sin(2 * np.pi * pace[:, None] + np.arange(dims)) + random.normal(0, 0.1, (n, dims)))
    return takes


def total(average: Float64, takes: Sequence[Float64], window: int | None = None) -> float:
    return sum(dtw(average, take, window=window).distance for take in takes)


@few
@given(seeds, st.integers(1, 4))
def test_of_equal_takes_it_is_the_take(seed: int, count: int) -> None:
    take = takes_of(seed, 1)[0]
    assert barycenter([take.copy() for _ in range(count)]).tolist() == take.tolist()


@some
@given(seeds, st.integers(2, 5), st.sampled_from([None, 8]))
def test_it_is_as_near_to_all_takes_as_their_medoid_or_nearer(seed: int, count: int, window: int | None) -> None:
    takes = takes_of(seed, count)
    best, average = medoid(takes, window), barycenter(takes, window)
    assert average.shape == best.shape
    assert total(average, takes, window) <= total(best, takes, window)


@few
@given(seeds, st.integers(3, 6))
def test_single_odd_vectors_move_the_barycentre_and_hardly_the_median(seed: int, count: int) -> None:
    random = np.random.default_rng(seed)
    still = np.cumsum(random.normal(0, 1, (20, 2)), axis=0)
    takes = [still + random.normal(0, 0.5, still.shape) for _ in range(count)]
    for take, at in zip(takes, random.permutation(20), strict=False):
        take[at] += 30.0
    assert np.abs(barycenter(takes, 0) - still).max() > 4
    assert np.abs(median(takes, 0) - still).max() < 2


@few
@given(seeds, st.integers(1, 5))
def test_the_median_is_of_what_is_aligned_with_the_barycentre(seed: int, count: int) -> None:
    takes = takes_of(seed, count)
    average, parts = barycenter(takes), []
    for take in takes:
        path = dtw(average, take, alignment=True).path
        assert path is not None
        parts.append([np.mean([take[j] for i, j in path if i == at], axis=0) for at in range(len(average))])
    np.testing.assert_allclose(median(takes), np.median(parts, axis=0), rtol=1e-12)
    assert median([take[:, 0] for take in takes]).ndim == 1


def test_it_is_nearer_than_the_medoid_where_takes_are_noisy() -> None:
    takes = takes_of(1, 5)
    assert total(barycenter(takes), takes) < 0.95 * total(medoid(takes), takes)


@some
@given(seeds, st.integers(2, 5))
def test_the_medoid_is_the_take_with_the_least_sum_of_distances(seed: int, count: int) -> None:
    takes = takes_of(seed, count)
    sums = [sum(dtw(a, b).normalised for b in takes) for a in takes]
    assert medoid(takes) is takes[sums.index(min(sums))]


@few
@given(seeds)
def test_the_same_takes_give_the_same_average(seed: int) -> None:
    takes = takes_of(seed, 4)
    assert barycenter(takes).tolist() == barycenter([take.copy() for take in takes]).tolist()


@few
@given(seeds)
def test_the_order_of_the_takes_hardly_matters(seed: int) -> None:
    takes = takes_of(seed, 3)
    totals = [total(barycenter(order), takes) for order in permutations(takes)]
    assert max(totals) <= min(totals) * (1 + 1e-9)


def test_the_window_holds_for_every_alignment() -> None:
    takes = [np.sin(np.arange(20.0) + shift)[:, None] for shift in (0.0, 1.5, 3.0)]
    narrow, wide = barycenter(takes, 0), barycenter(takes)
    # without warping, an average is the mean position by position
    assert total(narrow, takes, 0) <= total(np.mean(takes, axis=0), takes, 0)
    assert np.abs(narrow - wide).max() > 0.1


@pytest.mark.parametrize("count", [1, 3])
def test_takes_are_left_as_they_were(count: int) -> None:
    takes = takes_of(3, count)
    before = [take.copy() for take in takes]
    average = barycenter(takes)
    average += 1.0
    assert all((a == b).all() for a, b in zip(takes, before, strict=True))


def test_takes_of_numbers_have_an_average_of_numbers() -> None:
    takes = [[0, 1, 2, 1], [0, 0, 1, 4, 1]]
    vectors = [np.array(take, np.float64)[:, None] for take in takes]
    assert barycenter(takes).tolist() == barycenter(vectors)[:, 0].tolist()
    assert barycenter(takes[:1]).tolist() == [0.0, 1.0, 2.0, 1.0]
    assert barycenter(list(np.ones((3, 4, 2)))).tolist() == np.ones((4, 2)).tolist()
    with pytest.raises(UsageError, match="nothing to average"):
        medoid([])


@pytest.mark.parametrize(
    ("takes", "window", "said"),
    [
        ([], None, "nothing to average"),
        ([np.full((4, 1), np.nan)], None, "not finite"),
        ([np.zeros((9, 1)), np.zeros((4, 1))], 2, "allows no path"),
        ([np.zeros((4, 1)), np.zeros((4, 2))], None, "dimensions"),
        ([np.zeros((4, 1)), np.full((4, 1), np.nan)], None, "not finite"),
    ],
)
def test_takes_that_cannot_be_averaged_are_refused_with_advice(
    takes: list[Float64], window: int | None, said: str
) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        barycenter(takes, window)
    assert caught.value.hint
