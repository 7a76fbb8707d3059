"""Kernels that compare one sequence with a block of others, as compiled and as written, against the whole table."""

import os

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from midstream_cli.compare.kernels import lanes, panels
from midstream_cli.compare.kernels.tiles import LANES, ROWS
from midstream_cli.compare.many.blocks import accumulated, block_of, rows_of, shared
from midstream_cli.compare.many.ways import Way
from midstream_cli.compiled.kernel import VARIABLE
from midstream_cli.frames import Float64
from strategies import few, seeds, some
from warping import close, cost_of_the_best_path, made

PATTERNS = ("symmetric1", "symmetric2", "asymmetric")

lengths = st.integers(1, 23)
bands = st.sampled_from([None, 0, 1, 2, 3, 4, 7, 50])
flavours = st.sampled_from(["normal", "tied", "constant", "shifted"])
ways = st.tuples(st.sampled_from(PATTERNS), st.booleans(), bands).map(lambda drawn: Way(*drawn))


def expected(rows: list[Float64], block: list[Float64], way: Way) -> list[list[float]]:
    metric = "euclidean" if way.euclidean else "squared"
    return [[cost_of_the_best_path(a, b, way.step_pattern, metric, way.window) for b in block] for a in rows]


def agree(found: Float64, right: list[list[float]]) -> bool:
    return all(close(x, y) for one, other in zip(found, right, strict=True) for x, y in zip(one, other, strict=False))


def drawn(seed: int, count: int, longest: int, dims: int, flavour: str) -> list[Float64]:
    sizes = np.random.default_rng(seed).integers(1, longest + 1, count)
    return [made(seed + i, int(n), dims, flavour) for i, n in enumerate(sizes)]


@some
@given(seeds, lengths, lengths, st.integers(1, LANES), st.integers(1, 3), flavours, ways)
@example(1, 1, 1, 1, 1, "normal", Way("symmetric2", True, 0))
@example(2, 20, 20, LANES, 1, "normal", Way("symmetric1", False, None))
@example(3, 20, 20, 3, 2, "normal", Way("asymmetric", True, 3))
def test_each_lane_holds_the_cost_of_its_pair(
    seed: int, n: int, m: int, count: int, dims: int, flavour: str, way: Way
) -> None:
    rows, block = drawn(seed, 5, n, dims, flavour), drawn(seed + 100, count, m, dims, flavour)
    found = accumulated(rows_of(rows), 0, 5, block_of(rows_of(block), range(count)), way)
    assert agree(found, expected(rows, block, way))


@few
@given(seeds, st.integers(1, 10), st.integers(1, 10), st.integers(1, 2), ways)
@example(1, 10, 10, 1, Way("symmetric1", False, None))
@example(1, 10, 10, 1, Way("symmetric2", True, 2))
@example(1, 10, 10, 2, Way("symmetric2", True, None))
@example(1, 9, 10, 2, Way("asymmetric", False, 3))
def test_kernels_as_written_do_what_they_do_compiled(seed: int, n: int, m: int, dims: int, way: Way) -> None:
    rows, block = (
        rows_of(drawn(seed, 3, n, dims, "normal")),
        block_of(rows_of(drawn(seed + 9, 4, m, dims, "tied")), range(4)),
    )
    compiled = accumulated(rows, 0, 3, block, way)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, "off")
        as_written = accumulated(rows, 0, 3, block, way)
    assert np.allclose(compiled[:, :4], as_written[:, :4], rtol=1e-13, atol=0.0)


@some
@given(seeds, st.integers(ROWS, 40), st.integers(1, 20), st.integers(1, 3), st.integers(1, 4), ways)
def test_costs_that_overlapping_windows_share_are_those_of_each_alone(
    seed: int, n: int, m: int, dims: int, hop: int, way: Way
) -> None:
    stream, block = made(seed, 3 * n, dims, "normal"), drawn(seed, LANES, m, dims, "normal")
    starts = np.arange(0, 2 * n, hop)
    rows = rows_of([stream])._replace(starts=starts, lengths=np.full(len(starts), n))
    apart = rows_of([stream[start : start + n] for start in starts])
    own = block_of(rows_of(block), range(LANES))
    together, alone = (accumulated(each, 0, len(starts), own, way) for each in (rows, apart))
    assert together.tolist() == alone.tolist()
    assert shared(apart, 0, len(starts), own.longest) == []


def test_windows_that_overlap_share_their_costs_in_runs_that_cover_each_window_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("midstream_cli.compare.many.blocks.PANEL_BYTES", 40 * 8 * 10 * LANES)
    rows = rows_of([np.zeros((300, 2))])._replace(starts=np.arange(0, 281), lengths=np.full(281, 20))
    runs = shared(rows, 0, 281, 10)
    assert len(runs) > 5
    assert [begin for begin, _, _ in runs] == [0, *(end for _, end, _ in runs[:-1])]
    assert runs[-1][1] == 281
    assert all(until == end - 1 + 20 and until - begin <= 40 for begin, end, until in runs)


def test_a_block_holds_no_more_than_its_sequences() -> None:
    rows = rows_of([np.ones((3, 2)), np.full((5, 2), 2.0)])
    block = block_of(rows, range(2))
    columns = block.columns.reshape(5, 2, LANES)
    assert block.longest == 5
    assert block.ends.tolist() == [3, 5] + [1] * (LANES - 2)
    assert columns[:, :, 0].tolist() == [[1.0, 1.0]] * 3 + [[0.0, 0.0]] * 2
    assert (columns[:, :, 1] == 2.0).all()
    assert not columns[:, :, 2:].any()


@pytest.mark.skipif(os.environ.get(VARIABLE) == "off", reason="nothing is compiled")
def test_arrays_that_a_kernel_cannot_read_are_refused() -> None:
    with pytest.raises(TypeError, match="costs"):
        panels.costs(np.zeros((2, 2)), 0, 4, 2, np.zeros(4), 1, 1, np.zeros(4))
    assert lanes.squared.name == "squared"
