"""Soft-DTW: dynamic time warping that can be differentiated, over all alignments instead of the best one.

M. Cuturi, M. Blondel, "Soft-DTW: a differentiable loss function for time-series", ICML 2017; its divergence, M. Blondel,
A. Mensch, J.-P. Vert, "Differentiable divergences between time series", AISTATS 2021.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from midstream_cli.compare.kernels import soft as kernels
from midstream_cli.compare.kernels.soft import LANES, MOST, NOWHERE
from midstream_cli.compare.warping.dtw import sequence
from midstream_cli.errors import UsageError
from midstream_cli.frames import Float64

MOST_CELLS = 1 << 27
"""Of an expected alignment: each needs 32 bytes while it is found."""


@dataclass(frozen=True, slots=True, eq=False)
class SoftAlignment:
    """How far two sequences are apart over all alignments."""

    value: float
    """``-gamma log sum exp(-cost / gamma)`` over the costs of all alignments: below the least of them, and below zero
    where many are about as good."""
    expected: Float64 | None = None
    """Shape (n, m): how likely two positions are aligned, when alignments are drawn by their weight."""
    gradient: Float64 | None = None
    """The shape of the first sequence: how the value changes with each of its numbers."""


def soft_dtw(a: npt.ArrayLike, b: npt.ArrayLike, gamma: float = 1.0, *, alignment: bool = False) -> SoftAlignment:
    """Soft-DTW of two sequences of shape (n,) or (n, dims), with squared Euclidean local costs.

    Args:
        gamma: how soft the minimum is, in the unit of the costs; towards 0, the value becomes the cost of the best
            alignment (steps of every kind count once: `symmetric1`).
        alignment: find the expected alignment and the gradient too.

    Raises:
        UsageError: a sequence is empty, holds NaN, or has other dimensions than the other; gamma is not positive, or so
            small that costs are too many times larger; the expected alignment would be too large to hold.
    """
    first, second = _checked(a, b, gamma)
    n, m = len(first), len(second)
    if alignment and n * m > MOST_CELLS:
        raise UsageError(f"an expected alignment of {n} with {m} vectors is too large", "compare shorter stretches")
    steps = m + LANES - 1
    rows = -(-n // LANES) * LANES
    shares = np.empty(rows * steps * 3 if alignment else 0)
    value = _value(first, second, gamma, shares)
    if not alignment:
        return SoftAlignment(value)
    end, cells = np.zeros(LANES), np.empty(rows * steps)
    end[(n - 1) % LANES] = 1.0
    kernels.backward(shares, n, m, np.zeros(m + LANES), end, cells)
    # row i of a tile is at step i + j in column j
    skew = (8 * steps * LANES, 8 * (LANES + 1), 8 * LANES)
    expected = np.lib.stride_tricks.as_strided(cells, (rows // LANES, LANES, m), skew).reshape(rows, m)[:n].copy()
    gradient = _gradient(first, second, expected)
    return SoftAlignment(value, expected, gradient.reshape(np.shape(a)))


def soft_dtw_divergence(a: npt.ArrayLike, b: npt.ArrayLike, gamma: float = 1.0) -> float:
    """Soft-DTW less its mean for each sequence with itself: zero for equal sequences, and otherwise positive.

    Proven for costs close to the squared Euclidean one used here; with that, no counterexample is known.

    Raises:
        UsageError: as `soft_dtw`.
    """
    first, second = _checked(a, b, gamma)
    none = np.zeros(0)
    itself = [_value(each, each, gamma, none) for each in (first, second)]
    return _value(first, second, gamma, none) - (itself[0] / 2 + itself[1] / 2)


def _checked(a: npt.ArrayLike, b: npt.ArrayLike, gamma: float) -> tuple[Float64, Float64]:
    first, second = sequence(a, "the first sequence"), sequence(b, "the second sequence")
    if first.shape[1] != second.shape[1]:
        raise UsageError(
            f"vectors of {first.shape[1]} and of {second.shape[1]} dimensions cannot be compared",
            "compare what was measured with the same feature",
        )
    if not 0 < gamma < math.inf:
        raise UsageError(f"a gamma of {gamma:g} makes no soft minimum", "it is positive; dtw is the limit at 0")
    return first, second


def _value(a: Float64, b: Float64, gamma: float, shares: Float64) -> float:
    """Soft-DTW, and the shares of each cell's predecessors where there is room for them."""
    (n, dims), m = a.shape, len(b)
    tiles = np.zeros((dims, -(-n // LANES) * LANES))
    tiles[:, :n] = a.T
    backwards = np.full((dims, m + 2 * LANES), np.inf)
    backwards[:, LANES : LANES + m] = b[::-1].T
    above = np.concatenate([np.ones(m + LANES), np.full(m + LANES, NOWHERE)])
    with np.errstate(over="ignore"):
        log = kernels.forward(tiles.reshape(-1), backwards.reshape(-1), n, m, dims, 1 / math.sqrt(gamma), above, shares)
    value = -gamma * float(log)
    if -log > MOST / 10 or not math.isfinite(value):
        raise UsageError(
            f"the sequences are too far apart for a gamma of {gamma:g}", "choose a larger one, or compare with dtw"
        )
    return value


def _gradient(a: Float64, b: Float64, expected: Float64) -> Float64:
    """Equation 3 for squared Euclidean costs: each vector's distance from those it is aligned with, twice."""
    with np.errstate(over="ignore", invalid="ignore"):
        # relative to one place, so that nothing is lost of sequences far from zero
        place = b[0]
        gradient: Float64 = 2 * (expected.sum(axis=1)[:, None] * (a - place) - expected @ (b - place))
    if not np.isfinite(gradient).all():
        raise UsageError("the sequences are too far apart for a number", "check their values")
    return gradient
