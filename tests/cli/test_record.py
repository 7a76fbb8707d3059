"""`midstream record`, run as users run it."""

import io
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import pytest

from midstream_cli.cli import interrupts
from midstream_cli.cli.main import main
from midstream_cli.errors import ExitCode
from midstream_cli.frames import StreamInfo
from midstream_cli.recordings import CsiRecording, NumericRecording, TokenRecording, concatenate
from midstream_cli.streams.formats import ruview_udp
from midstream_cli.streams.recording import RecordingWriter, read
from midstream_cli.streams.source import open_source

FOREGROUND = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "from midstream_cli.cli.main import main; main()"
)
"""The command line as in a terminal, also where the tests run in the background and Ctrl-C is ignored."""

COMMAND = [sys.executable, "-c", FOREGROUND, "record"]
WAIT_S = 20.0
"""For something that takes a moment on an idle machine."""


@dataclass
class Done:
    """What became of a command."""

    returncode: int
    stdout: str
    stderr: str


def record(*arguments: object) -> Done:
    """Run the command to its end, in this process, which starts faster than another."""
    handlers = {number: signal.getsignal(number) for number in interrupts.SIGNALS}
    out, err = io.StringIO(), io.StringIO()
    try:
        with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as end:
            main(["record", *map(str, arguments)])
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    return Done(int(end.value.code or 0), out.getvalue(), err.getvalue())


@contextmanager
def recording(*arguments: object) -> Iterator[tuple[subprocess.Popen[bytes], IO[bytes]]]:
    """The command while it runs, and its standard input."""
    pipe = subprocess.PIPE
    process = subprocess.Popen([*COMMAND, *map(str, arguments)], bufsize=0, stdin=pipe, stdout=pipe, stderr=pipe)
    assert process.stdin
    with process:
        try:
            yield process, process.stdin
        finally:
            process.kill()


def until(condition: Callable[[], bool]) -> None:
    """Wait for something."""
    end = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def rows(folder: Path) -> list[float]:
    """The column x of a recording of numbers; none while there is none."""
    if not (folder / "manifest.json").exists():
        return []
    pieces = [piece for piece in read(folder) if isinstance(piece, NumericRecording)]
    return [x for piece in pieces for x in piece.columns["x"].tolist()]


def whole(source: Path) -> Any:
    with open_source(str(source), keep_bad=True) as opened:
        pieces: list[Any] = list(opened)
    return concatenate(pieces)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "table.csv"
    path.write_text("time_s,x\n" + "".join(f"{i / 100},{i}\n" for i in range(300)))
    return path


def test_a_recorded_source_is_written_and_told(table: Path, tmp_path: Path) -> None:
    done = record(table, tmp_path / "r")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == f"wrote 300 frames to {tmp_path / 'r'} (3.0 s)\n"
    assert rows(tmp_path / "r") == list(range(300))
    manifest = json.loads((tmp_path / "r" / "manifest.json").read_text())
    assert (manifest["source"], manifest["kind"], manifest["frames"]) == (str(table), "numeric", 300)


def test_json_tells_what_was_written(table: Path, tmp_path: Path) -> None:
    done = record(table, tmp_path / "r", "--json", "--quiet")
    facts = json.loads(done.stdout)
    assert done.stderr == ""
    assert (facts["path"], facts["format"], facts["kind"]) == (str(tmp_path / "r"), "midstream", "numeric")
    assert (facts["frames"], facts["duration_s"]) == (300, 2.99)


def test_frames_and_duration_end_a_recording(table: Path, tmp_path: Path) -> None:
    assert record(table, tmp_path / "a", "--frames", 7).returncode == ExitCode.OK
    assert record(table, tmp_path / "b", "--duration", "500ms").returncode == ExitCode.OK
    assert rows(tmp_path / "a") == list(range(7))
    assert rows(tmp_path / "b") == list(range(50))


def test_a_frame_rate_gives_a_recording_without_times_its_times(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("x\n" + "".join(f"{i}\n" for i in range(50)))
    done = record(tmp_path / "x.csv", tmp_path / "r", "--frame-rate", 20)
    assert (done.returncode, done.stderr) == (0, f"wrote 50 frames to {tmp_path / 'r'} (2.5 s)\n")
    assert np.diff(whole(tmp_path / "r").time_ns).tolist() == [50_000_000] * 49


def test_a_duration_cannot_be_cut_from_a_recording_without_times(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("x\n1\n2\n")
    done = record(tmp_path / "x.csv", tmp_path / "r", "--duration", "1s")
    assert done.returncode == ExitCode.USAGE
    assert "has no times" in done.stderr
    assert "--frames" in done.stderr
    assert not (tmp_path / "r").exists()


# where to


@pytest.mark.parametrize("suffix", ["csv", "npz", "parquet"])
def test_the_name_of_a_file_says_its_format(suffix: str, table: Path, tmp_path: Path) -> None:
    out = tmp_path / "deep" / f"out.{suffix}"
    done = record(table, out, "--json")
    assert json.loads(done.stdout)["format"] == suffix
    assert done.stderr.startswith(f"wrote 300 frames to {out}")
    assert whole(out).columns["x"].tolist() == list(range(300))
    assert whole(out).time_ns.tolist() == [i * 10_000_000 for i in range(300)]


def test_what_is_there_is_replaced_only_by_force(table: Path, tmp_path: Path) -> None:
    for name in ("r", "out.npz"):
        assert record(table, tmp_path / name).returncode == ExitCode.OK
        refused = record(table, tmp_path / name, "--frames", 3)
        assert refused.returncode == ExitCode.USAGE
        assert "already" in refused.stderr
        assert "--force" in refused.stderr
        assert len(whole(tmp_path / name)) == 300
        assert record(table, tmp_path / name, "--frames", 3, "--force").returncode == ExitCode.OK
        assert len(whole(tmp_path / name)) == 3


def test_a_file_cannot_hold_every_kind_of_stream(table: Path, tmp_path: Path) -> None:
    done = record(table, tmp_path / "out.jsonl")
    assert done.returncode == ExitCode.USAGE
    assert ".jsonl cannot hold a numeric stream" in done.stderr
    assert ".csv, .npz, .parquet can" in done.stderr
    assert not (tmp_path / "out.jsonl").exists()


def test_a_folder_of_that_name_is_not_replaced_by_a_file(table: Path, tmp_path: Path) -> None:
    (tmp_path / "out.csv").mkdir()
    assert record(table, tmp_path / "out.csv", "--force").returncode == ExitCode.USAGE


def test_tokens_are_logged_as_they_come(tmp_path: Path) -> None:
    out = tmp_path / "answer.jsonl"

    def event(text: str) -> bytes:
        choice = {"index": 0, "delta": {"content": text}}
        return b"data: " + json.dumps({"object": "chat.completion.chunk", "choices": [choice]}).encode() + b"\n\n"

    with recording("-", out) as (process, stdin):
        stdin.write(event("Hel") + event("lo"))
        stdin.flush()
        until(lambda: out.exists() and out.read_text().count("\n") == 3)
        stdin.write(event("!"))
        stdin.close()
        assert process.wait(WAIT_S) == ExitCode.OK
    answer = whole(out)
    assert isinstance(answer, TokenRecording)
    assert answer.text.tolist() == ["Hel", "lo", "!"]
    assert answer.info.clock == "host"
    assert [json.loads(line).get("format") for line in out.read_text().splitlines()] == [
        "midstream-tokens",
        None,
        None,
        None,
    ]


# damaged frames


@pytest.fixture
def with_damaged(tmp_path: Path) -> Path:
    meta = {"rx_state": np.array([0, 65, 0])}
    with RecordingWriter(tmp_path / "air") as writer:
        writer.append(
            CsiRecording.build(StreamInfo("air", "esp32", "csi", "device"), [1, 2, 3], np.ones((3, 1)), meta=meta)
        )
    return tmp_path / "air"


def test_damaged_frames_are_kept_unless_they_are_to_be_dropped(with_damaged: Path, tmp_path: Path) -> None:
    record(with_damaged, tmp_path / "all")
    assert len(whole(tmp_path / "all")) == 3
    done = record(with_damaged, tmp_path / "good", "--drop-bad")
    assert "wrote 2 frames" in done.stderr
    assert "1 dropped" in done.stderr
    assert len(whole(tmp_path / "good")) == 2


def test_malformed_records_are_told(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("time_s,x\n0,1\noops\n1,2\n")
    done = record(tmp_path / "x.csv", tmp_path / "r")
    assert done.returncode == ExitCode.OK
    assert "warning: 1 malformed: wrong number of cells (first at line 3)" in done.stderr


# nothing to write


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        ("", ExitCode.FORMAT, "is empty"),
        ("no table at all", ExitCode.FORMAT, "nothing known reads"),
        ("a,b\n", ExitCode.SOURCE, "no frame came"),
        ("a,b\n1\n2\n", ExitCode.FORMAT, "not one whole frame, but 2 damaged ones"),
    ],
)
def test_where_nothing_came_nothing_is_left(content: str, code: int, said: str, tmp_path: Path) -> None:
    (tmp_path / "x").write_text(content)
    arguments = ["--input-format", "csv"] if "," in content else []
    done = record(tmp_path / "x", tmp_path / "r", *arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
    assert "hint:" in done.stderr
    assert not (tmp_path / "r").exists()


def test_a_source_that_does_not_exist_is_an_error_of_the_source(tmp_path: Path) -> None:
    done = record(tmp_path / "missing", tmp_path / "r")
    assert done.returncode == ExitCode.SOURCE
    assert not (tmp_path / "r").exists()


# live


def fed(stdin: IO[bytes], rows: range, header: bytes = b"") -> None:
    stdin.write(header + b"".join(b"%d,%d\n" % (i, i) for i in rows))
    stdin.flush()


@pytest.mark.parametrize("number", interrupts.SIGNALS)
def test_ctrl_c_sigterm_and_a_closed_terminal_keep_and_tell_what_came(number: signal.Signals, tmp_path: Path) -> None:
    with recording("-", tmp_path / "r", "--json") as (process, stdin):
        fed(stdin, range(500), b"time_s,x\n")
        until(lambda: len(rows(tmp_path / "r")) == 500)
        process.send_signal(number)
        output, errors = process.communicate(timeout=WAIT_S)
    assert process.returncode == ExitCode.INTERRUPTED
    assert errors.decode() == f"wrote 500 frames to {tmp_path / 'r'} (499.0 s)\n"
    assert json.loads(output)["frames"] == 500
    assert json.loads((tmp_path / "r" / "manifest.json").read_text())["closed"] is True


def test_ctrl_c_before_the_first_frame_leaves_nothing(tmp_path: Path) -> None:
    with recording("-", tmp_path / "r", "--input-format", "csv") as (process, stdin):
        fed(stdin, range(0), b"time_s,x\n")
        until((tmp_path / "r" / "writer.lock").exists)
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=WAIT_S)
    assert process.returncode == ExitCode.INTERRUPTED
    assert errors.decode() == "no frame came: nothing is kept\n"
    assert not (tmp_path / "r").exists()


def test_frames_are_on_disk_while_the_stream_pauses_and_when_the_recorder_is_killed(tmp_path: Path) -> None:
    with recording("-", tmp_path / "r") as (process, stdin):
        fed(stdin, range(10), b"time_s,x\n")
        until(lambda: rows(tmp_path / "r") == list(range(10)))
        process.kill()
        process.wait(WAIT_S)
    assert rows(tmp_path / "r") == list(range(10))


@contextmanager
def sender() -> Iterator[tuple[str, Callable[[bytes], int]]]:
    """The URL of a free port, and how to send there."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        yield f"udp://127.0.0.1:{port}", lambda data: out.sendto(data, ("127.0.0.1", port))


def test_what_came_from_a_source_that_dies_is_kept(tmp_path: Path) -> None:
    with sender() as (url, send), recording(url, tmp_path / "r", "--timeout", "1s", "-i", "csv") as (process, _):
        until(lambda: (send(b"time_s,x\n5,5\n"), bool(rows(tmp_path / "r")))[1])
        _, errors = process.communicate(timeout=WAIT_S)
    assert process.returncode == ExitCode.SOURCE
    first, *others = errors.decode().splitlines()
    assert first.startswith(f"wrote {len(rows(tmp_path / 'r'))} frames to {tmp_path / 'r'}")
    assert any(line.startswith("error:") for line in others)
    assert set(rows(tmp_path / "r")) == {5.0}


def test_a_duration_ends_a_live_recording(tmp_path: Path) -> None:
    with recording("-", tmp_path / "r", "--duration", "300ms") as (process, stdin):
        begun = time.monotonic()
        stdin.write(b"time_ms,x\n")
        for i in range(100_000):
            try:
                stdin.write(b"%d,%d\n" % (i, i))
                stdin.flush()
            except BrokenPipeError:
                break
        assert process.wait(WAIT_S) == ExitCode.OK
        assert time.monotonic() - begun < WAIT_S
    assert rows(tmp_path / "r") == list(range(300))


# real recordings


REAL = (
    "csi/csikit/example_100hz_pitraffic.csv",
    "csi/hernandez/rikesh_example_csi.csv",
    "csi/nasty/tristsou_empty_01_full_log.txt",
)


@pytest.mark.parametrize("name", REAL)
def test_a_real_recording_comes_back_as_it_was(name: str, data: Path, tmp_path: Path) -> None:
    assert record(data / name, tmp_path / "r").returncode == ExitCode.OK
    original, copy = whole(data / name), whole(tmp_path / "r")
    for field in ("time_ns", "node", "csi", "offsets", "rssi", "noise_floor", "channel", "seq", "segment"):
        assert getattr(copy, field).tobytes() == getattr(original, field).tobytes()
    assert list(copy.meta) == list(original.meta)
    for field, values in original.meta.items():
        assert copy.meta[field].dtype.kind == values.dtype.kind
        assert np.array_equal(copy.meta[field], values, equal_nan=values.dtype.kind == "f")


def test_a_thousand_frames_a_second_of_256_subcarriers_are_all_recorded(tmp_path: Path) -> None:
    seconds, rate_hz, subcarriers = 3, 1000, 256
    random = np.random.default_rng(1)
    n = seconds * rate_hz
    samples = random.integers(-128, 128, (n, subcarriers)) + 1j * random.integers(-128, 128, (n, subcarriers))
    sent = CsiRecording.build(
        StreamInfo(), np.zeros(n), samples.astype(np.complex64), seq=np.arange(n), node=np.ones(n)
    )
    packets = list(ruview_udp.encode(sent))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"udp://127.0.0.1:{port}"
    with recording(url, tmp_path / "r", "--input-format", "ruview-udp", "--json", "--frames", n) as (process, _):
        until(lambda: port in listening())
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            begun = time.monotonic()
            for i, packet in enumerate(packets):
                ahead_s = begun + i / rate_hz - time.monotonic()
                if ahead_s > 0.002:
                    time.sleep(ahead_s)
                sender.sendto(packet, ("127.0.0.1", port))
        out, err = process.communicate(timeout=WAIT_S)
    assert process.returncode == 0, err
    (told,) = map(json.loads, out.splitlines())
    assert (told["frames"], told["lost"], told["bad"], told["dropped"]) == (n, 0, 0, {})
    pieces = [piece for piece in read(tmp_path / "r") if isinstance(piece, CsiRecording)]
    np.testing.assert_array_equal(concatenate(pieces).csi, sent.csi)


def listening() -> list[int]:
    """The UDP ports that somebody of this machine has opened."""
    rows = [
        line.split()[1] for name in ("udp", "udp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]
    ]
    return [int(row.rpartition(":")[2], 16) for row in rows]
