"""How well the past foretells the future: by similar states of the past, by a linear law, and by a curved one."""

import numpy as np

from midstream_cli.attractor.neighbours.search import nearest
from midstream_cli.attractor.regime.series import Stretch
from midstream_cli.frames import Float64, Int64

NEIGHBOUR_NAMES = (
    "analogue_step", "analogue_delay", "analogue_half", "analogue_1", "analogue_2", "analogue_4",
    "apart_0", "apart_delay", "apart_1", "apart_2", "apart_4", "rise", "filled", "follows",
    "plane_step", "plane_delay", "plane_1",
)  # fmt: skip

LAW_NAMES = tuple(
    f"{name}_{ahead}" for ahead in ("step", "delay", "period") for name in ("linear", "curved", "gain")
)  # fmt: skip

DIMENSION, NEIGHBOURS, PLANE_NEIGHBOURS, QUERIES = 5, 8, 5, 400

CENTRES, LAGS, FEW, ROWS = 40, 6, 2, 500


def neighbours(given: Stretch) -> tuple[float, ...]:
    """Logarithms of forecast errors by the mean of similar states, and of how far such states part."""
    x, period, delay = given
    n = len(x)
    delay = max(1, min(delay, n // 40))
    points = np.lib.stride_tricks.sliding_window_view(x, (DIMENSION - 1) * delay + 1)[:, ::delay]
    points = np.ascontiguousarray(points)
    most = len(points) // 3
    ahead = [min(max(1, round(h)), most) for h in (1, delay, period / 2, period, 2 * period, 4 * period)]
    limit = len(points) - max(ahead)
    at = _queries(limit)
    theiler = min(round(period), limit // 6)
    found = nearest(points, NEIGHBOURS, theiler=theiler, at=at, limit=limit)
    index = np.where(found.index < 0, found.index[:, :1], found.index)
    last = (DIMENSION - 1) * delay
    errors = [x[at + last + h] - x[index + last + h].mean(axis=1) for h in ahead]
    analogue = [float(np.log(np.sqrt(np.mean(e * e)) + 1e-3)) for e in errors]
    plane = nearest(np.ascontiguousarray(points[:, -2:]), PLANE_NEIGHBOURS, theiler=theiler, at=at, limit=limit).index
    plane = np.where(plane < 0, plane[:, :1], plane)
    flat = [
        float(np.log(np.sqrt(np.mean((x[at + last + h] - x[plane + last + h].mean(axis=1)) ** 2)) + 1e-3))
        for h in (ahead[0], ahead[1], ahead[3])
    ]
    one = index[:, 0]
    typical = np.sqrt(2 * points.var(axis=0).sum())
    apart = [_mean_log(points[at + h] - points[one + h], typical) for h in (0, ahead[1], *ahead[3:])]
    spread = np.log((found.distance[:, -1] + 1e-6) / (found.distance[:, 1] + 1e-6))
    filled = float(np.log(NEIGHBOURS / 2) / max(float(np.mean(spread[np.isfinite(spread)])), 0.05))
    pairs = np.flatnonzero(np.diff(at) == 1)
    follows = float(np.mean(np.abs(index[pairs + 1, 0] - index[pairs, 0] - 1) <= 1))
    return (*analogue, *apart, apart[4] - apart[2], filled, follows, *flat)


def _queries(limit: int) -> Int64:
    """States that are asked about: pairs of one and the next, spread over all."""
    if limit <= QUERIES:
        return np.arange(limit)
    starts = np.linspace(0, limit - 2, QUERIES // 2).astype(np.int64)
    return np.unique(np.concatenate([starts, starts + 1]))


def _mean_log(gap: Float64, typical: float) -> float:
    return float(np.mean(np.log(np.sqrt((gap * gap).sum(axis=1)) / typical + 1e-4)))


def laws(given: Stretch) -> tuple[float, ...]:
    """Errors of a linear and of a curved law, each fitted to one half and tried on the other; values taken as ranks.

    With ranks made normal, an instrument's curve makes no law of noise; what remains curved is in the motion.
    """
    x, period, delay = given
    x = normal_scores(x)
    n = len(x)
    delay = max(1, min(delay, n // 40))
    longest = (LAGS - 1) * delay
    near = np.arange(min(16, max(longest, LAGS) + 1))
    out: list[float] = []
    for ahead in (1, delay, min(round(period), n // 8)):
        first = max(longest, len(near) - 1)
        t = np.arange(first, n - ahead)
        target = x[t + ahead]
        states = x[t[:, None] - delay * np.arange(LAGS)]
        straight = np.hstack([x[t[:, None] - near], states[:, 1:] if delay > 1 else states[:, :0]])
        linear, curved = _errors(states, straight, target, ahead)
        out += [float(np.log(linear)), float(np.log(curved)), float(np.log(curved / linear))]
    return tuple(out)


def _errors(states: Float64, straight: Float64, target: Float64, gap: int) -> tuple[float, float]:
    half = len(target) // 2
    parts = (np.arange(half - gap), np.arange(half + gap, len(target)))
    linear = curved = 0.0
    for train, test in (parts, parts[::-1]):
        keep = train[:: max(1, len(train) // ROWS)]
        tried = test[:: max(1, len(test) // ROWS)]
        spread = float(target[tried].var()) + 1e-9
        linear += _tried(straight[keep], target[keep], straight[tried], target[tried]) / spread
        centres = states[keep[:: max(1, len(keep) // CENTRES)]]
        best = np.inf
        for lags, share in ((LAGS, 0.5), (LAGS, 1.2), (FEW, 0.35)):
            width = share * np.sqrt(2 * states[:, :lags].var(axis=0).sum())
            known = _bumps(states[keep, :lags], centres[:, :lags], width)
            new = _bumps(states[tried, :lags], centres[:, :lags], width)
            best = min(best, _tried(known, target[keep], new, target[tried]))
        curved += best / spread
    return float(np.sqrt(linear / 2)) + 1e-3, float(np.sqrt(curved / 2)) + 1e-3


def _bumps(states: Float64, centres: Float64, width: float) -> Float64:
    squares = (states * states).sum(1)[:, None] + (centres * centres).sum(1) - 2 * states @ centres.T
    return np.hstack([np.exp(-squares / (2 * width * width)), states])


def _tried(inputs: Float64, target: Float64, others: Float64, truth: Float64) -> float:
    mean = inputs.mean(axis=0)
    a, level = inputs - mean, target.mean()
    gram = a.T @ a
    gram.flat[:: len(gram) + 1] += 1e-4 * len(a)
    gap = truth - level - (others - mean) @ np.linalg.solve(gram, a.T @ (target - level))
    return min(float(gap @ gap) / len(gap), 4.0)


def normal_scores(x: Float64) -> Float64:
    """Values that are normally distributed, in the order of the given ones."""
    from scipy.special import ndtri

    rank = np.empty(len(x))
    rank[np.argsort(x, kind="stable")] = np.arange(len(x))
    return np.asarray(ndtri((rank + 0.5) / len(x)))
