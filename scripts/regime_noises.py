"""Noises that the table of regimes is trained on."""

import numpy as np
from regime_simulation import Array, Draw, Random, autoregressive, filtered, named, resonance, shuffled_phases
from regime_strange import STRANGE


def white(rng: Random, n: int, rate: float) -> Array:
    return rng.standard_normal(n)


def uniform(rng: Random, n: int, rate: float) -> Array:
    return rng.random(n)


def heavy(rng: Random, n: int, rate: float) -> Array:
    return rng.standard_t(3, n)


def red(rng: Random, n: int, rate: float) -> Array:
    return autoregressive(rng, n, (rng.uniform(0.3, 0.95),))


def slow_red(rng: Random, n: int, rate: float) -> Array:
    return autoregressive(rng, n, (1 - np.exp(rng.uniform(-6, -3)),))


def blue(rng: Random, n: int, rate: float) -> Array:
    return autoregressive(rng, n, (rng.uniform(-0.9, -0.3),))


def ringing_noise(rng: Random, n: int, rate: float) -> Array:
    return autoregressive(rng, n, resonance(rate, rate * np.exp(rng.uniform(-1, 2))))


def fast_ringing_noise(rng: Random, n: int, rate: float) -> Array:
    return autoregressive(rng, n, resonance(rng.uniform(2.1, 8), np.exp(rng.uniform(1, 4))))


def two_bands(rng: Random, n: int, rate: float) -> Array:
    return ringing_noise(rng, n, rate) / 3 + ringing_noise(rng, n, rate / rng.uniform(1.5, 4))


def fourth_order(rng: Random, n: int, rate: float) -> Array:
    """Noise through two resonances, one after the other."""
    first, second = resonance(rate, rate * rng.uniform(0.5, 2)), resonance(rate / rng.uniform(1, 2.5), rate)
    both = -np.convolve((1, -first[0], -first[1]), (1, -second[0], -second[1]))[1:]
    return autoregressive(rng, n, tuple(both))


def one_over_f(rng: Random, n: int, rate: float) -> Array:
    steepness = rng.uniform(0.4, 1.2)
    return filtered(rng, n, lambda f: np.maximum(f, 1 / n) ** -steepness)


def box(rng: Random, n: int, rate: float) -> Array:
    """Narrow-band noise with sharp edges."""
    low, high = 1 / rate * (1 - rng.uniform(0.05, 0.4)), 1 / rate * (1 + rng.uniform(0.05, 0.4))
    return filtered(rng, n, lambda f: ((f > low) & (f < high)).astype(float))


def low_pass(rng: Random, n: int, rate: float) -> Array:
    order = rng.integers(2, 9)
    return filtered(rng, n, lambda f: 1 / np.sqrt(1 + (f * rate) ** (2 * order)))


def band_pass(rng: Random, n: int, rate: float) -> Array:
    """Narrow-band noise with soft edges."""
    width, order = rng.uniform(0.1, 0.5), rng.integers(1, 5)
    return filtered(rng, n, lambda f: 1 / np.sqrt(1 + (np.abs(f * rate - 1) / width * 2) ** (2 * order)))


def moving_average(rng: Random, n: int, rate: float) -> Array:
    width = int(rng.integers(2, max(3, round(rate))))
    return np.convolve(rng.random(n + width), rng.standard_normal(width), "valid")[:n]


def exponential(rng: Random, n: int, rate: float) -> Array:
    return np.exp(0.8 * band_or_red(rng, n, rate))


def cubed(rng: Random, n: int, rate: float) -> Array:
    x = band_or_red(rng, n, rate)
    return x**3 + 0.3 * x


def clipped(rng: Random, n: int, rate: float) -> Array:
    return np.tanh(2 * band_or_red(rng, n, rate))


def band_or_red(rng: Random, n: int, rate: float) -> Array:
    x = (band_pass, ringing_noise, red)[rng.integers(3)](rng, n, rate)
    return (x - x.mean()) / x.std()


def bursty(rng: Random, n: int, rate: float) -> Array:
    loudness = np.exp(rng.uniform(0.5, 1.5) * slow_red(rng, n, rate) / 5)
    return loudness * band_or_red(rng, n, rate)


def volatile(rng: Random, n: int, rate: float) -> Array:
    """Noise whose variance depends on its past (Bollerslev 1986)."""
    out, variance = np.zeros(n), 1.0
    for k, shock in enumerate(rng.standard_normal(n)):
        out[k] = np.sqrt(variance) * shock
        variance = 0.1 + 0.15 * out[k] ** 2 + 0.75 * variance
    return out


def shots(rng: Random, n: int, rate: float) -> Array:
    """Blows at random moments that fade."""
    blows = (rng.random(n + 300) < rng.uniform(0.3, 2) / rate) * rng.exponential(size=n + 300)
    return np.convolve(blows, np.exp(-np.arange(300) / rate * rng.uniform(0.5, 3)))[300 : 300 + n]


def walk(rng: Random, n: int, rate: float) -> Array:
    return np.cumsum(rng.standard_normal(n))


def telegraph(rng: Random, n: int, rate: float) -> Array:
    """Two levels, and a coin that says when to change, through a filter."""
    levels = np.cumsum(rng.random(n + 100) < rng.uniform(0.5, 2) / rate) % 2 + 0.05 * rng.standard_normal(n + 100)
    return np.convolve(levels, np.ones(max(1, round(rate / 8))), "valid")[:n]


def wandering_clock(rng: Random, n: int, rate: float) -> Array:
    """An oscillation whose phase wanders and whose size varies."""
    drift = np.cumsum(rng.standard_normal(n)) * np.sqrt(rng.uniform(0.1, 0.4) / rate)
    size = low_pass(rng, n, rate * rng.uniform(2, 5))
    return (1 + 0.4 * size / size.std()) * np.sin(2 * np.pi * np.arange(n) / rate + drift)


def fractional(rng: Random, n: int, rate: float) -> Array:
    """Fractional Gaussian noise by its covariance, embedded in a circle (Davies and Harte 1987)."""
    hurst = rng.choice([0.25, 0.75, 0.9])
    k = np.abs(np.arange(-n, n))
    covariance = ((k + 1.0) ** (2 * hurst) - 2.0 * k ** (2 * hurst) + np.abs(k - 1.0) ** (2 * hurst)) / 2
    power = np.maximum(np.fft.fft(np.fft.fftshift(covariance)).real, 0)
    shock = rng.standard_normal(2 * n) + 1j * rng.standard_normal(2 * n)
    return np.fft.fft(shock * np.sqrt(power / (4 * n)))[:n].real


def smoothed(rng: Random, n: int, rate: float) -> Array:
    """Narrow-band noise: white noise through a windowed sine."""
    width = max(8, round(rate * rng.uniform(3, 6)))
    taps = np.hamming(width) * np.sin(2 * np.pi * np.arange(width) / rate)
    return np.convolve(rng.standard_normal(n + width), taps, "same")[:n]


def bell(rng: Random, n: int, rate: float) -> Array:
    """Narrow-band noise with a spectrum like a bell."""
    centre = 1 / rate
    width = centre * rng.uniform(0.05, 0.3)
    return filtered(rng, n, lambda f: np.exp(-(((f - centre) / width) ** 2) / 2))


def ringing(rng: Random, n: int, rate: float) -> Array:
    """Blows at random moments, each of which rings."""
    blows = (rng.random(n + 500) < 1.5 / rate) * rng.exponential(size=n + 500)
    t = np.arange(max(8, round(3 * rate)))
    return np.convolve(blows, np.exp(-t / rate) * np.sin(2 * np.pi * t / rate))[500 : 500 + n]


def arma(rng: Random, n: int, rate: float) -> Array:
    x = autoregressive(rng, n + 1, resonance(max(rate, 4.0), rng.uniform(2, 10)))
    return x[1:] + rng.uniform(-0.8, 0.8) * x[:-1]


def squared(rng: Random, n: int, rate: float) -> Array:
    """The energy of coloured noise."""
    return autoregressive(rng, n, (1 - 1 / rate,)) ** 2


def switching(rng: Random, n: int, rate: float) -> Array:
    """A coin decides now and then which of two noises is heard."""
    loud = np.cumsum(rng.random(n) < 0.2 / rate) % 2
    return np.where(loud, autoregressive(rng, n, resonance(rate, rate)), autoregressive(rng, n, (0.5,)))


def laplace(rng: Random, n: int, rate: float) -> Array:
    return rng.laplace(size=n)


def conditional(rng: Random, n: int, rate: float) -> Array:
    """Noise whose size depends on its last value (Engle 1982)."""
    x = [0.0]
    for shock in rng.standard_normal(n):
        x.append(shock * np.sqrt(0.4 + 0.6 * x[-1] ** 2))
    return np.array(x[1:])


def wandering(rng: Random, n: int, rate: float) -> Array:
    """Brownian motion in a well."""
    return autoregressive(rng, n, (1 - 0.2 / rate,))


def shuffled(draw: Draw) -> Draw:
    """Surrogates of a chaotic series: its values and its spectrum, and no law."""
    return lambda rng, n, rate: shuffled_phases(rng, draw(rng, n, rate))


_SHUFFLED = (
    "Lorenz",
    "Rossler",
    "Chua",
    "Mackey-Glass 17",
    "Sprott B",
    "logistic",
    "Henon",
    "Ikeda",
    "cubic of two sides",
    "Ueda",
    "Thomas",
    "Arneodo",
    "Ricker",
    "Holmes",
)

NOISES: dict[str, Draw] = {
    **named(
        white,
        uniform,
        heavy,
        red,
        slow_red,
        blue,
        ringing_noise,
        fast_ringing_noise,
        two_bands,
        fourth_order,
        one_over_f,
        box,
        low_pass,
        band_pass,
        moving_average,
        exponential,
        cubed,
        clipped,
        bursty,
        volatile,
        shots,
        walk,
        telegraph,
        wandering_clock,
        fractional,
        smoothed,
        bell,
        ringing,
        arma,
        squared,
        switching,
        laplace,
        conditional,
        wandering,
    ),
    **{f"shuffled {name}": shuffled(STRANGE[name]) for name in _SHUFFLED},
}
