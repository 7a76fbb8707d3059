"""What callers give as numbers, as an array of float64; what would quietly mean something else is refused."""

from typing import Any

import numpy as np
import numpy.typing as npt

from midstream_cli.errors import UsageError
from midstream_cli.frames import Float64

NUMBERS = "biuf"
"""Kinds of dtype that are numbers."""

WHOLE = 1 << 53
"""Not all whole numbers beyond are float64."""


def numbers(values: npt.ArrayLike, name: str) -> Float64:
    """Numbers as a plain and aligned array, not copied where it is one already; what is masked is NaN.

    Raises:
        UsageError: they are texts, times, complex or ragged, or whole numbers that float64 would round.
    """
    if type(values) is np.ndarray and values.dtype == np.float64 and values.flags.aligned:
        return values
    try:
        found = _filled(values) if isinstance(values, np.ma.MaskedArray) else np.asarray(values)
        if found.dtype.kind == "O":
            found = found.astype(np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise _refusal(name, str(error)) from None
    if found.dtype.kind not in NUMBERS:
        raise _refusal(name, f"its elements are {found.dtype.name}")
    with np.errstate(over="ignore"):
        # a number too large becomes infinite, which whoever needs a finite one refuses
        converted = np.require(found, np.float64, ["ALIGNED"])
    if found.dtype.kind in "iu" and found.dtype.itemsize == 8 and _is_rounded(found, converted):
        raise UsageError(
            f"{name} has whole numbers that would be rounded, beyond 2^53", "take the first away from all of them"
        )
    return converted


def _filled(values: Any) -> npt.NDArray[Any]:
    """A masked array as a plain one."""
    found: npt.NDArray[Any] = values.astype(np.float64).filled(np.nan) if np.ma.is_masked(values) else values.data
    return found


def _is_rounded(whole: npt.NDArray[Any], converted: Float64) -> bool:
    if whole.size == 0 or (whole.min() >= -WHOLE and whole.max() <= WHOLE):
        return False
    with np.errstate(invalid="ignore"):
        return bool((converted.astype(whole.dtype) != whole).any())


def _refusal(name: str, why: str) -> UsageError:
    return UsageError(
        f"{name} is no sequence of numbers: {why}", "give numbers, shape (n,), or vectors of one length, (n, dims)"
    )
