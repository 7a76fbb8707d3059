"""The work of `compare` with a library: every window of recordings against every signature."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from midstream_cli.cli import batch, console, output, pictures, runs
from midstream_cli.cli.reading import Reading, follow, losses
from midstream_cli.errors import ExitCode, MidstreamError
from midstream_cli.results import Match

if TYPE_CHECKING:
    from midstream_cli.recordings import Recording


NOTHING = "no window is as long as a signature"


@dataclass(frozen=True, slots=True)
class Job:
    """What every comparison needs to know."""

    reading: Reading
    form: output.OutputFormat
    store: str
    threshold: float | None
    arguments: dict[str, Any]
    """As given, for the record."""

    def answer(self, nearest: float) -> int:
        """Yes, unless there is a threshold and the nearest distance is above it."""
        return ExitCode.NO if self.threshold is not None and not nearest <= self.threshold else ExitCode.OK


def compare_with_library(
    job: Job, sources: Sequence[str], *, library: Path, hop_s: float | None, top: int, jobs: int
) -> int:
    """Every window of every source against every signature of a folder."""
    from midstream_cli.compare.library import load
    from midstream_cli.streams.expand import expand

    load(library)
    recordings = expand(list(sources))
    if len(recordings) == 1:
        return _follow(job, recordings[0], library, hop_s, top)
    work = partial(match, reading=job.reading, signatures=library, hop_s=hop_s, top=top)
    outcomes: list[batch.Outcome] = []
    found: list[Match] = []
    interrupted = False
    with runs.keeping_each(job.store) as keep:
        try:
            for outcome in batch.each(recordings, work, jobs, "comparing"):
                outcomes.append(outcome)
                if outcome.error:
                    continue
                found += outcome.results
                if job.form is output.OutputFormat.TABLE:
                    output.text(outcome.source)
                    show(outcome.results)
                elif job.form is output.OutputFormat.JSONL:
                    output.write(outcome.results, job.form)
                if not outcome.results:
                    outcome.notes.append(NOTHING)
                run = runs.new_run("compare", job.arguments, outcome.source)
                keep(replace(run, frames=outcome.frames, lost=outcome.lost, bad=outcome.bad), outcome.results)
                interrupted = outcome.interrupted
                if interrupted:
                    break
        except KeyboardInterrupt:
            interrupted = True
    if job.form in (output.OutputFormat.JSON, output.OutputFormat.CSV):
        output.write(found, job.form)
    code = batch.conclude(outcomes, job.answer(min((match.distance for match in found), default=math.inf)))
    return ExitCode.INTERRUPTED if interrupted else code


def _follow(job: Job, source: str, library: Path, hop_s: float | None, top: int) -> int:
    """One source, live or recorded: matches are written and kept as they come; an end too soon shows what came."""
    from midstream_cli import pipeline
    from midstream_cli.compare.library import load
    from midstream_cli.compare.match import MatchSignatures

    operator = MatchSignatures(load(library), hop_s=hop_s, top=top)
    shown: list[Match] = []
    nearest, frames = math.inf, 0
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

        def take(matches: Sequence[Match]) -> None:
            nonlocal nearest
            nearest = min([nearest, *(match.distance for match in matches)])
            # an interrupt while output waits for its reader leaves nothing shown that is not kept
            sink.write(matches)
            if job.form is output.OutputFormat.JSONL:
                output.write(matches, job.form)
            else:
                shown.extend(matches)

        try:
            pipeline.run(counted(follow(opened, "comparing", job.reading.until_s)), operator, take)
        except (KeyboardInterrupt, MidstreamError) as reason:
            end = reason
        finally:
            sink.count(frames, opened.tally.lost, opened.tally.bad)
    if job.form is output.OutputFormat.TABLE:
        show(shown)
    elif job.form is not output.OutputFormat.JSONL:
        output.write(shown, job.form)
    for sentence in losses(opened):
        console.warning(sentence)
    if isinstance(end, MidstreamError):
        raise end
    if nearest == math.inf:
        console.warning(NOTHING)
    return ExitCode.INTERRUPTED if end else job.answer(nearest)


def show(matches: Sequence[Match]) -> None:
    """Matches as a picture and a table."""
    if not matches:
        return
    output.text("\n".join(picture(matches)))
    output.write_table(summary(matches))


def match(
    source: str, report: batch.Report, *, reading: Reading, signatures: Path, hop_s: float | None, top: int
) -> batch.Outcome:
    """Every window of a source against every signature; an interrupt ends it, and what came is compared."""
    from midstream_cli.compare.library import load
    from midstream_cli.compare.match import MatchSignatures

    outcome = batch.Outcome(source)
    operator = MatchSignatures(load(signatures), hop_s=hop_s, top=top)
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


def picture(matches: Sequence[Match]) -> list[str]:
    """When which label was nearest."""
    nearest = [match for match in matches if match.rank == 1]
    timed = [match for match in nearest if match.start_s is not None and match.end_s is not None]
    if not timed:
        spans = [(m.label, float(m.start_frame), float(m.end_frame), 1 + m.above_threshold) for m in nearest]
    else:
        spans = [(m.label, m.start_s or 0.0, m.end_s or 0.0, 1 + m.above_threshold) for m in timed]
    return pictures.timeline(spans, max(end for _, _, end, _ in spans), pictures.width()) if spans else []
