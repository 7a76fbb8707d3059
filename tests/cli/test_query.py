"""`midstream query` prints what the store holds in every form, and says what to do when it cannot."""

import csv
import io
import json
import signal
import subprocess
import sys
import time
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from midstream_cli.cli import main
from midstream_cli.errors import ExitCode
from midstream_cli.results import Confusion, RecordingInfo, Run
from midstream_cli.store.writing import append

MIDSTREAM = [sys.executable, "-m", "midstream_cli"]


@pytest.fixture(autouse=True)
def _store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store with three rows of two classes, named by the environment."""
    path = tmp_path / "midstream.duckdb"
    monkeypatch.setenv("MIDSTREAM_STORE", str(path))
    run = Run("7f3a12bc9d0e", "compare", "{}", "0.1.0", "a.csv", "2026-01-02T03:04:05Z", None, 10, 0, 0)
    recording: dict[str, Any] = dict.fromkeys(field.name for field in fields(RecordingInfo))
    recording |= {"path": "ä,b", "nodes": ["3", 'a"b'], "faults": {"torn": 2}, "null_subcarriers": [0, 1]}
    recording |= {name: {} for name in ("skipped", "dropped", "layouts", "usage")}
    recording |= dict.fromkeys(("frames", "gaps", "resets", "lost", "late", "bad"), 0)
    recording |= dict.fromkeys(("format", "kind", "clock"), "x")
    confusions = [Confusion("a", "b", 3, float("nan")), Confusion("a", "a", 4, 0.5)]
    append(path, run, [RecordingInfo(**recording), *confusions])


RECORDINGS = "SELECT path, nodes, faults, null_subcarriers, rate_hz FROM recordings"


def test_rows_are_json_lines_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    assert main._run(["query", "FROM confusions ORDER BY windows"]) == ExitCode.OK
    lines = capsys.readouterr().out.splitlines()
    assert [json.loads(line) for line in lines] == [
        {"run_id": "7f3a12bc9d0e", "truth": "a", "predicted": "b", "windows": 3, "recall": None},
        {"run_id": "7f3a12bc9d0e", "truth": "a", "predicted": "a", "windows": 4, "recall": 0.5},
    ]


def test_lists_and_maps_stay_lists_and_objects(capsys: pytest.CaptureFixture[str]) -> None:
    assert main._run(["query", "--json", RECORDINGS]) == ExitCode.OK
    row = {"path": "ä,b", "nodes": ["3", 'a"b'], "faults": {"torn": 2}, "null_subcarriers": [0, 1], "rate_hz": None}
    assert json.loads(capsys.readouterr().out) == row
    assert main._run(["query", "--output-format", "json", RECORDINGS]) == ExitCode.OK
    assert json.loads(capsys.readouterr().out) == [row]


def test_csv_has_a_header_and_json_in_its_cells(capsys: pytest.CaptureFixture[str]) -> None:
    assert main._run(["query", "--output-format", "csv", RECORDINGS]) == ExitCode.OK
    header, row = csv.reader(io.StringIO(capsys.readouterr().out))
    assert header == ["path", "nodes", "faults", "null_subcarriers", "rate_hz"]
    assert row == ["ä,b", '["3", "a\\"b"]', '{"torn": 2}', "[0, 1]", ""]


def test_a_table_shows_names_and_values(capsys: pytest.CaptureFixture[str]) -> None:
    assert main._run(["query", "--output-format", "table", "SELECT truth, windows FROM confusions"]) == ExitCode.OK
    header, *rows = (line.split() for line in capsys.readouterr().out.splitlines())
    assert header == ["truth", "windows"]
    assert sorted(rows) == [["a", "3"], ["a", "4"]]


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_a_long_answer_is_whole_and_has_one_header(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main._run(["query", "-f", form, "SELECT x, x % 7 AS y FROM range(30000) r(x)"]) == ExitCode.OK
    lines = capsys.readouterr().out.splitlines()
    if form == "csv":
        assert lines == ["x,y", *(f"{x},{x % 7}" for x in range(30000))]
    else:
        assert [json.loads(line) for line in lines] == [{"x": x, "y": x % 7} for x in range(30000)]


@pytest.mark.parametrize("form", ["csv", "jsonl", "table"])
def test_no_rows_are_no_output(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main._run(["query", "-f", form, "FROM runs WHERE false"]) == ExitCode.OK
    assert capsys.readouterr().out == ""


def test_sql_comes_from_standard_input(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("SELECT run_id\nFROM runs -- all of them\n;"))
    assert main._run(["query", "-"]) == ExitCode.OK
    assert json.loads(capsys.readouterr().out) == {"run_id": "7f3a12bc9d0e"}


def test_without_sql_the_tables_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main._run(["query"]) == ExitCode.OK
    tables = {row["table"]: row for row in map(json.loads, capsys.readouterr().out.splitlines())}
    assert {name: row["rows"] for name, row in tables.items()} == {"confusions": 2, "recordings": 1, "runs": 1}
    assert tables["confusions"]["columns"] == ["run_id", "truth", "predicted", "windows", "recall"]


def test_on_a_terminal_the_tables_are_shown_with_all_their_columns(capsys: pytest.CaptureFixture[str]) -> None:
    assert main._run(["query", "-f", "table"]) == ExitCode.OK
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == [
        "confusions: 2 rows. How often windows of one truth were taken for each label.",
        "  run_id, truth, predicted, windows, recall",
    ]
    assert "recordings: 1 row. What a recording holds, and what is wrong with it." in lines
    columns = " ".join(line.strip() for line in lines[lines.index("") + 2 :])
    assert columns.startswith("run_id, path, format, kind,")
    assert max(map(len, lines)) <= 100


def test_a_mistake_ends_with_the_code_of_the_store_and_a_hint(capsys: pytest.CaptureFixture[str]) -> None:
    assert main._run(["query", "SELECT trurh FROM confusions"]) == ExitCode.STORE
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines()[1] == "LINE 1: SELECT trurh FROM confusions"
    assert said.err.splitlines()[-1] == "hint: did you mean truth?"


def test_a_store_that_is_not_there_is_not_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = tmp_path / "missing.duckdb"
    assert main._run(["query", "--store", str(missing)]) == ExitCode.STORE
    assert "hint: results get there when" in capsys.readouterr().err
    assert not missing.exists()


def test_no_store_cannot_be_asked(capsys: pytest.CaptureFixture[str]) -> None:
    assert main._run(["query", "--store", "none", "FROM runs"]) == ExitCode.USAGE
    assert "hint: name one with --store FILE" in capsys.readouterr().err


ENDLESS = "SELECT count(*) FROM range(1000000) a(i), range(10000000) b(j) WHERE (i * j) % 7 = 3"


def test_interrupting_a_long_query_ends_it_at_once_and_quietly() -> None:
    with subprocess.Popen([*MIDSTREAM, "query", ENDLESS], stderr=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        time.sleep(1.0)
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        try:
            out, err = process.communicate(timeout=2)
        finally:
            process.kill()
    # to a shell, that is exit code 130
    assert process.returncode in (-signal.SIGINT, ExitCode.INTERRUPTED)
    assert (out, err) == (b"", b"")


def test_an_interrupt_is_an_interrupt_again_after_a_query() -> None:
    assert main._run(["query", "FROM runs"]) == ExitCode.OK
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_reader_that_leaves_ends_a_long_answer_quietly() -> None:
    long = "SELECT x, repeat('x', 100) AS text FROM range(50000000) r(x)"
    with subprocess.Popen([*MIDSTREAM, "query", long], stderr=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        assert json.loads(process.stdout.readline())["x"] == 0
        process.stdout.close()
        assert process.wait(timeout=10) in (0, 1)
        assert process.stderr.read() == b""
