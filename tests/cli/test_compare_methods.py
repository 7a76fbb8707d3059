"""`midstream compare` with every way to measure the distance of two sequences, each held against plain loops."""

import itertools
import json
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from command_line import SIGNATURES, midstream

from midstream_cli.errors import ExitCode

A = [0.0, 1.5, 3.0, 2.0, 2.5, -1.0, 0.5]
B = [0.5, 1.0, 3.5, 3.0, 2.0, 2.0, -1.5, 0.0]
WALK, IDLE = SIGNATURES / "walking_slow.sig.json", SIGNATURES / "idle_room.sig.json"
SETTINGS = ["--store", "none"]


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    """Tables of one and of two columns."""
    for name, values in (("a", A), ("b", B)):
        (tmp_path / f"{name}.csv").write_text("x\n" + "".join(f"{x!r}\n" for x in values))
        (tmp_path / f"{name}2.csv").write_text("x,y\n" + "".join(f"{x!r},{x * x!r}\n" for x in values))
    return tmp_path


def pair(folder: Path, *arguments: object) -> dict[str, Any]:
    done = midstream("compare", *arguments, *SETTINGS, folder=folder)
    assert (done.code, len(done.rows)) == (ExitCode.OK, 1), done.err
    return done.rows[0]


def slow(
    cost: Callable[[float, float], float] = lambda x, y: abs(x - y),
    steps: tuple[tuple[int, int, int], ...] = ((1, 1, 2), (1, 0, 1), (0, 1, 1)),
    window: int = 99,
    *,
    begin: bool = False,
    end: bool = False,
) -> float:
    """DTW cell by cell: steps are (rows, columns, how often the cell counts)."""
    sums: dict[tuple[int, int], float] = {}
    for (i, x), (j, y) in itertools.product(enumerate(A), enumerate(B)):
        if abs(i - j) <= window:
            starts = [cost(x, y)] if i == 0 and (j == 0 or begin) else []
            ways = [sums[i - k, j - m] + w * cost(x, y) for k, m, w in steps if (i - k, j - m) in sums]
            if starts or ways:
                sums[i, j] = min(starts + ways)
    last = len(A) - 1
    return min(sums[last, j] for j in range(len(B)) if (last, j) in sums) if end else sums[last, len(B) - 1]


def squared(x: float, y: float) -> float:
    return (x - y) ** 2


ONCE = ((1, 1, 1), (1, 0, 1), (0, 1, 1))
ROWS = ((1, 0, 1), (1, 1, 1), (1, 2, 1))


@pytest.mark.parametrize(
    ("options", "distance", "over"),
    [
        ((), slow(), len(A) + len(B)),
        (("--metric", "squared"), slow(squared), len(A) + len(B)),
        (("--step-pattern", "symmetric1"), slow(steps=ONCE), None),
        (("--step-pattern", "asymmetric"), slow(steps=ROWS), len(A)),
        (("--window", "1"), slow(window=1), len(A) + len(B)),
        (("--window", "2", "--step-pattern", "symmetric1"), slow(steps=ONCE, window=2), None),
        (("--open-begin", "--step-pattern", "asymmetric"), slow(steps=ROWS, begin=True), len(A)),
        (("--open-end", "--step-pattern", "symmetric1"), slow(steps=ONCE, end=True), None),
        (("--convention", "dtaidistance"), math.sqrt(slow(squared, ONCE)), None),
        (("--convention", "tslearn"), math.sqrt(slow(squared, ONCE)), None),
        (("--convention", "aeon"), slow(squared, ONCE), None),
        (("--convention", "dtw-python"), slow(), len(A) + len(B)),
    ],
)
def test_the_distance_is_the_one_that_is_asked_for(
    options: tuple[str, ...], distance: float, over: int | None, tables: Path
) -> None:
    row = pair(tables, "a.csv", "b.csv", *options)
    assert row["distance"] == pytest.approx(distance, rel=1e-9)
    assert row["normalised"] == (None if over is None else pytest.approx(distance / over, rel=1e-9))
    name = options[1] if "--convention" in options else "midstream"
    assert row["convention"].startswith(f"{name}: ")
    assert ("root" in row["convention"]) == (name in ("dtaidistance", "tslearn"))
    assert ("not normalised" in row["convention"]) == (over is None)


def test_independent_dimensions_are_warped_each_by_itself(tables: Path) -> None:
    parts = slow() + slow(lambda x, y: abs(x * x - y * y))
    row = pair(tables, "a2.csv", "b2.csv", "--independent")
    assert row["distance"] == pytest.approx(parts, rel=1e-9)
    assert row["distance"] < pair(tables, "a2.csv", "b2.csv", "--metric", "euclidean")["distance"] * 2


def test_a_parallelogram_leaves_fewer_paths(tables: Path) -> None:
    every, few = (pair(tables, "a.csv", "b.csv", *more) for more in ((), ("--window-shape", "itakura")))
    assert few["distance"] >= every["distance"]
    for i, j in few["alignment"]:
        assert j <= 2 * (i + 1) * len(B) / len(A)


def test_soft_dtw_is_a_divergence_that_vanishes_for_equal_sequences(tables: Path) -> None:
    assert pair(tables, "a.csv", "a.csv", "--algorithm", "soft-dtw")["distance"] == pytest.approx(0.0, abs=1e-9)
    row = pair(tables, "a.csv", "b.csv", "--algorithm", "soft-dtw")

    def softly(a: list[float], b: list[float]) -> float:
        sums = {(-1, -1): 0.0}
        for (i, x), (j, y) in itertools.product(enumerate(a), enumerate(b)):
            ways = [sums[key] for key in ((i - 1, j - 1), (i - 1, j), (i, j - 1)) if key in sums]
            sums[i, j] = squared(x, y) - math.log(sum(math.exp(-way) for way in ways))
        return sums[len(a) - 1, len(b) - 1]

    assert row["distance"] == pytest.approx(softly(A, B) - softly(A, A) / 2 - softly(B, B) / 2, rel=1e-9)
    assert row["alignment"] == []


def test_transforms_change_both_first(tables: Path) -> None:
    (tables / "moved.csv").write_text("x\n" + "".join(f"{7 + 3 * x!r}\n" for x in A))
    row = pair(tables, "a.csv", "moved.csv", "--transform", "z-normalise")
    assert row["distance"] == pytest.approx(0.0, abs=1e-9)
    assert row["transforms"] == ["z-normalise"]
    both = pair(tables, "a.csv", "moved.csv", "--transform", "derivative, z-normalise")
    assert (both["distance"], both["transforms"]) == (pytest.approx(0.0, abs=1e-9), ["derivative", "z-normalise"])


def test_units_of_the_feature_can_be_asked_for(tmp_path: Path) -> None:
    plain, scaled = (pair(tmp_path, WALK, IDLE, "--units", units) for units in ("feature", "background"))
    assert (plain["units"], scaled["units"]) == ("feature", "background")
    assert plain["distance"] != pytest.approx(scaled["distance"])
    assert pair(tmp_path, WALK, IDLE)["distance"] == scaled["distance"]


def test_signatures_of_other_backgrounds_are_compared_as_measured_with_a_warning(tmp_path: Path) -> None:
    content = json.loads(WALK.read_text())
    content["background"]["deviation"][0] *= 2
    (tmp_path / "other.sig.json").write_text(json.dumps(content))
    done = midstream("compare", WALK, "other.sig.json", *SETTINGS, folder=tmp_path)
    assert (done.code, done.rows[0]["units"]) == (ExitCode.OK, "feature")
    assert done.err == "warning: the signatures have no background in common: compared in the feature's own units\n"
    asked = midstream("compare", WALK, "other.sig.json", "--units", "background", *SETTINGS, folder=tmp_path)
    assert (asked.code, asked.out) == (ExitCode.USAGE, "")
    silent = midstream("compare", WALK, "other.sig.json", "--units", "feature", *SETTINGS, folder=tmp_path)
    assert silent.err == ""


def test_where_there_is_no_normalised_distance_a_threshold_is_of_the_distance(tables: Path) -> None:
    distance = pair(tables, "a.csv", "b.csv", "--convention", "aeon")["distance"]
    for factor, code in ((0.999, ExitCode.NO), (1.001, ExitCode.OK)):
        threshold = ("--threshold", distance * factor)
        done = midstream("compare", "a.csv", "b.csv", "--convention", "aeon", *threshold, *SETTINGS, folder=tables)
        assert done.code == code


@pytest.mark.parametrize("convention", ["dtaidistance", "aeon", "dtw-python"])
def test_all_pairs_are_compared_by_the_same_convention(convention: str, tables: Path) -> None:
    options = ("--convention", convention)
    done = midstream("compare", "a.csv", "b.csv", "--pairwise", *options, *SETTINGS, folder=tables)
    (row,), alone = done.rows, pair(tables, "a.csv", "b.csv", *options)
    assert row["distance"] == pytest.approx(alone["distance"], rel=1e-9)
    assert (row["normalised"] is None) == (alone["normalised"] is None)
    assert row["convention"] == alone["convention"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--step-pattern", "typeIIIc"], "no step pattern is called 'typeIIIc'"),
        (["--metric", "cosine"], "no metric is called 'cosine'"),
        (["--convention", "scipy"], "no convention is called 'scipy'"),
        (["--convention", "aeon", "--step-pattern", "asymmetric"], "aeon has no step pattern asymmetric"),
        (["--window-shape", "round"], "has no window of shape 'round'"),
        (["--window", "1.5"], "a window of 1.5"),
        (["--window", "nan"], "is not a number"),
        (["--units", "metres"], "no unit is called 'metres'"),
        (["--units", "background"], "nothing that is compared has a background"),
        (["--transform", "log"], "no transform is called 'log'"),
        (["--algorithm", "euclidean", "--window", "2"], "--window means nothing to euclidean"),
        (["--algorithm", "soft-dtw", "--open-end"], "--open-end means nothing to soft-dtw"),
        (["--clusters", "2"], "--clusters means nothing without --pairwise"),
        (["--top", "2"], "--top means nothing without --signatures or --find"),
        (["--pairwise", "--step-pattern", "asymmetric"], "compare both ways alike"),
        (["--pairwise", "--open-end"], "--open-end means nothing with --pairwise"),
    ],
)
def test_what_does_not_go_together_is_an_error_with_a_hint(arguments: list[str], message: str, tables: Path) -> None:
    done = midstream("compare", "a.csv", "b.csv", *arguments, *SETTINGS, folder=tables)
    assert (done.code, done.out) == (ExitCode.USAGE, "")
    assert message in done.err
    assert re.search(r"^hint: \S+", done.err, re.MULTILINE)
