"""`midstream doctor` looks at all that a working set-up needs, and says what to do about what is wrong."""

import io
import os
import socket
import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from command_line import Done, midstream
from serial.tools import list_ports

from midstream_cli import __version__
from midstream_cli.cli import console, diagnosis
from midstream_cli.compare import kernels
from midstream_cli.compiled import machine
from midstream_cli.errors import ExitCode
from midstream_cli.streams.formats import esp32_csi_tool

CHECKS = ["versions", "kernels", "demo", "serial ports", "udp", "store", "configuration", "terminal"]


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


def test_a_library_that_is_missing_is_named_with_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagnosis, "LIBRARIES", ("numpy", "no-such-library"))
    found = diagnosis.versions()
    assert (found.status, found.found) == ("fault", "missing: no-such-library")
    assert found.hint == "pip install no-such-library"


@pytest.fixture
def few_kernels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One module of kernels, and a cache that holds none."""
    (tmp_path / "few_kernels.py").write_text(
        "from midstream_cli.compiled.kernel import F1, kernel\n\n@kernel\ndef first(x: F1) -> float:\n    return x[0]\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    import_module("few_kernels")
    monkeypatch.setattr(diagnosis, "kernel_modules", lambda: ["few_kernels"])
    monkeypatch.delenv(machine.FOLDER_VARIABLE, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(machine, "tell", machine.tell)
    return tmp_path / "cache" / "midstream"


def test_kernels_are_told_of_and_compiled_when_asked_to(
    few_kernels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(console, "note", told.append)
    found = findings(midstream("doctor", "--json", folder=tmp_path))["kernels"]
    assert (found["status"], found["found"]) == ("note", "0 of 1 modules are compiled for this machine")
    assert "doctor --compile" in found["hint"]
    done = midstream("doctor", "--json", "--compile", folder=tmp_path)
    found = findings(done)["kernels"]
    assert found["status"] == "ok"
    assert found["found"].startswith("1 of 1 modules are compiled for this machine, ")
    assert found["found"].endswith(f" kB in {few_kernels}")
    assert told[0].startswith("compiling the few_kernels kernels")
    assert len(list(few_kernels.iterdir())) == 1


def test_a_cache_that_may_not_be_written_is_a_fault(few_kernels: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    found = diagnosis.kernels()
    assert (found.status, found.hint) == ("fault", "choose another folder: export MIDSTREAM_CACHE=…")
    assert f"you may not write to {few_kernels.parents[1]}" in found.found


def test_the_kernels_that_are_looked_at_are_those_there_are() -> None:
    names = {name.rpartition(".")[2] for name in diagnosis.kernel_modules()}
    folder = Path(kernels.__file__).parent
    assert names == {file.stem for file in folder.glob("*.py") if "@kernel" in file.read_text()}
    assert names


def test_a_simulator_that_yields_nothing_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(esp32_csi_tool, "decode", lambda *_: iter(()))
    found = diagnosis.demo()
    assert (found.status, found.found) == ("fault", "demo://walking yields no frame")


@pytest.fixture
def plugged_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A port that a board seems to be behind."""
    device = tmp_path / "ttyUSB0"
    device.touch()
    port = SimpleNamespace(device=str(device), vid=0x303A, description="USB JTAG")
    monkeypatch.setattr(list_ports, "comports", lambda: [port])
    return device


def test_a_board_is_found_with_how_to_record_from_it(plugged_in: Path) -> None:
    found = diagnosis.serial_ports()
    assert (found.status, found.found) == ("ok", f"{plugged_in} (USB JTAG)")
    assert found.hint == f"midstream record serial://{plugged_in} recordings/first"


def test_a_board_that_may_not_be_opened_is_a_fault(plugged_in: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    found = diagnosis.serial_ports()
    assert (found.status, found.found) == ("fault", f"you may not open {plugged_in}")
    assert f"usermod -aG {plugged_in.group()} " in found.hint


def test_a_store_that_may_be_read_and_not_written_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    midstream("info", "demo://walking?duration=1", "-s", "a.duckdb", folder=tmp_path)
    monkeypatch.setattr(os, "access", lambda *_: False)
    for name, found in (("a.duckdb", "a.duckdb"), ("b.duckdb", str(tmp_path))):
        finding = diagnosis.store_file(str(tmp_path / name))
        assert finding.status == "fault"
        assert finding.found.startswith("you may not write to ")
        assert finding.found.endswith(found)
        assert finding.hint


def test_a_terminal_without_utf_8_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="latin-1"))
    found = diagnosis.terminal()
    assert (found.status, found.hint) == ("note", "export LANG=C.UTF-8")
    assert "iso8859-1" in found.found or "latin-1" in found.found
