"""The rhythm of a whole series, on the time scale that shows all of it at once."""

import numpy as np

from midstream_cli.attractor.kernels import windows
from midstream_cli.attractor.live.regimes import NEWEST, WINDOW, Regime, regime_of
from midstream_cli.frames import Float64

LEAST = 64
"""Samples, or means of several, below which nothing is said."""


def rhythm(x: Float64) -> float | None:
    """The period of a series that repeats itself, in samples, as `RegimeWatch` finds it in a window; None where it does not.

    A few rounds are enough for it, where a torus, whose rounds are all a little different, cannot be told from a cycle yet.

    Args:
        x: shape (n,).
    """
    stride = -(-len(x) // WINDOW)
    n = len(x) // stride
    if n < LEAST:
        return None
    means = np.ascontiguousarray(x[len(x) - n * stride :].reshape(n, stride).mean(axis=1))
    found = np.zeros(windows.FINDINGS)
    windows.look(means, 1, NEWEST, np.zeros(windows.scratch_size(n, 1)), found)
    return float(found[windows.PERIOD]) * stride if regime_of(found, n, stride) is Regime.PERIODIC else None
