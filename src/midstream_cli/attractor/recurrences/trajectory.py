"""A trajectory as the recurrence kernels take it, and how far apart two of its points may be."""

import math
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from midstream_cli.attractor.embedding.delay_vectors import embed
from midstream_cli.attractor.embedding.embedding import Embedding, choose
from midstream_cli.attractor.embedding.sampling import finite
from midstream_cli.attractor.kernels import recurrences
from midstream_cli.compiled.vectors import aligned
from midstream_cli.errors import InsufficientData, UsageError
from midstream_cli.frames import Float64

Norm = Literal["euclidean", "chebyshev", "manhattan"]

NORMS = {
    "euclidean": recurrences.EUCLIDEAN,
    "chebyshev": recurrences.CHEBYSHEV,
    "manhattan": recurrences.MANHATTAN,
}

USUAL_RATE = 0.05
"""Of all pairs; determinism and laminarity of different series can be compared at the same rate."""

SURE = 6.0
"""Deviations around a sampled quantile within which the exact one is looked for."""

ROUNDING = 1e-12
"""Distances differ by so little by the order in which they are summed."""


NOTHING = 1e-10
"""Of the extent of a series: nearer states are the same one, whatever a rate asks for."""


class Trajectory(NamedTuple):
    """Points coordinate by coordinate, divided by a power of two."""

    points: Float64
    """Shape (dims, stride); behind each coordinate's n numbers stand zeros."""
    n: int
    norm: int
    unit: float
    """The power of two."""
    same: float
    """States that are nearer differ by rounding only, in units of the series."""
    samples: int
    """That the states are made of."""

    @property
    def arguments(self) -> tuple[Float64, int, int, int, int]:
        """What the kernels take first."""
        dims, stride = self.points.shape
        return self.points.reshape(-1), stride, dims, self.n, self.norm


def trajectory(x: npt.ArrayLike, embedding: Embedding | None, norm: Norm) -> Trajectory:
    """The states of a series.

    Args:
        x: shape (n,), which is embedded, or (n, channels), which are states already unless an embedding is given.
        embedding: None for the one that is found.

    Raises:
        UsageError: the series is not finite; there is no such norm.
        InsufficientData: it has fewer than two states.
    """
    if norm not in NORMS:
        raise UsageError(f"there is no norm {norm!r}", f"choose one of {', '.join(NORMS)}")
    series = finite(x)
    _, exponent = np.frexp(np.ptp(series, axis=0).max())
    unit = math.ldexp(1.0, int(exponent))
    if embedding is None and series.ndim == 1:
        embedding = choose(series)
    states = embed(series, embedding.dimension, embedding.delay) if embedding else series.reshape(len(series), -1)
    n, dims = states.shape
    if n < 2:
        raise InsufficientData(len(series) + 2 - n, len(series), "a recurrence matrix")
    points = aligned((dims, n + max(64, recurrences.LANES) + -n % 8))
    points[:, :n] = states.T / unit
    rounding = 64 * float(np.finfo(np.float64).eps) * float(np.abs(series).max())
    same = max(rounding, NOTHING * float(np.ptp(series, axis=0).max()))
    return Trajectory(points, n, NORMS[norm], unit, same, len(series))


def cells(n: int, theiler: int) -> int:
    """How many cells of an n by n matrix count."""
    return n * n if theiler == 0 else (n - theiler) * (n - theiler + 1)


def chosen_limit(path: Trajectory, radius: float | None, rate: float | None, theiler: int) -> tuple[float, float]:
    """What the kernels compare with, and the radius that it means, of a radius or a rate.

    Raises:
        UsageError: both a radius and a rate, or one out of range; a negative Theiler window.
        InsufficientData: there are fewer than two states outside the Theiler window.
    """
    if radius is not None and rate is not None:
        raise UsageError("both a radius and a rate", "give one of them")
    if (radius is not None and not 0 <= radius < math.inf) or (rate is not None and not 0 < rate <= 1):
        raise UsageError(f"a radius of {radius}, a rate of {rate}", "a radius is not negative, a rate in (0, 1]")
    if theiler < 0:
        raise UsageError(f"a Theiler window of {theiler}", "it is at least 0")
    if theiler > path.n - 1:
        missing = theiler + 1 - path.n
        raise InsufficientData(
            path.samples + missing, path.samples, f"a recurrence matrix outside a window of {theiler}"
        )
    if radius is not None:
        return limit_of_radius(path, radius), radius
    limit = limit_of_rate(path, USUAL_RATE if rate is None else rate, theiler)
    # of a period that is met exactly, more states are the same than a low rate lets recur
    limit = max(limit, limit_of_radius(path, path.same))
    return limit, radius_of_limit(path, limit)


def limit_of_radius(path: Trajectory, radius: float) -> float:
    """The largest number that the kernels compare with and whose distance is not beyond a radius."""
    scaled = radius / path.unit
    if path.norm != recurrences.EUCLIDEAN:
        return scaled
    limit = scaled * scaled
    while math.sqrt(limit) > scaled:
        limit = math.nextafter(limit, 0.0)
    while limit < math.inf and math.sqrt(math.nextafter(limit, math.inf)) <= scaled:
        limit = math.nextafter(limit, math.inf)
    return limit


def radius_of_limit(path: Trajectory, limit: float) -> float:
    """The distance that a number of the kernels means."""
    return (math.sqrt(limit) if path.norm == recurrences.EUCLIDEAN else limit) * path.unit


def limit_of_rate(path: Trajectory, rate: float, theiler: int) -> float:
    """What the kernels compare with so that a share of all cells are recurrences: exact, but for equal distances.

    A sample of pairs tells about where the quantile is; one pass over all of them counts those nearer, and lists the few
    that are about there.
    """
    gap = max(1, theiler)
    within = int(rate * (cells(path.n, theiler) - 1)) - (path.n if theiler == 0 else 0)
    wanted = within // 2
    if wanted < 1:
        return 0.0
    pairs = (path.n - gap) * (path.n - gap + 1) // 2
    sample = _sampled(path, gap, min(max(20_000, pairs // 256), 2_000_000))
    share = wanted / pairs
    margin = SURE * math.sqrt(share * (1 - share) / len(sample)) + SURE / len(sample)
    low = _quantile(sample, share - margin) * (1 - ROUNDING) if share > margin else 0.0
    high = _quantile(sample, share + margin) * (1 + ROUNDING) if share + margin < 1 else math.inf
    found = np.empty(2 + min(int(4 * margin * pairs) + 1000, pairs))
    below, between = _between(path, gap, low, high, found)
    if below < wanted <= below + between and between < len(found):
        place = wanted - below - 1
        return float(np.partition(found[1 : between + 1], place)[place])
    return _limit_among(path, np.unique(sample), gap, wanted)


def _limit_among(path: Trajectory, candidates: Float64, gap: int, wanted: int) -> float:
    """The least of some distances that so many pairs are within; the last one where none is."""
    low, high = 0, len(candidates) - 1
    nothing = np.empty(1)
    while low < high:
        middle = (low + high) // 2
        below, _ = _between(path, gap, float(candidates[middle]) * (1 + ROUNDING), 0.0, nothing)
        low, high = (low, middle) if below >= wanted else (middle + 1, high)
    return float(candidates[low]) * (1 + ROUNDING)


def _between(path: Trajectory, gap: int, low: float, high: float, found: Float64) -> tuple[int, int]:
    below = recurrences.nearest_pairs(*path.arguments, gap, low, high, found, aligned(recurrences.LANES))
    return below, int(found[0])


def _sampled(path: Trajectory, gap: int, count: int) -> Float64:
    """Distances of pairs of points drawn at random."""
    rng = np.random.default_rng(0)
    first, second = rng.integers(0, path.n - gap + 1, count), rng.integers(0, path.n - gap, count)
    second += second >= first
    first, second = np.minimum(first, second), np.maximum(first, second) + gap - 1
    total = np.zeros(count)
    for coordinate in path.points:
        apart = np.abs(coordinate[first] - coordinate[second])
        if path.norm == recurrences.CHEBYSHEV:
            np.maximum(total, apart, out=total)
        else:
            total += apart * apart if path.norm == recurrences.EUCLIDEAN else apart
    return total


def _quantile(sample: Float64, share: float) -> float:
    place = min(len(sample) - 1, int(share * len(sample)))
    return float(np.partition(sample, place)[place])
