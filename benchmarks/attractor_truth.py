"""Lyapunov exponents from the equations: tangents of many courses at once, kept apart by QR (Benettin et al. 1980).

Run as `python benchmarks/attractor_truth.py`, or with names of systems: the exponents with their standard errors, beside
those that `dynamics/systems.py` states. The equations are written anew here, with their derivatives; the tests derive
the same in short.
"""

import sys
from collections.abc import Callable, Iterator
from math import ceil
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from midstream_cli.streams.simulate.dynamics.systems import SYSTEMS
from report import Report, main

Float64 = NDArray[np.float64]


class Exponents(NamedTuple):
    """All exponents of a system, largest first, and their standard errors; a step of a map, a second of a flow."""

    value: Float64
    error: Float64


def logistic(s: Float64) -> tuple[Float64, Float64]:
    """The next state, and its derivative."""
    return 4 * s * (1 - s), (4 - 8 * s)[..., None]


def henon(s: Float64) -> tuple[Float64, Float64]:
    """The next state, and its derivative."""
    x, y = s.T
    one = np.ones_like(x)
    return np.stack([1 - 1.4 * x * x + y, 0.3 * x], -1), _jacobian([[-2.8 * x, one], [0.3 * one, 0 * one]])


def ikeda(s: Float64) -> tuple[Float64, Float64]:
    """The next state, and its derivative."""
    x, y = s.T
    size = 1 + x * x + y * y
    turn = 0.4 - 6 / size
    c, sin = np.cos(turn), np.sin(turn)
    along, across = x * c - y * sin, x * sin + y * c
    by_x, by_y = 12 * x / size**2, 12 * y / size**2
    rows = [[c - across * by_x, -sin - across * by_y], [sin + along * by_x, c + along * by_y]]
    return np.stack([1 + 0.9 * along, 0.9 * across], -1), 0.9 * _jacobian(rows)


def lorenz(s: Float64) -> tuple[Float64, Float64]:
    """The slope, and its derivative."""
    x, y, z = s.T
    one = np.ones_like(x)
    rows = [[-10 * one, 10 * one, 0 * one], [28 - z, -one, -x], [y, x, -8 / 3 * one]]
    return np.stack([10 * (y - x), x * (28 - z) - y, x * y - 8 / 3 * z], -1), _jacobian(rows)


def rossler(s: Float64) -> tuple[Float64, Float64]:
    """The slope, and its derivative."""
    x, y, z = s.T
    one = np.ones_like(x)
    rows = [[0 * one, -one, -one], [one, 0.2 * one, 0 * one], [z, 0 * one, x - 5.7]]
    return np.stack([-y - z, x + 0.2 * y, 0.2 + z * (x - 5.7)], -1), _jacobian(rows)


def ueda(s: Float64) -> tuple[Float64, Float64]:
    """The slope, and its derivative."""
    x, v, t = s.T
    one = np.ones_like(x)
    rows = [[0 * one, one, 0 * one], [-3 * x * x, -0.05 * one, -7.5 * np.sin(t)], [0 * one, 0 * one, 0 * one]]
    return np.stack([v, 7.5 * np.cos(t) - 0.05 * v - x**3, one], -1), _jacobian(rows)


def van_der_pol(s: Float64) -> tuple[Float64, Float64]:
    """The slope, and its derivative."""
    x, v = s.T
    one = np.ones_like(x)
    return np.stack([v, (1 - x * x) * v - x], -1), _jacobian([[0 * one, one], [-2 * x * v - 1, 1 - x * x]])


def _jacobian(rows: list[list[Float64]]) -> Float64:
    """One matrix a course, shape (courses, d, d)."""
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


Motion = Callable[[Float64], tuple[Float64, Float64]]

MAPS: dict[str, tuple[Motion, int, float]] = {
    "logistic": (logistic, 1, 0.3),
    "henon": (henon, 2, 0.0),
    "ikeda": (ikeda, 2, 0.1),
}
"""The motion, its dimension, and where courses begin: within a tenth of it."""

FLOWS: dict[str, tuple[Motion, tuple[float, ...], float]] = {
    "lorenz": (lorenz, (1.0, 1.0, 20.0), 0.01),
    "rossler": (rossler, (1.0, 1.0, 0.1), 0.02),
    "ueda": (ueda, (2.0, 0.0, 0.0), 0.02),
    "van_der_pol": (van_der_pol, (1.0, 0.5), 0.02),
}
"""The motion, where courses begin, and the step in seconds."""


def of_map(name: str, courses: int, steps: int, settling: int = 500) -> Exponents:
    """The exponents of a map."""
    motion, dims, near = MAPS[name]
    state = near + 0.1 * np.random.default_rng(0).random((courses, dims))
    frames = np.broadcast_to(np.eye(dims), (courses, dims, dims))
    grown = np.zeros((courses, dims))
    for step in range(steps + settling):
        state, derivative = motion(state)
        frames, triangle = np.linalg.qr(derivative @ frames)
        if step >= settling:
            grown += np.log(np.abs(np.diagonal(triangle, axis1=1, axis2=2)))
    return _mean(grown / steps)


def of_flow(name: str, courses: int, seconds: float, settling_s: float = 100.0) -> Exponents:
    """The exponents of a flow; tangents are set right every fifth step."""
    motion, near, step = FLOWS[name]
    dims = len(near)
    state = np.array(near) + 0.1 * np.random.default_rng(0).random((courses, dims))
    frames = np.broadcast_to(np.eye(dims), (courses, dims, dims))
    grown = np.zeros((courses, dims))
    settling, each = ceil(settling_s / step / 5), 5
    rounds = ceil(seconds / step / each)
    for turn in range(settling + rounds):
        for _ in range(each):
            state, frames = _advanced(motion, state, frames, step)
        frames, triangle = np.linalg.qr(frames)
        if turn >= settling:
            grown += np.log(np.abs(np.diagonal(triangle, axis1=1, axis2=2)))
    return _mean(grown / (rounds * each * step))


def _advanced(motion: Motion, state: Float64, frames: Float64, step: float) -> tuple[Float64, Float64]:
    """Runge and Kutta's method of fourth order, on states and tangents at once."""
    slope, bend = motion(state)
    slopes, bends = [slope], [bend @ frames]
    for share in (0.5, 0.5, 1.0):
        slope, bend = motion(state + share * step * slopes[-1])
        bends.append(bend @ (frames + share * step * bends[-1]))
        slopes.append(slope)
    return _weighed(state, slopes, step), _weighed(frames, bends, step)


def _weighed(now: Float64, slopes: list[Float64], step: float) -> Float64:
    return now + step / 6 * (slopes[0] + 2 * slopes[1] + 2 * slopes[2] + slopes[3])


def of_delay(tau_s: float, courses: int, seconds: float, settling_s: float = 3000.0, per_delay: int = 170) -> Exponents:
    """The largest exponent of Mackey and Glass's flow: the past of a course and that of its tangent grow together.

    The step divides the delay; values between two steps are means of four neighbours (Lagrange's cubic).
    """
    step = tau_s / per_delay
    random = np.random.default_rng(0)
    # columns are times, oldest first; a ring would save the shifting, but this is short
    length = per_delay + 1
    past = np.repeat(0.9 + 0.4 * random.random((courses, 1)), length, axis=1)
    tangent = random.standard_normal((courses, length))
    grown = np.zeros(courses)
    settling, rounds = ceil(settling_s / tau_s), ceil(seconds / tau_s)
    for turn in range(settling + rounds):
        past, tangent = _next_delay(past, tangent, step)
        size = np.sqrt((tangent * tangent).mean(axis=1, keepdims=True))
        tangent /= size
        if turn >= settling:
            grown += np.log(size[:, 0])
    return _mean((grown / (rounds * tau_s))[:, None])


def _next_delay(past: Float64, tangent: Float64, step: float) -> tuple[Float64, Float64]:
    """One delay further: what is made depends on the past alone, and is known for the whole delay at once."""
    made, bent = _production(past, tangent)
    middle, bent_middle = _production(_halfway(past), _halfway(tangent))
    after, after_tangent = np.empty_like(past), np.empty_like(tangent)
    after[:, 0], after_tangent[:, 0] = past[:, -1], tangent[:, -1]
    for now, make, half in ((after, made, middle), (after_tangent, bent, bent_middle)):
        for i in range(past.shape[1] - 1):
            now[:, i + 1] = _decayed(now[:, i], make[:, i], half[:, i], make[:, i + 1], step)
    return after, after_tangent


def _production(past: Float64, tangent: Float64) -> tuple[Float64, Float64]:
    tenth = past**10
    return 0.2 * past / (1 + tenth), 0.2 * (1 - 9 * tenth) / (1 + tenth) ** 2 * tangent


def _halfway(values: Float64) -> Float64:
    """Between each two neighbours; those at the edges by a parabola through three."""
    a, b, c, d = values[:, :-3], values[:, 1:-2], values[:, 2:-1], values[:, 3:]
    inner = (9 * (b + c) - a - d) / 16
    first = (3 * values[:, 0] + 6 * values[:, 1] - values[:, 2]) / 8
    last = (3 * values[:, -1] + 6 * values[:, -2] - values[:, -3]) / 8
    return np.concatenate([first[:, None], inner, last[:, None]], axis=1)


def _decayed(x: Float64, before: Float64, middle: Float64, after: Float64, step: float) -> Float64:
    k1 = before - 0.1 * x
    k2 = middle - 0.1 * (x + step / 2 * k1)
    k3 = middle - 0.1 * (x + step / 2 * k2)
    k4 = after - 0.1 * (x + step * k3)
    return x + step / 6 * (k1 + 2 * k2 + 2 * k3 + k4)


def _mean(each: Float64) -> Exponents:
    order = np.argsort(-each.mean(axis=0))
    return Exponents(each.mean(axis=0)[order], each.std(axis=0, ddof=1)[order] / np.sqrt(len(each)))


def derived(names: list[str]) -> Iterator[tuple[str, Exponents, tuple[float, ...]]]:
    """The exponents in length, and what is stated of them."""
    for name in MAPS:
        if not names or name in names:
            yield name, of_map(name, 1000, 5000), SYSTEMS[name].exponents
    for name in FLOWS:
        if not names or name in names:
            yield name, of_flow(name, 400, 1000.0, 500.0), SYSTEMS[name].exponents
    for tau_s in (17.0, 23.0, 30.0):
        if not names or "mackey_glass" in names:
            stated = SYSTEMS["mackey_glass"].exponents if tau_s == 17.0 else ()
            yield f"mackey_glass, tau {tau_s:g}", of_delay(tau_s, 400, 20_000.0), stated


def measure(report: Report) -> None:
    """Derive everything."""
    rows: list[dict[str, object]] = []
    for name, (value, error), stated in derived([word for word in sys.argv[1:] if not word.startswith("-")]):
        for i, (one, unsure) in enumerate(zip(value.tolist(), error.tolist(), strict=True)):
            known = stated[i] if i < len(stated) else ""
            rows.append({"system": name, "exponent": i + 1, "derived": one, "error": unsure, "stated": known})
            print(f"{name:24s} {i + 1} {one:.6f} +- {unsure:.6f}", file=sys.stderr, flush=True)
    report.table("Exponents from the equations", rows)


if __name__ == "__main__":
    main(measure)
