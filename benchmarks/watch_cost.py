"""What one frame takes from its arrival to its snapshot, and what one vector takes of that, part by part.

Run as `python benchmarks/watch_cost.py`, with `--quick` on a tenth of the frames. Every frame is a piece by itself, as a live
stream brings it. Frames of a stream go through five times; of each, the median of its times counts, in processor time.
Beside it, what dtaidistance takes to align each signature with the latest vectors anew.
"""

import gc
import sys
import time
from importlib import import_module
from typing import Any

import numpy as np

from attractor_onset_peers import Frames
from midstream_cli.attractor.live.regimes import RegimeWatch
from midstream_cli.compare.recognition.recogniser import Recogniser
from midstream_cli.compare.signatures.signature import Background, Signature
from midstream_cli.frames import StreamInfo
from midstream_cli.introspection.introspect import Introspect
from midstream_cli.recordings import CsiRecording, NumericRecording, Recording
from report import Report, main

SIZES = ((3, 56), (30, 56), (100, 56), (100, 128), (1_000, 16))
LENGTH = 64
RATE_HZ = 100.0
TIMED, SETTLING = 20_000, 2_000
STRONG = 5.0
"""Deviations of the noise that a motion has in each number."""
QUANTILES = (0.5, 0.99, 0.999)
KINDS = ("columns", "amplitude", "amplitude-l2")
"""Features of the signatures: of plain numbers, and of channel state frame by frame."""
WHOLE_SIZES = ((3, 56), (30, 56), (100, 56), (100, 128))
ROUNDS, WHOLE = 5, 2_500
PEER_FRAMES = 20


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


def frames(feature: str, vectors: Frames) -> list[Recording]:
    """Vectors as frames, each a piece of its own."""
    times = np.arange(len(vectors)) * round(1e9 / RATE_HZ)
    whole: Recording
    if feature == "columns":
        columns = {f"c{at}": column.copy() for at, column in enumerate(vectors.T)}
        whole = NumericRecording(StreamInfo(source="cost", kind="numeric"), times, columns)
    else:
        phases = np.random.default_rng(1).uniform(0, 2 * np.pi, vectors.shape)
        csi = (vectors * np.exp(1j * phases)).astype(np.complex64)
        whole = CsiRecording.build(StreamInfo(source="cost", kind="csi"), times, csi)
    return [whole.take(slice(at, at + 1)) for at in range(len(vectors))]


def measured_by(feature: str, signature: Signature) -> Signature:
    """A signature of amplitudes as another feature has it, of every frame."""

    def changed(vectors: Frames) -> Frames:
        level = np.sqrt(np.square(vectors).mean(axis=-1, keepdims=True)) if feature == "amplitude-l2" else 1.0
        return np.asarray(vectors / level)

    known = signature.background
    assert known is not None
    random = np.random.default_rng(2)
    idle = changed(known.mean + random.standard_normal((600, len(known.mean))))
    background = Background.of(idle, "idle", 600 / RATE_HZ)
    return Signature(signature.id, signature.label, changed(signature.vectors), feature, background=background)


def update(signatures: list[Signature], pieces: list[Recording]) -> Frames:
    """Microseconds of processor time of each frame: features, matching, regime, snapshot."""
    clock, took = time.thread_time_ns, np.empty((ROUNDS, len(pieces)))
    for row in took:
        tap = Introspect(signatures)
        gc.collect()
        gc.disable()
        for at, piece in enumerate(pieces):
            begun = clock()
            tap.extend(piece)
            row[at] = clock() - begun
        gc.enable()
    idle = np.median([-clock() + clock() for _ in range(2_000)])
    return np.asarray(np.median(took[:, len(pieces) // 5 :], axis=0) - idle) / 1e3


def aligned_anew(signatures: list[Signature], vectors: Frames) -> float | None:
    """Microseconds of processor time that dtaidistance takes for a frame, in half of them; None where it is not installed."""
    try:
        dtw_ndim = import_module("dtaidistance.dtw_ndim")
    except ImportError:
        return None
    took = []
    for at in range(LENGTH, LENGTH + PEER_FRAMES):
        begun = time.thread_time_ns()
        for signature in signatures:
            dtw_ndim.distance_fast(signature.vectors, vectors[at - LENGTH : at])
        took.append((time.thread_time_ns() - begun) / 1e3)
    return float(np.median(took))


def updates(report: Report) -> None:
    """Whole updates, by kind of stream, signatures and numbers of a vector."""
    rows: list[dict[str, Any]] = []
    n = 800 if "--quick" in sys.argv[1:] else WHOLE
    worst: dict[tuple[int, int, str], Frames] = {}
    for count, dims in WHOLE_SIZES:
        made, *both = streams(count, dims, max(n, SETTLING))
        peer = aligned_anew(made, both[0])
        for feature in KINDS:
            signatures = [measured_by(feature, each) for each in made]
            for name, vectors in zip(("idle", "moving"), both, strict=True):
                p50, p99, p999 = np.quantile(update(signatures, frames(feature, vectors[-n:])), QUANTILES)
                rows.append(
                    {
                        "frames": feature, "stream": name, "signatures": count, "numbers": dims,
                        "p50": float(p50), "p99": float(p99), "p99.9": float(p999), "dtaidistance": peer or float("nan"),
                    }
                )  # fmt: skip
                worst[count, dims, feature] = np.maximum(worst.get((count, dims, feature), 0.0), (p50, p99))
    report.table(f"Microseconds of processor time a frame, signatures of {LENGTH} vectors", rows)
    for feature in KINDS:
        report.at_most(20.0, f"3 signatures, 56 numbers, {feature}: half of the frames", worst[3, 56, feature][0], "us")
        report.at_most(1_000.0, f"100 signatures, 128 numbers, {feature}: 99 of 100", worst[100, 128, feature][1], "us")


def measure(report: Report) -> None:
    """Whole updates, then their parts."""
    updates(report)
    parts(report)


def parts(report: Report) -> None:
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


if __name__ == "__main__":
    main(measure)
