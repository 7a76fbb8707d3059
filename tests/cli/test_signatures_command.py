"""`midstream signatures`: a library is listed, shown, checked and put to the test."""

import json
import re
import signal
from pathlib import Path
from typing import Any

import pytest
from command_line import ROOT, SIGNATURES, WAIT_S, looked_at, midstream, on_terminal, until

from midstream_cli.errors import ExitCode
from midstream_cli.store.reading import select

WALKING = SIGNATURES / "walking_slow.sig.json"
SHADES = set("░▒▓█")


def test_a_library_is_listed(tmp_path: Path) -> None:
    done = midstream("signatures", "list", SIGNATURES, folder=tmp_path)
    assert (done.code, done.err) == (ExitCode.OK, "")
    for row in done.rows:
        content = json.loads(Path(row["path"]).read_text())
        assert row["id"] == content["id"]
        assert row["label"] == content["label"]
        assert (row["length"], row["dims"]) == (len(content["vectors"]), len(content["vectors"][0]))
        assert row["dtw_window"] == content["dtw"]["window"]
        assert row["seconds"] == content["length"] / content["rate_hz"]
        assert row["promotion_threshold"] == content["promotion_threshold"]
    assert [row["label"] for row in done.rows] == ["door", "idle", "walking"]


def test_one_file_is_a_library_too(tmp_path: Path) -> None:
    assert [row["label"] for row in midstream("signatures", "list", WALKING, folder=tmp_path).rows] == ["walking"]


def test_without_a_folder_the_one_beside_is_taken(tmp_path: Path) -> None:
    assert midstream("signatures", "list", folder=tmp_path).code == ExitCode.SOURCE
    (tmp_path / "signatures").symlink_to(SIGNATURES)
    assert len(midstream("signatures", "list", folder=tmp_path).rows) == 3


def test_shown_as_json_a_signature_is_its_file(tmp_path: Path) -> None:
    (row,) = midstream("signatures", "show", WALKING, "--json", folder=tmp_path).rows
    assert row == json.loads(WALKING.read_text())


def test_shown_on_a_terminal_a_signature_is_facts_a_picture_and_its_time(tmp_path: Path) -> None:
    plain = midstream("signatures", "show", WALKING, "-f", "table", folder=tmp_path).out.splitlines()
    picture = [line for line in plain if set(line) & SHADES]
    assert len(picture) == 4
    assert {len(line) for line in picture} == {64}
    assert plain[plain.index(picture[-1]) + 1].split() == ["0", "s", "1", "s", "2", "s"]
    coloured = looked_at("signatures", "show", WALKING, folder=tmp_path).out.splitlines()
    assert [line.count("▀") for line in coloured if "▀" in line] == [64, 64]


def signature(**others: Any) -> dict[str, Any]:
    content = json.loads(WALKING.read_text())
    return {key: value for key, value in (content | others).items() if value is not ...}


BROKEN: dict[str, tuple[str, str]] = {
    "torn": ('{"id": ', "is not JSON"),
    "empty": ("", "is not JSON"),
    "list": ("[]", "is not a usable signature"),
    "none": (json.dumps(signature(vectors=...)), "it has no vectors"),
    "ragged": (json.dumps(signature(vectors=[[1, 2], [3]])), "not lists of numbers of one length"),
    "words": (json.dumps(signature(vectors=[["a"], ["b"]])), "not lists of numbers of one length"),
    "infinite": (json.dumps(signature(vectors=[[1e999]] * 4)), "not finite"),
    "length": (json.dumps(signature(length=3)), "length"),
    "threshold": (json.dumps(signature(promotion_threshold=1.5)), "promotion_threshold 1.5"),
    "pattern": (json.dumps(signature(dtw={"window": 8, "step_pattern": "rabiner"})), "rabiner"),
    "background": (json.dumps(signature(background={"mean": [1]})), "background lacks mean or deviation"),
    "feature": (json.dumps(signature(feature_kind="dopler")), "feature that does not exist: dopler"),
}


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_each_kind_of_fault_is_named_and_the_answer_is_no(name: str, tmp_path: Path) -> None:
    text, fault = BROKEN[name]
    (tmp_path / "library").mkdir()
    path = tmp_path / "library" / f"{name}.sig.json"
    path.write_text(text)
    (tmp_path / "library" / "good.sig.json").write_text(json.dumps(signature(id="good")))
    done = midstream("signatures", "check", "library", folder=tmp_path)
    assert done.code == ExitCode.NO
    found = [row for row in done.rows if row["severity"] == "error"]
    assert len(found) == 1
    assert f"library/{name}.sig.json" in found[0]["problem"]
    assert fault in found[0]["problem"]
    assert done.err.startswith("2 signatures: 1 error, ")
    for command in (["signatures", "list", "library"], ["compare", "demo://walking", "--signatures", "library"]):
        refused = midstream(*command, folder=tmp_path)
        assert (refused.code, refused.out) == (ExitCode.FORMAT, "")
        assert fault in refused.err


def test_signatures_of_one_id_are_an_error(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.sig.json").write_text(json.dumps(signature()))
    done = midstream("signatures", "check", ".", folder=tmp_path)
    assert done.code == ExitCode.NO
    assert "a.sig.json and b.sig.json both have the id walking_slow" in done.out


DOUBTFUL: list[tuple[dict[str, Any], str]] = [
    ({"feature_kind": ..., "background": ...}, "does not name its feature"),
    ({"background": ...}, "has no background"),
    ({"vectors": signature()["vectors"][:3], "length": 3, "dtw": {"window": 1}}, "has 3 vectors only"),
    ({"dtw": {"window": 64, "step_pattern": "symmetric2"}}, "as long as itself"),
]


@pytest.mark.parametrize(("change", "doubt"), DOUBTFUL, ids=lambda case: case if isinstance(case, str) else "")
def test_doubts_are_told_and_the_answer_is_yes(change: dict[str, Any], doubt: str, tmp_path: Path) -> None:
    (tmp_path / "a.sig.json").write_text(json.dumps(signature(**change)))
    done = midstream("signatures", "check", "a.sig.json", folder=tmp_path)
    assert done.code == ExitCode.OK
    assert {row["severity"] for row in done.rows} == {"warning"}
    assert any(doubt in row["problem"] for row in done.rows)


def test_signatures_that_compete_on_different_scales_are_doubtful(tmp_path: Path) -> None:
    other = signature(id="b", background=signature()["background"] | {"source": "elsewhere"})
    (tmp_path / "a.sig.json").write_text(json.dumps(signature(id="a")))
    (tmp_path / "b.sig.json").write_text(json.dumps(other))
    assert "whitened by different backgrounds" in midstream("signatures", "check", ".", folder=tmp_path).out
    (tmp_path / "b.sig.json").write_text(json.dumps(signature(id="b", feature_kind="bands8")))
    assert "different features compete: bands8, doppler" in midstream("signatures", "check", ".", folder=tmp_path).out


def test_the_library_that_comes_along_is_without_fault(tmp_path: Path) -> None:
    done = midstream("signatures", "check", SIGNATURES, folder=tmp_path)
    assert (done.code, done.out, done.err) == (ExitCode.OK, "", "3 signatures: 0 errors, 0 warnings\n")


@pytest.mark.parametrize("command", ["list", "show", "check"])
def test_a_folder_that_is_missing_or_empty_is_told_of(command: str, tmp_path: Path) -> None:
    missing = midstream("signatures", command, "nowhere", folder=tmp_path)
    assert missing.code == ExitCode.SOURCE
    assert "there is no folder nowhere" in missing.err
    (tmp_path / "empty").mkdir()
    empty = midstream("signatures", command, "empty", folder=tmp_path)
    assert empty.code == ExitCode.SOURCE
    assert "hint: midstream capture-signature --out empty/NAME.sig.json makes one" in empty.err


# evaluate

ROOMS = ["demo://idle_room?duration=10&seed=3", "demo://walking_slow?duration=20&seed=3"]
TRUTH = ["--truth", "*idle*=idle", "--truth", "*walking*=walking"]


def evaluate(folder: Path, *arguments: object) -> Any:
    return midstream("signatures", "evaluate", SIGNATURES, *arguments, folder=folder)


def test_the_confusion_matrix_counts_each_window_once(tmp_path: Path) -> None:
    done = evaluate(tmp_path, *ROOMS, *TRUTH)
    assert done.code == ExitCode.OK, done.err
    counts: dict[str, dict[str, int]] = {"idle": {}, "walking": {}}
    for room, truth in zip(ROOMS, counts, strict=True):
        matched = midstream(
            "compare", room, "--signatures", SIGNATURES, "--hop", "2", "--top", "1", "-s", "none", folder=tmp_path
        )
        for row in matched.rows:
            counts[truth][row["label"]] = counts[truth].get(row["label"], 0) + 1
    for row in done.rows:
        assert row["windows"] == counts[row["truth"]].get(row["predicted"], 0)
        assert row["recall"] == row["windows"] / sum(counts[row["truth"]].values())
    recalls = [row["recall"] for row in done.rows if row["truth"] == row["predicted"]]
    windows = sum(row["windows"] for row in done.rows)
    expected = f"balanced accuracy {sum(recalls) / 2:.4f} over {windows} windows of 2 recordings\n"
    assert done.err.startswith(expected)
    assert sum(recalls) / 2 > 0.7


def test_on_a_terminal_truths_are_lines_and_predictions_columns(tmp_path: Path) -> None:
    rows = evaluate(tmp_path, *ROOMS, *TRUTH, "-s", "none").rows
    table = evaluate(tmp_path, *ROOMS, *TRUTH, "-s", "none", "-f", "table").out.splitlines()
    labels = sorted({row["predicted"] for row in rows})
    assert table[0].split() == ["truth", *[word for label in labels for word in ("as", label)], "recall"]
    for line in table[1:]:
        truth, *cells, _ = line.split()
        assert [int(cell) for cell in cells] == [row["windows"] for row in rows if row["truth"] == truth]


def test_matrix_and_run_are_kept(tmp_path: Path) -> None:
    done = evaluate(tmp_path, *ROOMS, *TRUTH, "-s", "a.duckdb")
    kept = [
        row for piece in select(str(tmp_path / "a.duckdb"), "FROM confusions JOIN runs USING (run_id)") for row in piece
    ]
    assert [{name: row[name] for name in ("truth", "predicted", "windows", "recall")} for row in kept] == done.rows
    assert {(row["command"], row["source"], row["frames"]) for row in kept} == {
        ("signatures evaluate", " ".join(ROOMS), 3000)
    }


def test_too_low_an_accuracy_is_a_no(tmp_path: Path) -> None:
    swapped = ["--truth", "*idle*=walking", "--truth", "*=idle", "-s", "none"]
    assert evaluate(tmp_path, *ROOMS, *swapped).code == ExitCode.OK
    assert evaluate(tmp_path, *ROOMS, *swapped, "--at-least", "0.5").code == ExitCode.NO
    assert evaluate(tmp_path, *ROOMS, *TRUTH, "-s", "none", "--at-least", "0.5").code == ExitCode.OK


def test_the_first_pattern_that_fits_counts_and_the_rest_is_left_out_with_a_word(tmp_path: Path) -> None:
    done = evaluate(tmp_path, *ROOMS, "--truth", "*idle*=idle", "--truth", "*idle*=walking", "-s", "none")
    assert {row["truth"] for row in done.rows} == {"idle"}
    assert f"warning: {ROOMS[1]} matches no --truth and is left out" in done.err


def test_a_label_that_no_signature_has_is_told_of(tmp_path: Path) -> None:
    done = evaluate(tmp_path, ROOMS[0], "--truth", "*=idel", "-s", "none")
    assert done.code == ExitCode.OK
    assert "warning: no signature has the label 'idel': labels are door, idle, walking" in done.err


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ([*ROOMS, "--truth", "idle"], ExitCode.USAGE, "--truth 'idle' has no label"),
        ([*ROOMS, "--truth", "x=idle"], ExitCode.USAGE, "no recording matches a --truth"),
        ([*ROOMS, *TRUTH, "--hop", "1h"], ExitCode.FORMAT, "no recording is as long as a signature"),
        (["nope.csv", "--truth", "*=idle"], ExitCode.SOURCE, "there is no file nope.csv"),
    ],
)
def test_what_cannot_be_evaluated_is_an_error(
    arguments: list[str], code: ExitCode, message: str, tmp_path: Path
) -> None:
    done = evaluate(tmp_path, *arguments, "-s", "a.duckdb")
    assert (done.code, done.out) == (code, "")
    assert message in done.err
    assert list(tmp_path.iterdir()) == []


def test_past_a_bad_recording_the_others_are_evaluated(tmp_path: Path) -> None:
    done = evaluate(tmp_path, "nope.csv", ROOMS[0], "--truth", "*=idle", "-s", "none")
    assert done.code == ExitCode.SOURCE
    assert [row["truth"] for row in done.rows if row["windows"]] == ["idle"]
    assert "of 1 recording\n" in done.err
    assert done.err.endswith("1 of 2 sources could not be read\n")


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_evaluation_that_is_interrupted_says_nothing(jobs: int, tmp_path: Path) -> None:
    sources = (ROOMS[0], "demo://day?duration=99999")
    arguments = (SIGNATURES, *sources, "--truth", "*=idle", "-j", jobs, "-s", "none")
    command = ("signatures", "evaluate", *arguments)
    with on_terminal(*command, folder=tmp_path, pipe_out=True) as (process, _, screen):
        until(lambda: re.search(r"evaluating (day|1 of 2)", screen.text))
        process.send_signal(signal.SIGINT)
        text, _ = process.communicate(timeout=WAIT_S)
    assert (process.returncode, text) == (ExitCode.INTERRUPTED, b""), screen.text
    assert "accuracy" not in screen.text


def test_recordings_that_signatures_were_captured_from_are_named(tmp_path: Path) -> None:
    for name in ("idle_room", "walking_slow"):
        (tmp_path / "recordings").mkdir(exist_ok=True)
        (tmp_path / "recordings" / name).symlink_to(ROOT / "recordings" / name)
    (tmp_path / "new").symlink_to(ROOT / "recordings" / "door_open")
    done = evaluate(tmp_path, "./recordings/*", "new", "--truth", "*idle*=idle", "--truth", "*=walking", "-s", "none")
    named = re.findall(r"^warning: signatures were captured from (\S+): ", done.err, re.MULTILINE)
    assert [Path(source).name for source in named] == ["idle_room", "walking_slow"]
