"""Systems that the table of regimes never saw: other equations than those of `scripts/regime_systems.py`.

The rule: the list was written down, and what each system is called checked from its equations alone, before the table or an
indicator was evaluated on any of it; it is only used to accept, and nothing is chosen by it. Strange ones have a positive
exponent over long courses, cycles come back exactly, tori are integrable or driven by two rhythms without a period in common
and do not part from their neighbours, points come within a fiftieth of where they end, and noises are driven by chance.
Where parameters are drawn, this holds at both ends and in the middle.
"""

import sys
from pathlib import Path

import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[1] / "scripts"))

from regime_simulation import Array as Array  # noqa: PLC0414 - who uses the systems finds all here
from regime_simulation import Draw, Map, about, autoregressive, shuffled_phases
from regime_simulation import System as System  # noqa: PLC0414
from regime_simulation import noisy as noisy  # noqa: PLC0414

from attractor_regime_flows import CYCLES, POINTS, STRANGE, TORI, delayed_ricker

Random = np.random.Generator

RATIOS = tuple(float(each) for each in (np.sqrt(2), (1 + np.sqrt(5)) / 2, np.sqrt(3), np.sqrt(6), np.sqrt(7)))
"""Of two rhythms; near no simple fraction."""


def turns(rng: Random, n: int, rate: float) -> Array:
    """Of a clock, in radians."""
    return 2 * np.pi * (np.arange(n) / rate + rng.random())


# cycles


def orbit(rng: Random, n: int, rate: float) -> Array:
    """One coordinate of a planet on an ellipse, by Kepler's equation."""
    mean, flat = turns(rng, n, rate), rng.uniform(0.3, 0.7)
    anomaly = mean + flat * np.sin(mean)
    for _ in range(30):
        anomaly -= (anomaly - flat * np.sin(anomaly) - mean) / (1 - flat * np.cos(anomaly))
    return np.cos(anomaly) if rng.random() < 0.5 else np.sin(anomaly)


def stairs(rng: Random, n: int, rate: float) -> Array:
    """A sine through a converter of few levels."""
    return np.round(rng.uniform(2, 5) * np.sin(turns(rng, n, rate)))


def charging(rng: Random, n: int, rate: float) -> Array:
    """A cell that is charged, fires and begins anew."""
    return 1 - np.exp(-rng.uniform(1, 4) * (turns(rng, n, 1.5 * rate) / (2 * np.pi) % 1))


# tori


def two_turns(rng: Random, n: int, rate: float) -> tuple[Array, Array]:
    ratio = np.sqrt(RATIOS[rng.integers(len(RATIOS))])
    return turns(rng, n, rate * ratio), turns(rng, n, rate / ratio)


def higher_of_two(rng: Random, n: int, rate: float) -> Array:
    one, other = two_turns(rng, n, rate)
    return np.maximum(np.sin(one), rng.uniform(0.7, 1.2) * np.sin(other))


def two_gates(rng: Random, n: int, rate: float) -> Array:
    """Two that open and shut, each at its own pace."""
    one, other = two_turns(rng, n, 1.5 * rate)
    return 1.0 * (np.sin(one) > rng.uniform(-0.5, 0.5)) + 0.7 * (np.sin(other) > rng.uniform(-0.5, 0.5))


# points


def fallen(rng: Random, n: int) -> Array:
    """Time as a share of that until all is over, which is before the end."""
    return np.minimum(np.arange(n) / n * rng.uniform(1.3, 2.5), 1.0)


def emptying(rng: Random, n: int, rate: float) -> Array:
    """The level of a tank with a hole (Torricelli)."""
    return (1 - fallen(rng, n)) ** 2


def spinning_coin(rng: Random, n: int, rate: float) -> Array:
    """It rings ever faster and lower, and lies still (Moffatt 2000)."""
    left = 1 - fallen(rng, n)
    return left ** (1 / 3) * np.sin(1.5 * n / rate * left ** (5 / 6) + turns(rng, 1, 1.0)) * (left > 0)


def glass(rng: Random, n: int, rate: float) -> Array:
    """A stretched exponential (Kohlrausch)."""
    return np.exp(-((np.arange(n) / n * rng.uniform(10, 60)) ** rng.uniform(0.6, 0.9)))


def delayed_ricker_at_rest(rng: Random, n: int, rate: float) -> Array:
    """Its multipliers are the roots of z^2 - z + r, of modulus sqrt(r)."""
    growth = float(np.exp(-2 * rng.uniform(4, 15) / n))
    return Map(delayed_ricker, about(0.6, 0.6, spread=0.03), parameters=((growth, growth),), settle=0)(rng, n, rate)


# noises


def uneven_strides(rng: Random, n: int, rate: float) -> Array:
    """Waves of a length and a height drawn anew for each: a narrow band."""
    length = rng.gamma(9, rate / 9, 60 + int(3 * n / rate))
    begin = np.concatenate([[0.0], np.cumsum(length)]) - rng.uniform(5, 10) * rate
    at = np.searchsorted(begin, np.arange(n), "right") - 1
    return rng.lognormal(0, 0.4, len(length))[at] * np.sin(2 * np.pi * (np.arange(n) - begin[at]) / length[at])


def fading_carrier(rng: Random, n: int, rate: float) -> Array:
    """A carrier whose two quadratures are red noise: a narrow band."""
    keep = float(np.exp(-1 / (rate * rng.uniform(0.4, 1.5))))
    one, other = autoregressive(rng, n, (keep,)), autoregressive(rng, n, (keep,))
    turn = turns(rng, n, rate)
    return one * np.cos(turn) + other * np.sin(turn)


def cochlea(rng: Random, n: int, rate: float) -> Array:
    """White noise through a gammatone filter: a narrow band."""
    width = rng.uniform(0.06, 0.2) / rate
    t = np.arange(int(2 / width))
    taps = t**3 * np.exp(-2 * np.pi * width * t) * np.cos(2 * np.pi * t / rate)
    return np.convolve(rng.standard_normal(n + len(t) - 1), taps / np.abs(taps).max(), "valid")


def companded(rng: Random, n: int, rate: float) -> Array:
    x = cochlea(rng, n, rate)
    return np.sign(x) * np.sqrt(np.abs(x))


def reflections(rng: Random, n: int, rate: float) -> Array:
    """An autoregression of fifth order, by partial correlations (Levinson and Durbin)."""
    law = np.empty(0)
    for each in rng.uniform(-0.75, 0.75, 5):
        law = np.append(law - each * law[::-1], each)
    return autoregressive(rng, n, tuple(law.tolist()))


def stable(rng: Random, n: int, rate: float) -> Array:
    """Of infinite variance (Chambers, Mallows and Stuck 1976)."""
    tail, angle = 1.6, rng.uniform(-np.pi / 2, np.pi / 2, n)
    rest = np.cos((1 - tail) * angle) / rng.exponential(size=n)
    return np.sin(tail * angle) / np.cos(angle) ** (1 / tail) * rest ** ((1 - tail) / tail)


def counts(rng: Random, n: int, rate: float) -> Array:
    """Photons of a light that wavers."""
    wavering = autoregressive(rng, n, (1 - 0.5 / rate,))
    return rng.poisson(4 * np.exp(0.5 * wavering / wavering.std())).astype(float)


def median_of_noise(rng: Random, n: int, rate: float) -> Array:
    width = 2 * int(rng.integers(1, 7)) + 1
    return np.median(np.lib.stride_tricks.sliding_window_view(rng.standard_normal(n + width - 1), width), axis=1)


def hopping(rng: Random, n: int, rate: float) -> Array:
    """A particle in two wells that heat moves from one to the other (Kramers 1940)."""
    x, out = 1.0, np.empty(n)
    for k, kick in enumerate(rng.standard_normal(n)):
        x += 0.1 * (x - x**3) + 0.25 * kick
        out[k] = x
    return out


def shuffled(draw: Draw) -> Draw:
    """Its values and its spectrum, and no law."""
    return lambda rng, n, rate: shuffled_phases(rng, draw(rng, n, rate))


def _named(*functions: Draw) -> dict[str, Draw]:
    return {each.__name__.replace("_", " "): each for each in functions}


_SHUFFLED = ("Moore-Spiegel", "Rossler of four", "two powers", "Henon of three")

_REGIMES: dict[str, dict[str, Draw]] = {
    "point": {**POINTS, **_named(emptying, spinning_coin, glass, delayed_ricker_at_rest)},
    "limit_cycle": {**CYCLES, **_named(orbit, stairs, charging)},
    "torus": {**TORI, **_named(higher_of_two, two_gates)},
    "strange": STRANGE,
    "noise": {
        **_named(
            uneven_strides, fading_carrier, cochlea, companded, reflections, stable, counts, median_of_noise, hopping
        ),
        **{f"shuffled {name}": shuffled(STRANGE[name]) for name in _SHUFFLED},
    },
}

SYSTEMS = tuple(System(name, regime, draw) for regime, those in _REGIMES.items() for name, draw in those.items())
