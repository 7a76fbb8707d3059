"""Systems that the table of regimes never saw: other equations than those of `scripts/regime_systems.py`.

The list was written down before the table was first evaluated on it, and is only used to accept. That each is what it is
called was then checked by its largest exponent from the equations, and by how far each point comes to rest.
"""

import sys
from pathlib import Path

import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[1] / "scripts"))

from regime_simulation import Array as Array  # noqa: PLC0414 - who uses the systems finds all here
from regime_simulation import (
    Draw,
    Flow,
    Map,
    Rest,
    about,
    autoregressive,
    filtered,
    resonance,
    shuffled_phases,
)
from regime_simulation import System as System  # noqa: PLC0414
from regime_simulation import noisy as noisy  # noqa: PLC0414

# strange: flows


def thomas(t: float, s: Array, p: Array) -> Array:
    return np.sin(s[[1, 2, 0]]) - 0.18 * s


def dadras(t: float, s: Array, p: Array) -> Array:
    x, y, z = s
    return np.array([y - 3 * x + 2.7 * y * z, 1.7 * y - x * z + z, 2 * x * y - 9 * z])


def aizawa(t: float, s: Array, p: Array) -> Array:
    x, y, z = s
    r = x * x + y * y
    return np.array(
        [
            (z - 0.7) * x - 3.5 * y,
            3.5 * x + (z - 0.7) * y,
            0.6 + 0.95 * z - z**3 / 3 - r * (1 + 0.25 * z) + 0.1 * z * x**3,
        ]
    )


def arneodo(t: float, s: Array, p: Array) -> Array:
    x, y, z = s
    return np.array([y, z, 5.5 * x - 3.5 * y - z - x**3])


def genesio_tesi(t: float, s: Array, p: Array) -> Array:
    x, y, z = s
    return np.array([y, z, -x - 1.1 * y - 0.44 * z + x * x])


def rucklidge(t: float, s: Array, p: Array) -> Array:
    x, y, z = s
    return np.array([-2 * x + 6.7 * y - y * z, x, -z + y * y])


def shimizu_morioka(t: float, s: Array, p: Array) -> Array:
    x, y, z = s
    return np.array([y, (1 - z) * x - 0.75 * y, x * x - 0.45 * z])


def lorenz_84(t: float, s: Array, p: Array) -> Array:
    x, y, z = s
    return np.array([-y * y - z * z - 0.25 * x + 2.0, x * y - 4 * x * z - y + 1, 4 * x * y + x * z - z])


def driven_pendulum(t: float, s: Array, p: Array) -> Array:
    x, v = s
    return np.array([v, -np.sin(x) - v / 2 + 1.5 * np.cos(2 * t / 3)])


def sprott_jerk(t: float, s: Array, p: Array) -> Array:
    x, v, a = s
    return np.array([v, a, -2.017 * a + v * v - x])


# strange: maps


def ricker(s: Array, p: Array) -> Array:
    return s * np.exp(p[0] * (1 - s))


def holmes(s: Array, p: Array) -> Array:
    return np.array([s[1], -0.2 * s[0] + 2.77 * s[1] - s[1] ** 3])


def kaplan_yorke(s: Array, p: Array) -> Array:
    return np.array([1.9999 * s[0] % 1, 0.2 * s[1] + np.cos(4 * np.pi * s[0])])


def burgers(s: Array, p: Array) -> Array:
    return np.array([0.75 * s[0] - s[1] ** 2, s[1] * (1.75 + s[0])])


# limit cycles


def delayed_logistic(s: Array, p: Array) -> Array:
    return np.array([p[0] * s[0] * (1 - s[1]), s[0]])


def selkov(t: float, s: Array, p: Array) -> Array:
    x, y = s
    return np.array([-x + p[0] * y + x * x * y, p[1] - p[0] * y - x * x * y])


def rayleigh(t: float, s: Array, p: Array) -> Array:
    x, v = s
    return np.array([v, p[0] * (1 - v * v / 3) * v - x])


def morris_lecar(t: float, s: Array, p: Array) -> Array:
    v, w = s
    m, rest = 0.5 * (1 + np.tanh((v + 1.2) / 18)), 0.5 * (1 + np.tanh((v - 2) / 30))
    current = p[0] - 2 * (v + 60) - 4.4 * m * (v - 120) - 8 * w * (v + 84)
    return np.array([current / 20, 0.04 * (rest - w) * np.cosh((v - 2) / 60)])


def rosenzweig_macarthur(t: float, s: Array, p: Array) -> Array:
    prey, hunter = s
    eaten = prey * hunter / (0.4 + prey)
    return np.array([prey * (1 - prey / p[0]) - eaten, 0.8 * eaten - 0.4 * hunter])


def pendulum(t: float, s: Array, p: Array) -> Array:
    return np.array([s[1], -np.sin(s[0])])


def breathing(rng: np.random.Generator, n: int, rate: float) -> Array:
    """A rise, a slower fall and a rest, again and again."""
    phase = (np.arange(n) / rate + rng.random()) % 1
    return np.where(phase < 0.35, np.sin(np.pi * phase / 0.7), np.exp(-(phase - 0.35) / rng.uniform(0.1, 0.3)))


def triangle(rng: np.random.Generator, n: int, rate: float) -> Array:
    phase, peak = (np.arange(n) / rate * 1.0037 + rng.random()) % 1, rng.uniform(0.2, 0.5)
    return np.where(phase < peak, phase / peak, (1 - phase) / (1 - peak))


# tori


def henon_heiles(t: float, s: Array, p: Array) -> Array:
    x, y, u, v = s
    return np.array([u, v, -x - 2 * x * y, -y - x * x + y * y])


def toda(t: float, s: Array, p: Array) -> Array:
    q, v = s[:4], s[4:]
    force = np.exp(np.concatenate([-q[:1], q[:-1] - q[1:], q[-1:]]))
    return np.concatenate([v, force[:-1] - force[1:]])


def forced_spring(t: float, s: Array, p: Array) -> Array:
    x, v = s
    return np.array([v, -0.4 * v - x - 0.3 * x**3 + 0.8 * np.cos(t) + 0.7 * np.cos(p[0] * np.sqrt(2) * t)])


def spherical_pendulum(t: float, s: Array, p: Array) -> Array:
    r, v = s[:3], s[3:]
    gravity = np.array([0.0, 0.0, -1.0])[:, None]
    tension = (v * v).sum(0) + r[2] * -1.0
    return np.concatenate([v, gravity - (tension + (r * r).sum(0) - 1) * r])


def doughnut(rng: np.random.Generator, n: int, rate: float) -> Array:
    """A line that winds round a doughnut, seen from one side."""
    t = 2 * np.pi * np.arange(n) / rate
    ratio = np.sqrt(rng.choice([3, 5, 7, 11, 13])) / rng.choice([1, 2])
    return (2 + np.cos(t + rng.uniform(0, 6))) * np.cos(t / ratio + rng.uniform(0, 6))


def precession(rng: np.random.Generator, n: int, rate: float) -> Array:
    """An ellipse that turns: a planet's orbit seen from far away."""
    t = 2 * np.pi * np.arange(n) / rate
    anomaly = t + 0.6 * np.sin(t)
    return np.cos(anomaly * (1 + rng.uniform(0.12, 0.22) * np.sqrt(2)) + rng.uniform(0, 6)) / (
        1 + 0.4 * np.cos(anomaly)
    )


# points


def epidemic(t: float, s: Array, p: Array) -> Array:
    susceptible, ill = s
    return np.array([-p[0] * susceptible * ill, p[0] * susceptible * ill - ill])


def hardening_spring(t: float, s: Array, p: Array) -> Array:
    x, v = s
    return np.array([v, -0.2 * v - p[0] * x - 2 * x**3])


def gompertz(t: float, s: Array, p: Array) -> Array:
    return -s * np.log(s)


def cooling(rng: np.random.Generator, n: int, rate: float) -> Array:
    """A step response of first order beside a wandering instrument."""
    wander = autoregressive(rng, n, (0.9,))
    return np.exp(-np.arange(n) / n * rng.uniform(4, 15)) + rng.uniform(0.01, 0.03) * wander / wander.std()


def bouncing(rng: np.random.Generator, n: int, rate: float) -> Array:
    """The height of a ball that loses a share of its speed at each bounce."""
    kept, speed, at, begun, out = rng.uniform(0.75, 0.88), 1.0, 0.0, 0.0, np.zeros(n)
    t = np.arange(n) / n * 2 / (1 - kept) * rng.uniform(0.8, 1.5)
    while speed > 1e-6:
        at = begun + 2 * speed
        inside = (t >= begun) & (t < at)
        out[inside] = (t[inside] - begun) * (at - t[inside])
        begun, speed = at, kept * speed
    return out


# noise


def fractional(rng: np.random.Generator, n: int, rate: float) -> Array:
    """Fractional Gaussian noise by its covariance, embedded in a circle (Davies and Harte 1987)."""
    hurst = rng.choice([0.25, 0.75, 0.9])
    k = np.abs(np.arange(-n, n))
    covariance = ((k + 1.0) ** (2 * hurst) - 2.0 * k ** (2 * hurst) + np.abs(k - 1.0) ** (2 * hurst)) / 2
    power = np.maximum(np.fft.fft(np.fft.fftshift(covariance)).real, 0)
    shock = rng.standard_normal(2 * n) + 1j * rng.standard_normal(2 * n)
    return np.fft.fft(shock * np.sqrt(power / (4 * n)))[:n].real


def smoothed(rng: np.random.Generator, n: int, rate: float) -> Array:
    """Narrow-band noise: white noise through a windowed sine."""
    width = max(8, round(rate * rng.uniform(3, 6)))
    taps = np.hamming(width) * np.sin(2 * np.pi * np.arange(width) / rate)
    return np.convolve(rng.standard_normal(n + width), taps, "same")[:n]


def bell(rng: np.random.Generator, n: int, rate: float) -> Array:
    """Narrow-band noise with a spectrum like a bell."""
    centre = 1 / rate
    width = centre * rng.uniform(0.05, 0.3)
    return filtered(rng, n, lambda f: np.exp(-(((f - centre) / width) ** 2) / 2))


def ringing(rng: np.random.Generator, n: int, rate: float) -> Array:
    """Blows at random moments, each of which rings."""
    blows = (rng.random(n + 500) < 1.5 / rate) * rng.exponential(size=n + 500)
    t = np.arange(max(8, round(3 * rate)))
    return np.convolve(blows, np.exp(-t / rate) * np.sin(2 * np.pi * t / rate))[500 : 500 + n]


def arma(rng: np.random.Generator, n: int, rate: float) -> Array:
    x = autoregressive(rng, n + 1, resonance(max(rate, 4.0), rng.uniform(2, 10)))
    return x[1:] + rng.uniform(-0.8, 0.8) * x[:-1]


def squared(rng: np.random.Generator, n: int, rate: float) -> Array:
    """The energy of coloured noise."""
    return autoregressive(rng, n, (1 - 1 / rate,)) ** 2


def switching(rng: np.random.Generator, n: int, rate: float) -> Array:
    """A coin decides now and then which of two noises is heard."""
    loud = np.cumsum(rng.random(n) < 0.2 / rate) % 2
    return np.where(loud, autoregressive(rng, n, resonance(rate, rate)), autoregressive(rng, n, (0.5,)))


def laplace(rng: np.random.Generator, n: int, rate: float) -> Array:
    return rng.laplace(size=n)


def conditional(rng: np.random.Generator, n: int, rate: float) -> Array:
    """Noise whose size depends on its last value (Engle 1982)."""
    x = [0.0]
    for shock in rng.standard_normal(n):
        x.append(shock * np.sqrt(0.4 + 0.6 * x[-1] ** 2))
    return np.array(x[1:])


def wandering(rng: np.random.Generator, n: int, rate: float) -> Array:
    """Brownian motion in a well."""
    return autoregressive(rng, n, (1 - 0.2 / rate,))


_strange: dict[str, Draw] = {
    "Thomas": Flow(thomas, about(0.5, 0.1, 0.2), 0.12, seen=(0,)),
    "Dadras": Flow(dadras, about(1.0, 1.0, 1.0), 0.02, seen=(0, 1)),
    "Aizawa": Flow(aizawa, about(0.1, 0.0, 0.0, spread=0.05), 0.03, seen=(0, 1)),
    "Arneodo": Flow(arneodo, about(0.2, 0.2, -0.75), 0.06, seen=(0, 1)),
    "Genesio-Tesi": Flow(genesio_tesi, about(0.1, 0.1, 0.1, spread=0.02), 0.1, seen=(0, 1)),
    "Rucklidge": Flow(rucklidge, about(1.0, 0.0, 4.5), 0.04, seen=(0, 1)),
    "Shimizu-Morioka": Flow(shimizu_morioka, about(0.1, 0.0, 0.5), 0.1, seen=(0, 1)),
    "Lorenz-84": Flow(lorenz_84, about(0.5, 0.5, 0.5), 0.03, seen=(0, 1)),
    "driven pendulum": Flow(driven_pendulum, about(0.1, 0.0), 0.12, seen=(1,)),
    "Sprott jerk": Flow(sprott_jerk, about(0.0, 0.0, 1.0, spread=0.002), 0.05, seen=(0, 1)),
    "Ricker": Map(ricker, about(0.5), parameters=((3.0, 3.0),)),
    "Holmes": Map(holmes, about(0.2, 0.1, spread=0.05)),
    "Kaplan-Yorke": Map(kaplan_yorke, about(0.3, 0.1), seen=(1,)),
    "Burgers": Map(burgers, about(-0.1, 0.1, spread=0.02), seen=(0, 1)),
}
_cycles: dict[str, Draw] = {
    "Selkov": Flow(selkov, about(0.6, 1.0, spread=0.05), 0.1, seen=(0, 1), parameters=((0.05, 0.08), (0.5, 0.65))),
    "Rayleigh": Flow(rayleigh, about(0.5, 0.0), 0.06, seen=(0, 1), parameters=((0.3, 3.0),)),
    "Morris-Lecar": Flow(morris_lecar, about(-20.0, 0.1, spread=0.05), 0.5, seen=(0, 1), parameters=((92.0, 110.0),)),
    "Rosenzweig-MacArthur": Flow(
        rosenzweig_macarthur, about(0.6, 0.5, spread=0.05), 0.2, seen=(0, 1), parameters=((1.5, 2.2),)
    ),
    "pendulum": Flow(pendulum, about(1.8, 0.0, spread=0.4), 0.08, seen=(0, 1), settle=10),
    "breathing": breathing,
    "triangle": triangle,
    "Ricker cycle": Map(ricker, about(0.5), parameters=((2.1, 2.62),)),
    "delayed logistic circle": Map(delayed_logistic, about(0.4, 0.4, spread=0.02), parameters=((2.03, 2.1),)),
}
_tori: dict[str, Draw] = {
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
    "doughnut": doughnut,
    "precession": precession,
}
_points: dict[str, Draw] = {
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
    "cooling": cooling,
    "bouncing": bouncing,
}
_noises: dict[str, Draw] = {
    "fractional": fractional,
    "smoothed": smoothed,
    "bell": bell,
    "ringing": ringing,
    "arma": arma,
    "squared": squared,
    "switching": switching,
    "Laplace": laplace,
    "conditional": conditional,
    "wandering": wandering,
    "shuffled Thomas": lambda rng, n, rate: shuffled_phases(rng, _strange["Thomas"](rng, n, rate)),
    "shuffled Arneodo": lambda rng, n, rate: shuffled_phases(rng, _strange["Arneodo"](rng, n, rate)),
    "shuffled Ricker": lambda rng, n, rate: shuffled_phases(rng, _strange["Ricker"](rng, n, rate)),
    "shuffled Holmes": lambda rng, n, rate: shuffled_phases(rng, _strange["Holmes"](rng, n, rate)),
}

_REGIMES = {"point": _points, "limit-cycle": _cycles, "torus": _tori, "strange": _strange, "noise": _noises}

SYSTEMS = tuple(System(name, regime, draw) for regime, those in _REGIMES.items() for name, draw in those.items())
