"""Many recordings: in parallel where that pays, with one progress bar, past those that cannot be read."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from midstream_cli.cli import console
from midstream_cli.errors import ExitCode, MidstreamError, SourceError

WORTH_A_PROCESS = 20_000_000
"""Bytes; starting a process and importing numpy in it costs what reading so much takes."""


@dataclass(slots=True)
class Outcome:
    """What the work on one source came to."""

    source: str
    results: list[Any] = field(default_factory=list)
    frames: int = 0
    lost: int = 0
    bad: int = 0
    notes: list[str] = field(default_factory=list)
    picture: list[str] = field(default_factory=list)
    error: MidstreamError | None = None
    interrupted: bool = False


Report = Callable[[float, str], None]
Work = Callable[[str, Report], Outcome]


def each(sources: Sequence[str], work: Work, jobs: int, title: str) -> Iterator[Outcome]:
    """The outcome of `work` on each source, in their order; a source that fails has its error in its outcome.

    `work` is called as `work(source, report)`; to run in other processes it must be picklable.
    """
    sizes = [_size(source) for source in sources]
    workers = min(jobs or os.cpu_count() or 1, len(sources))
    if workers > 1 and (jobs > 1 or sum(sizes) >= WORTH_A_PROCESS):
        yield from _in_processes(sources, sizes, work, workers, title)
        return
    done = 0.0
    with console.progress(title, sum(sizes) or None) as bar:
        for source, size in zip(sources, sizes, strict=True):

            def report(read: float, text: str = "", base: float = done, name: str = source) -> None:
                bar.update(base + read, text or Path(name).name)

            yield _attempt(work, source, report)
            done += size


def _in_processes(
    sources: Sequence[str], sizes: Sequence[int], work: Work, count: int, title: str
) -> Iterator[Outcome]:
    from midstream_cli.cli import workers

    done = 0.0
    with console.progress(title, sum(sizes) or None) as bar:
        outcomes = workers.each(sources, partial(_attempt, work, report=_unreported), _died, count)
        for i, (outcome, size) in enumerate(zip(outcomes, sizes, strict=True), 1):
            done += size
            bar.update(done, f"{i} of {len(sources)}")
            yield outcome


def _died(source: str, code: int) -> Outcome:
    how = f"signal {-code}" if code < 0 else f"exit code {code}"
    error = SourceError(f"the process that read {source} died ({how})", "try it alone: midstream info; or --jobs 1")
    return Outcome(source, error=error)


def _attempt(work: Work, source: str, report: Report) -> Outcome:
    try:
        return work(source, report)
    except MidstreamError as error:
        return Outcome(source, error=error)


def _unreported(done: float, text: str = "") -> None:
    """Progress inside another process is not drawn."""


def _size(source: str) -> int:
    path = Path(source)
    try:
        if path.is_dir():
            return sum(file.stat().st_size for file in path.iterdir() if file.is_file())
        return path.stat().st_size if path.is_file() else 0
    except OSError:
        return 0


def conclude(outcomes: Sequence[Outcome], code: int = ExitCode.OK) -> int:
    """Name what could not be read, and say how the whole ends: the first failure's code, else `code`."""
    failed = [outcome for outcome in outcomes if outcome.error]
    for outcome in outcomes:
        for sentence in outcome.notes:
            console.warning(f"{outcome.source}: {sentence}" if len(outcomes) > 1 else sentence)
    for outcome in failed:
        if outcome.error:
            console.error(str(outcome.error), outcome.error.hint)
    if failed and len(outcomes) > 1:
        console.note(f"{len(failed)} of {len(outcomes)} sources could not be read")
    return failed[0].error.exit_code if failed and failed[0].error else code
