"""The work of `compare` with a library: every window of recordings against every signature, or where each occurs."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from midstream_cli.cli import batch, console, output, pictures, runs
from midstream_cli.cli.comparing import Job
from midstream_cli.cli.reading import Reading, follow, losses
from midstream_cli.errors import ExitCode, MidstreamError, UsageError
from midstream_cli.results import Match

if TYPE_CHECKING:
    from midstream_cli.cli.drawing import Span
    from midstream_cli.operator import Operator
    from midstream_cli.recordings import Recording


@dataclass(frozen=True, slots=True)
class Search:
    """One way to compare recordings with a library."""

    make: "Callable[[], Operator[Any]]"
    """A new operator for a recording; picklable."""
    show: Callable[[Sequence[Any], bool], None]
    """Results, and whether to draw them too."""
    spans: "Callable[[Sequence[Any]], list[Span]]"
    """Where along the recording the results lie."""
    nothing: str
    """What it means when there are none."""


def compare_with_library(job: Job, sources: Sequence[str], search: Search, jobs: int) -> int:
    """Every source against every signature of a folder.

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
            for outcome in batch.each(
                recordings, partial(run, reading=job.reading, make=search.make), jobs, "comparing"
            ):
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
                kept = runs.new_run("compare", job.arguments, outcome.source)
                keep(replace(kept, frames=outcome.frames, lost=outcome.lost, bad=outcome.bad), outcome.results)
                interrupted = outcome.interrupted
                if interrupted:
                    break
        except KeyboardInterrupt:
            interrupted = True
    if job.form in (output.OutputFormat.JSON, output.OutputFormat.CSV):
        output.write(found, job.form)
    code = batch.conclude(outcomes, job.answer(min((each.distance for each in found), default=math.inf)))
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
        runs.keeping(job.store, runs.new_run("compare", job.arguments, source)) as sink,
    ):

        def counted(pieces: "Iterator[Recording | None]") -> "Iterator[Recording | None]":
            nonlocal frames
            for piece in pieces:
                frames += len(piece) if piece is not None else 0
                yield piece

        def take(found: Sequence[Any]) -> None:
            nonlocal nearest
            nearest = min([nearest, *(each.distance for each in found)])
            # an interrupt while output waits for its reader leaves nothing shown that is not kept
            sink.write(found)
            if job.form is output.OutputFormat.JSONL:
                output.write(found, job.form)
            shown.extend(found if keeps else ())

        try:
            pipeline.run(counted(follow(opened, "comparing", job.reading.until_s)), operator, take)
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

        drawing.timeline(job.figure, search.spans(found), timed, source, "normalised distance")
        console.note(f"drew {job.figure}")


def run(source: str, report: batch.Report, *, reading: Reading, make: "Callable[[], Operator[Any]]") -> batch.Outcome:
    """A source through an operator; an interrupt ends it, and what came is compared."""
    outcome = batch.Outcome(source)
    operator = make()
    with reading.open(source) as opened:
        try:
            for piece in follow(opened, "comparing", reading.until_s) if opened.live else opened:
                if piece is not None:
                    outcome.results += operator.extend(piece)
                    outcome.frames += len(piece)
                    report(opened.stream.read, "")
        except KeyboardInterrupt:
            outcome.interrupted = True
        outcome.results += operator.finish()
        outcome.lost, outcome.bad, outcome.notes = opened.tally.lost, opened.tally.bad, losses(opened)
    return outcome


def windows(library: Path, hop_s: float | None, top: int) -> Search:
    """Every window against every signature of a folder."""
    return Search(partial(match, library, hop_s, top), show, spans, "no window is as long as a signature")


def match(library: Path, hop_s: float | None, top: int) -> "Operator[Match]":
    """What compares every window with the signatures of a folder.

    Raises:
        MidstreamError: there are none, or one is damaged.
    """
    from midstream_cli.compare.live.match import MatchSignatures
    from midstream_cli.compare.signatures.library import load

    return MatchSignatures(load(library), hop_s=hop_s, top=top)


def show(matches: Sequence[Match], plot: bool) -> None:
    """Matches as a picture and a table."""
    if not matches:
        return
    if plot:
        output.text("\n".join(picture(matches)))
    output.write_table(summary(matches))


def summary(matches: Sequence[Match]) -> list[dict[str, object]]:
    """How often each label was nearest, and how near."""
    nearest = [match for match in matches if match.rank == 1]
    rows = []
    for label in sorted({match.label for match in nearest}):
        own = [match for match in nearest if match.label == label]
        rows.append(
            {
                "label": label,
                "windows": len(own),
                "share": len(own) / len(nearest),
                "above_threshold": sum(match.above_threshold for match in own),
                "best_score": max(match.score for match in own),
                "median_distance": sorted(match.distance for match in own)[len(own) // 2],
            }
        )
    return rows


def spans(matches: Sequence[Match]) -> "list[Span]":
    """When which label was nearest, and how near."""
    from midstream_cli.cli.drawing import Span

    nearest = [match for match in matches if match.rank == 1]
    timed = [match for match in nearest if match.start_s is not None and match.end_s is not None]
    if not timed:
        return [Span(m.label, m.start_frame, m.end_frame, m.distance, m.above_threshold) for m in nearest]
    return [Span(m.label, m.start_s or 0.0, m.end_s or 0.0, m.distance, m.above_threshold) for m in timed]


def picture(matches: Sequence[Match]) -> list[str]:
    """When which label was nearest."""
    found = [(span.label, span.start, span.end, 1 + span.counts) for span in spans(matches)]
    length, timed = max(end for _, _, end, _ in found), any(match.start_s is not None for match in matches)
    return pictures.timeline(found, length, pictures.width(), timed=timed)
