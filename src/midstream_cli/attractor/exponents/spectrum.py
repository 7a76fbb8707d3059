"""The Lyapunov spectrum of a series: how fast a small box is stretched along each of its edges."""

import math
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from midstream_cli.attractor.dimensions.kaplan_yorke import NINE_IN_TEN, kaplan_yorke, kaplan_yorke_of
from midstream_cli.attractor.embedding.channels import leading_components
from midstream_cli.attractor.embedding.embedding import Embedding, choose
from midstream_cli.attractor.embedding.sampling import columns_of, standardised
from midstream_cli.attractor.estimate import Estimate
from midstream_cli.attractor.exponents import global_map
from midstream_cli.attractor.exponents.local_map import local_growths
from midstream_cli.errors import InsufficientData, UsageError
from midstream_cli.frames import Float64, Int64

Method = Literal["auto", "sano-sawada", "global"]

MOST_CHANNELS = 6
"""Channels beyond which the leading components are taken."""

MOST_DIMENSIONS = 6

ENOUGH = 1.5
"""A dimension forecasts well enough if no larger one errs less than by this factor."""

OF_NOISE = 0.25
"""So does one that leaves so little of the error once the series follows a map of more dimensions: the rest was noise."""

AT_ONCE = 0.5
"""Of the delay, where several channels are the state: nothing need change between the values of a delay vector."""

EXACT = 0.006
"""An error of a forecast, over the deviation, that is not worth another dimension."""

MEMBERS = 3
"""Maps from other centres and of another delay, whose disagreement goes into the intervals."""

BATCHES = 12

UNSEEN = (0.04, 0.5)
"""Relative deviation that neither stretches nor maps show, and what is added for each error of the forecasts: a map
flattens what it is not shown. These numbers and the next were set on systems with known exponents."""

UNSEEN_LAYERS = (0.003, 4.0, 0.1)
"""The same of a contraction, over how thick the layers of the attractor are: what thin ones say of it drowns first. Added for
each error of the forecasts of the series as it was moved, and as it was observed."""

THINNEST = 0.02

WILDEST = 0.8
"""Relative deviation of a contraction at most."""

STILL = 0.12
"""An exponent so much smaller than the largest of the others beside it may be the zero of a flow."""


class Spectrum(NamedTuple):
    """Lyapunov exponents, greatest first; none where none can be told."""

    per_sample: tuple[Estimate, ...]
    """In nats per sample."""
    per_second: tuple[Estimate, ...] | None
    """In nats per second; None where the rate is not known."""
    kaplan_yorke: Estimate
    """NaN where there are no exponents, or all of them sum to more than 0."""
    zero: int | None
    """Which of them is that of the motion along the path of a flow."""
    cv_error: float
    """What a forecast errs by, over the deviation; about 1 for noise. NaN where none was made."""
    noise: float
    """How far the series was moved to follow its own map, over the deviation."""
    embedding: Embedding
    """What was used; the map goes `delay` samples forward."""
    method: str
    left_out: int
    """Exponents of the embedding that are not of the system."""
    reason: str
    """Why those, or all, are left out; empty where none are."""


def lyapunov_spectrum(
    x: npt.ArrayLike,
    *,
    rate_hz: float | None = None,
    dimension: int | None = None,
    method: Method = "auto",
    embedding: Embedding | None = None,
    seed: int = 0,
) -> Spectrum:
    """The Lyapunov exponents of a series, each with its 90 % interval.

    There are as many as it takes dimensions to forecast the series: a larger embedding brings exponents of its own, which are
    not the system's. Strong contraction hardly shows in a single channel: its exponent is known least.

    Args:
        x: shape (n,) or (n, channels). Several channels are the state itself, if they forecast as well as delay vectors.
        rate_hz: samples per second.
        dimension: how many exponents there are; found if not given.
        method: `global`, one smooth map of the attractor, or `sano-sawada`, straight ones from neighbours. `auto` is
            `global`, but for the strongest contraction of a clean flow that is seen through one channel.
        embedding: delay and Theiler window; its dimension is the most that is tried.
        seed: of the centres and the jitter of the map.

    Raises:
        UsageError: the series is not finite, or a name or number makes no sense.
        InsufficientData: it is too short.
    """
    if method not in {"auto", "sano-sawada", "global"}:
        raise UsageError(f"there is no method {method}", "use auto, global or sano-sawada")
    if (dimension is not None and dimension < 1) or (rate_hz is not None and not rate_hz > 0):
        raise UsageError("dimension and rate must be positive", "leave them out, or give a positive number")
    z = columns_of(standardised(x))
    z = z[:, z.any(axis=0)]
    if z.shape[1] == 0:
        return _none(Embedding(1, 1, 0, math.nan), math.nan, method, "the series does not move: it is a point")
    if z.shape[1] > MOST_CHANNELS:
        z = columns_of(standardised(leading_components(z, MOST_CHANNELS)))
    layout = embedding or global_map.finer(choose(z))
    most = embedding.dimension if embedding else MOST_DIMENSIONS
    found = _sufficient(z, layout, dimension, max(most, dimension or 1), seed)
    layout, error, noise = found.layout, found.error, found.noise
    if error > global_map.NOISE:
        why = f"forecasts err by {error:.2f} of the deviation: to a map of so few dimensions this is noise"
        return _none(layout, error, method, why)
    exponents = _exponents(z, found, method, seed)
    zero = _still(exponents, layout)
    ambient = max(embedding.dimension if embedding else 0, layout.dimension) * z.shape[1]
    left_out = ambient - len(exponents)
    why = (
        f"{len(exponents)} dimensions forecast the series to {error:.2g} of its deviation: the others are the embedding's"
        if left_out
        else ""
    )
    known = [Estimate(0.0, 0.0, 0.0) if k == zero else each for k, each in enumerate(exponents)]
    return Spectrum(
        exponents,
        None if rate_hz is None else tuple(each.scaled(rate_hz) for each in exponents),
        kaplan_yorke_of(known, seed=seed),
        zero,
        error,
        noise,
        layout,
        "global" if method == "auto" else method,
        left_out,
        why,
    )


def _exponents(z: Float64, found: "_Sufficient", method: Method, seed: int) -> tuple[Estimate, ...]:
    """Of several maps, or of straight ones around each state."""
    layout = found.layout
    if method == "sano-sawada":
        members = [_batched(*local_growths(found.moved, layout), layout.delay)]
        return _combined(members, found.error, found.error)
    maps = [
        global_map.fit(z if k == 1 else found.moved, layout._replace(delay=delay), seed=seed + k)
        for k, delay in _variants(layout.delay)
    ]
    members = [_batched(*global_map.growths(each), each.delay) for each in maps]
    exponents = _combined(members, found.error, maps[0].residual)
    flows = layout.dimension > 1 and not math.isnan(layout.period) and found.error < global_map.CLEAN
    if method == "auto" and flows and exponents[-1].value < 0:
        local = _batched(*local_growths(z, layout), layout.delay)
        exponents = (*exponents[:-1], _contraction(exponents[-1], float(local[:, -1].mean())))
    return exponents


def _contraction(smooth: Estimate, local: float) -> Estimate:
    """The strongest contraction of a flow seen through one channel: of straight maps, with bounds that hold the smooth map's.

    A smooth map rounds off the folds of the delay vectors, and shows less contraction by a fifth in Lorenz's equations.
    """
    if not local < 0:
        return smooth
    ratio = local / smooth.value
    doubt = max(ratio, 1.0 / ratio)
    return Estimate(local, min(smooth.low, smooth.low * ratio, local * doubt), max(smooth.high, smooth.high * ratio))


def _none(layout: Embedding, error: float, method: str, reason: str) -> Spectrum:
    nothing = Estimate(math.nan, math.nan, math.nan)
    return Spectrum((), None, nothing, None, error, 0.0, layout, method, 0, reason)


def _variants(delay: int) -> list[tuple[int, int]]:
    """Seeds and delays of the maps; maps of discrete time have no other delay."""
    if delay == 1:
        return [(k, 1) for k in range(MEMBERS)]
    return [(0, delay), (1, delay), (2, max(1, round(0.75 * delay)))]


class _Sufficient(NamedTuple):
    """As few dimensions as forecast a series."""

    layout: Embedding
    error: float
    """Of the forecasts, as observed."""
    moved: Float64
    """The series as it follows a map of enough dimensions; as it is where it is clean."""
    noise: float


def _sufficient(z: Float64, layout: Embedding, dimension: int | None, most: int, seed: int) -> _Sufficient:
    """The least dimension that forecasts a series: of a noisy one, that forecasts what the noise is taken off."""
    channels = z.shape[1]
    if dimension is not None:
        if dimension % channels:
            raise UsageError(f"{dimension} exponents of {channels} channels", "ask for a multiple of the channels")
        layout = layout._replace(dimension=dimension // channels)
        return _Sufficient(layout, global_map.fit(z, layout, clean=False).cv_error, z, 0.0)
    errors = _errors(z, layout, max(1, most // channels))
    best = errors.index(min(errors)) + 1
    moved, noise = z, 0.0
    enough = [max(ENOUGH * min(errors), EXACT)] * len(errors)
    left = errors
    if global_map.CLEAN < errors[best - 1] < global_map.NOISE:
        found = global_map.fit(z, layout._replace(dimension=best), seed=seed)
        if len(found.chains.values) == len(z):
            moved, noise = np.empty_like(z), found.noise
            moved[found.chains.when] = found.chains.values
            left = _errors(moved, layout, best)
            enough = [max(ENOUGH * min(left), EXACT, OF_NOISE * error) for error in errors[:best]]
    least = next(k for k, (error, limit) in enumerate(zip(left, enough, strict=True)) if error <= limit)
    if least == 0 and channels > 1:
        layout = layout._replace(delay=max(1, round(layout.delay * AT_ONCE)))
    return _Sufficient(layout._replace(dimension=least + 1), errors[least], moved, noise)


def _errors(z: Float64, layout: Embedding, most: int) -> list[float]:
    """What forecasts of 1, 2, ... dimensions err by, until it is next to nothing or the series too short."""
    errors: list[float] = []
    for count in range(1, most + 1):
        try:
            errors.append(global_map.fit(z, layout._replace(dimension=count), clean=False).cv_error)
        except InsufficientData:
            if not errors:
                raise
            break
        if errors[-1] < EXACT:
            break
    return errors


def _batched(when: Int64, grown: Float64, step: int) -> Float64:
    """Exponents in each of several stretches of time, shape (stretches, exponents), nats per sample, greatest first on average."""
    order = np.argsort(when, kind="stable")
    pieces = np.array_split(grown[order], min(BATCHES, len(grown)))
    means = np.array([piece.mean(axis=0) for piece in pieces]) / step
    return means[:, np.argsort(-means.mean(axis=0))]


def _combined(members: list[Float64], error: float, residual: float) -> tuple[Estimate, ...]:
    """The median of the maps; its interval from how stretches and maps differ, and what neither shows."""
    values = np.array([member.mean(axis=0) for member in members])
    middle = np.median(values, axis=0)
    within = members[0].std(axis=0, ddof=1) / math.sqrt(len(members[0]))
    between = values.std(axis=0, ddof=1) if len(values) > 1 else np.zeros_like(middle)
    filled = kaplan_yorke(middle)
    layers = 0.5 if math.isnan(filled) or filled < 1 else max(filled % 1.0, THINNEST)
    alike = UNSEEN[0] + UNSEEN[1] * error
    thin = (UNSEEN_LAYERS[0] + UNSEEN_LAYERS[1] * residual + UNSEEN_LAYERS[2] * error) / layers
    found = []
    for k, value in enumerate(middle.tolist()):
        apart = math.hypot(within[k], math.sqrt(2.0) * between[k])
        if value < 0 and k == len(middle) - 1:
            # a contraction is wrong by a factor
            factor = math.exp(NINE_IN_TEN * math.hypot(min(max(alike, thin), WILDEST), apart / abs(value)))
            found.append(Estimate(value, value * factor, value / factor))
        else:
            reach = NINE_IN_TEN * math.hypot(apart, alike * value)
            found.append(Estimate(value, value - reach, value + reach))
    return tuple(found)


def _still(exponents: tuple[Estimate, ...], layout: Embedding) -> int | None:
    """The exponent that is the zero of a flow: nearest to 0, small beside the others; a map, of delay 1 and no period, has none."""
    if len(exponents) < 2 or math.isnan(layout.period):
        return None
    sizes = [abs(each.value) for each in exponents]
    least = sizes.index(min(sizes))
    largest = max(size for k, size in enumerate(sizes) if k != least)
    return least if sizes[least] < STILL * largest else None
