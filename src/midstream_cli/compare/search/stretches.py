"""Stretches of a stream, and which of many candidates are taken: the nearest, then the nearest beside them."""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from midstream_cli.frames import Float64

BLOCK = 256
"""Candidates whose least is known."""


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """A part of a stream that resembles a query."""

    start: int
    """Position of its first frame in the stream."""
    end: int
    """Position after its last frame."""
    distance: float
    normalised: float
    """The distance over what it grows with; see `find`."""
    path: npt.NDArray[np.intp] | None = None
    """Shape (steps, 2): the positions in the query and in the stream that belong together, in order."""


class Candidates(Protocol):
    """At each position of a stream, the nearest stretch that ends there, or that starts there."""

    distances: Float64
    """Shape (positions,); infinite where there is none."""

    def stretch(self, at: int) -> tuple[int, int]:
        """First frame, and the one after the last, of the candidate at a position."""

    def exclude(self, start: int, end: int) -> tuple[int, int]:
        """From now on no candidate shares a frame with this stretch; the positions whose distances have changed."""


def disjoint(candidates: Candidates, k: int | None, threshold: float) -> list[tuple[int, int, float]]:
    """The nearest stretch of all, then the nearest of those that share no frame with the ones taken, and so on.

    Returns:
        At most `k`, none beyond the threshold: (start, end, distance).
    """
    # one alone is not worth knowing where the others are
    lowest = _Lowest(candidates.distances) if k != 1 else None
    taken: list[tuple[int, int, float]] = []
    while k is None or len(taken) < k:
        at = int(candidates.distances.argmin()) if lowest is None else lowest.position()
        distance = float(candidates.distances[at])
        if distance > threshold or distance == math.inf:
            break
        start, end = candidates.stretch(at)
        taken.append((start, end, distance))
        if lowest is not None and len(taken) != k:
            lowest.update(*candidates.exclude(start, end))
    return taken


def nearest(candidates: Candidates, k: int | None, threshold: float) -> list[tuple[int, int, float]]:
    """The nearest of all candidates, one a position, whatever frames they share; arguments as of `disjoint`."""
    near = np.flatnonzero((candidates.distances <= threshold) & (candidates.distances < math.inf))
    ranked = near[np.argsort(candidates.distances[near], kind="stable")][:k]
    return [(*candidates.stretch(at), float(candidates.distances[at])) for at in ranked.tolist()]


class _Lowest:
    """Where an array that changes in places is lowest; of equals the first."""

    def __init__(self, values: Float64) -> None:
        self._values = values
        whole = len(values) // BLOCK * BLOCK
        least = values[:whole].reshape(-1, BLOCK).min(axis=1)
        self._least = np.append(least, values[whole:].min(initial=math.inf))

    def position(self) -> int:
        begin = int(self._least.argmin()) * BLOCK
        return begin + int(self._values[begin : begin + BLOCK].argmin()) if begin < len(self._values) else 0

    def update(self, low: int, high: int) -> None:
        for block in range(low // BLOCK, -(-high // BLOCK)):
            self._least[block] = self._values[block * BLOCK : (block + 1) * BLOCK].min(initial=math.inf)
