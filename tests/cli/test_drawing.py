"""Pictures of comparisons: in files, read back as SVG, and on a terminal."""

import os
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from command_line import SIGNATURES, midstream

from midstream_cli.cli import drawing
from midstream_cli.cli.alignment_picture import alignment
from midstream_cli.cli.curves import curves, local_costs
from midstream_cli.compare.named import Named
from midstream_cli.errors import ExitCode, StoreError, UsageError

WALK, IDLE = SIGNATURES / "walking_slow.sig.json", SIGNATURES / "idle_room.sig.json"
DIAGONAL = np.stack([np.arange(5), np.arange(5)], axis=1)


def ramp(name: str, dims: int = 1, rate_hz: float | None = None) -> Named:
    return Named(name, "bands8", np.arange(5.0)[:, None] * np.arange(1, dims + 1), rate_hz=rate_hz)


def words_of(svg: Path) -> list[str]:
    """The texts of a picture."""
    root = ET.fromstring(svg.read_text())  # noqa: S314 - of our own making
    return [text for each in root.iter() if each.tag.endswith("text") if (text := "".join(each.itertext()).strip())]


def spans(*labels: str) -> list[drawing.Span]:
    return [drawing.Span(label, i, i + 1.0, 0.5 + i, i % 2 == 0) for i, label in enumerate(labels)]


def test_an_alignment_is_drawn_with_names_units_and_title(tmp_path: Path) -> None:
    figure = tmp_path / "a.svg"
    drawing.alignment(figure, ramp("one", 2, 10.0), ramp("two", 2, 10.0), DIAGONAL, "background", "so near")
    words = words_of(figure)
    assert {"one", "two", "so near", "time in seconds", "two: time in seconds", "one: time in seconds"} <= set(words)
    assert "distance of vectors, deviations of the background" in words
    assert any(word.startswith("bands8, main direction of 2 (deviations of the background)") for word in words)


def test_without_a_rate_positions_are_counted(tmp_path: Path) -> None:
    drawing.alignment(tmp_path / "a.svg", ramp("one"), ramp("two"), DIAGONAL, "feature", "t")
    assert "position" in words_of(tmp_path / "a.svg")


def test_a_timeline_has_a_line_for_each_label_and_says_what_counts(tmp_path: Path) -> None:
    drawing.timeline(tmp_path / "a.svg", spans("idle", "walking", "idle"), True, "a day", "distance")
    words = words_of(tmp_path / "a.svg")
    assert {"idle", "walking", "a day", "distance", "time in seconds"} <= set(words)
    assert any(word.startswith("filled: near enough") for word in words)
    drawing.timeline(tmp_path / "b.svg", spans("idle"), False, "a day", "distance")
    words = words_of(tmp_path / "b.svg")
    assert "position" in words
    assert not any(word.startswith("filled") for word in words)


def test_what_overlaps_is_one_stretch_and_what_only_touches_is_two() -> None:
    assert drawing.united([(4, 6), (0, 2), (1, 3), (3, 4), (0, 1)]) == [(0, 3), (3, 4), (4, 6)]
    assert drawing.united([(0, 9), (1, 2)]) == [(0, 9)]
    assert drawing.united([]) == []


def test_what_is_the_same_is_drawn_the_same_and_dollars_are_no_formula(tmp_path: Path) -> None:
    for name in ("a.svg", "b.svg", "a.png", "b.png"):
        drawing.timeline(tmp_path / name, spans("$idle_1$"), True, "cost $5 and $6", "distance")
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    assert {"$idle_1$", "cost $5 and $6"} <= set(words_of(tmp_path / "a.svg"))


@pytest.mark.parametrize("name", ["a.txt", "a", "a.jpeg", "nowhere/a.png", "folder.png"])
def test_a_picture_that_could_not_be_written_is_found_out_before(name: str, tmp_path: Path) -> None:
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(UsageError) as caught:
        drawing.check(tmp_path / name)
    assert caught.value.hint
    drawing.check(tmp_path / "A.PNG")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_is_closed_is_an_error(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError):
        drawing.timeline(tmp_path / "a.svg", spans("idle"), True, "t", "d")


def test_a_picture_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "a.svg").mkdir()
    with pytest.raises(StoreError, match=r"a\.svg cannot be written"):
        drawing.timeline(tmp_path / "a.svg", spans("idle"), True, "t", "d")
    assert [path.name for path in tmp_path.iterdir()] == ["a.svg"]


def test_many_dimensions_become_the_one_they_vary_along_most() -> None:
    values = np.array([[0.0, 5.0], [3.0, 1.0], [6.0, -3.0]])
    (curve,), name = curves([Named("a", "bands8", values)], "feature")
    assert name == "bands8, main direction of 2"
    assert np.abs(np.diff(curve)) == pytest.approx([5.0, 5.0])
    (single,), name = curves([ramp("a")], "background")
    assert (single.tolist(), name) == ([0.0, 1.0, 2.0, 3.0, 4.0], "bands8 (deviations of the background)")


def test_local_costs_are_distances_of_vectors_or_of_the_means_of_stretches() -> None:
    random = np.random.default_rng(0)
    a, b = random.normal(size=(6, 3)), random.normal(size=(4, 3))
    expected = [[float(np.linalg.norm(x - y)) for y in b] for x in a]
    assert local_costs(a, b, 10, 10) == pytest.approx(np.array(expected))
    halves = a.reshape(3, 2, 3).mean(axis=1)
    expected = [[float(np.linalg.norm(x - y)) for y in b] for x in halves]
    assert local_costs(a, b, 3, 4) == pytest.approx(np.array(expected))


def test_the_path_of_equal_sequences_is_the_diagonal_of_the_matrix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = alignment(ramp("one"), ramp("two"), DIAGONAL, "feature")
    assert lines[0] == "one  (bands8)"
    assert max(map(len, lines)) <= 80
    (start,) = [i for i, line in enumerate(lines) if line.startswith("local costs")]
    rows = [line[2:7] for line in lines[start + 1 : start + 6]]
    assert [row.index("●") for row in rows] == [0, 1, 2, 3, 4]
    assert all(row.count("●") == 1 for row in rows)
    assert rows[0][-1] == rows[-1][0] == "█"


def table(folder: Path, *arguments: object, **variables: str) -> str:
    done = midstream("compare", WALK, IDLE, "-s", "none", "-f", "table", *arguments, folder=folder, **variables)
    assert done.code == ExitCode.OK, done.err
    return done.out


def test_two_as_wholes_are_drawn_above_their_facts_and_fit_a_terminal(tmp_path: Path) -> None:
    lines = table(tmp_path, COLUMNS="80").splitlines()
    drawn = [line for line in lines if set(line) & set("●") or re.search("[\u2801-\u28ff]", line)]
    assert 20 <= len(drawn) <= 30
    assert max(len(line.partition("  0 of")[0]) for line in drawn) <= 80
    assert lines[-1].startswith("convention")


def test_the_picture_can_be_left_out_and_has_colours_where_they_are_wanted(tmp_path: Path) -> None:
    assert "●" not in table(tmp_path, "--no-plot")
    assert re.search("\x1b\\[38;5;231;48;5;\\d+m●", table(tmp_path, FORCE_COLOR="1"))


@pytest.mark.parametrize("how", [["--algorithm", "soft-dtw"], ["--independent"]])
def test_what_has_no_alignment_is_not_asked_to_be_drawn(how: list[str], tmp_path: Path) -> None:
    figure = tmp_path / "a.png"
    done = midstream("compare", WALK, IDLE, *how, "-s", "none", "--figure", figure, folder=tmp_path)
    assert (done.code, done.out) == (ExitCode.USAGE, "")
    assert "no alignment to draw" in done.err
    assert not figure.exists()


@pytest.mark.parametrize("ways", [[WALK, IDLE], ["demo://day?duration=20", "--signatures", SIGNATURES]])
def test_what_is_compared_is_drawn_to_a_file(ways: list[Any], tmp_path: Path) -> None:
    figure = tmp_path / "a.svg"
    done = midstream("compare", *ways, "-s", "none", "--figure", figure, folder=tmp_path)
    assert (done.code, done.err) == (ExitCode.OK, f"drew {figure}\n")
    assert len(words_of(figure)) > 5


def test_one_picture_shows_one_recording(tmp_path: Path) -> None:
    sources = ["demo://day?duration=9", "demo://walking?duration=9"]
    done = midstream("compare", *sources, "--signatures", SIGNATURES, "--figure", "a.svg", folder=tmp_path)
    assert (done.code, done.out) == (ExitCode.USAGE, "")
    assert "--figure shows one recording, and there are 2" in done.err
