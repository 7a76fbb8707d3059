"""Divergence across the flow: neighbours are kept in phase, and only their distance across the trajectory counts."""

import numpy as np

from midstream_cli.attractor.embedding.embedding import Embedding
from midstream_cli.attractor.exponents.divergence import followed, mean_log
from midstream_cli.frames import Float64

REFERENCES = 1500

LOOKS = 128
"""Times that the distance is looked at: sixteen a period. In between, the curve is straight."""

SLIDE = 3
"""Samples that a neighbour may move along its own path in each."""


def transverse(series: Float64, embedding: Embedding, steps: int) -> Float64:
    """The mean logarithm of the distance across the flow after 0 to about `steps` samples, in nats.

    As Rosenstein's curve, but a neighbour that runs ahead or behind is moved along its own path to where it is nearest,
    and what separates both along the flow is left out. So the curve does not swing with the speed along the orbit, and of
    cycles and tori it does not rise at all.

    Args:
        series: shape (n,) or (n, channels), sampled so finely that its flow has a direction: 8 samples a period.

    Raises:
        InsufficientData: the series is too short.
    """
    stride = max(1, steps // LOOKS)
    squared = followed(series, embedding, steps, slide=SLIDE * stride, most=REFERENCES, stride=stride)
    found: Float64 = np.interp(
        np.arange(steps // stride * stride + 1), np.arange(squared.shape[1]) * stride, mean_log(squared)
    )
    return found
