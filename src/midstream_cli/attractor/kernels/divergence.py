"""Neighbours followed until they have parted, and tangent vectors carried along a learnt map."""

from math import log, sqrt

from midstream_cli.compiled.kernel import F1, F2, I1, inline, kernel

GAP = -1.0
"""Instead of a squared distance that nothing is known of."""

LEAST = 1e-6
"""Share of the squared distance below which what is left of it across the flow is rounding."""


@inline
def _squared(points: F2, i: int, j: int) -> float:
    total = 0.0
    for c in range(points.shape[1]):
        d = points[i, c] - points[j, c]
        total += d * d
    return total


@inline
def _in_phase(points: F2, p: int, t: int, moves: int) -> int:
    """Where on its path, so many samples ahead or behind at most, the neighbour at p is nearest to t."""
    n, size = points.shape
    here, ahead, behind = 0.0, 0.0, 0.0
    first, last = max(p - 1, 0), min(p + 1, n - 1)
    for c in range(size):
        x = points[t, c]
        here += (points[p, c] - x) * (points[p, c] - x)
        ahead += (points[last, c] - x) * (points[last, c] - x)
        behind += (points[first, c] - x) * (points[first, c] - x)
    if here <= ahead and here <= behind:
        return p
    way = 1 if ahead <= behind else -1
    best = min(ahead, behind)
    p += way
    for _ in range(moves - 1):
        if not 0 <= p + way < n:
            return p
        beyond = _squared(points, p + way, t)
        if beyond >= best:
            return p
        best = beyond
        p += way
    return p


@inline
def _across(points: F2, flow: F2, p: int, t: int) -> float:
    """The squared distance of p and t across the flow at t."""
    total, along = 0.0, 0.0
    for c in range(points.shape[1]):
        d = points[p, c] - points[t, c]
        total += d * d
        along += flow[t, c] * d
    return max(total - along * along, LEAST * total)


@kernel
def follow(points: F2, flow: F2, at: I1, near: I1, stride: int, slide: int, apart: int, out: F2) -> None:
    """Squared distances of each reference point and its neighbour, as both go on.

    Args:
        flow: unit vectors along the trajectory; where `slide` is 0 they are not looked at.
        near: the neighbour of each reference point.
        stride: samples from one distance to the next.
        slide: so many samples a stride may the neighbour move along its own path, to keep in phase; then the distance is
            that across the flow. 0: neither.
        apart: once a neighbour is not farther away in time than that, nothing is known any more.
        out: shape (references, strides + 1); `GAP` where nothing is known.
    """
    n, count = points.shape[0], out.shape[1]
    for q in range(at.shape[0]):
        p = near[q]
        known = True
        for k in range(count):
            t = at[q] + k * stride
            known = known and 0 <= p < n and t < n and abs(p - t) > apart
            if not known:
                out[q, k] = GAP
            elif slide > 0:
                p = _in_phase(points, p, t, slide)
                out[q, k] = _across(points, flow, p, t)
            else:
                out[q, k] = _squared(points, p, t)
            p += stride


@kernel
def grow(
    gradients: F2, flow: F2, starts: I1, steps: int, delay: int, unsettled: int, across: int, v: F1, sums: F1
) -> None:
    """How fast tangent vectors grow along a series under a map from delay vectors, newest value first, to the next value.

    Args:
        gradients: of the map at each sample, shape (n, dimension).
        flow: unit vectors along the trajectory, shape (n, dimension).
        starts: where a vector is set out; it is carried `steps` steps of `delay` samples.
        unsettled: so many steps do not count, until the vector points where growth is fastest.
        across: 1 to take out of the vector what points along the flow, which neither grows nor shrinks.
        v: scratch, shape (dimension,).
        sums: shape (blocks,): the mean growth a step in equal parts of the way, summed over the starts.
    """
    size, blocks = v.shape[0], sums.shape[0]
    each = max((steps - unsettled) // blocks, 1)
    for s in range(starts.shape[0]):
        for c in range(size):
            v[c] = 1.0 / (1.0 + c) if c % 2 == 0 else -1.0 / (1.0 + c)
        for k in range(steps):
            t = starts[s] + k * delay
            value = 0.0
            for c in range(size):
                value += gradients[t, c] * v[c]
            for c in range(size - 1, 0, -1):
                v[c] = v[c - 1]
            v[0] = value
            if across:
                along = 0.0
                for c in range(size):
                    along += flow[t + delay, c] * v[c]
                for c in range(size):
                    v[c] -= along * flow[t + delay, c]
            total = 1e-300
            for c in range(size):
                total += v[c] * v[c]
            length = sqrt(total)
            for c in range(size):
                v[c] /= length
            block = (k - unsettled) // each
            if k >= unsettled and block < blocks:
                sums[block] += log(length) / each
