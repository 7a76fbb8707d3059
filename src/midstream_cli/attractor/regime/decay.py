"""Whether a series comes to rest: how much of its motion is at the beginning."""

import numpy as np

from midstream_cli.frames import Float64

NAMES = ("decay_spread", "decay_distance", "decay_halves", "decay_centre", "decay_end", "decay_first")

_FLOOR = 1e-3


def decay(x: Float64) -> tuple[float, ...]:
    """Logarithms of how much more there is earlier than later, of a standardised series of shape (n,)."""
    n = len(x)
    quarters = np.array_split(x, 4)
    spreads = np.array([each.std() for each in quarters]) + _FLOOR
    away = x - np.median(quarters[3])
    energy = away * away
    distances = np.sqrt([each.mean() for each in np.array_split(energy, 4)]) + _FLOOR
    halves = np.sqrt([each.mean() for each in np.array_split(energy, 2)]) + _FLOOR
    blocks = np.sqrt([each.mean() for each in np.array_split(energy, 16)]) + _FLOOR
    total = energy.sum()
    return (
        float(np.log(spreads[0] / spreads[3])),
        float(np.log(distances[0] / distances[3])),
        float(np.log(halves[0] / halves[1])),
        float(energy @ np.arange(n) / total / n) if total > 0 else 0.5,
        float(np.log(spreads[2] / spreads[3])),
        float(np.log(blocks[:3].max() / np.median(blocks[8:]))),
    )
