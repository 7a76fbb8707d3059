"""What the lines of a recurrence matrix say, from how many have each length."""

import numpy as np

from midstream_cli.frames import Float64, Int64


def share_in_lines(lines: Int64, least: int) -> float:
    """The share of recurrences that stand in lines of at least a length; 0 where there are none.

    Args:
        lines: how many lines have each length, from 0 on.
    """
    points = lines * np.arange(len(lines))
    total = int(points.sum())
    return int(points[least:].sum()) / total if total else 0.0


def mean_length(lines: Int64, least: int) -> float:
    """The mean length of lines of at least a length; 0 where there are none."""
    number = int(lines[least:].sum())
    return int((lines * np.arange(len(lines)))[least:].sum()) / number if number else 0.0


def longest(lines: Int64) -> int:
    """The length of the longest line; 0 where there is none."""
    held = np.flatnonzero(lines)
    return int(held[-1]) if len(held) else 0


def entropy(lines: Int64, least: int) -> float:
    """Shannon's entropy of the lengths of lines of at least a length, in nats."""
    held = lines[least:][lines[least:] > 0]
    if not len(held):
        return 0.0
    p = held / held.sum()
    return max(0.0, -float((p * np.log(p)).sum()))


def trend(rates: Float64) -> float:
    """By how much the recurrence rate falls or grows with the lag, per sample; the last tenth of the lags is left out.

    Args:
        rates: at lag 0, 1, 2, ...
    """
    used = rates[1 : 1 + int(0.9 * len(rates))]
    if len(used) < 2:
        return 0.0
    lags = np.arange(len(used)) - (len(used) - 1) / 2
    return float(lags @ (used - used.mean()) / (lags @ lags))
