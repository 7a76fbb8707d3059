"""Rosenstein's curve: the mean logarithm of the distance of nearest neighbours."""

from midstream_cli.attractor.embedding.embedding import Embedding
from midstream_cli.attractor.exponents.divergence import followed, mean_log
from midstream_cli.frames import Float64

REFERENCES = 2000


def rosenstein(series: Float64, embedding: Embedding, steps: int) -> Float64:
    """The mean logarithm of the distance of nearest neighbours after 0 to `steps` samples, in nats.

    M. T. Rosenstein, J. J. Collins, C. J. De Luca, "A practical method for calculating largest Lyapunov exponents from
    small data sets", Physica D 65 (1993) 117.

    Args:
        series: shape (n,) or (n, channels).
        embedding: its Theiler window keeps neighbours apart in time.

    Raises:
        InsufficientData: the series is too short.
    """
    return mean_log(followed(series, embedding, steps, slide=0, most=REFERENCES))
