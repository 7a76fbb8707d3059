"""How long a command takes from its name to its answer, beside a Python that does nothing.

Run as `python benchmarks/startup.py`. Modules and kernels are compiled into a folder of this benchmark's own, so that it
does not matter whether the environment lets Python keep them. A first run finds none at all, not even those of Python
itself.
"""

import sys
import tempfile
from pathlib import Path
from statistics import median

from midstream_cli.compiled.machine import FOLDER_VARIABLE
from report import Report, main
from timing import MIDSTREAM, Cost, ratio, run

SIGNATURES = Path(__file__).resolve().parents[1] / "signatures"
PAIR = [SIGNATURES / f"{name}.sig.json" for name in ("walking_slow", "idle_room")]

NOTHING = "python -c pass"
COMMANDS: dict[str, tuple[object, ...]] = {
    "--version": ("--version",),
    "--help": ("--help",),
    "compare --store none a.sig.json b.sig.json": ("compare", "--quiet", "--store", "none", *PAIR),
    "compare a.sig.json b.sig.json": ("compare", "--quiet", *PAIR),
    "compare walking.csv again.csv": ("compare", "--quiet", "walking.csv", "again.csv"),
    "info small.csv": ("info", "small.csv"),
    "compare small.csv --signatures": ("compare", "--quiet", "small.csv", "--signatures", SIGNATURES),
}
AT_MOST_MS = {
    "--version": 40.0,
    "--help": 100.0,
    "compare a.sig.json b.sig.json": 350.0,
    "compare walking.csv again.csv": 350.0,
}
RECORDINGS = {"small.csv": ("5s", 1), "walking.csv": ("10s", 1), "again.csv": ("10s", 2)}
"""How long each lasts, with a hundred frames a second, and the seed of its random numbers."""

FIRST_RUN_AT_MOST_S = 3.0
ROUNDS, FIRST_RUNS = 21, 3


def measure(report: Report) -> None:
    """Time every command in turn, then first runs, then the bars."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, (duration, seed) in RECORDINGS.items():
            options = ("--format", "esp32-csi-tool", "--duration", duration, "--seed", seed)
            run(MIDSTREAM, "simulate", "walking", file, *options, folder=folder)
        again, first = repeated(folder), first_runs(folder)
    rows = [row(command, costs, again[NOTHING], first[command]) for command, costs in again.items()]
    report.table("Milliseconds from start to end", rows)
    for command, bar in AT_MOST_MS.items():
        report.at_most(bar, f"midstream {command}", median(cost.wall_s for cost in again[command]) * 1e3, "ms")
    slowest = max(first, key=lambda command: first[command])
    report.at_most(FIRST_RUN_AT_MOST_S, f"slowest first run, midstream {slowest}", first[slowest], "s")


def row(command: str, costs: list[Cost], nothing: list[Cost], first_s: float) -> dict[str, object]:
    """One line of the table."""
    wall_s = [cost.wall_s for cost in costs]
    return {
        "command": command if command == NOTHING else f"midstream {command}",
        "fastest": min(wall_s) * 1e3,
        "median": median(wall_s) * 1e3,
        "processor": median(cost.cpu_s for cost in costs) * 1e3,
        "first run": first_s * 1e3,
        "x Python": f"{ratio(wall_s, [cost.wall_s for cost in nothing]):.1f}",
    }


def words(command: str) -> tuple[object, ...]:
    """The command line that a row stands for."""
    return (MIDSTREAM, *COMMANDS[command]) if command in COMMANDS else (sys.executable, "-c", "pass")


def start(command: str, folder: Path, compiled: Path) -> Cost:
    """Run a command whose modules are compiled in a folder, or will be."""
    environment = {"PYTHONPYCACHEPREFIX": str(compiled), "PYTHONDONTWRITEBYTECODE": "", FOLDER_VARIABLE: str(compiled)}
    return run(*words(command), folder=folder, **environment)


def repeated(folder: Path) -> dict[str, list[Cost]]:
    """What each command costs, run in turn with the others."""
    costs: dict[str, list[Cost]] = {command: [] for command in (NOTHING, *COMMANDS)}
    for i in range(ROUNDS + 1):
        for command, found in costs.items():
            cost = start(command, folder, folder / "compiled")
            if i > 0:
                found.append(cost)
    return costs


def first_runs(folder: Path) -> dict[str, float]:
    """Wall seconds of each command where no module was compiled before, in the median run."""
    times: dict[str, list[float]] = {command: [] for command in (NOTHING, *COMMANDS)}
    for i in range(FIRST_RUNS):
        for j, command in enumerate(times):
            times[command].append(start(command, folder, folder / f"compiled_{i}_{j}").wall_s)
    return {command: median(found) for command, found in times.items()}


if __name__ == "__main__":
    main(measure)
