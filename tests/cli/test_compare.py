"""`midstream compare`, run as users run it: recordings against signatures, and two sequences as wholes."""

import json
import math
import re
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command_line import (
    COMMAND,
    ROOT,
    SIGNATURES,
    WAIT_S,
    Done,
    alike,
    environment,
    heard,
    midstream,
    on_terminal,
    running,
    until,
)

from midstream_cli import __version__
from midstream_cli.cli import output
from midstream_cli.errors import ExitCode
from midstream_cli.frames import Float64
from midstream_cli.store.reading import select
from midstream_cli.streams.simulate import scenes
from midstream_cli.streams.simulate.setup import Setup
from midstream_cli.streams.source import open_source
from midstream_cli.streams.vectors import VectorStream
from tracks import collect

DAY = "demo://day?duration=60"
WALKING = "demo://walking?duration=30"
FIELDS = {"start_s", "end_s", "signature_id", "label", "distance", "score", "above_threshold"}


def library(folder: Path, *arguments: object) -> Done:
    return midstream("compare", *arguments, "--signatures", SIGNATURES, "-s", "none", folder=folder)


def slow_dtw(a: Float64, b: Float64, window: int | None = None) -> float:
    """DTW (symmetric2) cell by cell, over the sum of the lengths."""
    n, m = len(a), len(b)
    sums = {}
    for i in range(n):
        for j in range(m):
            if window is not None and abs(i - j) > window:
                continue
            cost = math.dist(a[i], b[j])
            if i == j == 0:
                sums[i, j] = cost
                continue
            sums[i, j] = min(
                sums.get((i - 1, j - 1), math.inf) + 2 * cost,
                sums.get((i - 1, j), math.inf) + cost,
                sums.get((i, j - 1), math.inf) + cost,
            )
    return sums[n - 1, m - 1] / (n + m)


# windows against a library


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """All matches of a simulated day."""
    done = library(tmp_path_factory.mktemp("day"), DAY)
    assert (done.code, done.err) == (ExitCode.OK, "")
    return done.rows


def test_rows_have_what_a_match_is_and_follow_from_one_another(day: list[dict[str, Any]]) -> None:
    thresholds = {
        content["id"]: content["promotion_threshold"]
        for content in (json.loads(path.read_text()) for path in SIGNATURES.glob("*.json"))
    }
    for row in day:
        assert row.keys() >= FIELDS
        assert row["end_s"] - row["start_s"] == pytest.approx(2.0)
        assert row["end_frame"] - row["start_frame"] == 64
        assert row["score"] == pytest.approx(1 / (1 + row["distance"]))
        assert row["above_threshold"] == (row["score"] >= thresholds[row["signature_id"]])
        assert row["path"] == DAY


def test_windows_come_in_order_a_hop_apart_with_their_signatures_ranked(day: list[dict[str, Any]]) -> None:
    windows = [day[i : i + 3] for i in range(0, len(day), 3)]
    starts = [window[0]["start_s"] for window in windows]
    assert np.diff(starts) == pytest.approx(1.0)
    for window in windows:
        assert len({row["start_s"] for row in window}) == 1
        assert [row["rank"] for row in window] == [1, 2, 3]
        assert len({row["signature_id"] for row in window}) == 3
        distances = [row["distance"] for row in window]
        assert distances == sorted(distances)


@pytest.mark.parametrize("top", [1, 2])
def test_top_keeps_the_nearest(top: int, day: list[dict[str, Any]], tmp_path: Path) -> None:
    assert library(tmp_path, DAY, "--top", top).rows == [row for row in day if row["rank"] <= top]


def test_every_window_of_a_single_act_is_told_by_its_truth(day: list[dict[str, Any]]) -> None:
    expected = {"idle_room": "idle", "sitting": "idle", "breathing": "idle", "walking": "walking"}
    acts = scenes.truth("day", Setup(duration_s=60.0))
    told = 0
    for row in day:
        for start, end, act in acts:
            if row["rank"] == 1 and start <= row["start_s"] and row["end_s"] <= end:
                assert row["label"] == expected[act], row
                told += 1
    assert told > 35
    doors = [(start, end) for start, end, act in acts if act == "door_open"]
    found = [row for row in day if row["rank"] == 1 and row["label"] == "door"]
    for start, end in doors:
        assert any(row["start_s"] < end and row["end_s"] > start for row in found), start


@pytest.mark.parametrize("window", [0, 17, 48])
def test_distances_are_those_of_a_slow_dtw_on_whitened_vectors(window: int, day: list[dict[str, Any]]) -> None:
    with open_source(DAY) as opened:
        values = collect(opened, VectorStream("doppler", parameters=parameters("walking_slow"))).values
    for row in day[3 * window : 3 * window + 3]:
        content = json.loads((SIGNATURES / f"{row['signature_id']}.sig.json").read_text())
        mean, deviation = (np.array(content["background"][name]) for name in ("mean", "deviation"))
        template, found = (
            (np.array(vectors) - mean) / deviation / math.sqrt(len(mean))
            for vectors in (content["vectors"], values[row["start_frame"] : row["end_frame"]])
        )
        assert row["distance"] == pytest.approx(slow_dtw(found, template, content["dtw"]["window"]), rel=1e-9)


def parameters(name: str) -> Any:
    return json.loads((SIGNATURES / f"{name}.sig.json").read_text())["feature"]


@pytest.fixture(scope="module")
def rooms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of recordings in several formats, one of them in a folder of its own."""
    folder = tmp_path_factory.mktemp("rooms")
    for scene, out in (("walking", "a_walk.npz"), ("idle_room", "b_idle.log"), ("door_open", "deep/c_door")):
        form = ("--format", "csi-recv") if out.endswith(".log") else ()
        (folder / out).parent.mkdir(exist_ok=True)
        assert midstream("simulate", scene, out, "-d", "6s", "-q", *form, folder=folder).code == ExitCode.OK
    return folder


NAMES = ["a_walk.npz", "b_idle.log", "deep/c_door"]


def test_globs_and_folders_are_entered_and_each_recording_is_compared_once_in_order(rooms: Path) -> None:
    for sources in (NAMES, ["."], ["*.npz", "*.log", "deep"], ["a*", ".", "deep/c_door"]):
        done = library(rooms, *sources)
        assert done.code == ExitCode.OK, done.err
        assert list(dict.fromkeys(row["path"] for row in done.rows)) == NAMES


def test_several_recordings_are_compared_as_each_by_itself_however_many_at_a_time(rooms: Path) -> None:
    alone = [row for name in NAMES for row in library(rooms, name).rows]
    one, two = (library(rooms, ".", "--jobs", jobs) for jobs in (1, 2))
    # which of two ways computes depends on how much there is to compute, and with it the last digits
    assert one.rows == alike(alone)
    assert two.rows == alike(one.rows)
    assert (two.code, two.err) == (one.code, one.err)


@pytest.mark.parametrize("jobs", [1, 2])
def test_past_a_bad_recording_the_others_are_compared_and_the_failure_is_named_at_the_end(
    jobs: int, rooms: Path, tmp_path: Path
) -> None:
    (tmp_path / "junk.csv").write_bytes(bytes(range(256)) * 64)
    done = library(rooms, tmp_path / "junk.csv", NAMES[0], "nope.csv", NAMES[1], "-j", jobs, "--threshold", "0.001")
    assert done.code == ExitCode.FORMAT
    assert list(dict.fromkeys(row["path"] for row in done.rows)) == NAMES[:2]
    first, _, second, _, last = done.err.splitlines()
    assert first.startswith(f"error: nothing known reads {tmp_path / 'junk.csv'}")
    assert second == "error: there is no file nope.csv"
    assert last == "2 of 4 sources could not be read"


def test_a_threshold_asks_whether_anything_is_that_near(rooms: Path) -> None:
    nearest = min(row["distance"] for row in library(rooms, ".").rows)
    for sources in (["."], NAMES[1:2]):
        assert library(rooms, *sources, "--threshold", nearest * 0.999).code == ExitCode.NO
    assert library(rooms, ".", "--threshold", nearest * 1.001).code == ExitCode.OK


def test_a_part_of_a_recording_can_be_compared(tmp_path: Path) -> None:
    whole = library(tmp_path, DAY, "--frames", "1000").rows
    assert max(row["end_s"] for row in whole) <= 10.0
    assert whole == [row for row in library(tmp_path, DAY, "--to", "10s").rows if row["end_s"] <= whole[-1]["end_s"]]
    assert library(tmp_path, DAY, "--duration", "10s").rows == library(tmp_path, DAY, "--to", "10s").rows


def test_matches_are_kept_with_the_run_they_came_from(rooms: Path, tmp_path: Path) -> None:
    store = tmp_path / "a.duckdb"
    arguments = ("--signatures", SIGNATURES, "--top", "2", "--hop", "500ms", "-s", store)
    several = midstream("compare", *NAMES, *arguments, folder=rooms)
    alone = midstream("compare", DAY, *arguments, folder=rooms)
    (pieces,) = [list(select(str(store), "FROM matches JOIN runs USING (run_id) ORDER BY started, start_frame, rank"))]
    kept = [row for piece in pieces for row in piece]
    rows = (
        sorted(several.rows, key=lambda row: (NAMES.index(row["path"]), row["start_frame"], row["rank"])) + alone.rows
    )
    by_source = {name: [row for row in kept if row["source"] == name] for name in (*NAMES, DAY)}
    assert [{name: row[name] for name in rows[0]} for found in by_source.values() for row in found] == rows
    for name, frames in zip((*NAMES, DAY), (600, 600, 600, 6000), strict=True):
        (run,) = {
            (row["run_id"], row["command"], row["version"], row["frames"], row["lost"], row["bad"])
            for row in by_source[name]
        }
        assert run[1:] == ("compare", __version__, frames, 0, 0)
        given = json.loads(by_source[name][0]["arguments"])
        assert (given["top"], given["hop"], given["signatures"]) == (2, 0.5, str(SIGNATURES))


def test_losses_and_faults_are_told_and_kept(tmp_path: Path) -> None:
    midstream("simulate", "walking", "w.log", "-d", "6s", "-q", "--format", "csi-recv", folder=tmp_path)
    lines = (tmp_path / "w.log").read_text().splitlines()
    lines[100] = lines[100][:150]
    del lines[200:205]
    (tmp_path / "w.log").write_text("\n".join(lines) + "\n")
    done = midstream("compare", "w.log", "--signatures", SIGNATURES, folder=tmp_path)
    assert done.code == ExitCode.OK
    assert "warning: 1 malformed: " in done.err
    ((run,),) = select(str(tmp_path / "midstream.duckdb"), "FROM runs")
    assert (run["frames"], run["bad"]) == (594, 1)
    assert run["lost"] in (5, 6)
    assert f"warning: lost on the way: {run['lost']} frames" in done.err


def test_a_table_is_a_picture_of_when_with_a_line_for_each_label(day: list[dict[str, Any]], tmp_path: Path) -> None:
    lines = library(tmp_path, DAY, "-f", "table").out.splitlines()
    nearest = [row for row in day if row["rank"] == 1]
    labels = list(dict.fromkeys(row["label"] for row in nearest))
    drawn = {line.split()[0]: line[line.index(line.split()[1]) :] for line in lines[: len(labels)]}
    assert list(drawn) == labels
    assert all(set(cells) <= set("·░█") for cells in drawn.values())
    assert lines[len(labels)].split()[:2] == ["0", "s"]
    summary = [line.split() for line in lines[len(labels) + 1 :]]
    assert summary[0] == ["label", "windows", "share", "above_threshold", "best_score", "median_distance"]
    for label, windows, share, above, *_ in summary[1:]:
        own = [row for row in nearest if row["label"] == label]
        assert (int(windows), int(above)) == (len(own), sum(row["above_threshold"] for row in own))
        assert float(share) == pytest.approx(len(own) / len(nearest), abs=5e-5)
    # the middle of each row that counts is full, where its label is drawn
    end = max(row["end_s"] for row in nearest)
    for row in nearest:
        cells = drawn[row["label"]]
        assert cells[int((row["start_s"] + row["end_s"]) / 2 / end * len(cells))] in (
            "█" if row["above_threshold"] else "█░"
        )


def test_csv_and_json_hold_the_same_rows(day: list[dict[str, Any]], tmp_path: Path) -> None:
    assert json.loads(library(tmp_path, DAY, "-f", "json").out) == day
    table = library(tmp_path, DAY, "-f", "csv").table
    assert [(row["signature_id"], float(row["distance"])) for row in table] == [
        (row["signature_id"], row["distance"]) for row in day
    ]


def test_signatures_of_another_kind_of_stream_do_not_fit(tmp_path: Path) -> None:
    done = library(tmp_path, "demo://chat")
    assert (done.code, done.out) == (ExitCode.FORMAT, "")
    assert "is a token stream, and doppler is a feature of csi streams" in done.err
    assert "hint: features of token streams are " in done.err


def test_another_layout_does_not_fit_and_the_hint_says_what_to_do(data: Path, tmp_path: Path) -> None:
    done = library(tmp_path, data / "csi" / "nexmon" / "example_4358.pcap")
    assert done.code == ExitCode.FORMAT
    assert "has frames of 256 subcarriers, the feature was fitted to 64" in done.err
    assert "--subcarriers" in done.err


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ([DAY, "--signatures", "nowhere"], ExitCode.SOURCE, "there is no folder nowhere"),
        ([DAY, "--signatures", SIGNATURES, "--node", "zz"], ExitCode.USAGE, "neither a MAC address nor a number"),
        ([DAY, "--signatures", SIGNATURES, "--subcarriers", "99"], ExitCode.USAGE, "no frame of 99 subcarriers"),
        ([DAY, "--signatures", SIGNATURES, "--top", "0"], ExitCode.USAGE, "0 is not in the range"),
        (
            [DAY, "--signatures", SIGNATURES, "--algorithm", "euclidean"],
            ExitCode.USAGE,
            "--algorithm means nothing with",
        ),
        ([DAY, "--signatures", SIGNATURES, "--feature", "bands8"], ExitCode.USAGE, "--feature means nothing with"),
        ([DAY, "--signatures", SIGNATURES, "--window", "3"], ExitCode.USAGE, "--window means nothing with"),
        ([DAY, "--signatures", SIGNATURES, "--threshold", "-1"], ExitCode.USAGE, "-1.0 is not in the range"),
        ([DAY, DAY, "--hop", "2"], ExitCode.USAGE, "--hop means nothing without --signatures"),
        ([DAY, DAY, "--top", "3"], ExitCode.USAGE, "--top means nothing without --signatures"),
        ([DAY], ExitCode.USAGE, "1 source to compare, where two are needed"),
        ([DAY, DAY, DAY], ExitCode.USAGE, "where two are needed"),
        (["-", "-"], ExitCode.USAGE, "standard input can be read only once"),
        ([DAY, DAY, "--algorithm", "frechet"], ExitCode.USAGE, "no algorithm is called 'frechet'"),
        ([DAY, DAY, "--algorithm", "edit"], ExitCode.USAGE, "measured numbers, hardly ever equal"),
        ([DAY, DAY, "--feature", "dopler"], ExitCode.USAGE, "did you mean doppler?"),
        ([DAY, DAY, "--feature", "token-ids"], ExitCode.FORMAT, "token-ids is a feature of token streams"),
        ([DAY, "demo://chat"], ExitCode.FORMAT, "demo://chat is a token stream"),
        ([DAY, "nope.csv"], ExitCode.SOURCE, "there is no file nope.csv"),
    ],
)
def test_what_cannot_be_compared_is_an_error_with_a_hint(
    arguments: list[object], code: ExitCode, message: str, tmp_path: Path
) -> None:
    done = midstream("compare", *arguments, folder=tmp_path)
    assert (done.code, done.out) == (code, "")
    assert message in done.err
    assert re.search(r"^hint: \S+", done.err, re.MULTILINE)


# two as wholes


def vectors(name: str) -> Float64:
    """The vectors of a signature in units of its background, which all that come along share."""
    content = json.loads((SIGNATURES / f"{name}.sig.json").read_text())
    mean, deviation = (np.array(content["background"][key]) for key in ("mean", "deviation"))
    whitened: Float64 = (np.array(content["vectors"]) - mean) / deviation / math.sqrt(len(mean))
    return whitened


def pair(folder: Path, *arguments: object) -> dict[str, Any]:
    done = midstream("compare", *arguments, "-s", "none", folder=folder)
    assert (done.code, done.err) == (ExitCode.OK, "")
    (row,) = done.rows
    assert row.keys() >= {"a", "b", "algorithm", "distance", "normalised", "alignment"}
    return row


WALK, IDLE = SIGNATURES / "walking_slow.sig.json", SIGNATURES / "idle_room.sig.json"


@pytest.mark.parametrize("window", [None, 0, 5])
def test_two_signatures_are_compared_by_dtw_within_their_own_window_and_in_units_of_their_background(
    window: int | None, tmp_path: Path
) -> None:
    row = pair(tmp_path, WALK, IDLE, *(("--window", window) if window is not None else ()))
    a, b = vectors("walking_slow"), vectors("idle_room")
    assert (row["algorithm"], row["feature"], row["length_a"], row["length_b"]) == ("dtw", "doppler", 64, 64)
    own = 8 if window is None else window
    assert (row["dtw_window"], row["units"]) == (own, "background")
    assert row["normalised"] == pytest.approx(slow_dtw(a, b, own), rel=1e-9)
    assert row["distance"] == pytest.approx(row["normalised"] * 128, rel=1e-9)
    path = row["alignment"]
    assert (path[0], path[-1]) == ([0, 0], [63, 63])
    assert {tuple(step) for step in np.diff(path, axis=0).tolist()} <= {(1, 1), (1, 0), (0, 1)}
    costs = [math.dist(a[i], b[j]) for i, j in path]
    weights = [1, *np.diff(path, axis=0).sum(axis=1)]
    assert row["distance"] == pytest.approx(np.dot(costs, weights), rel=1e-9)


def test_two_signatures_are_compared_position_by_position(tmp_path: Path) -> None:
    row = pair(tmp_path, WALK, IDLE, "--algorithm", "euclidean")
    expected = np.linalg.norm(vectors("walking_slow") - vectors("idle_room"))
    assert row["distance"] == pytest.approx(expected)
    assert row["normalised"] == pytest.approx(expected / 8)


def test_two_recordings_are_compared_by_the_same_feature(tmp_path: Path) -> None:
    walk, idle = ROOT / "recordings" / "walking_slow", ROOT / "recordings" / "idle_room"
    limits = ("--duration", "4s")
    row = pair(tmp_path, walk, idle, *limits)
    assert (row["algorithm"], row["feature"]) == ("dtw", "doppler")
    assert pair(tmp_path, idle, walk, *limits)["distance"] == pytest.approx(row["distance"])
    assert pair(tmp_path, walk, walk, *limits)["distance"] == 0
    assert pair(tmp_path, walk, idle, *limits, "--feature", "bands8")["feature"] == "bands8"


@pytest.mark.parametrize("turned", [False, True])
def test_a_recording_is_measured_as_the_signature_it_is_compared_with(turned: bool, tmp_path: Path) -> None:
    common = ("--duration", "1s", "--feature", "bands8", "--rate", "50", "--out", "x.sig.json", "-s", "none")
    assert midstream("capture-signature", "demo://walking", *common, folder=tmp_path).code == ExitCode.OK
    sources = ["x.sig.json", "demo://walking?duration=2"]
    row = pair(tmp_path, *(sources[::-1] if turned else sources))
    assert row["feature"] == "bands8"
    content = json.loads((tmp_path / "x.sig.json").read_text())
    with open_source(sources[1]) as opened:
        whole = collect(opened, VectorStream("bands8", parameters=content["feature"], rate_hz=50.0)).values
    assert {row["length_a"], row["length_b"]} == {50, len(whole)}
    assert row["normalised"] == pytest.approx(slow_dtw(np.array(content["vectors"]), whole), rel=1e-9)


def test_a_threshold_asks_whether_two_are_that_near(tmp_path: Path) -> None:
    normalised = pair(tmp_path, WALK, IDLE)["normalised"]
    for factor, code in ((0.999, ExitCode.NO), (1.001, ExitCode.OK)):
        done = midstream("compare", WALK, IDLE, "--threshold", normalised * factor, "-s", "none", folder=tmp_path)
        assert done.code == code
        assert len(done.rows) == 1


def test_a_comparison_of_two_is_kept_and_shown(tmp_path: Path) -> None:
    done = midstream("compare", WALK, IDLE, folder=tmp_path)
    ((kept,),) = select(str(tmp_path / "midstream.duckdb"), "FROM comparisons JOIN runs USING (run_id)")
    assert {name: kept[name] for name in done.rows[0]} == done.rows[0]
    assert (kept["command"], kept["source"]) == ("compare", f"{WALK} {IDLE}")
    shown = midstream("compare", WALK, IDLE, "-f", "table", folder=tmp_path).out
    assert re.search(r"^alignment +\d+ pairs$", shown, re.MULTILINE)


def test_the_frames_of_both_count_and_what_was_not_read_is_told(tmp_path: Path) -> None:
    scene = ("simulate", "walking", "--format", "esp32-csi-tool", "-d", "2s", "-q")
    for seed, name in enumerate(("a.csv", "b.csv"), 1):
        assert midstream(*scene, name, "--seed", seed, folder=tmp_path).code == ExitCode.OK
    lines = (tmp_path / "b.csv").read_text().splitlines(keepends=True)
    other = lines[100].replace(lines[100].split(",")[2], "AA:BB:CC:DD:EE:FF")
    (tmp_path / "b.csv").write_text("".join([*lines, lines[50][:80] + "\n", other]))
    done = midstream("compare", "a.csv", "b.csv", folder=tmp_path)
    assert done.code == ExitCode.OK
    assert "warning: b.csv: 1 frame left out: other node" in done.err
    assert re.search(r"^warning: b.csv: 1 malformed: \S", done.err, re.MULTILINE)
    ((run,),) = select(str(tmp_path / "midstream.duckdb"), "SELECT frames, bad FROM runs")
    assert run == {"frames": 2 * 200, "bad": 1}


def test_ctrl_c_ends_a_live_source_and_what_came_is_compared(tmp_path: Path) -> None:
    live = ("compare", "demo://walking?pace=real", IDLE)
    with on_terminal(*live, folder=tmp_path, pipe_out=True) as (process, _, screen):
        until(lambda: screen.frames > 150)
        process.send_signal(signal.SIGINT)
        text, _ = process.communicate(timeout=WAIT_S)
    assert process.returncode == ExitCode.INTERRUPTED, screen.text
    row = json.loads(text)
    assert (row["b"], row["length_b"]) == (str(IDLE), 64)
    ((run,),) = select(str(tmp_path / "midstream.duckdb"), "SELECT frames FROM runs")
    assert run["frames"] > 150
    # a third as many vectors as frames, of the seconds that it had
    assert 10 < row["length_a"] < run["frames"] / 2


def test_options_of_a_configuration_file_may_be_for_the_other_way_to_compare(tmp_path: Path) -> None:
    (tmp_path / "midstream.toml").write_text("[compare]\ntop = 1\nwindow = 5\n")
    assert pair(tmp_path, WALK, IDLE)["normalised"] == pytest.approx(
        slow_dtw(vectors("walking_slow"), vectors("idle_room"), 5)
    )
    assert {row["rank"] for row in library(tmp_path, WALKING).rows} == {1}


def test_signatures_fitted_to_different_subcarriers_are_compared_with_a_word(tmp_path: Path) -> None:
    content = json.loads(WALK.read_text())
    content["feature"]["subcarriers"] = content["feature"]["subcarriers"][1:]
    (tmp_path / "other.sig.json").write_text(json.dumps(content))
    done = midstream("compare", WALK, "other.sig.json", "-s", "none", folder=tmp_path)
    assert (done.code, done.rows[0]["distance"]) == (ExitCode.OK, 0.0)
    assert done.err == f"warning: doppler was fitted to different things in {WALK} and in other.sig.json\n"


def test_signatures_of_different_features_do_not_fit(tmp_path: Path) -> None:
    content = json.loads(WALK.read_text()) | {"feature_kind": "bands8"}
    (tmp_path / "other.sig.json").write_text(json.dumps(content))
    done = midstream("compare", WALK, "other.sig.json", folder=tmp_path)
    assert (done.code, done.out) == (ExitCode.USAGE, "")
    assert "holds doppler, other.sig.json holds bands8" in done.err
    assert "--feature" in done.err


def tokens(path: Path) -> list[str]:
    with open_source(str(path)) as opened:
        return [str(text) for piece in opened for text in piece.text if text]  # type: ignore[union-attr]


def slow_edit(a: list[str], b: list[str], *, substitution: bool) -> int:
    """Edit distance row by row; without substitutions, what is left of both beside the longest common part."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        before, row = row, [i]
        for j, y in enumerate(b, 1):
            best = before[j - 1] if x == y else min(before[j], row[-1]) + 1
            row.append(min(best, before[j - 1] + 1) if substitution else best)
    return row[-1]


LOGS = ("groq_chat.sse", "azure_chat.sse", "vllm_completions.sse", "openai_inline_83b0.sse")


@pytest.mark.parametrize("other", LOGS)
def test_token_logs_are_compared_by_edits(other: str, data: Path, tmp_path: Path) -> None:
    first, second = data / "tokens" / LOGS[0], data / "tokens" / other
    a, b = tokens(first), tokens(second)
    row = midstream("compare", first, second, "-s", "none", folder=tmp_path).rows[0]
    assert (row["algorithm"], row["feature"], row["length_a"], row["length_b"]) == ("edit", "token-ids", len(a), len(b))
    assert row["distance"] == slow_edit(a, b, substitution=True)
    assert row["normalised"] == pytest.approx(row["distance"] / max(len(a), len(b)))
    assert all(a[i] == b[j] for i, j in row["alignment"])


@pytest.mark.parametrize("other", LOGS)
def test_token_logs_are_compared_by_what_they_have_in_common(other: str, data: Path, tmp_path: Path) -> None:
    first, second = data / "tokens" / LOGS[0], data / "tokens" / other
    a, b = tokens(first), tokens(second)
    row = midstream("compare", first, second, "--algorithm", "lcs", "-s", "none", folder=tmp_path).rows[0]
    common = (len(a) + len(b) - slow_edit(a, b, substitution=False)) // 2
    assert row["distance"] == max(len(a), len(b)) - common
    assert len(row["alignment"]) == common
    assert [a[i] for i, _ in row["alignment"]] == [b[j] for _, j in row["alignment"]]


def test_names_cannot_be_warped(data: Path, tmp_path: Path) -> None:
    log = data / "tokens" / LOGS[0]
    done = midstream("compare", log, log, "--algorithm", "dtw", folder=tmp_path)
    assert done.code == ExitCode.USAGE
    assert "hint: choose --algorithm edit or lcs" in done.err


@pytest.fixture
def numbers(tmp_path: Path) -> Path:
    """Tables of plain numbers: whole, with a missing value, with other columns."""
    (tmp_path / "a.csv").write_text("x\n1\n2\n3\n")
    (tmp_path / "b.csv").write_text("x\n1\n3\n")
    (tmp_path / "holes.csv").write_text("x,y\n1,1\n2,\n3,3\n")
    (tmp_path / "wide.csv").write_text("x,y\n1,1\n2,2\n3,3\n")
    return tmp_path


def test_plain_numbers_are_compared_as_they_are(numbers: Path) -> None:
    row = pair(numbers, "a.csv", "b.csv")
    assert (row["feature"], row["distance"], row["normalised"]) == ("columns", 1.0, 0.2)


def test_of_another_table_the_same_columns_are_compared(numbers: Path) -> None:
    assert pair(numbers, "a.csv", "wide.csv")["distance"] == 0
    done = midstream("compare", "wide.csv", "a.csv", folder=numbers)
    assert (done.code, done.out) == (ExitCode.FORMAT, "")
    assert "y" in done.err.splitlines()[0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["holes.csv", "wide.csv"], "has a value that is not finite, at position 1"),
        (["a.csv", "b.csv", "--algorithm", "euclidean"], "cannot be compared position by position"),
        (["a.csv", "b.csv", "--window", "0"], "a window of 0 allows no path"),
        (["wide.csv", "wide.csv", "--algorithm", "lcs"], "hardly ever equal"),
    ],
)
def test_numbers_that_do_not_fit_are_an_error(arguments: list[str], message: str, numbers: Path) -> None:
    done = midstream("compare", *arguments, folder=numbers)
    assert (done.code, done.out) == (ExitCode.USAGE, "")
    assert message in done.err
    assert "hint: " in done.err


@pytest.mark.parametrize("content", ["", "x\n", "x,y\n"])
def test_a_recording_of_nothing_is_an_error(content: str, numbers: Path) -> None:
    (numbers / "empty.csv").write_text(content)
    done = midstream("compare", "a.csv", "empty.csv", folder=numbers)
    assert (done.code, done.out) == (ExitCode.FORMAT, "")
    assert "empty.csv" in done.err


@pytest.mark.parametrize("command", ["capture-signature", "compare"])
def test_an_end_before_the_beginning_is_a_usage_error(command: str, tmp_path: Path) -> None:
    library = ("--signatures", SIGNATURES) if command == "compare" else ("--out", "x.sig.json")
    done = midstream(command, WALKING, "--from", "5", "--to", "3", *library, "-s", "none", folder=tmp_path)
    assert done.code == ExitCode.USAGE


def test_matches_after_from_have_the_times_of_the_recording(tmp_path: Path) -> None:
    arguments = ("compare", "demo://day", "--signatures", SIGNATURES, "-s", "none", "--top", "1")
    whole = midstream(*arguments, folder=tmp_path).rows
    for sources in ((), ("demo://walking",)):
        part = midstream(*arguments, *sources, "--from", "30", folder=tmp_path).rows
        assert 30 <= part[0]["start_s"] < 32
        assert part[0]["label"] == next(row["label"] for row in whole if row["start_s"] > part[0]["start_s"])


@pytest.mark.parametrize("form", ["jsonl", "csv", "json", "table"])
def test_nothing_to_compare_is_told_of_in_every_form(form: str, tmp_path: Path) -> None:
    done = midstream(
        "compare", WALKING, "--signatures", SIGNATURES, "--from", "100", "-s", "none", "-f", form, folder=tmp_path
    )
    assert "warning: no window is as long as a signature" in done.err


@pytest.mark.parametrize("form", ["table", "csv", "json"])
def test_what_was_found_before_a_source_died_is_shown(form: str, tmp_path: Path) -> None:
    assert (
        midstream("simulate", "walking", "w.log", "--format", "csi-recv", "-d", "8s", "-q", folder=tmp_path).code == 0
    )
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"udp://127.0.0.1:{port}"
    arguments = ("--signatures", SIGNATURES, "--timeout", "2s", "-f", form, "-s", "none")
    with running("compare", url, *arguments, folder=tmp_path) as process:
        with heard(port) as send:
            for line in (tmp_path / "w.log").read_bytes().splitlines(keepends=True):
                send(line)
                time.sleep(0.0005)
        text, errors = process.communicate(timeout=WAIT_S)
    assert process.returncode == ExitCode.SOURCE
    assert b"error: nothing came" in errors
    assert b"walking" in text


@pytest.mark.parametrize("form", ["csv", "json", "table"])
def test_of_several_recordings_what_was_found_before_ctrl_c_is_shown(form: str, tmp_path: Path) -> None:
    sources = ("demo://walking?duration=5", "demo://day?duration=99999")
    arguments = ("--signatures", SIGNATURES, "-f", form, "-j", "1", "-s", "none")
    with on_terminal("compare", *sources, *arguments, folder=tmp_path, pipe_out=True) as (process, _, screen):
        until(lambda: "comparing day" in screen.text)
        process.send_signal(signal.SIGINT)
        text, _ = process.communicate(timeout=WAIT_S)
    assert process.returncode == ExitCode.INTERRUPTED
    assert b"walking" in text


def test_a_reader_that_leaves_does_not_make_the_run_wrong(tmp_path: Path) -> None:
    arguments = ("compare", "demo://day?duration=600", "--signatures", SIGNATURES, "--hop", "0.1")
    with subprocess.Popen(
        [*COMMAND, *map(str, arguments)], cwd=tmp_path, env=environment(tmp_path), stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        assert process.stdout
        process.stdout.readline()
        process.stdout.close()
        process.wait(WAIT_S)
    ((run,),) = select(str(tmp_path / "midstream.duckdb"), "SELECT frames FROM runs")
    assert run["frames"] > 0


def test_two_too_long_for_an_alignment_are_compared_by_their_distance_alone(
    numbers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (whole,) = midstream("compare", "a.csv", "a.csv", "-s", "none", folder=numbers).rows
    monkeypatch.setattr("midstream_cli.compare.pair.MOST_CELLS", 2)
    done = midstream("compare", "a.csv", "a.csv", "-s", "none", folder=numbers)
    assert done.rows[0] == whole | {"alignment": []}
    assert "vectors are too many for an alignment" in done.err
    drawn = midstream("compare", "a.csv", "a.csv", "-s", "none", "--figure", "a.png", folder=numbers)
    assert (drawn.code, drawn.out) == (ExitCode.USAGE, "")


def test_nothing_is_shown_that_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(output, "write", interrupted)
    done = midstream("compare", WALKING, "--signatures", SIGNATURES, "--json", folder=tmp_path)
    assert done.code == ExitCode.INTERRUPTED
    ((row,),) = select(str(tmp_path / "midstream.duckdb"), "SELECT count(*) AS count FROM matches")
    assert row["count"] > 0


def test_a_stretch_too_short_for_a_vector_is_told_with_its_source(tmp_path: Path) -> None:
    recording = ROOT / "recordings" / "walking_slow"
    done = midstream("compare", recording, recording, "-n", "5", "-s", "none", folder=tmp_path)
    assert done.code == ExitCode.FORMAT
    assert f"error: {recording} gives no vector of doppler: 5 frames were read" in done.err
