"""Local costs: what numbers they are safe for, and how far vectors are apart."""

from typing import Any

import numpy.typing as npt

from midstream_cli.compiled.kernel import F1, inline
from midstream_cli.compiled.vectors import (
    REGISTER,
    bits,
    last,
    load,
    pattern,
    splat,
    store,
)

Array = npt.NDArray[Any]

INF = float("inf")

FAR = 2.0**1020
"""Stands for a row that is not there: no ordinary number is near it."""

NO_PATH = 2.0**900
"""No sum of ordinary costs is so large."""

OTHERWISE = -1.0
"""Instead of a distance: it must be computed with care for the size of numbers, or cannot be."""

MAGNITUDE = 0x7FFF_FFFF_FFFF_FFFF
"""Bits of a float64 without its sign."""

ORDINARY = 400
"""Squares of numbers up to 2 to this power, and of their last digits down to minus this, are numbers too."""

LEAST = 1023 - ORDINARY << 52
MOST = 1023 + ORDINARY << 52
"""Bits of the smallest and of the largest ordinary number; infinity and NaN have more."""


@inline
def is_ordinary(x: F1) -> bool:
    """Whether every number is 0, or neither so large nor so small that arithmetic with squares needs care."""
    count = x.shape[0]
    whole = count - count % REGISTER
    strange = 0
    for at in range(0, whole, REGISTER):
        size = pattern(load(x, at, REGISTER)) & splat(MAGNITUDE, REGISTER)
        small = (size < splat(LEAST, REGISTER)) & (size != splat(0, REGISTER))
        strange |= bits(small | (size > splat(MOST, REGISTER)))
    for at in range(whole, count):
        one = last(pattern(load(x, at, 1))) & MAGNITUDE
        if one > MOST or (one < LEAST and one != 0):
            strange = 1
    return strange == 0


@inline
def read(x: Array, at: int) -> Any:
    """One number; never from the end of the array, so that there is no sign to look at."""
    return last(load(x, at, 1))


@inline
def write(x: Array, at: int, value: Any) -> None:
    """Set one number, as `read`."""
    store(x, at, splat(value, 1))


@inline
def fill(x: F1, at: int, count: int, value: float) -> None:
    """Set so many numbers, and up to a register's more."""
    for i in range(0, count, REGISTER):
        store(x, at + i, splat(value, REGISTER))


@inline
def copy(x: F1, to: F1, at: int) -> None:
    """All numbers of x to another array from a position on."""
    whole = x.shape[0] - x.shape[0] % REGISTER
    for i in range(0, whole, REGISTER):
        store(to, at + i, load(x, i, REGISTER))
    for i in range(whole, x.shape[0]):
        write(to, at + i, read(x, i))


@inline
def copy_backwards(x: F1, to: F1, at: int) -> None:
    """All numbers of x to another array, the last at a position and those before it behind."""
    for j in range(x.shape[0]):
        write(to, at + x.shape[0] - 1 - j, read(x, j))
