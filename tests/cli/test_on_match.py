"""A command of the user's own for every event: real shells, that nothing waits for."""

import json
import os
import signal
from pathlib import Path

import pytest
from command_line import until

from midstream_cli.cli import on_match
from midstream_cli.cli.on_match import Hooks
from midstream_cli.results import Event

EVENT = Event(
    path="walk.csv",
    node="3",
    timestamp_ns=5,
    time_s=0.25,
    frame_count=8,
    kind="match",
    name='walking "fast"',
    signature_id="s1",
    score=0.875,
)


@pytest.fixture
def warned() -> list[str]:
    """What was warned of."""
    return []


def ended(hooks: Hooks, runs: int = 1) -> None:
    """Wait until as many commands have failed."""

    def told() -> bool:
        hooks.tell()
        return hooks.failed == runs

    until(told)


def test_a_command_gets_the_event_on_its_stdin_and_in_its_environment(tmp_path: Path, warned: list[str]) -> None:
    names = " ".join(f"$MIDSTREAM_{name}" for name in ("KIND", "SIGNATURE_ID", "SCORE", "NODE", "TIME_S"))
    hooks = Hooks(f'cat > "{tmp_path}/in"; echo {names} "$MIDSTREAM_NAME" > "{tmp_path}/env"', warn=warned.append)
    hooks.run(EVENT)
    hooks.close()
    event = json.loads((tmp_path / "in").read_text())
    assert (event["kind"], event["name"], event["previous"], event["frame_count"]) == ("match", EVENT.name, None, 8)
    assert (tmp_path / "env").read_text() == 'match s1 0.875 3 0.25 walking "fast"\n'
    assert (warned, hooks.failed, hooks.skipped) == ([], 0, 0)


def test_what_an_event_has_not_is_empty_and_what_no_environment_can_hold_is_left_out(tmp_path: Path) -> None:
    strange = Event(path="", node="a\0b", timestamp_ns=0, frame_count=1, kind="loop", name="half \ud83d")
    hooks = Hooks(
        f'cat > "{tmp_path}/in"; echo "[$MIDSTREAM_SCORE][$MIDSTREAM_NODE][$MIDSTREAM_NAME]" > "{tmp_path}/env"'
    )
    hooks.run(strange)
    hooks.close()
    assert (tmp_path / "env").read_text() == "[][ab][half ?]\n"
    assert json.loads((tmp_path / "in").read_text())["node"] == "a\0b"


def test_its_stdout_goes_to_our_stderr(capfd: pytest.CaptureFixture[str]) -> None:
    hooks = Hooks("echo seen; echo secret >&2")
    hooks.run(EVENT)
    hooks.close()
    assert capfd.readouterr() == ("", "seen\n")


def test_nothing_waits_for_a_command_and_no_more_run_than_may(tmp_path: Path, warned: list[str]) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    hooks = Hooks(
        f'echo $$ >> "{tmp_path}/began"; read line < "{gate}"; echo $$ >> "{tmp_path}/ended"', 2, warned.append
    )
    for _ in range(5):
        hooks.run(EVENT)  # would wait for ever, if it waited
    assert hooks.skipped == 3
    until(lambda: (tmp_path / "began").exists() and len((tmp_path / "began").read_text().splitlines()) == 2)
    assert not (tmp_path / "ended").exists()
    with gate.open("w") as opened:
        opened.write("go\ngo\n")
        opened.flush()
        hooks.close()
    assert len((tmp_path / "ended").read_text().splitlines()) == 2
    hooks.run(EVENT)
    assert hooks.skipped == 3
    with gate.open("w") as opened:
        opened.write("go\n")
    hooks.close()
    assert all(told.endswith("was not run for 3 events: 2 still ran") for told in warned)
    assert warned


def test_each_kind_of_failure_is_warned_of_once(warned: list[str]) -> None:
    hooks = Hooks(
        'echo "cannot: $MIDSTREAM_KIND" >&2; echo "this is "not >&2; exit $MIDSTREAM_TIME_S', warn=warned.append
    )
    for count, code in enumerate((3, 3, 4, 3), 1):
        hooks.run(Event(path="", node="", timestamp_ns=0, time_s=code, frame_count=1, kind="back", name=""))
        ended(hooks, count)
    assert len(warned) == 2
    assert "ended with exit code 3: cannot: back (" in warned[0]
    assert "ended with exit code 4: cannot: back (" in warned[1]
    assert not any("this is not" in told for told in warned)


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("kill -9 $$", "was ended by signal SIGKILL"),
        ("no-such-command-anywhere", "ended with exit code 127: "),
        ("exit 7", "exit 7 ended with exit code 7 ("),
        ("true\0", "could not be run"),
        ("exit 7; " + "# a long one" * 20, "… ended with exit code 7"),
    ],
)
def test_a_failure_says_how(command: str, told: str, warned: list[str]) -> None:
    hooks = Hooks(command, warn=warned.append)
    hooks.run(EVENT)
    ended(hooks)
    assert told in warned[0]


def test_a_command_that_reads_nothing_does_no_harm(warned: list[str]) -> None:
    hooks = Hooks("exec <&-; true", warn=warned.append)
    hooks.run(Event(path="x" * 1_000_000, node="", timestamp_ns=0, frame_count=1, kind="match", name=""))
    hooks.close()
    assert (warned, hooks.failed) == ([], 0)


def test_an_interrupt_does_not_reach_a_command(tmp_path: Path) -> None:
    hooks = Hooks(f'ps -o sid= -p $$ > "{tmp_path}/sid"')
    hooks.run(EVENT)
    hooks.close()
    assert int((tmp_path / "sid").read_text()) != os.getsid(0)


def test_the_end_waits_a_moment_and_leaves_what_still_runs_alone(
    tmp_path: Path, warned: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(on_match, "CLOSING_S", 0.05)
    hooks = Hooks(f'echo $$ > "{tmp_path}/pid"; exec sleep 60', warn=warned.append)
    hooks.run(EVENT)
    until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text().endswith("\n"))
    hooks.close()
    assert "still runs for 1 event, and is left alone" in warned[0]
    pid = int((tmp_path / "pid").read_text())
    os.kill(pid, signal.SIGKILL)  # raises where it does not run any more
    ended(hooks)
