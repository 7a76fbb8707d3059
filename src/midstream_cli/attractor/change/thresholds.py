"""Which height of the statistic is worth so many false alarms an hour, where idle frames are white and normal.

From a table that `scripts/onset_thresholds.py` makes by simulation: for so many channels, the logarithm of alarms a frame
as a polynomial of the threshold. Beyond the frames that were simulated, the polynomial is continued.
"""

import json
import math
from functools import cache
from importlib import resources
from typing import Any

from midstream_cli.errors import UsageError

CLUSTER = 3.0
"""Frames beyond the threshold an alarm, about: frames that follow one another share most of what they look at."""

LOWEST, HIGHEST = 2.5, 12.0


@cache
def _table() -> dict[str, Any]:
    text = resources.files("midstream_cli.attractor.change").joinpath("thresholds.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def log_rate(false_alarms_per_hour: float, rate_hz: float) -> float:
    """The logarithm of alarms a frame.

    Raises:
        UsageError: there is no such rate.
    """
    if not (0 < rate_hz < math.inf and 0 < false_alarms_per_hour < math.inf):
        raise UsageError(
            f"{false_alarms_per_hour} false alarms an hour at {rate_hz} frames a second is no rate",
            "give two positive numbers, such as 1 and 30",
        )
    share = false_alarms_per_hour / (3600 * rate_hz)
    if share > 0.01:
        raise UsageError(
            f"{false_alarms_per_hour} false alarms an hour are more than one in a hundred frames", "allow fewer"
        )
    return math.log(share)


def threshold(channels: int, log_rate: float) -> float:
    """The statistic that white normal frames exceed so rarely; between the channels of the table, by their logarithm."""
    known = [(each["channels"], each["log_rate"]) for each in _table()["rows"]]
    heights = [_height(polynomial, log_rate) for _, polynomial in known]
    places = [math.log(each) for each, _ in known]
    at = math.log(channels)
    for (left, low), (right, high) in zip(
        zip(places, heights, strict=True), zip(places[1:], heights[1:], strict=False), strict=False
    ):
        if at <= right:
            return low + (high - low) * max(0.0, at - left) / (right - left)
    return heights[-1]


def _height(polynomial: list[float], log_rate: float) -> float:
    """Where the polynomial, which falls, comes down to a rate."""
    low, high = LOWEST, HIGHEST
    for _ in range(60):
        middle = 0.5 * (low + high)
        if sum(factor * middle**power for power, factor in enumerate(polynomial)) > log_rate:
            low = middle
        else:
            high = middle
    return high
