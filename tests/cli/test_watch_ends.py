"""`midstream watch` at its end: hurried interrupts, states that cannot be kept or gone on from, outlets that fail."""

import json
import signal
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest
from command_line import COMMAND, WAIT_S, environment, midstream, on_terminal, running, until

from midstream_cli.cli import interrupts
from midstream_cli.cli.watch_outlets import Detached
from midstream_cli.errors import ExitCode

LIVE = "demo://walking?pace=real&rate=300"


def test_two_interrupts_in_a_row_leave_the_terminal_as_it_was_and_the_state_kept(tmp_path: Path) -> None:
    with on_terminal("watch", LIVE, "--store", "none", "--state", "tap", folder=tmp_path) as (process, out, _):
        until(lambda: "subcarriers against" in out.text)
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGINT)
        assert process.wait(WAIT_S) == ExitCode.INTERRUPTED
    assert out.text.count("\x1b[?1049h") == out.text.count("\x1b[?1049l") > 0
    assert (tmp_path / "tap").exists()


def test_an_interrupt_leaves_no_frame_half_taken(tmp_path: Path) -> None:
    """What is kept knows of as many frames as were written, whenever the interrupt came."""
    counts = [0]
    for lines in (100, 57, 203):
        with running("watch", LIVE, "--store", "none", "--state", "tap", folder=tmp_path) as process:
            assert process.stdout is not None
            read = [process.stdout.readline() for _ in range(lines)]
            process.send_signal(signal.SIGINT)
            read += process.stdout.read().splitlines(keepends=True)
            assert process.wait(WAIT_S) == ExitCode.INTERRUPTED
        counts += [json.loads(line)["frame_count"] for line in read]
    assert counts == list(range(len(counts)))


def test_interrupts_held_back_inside_of_one_another_come_when_all_is_done() -> None:
    done = []

    def work() -> None:
        with interrupts.held_back():
            with interrupts.held_back():
                signal.raise_signal(signal.SIGINT)
                done.append("inner")
            done.append("outer")

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            work()
    finally:
        signal.signal(signal.SIGINT, before)
    assert done == ["inner", "outer"]


def test_a_state_that_cannot_be_kept_is_an_error_before_anything_is_read(tmp_path: Path) -> None:
    done = midstream("watch", "nowhere.csv", "--state", "no/folder/tap", "--store", "none", folder=tmp_path)
    assert done.code == ExitCode.SOURCE
    done = midstream("watch", "demo://lorenz", "--state", "no/folder/tap", "--store", "none", folder=tmp_path)
    assert (done.code, done.out) == (ExitCode.STORE, "")
    assert "no/folder is no folder of yours" in done.err


@pytest.mark.parametrize("content", [b"", b"hello\n", b"PK\x03\x04 no archive"])
def test_a_file_that_is_no_state_is_left_alone(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "tap"
    file.write_bytes(content)
    done = midstream("watch", "demo://lorenz", "--state", file, "--store", "none", folder=tmp_path)
    assert (done.code, done.out) == (ExitCode.FORMAT, "")
    assert "is no state of midstream, or damaged" in done.err
    assert "pickle" not in done.err
    assert file.read_bytes() == content


def test_a_stream_that_does_not_fit_leaves_the_state_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("t,x\n" + "".join(f"{i / 50},{i % 7}\n" for i in range(100)))
    (tmp_path / "b.csv").write_text("t,y\n" + "".join(f"{i / 50},{i % 7}\n" for i in range(100)))
    asked = ("--state", "tap", "--store", "none")
    assert midstream("watch", "a.csv", *asked, folder=tmp_path).code == ExitCode.OK
    before = (tmp_path / "tap").read_bytes()
    done = midstream("watch", "b.csv", *asked, folder=tmp_path)
    assert done.code == ExitCode.FORMAT
    assert "has no column x" in done.err
    assert (tmp_path / "tap").read_bytes() == before


def test_numbers_from_a_pipe_are_seen_as_they_come(tmp_path: Path) -> None:
    """Ten lines, and nobody closes the pipe: the fifth is answered."""
    asked = [*COMMAND, "watch", "-", "--until", "frame_count == 5", "--store", "none"]
    with subprocess.Popen(
        asked, bufsize=0, cwd=tmp_path, env=environment(tmp_path), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    ) as process:
        assert process.stdin is not None
        process.stdin.write(b"t,x\n" + b"".join(b"%d,%d\n" % (i, i * i % 7) for i in range(10)))
        try:
            assert process.wait(WAIT_S) == ExitCode.OK
        finally:
            process.kill()


class Failing:
    """An outlet with a defect."""

    def take(self, *_: Any) -> None:
        """Fail."""
        raise ValueError("a defect")

    def tick(self) -> None:
        """Nothing to do."""

    def close(self) -> None:
        """Nothing is left."""


def test_a_writer_that_fails_is_told_of_at_the_end() -> None:
    outlet = Detached(Failing())
    outlet.take(None, [], [])
    with pytest.raises(ValueError, match="a defect"):
        outlet.close()
    assert not any(thread.name == "midstream-writer" for thread in threading.enumerate())
