"""What a command line imports before it does its work: what it does not need, it does not wait for."""

import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from midstream_cli.cli.app import tree

ROOT = Path(__file__).resolve().parents[1]

PARSER = {"typer", "click", "annotated_doc", "typing_extensions", "shellingham"}
"""What typer is made of, in the versions that are allowed."""

WHERE_INSTALLED = {"cloudpickle"}
"""pyarrow imports it with itself."""
SLOW = {"asyncio", "importlib.metadata", "multiprocessing", "unittest", "sqlite3", "http", "urllib.request"}
"""Of the standard library: 10 to 45 ms each."""

NUMPY = {"numpy", "cython_runtime"}
"""numpy.random brings the second."""


def command_lines(command: Any, *path: str) -> Iterator[tuple[str, ...]]:
    """Every command and subcommand there is, by the words that call it."""
    yield path
    for name, sub in getattr(command, "commands", {}).items():
        yield from command_lines(sub, *path, name)


LOOK = """
import atexit, sys
atexit.register(lambda: print("modules:", *sorted(sys.modules), file=sys.stderr))
"""


@cache
def imported(program: str, *arguments: str) -> frozenset[str]:
    """The modules that a program has imported by its end."""
    run = [sys.executable, "-c", LOOK + program, *arguments]
    done = subprocess.run(run, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    return frozenset(done.stderr.rpartition("modules:")[2].split())


def of_midstream(*arguments: str) -> frozenset[str]:
    """The modules that a command line imports, beyond those that every Python program here does."""
    return imported("from midstream_cli.cli.main import main; main()", *arguments) - imported("")


def third_party(modules: frozenset[str]) -> set[str]:
    """The packages among modules that neither come with Python nor are our own."""
    roots = {module.partition(".")[0] for module in modules}
    return {root for root in roots if not root.startswith("_")} - sys.stdlib_module_names - {"midstream_cli"}


@pytest.mark.parametrize("flag", ["--version", "-V"])
def test_the_version_is_told_before_anything_is_imported(flag: str) -> None:
    modules = of_midstream(flag)
    assert third_party(modules) == set()
    assert {module for module in modules if module.startswith("midstream_cli.")} <= {
        "midstream_cli.cli",
        "midstream_cli.cli.main",
        "midstream_cli.errors",
    }


@pytest.mark.parametrize("path", list(command_lines(tree())), ids=" ".join)
def test_help_needs_the_option_parser_only(path: tuple[str, ...]) -> None:
    modules = of_midstream(*path, "--help")
    assert "typer" in modules
    assert third_party(modules) <= PARSER
    assert not modules & SLOW


@pytest.mark.parametrize("topic", ["exit-codes", "environment", "configuration", "compare"])
def test_topics_that_are_about_the_command_line_need_the_option_parser_only(topic: str) -> None:
    assert third_party(of_midstream("help", topic)) <= PARSER


@pytest.mark.parametrize(
    ("line", "needs"),
    [
        ("compare signatures/walking_slow.sig.json signatures/idle_room.sig.json --store none", NUMPY),
        ("compare demo://walking?duration=5 --signatures signatures --store none", NUMPY),
        ("info demo://walking?duration=5", NUMPY),
        ("info demo://chat?tokens=20", NUMPY),
        ("signatures list signatures", NUMPY),
        ("signatures check signatures", NUMPY),
        ("info recordings/idle_room", NUMPY | {"pyarrow"}),
        ("query SELECT(1) --store {store}", {"duckdb"}),
    ],
)
def test_work_imports_what_it_needs_and_no_more(line: str, needs: set[str], tmp_path: Path) -> None:
    if "{store}" in line:
        import duckdb

        duckdb.connect(str(tmp_path / "results.duckdb")).close()
    modules = of_midstream(*line.format(store=tmp_path / "results.duckdb").split())
    assert third_party(modules) <= PARSER | needs | WHERE_INSTALLED
    assert needs - {"cython_runtime"} <= modules


def test_a_table_of_numbers_is_read_with_numpy_alone(tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text("time_s,x\n" + "".join(f"{i / 10},{i}\n" for i in range(50)))
    assert third_party(of_midstream("info", str(table))) <= PARSER | NUMPY
