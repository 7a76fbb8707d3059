"""Flows that are chaotic, or become it as a parameter changes, from their equations."""

import numpy as np
from regime_simulation import Array


def lorenz(t: float, s: Array, p: Array) -> Array:
    x, y, z = s
    return np.array([10 * (y - x), x * (p[0] - z) - y, x * y - 8 / 3 * z])


def rossler(t: float, s: Array, p: Array) -> Array:
    x, y, z = s
    return np.array([-y - z, x + 0.2 * y, 0.2 + z * (x - p[0])])


def chua(t: float, s: Array, p: Array) -> Array:
    x, y, z = s
    bent = -0.714 * x - 0.2145 * (np.abs(x + 1) - np.abs(x - 1))
    return np.array([p[0] * (y - x - bent), x - y + z, -28 * y])


def ueda(t: float, s: Array, p: Array) -> Array:
    x, v = s
    return np.array([v, -0.05 * v - x**3 + 7.5 * np.cos(t)])


def two_wells(t: float, s: Array, p: Array) -> Array:
    x, v = s
    return np.array([v, -p[0] * v + x - x**3 + p[1] * np.cos(t)])


def halvorsen(t: float, s: Array, p: Array) -> Array:
    x, y, z = s
    return np.array(
        [-1.4 * x - 4 * y - 4 * z - y * y, -1.4 * y - 4 * z - 4 * x - z * z, -1.4 * z - 4 * x - 4 * y - x * x]
    )


def chen(t: float, s: Array, p: Array) -> Array:
    x, y, z = s
    return np.array([35 * (y - x), -7 * x - x * z + 28 * y, x * y - 3 * z])


def hindmarsh_rose(t: float, s: Array, p: Array) -> Array:
    x, y, z = s
    return np.array([y - x**3 + 3 * x * x - z + 3.25, 1 - 5 * x * x - y, 0.006 * (4 * (x + 1.6) - z)])


def lorenz_96(t: float, s: Array, p: Array) -> Array:
    return (np.roll(s, -1, 0) - np.roll(s, 2, 0)) * np.roll(s, 1, 0) - s + p[0]


def newton_leipnik(t: float, s: Array, p: Array) -> Array:
    x, y, z = s
    return np.array([-0.4 * x + y + 10 * y * z, -x - 0.4 * y + 5 * x * z, 0.175 * z - 5 * x * y])


def rikitake(t: float, s: Array, p: Array) -> Array:
    x, y, z = s
    return np.array([-x + z * y, -y + (z - 5) * x, 1 - x * y])


def sprott_a(t: float, s: Array, p: Array) -> Array:
    x, y, z = s
    return np.array([y, -x + y * z, 1 - y * y])


def sprott_b(t: float, s: Array, p: Array) -> Array:
    x, y, z = s
    return np.array([y * z, x - y, 1 - x * y])


def sprott_c(t: float, s: Array, p: Array) -> Array:
    x, y, z = s
    return np.array([y * z, x - y, 1 - x * x])


def sprott_e(t: float, s: Array, p: Array) -> Array:
    x, y, z = s
    return np.array([y * z, x * x - y, 1 - 4 * x])


def sprott_f(t: float, s: Array, p: Array) -> Array:
    x, y, z = s
    return np.array([y + z, -x + y / 2, x * x - z])


def sprott_g(t: float, s: Array, p: Array) -> Array:
    x, y, z = s
    return np.array([0.4 * x + z, x * z - y, -x + y])


def sprott_i(t: float, s: Array, p: Array) -> Array:
    x, y, z = s
    return np.array([-0.2 * y, x + z, x + y * y - z])


def sprott_k(t: float, s: Array, p: Array) -> Array:
    x, y, z = s
    return np.array([x * y - z, x - y, x + 0.3 * z])


def sprott_m(t: float, s: Array, p: Array) -> Array:
    x, y, z = s
    return np.array([-z, -x * x - y, 1.7 + 1.7 * x + y])


def sprott_o(t: float, s: Array, p: Array) -> Array:
    x, y, z = s
    return np.array([y, x - z, x + x * z + 2.7 * y])


def sprott_p(t: float, s: Array, p: Array) -> Array:
    x, y, z = s
    return np.array([2.7 * y + z, -x + y * y, x + y])


def sprott_q(t: float, s: Array, p: Array) -> Array:
    x, y, z = s
    return np.array([-z, x - y, 3.1 * x + y * y + 0.5 * z])


def sprott_s(t: float, s: Array, p: Array) -> Array:
    x, y, z = s
    return np.array([-x - 4 * y, x + z * z, 1 + x])


def sprott_jerk(t: float, s: Array, p: Array) -> Array:
    x, v, a = s
    return np.array([v, a, -2.017 * a + v * v - x])


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


def mackey_glass(x: Array, back: Array) -> Array:
    return 0.2 * back / (1 + back**10) - 0.1 * x
