"""The latest rows of many channels as a picture that runs to the left: what moves stands out from what is usual."""

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from midstream_cli.cli.view.palette import Line, Palette

if TYPE_CHECKING:
    import numpy.typing as npt

    from midstream_cli.frames import Float64

COLUMNS = 256
"""Kept, as wide as any terminal shows them."""
PITCH_S = 0.125
"""Of a column, or one row where rows come more slowly: each picture is then about one column further."""
SLOW_S = 10.0
"""How slowly the usual level of a channel follows it."""
LEAST = 1e-3
"""Share of its level that a channel is taken to vary by, at least: constants have no noise."""
REACH = 60.0
"""Deviations from the usual that take the strongest colour."""
NEAR = 2.5
"""Deviations up to which colours follow them; beyond, their logarithm: noise stays dark, and no motion is too strong."""

BELOW, USUAL, ABOVE = (
    ((190, 240, 255), (70, 170, 240), (30, 80, 170), (22, 36, 84)),
    (18, 20, 34),
    ((84, 34, 40), (180, 60, 40), (245, 150, 50), (255, 235, 170)),
)
"""Colours from far below the usual level to far above: dark where nothing moves."""
STEPS = 16
"""Colours on either side."""
QUIET = 0.12
"""Strength up to which a colour is that of the usual: most of noise is."""
SIXTEEN = ("96", "94", "34", "30", "30", "30", "31", "33", "93")
"""The same with the sixteen colours of a terminal."""


class Rolling:
    """The latest columns of some channels, each the mean of as many rows as come in its time."""

    def __init__(self, channels: int) -> None:
        import numpy as np

        self.channels = channels
        self.rows_per_column = 1
        self.count = 0
        """Columns so far."""
        self.values: Float64 = np.full((COLUMNS, channels), np.nan)
        """Means, the newest last."""
        self.unusual: Float64 = np.full((COLUMNS, channels), np.nan)
        """Deviations from the level that was usual then."""
        self.last: Float64 = np.full(channels, np.nan)
        """The newest row."""
        self._level: Float64 = np.zeros(channels)
        self._spread: Float64 = np.zeros(channels)
        self._sum: Float64 = np.zeros(channels)
        self._held = 0

    def pace(self, rate_hz: float | None) -> None:
        """Take as many rows for a column as come in its time; only a rate that is quite another changes that."""
        rows = 1 if rate_hz is None or not math.isfinite(rate_hz) else max(1, min(100_000, round(rate_hz * PITCH_S)))
        if not 0.75 <= rows / self.rows_per_column <= 1.34:
            self.rows_per_column = rows

    def take(self, rows: "Float64") -> None:
        """Take rows, shape (n, channels); what is not finite counts as the usual, and more than are kept are not looked at."""
        import numpy as np

        rows = rows[-COLUMNS * self.rows_per_column :]
        if not len(rows):
            return
        clean = np.where(np.isfinite(rows) & (np.abs(rows) < 1e100), rows, self._level)
        self.last = rows[-1]
        at = 0
        while at < len(clean):
            until = min(len(clean), at + max(1, self.rows_per_column - self._held))
            self._sum += clean[at:until].sum(axis=0)
            self._held += until - at
            at = until
            if self._held >= self.rows_per_column:
                self._column(self._sum / self._held)
                self._sum = np.zeros(self.channels)
                self._held = 0

    def _column(self, mean: "Float64") -> None:
        import numpy as np

        if self.count == 0:
            self._level = mean
            self._spread = np.zeros(self.channels)
        off = mean - self._level
        size = np.abs(off)
        if self.count:
            # learns fast at first; later one large deviation says no more of the usual than one of twice its size
            share = max(1.0 / (self.count + 1), PITCH_S / SLOW_S)
            bounded = size if self.count < 8 else np.minimum(size, 2.0 * self._spread)
            self._level = self._level + share * off
            self._spread = self._spread + share * (bounded - self._spread)
        floor = np.maximum(self._spread, LEAST * np.abs(self._level))
        for kept, new in ((self.values, mean), (self.unusual, off / np.where(floor > 0, floor, 1.0))):
            kept[:-1] = kept[1:]
            kept[-1] = new
        self.count += 1


def even_gain(rows: "npt.NDArray[Any]") -> "Float64":
    """Amplitudes with the gain of each row divided out, shape (n, channels): gain control is not motion."""
    import numpy as np

    given = np.asarray(rows, np.float64)
    known = np.where(np.isfinite(given), np.abs(given), 0.0)
    gain = known.mean(axis=1, keepdims=True)
    found: Float64 = given / np.where((gain > 0) & np.isfinite(gain), gain, 1.0)
    return found


def picture(unusual: "Float64", columns: int, lines: int, palette: Palette) -> list[Line]:
    """Deviations as lines of text, time to the right, the first channel on top; two channels share a line in colours.

    Args:
        unusual: shape (kept, channels), the newest last.
    """
    import numpy as np

    shown = unusual[-columns:]
    # subcarriers that carry nothing
    carrying = ~(np.nan_to_num(unusual) == 0.0).all(axis=0)
    if carrying.any():
        shown = shown[:, carrying]
    blank = " " * (columns - len(shown))
    if not palette.colours:
        return [[(blank + "".join(_grey(x, palette) for x in row), "")] for row in _banded(shown, lines).tolist()]
    bands = _banded(shown, 2 * lines)
    if len(bands) % 2:
        bands = np.vstack([bands, np.full((1, len(shown)), np.nan)])
    return [
        [(blank, ""), *_runs(above, below, palette)]
        for above, below in zip(bands[::2].tolist(), bands[1::2].tolist(), strict=True)
    ]


def strength_of(unusual: "Float64") -> "Float64":
    """Deviations as strengths of a colour, from -1 to 1."""
    import numpy as np

    found: Float64 = np.sign(unusual) * np.minimum(1.0, np.log1p(np.abs(unusual) / NEAR) / math.log1p(REACH / NEAR))
    return found


def _banded(unusual: "Float64", rows: int) -> "Float64":
    """Shape (at most so many rows, kept), of 1 at the reach: neighbouring channels together, with the sign of most of them."""
    import numpy as np

    channels = unusual.shape[1]
    if channels <= rows:
        return strength_of(unusual.T)
    known = np.nan_to_num(unusual)
    edges = np.linspace(0, channels, rows + 1).astype(int)
    counts = np.diff(edges)[:, None]
    size = np.sqrt(np.add.reduceat(known * known, edges[:-1], axis=1).T / counts)
    signs = np.where(np.add.reduceat(known, edges[:-1], axis=1).T < 0, -1.0, 1.0)
    found: Float64 = np.where(np.isnan(unusual).all(axis=1), np.nan, strength_of(signs * size))
    return found


def _grey(level: float, palette: Palette) -> str:
    # noise is left out: it would flicker in shades as coarse as these
    return " " if math.isnan(level) else palette.shade(max(0.0, abs(level) * 1.2 - 0.2))


def _runs(above: list[float], below: list[float], palette: Palette) -> Line:
    """Two rows as one line, neighbours of the same colours in one span."""
    spans: Line = []
    for upper, lower in zip(above, below, strict=True):
        if math.isnan(upper) and math.isnan(lower):
            text, style = " ", ""
        elif palette.unicode:
            text, style = "▀", _both(_colour(upper, palette), _colour(lower, palette))
        else:
            strongest = max((x for x in (upper, lower) if not math.isnan(x)), key=abs)
            text, style = _grey(strongest, palette), _colour(strongest, palette) or ""
        if spans and spans[-1][1] == style:
            spans[-1] = (spans[-1][0] + text, style)
        else:
            spans.append((text, style))
    return spans


def _both(fore: str | None, back: str | None) -> str:
    """The style of a half block with these colours above and below."""
    if back is None:
        return fore or ""
    if ";" in back:
        return f"{fore or '39'};4{back[1:]}"
    return f"{fore or '39'};{int(back) + 10}"


def _colour(level: float, palette: Palette) -> str | None:
    if math.isnan(level):
        return None
    return _colours(palette)[STEPS + (0 if abs(level) < QUIET else round(min(1.0, max(-1.0, level)) * STEPS))]


@lru_cache(maxsize=8)
def _colours(palette: Palette) -> list[str]:
    """The escape codes of all levels, from far below to far above."""
    if palette.colours == 16:
        return [SIXTEEN[round(i / (2 * STEPS) * (len(SIXTEEN) - 1))] for i in range(2 * STEPS + 1)]
    stops = (*BELOW, USUAL, *ABOVE)
    found = []
    for i in range(2 * STEPS + 1):
        place = i / (2 * STEPS) * (len(stops) - 1)
        left = min(int(place), len(stops) - 2)
        mixed = [round(a + (place - left) * (b - a)) for a, b in zip(stops[left], stops[left + 1], strict=True)]
        found.append("38;" + palette.colour(mixed[0], mixed[1], mixed[2]))
    return found
