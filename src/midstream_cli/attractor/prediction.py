"""How well a series tells its own future, and whether it looks the same backwards: what linear processes cannot imitate."""

import numpy as np
import numpy.typing as npt

from midstream_cli.attractor.embedding.delay_vectors import embed
from midstream_cli.attractor.embedding.embedding import Embedding, choose
from midstream_cli.attractor.embedding.sampling import standardised
from midstream_cli.attractor.neighbours.search import nearest
from midstream_cli.errors import InsufficientData, UsageError
from midstream_cli.frames import Float64

QUERIES = 500
"""States that are predicted, evenly over the series: the error is known to 4 % then."""

NEIGHBOURS = 5


def prediction_error(
    x: npt.ArrayLike, embedding: Embedding | None = None, *, horizon: int | None = None, neighbours: int = NEIGHBOURS
) -> float:
    """The error of predicting each state by the mean future of its nearest ones, in deviations of the series.

    G. Sugihara, R. May, "Nonlinear forecasting as a way of distinguishing chaos from measurement error", Nature 344, 1990,
    with the locally constant predictor of H. Kantz, T. Schreiber, "Nonlinear Time Series Analysis", section 4.2.

    Args:
        x: shape (n,).
        embedding: None for the one that is found.
        horizon: samples ahead; None for the embedding's delay.
        neighbours: how many futures are averaged.

    Returns:
        0 for a series that is known exactly, about 1 for white noise.

    Raises:
        UsageError: the series is not finite or has several channels; horizon or neighbours below 1.
        InsufficientData: too few states have a future and neighbours outside the Theiler window.
    """
    series = _one_channel(x)
    how = choose(series) if embedding is None else embedding
    ahead = how.delay if horizon is None else horizon
    if ahead < 1 or neighbours < 1:
        raise UsageError(f"a horizon of {ahead}, {neighbours} neighbours", "both are at least 1")
    span = (how.dimension - 1) * how.delay
    needed = span + ahead + 2 * how.theiler + neighbours + 2
    if len(series) < needed:
        raise InsufficientData(needed, len(series), "a prediction")
    states = embed(series, how.dimension, how.delay)
    known = len(states) - ahead
    at = np.unique(np.linspace(0, known - 1, min(known, QUERIES)).astype(np.int64))
    found = nearest(states, neighbours, theiler=how.theiler, at=at, limit=known).index
    future = series[span + ahead :]
    error = future[found].mean(axis=1) - future[at]
    return float(np.sqrt((error**2).mean()) / (future.std() or 1.0))


def reversal_asymmetry(x: npt.ArrayLike, embedding: Embedding | None = None, *, lag: int | None = None) -> float:
    """The skewness of the steps of a series: 0 for what looks the same backwards, as linear Gaussian processes do.

    T. Schreiber, A. Schmitz, "Discrimination power of measures for nonlinearity in a time series", Phys. Rev. E 55, 1997.

    Args:
        x: shape (n,).
        lag: samples of a step; None for the embedding's delay.

    Raises:
        UsageError: the series is not finite or has several channels; a lag below 1.
        InsufficientData: the series is no longer than a step.
    """
    series = _one_channel(x)
    if lag is None:
        lag = (choose(series) if embedding is None else embedding).delay
    if lag < 1:
        raise UsageError(f"a lag of {lag}", "it is at least 1 sample")
    if len(series) <= lag:
        raise InsufficientData(lag + 1, len(series), "a step of the series")
    steps = series[lag:] - series[:-lag]
    size = float((steps**2).mean())
    return float((steps**3).mean() / size**1.5) if size > 0 else 0.0


def _one_channel(x: npt.ArrayLike) -> Float64:
    series = standardised(x)
    if series.ndim == 2 and series.shape[1] > 1:
        raise UsageError(f"this is of one channel, and there are {series.shape[1]}", "choose a channel")
    return series.reshape(-1)
