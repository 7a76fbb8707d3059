"""Runs and results are kept as a whole or not at all, whoever else writes, reads or is killed."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest

from midstream_cli.errors import StoreError
from midstream_cli.results import Confusion, Match
from midstream_cli.store import writing
from midstream_cli.store.writing import Store, append

MATCHES_OF_A_RUN = 700

PRELUDE = f"""
import sys, time
import duckdb
from midstream_cli.results import Match, Run
from midstream_cli.store.writing import append
path = sys.argv[1]
matches = [Match("a.csv", "3", i / 2, None, i, i + 5, 1, "s", "", 0.2, 0.8, True) for i in range({MATCHES_OF_A_RUN})]
def run(name):
    return Run(name, "compare", "", "", "", "", None, 0, 0, 0)
print("ready", flush=True)
"""


@contextmanager
def another_process(script: str, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    """A process that has said `ready`; it is killed at the end."""
    command = [sys.executable, "-c", PRELUDE + script, *map(str, arguments)]
    # an interrupt within coverage's own lock leaves it locked for ever
    unmeasured = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdout=pipe, stdin=pipe, text=True, env=unmeasured)
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


HOLD = """
connection = duckdb.connect(path)
print("locked", flush=True)
sys.stdin.readline()
connection.close()
print("released", flush=True)
sys.stdin.readline()
"""


@contextmanager
def locked(store: Path) -> Iterator[tuple[int, Callable[[], None]]]:
    """The id of a process that has the store open for writing, and how to make it close the store."""
    with another_process(HOLD, store) as process:
        assert process.stdin
        assert process.stdout
        assert process.stdout.readline() == "locked\n"

        def release() -> None:
            assert process.stdin
            process.stdin.write("\n")
            process.stdin.flush()

        yield process.pid, release


def asked(store: Path, sql: str) -> list[Any]:
    with duckdb.connect(str(store), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_a_run_and_its_results_of_several_classes_are_kept(store: Path, make_run: Any, make_matches: Any) -> None:
    matches: list[Match] = make_matches(3)
    kept = append(store, make_run("a"), [matches[0], Confusion("x", "y", 2, 0.5), *matches[1:]])
    assert kept == 4
    assert asked(store, "SELECT * FROM matches")[2] == (
        "a",
        "a.csv",
        "3",
        1.0,
        None,
        2,
        7,
        1,
        "s1",
        "walking",
        0.25,
        0.8,
        True,
    )
    assert asked(store, "SELECT * FROM confusions") == [("a", "x", "y", 2, 0.5)]
    assert asked(store, "SELECT run_id FROM runs") == [("a",)]


def test_a_run_without_results_is_kept(store: Path, make_run: Any) -> None:
    assert append(store, make_run("a"), []) == 0
    assert asked(store, "SELECT run_id FROM runs") == [("a",)]


def test_rows_keep_their_order(store: Path, make_run: Any, make_matches: Any) -> None:
    append(store, make_run("a"), make_matches(5000))
    append(store, make_run("b"), make_matches(10))
    assert [row[0] for row in asked(store, "SELECT start_frame FROM matches")] == [*range(5000), *range(10)]


def test_results_that_do_not_fit_leave_nothing_behind(store: Path, make_run: Any, make_matches: Any) -> None:
    from dataclasses import replace

    append(store, make_run("a"), make_matches(1))
    with pytest.raises(StoreError, match="rank holds a whole number"):
        append(store, make_run("b"), [*make_matches(1), replace(make_matches(1)[0], rank=2**64)])
    assert asked(store, "SELECT run_id FROM runs") == [("a",)]
    assert asked(store, "SELECT run_id FROM matches") == [("a",)]


def test_the_file_is_closed_after_each_append(store: Path, make_run: Any, make_matches: Any) -> None:
    append(store, make_run("a"), make_matches(10))
    assert [path.name for path in store.parent.iterdir()] == [store.name]
    script = "print(duckdb.connect(path, read_only=True).execute('SELECT count(*) FROM matches').fetchall())"
    with another_process(script, store) as process:
        assert process.stdout
        assert process.stdout.readline() == "[(10,)]\n"


def test_a_locked_store_is_waited_for(store: Path, make_run: Any, make_matches: Any) -> None:
    append(store, make_run("a"), [])
    with locked(store) as (_, release):
        import threading

        threading.Timer(0.2, release).start()
        append(store, make_run("b"), make_matches(1))
    assert asked(store, "SELECT run_id FROM runs") == [("a",), ("b",)]


def test_a_store_that_stays_locked_is_an_error_that_names_the_holder(store: Path, make_run: Any) -> None:
    append(store, make_run("a"), [])
    with locked(store) as (pid, _):
        begun = time.monotonic()
        with pytest.raises(StoreError, match=f"is locked by process {pid} \\(python") as caught:
            append(store, make_run("b"), [], patience_s=0.3)
        assert 0.2 < time.monotonic() - begun < 1.9
    assert caught.value.hint == "wait until it has ended, or choose another file with --store"
    assert asked(store, "SELECT run_id FROM runs") == [("a",)]


APPEND_MANY = """
for i in range(int(sys.argv[3])):
    append(path, run(f"{sys.argv[2]}{i}"), matches)
print("done", flush=True)
"""


def test_processes_that_append_at_the_same_time_all_succeed(store: Path) -> None:
    with another_process(APPEND_MANY, store, "a", 8) as first, another_process(APPEND_MANY, store, "b", 8) as second:
        for process in (first, second):
            assert process.stdout
            assert process.stdout.readline() == "done\n"
    runs = [row[0] for row in asked(store, "SELECT run_id FROM runs ORDER BY ALL")]
    assert runs == [*(f"a{i}" for i in range(8)), *(f"b{i}" for i in range(8))]
    assert asked(store, "SELECT DISTINCT count(*) FROM matches GROUP BY run_id") == [(MATCHES_OF_A_RUN,)]


APPEND_FOREVER = """
i = 0
while True:
    append(path, run(f"{i}"), matches)
    print(i, flush=True)
    i += 1
"""


@pytest.mark.parametrize(("after", "within_s"), [(0, 0.02), (0, 0.05), (0, 0.1), (1, 0.08), (2, 0.08), (5, 0.08)])
def test_whenever_it_is_killed_a_run_is_in_the_store_as_a_whole_or_not_at_all(
    store: Path, after: int, within_s: float
) -> None:
    with another_process(APPEND_FOREVER, store) as process:
        assert process.stdout
        said = [process.stdout.readline().strip() for _ in range(after)]
        time.sleep(within_s * random.random())
        process.send_signal(signal.SIGKILL)
        said += process.communicate()[0].split()
    if not store.exists():
        assert not said
        return
    runs = [row[0] for row in asked(store, "SELECT run_id FROM runs")]
    assert runs[: len(said)] == said
    assert len(runs) - len(said) in (0, 1)
    counts = dict(asked(store, "SELECT run_id, count(*) FROM matches GROUP BY run_id"))
    assert counts == dict.fromkeys(runs, MATCHES_OF_A_RUN)


INTERRUPTED = """
import os, signal, threading
many = matches * 400
append(path, run("before"), matches)
interrupt = threading.Timer(float(sys.argv[2]), os.kill, (os.getpid(), signal.SIGINT))
interrupt.start()
try:
    append(path, run("many"), many)
    time.sleep(2)
except KeyboardInterrupt:
    pass
append(path, run("after"), matches)
print("done", flush=True)
"""


@pytest.mark.parametrize("after_s", [0.3, 0.6])
def test_an_interrupted_append_is_whole_or_not_there_and_leaves_the_store_usable(store: Path, after_s: float) -> None:
    with another_process(INTERRUPTED, store, after_s) as process:
        assert process.stdout
        assert process.stdout.readline() == "done\n"
    counts = dict(asked(store, "SELECT run_id, count(*) FROM matches GROUP BY run_id"))
    # an interrupt may also come when all is kept
    assert counts.pop("many", 400 * MATCHES_OF_A_RUN) == 400 * MATCHES_OF_A_RUN
    assert counts == {"before": MATCHES_OF_A_RUN, "after": MATCHES_OF_A_RUN}


def test_a_long_run_is_there_from_the_start_and_its_counts_in_the_end(
    store: Path, make_run: Any, make_matches: Any
) -> None:
    with Store(store, make_run("a")) as sink:
        assert asked(store, "SELECT run_id, frames FROM runs") == [("a", 0)]
        sink.write(make_matches(3))
        sink.count(frames=100, lost=2, bad=1)
        assert asked(store, "SELECT count(*) FROM runs") == [(1,)]
    assert sink.kept == 3
    assert asked(store, "SELECT run_id, frames, lost, bad FROM runs") == [("a", 100, 2, 1)]
    assert asked(store, "SELECT count(*) FROM matches") == [(3,)]


def test_a_long_run_is_flushed_when_many_rows_wait(store: Path, make_run: Any, make_matches: Any) -> None:
    with Store(store, make_run("a"), rows=10, seconds=3600) as sink:
        sink.write(make_matches(9))
        assert sink.kept == 0
        sink.write(make_matches(1))
        assert sink.kept == 10
        assert asked(store, "SELECT count(*) FROM matches") == [(10,)]


def test_a_long_run_is_flushed_when_rows_have_waited_for_long(
    store: Path, make_run: Any, make_matches: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_s = [100.0]
    monkeypatch.setattr(writing, "time", SimpleNamespace(monotonic=lambda: now_s[0]))
    with Store(store, make_run("a"), seconds=2.0) as sink:
        sink.write(make_matches(1))
        now_s[0] += 1.9
        sink.write(make_matches(1))
        assert sink.kept == 0
        now_s[0] += 0.2
        sink.write(())
        assert asked(store, "SELECT count(*) FROM matches") == [(2,)]


def test_what_waits_is_kept_when_the_run_fails(store: Path, make_run: Any, make_matches: Any) -> None:
    def interrupted() -> None:
        with Store(store, make_run("a")) as sink:
            sink.write(make_matches(2))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert asked(store, "SELECT count(*) FROM matches") == [(2,)]


def test_a_store_that_cannot_be_written_is_found_out_before_the_run_begins(tmp_path: Path, make_run: Any) -> None:
    with pytest.raises(StoreError, match="is a folder"), Store(tmp_path, make_run("a")):
        pytest.fail("the run began")


def test_a_long_run_goes_on_while_somebody_else_has_the_store(store: Path, make_run: Any, make_matches: Any) -> None:
    with Store(store, make_run("a"), rows=10, seconds=0.01) as sink:
        with locked(store) as (_, release):
            begun = time.monotonic()
            for _ in range(5):
                sink.write(make_matches(10))
            assert time.monotonic() - begun < 2.0
            assert sink.kept == 0
            release()
        sink.write(make_matches(1))
        sink.flush()
        assert sink.kept == 51
    assert asked(store, "SELECT count(*) FROM matches") == [(51,)]


def test_only_so_many_rows_wait_for_a_locked_store(store: Path, make_run: Any, make_matches: Any) -> None:
    with Store(store, make_run("a"), rows=10, seconds=0.0) as sink:
        with locked(store):
            sink.write(make_matches(100))
            assert sink.kept == 0
            with pytest.raises(StoreError, match="is locked by process"):
                sink.write(make_matches(1))
        sink.flush()
        assert sink.kept == 101
