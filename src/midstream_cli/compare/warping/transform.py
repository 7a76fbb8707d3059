"""What is done to a sequence before it is compared: normalised, so that only its shape counts, or its slope taken."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from midstream_cli.compare.warping.dtw import sequence
from midstream_cli.compare.warping.values import numbers
from midstream_cli.errors import UsageError
from midstream_cli.frames import Float64


def z_normalise(series: npt.ArrayLike) -> Float64:
    """Each dimension with mean 0 and standard deviation 1; a dimension that never changes becomes zeros.

    The deviation is the population's (over n), as in searches by normalised distance (T. Rakthanmanon et al., "Searching
    and mining trillions of time series subsequences under dynamic time warping", KDD 2012).

    Args:
        series: shape (n,) or (n, dims), which is the shape of what comes out.

    Raises:
        UsageError: it is empty, or a value is not finite.
    """
    values = sequence(series, "the series")
    exponents = np.frexp(np.abs(values).max(axis=0))[1]
    # powers of two, so that nothing overflows or vanishes; from the first value, so that a level costs no digits
    scaled = np.ldexp(values, -exponents)
    change = scaled - scaled[0]
    centred = change - change.mean(axis=0)
    deviation = np.sqrt((centred * centred).mean(axis=0))
    # what never changes is zero already
    normalised: Float64 = centred / np.where(deviation > 0, deviation, 1.0)
    return normalised.reshape(np.shape(series))


def derivative(series: npt.ArrayLike) -> Float64:
    """The slope at each position: the mean of the slope from the position before, and of that across both neighbours.

    E. Keogh, M. Pazzani, "Derivative dynamic time warping", SDM 2001: ``((q[i] - q[i-1]) + (q[i+1] - q[i-1]) / 2) / 2``,
    and at the ends what stands beside them. What is left of two series that differ by a level is equal.

    Args:
        series: shape (n,) or (n, dims), which is the shape of what comes out.

    Raises:
        UsageError: it has fewer than three positions, a value is not finite, or a slope is too large for a number.
    """
    values = sequence(series, "the series")
    if len(values) < 3:
        raise UsageError(f"a series of {len(values)} has no slope", "it needs three positions")
    with np.errstate(over="ignore", invalid="ignore"):
        inner = ((values[1:-1] - values[:-2]) + (values[2:] - values[:-2]) / 2) / 2
    if not np.isfinite(inner).all():
        raise UsageError("the series changes by more than a number can hold", "check its values")
    return np.concatenate([inner[:1], inner, inner[-1:]]).reshape(np.shape(series))


TRANSFORMS: dict[str, Callable[[npt.ArrayLike], Float64]] = {"z-normalise": z_normalise, "derivative": derivative}
"""By the names that users write."""


def transformed(series: npt.ArrayLike, names: Sequence[str]) -> Float64:
    """A series after the transforms of these names, one after the other.

    Raises:
        UsageError: there is no such transform, or one of them refuses the series.
    """
    unknown = [name for name in names if name not in TRANSFORMS]
    if unknown:
        raise UsageError(f"no transform is called {unknown[0]!r}", f"known are {', '.join(TRANSFORMS)}")
    values = numbers(series, "the series").copy()
    for name in names:
        values = TRANSFORMS[name](values)
    return values
