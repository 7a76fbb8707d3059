"""How a system stretches small boxes, told from where the neighbours of each state go: one straight map a state.

Source: M. Sano, Y. Sawada, "Measurement of the Lyapunov spectrum from a chaotic time series", Phys. Rev. Lett. 55, 1985;
J.-P. Eckmann, S. O. Kamphorst, D. Ruelle, S. Ciliberto, "Liapunov exponents from time series", Phys. Rev. A 34, 1986.
"""

import numpy as np
import numpy.typing as npt

from midstream_cli.attractor.embedding.delay_vectors import embed
from midstream_cli.attractor.embedding.embedding import Embedding
from midstream_cli.attractor.embedding.sampling import columns_of, standardised
from midstream_cli.attractor.neighbours.search import nearest
from midstream_cli.errors import InsufficientData
from midstream_cli.frames import Float64, Int64

MOST_STATES = 3000
"""States at which a map is made; of a longer series, its beginning."""

RIDGE = 1e-6
"""Of the spread of the neighbours: directions in which they hardly differ are left flat."""


def local_growths(x: npt.ArrayLike, embedding: Embedding, *, neighbours: int | None = None) -> tuple[Int64, Float64]:
    """How fast small boxes grow along a series.

    Args:
        x: shape (n,) or (n, channels), finite.
        embedding: a map goes `delay` samples forward.
        neighbours: of which each map is made; by default four for each number that is looked for.

    Returns:
        When each state was, shape (q,), in samples; and the logarithm of how much each edge grew from there to the state `delay`
        samples later, shape (q, dimension * channels).

    Raises:
        InsufficientData: there are not enough states for so many neighbours.
        UsageError: the series is not finite.
    """
    from midstream_cli.attractor.kernels.tangent import growths

    z = columns_of(standardised(x))
    delay, dimension = embedding.delay, embedding.dimension
    inputs = dimension * z.shape[1]
    count = neighbours or 4 * (inputs + 1)
    known = len(z) - dimension * delay
    if known < 2 * count + 2 * embedding.theiler:
        raise InsufficientData(dimension * delay + 2 * count + 2 * embedding.theiler, len(z), "a map around each state")
    states = embed(z, dimension, delay)[:known]
    images = z[dimension * delay :]
    at = np.arange(min(known, MOST_STATES))
    gradients = _gradients(states, images, at, nearest(states, count, theiler=embedding.theiler, at=at).index)
    order = np.argsort(at % delay, kind="stable")
    grown = np.empty((len(at), inputs))
    growths(np.ascontiguousarray(gradients[order]), np.eye(inputs), np.empty((inputs, inputs)), grown)
    chain = len(at) // delay
    settled = at[order] // delay >= min(10, chain // 4)
    return at[order][settled] + (dimension - 1) * delay, grown[settled]


def _gradients(states: Float64, images: Float64, at: Int64, found: Int64) -> Float64:
    """The slopes of straight maps through the neighbours, shape (q, channels, inputs); near ones count more."""
    apart = states[found] - states[at][:, None, :]
    moved = images[found] - images[at][:, None, :]
    square = (apart**2).sum(axis=2)
    near = np.exp(-0.5 * square / (square.mean(axis=1, keepdims=True) + 1e-300))[:, :, None] * (found >= 0)[:, :, None]
    apart = np.concatenate([apart, np.ones((*apart.shape[:2], 1))], axis=2)
    left = np.swapaxes(apart * near, 1, 2)
    gram = left @ apart
    spread = np.trace(gram[:, :-1, :-1], axis1=1, axis2=2) / (gram.shape[1] - 1)
    ridge = np.full((len(at), gram.shape[1]), 1e-300)
    ridge[:, :-1] += RIDGE * spread[:, None] + 1e-300
    gram[:, np.arange(gram.shape[1]), np.arange(gram.shape[1])] += ridge
    slopes = np.linalg.solve(gram, left @ moved)[:, :-1]
    return np.swapaxes(slopes, 1, 2)
