"""`midstream doctor` looks at all that a working set-up needs, and says what to do about what is wrong."""

import os
import socket
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from command_line import Done, midstream

from midstream_cli import __version__
from midstream_cli.errors import ExitCode

CHECKS = ["versions", "demo", "serial ports", "udp", "store", "configuration", "terminal"]


def findings(done: Done) -> dict[str, dict[str, Any]]:
    return {row["check"]: row for row in done.rows}


def test_every_check_is_told_of(tmp_path: Path) -> None:
    done = midstream("doctor", "--json", folder=tmp_path)
    assert list(findings(done)) == CHECKS
    assert all(row["status"] in ("ok", "note", "fault") for row in done.rows)
    assert all(row["hint"] for row in done.rows if row["status"] != "ok")
    assert done.code == (ExitCode.NO if any(row["status"] == "fault" for row in done.rows) else ExitCode.OK)
    assert f"midstream {__version__}" in findings(done)["versions"]["found"]
    for library in ("numpy", "duckdb", "pyarrow", "typer"):
        assert f"{library} {version(library)}" in findings(done)["versions"]["found"]


def test_on_a_terminal_each_check_is_a_line_with_its_hint_under_it(tmp_path: Path) -> None:
    done = midstream("doctor", "-f", "table", "-s", "no/such/place.duckdb", folder=tmp_path)
    lines = done.out.splitlines()
    assert done.code == ExitCode.NO
    (at,) = [i for i, line in enumerate(lines) if line.startswith("fault ") and " store " in line]
    assert "is not a folder" in lines[at]
    assert lines[at + 1].strip() == f"hint: mkdir -p {tmp_path / 'no' / 'such'}"


def test_a_port_that_is_taken_is_found(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        try:
            other.bind(("0.0.0.0", 5005))  # noqa: S104 - as the boards' port is listened on
        except OSError:
            pytest.skip("somebody else listens on port 5005")
        done = midstream("doctor", "--json", folder=tmp_path)
    assert done.code == ExitCode.NO
    assert findings(done)["udp"]["status"] == "fault"
    assert "5005" in findings(done)["udp"]["found"]


def test_a_store_is_read(tmp_path: Path) -> None:
    midstream("info", "demo://walking?duration=1", "-s", "a.duckdb", folder=tmp_path)
    found = findings(midstream("doctor", "--json", "-s", "a.duckdb", folder=tmp_path))["store"]
    assert (found["status"], found["found"]) == ("ok", "a.duckdb holds 2 rows")
    fresh = findings(midstream("doctor", "--json", "-s", "b.duckdb", folder=tmp_path))["store"]
    assert fresh["status"] == "ok"
    assert "does not exist yet" in fresh["found"]
    none = findings(midstream("doctor", "--json", "-s", "none", folder=tmp_path))["store"]
    assert (none["status"], none["found"]) == ("ok", "results are not kept")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.duckdb"]


def test_a_store_that_is_none_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "a.duckdb").write_text("not a store")
    done = midstream("doctor", "--json", "-s", "a.duckdb", folder=tmp_path)
    assert done.code == ExitCode.NO
    assert findings(done)["store"]["status"] == "fault"
    assert findings(done)["store"]["hint"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_store_that_may_not_be_written_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o500)
    found = findings(midstream("doctor", "--json", "-s", "closed/a.duckdb", folder=tmp_path))["store"]
    assert found["status"] == "fault"
    assert "may not write" in found["found"]
