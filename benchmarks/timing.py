"""What work costs: functions in turn within one process, or commands each in a process of their own."""

import json
import os
import signal
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

MIDSTREAM = str(Path(sysconfig.get_path("scripts")) / "midstream")


def in_turn(ways: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Processor seconds of each way in each round; a busy moment of the machine hits all ways alike."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for way in ways.values():
        way()
    for _ in range(rounds):
        for name, way in ways.items():
            begun = time.process_time()
            way()
            seconds[name].append(time.process_time() - begun)
    return seconds


def ratio(slow: Sequence[float], fast: Sequence[float]) -> float:
    """How many times as long, in the median round."""
    return median(one / other for one, other in zip(slow, fast, strict=True))


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one command, seen from outside."""

    wall_s: float
    cpu_s: float
    peak_bytes: int
    """The most memory it held at once."""
    exit_code: int
    said: str
    """On standard output."""
    complained: str
    """On standard error."""


# a process is charged with the memory of the one that starts it: this one is small
_PARENT = """
import json, os, signal, sys, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
begun = time.perf_counter()
child = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, setsigdef=[signal.SIGINT])
_, status, usage = os.wait4(child, 0)
cost = time.perf_counter() - begun, usage.ru_utime + usage.ru_stime, usage.ru_maxrss, os.waitstatus_to_exitcode(status)
print(json.dumps(cost))
"""

# of ru_maxrss, which macOS counts in bytes
_MEMORY_UNIT = 1 if sys.platform == "darwin" else 1024


class Running:
    """A command at work, in a small process that measures it."""

    def __init__(self, *words: object, folder: Path | str | None = None, **environment: str) -> None:
        command = [sys.executable, "-IS", "-c", _PARENT, *map(str, words)]
        self.process = subprocess.Popen(  # noqa: S603 - our own commands
            command,
            cwd=folder,
            env=os.environ | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        os.killpg(self.process.pid, signal.SIGINT)

    def cost(self, timeout_s: float | None = None) -> Cost:
        """Wait for its end."""
        said, complained = self.process.communicate(timeout=timeout_s)
        *lines, measured = said.splitlines()
        wall_s, cpu_s, peak, code = json.loads(measured)
        return Cost(wall_s, cpu_s, peak * _MEMORY_UNIT, code, "\n".join(lines), complained)


def run(*words: object, folder: Path | str | None = None, **environment: str) -> Cost:
    """Run a command to its end.

    Raises:
        RuntimeError: it failed.
    """
    cost = Running(*words, folder=folder, **environment).cost()
    if cost.exit_code:
        raise RuntimeError(f"{' '.join(map(str, words))} ended with {cost.exit_code}: {cost.complained}")
    return cost
