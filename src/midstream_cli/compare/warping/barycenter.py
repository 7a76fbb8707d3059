"""One template out of several takes: DTW barycentre averaging."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from midstream_cli.compare.warping.alignment import Alignment
from midstream_cli.compare.warping.dtw import dtw, sequence
from midstream_cli.errors import UsageError
from midstream_cli.frames import Float64

MOST_ROUNDS = 30
"""Averages settle in a handful of rounds; the bound is against pairs that alternate for ever."""


def barycenter(takes: Sequence[npt.ArrayLike], window: int | None = None) -> Float64:
    """The average of sequences under time warping, shape (n_i,) or (n_i, dims), as long as their medoid.

    Each round aligns every take with the average, and moves each vector of the average to the mean of those aligned with
    it; the round with the smallest total distance counts (F. Petitjean, A. Ketterlin, P. Gançarski, "A global averaging
    method for dynamic time warping", Pattern Recognition 44, 2011). It begins with the medoid, the take that is nearest
    to all others.

    Raises:
        UsageError: there is no take, or `dtw` cannot compare them.
    """
    given = _takes(takes)
    best = given[_nearest(given, window)].copy()
    if len(given) > 1:
        best = _averaged(given, best, window)
    return best[:, 0] if np.ndim(takes[0]) == 1 else best


def _averaged(takes: list[Float64], average: Float64, window: int | None) -> Float64:
    """The best of the rounds that begin with an average."""
    # rounding depends on the order, and now and then so does where the rounds end
    takes = sorted(takes, key=lambda take: take.tobytes())
    least, best = np.inf, average
    for _ in range(MOST_ROUNDS):
        alignments = [dtw(average, take, window=window, alignment=True) for take in takes]
        total = sum(alignment.distance for alignment in alignments)
        if total >= least:
            break
        least, best = total, average
        sums, counts = np.zeros_like(average), np.zeros((len(average), 1))
        for take, alignment in zip(takes, alignments, strict=True):
            own, many = _aligned(take, alignment, len(average))
            sums += own
            counts += many
        average = sums / counts
    return best


def _aligned(take: Float64, alignment: Alignment, length: int) -> tuple[Float64, Float64]:
    """Sums of the vectors of a take that are aligned with each position, shape (length, dims), and how many, (length, 1)."""
    assert alignment.path is not None
    starts = np.searchsorted(alignment.path[:, 0], np.arange(length))
    counts = np.diff(starts, append=len(alignment.path)).astype(np.float64)
    sums: Float64 = np.add.reduceat(take[alignment.path[:, 1]], starts)
    return sums, counts[:, None]


def median(takes: Sequence[npt.ArrayLike], window: int | None = None) -> Float64:
    """The barycentre, each of its numbers the median of what takes have there: single odd vectors count for little.

    Raises:
        UsageError: there is no take, or `dtw` cannot compare them.
    """
    given, average = _takes(takes), barycenter(takes, window)
    along = average.reshape(len(average), -1)
    parts = [_aligned(take, dtw(along, take, window=window, alignment=True), len(along)) for take in given]
    middle: Float64 = np.median([sums / counts for sums, counts in parts], axis=0)
    return middle.reshape(average.shape)


def medoid(takes: Sequence[Float64], window: int | None = None) -> Float64:
    """The take with the smallest sum of distances to all others.

    Raises:
        UsageError: there is no take, or `dtw` cannot compare them.
    """
    return takes[_nearest(_takes(takes), window)]


def _takes(takes: Sequence[npt.ArrayLike]) -> list[Float64]:
    if len(takes) == 0:
        raise UsageError("there is nothing to average", "capture at least one take")
    return [sequence(take, f"take {i}") for i, take in enumerate(takes)]


def _nearest(takes: list[Float64], window: int | None) -> int:
    if len(takes) == 1:
        return 0
    totals = [sum(dtw(a, b, window=window).normalised for b in takes if b is not a) for a in takes]
    return int(np.argmin(totals))
