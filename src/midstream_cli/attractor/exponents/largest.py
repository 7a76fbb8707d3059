"""The largest Lyapunov exponent of a series: how fast near states part."""

import math
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from midstream_cli.attractor.embedding.channels import leading_components
from midstream_cli.attractor.embedding.embedding import Embedding, choose
from midstream_cli.attractor.embedding.sampling import standardised
from midstream_cli.attractor.estimate import Estimate
from midstream_cli.attractor.exponents.denoise import denoised, mean_period
from midstream_cli.attractor.exponents.divergence import Curve, LargestExponent
from midstream_cli.attractor.exponents.forecast import Effort, learn
from midstream_cli.attractor.exponents.fuse import Fused, fuse
from midstream_cli.attractor.exponents.kantz import kantz
from midstream_cli.attractor.exponents.learnt import Learnt, learnt
from midstream_cli.attractor.exponents.region import straight
from midstream_cli.attractor.exponents.rosenstein import rosenstein
from midstream_cli.attractor.exponents.transverse import transverse
from midstream_cli.errors import InsufficientData, UsageError
from midstream_cli.frames import Float64

Method = Literal["auto", "rosenstein", "kantz", "transverse", "global"]

LEAST = 100
"""Samples below which nothing is said."""

FINE = 8.0
"""Samples a period from which a series counts as one of a flow, and not of a map."""

PERIODS, STEPS = 8, 24
"""How long neighbours are followed: periods of a flow, steps of a map."""

ROUNDING = math.log(1e-6)
"""A distance of neighbours in a flow counts as a millionth of the deviation at least: exact repetitions part by rounding."""

_CURVES = {"rosenstein": rosenstein, "kantz": kantz, "transverse": transverse, "auto": transverse}


def lyapunov(
    x: npt.ArrayLike,
    *,
    rate_hz: float | None = None,
    method: Method = "auto",
    embedding: Embedding | None = None,
    seed: int = 0,
) -> LargestExponent:
    """The largest Lyapunov exponent of a series, with its 90 % interval.

    `auto` weighs a learnt map against the divergence of neighbours across the flow (`fuse`); the other methods are one
    estimator alone: "rosenstein", "kantz" and "transverse" are slopes of curves of divergence, "global" the learnt map.

    Args:
        x: shape (n,) or (n, channels), evenly sampled, of any unit; of several channels, their leading component is looked
            at.
        rate_hz: samples a second; turns the exponent into one a second.
        embedding: of the curves of divergence; found if not given. The learnt map finds its own.
        seed: of the centres of the learnt map.

    Raises:
        InsufficientData: there are fewer than 100 samples, or too few to follow neighbours.
        UsageError: a value is not finite, there is no such method, the rate is not positive.
    """
    if method not in get_args(Method):
        raise UsageError(f"there is no method {method}", f"use one of {', '.join(get_args(Method))}")
    if rate_hz is not None and not rate_hz > 0:
        raise UsageError(f"a rate of {rate_hz} Hz", "give samples a second, or leave it out")
    series = standardised(x)
    if len(series) < LEAST:
        raise InsufficientData(LEAST, len(series), "the largest Lyapunov exponent")
    if series.ndim == 2:
        series = standardised(leading_components(series, 1)[:, 0])
    if not series.any():
        return _still(embedding, rate_hz, method)
    period = mean_period(series)
    period = period if period >= FINE else math.nan
    if math.isfinite(period):
        series = standardised(denoised(series)[0])
    chosen = embedding if embedding is not None else _wider(choose(series), period)
    maps = learnt(series, period, seed) if method in ("auto", "global") else []
    curve = None if method == "global" else _curve(series, chosen, period, method)
    return _put_together(series, period, chosen, maps, curve, method, rate_hz)


def _wider(found: Embedding, period: float) -> Embedding:
    """Two dimensions more than are needed at least: what crosses in fewer parts too fast. Of maps, the delay is 1."""
    if math.isfinite(period):
        theiler = max(found.theiler, min(round(2 * period), found.theiler * 3))
        return found._replace(dimension=max(3, found.dimension) + 2, theiler=theiler)
    return found._replace(delay=1, theiler=min(found.theiler, 10))


def _curve(series: Float64, embedding: Embedding, period: float, method: str) -> Float64 | None:
    """A curve of divergence; of a map nothing lies along a flow. None where `auto` has to do without."""
    flow = math.isfinite(period)
    make = _CURVES[method] if flow or method == "kantz" else rosenstein
    steps = round(PERIODS * period) if flow else STEPS
    span = (embedding.dimension - 1) * embedding.delay
    try:
        return make(series, embedding, max(4, min(steps, (len(series) - span) // 4)))
    except InsufficientData:
        if method != "auto":
            raise
        return None


def _put_together(
    series: Float64,
    period: float,
    embedding: Embedding,
    maps: list[Learnt],
    curve: Float64 | None,
    method: Method,
    rate_hz: float | None,
) -> LargestExponent:
    flow = math.isfinite(period)
    curve = np.maximum(curve, ROUNDING) if curve is not None and flow else curve
    region = straight(curve, period) if curve is not None and np.isfinite(curve).sum() > 2 else None
    slope = region.slope if region is not None else math.nan
    straight_error = math.inf
    if maps:
        horizon = period / 2 if flow else 2.0
        linear = learn(series, maps[0].made.layout, Effort(4000, 0, (1.0,), (1e-9,)), horizon, 0)
        straight_error = linear.error if linear is not None else math.inf
    rise = math.nan
    if region is not None and curve is not None:
        known = curve[np.isfinite(curve)]
        rise = float(known[-max(len(known) // 8, 1) :].mean() - known[0])
    found = fuse(maps, slope, rise, straight_error, count=len(series), flow=flow)
    named = [
        (f"{name} {i + 1}", float(getattr(each, name)))
        for i, each in enumerate(maps)
        for name in ("along", "across", "alone")
    ]
    if region is not None:
        named.append(("divergence", slope))
    return LargestExponent(
        per_sample=found.per_sample,
        per_second=found.per_sample.scaled(rate_hz) if rate_hz is not None else None,
        method=method,
        region=region,
        curve=Curve(np.arange(len(curve)), curve) if curve is not None else None,
        embedding=embedding,
        estimators=tuple(named),
        agreement=found.agreement,
        reason=found.reason,
    )


def _still(embedding: Embedding | None, rate_hz: float | None, method: Method) -> LargestExponent:
    nothing = Estimate(math.nan, math.nan, math.nan)
    chosen = embedding if embedding is not None else Embedding(1, 1, 1, math.nan)
    found = Fused(nothing, math.nan, "the series does not move")
    per_second = nothing if rate_hz is not None else None
    return LargestExponent(nothing, per_second, method, None, None, chosen, (), math.nan, found.reason)
