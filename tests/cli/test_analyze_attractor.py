"""`midstream analyze-attractor`, run as users run it."""

import json
import re
import signal
import socket
import time
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command_line import WAIT_S, Done, heard, looked_at, midstream, on_terminal, running, until

from midstream_cli.attractor.regime.types import AttractorType
from midstream_cli.cli.motions import answer
from midstream_cli.errors import ExitCode
from midstream_cli.frames import Float64


def analyse(folder: Path, *arguments: object, **variables: str) -> Done:
    return midstream("analyze-attractor", *arguments, "-s", "none", folder=folder, **variables)


@cache
def henon(count: int = 1200) -> Float64:
    """The first coordinate of Henon's map."""
    x, y, seen = 0.1, 0.1, np.empty(count)
    for i in range(count):
        x, y = 1 - 1.4 * x * x + y, 0.3 * x
        seen[i] = x
    return seen


def table(path: Path, **columns: Any) -> Path:
    """A CSV file of columns; what is NaN is missing."""
    lines = [
        ",".join("" if np.isnan(value) else f"{value!r}" for value in row)
        for row in zip(*(np.asarray(each, float).tolist() for each in columns.values()), strict=True)
    ]
    path.write_text("\n".join([",".join(columns), *lines]) + "\n")
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Tables: chaos, a period of one second at 50 Hz, too little, nothing that moves."""
    time_s = np.arange(600) / 50
    table(tmp_path / "chaos.csv", x=henon())
    table(tmp_path / "cycle.csv", time_s=time_s, x=np.sin(2 * np.pi * time_s) + 0.3 * np.sin(4 * np.pi * time_s))
    table(tmp_path / "short.csv", x=henon()[:20])
    table(tmp_path / "still.csv", x=np.full(200, 3.0))
    return tmp_path


@pytest.mark.parametrize(
    ("scene", "kind"),
    [("henon", "strange"), ("lorenz", "strange"), ("sine", "limit_cycle"), ("white_noise", "noise")],
)
def test_demo_systems_are_what_they_are_known_to_be(scene: str, kind: str, tmp_path: Path) -> None:
    (row,) = analyse(tmp_path, f"demo://{scene}", "--json").rows
    assert row["attractor_type"] == kind
    assert row["confidence"] > 0.5
    assert row["is_chaotic"] == (kind == "strange")


def test_the_exponent_of_chaos_lies_within_its_bounds_per_sample_and_per_second(tmp_path: Path) -> None:
    (row,) = analyse(tmp_path, "demo://henon").rows
    assert row["max_lyapunov_low"] < 0.4192 < row["max_lyapunov_high"]
    assert row["max_lyapunov_exponent"] == pytest.approx(0.4192, rel=0.05)
    assert row["max_lyapunov_per_second"] == pytest.approx(row["max_lyapunov_exponent"] * row["rate_hz"])
    assert row["dimension"] == pytest.approx(1.22, abs=0.08)


def test_a_row_has_what_the_api_has_and_no_field_is_without_meaning(folder: Path) -> None:
    (row,) = analyse(folder, "chaos.csv", "--json").rows
    names = "attractor_type dimension lyapunov_exponents max_lyapunov_exponent is_stable confidence"
    assert set(names.split()) <= row.keys()
    assert (row["attractor_type"], row["is_stable"]) == ("strange", False)
    assert row["rate_hz"] is row["max_lyapunov_per_second"] is row["start_s"] is None


def test_a_cycle_has_its_rate(folder: Path) -> None:
    (row,) = analyse(folder, "cycle.csv").rows
    assert row["attractor_type"] == "limit_cycle"
    assert row["cycles_per_minute"] == pytest.approx(60.0, rel=0.01)
    assert row["period_samples"] == pytest.approx(50.0, rel=0.01)
    assert (row["is_chaotic"], row["is_stable"]) == (False, True)


def test_what_stands_still_is_a_point(folder: Path) -> None:
    (row,) = analyse(folder, "still.csv").rows
    assert (row["attractor_type"], row["confidence"], row["dimension"]) == ("point", 1.0, None)


def test_units_of_columns_holes_and_constant_columns_do_no_harm(tmp_path: Path) -> None:
    x = henon()[:700].copy()
    hole = np.where(np.arange(700) == 60, np.nan, x)
    rare = np.where(np.arange(700) % 4, np.nan, x)
    table(tmp_path / "t.csv", a=hole, b=1e6 * x, c=np.full(700, 7.0), d=rare)
    (row,) = analyse(tmp_path, "t.csv").rows
    assert (row["attractor_type"], row["channel"], row["samples"], row["start_frame"]) == (
        "strange",
        "leading",
        639,
        61,
    )
    assert any("of d, most values are missing" in reason for reason in row["reasons"])
    assert row["max_lyapunov_exponent"] == pytest.approx(0.42, rel=0.15)


def test_a_channel_is_chosen_by_name_by_place_or_all_together(tmp_path: Path) -> None:
    table(tmp_path / "t.csv", a=henon()[:400], b=np.sin(0.3 * np.arange(400)))
    by_name, by_place = (analyse(tmp_path, "t.csv", "--channel", channel).rows[0] for channel in ("b", "1"))
    assert by_name == by_place
    assert (by_name["channel"], by_name["attractor_type"]) == ("b", "limit_cycle")
    assert analyse(tmp_path, "t.csv", "--channel", "all").rows[0]["channel"] == "all"
    wrong = analyse(tmp_path, "t.csv", "--channel", "q")
    assert (wrong.code, wrong.out) == (ExitCode.USAGE, "")
    assert "known are leading, all, a, b" in wrong.err


def test_numbers_come_from_arrays_standard_input_and_folders_too(folder: Path) -> None:
    np.save(folder / "chaos.npy", henon())
    expected = analyse(folder, "chaos.csv").rows[0] | {"path": "", "channel": ""}
    (found,) = analyse(folder, "chaos.npy").rows
    assert found["attractor_type"] == expected["attractor_type"]
    assert found["max_lyapunov_exponent"] == pytest.approx(expected["max_lyapunov_exponent"], rel=1e-3)
    (folder / "short.csv").unlink()
    rows = analyse(folder, ".", "--jobs", "1").rows
    assert {Path(row["path"]).name for row in rows} == {"chaos.csv", "chaos.npy", "cycle.csv", "still.csv"}


def test_uneven_times_are_no_obstacle(tmp_path: Path) -> None:
    time_s = np.cumsum(np.random.default_rng(0).uniform(0.6, 1.4, 600)) / 50
    table(tmp_path / "t.csv", time_s=time_s, x=np.sin(2 * np.pi * time_s))
    (row,) = analyse(tmp_path, "t.csv").rows
    assert row["attractor_type"] == "limit_cycle"
    assert row["cycles_per_minute"] == pytest.approx(60, rel=0.01)
    assert row["rate_hz"] == pytest.approx(50, rel=0.03)


def test_too_little_is_said_with_how_much_is_missing(folder: Path) -> None:
    done = analyse(folder, "short.csv")
    assert (done.code, done.out) == (ExitCode.UNDECIDED, "")
    assert done.err.startswith(
        "error: short.csv: an analysis of motion needs 32 samples, and there are 20: 12 are missing\nhint: record longer"
    )


@pytest.mark.parametrize("jobs", [1, 2])
def test_the_others_go_on_where_one_is_too_short_or_missing(jobs: int, folder: Path) -> None:
    done = analyse(folder, "short.csv", "cycle.csv", "nope.csv", "still.csv", "--jobs", jobs)
    assert [(row["path"], row["attractor_type"]) for row in done.rows] == [
        ("cycle.csv", "limit_cycle"),
        ("still.csv", "point"),
    ]
    assert done.code == ExitCode.UNDECIDED
    assert "there is no file nope.csv" in done.err
    assert "2 of 4 sources could not be read" in done.err


def test_of_little_what_can_be_told_is_told_and_the_rest_has_its_reason(tmp_path: Path) -> None:
    table(tmp_path / "t.csv", x=henon()[:60])
    (row,) = analyse(tmp_path, "t.csv").rows
    assert row["attractor_type"] == "unknown"
    assert row["max_lyapunov_exponent"] is row["dimension"] is None
    assert 0 < row["permutation_entropy"] <= 1
    assert "the largest Lyapunov exponent needs 40 samples more" in row["reasons"]


def test_a_token_stream_has_a_row_for_names_lengths_and_times_and_a_loop_is_a_limit_cycle(tmp_path: Path) -> None:
    done = analyse(tmp_path, "demo://loop?tokens=300")
    assert [row["feature"] for row in done.rows] == ["token-ids", "text-length", "inter-arrival"]
    names, _, times = done.rows
    assert names["attractor_type"] == "limit_cycle"
    assert names["cycles_per_minute"] > 0
    assert times["attractor_type"] == "noise"
    (fluent, *_) = analyse(tmp_path, "demo://chat?tokens=300").rows
    assert fluent["attractor_type"] == "unknown"


def test_a_feature_that_is_too_short_costs_no_other_its_row(tmp_path: Path) -> None:
    done = analyse(tmp_path, "demo://chat?tokens=18")
    assert (done.code, [row["feature"] for row in done.rows]) == (ExitCode.OK, ["token-ids"])
    assert "warning: text-length: an analysis of motion needs 32 samples, and there are 18: 14 are missing" in done.err


def test_a_feature_that_a_stream_cannot_have_costs_no_other_its_row(tmp_path: Path) -> None:
    made = midstream("simulate", "loop", "t.jsonl", "--format", "openai-chat", "-q", folder=tmp_path)
    assert made.code == ExitCode.OK
    done = analyse(tmp_path, "t.jsonl")
    assert [row["feature"] for row in done.rows] == ["token-ids", "text-length"]
    assert done.code == ExitCode.OK
    assert "warning: t.jsonl has no time per event, so it has no intervals" in done.err
    alone = analyse(tmp_path, "t.jsonl", "--feature", "inter-arrival")
    assert (alone.code, alone.out) == (ExitCode.FORMAT, "")


def test_breathing_is_analysed_by_bands_unless_something_else_is_asked_for(tmp_path: Path) -> None:
    (row,) = analyse(tmp_path, "demo://breathing").rows
    assert (row["feature"], row["channel"], row["rate_hz"]) == ("bands8", "leading", 32.0)
    several = analyse(tmp_path, "demo://breathing?duration=20", "--feature", "mean-amplitude,bands8").rows
    assert [row["feature"] for row in several] == ["mean-amplitude", "bands8"]


def test_windows_of_a_recording_are_analysed_one_by_one(folder: Path) -> None:
    rows = analyse(folder, "cycle.csv", "--window", "6s", "--hop", "3s").rows
    assert [(row["start_s"], row["end_s"]) for row in rows] == [
        (pytest.approx(start), pytest.approx(start + 6)) for start in (0, 3, 6)
    ]
    assert {row["samples"] for row in rows} == {300}


def test_windows_without_times_are_so_many_samples_and_half_a_window_apart(folder: Path) -> None:
    rows = analyse(folder, "chaos.csv", "--window", "600").rows
    assert [(row["start_frame"], row["samples"], row["start_s"]) for row in rows] == [
        (0, 600, None),
        (300, 600, None),
        (600, 600, None),
    ]
    done = analyse(folder, "chaos.csv", "--window", "5000")
    assert done.code == ExitCode.UNDECIDED
    assert "a window needs 5000 samples, and there are 1200: 3800 are missing" in done.err


def test_windows_are_shown_as_a_timeline_above_a_table(folder: Path) -> None:
    lines = analyse(folder, "cycle.csv", "--window", "6s", "-f", "table", COLUMNS="80").out.splitlines()
    assert lines[0] == "cycle.csv  (columns)"
    assert lines[1].startswith("limit_cycle  █")
    assert [line.split()[0] for line in lines if line.strip().startswith(("0 ", "3 ", "6 ", "start_s"))][-4:] == [
        "start_s",
        "0",
        "3",
        "6",
    ]


@pytest.mark.parametrize(
    ("expected", "code"),
    [
        ("strange", ExitCode.OK),
        ("limit-cycle,strange", ExitCode.OK),
        ("StrangeAttractor", ExitCode.OK),
        ("limit_cycle,point", ExitCode.NO),
    ],
)
def test_an_expectation_is_answered_by_the_exit_code(expected: str, code: int, folder: Path) -> None:
    done = analyse(folder, "chaos.csv", "--expect", expected)
    assert done.code == code
    assert len(done.rows) == 1


def test_what_cannot_be_told_is_undecided_and_another_type_beside_it_is_a_no(folder: Path) -> None:
    table(folder / "little.csv", x=henon()[:60])
    assert analyse(folder, "little.csv", "--expect", "strange").code == ExitCode.UNDECIDED
    assert analyse(folder, "little.csv", "still.csv", "--expect", "strange", "-j", "1").code == ExitCode.NO
    assert analyse(folder, "little.csv", "still.csv", "--expect", "point", "-j", "1").code == ExitCode.UNDECIDED
    assert analyse(folder, "little.csv", "--expect", "unknown").code == ExitCode.OK
    assert answer([], frozenset({AttractorType.POINT})) == ExitCode.UNDECIDED


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--expect", "chaotic"], "no type is called 'chaotic'"),
        (["--method", "wolf"], "there is no method 'wolf'"),
        (["--picture", "portrait"], "no picture is called 'portrait'"),
        (["--figure", "a.txt"], "not the name of a picture"),
        (["--feature", "columns,bands9"], "no feature is called 'bands9'"),
        (["--hop", "3s"], "--hop means nothing without --window"),
        (["--regimes", "--window", "3s"], "--regimes looks at its own windows"),
        (["--regimes", "--feature", "columns,pca"], "--regimes watches one feature"),
        (["cycle.csv", "--figure", "a.png"], "--figure shows one source, and there are 2"),
    ],
)
def test_what_makes_no_sense_is_said_before_anything_is_read(arguments: list[str], said: str, folder: Path) -> None:
    done = analyse(folder, "nope.csv", *arguments)
    assert (done.code, done.out) == (ExitCode.USAGE, "")
    assert said in done.err


def test_types_can_have_the_names_of_the_seed(folder: Path) -> None:
    (row,) = analyse(folder, "chaos.csv", "--seed-names").rows
    assert row["attractor_type"] == "StrangeAttractor"
    assert "strange" in row["probabilities"]


def test_options_of_the_embedding_are_obeyed(folder: Path) -> None:
    (row,) = analyse(folder, "chaos.csv", "--delay", 2, "--embedding-dimension", 4, "--theiler", 9).rows
    assert (row["delay"], row["embedding_dimension"], row["theiler_window"]) == (2, 4, 9)


def test_results_come_as_objects_tables_and_csv(folder: Path) -> None:
    (as_object,) = json.loads(analyse(folder, "chaos.csv", "-f", "json").out)
    (as_csv,) = analyse(folder, "chaos.csv", "-f", "csv").table
    assert float(as_csv["max_lyapunov_exponent"]) == as_object["max_lyapunov_exponent"]
    assert json.loads(as_csv["probabilities"]) == as_object["probabilities"]
    shown = analyse(folder, "chaos.csv", "-f", "table", "--no-plot", COLUMNS="80").out.splitlines()
    assert [line.split()[0] for line in shown[:5]] == ["source", "samples", "type", "exponent", "dimension"]
    assert re.search(r"type +strange, \d", shown[2])


def test_several_sources_are_a_table_with_a_line_each(folder: Path) -> None:
    lines = analyse(folder, "chaos.csv", "cycle.csv", "-f", "table", "-j", "1").out.splitlines()
    assert lines[0].split()[:3] == ["path", "samples", "type"]
    assert [line.split()[0] for line in lines[1:]] == ["chaos.csv", "cycle.csv"]


def test_what_was_found_can_be_asked_for(folder: Path) -> None:
    done = midstream("analyze-attractor", "chaos.csv", "short.csv", "-j", "1", "-s", "a.duckdb", folder=folder)
    assert len(done.rows) == 1
    sql = "SELECT r.command, a.attractor_type, a.max_lyapunov_exponent, a.probabilities FROM attractors a JOIN runs r USING (run_id)"
    (row,) = midstream("query", "-s", "a.duckdb", sql, folder=folder).rows
    assert (row["command"], row["attractor_type"]) == ("analyze-attractor", "strange")
    assert row["max_lyapunov_exponent"] == done.rows[0]["max_lyapunov_exponent"]


@pytest.mark.parametrize("picture", ["overview", "timeline"])
def test_a_picture_is_drawn_to_a_file(picture: str, folder: Path) -> None:
    done = analyse(folder, "chaos.csv", "--picture", picture, "--figure", "a.svg")
    assert (done.code, done.err) == (ExitCode.OK, "drew a.svg\n")
    assert "chaos.csv (columns)" in (folder / "a.svg").read_text()


def test_regimes_are_reported_when_they_change(tmp_path: Path) -> None:
    done = analyse(tmp_path, "demo://day", "--regimes")
    assert done.code == ExitCode.OK
    assert [row["previous"] for row in done.rows] == ["unknown", *(row["regime"] for row in done.rows[:-1])]
    begun = [row["time_s"] for row in done.rows if row["regime"] == "transient"]
    assert 6 < begun[0] < 12
    shown = analyse(tmp_path, "demo://day", "--regimes", "-f", "table", COLUMNS="80").out.splitlines()
    assert {"idle", "transient"} <= {line.split()[0] for line in shown}


@pytest.mark.parametrize("end", [("--frames", 900), ("--duration", "8s")])
def test_a_live_source_is_analysed_when_it_has_given_what_was_asked_for(
    end: tuple[str, object], tmp_path: Path
) -> None:
    made = midstream("simulate", "walking", "w.log", "--format", "csi-recv", "-d", "12s", "-q", folder=tmp_path)
    assert made.code == ExitCode.OK
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with running("analyze-attractor", f"udp://127.0.0.1:{port}", *end, "-s", "none", folder=tmp_path) as process:
        with heard(port) as send:
            for line in (tmp_path / "w.log").read_bytes().splitlines(keepends=True):
                send(line)
                time.sleep(0.0003)
        text, errors = process.communicate(timeout=WAIT_S)
    assert process.returncode == ExitCode.OK, errors
    (row,) = (json.loads(line) for line in text.splitlines())
    assert (row["feature"], row["rate_hz"]) == ("bands8", 32.0)
    assert 100 < row["samples"] < 350


def test_an_interrupt_stops_long_work_at_once_and_shows_and_keeps_what_was_found(folder: Path) -> None:
    random = np.random.default_rng(0)
    np.save(folder / "long.npy", np.cumsum(random.normal(size=2_000_000)))
    sources = ("cycle.csv", "long.npy", "-j", "1", "-f", "csv", "-s", "a.duckdb")
    with on_terminal("analyze-attractor", *sources, folder=folder, pipe_out=True) as (process, _, err):
        until(lambda: "long.npy: " in err.text)
        process.send_signal(signal.SIGINT)
        sent = time.monotonic()
        assert process.stdout is not None
        text = process.stdout.read().decode()
        process.wait(WAIT_S)
        passed_s = time.monotonic() - sent
    assert process.returncode == ExitCode.INTERRUPTED
    assert passed_s < 3.0
    assert text.splitlines()[1].startswith("cycle.csv,")
    (kept,) = midstream("query", "-s", "a.duckdb", "SELECT path FROM attractors", folder=folder).rows
    assert kept == {"path": "cycle.csv"}


def test_on_a_terminal_there_is_a_picture_and_the_facts_and_it_fits(folder: Path) -> None:
    done = looked_at("analyze-attractor", "chaos.csv", "-s", "none", folder=folder)
    assert done.code == ExitCode.OK
    plain = [re.sub("\x1b\\[[0-9;]*m", "", line) for line in done.out.splitlines()]
    assert max(map(len, plain)) <= 100
    assert plain[0].startswith("chaos.csv  (columns)  strange")
    assert any(line.startswith("exponent ") for line in plain)
