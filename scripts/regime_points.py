"""Motions that come to rest, which the table of regimes is trained on."""

import numpy as np
from regime_calm_flows import (
    brusselator,
    cubic_rest,
    epidemic,
    fitzhugh_nagumo,
    gompertz,
    hardening_spring,
    hopf,
    rosenzweig_macarthur,
    saddle_free,
    selkov,
    swinging,
    van_der_pol,
)
from regime_cycles import sine
from regime_flows import chua, lorenz, two_wells
from regime_maps import henon, logistic, ricker
from regime_simulation import Array, Draw, Map, Random, Rest, about, autoregressive, named, resonance


def lasting(rng: Random, n: int) -> Array:
    """Time in decay times."""
    return np.arange(n) / n * np.exp(rng.uniform(np.log(4), np.log(30)))


def ring_down(rng: Random, n: int, rate: float) -> Array:
    return np.exp(-lasting(rng, n)) * sine(rng, n, rate)


def two_ring_downs(rng: Random, n: int, rate: float) -> Array:
    return ring_down(rng, n, rate) + rng.uniform(0.2, 1) * ring_down(rng, n, rate / rng.uniform(1.2, 4))


def relaxation(rng: Random, n: int, rate: float) -> Array:
    t = lasting(rng, n)
    return np.exp(-t) + rng.uniform(-0.6, 0.6) * np.exp(-t * rng.uniform(1.5, 6))


def noisy_relaxation(rng: Random, n: int, rate: float) -> Array:
    """A particle that falls into a well and trembles there."""
    pull = np.exp(rng.uniform(np.log(4), np.log(30))) / n
    trembling = autoregressive(rng, n, (1 - pull,))
    return np.exp(-pull * np.arange(n)) + rng.uniform(0.01, 0.08) * trembling / trembling.std()


def noisy_ring_down(rng: Random, n: int, rate: float) -> Array:
    ringing = autoregressive(rng, n, resonance(rate, n / 15))
    return ring_down(rng, n, rate) + rng.uniform(0.01, 0.06) * ringing / ringing.std()


def settling(rng: Random, n: int, rate: float) -> Array:
    """Growth with a limit."""
    return 1 / (1 + np.exp(rng.uniform(1, 4) - 2 * lasting(rng, n)))


def cooling(rng: Random, n: int, rate: float) -> Array:
    """A step response of first order beside a wandering instrument."""
    wander = autoregressive(rng, n, (0.9,))
    return np.exp(-np.arange(n) / n * rng.uniform(4, 15)) + rng.uniform(0.01, 0.03) * wander / wander.std()


def bouncing(rng: Random, n: int, rate: float) -> Array:
    """The height of a ball that loses a share of its speed at each bounce."""
    kept, speed, at, begun, out = rng.uniform(0.75, 0.88), 1.0, 0.0, 0.0, np.zeros(n)
    t = np.arange(n) / n * 2 / (1 - kept) * rng.uniform(0.8, 1.5)
    while speed > 1e-6:
        at = begun + 2 * speed
        inside = (t >= begun) & (t < at)
        out[inside] = (t[inside] - begun) * (at - t[inside])
        begun, speed = at, kept * speed
    return out


POINTS: dict[str, Draw] = {
    "Lorenz at rest": Rest(lorenz, about(3.0, 3.0, 5.0), 3.0, seen=(0, 2), parameters=((5.0, 12.0),)),
    "Chua at rest": Rest(chua, about(1.7, 0.1, -1.5), 4.0, seen=(0, 1), parameters=((4.0, 6.0),)),
    "damped two wells": Rest(two_wells, about(1.8, 0.0), 8.0, parameters=((0.15, 0.5), (0.0, 0.0))),
    "swinging": Rest(swinging, about(2.5, 0.0), 10.0, seen=(0, 1), parameters=((0.15, 0.6),)),
    "shrinking Hopf": Rest(hopf, about(1.0, 0.0), 5.0, parameters=((-0.4, -0.15),)),
    "van der Pol at rest": Rest(van_der_pol, about(1.2, 0.0, spread=0.2), 12.0, parameters=((-0.5, -0.15),)),
    "Brusselator at rest": Rest(brusselator, about(2.0, 2.0), 6.0, seen=(0, 1), parameters=((0.5, 1.6),)),
    "FitzHugh-Nagumo at rest": Rest(fitzhugh_nagumo, about(1.5, 0.5), 12.0, seen=(0, 1), parameters=((-0.2, 0.2),)),
    "downhill": Rest(saddle_free, about(1.0, 0.5), 3.0, seen=(0, 1), parameters=((-0.5, 0.5),)),
    "cubic rest": Rest(cubic_rest, about(2.0, spread=0.3), 1.5, parameters=((0.0, 1.0),), lasts=(4.0, 40.0)),
    "logistic at rest": Map(logistic, about(0.1, spread=0.02), parameters=((1.3, 2.97),), settle=0),
    "Henon at rest": Map(henon, about(0.1, 0.1, spread=0.05), parameters=((0.05, 0.33),), settle=0),
    "epidemic": Rest(
        epidemic,
        lambda rng, k: np.array([np.full(k, 0.99), rng.uniform(0.01, 0.05, k)]),
        3.0,
        seen=(0, 1),
        parameters=((2.0, 4.0),),
        lasts=(5.0, 20.0),
    ),
    "hardening spring": Rest(hardening_spring, about(2.0, 0.0), 10.0, parameters=((0.5, 4.0),)),
    "Gompertz": Rest(gompertz, lambda rng, k: rng.uniform(0.001, 0.1, (1, k)), 1.0, lasts=(6.0, 20.0)),
    "Selkov at rest": Rest(selkov, about(1.4, 1.2), 25.0, seen=(0, 1), parameters=((0.12, 0.14), (0.8, 0.9))),
    "prey and hunters at rest": Rest(
        rosenzweig_macarthur, about(1.1, 0.8), 12.0, seen=(0, 1), parameters=((0.8, 1.0),)
    ),
    "Ricker at rest": Map(ricker, about(0.5), parameters=((1.6, 1.93),), settle=0),
    **named(
        ring_down,
        two_ring_downs,
        relaxation,
        noisy_relaxation,
        noisy_ring_down,
        settling,
        cooling,
        bouncing,
    ),
}
