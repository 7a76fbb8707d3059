"""How long it takes: calls of every library for the same series, in turn in one process; and ours of long series."""

import time
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import numpy as np

from attractor_asked import asked
from attractor_ours import embedding_of, function
from attractor_series import CHAOTIC, Float64
from compare_timing import Times, interleaved
from compare_work import Way
from report import Report

LORENZ = next(known for known in CHAOTIC if known.name == "lorenz")

LONG = (1000, 10_000, 100_000, 1_000_000)

NEAR_LINEAR = 15.0
"""Ten times as many samples take at most so many times as long."""


@dataclass(frozen=True, slots=True)
class Bar:
    """So many times as long a peer's call takes at least, over midstream's."""

    peer: str
    at_least: float


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """What every library does in turn."""

    title: str
    kind: str
    """The method of the libraries that offers the calls."""
    work: Float64
    given: Any
    bars: tuple[Bar, ...] = ()
    leave_out: tuple[str, ...] = field(default=())
    """Calls that are another piece of work, or too slow."""


def measure(report: Report, libraries: list[Any], words: list[str]) -> None:
    """All tables of speed that are asked for."""
    summary: list[dict[str, object]] = []
    for task in _tasks(words):
        if asked(task.title, words):
            summary += _timed(report, task, libraries)
    if summary:
        report.table("Speed: all bars", summary)
    if asked("Speed of long series", words):
        _long(report, words)


def _tasks(words: list[str]) -> list[Task]:
    exponents = {1000: (1.0, 1.0), 5000: (10.0, 5.0), 20_000: (100.0, 40.0)}
    sizes = (1000, 5000) if "--quick" in words else (1000, 5000, 20_000)
    tasks = []
    for n in sizes:
        x = LORENZ.observed(n, 0.0)
        bars = tuple(map(Bar, ("nolds lyap_r", "neurokit2 automatic"), exponents[n]))
        slow = ("lyap_r, our embedding", "lyap_e", "default", "makowski") if n > 5000 else ()
        tasks.append(Task(f"Speed of the largest exponent, {n:,} samples", "exponent", x, embedding_of(x), bars, slow))
    for n in sizes:
        x = LORENZ.observed(n, 0.0)
        bars = (Bar("nolds corr_dim, our embedding", 10.0), Bar("neurokit2 automatic", 5.0)) if n > 1000 else ()
        tasks.append(Task(f"Speed of the correlation dimension, {n:,} samples", "dimension", x, embedding_of(x), bars))
    for n in (1000, 5000):
        states = _states(n)
        tasks.append(
            Task(
                f"Speed of recurrence quantification, {n:,} states",
                "recurrence",
                states,
                0.3,
                (Bar("pyunicorn RecurrencePlot", 4.0),),
            )
        )
    for n in (5000, 100_000):
        x = LORENZ.observed(n, 0.05)
        bars = (Bar("antropy perm_entropy", 2.0),)
        tasks.append(Task(f"Speed of permutation entropy of order 5, {n:,} samples", "permutation", x, 5, bars))
    x = LORENZ.observed(5000, 0.0)
    tasks.append(
        Task("Speed of the delay, 5,000 samples", "delay", x, None, (Bar("neurokit2 complexity_delay", 20.0),))
    )
    tasks.append(Task("Speed of the embedding, 5,000 samples", "embedding", x, None))
    return tasks


def _states(n: int) -> Float64:
    """Lorenz's own coordinates, standardised."""
    states = LORENZ.state(n, 0.0)
    return np.ascontiguousarray((states - states.mean(axis=0)) / states.std(axis=0))


def _ways(report: Report, task: Task, libraries: list[Any]) -> list[tuple[Way, Any]]:
    """Calls that do the work, ours first, and what they returned the first time."""
    found = []
    for library in libraries:
        # each of our methods alone is timed beside all of them together
        kinds = (task.kind, "methods") if task.kind == "exponent" else (task.kind,)
        try:
            ways = chain(*(getattr(library, kind)(task.work, task.given) for kind in kinds if hasattr(library, kind)))
            found += [(way, way.call()) for way in ways if way.how not in task.leave_out]
        except Exception as error:  # noqa: BLE001 - peers raise anything, and what is not there cannot be measured
            report.note(f"{task.title}: {library.name} fails: {type(error).__name__}: {error}")
    return found


def _timed(report: Report, task: Task, libraries: list[Any]) -> list[dict[str, object]]:
    """The table of a task; and its lines of the summary."""
    found = _ways(report, task, libraries)
    if not found:
        return []
    times = interleaved({f"{way.library} {way.how}": way.call for way, _ in found})
    first = next(iter(times.values()))
    rows: list[dict[str, object]] = [
        {
            "call": name,
            "fastest, ms": time.fastest * 1e3,
            "median, ms": time.median * 1e3,
            "x": time.fastest / first.fastest,
            "x median": time.median / first.median,
            "rounds": len(time.seconds),
        }
        for name, time in times.items()
    ]
    report.table(task.title, rows)
    if task.kind in ("recurrence", "permutation"):
        _agree(report, task, found)
    return _judged(report, task, times)


def _agree(report: Report, task: Task, found: list[tuple[Way, Any]]) -> None:
    """These have one definition, and results that must be the same."""
    results = [np.asarray(way.read(result)) for way, result in found if way.read]
    for (way, _), result in zip(found[1:], results[1:], strict=True):
        difference = float(np.abs(result / results[0] - 1).max())
        report.at_most(1e-9, f"{task.title}: {way.library} differs from midstream", difference)


def _judged(report: Report, task: Task, times: dict[str, Times]) -> list[dict[str, object]]:
    ours = next(iter(times))
    lines: list[dict[str, object]] = []
    for bar in task.bars:
        if bar.peer not in times or not ours.startswith("midstream"):
            report.note(f"{task.title}: not judged without {bar.peer} beside midstream")
            continue
        ahead = times[bar.peer].fastest / times[ours].fastest
        report.at_least(bar.at_least, f"{task.title}: {bar.peer} over midstream", ahead, "x")
        lines.append(
            {
                "work": task.title,
                "midstream, ms": times[ours].fastest * 1e3,
                "beside": bar.peer,
                "ms": times[bar.peer].fastest * 1e3,
                "x": ahead,
                "x median": times[bar.peer].median / times[ours].median,
                "bar": bar.at_least,
                "": "held" if ahead >= bar.at_least else "MISSED",
            }
        )
    return lines


def _long(report: Report, words: list[str]) -> None:
    """Ours alone, of ever longer series: processor time, and how much memory more the process holds at most."""
    rows: list[dict[str, object]] = []
    lengths = LONG[:3] if "--quick" in words else LONG
    whole = LORENZ.observed(max(lengths), 0.0)
    for module, name in (
        ("exponents.largest", "lyapunov"),
        ("dimensions.correlation_dimension", "correlation_dimension"),
    ):
        try:
            call = function(module, name)
        except ImportError as error:
            report.note(f"long series: {error}")
            continue
        before = 0.0
        for n in lengths:
            call(whole[: min(n, 1000)])
            begun = time.process_time()
            call(whole[:n])
            took = time.process_time() - begun
            rows.append(
                {"call": name, "samples": n, "s": took, "x": took / before if before else 1.0, "peak MB": _peak_mb()}
            )
            if before:
                report.at_most(NEAR_LINEAR, f"{name}, {n:,} samples over a tenth of them", took / before, "x")
            before = took
    if rows:
        report.table("Speed of long series, each alone; memory is the most that the process held so far", rows)


def _peak_mb() -> float:
    import resource
    import sys

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
