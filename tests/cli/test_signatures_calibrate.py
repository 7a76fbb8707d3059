"""`midstream signatures calibrate`: thresholds of signatures, from recordings in which they do not occur."""

import json
import shutil
import signal
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command_line import ROOT, SIGNATURES, WAIT_S, midstream, running

from midstream_cli.cli import batch, calibrating
from midstream_cli.compare.live.quiet import Brought
from midstream_cli.compare.signatures.signature import Background, Signature
from midstream_cli.compare.signatures.signature_file import read, write
from midstream_cli.errors import ExitCode
from midstream_cli.frames import Float64
from midstream_cli.store.reading import select

IDLE = str(ROOT / "recordings" / "idle_room")
RATE_HZ, DIMS = 40.0, 4


def noise(n: int, seed: int) -> Float64:
    return np.random.default_rng(seed).normal(2.0, 1.0, (n, DIMS))


def table(path: Path, values: Float64) -> str:
    """A recording of plain numbers with times."""
    times = np.arange(len(values))[:, None] / RATE_HZ
    header = ",".join(["time_s", *(f"x{i}" for i in range(DIMS))])
    np.savetxt(path, np.hstack([times, values]), delimiter=",", header=header, comments="", fmt="%.6g")
    return path.name


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Signatures of two motions and of none, a quiet recording of ten minutes, and one in which a motion comes twice."""
    quiet = Background.of(noise(2000, 1), "quiet", 50.0)
    for i, name in enumerate(("jump", "turn")):
        steps = np.random.default_rng(i).normal(0, 1.5, (24, DIMS)).cumsum(axis=0)
        motion = Signature(name, name, 2.0 + steps, "columns", background=quiet)
        write(motion, tmp_path / "library" / f"{name}.sig.json")
    still = Signature("still", "still", np.full((24, DIMS), 2.1), "columns", background=quiet)
    write(still, tmp_path / "library" / "still.sig.json")
    values = noise(24_000, 2)
    table(tmp_path / "quiet.csv", values)
    jump = read(tmp_path / "library" / "jump.sig.json").vectors - 2.0
    for at in (6000, 18_000):
        values[at : at + 24] += jump
    table(tmp_path / "busy.csv", values)
    return tmp_path


def calibrate(folder: Path, *arguments: object) -> Any:
    return midstream("signatures", "calibrate", "library", *arguments, folder=folder)


def recognition(folder: Path, name: str) -> Any:
    return json.loads((folder / "library" / f"{name}.sig.json").read_text()).get("recognition")


def test_a_quiet_recording_gives_each_signature_that_moves_its_threshold(folder: Path) -> None:
    before = {path.name: json.loads(path.read_text()) for path in (folder / "library").iterdir()}
    done = calibrate(folder, "quiet.csv", "--false-alarms-per-day", "48")
    assert done.code == ExitCode.OK, done.err
    assert [row["label"] for row in done.rows] == ["jump", "turn"]
    for row in done.rows:
        assert row["hours"] == pytest.approx(24_000 / RATE_HZ / 3600, rel=1e-3)
        assert row["false_alarms_per_day"] == pytest.approx(24.0)
        assert row["false_alarms_per_day_high"] > 24.0
        assert (row["measured"], row["steady"], row["background"]) == (False, True, ["quiet.csv"])
        assert row["peaks"] > 10
        found = recognition(folder, row["signature_id"])
        assert found["threshold"] == pytest.approx(row["threshold"], rel=1e-5)
        assert (found["false_alarms_per_day"], found["background"]) == (pytest.approx(24.0), ["quiet.csv"])
        assert read(folder / "library" / f"{row['label']}.sig.json").evidence_threshold == found["threshold"]
    after = {path.name: json.loads(path.read_text()) for path in (folder / "library").iterdir()}
    assert {name: {**content, "recognition": None} for name, content in after.items()} == {
        name: {**content, "recognition": None} for name, content in before.items()
    }
    assert recognition(folder, "still") is None
    assert "still (library/still.sig.json) does not move: it needs no threshold" in done.err
    assert "10.0 min of background are too short to count so few false alarms: they are foretold" in done.err
    assert "wrote the thresholds of 2 signatures" in done.err


def test_what_is_accepted_is_counted_where_it_comes_often_enough(folder: Path) -> None:
    done = calibrate(folder, "quiet.csv", "--false-alarms-per-day", "7200", "--dry-run", "-s", "none")
    assert [row["measured"] for row in done.rows] == [True, True]
    assert "foretold" not in done.err
    assert all(row["false_alarms_per_day"] <= 3600.0 for row in done.rows)


def test_dry_nothing_is_written_but_rows_are_kept(folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in (folder / "library").iterdir()}
    done = calibrate(folder, "quiet.csv", "--dry-run", "-s", "a.duckdb")
    assert done.code == ExitCode.OK
    assert {path.name: path.read_bytes() for path in (folder / "library").iterdir()} == before
    kept = [
        row for piece in select(str(folder / "a.duckdb"), "FROM calibrations JOIN runs USING (run_id)") for row in piece
    ]
    assert [{name: row[name] for name in done.rows[0]} for row in kept] == done.rows
    assert {(row["command"], row["source"], row["frames"]) for row in kept} == {
        ("signatures calibrate", "quiet.csv", 24_000)
    }


def test_a_background_that_holds_the_motion_is_a_no_and_says_where(folder: Path) -> None:
    done = calibrate(folder, "busy.csv", "-s", "none")
    assert done.code == ExitCode.NO
    assert "warning: jump brings " in done.err
    assert "it holds something like it (the most at 150." in done.err or "(the most at 450." in done.err
    assert recognition(folder, "jump") is None
    assert recognition(folder, "turn") is not None


def test_all_recordings_count_together_and_at_once(folder: Path) -> None:
    table(folder / "more.csv", noise(12_000, 5))
    one = calibrate(folder, "quiet.csv", "more.csv", "--dry-run", "-j", "1", "-s", "none")
    two = calibrate(folder, "quiet.csv", "more.csv", "--dry-run", "-j", "2", "-s", "none")
    assert one.rows == two.rows
    alone = calibrate(folder, "quiet.csv", "--dry-run", "-s", "none")
    for row, part in zip(one.rows, alone.rows, strict=True):
        assert row["hours"] == pytest.approx(1.5 * part["hours"], rel=1e-3)
        assert row["peaks"] > part["peaks"]
        assert row["background"] == ["quiet.csv", "more.csv"]


def test_past_a_bad_recording_the_others_count(folder: Path) -> None:
    done = calibrate(folder, "nope.csv", "quiet.csv", "-s", "none")
    assert done.code == ExitCode.SOURCE
    assert [row["background"] for row in done.rows] == [["quiet.csv"]] * 2
    assert recognition(folder, "turn") is not None


def test_on_a_terminal_the_threshold_comes_first(folder: Path) -> None:
    done = calibrate(folder, "quiet.csv", "--dry-run", "-s", "none", "-f", "table")
    head, *lines = done.out.splitlines()
    assert head.split()[:2] == ["label", "threshold"]
    assert [line.split()[0] for line in lines] == ["jump", "turn"]


def test_a_calibrated_library_is_shown_and_its_short_background_is_doubtful(folder: Path) -> None:
    calibrate(folder, "quiet.csv", "-s", "none")
    rows = midstream("signatures", "list", "library", folder=folder).rows
    assert [row["evidence_threshold"] is not None for row in rows] == [True, False, True]
    assert "foretold from 10.0 min of background" in midstream("signatures", "check", "library", folder=folder).out


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["short.csv"], ExitCode.FORMAT, "no recording lasts long enough"),
        (["nope.csv"], ExitCode.SOURCE, "there is no file nope.csv"),
        ([IDLE], ExitCode.FORMAT, "columns is a feature of numeric streams"),
        (["quiet.csv", "--false-alarms-per-day", "0"], ExitCode.USAGE, "false-alarms-per-day"),
        (["quiet.csv", "--false-alarms-per-day", "nan"], ExitCode.USAGE, "nan is not a number"),
    ],
)
def test_what_cannot_be_calibrated_is_an_error(
    arguments: list[str], code: ExitCode, message: str, folder: Path
) -> None:
    table(folder / "short.csv", noise(1, 1))
    done = calibrate(folder, *arguments, "-s", "a.duckdb")
    assert (done.code, done.out) == (code, "")
    assert message in done.err
    assert not (folder / "a.duckdb").exists()


def test_signatures_of_nothing_that_moves_are_told_of(folder: Path) -> None:
    for name in ("jump", "turn"):
        (folder / "library" / f"{name}.sig.json").unlink()
    done = calibrate(folder, "quiet.csv")
    assert done.code == ExitCode.FORMAT
    assert "there is nothing to calibrate" in done.err


def test_ctrl_c_keeps_what_was_measured(tmp_path: Path) -> None:
    shutil.copytree(SIGNATURES, tmp_path / "library")
    source = "demo://idle_room?duration=99999&pace=real"
    with running("signatures", "calibrate", "library", source, "-s", "a.duckdb", folder=tmp_path) as process:
        time.sleep(6)
        process.send_signal(signal.SIGINT)
        text, errors = process.communicate(timeout=WAIT_S)
    assert process.returncode == ExitCode.INTERRUPTED, errors
    rows = [json.loads(line) for line in text.splitlines()]
    assert [row["label"] for row in rows] == ["door", "walking"]
    assert 0 < rows[0]["hours"] < 0.01
    assert recognition(tmp_path, "door_open")["background"] == [source]


@pytest.mark.parametrize("crowded", [False, True])
def test_a_background_that_is_not_steady_is_a_no(crowded: bool, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    positions, heights = np.sort(np.random.default_rng(3).choice(100_000, 400, replace=False)), np.full(400, 2.0)
    heights[300:] += crowded * np.arange(100.0) / 10

    def brought(source: str, *_: object, **__: object) -> batch.Outcome:
        names = ("jump", "turn")
        found = [
            Brought(each, positions, heights, 100_000, 2500.0, 0.0 if crowded else 0.3, 90.0, 12.0, None)
            for each in names
        ]
        return batch.Outcome(source, results=found)

    monkeypatch.setattr(calibrating, "run", brought)
    done = calibrate(folder, "quiet.csv", "-j", "1", "-s", "none")
    assert done.code == ExitCode.NO
    assert [row["steady"] for row in done.rows] == [False, False]
    assert "warning: the background is not steady for jump: its past says little of its future" in done.err
    assert recognition(folder, "jump") is None
