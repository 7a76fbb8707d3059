"""Help: every command and every topic has a page that says what the code does, and completion knows the commands."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import COMMAND, WAIT_S, environment, midstream

from midstream_cli import __version__
from midstream_cli.cli import topics
from midstream_cli.cli.app import tree
from midstream_cli.errors import ExitCode
from midstream_cli.streams import features, formats, transports
from midstream_cli.streams.simulate import catalogue

COMMANDS = sorted(tree().commands)
PATHS = [[name] for name in COMMANDS] + [
    ["signatures", name] for name in sorted(tree().commands["signatures"].commands)
]


@pytest.mark.parametrize("option", ["--version", "-V"])
def test_the_version_is_told_and_nothing_else(option: str, tmp_path: Path) -> None:
    done = midstream(option, folder=tmp_path)
    assert (done.code, done.out, done.err) == (0, f"midstream {__version__}\n", "")


def test_the_version_needs_no_heavy_imports() -> None:
    code = (
        "import sys\nfrom midstream_cli.cli.main import main\n"
        "try: main(['--version'])\nexcept SystemExit: pass\n"
        "print(sorted({'typer', 'rich', 'numpy', 'duckdb', 'pyarrow'} & set(sys.modules)))"
    )
    out = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert out.splitlines() == [f"midstream {__version__}", "[]"]


@pytest.mark.parametrize("path", PATHS, ids=" ".join)
def test_help_of_a_command_needs_no_heavy_imports_and_shows_examples(path: list[str], tmp_path: Path) -> None:
    code = (
        "import sys\nfrom midstream_cli.cli.main import main\n"
        f"try: main({[*path, '--help']})\nexcept SystemExit: pass\n"
        "print(sorted({'rich', 'numpy', 'duckdb', 'pyarrow', 'scipy', 'yaml', 'serial'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, env=environment(tmp_path)
    )
    *page, heavy = done.stdout.splitlines()
    assert heavy == "[]"
    assert page[0].startswith(f"Usage: midstream {' '.join(path)} ")
    if path != ["signatures"]:
        assert any(line.strip().startswith(f"$ midstream {' '.join(path)}") for line in page)


@pytest.mark.parametrize("path", PATHS, ids=" ".join)
def test_help_is_the_same_by_option_and_by_command(path: list[str], tmp_path: Path) -> None:
    by_option = midstream(*path, "-h", folder=tmp_path)
    by_command = midstream("help", *path, folder=tmp_path)
    assert by_command.code == by_option.code == ExitCode.OK
    assert by_command.out.strip() == by_option.out.strip()


def test_without_a_command_all_are_listed(tmp_path: Path) -> None:
    done = midstream(folder=tmp_path)
    assert done.code == ExitCode.USAGE
    for name in COMMANDS:
        assert f"\n  {name} " in done.out
    assert midstream("--help", folder=tmp_path).code == ExitCode.OK


def test_without_a_topic_all_are_listed(tmp_path: Path) -> None:
    done = midstream("help", folder=tmp_path)
    assert [line.split()[0] for line in done.out.splitlines() if line.startswith("  ")] == list(topics.TOPICS)


@pytest.mark.parametrize("topic", list(topics.TOPICS))
def test_every_topic_has_a_page(topic: str, tmp_path: Path) -> None:
    done = midstream("help", topic, folder=tmp_path)
    assert (done.code, done.err) == (ExitCode.OK, "")
    assert len(done.out.splitlines()) > 5


KNOWN = {
    "sources": [f"{name}://" for name in transports.names()],
    "formats": formats.names(),
    "features": features.names(),
    "scenes": catalogue.names(),
    "exit-codes": [f"{int(code):<3}  {code.name}" for code in ExitCode],
    "configuration": ["midstream.toml", "pyproject.toml", "config.toml", "[tool.midstream]"],
}


@pytest.mark.parametrize("topic", list(KNOWN))
def test_a_page_leaves_nothing_out(topic: str, tmp_path: Path) -> None:
    page = midstream("help", topic, folder=tmp_path).out
    assert [name for name in KNOWN[topic] if name not in page] == []


def test_the_page_on_the_environment_lists_every_variable_of_every_option(tmp_path: Path) -> None:
    page = midstream("help", "environment", folder=tmp_path).out
    leaves = [command for name, command in tree().commands.items() if name != "signatures"]
    leaves += tree().commands["signatures"].commands.values()
    variables = {option.envvar for command in leaves for option in command.params if getattr(option, "envvar", None)}
    assert len(variables) >= 8
    assert [name for name in sorted(variables) if name not in page] == []


@pytest.mark.parametrize("words", [["nope"], ["signatures", "nope"], ["compare", "nope"]])
def test_a_page_that_does_not_exist_is_an_error(words: list[str], tmp_path: Path) -> None:
    done = midstream("help", *words, folder=tmp_path)
    assert (done.code, done.out) == (ExitCode.USAGE, "")
    assert repr(" ".join(words)) in done.err
    assert "hint: topics are exit-codes," in done.err


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (["nope"], "No such command 'nope'", "midstream --help"),
        (["compare"], "Missing argument 'SOURCE...'", "midstream compare --help"),
        (["info", "--nope", "x"], "No such option: --nope", "midstream info --help"),
        (["info", "--frames", "0", "x"], "0 is not in the range x>=1", "midstream info --help"),
        (["info", "--duration", "2 parsecs", "x"], "is not a duration; write for example 2s", "midstream info --help"),
        (["info", "--duration", "-1", "x"], "is not a duration", "midstream info --help"),
        (["info", "--output-format", "xml", "x"], "'xml' is not one of 'table', 'json'", "midstream info --help"),
        (["signatures", "evaluate", "x", "y"], "Missing option '--truth'", "midstream signatures evaluate --help"),
        (["doctor", "x"], "unexpected extra argument", "midstream doctor --help"),
    ],
)
def test_what_the_command_line_lacks_is_said_with_where_to_read_on(
    arguments: list[str], message: str, hint: str, tmp_path: Path
) -> None:
    done = midstream(*arguments, folder=tmp_path)
    assert (done.code, done.out) == (ExitCode.USAGE, "")
    error, last = done.err.splitlines()
    assert error.startswith("error: ")
    assert message in error
    assert last == f"hint: see {hint}"


def completed(words: str, folder: Path) -> list[str]:
    """What a shell would be offered."""
    typed = words.split(" ")
    variables = {"_MIDSTREAM_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(len(typed) - 1)}
    done = subprocess.run(
        COMMAND,
        check=True,
        capture_output=True,
        text=True,
        cwd=folder,
        env=environment(folder, **variables),
        timeout=WAIT_S,
    )
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("midstream co", ["compare"]),
        ("midstream signatures e", ["evaluate"]),
        ("midstream compare --thr", ["--threshold"]),
        ("midstream info --output-format js", ["json", "jsonl"]),
        ("midstream ", list(tree().commands)),
    ],
)
def test_a_shell_is_offered_what_fits(words: str, offered: list[str], tmp_path: Path) -> None:
    (tmp_path / "midstream.toml").write_text("broken = ")
    assert completed(words, tmp_path) == offered


@pytest.mark.skipif(not os.path.exists("/bin/bash"), reason="there is no bash here")  # noqa: PTH110 - read at import
def test_bash_can_load_the_completion(tmp_path: Path) -> None:
    variables = environment(tmp_path, _MIDSTREAM_COMPLETE="source_bash")
    script = subprocess.run(COMMAND, check=True, capture_output=True, text=True, cwd=tmp_path, env=variables).stdout
    checked = subprocess.run(
        ["/bin/bash", "-c", f"{script}\ncomplete -p midstream"], check=True, capture_output=True, text=True
    )
    assert "-F _midstream_completion midstream" in checked.stdout


def test_the_page_on_the_environment_knows_debug(tmp_path: Path) -> None:
    assert "MIDSTREAM_DEBUG" in midstream("help", "environment", folder=tmp_path).out
