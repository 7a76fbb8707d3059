"""Limit cycles that the table of regimes is trained on."""

import numpy as np
from regime_calm_flows import (
    brusselator,
    fitzhugh_nagumo,
    forced_softening,
    hopf,
    lotka_volterra,
    morris_lecar,
    pendulum,
    rayleigh,
    rosenzweig_macarthur,
    selkov,
    van_der_pol,
)
from regime_flows import lorenz, mackey_glass, rossler, two_wells
from regime_maps import circle, delayed_logistic, discrete_hopf, henon, logistic, ricker
from regime_simulation import Array, Delayed, Draw, Flow, Map, Random, about, named


def phases(rng: Random, n: int, rate: float) -> Array:
    """Turns of a clock."""
    return np.arange(n) / rate + rng.random()


def sine(rng: Random, n: int, rate: float) -> Array:
    return np.sin(2 * np.pi * phases(rng, n, rate))


def fast_sine(rng: Random, n: int, rate: float) -> Array:
    """Few samples a period, as a map's circle is seen."""
    return np.sin(2 * np.pi * phases(rng, n, rng.uniform(2.2, 7.0)))


def waveform(rng: Random, n: int, rate: float, harmonics: int, fall: float) -> Array:
    """A periodic signal of random harmonics."""
    turn, k = phases(rng, n, rate), np.arange(1, harmonics + 1)
    size = rng.standard_normal(harmonics) / k**fall
    return np.asarray(np.sin(2 * np.pi * (np.outer(turn, k) + rng.random(harmonics))) @ size)


def smooth_wave(rng: Random, n: int, rate: float) -> Array:
    return waveform(rng, n, rate, 4, 1.0)


def rich_wave(rng: Random, n: int, rate: float) -> Array:
    return waveform(rng, n, min(2 * rate, n / 5), 8, 0.3)


def square(rng: Random, n: int, rate: float) -> Array:
    steep = rng.uniform(2, 12)
    return np.tanh(steep * (np.sin(2 * np.pi * phases(rng, n, rate)) - rng.uniform(-0.6, 0.6)))


def jumps(rng: Random, n: int, rate: float) -> Array:
    """A saw, or a gate that opens and shuts."""
    turn = phases(rng, n, 1.5 * rate) % 1
    return turn if rng.random() < 0.5 else (turn < rng.uniform(0.15, 0.85)).astype(float)


def pulses(rng: Random, n: int, rate: float) -> Array:
    """A heart that never errs."""
    turn = (phases(rng, n, 1.5 * rate) % 1) - 0.5
    width = rng.uniform(0.05, 0.12)
    return np.exp(-((turn / width) ** 2)) + 0.3 * np.exp(-(((turn - 0.25) / 0.09) ** 2))


def breathing(rng: Random, n: int, rate: float) -> Array:
    """A rise, a slower fall and a rest, again and again."""
    phase = (np.arange(n) / rate + rng.random()) % 1
    return np.where(phase < 0.35, np.sin(np.pi * phase / 0.7), np.exp(-(phase - 0.35) / rng.uniform(0.1, 0.3)))


def triangle(rng: Random, n: int, rate: float) -> Array:
    phase, peak = (np.arange(n) / rate * 1.0037 + rng.random()) % 1, rng.uniform(0.2, 0.5)
    return np.where(phase < peak, phase / peak, (1 - phase) / (1 - peak))


CYCLES: dict[str, Draw] = {
    "van der Pol": Flow(van_der_pol, about(1.0, 0.0), 0.06, seen=(0, 1), parameters=((0.2, 5.0),)),
    "FitzHugh-Nagumo": Flow(fitzhugh_nagumo, about(0.0, 0.0), 0.4, seen=(0, 1), parameters=((0.4, 1.2),)),
    "Brusselator": Flow(brusselator, about(1.0, 1.0), 0.06, seen=(0, 1), parameters=((2.2, 3.2),)),
    "Lotka-Volterra": Flow(lotka_volterra, about(0.5, 0.8), 0.06, seen=(0, 1), settle=10),
    "Hopf": Flow(hopf, about(0.5, 0.0), 0.06, parameters=((0.5, 2.0),)),
    "forced softening": Flow(forced_softening, about(0.0, 0.0), 0.06, parameters=((0.1, 0.3), (0.4, 1.5))),
    "Rossler period 1": Flow(rossler, about(1.0, 1.0, 0.0), 0.08, seen=(0, 1, 2), parameters=((2.3, 2.6),)),
    "Rossler period 2": Flow(rossler, about(1.0, 1.0, 0.0), 0.08, seen=(0, 1), parameters=((3.2, 3.6),)),
    "Rossler period 4": Flow(rossler, about(1.0, 1.0, 0.0), 0.08, seen=(0, 1), parameters=((3.95, 4.05),)),
    "Lorenz cycle": Flow(lorenz, about(1.0, 1.0, 300.0), 0.003, seen=(0, 2), parameters=((330.0, 350.0),)),
    "two wells cycle": Flow(two_wells, about(1.0, 0.0), 0.08, parameters=((0.3, 0.5), (0.1, 0.2))),
    "Mackey-Glass 10": Delayed(mackey_glass, 10.0, 0.4, 1.0, 40_000),
    "Mackey-Glass 13.5": Delayed(mackey_glass, 13.5, 0.5, 1.0, 40_000),
    "logistic cycle": Map(logistic, about(0.4, spread=0.05), parameters=((3.1, 3.55),)),
    "Henon cycle": Map(henon, about(0.1, 0.1, spread=0.05), parameters=((0.5, 1.04),)),
    "circle map": Map(circle, about(0.1, 0.0), seen=(1,), parameters=((0.02, 0.45),)),
    "discrete Hopf": Map(discrete_hopf, about(0.5, 0.0), parameters=((0.05, 0.45),)),
    "Selkov": Flow(selkov, about(0.6, 1.0, spread=0.05), 0.1, seen=(0, 1), parameters=((0.05, 0.08), (0.5, 0.65))),
    "Rayleigh": Flow(rayleigh, about(0.5, 0.0), 0.06, seen=(0, 1), parameters=((0.3, 3.0),)),
    "Morris-Lecar": Flow(morris_lecar, about(-20.0, 0.1, spread=0.05), 0.5, seen=(0, 1), parameters=((92.0, 110.0),)),
    "Rosenzweig-MacArthur": Flow(
        rosenzweig_macarthur, about(0.6, 0.5, spread=0.05), 0.2, seen=(0, 1), parameters=((1.5, 2.2),)
    ),
    "pendulum": Flow(pendulum, about(1.8, 0.0, spread=0.4), 0.08, seen=(0, 1), settle=10),
    "Ricker cycle": Map(ricker, about(0.5), parameters=((2.1, 2.62),)),
    "delayed logistic circle": Map(delayed_logistic, about(0.4, 0.4, spread=0.02), parameters=((2.03, 2.1),)),
    **named(
        sine,
        fast_sine,
        smooth_wave,
        rich_wave,
        square,
        jumps,
        pulses,
        breathing,
        triangle,
    ),
}
