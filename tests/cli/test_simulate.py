"""`midstream simulate`, run as users run it."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from midstream_cli.cli.main import main
from midstream_cli.recordings import CsiRecording, NumericRecording, concatenate
from midstream_cli.streams.simulate import scenes
from midstream_cli.streams.simulate.dynamics.playing import Sampling, series
from midstream_cli.streams.simulate.setup import Setup
from midstream_cli.streams.source import open_source


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as left:
        main(["simulate", *arguments])
    return int(left.value.code or 0)


def read(path: Path) -> CsiRecording:
    with open_source(str(path)) as source:
        recording = concatenate(list(source))  # type: ignore[type-var]
    assert isinstance(recording, CsiRecording)
    return recording


@pytest.fixture
def expected() -> CsiRecording:
    return concatenate(list(scenes.simulate("walking", Setup(duration_s=4.0, seed=7, snr_db=25.0))))


@pytest.mark.parametrize(
    ("out", "form"),
    [
        ("walk", ()),
        ("walk.npz", ()),
        ("walk.csv", ("--format", "esp32-csi-tool")),
        ("walk.log", ("--format", "csi-recv")),
    ],
)
def test_what_is_written_is_what_was_simulated(
    out: str, form: tuple[str, ...], tmp_path: Path, expected: CsiRecording, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("walking", str(tmp_path / out), "--duration", "4s", "--seed", "7", "--snr", "25", *form) == 0
    found = read(tmp_path / out)
    np.testing.assert_array_equal(found.csi, expected.csi)
    np.testing.assert_array_equal(found.time_ns, expected.time_ns)
    told = capsys.readouterr()
    assert told.out == ""
    assert "wrote 400 frames" in told.err


@pytest.mark.parametrize("out", ["flow", "flow.csv", "flow.npz", "flow.parquet"])
def test_numbers_are_written_to_the_last_digit(out: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("lorenz", str(tmp_path / out), "--duration", "4s", "--seed", "7", "--noise", "0.1", "--truth") == 0
    assert json.loads(capsys.readouterr().out) == {"start_s": 0.0, "end_s": 4.0, "label": "strange"}
    with open_source(str(tmp_path / out)) as source:
        found = [piece for piece in source if isinstance(piece, NumericRecording)]
    expected = series("lorenz", Sampling(samples=200, seed=7, noise=0.1))
    np.testing.assert_array_equal(np.concatenate([piece.matrix() for piece in found]), expected)
    assert np.concatenate([np.diff(piece.time_ns) for piece in found]) == pytest.approx(20_000_000, abs=1)


def test_quiet_is_quiet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("idle_room", str(tmp_path / "idle"), "--duration", "1", "--quiet") == 0
    assert capsys.readouterr() == ("", "")


def test_the_truth_is_told_as_json_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("day", str(tmp_path / "day"), "--duration", "20", "--truth", "-q") == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["start_s"], line["end_s"], line["label"]) for line in lines] == scenes.truth(
        "day", Setup(duration_s=20)
    )
    assert lines[1] == {"start_s": 8.0, "end_s": 9.5, "label": "door_open"}


def test_standard_output_takes_the_bytes() -> None:
    command = [sys.executable, "-m", "midstream_cli", "simulate"]
    lines = subprocess.run([*command, "door_open", "-", "-d", "2"], check=True, capture_output=True).stdout.splitlines()
    assert len([line for line in lines if line.startswith(b"CSI_DATA,")]) == 200
    tokens = subprocess.run([*command, "chat", "-", "-d", "1", "-q"], check=True, capture_output=True)
    assert [json.loads(line)["done"] for line in tokens.stdout.splitlines()] == [False] * 40 + [True]
    assert tokens.stderr == b""


def test_who_reads_standard_output_may_leave() -> None:
    command = [sys.executable, "-m", "midstream_cli", "simulate", "walking", "-", "-d", "5m"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        assert writer.stderr is not None
        assert writer.stdout.read(5) == b"type,"
        writer.stdout.close()
        assert writer.stderr.read() == b""


def test_what_is_there_is_replaced_only_by_force(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "idle.log"
    arguments = ("idle_room", str(out), "--format", "esp32-csi-tool", "-d", "1")
    assert run(*arguments) == 0
    first = out.read_bytes()
    assert run(*arguments, "--seed", "2") == 2
    assert out.read_bytes() == first
    assert "--force" in capsys.readouterr().err
    assert run(*arguments, "--seed", "2", "--force") == 0
    assert out.read_bytes() != first
    assert [path.name for path in tmp_path.iterdir()] == ["idle.log"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("walkin", "out"), "did you mean walking?"),
        (("walking", "out.pcap"), "say it with --format"),
        (("chat", "out", "--snr", "20"), "--snr means nothing for chat"),
        (("chat", "out", "--truth"), "nobody knows when what happens in chat"),
        (("walking", "-", "--truth"), "cannot both go to standard output"),
        (("walking", "out", "--loss", "2"), "loss cannot be 2"),
        (("walking", "out.log", "--format", "ollama"), "ollama holds tokens"),
        (("walking", "out.log", "--format", "none-such"), "no format is called 'none-such'"),
        (("chat", "out.csv", "--format", "csv"), "csv holds numbers, and the scene is tokens"),
        (("walking", "out.csv", "--duration", "0s"), "duration cannot be 0"),
        (("chat", "out.jsonl", "--duration", "0s"), "a stream of tokens has one at least"),
    ],
)
def test_what_makes_no_sense_ends_with_2_and_leaves_nothing(
    arguments: tuple[str, ...],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(*arguments) == 2
    told = capsys.readouterr()
    assert message in told.err
    assert told.out == ""
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_ends_with_5(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert run("walking", str(tmp_path / "file" / "out.log"), "--format", "esp32-csi-tool", "-d", "1") == 5
