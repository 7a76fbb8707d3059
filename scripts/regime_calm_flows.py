"""Flows that rest, go round or wind round a torus, from their equations."""

import numpy as np
from regime_simulation import Array


def van_der_pol(t: float, s: Array, p: Array) -> Array:
    x, v = s
    return np.array([v, p[0] * (1 - x * x) * v - x])


def forced_van_der_pol(t: float, s: Array, p: Array) -> Array:
    x, v = s
    return np.array([v, 0.3 * (1 - x * x) * v - x + 1.2 * np.cos(p[0] * t)])


def fitzhugh_nagumo(t: float, s: Array, p: Array) -> Array:
    v, w = s
    return np.array([v - v**3 / 3 - w + p[0], 0.08 * (v + 0.7 - 0.8 * w)])


def brusselator(t: float, s: Array, p: Array) -> Array:
    x, y = s
    return np.array([1 + x * x * y - (p[0] + 1) * x, p[0] * x - x * x * y])


def lotka_volterra(t: float, s: Array, p: Array) -> Array:
    x, y = s
    return np.array([x - x * y, x * y - y])


def hopf(t: float, s: Array, p: Array) -> Array:
    x, y = s
    r = p[0] - x * x - y * y
    return np.array([r * x - (1 + r) * y, r * y + (1 + r) * x])


def forced_softening(t: float, s: Array, p: Array) -> Array:
    x, v = s
    return np.array([v, -p[0] * v - x - 0.2 * x**2 + 0.3 * np.cos(p[1] * t)])


def springs(t: float, s: Array, p: Array) -> Array:
    x, y, u, v = s
    return np.array([u, v, -x - 0.4 * (x - y) - 0.1 * x**3, -p[0] * y - 0.4 * (y - x)])


def twice_forced(t: float, s: Array, p: Array) -> Array:
    x, v = s
    return np.array(
        [v, -0.5 * v - x - 0.2 * x * x + 0.25 * np.cos(p[0] * t) + 0.25 * np.cos((1 + np.sqrt(5)) / 2 * p[0] * t)]
    )


def coupled_pendulums(t: float, s: Array, p: Array) -> Array:
    x, y, u, v = s
    return np.array([u, v, -np.sin(x) - p[0] * (x - y), -np.sin(y) - p[0] * (y - x)])


def swinging(t: float, s: Array, p: Array) -> Array:
    x, v = s
    return np.array([v, -p[0] * v - np.sin(x)])


def saddle_free(t: float, s: Array, p: Array) -> Array:
    x, y = s
    return np.array([-x - p[0] * y + 0.3 * x * y, -0.3 * y + 0.2 * x * x])


def cubic_rest(t: float, s: Array, p: Array) -> Array:
    return -p[0] * s - s**3


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


def epidemic(t: float, s: Array, p: Array) -> Array:
    susceptible, ill = s
    return np.array([-p[0] * susceptible * ill, p[0] * susceptible * ill - ill])


def hardening_spring(t: float, s: Array, p: Array) -> Array:
    x, v = s
    return np.array([v, -0.2 * v - p[0] * x - 2 * x**3])


def gompertz(t: float, s: Array, p: Array) -> Array:
    return -s * np.log(s)
