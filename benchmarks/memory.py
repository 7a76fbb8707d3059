"""How much memory long recordings take, and how fast they are read: 100 MB beside 1 GB, seen from outside.

Run as `python benchmarks/memory.py [MEGABYTES]`. The recordings are made by midstream's own simulator and writers, in a
temporary folder that is taken away at the end.
"""

import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import numpy as np

from midstream_cli.recordings import CsiRecording, concatenate
from midstream_cli.streams.formats import esp32_csi_tool
from midstream_cli.streams.recording import RecordingWriter
from midstream_cli.streams.simulate import catalogue
from report import Report, main
from timing import MIDSTREAM, Cost, run

SIGNATURES = Path(__file__).resolve().parents[1] / "signatures"
MB = 1_000_000
LARGE_MB = int(next((word for word in sys.argv[1:] if word.isdecimal()), 1000))
SMALL_MB = LARGE_MB // 10
MOST_MB, MOST_GROWTH = 400.0, 1.25
"""Of the peak at any size, and from the small recording to the large one."""


def minutes(rate_hz: float) -> Iterator[CsiRecording]:
    """The same minute of walking again and again, while the clock goes on."""
    minute = concatenate(list(catalogue.play("walking", {"duration": 60.0, "rate": rate_hz}).pieces))  # type: ignore[type-var]
    assert isinstance(minute, CsiRecording)
    for i in count():
        passed_ns = i * 60_000_000_000
        uptime_s = minute.meta["real_timestamp"] + i * 60
        yield replace(minute, time_ns=minute.time_ns + passed_ns, meta={**minute.meta, "real_timestamp": uptime_s})


def text(path: Path, size: int) -> Path:
    """So many bytes as ESP32-CSI-Tool prints them."""
    with path.open("wb") as file:
        for minute in minutes(100.0):
            file.writelines(esp32_csi_tool.encode(minute))
            if file.tell() >= size:
                return path
    raise AssertionError


def recording(path: Path, size: int) -> Path:
    """So many bytes as a recording of our own: 1,000 frames a second of 256 subcarriers, each with noise of its own."""
    rng = np.random.default_rng(1)
    with RecordingWriter(path) as writer:
        for minute in minutes(1000.0):
            csi = np.tile(minute.matrix(), (1, 4))
            csi += rng.integers(-8, 8, (*csi.shape, 2)).astype(np.float32).view(np.complex64)[..., 0]
            offsets = np.arange(len(minute) + 1) * csi.shape[1]
            writer.append(replace(minute, csi=csi.reshape(-1), offsets=offsets))
            writer.flush()
            if size_of(path) >= size:
                break
    return path


def size_of(path: Path) -> int:
    """Of a file, or of all files in a folder."""
    return sum(file.stat().st_size for file in path.iterdir()) if path.is_dir() else path.stat().st_size


def measure(report: Report) -> None:
    """Read both kinds in both sizes with both commands, then the bars."""
    makers = {"ESP32-CSI-Tool, text": text, "recording, 256 subcarriers": recording}
    rows: list[dict[str, object]] = []
    peaks: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for title, make in makers.items():
            for megabytes in (SMALL_MB, LARGE_MB):
                path = make(folder / f"{make.__name__}_{megabytes}", megabytes * MB)
                for command, cost in read(path, folder).items():
                    rows.append(row(title, command, size_of(path) / MB, cost))
                    peaks.setdefault(f"{command} on {title}", []).append(cost.peak_bytes / MB)
    report.table("Memory and speed of whole commands", rows)
    for what, (small, large) in peaks.items():
        report.at_most(MOST_MB, f"most memory of {what}", large, "MB")
        report.at_most(MOST_GROWTH, f"the same, from {SMALL_MB} MB to {LARGE_MB} MB", large / small, "x")


def read(path: Path, folder: Path) -> dict[str, Cost]:
    """What each command costs on a recording."""
    signatures = SIGNATURES
    if path.is_dir():
        signatures = folder / "signatures"
        capture = ("capture-signature", "--quiet", "--store", "none", "--force", "--label", "walking", "--source", path)
        run(MIDSTREAM, *capture, "--out", signatures / "walking.sig.json")
    return {
        "info": run(MIDSTREAM, "info", path),
        "compare": run(MIDSTREAM, "compare", "--quiet", path, "--signatures", signatures, folder=folder),
    }


def row(title: str, command: str, megabytes: float, cost: Cost) -> dict[str, object]:
    """One line of the table."""
    return {
        "recording": title,
        "MB": round(megabytes),
        "command": command,
        "seconds": cost.wall_s,
        "MB/s": megabytes / cost.wall_s,
        "most memory, MB": round(cost.peak_bytes / MB),
    }


if __name__ == "__main__":
    main(measure)
