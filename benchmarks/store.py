"""How fast results are kept: as columns, beside executemany and one INSERT a row; and what one row costs a command.

Run as `python benchmarks/store.py`. Opening and closing the file is part of every time.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import astuple
from pathlib import Path
from statistics import median

import duckdb

from midstream_cli.results import Match, Run
from midstream_cli.store import schema
from midstream_cli.store.writing import append
from report import Report, main

TARGET = 100_000
"""Rows a second."""


def run(name: str) -> Run:
    """A run of a given id."""
    return Run(name, "compare", "{}", "0", "a.csv", "2026-01-02T03:04:05Z", None, 0, 0, 0)


def matches(n: int) -> list[Match]:
    """Matches as a comparison of one recording with three signatures yields them."""
    return [
        Match(
            "a.csv",
            "3",
            i / 2,
            i / 2 + 2,
            i,
            i + 50,
            i % 3 + 1,
            f"s{i % 3}",
            f"label {i % 3}",
            i / 7,
            i / 9,
            i % 5 == 0,
        )
        for i in range(n)
    ]


Way = Callable[[Path, Sequence[Match]], None]


def as_columns(path: Path, rows: Sequence[Match]) -> None:
    """What midstream does."""
    append(path, run("a"), rows)


def _inserted(path: Path, insert: Callable[[duckdb.DuckDBPyConnection, str], None]) -> None:
    marks = ", ".join("?" * len(schema.columns(Match)))
    with duckdb.connect(str(path)) as connection:
        connection.execute(schema.create(Match))
        connection.execute("BEGIN")
        insert(connection, f"INSERT INTO matches VALUES ({marks})")  # noqa: S608 - question marks only
        connection.execute("COMMIT")


def by_executemany(path: Path, rows: Sequence[Match]) -> None:
    """All rows in one call of executemany, in one transaction."""
    values = [("a", *astuple(row)) for row in rows]

    def insert_all(connection: duckdb.DuckDBPyConnection, insert: str) -> None:
        connection.executemany(insert, values)

    _inserted(path, insert_all)


def row_by_row(path: Path, rows: Sequence[Match]) -> None:
    """One INSERT a row, in one transaction."""

    def insert_each(connection: duckdb.DuckDBPyConnection, insert: str) -> None:
        for row in rows:
            connection.execute(insert, ("a", *astuple(row)))

    _inserted(path, insert_each)


def seconds(way: Way, rows: Sequence[Match], repeats: int) -> float:
    """The median time to keep the rows in a new file."""
    times = []
    for _ in range(repeats):
        with tempfile.TemporaryDirectory() as folder:
            begun = time.perf_counter()
            way(Path(folder) / "store.duckdb", rows)
            times.append(time.perf_counter() - begun)
    return median(times)


ONE_ROW = """
import sys, time
from midstream_cli.results import Match, Run
import numpy
begun = time.perf_counter()
import duckdb
imported = time.perf_counter()
from midstream_cli.store.writing import append
row = Match("a.csv", "3", 0.0, 1.0, 0, 50, 1, "s", "label", 0.1, 0.9, True)
append(sys.argv[1], Run("a", "compare", "{}", "0", "a.csv", "", None, 0, 0, 0), [row])
print(imported - begun, time.perf_counter() - imported)
"""


def one_row(path: Path) -> tuple[float, float]:
    """Seconds to import DuckDB and to keep one row, in a new process that has imported numpy."""
    command = [sys.executable, "-c", ONE_ROW, str(path)]
    said = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - our own script
    imported, kept = map(float, said.stdout.split())
    return imported, kept


def measure(report: Report) -> None:
    """Time every way, then single rows, then the bar."""
    rows: list[dict[str, object]] = []
    for n, ways in (
        (10_000, {as_columns: 7, by_executemany: 1, row_by_row: 1}),
        (100_000, {as_columns: 5}),
        (1_000_000, {as_columns: 3}),
    ):
        results = matches(n)
        for way, repeats in ways.items():
            took = seconds(way, results, repeats)
            rows.append({"rows": n, "way": way.__name__, "seconds": took, "rows/s": n / took})
    report.table("Rows into a new store, its opening and closing included", rows)
    with tempfile.TemporaryDirectory() as folder:
        fresh = [one_row(Path(folder) / f"{i}.duckdb") for i in range(7)]
        again = [one_row(Path(folder) / "0.duckdb") for _ in range(7)]
    single = []
    for title, times in (("a new store", fresh), ("an existing one", again)):
        imported, kept = (1e3 * median(column) for column in zip(*times, strict=True))
        single.append({"into": title, "import of duckdb, ms": imported, "one row, ms": kept})
    report.table("One row, in a process of its own", single)
    slowest = min(float(str(row["rows/s"])) for row in rows if row["way"] == as_columns.__name__)
    report.at_least(TARGET, "slowest as columns", slowest, "rows/s")


if __name__ == "__main__":
    main(measure)
