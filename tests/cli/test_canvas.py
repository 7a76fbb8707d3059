"""Curves in dots and trees in lines, read back."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from midstream_cli.cli.canvas import DOTS, DOWN, LEFT, LINES, RIGHT, UP, Dots, tree


def dots_of(canvas: Dots) -> set[tuple[int, int]]:
    """Which dots of a canvas are set, from its text."""
    found = set()
    for row, line in enumerate(canvas.lines()):
        for column, character in enumerate(line):
            bits = ord(character) - 0x2800 if character != " " else 0
            found |= {(2 * column + x, 4 * row + y) for y in range(4) for x in range(2) if bits & DOTS[y][x]}
    return found


@given(st.sets(st.tuples(st.integers(0, 9), st.integers(0, 7))))
def test_every_dot_stands_where_it_was_set(places: set[tuple[int, int]]) -> None:
    canvas = Dots(5, 2)
    for x, y in places:
        canvas.dot(x, y)
    assert dots_of(canvas) == places


@pytest.mark.parametrize(("x", "y"), [(-1, 0), (0, -1), (10, 0), (0, 8)])
def test_what_is_outside_is_not_drawn(x: int, y: int) -> None:
    canvas = Dots(5, 2)
    canvas.dot(x, y)
    assert dots_of(canvas) == set()


def test_a_line_has_no_holes_and_a_dashed_one_has() -> None:
    canvas = Dots(5, 2)
    canvas.line(0, 0, 9, 3)
    found = sorted(dots_of(canvas))
    assert [x for x, _ in found] == list(range(10))
    assert (found[0], found[-1]) == ((0, 0), (9, 3))
    dashed = Dots(5, 2)
    dashed.line(0, 0, 9, 0, dash=3)
    assert sorted(dots_of(dashed)) == [(0, 0), (3, 0), (6, 0), (9, 0)]
    point = Dots(1, 1)
    point.line(1, 1, 1, 1)
    assert dots_of(point) == {(1, 1)}


def test_a_character_leaves_a_cell_on_the_sides_it_says() -> None:
    assert [LINES[sides] for sides in (LEFT | RIGHT, UP | DOWN, LEFT | DOWN, UP | RIGHT, 15)] == list("─│┐└┼")


def test_the_leaves_of_a_tree_are_joined_by_height() -> None:
    merges = np.array([[0, 1, 1.0, 2], [2, 3, 2.0, 2], [4, 5, 4.0, 4]])
    assert tree(merges, [0, 1, 2, 3], 9) == ["╶─┬─────┐", "╶─┘     │", "╶───┬───┘", "╶───┘"]


@given(st.integers(1, 12), st.integers(0, 10**6))
@example(10, 227)
@example(12, 548)
def test_every_tree_joins_neighbours_to_one_root(n: int, seed: int) -> None:
    from scipy.cluster.hierarchy import leaves_list, linkage

    points = np.random.default_rng(seed).normal(size=(n, 2))
    merges = linkage(points, "average") if n > 1 else np.empty((0, 4))
    order = leaves_list(merges).tolist() if n > 1 else [0]
    lines = tree(merges, order, 16)
    assert len(lines) == n
    assert all(len(line) <= 16 for line in lines)
    sides = {LINES[i]: i for i in range(16)}
    cells = [[sides[c] for c in line.ljust(16)] for line in lines]
    for row in range(n):
        for at in range(16):
            # a line that leaves a cell upwards is taken up by the one above
            above, before = cells[row - 1][at] if row else 0, cells[row][at - 1] if at else 0
            assert bool(cells[row][at] & UP) == bool(above & DOWN)
            assert not cells[row][at] & LEFT or before & RIGHT
