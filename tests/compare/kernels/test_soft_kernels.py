"""The kernels of soft-DTW, compiled or as they are written, against sums over the table in plain logarithms."""

import math

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from midstream_cli.compare.kernels.soft import LANES, NOWHERE, backward, forward
from midstream_cli.frames import Float64
from strategies import few, seeds

lengths = st.integers(1, 2 * LANES + 3)
"""From one tile to three."""
STEPS = ((0, -1), (-1, 0), (-1, -1))
"""To the predecessors, in the order of their shares."""


def tables(a: Float64, b: Float64, sharpness: float) -> tuple[Float64, Float64, Float64]:
    """By cell: the logarithm of its sum, the shares of its predecessors, and what is expected of it."""
    n, m = len(a), len(b)
    logs = np.full((n + 1, m + 1), -math.inf)
    logs[0, 0] = 0.0
    shares = np.zeros((n, m, 3))
    for i in range(n):
        for j in range(m):
            cost = math.fsum((((a[i] - b[j]) * sharpness) ** 2).tolist())
            # the corner before the first cell stands diagonally before it
            ways = [logs[i + 1 + down, j + 1 + right] for down, right in STEPS]
            largest = max(ways)
            weights = [math.exp(way - largest) for way in ways]
            logs[i + 1, j + 1] = largest + math.log(math.fsum(weights)) - cost
            shares[i, j] = np.array(weights) / math.fsum(weights)
    expected = np.zeros((n, m))
    expected[-1, -1] = 1.0
    for i in range(n - 1, -1, -1):
        for j in range(m - 1, -1, -1):
            for share, (down, right) in zip(shares[i, j], STEPS, strict=True):
                if i + down >= 0 and j + right >= 0:
                    expected[i + down, j + right] += expected[i, j] * share
    return logs, shares, expected


@few
@given(seeds, lengths, lengths, st.integers(1, 3), st.sampled_from([1e-3, 1.0, 10.0, 1e3]))
@example(1, 1, 1, 1, 1.0)
@example(2, LANES, 1, 1, 1.0)
@example(3, LANES + 1, 2, 2, 10.0)
@example(4, 1, LANES + 1, 1, 1e3)
def test_sums_shares_and_expectations_are_those_of_the_tables(
    seed: int, n: int, m: int, dims: int, sharpness: float
) -> None:
    random = np.random.default_rng(seed)
    a, b = random.normal(0, 1, (n, dims)), random.integers(-1, 2, (m, dims)).astype(np.float64)
    tiles, steps = -(-n // LANES), m + LANES - 1
    rows, reversed_b = np.zeros((dims, tiles * LANES)), np.full((dims, m + 2 * LANES), np.inf)
    rows[:, :n], reversed_b[:, LANES:-LANES] = a.T, b[::-1].T
    above = np.repeat([1.0, NOWHERE], m + LANES)
    found = np.zeros((tiles, steps, 3, LANES))
    with np.errstate(over="ignore"):
        log = forward(rows.ravel(), reversed_b.ravel(), n, m, dims, sharpness, above, found.reshape(-1))
    logs, shares, expected = tables(a, b, sharpness)
    assert math.isclose(log, logs[-1, -1], rel_tol=1e-12, abs_tol=1e-12)
    end, cells = np.zeros(LANES), np.zeros((tiles, steps, LANES))
    end[(n - 1) % LANES] = 1.0
    backward(found.reshape(-1), n, m, np.zeros(m + LANES), end, cells.reshape(-1))
    # what is left of so large a logarithm after the point
    digits = 1e-12 + 1e-14 * float(np.abs(logs[1:, 1:]).max())
    for i in range(n):
        tile, lane = divmod(i, LANES)
        at = np.arange(m) + lane
        np.testing.assert_allclose(found[tile, at, :, lane], shares[i], rtol=1e-9, atol=digits)
        np.testing.assert_allclose(cells[tile, at, lane], expected[i], rtol=1e-9, atol=digits * (n + m))


def test_the_value_alone_needs_no_room_for_shares() -> None:
    b = np.concatenate([np.full(LANES, np.inf), [3.0, 1.0], np.full(LANES, np.inf)])
    rows = np.zeros(LANES)
    found = forward(rows, b, 1, 2, 1, 1.0, np.repeat([1.0, NOWHERE], 2 + LANES), np.zeros(0))
    assert math.isclose(found, -10.0, rel_tol=1e-15)
