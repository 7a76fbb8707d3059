"""Every example of a help page, and every command line of the documentation, does what it says."""

import contextlib
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import DATA
from midstream_cli.cli import console
from midstream_cli.cli.app import tree
from midstream_cli.cli.main import main

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
TUTORIAL = ROOT / "docs" / "tutorial.md"
"""It begins in an empty folder."""

ELSEWHERE = re.compile(r"serial://|udp://|https?://|\bpip\b")
"""What needs a board, a network, or a package index."""

CALL = re.compile(r"(?:\S*/)?midstream\s|.*\| midstream\s")
PULSE = re.compile(r"\b(vacio|mov)_\d+\.csv")
"""Recordings that stand elsewhere, and are here only sometimes."""

SHELL = re.compile(r"[|<>;$]")

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def examples_of(command: Any) -> list[str]:
    """The examples at the end of a command's help and of its subcommands' helps."""
    own = re.findall(r"^ +\$ (.*)$", command.epilog or "", re.MULTILINE)
    return own + [line for sub in getattr(command, "commands", {}).values() for line in examples_of(sub)]


def blocks(page: Path, language: str) -> list[str]:
    """The code blocks of a page that are of one language."""
    return [text for name, text in BLOCK.findall(page.read_text(encoding="utf-8")) if name == language]


def command_lines(block: str) -> Iterator[str]:
    """The command lines of a block of shell that call midstream, without comments."""
    for line in block.splitlines():
        for part in re.sub(r"\s+#.*", "", line).split(" && "):
            if CALL.match(part):
                yield re.sub(r"^\S*/midstream\s", "midstream ", part)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as the project's own, in which something has been compared."""
    folder = tmp_path_factory.mktemp("prepared")
    for name in ("recordings", "signatures"):
        shutil.copytree(ROOT / name, folder / name)
    run("midstream compare demo://day --signatures signatures --quiet", folder)
    run("midstream compare recordings/walking_slow recordings/idle_room --quiet", folder)
    return folder


@pytest.fixture
def folder(prepared: Path, tmp_path: Path) -> Path:
    """A copy of it, to be worked in."""
    return shutil.copytree(prepared, tmp_path / "project")


def run(line: str, folder: Path) -> tuple[int, str]:
    """Run a command line as a user would; return its exit code and what it wrote to standard output."""
    if SHELL.search(line):
        environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        shell = ["bash", "-o", "pipefail", "-c", line]
        done = subprocess.run(
            shell, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout or done.stderr
    written = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with contextlib.chdir(folder), contextlib.redirect_stdout(written), pytest.raises(SystemExit) as left:
        main(shlex.split(line)[1:])
    console.quiet = False
    assert isinstance(left.value.code, int)
    written.seek(0)
    return left.value.code, written.read()


def may_end_with(line: str) -> set[int]:
    """The exit codes of a command line that is right: 1 too, where its help says that this is an answer."""
    words = shlex.split(line.rpartition("midstream ")[2])
    command = tree()
    for word in words:
        command = getattr(command, "commands", {}).get(word, command)
    text = command.help + "".join(each.help or "" for each in command.params if {*each.opts} & {*words})
    return {0, 1} if re.search(r"Exit (code|with) 1", text) else {0}


def check(lines: list[str], folder: Path) -> None:
    """Run command lines one after the other, those that can be run here."""
    for line in lines:
        if ELSEWHERE.search(line) or (PULSE.search(line) and not DATA.is_dir()):
            continue
        code, said = run(line, folder)
        assert code in may_end_with(line), f"{line}\n{said}"


@pytest.mark.parametrize("name", sorted(tree().commands))
def test_the_examples_of_a_command_work(name: str, folder: Path) -> None:
    lines = examples_of(tree().commands[name])
    assert lines
    assert all(f"midstream {name}" in line for line in lines)
    check(lines, folder)


def test_the_examples_of_the_introduction_work(folder: Path) -> None:
    lines = re.findall(r"^ +\$ (.*)$", tree().epilog, re.MULTILINE)
    assert len(lines) >= 2
    check(lines, folder)


@pytest.mark.parametrize("page", [page for page in PAGES if page != TUTORIAL], ids=lambda page: page.name)
def test_the_command_lines_of_a_page_work_one_after_the_other(page: Path, folder: Path) -> None:
    for recording in (DATA / "csi" / "pulse").glob("*.csv"):
        (folder / recording.name).symlink_to(recording)
    check([line for block in blocks(page, "sh") for line in command_lines(block)], folder)


def test_the_tutorial_needs_nothing_but_midstream(tmp_path: Path) -> None:
    lines = [line for block in blocks(TUTORIAL, "sh") for line in command_lines(block)]
    assert sum("demo://" in line for line in lines) >= 6
    check(lines, tmp_path)
    rows = run("midstream query --json 'SELECT truth, recall FROM confusions WHERE truth = predicted'", tmp_path)[1]
    found = {row["truth"]: row["recall"] for row in map(json.loads, rows.splitlines())}
    assert found.keys() == {"quiet", "walking"}
    assert min(found.values()) > 0.9


def test_the_readme_shows_what_is_really_printed(folder: Path, data: Path) -> None:
    for recording in (data / "csi" / "pulse").glob("*.csv"):
        (folder / recording.name).symlink_to(recording)
    text = PAGES[0].read_text(encoding="utf-8")
    shown = re.findall(r"^```sh\n(.*?)^```\s+```text\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert shown
    for block, printed in shown:
        *before, last = command_lines(block)
        check(before, folder)
        assert run(f"{last} --output-format table --quiet", folder) == (0, printed)


def test_the_statements_of_the_documentation_work(folder: Path) -> None:
    import duckdb

    statements = [block for page in PAGES for block in blocks(page, "sql")]
    assert statements
    with contextlib.chdir(folder):
        for statement in statements:
            assert duckdb.execute(statement).fetchall()
