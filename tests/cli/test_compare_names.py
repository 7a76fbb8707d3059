"""`midstream compare` of two token streams, run as users run it: the operations, and the pictures of them."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from command_line import SIGNATURES, Done, midstream

from midstream_cli.cli.curves import equal_shares
from midstream_cli.errors import ExitCode
from midstream_cli.store.reading import select

OLD = ["The", " cat", " sat", " on", " the", " mat", "."]
NEW = ["The", " big", " dog", " sat", " on", " mat", ".", "\x1b[31m\n"]


def log(folder: Path, name: str, texts: list[str]) -> Path:
    head = {"format": "midstream-tokens", "version": 1, "source": "x", "clock": "host"}
    rows = [{"time_ns": 10**18 + i, "text": text, "choice": 0, "kind": "text"} for i, text in enumerate(texts)]
    path = folder / name
    path.write_text("".join(json.dumps(row) + "\n" for row in [head, *rows]))
    return path


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    log(tmp_path, "old.jsonl", OLD)
    log(tmp_path, "new.jsonl", NEW)
    return tmp_path


def compare(folder: Path, *arguments: object, **variables: str) -> Done:
    done = midstream("compare", "old.jsonl", "new.jsonl", *arguments, "-s", "none", folder=folder, **variables)
    assert done.code == ExitCode.OK, done.err
    return done


@pytest.mark.parametrize(("algorithm", "fewest"), [("edit", 4), ("lcs", 5)])
def test_the_operations_turn_the_first_text_into_the_second(algorithm: str, fewest: int, logs: Path) -> None:
    (row,) = compare(logs, "--algorithm", algorithm).rows
    assert len(row["operations"]) == fewest
    made = list(OLD)
    for operation in reversed(row["operations"]):
        at, kind = operation["a"], operation["operation"]
        taken, put = operation["text_a"], operation["text_b"]
        assert kind in ({"replace", "delete", "insert"} if algorithm == "edit" else {"delete", "insert"})
        assert (taken is None, put is None) == (kind == "insert", kind == "delete")
        assert taken is None or OLD[at] == taken
        assert put is None or NEW[operation["b"]] == put
        made[at : at + (taken is not None)] = [] if put is None else [put]
    assert made == NEW


def test_operations_are_kept_with_the_comparison(logs: Path) -> None:
    (row,) = midstream("compare", "old.jsonl", "new.jsonl", "-s", "a.duckdb", folder=logs).rows
    ((kept,),) = select(str(logs / "a.duckdb"), "SELECT operations FROM comparisons")
    assert kept["operations"] == row["operations"] != []


def test_numbers_are_not_edited(tmp_path: Path) -> None:
    walk = SIGNATURES / "walking_slow.sig.json"
    done = midstream("compare", walk, walk, "-s", "none", folder=tmp_path)
    assert done.rows[0]["operations"] == []
    shown = midstream("compare", walk, walk, "-s", "none", "-f", "table", folder=tmp_path)
    assert "operations" not in shown.out


def test_a_table_has_both_texts_in_one_and_counts_the_operations(logs: Path) -> None:
    lines = compare(logs, "-f", "table").out.splitlines()
    assert lines[0] == "[-only in old.jsonl-], {+only in new.jsonl+}"
    assert lines[1] == "  The[- cat-]{+ big dog+} sat on[- the-] mat.{+�[31m⏎+}"
    (counts,) = [line.split(maxsplit=1)[1] for line in lines if line.startswith("operations")]
    assert counts == "delete 1, insert 2, replace 1"
    assert compare(logs, "-f", "table", "--no-plot").out.startswith("a ")


def test_in_colours_nothing_else_marks_a_change_and_nothing_of_the_text_is_obeyed(logs: Path) -> None:
    line = compare(logs, "-f", "table", FORCE_COLOR="1").out.splitlines()[1]
    assert re.sub("\x1b\\[[0-9;]*m", "", line) == "  The cat big dog sat on the mat.�[31m⏎"
    assert line.count("\x1b[9;31m") == 2
    assert line.count("\x1b[32m") == 2


def test_what_is_far_from_any_change_is_left_out_and_a_screen_is_enough(tmp_path: Path) -> None:
    words = [f" word{i}" for i in range(3000)]
    log(tmp_path, "old.jsonl", [*words[:500], "x", *words[500:1000]])
    log(tmp_path, "new.jsonl", words[:1000])
    lines = compare(tmp_path, "-f", "table", COLUMNS="60").out.splitlines()
    assert lines[1] + lines[2][2:] == "   … word497 word498 word499[-x-] word500 word501 word502 …"
    log(tmp_path, "new.jsonl", words[1500:])
    lines = compare(tmp_path, "-f", "table", COLUMNS="60").out.splitlines()
    drawn = lines[1 : lines.index("")]
    assert len(drawn) == 21
    assert max(map(len, drawn)) <= 60
    assert re.fullmatch(r"  … \d+ more lines", drawn[-1])


def test_equal_and_wholly_different_texts_have_pictures_too(tmp_path: Path) -> None:
    log(tmp_path, "old.jsonl", ["a", "b"])
    log(tmp_path, "new.jsonl", ["a", "b"])
    assert compare(tmp_path, "-f", "table", "--figure", "a.svg").out.splitlines()[1] == "  ab"
    log(tmp_path, "new.jsonl", ["c"])
    assert compare(tmp_path, "-f", "table", "--figure", "b.svg").out.splitlines()[1] == "  [-ab-]{+c+}"
    assert {path.name for path in tmp_path.glob("*.svg")} == {"a.svg", "b.svg"}


def test_equal_positions_are_drawn_to_a_file(logs: Path) -> None:
    done = compare(logs, "--figure", "a.svg")
    assert "drew a.svg" in done.err
    root = ET.fromstring((logs / "a.svg").read_text())  # noqa: S314 - of our own making
    words = {"".join(each.itertext()).strip() for each in root.iter() if each.tag.endswith("text")}
    assert {"belong together", "equal", "old.jsonl: position", "new.jsonl: position"} <= words


def test_shares_of_equal_positions_are_counted_in_stretches() -> None:
    a, b = np.array([1.0, 2.0, 1.0, 5.0]), np.array([1.0, 2.0, 7.0])
    assert equal_shares(a, b, 9, 9).tolist() == [[float(x == y) for y in b] for x in a]
    halves = [[np.mean([x == y for x in part]) for y in b] for part in (a[:2], a[2:])]
    assert equal_shares(a, b, 2, 9) == pytest.approx(np.array(halves))


def states(folder: Path, name: str, numbers: list[float]) -> None:
    (folder / name).write_text("state\n" + "".join(f"{number}\n" for number in numbers))


def test_whole_numbers_are_names_where_somebody_says_so(tmp_path: Path) -> None:
    states(tmp_path, "old.csv", [1, 1, 2, 3, 3])
    states(tmp_path, "new.csv", [1, 2, 2, 4, 3, 3])
    sources = ("old.csv", "new.csv", "-s", "none")
    assert midstream("compare", *sources, folder=tmp_path).rows[0]["algorithm"] == "dtw"
    (row,) = midstream("compare", *sources, "--algorithm", "edit", folder=tmp_path).rows
    assert row["distance"] == 2
    assert [(each["text_a"], each["text_b"]) for each in row["operations"]] == [("1", "2"), (None, "4")]
    lines = midstream("compare", *sources, "--algorithm", "edit", "-f", "table", folder=tmp_path).out.splitlines()
    assert lines[1] == "  1 [-1 -]{+2 +}2 {+4 +}3 3"
    (place,) = midstream("compare", *sources, "--algorithm", "edit", "--find", "--top", 1, folder=tmp_path).rows
    assert place["distance"] == 2


@pytest.mark.parametrize("content", ["1.5\n2\n", "1\n\n2\nnan\n"])
def test_measured_and_missing_numbers_are_not_names(content: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x\n" + content)
    done = midstream("compare", "a.csv", "a.csv", "--algorithm", "edit", "-s", "none", folder=tmp_path)
    assert done.code == ExitCode.USAGE
    assert "one column of whole numbers can be edited too" in done.err
