"""Series as the analysis takes them: on an even grid, finite, of any scale and level."""

import numpy as np
import numpy.typing as npt

from midstream_cli.errors import UsageError
from midstream_cli.frames import Float64

NOTHING = 16 * np.finfo(np.float64).eps
"""Motion below so much of its level is rounding."""


def finite(x: npt.ArrayLike, what: str = "the series") -> Float64:
    """A series of shape (n,) or (n, channels) as float64, in memory row by row.

    Raises:
        UsageError: it is empty, not of one of these shapes, not of numbers, or holds NaN or infinity.
    """
    try:
        series = np.ascontiguousarray(x, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise UsageError(f"{what} is not made of numbers", "give an array of shape (n,) or (n, channels)") from error
    if series.ndim not in {1, 2} or series.size == 0:
        raise UsageError(
            f"{what} has the shape {series.shape}, and (n,) or (n, channels) is needed",
            "give one row a sample, one column a channel",
        )
    if not np.isfinite(series).all():
        at = int(np.flatnonzero(~np.isfinite(series.reshape(len(series), -1)).all(axis=1))[0])
        raise UsageError(
            f"{what} holds {series[at]} at sample {at}",
            "leave out or interpolate the samples that are not finite",
        )
    return series


def columns_of(series: Float64) -> Float64:
    """A series as columns, one a channel, shape (n, channels)."""
    return series.reshape(len(series), -1)


def standardised(x: npt.ArrayLike) -> Float64:
    """A series with mean 0 and deviation 1 in each channel; a channel that does not move is 0.

    Args:
        x: shape (n,) or (n, channels), of any scale, beside any level.

    Raises:
        UsageError: as `finite` does.
    """
    series = finite(x)
    # a power of two costs no digit, and keeps squares of 1e200 or 1e-200 numbers
    _, exponent = np.frexp(np.abs(series).max(axis=0))
    scaled = np.ldexp(series, -exponent)
    level = np.abs(scaled).max(axis=0)
    scaled -= scaled[0]
    moving = np.ptp(scaled, axis=0) > NOTHING * level
    _, exponent = np.frexp(np.abs(scaled).max(axis=0))
    scaled = np.ldexp(scaled, np.where(moving, -exponent, 0))
    scaled -= scaled.mean(axis=0)
    deviation = scaled.std(axis=0)
    return np.ascontiguousarray(np.where(moving, scaled / np.where(moving, deviation, 1.0), 0.0))
