"""What one vector takes through everything that looks at it: the recogniser, its best five, and the regime."""

import sys
import time
from typing import Any

import numpy as np

from attractor_onset_peers import Frames
from midstream_cli.attractor.live.regimes import RegimeWatch
from midstream_cli.compare.recognition.recogniser import Recogniser
from midstream_cli.compare.signatures.signature import Background, Signature
from report import Report

SIZES = ((3, 56), (30, 56), (100, 56), (100, 128), (1_000, 16))
LENGTH = 64
RATE_HZ = 100.0
TIMED, SETTLING = 20_000, 2_000
STRONG = 5.0
"""Deviations of the noise that a motion has in each number."""
QUANTILES = (0.5, 0.99, 0.999)


def streams(count: int, dims: int, n: int) -> tuple[list[Signature], Frames, Frames]:
    """Signatures that move every number, idle vectors, and vectors with one motion after another."""
    random = np.random.default_rng([41, count, dims])
    level = random.uniform(10, 30, dims)
    background = Background.of(level + random.standard_normal((600, dims)), "idle", 600 / RATE_HZ)
    rise = np.sin(np.pi * (np.arange(LENGTH) + 1) / (LENGTH + 1))[:, None]
    moves = [
        STRONG * rise * (random.standard_normal(dims) + 0.3 * random.standard_normal((LENGTH, dims)))
        for _ in range(count)
    ]
    made = [
        Signature(f"{at}", f"{at}", level + move, rate_hz=RATE_HZ, background=background)
        for at, move in enumerate(moves)
    ]
    idle = level + random.standard_normal((n, dims))
    moving = level + random.standard_normal((n, dims))
    for at in range(SETTLING // 2, n - LENGTH, 2 * LENGTH):
        moving[at : at + LENGTH] += moves[int(random.integers(count))]
    return made, idle, moving


def timed(signatures: list[Signature], vectors: Frames) -> dict[str, Frames]:
    """Microseconds of processor time of each part, vector by vector."""
    recogniser, regimes = Recogniser(signatures, rate_hz=RATE_HZ), RegimeWatch(vectors.shape[1], rate_hz=RATE_HZ)
    clock, took = time.thread_time_ns, np.empty((len(vectors), 3))
    for at, vector in enumerate(vectors):
        begun = clock()
        recogniser.update(vector)
        recognised = clock()
        recogniser.top()
        ranked = clock()
        regimes.update(vector)
        took[at] = recognised - begun, ranked - recognised, clock() - ranked
    # a clock takes a part of a microsecond itself
    idle = np.array([-clock() + clock() for _ in range(2_000)])
    took = np.maximum(0.0, took[SETTLING:] - np.median(idle)) / 1e3
    return {"recogniser": took[:, 0], "top": took[:, 1], "regime": took[:, 2], "all": took.sum(axis=1)}


def measure(report: Report) -> None:
    """By signatures and numbers of a vector, while nothing happens and while something always does."""
    rows: list[dict[str, Any]] = []
    n = SETTLING + (TIMED // 10 if "--quick" in sys.argv[1:] else TIMED)
    bars: dict[tuple[int, int, str], Frames] = {}
    for count, dims in SIZES:
        signatures, idle, moving = streams(count, dims, n)
        for name, vectors in (("idle", idle), ("moving", moving)):
            for part, took in timed(signatures, vectors).items():
                p50, p99, p999 = np.quantile(took, QUANTILES)
                rows.append(
                    {
                        "signatures": count, "numbers": dims, "stream": name, "part": part, "mean": float(took.mean()),
                        "p50": float(p50), "p99": float(p99), "p99.9": float(p999),
                    }
                )  # fmt: skip
                if part == "all":
                    bars[count, dims, name] = np.array([p50, p99])
    report.table(f"Microseconds of processor time a vector, signatures of {LENGTH} vectors", rows)
    for name in ("idle", "moving"):
        report.at_most(
            20.0, f"3 signatures, 56 numbers, {name}: half of the vectors", float(bars[3, 56, name][0]), "us"
        )
        report.at_most(1_000.0, f"100 signatures, 128 numbers, {name}: 99 of 100", float(bars[100, 128, name][1]), "us")
