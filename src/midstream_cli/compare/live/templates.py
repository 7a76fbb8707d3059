"""Signatures as the live kernels take them: templates of unequal length side by side in lanes, each on its own scale."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from midstream_cli.compare.kernels.local_costs import LANES, TILE
from midstream_cli.compare.signatures.signature import Signature
from midstream_cli.compare.warping.dtw import sequence
from midstream_cli.compare.warping.values import numbers
from midstream_cli.compiled.vectors import aligned
from midstream_cli.errors import UsageError
from midstream_cli.frames import Float64

ORDINARY = 400
"""Squares of numbers up to 2 to this power, and of their last digits down to minus this, are numbers too."""

METRICS = ("euclidean", "squared")

WEIGHTS = {"symmetric1": 1, "symmetric2": 2}
"""What a diagonal step counts, by step pattern."""


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """What a stream is compared with: `(vector - centre) * inverse` of the stream with `vectors`."""

    vectors: Float64
    """Shape (length, dims), on the scale that `centre` and `inverse` bring the stream to."""
    centre: Float64
    """Shape (dims,)."""
    inverse: Float64
    """Shape (dims,): over the unit of each dimension."""
    window: int | None
    """Sakoe-Chiba window in vectors."""
    threshold: float
    """The greatest normalised distance of a match."""


@dataclass(frozen=True, slots=True, eq=False)
class Templates:
    """Templates of the same number of dimensions, on scales that differ from the stream's by one power of two at most."""

    each: Sequence[Template]
    exponent: int
    """The power of two that is taken out of all, so that squares neither overflow nor vanish; 0 for ordinary numbers."""
    greatest: float
    """A number of the stream beyond this is too far from all templates for its square to be a number."""

    @property
    def dims(self) -> int:
        """Numbers in a vector."""
        return len(self.each[0].centre)


def templates(
    signatures: Sequence[Signature | npt.ArrayLike],
    window: int | None = None,
    threshold: float | Sequence[float] | None = None,
) -> Templates:
    """Signatures, or arrays of shape (length,) or (length, dims), ready to be compared.

    Args:
        window: for all; by default each signature's own, and none for arrays.
        threshold: the greatest normalised distance of a match, for all or one each; by default what each signature's
            promotion threshold allows, and any for arrays.

    Raises:
        UsageError: there is none; one is empty, or not finite; they have different dimensions, or scales too different
            for one matcher; a window is no whole number or negative, or a threshold negative or no number.
    """
    if len(signatures) == 0:
        raise UsageError("there is no signature to compare with", "give at least one")
    if window is not None and not (window >= 0 and float(window).is_integer()):
        raise UsageError(f"a window of {window} is no number of vectors", "choose a whole number of at least 0")
    window = None if window is None else int(window)
    limits = _limits(signatures, threshold)
    each = [_template(one, window, limit, at) for at, (one, limit) in enumerate(zip(signatures, limits, strict=True))]
    dims = sorted({one.vectors.shape[1] for one in each})
    if len(dims) > 1:
        raise UsageError(
            f"vectors of {dims[0]} and of {dims[1]} dimensions cannot be compared",
            "compare what was measured with the same feature",
        )
    exponents = [math.frexp(float(np.abs(one.vectors).max()))[1] for one in each if one.vectors.any()]
    exponent = max(exponents, key=abs, default=0)
    if abs(exponent) <= ORDINARY:
        exponent = 0
    elif max(exponents) - min(exponents) > ORDINARY:
        raise UsageError("the signatures' numbers are too different for one matcher", "match them apart")
    scaled = [_scaled(one, exponent) for one in each] if exponent else each
    units = np.log2([1.0 / one.inverse.max() for one in each]).min()
    return Templates(scaled, exponent, math.ldexp(1.0, min(int(units) + exponent + ORDINARY, 1023)))


def weight(step_pattern: str, metric: str) -> int:
    """What a diagonal step counts.

    Raises:
        UsageError: the step pattern or the metric is not one that the live kernels know.
    """
    if step_pattern not in WEIGHTS:
        raise UsageError(
            f"{step_pattern!r} is no step pattern for a stream that flows", f"known are {', '.join(WEIGHTS)}"
        )
    if metric not in METRICS:
        raise UsageError(f"no metric is called {metric!r}", f"known are {', '.join(METRICS)}")
    return WEIGHTS[step_pattern]


def stream(vectors: npt.ArrayLike, dims: int) -> Float64:
    """Vectors of a stream as a contiguous array of shape (n, dims); numbers may stand for vectors of one.

    Raises:
        UsageError: they have another number of dimensions.
    """
    given = numbers(vectors, "the stream")
    if given.ndim == 1:
        given = given[:, None]
    if given.ndim != 2:
        raise UsageError(f"the stream has {given.ndim} axes", "give shape (n,) or (n, dims)")
    if given.shape[1] != dims:
        raise UsageError(
            f"vectors of {given.shape[-1]} and of {dims} dimensions cannot be compared",
            "compare what was measured with the same feature",
        )
    return np.ascontiguousarray(given)


def blocks(each: Sequence[Template]) -> list[list[int]]:
    """Positions of templates that share a block: those with a window apart, and similar lengths together."""
    order = sorted(range(len(each)), key=lambda at: (each[at].window is None, len(each[at].vectors)))
    parted = [[at for at in order if (each[at].window is None) == free] for free in (False, True)]
    return [part[start : start + LANES] for part in parted for start in range(0, len(part), LANES)]


def rows(block: Sequence[Template]) -> int:
    """Rows of a block."""
    return -(-max(len(one.vectors) for one in block) // TILE) * TILE


def packed(block: Sequence[Template]) -> Float64:
    """A block as `local_costs` has it, flat; lanes without a template are infinitely far from everything."""
    dims, count = block[0].vectors.shape[1], rows(block)
    scales, vectors = np.zeros((2, dims, LANES)), np.full((count, dims, LANES), np.inf)
    for lane, one in enumerate(block):
        scales[:, :, lane] = one.centre, one.inverse
        vectors[: len(one.vectors), :, lane] = one.vectors
    tiled = vectors.reshape(count // TILE, TILE, dims, LANES).transpose(0, 2, 1, 3)
    return np.concatenate([scales.ravel(), tiled.ravel()])


def joined(parts: Sequence[Float64]) -> tuple[Float64, list[int]]:
    """Flat arrays one after another, each from a multiple of 64 bytes on, and where each begins."""
    sizes = [-(-len(part) // LANES) * LANES for part in parts]
    starts = np.concatenate([[0], np.cumsum(sizes)]).tolist()
    whole: Float64 = aligned(starts[-1])
    for part, start in zip(parts, starts, strict=False):
        whole[start : start + len(part)] = part
    return whole, starts[:-1]


def _limits(signatures: Sequence[Signature | npt.ArrayLike], threshold: float | Sequence[float] | None) -> list[float]:
    if threshold is None:
        return [1.0 / one.promotion_threshold - 1.0 if isinstance(one, Signature) else math.inf for one in signatures]
    limits = [float(limit) for limit in np.atleast_1d(threshold)]
    if len(limits) == 1 and isinstance(threshold, float | int):
        limits *= len(signatures)
    if len(limits) != len(signatures):
        raise UsageError(f"{len(limits)} thresholds for {len(signatures)} signatures", "give one for all, or one each")
    if not all(limit >= 0 for limit in limits):
        wrong = next(limit for limit in limits if not limit >= 0)
        raise UsageError(f"a threshold of {wrong:g} allows nothing", "it is a normalised distance, 0 or more")
    return limits


def _template(one: Signature | npt.ArrayLike, window: int | None, limit: float, at: int) -> Template:
    vectors = sequence(one.vectors if isinstance(one, Signature) else one, f"signature {at}")
    centre, inverse = np.zeros(vectors.shape[1]), np.ones(vectors.shape[1])
    if isinstance(one, Signature):
        window = one.window if window is None else window
        if one.background is not None:
            centre, inverse = one.background.mean, 1.0 / one.background.unit
    # in the kernel's order of operations, so that what is equal is at distance 0
    return Template((vectors - centre) * inverse, centre, inverse, window, limit)


def _scaled(one: Template, exponent: int) -> Template:
    vectors, inverse = np.ldexp(one.vectors, -exponent), np.ldexp(one.inverse, -exponent)
    return Template(vectors, one.centre, inverse, one.window, one.threshold)
