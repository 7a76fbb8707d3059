"""What a map of the attractor is made of: a parabola, and bumps around some of the states."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from midstream_cli.frames import Float64

SQUARES = 12
"""Coordinates up to which a map has products of two of them."""


class Basis(NamedTuple):
    """Functions of a state."""

    centres: Float64
    """Shape (bumps, inputs)."""
    width: float

    def values(self, states: Float64) -> Float64:
        """Every function of every state, shape (q, functions): the constant first, the bumps last."""
        parts = [np.ones((len(states), 1)), states]
        if states.shape[1] <= SQUARES:
            first, second = np.triu_indices(states.shape[1])
            parts.append(states[:, first] * states[:, second])
        return np.concatenate([*parts, self._bumps(states)], axis=1)

    def gradients(self, states: Float64, weights: Float64) -> Float64:
        """The Jacobian of a weighted sum of the functions.

        Args:
            states: shape (q, inputs).
            weights: shape (functions, outputs).

        Returns:
            Shape (q, outputs, inputs).
        """
        count, inputs = states.shape
        found = np.empty((count, weights.shape[1], inputs))
        bumps = self._bumps(states)
        radial = weights[len(weights) - len(self.centres) :]
        first, second = np.triu_indices(inputs)
        for output in range(weights.shape[1]):
            weighted = bumps * radial[:, output]
            pull = weighted @ self.centres - weighted.sum(axis=1)[:, None] * states
            found[:, output] = weights[1 : 1 + inputs, output] + pull / self.width**2
            if inputs <= SQUARES:
                products = np.zeros((inputs, inputs))
                products[first, second] = weights[1 + inputs : 1 + inputs + len(first), output]
                found[:, output] += states @ (products + products.T)
        return found

    def _bumps(self, states: Float64) -> Float64:
        bumps = states @ self.centres.T
        bumps *= 2.0
        bumps -= (states * states).sum(axis=1)[:, None]
        bumps -= (self.centres * self.centres).sum(axis=1)
        np.minimum(bumps, 0.0, out=bumps)
        bumps *= 0.5 / self.width**2
        return np.exp(bumps, out=bumps)


class Learnt(NamedTuple):
    """A weighted sum of functions, and how well it foretold what it had not seen."""

    basis: Basis
    weights: Float64
    ridge: float
    error: float
    """Root mean square, in units of what is foretold."""


def learn(
    states: Float64,
    targets: Float64,
    centres: Float64,
    widths: tuple[float, ...],
    ridges: tuple[float, ...],
    folds: int,
) -> Learnt:
    """Choose a width and a ridge by cross-validation over stretches of time, and learn the weights.

    Args:
        states: shape (q, inputs), in the order of time.
        targets: shape (q, outputs).
        centres: shape (bumps, inputs).
        widths: of the bumps, as multiples of the root of the number of inputs.
    """
    best: tuple[float, Basis, float, Float64, Float64, Float64] | None = None
    cuts = np.linspace(0, len(states), folds + 1).astype(int)
    spans = [slice(a, b) for a, b in pairwise(cuts.tolist())]
    for relative in widths:
        basis = Basis(centres, relative * float(np.sqrt(states.shape[1])))
        features = basis.values(states)
        size = np.sqrt(np.einsum("ij,ij->j", features, features) / len(features)) + 1e-12
        features /= size
        grams = np.array([features[span].T @ features[span] for span in spans])
        sides = np.array([features[span].T @ targets[span] for span in spans])
        gram, side = grams.sum(axis=0), sides.sum(axis=0)
        for ridge in ridges:
            squares = 0.0
            for span, less, fewer in zip(spans, grams, sides, strict=True):
                weights = _solved(gram - less, side - fewer, ridge * len(states))
                squares += float(((features[span] @ weights - targets[span]) ** 2).sum())
            error = float(np.sqrt(squares / targets.size))
            if best is None or error < best[0]:
                best = error, basis, ridge, gram, side, size
    if best is None:
        raise ValueError("no widths or ridges")
    error, basis, ridge, gram, side, size = best
    weights = _solved(gram, side, ridge * len(states)) / size[:, None]
    return Learnt(basis, weights, ridge, error)


def _solved(gram: Float64, side: Float64, ridge: float) -> Float64:
    from scipy.linalg import lapack

    matrix = gram.copy()
    matrix.flat[:: len(gram) + 1] += ridge
    _, found, failed = lapack.dposv(matrix, side, overwrite_a=True)
    if failed:  # the ridge is below what rounding leaves
        return _solved(gram, side, max(100.0 * ridge, 1e-12 * float(np.trace(gram))))
    weights: Float64 = found
    return weights
