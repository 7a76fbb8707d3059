"""Dynamic time warping as its definitions read: the whole table, cell by cell."""

import math

import numpy as np

from midstream_cli.frames import Float64

FLAVOURS = ("normal", "tied", "constant", "huge", "tiny", "vanishing", "enormous", "shifted")


def made(seed: int, n: int, dims: int, flavour: str) -> Float64:
    """A sequence of a kind that is hard for a careless kernel."""
    random = np.random.default_rng(seed)
    values = random.normal(0, 1, (n, dims))
    if flavour == "tied":
        return random.integers(0, 3, (n, dims)).astype(np.float64)
    if flavour == "constant":
        return np.full((n, dims), float(random.integers(0, 2)))
    scale = {"huge": 1e130, "tiny": 1e-130, "vanishing": 1e-200, "enormous": 1e250}.get(flavour, 1.0)
    return values * scale + (1e6 if flavour == "shifted" else 0.0)


def cost_of_the_best_path(
    a: Float64, b: Float64, step_pattern: str = "symmetric2", metric: str = "euclidean", window: int | None = None
) -> float:
    """The accumulated cost in the last cell; infinite where no path leads there."""
    n, m = len(a), len(b)
    table = {(-1, -1): 0.0}

    def at(i: int, j: int) -> float:
        return table.get((i, j), math.inf)

    for i in range(n):
        for j in range(m):
            if window is not None and abs(i - j) > window:
                continue
            apart = math.dist(a[i].tolist(), b[j].tolist())
            cost = apart if metric == "euclidean" else apart * apart
            if i == j == 0:
                table[0, 0] = cost
                continue
            ways = [at(i - 1, j), at(i, j - 1), at(i - 1, j - 1) + (cost if step_pattern == "symmetric2" else 0.0)]
            if step_pattern == "asymmetric":
                ways = [at(i - 1, j), at(i - 1, j - 1), at(i - 1, j - 2)] if i else []
            table[i, j] = min(ways, default=math.inf) + cost
    return at(n - 1, m - 1)


def lengths(n: int, m: int, step_pattern: str) -> int:
    """What a distance is divided by to be normalised."""
    return {"symmetric2": n + m, "asymmetric": n}.get(step_pattern, 1)


def close(got: float, expected: float) -> bool:
    """To nine digits and more, with no room at 0."""
    return math.isclose(got, expected, rel_tol=1e-11, abs_tol=0.0)
