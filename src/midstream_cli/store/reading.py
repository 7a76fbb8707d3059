"""Answers to SQL, in pieces, as plain values that JSON and CSV can hold."""

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from difflib import get_close_matches
from operator import methodcaller
from pathlib import Path
from typing import Any

from midstream_cli.errors import StoreError, UsageError
from midstream_cli.results import RESULTS
from midstream_cli.store import database

BATCH = 10_000
"""Rows in memory at a time. Answers shorter than this are read before any of it is given out, and the store closed."""

Row = dict[str, Any]


def select(path: str | Path, sql: str) -> Iterator[list[Row]]:
    """The rows that a query finds, in pieces; the last piece is shorter than `BATCH`, and comes after the store is closed.

    Raises:
        UsageError: not exactly one statement.
        StoreError: no such store, no such table or column, not SQL, or not a query that only reads.
    """
    import duckdb

    with database.reading(Path(path)) as connection:
        try:
            names = _execute(connection, sql)
            while len(rows := connection.fetchmany(BATCH)) == BATCH:
                yield [_row(names, row) for row in rows]
        except (duckdb.Error, RuntimeError) as error:
            if database.is_interrupt(error):
                raise KeyboardInterrupt from None
            if isinstance(error, RuntimeError):
                raise
            raise StoreError(*_explained(connection, str(error))) from None
    yield [_row(names, row) for row in rows]


def tables(path: str | Path) -> list[Row]:
    """What the store holds: each table with its rows, its meaning and the names of its columns.

    Raises:
        StoreError: no such store.
    """
    with database.reading(Path(path)) as connection:
        columns = _columns(connection)
        found = []
        for table, meaning in connection.execute(
            "SELECT table_name, comment FROM duckdb_tables() WHERE schema_name = 'main' "
            "AND database_name = current_database() AND table_name <> 'midstream' ORDER BY table_name"
        ).fetchall():
            ((rows,),) = connection.execute("SELECT count(*) FROM query_table(?)", [table]).fetchall()
            found.append({"table": table, "rows": rows, "holds": meaning, "columns": columns[table]})
    return found


def _columns(connection: Any) -> dict[str, list[str]]:
    """The names of the columns of each table and view."""
    found: dict[str, list[str]] = {}
    for table, column in connection.execute(
        "SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal AND schema_name = 'main' "
        "AND database_name = current_database() AND table_name <> 'midstream' ORDER BY table_name, column_index"
    ).fetchall():
        found.setdefault(table, []).append(column)
    return found


def _execute(connection: Any, sql: str) -> list[str]:
    """Begin to run the one statement in `sql`; return the names of its columns."""
    statements = len(connection.extract_statements(sql))
    if statements != 1:
        raise UsageError(f"{statements} SQL statements instead of one", "give one statement, for example: FROM runs")
    connection.execute(sql)
    names = [str(column[0]) for column in connection.description]
    types = [str(column[1]) for column in connection.description]
    if any(_ZONED in kind for kind in types):
        # DuckDB needs pytz to hand these out, and text is what we want of them
        given = ", ".join(f"c{i}" for i in range(len(types)))
        casts = ", ".join(f"CAST(c{i} AS {kind.replace(_ZONED, 'VARCHAR')})" for i, kind in enumerate(types))
        connection.execute(f"CREATE TEMP VIEW answer({given}) AS {sql}")
        connection.execute(f"SELECT {casts} FROM temp.answer")  # noqa: S608 - the types are DuckDB's own
    return _unique(names)


_ZONED = "TIMESTAMP WITH TIME ZONE"


def _unique(names: Sequence[str]) -> list[str]:
    """The names, those met before with a number behind: no column hides another."""
    taken: list[str] = []
    for name in names:
        fresh, n = name, 1
        while fresh in taken:
            n += 1
            fresh = f"{name}_{n}"
        taken.append(fresh)
    return taken


def _row(names: Sequence[str], values: Sequence[Any]) -> Row:
    return {name: plain(value) for name, value in zip(names, values, strict=True)}


def plain(value: Any) -> Any:
    """A value of DuckDB's as JSON can hold it.

    Times become ISO 8601, intervals seconds, decimals floats, bytes hexadecimal digits, and keys of maps text.
    """
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    for types, written in _WRITTEN:
        if isinstance(value, types):
            return written(value)
    return value if value is None or isinstance(value, str | int | float) else str(value)


_WRITTEN: tuple[tuple[Any, Any], ...] = (
    ((datetime, date, time), methodcaller("isoformat")),
    (timedelta, timedelta.total_seconds),
    (Decimal, float),
    (bytes, bytes.hex),
)


def _explained(connection: Any, message: str) -> tuple[str, str]:
    """What is wrong with a query, where, and what may have been meant."""
    text = re.sub(r"\n(?:Did you mean|Candidate bindings:).*|\n(?=\n)", "", database.summary(message))
    for sign, hint in _REFUSALS:
        if sign in message:
            return text, hint
    known = _columns(connection)
    if missing := re.search(r"Table with name \"?(.+?)\"? does not exist", message):
        return text, _near_table(missing[1], list(known))
    if missing := re.search(r"column (?:named )?\"(.+?)\"", message):
        names = sorted({name for columns in known.values() for name in columns})
        close = get_close_matches(missing[1], names, n=3)
        return text, f"did you mean {' or '.join(close)}?" if close else _LOOK
    return text, _LOOK


_LOOK = "midstream query, without SQL, shows the tables and their columns"

_REFUSALS = (
    ("read-only mode", "query only reads; to change the store, open it with DuckDB itself"),
    ("disabled by configuration", "query reads nothing but the store; --output-format csv writes rows as a file"),
    ("Loading external extensions", "query reads nothing but the store"),
    ("configuration has been locked", "a query cannot change settings"),
    ("Values were not provided", "write the values into the SQL"),
)


def _near_table(name: str, known: Sequence[str]) -> str:
    close = get_close_matches(name, known, n=1)
    if close:
        return f"did you mean {close[0]}?"
    if name.lower() in {result.TABLE for result in RESULTS}:
        return f"nothing has been kept in {name} yet; there are {', '.join(known) or 'no tables'}"
    return f"there are {', '.join(known)}" if known else "the store is empty"
