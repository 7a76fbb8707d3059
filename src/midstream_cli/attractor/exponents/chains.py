"""A series as chains of states: every `delay`-th value, so that each state is the one before, moved on by a value."""

from typing import NamedTuple

import numpy as np

from midstream_cli.attractor.exponents.basis import Learnt
from midstream_cli.frames import Float64, Int64

MOST_VALUES = 20_000
"""Samples that are looked at; of a longer series, STRETCHES of them."""

STRETCHES = 10


class Chains(NamedTuple):
    """Chains one behind the other."""

    values: Float64
    """Shape (n, channels), standardised."""
    when: Int64
    """Shape (n,): where in the series each value was."""
    rows: Int64
    """Shape (q,): where in `values` each state begins that has a value after it; it goes on for `dimension` values."""
    dimension: int

    def states(self, rows: Int64) -> Float64:
        """Delay vectors, shape (q, dimension * channels), oldest value first."""
        return np.concatenate([self.values[rows + k] for k in range(self.dimension)], axis=1)

    def pairs(self, most: int) -> tuple[Float64, Float64]:
        """States in the order of time and what follows each, evenly thinned to so many at most."""
        rows = self.rows[np.argsort(self.when[self.rows], kind="stable")]
        rows = rows[np.linspace(0, len(rows) - 1, min(len(rows), most)).astype(np.int64)]
        return self.states(rows), self.values[rows + self.dimension]

    def along(self, settling: int) -> tuple[Float64, Int64, Int64]:
        """All states, chain by chain: the states, when they were, and which are not at the beginning of a chain."""
        begins = np.flatnonzero(np.diff(self.rows, prepend=-2) != 1)
        lengths = np.diff(begins, append=len(self.rows))
        place = np.arange(len(self.rows)) - np.repeat(begins, lengths)
        settled = np.flatnonzero(place >= np.minimum(settling, np.repeat(lengths, lengths) // 4))
        newest = self.rows + self.dimension - 1
        return self.states(self.rows), self.when[newest], settled

    def towards(self, observed: "Chains", learnt: Learnt, trust: float, stride: float) -> "Chains":
        """The values moved to where a map foretells them well and they are still near what was observed.

        One Gauss-Newton step of the sum of squared distances from the observed values and of squared errors of the forecasts,
        these over `trust` squared. The matrix is banded, as wide as a state.

        Args:
            observed: the same chains as they were observed.
            trust: how far from the forecasts the values may be, over how far from the observed.
            stride: no value is moved further.
        """
        from scipy.linalg import LinAlgError, solveh_banded

        from midstream_cli.attractor.kernels.tangent import normal_bands

        n, channels = self.values.shape
        states = self.states(self.rows)
        errors = self.values[self.rows + self.dimension] - learnt.basis.values(states) @ learnt.weights
        gradients = np.ascontiguousarray(learnt.basis.gradients(states, learnt.weights))
        bands = np.zeros((states.shape[1] + channels, n * channels))
        bands[0] = 1.0
        slopes = (observed.values - self.values).ravel()
        normal_bands(gradients, (self.rows * channels).astype(np.float64), trust**-2, bands, slopes, errors)
        try:
            moves = solveh_banded(bands, slopes, lower=True, overwrite_ab=True, check_finite=False)
        except LinAlgError:  # the map is wild somewhere: leave the series where it is
            return self
        moved = self.values + np.clip(moves, -stride, stride).reshape(n, channels)
        return self._replace(values=moved)


def cut(z: Float64, dimension: int, delay: int) -> Chains:
    """Chains of a series, shape (n, channels); of one longer than MOST_VALUES, of stretches of it."""
    n = len(z)
    starts, length = [0], n
    if n > MOST_VALUES:
        length = max(MOST_VALUES // STRETCHES, 3 * dimension * delay)
        starts = np.unique(np.linspace(0, n - length, min(STRETCHES, n // length)).astype(int)).tolist()
    when, rows, count = [], [], 0
    for start in starts:
        for offset in range(delay):
            chain = np.arange(start + offset, start + length, delay)
            when.append(chain)
            rows.append(count + np.arange(max(len(chain) - dimension, 0)))
            count += len(chain)
    order = np.concatenate(when)
    return Chains(z[order], order, np.concatenate(rows), dimension)
