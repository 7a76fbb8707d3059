"""Recurrence quantification: how often, how long and how regularly a trajectory comes back to where it was.

N. Marwan, M. C. Romano, M. Thiel, J. Kurths, "Recurrence plots for the analysis of complex systems", Phys. Rep. 438, 2007.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from midstream_cli.attractor.embedding.embedding import Embedding
from midstream_cli.attractor.kernels import recurrences
from midstream_cli.attractor.recurrences import lines as measure
from midstream_cli.attractor.recurrences.periodicity import period_density_entropy, periodicity
from midstream_cli.attractor.recurrences.plot import shares
from midstream_cli.attractor.recurrences.trajectory import Norm, Trajectory, cells, chosen_limit, trajectory
from midstream_cli.errors import UsageError
from midstream_cli.frames import Float64, Int64


@dataclass(frozen=True, slots=True, eq=False)
class Recurrence:
    """The measures of a recurrence matrix; lengths are in samples, entropies in nats."""

    states: int
    """Rows of the matrix: samples less those that an embedding takes."""
    radius: float
    """States at most so far apart are recurrences."""
    rate: float
    """The share of recurrences of all cells that count."""
    determinism: float
    """The share of recurrences in diagonal lines; the main diagonal is none."""
    mean_diagonal: float
    """For how long on average two stretches run side by side."""
    longest_diagonal: int
    divergence: float
    """One over the longest diagonal line; infinite where there is none."""
    diagonal_entropy: float
    ratio: float
    """Determinism over rate."""
    trend: float
    """Of the rate with the lag, per sample: away from 0 where the series drifts."""
    laminarity: float
    """The share of recurrences in vertical lines."""
    trapping_time: float
    """The mean length of vertical lines."""
    longest_vertical: int
    vertical_entropy: float
    mean_white: float
    """The mean length of white vertical lines: the mean recurrence time of pyunicorn."""
    longest_white: int
    white_entropy: float
    mean_recurrence_time: float
    """From the beginning of one vertical line to that of the next, on average (recurrence time of the second type)."""
    period_density_entropy: float
    """Of these times, 0 for a period to 1 for noise."""
    period: float
    """The lag at which recurrences are most frequent; NaN where there is none."""
    periodicity: float
    """How much more often than by chance there are recurrences at this lag, 0 to 1."""
    diagonals: Int64
    """How many diagonal lines have length 0, 1, 2, ..., in both halves; shape (states + 1,)."""
    verticals: Int64
    """How many vertical lines have each length."""
    whites: Int64
    """How many white vertical lines have each length."""
    returns: Int64
    """How often each recurrence time of the second type occurs."""
    rates: Float64
    """The share of recurrences at lag 0, 1, 2, ...; shape (states,)."""
    picture: Float64 | None = None
    """The share of recurrences in each cell of the thinned matrix, where it was asked for."""


def recurrence(
    x: npt.ArrayLike,
    *,
    embedding: Embedding | None = None,
    radius: float | None = None,
    rate: float | None = None,
    norm: Norm = "euclidean",
    min_line: int = 2,
    min_vertical: int = 2,
    theiler: int = 0,
    picture: int | None = None,
) -> Recurrence:
    """Quantify the recurrences of a series, in memory of the order of its length.

    Args:
        x: shape (n,), which is embedded, or (n, channels), which are states already unless an embedding is given.
        embedding: how the series becomes states; None for the embedding that is found.
        radius: states at most so far apart are recurrences, in units of x.
        rate: the share of all cells that are to be recurrences; 0.05 where neither is given.
        norm: `euclidean`, `chebyshev` (the supremum norm) or `manhattan`.
        min_line: shorter diagonal lines are not lines.
        min_vertical: shorter vertical lines are not lines.
        theiler: states fewer samples apart do not count, in no measure: 0 for all of them, 1 leaves out the main diagonal,
            which is none of the diagonal lines in any case.
        picture: so many cells at most a side of a thinned matrix.

    Raises:
        UsageError: the series is not finite; both a radius and a rate, or one out of range; an unknown norm; a line
            shorter than 1.
        InsufficientData: there are fewer than two states outside the Theiler window.
    """
    if min_line < 1 or min_vertical < 1 or (picture is not None and picture < 1):
        raise UsageError("a line or a picture of less than 1 cell", "give 1 at least")
    path = trajectory(x, embedding, norm)
    limit, radius = chosen_limit(path, radius, rate, theiler)
    counted = _counted(path, limit, theiler)
    image = None if picture is None else shares(path, limit, theiler, picture)
    return _measured(counted, path.n, radius, theiler, (min_line, min_vertical), image)


def _counted(path: Trajectory, limit: float, theiler: int) -> Int64:
    """Tables of the kernel, shape (5, n + 1)."""
    n = path.n
    row = np.zeros((n >> 6) + 1, dtype=np.uint64)
    state = np.zeros((3, n + 1), dtype=np.int64)
    state[recurrences.ONSET] = -1
    lines = np.zeros((5, n + 1), dtype=np.int64)
    recurrences.quantify(*path.arguments, limit, theiler, row, state.reshape(-1), lines.reshape(-1))
    lines[:4, 0] = 0
    lines[recurrences.DIAGONAL] *= 2
    return lines


def _measured(
    counted: Int64, n: int, radius: float, theiler: int, least: tuple[int, int], image: Float64 | None
) -> Recurrence:
    diagonals, verticals, whites, returns, lags = counted
    rates = lags[:n] / np.arange(n, 0, -1)
    rates[0] = float(theiler == 0)
    number = 2 * int(lags.sum()) + (n if theiler == 0 else 0)
    rate = number / cells(n, theiler)
    determinism = measure.share_in_lines(diagonals, least[0])
    longest = measure.longest(diagonals)
    found = periodicity(rates, rate)
    return Recurrence(
        states=n,
        radius=radius,
        rate=rate,
        determinism=determinism,
        mean_diagonal=measure.mean_length(diagonals, least[0]),
        longest_diagonal=longest,
        divergence=1 / longest if longest else np.inf,
        diagonal_entropy=measure.entropy(diagonals, least[0]),
        ratio=determinism / rate if rate else 0.0,
        trend=measure.trend(rates),
        laminarity=measure.share_in_lines(verticals, least[1]),
        trapping_time=measure.mean_length(verticals, least[1]),
        longest_vertical=measure.longest(verticals),
        vertical_entropy=measure.entropy(verticals, least[1]),
        mean_white=measure.mean_length(whites, 1),
        longest_white=measure.longest(whites),
        white_entropy=measure.entropy(whites, 1),
        mean_recurrence_time=measure.mean_length(returns, 1),
        period_density_entropy=period_density_entropy(returns),
        period=found.period,
        periodicity=found.strength,
        diagonals=diagonals,
        verticals=verticals,
        whites=whites,
        returns=returns,
        rates=rates,
        picture=image,
    )
