"""Exit codes are what `midstream help exit-codes` says, whatever goes wrong, and every error has a hint."""

import errno
import os
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from command_line import COMMAND, SIGNATURES, WAIT_S, environment, finished, midstream, on_terminal, until

from midstream_cli import errors
from midstream_cli.cli import describing
from midstream_cli.cli.app import tree
from midstream_cli.errors import ExitCode, InsufficientData, MidstreamError

IDLE, WALKING = SIGNATURES / "idle_room.sig.json", SIGNATURES / "walking_slow.sig.json"


def classes(kind: type[MidstreamError]) -> list[type[MidstreamError]]:
    return [kind, *(each for child in kind.__subclasses__() for each in classes(child))]


def test_every_code_has_a_meaning_and_every_error_a_code(tmp_path: Path) -> None:
    page = midstream("help", "exit-codes", folder=tmp_path).out
    told = re.findall(r"^\s*(\d+) +([A-Z]+) +\S.{20,}$", page, re.MULTILINE)
    assert told == [(str(int(code)), code.name) for code in ExitCode]
    documented = re.findall(r"[├└]── (\w+)\s+(\d+)", errors.__doc__ or "")
    assert {(kind.__name__, str(int(kind.exit_code))) for kind in classes(MidstreamError)[1:]} == set(documented)


def test_the_codes_are_those_of_the_design() -> None:
    assert {code.name: int(code) for code in ExitCode} == {
        "OK": 0, "NO": 1, "USAGE": 2, "SOURCE": 3, "FORMAT": 4, "STORE": 5, "UNDECIDED": 6, "BUG": 70, "INTERRUPTED": 130,
    }  # fmt: skip


@pytest.mark.parametrize("kind", classes(MidstreamError), ids=lambda kind: kind.__name__)
def test_an_error_of_each_class_ends_with_its_code_and_its_hint(
    kind: type[MidstreamError], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = InsufficientData(20, 5) if kind is InsufficientData else kind("it did not work", "do it otherwise")

    def fail(*_: Any, **__: Any) -> int:
        raise error

    monkeypatch.setattr(describing, "describe_all", fail)
    done = midstream("info", "x", folder=tmp_path)
    assert (done.code, done.out) == (kind.exit_code, "")
    assert done.err == f"error: {error}\nhint: {error.hint}\n"
    assert error.hint


def test_an_error_nobody_thought_of_is_a_defect_and_says_how_to_report_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> int:
        raise LookupError("nobody thought of this")

    monkeypatch.setattr(describing, "describe_all", fail)
    done = midstream("info", "x", folder=tmp_path)
    assert done.code == ExitCode.BUG
    assert done.err.startswith("error: LookupError: nobody thought of this\nhint: this is a defect in midstream")
    assert "--debug" in done.err
    with pytest.raises(LookupError):
        midstream("info", "x", "--debug", folder=tmp_path)
    with pytest.raises(LookupError):
        midstream("info", "x", folder=tmp_path, MIDSTREAM_DEBUG="1")


CASES: list[tuple[list[object], ExitCode]] = [
    (["info", "demo://walking?duration=1"], ExitCode.OK),
    (["compare", IDLE, WALKING, "--threshold", "1000"], ExitCode.OK),
    (["compare", IDLE, WALKING, "--threshold", "0.001"], ExitCode.NO),
    (["signatures", "check", "broken"], ExitCode.NO),
    (["compare", IDLE, WALKING, "--algorithm", "nope"], ExitCode.USAGE),
    (["compare", IDLE, "--nope"], ExitCode.USAGE),
    (["info", "nope.csv"], ExitCode.SOURCE),
    (["signatures", "list", "nowhere"], ExitCode.SOURCE),
    (["info", "junk.bin"], ExitCode.FORMAT),
    (["signatures", "list", "broken"], ExitCode.FORMAT),
    (["compare", "demo://chat", "--signatures", SIGNATURES], ExitCode.FORMAT),
    (["compare", IDLE, WALKING, "--store", "no/such/folder.duckdb"], ExitCode.STORE),
    (["query", "SELECT 1", "--store", "nowhere.duckdb"], ExitCode.STORE),
    (["query", "SELEC 1", "--store", "junk.bin"], ExitCode.STORE),
]


@pytest.mark.parametrize(
    ("arguments", "code"), CASES, ids=lambda case: " ".join(map(str, case)) if isinstance(case, list) else ""
)
def test_a_command_line_ends_with_the_code_of_what_it_met(
    arguments: list[object], code: ExitCode, tmp_path: Path
) -> None:
    (tmp_path / "junk.bin").write_bytes(bytes(range(256)) * 64)
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "x.sig.json").write_text("{")
    done = midstream(*arguments, folder=tmp_path)
    assert done.code == code, done.err
    if code > ExitCode.NO:
        assert re.search(r"^error: .+\nhint: .+", done.err, re.MULTILINE), done.err


def test_a_silent_source_is_given_up_on(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    done = midstream("info", f"udp://127.0.0.1:{port}", "--timeout", "200ms", folder=tmp_path)
    assert done.code == ExitCode.SOURCE
    assert "nothing came" in done.err
    assert "hint: " in done.err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_live_source_that_is_interrupted_is_told_of_as_far_as_it_came(number: signal.Signals, tmp_path: Path) -> None:
    live = ("info", "demo://walking?pace=real", "-s", "a.duckdb")
    with on_terminal(*live, folder=tmp_path, pipe_out=True) as (process, _, screen):
        until(lambda: screen.text.count("reading walking") > 5)
        process.send_signal(number)
        out, _ = process.communicate(timeout=WAIT_S)
    assert process.returncode == ExitCode.INTERRUPTED
    assert b'"frames": ' in out
    assert "wrote 1 row" in screen.text


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize(
    "arguments",
    [
        ["info", "demo://walking?duration=1"],
        ["help", "formats"],
        ["simulate", "walking", "-", "-d", "1s"],
        ["--version"],
    ],
)
def test_an_output_without_room_is_no_defect(arguments: list[str], tmp_path: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*COMMAND, *arguments],
            check=False,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(tmp_path),
            timeout=WAIT_S,
        )
    assert done.returncode == ExitCode.STORE
    assert (
        done.stderr
        == f"error: the output cannot be written: {os.strerror(errno.ENOSPC)}\nhint: make room where it goes\n"
    )


@pytest.mark.parametrize("closed", ["1", "2"])
def test_a_closed_stream_is_no_defect(closed: str, tmp_path: Path) -> None:
    words = " ".join([f"'{word}'" for word in COMMAND] + ["info", "'demo://walking?duration=1'"])
    done = subprocess.run(
        ["/bin/sh", "-c", f"{words} {closed}>&-"],
        check=False,
        capture_output=True,
        env=environment(tmp_path),
        timeout=WAIT_S,
    )
    assert (done.returncode, done.stderr) == (ExitCode.OK, b"")
    assert bool(done.stdout) == (closed == "2")


def test_an_encoding_that_lacks_characters_is_no_defect(tmp_path: Path) -> None:
    done = finished("info", "demo://walking?duration=1", "-f", "table", folder=tmp_path, PYTHONIOENCODING="ascii")
    assert (done.code, done.err) == (ExitCode.OK, "")
    assert "\\u2588" in done.out


def numbers() -> list[tuple[str, str]]:
    """Every command with every option of it that takes a number."""

    def of(command: Any, *path: str) -> Iterator[tuple[str, str]]:
        for parameter in command.params:
            if parameter.type.name in ("float", "float range"):
                yield " ".join(path), parameter.opts[0]
        for name, sub in getattr(command, "commands", {}).items():
            yield from of(sub, *path, name)

    return list(of(tree()))


@pytest.mark.parametrize(("command", "option"), numbers())
@pytest.mark.parametrize("value", ["nan", "inf", "-inf"])
def test_what_is_no_number_is_refused_where_one_is_asked_for(
    command: str, option: str, value: str, tmp_path: Path
) -> None:
    done = midstream(*command.split(), f"{option}={value}", folder=tmp_path)
    assert (done.code, done.out) == (ExitCode.USAGE, "")
    assert f"for '{option}'" in done.err


def test_options_that_take_numbers_are_found() -> None:
    assert {("capture-signature", "--rate"), ("signatures evaluate", "--at-least"), ("simulate", "--snr")} <= {
        *numbers()
    }
