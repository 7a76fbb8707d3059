"""The one owner of stdout: results as a table, JSON, JSON lines or CSV, and nothing else."""

import json
import math
import sys
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from midstream_cli.cli import console


class OutputFormat(StrEnum):
    """How results are written."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"


_JSON = json.JSONEncoder(ensure_ascii=False)


def chosen(output_format: OutputFormat | None, as_json: bool) -> OutputFormat:
    """What was asked for; else a table on a terminal, JSON lines in a pipe."""
    if as_json:
        return OutputFormat.JSONL
    return output_format or (OutputFormat.TABLE if sys.stdout.isatty() else OutputFormat.JSONL)


def rows(results: Sequence[Any]) -> list[dict[str, Any]]:
    """Results as plain objects; what is not a number becomes null."""
    return [_plain(result) for result in results]


def write(results: Sequence[Any], output_format: OutputFormat) -> None:
    """Write results to stdout."""
    _make_room()
    objects = rows(results)
    if output_format is OutputFormat.JSONL:
        for item in objects:
            line(item)
        flush()
    elif output_format is OutputFormat.JSON:
        print(json.dumps(objects, ensure_ascii=False, indent=2))
    elif output_format is OutputFormat.CSV:
        write_csv(objects)
    else:
        write_table(objects)


def line(item: dict[str, Any]) -> None:
    """One JSON object on a line of its own."""
    sys.stdout.write(_JSON.encode(item) + "\n")


def flush() -> None:
    """Let whoever reads have what was written: Python keeps lines for a pipe back until there are many."""
    sys.stdout.flush()


def text(block: str) -> None:
    """A picture or a page of text."""
    _make_room()
    print(block)


def _make_room() -> None:
    """Take a progress bar off the terminal that is written to."""
    if sys.stdout.isatty():
        console.clear()


def write_table(objects: Sequence[dict[str, Any]]) -> None:
    """A table, its widest columns cut until it fits the terminal; a list of facts each where it cannot fit."""
    if not objects:
        return
    _make_room()
    cells = [[_cell(item.get(name)) for name in objects[0]] for item in objects]
    names = list(objects[0])
    widths = [max(len(line[i]) for line in [names, *cells]) for i in range(len(names))]
    room = _terminal_width() - 2 * (len(names) - 1)
    if sum(min(width, NARROWEST) for width in widths) > room:
        for item in objects:
            write_facts(item)
            print()
        return
    while sum(widths) > room:
        widths[widths.index(max(widths))] -= 1
    right = [isinstance(v, int | float) and not isinstance(v, bool) for v in objects[0].values()]
    for line in [names, *cells]:
        padded = (_fit(cell, width, left) for cell, width, left in zip(line, widths, right, strict=True))
        print("  ".join(padded).rstrip())


NARROWEST = 8
"""A column cut to less says nothing any more."""


def _terminal_width() -> int:
    import shutil

    return shutil.get_terminal_size().columns if sys.stdout.isatty() else sys.maxsize


def _fit(cell: str, width: int, right: bool) -> str:
    cut = cell if len(cell) <= width else cell[: width - 1] + "…"
    return cut.rjust(width) if right else cut.ljust(width)


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, dict):
        return ", ".join(f"{key} {count}" for key, count in value.items()) or "-"
    if isinstance(value, list):
        shown = ", ".join(str(item) for item in value[:6])
        return f"{shown}, … ({len(value)})" if len(value) > 6 else shown or "-"
    return str(value)


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, str | int | None):
        return value
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if is_dataclass(value):
        kind: type = type(value)
        return {name: _plain(getattr(value, name)) for name in _names(kind)}
    return value


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def write_csv(objects: Sequence[dict[str, Any]], *, header: bool = True) -> None:
    """Objects as lines of CSV, lists and maps in them as JSON."""
    import csv

    writer = csv.writer(sys.stdout, lineterminator="\n")
    if objects and header:
        writer.writerow(objects[0])
    for item in objects:
        writer.writerow(json.dumps(v, ensure_ascii=False) if isinstance(v, dict | list) else v for v in item.values())


def write_facts(item: dict[str, Any]) -> None:
    """One object as a list of names and values."""
    _make_room()
    longest = max(map(len, item), default=0)
    for name, value in item.items():
        print(f"{name:<{longest}}  {_cell(value)}")
