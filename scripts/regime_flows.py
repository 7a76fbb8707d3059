"""Flows and maps that the table of regimes is trained on, from their equations."""

import numpy as np
from regime_simulation import Array, Delayed, Draw, Flow, Map, Rest, about


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


def sprott_a(t: float, s: Array, p: Array) -> Array:
    x, y, z = s
    return np.array([y, -x + y * z, 1 - y * y])


def sprott_b(t: float, s: Array, p: Array) -> Array:
    x, y, z = s
    return np.array([y * z, x - y, 1 - x * y])


def sprott_f(t: float, s: Array, p: Array) -> Array:
    x, y, z = s
    return np.array([y + z, -x + y / 2, x * x - z])


def sprott_k(t: float, s: Array, p: Array) -> Array:
    x, y, z = s
    return np.array([x * y - z, x - y, x + 0.3 * z])


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


def newton_leipnik(t: float, s: Array, p: Array) -> Array:
    x, y, z = s
    return np.array([-0.4 * x + y + 10 * y * z, -x - 0.4 * y + 5 * x * z, 0.175 * z - 5 * x * y])


def rikitake(t: float, s: Array, p: Array) -> Array:
    x, y, z = s
    return np.array([-x + z * y, -y + (z - 5) * x, 1 - x * y])


def sprott_g(t: float, s: Array, p: Array) -> Array:
    x, y, z = s
    return np.array([0.4 * x + z, x * z - y, -x + y])


def sprott_m(t: float, s: Array, p: Array) -> Array:
    x, y, z = s
    return np.array([-z, -x * x - y, 1.7 + 1.7 * x + y])


def sprott_c(t: float, s: Array, p: Array) -> Array:
    x, y, z = s
    return np.array([y * z, x - y, 1 - x * x])


def sprott_e(t: float, s: Array, p: Array) -> Array:
    x, y, z = s
    return np.array([y * z, x * x - y, 1 - 4 * x])


def sprott_i(t: float, s: Array, p: Array) -> Array:
    x, y, z = s
    return np.array([-0.2 * y, x + z, x + y * y - z])


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


def swinging(t: float, s: Array, p: Array) -> Array:
    x, v = s
    return np.array([v, -p[0] * v - np.sin(x)])


def saddle_free(t: float, s: Array, p: Array) -> Array:
    x, y = s
    return np.array([-x - p[0] * y + 0.3 * x * y, -0.3 * y + 0.2 * x * x])


def cubic_rest(t: float, s: Array, p: Array) -> Array:
    return -p[0] * s - s**3


def mackey_glass(x: Array, back: Array) -> Array:
    return 0.2 * back / (1 + back**10) - 0.1 * x


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


STRANGE: dict[str, Draw] = {
    "Lorenz": Flow(lorenz, about(1.0, 1.0, 20.0), 0.012, seen=(0, 1, 2), parameters=((28.0, 28.0),)),
    "Rossler": Flow(rossler, about(1.0, 1.0, 0.0), 0.08, seen=(0, 1), parameters=((5.7, 5.7),)),
    "Rossler funnel": Flow(rossler, about(1.0, 1.0, 0.0), 0.05, seen=(0, 1), parameters=((9.0, 9.0),)),
    "Chua": Flow(chua, about(0.7, 0.0, 0.0), 0.03, seen=(0, 1), parameters=((15.6, 15.6),)),
    "Ueda": Flow(ueda, about(2.5, 0.0), 0.05, seen=(0, 1)),
    "two wells": Flow(two_wells, about(1.0, 0.0), 0.08, seen=(0, 1), parameters=((0.25, 0.25), (0.4, 0.4))),
    "Halvorsen": Flow(halvorsen, about(-1.0, 0.0, 0.0), 0.02),
    "Chen": Flow(chen, about(3.0, 3.0, 20.0), 0.006, seen=(0, 1, 2)),
    "Hindmarsh-Rose": Flow(hindmarsh_rose, about(0.0, 0.0, 3.2), 0.1, steps=60_000, seen=(0, 1)),
    "Lorenz-96": Flow(lorenz_96, lambda rng, k: rng.normal(2, 2, (6, k)), 0.02, parameters=((8.0, 8.0),)),
    "Lorenz-96 of 4": Flow(lorenz_96, lambda rng, k: rng.normal(2, 2, (4, k)), 0.02, parameters=((12.0, 12.0),)),
    "Sprott A": Flow(sprott_a, about(0.0, 5.0, 0.0, spread=0.02), 0.05, seen=(0, 1)),
    "Sprott B": Flow(sprott_b, about(0.1, 0.1, 0.1), 0.06, seen=(0, 1)),
    "Sprott F": Flow(sprott_f, about(0.05, 0.05, 0.05, spread=0.02), 0.06, seen=(0, 1)),
    "Sprott K": Flow(sprott_k, about(0.05, 0.05, 0.05, spread=0.02), 0.06, seen=(0, 1)),
    "Newton-Leipnik": Flow(newton_leipnik, about(0.349, 0.0, -0.16, spread=0.01), 0.08, seen=(0, 1)),
    "Rikitake": Flow(rikitake, about(1.0, 0.0, 4.0), 0.08, seen=(0, 1)),
    "Sprott G": Flow(sprott_g, about(0.05, 0.05, 0.05, spread=0.02), 0.06, seen=(0, 1)),
    "Sprott M": Flow(sprott_m, about(0.05, 0.05, 0.05, spread=0.02), 0.06, seen=(0, 1)),
    "Sprott C": Flow(sprott_c, about(0.05, 0.05, 0.05, spread=0.02), 0.08, seen=(0, 1)),
    "Sprott E": Flow(sprott_e, about(0.05, 0.05, 0.05, spread=0.02), 0.08, seen=(0, 1)),
    "Sprott I": Flow(sprott_i, about(0.05, 0.05, 0.05, spread=0.02), 0.08, seen=(0, 1)),
    "Sprott O": Flow(sprott_o, about(0.05, 0.05, 0.05, spread=0.02), 0.08, seen=(0, 1)),
    "Sprott P": Flow(sprott_p, about(0.05, 0.05, 0.05, spread=0.02), 0.08, seen=(0, 1)),
    "Sprott Q": Flow(sprott_q, about(0.05, 0.05, 0.05, spread=0.02), 0.08, seen=(0, 1)),
    "Sprott S": Flow(sprott_s, about(0.05, 0.05, 0.05, spread=0.02), 0.08, seen=(0, 1)),
    "Mackey-Glass 17": Delayed(mackey_glass, 17.0, 0.5, 1.0, 40_000),
    "Mackey-Glass 30": Delayed(mackey_glass, 30.0, 0.5, 1.0, 40_000),
    "logistic": Map(logistic, about(0.4, spread=0.05), parameters=((3.9, 4.0),)),
    "logistic bands": Map(logistic, about(0.4, spread=0.05), parameters=((3.66, 3.73),)),
    "Henon": Map(henon, about(0.1, 0.1, spread=0.05), parameters=((1.4, 1.4),)),
    "Ikeda": Map(ikeda, about(0.1, 0.1), seen=(0, 1)),
    "Tinkerbell": Map(tinkerbell, about(-0.72, -0.64, spread=0.001), seen=(0, 1)),
    "Lozi": Map(lozi, about(0.1, 0.1, spread=0.05)),
    "cubic": Map(cubic, about(0.4, spread=0.05), parameters=((2.5, 2.58),)),
    "cubic of two sides": Map(cubic, about(0.4, spread=0.05), parameters=((2.61, 2.63),)),
    "Pomeau-Manneville": Map(pomeau_manneville, about(0.4, spread=0.05), parameters=((1.4, 1.8),)),
    "skew tent": Map(skew_tent, about(0.41, spread=0.05), parameters=((0.31, 0.45),)),
    "Gauss": Map(gauss, about(0.1, spread=0.05)),
    "sine map": Map(sine_map, about(0.4, spread=0.05), parameters=((0.99, 1.0),)),
    "coupled logistic": Map(coupled_logistic, about(0.3, 0.6, spread=0.03), parameters=((3.95, 4.0),)),
    "standard map": Map(standard, lambda rng, k: rng.uniform(0, 6, (2, k)), seen=(0, 1)),
}

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
}

TORI: dict[str, Draw] = {
    "forced van der Pol": Flow(forced_van_der_pol, about(1.0, 0.0), 0.06, seen=(0, 1), parameters=((1.6, 2.5),)),
    "twice forced": Flow(twice_forced, about(0.0, 0.0), 0.06, seen=(0, 1), parameters=((0.5, 0.9),)),
    "coupled pendulums": Flow(
        coupled_pendulums, about(1.0, 0.2, 0.0, 0.3, spread=0.1), 0.06, seen=(0, 1), parameters=((0.2, 0.6),), settle=10
    ),
    "springs": Flow(
        springs, about(0.7, 0.7, 0.0, 0.0, spread=0.2), 0.06, seen=(0, 1), parameters=((1.5, 3.0),), settle=10
    ),
}

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
}
