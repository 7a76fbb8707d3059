"""Numbers that stand still while they hardly change."""

import math

MOST = 1e100
"""What is not below that is no measurement."""
SMOOTH_S = 0.4
"""How slowly a smoothed number follows."""


class Held:
    """A number that is smoothed, rounded to so many digits, and shown anew only when it has left what is shown."""

    def __init__(self, digits: int = 2, *, decimals: int = 9, smooth_s: float = SMOOTH_S, slack: float = 0.01) -> None:
        """Begin with nothing known.

        Args:
            digits: significant ones, of which no more than `decimals` are behind the point.
            decimals: at most.
            smooth_s: how slowly it follows.
            slack: the share of it by which it may be off.
        """
        self.shown: float | None = None
        """What is to be seen; None where nothing is known."""
        self._digits, self._decimals, self._smooth_s, self._slack = digits, decimals, smooth_s, slack
        self._mean = 0.0

    def take(self, value: float | None, passed_s: float) -> None:
        """Take what the number is now, so long after it was taken last."""
        if value is None or not abs(value) < MOST:
            self.shown = None
            return
        if self.shown is None:
            self._mean = value
        else:
            self._mean += (value - self._mean) * (1.0 - math.exp(-max(passed_s, 0.0) / self._smooth_s))
        step = self._step(self._mean)
        if self.shown is None or abs(self._mean - self.shown) > max(0.75 * step, self._slack * abs(self._mean)):
            self.shown = round(self._mean / step) * step

    def _step(self, value: float) -> float:
        """The unit of the last digit that is shown of a number as large as this."""
        size = abs(value)
        place = math.floor(math.log10(size)) - self._digits + 1 if size > 1e-300 else -self._decimals
        return float(10.0 ** max(place, -self._decimals))


def number(value: float | None, decimals: int) -> str:
    """With so many decimals, whole from 100 on, with a power of ten from a million on; `-` where nothing is known."""
    if value is None or not math.isfinite(value):
        return "-"
    if abs(value) >= 1e6:
        return f"{value:.1e}"
    text = f"{value:.{decimals if abs(value) < 100 else 0}f}"
    # no minus before a zero
    return text.lstrip("-") if float(text) == 0.0 else text


def seconds(value: float, *, whole: bool = False) -> str:
    """A length of time in a few words: `0.4 s`, `12 s`, `3 min`, `2.5 h`, `4 days`.

    Args:
        whole: without tenths of seconds, and no more than have passed.
    """
    if not math.isfinite(value):
        return "-"
    value = max(0.0, value)
    if value < 9.95:
        return f"{int(value)} s" if whole else f"{value:.1f} s"
    for limit, unit, size in ((99.5, "s", 1.0), (5970.0, "min", 60.0), (2 * 86400.0, "h", 3600.0)):
        if value < limit:
            return f"{value / size:.0f} {unit}" if unit != "h" else f"{value / size:.1f} {unit}"
    return f"{min(value / 86400.0, 99999):.0f} days"


def clock(value: float) -> str:
    """A time since the beginning: `0:07`, `12:07`, `3:12:07`."""
    if not math.isfinite(value):
        return "-"
    whole = int(max(0.0, min(value, 1e10)))
    hours, minutes = whole // 3600, whole // 60 % 60
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"
