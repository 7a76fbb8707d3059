"""The documentation is what the code says: pages, links, and every name that a page mentions."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from midstream_cli.cli import config, on_match, topics
from midstream_cli.cli.app import tree
from midstream_cli.results import RESULTS
from midstream_cli.streams import features, formats, transports

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *(ROOT / "benchmarks").glob("*.md")])

FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
OUTSIDE = {"--check", "--branch", "--recursive"}
"""Options of other programs."""

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


@cache
def text_of(page: Path) -> str:
    """What stands on a page."""
    return page.read_text(encoding="utf-8")


def make(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Make the pages, or check them."""
    run = [sys.executable, str(ROOT / "scripts" / "docs.py"), *map(str, arguments)]
    return subprocess.run(run, capture_output=True, text=True, check=False)


def anchors(page: Path) -> set[str]:
    """Where a link into a page can lead, as GitHub names headings."""
    headings = re.findall(r"^#+ (.*)$", FENCED.sub("", text_of(page)), re.MULTILINE)
    plain = [re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower() for heading in headings]
    return {re.sub(r"[^\w\- ]", "", heading).strip().replace(" ", "-") for heading in plain}


def commands(command: Any, *path: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command and subcommand, with the words that call it."""
    yield path, command
    for name, sub in getattr(command, "commands", {}).items():
        yield from commands(sub, *path, name)


def options() -> set[str]:
    """The options of all commands."""
    parameters = [each for _, command in commands(tree()) for each in command.params]
    return {option for each in parameters for option in (*each.opts, *each.secondary_opts)} | {"--help"}


def test_the_generated_pages_are_what_the_code_says() -> None:
    checked = make("--check")
    assert (checked.returncode, checked.stderr) == (0, "")


def test_a_page_that_says_something_else_is_told(tmp_path: Path) -> None:
    shutil.copytree(DOCS, tmp_path / "docs")
    (tmp_path / "docs" / "exit-codes.md").write_text("# Exit codes\n\nNever mind.\n")
    (tmp_path / "docs" / "picture.svg").unlink()
    (tmp_path / "docs" / "commands" / "teleport.md").write_text("# midstream teleport\n")
    checked = make("--check", tmp_path / "docs")
    assert checked.returncode == 1
    stale = re.findall(r"^docs/(\S+)", checked.stderr, re.MULTILINE)
    assert stale == ["exit-codes.md", "picture.svg", "commands/teleport.md"]


def test_every_command_has_a_page_and_every_page_a_command() -> None:
    assert {page.stem for page in (DOCS / "commands").glob("*.md")} == {*tree().commands, "README"}
    for path, _ in commands(tree()):
        if path:
            assert f"Usage: midstream {' '.join(path)} " in text_of(DOCS / "commands" / f"{path[0]}.md")


def test_everything_that_is_found_by_its_name_is_on_its_page() -> None:
    for page, names in {
        "formats": formats.names(),
        "features": features.names(),
        "sources": transports.names(),
        "tables": [result.TABLE for result in RESULTS],
        "exit-codes": [name for _, name, _ in topics.exit_code_rows()],
    }.items():
        text = text_of(DOCS / f"{page}.md")
        missing = [name for name in names if not re.search(rf"^(## |\| .*?`?){re.escape(name)}\b", text, re.MULTILINE)]
        assert missing == [], page


def test_every_page_is_reached_from_the_readme() -> None:
    reached, waiting = set[Path](), [ROOT / "README.md"]
    for page in waiting:
        if page not in reached and page.suffix == ".md" and page.exists():
            reached.add(page)
            waiting += [target for target, _ in links(page)]
    assert set(DOCS.rglob("*.md")) - reached == set()


def links(page: Path) -> list[tuple[Path, str]]:
    """The links of a page within the project: the file, and the place in it."""
    found = re.findall(r"\]\(([^)\s]+)\)", FENCED.sub("", text_of(page)))
    inside = [link.partition("#") for link in found if "://" not in link]
    return [((page.parent / path).resolve() if path else page, anchor) for path, _, anchor in inside]


@every_page
def test_every_link_leads_somewhere(page: Path) -> None:
    assert [str(target) for target, _ in links(page) if not target.exists()] == []
    assert [f"{target}#{anchor}" for target, anchor in links(page) if anchor and anchor not in anchors(target)] == []


@every_page
def test_every_option_and_variable_that_is_mentioned_exists(page: Path) -> None:
    mentioned = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text_of(page)))
    assert mentioned - options() - OUTSIDE == set()
    variables = {name for name, _, _ in topics.environment_rows()} | {
        f"MIDSTREAM_{name.upper()}" for name in on_match.FIELDS
    }
    assert set(re.findall(r"\bMIDSTREAM_[A-Z_]+\b", text_of(page))) <= variables


@every_page
def test_every_file_of_the_project_that_is_mentioned_exists(page: Path) -> None:
    prose = re.findall(r"(?<!`)`([\w./-]+\.(?:py|toml|svg))`(?!`)", FENCED.sub("", text_of(page)))
    here = {path.name for folder in ("src", "scripts", "benchmarks", "tests") for path in (ROOT / folder).rglob("*.py")}
    examples = (
        {"tcp.py", "thermometer.py", "entropy.py", "energy.py", "counting.py", "count.py"}
        if page.stem == "adding"
        else set()
    )
    known = here | examples | {"midstream.toml", "pyproject.toml", "config.toml"}
    assert [name for name in prose if name.rpartition("/")[2] not in known] == []


def test_every_message_that_the_tutorial_explains_is_one_that_the_code_says() -> None:
    rows = re.findall(r"^\| ([^|]*`[^|]*) \|", text_of(DOCS / "tutorial.md"), re.MULTILINE)
    messages = [message for row in rows for message in re.findall("`([^`]*)`", row)]
    assert len(messages) >= 6
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py"))
    variable = re.compile(r"/dev/\w+|\.\.\.|\b\d+ s\b")
    parts = [part.strip() for message in messages for part in variable.split(message) if part.strip()]
    assert [part for part in parts if part not in code] == []


@pytest.mark.parametrize("path", [path for path, command in commands(tree()) if hasattr(command, "commands")])
def test_the_list_of_commands_shows_whole_sentences(path: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    command = tree()
    context = command.make_context("midstream", [], resilient_parsing=True)
    shown = topics.page(list(path)) if path else command.get_help(context)
    listed = shown.partition("Commands:\n")[2].partition("\n\n")[0].splitlines()
    assert listed
    assert [line for line in listed if not re.fullmatch(r"  [a-z-]+ +[A-Z].*\.", line) or line.endswith("...")] == []


def test_the_picture_shows_the_run_that_the_readme_names() -> None:
    drawn = ET.fromstring(text_of(DOCS / "picture.svg"))  # noqa: S314 - of our own making
    width, height = map(float, drawn.attrib["viewBox"].split()[2:])
    parts = [each for each in drawn.iter() if "textLength" in each.attrib or each.tag.endswith("rect")][1:]
    for part in parts:
        across = float(part.attrib.get("textLength") or part.attrib["width"])
        assert 0 < float(part.attrib["x"]) < float(part.attrib["x"]) + across < width
        assert 0 < float(part.attrib["y"]) < height
    words = [part.text for part in parts if part.text]
    assert "midstream compare demo://day --signatures signatures" in " ".join(map(str, words))
    assert {"idle", "door", "walking", "median_distance"} <= set(words)
    assert "midstream compare demo://day --signatures signatures" in text_of(ROOT / "README.md")


def test_the_example_of_a_configuration_file_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    _, example = re.findall(r"^```text\n(.*?)^```", text_of(DOCS / "configuration.md"), re.MULTILINE | re.DOTALL)
    (tmp_path / "midstream.toml").write_text(example, encoding="utf-8")
    found = config.defaults(tree())
    assert found["compare"]["store"] == found["capture-signature"]["store"] == "lab.duckdb"
    assert found["capture-signature"]["background"] == "recordings/idle_room"
    assert "background" not in found["compare"]


def test_the_options_of_a_simulated_source_are_all_explained() -> None:
    from midstream_cli.streams.simulate import catalogue
    from midstream_cli.streams.transports import demo

    explained = set(re.findall(r"^  (\w+) +\S", demo.__doc__ or "", re.MULTILINE))
    assert explained == {"pace", "format"}.union(*map(catalogue.options, catalogue.names()))


def test_the_changelog_names_every_command() -> None:
    assert [name for name in tree().commands if f"`{name}`" not in text_of(ROOT / "CHANGELOG.md")] == []
