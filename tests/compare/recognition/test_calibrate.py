"""Thresholds bring as few false alarms as they promise, on backgrounds whose rate of false alarms is known."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.compare.recognition.calibrate import (
    LEAST,
    Peaks,
    Tail,
    come_evenly,
    counted_at_most,
    threshold,
)
from midstream_cli.compare.recognition.recogniser import Recogniser
from midstream_cli.compare.signatures.signature import Background, Signature
from midstream_cli.frames import Float64
from strategies import seeds, some

STRETCHES_A_DAY = 86_400 * 32 // 64


def peaks_of(days: float, slope: float, random: np.random.Generator) -> Float64:
    """The highest of each stretch of noise: heights beyond which peaks are as rare as exp(-slope h)."""
    heights: Float64 = (math.log(3.0) + random.gumbel(size=round(days * STRETCHES_A_DAY))) / slope
    return heights[heights > 0]


def rate_of(evidence: float, slope: float) -> float:
    """How many of them a day truly reach a height."""
    return STRETCHES_A_DAY * -math.expm1(-3.0 * math.exp(-slope * evidence))


# peaks


def slow_peaks(values: Float64, apart: int) -> list[tuple[int, float]]:
    """The highest of each stretch, one by one, without those within a stretch of a higher neighbour."""
    highest = []
    for begin in range(0, len(values), apart):
        stretch = values[begin : begin + apart].tolist()
        highest.append((begin + stretch.index(max(stretch)), max(stretch)))
    kept = []
    for i, (at, height) in enumerate(highest):
        before = i > 0 and at - highest[i - 1][0] < apart and highest[i - 1][1] >= height
        after = i + 1 < len(highest) and highest[i + 1][0] - at < apart and highest[i + 1][1] > height
        if height > 0 and not before and not after:
            kept.append((at, height))
    return kept


@some
@given(seeds, st.integers(0, 200), st.integers(1, 30), st.lists(st.integers(0, 200), max_size=5))
def test_peaks_are_the_highest_of_each_stretch_however_a_series_is_cut(
    seed: int, n: int, apart: int, cuts: list[int]
) -> None:
    random = np.random.default_rng(seed)
    values = np.maximum(0.0, random.normal(0, 2, n)).round(1)
    peaks = Peaks(apart)
    for piece in np.split(values, sorted(min(cut, n) for cut in cuts)):
        peaks.push(piece)
    positions, heights = peaks.found()
    assert list(zip(positions.tolist(), heights.tolist(), strict=True)) == slow_peaks(values, apart)
    assert peaks.taken == n
    assert (np.diff(positions) >= apart).all()


# thresholds


@pytest.mark.parametrize("slope", [1.0, 0.5, 0.25])
@pytest.mark.parametrize(("hours", "per_day"), [(0.5, 24.0), (2.0, 24.0), (6.0, 2.0), (24.0, 24.0)])
def test_the_true_rate_is_what_was_asked_for_and_within_its_bound_nine_times_in_ten(
    slope: float, hours: float, per_day: float
) -> None:
    random = np.random.default_rng(7)
    rates, within = [], []
    for _ in range(60):
        found = threshold(peaks_of(hours / 24, slope, random), hours / 24, per_day)
        assert found.measured == (hours == 24.0)
        assert found.per_day == pytest.approx(per_day, rel=1e-6)
        rates.append(rate_of(found.evidence, slope))
        within.append(rates[-1] <= found.per_day_high)
    # of 60, 90 % less three standard errors
    assert np.mean(within) > 0.9 - 3 * math.sqrt(0.09 / 60)
    assert 0.5 * per_day < np.mean(rates) < 1.35 * per_day


@pytest.mark.parametrize("slope", [1.5, 4.0])
def test_no_tail_is_taken_for_steeper_than_one_per_nat(slope: float) -> None:
    heights = peaks_of(1 / 24, slope, np.random.default_rng(3))
    found, tail = threshold(heights, 1 / 24, 1.0), Tail.of(heights)
    beyond = max(found.evidence, tail.begin)
    assert tail.expected(beyond + 1.0) / tail.expected(beyond) == pytest.approx(math.exp(-1), rel=1e-3)
    assert found.evidence >= min(LEAST, math.log(STRETCHES_A_DAY))
    assert rate_of(found.evidence, slope) < 1.0


def test_a_tail_that_gets_flatter_is_followed_where_it_is_flat() -> None:
    random = np.random.default_rng(11)
    heights = np.concatenate([peaks_of(1.0, 1.0, random), 6.0 + random.exponential(8.0, 12)])
    tail = Tail.of(heights)
    assert 1 / np.median(tail.slopes) > 4.0
    assert threshold(heights, 1.0, 0.1).evidence > 25.0


def test_two_motions_among_noise_are_no_noise() -> None:
    random = np.random.default_rng(12)
    for _ in range(20):
        heights = np.append(peaks_of(10 / 1440, 1.0, random), [140.0, 130.0])
        assert threshold(heights, 10 / 1440, 12.0).evidence > 130.0


@pytest.mark.parametrize("accepted", [(0.1, 1.0, 10.0, 39.0), (40.0, 41.0, 100.0, 1e4, 1e9)])
def test_the_more_false_alarms_are_accepted_the_less_is_asked_for(accepted: tuple[float, ...]) -> None:
    heights = peaks_of(0.25, 1.0, np.random.default_rng(5))
    asked = [threshold(heights, 0.25, per_day) for per_day in accepted]
    assert len({each.measured for each in asked}) == 1
    assert [each.evidence for each in asked] == sorted((each.evidence for each in asked), reverse=True)
    assert (asked[-1].evidence == LEAST) == (accepted[-1] == 1e9)


def test_the_same_peaks_in_a_longer_time_ask_for_less() -> None:
    heights = peaks_of(0.25, 1.0, np.random.default_rng(5))[:20]
    short, longer = (threshold(heights, hours / 24, 24.0).evidence for hours in (0.1, 1.0))
    assert longer < short


def test_too_few_peaks_ask_for_as_much_as_usual_and_none_for_the_least_once_that_is_counted() -> None:
    few, none = np.array([2.0, 3.0, 2.5]), np.empty(0)
    for heights in (few, none):
        assert threshold(heights, 1 / 24, 24.0, usual=12.0).evidence == 12.0
        assert not threshold(heights, 1 / 24, 24.0, usual=12.0).measured
    counted = threshold(none, 1.0, 24.0, usual=12.0)
    assert (counted.evidence, counted.per_day, counted.measured) == (LEAST, 0.0, True)
    assert counted.per_day_high == pytest.approx(math.log(10.0))
    # three that are high are three motions, and no noise
    assert threshold(few + 200.0, 1 / 24, 24.0, usual=12.0).evidence > 200.0


def test_equal_peaks_are_reached_by_all_of_them() -> None:
    found = threshold(np.full(40, 7.0), 1.0, 24.0)
    assert (found.evidence, found.per_day, found.measured) == (7.0, 24.0, True)


@pytest.mark.parametrize(("count", "bound"), [(0, 2.303), (1, 3.890), (3, 6.681), (10, 15.407)])
def test_bounds_of_counts_are_those_of_the_tables(count: float, bound: float) -> None:
    assert counted_at_most(count) == pytest.approx(bound, abs=5e-4)


# steadiness


def test_peaks_that_crowd_together_do_not_come_evenly() -> None:
    random, wrong = np.random.default_rng(2), 0
    for _ in range(200):
        positions = np.sort(random.choice(100_000, 400, replace=False))
        heights = random.exponential(1.0, 400)
        wrong += not come_evenly(positions, heights, 100_000)
        assert not come_evenly(positions, np.where(positions > 70_000, heights + 9.0, heights), 100_000)
    assert wrong <= 2  # one in a thousand
    assert come_evenly(np.array([5]), np.array([3.0]), 100_000)


# the whole: noise, a recogniser, its peaks, a threshold, and fresh noise


def correlated(n: int, dims: int, share: float, random: np.random.Generator) -> Float64:
    """Normal noise that is like its predecessor to such a share."""
    from scipy.signal import lfilter

    steps = random.normal(0, math.sqrt(1 - share**2), (n, dims))
    found: Float64 = lfilter([1.0], [1.0, -share], steps, axis=0)
    return found


@pytest.mark.parametrize("share", [0.0, 0.8])
def test_fresh_hours_bring_as_many_false_alarms_as_promised(share: float) -> None:
    random, rate_hz, dims, length = np.random.default_rng(21), 32.0, 4, 32
    background = Background.of(correlated(4000, dims, share, random), "noise", 125.0)
    shapes = [random.normal(0, 0.4, (length, dims)).cumsum(axis=0) for _ in range(2)]
    far = [
        Signature(str(i), str(i), shape, background=background, rate_hz=rate_hz, evidence_threshold=100.0)
        for i, shape in enumerate(shapes)
    ]
    hours, fresh, per_day = 1.0, 4.0, 480.0

    def heights(over_hours: float) -> list[Float64]:
        recogniser = Recogniser(far, rate_hz=rate_hz, false_alarms_per_day=2 * per_day)
        evidence = recogniser.trace(correlated(round(over_hours * 3600 * rate_hz), dims, share, random))
        found = []
        for i in range(2):
            peaks = Peaks(length)
            peaks.push(np.ascontiguousarray(evidence[:, i]))
            found.append(peaks.found()[1])
        return found

    thresholds = [threshold(each, hours / 24, per_day) for each in heights(hours)]
    assert all(each.measured for each in thresholds)
    for each, own in zip(thresholds, heights(fresh), strict=True):
        alarms = int((own >= each.evidence).sum())
        # what is counted wavers, too: by three standard errors at most
        assert alarms <= each.per_day_high * fresh / 24 + 3 * math.sqrt(each.per_day_high * fresh / 24)
        if each.evidence > LEAST:
            assert alarms >= 0.5 * per_day * fresh / 24
    calibrated = [replace(s, evidence_threshold=each.evidence) for s, each in zip(far, thresholds, strict=True)]
    told = Recogniser(calibrated, rate_hz=rate_hz, false_alarms_per_day=2 * per_day).extend(
        correlated(round(fresh * 3600 * rate_hz), dims, share, random)
    )
    promised = sum(each.per_day_high for each in thresholds) * fresh / 24
    assert len(told) <= promised + 3 * math.sqrt(promised)
