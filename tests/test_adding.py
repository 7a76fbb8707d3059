"""What the documentation says about adding to midstream is all there is to it."""

import os
import re
import shutil
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "adding.md").read_text(encoding="utf-8")

ADDITIONS = re.findall(r"^## [^\n]*: `([^`\n]+\.py)`\n.*?^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
"""Where the page says that something goes, and what."""

LOG = b"0.5 s: 21.5 C\n1.0 s: 21.75 C\n1.5 s: nonsense\n2.0 s: -3 C\n"


@pytest.fixture(scope="module")
def extended(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of midstream with everything added that the page adds."""
    folder = tmp_path_factory.mktemp("extended")
    shutil.copytree(ROOT / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__"))
    for place, text in ADDITIONS:
        path = folder / place
        path.write_text(text, encoding="utf-8")
    return folder


def midstream(extended: Path, *words: str) -> str:
    """What the extended midstream prints."""
    return python(extended, "-m", "midstream_cli", *words)


def python(extended: Path, *words: str) -> str:
    """What a Python prints that has the extended midstream."""
    # the copy is not what coverage is to be measured of
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    environment = kept | {"PYTHONPATH": str(extended / "src"), "MIDSTREAM_CACHE": str(extended / "cache")}
    run = [sys.executable, "-W", "error", *words]
    done = subprocess.run(run, cwd=extended, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_there_is_an_example_of_everything_that_can_be_added() -> None:
    folders = {str(Path(place).parent).removeprefix("src/midstream_cli/") for place, _ in ADDITIONS}
    assert {"streams/transports", "streams/formats", "streams/features", "compare/kernels", "cli/commands"} < folders
    assert len(ADDITIONS) == PAGE.count("\n## ")


def test_what_was_added_is_found_and_explained(extended: Path) -> None:
    assert re.search(r"^tcp://\n  Bytes that a server sends", midstream(extended, "help", "sources"), re.MULTILINE)
    assert re.search(r"^thermometer +read +A thermometer's log", midstream(extended, "help", "formats"), re.MULTILINE)
    assert re.search(r"^entropy +csi +Entropy of the power", midstream(extended, "help", "features"), re.MULTILINE)
    assert re.search(r"^  count +Count the frames of a stream\.$", midstream(extended, "--help"), re.MULTILINE)


def test_an_added_format_is_told_by_content_and_its_faults_are_counted(extended: Path) -> None:
    (extended / "log.txt").write_bytes(LOG)
    told = midstream(extended, "info", "log.txt")
    assert '"format": "thermometer"' in told
    assert '"frames": 3' in told
    assert '"faults": {"not a reading": 1}' in told


def test_an_added_transport_is_read_like_any_other(extended: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                for byte in LOG:
                    connection.sendall(bytes([byte]))

        thread = threading.Thread(target=serve)
        thread.start()
        told = midstream(extended, "info", f"tcp://127.0.0.1:{server.getsockname()[1]}")
        thread.join()
    assert '"format": "thermometer"' in told
    assert '"frames": 3' in told


def test_an_added_feature_can_be_compared_and_captured(extended: Path) -> None:
    scenes = ("demo://walking?duration=5", "demo://idle_room?duration=5")
    told = midstream(extended, "compare", *scenes, "--feature", "entropy", "--store", "none")
    assert '"feature": "entropy"' in told
    capture = ("capture-signature", scenes[0], "--background", scenes[1], "--feature", "entropy", "--force")
    assert '"feature_kind": "entropy"' in midstream(extended, *capture)


def test_an_added_command_keeps_an_added_result(extended: Path) -> None:
    assert midstream(extended, "count", "demo://walking?duration=5") == (
        '{"path": "demo://walking?duration=5", "frames": 500}\n'
    )
    assert midstream(extended, "query", "SELECT frames FROM counts") == '{"frames": 500}\n'


def test_an_added_kernel_is_compiled_and_kept(extended: Path) -> None:
    program = """if True:
        import numpy as np
        from midstream_cli.compare.kernels.energy import energy
        for n in (0, 3, 8, 1003):
            x = np.arange(float(n))
            print(energy(x) == energy.python(x) == (x * x).sum())
    """
    assert python(extended, "-c", program) == "True\n" * 4
    assert [file.name.partition("-")[0] for file in (extended / "cache").iterdir()] == ["energy"]
