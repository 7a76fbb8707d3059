"""Simple properties of values and their order: patterns of rank, whether time could run backwards, tails, roughness."""

import math

import numpy as np

from midstream_cli.attractor.regime.series import Stretch
from midstream_cli.frames import Float64

NAMES = (
    "permutations_step",
    "permutations_delay",
    "missing_step",
    "missing_delay",
    "backwards",
    "tails",
    "rough",
    "comes_and_goes",
)

ORDER = 4


def shape(given: Stretch) -> tuple[float, ...]:
    """Entropies as shares of the largest, missing patterns as shares of all, moments as logarithms."""
    x, period, delay = given
    step, none_step = _patterns(x, 1)
    later, none_later = _patterns(x, delay)
    change = x[delay:] - x[:-delay]
    asymmetry = abs(float(np.mean(change**3))) / (float(np.mean(change**2)) ** 1.5 + 1e-12)
    second = np.diff(x, 2)
    loudness = np.array([each.std() for each in np.array_split(x, 12)]) + 1e-3
    return (
        step, later, none_step, none_later,
        math.log(asymmetry + 0.01),
        math.log(float(np.mean(x**4))),
        math.log(float(second.std()) + 1e-4) + 2 * math.log(period),
        float(np.log(loudness).std()),
    )  # fmt: skip


def _patterns(x: Float64, delay: int) -> tuple[float, float]:
    """Entropy of the patterns of rank, and the share of patterns that never come."""
    count = len(x) - (ORDER - 1) * delay
    columns = [x[k * delay : k * delay + count] for k in range(ORDER)]
    code = np.zeros(count, np.int64)
    for i in range(ORDER):
        for j in range(i + 1, ORDER):
            code = 2 * code + (columns[i] > columns[j])
    often = np.bincount(code)
    seen = often[often > 0] / count
    return float(-(seen * np.log(seen)).sum() / math.log(math.factorial(ORDER))), 1 - len(seen) / math.factorial(ORDER)
