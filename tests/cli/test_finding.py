"""`midstream compare --find` and `--occurrences`, run as users run them."""

import itertools
import json
import re
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from command_line import SIGNATURES, WAIT_S, Done, midstream, running

from midstream_cli.errors import ExitCode
from midstream_cli.store.reading import select
from midstream_cli.streams.simulate import scenes
from midstream_cli.streams.simulate.setup import Setup

DOOR = SIGNATURES / "door_open.sig.json"
DAY = "demo://day?duration=60"
NUMBERS = [0, 0, 0, 5, 9, 5, 0, 0, 1, 4, 8, 4, 0, 0]


def find(folder: Path, *arguments: object, **variables: str) -> Done:
    return midstream("compare", *arguments, "--find", "-s", "none", folder=folder, **variables)


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    """A query of three numbers, and two tables it is in, once with holes."""
    (tmp_path / "q.csv").write_text("x\n5\n9\n5\n")
    (tmp_path / "long.csv").write_text("x\n" + "".join(f"{x}\n" for x in NUMBERS))
    (tmp_path / "holes.csv").write_text("x,y\n" + "".join(f"{'' if i == 4 else x},1\n" for i, x in enumerate(NUMBERS)))
    return tmp_path


def test_the_places_nearest_to_the_query_are_reported_nearest_first(tables: Path) -> None:
    done = find(tables, "q.csv", "long.csv", "--top", 2)
    assert done.code == ExitCode.OK
    assert [(row["start_frame"], row["end_frame"], row["rank"]) for row in done.rows] == [(3, 6, 1), (9, 12, 2)]
    assert [row["distance"] for row in done.rows] == [0.0, 5.0]
    assert done.rows[1]["normalised"] == pytest.approx(5 / 6)
    assert {(row["query"], row["path"], row["algorithm"]) for row in done.rows} == {("q.csv", "long.csv", "dtw")}


def test_every_recording_is_looked_through_past_those_that_cannot_be(tables: Path) -> None:
    done = find(tables, "q.csv", "long.csv", "nope.csv", "holes.csv", "--top", 1)
    assert done.code == ExitCode.SOURCE
    first, second = done.rows
    assert (first["path"], first["start_frame"], second["path"]) == ("long.csv", 3, "holes.csv")
    # where a number is missing, no place reaches across
    assert second["end_frame"] <= 4 or second["start_frame"] > 4
    assert "error: there is no file nope.csv" in done.err


@pytest.mark.parametrize("jobs", [1, 2])
def test_however_many_are_read_at_a_time_the_places_are_the_same(jobs: int, tables: Path) -> None:
    both = find(tables, "q.csv", "long.csv", "holes.csv", "--jobs", jobs).rows
    assert both == [row for name in ("long.csv", "holes.csv") for row in find(tables, "q.csv", name).rows]


def test_a_threshold_asks_whether_anything_is_that_near(tables: Path) -> None:
    near = find(tables, "q.csv", "long.csv", "--threshold", 0.5)
    assert (near.code, len(near.rows)) == (ExitCode.OK, 1)
    (tables / "far.csv").write_text("x\n90\n91\n92\n93\n")
    far = find(tables, "q.csv", "far.csv", "--threshold", 0.5)
    assert (far.code, far.out) == (ExitCode.NO, "")
    assert "warning: it holds no place that is near enough" in far.err


def test_with_a_threshold_all_that_is_near_enough_is_found_and_ranked_without_gaps(tables: Path) -> None:
    (tables / "many.csv").write_text("x\n" + "5\n9\n5\n60\n70\n" * 7)
    rows = find(tables, "q.csv", "many.csv", "--threshold", 0.1).rows
    assert sorted(row["start_frame"] for row in rows) == list(range(0, 35, 5))
    assert [row["rank"] for row in rows] == list(range(1, 8))
    assert len(find(tables, "q.csv", "many.csv", "--threshold", 0.1, "--top", 2).rows) == 2
    assert len(find(tables, "q.csv", "many.csv").rows) == 3
    wide = find(tables, "q.csv", "many.csv", "--threshold", 40).rows
    assert [row["rank"] for row in wide] == list(range(1, len(wide) + 1))
    assert max(row["normalised"] for row in wide) <= 40


def test_many_places_share_a_line_and_the_curve_lies_above_where_they_are(tables: Path) -> None:
    (tables / "many.csv").write_text("x\n" + "5\n9\n5\n60\n70\n" * 14)
    lines = find(tables, "q.csv", "many.csv", "--threshold", 0.1, "-f", "table", COLUMNS="76").out.splitlines()
    assert lines[2].startswith("1-14  ")
    assert len(lines[1]) == len(lines[2]) == 76
    found = {high for high, place in zip(lines[1][6:], lines[2][6:], strict=True) if place == "█"}
    assert found <= set("▁▂")
    assert lines[3].split() == ["0", "35", "70"]
    (tables / "few.csv").write_text("x\n1\n5\n9\n5\n")
    lines = find(tables, "q.csv", "few.csv", "--top", 1, "-f", "table", COLUMNS="43").out.splitlines()
    assert lines[1] == " " * 3 + "▁" * 10 + "▄" * 10 + "█" * 10 + "▄" * 10
    assert lines[2] == "1  " + "·" * 10 + "█" * 30


def test_where_a_recording_is_silent_its_curve_is_too(tmp_path: Path) -> None:
    rows = "".join(f"{t},{x}\n" for t, x in zip([*range(100), *range(200, 300)], [0, 1] * 100, strict=True))
    (tmp_path / "s.csv").write_text("time_s,x\n" + rows)
    (tmp_path / "q.csv").write_text("time_s,x\n0,0\n1,1\n2,0\n")
    lines = find(tmp_path, "q.csv", "s.csv", "--top", 1, "-f", "table", COLUMNS="63").out.splitlines()
    curve = lines[1][3:]
    assert set(curve[22:38]) == {" "}
    assert " " not in curve[:19] + curve[41:]


def test_names_have_no_curve(tmp_path: Path) -> None:
    query, stream = "demo://chat?tokens=10", "demo://chat?tokens=90"
    done = find(tmp_path, query, stream, "--top", 1, "-f", "table", "--figure", "a.svg")
    lines = done.out.splitlines()
    assert lines[0] == f"{stream}  (token-ids)"
    assert lines[1].startswith("1  █")
    assert f"{query} in {stream}" in (tmp_path / "a.svg").read_text().replace("&amp;", "&")


def test_what_was_not_read_is_told_with_the_recording(tables: Path) -> None:
    (tables / "bad.csv").write_text("x\n5\nfoo\n9\n5\n")
    assert "warning: bad.csv: 1 malformed" in find(tables, "q.csv", "bad.csv").err


def test_doors_of_a_day_are_found_by_a_signature(tmp_path: Path) -> None:
    doors = [(start, end) for start, end, act in scenes.truth("day", Setup(duration_s=60.0)) if act == "door_open"]
    rows = find(tmp_path, DOOR, DAY, "--top", 3).rows
    for start, end in doors:
        assert any(row["start_s"] < end and row["end_s"] > start for row in rows), start
    for row in rows:
        assert row["end_s"] - row["start_s"] == pytest.approx(2.0, abs=8 / 32)
    normalised = find(tmp_path, DOOR, DAY, "--top", "1", "--transform", "z-normalise").rows
    assert normalised[0]["end_frame"] - normalised[0]["start_frame"] == 64


def test_places_are_kept_and_are_the_same_in_every_form(tables: Path) -> None:
    done = midstream("compare", "q.csv", "long.csv", "--find", folder=tables)
    ((*kept,),) = select(str(tables / "midstream.duckdb"), "FROM places JOIN runs USING (run_id) ORDER BY rank")
    assert [{name: row[name] for name in done.rows[0]} for row in kept] == done.rows
    assert kept[0]["source"] == "q.csv long.csv"
    assert json.loads(find(tables, "q.csv", "long.csv", "-f", "json").out) == done.rows
    table = find(tables, "q.csv", "long.csv", "-f", "csv").table
    assert [float(row["distance"]) for row in table] == [row["distance"] for row in done.rows]


def test_a_table_has_the_recording_as_a_curve_and_a_line_for_each_place(tables: Path) -> None:
    lines = find(tables, "q.csv", "long.csv", "--top", 2, "-f", "table").out.splitlines()
    assert lines[0] == "long.csv  (columns)"
    assert set(lines[1].strip()) <= set("▁▂▃▄▅▆▇█")
    drawn = {line[0]: line[3:] for line in lines[2:4]}
    for rank, (start, end) in {"1": (3, 6), "2": (9, 12)}.items():
        middle = (start + end) / 2 / len(NUMBERS)
        assert drawn[rank][int(middle * len(drawn[rank]))] == "█"
    assert lines[6].split() == ["rank", "start_s", "end_s", "start_frame", "end_frame", "distance", "normalised"]
    bare = find(tables, "q.csv", "long.csv", "-f", "table", "--no-plot").out.splitlines()
    assert bare[0].split()[0] == "rank"
    both = find(tables, "q.csv", "long.csv", "holes.csv", "-f", "table", "--no-plot").out.splitlines()
    assert (both[0], both[5]) == ("long.csv", "holes.csv")


def test_the_picture_is_written_to_a_file_too(tables: Path) -> None:
    done = find(tables, "q.csv", "long.csv", "--figure", "a.svg")
    assert "drew a.svg" in done.err
    text = (tables / "a.svg").read_text()
    assert "q.csv in long.csv, by normalised distance" in text
    assert "1 at 0, 2 at 0.833" in text


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["q.csv"], ExitCode.USAGE, "there is nothing to look through"),
        (["nope.csv", "long.csv"], ExitCode.SOURCE, "there is no file nope.csv"),
        (["q.csv", "nope.csv"], ExitCode.SOURCE, "there is no file nope.csv"),
        (["q.csv", "long.csv", "holes.csv", "--figure", "a.svg"], ExitCode.USAGE, "--figure shows one recording"),
        (["q.csv", "long.csv", "--hop", "2"], ExitCode.USAGE, "--hop means nothing with --find"),
        (["q.csv", "long.csv", "--clusters", "2"], ExitCode.USAGE, "--clusters means nothing with --find"),
        (["q.csv", "long.csv", "--open-end"], ExitCode.USAGE, "--open-end means nothing with --find"),
        (["q.csv", "long.csv", "--signatures", SIGNATURES], ExitCode.USAGE, "are different ways to compare"),
        (["q.csv", "long.csv", "--algorithm", "lcs"], ExitCode.USAGE, "lcs finds nothing"),
        ([DOOR, "demo://chat"], ExitCode.FORMAT, "demo://chat is a token stream"),
        (["long.csv", "q.csv", "--algorithm", "euclidean"], ExitCode.USAGE, "longer than the stream"),
    ],
)
def test_what_cannot_be_found_is_an_error_with_a_hint(
    arguments: list[object], code: ExitCode, message: str, tables: Path
) -> None:
    done = find(tables, *arguments)
    assert (done.code, done.out) == (code, "")
    assert message in done.err
    assert re.search(r"^hint: \S+", done.err, re.MULTILINE)


# where signatures occur


def occurrences(folder: Path, *arguments: object) -> Done:
    return midstream("compare", *arguments, "--signatures", SIGNATURES, "--occurrences", "-s", "none", folder=folder)


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Where the signatures that come along occur in a simulated day."""
    done = occurrences(tmp_path_factory.mktemp("day"), DAY)
    assert done.code == ExitCode.OK, done.err
    return done.rows


def test_occurrences_of_a_signature_are_disjoint_and_near_enough(day: list[dict[str, Any]]) -> None:
    assert {row["label"] for row in day} == {"idle", "walking", "door"}
    for name in {row["signature_id"] for row in day}:
        content = json.loads((SIGNATURES / f"{name}.sig.json").read_text())
        own = [row for row in day if row["signature_id"] == name]
        assert all(a["end_frame"] <= b["start_frame"] for a, b in itertools.pairwise(own))
        assert all(row["score"] >= content["promotion_threshold"] for row in own)


def test_doors_occur_where_doors_are(day: list[dict[str, Any]]) -> None:
    truth = scenes.truth("day", Setup(duration_s=60.0))
    found = [row for row in day if row["label"] == "door"]
    opened = [start for start, _, act in truth if act == "door_open"]
    # a door that closes looks much like one that opens
    over = [next(end for end, _, act in truth if end > start and not act.startswith("door")) for start in opened]
    for start, end in zip(opened, over, strict=True):
        assert any(row["start_s"] < end and row["end_s"] > start for row in found), start


def test_a_threshold_decides_what_is_near_enough(day: list[dict[str, Any]], tmp_path: Path) -> None:
    nearest = min(row["distance"] for row in day)
    few = occurrences(tmp_path, DAY, "--threshold", nearest * 1.001)
    assert (few.code, len(few.rows)) == (ExitCode.OK, 1)
    none = occurrences(tmp_path, DAY, "--threshold", nearest * 0.5)
    assert (none.code, none.out) == (ExitCode.NO, "")
    assert "warning: no signature occurs in it" in none.err


def test_several_recordings_are_looked_through_as_each_by_itself(tmp_path: Path) -> None:
    sources = ["demo://walking?duration=15", "demo://door_open?duration=15"]
    alone = [row for source in sources for row in occurrences(tmp_path, source).rows]
    assert alone
    assert occurrences(tmp_path, *sources).rows == alone


def test_occurrences_are_drawn_listed_and_kept(day: list[dict[str, Any]], tmp_path: Path) -> None:
    done = midstream(
        "compare", DAY, "--signatures", SIGNATURES, "--occurrences", "-f", "table", "--figure", "a.svg", folder=tmp_path
    )
    lines = done.out.splitlines()
    assert {line.split()[0] for line in lines[:3]} == {"idle", "walking", "door"}
    assert lines[4].split() == ["label", "start_s", "end_s", "start_frame", "end_frame", "distance", "score"]
    assert len(lines[5:]) == len(day)
    assert "<svg" in (tmp_path / "a.svg").read_text()
    pieces = list(select(str(tmp_path / "midstream.duckdb"), "FROM occurrences"))
    assert [row["end_frame"] for piece in pieces for row in piece] == [row["end_frame"] for row in day]


def test_a_live_stream_tells_of_occurrences_while_it_goes_on(tmp_path: Path) -> None:
    arguments = (
        "compare",
        "demo://walking?pace=real",
        "--signatures",
        SIGNATURES,
        "--occurrences",
        "--json",
        "-s",
        "none",
    )
    with running(*arguments, folder=tmp_path) as process:
        assert process.stdout
        row = json.loads(process.stdout.readline())
        time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=WAIT_S)
    assert process.returncode == ExitCode.INTERRUPTED
    assert row["label"] in ("walking", "idle", "door")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--occurrences"], "--occurrences needs to know of what"),
        (["--occurrences", "--signatures", SIGNATURES, "--top", "2"], "--top means nothing with --occurrences"),
        (["--occurrences", "--signatures", SIGNATURES, "--window", "2"], "a signature says itself how it is compared"),
        (["--signatures", SIGNATURES, "--pairwise"], "--signatures and --pairwise are different ways"),
    ],
)
def test_what_means_nothing_to_occurrences_is_an_error(arguments: list[object], message: str, tmp_path: Path) -> None:
    done = midstream("compare", DAY, *arguments, folder=tmp_path)
    assert (done.code, done.out) == (ExitCode.USAGE, "")
    assert message in done.err
    assert "hint: " in done.err
