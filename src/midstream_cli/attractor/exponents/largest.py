"""The largest Lyapunov exponent of a series: how fast near states part."""

import math

import numpy as np
import numpy.typing as npt

from midstream_cli.attractor.embedding.delay_vectors import embed
from midstream_cli.attractor.embedding.embedding import Embedding, choose
from midstream_cli.attractor.embedding.sampling import standardised
from midstream_cli.attractor.estimate import Estimate
from midstream_cli.attractor.exponents.divergence import Curve, LargestExponent, Region
from midstream_cli.attractor.exponents.rosenstein import divergence
from midstream_cli.errors import InsufficientData

LEAST = 100
"""Samples below which nothing is said."""


def lyapunov(
    x: npt.ArrayLike,
    *,
    rate_hz: float | None = None,
    method: str = "auto",
    embedding: Embedding | None = None,
    seed: int = 0,
) -> LargestExponent:
    """The largest Lyapunov exponent of a series.

    Args:
        x: shape (n,) or (n, channels), evenly sampled.
        rate_hz: samples a second; turns the exponent into one per second.

    Raises:
        InsufficientData: the series is too short.
        UsageError: a value is not finite.
    """
    series = standardised(x)
    if len(series) < LEAST:
        raise InsufficientData(LEAST, len(series), "the largest Lyapunov exponent")
    chosen = embedding if embedding is not None else choose(series)
    points = embed(series, chosen.dimension, chosen.delay)
    period = chosen.period if math.isfinite(chosen.period) else 5.0
    steps = max(min(round(2 * period), len(points) // 5), 4)
    curve = divergence(points, chosen.theiler, steps)
    known = np.flatnonzero(np.isfinite(curve))
    slope, level = np.polyfit(known, curve[known], 1) if len(known) > 1 else (0.0, 0.0)
    per_sample = Estimate(float(slope), float(slope) - abs(float(slope)), float(slope) + abs(float(slope)))
    return LargestExponent(
        per_sample=per_sample,
        per_second=per_sample.scaled(rate_hz) if rate_hz else None,
        method="rosenstein",
        region=Region(0, steps, float(slope), float(level)),
        curve=Curve(np.arange(steps + 1), curve),
        embedding=chosen,
        estimators=(("rosenstein", float(slope)),),
        agreement=math.nan,
        reason="",
    )
