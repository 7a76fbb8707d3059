"""A query held against every window: scales and bounds of all, distances of those that are near, as written and compiled."""

from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.compare.kernels import search as searching
from midstream_cli.compare.kernels.scales import WINDOWS, chunk, sums_size
from midstream_cli.compare.warping.dtw import dtw
from midstream_cli.frames import Float64, Int64
from strategies import few, seeds, some


class Found(NamedTuple):
    """What the kernels make of a query and a stream."""

    query: Float64
    """Shape (n, dims)."""
    inverse: Float64
    """Shape (dims, count), as `mean`."""
    mean: Float64
    bounds: Float64
    """Shape (count,), as `distances`."""
    distances: Float64
    bound: float
    nearest: Float64


def searched(
    query: Float64,
    stream: Float64,
    *,
    rooted: int = 0,
    width: int = 2,
    straightly: float = 0.0,
    bound: float = np.inf,
    places: int = 0,
    cell: int = 1,
    as_written: bool = False,
) -> Found:
    (n, dims), count = query.shape, len(stream) - len(query) + 1
    stride = len(stream) + 2 * chunk(n) + 4 * n + WINDOWS
    padded = np.zeros((dims, stride))
    padded[:, : len(stream)] = stream.T
    columns = -(-n // WINDOWS) * WINDOWS
    upper, lower = np.full((dims, columns), np.inf), np.full((dims, columns), -np.inf)
    own, frames, band = np.empty(dims * n), np.empty(n * dims * WINDOWS), np.empty((2 * width + 2) * WINDOWS)
    order: Int64 = np.random.default_rng(n).permutation(n).astype(np.int64)
    size = count + chunk(n) + WINDOWS
    # whatever memory held before
    inverse, mean, out = np.full((dims, size), np.nan), np.full((dims, size), np.nan), np.full(count + WINDOWS, np.nan)
    nearest, cells = np.full(2 * places, np.inf), np.full(2 * places, -1, np.int64)
    sums, first, spots = np.zeros(sums_size(n)), np.empty(searching.REGIONS * WINDOWS), np.full(2 * WINDOWS, 10**7)
    kernels: list[Any] = [searching.standardise, searching.glance, searching.search]
    standardise, glance, search = (each.python if as_written else each for each in kernels)
    envelope, scales = (upper.reshape(-1), lower.reshape(-1)), (inverse.reshape(-1), mean.reshape(-1))
    where = (padded.reshape(-1), stride, 0, count, dims)
    standardise(np.append(query.T, np.zeros(WINDOWS)), n, dims, width, frames, own, *envelope)
    with np.errstate(all="ignore"):
        glance(n, *where, rooted, chunk(n), *envelope, order, sums, *scales, first, out)
    bounds = out[:count].copy()
    rows = np.full((dims, columns), -np.inf), np.full((dims, columns), np.inf)
    for each in rows:
        each[:, 1 : n - 1] = own.reshape(dims, n)[:, 1:-1]
    with np.errstate(all="ignore"):
        least = search(
            own, n, *where, width, straightly, rooted, bound, 1.0 + 1e-9, 1e-9, *envelope, rows[0].reshape(-1),
            rows[1].reshape(-1), order, *scales, frames, band,
            spots, 0, cell, places, nearest, cells, first, out,
        )  # fmt: skip
    shaped = own.reshape(dims, n).T
    return Found(shaped, inverse[:, :count], mean[:, :count], bounds, out[:count], least, nearest)


def drawn(seed: int, n: int, count: int, dims: int) -> tuple[Float64, Float64]:
    random = np.random.default_rng(seed)
    return random.normal(0, 1, (n, dims)), np.cumsum(random.normal(0, 1, (n + count - 1, dims)), axis=0)


def each_alone(found: Found, stream: Float64, rooted: int, width: int, straightly: float) -> list[float]:
    """Distances of all windows from the query, each in its own scale."""
    n = len(found.query)
    windows = np.lib.stride_tricks.sliding_window_view(stream, n, axis=0).swapaxes(1, 2)
    own = (windows - windows.mean(axis=1, keepdims=True)) / windows.std(axis=1, keepdims=True)
    return [
        dtw(
            found.query,
            window,
            window=width,
            step_pattern="symmetric2" if straightly else "symmetric1",
            metric="euclidean" if rooted else "squared",
        ).distance
        for window in own
    ]


@few
@given(
    seeds, st.integers(2, 20), st.integers(1, 20), st.integers(1, 3), st.integers(0, 1), st.integers(0, 1),
    st.integers(0, 5),
)  # fmt: skip
def test_no_bound_is_beyond_the_distance_which_is_that_of_dtw(
    seed: int, n: int, count: int, dims: int, rooted: int, straightly: int, width: int
) -> None:
    query, stream = drawn(seed, n, count, dims)
    width = min(width, n - 1)
    found = searched(query, stream, rooted=rooted, width=width, straightly=float(straightly))
    expected = np.array(each_alone(found, stream, rooted, width, float(straightly)))
    assert np.allclose(found.distances, expected, rtol=1e-9, atol=1e-12)
    assert (found.bounds <= found.distances * (1 + 1e-9) + 1e-9).all()


@some
@given(
    seeds, st.integers(2, 40), st.integers(1, 90), st.integers(1, 2), st.integers(1, 5), st.sampled_from([1, 7]),
    st.integers(0, 1), st.integers(0, 1), st.integers(0, 18),
)  # fmt: skip
def test_a_bound_that_falls_rules_out_nothing_that_is_wanted(
    seed: int, n: int, count: int, dims: int, places: int, cell: int, rooted: int, straightly: int, width: int
) -> None:
    query, stream = drawn(seed, n, count, dims)
    # in a stretch of it the query is found
    stream[: min(n, count)] = query[: min(n, count)] * 2 + 1
    how: dict[str, Any] = {"width": min(width, n - 1), "rooted": rooted, "straightly": float(straightly)}
    every = searched(query, stream, **how).distances
    found = searched(query, stream, **how, places=places, cell=cell)
    kept = found.distances < np.inf
    assert (found.distances[kept] == every[kept]).all()
    assert kept[every <= found.bound].all()
    # so many cells, of the even ones or of the odd ones, hold a window within it
    least = [[every[at : at + cell].min() for at in range(kind * cell, count, 2 * cell)] for kind in (0, 1)]
    known = [sorted(each)[places - 1] for each in least if len(each) >= places]
    assert found.bound == min(known, default=np.inf)


@pytest.mark.parametrize("n", [1, 2, 5, 64, 1030])
@pytest.mark.parametrize("level", [0.0, 1e6, 1e12])
def test_scales_are_those_of_each_window(n: int, level: float) -> None:
    random = np.random.default_rng(n)
    stream = np.concatenate([random.normal(0, 1, n // 2 + 30), random.normal(0, 1, n // 2 + 30) + level])[:, None]
    found = searched(stream[:n], stream, width=0)
    windows = np.lib.stride_tricks.sliding_window_view(stream[:, 0], n)
    apart = (windows - windows[:, :1]).astype(np.longdouble)
    deviation = apart.std(axis=1)
    over = np.where(deviation > 0, 1 / np.where(deviation > 0, deviation, 1), 0)
    digit = n * n * 2.0**-50
    assert np.allclose(found.inverse[0], over.astype(np.float64), rtol=digit, atol=0.0)
    assert np.allclose(found.mean[0], (apart.mean(axis=1) * over).astype(np.float64), rtol=digit, atol=digit)


@few
@given(
    seeds, st.integers(2, 20), st.integers(1, 40), st.integers(1, 2), st.integers(0, 1), st.integers(0, 3),
    st.sampled_from([np.inf, 5.0]),
)  # fmt: skip
def test_kernels_search_as_they_are_written(
    seed: int, n: int, count: int, dims: int, rooted: int, places: int, bound: float
) -> None:
    query, stream = drawn(seed, n, count, dims)
    options: dict[str, Any] = {"rooted": rooted, "width": min(2, n - 1), "places": places, "cell": n, "bound": bound}
    compiled = searched(query, stream, **options)
    written = searched(query, stream, **options, as_written=True)
    for each, as_written in zip(compiled, written, strict=True):
        assert np.allclose(np.asarray(each), np.asarray(as_written), rtol=1e-9, atol=1e-12)
