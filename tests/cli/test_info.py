"""`midstream info`, run as users run it."""

import csv
import io
import json
import socket
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from command_line import WAIT_S, finished, heard, looked_at, midstream, running

from midstream_cli.errors import ExitCode
from midstream_cli.store.reading import select
from midstream_cli.streams.simulate import scenes
from midstream_cli.streams.simulate.setup import Setup

FACTS = {
    "path", "format", "frames", "nodes", "duration_s", "rate_hz", "gaps", "resets", "lost", "bad", "subcarriers",
    "null_subcarriers",
}  # fmt: skip

PULSE = {
    "vacio_01": (6662, 60.0, 111.02),
    "vacio_02": (6380, 60.01, 106.31),
    "mov_01": (6477, 59.99, 107.95),
    "mov_04": (6438, 59.96, 107.36),
    "resp_6rpm": (7222, 60.03, 120.3),
}
"""Frames, seconds and frames a second of each recording, as another parser counted them."""


def test_real_recordings_hold_what_another_parser_found(data: Path, tmp_path: Path) -> None:
    done = midstream("info", "--json", data / "csi" / "pulse", folder=tmp_path)
    assert (done.code, done.err) == (ExitCode.OK, "")
    assert sorted(Path(row["path"]).stem for row in done.rows) == sorted(PULSE)
    for row in done.rows:
        frames, seconds, rate_hz = PULSE[Path(row["path"]).stem]
        assert row.keys() >= FACTS
        assert (row["format"], row["kind"], row["clock"]) == ("esp32-csi-tool", "csi", "device")
        assert (row["frames"], row["subcarriers"]) == (frames, 64)
        assert row["duration_s"] == pytest.approx(seconds, abs=0.006)
        assert row["rate_hz"] == pytest.approx(rate_hz, abs=0.02)
        assert row["null_subcarriers"] == [*range(6), 32, *range(59, 64)]
        assert row["nodes"][0] == "20:50:0D:2A:A2:E4"
        assert len(row["nodes"]) == (2 if "vacio_01" in row["path"] else 1)
        assert (row["resets"], row["bad"], row["lost"]) == (0, 0, None)


def test_the_end_of_a_devices_counter_is_no_reset_and_no_gap(data: Path, tmp_path: Path) -> None:
    lines = (data / "csi" / "pulse" / "mov_04.csv").read_text().splitlines()
    times = np.unwrap([int(line.split(",")[18]) for line in lines], period=2**32)
    (row,) = midstream("info", "--json", data / "csi" / "pulse" / "mov_04.csv", folder=tmp_path).rows
    steps = np.diff(times) / 1e6
    assert row["duration_s"] == pytest.approx(float(times[-1] - times[0]) / 1e6, abs=1e-6)
    assert row["longest_gap_s"] == pytest.approx(float(steps.max()), abs=1e-6)
    # the median of a stream is known to a few hundredths
    most, least = (int((steps > tens * float(np.median(steps))).sum()) for tens in (9.7, 10.3))
    assert least <= row["gaps"] <= most


TOKENS = {
    "openai_inline_83b0.sse": ("openai-chat", ["0"]),
    "openai_inline_a491.sse": ("openai-chat", ["0", "1", "2"]),
    "vllm_completions.sse": ("openai-completions", ["0"]),
    "anthropic_messages_text.sse": ("anthropic-messages", ["0"]),
    "ollama_chat_llama3.ndjson": ("ollama", ["0"]),
}


@pytest.mark.parametrize("name", sorted(TOKENS))
def test_token_logs_are_told_of_in_the_same_words(name: str, data: Path, tmp_path: Path) -> None:
    done = midstream("info", "--json", data / "tokens" / name, folder=tmp_path)
    (row,) = done.rows
    assert row.keys() >= FACTS
    assert (row["kind"], row["format"]) == ("token", TOKENS[name][0])
    assert sorted(row["nodes"]) == TOKENS[name][1]
    assert (row["subcarriers"], row["null_subcarriers"], row["bad"]) == (None, [], 0)
    assert row["frames"] > 0


def test_faults_are_counted_by_name_with_where_they_were_met(tmp_path: Path) -> None:
    good = midstream("simulate", "walking", "good.log", "--format", "esp32-csi-tool", "-d", "3s", folder=tmp_path)
    assert good.code == ExitCode.OK
    lines = (tmp_path / "good.log").read_text().splitlines()
    lines[51] = lines[51][:200]
    lines[101] = lines[101].replace("[", "[x ", 1)
    (tmp_path / "bad.log").write_text("\n".join(lines) + "\n")
    done = midstream("info", "--json", "bad.log", folder=tmp_path)
    (row,) = done.rows
    assert (row["frames"], row["bad"], sum(row["faults"].values())) == (298, 2, 2)
    for fault in row["faults"]:
        assert f"warning: {fault}: 1 (first at line " in done.err
    assert "line 52" in done.err
    assert "line 102" in done.err


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two recordings of different scenes, and one file that is none."""
    folder = tmp_path_factory.mktemp("recordings")
    for scene in ("walking", "idle_room"):
        midstream("simulate", scene, f"{scene}.npz", "-d", "4s", "-q", folder=folder)
    (folder / "junk.csv").write_bytes(bytes(range(256)) * 64)
    return folder


def test_many_recordings_are_told_of_in_order_and_alike_however_many_at_a_time(recordings: Path) -> None:
    one, two = (midstream("info", "*.npz", "walking.npz", "-j", jobs, folder=recordings) for jobs in (1, 2))
    assert one == two
    assert [row["path"] for row in one.rows] == ["idle_room.npz", "walking.npz"]


@pytest.mark.parametrize("jobs", [1, 2])
def test_past_what_cannot_be_read_the_rest_is_told_and_the_failure_is_named_at_the_end(
    jobs: int, recordings: Path
) -> None:
    done = midstream("info", "junk.csv", "nope.csv", "walking.npz", "-j", jobs, folder=recordings)
    assert done.code == ExitCode.FORMAT
    assert [row["path"] for row in done.rows] == ["walking.npz"]
    junk, missing = (
        done.err.index("error: nothing known reads junk.csv"),
        done.err.index("error: there is no file nope"),
    )
    assert junk < missing
    assert done.err.endswith("2 of 3 sources could not be read\n")


def test_csv_has_one_header_and_lists_as_json(recordings: Path) -> None:
    done = midstream("info", "*.npz", "--output-format", "csv", folder=recordings)
    header, *rows = csv.reader(io.StringIO(done.out))
    assert header[:3] == ["path", "format", "kind"]
    assert [row[0] for row in rows] == ["idle_room.npz", "walking.npz"]
    nulls = header.index("null_subcarriers")
    assert json.loads(rows[0][nulls]) == [*range(6), 32, *range(59, 64)]


def test_json_is_one_array(recordings: Path) -> None:
    done = midstream("info", "*.npz", "--output-format", "json", folder=recordings)
    assert [row["frames"] for row in json.loads(done.out)] == [400, 400]


def test_a_table_has_the_facts_and_a_picture_of_what_moved(recordings: Path) -> None:
    moving = midstream("info", "walking.npz", "-f", "table", folder=recordings).out.splitlines()
    facts = dict(line.split(maxsplit=1) for line in moving if line[:1].isalpha())
    assert (facts["path"], facts["frames"], facts["subcarriers"]) == ("walking.npz", "400", "64")
    assert "resets" not in facts
    drawn = [line for line in moving if set(line) & set("░▒▓█")]
    assert len(drawn) == 16
    assert len(set(map(len, drawn))) == 1
    quiet = midstream("info", "idle_room.npz", "-f", "table", folder=recordings).out.splitlines()
    changes = [
        sum(a != b for line in lines if set(line) & set("░▒▓█") for a, b in pairwise(line)) for lines in (moving, quiet)
    ]
    assert changes[0] > 1.5 * changes[1]
    assert not set(midstream("info", "walking.npz", "-f", "table", "--no-plot", folder=recordings).out) & set("░▒▓█")


def test_on_a_terminal_the_picture_is_drawn_in_colours_as_wide_as_it(recordings: Path) -> None:
    done = looked_at("info", "walking.npz", folder=recordings)
    assert done.code == ExitCode.OK
    assert done.out.startswith("path ")
    drawn = [line for line in done.out.splitlines() if "▀" in line]
    assert len(drawn) == 8
    assert all(line.count("▀") == 100 and "\x1b[38;5;" in line for line in drawn)


def test_the_first_frames_or_seconds_can_be_asked_for(recordings: Path) -> None:
    (row,) = midstream("info", "walking.npz", "--frames", "7", folder=recordings).rows
    assert row["frames"] == 7
    whole = scenes.simulate("walking", Setup(duration_s=4.0))
    times = np.concatenate([piece.time_ns for piece in whole])
    (row,) = midstream("info", "walking.npz", "--duration", "500ms", folder=recordings).rows
    assert row["frames"] == int(np.searchsorted(times - times[0], 500_000_000))


def test_results_are_kept_where_asked_for_and_only_there(recordings: Path, tmp_path: Path) -> None:
    midstream("info", recordings / "walking.npz", folder=tmp_path)
    assert list(tmp_path.iterdir()) == []
    done = midstream("info", recordings / "walking.npz", "-s", "kept.duckdb", folder=tmp_path)
    ((row,),) = select(str(tmp_path / "kept.duckdb"), "FROM recordings JOIN runs USING (run_id)")
    assert (row["command"], row["source"]) == ("info", str(recordings / "walking.npz"))
    for name, value in done.rows[0].items():
        if not isinstance(value, float | dict | list):
            assert row[name] == value, name


@pytest.mark.parametrize(
    ("source", "code", "message"),
    [
        ("nope.csv", ExitCode.SOURCE, "there is no file nope.csv"),
        ("*.nope", ExitCode.SOURCE, "no file matches *.nope"),
        ("demo://nope", ExitCode.USAGE, "no scene is called 'nope'"),
        ("nope://x", ExitCode.USAGE, "no transport is called nope://"),
        ("/dev/null", ExitCode.FORMAT, "/dev/null"),
    ],
)
def test_what_cannot_be_read_ends_with_its_code_and_a_hint(
    source: str, code: ExitCode, message: str, tmp_path: Path
) -> None:
    done = midstream("info", source, folder=tmp_path)
    assert (done.code, done.out) == (code, "")
    error, hint = done.err.splitlines()
    assert error.startswith("error: ")
    assert message in error
    assert hint.startswith("hint: ")


def test_a_name_that_is_no_text_is_written_and_kept(tmp_path: Path) -> None:
    name = b"caf\xe9.csv".decode(errors="surrogateescape")
    (tmp_path / name).write_text("time_s,x\n0,1\n1,2\n")
    done = finished("info", name, folder=tmp_path)
    assert done.code == ExitCode.OK, done.err
    assert done.rows[0]["path"] == name


def test_a_folder_whose_name_is_no_text_is_recorded_and_read(tmp_path: Path) -> None:
    name = b"caf\xe9".decode(errors="surrogateescape")
    assert finished("record", "demo://walking?duration=1", name, folder=tmp_path).code == ExitCode.OK
    done = finished("info", name, folder=tmp_path)
    assert done.code == ExitCode.OK, done.err
    assert (done.rows[0]["path"], done.rows[0]["frames"]) == (name, 100)


def test_what_came_from_a_source_that_falls_silent_is_told_of(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with running("info", f"udp://127.0.0.1:{port}", "-i", "csv", "--timeout", "1s", folder=tmp_path) as process:
        with heard(port) as send:
            for _ in range(5):
                send(b"time_s,x\n5,5\n")
        out, err = process.communicate(timeout=WAIT_S)
    assert process.returncode == ExitCode.SOURCE
    (row,) = map(json.loads, out.splitlines())
    assert row["frames"] > 0
    assert err.startswith(b"error: nothing came to udp://127.0.0.1")


def test_times_that_run_backwards_have_a_duration_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "back.csv").write_text("time_s,x\n3,1\n1,2\n2,3\n")
    (row,) = midstream("info", "back.csv", folder=tmp_path).rows
    assert row["duration_s"] == 2.0


def test_bytes_that_nothing_reads_are_shown_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "junk.bin").write_bytes(b"\xeb\x00\"'\\" + bytes(range(200, 250)))
    done = midstream("info", "junk.bin", folder=tmp_path)
    assert done.code == ExitCode.FORMAT
    assert """begins with '\\xeb\\x00"\\'\\\\""" in done.err


def test_a_file_read_as_what_it_is_not_is_told_to_hold_nothing(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("time_s,x\n1,2\n")
    done = midstream("info", "x.csv", "-i", "ollama", "--json", folder=tmp_path)
    assert (done.code, done.rows[0]["frames"]) == (ExitCode.OK, 0)
    assert "read as ollama, it holds not one whole frame" in done.err


def test_what_matches_nothing_does_not_keep_the_others_from_being_read(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("time_s,x\n1,2\n")
    (tmp_path / "empty").mkdir()
    done = midstream("info", "empty", "*.pcap", "x.csv", "--json", folder=tmp_path)
    assert (done.code, [row["path"] for row in done.rows]) == (ExitCode.FORMAT, ["x.csv"])
    assert "the folder empty" in done.err
    assert "there is no file *.pcap" in done.err
