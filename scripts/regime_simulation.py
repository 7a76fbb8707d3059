"""Systems whose regime is known, simulated: flows and maps from their equations, signals from formulas, noises.

A system is a function that makes a series of n samples, sampled so and so often a period, from random numbers. Flows are
integrated by Runge-Kutta of fourth order for several initial states side by side, once; each series is a stretch of one of
them.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Random = np.random.Generator
Draw = Callable[[Random, int, float], Array]
Rates = Callable[[float, Array, Array], Array]
Start = Callable[[Random, int], Array]

MEMBERS = 12
"""Initial states side by side."""

LONGEST = 3_000
"""Samples of the longest series that is drawn."""


class System(NamedTuple):
    """One system, and what is true of it."""

    name: str
    regime: str
    draw: Draw
    """From random numbers, the number of samples, and samples a period: a series of shape (n,)."""


def about(*state: float, spread: float = 0.1) -> Start:
    """Initial states near one state."""

    def start(rng: Random, members: int) -> Array:
        centre = np.array(state)[:, None]
        return centre + spread * rng.standard_normal((len(state), members))

    return start


def integrated(rates: Rates, state: Array, step: float, steps: int, parameters: Array) -> Array:
    """Trajectories of shape (steps, dims, members) by Runge-Kutta of fourth order."""
    out = np.empty((steps, *state.shape))
    for k in range(steps):
        t = k * step
        out[k] = state
        a = rates(t, state, parameters)
        b = rates(t + step / 2, state + step / 2 * a, parameters)
        c = rates(t + step / 2, state + step / 2 * b, parameters)
        d = rates(t + step, state + step * c, parameters)
        state = state + step / 6 * (a + 2 * b + 2 * c + d)
    return out


def period_of(x: Array) -> float:
    """The period, in samples, that half of a series' power lies above and half below."""
    power = np.abs(np.fft.rfft((x - x.mean()) * np.hanning(len(x)))) ** 2
    at = int(np.searchsorted(np.cumsum(power), power.sum() / 2))
    return len(x) / max(at, 1)


class Flow:
    """A flow on its attractor; drawn series show one of its coordinates."""

    def __init__(
        self,
        rates: Rates,
        start: Start,
        step: float,
        *,
        seen: tuple[int, ...] = (0,),
        parameters: tuple[tuple[float, float], ...] = (),
        steps: int = 24_000,
        settle: int = 4_000,
    ) -> None:
        self.rates, self.start, self.step, self.seen = rates, start, step, seen
        self.parameters, self.steps, self.settle = parameters, steps, settle
        self._made: Array | None = None

    def trajectories(self) -> Array:
        """Shape (steps, seen coordinates, members), the same each time."""
        if self._made is None:
            rng = np.random.default_rng(1)
            drawn = np.array([rng.uniform(low, high, MEMBERS) for low, high in self.parameters])
            state = self.start(rng, MEMBERS)
            whole = integrated(self.rates, state, self.step, self.settle + self.steps, drawn)
            self._made = np.ascontiguousarray(whole[self.settle :, list(self.seen)])
            if not np.isfinite(self._made).all():
                raise FloatingPointError("a flow left its attractor")
        return self._made

    def __call__(self, rng: Random, n: int, samples_a_period: float) -> Array:
        """A stretch of one coordinate of one trajectory."""
        made = self.trajectories()
        x = made[:, rng.integers(made.shape[1]), rng.integers(made.shape[2])]
        stride = max(1, round(period_of(x) / samples_a_period))
        stride = max(1, min(stride, len(x) // n))
        first = rng.integers(len(x) - (n - 1) * stride)
        return x[first : first + (n - 1) * stride + 1 : stride].copy()


class Rest:
    """A flow on its way to rest: from its first moment, so that the last sample is a drawn number of decay times later.

    Args:
        decay: time in which its distance from rest falls to about a third.
    """

    def __init__(
        self,
        rates: Rates,
        start: Start,
        decay: float,
        *,
        seen: tuple[int, ...] = (0,),
        parameters: tuple[tuple[float, float], ...] = (),
        lasts: tuple[float, float] = (4.0, 20.0),
    ) -> None:
        self.rates, self.start, self.decay, self.seen = rates, start, decay, seen
        self.parameters, self.lasts = parameters, lasts
        self._made: Array | None = None

    def __call__(self, rng: Random, n: int, samples_a_period: float) -> Array:  # noqa: ARG002 - it has none
        """One coordinate of one trajectory."""
        steps = 4 * LONGEST
        whole = self.lasts[1] * self.decay
        if self._made is None:
            own = np.random.default_rng(1)
            drawn = np.array([own.uniform(low, high, MEMBERS) for low, high in self.parameters])
            made = integrated(self.rates, self.start(own, MEMBERS), whole / steps, steps, drawn)
            self._made = np.ascontiguousarray(made[:, list(self.seen)])
        x = self._made[:, rng.integers(len(self.seen)), rng.integers(MEMBERS)]
        lasts = np.exp(rng.uniform(*np.log(self.lasts))) * self.decay
        return x[np.round(np.linspace(0, lasts / whole * (steps - 1), n)).astype(int)].copy()


class Map:
    """A map; every iterate is a sample, as a decimated map is another one."""

    def __init__(
        self,
        step: Callable[[Array, Array], Array],
        start: Start,
        *,
        seen: tuple[int, ...] = (0,),
        parameters: tuple[tuple[float, float], ...] = (),
        settle: int = 500,
    ) -> None:
        self.step, self.start, self.seen, self.parameters, self.settle = step, start, seen, parameters, settle

    def __call__(self, rng: Random, n: int, samples_a_period: float) -> Array:  # noqa: ARG002 - it has none
        """One coordinate of a trajectory with parameters and an initial state of its own."""
        drawn = np.array([[rng.uniform(low, high)] for low, high in self.parameters])
        state = self.start(rng, 1)
        seen = self.seen[rng.integers(len(self.seen))]
        out = np.empty(n)
        for k in range(-self.settle, n):
            if k >= 0:
                out[k] = state[seen, 0]
            state = self.step(state, drawn)
        if not np.isfinite(out).all():
            raise FloatingPointError("a map left its attractor")
        return out


class Delayed:
    """A delay equation x' = f(x, x(t - delay)), by Heun's method with 25 steps a delay or more."""

    def __init__(
        self, rate: Callable[[Array, Array], Array], delay: float, step: float, level: float, steps: int
    ) -> None:
        self.rate, self.back, self.step, self.level, self.steps = rate, round(delay / step), step, level, steps
        self._made: Array | None = None

    def __call__(self, rng: Random, n: int, samples_a_period: float) -> Array:
        """A stretch of one trajectory."""
        if self._made is None:
            settle, back = 40 * self.back, self.back
            own = np.random.default_rng(1)
            x = np.empty((settle + self.steps + back, MEMBERS))
            x[: back + 1] = self.level * own.uniform(0.8, 1.2, MEMBERS)
            for k in range(back, len(x) - 1):
                first = self.rate(x[k], x[k - back])
                second = self.rate(x[k] + self.step * first, x[k + 1 - back])
                x[k + 1] = x[k] + self.step / 2 * (first + second)
            self._made = x[settle + back :]
        x = self._made[:, rng.integers(MEMBERS)]
        stride = max(1, min(round(period_of(x) / samples_a_period), len(x) // n))
        first_at = rng.integers(len(x) - (n - 1) * stride)
        return np.asarray(x[first_at : first_at + (n - 1) * stride + 1 : stride]).copy()


def noisy(rng: Random, x: Array, noise: float) -> Array:
    """With white noise added, of a standard deviation in multiples of the series' own."""
    return x + noise * x.std() * rng.standard_normal(len(x))


def filtered(rng: Random, n: int, response: Callable[[Array], Array]) -> Array:
    """Gaussian noise with an amplitude spectrum; frequencies are in cycles a sample."""
    size = 2 * n
    spectrum = np.fft.rfft(rng.standard_normal(size))
    passed = response(np.asarray(np.fft.rfftfreq(size), np.float64))
    return np.asarray(np.fft.irfft(spectrum * passed, size)[:n])


def autoregressive(rng: Random, n: int, coefficients: tuple[float, ...], settle: int = 500) -> Array:
    """x[t] = the sum of coefficients times what came before, plus white noise."""
    order = len(coefficients)
    shock = rng.standard_normal(n + settle)
    x = [0.0] * order
    for k in range(n + settle):
        x.append(sum(c * x[-1 - i] for i, c in enumerate(coefficients)) + shock[k])
    return np.array(x[-n:])


def resonance(period: float, decay: float) -> tuple[float, float]:
    """Coefficients of an autoregression that rings with a period and forgets in a number of samples."""
    radius = np.exp(-1.0 / decay)
    return float(2 * radius * np.cos(2 * np.pi / period)), float(-(radius**2))


def shuffled_phases(rng: Random, x: Array, rounds: int = 60) -> Array:
    """A series with the values and nearly the spectrum of another, and no law (Schreiber and Schmitz 1996)."""
    values, spectrum = np.sort(x), np.abs(np.fft.rfft(x - x.mean()))
    out = rng.permutation(x)
    for _ in range(rounds):
        found = np.fft.rfft(out - out.mean())
        made = np.fft.irfft(spectrum * np.exp(1j * np.angle(found)), len(x))
        out = values[np.argsort(np.argsort(made))]
    return out


def named(*draws: Draw) -> dict[str, Draw]:
    """Functions by their own names."""
    return {draw.__name__.replace("_", " "): draw for draw in draws}
