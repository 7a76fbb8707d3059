"""Which part of a curve of divergence is straight: from where neighbours are near until they fill the attractor."""

import numpy as np

from midstream_cli.attractor.exponents.divergence import Region
from midstream_cli.frames import Float64

RISEN = 0.7
"""The share of the whole rise at which the region ends."""

SETTLED = 2
"""Steps of a map until neighbours lie along the direction that grows fastest."""


def straight(curve: Float64, period: float) -> Region:
    """The straight part of a curve, and its slope by least squares.

    It begins at once where there is a period, and after two steps of a map; it ends where seven tenths of the rise to the
    level of the curve's last quarter are done, but is at least a period or two steps long.

    Args:
        curve: nats, by samples.
        period: samples; nan for a map.
    """
    flow = np.isfinite(period)
    known = np.flatnonzero(np.isfinite(curve))
    if len(known) < 2:
        return Region(0, 0, 0.0, 0.0)
    begin, least = (0, round(period)) if flow else (SETTLED, 2)
    last = int(known[-1])
    level = max(float(np.median(curve[known[-max(len(known) // 4, 1) :]])), curve[known[0]] + 0.1)
    risen = known[curve[known] >= curve[known[0]] + RISEN * (level - curve[known[0]])]
    end = min(max(int(risen[0]) if len(risen) else last, begin + least), last)
    begin = min(begin, max(0, end - least))
    taken = known[(known >= begin) & (known <= end)]
    slope, start = np.polyfit(taken, curve[taken], 1) if len(taken) > 1 else (0.0, float(curve[known[0]]))
    return Region(begin, end, float(slope), float(start))
