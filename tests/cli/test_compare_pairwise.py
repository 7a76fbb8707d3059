"""`midstream compare --pairwise`, run as users run it: all pairs, their clusters, and the picture of both."""

import json
import math
import re
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command_line import SIGNATURES, Done, midstream

from midstream_cli.cli import console
from midstream_cli.cli.matrix_picture import shortened
from midstream_cli.compare.warping.dtw import dtw
from midstream_cli.errors import ExitCode
from midstream_cli.store.reading import select

GROUPS = {"rise": (0.0, 0.1, 0.2), "fall": (50.0, 50.1)}
"""Tables of numbers in two groups, by their names' beginning: what they are moved by."""
NAMES = [f"{group}_{i}.csv" for group, levels in sorted(GROUPS.items()) for i in range(len(levels))]


def column(group: str, i: int) -> list[float]:
    return [GROUPS[group][i] + math.sin(k / 3 + i) + k * 0.1 for k in range(20 + i)]


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of tables."""
    folder = tmp_path_factory.mktemp("tables")
    for name in NAMES:
        group, i = name.removesuffix(".csv").split("_")
        (folder / name).write_text("x\n" + "".join(f"{x!r}\n" for x in column(group, int(i))))
    return folder


def pairwise(folder: Path, *arguments: object, **variables: str) -> Done:
    done = midstream("compare", *arguments, "--pairwise", "-s", "none", folder=folder, **variables)
    assert done.code == ExitCode.OK, done.err
    return done


def steps(folder: Path, n: int) -> None:
    """Tables of numbers, each farther from the first."""
    for i in range(n):
        (folder / f"level_{i:03}.csv").write_text("x\n" + "".join(f"{i * 3 + k}\n" for k in range(4)))


def slow_dtw(a: list[float], b: list[float]) -> float:
    """DTW (symmetric2) of numbers cell by cell."""
    sums: dict[tuple[int, int], float] = {}
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            cost = abs(x - y)
            ways = [(i - 1, j - 1, 2 * cost), (i - 1, j, cost), (i, j - 1, cost)]
            sums[i, j] = cost if i == j == 0 else min(sums.get((k, m), math.inf) + more for k, m, more in ways)
    return sums[len(a) - 1, len(b) - 1]


def test_every_pair_has_one_row_with_its_distance(tables: Path) -> None:
    rows = pairwise(tables, ".").rows
    assert [(row["a"], row["b"]) for row in rows] == list(combinations(NAMES, 2))
    for row in rows:
        a, b = (column(name[:4], int(name[5])) for name in (row["a"], row["b"]))
        assert row["distance"] == pytest.approx(slow_dtw(a, b), rel=1e-9)
        assert row["normalised"] == pytest.approx(row["distance"] / (len(a) + len(b)), rel=1e-12)
        assert (row["feature"], row["algorithm"]) == ("columns", "dtw")


def test_what_is_near_is_in_one_cluster_with_a_medoid_each(tables: Path) -> None:
    rows = pairwise(tables, ".").rows
    assert {(row["a"][:4] == row["b"][:4], row["cluster_a"] == row["cluster_b"]) for row in rows} == {
        (True, True),
        (False, False),
    }
    of = {row[side]: (row[f"cluster_{side}"], row[f"medoid_{side}"]) for row in rows for side in "ab"}
    assert {cluster for cluster, _ in of.values()} == {1, 2}
    for cluster in (1, 2):
        members = [name for name, (number, _) in of.items() if number == cluster]
        totals = {
            name: sum(row["normalised"] for row in rows if name in (row["a"], row["b"]) and row["cluster_a"] == row["cluster_b"])
            for name in members
        }  # fmt: skip
        (medoid,) = [name for name in members if of[name][1]]
        assert totals[medoid] == pytest.approx(min(totals.values()))


@pytest.mark.parametrize("k", [1, 3, 5])
def test_so_many_clusters_as_are_asked_for(k: int, tables: Path) -> None:
    rows = pairwise(tables, ".", "--clusters", k).rows
    assert {row[f"cluster_{side}"] for row in rows for side in "ab"} == set(range(1, k + 1))


@pytest.mark.parametrize(
    ("options", "settings"),
    [
        (("--window", "4"), {"window": 4}),
        (("--algorithm", "euclidean", "--from", "0"), None),
        (("--transform", "z-normalise"), {}),
    ],
)
def test_a_pair_of_many_is_compared_as_the_two_alone(
    options: tuple[str, ...], settings: dict[str, Any] | None, tables: Path
) -> None:
    names = [name for name in NAMES if name.endswith("0.csv")] if settings is None else NAMES[:3]
    for row in pairwise(tables, *names, *options).rows:
        (alone,) = midstream("compare", row["a"], row["b"], *options, "-s", "none", folder=tables).rows
        assert row["distance"] == pytest.approx(alone["distance"], rel=1e-9)
        assert row["normalised"] == pytest.approx(alone["normalised"], rel=1e-9)
        assert row["convention"] == alone["convention"]


def test_recordings_are_measured_as_the_signatures_among_them_in_units_of_their_background(tmp_path: Path) -> None:
    walk = SIGNATURES / "walking_slow.sig.json"
    source = "demo://walking?duration=5"
    (row,) = pairwise(tmp_path, source, walk).rows
    (alone,) = midstream("compare", source, walk, "-s", "none", folder=tmp_path).rows
    assert (row["a"], row["b"], row["feature"]) == (source, str(walk), "doppler")
    assert alone["units"] == "background"
    assert row["distance"] == pytest.approx(alone["distance"], rel=1e-9)


def test_however_many_are_read_at_a_time_the_rows_are_the_same(tmp_path: Path) -> None:
    sources = [f"demo://walking?duration=4&seed={seed}" for seed in range(3)]
    one, two = (pairwise(tmp_path, *sources, "--jobs", jobs) for jobs in (1, 2))
    assert one == two
    assert len(one.rows) == 3


def test_token_streams_are_compared_by_edits(tmp_path: Path) -> None:
    rows = pairwise(tmp_path, *(f"demo://chat?tokens=40&seed={seed}" for seed in range(3))).rows
    assert {row["algorithm"] for row in rows} == {"edit"}
    for row in rows:
        (alone,) = midstream("compare", row["a"], row["b"], "-s", "none", folder=tmp_path).rows
        assert (row["distance"], row["normalised"]) == (alone["distance"], pytest.approx(alone["normalised"]))


def test_past_a_bad_source_the_others_are_compared_and_the_failure_is_named(tables: Path) -> None:
    done = midstream("compare", NAMES[0], "nope.csv", NAMES[1], "--pairwise", "-s", "none", folder=tables)
    assert (done.code, len(done.rows)) == (ExitCode.SOURCE, 1)
    assert "error: there is no file nope.csv" in done.err
    assert "1 of 3 sources could not be read" in done.err


def test_a_threshold_asks_whether_any_two_are_that_near(tables: Path) -> None:
    nearest = min(row["normalised"] for row in pairwise(tables, ".").rows)
    for factor, code in ((0.999, ExitCode.NO), (1.001, ExitCode.OK)):
        done = midstream("compare", ".", "--pairwise", "--threshold", nearest * factor, "-s", "none", folder=tables)
        assert done.code == code


def test_rows_are_kept_and_are_the_same_in_every_form(tables: Path, tmp_path: Path) -> None:
    store = tmp_path / "a.duckdb"
    done = midstream("compare", ".", "--pairwise", "-s", store, folder=tables)
    (kept,) = [list(select(str(store), "FROM distances JOIN runs USING (run_id)"))]
    rows = [row for piece in kept for row in piece]
    assert [{name: row[name] for name in done.rows[0]} for row in rows] == done.rows
    assert json.loads(pairwise(tables, ".", "-f", "json").out) == done.rows
    table = pairwise(tables, ".", "-f", "csv").table
    assert [float(row["distance"]) for row in table] == [row["distance"] for row in done.rows]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ([NAMES[0]], ExitCode.USAGE, "nothing to be compared with"),
        (["nope.csv", "nor.csv"], ExitCode.SOURCE, "there is no file nope.csv"),
        ([*NAMES, "--clusters", "9"], ExitCode.USAGE, "5 sequences cannot make 9 clusters"),
        ([*NAMES, "--clusters", "0"], ExitCode.USAGE, "0 is not in the range"),
        ([*NAMES, "--top", "2"], ExitCode.USAGE, "--top means nothing with --pairwise"),
        ([*NAMES, "--hop", "2"], ExitCode.USAGE, "--hop means nothing with --pairwise"),
        ([*NAMES, "--find"], ExitCode.USAGE, "--find and --pairwise are different ways to compare"),
        ([*NAMES, "--algorithm", "euclidean"], ExitCode.USAGE, "cannot be compared position by position"),
        ([*NAMES, "--algorithm", "edit"], ExitCode.USAGE, "hardly ever equal"),
        ([*NAMES, "--window", "1"], ExitCode.USAGE, "a window of 1 allows no path"),
        ([*NAMES, "--transform", "whiten"], ExitCode.USAGE, "no transform is called 'whiten'"),
        ([*NAMES, "--figure", "a.txt"], ExitCode.USAGE, "not the name of a picture"),
        ([*NAMES, "--figure", "nowhere/a.png"], ExitCode.USAGE, "there is no folder"),
    ],
)
def test_what_cannot_be_done_is_an_error_with_a_hint(
    arguments: list[object], code: ExitCode, message: str, tables: Path
) -> None:
    done = midstream("compare", *arguments, "--pairwise", "-s", "none", folder=tables)
    assert (done.code, done.out) == (code, "")
    assert message in done.err
    assert re.search(r"^hint: \S+", done.err, re.MULTILINE)


def test_a_table_shows_the_tree_the_matrix_and_who_is_in_each_cluster(tables: Path) -> None:
    lines = pairwise(tables, ".", "-f", "table").out.splitlines()
    drawn = [line.split() for line in lines[: len(NAMES)]]
    assert sorted(line[1] for line in drawn) == sorted(name.removesuffix(".csv") for name in NAMES)
    n = len(NAMES)
    # the last row ends with its diagonal
    start = max(map(len, lines[:n])) - 2 * n
    cells = [[line.ljust(start + 2 * n)[start + 2 * j :][:2] for j in range(n)] for line in lines[:n]]
    assert [cells[i][i] for i in range(n)] == ["██"] * n
    assert all(cells[i][j] == cells[j][i] for i in range(n) for j in range(n))
    assert {cells[i][j] for i in range(n) for j in range(n) if drawn[i][0] != drawn[j][0]} <= {"  ", "░░"}
    assert lines[len(NAMES)].split()[:3] == ["normalised", "distance", "0"]
    summary = [line.split() for line in lines[len(NAMES) + 2 : -1]]
    assert summary[0] == ["cluster", "members", "medoid", "widest", "names"]
    assert sorted(int(line[1]) for line in summary[1:]) == [2, 3]
    assert lines[-1].startswith("midstream:")


def test_without_plot_there_is_the_table_alone(tables: Path) -> None:
    lines = pairwise(tables, ".", "-f", "table", "--no-plot").out.splitlines()
    assert lines[0].split()[0] == "cluster"
    assert not set("█▓▒░┐┘") & set("".join(lines))


def test_of_fifty_sequences_each_has_its_name_and_its_row_within_eighty_columns(tmp_path: Path) -> None:
    steps(tmp_path, 50)
    lines = pairwise(tmp_path, ".", "-f", "table").out.splitlines()
    assert sorted(line.split()[1] for line in lines[:50]) == [f"level_{i:03}" for i in range(50)]
    assert max(map(len, lines[:50])) <= 80
    left = lines[0].index("█")
    assert [line[left + i] for i, line in enumerate(lines[:50])] == ["█"] * 50
    assert lines[50].split()[:3] == ["normalised", "distance", "0"]


@pytest.mark.parametrize("columns", [40, 80])
def test_of_more_sequences_each_line_is_the_mean_of_several(columns: int, tmp_path: Path) -> None:
    steps(tmp_path, 90)
    done = pairwise(tmp_path, ".", "-f", "table", "--clusters", 2, COLUMNS=str(columns))
    lines = done.out.splitlines()
    assert lines[0] == "90 sequences in the order of their clusters, about 3 a line"
    drawn = lines[1:31]
    assert max(map(len, drawn)) <= columns
    labels = [line[:3].strip() for line in drawn]
    assert labels == sorted(labels)
    assert {"1", "2"} <= set(labels) <= {"1", "1-2", "2"}
    assert (drawn[0].split()[1][0], drawn[-1].rstrip()[-1]) == ("█", "█")
    assert "normalised distance 0 ██▓▓▒▒░░" in lines[31]


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_the_picture_is_written_to_a_file_too(ending: str, tables: Path, tmp_path: Path) -> None:
    figure = tmp_path / f"pairs.{ending}"
    done = pairwise(tables, ".", "--figure", figure)
    assert f"drew {figure}" in done.err
    head = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}[ending]
    assert figure.read_bytes().startswith(head)
    if ending == "svg":
        text = figure.read_text()
        assert all(name.removesuffix(".csv") in text for name in NAMES)
        assert "normalised distance" in text


def test_names_lose_what_all_of_them_share() -> None:
    assert shortened(["a/b/x.csv", "a/b/y.csv"]) == ["x", "y"]
    assert shortened(["a/x.sig.json", "b/x.sig.json"]) == ["a/x", "b/x"]
    assert shortened(["a/x.csv", "a/y.npz"]) == ["x.csv", "y.npz"]
    assert shortened(["demo://walking", "a/x.csv"]) == ["demo://walking", "a/x.csv"]
    assert shortened(["a/x.csv"]) == ["a/x.csv"]


def test_colours_are_used_where_they_can_be(tables: Path) -> None:
    done = midstream("compare", ".", "--pairwise", "-s", "none", "-f", "table", folder=tables, FORCE_COLOR="1")
    assert "\x1b[48;5;" in done.out
    assert console.quiet is False


def test_distances_are_those_of_dtw_on_arrays(tables: Path) -> None:
    row = pairwise(tables, *NAMES[:2]).rows[0]
    a, b = (np.array(column(name[:4], int(name[5]))) for name in NAMES[:2])
    assert row["distance"] == pytest.approx(dtw(a, b).distance, rel=1e-9)
