"""The tables follow from the result classes, and a store grows with them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar

import duckdb
import pytest

from midstream_cli.errors import StoreError
from midstream_cli.results import RESULTS, Match, Run
from midstream_cli.store import schema
from midstream_cli.store.writing import append

DDL = """\
CREATE TABLE "matches" (
    "run_id" VARCHAR NOT NULL,
    "path" VARCHAR NOT NULL,
    "node" VARCHAR NOT NULL,
    "start_s" DOUBLE,
    "end_s" DOUBLE,
    "start_frame" BIGINT NOT NULL,
    "end_frame" BIGINT NOT NULL,
    "rank" BIGINT NOT NULL,
    "signature_id" VARCHAR NOT NULL,
    "label" VARCHAR NOT NULL,
    "distance" DOUBLE NOT NULL,
    "score" DOUBLE NOT NULL,
    "above_threshold" BOOLEAN NOT NULL
);
CREATE TABLE "occurrences" (
    "run_id" VARCHAR NOT NULL,
    "path" VARCHAR NOT NULL,
    "node" VARCHAR NOT NULL,
    "start_s" DOUBLE,
    "end_s" DOUBLE,
    "start_frame" BIGINT NOT NULL,
    "end_frame" BIGINT NOT NULL,
    "decided_frame" BIGINT NOT NULL,
    "signature_id" VARCHAR NOT NULL,
    "label" VARCHAR NOT NULL,
    "distance" DOUBLE NOT NULL,
    "score" DOUBLE NOT NULL
);
CREATE TABLE "comparisons" (
    "run_id" VARCHAR NOT NULL,
    "a" VARCHAR NOT NULL,
    "b" VARCHAR NOT NULL,
    "feature" VARCHAR NOT NULL,
    "algorithm" VARCHAR NOT NULL,
    "length_a" BIGINT NOT NULL,
    "length_b" BIGINT NOT NULL,
    "distance" DOUBLE NOT NULL,
    "normalised" DOUBLE NOT NULL,
    "alignment" BIGINT[][] NOT NULL,
    "operations" STRUCT("operation" VARCHAR, "a" BIGINT, "b" BIGINT, "text_a" VARCHAR, "text_b" VARCHAR)[] NOT NULL,
    "dtw_window" DOUBLE,
    "units" VARCHAR NOT NULL,
    "transforms" VARCHAR[] NOT NULL,
    "convention" VARCHAR NOT NULL
);
CREATE TABLE "distances" (
    "run_id" VARCHAR NOT NULL,
    "a" VARCHAR NOT NULL,
    "b" VARCHAR NOT NULL,
    "feature" VARCHAR NOT NULL,
    "algorithm" VARCHAR NOT NULL,
    "distance" DOUBLE NOT NULL,
    "normalised" DOUBLE NOT NULL,
    "cluster_a" BIGINT NOT NULL,
    "cluster_b" BIGINT NOT NULL,
    "medoid_a" BOOLEAN NOT NULL,
    "medoid_b" BOOLEAN NOT NULL,
    "convention" VARCHAR NOT NULL
);
CREATE TABLE "places" (
    "run_id" VARCHAR NOT NULL,
    "path" VARCHAR NOT NULL,
    "query" VARCHAR NOT NULL,
    "feature" VARCHAR NOT NULL,
    "rank" BIGINT NOT NULL,
    "start_s" DOUBLE,
    "end_s" DOUBLE,
    "start_frame" BIGINT NOT NULL,
    "end_frame" BIGINT NOT NULL,
    "distance" DOUBLE NOT NULL,
    "normalised" DOUBLE NOT NULL,
    "algorithm" VARCHAR NOT NULL,
    "convention" VARCHAR NOT NULL
);
CREATE TABLE "captures" (
    "run_id" VARCHAR NOT NULL,
    "path" VARCHAR NOT NULL,
    "source" VARCHAR NOT NULL,
    "signature_id" VARCHAR NOT NULL,
    "label" VARCHAR NOT NULL,
    "feature_kind" VARCHAR NOT NULL,
    "length" BIGINT NOT NULL,
    "takes" BIGINT NOT NULL,
    "frames" BIGINT NOT NULL,
    "rate_hz" DOUBLE,
    "lost" BIGINT,
    "longest_gap_s" DOUBLE,
    "energy_over_background_db" DOUBLE,
    "promotion_threshold" DOUBLE NOT NULL,
    "verdict" VARCHAR NOT NULL
);
CREATE TABLE "confusions" (
    "run_id" VARCHAR NOT NULL,
    "truth" VARCHAR NOT NULL,
    "predicted" VARCHAR NOT NULL,
    "windows" BIGINT NOT NULL,
    "recall" DOUBLE NOT NULL
);
CREATE TABLE "snapshots" (
    "run_id" VARCHAR NOT NULL,
    "timestamp_ns" BIGINT NOT NULL,
    "frame_count" BIGINT NOT NULL,
    "regime" VARCHAR NOT NULL,
    "lyapunov_exponent" DOUBLE,
    "attractor_dim" DOUBLE,
    "attractor_confidence" DOUBLE NOT NULL,
    "regime_changed" BOOLEAN NOT NULL,
    "top_k_similarity" STRUCT("signature_id" VARCHAR, "label" VARCHAR, "score" DOUBLE, "above_threshold" BOOLEAN, "margin" DOUBLE, "start_frame" BIGINT, "start_s" DOUBLE)[] NOT NULL,
    "path" VARCHAR NOT NULL,
    "node" VARCHAR NOT NULL,
    "time_s" DOUBLE,
    "rate_hz" DOUBLE,
    "frames_lost" BIGINT,
    "period_s" DOUBLE,
    "change_score" DOUBLE NOT NULL,
    "unknown_motion" DOUBLE,
    "baseline_age_s" DOUBLE,
    "baseline_frozen" BOOLEAN NOT NULL,
    "background" VARCHAR NOT NULL,
    "suppressed" BOOLEAN NOT NULL,
    "loop_tokens" DOUBLE,
    "stalled_s" DOUBLE,
    "drift_score" DOUBLE,
    "drifted" BOOLEAN NOT NULL
);
CREATE TABLE "events" (
    "run_id" VARCHAR NOT NULL,
    "path" VARCHAR NOT NULL,
    "node" VARCHAR NOT NULL,
    "timestamp_ns" BIGINT NOT NULL,
    "time_s" DOUBLE,
    "frame_count" BIGINT NOT NULL,
    "kind" VARCHAR NOT NULL,
    "name" VARCHAR NOT NULL,
    "previous" VARCHAR,
    "signature_id" VARCHAR,
    "score" DOUBLE,
    "margin" DOUBLE,
    "start_s" DOUBLE,
    "seconds" DOUBLE,
    "tokens" DOUBLE
);
CREATE TABLE "calibrations" (
    "run_id" VARCHAR NOT NULL,
    "path" VARCHAR NOT NULL,
    "signature_id" VARCHAR NOT NULL,
    "label" VARCHAR NOT NULL,
    "background" VARCHAR[] NOT NULL,
    "hours" DOUBLE NOT NULL,
    "peaks" BIGINT NOT NULL,
    "highest" DOUBLE,
    "threshold" DOUBLE NOT NULL,
    "false_alarms_per_day" DOUBLE NOT NULL,
    "false_alarms_per_day_high" DOUBLE NOT NULL,
    "measured" BOOLEAN NOT NULL,
    "steady" BOOLEAN NOT NULL
);
CREATE TABLE "attractors" (
    "run_id" VARCHAR NOT NULL,
    "path" VARCHAR NOT NULL,
    "feature" VARCHAR NOT NULL,
    "channel" VARCHAR NOT NULL,
    "start_s" DOUBLE,
    "end_s" DOUBLE,
    "start_frame" BIGINT NOT NULL,
    "samples" BIGINT NOT NULL,
    "rate_hz" DOUBLE,
    "attractor_type" VARCHAR NOT NULL,
    "confidence" DOUBLE NOT NULL,
    "probabilities" MAP(VARCHAR, DOUBLE) NOT NULL,
    "is_stable" BOOLEAN,
    "is_chaotic" BOOLEAN,
    "dimension" DOUBLE,
    "dimension_low" DOUBLE,
    "dimension_high" DOUBLE,
    "lyapunov_exponents" DOUBLE[] NOT NULL,
    "max_lyapunov_exponent" DOUBLE,
    "max_lyapunov_low" DOUBLE,
    "max_lyapunov_high" DOUBLE,
    "lyapunov_exponents_per_second" DOUBLE[],
    "max_lyapunov_per_second" DOUBLE,
    "max_lyapunov_per_second_low" DOUBLE,
    "max_lyapunov_per_second_high" DOUBLE,
    "kaplan_yorke_dimension" DOUBLE,
    "entropy" DOUBLE,
    "entropy_per_second" DOUBLE,
    "period_samples" DOUBLE,
    "cycles_per_minute" DOUBLE,
    "zero_one" DOUBLE,
    "permutation_entropy" DOUBLE,
    "surrogate_p" DOUBLE,
    "recurrence_rate" DOUBLE,
    "determinism" DOUBLE,
    "laminarity" DOUBLE,
    "delay" BIGINT,
    "embedding_dimension" BIGINT,
    "theiler_window" BIGINT,
    "reasons" VARCHAR[] NOT NULL
);
CREATE TABLE "regime_changes" (
    "run_id" VARCHAR NOT NULL,
    "path" VARCHAR NOT NULL,
    "node" VARCHAR NOT NULL,
    "time_s" DOUBLE,
    "frame" BIGINT NOT NULL,
    "feature" VARCHAR NOT NULL,
    "regime" VARCHAR NOT NULL,
    "previous" VARCHAR NOT NULL,
    "confidence" DOUBLE NOT NULL,
    "period_s" DOUBLE,
    "cycles_per_minute" DOUBLE,
    "change_score" DOUBLE NOT NULL
);
CREATE TABLE "runs" (
    "run_id" VARCHAR NOT NULL,
    "command" VARCHAR NOT NULL,
    "arguments" VARCHAR NOT NULL,
    "version" VARCHAR NOT NULL,
    "source" VARCHAR NOT NULL,
    "started" VARCHAR NOT NULL,
    "seed" BIGINT,
    "frames" BIGINT NOT NULL,
    "lost" BIGINT NOT NULL,
    "bad" BIGINT NOT NULL
);
CREATE TABLE "recordings" (
    "run_id" VARCHAR NOT NULL,
    "path" VARCHAR NOT NULL,
    "format" VARCHAR NOT NULL,
    "kind" VARCHAR NOT NULL,
    "clock" VARCHAR NOT NULL,
    "frames" BIGINT NOT NULL,
    "nodes" VARCHAR[] NOT NULL,
    "duration_s" DOUBLE,
    "rate_hz" DOUBLE,
    "gaps" BIGINT NOT NULL,
    "longest_gap_s" DOUBLE,
    "resets" BIGINT NOT NULL,
    "lost" BIGINT,
    "late" BIGINT NOT NULL,
    "bad" BIGINT NOT NULL,
    "faults" MAP(VARCHAR, BIGINT) NOT NULL,
    "skipped" MAP(VARCHAR, BIGINT) NOT NULL,
    "dropped" MAP(VARCHAR, BIGINT) NOT NULL,
    "subcarriers" BIGINT,
    "null_subcarriers" BIGINT[] NOT NULL,
    "layouts" MAP(VARCHAR, BIGINT) NOT NULL,
    "rssi_dbm" DOUBLE,
    "channel" BIGINT,
    "usage" MAP(VARCHAR, BIGINT) NOT NULL
);
"""


@pytest.fixture
def connection() -> Iterator[Any]:
    connection = duckdb.connect()
    yield connection
    connection.close()


def test_the_tables_are_these() -> None:
    assert "\n".join(schema.create(result) + ";" for result in RESULTS) + "\n" == DDL


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        (str, "VARCHAR"),
        (int, "BIGINT"),
        (float, "DOUBLE"),
        (bool, "BOOLEAN"),
        (list[str], "VARCHAR[]"),
        (list[list[int]], "BIGINT[][]"),
        (dict[str, int], "MAP(VARCHAR, BIGINT)"),
        (dict[str, list[float]], "MAP(VARCHAR, DOUBLE[])"),
    ],
)
def test_python_types_have_duckdb_types(connection: Any, annotation: Any, expected: str) -> None:
    assert schema.sql_type(annotation) == expected
    assert connection.execute(f"SELECT typeof(NULL::{expected})").fetchall() == [(expected,)]


@pytest.mark.parametrize("annotation", [bytes, dict[int, int], tuple[int, int], int | str, list[bytes]])
def test_what_no_column_can_hold_is_refused(annotation: Any) -> None:
    with pytest.raises(TypeError, match="a column cannot hold"):
        schema.sql_type(annotation)


def test_the_store_says_what_its_tables_and_columns_mean(connection: Any) -> None:
    schema.prepare(connection, RESULTS)
    for result in RESULTS:
        name = result.TABLE
        table = connection.execute("SELECT comment FROM duckdb_tables() WHERE table_name = ?", [name]).fetchall()
        assert table == [((result.__doc__ or "").splitlines()[0],)]
        columns = connection.execute(
            "SELECT column_name, comment FROM duckdb_columns() WHERE table_name = ? ORDER BY column_index", [name]
        ).fetchall()
        assert columns == [(column.name, column.meaning) for column in schema.columns(result)]


def test_preparing_twice_changes_nothing(connection: Any) -> None:
    schema.prepare(connection, RESULTS)
    before = connection.execute("SELECT * FROM duckdb_columns() WHERE NOT internal").fetchall()
    schema.prepare(connection, RESULTS)
    assert connection.execute("SELECT * FROM duckdb_columns() WHERE NOT internal").fetchall() == before
    assert connection.execute("SELECT count(*) FROM midstream").fetchall() == [(len(RESULTS),)]


@dataclass(frozen=True, slots=True)
class Old:
    """A table as it once was."""

    TABLE: ClassVar[str] = "things"

    b: Annotated[int, "second"]


@dataclass(frozen=True, slots=True)
class New:
    """The same table with more columns, in another order."""

    TABLE: ClassVar[str] = "things"

    a: Annotated[str, "first"]
    b: Annotated[int, "second"]
    c: Annotated[dict[str, int], "it's third"]
    d: Annotated[float | None, "fourth"]


def test_a_store_of_an_older_schema_gains_the_columns_it_lacks(store: Path, make_run: Any) -> None:
    append(store, make_run("old"), [Old(1), Old(2)])
    append(store, make_run("new"), [New("x", 3, {"k": 1}, 0.5)])
    append(store, make_run("old again"), [Old(4)])
    connection = duckdb.connect(str(store))
    assert connection.execute("SELECT run_id, a, b, c, d FROM things ORDER BY b").fetchall() == [
        ("old", None, 1, None, None),
        ("old", None, 2, None, None),
        ("new", "x", 3, {"k": 1}, 0.5),
        ("old again", None, 4, None, None),
    ]
    comments = connection.execute("SELECT comment FROM duckdb_columns() WHERE column_name = 'c'").fetchall()
    assert comments == [("it's third",)]
    connection.close()


def test_a_table_that_a_newer_midstream_made_is_refused_when_it_wants_more_than_we_know(
    store: Path, make_run: Any
) -> None:
    append(store, make_run("new"), [New("x", 3, {}, None)])
    with pytest.raises(StoreError, match="things wants values for a, c") as caught:
        append(store, make_run("old"), [Old(1)])
    assert "pip install --upgrade" in caught.value.hint


def test_a_table_of_a_newer_schema_is_refused(store: Path, make_run: Any, make_matches: Any) -> None:
    append(store, make_run("a"), make_matches(1))
    connection = duckdb.connect(str(store))
    connection.execute("UPDATE midstream SET schema_version = ? WHERE table_name = 'matches'", [schema.VERSION + 1])
    connection.close()
    with pytest.raises(StoreError, match="made by a newer midstream: matches follows version 2") as caught:
        append(store, make_run("b"), make_matches(1))
    assert "pip install --upgrade" in caught.value.hint
    assert str(store) in str(caught.value)


def test_a_table_that_somebody_else_made_is_left_alone(store: Path, make_run: Any, make_matches: Any) -> None:
    connection = duckdb.connect(str(store))
    connection.execute("CREATE TABLE matches (winner VARCHAR)")
    connection.close()
    with pytest.raises(StoreError, match="a table matches that midstream did not make"):
        append(store, make_run("a"), make_matches(1))
    connection = duckdb.connect(str(store))
    assert connection.execute("SHOW TABLES").fetchall() == [("matches",)]
    connection.close()


def test_a_table_that_the_user_dropped_is_made_again(store: Path, make_run: Any, make_matches: Any) -> None:
    append(store, make_run("a"), make_matches(1))
    connection = duckdb.connect(str(store))
    connection.execute("DROP TABLE matches")
    connection.close()
    append(store, make_run("b"), make_matches(2))
    connection = duckdb.connect(str(store))
    assert connection.execute("SELECT run_id, count(*) FROM matches GROUP BY ALL").fetchall() == [("b", 2)]
    connection.close()


def test_only_the_tables_that_are_needed_are_made(connection: Any) -> None:
    schema.prepare(connection, [Run, Match])
    assert connection.execute("SHOW TABLES").fetchall() == [("matches",), ("midstream",), ("runs",)]
