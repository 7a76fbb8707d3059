"""Flows and maps that the table of regimes never saw, from their equations."""

import sys
from pathlib import Path

import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[1] / "scripts"))

from regime_simulation import Array, Delayed, Draw, Flow, Map, Rest, about

Random = np.random.Generator


def rabinovich_fabrikant(t: float, s: Array, p: Array) -> Array:
    x, y, z = s
    return np.array([y * (z - 1 + x * x) + 0.87 * x, x * (3 * z + 1 - x * x) + 0.87 * y, -2 * z * (1.1 + x * y)])


def rossler_of_four(t: float, s: Array, p: Array) -> Array:
    x, y, z, w = s
    return np.array([-y - z, x + 0.25 * y + w, 3 + x * z, -0.5 * z + 0.05 * w])


def moore_spiegel(t: float, s: Array, p: Array) -> Array:
    x, v, a = s
    return np.array([v, a, -a - (20 * x * x - 14) * v - 6 * x])


def windmi(t: float, s: Array, p: Array) -> Array:
    x, v, a = s
    return np.array([v, a, 2.5 - 0.7 * a - v - np.exp(x)])


def burke_shaw(t: float, s: Array, p: Array) -> Array:
    x, y, z = s
    return np.array([-10 * (x + y), -y - 10 * x * z, 10 * x * y + 4.272])


def driven_reaction(t: float, s: Array, p: Array) -> Array:
    """Tomita and Kai 1978."""
    x, y = s
    return np.array([0.4 + x * x * y - 2.2 * x + 0.05 * np.cos(0.81 * t), 1.2 * x - x * x * y])


def bent_jerk(t: float, s: Array, p: Array) -> Array:
    """Linz and Sprott 1999."""
    x, v, a = s
    return np.array([v, a, -0.6 * a - v + np.abs(x) - 1])


def double_pendulum(t: float, s: Array, p: Array) -> Array:
    x, y, u, v = s
    turn = x - y
    share = 3 - np.cos(2 * turn)
    first = -3 * np.sin(x) - np.sin(x - 2 * y) - 2 * np.sin(turn) * (v * v + u * u * np.cos(turn))
    second = 2 * np.sin(turn) * (2 * u * u + 2 * np.cos(x) + v * v * np.cos(turn))
    return np.array([u, v, first / share, second / share])


def food_chain(t: float, s: Array, p: Array) -> Array:
    """Hastings and Powell 1991."""
    x, y, z = s
    eaten, hunted = 5 * x * y / (1 + 3 * x), 0.1 * y * z / (1 + 2 * y)
    return np.array([x * (1 - x) - eaten, eaten - hunted - 0.4 * y, hunted - 0.01 * z])


def two_powers(x: Array, back: Array) -> Array:
    """Ucar 2003."""
    return back - back**3


def henon_of_three(s: Array, p: Array) -> Array:
    return np.array([1.76 - s[1] ** 2 - 0.1 * s[2], s[0], s[1]])


def maynard_smith(s: Array, p: Array) -> Array:
    return 2 * s / (1 + s ** p[0])


def cat(s: Array, p: Array) -> Array:
    return np.array([(s[0] + s[1]) % 1, (s[0] + 2 * s[1]) % 1])


def delayed_ricker(s: Array, p: Array) -> Array:
    return np.array([s[0] * np.exp(p[0] * (1 - s[1])), s[0]])


def repressilator(t: float, s: Array, p: Array) -> Array:
    return 10 / (1 + np.roll(s, 1, 0) ** p[0]) - s


def hybrid(t: float, s: Array, p: Array) -> Array:
    """Van der Pol's and Rayleigh's terms together, in a hardening well."""
    x, v = s
    return np.array([v, p[0] * (1 - x * x - v * v) * v - x - x**3])


def quartic_well(t: float, s: Array, p: Array) -> Array:
    return np.array([s[1], -(s[0] ** 3)])


def hutchinson(x: Array, back: Array) -> Array:
    return 1.9 * x * (1 - back)


def driven_friction(t: float, s: Array, p: Array) -> Array:
    """Every two courses near each other: what is left are the rhythms that drive."""
    return -s - s**3 + 1.2 * np.cos(t) + p[0] * np.cos(np.sqrt(5) * t)


def galaxy(t: float, s: Array, p: Array) -> Array:
    """A star in a round potential: energy and angular momentum stay."""
    r, v = s[:2], s[2:]
    return np.concatenate([v, -r / (0.1 + (r * r).sum(0))])


def tumbling(t: float, s: Array, p: Array) -> Array:
    """A free body of three moments of inertia, and the direction of a star as it sees it."""
    a, b, c, x, y, z = s
    return np.array([-b * c, c * a, -a * b / 3, y * c - z * b, z * a - x * c, x * b - y * a])


def magnetic_trap(t: float, s: Array, p: Array) -> Array:
    x, y, u, v = s
    return np.array([u, v, p[0] * v - x, -p[0] * u - 1.7 * y])


def two_seasons(s: Array, p: Array) -> Array:
    """Beverton and Holt's growth, with two rhythms that drive it."""
    x, one, other = s
    grown = 2.5 * x / (1 + x) + 0.3 * np.cos(2 * np.pi * one) + 0.3 * np.cos(2 * np.pi * other)
    return np.array([grown, one + p[0], other + np.sqrt(3) * p[0]])


def air_drag(t: float, s: Array, p: Array) -> Array:
    x, v = s
    return np.array([v, -p[0] * np.abs(v) * v - 0.15 * v - x])


def enzyme(t: float, s: Array, p: Array) -> Array:
    return -s / (p[0] + s)


STRANGE: dict[str, Draw] = {
    "Rabinovich-Fabrikant": Flow(
        rabinovich_fabrikant, about(-1.0, 0.0, 0.5, spread=0.001), 0.02, seen=(0, 1), steps=60_000, settle=10_000
    ),
    "Rossler of four": Flow(
        rossler_of_four, about(-10.0, -6.0, 0.0, 10.0), 0.015, seen=(0, 1), steps=80_000, settle=10_000
    ),
    "Moore-Spiegel": Flow(moore_spiegel, about(0.1, 0.5, 0.0), 0.02, seen=(0, 1), steps=60_000, settle=10_000),
    "Windmi": Flow(windmi, about(0.0, 0.8, 0.0), 0.08, seen=(0, 1), settle=10_000),
    "Burke-Shaw": Flow(burke_shaw, about(0.6, 0.0, 0.0), 0.008, seen=(0, 1), settle=10_000),
    "driven reaction": Flow(driven_reaction, about(0.4, 3.0), 0.1, seen=(0, 1), steps=40_000, settle=10_000),
    "bent jerk": Flow(bent_jerk, about(-0.5, 0.0, 0.0, spread=0.05), 0.08, seen=(0, 1), settle=10_000),
    "double pendulum": Flow(double_pendulum, about(2.2, 2.4, 0.0, 0.0), 0.04, seen=(2, 3), steps=48_000),
    "food chain": Flow(food_chain, about(0.8, 0.2, 9.0, spread=0.05), 0.6, seen=(0, 1), steps=36_000, settle=12_000),
    "two powers": Delayed(two_powers, 1.6, 0.05, 0.5, 60_000),
    "Henon of three": Map(henon_of_three, about(0.1, 0.1, 0.1, spread=0.05)),
    "Maynard Smith": Map(maynard_smith, about(0.8, spread=0.05), parameters=((8.5, 8.5),)),
    "cat map": Map(cat, lambda rng, k: rng.random((2, k)), seen=(0, 1)),
}

CYCLES: dict[str, Draw] = {
    "repressilator": Flow(
        repressilator, about(1.0, 1.5, 2.0), 0.06, seen=(0, 1, 2), parameters=((2.6, 4.5),), settle=6_000
    ),
    "hybrid": Flow(hybrid, about(0.5, 0.0), 0.06, seen=(0, 1), parameters=((0.3, 4.0),)),
    "quartic well": Flow(quartic_well, about(1.5, 0.0, spread=0.2), 0.06, seen=(0, 1), settle=10),
    "Hutchinson": Delayed(hutchinson, 1.0, 0.03, 0.7, 30_000),
    "Maynard Smith cycle": Map(maynard_smith, about(0.8, spread=0.05), parameters=((4.2, 5.2),)),
    "delayed Ricker circle": Map(delayed_ricker, about(0.8, 0.8, spread=0.05), parameters=((1.03, 1.15),)),
}

TORI: dict[str, Draw] = {
    "driven friction": Flow(driven_friction, about(0.0), 0.06, parameters=((0.8, 1.6),)),
    "galaxy": Flow(
        galaxy,
        lambda rng, k: np.array([np.ones(k), np.zeros(k), np.zeros(k), rng.uniform(0.39, 0.43, k)]),
        0.06,
        seen=(0, 1),
        settle=10,
    ),
    "tumbling": Flow(tumbling, about(0.8, 0.2, 0.9, 0.6, 0.0, 0.8, spread=0.01), 0.1, seen=(3, 4), settle=10),
    "magnetic trap": Flow(
        magnetic_trap, about(0.3, 1.0, 0.6, 0.0, spread=0.05), 0.06, seen=(0, 1), parameters=((1.15, 1.25),), settle=10
    ),
    "two seasons": Map(two_seasons, about(1.5, 0.0, 0.0), parameters=((0.03, 0.11),)),
}

POINTS: dict[str, Draw] = {
    "air drag": Rest(air_drag, about(2.0, 0.0, spread=0.3), 13.0, seen=(0, 1), parameters=((0.1, 0.6),)),
    "enzyme": Rest(enzyme, about(2.0, spread=0.3), 1.0, parameters=((0.2, 1.0),), lasts=(6.0, 25.0)),
    "repressilator at rest": Rest(
        repressilator, about(0.3, 1.0, 4.0), 4.0, seen=(0, 1, 2), parameters=((1.2, 1.7),), lasts=(4.0, 16.0)
    ),
}
