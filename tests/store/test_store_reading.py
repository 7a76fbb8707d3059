"""The store answers SQL with plain values, and nothing else can be reached through it."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from midstream_cli.errors import StoreError, UsageError
from midstream_cli.results import RESULTS, Confusion, Run
from midstream_cli.store import reading
from midstream_cli.store.reading import select, tables
from midstream_cli.store.writing import append


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory, make_run: Any, make_matches: Any) -> Path:
    """A store with a run, some matches and a confusion."""
    store = tmp_path_factory.mktemp("template") / "midstream.duckdb"
    append(store, make_run("a"), [*make_matches(3), Confusion("x", "y", 2, 0.5)])
    return store


@pytest.fixture
def kept(store: Path, template: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copy(template, store))


def rows(store: Path, sql: str) -> list[Any]:
    return [row for piece in select(store, sql) for row in piece]


def refusal(store: Path, sql: str) -> StoreError:
    with pytest.raises(StoreError) as caught:
        rows(store, sql)
    return caught.value


def test_rows_come_by_the_names_of_their_columns(kept: Path) -> None:
    found = rows(kept, "SELECT run_id, start_s, above_threshold FROM matches JOIN runs USING (run_id) ORDER BY 2")
    assert found == [
        {"run_id": "a", "start_s": 0.0, "above_threshold": True},
        {"run_id": "a", "start_s": 0.5, "above_threshold": False},
        {"run_id": "a", "start_s": 1.0, "above_threshold": True},
    ]


def test_no_column_hides_another_of_the_same_name(kept: Path) -> None:
    assert rows(kept, "SELECT 1 AS a, 2 AS a, 3 AS a_2, 4 AS a") == [{"a": 1, "a_2": 2, "a_2_2": 3, "a_3": 4}]


@pytest.mark.parametrize(
    ("sql", "value"),
    [
        ("NULL", None),
        ("true", True),
        ("12345678901234567890::HUGEINT", 12345678901234567890),
        ("sum(x) FROM range(4) r(x)", 6),
        ("1.25::DECIMAL(9, 2)", 1.25),
        ("'ab\\x00'::BLOB", "616200"),
        ("'101'::BIT", "101"),
        ("'a'::ENUM('a', 'b')", "a"),
        ("DATE '2026-01-02'", "2026-01-02"),
        ("TIME '01:02:03.5'", "01:02:03.500000"),
        ("TIMESTAMP '2026-01-02 03:04:05'", "2026-01-02T03:04:05"),
        ("TIMESTAMPTZ '2026-01-02 03:04:05+00' AT TIME ZONE 'UTC'", "2026-01-02T03:04:05"),
        ("(TIMESTAMPTZ '2026-01-02 03:04:05+00')::VARCHAR = TIMESTAMPTZ '2026-01-02 03:04:05+00'::VARCHAR", True),
        ("INTERVAL '90 minutes'", 5400.0),
        ("'7f3a12bc-9d0e-4000-8000-000000000000'::UUID", "7f3a12bc-9d0e-4000-8000-000000000000"),
        ("[1, NULL, 3]", [1, None, 3]),
        ("[DATE '2026-01-02']", ["2026-01-02"]),
        ("array_value(1.5::FLOAT, 2)", [1.5, 2.0]),
        ("{'a': 1, 'b': [DATE '2026-01-02']}", {"a": 1, "b": ["2026-01-02"]}),
        ("MAP {1: 'x', 2: 'y'}", {"1": "x", "2": "y"}),
    ],
)
def test_every_type_becomes_a_plain_value(kept: Path, sql: str, value: Any) -> None:
    ((found,),) = (row.values() for row in rows(kept, f"SELECT {sql}"))
    assert found == value
    assert type(found) is type(value)


def test_times_with_a_zone_need_no_other_package(kept: Path) -> None:
    sql = """
        SELECT started::TIMESTAMPTZ AS began, [started::TIMESTAMPTZ] AS list, {'at': started::TIMESTAMPTZ} AS item, run_id
        FROM runs ORDER BY run_id; -- newest last
    """
    (row,) = rows(kept, sql)
    assert list(row) == ["began", "list", "item", "run_id"]
    assert row["began"].startswith("2026-01-")
    assert row["list"] == [row["began"]]
    assert row["item"] == {"at": row["began"]}


@settings(max_examples=20, deadline=None)
@given(st.lists(st.sampled_from(["a", "b", "a_2", "b_2", "a_3"]), max_size=8))
def test_made_unique_names_are_unique_and_the_first_of_each_keeps_its_own(names: list[str]) -> None:
    unique = reading._unique(names)
    assert len(set(unique)) == len(names)
    assert all(made.startswith(name) for made, name in zip(unique, names, strict=True))
    if names:
        assert unique[0] == names[0]


def test_a_long_answer_comes_in_pieces_and_in_order(kept: Path) -> None:
    pieces = list(select(kept, "SELECT x FROM range(25000) r(x)"))
    assert [len(piece) for piece in pieces] == [reading.BATCH, reading.BATCH, 5000]
    assert [row["x"] for piece in pieces for row in piece] == list(range(25000))


def test_the_store_is_free_again_before_the_last_piece_is_used(kept: Path, make_run: Any) -> None:
    for piece in select(kept, "FROM runs"):
        append(kept, make_run("b"), [], patience_s=0.0)
        assert len(piece) == 1
    assert len(rows(kept, "FROM runs")) == 2


LONG = """
import resource, sys
from midstream_cli.store.reading import select
pieces = select(sys.argv[1], "SELECT x, repeat('x', 100) || x AS text FROM range(20_000_000) r(x)")
next(pieces)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for _ in range(20):
    next(pieces)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_a_long_answer_is_never_in_memory_as_a_whole(kept: Path) -> None:
    said = subprocess.run([sys.executable, "-c", LONG, str(kept)], capture_output=True, text=True, check=True)
    assert int(said.stdout) < 100_000, "kilobytes; the whole would be two gigabytes"


def test_the_log_of_a_writer_that_was_killed_is_read(kept: Path) -> None:
    script = (
        "import duckdb, os, sys; c = duckdb.connect(sys.argv[1]);"
        "c.execute(\"INSERT INTO confusions VALUES ('a', 'z', 'z', 1, 1)\"); os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", script, str(kept)], check=False)
    assert kept.with_name(kept.name + ".wal").exists()
    assert rows(kept, "SELECT truth FROM confusions ORDER BY 1") == [{"truth": "x"}, {"truth": "z"}]


@pytest.mark.parametrize(
    ("error", "message", "expected"),
    [
        (RuntimeError, "Query interrupted", KeyboardInterrupt),
        (duckdb.InterruptException, "INTERRUPT Error: Interrupted!", KeyboardInterrupt),
        (RuntimeError, "a defect", RuntimeError),
    ],
)
def test_an_interrupt_inside_duckdb_is_ctrl_c_and_a_defect_stays_one(
    kept: Path, monkeypatch: pytest.MonkeyPatch, error: type[Exception], message: str, expected: type[BaseException]
) -> None:
    def fail(*_: Any) -> None:
        raise error(message)

    monkeypatch.setattr(reading, "_execute", fail)
    with pytest.raises(expected):
        rows(kept, "FROM runs")


def test_tables_are_shown_with_rows_meaning_and_columns(kept: Path) -> None:
    found = {table["table"]: table for table in tables(kept)}
    assert {name: table["rows"] for name, table in found.items()} == {"confusions": 1, "matches": 3, "runs": 1}
    assert found["confusions"] == {
        "table": "confusions",
        "rows": 1,
        "holds": "How often windows of one truth were taken for each label.",
        "columns": ["run_id", "truth", "predicted", "windows", "recall"],
    }


def test_views_of_the_user_can_be_asked_and_do_no_harm(kept: Path) -> None:
    with duckdb.connect(str(kept)) as connection:
        connection.execute("CREATE VIEW walking AS SELECT * FROM matches WHERE label = 'walking'")
        connection.execute("CREATE TABLE short_lived (x INT)")
        connection.execute("CREATE VIEW broken AS FROM short_lived")
        connection.execute("DROP TABLE short_lived")
    assert [table["table"] for table in tables(kept)] == ["confusions", "matches", "runs"]
    assert rows(kept, "SELECT count(*) AS n FROM walking") == [{"n": 3}]
    assert refusal(kept, "FROM wlaking").hint == "did you mean walking?"


def test_an_answer_may_be_left_unread(kept: Path, make_run: Any) -> None:
    pieces = select(kept, "FROM range(100000000)")
    next(pieces)
    del pieces
    append(kept, make_run("b"), [])
    assert len(rows(kept, "FROM runs")) == 2


def test_a_store_that_is_not_there_says_how_results_get_there(store: Path) -> None:
    for ask in (lambda: rows(store, "FROM runs"), lambda: tables(store)):
        with pytest.raises(StoreError, match="there is no store at") as caught:
            ask()
        assert "capture-signature" in caught.value.hint
    assert not store.exists()


@pytest.mark.parametrize(
    ("sql", "said", "hint"),
    [
        ("SELECT * FROM machtes", "machtes", "did you mean matches?"),
        ("SELECT * FROM matches m JOIN rnus USING (run_id)", "rnus", "did you mean runs?"),
        ("FROM captures", "captures", "nothing has been kept in captures yet; there are confusions, matches, runs"),
        ("FROM zzz", "zzz", "there are confusions, matches, runs"),
        ("SELECT lable FROM matches", "lable", "did you mean label?"),
        ("SELECT m.truht FROM confusions m", "truht", "did you mean truth?"),
        ("SELECT qqqq FROM matches", "qqqq", "midstream query, without SQL, shows the tables and their columns"),
        ("SELEC 1", "SELEC", "midstream query, without SQL, shows the tables and their columns"),
        ("SELECT * FROM runs WHERE run_id = ?", "parameters", "write the values into the SQL"),
    ],
)
def test_a_mistake_is_shown_with_what_may_have_been_meant(kept: Path, sql: str, said: str, hint: str) -> None:
    error = refusal(kept, sql)
    assert said in str(error)
    assert error.hint == hint
    assert "Did you mean" not in str(error)


def test_a_mistake_is_pointed_at(kept: Path) -> None:
    _, line, caret = str(refusal(kept, "SELECT 1, lable FROM matches")).splitlines()
    assert line == "LINE 1: SELECT 1, lable FROM matches"
    assert caret.index("^") == line.index("lable")


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO runs SELECT * FROM runs",
        "UPDATE runs SET source = ''",
        "DELETE FROM runs",
        "DROP TABLE runs",
        "CREATE TABLE mine (x INT)",
        "ALTER TABLE runs ADD COLUMN x INT",
        "COMMENT ON TABLE runs IS 'x'",
    ],
)
def test_what_would_change_the_store_is_refused(kept: Path, sql: str) -> None:
    before = kept.read_bytes()
    error = refusal(kept, sql)
    assert "read-only mode" in str(error)
    assert error.hint == "query only reads; to change the store, open it with DuckDB itself"
    assert kept.read_bytes() == before


CONTENT = "the content of a file"


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('{folder}/secret.txt')",
        "SELECT * FROM read_csv('{folder}/secret.txt')",
        "SELECT * FROM read_blob('{folder}/*')",
        "SELECT * FROM glob('{folder}/*')",
        "SELECT * FROM '{folder}/secret.csv'",
        "SELECT * FROM '{folder}/other.duckdb'",
        "ATTACH '{folder}/other.duckdb'",
        "COPY runs TO '{folder}/out.csv'",
        "COPY runs FROM '{folder}/secret.csv'",
        "EXPORT DATABASE '{folder}/out'",
        "IMPORT DATABASE '{folder}/out'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET threads = 1",
        "RESET lock_configuration",
        "FROM python_variable",
        "FROM CONTENT",
        "SELECT getenv('HOME')",
    ],
)
def test_nothing_but_the_store_can_be_reached(kept: Path, sql: str) -> None:
    python_variable = {"x": [CONTENT]}
    folder = kept.parent
    (folder / "secret.txt").write_text(CONTENT)
    (folder / "secret.csv").write_text(f"x\n{CONTENT}\n")
    duckdb.connect(str(folder / "other.duckdb")).close()
    before = sorted(folder.iterdir())
    error = refusal(kept, sql.format(folder=folder))
    assert CONTENT not in str(error)
    assert error.hint
    assert sorted(folder.iterdir()) == before
    assert python_variable


@pytest.mark.parametrize("sql", ["", "-- nothing", ";", "SELECT 1; SELECT 2"])
def test_one_statement_is_asked_for(kept: Path, sql: str) -> None:
    with pytest.raises(UsageError, match="SQL statements instead of one"):
        rows(kept, sql)


def test_statements_about_the_store_are_answered(kept: Path) -> None:
    assert {row["column_name"] for row in rows(kept, "DESCRIBE confusions")} >= {"truth", "predicted"}
    assert {"name": "matches"} in rows(kept, "SHOW TABLES")
    assert "confusions" in str(rows(kept, "EXPLAIN FROM confusions")).lower()


def test_every_table_can_be_read_when_it_is_empty_but_for_its_shape(store: Path, make_run: Any) -> None:
    from midstream_cli.store import database, schema

    append(store, make_run("a"), [])
    database.transact(store, lambda connection: schema.prepare(connection, RESULTS))
    for result in (each for each in RESULTS if each is not Run):
        assert rows(store, f"FROM {result.TABLE}") == []
    assert len(tables(store)) == len(RESULTS)
