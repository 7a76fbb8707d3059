"""`midstream capture-signature`, run as users run it."""

import json
import math
import re
import signal
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command_line import COMMAND, WAIT_S, Done, environment, looked_at, midstream, on_terminal, until

from midstream_cli import __version__
from midstream_cli.compare.warping.barycenter import barycenter, median
from midstream_cli.errors import ExitCode
from midstream_cli.frames import Float64
from midstream_cli.store.reading import select
from midstream_cli.streams.source import open_source
from midstream_cli.streams.vectors import RATE_HZ, Track, VectorStream
from tracks import collect

WALKING, QUIET = "demo://walking?duration=30", "demo://idle_room?duration=20&seed=4"
OUT = "x.sig.json"


def capture(folder: Path, *arguments: object) -> Done:
    return midstream("capture-signature", *arguments, "--out", OUT, "-s", "none", folder=folder)


def content(folder: Path, name: str = OUT) -> dict[str, Any]:
    found = json.loads((folder / name).read_text())
    assert isinstance(found, dict)
    return found


def captured(folder: Path, *arguments: object) -> dict[str, Any]:
    done = capture(folder, *arguments, "--force")
    assert done.code == ExitCode.OK, done.err
    return content(folder)


def track(source: str, feature: str = "doppler", rate_hz: float | None = RATE_HZ, parameters: Any = None) -> Track:
    """All vectors of a source."""
    with open_source(source) as opened:
        return collect(opened, VectorStream(feature, parameters=parameters, rate_hz=rate_hz))


def first_after(source: str, start_s: float, found: Track) -> int:
    """The position of the first vector so long after the first frame."""
    with open_source(source) as opened:
        origin = int(next(opened.pieces).time_ns[0])
    return next(i for i, at in enumerate(found.time_ns.tolist()) if at >= origin + start_s * 1e9)


# what is written


def test_the_file_has_what_adr_099_asks_for_and_more(tmp_path: Path) -> None:
    done = capture(tmp_path, "--source", WALKING, "--label", "a walk", "--background", QUIET)
    assert done.code == ExitCode.OK, done.err
    found = content(tmp_path)
    kinds = {
        "id": str, "label": str, "captured_at": str, "feature_kind": str, "length": int, "dtw": dict, "vectors": list,
        "promotion_threshold": float, "rate_hz": float, "feature": dict, "background": dict, "source": str, "takes": int,
        "version": str,
    }  # fmt: skip
    assert {name: type(value) for name, value in found.items()} == kinds
    assert (found["id"], found["label"], found["feature_kind"]) == ("x", "a walk", "doppler")
    assert found["dtw"] == {"window": 8, "step_pattern": "symmetric2"}
    assert found["length"] == len(found["vectors"]) == 64
    assert {len(vector) for vector in found["vectors"]} == {4}
    assert 0 < found["promotion_threshold"] < 1
    assert (found["source"], found["version"], found["takes"], found["rate_hz"]) == (WALKING, __version__, 1, 32.0)
    assert found["background"]["source"] == QUIET
    assert abs(datetime.fromisoformat(found["captured_at"]) - datetime.now(UTC)) < timedelta(minutes=1)


def test_what_is_written_is_told_and_kept(tmp_path: Path) -> None:
    done = midstream("capture-signature", WALKING, "--background", QUIET, "--out", OUT, folder=tmp_path)
    (row,) = done.rows
    found = content(tmp_path)
    assert (row["path"], row["source"], row["signature_id"], row["label"]) == (OUT, WALKING, "x", "walking")
    assert row["promotion_threshold"] == pytest.approx(found["promotion_threshold"], abs=1e-6)
    assert (row["length"], row["takes"], row["lost"], row["verdict"]) == (64, 1, None, "good")
    assert row["frames"] == pytest.approx(200, abs=5)
    assert row["rate_hz"] == pytest.approx(100, abs=1)
    assert row["energy_over_background_db"] > 10
    assert f"wrote {OUT}: 64 vectors of doppler, threshold {row['promotion_threshold']:.2f}, good" in done.err
    assert "next: midstream compare SOURCE --signatures " in done.err
    ((kept,),) = select(str(tmp_path / "midstream.duckdb"), "FROM captures JOIN runs USING (run_id)")
    assert {name: kept[name] for name in row} == row
    assert (kept["command"], kept["version"]) == ("capture-signature", __version__)
    given = json.loads(kept["arguments"])
    assert (given["background"], given["out"]) == (QUIET, OUT)


def test_label_file_and_id_follow_from_the_source_where_they_are_not_given(tmp_path: Path) -> None:
    assert midstream("capture-signature", WALKING, "-s", "none", folder=tmp_path).code == ExitCode.OK
    found = content(tmp_path, "signatures/walking.sig.json")
    assert (found["id"], found["label"]) == ("walking", "walking")
    arguments = ("--source", WALKING, "--label", "Walking, slowly", "--id", "w1", "-s", "none")
    assert midstream("capture-signature", *arguments, folder=tmp_path).code == ExitCode.OK
    found = content(tmp_path, "signatures/walking_slowly.sig.json")
    assert (found["id"], found["label"]) == ("w1", "Walking, slowly")


def test_a_file_that_is_there_is_replaced_only_by_force(tmp_path: Path) -> None:
    (tmp_path / OUT).write_text("mine")
    refused = capture(tmp_path, WALKING)
    assert refused.code == ExitCode.USAGE
    assert f"{OUT} exists already" in refused.err
    assert "--force" in refused.err
    assert (tmp_path / OUT).read_text() == "mine"
    assert capture(tmp_path, WALKING, "--force").code == ExitCode.OK
    assert content(tmp_path)["label"] == "walking"
    assert [path.name for path in tmp_path.iterdir()] == [OUT]


def test_on_a_terminal_the_signature_is_shown(tmp_path: Path) -> None:
    done = looked_at("capture-signature", WALKING, "--out", OUT, "-s", "none", folder=tmp_path)
    assert re.search(r"^verdict +good$", done.out, re.MULTILINE)
    assert [line.count("▀") for line in done.out.splitlines() if "▀" in line] == [64, 64]
    assert "wrote x.sig.json" in done.err


# the segment


@pytest.mark.parametrize(
    ("start", "seconds", "feature"), [("0", 2.0, "doppler"), ("7.5", 1.0, "doppler"), ("3s", 2.5, "bands8")]
)
def test_the_segment_begins_and_lasts_as_asked(start: str, seconds: float, feature: str, tmp_path: Path) -> None:
    arguments = (WALKING, "--from", start, "--duration", f"{seconds}s", "--feature", feature)
    found = captured(tmp_path, *arguments)
    every = track(WALKING, feature, parameters=found["feature"])
    first = first_after(WALKING, float(start.rstrip("s")), every)
    length = round(seconds * 32)
    assert found["length"] == length
    np.testing.assert_allclose(found["vectors"], every.values[first : first + length], rtol=1e-8)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--source", WALKING, WALKING], "name the source once"),
        ([], "no source is named"),
        ([WALKING, "--threshold", "2"], "2.0 is not in the range"),
        ([WALKING, "--average", "0"], "0 is not in the range"),
        ([WALKING, "--rate", "0"], "0.0 is not in the range"),
        ([WALKING, "--duration", "soon"], "'soon' is not a duration"),
        ([WALKING, "--feature", "dopler"], "did you mean doppler?"),
    ],
)
def test_a_command_line_that_makes_no_sense_captures_nothing(
    arguments: list[str], message: str, tmp_path: Path
) -> None:
    done = capture(tmp_path, *arguments)
    assert (done.code, done.out) == (ExitCode.USAGE, "")
    assert message in done.err
    assert list(tmp_path.iterdir()) == []


def test_the_source_is_named_by_argument_or_by_option(tmp_path: Path) -> None:
    assert captured(tmp_path, WALKING)["vectors"] == captured(tmp_path, "--source", WALKING)["vectors"]


def test_rate_and_window_can_be_chosen(tmp_path: Path) -> None:
    found = captured(tmp_path, WALKING, "--rate", "50", "--window", "0", "--duration", "1s")
    assert (found["rate_hz"], found["length"], found["dtw"]["window"]) == (50.0, 50, 0)


def test_takes_are_spread_over_the_recording_and_averaged(tmp_path: Path) -> None:
    source = "demo://walking?duration=10"
    found = captured(tmp_path, source, "--average", "3", "--background", QUIET)
    assert (found["takes"], found["length"]) == (3, 64)
    every = track(source, parameters=found["feature"])
    mean, unit = np.array(found["background"]["mean"]), 2 * np.array(found["background"]["deviation"])
    with open_source(source) as opened:
        origin = int(next(opened.pieces).time_ns[0])
    last = int(every.time_ns[-1]) - 2_000_000_000
    starts = [np.searchsorted(every.time_ns, origin + round(i * (last - origin) / 2)) for i in range(3)]
    takes = [(every.values[start : start + 64] - mean) / unit for start in starts]
    np.testing.assert_allclose((np.array(found["vectors"]) - mean) / unit, barycenter(takes, 8), rtol=1e-6, atol=1e-6)


def test_the_background_sets_scale_and_threshold(tmp_path: Path) -> None:
    found = captured(tmp_path, WALKING, "--background", QUIET)
    quiet = track(QUIET)
    np.testing.assert_allclose(found["background"]["mean"], quiet.values.mean(axis=0), rtol=1e-8)
    np.testing.assert_allclose(found["background"]["deviation"], quiet.values.std(axis=0), rtol=1e-8)
    threshold = found["promotion_threshold"]
    (tmp_path / "library").mkdir()
    (tmp_path / OUT).rename(tmp_path / "library" / OUT)

    def above(source: str) -> Float64:
        done = midstream("compare", source, "--signatures", "library", "-s", "none", folder=tmp_path)
        assert all(row["above_threshold"] == (row["score"] >= threshold) for row in done.rows)
        return np.array([row["above_threshold"] for row in done.rows], np.float64)

    # another course of each scene: what is quiet never counts as walking, and what walks mostly does
    assert above(QUIET.replace("seed=4", "seed=9")).sum() == 0
    assert above("demo://walking?duration=20&seed=9").mean() > 0.8


def test_the_background_says_how_its_dimensions_and_its_moments_go_together(tmp_path: Path) -> None:
    found = captured(tmp_path, WALKING, "--background", QUIET)["background"]
    values = track(QUIET).values
    for row, line in enumerate(found["correlations"], 1):
        np.testing.assert_allclose(line, np.atleast_2d(np.corrcoef(values.T))[row, :row], rtol=0, atol=6e-7)
    assert (len(found["correlations"]), found["vectors"]) == (3, len(values))
    # windows of a second at 32 a second share most of what they see
    assert 4 < found["correlation_time"] < 40


def test_a_signature_lends_its_background(tmp_path: Path) -> None:
    first = captured(tmp_path, WALKING, "--background", QUIET)
    (tmp_path / OUT).rename(tmp_path / "first.sig.json")
    second = captured(tmp_path, WALKING, "--from", "5", "--background", "first.sig.json")
    assert {**second["background"], "source": ""} == {**first["background"], "source": ""}


def test_of_the_idle_room_itself_most_windows_are_above_the_threshold(tmp_path: Path) -> None:
    found = captured(tmp_path, QUIET, "--idle", "--background", QUIET)
    assert found["background"]["source"] == QUIET
    assert found["background"]["seconds"] == pytest.approx(19, abs=0.5)
    (tmp_path / "library").mkdir()
    (tmp_path / OUT).rename(tmp_path / "library" / OUT)
    rows = midstream("compare", QUIET, "--signatures", "library", "-s", "none", folder=tmp_path).rows
    assert np.mean([row["above_threshold"] for row in rows]) > 0.8


def test_a_threshold_can_be_chosen(tmp_path: Path) -> None:
    assert captured(tmp_path, WALKING, "--background", QUIET, "--threshold", "0.25")["promotion_threshold"] == 0.25
    assert captured(tmp_path, WALKING)["promotion_threshold"] == 0.7


# one vector a frame


def test_of_every_frame_there_is_one_vector_without_a_rate(tmp_path: Path) -> None:
    found = captured(tmp_path, WALKING, "--from", "7", "--every-frame", "--background", QUIET)
    every = track(WALKING, "amplitude-l2", None, found["feature"])
    first, last = (first_after(WALKING, at, every) for at in (7.0, 9.0))
    assert (found["feature_kind"], found["rate_hz"], found["length"]) == ("amplitude-l2", None, last - first)
    np.testing.assert_allclose(found["vectors"], every.values[first:last], rtol=1e-8)
    quiet = track(QUIET, "amplitude-l2", None, found["feature"])
    np.testing.assert_allclose(found["background"]["mean"], quiet.values.mean(axis=0), rtol=1e-8)
    assert found["background"]["vectors"] == len(quiet.values)


def test_takes_of_frames_become_their_median(tmp_path: Path) -> None:
    source = "demo://walking?duration=10"
    found = captured(tmp_path, source, "--average", "3", "--background", QUIET, "--every-frame", "--feature", "bands8")
    every = track(source, "bands8", None, found["feature"])
    with open_source(source) as opened:
        origin = int(next(opened.pieces).time_ns[0])
    last = int(every.time_ns[-1]) - 2_000_000_000
    begins = [origin + round(i * (last - origin) / 2) for i in range(3)]
    starts, ends = (np.searchsorted(every.time_ns, np.add(begins, after)) for after in (0, 2_000_000_000))
    length = int((ends - starts).min())
    mean, unit = np.array(found["background"]["mean"]), np.sqrt(8) * np.array(found["background"]["deviation"])
    takes = [(every.values[start : start + length] - mean) / unit for start in starts]
    assert (found["takes"], found["length"], found["dtw"]["window"]) == (3, length, length // 8)
    np.testing.assert_allclose(
        (np.array(found["vectors"]) - mean) / unit, median(takes, length // 8), rtol=1e-6, atol=1e-6
    )


def test_the_live_tap_recognises_what_was_captured_of_every_frame(tmp_path: Path) -> None:
    captured(tmp_path, "demo://walking_slow", "--average", "3", "--every-frame", "--background", QUIET)
    arguments = ("watch", "demo://day", "--signatures", OUT, "--events", "-s", "none")
    matches = [each for each in midstream(*arguments, folder=tmp_path).rows if each["kind"] == "match"]
    assert {each["name"] for each in matches} == {"walking_slow"}
    # somebody comes in after eight seconds
    assert 8 < matches[0]["time_s"] < 8.5


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--rate", "50"], "vectors come as the frames do"),
        (["--feature", "doppler"], "doppler is a change in time, and no frame by itself has one"),
    ],
)
def test_a_frame_has_neither_a_rate_nor_a_change(arguments: list[str], message: str, tmp_path: Path) -> None:
    done = capture(tmp_path, WALKING, "--every-frame", *arguments)
    assert (done.code, done.out) == (ExitCode.USAGE, "")
    assert message in done.err
    assert not (tmp_path / OUT).exists()


def test_frames_without_times_need_a_rate_to_be_cut_by(tmp_path: Path) -> None:
    values = np.random.default_rng(1).integers(-60, 60, (300, 128), np.int8)
    np.savez(tmp_path / "walk.npz", csi_data=values)
    done = capture(tmp_path, "walk.npz", "--every-frame")
    assert done.code == ExitCode.FORMAT
    assert "--frame-rate" in done.err
    found = captured(tmp_path, "walk.npz", "--every-frame", "--frame-rate", "50", "--from", "1", "--duration", "3s")
    assert (found["length"], len(found["vectors"][0])) == (150, 64)


@pytest.mark.parametrize("lender", [[], ["--every-frame"]])
def test_a_background_of_a_grid_is_none_of_frames_nor_the_other_way_round(lender: list[str], tmp_path: Path) -> None:
    captured(tmp_path, WALKING, "--background", QUIET, "--feature", "amplitude-l2", *lender)
    arguments = ("capture-signature", WALKING, "--background", OUT, "--from", "9", "--out", "y.sig.json", "-s", "none")
    unlike = [] if lender else ["--every-frame"]
    done = midstream(*arguments, *unlike, folder=tmp_path)
    assert done.code == ExitCode.FORMAT
    assert f"{OUT} and what is captured differ in --every-frame" in done.err
    assert midstream(*arguments, *lender, folder=tmp_path).code == ExitCode.OK


# refusals


def log(folder: Path, name: str, *arguments: object) -> list[str]:
    """The lines of a simulated recording, written down."""
    done = midstream("simulate", "walking", name, "--format", "csi-recv", "-q", *arguments, folder=folder)
    assert done.code == ExitCode.OK
    return (folder / name).read_text().splitlines(keepends=True)


def test_a_segment_that_moves_no_more_than_the_background_is_refused(tmp_path: Path) -> None:
    arguments = ("demo://idle_room?duration=10", "--background", QUIET)
    done = capture(tmp_path, *arguments)
    assert (done.code, done.out) == (ExitCode.FORMAT, "")
    assert re.search(
        r"the segment is not usable: it moves -?\d+\.\d dB more than the background, less than 3", done.err
    )
    assert "--force" in done.err
    assert not (tmp_path / OUT).exists()
    forced = capture(tmp_path, *arguments, "--force")
    assert forced.code == ExitCode.OK
    assert forced.rows[0]["verdict"].startswith("poor: it moves ")
    assert (tmp_path / OUT).exists()
    # of the background itself, that is no fault
    assert capture(tmp_path, *arguments, "--idle", "--force").rows[0]["verdict"] == "good"


def test_a_segment_across_a_gap_is_refused_and_one_beside_it_is_not(tmp_path: Path) -> None:
    lines = log(tmp_path, "w.log", "-d", "12s")
    (tmp_path / "gap.log").write_text("".join(lines[:400] + lines[600:]))
    done = capture(tmp_path, "gap.log", "--from", "3")
    assert done.code == ExitCode.FORMAT
    assert "the stream is interrupted within the segment" in done.err
    assert "hint: choose another --from" in done.err
    assert not (tmp_path / OUT).exists()
    assert capture(tmp_path, "gap.log", "--from", "7").code == ExitCode.OK


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        (("--rate", "8"), r"8\.\d frames a second, less than 10"),
        (("--loss", "0.4"), r"\d+ of \d+ frames were lost"),
    ],
)
def test_a_segment_of_too_few_frames_is_refused(settings: tuple[str, ...], reason: str, tmp_path: Path) -> None:
    log(tmp_path, "w.log", "-d", "12s", *settings)
    done = capture(tmp_path, "w.log", "--from", "3", "--feature", "amplitude-l2")
    assert done.code == ExitCode.FORMAT
    assert re.search(f"the segment is not usable: .*{reason}", done.err), done.err
    assert not (tmp_path / OUT).exists()


def test_too_few_vectors_are_refused(tmp_path: Path) -> None:
    done = capture(tmp_path, WALKING, "--duration", "100ms", "--feature", "bands8")
    assert done.code == ExitCode.FORMAT
    assert "3 vectors, where 4 are the least" in done.err


def test_a_segment_past_the_end_is_refused(tmp_path: Path) -> None:
    for start in ("29", "100"):
        done = capture(tmp_path, WALKING, "--from", start)
        assert done.code == ExitCode.FORMAT
        assert "hint: choose an earlier --from or a shorter --duration" in done.err


@pytest.mark.parametrize(
    ("background", "code"),
    [("nope.csv", ExitCode.SOURCE), ("nope.sig.json", ExitCode.SOURCE), ("demo://nope", ExitCode.USAGE)],
)
def test_a_background_that_is_none_is_refused(background: str, code: ExitCode, tmp_path: Path) -> None:
    done = capture(tmp_path, WALKING, "--background", background)
    assert (done.code, done.out) == (code, "")
    assert "hint: " in done.err
    assert list(tmp_path.iterdir()) == []


def test_a_background_of_another_feature_is_refused(tmp_path: Path) -> None:
    captured(tmp_path, WALKING, "--background", QUIET)
    done = midstream(
        "capture-signature", WALKING, "--background", OUT, "--feature", "bands8", "--out", "y.sig.json", folder=tmp_path
    )
    assert done.code == ExitCode.FORMAT
    assert f"{OUT} has no background of bands8" in done.err


def test_losses_are_told(tmp_path: Path) -> None:
    lines = log(tmp_path, "w.log", "-d", "6s")
    (tmp_path / "lossy.log").write_text("".join(lines[:150] + lines[155:]))
    done = capture(tmp_path, "lossy.log", "--from", "1")
    assert done.code == ExitCode.OK
    assert done.rows[0]["lost"] == 5
    assert "warning: lost on the way: 5 frames" in done.err


# reading it again


OPTIONAL = ("captured_at", "dtw", "promotion_threshold", "rate_hz", "background", "source", "takes", "version")


def test_without_what_may_be_missing_it_is_read_too(tmp_path: Path) -> None:
    whole = captured(tmp_path, WALKING)
    (tmp_path / OUT).write_text(json.dumps({key: value for key, value in whole.items() if key not in OPTIONAL}))
    (tmp_path / "whole").mkdir()
    (tmp_path / "whole" / "x.sig.json").write_text(json.dumps(whole))
    (shown,) = midstream("signatures", "show", OUT, "--json", folder=tmp_path).rows
    assert shown["vectors"] == whole["vectors"]
    assert (shown["promotion_threshold"], shown["dtw"]["step_pattern"]) == (0.7, "symmetric2")
    arguments = ("compare", "demo://walking?duration=6", "--hop", "1s", "-s", "none", "--signatures")
    bare, full = (midstream(*arguments, place, folder=tmp_path) for place in (OUT, "whole"))
    assert bare.code == full.code == ExitCode.OK
    assert [row["start_s"] for row in bare.rows] == [row["start_s"] for row in full.rows]
    # a wider window can only come nearer
    for free, bound in zip(bare.rows, full.rows, strict=True):
        assert free["distance"] <= bound["distance"] * (1 + 1e-9)


def test_the_segment_itself_is_found_where_it_was(tmp_path: Path) -> None:
    captured(tmp_path, WALKING, "--from", "8")
    row = min(
        midstream("compare", WALKING, "--signatures", OUT, "--hop", "0", "-s", "none", folder=tmp_path).rows,
        key=lambda each: float(each["distance"]),
    )
    assert row["start_s"] == pytest.approx(8, abs=0.04)
    assert row["distance"] < 1e-6
    assert row["above_threshold"]


# live, and tokens


@pytest.mark.parametrize("more", [[], ["--every-frame"]])
def test_a_live_source_gives_the_signature_that_its_recording_gives(more: list[str], tmp_path: Path) -> None:
    common = (*more, "--duration", "1s", "--label", "w", "-s", "none")
    arguments = ("demo://walking?duration=10&pace=real", *common, "--countdown", "1s", "--out", "live.sig.json")
    with on_terminal("capture-signature", *arguments, folder=tmp_path) as (process, out, err):
        assert process.wait(WAIT_S) == ExitCode.OK
    assert "begins in 1 s" in err.text
    assert "now, 0." in err.text
    assert "verdict" in out.text
    captured(tmp_path, "demo://walking?duration=10", "--from", "1", *common[:-2])
    live, recorded = content(tmp_path, "live.sig.json"), content(tmp_path)
    assert live["vectors"] == recorded["vectors"]
    assert live["dtw"] == recorded["dtw"]
    assert live["feature"] == recorded["feature"]


@pytest.mark.parametrize("name", ["groq_chat.sse", "vllm_completions.sse"])
def test_a_token_log_is_a_signature_that_finds_itself(name: str, data: Path, tmp_path: Path) -> None:
    found = captured(tmp_path, data / "tokens" / name)
    assert (found["feature_kind"], found["rate_hz"], found["background"]) == ("token-ids", None, None)
    assert {len(vector) for vector in found["vectors"]} == {1}
    done = midstream("compare", data / "tokens" / name, "--signatures", OUT, "-s", "none", folder=tmp_path)
    (row,) = done.rows
    assert (row["distance"], row["score"], row["above_threshold"]) == (0.0, 1.0, True)
    other = midstream(
        "compare", data / "tokens" / "deepseek_chat_long.sse", "--signatures", OUT, "-s", "none", folder=tmp_path
    )
    assert not any(row["above_threshold"] for row in other.rows)
    assert len(other.rows) > 5


def test_token_timing_is_a_signature_where_there_are_times(tmp_path: Path) -> None:
    found = captured(tmp_path, "demo://chat?duration=3", "--feature", "inter-arrival")
    assert found["feature_kind"] == "inter-arrival"
    assert all(math.isfinite(value) for vector in found["vectors"] for value in vector)


def test_a_background_of_another_kind_of_stream_is_refused(tmp_path: Path) -> None:
    done = midstream(
        "capture-signature", WALKING, "--background", "demo://chat", "--out", "x.sig.json", folder=tmp_path
    )
    assert done.code == ExitCode.FORMAT
    assert not (tmp_path / "x.sig.json").exists()


def test_an_idle_signature_of_a_recording_has_the_whole_recording_as_its_background(tmp_path: Path) -> None:
    arguments = ("demo://idle_room?duration=30", "--idle", "--out", "x.sig.json", "-s", "none")
    assert midstream("capture-signature", *arguments, folder=tmp_path).code == ExitCode.OK
    assert json.loads((tmp_path / "x.sig.json").read_text())["background"]["seconds"] == pytest.approx(29, abs=0.5)


def test_from_and_to_say_how_long_a_signature_is(tmp_path: Path) -> None:
    arguments = (WALKING, "--from", "3", "--to", "4", "--out", "x.sig.json", "-s", "none")
    assert midstream("capture-signature", *arguments, folder=tmp_path).code == ExitCode.OK
    assert json.loads((tmp_path / "x.sig.json").read_text())["length"] == 32


def test_takes_need_room_between_from_and_to(tmp_path: Path) -> None:
    arguments = (WALKING, "--average", "3", "--from", "20", "--to", "21", "--out", "x.sig.json", "-s", "none")
    assert midstream("capture-signature", *arguments, folder=tmp_path).code in (ExitCode.USAGE, ExitCode.FORMAT)


def test_from_and_duration_cut_streams_that_are_not_on_a_grid_too(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("time_s,x\n" + "".join(f"{i / 10},{i}\n" for i in range(100)))
    arguments = ("x.csv", "--from", "3", "--duration", "2s", "--out", "x.sig.json", "-s", "none")
    assert midstream("capture-signature", *arguments, folder=tmp_path).code == ExitCode.OK
    vectors = json.loads((tmp_path / "x.sig.json").read_text())["vectors"]
    assert np.ravel(vectors).tolist() == list(range(30, 50))


def test_ctrl_c_while_capturing_says_that_nothing_was_written(tmp_path: Path) -> None:
    live = ("capture-signature", "demo://walking?pace=real", "-d", "9s")
    with on_terminal(*live, folder=tmp_path, pipe_out=True) as (process, _, screen):
        until(lambda: "capturing" in screen.text)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=WAIT_S)
    assert process.returncode == ExitCode.INTERRUPTED
    assert "interrupted: no signature was written" in screen.text


def test_standard_input_gives_no_signature_called_minus(tmp_path: Path) -> None:
    assert (
        midstream("simulate", "walking", "w.log", "--format", "csi-recv", "-d", "5s", "-q", folder=tmp_path).code == 0
    )
    with (tmp_path / "w.log").open("rb") as log:
        done = subprocess.run(
            [*COMMAND, "capture-signature", "-", "--countdown", "0", "-s", "none"], check=False, cwd=tmp_path,
            env=environment(tmp_path), stdin=log, capture_output=True, text=True, timeout=WAIT_S,
        )  # fmt: skip
    assert done.returncode == ExitCode.OK, done.stderr
    (path,) = (tmp_path / "signatures").iterdir()
    assert path.name != "-.sig.json"
