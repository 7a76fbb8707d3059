"""Recurrence quantification against a matrix that is written out cell by cell, and against pyunicorn."""

import math
from collections.abc import Callable
from itertools import groupby
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.attractor.embedding.embedding import Embedding
from midstream_cli.attractor.kernels import recurrences
from midstream_cli.attractor.recurrences.quantification import Recurrence, recurrence
from midstream_cli.attractor.recurrences.trajectory import Norm
from midstream_cli.errors import InsufficientData, UsageError
from midstream_cli.frames import Float64, Int64
from strategies import few, some

NORMS: tuple[Norm, ...] = ("euclidean", "chebyshev", "manhattan")
BLACK, WHITE, BLANK = 1, 0, 2


def matrix(states: Float64, radius: float, norm: str, theiler: int) -> Int64:
    """The recurrence matrix; what does not count is BLANK."""
    apart = np.abs(states[:, None] - states[None])
    distances = {
        "euclidean": np.sqrt((apart**2).sum(axis=2)),
        "chebyshev": apart.max(axis=2),
        "manhattan": apart.sum(axis=2),
    }[norm]
    cells: Int64 = (distances <= radius).astype(np.int64)
    at = np.arange(len(states))
    cells[np.abs(at[:, None] - at) < theiler] = BLANK
    return cells


def runs(line: Int64) -> list[tuple[int, int, int]]:
    """Colour, beginning and length of each run of cells."""
    found, at = [], 0
    for colour, cells in groupby(line.tolist()):
        length = len(list(cells))
        found.append((colour, at, length))
        at += length
    return found


def counted(cells: Int64) -> dict[str, Int64]:
    """How many lines of each kind have each length."""
    n = len(cells)
    tables = {name: np.zeros(n + 1, dtype=np.int64) for name in ("diagonals", "verticals", "whites", "returns")}
    for lag in range(1 - n, n):
        for colour, _, length in runs(np.diagonal(cells, lag)) if lag else []:
            tables["diagonals"][length] += colour == BLACK
    for column in cells.T:
        onset = None
        for colour, begin, length in runs(column):
            tables["verticals"][length] += colour == BLACK
            tables["whites"][length] += colour == WHITE
            if colour == BLACK and onset is not None:
                tables["returns"][begin - onset] += 1
            onset = {BLACK: begin, WHITE: onset, BLANK: None}[colour]
    return tables


def states_of(seed: int, n: int, dims: int, kind: str) -> Float64:
    """Noise, a random walk, or one on a grid, where many distances are equal."""
    steps = np.random.default_rng(seed).normal(size=(n, dims))
    if kind == "noise":
        return steps
    walk = np.cumsum(steps, axis=0)
    return walk if kind == "walk" else np.round(walk)


def check_lines(found: Recurrence, cells: Int64) -> None:
    """Raise AssertionError where a histogram or the rate is not that of the matrix."""
    for name, expected in counted(cells).items():
        np.testing.assert_array_equal(getattr(found, name), expected, err_msg=name)
    assert found.rate == pytest.approx((cells == BLACK).sum() / max(1, (cells != BLANK).sum()), rel=1e-14)


@some
@given(
    st.integers(0, 10_000),
    st.integers(2, 150) | st.sampled_from([63, 64, 65, 127, 128, 129]),
    st.integers(1, 4),
    st.sampled_from(["noise", "walk", "grid"]),
    st.sampled_from(NORMS),
    st.floats(0.0, 3.0),
    st.integers(0, 80),
)
def test_lines_are_those_of_the_matrix(
    seed: int, n: int, dims: int, kind: str, norm: Norm, radius: float, theiler: int
) -> None:
    theiler = min(theiler, n - 1)
    # a distance that is the radius to the last digit would depend on how it is rounded
    states = states_of(seed, n, dims, kind)
    radius += 1e-9
    check_lines(recurrence(states, radius=radius, norm=norm, theiler=theiler), matrix(states, radius, norm, theiler))


@pytest.mark.parametrize("theiler", [0, 1, 3])
def test_kernels_as_written_count_what_they_count_compiled(theiler: int) -> None:
    states = states_of(4, 70, 2, "walk")
    tables = []
    for quantify in (recurrences.quantify, recurrences.quantify.python):
        points = np.zeros((2, 140))
        points[:, :70] = states.T
        row, state, lines = np.zeros(2, np.uint64), np.zeros((3, 71), np.int64), np.zeros((5, 71), np.int64)
        state[recurrences.ONSET] = -1
        with np.errstate(over="ignore"):
            quantify(
                points.reshape(-1),
                140,
                2,
                70,
                recurrences.EUCLIDEAN,
                2.0,
                theiler,
                row,
                state.reshape(-1),
                lines.reshape(-1),
            )
        tables.append(lines)
    np.testing.assert_array_equal(tables[0], tables[1])
    assert tables[0][recurrences.VERTICAL].sum() > 0


def test_pairs_and_pictures_are_counted_as_written() -> None:
    states = states_of(6, 70, 2, "walk")
    points = np.zeros((2, 140))
    points[:, :70] = states.T
    apart = ((states[:, None] - states[None]) ** 2).sum(axis=2)[np.triu_indices(70, 2)]
    ways: list[Callable[..., int]] = [recurrences.nearest_pairs, recurrences.nearest_pairs.python]
    for count in ways:
        found, work = np.zeros(3000), np.zeros(recurrences.LANES)
        below = count(points.reshape(-1), 140, 2, 70, recurrences.EUCLIDEAN, 2, 1.0, 4.0, found, work)
        between = np.sort(apart[(apart >= 1.0) & (apart <= 4.0)])
        assert (below, found[0]) == ((apart < 1.0).sum(), len(between))
        np.testing.assert_allclose(np.sort(found[1 : len(between) + 1]), between, rtol=1e-12)
    counts = np.zeros((2, 10 * 10), dtype=np.int64)
    pictures: list[Callable[..., None]] = [recurrences.picture, recurrences.picture.python]
    for k, count_squares in enumerate(pictures):
        count_squares(points.reshape(-1), 140, 2, 70, recurrences.EUCLIDEAN, 4.0, 2, 7, 10, counts[k])
    assert counts[0].sum() == (apart <= 4.0).sum()
    np.testing.assert_array_equal(counts[0], counts[1])


def test_measures_follow_from_the_lines() -> None:
    found = recurrence(states_of(1, 300, 2, "walk"), radius=1.5, min_line=3, min_vertical=4)
    lengths = np.arange(301)
    points = found.diagonals * lengths
    assert found.determinism == pytest.approx(points[3:].sum() / points.sum(), rel=1e-14)
    assert found.mean_diagonal == pytest.approx(points[3:].sum() / found.diagonals[3:].sum(), rel=1e-14)
    assert found.longest_diagonal == lengths[found.diagonals > 0].max()
    assert found.divergence == 1 / found.longest_diagonal
    standing = found.verticals * lengths
    assert found.laminarity == pytest.approx(standing[4:].sum() / standing.sum(), rel=1e-14)
    assert found.trapping_time == pytest.approx(standing[4:].sum() / found.verticals[4:].sum(), rel=1e-14)
    shares = [k / found.diagonals[3:].sum() for k in found.diagonals[3:].tolist() if k]
    assert found.diagonal_entropy == pytest.approx(-sum(p * math.log(p) for p in shares), rel=1e-12)
    assert found.ratio == found.determinism / found.rate
    # black and white cells of the columns are all cells
    assert standing.sum() + (found.whites * lengths).sum() == 300**2


def test_rates_by_lag_are_the_means_of_the_diagonals() -> None:
    states = states_of(3, 120, 1, "walk")
    cells = matrix(states, 1.0, "euclidean", 0)
    found = recurrence(states, radius=1.0)
    expected = [np.diagonal(cells, lag).mean() for lag in range(120)]
    np.testing.assert_allclose(found.rates, expected, rtol=1e-14)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize(("n", "rate", "theiler"), [(40, 0.3, 0), (400, 0.05, 0), (400, 0.9, 1), (1500, 0.01, 20)])
def test_radius_of_a_rate_is_the_least_that_reaches_it(norm: Norm, n: int, rate: float, theiler: int) -> None:
    states = states_of(n, n, 3, "walk")
    found = recurrence(states, rate=rate, norm=norm, theiler=theiler)
    total = n * n if theiler == 0 else (n - theiler) * (n - theiler + 1)
    assert abs(found.rate - rate) * total <= 3
    less = recurrence(states, radius=found.radius * (1 - 1e-9), norm=norm, theiler=theiler)
    assert less.rate < found.rate
    assert recurrence(states, radius=found.radius, norm=norm, theiler=theiler).rate == found.rate


def test_rate_is_reached_where_most_distances_are_equal() -> None:
    states = np.random.default_rng(0).integers(0, 4, size=(600, 2)).astype(np.float64)
    found = recurrence(states, rate=0.3)
    assert found.rate >= 0.3
    assert recurrence(states, radius=found.radius - 1e-6).rate < 0.3


def test_one_state_over_and_over_recurs_always() -> None:
    found = recurrence(np.full((50, 2), 7.0), radius=0.0)
    assert (found.rate, found.laminarity, found.longest_vertical, found.longest_diagonal) == (1.0, 1.0, 50, 49)
    # all but the two corners are in lines
    assert found.determinism == (50 * 49 - 2) / (50 * 49)
    assert found.trend == 0.0
    assert found.whites.sum() == 0
    assert recurrence(np.full((50, 2), 7.0)).rate == 1.0


def test_states_that_never_come_near_leave_the_main_diagonal() -> None:
    found = recurrence(np.arange(30.0)[:, None], radius=0.5)
    assert found.rate == pytest.approx(1 / 30)
    assert (found.determinism, found.longest_diagonal, found.divergence) == (0.0, 0, math.inf)
    assert math.isnan(found.period)


@few
@given(st.sampled_from([1e-200, 1e-20, 1e20, 1e200]))
def test_measures_do_not_depend_on_the_unit(unit: float) -> None:
    states = states_of(5, 200, 2, "walk")
    # a power of two keeps every digit
    unit = 2.0 ** round(math.log2(unit))
    here, there = recurrence(states, rate=0.1), recurrence(states * unit, rate=0.1)
    np.testing.assert_array_equal(here.diagonals, there.diagonals)
    assert there.radius == here.radius * unit


def test_series_is_embedded_and_states_are_not() -> None:
    x = np.sin(0.2 * np.arange(400))
    how = Embedding(5, 3, 0, math.nan)
    embedded = recurrence(x, embedding=how, radius=0.3)
    states = np.stack([x[k : k + 390] for k in (0, 5, 10)], axis=1)
    given_states = recurrence(states, radius=0.3)
    assert embedded.states == given_states.states == 390
    np.testing.assert_array_equal(embedded.diagonals, given_states.diagonals)
    assert recurrence(x).states < 400


def theirs(x: Float64, radius: float | None, rate: float | None, norm: str) -> Any:
    """The recurrence plot of pyunicorn."""
    pyunicorn = pytest.importorskip("pyunicorn.timeseries")
    asked = {"threshold": radius} if rate is None else {"recurrence_rate": rate}
    metric = {"chebyshev": "supremum"}.get(norm, norm)
    return pyunicorn.RecurrencePlot(x, metric=metric, dim=3, tau=4, silence_level=2, **asked)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize(("radius", "rate"), [(0.9, None), (None, 0.05)])
def test_measures_are_those_of_pyunicorn(norm: Norm, radius: float | None, rate: float | None) -> None:
    x = states_of(9, 600, 1, "walk")[:, 0] * 0.3
    plot = theirs(x, radius, rate, norm)
    found = recurrence(x, embedding=Embedding(4, 3, 0, math.nan), radius=radius, rate=rate, norm=norm)
    np.testing.assert_array_equal(found.diagonals[1:], plot.diagline_dist())
    np.testing.assert_array_equal(found.verticals[1:], plot.vertline_dist())
    np.testing.assert_array_equal(found.whites[1:], plot.white_vertline_dist())
    measures = {
        found.rate: plot.recurrence_rate(),
        found.determinism: plot.determinism(),
        found.mean_diagonal: plot.average_diaglength(),
        found.diagonal_entropy: plot.diag_entropy(),
        found.laminarity: plot.laminarity(),
        found.trapping_time: plot.trapping_time(),
        found.vertical_entropy: plot.vert_entropy(),
        found.mean_white: plot.mean_recurrence_time(),
        found.white_entropy: plot.white_vert_entropy(),
    }
    for ours, other in measures.items():
        assert ours == pytest.approx(other, rel=1e-10)


@pytest.mark.parametrize(
    "options",
    [
        {"radius": 1.0, "rate": 0.1},
        {"radius": -1.0},
        {"radius": math.inf},
        {"rate": 0.0},
        {"rate": 1.5},
        {"norm": "taxicab"},
        {"min_line": 0},
        {"theiler": -1},
        {"picture": 0},
    ],
)
def test_what_makes_no_sense_is_refused(options: dict[str, float]) -> None:
    with pytest.raises(UsageError):
        recurrence(np.zeros((20, 2)), **options)  # type: ignore[arg-type]


def test_too_few_states_are_told() -> None:
    with pytest.raises(InsufficientData) as told:
        recurrence(np.zeros((1, 2)))
    assert told.value.needed == 2
    with pytest.raises(InsufficientData):
        recurrence(np.zeros((20, 2)), theiler=20)
    with pytest.raises(InsufficientData) as told:
        recurrence(np.zeros(20), embedding=Embedding(2, 3, 1, math.nan), theiler=17)
    assert (told.value.needed, told.value.available) == (22, 20)
