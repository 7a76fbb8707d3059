"""What a window is, from what was found in it: the rules of live regimes, and how often they are right."""

from enum import StrEnum

from midstream_cli.attractor.kernels import windows
from midstream_cli.frames import Float64

WHITE = 0.45
"""Whiteness from which it may be noise: of empty rooms 97 in 100 windows are above, of walking 97 below."""
FORESEEN, BENT = 0.5, 0.05
"""The error of nearest states through that of a line, at most; and the least of the latter: else a line explains it."""
REPEATS, AGAIN, CYCLES = 0.85, 0.75, 2.5
"""Autocorrelation after one period and after two, and periods in a window, at least."""
EVEN = 0.3
"""How much is left of a rhythm between the two ends of a window, in power, at least: else it dies down, begins or has ended."""
SLOW = 4.0
"""Vectors of a period of a coarse scale, at least: finer scales see what is faster, and see sooner that it ends."""


class Regime(StrEnum):
    """What a stream is doing."""

    IDLE = "idle"
    PERIODIC = "periodic"
    TRANSIENT = "transient"
    CHAOTIC = "chaotic"
    UNKNOWN = "unknown"


CONFIDENCE = {
    Regime.IDLE: 0.97,
    Regime.PERIODIC: 0.8,
    Regime.TRANSIENT: 0.99,
    Regime.CHAOTIC: 0.96,
    Regime.UNKNOWN: 0.0,
}
"""How often it is right of systems that no rule was made on, each kind as frequent as any other: `benchmarks/attractor_live.py`."""


def regime_of(found: Float64, n: int, stride: int) -> Regime:
    """What a window of n vectors is, each of which is as many of the stream as `stride` says.

    Args:
        found: what `windows.look` found in it, shape (FINDINGS,).
    """
    if found[windows.MOVES] == 0.0:
        return Regime.IDLE
    height, nearest, linear = found[windows.HEIGHT], found[windows.NEAREST], found[windows.LINEAR]
    # noise lowers the autocorrelation by what it adds to each forecast
    repeats = height > REPEATS and 1.0 - height < 6.0 * nearest + 0.02
    if nearest < FORESEEN * linear and linear > BENT and not repeats:
        return Regime.CHAOTIC
    seen = found[windows.PERIOD] >= SLOW or stride == 1
    lasts = n >= CYCLES * found[windows.PERIOD] and found[windows.EVENNESS] > EVEN
    if repeats and found[windows.TWICE] > AGAIN and seen and lasts:
        return Regime.PERIODIC
    return Regime.IDLE if found[windows.WHITENESS] > WHITE else Regime.UNKNOWN
