"""Tori that the table of regimes is trained on."""

import numpy as np
from regime_calm_flows import (
    coupled_pendulums,
    forced_spring,
    forced_van_der_pol,
    henon_heiles,
    spherical_pendulum,
    springs,
    toda,
    twice_forced,
)
from regime_cycles import phases, sine, smooth_wave
from regime_simulation import Array, Draw, Flow, Random, about, named


def irrational(rng: Random, low: float, high: float) -> float:
    """A ratio of frequencies that is near no simple fraction."""
    while True:
        ratio = rng.uniform(low, high)
        if all(abs(ratio * k - round(ratio * k)) > 0.08 for k in (1, 2, 3)):
            return float(ratio)


def two_tones(rng: Random, n: int, rate: float) -> Array:
    ratio = irrational(rng, 1.15, 5.0)
    size = np.exp(rng.uniform(np.log(0.3), np.log(3)))
    return np.sin(2 * np.pi * phases(rng, n, rate * np.sqrt(ratio))) + size * np.sin(
        2 * np.pi * phases(rng, n, rate / np.sqrt(ratio))
    )


def three_tones(rng: Random, n: int, rate: float) -> Array:
    ratio = irrational(rng, 1.2, 2.5)
    return two_tones(rng, n, rate) + rng.uniform(0.4, 1) * np.sin(2 * np.pi * phases(rng, n, rate * ratio))


def amplitude_modulated(rng: Random, n: int, rate: float) -> Array:
    ratio = irrational(rng, 2.5, 8.0)
    return (1 + rng.uniform(0.4, 1) * np.sin(2 * np.pi * phases(rng, n, rate * ratio))) * sine(rng, n, rate)


def phase_modulated(rng: Random, n: int, rate: float) -> Array:
    ratio = irrational(rng, 2.5, 8.0)
    sway = rng.uniform(0.1, 0.5) * np.sin(2 * np.pi * phases(rng, n, rate * ratio))
    return np.sin(2 * np.pi * (phases(rng, n, rate) + sway))


def torus_waveform(rng: Random, n: int, rate: float) -> Array:
    """A random smooth function of two angles."""
    one = phases(rng, n, rate)
    other = phases(rng, n, rate * irrational(rng, 1.2, 5.0))
    out = np.sin(2 * np.pi * one) + rng.uniform(0.4, 1.5) * np.sin(2 * np.pi * other)
    for _ in range(6):
        i, j = rng.integers(-3, 4, 2)
        out += rng.normal() / (1 + abs(i) + abs(j)) * np.sin(2 * np.pi * (i * one + j * other + rng.random()))
    return out


def squashed_torus(rng: Random, n: int, rate: float) -> Array:
    return np.tanh(rng.uniform(0.5, 2) * two_tones(rng, n, rate))


def two_squares(rng: Random, n: int, rate: float) -> Array:
    """A product of two waves."""
    return smooth_wave(rng, n, rate) * smooth_wave(rng, n, rate * irrational(rng, 1.3, 5.0))


def tone_beside_wave(rng: Random, n: int, rate: float) -> Array:
    """A cycle with harmonics, and a sine that does not know of it."""
    wave = smooth_wave(rng, n, rate)
    return wave / wave.std() + rng.uniform(0.5, 1.5) * sine(rng, n, rate / irrational(rng, 0.4, 2.5))


def bent_torus(rng: Random, n: int, rate: float) -> Array:
    x = two_tones(rng, n, rate)
    return np.exp(rng.uniform(0.3, 1.0) * x)


def rectified_torus(rng: Random, n: int, rate: float) -> Array:
    return np.abs(two_tones(rng, n, 2 * rate) + rng.uniform(0, 1))


def fast_tones(rng: Random, n: int, rate: float) -> Array:
    """Few samples a period."""
    return two_tones(rng, n, rng.uniform(2.5, 7.0))


def swaying_distance(rng: Random, n: int, rate: float) -> Array:
    """How far a point on a ring that itself goes round is from a place outside."""
    one = 2 * np.pi * phases(rng, n, rate)
    other = 2 * np.pi * phases(rng, n, rate * irrational(rng, 1.2, 5.0))
    return np.sqrt((1.8 + np.cos(other) - np.cos(one)) ** 2 + np.sin(one) ** 2)


def doughnut(rng: Random, n: int, rate: float) -> Array:
    """A line that winds round a doughnut, seen from one side."""
    t = 2 * np.pi * np.arange(n) / rate
    ratio = np.sqrt(rng.choice([3, 5, 7, 11, 13])) / rng.choice([1, 2])
    return (2 + np.cos(t + rng.uniform(0, 6))) * np.cos(t / ratio + rng.uniform(0, 6))


def precession(rng: Random, n: int, rate: float) -> Array:
    """An ellipse that turns: a planet's orbit seen from far away."""
    t = 2 * np.pi * np.arange(n) / rate
    anomaly = t + 0.6 * np.sin(t)
    return np.cos(anomaly * (1 + rng.uniform(0.12, 0.22) * np.sqrt(2)) + rng.uniform(0, 6)) / (
        1 + 0.4 * np.cos(anomaly)
    )


TORI: dict[str, Draw] = {
    "forced van der Pol": Flow(forced_van_der_pol, about(1.0, 0.0), 0.06, seen=(0, 1), parameters=((1.6, 2.5),)),
    "twice forced": Flow(twice_forced, about(0.0, 0.0), 0.06, seen=(0, 1), parameters=((0.5, 0.9),)),
    "coupled pendulums": Flow(
        coupled_pendulums, about(1.0, 0.2, 0.0, 0.3, spread=0.1), 0.06, seen=(0, 1), parameters=((0.2, 0.6),), settle=10
    ),
    "springs": Flow(
        springs, about(0.7, 0.7, 0.0, 0.0, spread=0.2), 0.06, seen=(0, 1), parameters=((1.5, 3.0),), settle=10
    ),
    "Henon-Heiles": Flow(henon_heiles, about(0.1, 0.25, 0.2, 0.05, spread=0.01), 0.1, seen=(0, 1), settle=10),
    "Toda": Flow(
        toda,
        lambda rng, k: np.concatenate([np.zeros((4, k)), rng.normal(0, 0.5, (4, k))]),
        0.05,
        seen=(0, 1),
        settle=10,
    ),
    "forced spring": Flow(forced_spring, about(0.0, 0.0), 0.06, seen=(0, 1), parameters=((1.1, 1.7),)),
    "spherical pendulum": Flow(
        spherical_pendulum,
        lambda rng, k: np.array(
            [
                np.full(k, 0.8),
                0 * np.ones(k),
                np.full(k, -0.6),
                0 * np.ones(k),
                rng.uniform(0.4, 0.6, k),
                0 * np.ones(k),
            ]
        ),
        0.08,
        seen=(0, 1),
        settle=10,
    ),
    **named(
        two_tones,
        three_tones,
        amplitude_modulated,
        phase_modulated,
        torus_waveform,
        squashed_torus,
        two_squares,
        tone_beside_wave,
        bent_torus,
        rectified_torus,
        fast_tones,
        swaying_distance,
        doughnut,
        precession,
    ),
}
