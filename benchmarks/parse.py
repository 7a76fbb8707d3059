"""How fast ESP32-CSI-Tool recordings become arrays, and which of them each reader can read: beside csiread and CSIKit.

Run as `python benchmarks/parse.py`. midstream does all it does for a user: it tells the format by content, reads every
field, unwraps the clock, counts what is damaged, and joins the pieces of a recording into one.
"""

import contextlib
import importlib.util
import io
import logging
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

from midstream_cli.recordings import concatenate
from midstream_cli.streams.formats import esp32_csi_tool
from midstream_cli.streams.simulate import catalogue
from midstream_cli.streams.source import open_source
from report import Report, main
from timing import in_turn, ratio

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "csi"

FRAMES = {
    "pulse/vacio_01.csv": 6662,
    "pulse/vacio_02.csv": 6380,
    "pulse/mov_01.csv": 6477,
    "pulse/mov_04.csv": 6438,
    "pulse/resp_6rpm.csv": 7222,
    "csikit/example_fast2_100hz_pitraffic.csv": 1599,
    "csikit/example_100hz_pitraffic.csv": 833,
    "csikit/example_data.csv": 60,
    "hernandez/hku_my-experiment-file.csv": 917,
    "hernandez/rikesh_example_csi.csv": 3164,
    "hernandez/hernandez_example_csi.csv": 13,
    "nasty/ronghua_csi-raw_utf16le.csv": 2586,
    "nasty/tristsou_empty_01.csv": 143,
    "nasty/tristsou_empty_01_full_log.txt": 149,
    "nasty/tristsou_full_log.txt": 135,
}
"""Real recordings, and the frames in each by the count of an independent parser."""

ROUNDS, SLOW_ROUNDS = 25, 5
SLOW_FRAMES = 2000
"""A recording of more frames is read by CSIKit in the slow rounds only."""


@dataclass(frozen=True, slots=True)
class File:
    """One recording."""

    path: Path
    name: str
    frames: int


def by_midstream(path: Path) -> int:
    """Read all frames, those that the receiver called damaged included; how many there are."""
    with open_source(str(path), keep_bad=True) as source:
        return len(concatenate(list(source)))  # type: ignore[type-var]


def by_csiread(path: Path) -> int:
    """Read all frames, with all fields."""
    import csiread

    data = csiread.ESP32(str(path), if_report=False)
    data.read()
    return len(data.csi)


def by_csikit(path: Path) -> int:
    """Read all frames, with all fields; its step from frames to one array, which needs numpy 1, is left out."""
    from CSIKit.reader import get_reader

    with contextlib.redirect_stdout(io.StringIO()):
        return len(get_reader(str(path)).read_file(str(path)).frames)


READERS: dict[str, Callable[[Path], int]] = {"midstream": by_midstream, "csiread": by_csiread, "CSIKit": by_csikit}
AT_LEAST = {"csiread": 2.0, "CSIKit": 50.0}
"""How many times as long each peer takes."""


def frames_or_failure(reader: Callable[[Path], int], path: Path) -> int | str:
    """How many frames come out, or the name of the error that comes instead."""
    try:
        return reader(path)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - peers raise anything
        return type(error).__name__


def recordings() -> list[File]:
    """The real recordings that are there."""
    return [File(DATA / name, name, count) for name, count in FRAMES.items() if (DATA / name).exists()]


def headed(files: list[File], folder: Path) -> Iterator[File]:
    """Two recordings with the header that CSIKit needs put before them, so that it reads something long too."""
    header = next(esp32_csi_tool.encode(next(catalogue.play("walking", {"duration": 0.1}).pieces)))
    for file in files[:2]:
        path = folder / f"headed_{file.path.name}"
        path.write_bytes(header + file.path.read_bytes())
        yield File(path, f"{file.name}, a header put before it", file.frames)


def simulated(folder: Path) -> Iterator[File]:
    """A minute of walking, by midstream's own simulator, as the firmware prints it without a header."""
    (path := folder / "walking.csv").touch()
    frames = 0
    with path.open("wb") as file:
        for piece in catalogue.play("walking", {"duration": 60.0}).pieces:
            file.writelines(list(esp32_csi_tool.encode(piece))[1:])
            frames += len(piece)
    yield File(path, "a simulated minute of walking", frames)


def measure(report: Report) -> None:
    """Say how fast, with the bars, then who reads what."""
    logging.disable()
    there = {name: reader for name, reader in READERS.items() if importlib.util.find_spec(name) or name == "midstream"}
    for name in READERS.keys() - there.keys():
        report.note(f"{name} is not installed, so it is left out: pip install -e '.[benchmark]'")
    with tempfile.TemporaryDirectory() as folder:
        files = recordings()
        if not files:
            report.note("no real recordings here: one is simulated")
            files = list(simulated(Path(folder)))
        files += headed(files, Path(folder))
        # CSIKit brings half of the scientific world into the process, so it comes last
        for name, bar in AT_LEAST.items():
            if name in there:
                speed(report, files, name, bar)
        correctness(report, files, there)


def correctness(report: Report, files: list[File], readers: dict[str, Callable[[Path], int]]) -> None:
    """How many frames each reader finds in each recording, and how many recordings it reads right."""
    rows: list[dict[str, object]] = []
    for file in files:
        found = {name: frames_or_failure(reader, file.path) for name, reader in readers.items()}
        rows.append({"recording": file.name, "frames": file.frames, **found})
    right = {name: sum(row[name] == row["frames"] for row in rows) for name in readers}
    report.table("Frames read, or what came instead", [*rows, {"recording": "right", "frames": len(files), **right}])


def speed(report: Report, files: list[File], peer: str, bar: float) -> None:
    """Processor time for each recording that a peer reads right."""
    rows = []
    pairs: list[tuple[list[float], list[float]]] = []
    for file in files:
        if frames_or_failure(READERS[peer], file.path) != file.frames:
            continue
        ways = {name: partial(READERS[name], file.path) for name in ("midstream", peer)}
        slow = peer == "CSIKit" and file.frames > SLOW_FRAMES
        ours, theirs = in_turn(ways, SLOW_ROUNDS if slow else ROUNDS).values()
        pairs.append((ours, theirs))
        rows.append(
            {
                "recording": file.name,
                "MB/s": file.path.stat().st_size / 1e6 / median(ours),
                "frames/s": file.frames / median(ours),
                "midstream, ms": median(ours) * 1e3,
                f"{peer}, ms": median(theirs) * 1e3,
                "x": ratio(theirs, ours),
            }
        )
    if rows:
        report.table(f"Processor time beside {peer}, in the median round", rows)
        usual = sum(median(theirs) for _, theirs in pairs) / sum(median(ours) for ours, _ in pairs)
        report.at_least(bar, f"{peer} takes, over the {len(rows)} recordings it reads", usual, "x")


if __name__ == "__main__":
    main(measure)
