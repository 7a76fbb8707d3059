"""Slow, obvious versions of the chain from frames to vectors, written from the docstrings alone."""

from itertools import pairwise
from statistics import median
from typing import Any

import numpy as np

from midstream_cli.frames import Float64, Int64
from midstream_cli.recordings import Recording
from midstream_cli.streams import features
from midstream_cli.streams.despike import SIGMA_PER_MAD, THRESHOLD_SIGMA
from midstream_cli.streams.grid import LONGEST_BRIDGE_NS

Points = list[tuple[int, list[float]]]
"""Times with their vectors."""


def hampel_of(column: list[float], half: int) -> list[float]:
    """Each value against the median of its neighbours; beyond the ends stand the outermost values."""
    padded = [column[0]] * half + column + [column[-1]] * half
    cleaned = []
    for i, value in enumerate(column):
        window = padded[i : i + 2 * half + 1]
        middle = median(window)
        spread = SIGMA_PER_MAD * median([abs(each - middle) for each in window])
        cleaned.append(middle if abs(value - middle) > THRESHOLD_SIGMA * spread else value)
    return cleaned


def despiked(rows: Float64, half: int) -> Float64:
    """The running Hampel filter over rows of shape (n, dims)."""
    return np.array([hampel_of(column, half) for column in rows.T.tolist()]).T


def gridded(at: Int64, rows: Float64, rate_hz: float) -> Points:
    """Means of the rows of each slot, straight lines over short silences, nothing over long ones."""
    period, latest = round(1e9 / rate_hz), 0
    slots: dict[int, list[list[float]]] = {}
    for time_ns, row in zip(at.tolist(), rows.tolist(), strict=True):
        latest = max(latest, (time_ns - int(at[0])) // period)
        slots.setdefault(latest, []).append(row)
    means = {}
    for slot, members in slots.items():
        sums = [0.0] * rows.shape[1]
        for row in members:
            sums = [a + b for a, b in zip(sums, row, strict=True)]
        means[slot] = [value / len(members) for value in sums]
    filled = {}
    for left, right in pairwise(sorted(means)):
        steps = right - left
        if steps * period <= LONGEST_BRIDGE_NS:
            for i in range(1, steps):
                ends = zip(means[left], means[right], strict=True)
                filled[left + i] = [a + i / steps * (b - a) for a, b in ends]
    every = means | filled
    return [(int(at[0]) + slot * period + period // 2, every[slot]) for slot in sorted(every)]


def summarised(points: Points, module: Any, rate_hz: float) -> Points:
    """A feature of the change in time, one sliding window after the other."""
    period, samples = round(1e9 / rate_hz), round(module.SUMMARY_S * rate_hz)
    found = []
    for i in range(len(points) - samples + 1):
        window = points[i : i + samples]
        first, last = window[0][0], window[-1][0]
        if last - first == (samples - 1) * period:
            values = np.ascontiguousarray(np.array([row for _, row in window]).T[None])
            found.append(((first + last) // 2, module.summarise(values, rate_hz)[0].tolist()))
    return found


def vectors_of(recording: Recording, feature: str, parameters: Any = None, rate_hz: float = 32.0) -> Points:
    """The vectors of a whole recording of one link."""
    module: Any = features.load(feature)
    if module.KIND == "token":
        recording = recording.take(np.array([text != "" for text in recording.text], np.bool_))  # type: ignore[union-attr]
    if len(recording) == 0:
        return []
    look = recording.take(slice(64))
    parameters = module.fit(look) if parameters is None else parameters
    rows = module.vectors(recording, parameters)
    if module.KIND != "csi":
        context = getattr(module, "CONTEXT", 0)
        at = recording.time_ns.tolist() if recording.info.clock != "none" else list(range(-context, len(rows)))
        return list(zip(at[context:], rows.tolist()[context:], strict=False))
    passed_s = int(look.time_ns[-1] - look.time_ns[0]) / 1e9
    frame_rate = (len(look) - 1) / passed_s if passed_s > 0 else 0.0
    half = min(max(1, round(0.09 * frame_rate)), 16)
    points = gridded(recording.time_ns, despiked(rows, half), rate_hz)
    return summarised(points, module, rate_hz) if hasattr(module, "summarise") else points
