"""All systems that the table of regimes is trained on: those of `regime_flows.py`, and signals and noises by formula."""

import numpy as np
from regime_flows import CYCLES, POINTS, STRANGE, TORI
from regime_simulation import Array, Draw, System, autoregressive, filtered, resonance, shuffled_phases

Random = np.random.Generator


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


def irrational(rng: Random, low: float, high: float) -> float:
    """A ratio of frequencies that is near no simple fraction."""
    while True:
        ratio = rng.uniform(low, high)
        if all(abs(ratio * k - round(ratio * k)) > 0.08 for k in (1, 2, 3)):
            return float(ratio)


def two_tones(rng: Random, n: int, rate: float) -> Array:
    ratio = irrational(rng, 1.15, 5.0)
    size = np.exp(rng.uniform(np.log(0.3), np.log(3)))
    return np.sin(2 * np.pi * phases(rng, n, rate * np.sqrt(ratio))) + size * np.sin(
        2 * np.pi * phases(rng, n, rate / np.sqrt(ratio))
    )


def three_tones(rng: Random, n: int, rate: float) -> Array:
    ratio = irrational(rng, 1.2, 2.5)
    return two_tones(rng, n, rate) + rng.uniform(0.4, 1) * np.sin(2 * np.pi * phases(rng, n, rate * ratio))


def amplitude_modulated(rng: Random, n: int, rate: float) -> Array:
    ratio = irrational(rng, 2.5, 8.0)
    return (1 + rng.uniform(0.4, 1) * np.sin(2 * np.pi * phases(rng, n, rate * ratio))) * sine(rng, n, rate)


def phase_modulated(rng: Random, n: int, rate: float) -> Array:
    ratio = irrational(rng, 2.5, 8.0)
    sway = rng.uniform(0.1, 0.5) * np.sin(2 * np.pi * phases(rng, n, rate * ratio))
    return np.sin(2 * np.pi * (phases(rng, n, rate) + sway))


def torus_waveform(rng: Random, n: int, rate: float) -> Array:
    """A random smooth function of two angles."""
    one = phases(rng, n, rate)
    other = phases(rng, n, rate * irrational(rng, 1.2, 5.0))
    out = np.sin(2 * np.pi * one) + rng.uniform(0.4, 1.5) * np.sin(2 * np.pi * other)
    for _ in range(6):
        i, j = rng.integers(-3, 4, 2)
        out += rng.normal() / (1 + abs(i) + abs(j)) * np.sin(2 * np.pi * (i * one + j * other + rng.random()))
    return out


def squashed_torus(rng: Random, n: int, rate: float) -> Array:
    return np.tanh(rng.uniform(0.5, 2) * two_tones(rng, n, rate))


def two_squares(rng: Random, n: int, rate: float) -> Array:
    """A product of two waves."""
    return smooth_wave(rng, n, rate) * smooth_wave(rng, n, rate * irrational(rng, 1.3, 5.0))


def tone_beside_wave(rng: Random, n: int, rate: float) -> Array:
    """A cycle with harmonics, and a sine that does not know of it."""
    wave = smooth_wave(rng, n, rate)
    return wave / wave.std() + rng.uniform(0.5, 1.5) * sine(rng, n, rate / irrational(rng, 0.4, 2.5))


def bent_torus(rng: Random, n: int, rate: float) -> Array:
    x = two_tones(rng, n, rate)
    return np.exp(rng.uniform(0.3, 1.0) * x)


def rectified_torus(rng: Random, n: int, rate: float) -> Array:
    return np.abs(two_tones(rng, n, 2 * rate) + rng.uniform(0, 1))


def fast_tones(rng: Random, n: int, rate: float) -> Array:
    """Few samples a period."""
    return two_tones(rng, n, rng.uniform(2.5, 7.0))


def swaying_distance(rng: Random, n: int, rate: float) -> Array:
    """How far a point on a ring that itself goes round is from a place outside."""
    one = 2 * np.pi * phases(rng, n, rate)
    other = 2 * np.pi * phases(rng, n, rate * irrational(rng, 1.2, 5.0))
    return np.sqrt((1.8 + np.cos(other) - np.cos(one)) ** 2 + np.sin(one) ** 2)


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


def shuffled(draw: Draw) -> Draw:
    """Surrogates of a chaotic series: its values and its spectrum, and no law."""
    return lambda rng, n, rate: shuffled_phases(rng, draw(rng, n, rate))


def mixed(*draws: Draw) -> Draw:
    """One of several, at random."""
    return lambda rng, n, rate: draws[rng.integers(len(draws))](rng, n, rate)


_cycles: tuple[Draw, ...] = (sine, fast_sine, smooth_wave, rich_wave, square, jumps, pulses)
_tori: tuple[Draw, ...] = (
    two_tones,
    three_tones,
    amplitude_modulated,
    phase_modulated,
    torus_waveform,
    squashed_torus,
    two_squares,
)
_tori += (tone_beside_wave, bent_torus, rectified_torus, fast_tones, swaying_distance)
_points: tuple[Draw, ...] = (ring_down, two_ring_downs, relaxation, noisy_relaxation, noisy_ring_down, settling)
_noises: tuple[Draw, ...] = (
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
)
_noises += (one_over_f, box, low_pass, band_pass, moving_average, exponential, cubed, clipped, bursty, volatile)
_noises += (shots, walk, telegraph, wandering_clock)
_shuffled = (
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
)


def _named(functions: tuple[Draw, ...]) -> dict[str, Draw]:
    return {each.__name__.replace("_", " "): each for each in functions}


_REGIMES: dict[str, dict[str, Draw]] = {
    "point": {**POINTS, **_named(_points)},
    "limit-cycle": {**CYCLES, **_named(_cycles)},
    "torus": {**TORI, **_named(_tori)},
    "strange": dict(STRANGE),
    "noise": {**_named(_noises), **{f"shuffled {name}": shuffled(STRANGE[name]) for name in _shuffled}},
}

SYSTEMS = tuple(System(name, regime, draw) for regime, those in _REGIMES.items() for name, draw in those.items())
