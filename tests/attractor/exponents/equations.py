"""Systems by their equations, and their exponents by the equations' own tangent maps: the oracle of what is told from series."""

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def henon(n: int, seed: int = 0) -> tuple[Array, Array]:
    """States, shape (n, 2), and the two exponents along them, per step."""
    x, y = 0.1 + 0.05 * np.random.default_rng(seed).standard_normal(2)
    states, frame, grown = np.empty((n, 2)), np.eye(2), np.zeros(2)
    for k in range(-200, n):
        if k >= 0:
            states[k] = x, y
        frame, upper = np.linalg.qr(np.array([[-2.8 * x, 1.0], [0.3, 0.0]]) @ frame)
        if k >= 0:
            grown += np.log(np.abs(np.diag(upper)))
        x, y = 1.0 - 1.4 * x * x + y, 0.3 * x
    return states, grown / n


def _lorenz(state: Array) -> Array:
    """The velocity of the state, and of three displacements: shape (3, 4)."""
    x, y, z = state[:, 0]
    velocity = np.array([10.0 * (y - x), x * (28.0 - z) - y, x * y - 8.0 / 3.0 * z])
    tangent = np.array([[-10.0, 10.0, 0.0], [28.0 - z, -1.0, -x], [y, x, -8.0 / 3.0]])
    return np.column_stack([velocity, tangent @ state[:, 1:]])


def lorenz(n: int, dt: float, seed: int = 0) -> tuple[Array, Array]:
    """States, shape (n, 3), and the three exponents along them, per unit of time."""
    start = np.array([1.0, 1.0, 20.0]) * (1.0 + 0.1 * np.random.default_rng(seed).standard_normal(3))
    state = np.column_stack([start, np.eye(3)])
    states, grown, parts = np.empty((n, 3)), np.zeros(3), max(1, round(dt / 0.01))
    h, settling = dt / parts, round(20.0 / dt)
    for k in range(-settling, n):
        if k >= 0:
            states[k] = state[:, 0]
        for _ in range(parts):
            a = _lorenz(state)
            b = _lorenz(state + 0.5 * h * a)
            c = _lorenz(state + 0.5 * h * b)
            d = _lorenz(state + h * c)
            state = state + h / 6.0 * (a + 2.0 * b + 2.0 * c + d)
        state[:, 1:], upper = np.linalg.qr(state[:, 1:])
        if k >= 0:
            grown += np.log(np.abs(np.diag(upper)))
    return states, grown / (n * dt)


def noisy(x: Array, share: float, seed: int = 1) -> Array:
    """White noise of so much of the deviation of each channel on top."""
    return np.asarray(x + share * x.std(axis=0) * np.random.default_rng(seed).standard_normal(x.shape))
