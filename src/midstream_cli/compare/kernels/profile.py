"""The Euclidean distance of a query from every window of a long stream: neighbouring windows are the lanes."""

from midstream_cli.compare.kernels.standards import LANES, own_scale
from midstream_cli.compiled.kernel import F1, kernel
from midstream_cli.compiled.vectors import fma, load, splat, store

WINDOWS = LANES
"""Neighbouring windows that are taken at once."""


@kernel
def profile(
    query: F1, n: int, stream: F1, stride: int, first: int, count: int, dims: int, inverse: F1, mean: F1, out: F1
) -> None:
    """Squared Euclidean distance of each of `count` windows; in its own scale unless `inverse` is empty.

    Args:
        query: (dims, n).
        stream: (dims, stride): the windows begin at `first`, and n + 4 * WINDOWS finite numbers follow them.
        inverse: (dims, count + WINDOWS), as `mean`, from `standards`.
        out: count + 4 * WINDOWS.
    """
    zero, wide = splat(0.0, WINDOWS), 4 * WINDOWS
    step = len(inverse) // dims
    for at in range(0, count, WINDOWS if step else wide):
        total, second, third, fourth = zero, zero, zero, zero
        for dim in range(dims):
            here = first + at + dim * stride
            if step:
                origin = load(stream, here, WINDOWS)
                over, middle = load(inverse, dim * step + at, WINDOWS), load(mean, dim * step + at, WINDOWS)
                for j in range(n):
                    y = own_scale(load(stream, here + j, WINDOWS), origin, over, middle)
                    d = y - splat(query[dim * n + j], WINDOWS)
                    total = fma(d, d, total)
            else:
                for j in range(n):
                    q = splat(query[dim * n + j], WINDOWS)
                    d = load(stream, here + j, WINDOWS) - q
                    total = fma(d, d, total)
                    d = load(stream, here + j + WINDOWS, WINDOWS) - q
                    second = fma(d, d, second)
                    d = load(stream, here + j + 2 * WINDOWS, WINDOWS) - q
                    third = fma(d, d, third)
                    d = load(stream, here + j + 3 * WINDOWS, WINDOWS) - q
                    fourth = fma(d, d, fourth)
        store(out, at, total)
        if step == 0:
            store(out, at + WINDOWS, second)
            store(out, at + 2 * WINDOWS, third)
            store(out, at + 3 * WINDOWS, fourth)
