"""A run says where results come from, without secrets; keeping it says what was written."""

import json
import os
import re
import signal
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from midstream_cli import __version__
from midstream_cli.cli import console
from midstream_cli.cli.output import OutputFormat
from midstream_cli.cli.runs import keep, keeping, keeping_each, new_run, without_secrets
from midstream_cli.results import Confusion
from midstream_cli.store import writing
from midstream_cli.store.reading import select


@pytest.fixture(autouse=True)
def _loud(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "quiet", False)


def kept(store: Path) -> list[dict[str, Any]]:
    return [row for piece in select(store, "FROM runs") for row in piece]


def test_a_run_says_what_was_done_with_what_and_when() -> None:
    run = new_run("compare", {"hop": 0.5, "form": OutputFormat.CSV, "path": Path("a"), "top": None}, "a.csv", seed=7)
    assert re.fullmatch("[0-9a-f]{12}", run.run_id)
    assert (run.command, run.source, run.seed, run.version) == ("compare", "a.csv", 7, __version__)
    assert run.arguments == '{"form":"csv","hop":0.5,"path":"a"}'
    assert run.started.endswith("Z")
    assert abs(datetime.fromisoformat(run.started) - datetime.now(UTC)) < timedelta(seconds=10)
    assert (run.frames, run.lost, run.bad) == (0, 0, 0)


def test_every_run_has_an_id_of_its_own() -> None:
    assert len({new_run("x", {}, "").run_id for _ in range(1000)}) == 1000


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mqtt://me:hunter2@broker:1883/csi", "mqtt://***@broker:1883/csi"),
        ("https://host/v1?api_key=hunter2&x=1", "https://host/v1?api_key=***&x=1"),
        ("https://host/v1?x=1&access_token=hunter2", "https://host/v1?x=1&access_token=***"),
        ("https://host/v1?apikey=hunter2&monkey=1", "https://host/v1?apikey=***&monkey=1"),
        ("serial:///dev/ttyUSB0?baud=921600", "serial:///dev/ttyUSB0?baud=921600"),
        ("recordings/me@home/a.csv", "recordings/me@home/a.csv"),
    ],
)
def test_secrets_in_urls_are_left_out(text: str, expected: str) -> None:
    assert without_secrets(text) == expected
    run = new_run("x", {"source": text, "sources": [text]}, text)
    assert run.source == expected
    assert json.loads(run.arguments) == {"source": expected, "sources": [expected]}


def test_options_that_are_secrets_are_left_out() -> None:
    secrets = dict.fromkeys(["password", "auth_token", "api_key", "key", "client_secret"], "hunter2")
    run = new_run("x", secrets | {"seed": 1, "token_kind": "text", "keyframes": 2}, "")
    assert json.loads(run.arguments) == {"keyframes": 2, "seed": 1, "token_kind": "text"}


def test_keeping_says_how_many_rows_went_where(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store, run = tmp_path / "a.duckdb", new_run("compare", {}, "a.csv")
    keep(str(store), run, [Confusion("a", "b", i, 0.5) for i in range(2341)])
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == f"wrote 2,341 rows to {store} (run {run.run_id})\n"
    keep(str(store), new_run("compare", {}, "b.csv"), [Confusion("a", "b", 1, 0.5)])
    assert capsys.readouterr().err.startswith("wrote 1 row to ")
    assert [row["source"] for row in kept(store)] == ["a.csv", "b.csv"]


def test_a_long_run_is_kept_while_it_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store, run = tmp_path / "a.duckdb", new_run("compare", {}, "udp://")
    with keeping(str(store), run) as sink:
        assert kept(store)[0]["frames"] == 0
        sink.write([Confusion("a", "b", 1, 0.5)])
        sink.write([])
        sink.count(frames=9, lost=2, bad=1)
    (row,) = kept(store)
    assert (row["frames"], row["lost"], row["bad"]) == (9, 2, 1)
    assert capsys.readouterr().err == f"wrote 1 row to {store} (run {run.run_id})\n"


def test_a_long_run_that_is_interrupted_says_what_was_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store, run = tmp_path / "a.duckdb", new_run("compare", {}, "udp://")

    def interrupted() -> None:
        with keeping(str(store), run) as sink:
            sink.write([Confusion("a", "b", 1, 0.5)])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert capsys.readouterr().err.startswith("wrote 1 row to ")


def test_an_interrupt_in_the_middle_of_a_flush_keeps_every_row_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, run = tmp_path / "a.duckdb", new_run("compare", {}, "udp://")
    keep_all = writing.append

    def interrupted_append(*arguments: Any) -> int:
        rows = keep_all(*arguments)
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.01)
        return rows

    def interrupted() -> None:
        with keeping(str(store), run) as sink:
            monkeypatch.setattr(writing, "append", interrupted_append)
            sink.write([Confusion("a", "b", 1, 0.5)] * 10_000)
            pytest.fail("the interrupt was lost")

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    (piece,) = select(store, "SELECT count(*) AS rows FROM confusions")
    assert piece == [{"rows": 10_000}]


def test_none_keeps_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    run = new_run("compare", {}, "a.csv")
    keep("none", run, [Confusion("a", "b", 1, 0.5)])
    with keeping("none", run) as sink:
        sink.write([Confusion("a", "b", 1, 0.5)])
        sink.count(1, 0, 0)
    assert list(tmp_path.iterdir()) == []
    assert capsys.readouterr().err == ""


def test_runs_that_end_one_after_another_are_kept_together(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = tmp_path / "a.duckdb"
    with keeping_each(str(store)) as keep_one:
        for i in range(3):
            keep_one(new_run("compare", {}, f"{i}.csv"), [Confusion("a", "b", j, 0.5) for j in range(i)])
        assert not store.exists()
    assert capsys.readouterr().err == f"wrote 3 rows of 3 runs to {store}\n"
    counted = select(
        store,
        "SELECT source, count(windows) AS n FROM runs LEFT JOIN confusions USING (run_id) GROUP BY ALL ORDER BY ALL",
    )
    assert [(row["source"], row["n"]) for piece in counted for row in piece] == [
        ("0.csv", 0),
        ("1.csv", 1),
        ("2.csv", 2),
    ]


def test_runs_that_take_long_are_kept_on_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = tmp_path / "a.duckdb"
    monkeypatch.setattr("midstream_cli.cli.runs.KEEP_S", 0.0)
    with keeping_each(str(store)) as keep_one:
        keep_one(new_run("compare", {}, "a.csv"), [])
        assert [row["source"] for row in kept(store)] == ["a.csv"]
        keep_one(new_run("compare", {}, "b.csv"), [])
        assert [row["source"] for row in kept(store)] == ["a.csv", "b.csv"]


def test_an_interrupt_keeps_the_runs_that_ended(tmp_path: Path) -> None:
    store = tmp_path / "a.duckdb"
    with suppress(KeyboardInterrupt), keeping_each(str(store)) as keep_one:
        keep_one(new_run("compare", {}, "a.csv"), [Confusion("a", "b", 1, 0.5)])
        raise KeyboardInterrupt
    assert [row["source"] for row in kept(store)] == ["a.csv"]


def test_no_run_makes_no_store(tmp_path: Path) -> None:
    with keeping_each(str(tmp_path / "a.duckdb")):
        pass
    with keeping_each("none") as keep_one:
        keep_one(new_run("compare", {}, "a.csv"), [])
    assert list(tmp_path.iterdir()) == []
