"""The running Hampel filter against one that looks at a value at a time."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from midstream_cli.frames import Float64, Int64
from midstream_cli.streams.despike import Despike, hampel
from strategies import cuts, seeds, some, spans
from twins import despiked

half_widths = st.integers(1, 6)


def spiky(seed: int, n: int, dims: int, *, whole: bool = False) -> tuple[Int64, Float64]:
    """A walk with impulses; of whole numbers, where ties are wanted."""
    random = np.random.default_rng(seed)
    rows = np.cumsum(random.normal(0, 1, (n, dims)), axis=0)
    rows[random.random((n, dims)) < 0.1] += 50
    return np.cumsum(random.integers(1, 9, n)), np.round(rows / 4) if whole else rows


def filtered(at: Int64, rows: Float64, half: int, places: list[int]) -> tuple[Int64, Float64]:
    despike, times, cleaned = Despike(half), [], []
    for span in spans(len(rows), places):
        part = despike.push(at[span], rows[span])
        times.append(part[0])
        cleaned.append(part[1])
    last = despike.finish()
    return np.concatenate([*times, last[0]]), np.concatenate([*cleaned, last[1].reshape(-1, rows.shape[1])])


@some
@given(seeds, st.integers(1, 40), st.integers(1, 3), half_widths, cuts, st.booleans())
@example(1, 1, 1, 6, [], False)
@example(2, 5, 2, 6, [2, 3], True)
def test_every_value_is_what_the_twin_says_at_its_own_time(
    seed: int, n: int, dims: int, half: int, places: list[int], whole: bool
) -> None:
    at, rows = spiky(seed, n, dims, whole=whole)
    times, cleaned = filtered(at, rows, half, places)
    assert times.tolist() == at.tolist()
    assert cleaned.tolist() == despiked(rows, half).tolist()


@pytest.mark.parametrize("position", [0, 1, 7, 18, 19])
def test_an_impulse_becomes_the_median_wherever_it_stands(position: int) -> None:
    rows = np.arange(20.0)[:, None] / 10
    rows[position] = 99.0
    _, cleaned = filtered(np.arange(20), rows, 3, [])
    # the outermost value fills its own window, so that alone it is no impulse
    assert (cleaned.max() < 3.0) == (position not in (0, 19))


def test_a_smooth_motion_is_left_alone() -> None:
    rows = np.sin(np.arange(200.0) / 10)[:, None]
    _, cleaned = filtered(np.arange(200), rows, 4, [50])
    assert np.abs(cleaned - rows).max() < 0.03


def test_rows_come_out_half_a_window_later() -> None:
    despike = Despike(3)
    rows = np.ones((1, 2))
    counts = [len(despike.push(np.array([i]), rows)[0]) for i in range(6)]
    assert counts == [0, 0, 0, 1, 1, 1]
    assert [part.tolist() for part in despike.finish()] == [[3, 4, 5], [[1.0, 1.0]] * 3]


def test_a_filter_that_saw_nothing_has_nothing() -> None:
    despike = Despike(2)
    assert len(despike.push(np.empty(0, np.int64), np.empty((0, 3)))[0]) == 0
    times, rows = despike.finish()
    assert len(times) == len(rows) == 0


def test_a_missing_value_stays_where_it_is() -> None:
    rows = np.arange(12.0)[:, None].copy()
    rows[5] = np.nan
    _, cleaned = filtered(np.arange(12), rows, 2, [4])
    assert np.flatnonzero(np.isnan(cleaned[:, 0])).tolist() == [5]


def test_its_memory_does_not_grow_with_the_stream() -> None:
    despike = Despike(4)
    kept = []
    for i in range(3):
        despike.push(np.arange(500) + 500 * i, np.ones((500, 3)))
        assert despike._rows is not None
        kept.append((len(despike._rows), len(despike._times)))
    assert kept == [(8, 4)] * 3


def test_a_large_piece_needs_little_more_memory_than_itself() -> None:
    rows = np.random.default_rng(1).normal(0, 1, (20_000, 16))
    tracemalloc.start()
    try:
        hampel(rows, 16)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 3 * rows.nbytes + (32 << 20)


def test_inputs_are_neither_changed_nor_kept() -> None:
    at, rows = spiky(4, 30, 2)
    before = rows.copy()
    expected = filtered(at, rows, 3, [10, 20])[1].tolist()
    assert (rows == before).all()
    despike, out = Despike(3), []
    for i in range(0, 30, 10):
        own_at, own = at[i : i + 10].copy(), rows[i : i + 10].copy()
        out.append(despike.push(own_at, own)[1])
        own[:], own_at[:] = -1.0, -1
    assert np.concatenate([*out, despike.finish()[1]]).tolist() == expected
