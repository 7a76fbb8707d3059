"""How often states of a series come within a radius of one another, for many radii and all embedding dimensions at once."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from midstream_cli.attractor.embedding.sampling import columns_of, standardised
from midstream_cli.attractor.kernels import correlation
from midstream_cli.attractor.kernels.correlation import BINS, FIRST, LANES, OCTAVES_DOWN, PRECISION, SHIFT
from midstream_cli.compiled import machine
from midstream_cli.errors import InsufficientData, UsageError
from midstream_cli.frames import Float64, Int64

BLOCKS = 10
"""Stretches of the series that are left out one after the other, to see how much depends on each."""

MOST_PAIRS = 25_000_000
"""Pairs that are looked at; of longer series, every so many states is compared with all, or with stretches of all."""

MOST_STATES = 40_000
"""States that each of those is compared with at most."""

NEAR = 1.0
"""Radius up to which all pairs count, in deviations; beyond it, where there are plenty, FAR_PAIRS do."""

FAR_PAIRS, FAR_STATES = 400_000, 2_000

STEP = 1 << PRECISION
"""Radii in an octave."""

LOADING_US = 35_000.0
"""Processor time that loading the kernel takes, once it is compiled."""

DISTANCE_US = 0.02
"""What numpy takes for one distance in one dimension."""

_spent_us = 0.0


@dataclass(frozen=True, slots=True)
class CorrelationSums:
    """Shares of pairs of states that are closer than each radius."""

    radii: Float64
    """Shape (radii,), in deviations of the series; 0, and then eight an octave, evenly spaced within it."""
    sums: Float64
    """Shape (dimensions, radii): of all pairs far enough apart in time, for one delayed copy of each channel, two, ..."""
    left_out: Float64
    """Shape (BLOCKS, dimensions, radii), radii up to NEAR: the same without the pairs of one stretch of time."""
    pairs: int
    """How many pairs of states were looked at."""
    close: Float64
    """Shape (dimensions, radii), how many of them are closer than each radius up to NEAR."""

    @property
    def near(self) -> int:
        """How many radii there are up to NEAR."""
        return int(self.left_out.shape[2])


@dataclass(frozen=True, slots=True)
class _Pairs:
    """What is compared with what."""

    columns: Float64
    """The channels one after the other, and LANES numbers more."""
    channels: int
    length: int
    """Of a channel."""
    delay: int
    dimensions: int
    theiler: int
    squares: bool
    states: int


def correlation_sums(
    x: npt.ArrayLike,
    *,
    delay: int = 1,
    dimensions: int = 8,
    theiler: int = 1,
    norm: Literal["chebyshev", "euclidean"] = "chebyshev",
) -> CorrelationSums:
    """The correlation sums of a series (P. Grassberger and I. Procaccia, Physica D 9, 189, 1983).

    All dimensions count the same pairs: those of states that have all coordinates of the largest dimension. Exact up to
    some 7000 states; of longer series, evenly chosen states are compared with evenly chosen stretches.

    Args:
        x: shape (n,) or (n, channels), finite; channels are standardised.
        delay: samples from one coordinate to the next.
        dimensions: up to how many delayed copies of each channel.
        theiler: states up to so many samples apart do not count (J. Theiler, Phys. Rev. A 34, 2427, 1986).

    Raises:
        UsageError: the series is not finite, or a number makes no sense.
        InsufficientData: no pairs are left.
    """
    columns = columns_of(standardised(x))
    if delay < 1 or dimensions < 1 or theiler < 0 or norm not in {"chebyshev", "euclidean"}:
        raise UsageError(
            f"delay {delay}, {dimensions} dimensions, Theiler window {theiler}, norm {norm!r}",
            "delay and dimensions are at least 1, the window at least 0, norms are chebyshev and euclidean",
        )
    n = len(columns)
    states = n - (dimensions - 1) * delay
    needed = (dimensions - 1) * delay + theiler + 2 * BLOCKS + 2
    if n < needed:
        raise InsufficientData(needed, n, f"a correlation sum in {dimensions} dimensions")
    asked = _Pairs(
        np.concatenate([columns.T.ravel(), np.zeros(LANES)]),
        columns.shape[1], n, delay, dimensions, theiler, norm == "euclidean", states,
    )  # fmt: skip
    return _summed(asked)


def _summed(asked: _Pairs) -> CorrelationSums:
    # what is too near for a bin of its own is in the first
    edges = np.array([0.0, *(_edge(k, squares=asked.squares) for k in range(1, BINS + 1))])
    counts, seen = _counted(asked, NEAR, MOST_PAIRS, MOST_STATES)
    near = int(np.searchsorted(edges, NEAR, side="right"))
    below = np.zeros((*counts.shape[:3], near))
    below[..., 1:] = np.cumsum(counts[..., : near - 1], axis=-1)
    close, pairs = below.sum(axis=(0, 1)), int(seen.sum())
    if not pairs:
        raise InsufficientData(asked.length + asked.theiler, asked.length, "a correlation sum")
    sums = np.zeros((asked.dimensions, BINS + 1))
    far, far_seen = _counted(asked, math.inf, FAR_PAIRS, FAR_STATES)
    sums[:, 1:] = np.cumsum(far.sum(axis=(0, 1))[:, :-1], axis=1) / max(int(far_seen.sum()), 1)
    sums[:, :near] = close / pairs
    return CorrelationSums(edges, np.maximum.accumulate(sums, axis=1), _left_out(below, seen), pairs, close)


def _left_out(below: Float64, seen: Int64) -> Float64:
    """The sums without one stretch of time after the other, on either side of a pair."""
    stretches = np.arange(BLOCKS)
    remaining = seen.sum() - seen.sum(axis=0) - seen.sum(axis=1) + np.diagonal(seen)
    left = below.sum(axis=(0, 1)) - below.sum(axis=0) - below.sum(axis=1) + below[stretches, stretches]
    return np.asarray(left / np.maximum(remaining, 1)[:, None, None])


def _edge(k: int, *, squares: bool) -> float:
    """The radius below which the first k bins lie."""
    octave, part = divmod(k, STEP)
    edge = math.ldexp(1 + part / STEP, octave - OCTAVES_DOWN)
    return math.sqrt(edge) if squares else edge


def _counted(asked: _Pairs, cut: float, most_pairs: int, most_states: int) -> tuple[Int64, Int64]:
    """Distances below the cut, counted by the stretches of the two states, and how many pairs those have."""
    n = asked.states
    whole = n * (n - 1) // 2 <= most_pairs
    compared = n if whole else min(n, most_states)
    stride = 1 if whole else max(n * compared // most_pairs, 1)
    bounds = np.linspace(0, n, BLOCKS + 1).astype(np.int64)
    counts = np.zeros((BLOCKS, BLOCKS, asked.dimensions, BINS + 1), np.int64)
    seen = np.zeros((BLOCKS, BLOCKS), np.int64)
    for i in range(BLOCKS):
        references = np.arange(bounds[i], bounds[i + 1], stride)
        for j in range(i if whole else 0, BLOCKS):
            left_out = (int(bounds[j + 1] - bounds[j]) - compared // BLOCKS) // 2 if compared < n else 0
            begin, end = int(bounds[j]) + left_out, int(bounds[j + 1]) - left_out
            seen[i, j] = _count(asked, references, begin, end, cut, counts[i, j], both=not whole)
    return counts, seen


def _count(
    asked: _Pairs, references: Int64, begin: int, end: int, cut: float, counts: Int64, *, both: bool
) -> int:  # fmt: skip
    """Distances between some states and a stretch of all; returns how many."""
    global _spent_us  # noqa: PLW0603 - one process, one engine to load
    cost_us = len(references) * (end - begin) * asked.dimensions * DISTANCE_US
    if _spent_us + cost_us < LOADING_US and not machine.is_loaded(correlation.count.module):
        _spent_us += cost_us
        return _count_by_numpy(asked, references, begin, end, counts, both=both)
    return correlation.count(
        asked.columns, asked.channels, asked.length, asked.delay, asked.dimensions, references, begin, end,
        asked.theiler, int(both), cut * cut if asked.squares else cut, int(asked.squares), counts.reshape(-1),
        np.empty(LANES, np.int64),
    )  # fmt: skip


def _count_by_numpy(
    asked: _Pairs, references: Int64, begin: int, end: int, counts: Int64, *, both: bool
) -> int:  # fmt: skip
    """As the kernel, without a cut."""
    later = np.arange(begin, end) - references[:, None]
    there = np.abs(later) > asked.theiler if both else later > asked.theiler
    total = np.zeros(int(there.sum()))
    for m in range(asked.dimensions):
        for c in range(asked.channels):
            channel = asked.columns[c * asked.length + m * asked.delay :]
            apart = np.abs(channel[begin:end] - channel[references, None])[there]
            total = total + apart * apart if asked.squares else np.maximum(total, apart)
        bins = np.maximum((total.view(np.int64) >> SHIFT) - FIRST, 0)
        counts[m] += np.bincount(bins, minlength=BINS + 1)[: BINS + 1]
    return len(total)
