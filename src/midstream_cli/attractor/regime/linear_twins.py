"""Whether a series is foretold better than random ones of the same values and the same spectrum."""

import numpy as np

from midstream_cli.attractor.neighbours.search import nearest
from midstream_cli.attractor.regime.series import Stretch
from midstream_cli.attractor.surrogates import iaaft
from midstream_cli.frames import Float64

NAMES = ("twins_delay", "twins_half", "twins_sure", "twins_step", "twins_step_sure")

SAMPLES, TWINS, ITERATIONS, SEED = 448, 3, 20, 0

DIMENSION, NEIGHBOURS = 3, 4


def linear_twins(given: Stretch) -> tuple[float, ...]:
    """Logarithms of forecast errors less those of surrogates, a delay, half a period and a sample ahead."""
    x, period, delay = given
    x = x[-SAMPLES:]
    delay = max(1, min(delay, len(x) // 30))
    ahead = (delay, max(delay, min(round(period / 2), len(x) // 10)))
    all_of_them = [x, *iaaft(x, TWINS, seed=SEED, iterations=ITERATIONS)]
    own, *others = [(*_errors(each, delay, ahead, period), *_errors(each, 1, (1,), period)) for each in all_of_them]
    gain = np.array(own) - np.mean(others, axis=0)
    sure = gain / (np.std(others, axis=0) + 0.05)
    return float(gain[0]), float(gain[1]), float(sure[0]), float(gain[2]), float(sure[2])


def _errors(x: Float64, delay: int, ahead: tuple[int, ...], period: float) -> list[float]:
    last = (DIMENSION - 1) * delay
    points = np.ascontiguousarray(np.lib.stride_tricks.sliding_window_view(x, last + 1)[:, ::delay])
    limit = len(points) - max(ahead)
    found = nearest(points, NEIGHBOURS, theiler=min(round(period), limit // 6), at=np.arange(limit), limit=limit).index
    found = np.where(found < 0, found[:, :1], found)
    gaps = [x[last + h : last + h + limit] - x[found + last + h].mean(axis=1) for h in ahead]
    return [float(np.log(np.sqrt(np.mean(gap * gap)) + 1e-3)) for gap in gaps]
