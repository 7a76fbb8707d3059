"""The series of known answers that exponents and dimensions are measured on: one coordinate of each system."""

from dataclasses import dataclass
from math import nan

import numpy as np
from numpy.typing import NDArray

from midstream_cli.streams.simulate.dynamics.playing import Sampling, series
from midstream_cli.streams.simulate.dynamics.systems import SYSTEMS

Float64 = NDArray[np.float64]

NOISES = (0.0, 0.01, 0.05, 0.10)
LENGTHS = (1000, 5000, 20_000)


@dataclass(frozen=True, slots=True)
class Known:
    """A system, and what is true of it."""

    name: str
    """As the tables call it."""
    system: str
    """As `SYSTEMS` calls it."""
    regime: str
    rate_hz: float
    """Samples a second; 1 where time is counted in steps."""
    exponents: tuple[float, ...]
    """A second of the system's own time, or a step; empty where there are none."""
    dimension: float = nan
    """The correlation dimension."""
    tau_s: float = 17.0

    def observed(self, n: int, noise: float, seed: int = 1) -> Float64:
        """The first coordinate, shape (n,), with noise of this share of its standard deviation."""
        return self.state(n, noise, seed)[:, 0]

    def state(self, n: int, noise: float, seed: int = 1) -> Float64:
        """All coordinates that are seen, shape (n, coordinates)."""
        rate_hz = None if SYSTEMS[self.system].is_map or self.regime == "noise" else self.rate_hz
        return series(self.system, Sampling(rate_hz, n, seed, noise, tau_s=self.tau_s))


def _known(system: str, dimension: float = nan) -> Known:
    of = SYSTEMS[system]
    timeless = of.is_map or of.regime == "noise"
    return Known(system, system, of.regime, 1.0 if timeless else of.rate_hz, of.exponents, dimension)


def _mackey_glass(tau_s: float, largest: float, dimension: float = nan) -> Known:
    return Known(f"mackey_glass {tau_s:g}", "mackey_glass", "strange", 1.0, (largest, 0.0), dimension, tau_s)


CHAOTIC = (
    _known("logistic", 1.0),
    _known("henon", 1.22),
    _known("ikeda", 1.69),
    _known("lorenz", 2.05),
    _known("rossler", 1.99),
    _known("ueda", 2.67),
    _mackey_glass(17.0, SYSTEMS["mackey_glass"].exponents[0], 1.95),
    _mackey_glass(23.0, 0.00944),
    _mackey_glass(30.0, 0.00708),
)
"""Dimensions: Grassberger and Procaccia (1983), and the tables of Sprott, "Chaos and time-series analysis" (2003)."""

REGULAR = (_known("sine", 1.0), _known("van_der_pol", 1.0), _known("torus", 2.0))
RESTING = (_known("damped"),)
NOISE = (_known("ar1"), _known("white_noise"))

ALL = (*CHAOTIC, *REGULAR, *RESTING, *NOISE)
