"""The numbers by which regimes are told apart, quickly computed from a series of any length."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from midstream_cli.attractor.embedding.sampling import standardised
from midstream_cli.attractor.regime import decay, forecasts, linear_twins, lines, returns, shape
from midstream_cli.attractor.regime.series import stretch
from midstream_cli.errors import InsufficientData, UsageError
from midstream_cli.frames import Float64

LEAST = 100
"""Samples below which nothing is said."""

NAMES = (
    *decay.NAMES, *lines.NAMES, *returns.NAMES, *forecasts.NEIGHBOUR_NAMES, *forecasts.LAW_NAMES, *shape.NAMES, *linear_twins.NAMES,
    "log_samples", "log_period", "delay_share",
)  # fmt: skip


class Indicators(NamedTuple):
    """What a classifier looks at."""

    values: Float64
    """Shape (len(NAMES),)."""
    samples: int
    constant: bool = False
    """Whether the series does not move at all."""


def indicators(x: npt.ArrayLike) -> Indicators:
    """The indicators of a series of shape (n,).

    Raises:
        InsufficientData: fewer than 100 samples.
        UsageError: values that are not finite, or an array of more than one column.
    """
    array = standardised(x)
    if array.ndim == 2:
        if array.shape[1] > 1:
            raise UsageError("a regime is told from one series, and there are several", "choose one channel")
        array = array[:, 0]
    n = len(array)
    if n < LEAST:
        raise InsufficientData(LEAST, n, "telling the regime")
    if not array.any():
        return Indicators(np.zeros(len(NAMES)), n, constant=True)
    part = stretch(array)
    values = np.array([
        *decay.decay(array), *lines.lines(part.x), *returns.returns(part.x, part.period), *forecasts.neighbours(part),
        *forecasts.laws(part), *shape.shape(part), *linear_twins.linear_twins(part),
        np.log(len(part.x)), np.log(part.period), part.delay / part.period,
    ])  # fmt: skip
    return Indicators(values, n)
