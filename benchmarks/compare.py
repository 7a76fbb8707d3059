"""How fast sequences are compared: beside every library that does the same, in one process, agreement included.

Run as `python benchmarks/compare.py`, or with words that the titles of some tables hold: `compare.py 64x64 token`. Each
table is one piece of work, done by every library in turn; a time is processor time of all threads where nothing else is
said. What is called "of the limit" is how much of what one core can compute at most was reached (`roofline.py`).
"""

import os
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from math import inf, isnan
from typing import Any

import numpy as np

import compare_live
import roofline
from compare_ours import Midstream
from compare_peers import OF_NUMBERS
from compare_tasks import Task, tasks
from compare_timing import Times, interleaved
from compare_token_peers import OF_TOKENS
from compare_work import Tokens, Way
from report import Report, main

AGREEMENT = 1e-9
"""Distances that differ by more, relative to the larger, are not the same."""


@dataclass(frozen=True, slots=True)
class Line:
    """One way of a table, timed."""

    way: Way
    times: Times
    difference: float | None
    """The largest relative difference to the numbers of midstream's first call; None where it means something else."""


def libraries(report: Report) -> tuple[list[Any], list[Any]]:
    """Midstream and the peers that are installed; and the peers that are not."""
    there: list[Any] = [Midstream()]
    missing: list[Any] = []
    versions = []
    for peer in (*OF_NUMBERS, *OF_TOKENS):
        try:
            there.append(peer())
        except ImportError as error:
            missing.append(peer)
            report.note(f"{peer.name} is missing ({error}): pip install -e '.[benchmark]'")
        else:
            versions.append(f"{peer.name} {version(peer.name)}")
    report.note(
        f"beside {', '.join(versions)}; load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    )
    return there, missing


def difference(ours: Any, theirs: Any) -> float:
    """The largest relative difference of two results; infinite where they have different shapes."""
    first, second = np.asarray(ours, np.float64), np.asarray(theirs, np.float64)
    if first.shape != second.shape:
        return inf
    scale = np.maximum(np.maximum(np.abs(first), np.abs(second)), np.finfo(float).tiny)
    found = float((np.abs(first - second) / scale).max(initial=0.0))
    return inf if isnan(found) else found


def ways(report: Report, task: Task, there: list[Any], failed: list[Any]) -> Iterator[tuple[Way, Any]]:
    """Every call that does the work, and what it returned the first time; who fails is added to a list."""
    without = []
    for library in there:
        try:
            offered = getattr(library, task.kind, None)
            found = list(offered(task.work)) if offered else []
            if not found and isinstance(library, OF_TOKENS) == isinstance(task.work, Tokens):
                without.append(library.name)
            for way in found:
                result = way.call()
                yield way, way.read(result) if way.read else None
        except Exception as error:  # noqa: BLE001 - peers raise anything
            failed.append(library)
            report.note(f"{task.title}: {library.name} fails: {type(error).__name__}: {error}")
    if without:
        report.note(f"{task.title}: {', '.join(without)} offer nothing for it")


def timed(found: dict[str, tuple[Way, Any]], task: Task) -> list[Line]:
    """Every way of a task, ours first."""
    times = interleaved({name: way.call for name, (way, _) in found.items()}, task.clock)
    first = next((result for _, result in found.values() if result is not None), None)
    return [
        Line(way, times[name], None if result is None else difference(first, result))
        for name, (way, result) in found.items()
    ]


def rows(lines: list[Line]) -> list[dict[str, object]]:
    """The table of a task; ratios are to midstream's first call."""
    first = lines[0].times
    return [
        {
            "library": line.way.library,
            "call": line.way.how,
            "fastest, us": line.times.fastest * 1e6,
            "median, us": line.times.median * 1e6,
            "x": line.times.fastest / first.fastest,
            "x median": line.times.median / first.median,
            "rounds": len(line.times.seconds),
            "difference": "another definition" if line.difference is None else line.difference,
        }
        for line in lines
    ]


def agree(report: Report, task: Task, lines: list[Line]) -> None:
    """Say who finds other numbers, which is a missed bar."""
    far = {f"{line.way.library} {line.way.how}": line.difference or 0.0 for line in lines}
    worst = max(far, key=lambda name: far[name])
    if far[worst] > AGREEMENT:
        report.at_most(AGREEMENT, f"{task.title}: {worst} differs from {lines[0].way.library}", far[worst])


def judged(report: Report, task: Task, lines: list[Line], limit: roofline.Limit) -> Iterator[dict[str, object]]:
    """One line of the summary for each bar of a task; what was not measured misses it."""
    ours = {line.way.how: line.times for line in lines if line.way.library == Midstream.name}
    peers = {f"{line.way.library} {line.way.how}": line.times for line in lines if line.way.library != Midstream.name}
    for bar in task.bars:
        others = {bar.over: ours[bar.over]} if bar.over in ours else peers
        if bar.of not in ours or not others:
            report.at_least(bar.at_least, f"{task.title}: midstream {bar.of}, not measured", 0.0, "x")
            continue
        mine, best = ours[bar.of], min(others, key=lambda name: others[name].fastest)
        ahead = others[best].fastest / mine.fastest
        report.at_least(bar.at_least, f"{task.title}: {best} over midstream {bar.of}", ahead, "x")
        reached = limit.fraction(task.cells, task.dims, mine.fastest)
        yield {
            "work": task.title,
            "midstream": bar.of,
            "us": mine.fastest * 1e6,
            "beside": best,
            "x": ahead,
            "x median": others[best].median / mine.median,
            "bar": bar.at_least,
            "": "held" if ahead >= bar.at_least else "MISSED",
            "of the limit": f"{reached:.0%}" if task.cells else "",
        }


def compared(
    report: Report, task: Task, there: list[Any], missing: list[Any], limit: roofline.Limit
) -> list[dict[str, object]]:
    """The table of a task; and its lines of the summary."""
    absent = [peer for peer in missing if hasattr(peer, task.kind)]
    found = {f"{way.library} {way.how}": (way, result) for way, result in ways(report, task, there, absent)}
    if not found:
        return []
    lines = timed(found, task)
    report.table(task.title, rows(lines))
    agree(report, task, lines)
    if absent and not any(isinstance(library, Midstream) for library in absent):
        names = ", ".join(peer.name for peer in absent)
        report.note(f"{task.title}: not judged without {names}, which may be the fastest")
        return []
    return list(judged(report, task, lines, limit))


def measure(report: Report) -> None:
    """Time everything; then all bars at a glance."""
    warnings.simplefilter("ignore")  # peers warn of one another's versions
    wanted = [word for word in sys.argv[1:] if not word.startswith("-")]
    there, missing = libraries(report)
    limit = roofline.measured()
    report.table("What one core computes at most, 10^9 cells/s", [limit.row()])
    summary: list[dict[str, object]] = []
    for task in tasks():
        if not wanted or any(word in task.title for word in wanted):
            summary += compared(report, task, there, missing, limit)
    if summary:
        report.table("All bars", summary)
    if not wanted or "SPRING" in wanted:
        compare_live.measure(report)


if __name__ == "__main__":
    main(measure)
