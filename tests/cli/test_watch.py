"""`midstream watch`: what is written, kept, shown and done while a stream comes."""

import json
import os
import pty
import signal
import threading
import time
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from command_line import SIGNATURES, WAIT_S, Done, finished, looked_at, midstream, on_terminal, running

from midstream_cli.cli.watch_outlets import Detached
from midstream_cli.errors import ExitCode, StoreError
from midstream_cli.results import IntrospectionSnapshot
from midstream_cli.store.reading import select

DAY = ("watch", "demo://day", "--signatures", SIGNATURES, "--store", "none")


def rows(store: Path, sql: str) -> list[dict[str, Any]]:
    """What a store answers."""
    return [row for batch in select(store, sql) for row in batch]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("watch")


@pytest.fixture(scope="module")
def day(folder: Path) -> Done:
    """The events of a simulated day."""
    return midstream(*DAY, "--events", folder=folder)


def test_a_snapshot_a_frame_is_written(folder: Path) -> None:
    done = midstream("watch", "demo://walking", "--frames", 300, "--store", "none", folder=folder)
    assert done.code == ExitCode.OK
    assert [row["frame_count"] for row in done.rows] == list(range(1, 301))
    assert done.rows[0]["regime"] == "unknown"
    assert list(done.rows[0])[:8] == [
        "timestamp_ns", "frame_count", "regime", "lyapunov_exponent", "attractor_dim", "attractor_confidence",
        "regime_changed", "top_k_similarity",
    ]  # fmt: skip


def test_what_happened_on_a_day_is_told_when_it_happened(day: Done) -> None:
    matches = [(row["name"], round(row["time_s"])) for row in day.rows if row["kind"] == "match"]
    assert [name for name, _ in matches][:2] == ["door", "walking"]
    assert 8 <= matches[0][1] <= 10
    told = {kind: sum(row["kind"] == kind for row in day.rows) for kind in ("match", "regime")}
    assert f"watched 6,000 frames: {told['match']} matches, " in day.err
    assert f", {told['regime']} changes of regime" in day.err


def test_events_are_kept_and_snapshots_on_request(folder: Path) -> None:
    events, both = folder / "events.duckdb", folder / "both.duckdb"
    midstream(*DAY[:4], "--store", events, "--frames", 1500, folder=folder)
    midstream(*DAY[:4], "--store", both, "--snapshots", "--frames", 1500, "--events", folder=folder)

    def counts(store: Path) -> list[Any]:
        found = rows(store, "SELECT kind, count(*) AS n FROM events GROUP BY ALL ORDER BY ALL")
        return [(row["kind"], row["n"]) for row in found]

    assert counts(events) == counts(both)
    assert dict(counts(events))["match"] >= 1
    with pytest.raises(StoreError, match="snapshots"):
        rows(events, "FROM snapshots")
    kept = rows(both, "SELECT frame_count, list_extract(top_k_similarity, 1).label AS best FROM snapshots")
    assert len(kept) == 1500
    assert kept[-1]["best"] in ("door", "walking", "idle")


def test_it_stops_at_the_first_snapshot_of_which_a_condition_is_true(folder: Path) -> None:
    done = midstream(*DAY, "--until", 'regime == "transient"', folder=folder)
    assert done.code == ExitCode.OK
    assert [row["regime"] == "transient" for row in done.rows] == [False] * (len(done.rows) - 1) + [True]


def test_a_condition_that_never_comes_true_is_answered_no(folder: Path) -> None:
    done = midstream(
        "watch", "demo://idle_room", "-n", 200, "--store", "none", "--until", "top.score > 2", folder=folder
    )
    assert (done.code, len(done.rows)) == (ExitCode.NO, 200)


@pytest.mark.parametrize("condition", ["regime ==", 'regime == "caotic"', "entropy > 3", 'frame_count == "x"'])
def test_a_condition_that_means_nothing_is_an_error_before_anything_is_read(folder: Path, condition: str) -> None:
    done = midstream("watch", "nowhere.csv", "--until", condition, folder=folder)
    assert done.code == ExitCode.USAGE
    assert "^" in done.err


def test_a_command_is_run_for_each_match(folder: Path, day: Done) -> None:
    out = folder / "told.jsonl"
    done = finished(*DAY, "--events", "--on-match", f"cat >> {out}; echo $MIDSTREAM_NAME", folder=folder)
    told = sorted((json.loads(line) for line in out.read_text().splitlines()), key=lambda row: int(row["frame_count"]))
    assert told == [row for row in done.rows if row["kind"] == "match"]
    assert done.rows == day.rows


def test_tokens_that_go_round_and_columns_from_a_pipe_are_watched(folder: Path) -> None:
    loop = midstream("watch", "demo://loop?tokens=200", "--events", "--store", "none", folder=folder)
    assert "loop" in {row["kind"] for row in loop.rows}
    table = "t,x\n" + "".join(f"{i / 50},{(i * 7919) % 101}\n" for i in range(300))
    (folder / "table.csv").write_text(table)
    done = midstream("watch", "table.csv", "--store", "none", folder=folder)
    assert len(done.rows) == 300
    assert done.rows[-1]["time_s"] == pytest.approx(299 / 50)


def test_other_forms_hold_the_same(folder: Path, day: Done) -> None:
    table = midstream(*DAY, "--output-format", "table", folder=folder)
    listed = midstream(*DAY, "--events", "--output-format", "json", folder=folder)
    columns = midstream(*DAY, "--events", "--output-format", "csv", folder=folder)
    assert json.loads(listed.out) == day.rows
    assert [row["name"] for row in columns.table] == [row["name"] for row in day.rows]
    assert len(table.out.splitlines()) == len(day.rows) + 1


def test_what_was_known_is_gone_on_from(folder: Path) -> None:
    asked = ("watch", "demo://walking", "--store", "none", "--state", "tap.state")
    first = midstream(*asked, "--frames", 400, folder=folder)
    second = midstream(*asked, "--frames", 10, folder=folder)
    assert [row["frame_count"] for row in second.rows] == list(range(401, 411))
    assert "going on from tap.state" in second.err
    refused = midstream(*asked, "--feature", "doppler", folder=folder)
    assert refused.code == ExitCode.FORMAT
    assert "another feature" in refused.err
    assert first.code == ExitCode.OK


def test_a_recording_comes_at_its_own_pace_where_that_is_asked_for(folder: Path) -> None:
    begun = time.monotonic()
    slow = midstream("watch", "demo://walking", "--frames", 200, "--speed", 4, "--store", "none", folder=folder)
    assert time.monotonic() - begun > 0.4
    assert slow.out == midstream("watch", "demo://walking", "--frames", 200, "--store", "none", folder=folder).out


def test_a_live_source_has_its_own_speed(folder: Path) -> None:
    done = midstream("watch", "demo://walking?pace=real", "--speed", 2, "--store", "none", folder=folder)
    assert done.code == ExitCode.USAGE
    assert "its own speed" in done.err


def test_on_a_terminal_it_is_a_picture(folder: Path) -> None:
    done = looked_at(*DAY, "--duration", "12s", "--speed", 20, folder=folder)
    assert done.code == ExitCode.OK
    assert "door" in done.out
    assert "transient" in done.out
    plain = looked_at(*DAY, "--duration", "12s", "--no-view", folder=folder)
    assert "\x1b[" not in plain.out
    assert "door" in plain.out


@contextmanager
def cable(folder: Path, name: str = "ttyUSB0") -> Iterator[tuple[str, Callable[[bytes], None]]]:
    """A pseudo-terminal as a board is behind a path, and how to send."""
    board, port = pty.openpty()
    tty.setraw(port)
    path = folder / name
    path.unlink(missing_ok=True)
    path.symlink_to(os.ttyname(port))

    def send(data: bytes) -> None:
        while data:
            data = data[os.write(board, data[:256]) :]

    try:
        yield f"serial://{path}", send
    finally:
        os.close(port)
        os.close(board)


def lines_of(source: Path, count: int) -> bytes:
    return b"".join(source.read_bytes().splitlines(keepends=True)[:count])


def test_live_is_what_is_replayed_bit_for_bit(folder: Path, data: Path) -> None:
    recording = data / "csi" / "pulse" / "mov_01.csv"
    if not recording.exists():
        pytest.skip(f"{recording} is missing")
    sent = lines_of(recording, 900)
    (folder / "part.csv").write_bytes(sent)
    replayed = midstream("watch", "part.csv", "--signatures", SIGNATURES, "--store", "none", folder=folder)
    with cable(folder) as (url, send):
        asked = ("watch", url, "--signatures", SIGNATURES, "--store", "none", "--frames", len(replayed.rows))
        with running(*asked, folder=folder) as process:
            opened(process, folder / "ttyUSB0")
            for at in range(0, len(sent), 1000):
                send(sent[at : at + 1000])
                time.sleep(0.001)
            out, err = process.communicate(timeout=WAIT_S)
    live = [json.loads(line) for line in out.decode().splitlines()]
    assert process.returncode == ExitCode.OK, err
    assert len(live) == len(replayed.rows) > 850
    assert [
        {name: (now[name], then[name]) for name in now if now[name] != then[name] and name != "path"}
        for now, then in zip(live, replayed.rows, strict=True)
    ] == [{}] * len(live)


def opened(process: Any, path: Path) -> None:
    """Wait until a process has a port open."""
    target, end = path.resolve(), time.monotonic() + WAIT_S
    while time.monotonic() < end:
        links = Path(f"/proc/{process.pid}/fd")
        if links.exists() and any(link.resolve() == target for link in list(links.iterdir())):
            time.sleep(0.2)
            return
        time.sleep(0.02)
    raise AssertionError(f"{path} was not opened")


def test_an_interrupt_ends_it_with_what_came(folder: Path) -> None:
    store = folder / "interrupted.duckdb"
    with on_terminal(
        "watch", "demo://walking?pace=real", "--store", store, "--snapshots", folder=folder, pipe_out=True
    ) as (process, _, err):
        assert process.stdout is not None
        for _ in range(100):
            process.stdout.readline()
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read().decode().splitlines()
        assert process.wait(WAIT_S) == ExitCode.INTERRUPTED
    (kept,) = rows(store, "SELECT count(*) AS n FROM snapshots")
    assert kept["n"] >= 100 + len(rest)
    assert "watched" in err.text


def test_a_reader_that_stands_still_holds_nothing_up(folder: Path) -> None:
    """The output is a pipe that nobody empties: the stream is watched to its end, and what was not written is told of."""
    store = folder / "slow.duckdb"
    asked = ("watch", "demo://walking?pace=real&rate=200", "--duration", "8s", "--store", store, "--snapshots")
    with running(*asked, folder=folder) as process:
        assert process.stderr is not None
        said = process.stderr.read().decode()
        assert process.wait(WAIT_S) == ExitCode.OK
    (kept,) = rows(store, "SELECT count(*) AS n FROM snapshots")
    assert kept["n"] >= 1000
    assert "nobody read them in time" in said


class Blocked:
    """An outlet that nobody reads."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.taken: list[int] = []

    def take(self, _piece: Any, seen: Any, _told: Any) -> None:
        """Wait to be let through."""
        self.gate.wait(WAIT_S)
        self.taken += [each.frame_count for each in seen]

    def tick(self) -> None:
        """Nothing to do."""

    def close(self) -> None:
        """Nothing is left."""


def snapshots(first: int, count: int) -> list[IntrospectionSnapshot]:
    return [IntrospectionSnapshot(timestamp_ns=i, frame_count=i) for i in range(first, first + count)]


def test_what_there_is_no_room_for_is_dropped_and_counted(capsys: pytest.CaptureFixture[str]) -> None:
    blocked = Blocked()
    outlet = Detached(blocked, room=100)
    for i in range(0, 1000, 10):
        outlet.take(None, snapshots(i, 10), [])
    assert outlet.dropped >= 800
    blocked.gate.set()
    outlet.close()
    assert len(blocked.taken) + outlet.dropped == 1000
    assert blocked.taken == sorted(blocked.taken)
    assert f"{outlet.dropped} snapshots" in capsys.readouterr().err


def test_who_has_gone_ends_it() -> None:
    class Gone(Blocked):
        def take(self, _piece: Any, _seen: Any, _told: Any) -> None:
            raise BrokenPipeError

    outlet = Detached(Gone())
    outlet.take(None, snapshots(0, 1), [])
    with pytest.raises(BrokenPipeError):
        ask_until_it_fails(outlet)


def ask_until_it_fails(outlet: Detached) -> None:
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        outlet.tick()
        time.sleep(0.01)
