"""On a terminal: progress on stderr only, data on stdout only; and an end by Ctrl-C or a closed pipe without noise."""

import csv
import io
import json
import os
import re
import signal
import subprocess
import time
from contextlib import ExitStack
from pathlib import Path

import pytest
from command_line import (
    COMMAND,
    SIGNATURES,
    WAIT_S,
    Done,
    alike,
    environment,
    looked_at,
    midstream,
    on_terminal,
    running,
)

from midstream_cli.errors import ExitCode
from midstream_cli.store.reading import select

LONG = ("compare", "demo://day?duration=90", "--signatures", SIGNATURES, "-s", "none")
"""Long enough for a progress bar."""
COLOUR = re.compile(r"\x1b\[[\d;]*m")
BAR = re.compile("[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]")
"""The spinner in front of every progress bar."""


def test_progress_is_drawn_on_stderr_and_data_stays_on_stdout(tmp_path: Path) -> None:
    done = looked_at(*LONG, folder=tmp_path)
    assert done.code == ExitCode.OK
    assert BAR.search(done.err)
    assert "comparing" in done.err
    assert not BAR.search(done.out)
    assert "walking" not in done.err
    assert done.out.splitlines()[-3].startswith("door")
    # the cursor comes back, and nothing of the bar is left
    assert done.err.endswith("\x1b[?25h\r\x1b[1A\x1b[2K")


def test_a_pipe_gets_every_row_and_no_escape_codes_while_a_terminal_shows_progress(tmp_path: Path) -> None:
    piped = looked_at(*LONG, folder=tmp_path, pipe_out=True)
    assert BAR.search(piped.err)
    assert "\x1b" not in piped.out
    # another process may have loaded the kernels for other work, and the last digits with them
    assert piped.rows == alike(midstream(*LONG, folder=tmp_path).rows)


@pytest.mark.parametrize("jobs", [1, 2])
def test_tables_and_progress_share_a_terminal(jobs: int, tmp_path: Path) -> None:
    sources = ["demo://walking?duration=120", "demo://idle_room?duration=120"]
    done = looked_at("info", *sources, "-j", jobs, folder=tmp_path)
    assert done.code == ExitCode.OK
    assert re.findall(r"^path +(.+)$", done.out, re.MULTILINE) == sources
    assert "path" not in done.err


def test_without_a_terminal_there_is_no_progress_and_no_escape_code(tmp_path: Path) -> None:
    for form in ("table", "jsonl"):
        done = midstream(*LONG, "-f", form, folder=tmp_path)
        assert "\x1b" not in done.out + done.err
        assert done.err == ""


@pytest.mark.parametrize("arguments", [("info", "demo://walking?duration=3"), ("info", "nope"), LONG])
def test_colours_can_be_refused(arguments: tuple[str, ...], tmp_path: Path) -> None:
    bare = looked_at(*arguments, folder=tmp_path, NO_COLOR="1")
    assert not COLOUR.search(bare.out + bare.err)


def test_colours_can_be_forced(tmp_path: Path) -> None:
    assert COLOUR.search(
        midstream("info", "demo://walking?duration=3", "-f", "table", folder=tmp_path, FORCE_COLOR="1").out
    )
    assert "\x1b[31;1merror:\x1b[0m" in midstream("info", "nope", folder=tmp_path, FORCE_COLOR="1").err


def test_on_a_terminal_errors_are_coloured(tmp_path: Path) -> None:
    assert looked_at("info", "nope", folder=tmp_path).err.startswith("\x1b[31;1merror:\x1b[0m there is no file nope\n")


def test_a_dumb_terminal_gets_plain_text(tmp_path: Path) -> None:
    with on_terminal(*LONG, folder=tmp_path, variables={"TERM": "dumb"}) as (process, out, err):
        assert process.wait(WAIT_S) == ExitCode.OK
    assert err.text == ""
    assert "\x1b" not in out.text
    assert "walking" in out.text


def test_quiet_silences_everything_but_errors(tmp_path: Path) -> None:
    loud = looked_at("compare", "demo://day?duration=90", "--signatures", SIGNATURES, folder=tmp_path)
    assert BAR.search(loud.err)
    assert "wrote " in loud.err
    hushed = looked_at("compare", "demo://day?duration=90", "--signatures", SIGNATURES, "-q", folder=tmp_path)
    assert (hushed.code, hushed.err) == (ExitCode.OK, "")
    assert hushed.out == loud.out
    assert midstream("info", "nope", "--quiet", folder=tmp_path).err.startswith("error: ")


@pytest.mark.parametrize(
    "arguments",
    [
        ("compare", "demo://day?duration=9999", "--signatures", SIGNATURES, "--hop", "0.1"),
        ("info", "demo://walking?duration=1", "-f", "json"),
        ("signatures", "show", SIGNATURES, "--json"),
    ],
)
def test_who_reads_only_the_beginning_is_served_quietly(arguments: tuple[object, ...], tmp_path: Path) -> None:
    with subprocess.Popen(
        [*COMMAND, *map(str, arguments), "-q"] if "show" not in arguments else [*COMMAND, *map(str, arguments)],
        cwd=tmp_path,
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.read(1) in b"{["
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(WAIT_S) == ExitCode.OK


def test_nobody_reads_and_it_is_served_quietly_even_when_it_fails(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as gone:
        done = subprocess.run(
            [*COMMAND, "info", "demo://walking?duration=1", "nope"],
            check=False,
            cwd=tmp_path,
            env=environment(tmp_path),
            stdout=gone,
            stderr=subprocess.PIPE,
            text=True,
            timeout=WAIT_S,
        )
    assert "defect" not in done.stderr
    assert "Traceback" not in done.stderr
    assert done.returncode in (ExitCode.OK, ExitCode.SOURCE)


@pytest.fixture
def short(tmp_path: Path) -> Path:
    """A library that needs half a second for its first match."""
    arguments = ("demo://walking", "--duration", "500ms", "--feature", "bands8", "--out", "library/walking.sig.json")
    assert midstream("capture-signature", *arguments, "-s", "none", folder=tmp_path).code == ExitCode.OK
    return tmp_path / "library"


ENDS = [("jsonl", signal.SIGINT), ("table", signal.SIGINT), ("csv", signal.SIGTERM), ("json", signal.SIGTERM)]


def test_what_a_live_comparison_found_until_it_was_interrupted_is_shown_and_kept(short: Path, tmp_path: Path) -> None:
    with ExitStack() as stack:
        processes = [
            stack.enter_context(
                running("compare", "demo://day?pace=real", "--signatures", short, "-s", f"{form}.duckdb", "-f", form,
                        folder=tmp_path)
            )
            for form, _ in ENDS
        ]  # fmt: skip
        assert processes[0].stdout
        first = processes[0].stdout.readline()
        time.sleep(2.0)
        for process, (_, number) in zip(processes, ENDS, strict=True):
            process.send_signal(number)
        ended = [process.communicate(timeout=WAIT_S) for process in processes]
    for process, (out, err), (form, _) in zip(processes, ended, ENDS, strict=True):
        text = ((first if form == "jsonl" else b"") + out).decode()
        check_kept(Done(process.returncode, text, err.decode()), form, tmp_path)


def check_kept(done: Done, form: str, folder: Path) -> None:
    assert done.code == ExitCode.INTERRUPTED
    pieces = select(str(folder / f"{form}.duckdb"), "SELECT * FROM matches JOIN runs USING (run_id) ORDER BY start_s")
    kept = [row for piece in pieces for row in piece]
    assert len(kept) >= 3
    assert kept[0]["frames"] > 100
    assert re.fullmatch(rf"wrote {len(kept)} rows to {form}\.duckdb \(run [0-9a-f]{{12}}\)\n", done.err)
    if form == "table":
        assert "above_threshold" in done.out
        return
    rows = json.loads(done.out) if form == "json" else done.rows if form == "jsonl" else done.table
    assert [float(row["start_s"]) for row in rows] == [row["start_s"] for row in kept]


@pytest.mark.parametrize("group", [True, False], ids=["all of it", "the parent"])
def test_work_in_several_processes_ends_by_ctrl_c_at_once_and_without_noise(group: bool, tmp_path: Path) -> None:
    sources = ("demo://walking?duration=5", "demo://day?duration=99999")
    with running("compare", *sources, "--signatures", SIGNATURES, "-j", "2", folder=tmp_path) as process:
        assert process.stdout
        # the first row says that all processes are at work
        first = process.stdout.readline()
        begun = time.monotonic()
        (os.killpg if group else os.kill)(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=WAIT_S)
    assert process.returncode == ExitCode.INTERRUPTED
    assert time.monotonic() - begun < WAIT_S / 2
    assert b"Traceback" not in err
    rows = (first + out).splitlines()
    assert rows
    assert all(json.loads(row)["path"] == sources[0] for row in rows)


def test_csv_in_a_pipe_is_csv(tmp_path: Path) -> None:
    done = looked_at(*LONG, "-f", "csv", "--top", "1", folder=tmp_path, pipe_out=True)
    header, *rows = csv.reader(io.StringIO(done.out))
    assert header[0] == "path"
    assert len(rows) == 87
    assert {len(row) for row in rows} == {len(header)}
