"""Sources through an operator: one as it comes, live or recorded, or many one after the other."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from midstream_cli.cli import batch, console, output, runs
from midstream_cli.cli.comparing import Job
from midstream_cli.cli.reading import Reading, follow, losses
from midstream_cli.errors import ExitCode, MidstreamError, UsageError

if TYPE_CHECKING:
    from midstream_cli.cli.drawing import Span
    from midstream_cli.operator import Operator
    from midstream_cli.recordings import Recording


@dataclass(frozen=True, slots=True)
class Search:
    """One way to look through recordings with an operator."""

    make: "Callable[[], Operator[Any]]"
    """A new operator for a recording; picklable."""
    show: Callable[[Sequence[Any], bool], None]
    """Results, and whether to draw them too."""
    spans: "Callable[[Sequence[Any]], list[Span]]"
    """Where along the recording the results lie."""
    nothing: str
    """What it means when there are none."""
    command: str = "compare"
    doing: str = "comparing"
    nearness: Callable[[Any], float] = attrgetter("distance")
    """Of a result: what a threshold is for."""
    meaning: str = "normalised distance"
    """Of that number."""


def look_through(job: Job, sources: Sequence[str], search: Search, jobs: int) -> int:
    """Every source through an operator of its own.

    Raises:
        UsageError: a picture in a file is asked for of several recordings.
    """
    from midstream_cli.streams.expand import expand

    operator = search.make()
    recordings = expand(list(sources))
    if len(recordings) == 1:
        return _follow(job, recordings[0], search, operator)
    if job.figure is not None:
        raise UsageError(f"--figure shows one recording, and there are {len(recordings)}", "name one")
    outcomes: list[batch.Outcome] = []
    found: list[Any] = []
    interrupted = False
    with runs.keeping_each(job.store) as keep:
        try:
            for outcome in batch.each(recordings, partial(run, reading=job.reading, search=search), jobs, search.doing):
                outcomes.append(outcome)
                if outcome.error:
                    continue
                found += outcome.results
                if job.form is output.OutputFormat.TABLE:
                    output.text(outcome.source)
                    search.show(outcome.results, job.plot)
                elif job.form is output.OutputFormat.JSONL:
                    output.write(outcome.results, job.form)
                if not outcome.results:
                    outcome.notes.append(search.nothing)
                kept = runs.new_run(search.command, job.arguments, outcome.source)
                keep(replace(kept, frames=outcome.frames, lost=outcome.lost, bad=outcome.bad), outcome.results)
                interrupted = outcome.interrupted
                if interrupted:
                    break
        except KeyboardInterrupt:
            interrupted = True
    if job.form in (output.OutputFormat.JSON, output.OutputFormat.CSV):
        output.write(found, job.form)
    code = batch.conclude(outcomes, job.answer(min(map(search.nearness, found), default=math.inf)))
    return ExitCode.INTERRUPTED if interrupted else code


def _follow(job: Job, source: str, search: Search, operator: "Operator[Any]") -> int:
    """One source, live or recorded: results are written and kept as they come; an end too soon shows what came."""
    from midstream_cli import pipeline

    shown: list[Any] = []
    nearest, frames = math.inf, 0
    keeps = job.form is not output.OutputFormat.JSONL or job.figure is not None
    end: KeyboardInterrupt | MidstreamError | None = None
    with (
        job.reading.open(source) as opened,
        runs.keeping(job.store, runs.new_run(search.command, job.arguments, source)) as sink,
    ):

        def counted(pieces: "Iterator[Recording | None]") -> "Iterator[Recording | None]":
            nonlocal frames
            for piece in pieces:
                frames += len(piece) if piece is not None else 0
                yield piece

        def take(found: Sequence[Any]) -> None:
            nonlocal nearest
            nearest = min([nearest, *map(search.nearness, found)])
            # an interrupt while output waits for its reader leaves nothing shown that is not kept
            sink.write(found)
            if job.form is output.OutputFormat.JSONL:
                output.write(found, job.form)
            shown.extend(found if keeps else ())

        try:
            pipeline.run(counted(follow(opened, search.doing, job.reading.until_s)), operator, take)
        except (KeyboardInterrupt, MidstreamError) as reason:
            end = reason
        finally:
            sink.count(frames, opened.tally.lost, opened.tally.bad)
    _present(job, search, shown, source, timed=opened.info.clock != "none")
    for sentence in losses(opened):
        console.warning(sentence)
    if isinstance(end, MidstreamError):
        raise end
    if nearest == math.inf:
        console.warning(search.nothing)
    return ExitCode.INTERRUPTED if end else job.answer(nearest)


def _present(job: Job, search: Search, found: Sequence[Any], source: str, *, timed: bool) -> None:
    """Show all that one source came to, as far as it was not written as it came, and draw it."""
    if job.form is output.OutputFormat.TABLE:
        search.show(found, job.plot)
    elif job.form is not output.OutputFormat.JSONL:
        output.write(found, job.form)
    if job.figure is not None and found:
        from midstream_cli.cli import drawing

        drawing.timeline(job.figure, search.spans(found), timed, source, search.meaning)
        console.note(f"drew {job.figure}")


def run(source: str, report: batch.Report, *, reading: Reading, search: Search) -> batch.Outcome:
    """A source through an operator; an interrupt ends it, and what came counts."""
    outcome = batch.Outcome(source)
    operator = search.make()
    with reading.open(source) as opened:
        try:
            for piece in follow(opened, search.doing, reading.until_s) if opened.live else opened:
                if piece is not None:
                    outcome.results += operator.extend(piece)
                    outcome.frames += len(piece)
                    report(opened.stream.read, "")
        except KeyboardInterrupt:
            outcome.interrupted = True
        outcome.results += operator.finish()
        outcome.lost, outcome.bad, outcome.notes = opened.tally.lost, opened.tally.bad, losses(opened)
    return outcome
