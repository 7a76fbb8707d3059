"""One template out of several takes: DTW barycentre averaging."""

from collections.abc import Sequence

import numpy as np

from midstream_cli.compare.warping.dtw import dtw
from midstream_cli.errors import UsageError
from midstream_cli.frames import Float64

MOST_ROUNDS = 30
"""Averages settle in a handful of rounds; the bound is against pairs that alternate for ever."""


def barycenter(takes: Sequence[Float64], window: int | None = None) -> Float64:
    """The average of sequences of shape (n_i, dims) under time warping, as long as their medoid.

    Each round aligns every take with the average, and moves each vector of the average to the mean of those aligned with
    it; the round with the smallest total distance counts (F. Petitjean, A. Ketterlin, P. Gançarski, "A global averaging
    method for dynamic time warping", Pattern Recognition 44, 2011). It begins with the medoid, the take that is nearest
    to all others.

    Raises:
        UsageError: there is no take, or `dtw` cannot compare them.
    """
    if not takes:
        raise UsageError("there is nothing to average", "capture at least one take")
    if len(takes) == 1:
        return takes[0].copy()
    best = medoid(takes, window).copy()
    # rounding depends on the order, and now and then so does where the rounds end
    takes = sorted(takes, key=lambda take: take.tobytes())
    least, average = np.inf, best
    for _ in range(MOST_ROUNDS):
        alignments = [dtw(average, take, window=window, alignment=True) for take in takes]
        total = sum(alignment.distance for alignment in alignments)
        if total >= least:
            break
        least, best = total, average
        positions = np.arange(len(average))
        sums, counts = np.zeros_like(average), np.zeros(len(average))
        for take, alignment in zip(takes, alignments, strict=True):
            assert alignment.path is not None
            starts = np.searchsorted(alignment.path[:, 0], positions)
            sums += np.add.reduceat(take[alignment.path[:, 1]], starts)
            counts += np.diff(starts, append=len(alignment.path))
        average = sums / counts[:, None]
    return best


def medoid(takes: Sequence[Float64], window: int | None = None) -> Float64:
    """The take with the smallest sum of distances to all others."""
    if len(takes) == 1:
        return takes[0]
    totals = [sum(dtw(a, b, window=window).normalised for b in takes if b is not a) for a in takes]
    return takes[int(np.argmin(totals))]
