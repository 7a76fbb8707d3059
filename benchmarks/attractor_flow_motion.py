"""Flows of the dysts catalogue in motion, compiled: trajectories, and the largest exponent by tangents of the flow.

Run as `python benchmarks/attractor_flow_motion.py` to derive the table of truths that `attractor_flows.py` holds. Every
flow of the catalogue is tried: a tangent vector is carried along by central differences of the right-hand side, and
grown and rescaled (Benettin et al. 1980) over `PERIODS` periods. The spread over tenths of that time gives the error.
"""

import json
import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]

PERIODS, SETTLING = 2000, 200
"""Of the catalogue's periods: how long tangents are followed, and how long a flow settles before."""

TENTHS = 10

COARSER = 5
"""The catalogue's time step is a safe one of a simple method; fourth-order steps are so many times as long."""

LEAST_STEPS, MOST_STEPS = 500, 20_000
"""Steps a period."""


@dataclass(frozen=True, slots=True)
class Motion:
    """A flow, compiled."""

    name: str
    start: Float64
    period: float
    step: float
    largest: float
    """The largest exponent of the catalogue."""
    observed: int
    """The first coordinate that stays bounded; -1 where none does."""
    walk: Callable[[Float64, float, int, int], Float64]
    """(start, step, steps between samples, samples) to samples, shape (samples, coordinates)."""
    grow: Callable[[Float64, Float64, float, int], float]
    """(state, tangent, step, steps): both go on in place; the logarithm of how much the tangent grew."""


def catalogue() -> dict[str, dict[str, Any]]:
    """What dysts says about its flows, by name."""
    path = Path(import_module("dysts").__path__[0]) / "data" / "chaotic_attractors.json"
    found: dict[str, dict[str, Any]] = json.loads(path.read_text())
    return found


_SOURCE = """
def walk(start, step, between, samples):
    x, d = start.copy(), start.size
    found = np.empty((samples, d))
    k1, k2, k3, k4 = np.empty(d), np.empty(d), np.empty(d), np.empty(d)
    for i in range(samples):
        found[i] = x
        for _ in range(between):
            slope(x, k1)
            slope(x + step / 2 * k1, k2)
            slope(x + step / 2 * k2, k3)
            slope(x + step * k3, k4)
            x += step / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return found

def along(x, v, out, other):
    near = 1e-6 * (1e-3 + np.sqrt((x * x).sum())) / np.sqrt((v * v).sum())
    slope(x + near * v, out)
    slope(x - near * v, other)
    for i in range(x.size):
        out[i] = (out[i] - other[i]) / (2 * near)

def grow(x, v, step, steps):
    d = x.size
    k1, k2, k3, k4 = np.empty(d), np.empty(d), np.empty(d), np.empty(d)
    l1, l2, l3, l4, other = np.empty(d), np.empty(d), np.empty(d), np.empty(d), np.empty(d)
    grown = 0.0
    for _ in range(steps):
        slope(x, k1)
        along(x, v, l1, other)
        slope(x + step / 2 * k1, k2)
        along(x + step / 2 * k1, v + step / 2 * l1, l2, other)
        slope(x + step / 2 * k2, k3)
        along(x + step / 2 * k2, v + step / 2 * l2, l3, other)
        slope(x + step * k3, k4)
        along(x + step * k3, v + step * l3, l4, other)
        x += step / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        v += step / 6 * (l1 + 2 * l2 + 2 * l3 + l4)
        size = np.sqrt((v * v).sum())
        grown += np.log(size)
        v /= size
    return grown
"""


@cache
def motion(name: str) -> Motion:
    """Compile a flow.

    Raises:
        ImportError: dysts or numba is not installed.
    """
    from numba import njit

    flow = getattr(import_module("dysts.flows"), name)()
    about = catalogue()[name]
    dims = len(flow.ic)
    names = {f"p{i}": _compilable(value) for i, value in enumerate(flow.param_list)}
    states = ", ".join(f"x[{i}]" for i in range(dims))
    outs = ", ".join(f"out[{i}]" for i in range(dims))
    source = f"def slope(x, out):\n    {outs} = rhs({', '.join([states, '0.0', *names])})\n"
    space: dict[str, Any] = {"rhs": type(flow)._rhs, "np": np, **names}  # noqa: SLF001 - where dysts has its equations
    exec(source, space)  # noqa: S102 - our own source, with literal coordinates, which compile
    space["slope"] = njit(space["slope"], error_model="numpy")
    exec(_SOURCE, space)  # noqa: S102 - our own source
    space["along"] = njit(space["along"], error_model="numpy")
    bounded = [i for i in range(dims) if i not in about["unbounded_indices"]]
    steps = math.ceil(min(max(about["period"] / (COARSER * about["dt"]), LEAST_STEPS), MOST_STEPS))
    return Motion(
        name,
        np.asarray(flow.ic, np.float64),
        about["period"],
        about["period"] / steps,
        about["maximum_lyapunov_estimated"],
        bounded[0] if bounded else -1,
        njit(space["walk"], error_model="numpy"),
        njit(space["grow"], error_model="numpy"),
    )


def _compilable(value: Any) -> Any:
    if isinstance(value, (list, tuple, np.ndarray)):
        return np.asarray(value)
    return value


def largest_exponent(moving: Motion, periods: int = PERIODS) -> tuple[float, float]:
    """The largest exponent per unit of time, and its standard error."""
    steps = round(moving.period / moving.step)
    state = moving.walk(moving.start, moving.step, steps * SETTLING, 2)[1]
    random = np.random.default_rng(0)
    tangent = random.normal(size=state.size)
    moving.grow(state, tangent, moving.step, steps * 20)
    each = periods // TENTHS
    rates = [moving.grow(state, tangent, moving.step, steps * each) / (each * moving.period) for _ in range(TENTHS)]
    return float(np.mean(rates)), float(np.std(rates, ddof=1) / math.sqrt(TENTHS))


def main() -> None:
    """Print what becomes of every flow: one line of Python for each."""
    for name, about in sorted(catalogue().items()):
        if about["delay"] or (sys.argv[1:] and name not in sys.argv[1:]):
            continue
        try:
            moving = motion(name)
            value, error = largest_exponent(moving)
        except Exception as failure:  # noqa: BLE001 - flows of the catalogue fail in many ways
            print(f"# {name}: {type(failure).__name__}", flush=True)
            continue
        agrees = abs(about["maximum_lyapunov_estimated"] / value - 1) if value else math.inf
        listed = about["maximum_lyapunov_estimated"]
        print(
            f'"{name}": Flow({value:.5g}, {error:.2g}, {moving.period:.6g}, {moving.observed}),  # {listed:.5g} {agrees:.2f}',
            flush=True,
        )


if __name__ == "__main__":
    main()
