"""Flags beat the environment, which beats files, of which the nearest counts most."""

from pathlib import Path

import pytest
from command_line import SIGNATURES, Done, midstream

from midstream_cli.errors import ExitCode

SOURCE = "demo://walking?duration=5"
FORMS = {"csv": "path,format", "jsonl": '{"path"', "json": "[\n", "table": "path  "}
"""How the output of each format begins."""


def info(folder: Path, *arguments: object, **variables: str) -> Done:
    return midstream("info", SOURCE, *arguments, folder=folder, **variables)


def form(done: Done) -> str:
    """Which format was written."""
    assert done.code == ExitCode.OK, done.err
    (found,) = [name for name, start in FORMS.items() if done.out.startswith(start)]
    return found


def test_a_flag_beats_the_environment_which_beats_the_files_from_near_to_far(tmp_path: Path) -> None:
    assert form(info(tmp_path)) == "jsonl"
    (tmp_path / ".config" / "midstream").mkdir(parents=True)
    (tmp_path / ".config" / "midstream" / "config.toml").write_text('output-format = "csv"')
    assert form(info(tmp_path)) == "csv"
    (tmp_path / "pyproject.toml").write_text('[tool.midstream]\noutput-format = "json"')
    assert form(info(tmp_path)) == "json"
    (tmp_path / "midstream.toml").write_text('output-format = "table"')
    assert form(info(tmp_path)) == "table"
    assert form(info(tmp_path, MIDSTREAM_OUTPUT_FORMAT="csv")) == "csv"
    assert form(info(tmp_path, "--output-format", "json", MIDSTREAM_OUTPUT_FORMAT="csv")) == "json"


def test_a_table_of_a_command_beats_what_stands_above_it_and_is_for_that_command_only(tmp_path: Path) -> None:
    (tmp_path / "midstream.toml").write_text('output-format = "csv"\n[info]\noutput-format = "json"\n')
    assert form(info(tmp_path)) == "json"
    listed = midstream("signatures", "list", SIGNATURES, folder=tmp_path)
    assert [row["label"] for row in listed.table] == ["door", "idle", "walking"]


def test_what_stands_on_top_counts_in_groups_of_commands_too(tmp_path: Path) -> None:
    (tmp_path / "midstream.toml").write_text('store = "here.duckdb"')
    arguments = ("evaluate", SIGNATURES, SOURCE, "--truth", "*=walking")
    assert midstream("signatures", *arguments, folder=tmp_path).code == ExitCode.OK
    assert (tmp_path / "here.duckdb").exists()
    assert not (tmp_path / "midstream.duckdb").exists()


def test_a_table_can_name_a_command_of_a_group(tmp_path: Path) -> None:
    (tmp_path / "midstream.toml").write_text(
        '[signatures]\nquiet = true\n[signatures.evaluate]\ntruth = ["*walking*=walking"]\nstore = "none"\nhop = 0.5\n'
    )
    done = midstream("signatures", "evaluate", SIGNATURES, SOURCE, folder=tmp_path)
    assert (done.code, done.err) == (ExitCode.OK, "")
    assert [row["truth"] for row in done.rows] == ["walking"]
    assert not (tmp_path / "midstream.duckdb").exists()


def test_an_option_can_be_called_as_a_group_of_commands_is(tmp_path: Path) -> None:
    (tmp_path / "midstream.toml").write_text(f'signatures = "{SIGNATURES}"\nstore = "none"\n')
    done = midstream("compare", SOURCE, folder=tmp_path)
    assert done.code == ExitCode.OK, done.err
    assert {row["signature_id"] for row in done.rows} == {"door_open", "idle_room", "walking_slow"}


@pytest.mark.parametrize(("value", "kept"), [('"1500ms"', 1.5), ('"2s"', 2.0), ("1", 1.0), ("0.5", 0.5)])
def test_keys_are_the_long_names_of_options_and_values_are_what_would_be_typed(
    value: str, kept: float, tmp_path: Path
) -> None:
    (tmp_path / "midstream.toml").write_text(f'[compare]\nto = {value}\nstore = "none"\nfrom = 0\n')
    done = midstream("compare", SOURCE, SOURCE, "--feature", "amplitude", folder=tmp_path)
    assert done.code == ExitCode.OK, done.err
    assert done.rows[0]["length_a"] == pytest.approx(kept * 32, abs=2)


@pytest.mark.parametrize("key", ["quiet", "json"])
def test_flags_are_true_or_false(key: str, tmp_path: Path) -> None:
    (tmp_path / "midstream.toml").write_text(f"[info]\n{key} = true\n")
    assert info(tmp_path).code == ExitCode.OK
    (tmp_path / "midstream.toml").write_text(f'[info]\n{key} = "yes"\n')
    done = info(tmp_path)
    assert done.code == ExitCode.USAGE
    assert f"midstream.toml: info.{key} = 'yes' is neither true nor false" in done.err


def test_a_flag_that_is_set_in_a_file_can_be_unset_by_its_opposite(tmp_path: Path) -> None:
    (tmp_path / "midstream.toml").write_text("[info]\nplot = false\n")
    assert "░" not in info(tmp_path, "-f", "table").out
    assert "░" in info(tmp_path, "-f", "table", "--plot").out


WRONG = [
    ('nope = "x"', "unknown key nope", "did you mean node?"),
    ("xyzzy = 1", "unknown key xyzzy", "options are:"),
    ("[inof]\nplot = false", "unknown key [inof]", "did you mean info?"),
    ("[info]\nplott = false", "unknown key info.plott", "did you mean plot?"),
    ("[info]\nsources = ['a']", "unknown key info.sources", "hint:"),
    ("[signatures.evaluat]\nhop = 1", "unknown key [signatures.evaluat]", "did you mean evaluate?"),
    ("[signatures.evaluate]\nhopp = 1", "unknown key signatures.evaluate.hopp", "did you mean hop?"),
    ("[help]\ntopic = 'x'", "unknown key help.topic", "hint:"),
    ("info = 5", "info is not a table", "write [info]"),
    ("[[info]]\nplot = false", "info is not a table", "write [info]"),
    ("jobs = 'many'", "midstream.toml: jobs: 'many' is not a valid", "mend that line"),
    ("jobs = -1", "-1 is not in the range", "mend that line"),
    ("timeout = 'ten'", "'ten' is not a duration", "mend that line"),
    ("output-format = 'xml'", "'xml' is not one of", "mend that line"),
    ("store = true", "store = True is neither text nor a number", "--store"),
    ("[compare]\nfrom = [1]", "compare.from = [1] is neither text nor a number", "--from"),
    ("store = ", "is not valid TOML", "mend that line"),
    ("\0", "is not valid TOML", "mend that line"),
]


@pytest.mark.parametrize(("text", "message", "hint"), WRONG)
def test_a_file_that_makes_no_sense_is_told_of_with_the_line_to_mend(
    text: str, message: str, hint: str, tmp_path: Path
) -> None:
    (tmp_path / "midstream.toml").write_text(text)
    done = info(tmp_path)
    assert (done.code, done.out) == (ExitCode.USAGE, "")
    assert done.err.startswith("error: midstream.toml")
    assert message in done.err
    assert hint in done.err


def test_bytes_that_are_no_text_are_told_of(tmp_path: Path) -> None:
    (tmp_path / "midstream.toml").write_bytes(b"\xff\xfe")
    assert "is not valid TOML" in info(tmp_path).err


def test_a_section_of_pyproject_that_is_no_table_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool]\nmidstream = 3\n# [tool.midstream]\n")
    done = info(tmp_path)
    assert done.code == ExitCode.USAGE
    assert "tool.midstream is not a table" in done.err


def test_pyproject_without_a_section_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("this is no TOML")
    assert info(tmp_path).code == ExitCode.OK


def test_help_and_the_doctor_work_in_spite_of_a_broken_file(tmp_path: Path) -> None:
    (tmp_path / "midstream.toml").write_text("nope = 1")
    for arguments in (["--help"], ["info", "-h"], ["help", "configuration"], ["help", "info"]):
        done = midstream(*arguments, folder=tmp_path)
        assert (done.code, done.err) == (ExitCode.OK, ""), arguments
    examined = midstream("doctor", "--json", folder=tmp_path)
    assert examined.code == ExitCode.NO
    (found,) = [row for row in examined.rows if row["check"] == "configuration"]
    assert found["status"] == "fault"
    assert "midstream.toml has an unknown key nope" in found["found"]


def test_the_help_shows_the_defaults_of_the_files(tmp_path: Path) -> None:
    (tmp_path / "midstream.toml").write_text('store = "lab.duckdb"')
    assert "lab.duckdb" in midstream("compare", "--help", folder=tmp_path).out


def test_an_environment_variable_that_makes_no_sense_is_named(tmp_path: Path) -> None:
    done = info(tmp_path, MIDSTREAM_TIMEOUT="soon")
    assert done.code == ExitCode.USAGE
    assert "MIDSTREAM_TIMEOUT" in done.err
    assert "'soon' is not a duration" in done.err
