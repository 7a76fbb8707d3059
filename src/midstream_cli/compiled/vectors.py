"""Vectors of a fixed number of lanes, as kernels use them: what each operation means, in numpy.

Compiled kernels keep them in registers (`lowering`). There, two vectors of the same type can also be added, subtracted,
multiplied, compared, and combined bit by bit; a scalar is made a vector with `splat` first. Numbers are never NaN.
"""

from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt

Lanes = npt.NDArray[Any]
"""Shape (lanes,)."""


def _register() -> int:
    # numpy tells in public only by printing
    from numpy._core._multiarray_umath import __cpu_features__ as features  # type: ignore[import-not-found]

    return 8 if features.get("AVX512F") else 4 if features.get("AVX2") else 2


REGISTER = _register()
"""Float64 lanes that one register of this machine holds; kernels choose the size of their tiles by it."""


def aligned(shape: int | tuple[int, ...], dtype: npt.DTypeLike = np.float64) -> npt.NDArray[Any]:
    """Zeros that begin at a multiple of 64 bytes: state that is loaded again and again costs a fifth more elsewhere."""
    size = prod(shape if isinstance(shape, tuple) else (shape,)) * np.dtype(dtype).itemsize
    room = np.zeros(size + 64, np.uint8)
    start = -room.ctypes.data % 64
    return room[start : start + size].view(dtype).reshape(shape)


def flat(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """A contiguous array of any number of dimensions as one of one dimension, not copied."""
    return array.reshape(-1)


def load(array: npt.NDArray[Any], at: int, lanes: int) -> Lanes:
    """Elements of a flat array from a position on; `lanes` is a constant, a power of two."""
    return array[at : at + lanes].copy()


def store(array: npt.NDArray[Any], at: int, vector: Lanes) -> None:
    """Write the lanes to a flat array from a position on."""
    array[at : at + len(vector)] = vector


def splat(value: Any, lanes: int) -> Lanes:
    """The same number in each lane; `lanes` is a constant."""
    return np.full(lanes, value)


def minimum(x: Lanes, y: Lanes) -> Lanes:
    """The lesser of each lane."""
    return np.minimum(x, y)


def minimum_cost(x: Lanes, y: Lanes) -> Lanes:
    """The lesser of each lane, none negative: compared as whole numbers, on units that arithmetic leaves free."""
    return np.minimum(x, y)


def maximum(x: Lanes, y: Lanes) -> Lanes:
    """The greater of each lane."""
    return np.maximum(x, y)


def fma(x: Lanes, y: Lanes, z: Lanes) -> Lanes:
    """``x * y + z``, rounded once where the machine can."""
    product: Lanes = x * y + z
    return product


def absolute(x: Lanes) -> Lanes:
    """Without the sign."""
    return np.abs(x)


def root(x: Lanes) -> Lanes:
    """Square roots."""
    return np.sqrt(x)


def select(mask: Lanes, x: Lanes, y: Lanes) -> Lanes:
    """``x`` where the mask, a comparison of vectors, holds; else ``y``."""
    return np.where(mask, x, y)


def shift_in(x: Lanes, value: Any) -> Lanes:
    """Each lane takes what the lane before it held, the first takes the value."""
    return np.concatenate([np.asarray([value], x.dtype), x[:-1]])


def shift_out(x: Lanes, value: Any) -> Lanes:
    """Each lane takes what the lane after it held, the last takes the value."""
    return np.concatenate([x[1:], np.asarray([value], x.dtype)])


def zip_low(x: Lanes, y: Lanes) -> Lanes:
    """The first halves of both, lane by lane in turn."""
    half = len(x) // 2
    return np.column_stack([x[:half], y[:half]]).ravel()


def zip_high(x: Lanes, y: Lanes) -> Lanes:
    """The second halves of both, lane by lane in turn."""
    half = len(x) // 2
    return np.column_stack([x[half:], y[half:]]).ravel()


def last(x: Lanes) -> Any:
    """What the last lane holds."""
    return x[-1]


def lane(x: Lanes, which: int) -> Any:
    """What one lane holds."""
    return x[which]


def least(x: Lanes) -> Any:
    """The least of all lanes."""
    return x.min()


def pattern(x: Lanes) -> Lanes:
    """The bits of each float64 as a whole number."""
    return x.view(np.int64)


def from_pattern(x: Lanes) -> Lanes:
    """The float64 of which each whole number holds the bits."""
    return x.view(np.float64)


def bits(mask: Lanes) -> int:
    """A comparison of at most 64 lanes as a whole number: bit i is lane i."""
    return int(np.dot(mask.astype(np.uint64), np.uint64(1) << np.arange(len(mask), dtype=np.uint64)).astype(np.int64))


def mask(number: int, lanes: int) -> Lanes:
    """The lanes whose bit of a whole number is set, as a comparison gives them: what `bits` makes, turned back."""
    return np.array([number >> lane & 1 for lane in range(lanes)], np.bool_)


def ones(x: Lanes) -> Lanes:
    """How many bits of each lane, a whole number, are set."""
    return np.bitwise_count(x).astype(x.dtype)
