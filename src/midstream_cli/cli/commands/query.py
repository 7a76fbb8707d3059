"""`midstream query`: what the store holds."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from midstream_cli.cli import console, output, pictures
from midstream_cli.cli import options as o
from midstream_cli.cli.runs import NO_STORE
from midstream_cli.errors import ExitCode, UsageError

EXAMPLES = (
    "midstream query",
    "midstream query 'SELECT label, count(*) AS windows FROM matches WHERE above_threshold GROUP BY label'",
    "midstream query --output-format csv 'SELECT * FROM matches JOIN runs USING (run_id)' > matches.csv",
)


def command(
    sql: Annotated[
        str | None,
        typer.Argument(metavar="[SQL]", help="One statement; - reads it from standard input.", show_default=False),
    ] = None,
    store: o.Store = o.DEFAULT_STORE,
    output_format: o.Output = None,
    json: o.Json = False,
    quiet: o.Quiet = False,
) -> int:
    """Ask the store in SQL; without SQL, show its tables."""
    from midstream_cli.store import reading

    console.quiet = quiet
    if store == NO_STORE:
        raise UsageError("no store to ask", "name one with --store FILE")
    form = output.chosen(output_format, json)
    with ended_by_ctrl_c():
        if sql is None:
            show_tables(reading.tables(store), form)
        else:
            show(reading.select(store, sys.stdin.read() if sql == "-" else sql), form)
    return ExitCode.OK


@contextmanager
def ended_by_ctrl_c() -> Iterator[None]:
    """Let Ctrl-C end the process at once: DuckDB may take minutes to notice, and what only reads needs no tidying up."""
    before = signal.getsignal(signal.SIGINT)
    if before is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def show_tables(tables: list[dict[str, Any]], form: output.OutputFormat) -> None:
    """The tables; on a terminal, with all their columns under them."""
    if form is not output.OutputFormat.TABLE:
        output.write(tables, form)
        return
    output.text("\n\n".join(map(facts, tables)) or "no results have been kept yet")


def facts(table: dict[str, Any]) -> str:
    """A table with its rows, its meaning and its columns."""
    from textwrap import fill

    rows, indent = table["rows"], "  "
    title = f"{table['table']}: {rows:,} {'row' if rows == 1 else 'rows'}. {table['holds'] or ''}"
    columns = ", ".join(table["columns"])
    return title.rstrip() + "\n" + fill(columns, pictures.width(), initial_indent=indent, subsequent_indent=indent)


def show(pieces: Iterator[list[dict[str, Any]]], form: output.OutputFormat) -> None:
    """Rows as they come, as JSON lines or CSV; a table and a JSON array are written when all are there."""
    if form is output.OutputFormat.JSONL:
        for piece in pieces:
            output.write(piece, form)
    elif form is output.OutputFormat.CSV:
        for number, piece in enumerate(pieces):
            output.write_csv(output.rows(piece), header=number == 0)
    else:
        output.write([row for piece in pieces for row in piece], form)
