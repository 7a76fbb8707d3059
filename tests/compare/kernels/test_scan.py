"""The kernels that slide a query along a stream: as compiled, as written, and against plain loops."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.compare.kernels import band as banding
from midstream_cli.compare.kernels import profile as profiling
from midstream_cli.compare.kernels import scan as scanning
from midstream_cli.compare.kernels import standards as standardising
from midstream_cli.compare.kernels.band import WINDOWS
from midstream_cli.compare.kernels.scan import ASYMMETRIC, ROWS, SYMMETRIC2
from midstream_cli.frames import Float64
from strategies import few, seeds, some


def twin(query: Float64, stream: Float64, pattern: int, cost: int) -> Float64:
    """The table of a path that begins and ends anywhere in the stream, cell by cell."""
    before = [0.0] * (len(stream) + 2)
    for q in query.tolist():
        row = [math.inf, math.inf]
        for t, x in enumerate(stream.tolist(), 2):
            local = math.dist(q, x) if cost in (0, 3) else math.dist(q, x) ** 2
            if pattern == ASYMMETRIC:
                row.append(min(before[t], before[t - 1], before[t - 2]) + local)
            else:
                straight = before[t - 1] + (local if pattern == SYMMETRIC2 else 0.0)
                row.append(min(before[t], row[t - 1], straight) + local)
        before = row
    return np.array(before[2:])


@some
@given(seeds, st.integers(1, 140), st.integers(1, 30), st.integers(0, 2), st.integers(0, 3), st.integers(1, 3))
def test_the_scan_is_the_table(seed: int, n: int, m: int, pattern: int, cost: int, dims: int) -> None:
    dims = 1 if cost < 2 else dims
    random = np.random.default_rng(seed)
    query, stream = random.normal(0, 1, (n, dims)), random.normal(0, 1, (m, dims))
    rows = np.zeros((dims, -(-n // ROWS) * ROWS))
    rows[:, :n] = query.T
    # what stands beside the frames must not matter
    around = np.full((dims, m + 2 * ROWS), 3.25)
    around[:, ROWS : ROWS + m] = stream[::-1].T
    given_ = (rows.ravel(), n, around.ravel(), m + 2 * ROWS, ROWS, m, dims, pattern, cost)
    work, again, starts = np.zeros(m + ROWS), np.zeros(m + ROWS), np.arange(m + ROWS, dtype=np.float64)
    scanning.scan(*given_, work)
    scanning.trace(*given_, again, starts)
    expected = twin(query, stream, pattern, cost)
    assert np.allclose(work[:m], expected, rtol=1e-12, atol=0.0)
    assert np.allclose(again[:m], expected, rtol=1e-12, atol=0.0)
    assert (starts[:m] >= 0).all()
    assert (starts[:m] <= np.arange(m)).all()


@few
@given(seeds, st.integers(1, 70), st.integers(1, 20), st.integers(0, 2), st.integers(0, 3))
def test_scans_are_compiled_as_they_are_written(seed: int, n: int, m: int, pattern: int, cost: int) -> None:
    random = np.random.default_rng(seed)
    rows = np.zeros((1, -(-n // ROWS) * ROWS))
    rows[0, :n] = random.integers(0, 4, n)
    around = random.integers(0, 4, m + 2 * ROWS).astype(np.float64)
    given_ = (rows.ravel(), n, around, m + 2 * ROWS, ROWS, m, 1, pattern, cost)
    compiled, written = (np.zeros(m + ROWS), np.arange(m + ROWS, dtype=np.float64)), np.zeros((2, m + ROWS))
    written[1] = np.arange(m + ROWS)
    scanning.trace(*given_, *compiled)
    scanning.trace.python(*given_, written[0], written[1])
    assert compiled[0][:m].tolist() == written[0][:m].tolist()
    assert compiled[1][:m].tolist() == written[1][:m].tolist()
    for function in (scanning.scan, scanning.scan.python):
        work = np.zeros(m + ROWS)
        function(*given_, work)
        assert work[:m].tolist() == written[0][:m].tolist()


@some
@given(seeds, st.integers(1, 300), st.integers(0, 40), st.sampled_from([0.0, 1e6, 1e12]))
def test_means_and_deviations_are_those_of_each_window(seed: int, n: int, more: int, level: float) -> None:
    random = np.random.default_rng(seed)
    values = random.normal(0, 1, n + more) + level
    stream = np.concatenate([values, np.full(2 * standardising.BLOCK + n, 0.5)])
    room = more + 1 + standardising.LANES
    inverse, mean = np.empty(room), np.empty(room)
    work = np.empty(2 * (standardising.BLOCK + n + standardising.LANES))
    standardising.standards(stream, 0, more + 1, n, inverse, mean, work)
    for s in range(more + 1):
        apart = (values[s : s + n] - values[s]).astype(np.longdouble)
        deviation = float(apart.std())
        assert math.isclose(inverse[s] * deviation, 1.0 if deviation else 0.0, rel_tol=1e-12)
        assert math.isclose(
            mean[s], float(apart.mean()) / deviation if deviation else 0.0, rel_tol=1e-12, abs_tol=1e-12
        )


@pytest.mark.parametrize("dims", [1, 2])
@pytest.mark.parametrize("rooted", [0, 1])
def test_windows_are_compared_as_it_is_written(dims: int, rooted: int) -> None:
    random = np.random.default_rng(3)
    n, count, width = 6, 3 * WINDOWS // 2, 2
    stride = count + n + 4 * WINDOWS + width
    query, stream = random.normal(0, 1, dims * n), random.normal(0, 1, dims * stride)
    ones = np.ones(dims * (count + WINDOWS))
    frames, band = np.zeros((n + width) * dims * WINDOWS), np.zeros((2 * width + 2) * WINDOWS)
    where = (query, n, stream, stride, 0, count, dims)
    found: list[list[Float64]] = []
    for profile, slide in ((profiling.profile, banding.slide), (profiling.profile.python, banding.slide.python)):
        outs = [np.zeros(count + 4 * WINDOWS)]
        outs += [np.full(count + n + width + WINDOWS, np.inf), np.zeros(count + n + width + WINDOWS)]
        profile(*where, ones, ones, outs[0])
        slide(*where, width, 0.0, rooted, frames, band, outs[1], outs[2])
        found.append([out[:count] for out in outs])
    for compiled, written in zip(*found, strict=True):
        assert np.allclose(compiled, written, rtol=1e-12, atol=0.0)
