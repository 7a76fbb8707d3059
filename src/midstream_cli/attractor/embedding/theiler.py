"""The Theiler window: neighbours nearer in time than this are neighbours because of that alone."""

import math

import numpy as np
import numpy.typing as npt

from midstream_cli.attractor.embedding.delay import autocorrelation
from midstream_cli.attractor.embedding.period import dominant_period
from midstream_cli.attractor.embedding.sampling import standardised


def theiler_window(x: npt.ArrayLike, period: float | None = None) -> int:
    """Two periods, or the time in which the autocorrelation decays; a tenth of the series at most."""
    series = standardised(x)
    if period is None:
        period = dominant_period(series)
    limit = max(1, len(series) // 10)
    if math.isnan(period):
        decayed = np.flatnonzero(autocorrelation(series, limit) < math.exp(-1))
        window = 2 * int(decayed[0]) if len(decayed) else limit
    else:
        window = round(2 * period)
    return max(1, min(window, limit))
