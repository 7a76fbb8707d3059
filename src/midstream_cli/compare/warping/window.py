"""Which pairs of positions a path may visit, as a first and a last column for each row, as each library means it.

Sakoe-Chiba bands allow positions that differ by so much at most; Itakura parallelograms a slope from corner to corner
(F. Itakura, "Minimum prediction residual principle applied to speech recognition", IEEE Trans. ASSP 23, 1975).
"""

import math
from collections.abc import Callable
from functools import lru_cache

import numpy as np

from midstream_cli.errors import UsageError
from midstream_cli.frames import Int64

Limits = tuple[Int64, Int64]
"""First and last column of each row, shape (n,); neither ever decreases."""

SLOPE = 2.0
"""Of an Itakura parallelogram, where none is asked for."""

WIDEST = 1 << 40
"""No sequence is so long: wider windows allow no more, and sums with them are numbers too."""


@lru_cache(maxsize=64)
def limits(convention: str, shape: str, window: float | None, n: int, m: int, before: int) -> Limits:
    """The columns of each of n rows that a window leaves.

    Args:
        convention: whose meaning the number has.
        shape: `sakoe-chiba` or `itakura`.
        before: rows that come before the first one, but are none of the sequence: one in dtw-python's open begin.

    Raises:
        UsageError: the convention has no such shape, or the number does not fit it.
    """
    found = _SHAPES.get((convention, shape))
    if found is None:
        known = ", ".join(name for of, name in _SHAPES if of == convention)
        raise UsageError(f"{convention} has no window of shape {shape!r}", f"known are {known}")
    first, final = found(n + before, m, window)
    first = np.maximum(first[before:], 0).astype(np.int64)
    final = np.minimum(final[before:], m - 1).astype(np.int64)
    for bound in (first, final):
        bound.flags.writeable = False
    return first, final


def allows(first: Int64, final: Int64, m: int, *, open_begin: bool, open_end: bool) -> bool:
    """Whether steps by at most one column lead through, never backwards."""
    if not (first <= final).all() or not (first[1:] <= final[:-1] + 1).all():
        return False
    return (open_begin or first[0] == 0) and (open_end or final[-1] == m - 1)


def whole(window: float | None, least: int = 0) -> int:
    """A window that counts positions, WIDEST at most.

    Raises:
        UsageError: it is no whole number, or less than the least.
    """
    if window is None or not float(window).is_integer() or window < least:
        raise UsageError(
            f"a window of {window} is no number of positions", f"choose a whole number of at least {least}"
        )
    return int(min(window, WIDEST))


def _fraction(window: float | None) -> float:
    if window is None or not 0 <= window <= 1:
        raise UsageError(f"a window of {window} is no fraction of the length", "choose a number from 0 to 1")
    return window


def _band(n: int, _: int, window: float | None) -> tuple[Int64, Int64]:
    """``|i - j| <= window``: this package's and dtw-python's."""
    rows, width = np.arange(n), whole(window, 0)
    return rows - width, rows + width


def _dtaidistance(n: int, m: int, window: float | None) -> tuple[Int64, Int64]:
    """``j - i < window`` beyond the difference of the lengths."""
    rows, width = np.arange(n), whole(window, 1)
    return rows - max(0, n - m) - width + 1, rows + max(0, m - n) + width - 1


def _tslearn(n: int, m: int, window: float | None) -> tuple[Int64, Int64]:
    """So much on either side, and the difference of the lengths on the longer one's."""
    rows, width = np.arange(n), whole(window, 0)
    return rows - max(0, n - m) - width, rows + max(0, m - n) + width


def _aeon(n: int, m: int, window: float | None) -> tuple[Int64, Int64]:
    """A fraction of the shorter length, around the line from corner to corner in whole steps.

    aeon computes bounds with the longer sequence as rows, which are the bounds of the shorter one's rows turned over.
    """
    if n < m:
        return _turned(*_aeon(m, n, window), n)
    width = int(_fraction(window) * m)
    if window == 1.0:
        return np.zeros(n, np.int64), np.full(n, m - 1)
    if n == m:
        return np.arange(n) - width, np.arange(n) + width
    steps = np.arange(n + 1) / (n + 1)
    columns, rows = np.floor(steps * m).astype(np.int64), np.floor(steps * n).astype(np.int64)
    first, final = np.full(n, m), np.full(n, -1)
    np.minimum.at(first, rows, np.maximum(columns - width, 0))
    np.maximum.at(final, rows, np.minimum(columns + width, m - 1))
    return np.minimum.accumulate(first[::-1])[::-1], np.maximum.accumulate(final)


def _turned(first: Int64, final: Int64, n: int) -> tuple[Int64, Int64]:
    """Bounds of n rows, of those of the columns; a row with nothing inside ends before it begins."""
    rows = np.arange(n)[:, None]
    inside = (first <= rows) & (rows <= final)
    low, high = inside.argmax(axis=1), len(first) - 1 - inside[:, ::-1].argmax(axis=1)
    return low, np.where(inside.any(axis=1), high, -1)


def _dtw_python_itakura(n: int, m: int, window: float | None) -> tuple[Int64, Int64]:
    """Slopes from a half to two from both corners: its `itakuraWindow`, which takes no number."""
    if window is not None:
        raise UsageError("an Itakura parallelogram of dtw-python takes no number", "leave the window out")
    i = np.arange(n)
    first, final = np.maximum(i // 2, m - 2 * n + 2 * i + 1), np.minimum(2 * i, (i - n + 2 * m) // 2)
    # the first pair is allowed whatever the window says
    final[0], first[0] = max(0, final[0] if first[0] <= 1 else 0), 0
    return first, final


def _tslearn_itakura(n: int, m: int, window: float | None) -> tuple[Int64, Int64]:
    """Slopes up to the number, 2 unless told otherwise: the definition of tslearn, bounds rounded to hundredths."""
    slope = SLOPE if window is None else float(window)
    if not 1 <= slope < math.inf:
        raise UsageError(f"no path has a slope of at most {slope:g}", "choose a number of at least 1")
    steep, flat, j = slope * n / m, n / m / slope, np.arange(m)
    low = np.ceil(np.maximum(np.round(flat * j, 2), np.round((n - 1) - steep * (m - 1) + steep * j, 2)))
    high = np.floor(np.minimum(np.round(steep * j, 2), np.round((n - 1) - flat * (m - 1) + flat * j, 2)) + 1) - 1
    if (low > high).any():
        raise UsageError(
            f"a slope of at most {slope:g} allows no path between {n} and {m} vectors", "choose a larger one"
        )
    return _turned(low.astype(np.int64), high.astype(np.int64), n)


def _aeon_itakura(n: int, m: int, window: float | None) -> tuple[Int64, Int64]:
    """Slopes up to a fraction of the shorter length: the definition of aeon, with the longer sequence as rows."""
    if n < m:
        return _turned(*_aeon_itakura(m, n, window), n)
    share = math.floor(_fraction(window) * (m / 100) * 100)
    if share < 1 or n < 3:
        raise UsageError(f"a slope of {window} of {m} vectors allows no path", "choose a larger one")
    steep = max(share * ((m - 1) / (n - 2)), 1.0)
    flat = min(1 / share * ((m - 2) / (n - 1)), 1.0)
    i = np.arange(n)
    back = i - n + 1
    low = np.ceil(np.maximum(np.round(flat * i, 2), np.round(steep * back + m - 1, 2)))
    high = np.floor(np.minimum(np.round(steep * i + 1, 2), np.round(flat * back + m, 2)))
    if steep == 1.0:
        high = low + 1
    return np.clip(low, 0, m).astype(np.int64), np.clip(high, 0, m).astype(np.int64) - 1


_SHAPES: dict[tuple[str, str], Callable[[int, int, float | None], tuple[Int64, Int64]]] = {
    ("midstream", "sakoe-chiba"): _band,
    ("midstream", "itakura"): _tslearn_itakura,
    ("dtw-python", "sakoe-chiba"): _band,
    ("dtw-python", "itakura"): _dtw_python_itakura,
    ("dtaidistance", "sakoe-chiba"): _dtaidistance,
    ("tslearn", "sakoe-chiba"): _tslearn,
    ("tslearn", "itakura"): _tslearn_itakura,
    ("aeon", "sakoe-chiba"): _aeon,
    ("aeon", "itakura"): _aeon_itakura,
}
