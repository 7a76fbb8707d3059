"""Thresholds: monotone, and kept to by what they were made for."""

import math

import pytest

from midstream_cli.attractor.change.thresholds import log_rate, threshold
from midstream_cli.errors import UsageError


@pytest.mark.parametrize("channels", [1, 2, 5, 52, 128, 1000])
def test_fewer_false_alarms_want_a_higher_threshold(channels: int) -> None:
    heights = [threshold(channels, log_rate(each, 30.0)) for each in (30.0, 10.0, 1.0, 0.1, 0.01)]
    assert heights == sorted(heights)
    # a normal number that the most of some eighteen numbers exceeds once in 108,000 frames
    assert 4.2 < heights[2] < 5.0


def test_between_the_channels_of_the_table_thresholds_are_between() -> None:
    at = log_rate(1.0, 30.0)
    low, high = sorted([threshold(32, at), threshold(64, at)])
    assert low <= threshold(52, at) <= high


def test_a_rate_is_of_frames() -> None:
    assert log_rate(1.0, 30.0) == pytest.approx(-math.log(108_000))
    assert log_rate(1.0, 100.0) < log_rate(1.0, 30.0) < log_rate(2.0, 30.0)


@pytest.mark.parametrize(("alarms", "rate"), [(0.0, 30.0), (1.0, -1.0), (math.inf, 30.0), (1.0, math.nan)])
def test_no_rate_is_refused(alarms: float, rate: float) -> None:
    with pytest.raises(UsageError, match="is no rate"):
        log_rate(alarms, rate)
