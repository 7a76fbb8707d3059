"""Maps, from their equations."""

import numpy as np
from regime_simulation import Array


def ikeda(s: Array, p: Array) -> Array:
    x, y = s
    turn = 0.4 - 6 / (1 + x * x + y * y)
    return np.array([1 + 0.9 * (x * np.cos(turn) - y * np.sin(turn)), 0.9 * (x * np.sin(turn) + y * np.cos(turn))])


def tinkerbell(s: Array, p: Array) -> Array:
    x, y = s
    return np.array([x * x - y * y + 0.9 * x - 0.6013 * y, 2 * x * y + 2 * x + 0.5 * y])


def henon(s: Array, p: Array) -> Array:
    return np.array([1 - p[0] * s[0] ** 2 + s[1], 0.3 * s[0]])


def lozi(s: Array, p: Array) -> Array:
    return np.array([1 - 1.7 * np.abs(s[0]) + s[1], 0.5 * s[0]])


def logistic(s: Array, p: Array) -> Array:
    return p[0] * s * (1 - s)


def cubic(s: Array, p: Array) -> Array:
    return p[0] * s * (1 - s * s)


def skew_tent(s: Array, p: Array) -> Array:
    return np.where(s < p[0], s / p[0], (1 - s) / (1 - p[0]))


def gauss(s: Array, p: Array) -> Array:
    return np.exp(-6.2 * s * s) - 0.5


def sine_map(s: Array, p: Array) -> Array:
    return p[0] * np.sin(np.pi * s)


def coupled_logistic(s: Array, p: Array) -> Array:
    grown = p[0] * s * (1 - s)
    return 0.9 * grown + 0.1 * grown[::-1]


def standard(s: Array, p: Array) -> Array:
    kicked = (s[1] + 6.5 * np.sin(s[0])) % (2 * np.pi)
    return np.array([(s[0] + kicked) % (2 * np.pi), kicked])


def pomeau_manneville(s: Array, p: Array) -> Array:
    return (s + s ** p[0]) % 1


def circle(s: Array, p: Array) -> Array:
    turned = s[0] + p[0] + 0.5 / (2 * np.pi) * np.sin(2 * np.pi * s[0])
    return np.array([turned, np.cos(2 * np.pi * turned)])


def discrete_hopf(s: Array, p: Array) -> Array:
    z = s[0] + 1j * s[1]
    z = z * (1.2 - 0.2 * np.abs(z) ** 2) * np.exp(2j * np.pi * p[0])
    return np.array([z.real, z.imag])


def ricker(s: Array, p: Array) -> Array:
    return s * np.exp(p[0] * (1 - s))


def holmes(s: Array, p: Array) -> Array:
    return np.array([s[1], -0.2 * s[0] + 2.77 * s[1] - s[1] ** 3])


def kaplan_yorke(s: Array, p: Array) -> Array:
    return np.array([1.9999 * s[0] % 1, 0.2 * s[1] + np.cos(4 * np.pi * s[0])])


def burgers(s: Array, p: Array) -> Array:
    return np.array([0.75 * s[0] - s[1] ** 2, s[1] * (1.75 + s[0])])


def delayed_logistic(s: Array, p: Array) -> Array:
    return np.array([p[0] * s[0] * (1 - s[1]), s[0]])
