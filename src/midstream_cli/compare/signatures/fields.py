"""The fields of a signature's file: each is what it should be, or the file is damaged and that is said."""

import sys
from collections.abc import Mapping
from typing import Any

import numpy as np

from midstream_cli.errors import SignatureError
from midstream_cli.frames import Float64


def mapping(content: Mapping[str, Any], name: str, path: str) -> dict[str, Any] | None:
    """An object, where there is one.

    Raises:
        SignatureError: it is something else.
    """
    value = content.get(name)
    if value is not None and not isinstance(value, dict):
        raise damaged(path, f"its {name} is not an object")
    return value


def number(content: Mapping[str, Any], name: str, path: str, most: float = sys.float_info.max) -> float | None:
    """A number above 0, where there is one.

    Raises:
        SignatureError: it is something else.
    """
    value = content.get(name)
    if value is None:
        return None
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value <= most:
        raise damaged(
            path,
            f"its {name} {value!r} is not a number above 0"
            + (f", at most {most:g}" if most < sys.float_info.max else ""),
        )
    return float(value)


def count(content: Mapping[str, Any], name: str, path: str, least: int) -> int | None:
    """A whole number, where there is one.

    Raises:
        SignatureError: it is something else, or below `least`.
    """
    value = content.get(name)
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < least):
        raise damaged(path, f"its {name} {value!r} is not a whole number from {least}")
    return value


def names(content: Mapping[str, Any], name: str, path: str) -> tuple[str, ...]:
    """A list of names, empty where there is none.

    Raises:
        SignatureError: it is something else.
    """
    values = content.get(name) or []
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise damaged(path, f"its {name} {values!r} is not a list of names")
    return tuple(values)


def numbers(values: Any) -> Float64:
    """Nested lists of numbers as an array; text and truths are no numbers.

    Raises:
        ValueError: they are something else, or ragged.
    """
    array = np.array(values)
    if array.dtype.kind not in "iuf":
        raise ValueError
    return array.astype(np.float64)


def rounded(value: float, digits: int = 9) -> float:
    """Nine significant digits: a millionth of any feature's noise, and files that people can read.

    Whole numbers may stand for names, and stay as they are.
    """
    return float(value) if float(value).is_integer() else float(f"{value:.{digits}g}")


def damaged(path: str, why: str) -> SignatureError:
    """What is wrong with a file."""
    return SignatureError(
        f"{path} is not a usable signature: {why}", "midstream signatures check shows all that is wrong"
    )
