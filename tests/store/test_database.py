"""A store that cannot be opened or written says why, and what to do."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

from midstream_cli.errors import StoreError
from midstream_cli.store import database
from midstream_cli.store.writing import append


def failure(path: Path, run: Any) -> StoreError:
    with pytest.raises(StoreError) as caught:
        append(path, run, [])
    return caught.value


def test_a_file_that_is_not_a_database_is_left_as_it_is(store: Path, make_run: Any) -> None:
    store.write_text("time,rssi\n" * 1000)
    error = failure(store, make_run("a"))
    assert str(error) == f"{store} is not a DuckDB database"
    assert error.hint == "choose another file with --store"
    assert store.read_text() == "time,rssi\n" * 1000


def test_an_empty_file_is_not_a_database(store: Path, make_run: Any) -> None:
    store.touch()
    assert "is not a DuckDB database" in str(failure(store, make_run("a")))


def test_a_database_of_sqlite_is_not_one_of_duckdb_and_nothing_is_downloaded(store: Path, make_run: Any) -> None:
    import sqlite3

    with sqlite3.connect(store) as connection:
        connection.execute("CREATE TABLE runs (x)")
    connection.close()
    assert "is not a DuckDB database" in str(failure(store, make_run("a")))


def test_a_folder_is_refused_with_a_file_in_it_to_use(tmp_path: Path, make_run: Any) -> None:
    error = failure(tmp_path, make_run("a"))
    assert str(error) == f"{tmp_path} is a folder"
    assert str(tmp_path / "midstream.duckdb") in error.hint


def test_a_store_in_a_folder_that_is_not_there_says_how_to_make_it(tmp_path: Path, make_run: Any) -> None:
    error = failure(tmp_path / "no" / "such.duckdb", make_run("a"))
    assert f"{tmp_path / 'no'} is not a folder" in str(error)
    assert error.hint == f"mkdir -p {tmp_path / 'no'}"


def test_the_log_of_a_deleted_store_says_how_to_be_rid_of_it(store: Path, make_run: Any) -> None:
    append(store, make_run("a"), [])
    script = "import duckdb, os, sys; c = duckdb.connect(sys.argv[1]); c.execute('CREATE TABLE t (x INT)'); os._exit(9)"
    subprocess.run([sys.executable, "-c", script, str(store)], check=False)
    store.unlink()
    log = store.with_name(store.name + ".wal")
    assert log.exists()
    append(store, make_run("b"), [])
    error = failure(store, make_run("c"))
    assert "has the log of another store beside it" in str(error)
    assert f"rm {log}" in error.hint


def test_a_damaged_store_says_so(store: Path, make_run: Any) -> None:
    append(store, make_run("a"), [])
    header = bytearray(store.read_bytes())
    header[20:24] = b"oops"
    store.write_bytes(header)
    assert str(failure(store, make_run("b"))) == f"{store} is damaged"


@pytest.mark.parametrize(
    ("message", "what", "hint"),
    [
        ('IO Error: Cannot open file "x": Permission denied', "may not be read or written", "ask who owns it"),
        ('IO Error: Cannot open file "x": Read-only file system', "is on a read-only file system", "choose another"),
        ('IO Error: Could not write file "x": No space left on device', "is on a full disk", "make room"),
        ('IO Error: Could not write file "x": Disk quota exceeded', "exceeds your quota", "make room"),
        (
            "IO Error: Trying to read a database file with version number 999, but we can only read versions to 67.",
            "was written by a newer DuckDB",
            "pip install --upgrade duckdb",
        ),
        ("INTERNAL Error: no idea\n\nStack Trace:\n/lib/x.so(+0x1)", "no idea", "see whether DuckDB itself opens it"),
    ],
)
def test_what_the_system_says_is_explained(store: Path, message: str, what: str, hint: str) -> None:
    explained = database._explained(store, message)
    assert what in explained[0]
    assert "Stack Trace" not in explained[0]
    assert hint in explained[1]


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (RuntimeError("Query interrupted"), True),
        (duckdb.InterruptException("INTERRUPT Error: Interrupted!"), True),
        (duckdb.InvalidInputException("Required module 'pandas' failed to import: KeyboardInterrupt:"), True),
        (RuntimeError("dictionary changed size during iteration"), False),
        (duckdb.BinderException("Referenced column KeyboardInterrupt not found"), False),
    ],
)
def test_an_interrupt_is_known_in_every_shape_it_takes(error: Exception, expected: bool) -> None:
    assert database.is_interrupt(error) is expected


def fails(error: Exception) -> Any:
    def work(_: Any) -> None:
        raise error

    return work


def test_an_interrupt_inside_duckdb_is_ctrl_c_and_a_defect_stays_one(store: Path, make_run: Any) -> None:
    append(store, make_run("a"), [])
    with pytest.raises(KeyboardInterrupt):
        database.transact(store, fails(RuntimeError("Query interrupted")))
    with pytest.raises(RuntimeError, match="a defect"):
        database.transact(store, fails(RuntimeError("a defect")))


def test_whoever_is_second_to_make_the_store_adds_to_it(store: Path, make_run: Any) -> None:
    calls = []

    def work(connection: Any) -> None:
        calls.append("work")
        if len(calls) == 1:
            append(store, make_run("quicker"), [])
        connection.execute("CREATE TABLE slower (x INT)")

    database.transact(store, work)
    assert len(calls) == 2
    with database.reading(store) as connection:
        tables = connection.execute("SHOW TABLES").fetchall()
        assert connection.execute("SELECT run_id FROM runs").fetchall() == [("quicker",)]
    assert tables == [("midstream",), ("runs",), ("slower",)]


def test_what_cannot_be_opened_cannot_be_read_either(store: Path) -> None:
    store.write_text("time,rssi\n" * 1000)
    with pytest.raises(StoreError, match="is not a DuckDB database"), database.reading(store):
        pytest.fail("it was opened")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_says_so(tmp_path: Path, make_run: Any) -> None:
    tmp_path.chmod(0o500)
    assert "may not be read or written" in str(failure(tmp_path / "midstream.duckdb", make_run("a")))
    tmp_path.chmod(0o700)


FULL_DISK = """
import resource, signal, sys
from midstream_cli.errors import StoreError
from midstream_cli.results import Match, Run
from midstream_cli.store.writing import append

def matches(n):
    return [Match(f"{i * 7919 % 10007}.csv", "3", i / 7, None, i * i, i, 1, str(i), "", i / 3, i / 5, True) for i in range(n)]

def run(name):
    return Run(name, "", "", "", "", "", None, 0, 0, 0)

append(sys.argv[1], run("before"), matches(10))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, resource.RLIM_INFINITY))
for path in sys.argv[1:]:
    try:
        append(path, run("after"), matches(30_000))
    except StoreError as error:
        print(error)
"""


def test_a_full_disk_keeps_what_was_kept_and_nothing_of_what_did_not_fit(
    store: Path, make_run: Any, make_matches: Any
) -> None:
    other = store.with_name("other.duckdb")
    said = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(store), str(other)], capture_output=True, text=True, check=True
    )
    would = "would be larger than files may be; nothing of this was kept"
    assert said.stdout.splitlines() == [f"{store} {would}", f"{other} {would}"]
    connection = duckdb.connect(str(store), read_only=True)
    assert connection.execute("SELECT run_id, count(*) FROM matches GROUP BY ALL").fetchall() == [("before", 10)]
    assert connection.execute("SELECT run_id FROM runs").fetchall() == [("before",)]
    connection.close()
    assert not other.exists()
    append(store, make_run("later"), make_matches(5))
    assert [path.name for path in store.parent.iterdir()] == [store.name]


@pytest.mark.parametrize("name", [":memory:", "md:things", "a b=c.duckdb", "ünï'\".duckdb"])
def test_whatever_its_name_a_store_is_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make_run: Any, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    append(name, make_run("a"), [])
    append(name, make_run("b"), [])
    with database.reading(Path(name)) as connection:
        assert connection.execute("SELECT run_id FROM runs").fetchall() == [("a",), ("b",)]
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_question_mark_in_the_name_is_refused(store: Path, make_run: Any) -> None:
    assert "question mark" in str(failure(store.with_name("a?b=c.duckdb"), make_run("a")))


def test_files_can_be_read_by_the_oldest_duckdb_we_run_with(store: Path, make_run: Any) -> None:
    append(store, make_run("a"), [])
    append(store, make_run("b"), [])
    version = int.from_bytes(store.read_bytes()[12:20], "little")
    assert version <= 67, "DuckDB 1.4 reads database files of the versions 64 to 67"


def test_a_file_system_without_hard_links_will_do(
    store: Path, make_run: Any, make_matches: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    append(store, make_run("a"), make_matches(3))
    with database.reading(store) as connection:
        assert connection.execute("SELECT count(*) FROM matches").fetchall() == [(3,)]
    assert [path.name for path in store.parent.iterdir()] == [store.name]
