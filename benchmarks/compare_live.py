"""How long one frame takes where signatures are found in a stream while it flows: what a call costs, frame by frame."""

import time

import numpy as np

from compare_ours import spring_of
from compare_work import Numbers, walk
from midstream_cli.compare import Spring
from report import Report

FRAMES, SEGMENTS = 1000, 20
"""The quantiles of each segment of the stream are taken by themselves: other programs interrupt some of them."""

AT_MOST_US = {(16, 64, 8): 5.0, (64, 64, 8): None, (16, 64, 64): None, (256, 64, 64): 250.0}
"""Signatures, their length, their dimensions; and the bar for 99 of 100 frames."""


def measure(report: Report) -> None:
    """The table, then its bars."""
    rows: list[dict[str, object]] = []
    for (count, length, dims), bar in AT_MOST_US.items():
        rng = np.random.default_rng(1)
        templates, stream = walk(rng, count, length, dims, axis=1), walk(rng, FRAMES, dims, axis=0)
        fastest, usual = quantiles(spring_of(templates, stream), stream)
        busiest, _ = quantiles(spring_of(templates), stream)
        title = f"{count} signatures of {length} x {dims}"
        rows.append(
            {
                "SPRING": title,
                "median": fastest[0],
                "99 %": fastest[1],
                "99 %, median segment": usual[1],
                "99.9 %": fastest[2],
                "99 %, every local best": busiest[1],
                "bar": "" if bar is None else bar,
            }
        )
        if bar is not None:
            report.at_most(bar, f"99 of 100 frames, {title}", fastest[1], "us")
    report.table(f"Wall-clock microseconds a frame, in the best of {SEGMENTS} segments of {FRAMES:,} frames", rows)


def quantiles(spring: Spring, stream: Numbers) -> tuple[list[float], list[float]]:
    """Microseconds of half, of 99 % and of 99.9 % of the frames: in the best segment, and in the median segment."""
    seconds(spring, stream)
    segments = [1e6 * np.quantile(seconds(spring, stream), (0.5, 0.99, 0.999)) for _ in range(SEGMENTS)]
    return np.min(segments, axis=0).tolist(), np.median(segments, axis=0).tolist()


def seconds(spring: Spring, stream: Numbers) -> Numbers:
    """Of each frame."""
    update, clock = spring.update, time.perf_counter
    taken = []
    for frame in list(stream):
        begun = clock()
        update(frame)
        taken.append(clock() - begun)
    return np.array(taken)
