"""Samples and levels as formats hold them: integers of few bits, or numbers in JSON."""

from math import isfinite
from typing import Any

import numpy as np
import numpy.typing as npt

from midstream_cli.errors import FormatError
from midstream_cli.frames import Complex64, Float64


def interleaved(
    csi: Complex64, dtype: type[np.signedinteger[Any]], *, imaginary_first: bool = True
) -> npt.NDArray[Any]:
    """Pairs of integers, end to end, for formats that hold no others.

    Raises:
        FormatError: a sample does not fit, or all of them round to nothing.
    """
    values = np.empty(2 * len(csi))
    values[imaginary_first::2], values[not imaginary_first :: 2] = csi.real, csi.imag
    rounded, range_ = np.rint(values), np.iinfo(dtype)
    if not ((rounded >= range_.min) & (rounded <= range_.max)).all():
        raise FormatError(f"samples do not fit {range_.bits} bits", f"scale them to ±{range_.max} first")
    if values.any() and not rounded.any():
        raise FormatError("samples are too small to be integers", f"scale them to ±{range_.max} first")
    return rounded.astype(dtype)


def signed_byte(level: float) -> int:
    """A level in dBm as formats hold it in one byte; 0 where it is not known."""
    return max(-128, min(127, round(level))) if isfinite(level) else 0


def levels(signed_bytes: npt.NDArray[np.int8]) -> npt.NDArray[np.float32]:
    """Levels in dBm; NaN for 0, which no radio receives: the field was left empty."""
    return np.where(signed_bytes == 0, np.float32(np.nan), signed_bytes.astype(np.float32))


def finite_numbers(values: object) -> Float64 | None:
    """A list that came as JSON as an array; None where it is none, or not all of it is numbers that 32 bits hold."""
    if not isinstance(values, list) or not set(map(type, values)) <= {int, float}:
        return None
    try:
        numbers = np.array(values, np.float64)
    except OverflowError:
        return None
    return numbers if (np.abs(numbers) <= np.finfo(np.float32).max).all() else None
