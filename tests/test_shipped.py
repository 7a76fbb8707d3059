"""The recordings and signatures that come along are what one documented command makes."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from midstream_cli.recordings import CsiRecording, concatenate
from midstream_cli.streams.source import open_source

ROOT = Path(__file__).resolve().parents[1]

RECORDINGS = sorted(path.name for path in (ROOT / "recordings").iterdir())
SIGNATURES = sorted(path.name for path in (ROOT / "signatures").iterdir())

MOMENTS = {"created", "captured_at"}
"""When something was made."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the command makes in an empty folder."""
    folder = tmp_path_factory.mktemp("library")
    run = [sys.executable, str(ROOT / "scripts" / "library.py"), str(folder)]
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    # kernels that nobody used before are compiled, which is said
    told = [line for line in done.stderr.splitlines() if not line.startswith(("compiling the ", "compiled in "))]
    assert (done.returncode, told) == (0, [])
    return folder


def frames(folder: Path) -> CsiRecording:
    """All frames of a recording."""
    with open_source(str(folder)) as opened:
        pieces = [piece for piece in opened if isinstance(piece, CsiRecording)]
    return concatenate(pieces)


def facts(path: Path) -> Any:
    """A JSON file without the moments in it."""
    content = json.loads(path.read_text(encoding="utf-8"))
    return {name: value for name, value in content.items() if name not in MOMENTS}


def test_the_command_makes_these_files_and_no_others(made: Path) -> None:
    def files(root: Path) -> set[str]:
        folders = (root / "recordings", root / "signatures")
        return {str(path.relative_to(root)) for folder in folders for path in folder.rglob("*") if path.is_file()}

    assert files(made) == files(ROOT)
    assert {path.name for path in made.iterdir()} == {"recordings", "signatures"}
    assert len(RECORDINGS) == len(SIGNATURES) == 3


@pytest.mark.parametrize("name", RECORDINGS)
def test_a_recording_holds_the_frames_that_the_simulator_makes(name: str, made: Path) -> None:
    ours, again = (frames(root / "recordings" / name) for root in (ROOT, made))
    assert len(ours) == 2000
    for column in ("time_ns", "node", "csi", "offsets", "rssi", "noise_floor", "channel", "seq", "segment"):
        np.testing.assert_array_equal(getattr(again, column), getattr(ours, column), column)
    assert again.meta.keys() == ours.meta.keys()
    for column, values in ours.meta.items():
        np.testing.assert_array_equal(again.meta[column], values, column)
    manifest = f"recordings/{name}/manifest.json"
    assert facts(made / manifest) == facts(ROOT / manifest)


@pytest.mark.parametrize("name", SIGNATURES)
def test_a_signature_holds_what_is_captured_from_its_recording(name: str, made: Path) -> None:
    ours, again = (dict(leaves(facts(root / "signatures" / name))) for root in (ROOT, made))
    assert again.keys() == ours.keys()
    assert sum(place.startswith("/vectors") for place in ours) == 64 * 4
    for place, value in ours.items():
        # numbers have nine digits, the last of which another processor may round the other way
        assert again[place] == (pytest.approx(value, rel=1e-7) if isinstance(value, float) else value), place


def leaves(content: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Every value of a JSON object, and where it stands."""
    if isinstance(content, dict | list):
        inside = content.items() if isinstance(content, dict) else enumerate(content)
        for name, value in inside:
            yield from leaves(value, f"{place}/{name}")
    else:
        yield place, content
