"""How much better a row of a signature explains a vector than what is not the signature."""

from math import log

from midstream_cli.compare.kernels.usual import (
    COUNT,
    DIMS,
    EQUAL,
    NAMES,
    OTHER,
    TILE,
    USED,
    WHITE,
)
from midstream_cli.compiled.kernel import F1, inline
from midstream_cli.compiled.vectors import fma, lane, load, splat

SQUARE, BLUR, TT, IV, GAIN, LOGDET, ROW = range(7)
"""Of a row: |t|^2 and how far paths are off between rows, before they are scaled by the level; then for this level |t|^2, one over
the variance about it, what is allowed for the gain, and the logarithm of the determinant."""

FIRST, LENGTH, ENTRY, THRESHOLD, REACHED, BEGUN, TOLD, LAST, BARE, GREW, SIGNATURE = range(11)
"""Of a signature: its first row, how many, the last that a path may begin with; the evidence at which it is told; its
evidence, and where that began; whether it has been told, the last row with a path, the share of a take's own noise, and whether a second vector
or a later one speaks for it, too."""

GAIN_SPREAD = 0.15
"""Deviation of a motion's strength, as a share of it."""
LEAST_RATIO = -4.0
"""No vector takes more away: one in fifty may be an impulse on top of the motion."""


@inline
def along(m: F1, t: F1, row: int, size: int) -> float:
    """The product of the latest vector and a row."""
    total = splat(0.0, TILE)
    for tile in range(0, size, TILE):
        total = fma(load(m, WHITE * size + tile, TILE), load(t, row * size + tile, TILE), total)
    found = 0.0
    for each in range(TILE):
        found += lane(total, each)
    return found


@inline
def fitted(c: F1, row: int, level: float, dims: int, bare: float) -> None:
    """What the likelihood needs of a row, at this level of the background."""
    at = row * ROW
    square = c[at + SQUARE] / level
    variance = 1.0 + bare * min(1.0, square / dims) + c[at + BLUR] / level / dims
    gain = GAIN_SPREAD * GAIN_SPREAD
    c[at + TT] = square
    c[at + IV] = 1.0 / variance
    c[at + GAIN] = gain / (variance + gain * square)
    c[at + LOGDET] = dims * log(variance) + log(1.0 + gain * square / variance)


@inline
def refit(s: F1, c: F1, k: F1) -> None:
    """Make all rows for the level."""
    for each in range(int(s[COUNT])):
        at = each * SIGNATURE
        first = int(k[at + FIRST])
        for row in range(first, first + int(k[at + LENGTH])):
            fitted(c, row, s[USED], s[DIMS], k[at + BARE])


@inline
def ratio(s: F1, m: F1, t: F1, c: F1, row: int, energy: float, rise: float, size: int) -> float:
    """The logarithm of how much better a row explains the latest vector than what is not the signature."""
    if s[NAMES] > 0.0:
        return float(s[EQUAL] if t[row * size] == m[WHITE * size] else s[OTHER])
    at = row * ROW
    square = c[at + TT]
    product = along(m, t, row, size) / s[USED]
    off = product - square
    rest = energy - 2.0 * product + square - c[at + GAIN] * off * off
    return max(LEAST_RATIO, float(0.5 * (energy - c[at + LOGDET] - c[at + IV] * rest) - rise))
