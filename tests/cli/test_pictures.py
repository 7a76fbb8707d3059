"""Pictures made of characters, read back cell by cell."""

import re

import numpy as np
import pytest

from midstream_cli.cli import console, pictures

CELL = re.compile(r"\x1b\[(?:38;5;(\d+)|39);(?:48;5;(\d+)|49)m(.)")


@pytest.fixture(autouse=True)
def in_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "colourful", lambda _: True)


def colours(line: str) -> list[tuple[int | None, int | None, str]]:
    """The upper colour, the lower colour and the character of each cell; the places of the colours in `HEAT`."""
    assert line.endswith("\x1b[0m")
    found = CELL.findall(line)
    assert sum(len(f"\x1b[{_start(*cell)}m") + 1 for cell in found) + len("\x1b[0m") == len(line)
    return [(_place(upper), _place(lower), character) for upper, lower, character in found]


def _start(upper: str, lower: str, _: str) -> str:
    return (f"38;5;{upper}" if upper else "39") + ";" + (f"48;5;{lower}" if lower else "49")


def _place(colour: str) -> int | None:
    return pictures.HEAT.index(int(colour)) if colour else None


def test_two_rows_share_a_line_the_upper_one_in_front() -> None:
    hottest = len(pictures.HEAT) - 1
    (line,) = pictures.heatmap(np.array([[0.0, 1.0], [1.0, 0.0]]), 10)
    assert colours(line) == [(0, hottest, "▀"), (hottest, 0, "▀")]


def test_the_last_of_an_odd_number_of_rows_has_nothing_under_it() -> None:
    lines = pictures.heatmap(np.array([[0.0, 1.0]] * 3), 10)
    assert len(lines) == 2
    assert [lower for _, lower, _ in colours(lines[1])] == [None, None]
    assert [upper for upper, _, _ in colours(lines[1])] == [0, len(pictures.HEAT) - 1]


def test_what_is_not_known_has_no_colour() -> None:
    (line,) = pictures.heatmap(np.array([[np.nan, 1.0, np.nan], [0.0, np.nan, np.nan]]), 10)
    (_, below, blank), (above, nothing, half), (*neither, empty) = colours(line)
    assert (below, blank) == (0, " ")  # a blank in front, so that the colour behind it shows only below
    assert (above, nothing, half) == (len(pictures.HEAT) - 1, None, "▀")
    assert (neither, empty) == ([None, None], " ")


def test_hotter_is_never_a_colder_colour() -> None:
    (line,) = pictures.heatmap(np.array([np.linspace(0, 1, 50)]), 50)
    places = [upper for upper, _, _ in colours(line) if upper is not None]
    assert len(places) == 50
    assert places == sorted(places)
    assert set(places) == set(range(len(pictures.HEAT)))


def test_nothing_known_is_no_picture() -> None:
    assert pictures.heatmap(np.full((2, 3), np.nan), 10) == []
    assert pictures.sparkline([], 10) == ""


@pytest.mark.parametrize(("columns", "room"), [("24", 24), ("80", 80), ("500", 100), ("3", 20)])
def test_a_picture_is_as_wide_as_the_terminal_within_reason(
    columns: str, room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert pictures.width() == room
    assert len(pictures.time_axis(123.456, room)) <= room
