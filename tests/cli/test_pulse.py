"""Signatures from two real recordings tell the windows of two others apart, by the commands that README shows."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from command_line import ROOT, midstream

from midstream_cli.errors import ExitCode
from midstream_cli.store.reading import select

FIRST, SECOND = ("vacio_01", "mov_01"), ("vacio_02", "mov_04")
TRUTH = ("--truth", "vacio*=empty", "--truth", "mov*=walking")


@pytest.fixture(scope="module")
def pulse(data: Path) -> Path:
    """The folder of the recordings."""
    return data / "csi" / "pulse"


def capture(pulse: Path, empty: str, walking: str, folder: Path) -> Path:
    """A library of two signatures, two seconds of each recording."""
    common = ("--from", "10", "--store", "none")
    quiet = midstream(
        "capture-signature", "--label", "empty", "--idle", "--source", pulse / f"{empty}.csv", *common,
        "--out", "pulse/empty.sig.json", folder=folder,
    )  # fmt: skip
    moving = midstream(
        "capture-signature", "--label", "walking", "--source", pulse / f"{walking}.csv", *common,
        "--background", pulse / f"{empty}.csv", "--out", "pulse/walking.sig.json", folder=folder,
    )  # fmt: skip
    assert (quiet.code, moving.code) == (ExitCode.OK, ExitCode.OK), quiet.err + moving.err
    assert moving.rows[0]["energy_over_background_db"] > 10
    return folder / "pulse"


@pytest.mark.parametrize(
    ("captured", "evaluated"), [(FIRST, SECOND), (SECOND, FIRST)], ids=["first to second", "second to first"]
)
def test_an_empty_room_and_somebody_walking_are_told_apart_two_seconds_at_a_time(
    captured: tuple[str, str], evaluated: tuple[str, str], pulse: Path, tmp_path: Path
) -> None:
    library = capture(pulse, *captured, tmp_path)
    recordings = [pulse / f"{name}.csv" for name in evaluated]
    done = midstream(
        "signatures", "evaluate", library, *recordings, *TRUTH, "--at-least", "0.95", "-s", "a.duckdb", folder=tmp_path
    )
    assert done.code == ExitCode.OK, done.err
    counts = {(row["truth"], row["predicted"]): row["windows"] for row in done.rows}
    assert set(counts) == {(a, b) for a in ("empty", "walking") for b in ("empty", "walking")}
    recalls = []
    for truth in ("empty", "walking"):
        windows = counts[truth, "empty"] + counts[truth, "walking"]
        # a minute has thirty windows of two seconds, less those across a silence
        assert 25 <= windows <= 30
        recalls.append(counts[truth, truth] / windows)
    balanced = sum(recalls) / 2
    assert balanced >= 0.95
    said = re.search(r"balanced accuracy (\S+) over (\d+) windows of 2 recordings", done.err)
    assert said
    assert float(said[1]) == pytest.approx(balanced, abs=5e-5)
    assert int(said[2]) == sum(counts.values())
    kept = [
        row for piece in select(str(tmp_path / "a.duckdb"), "FROM confusions JOIN runs USING (run_id)") for row in piece
    ]
    assert {(row["truth"], row["predicted"]): row["windows"] for row in kept} == counts
    assert {row["command"] for row in kept} == {"signatures evaluate"}
    assert json.loads(kept[0]["arguments"])["truth"] == list(TRUTH[1::2])
    assert kept[0]["frames"] > 12_000


def test_what_readme_shows_is_what_comes_out(pulse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = [line for line in text.splitlines() if line.startswith("midstream ") and "vacio_0" in line]
    assert len(commands) == 3
    for name in (*FIRST, *SECOND):
        (tmp_path / f"{name}.csv").symlink_to(pulse / f"{name}.csv")
    monkeypatch.chdir(tmp_path)
    for command in commands:
        done: Any = midstream(*shlex.split(command)[1:], "-f", "table", folder=tmp_path)
        assert done.code == ExitCode.OK, done.err
    assert f"```text\n{done.out}```" in text


def test_somebody_who_sits_still_moves_less_than_somebody_who_walks(pulse: Path, tmp_path: Path) -> None:
    library = capture(pulse, *FIRST, tmp_path)
    done = midstream(
        "compare", pulse / "resp_6rpm.csv", "--signatures", library, "--top", "1", "-s", "none", folder=tmp_path
    )
    labels = [row["label"] for row in done.rows]
    assert labels.count("empty") > len(labels) * 0.95
