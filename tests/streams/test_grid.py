"""The even grid against a twin that fills one slot at a time."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from midstream_cli.frames import Float64, Int64
from midstream_cli.streams.grid import LONGEST_BRIDGE_NS, Grid
from strategies import cuts, seeds, some, spans
from twins import gridded

MS = 1_000_000
steps_ms = st.lists(
    st.one_of(st.integers(0, 60), st.sampled_from([-40, -2000, 500, 968, 969, 1000, 1001, 1031, 1032, 2500])),
    max_size=60,
)


def on_grid(at: Int64, rows: Float64, rate_hz: float, places: list[int]) -> tuple[Int64, Float64]:
    grid, times, values = Grid(rate_hz), [], []
    for span in spans(len(rows), places):
        part = grid.push(at[span], rows[span])
        times.append(part[0])
        values.append(part[1])
    last = grid.finish()
    return np.concatenate([*times, last[0]]), np.concatenate([*values, last[1].reshape(-1, rows.shape[1])])


@some
@given(seeds, steps_ms, st.sampled_from([8.0, 32.0, 30.0, 100.0, 7.7]), st.integers(1, 3), cuts)
@example(1, [], 32.0, 1, [])
@example(1, [1000, 1000, 1001], 8.0, 1, [1, 2])
def test_every_slot_is_what_the_twin_says(
    seed: int, steps: list[int], rate_hz: float, dims: int, places: list[int]
) -> None:
    random = np.random.default_rng(seed)
    at = np.cumsum([random.integers(0, 10**12), *(step * MS + random.integers(0, 1000) for step in steps)])
    rows = random.normal(0, 1, (len(at), dims))
    times, values = on_grid(at, rows, rate_hz, places)
    expected = gridded(at, rows, rate_hz)
    assert times.tolist() == [time_ns for time_ns, _ in expected]
    assert values.tolist() == [row for _, row in expected]


def test_a_slot_is_the_mean_of_its_rows_and_stands_at_its_middle() -> None:
    at, rows = np.array([100, 350, 499, 500, 899]), np.array([[1.0], [3.0], [5.0], [7.0], [9.0]])
    times, values = on_grid(at * MS, rows, 2.5, [])
    assert times.tolist() == [300 * MS, 700 * MS]
    assert values.tolist() == [[3.0], [8.0]]


def test_a_short_silence_is_a_straight_line_and_a_long_one_is_missing() -> None:
    at = np.array([0, 500, 1600]) * MS
    rows = np.array([[0.0], [5.0], [7.0]])
    times, values = on_grid(at, rows, 10.0, [])
    # 0.05 to 0.55 s in tenths, then nothing until the slot that 1.6 s is in
    assert times.tolist() == [(50 + 100 * i) * MS for i in range(6)] + [1650 * MS]
    assert values[:, 0].tolist() == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 7.0]


@pytest.mark.parametrize(("silence_ms", "bridged"), [(1000, True), (1100, False)])
def test_the_longest_silence_that_is_bridged(silence_ms: int, bridged: bool) -> None:
    assert LONGEST_BRIDGE_NS == 1000 * MS
    times, _ = on_grid(np.array([0, silence_ms * MS]), np.ones((2, 1)), 10.0, [])
    assert (len(times) > 2) == bridged


def test_rows_that_step_back_in_time_count_as_of_the_latest() -> None:
    at = np.array([0, 250, 120, 10, 251]) * MS
    times, values = on_grid(at, np.array([[1.0], [2.0], [4.0], [6.0], [8.0]]), 10.0, [3])
    assert times.tolist() == [50 * MS, 150 * MS, 250 * MS]
    assert values[:, 0].tolist() == [1.0, 3.0, 5.0]


def test_a_jump_of_years_costs_no_memory() -> None:
    at = np.array([0, 10, 10**18, 10**18 + 10, 5, 2 * 10**18])
    tracemalloc.start()
    try:
        times, _ = on_grid(at, np.ones((6, 2)), 1000.0, [2])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(times) == 3
    assert peak < 1 << 20


def test_a_slot_comes_out_when_the_next_has_begun() -> None:
    grid = Grid(10.0)
    came = [len(grid.push(np.array([ms * MS]), np.ones((1, 1)))[0]) for ms in (0, 50, 99, 100, 450)]
    # the fifth row ends the second slot and shows how far to bridge, which its own end will do
    assert came == [0, 0, 0, 1, 1]
    assert grid.finish()[0].tolist() == [250 * MS, 350 * MS, 450 * MS]


def test_a_grid_that_saw_nothing_has_nothing() -> None:
    grid = Grid(32.0)
    assert len(grid.push(np.empty(0, np.int64), np.empty((0, 4)))[0]) == 0
    assert [len(part) for part in grid.finish()] == [0, 0]


def test_inputs_are_neither_changed_nor_kept() -> None:
    random = np.random.default_rng(3)
    at, rows = np.arange(0, 2000, 20) * MS, random.normal(0, 1, (100, 2))
    expected, before = on_grid(at, rows, 32.0, [50])[1].tolist(), rows.copy()
    assert (rows == before).all()
    grid, out = Grid(32.0), []
    for i in range(0, 100, 10):
        own_at, own = at[i : i + 10].copy(), rows[i : i + 10].copy()
        out.append(grid.push(own_at, own)[1])
        own[:], own_at[:] = -1.0, -1
    assert np.concatenate([*out, grid.finish()[1]]).tolist() == expected
