"""The work of `compare --find`: where in recordings a query occurs."""

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from midstream_cli.cli import batch, console, measuring, output, pictures, runs
from midstream_cli.cli.comparing import Job
from midstream_cli.cli.reading import Reading
from midstream_cli.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from midstream_cli.cli.drawing import Span
    from midstream_cli.compare.method import Method
    from midstream_cli.compare.named import Named
    from midstream_cli.frames import Float64
    from midstream_cli.results import Place

MOST_LINES = 12
"""Of more places, a line each would not fit a screen."""

NOTHING = "it holds no place that is near enough"


def find_all(
    job: Job, sources: Sequence[str], *, feature: str | None, method: "Method", top: int | None, jobs: int
) -> int:
    """The places in every source but the first that are nearest to the first.

    Args:
        top: how many in each at most; None for all that are within the threshold.

    Raises:
        UsageError: there is nothing to look through, or query and recordings do not fit one another or the method.
    """
    from midstream_cli.streams.expand import expand

    if len(sources) < 2:
        raise UsageError("there is nothing to look through", "name the query first, and then the recordings")
    streams = expand(list(sources[1:]))
    if job.figure is not None and len(streams) > 1:
        raise UsageError(f"--figure shows one recording, and there are {len(streams)}", "name one")
    asked = measuring.measure(sources[0], reading=job.reading, feature=feature)
    measuring.tell(asked)
    query: Named = asked.results[0]
    work = partial(
        look_through, reading=job.reading, feature=feature, query=query, method=method, top=top, threshold=job.threshold,
        plots=job.plot and job.form is output.OutputFormat.TABLE, figure=job.figure,
    )  # fmt: skip
    outcomes: list[batch.Outcome] = []
    found: list[Place] = []
    interrupted = asked.interrupted
    with runs.keeping_each(job.store) as keep:
        for outcome in batch.each(streams, work, jobs, "searching"):
            outcomes.append(outcome)
            if outcome.error:
                continue
            found += outcome.results
            if job.form is output.OutputFormat.TABLE:
                show(outcome, several=len(streams) > 1)
            elif job.form is output.OutputFormat.JSONL:
                output.write(outcome.results, job.form)
            if len(streams) == 1:
                # the query is a source too, so that this one has to be named
                measuring.tell(outcome)
                outcome.notes.clear()
            if not outcome.results:
                outcome.notes.append(NOTHING)
            run = runs.new_run("compare", job.arguments, f"{query.name} {outcome.source}")
            counts = {name: getattr(outcome, name) for name in ("frames", "lost", "bad")}
            keep(replace(run, **counts), outcome.results)
            interrupted |= outcome.interrupted
            if interrupted:
                break
    if job.form in (output.OutputFormat.JSON, output.OutputFormat.CSV):
        output.write(found, job.form)
    code = batch.conclude(outcomes, job.answer(min((place.normalised for place in found), default=math.inf)))
    return ExitCode.INTERRUPTED if interrupted else code


def look_through(
    source: str,
    report: batch.Report,
    *,
    reading: Reading,
    feature: str | None,
    query: "Named",
    method: "Method",
    top: int | None,
    threshold: float | None,
    plots: bool,
    figure: Path | None,
) -> batch.Outcome:
    """The places in a source that are nearest to a query, with pictures of where they lie where those are asked for."""
    from midstream_cli.compare.search.places import places

    alike = measuring.Alike.as_in(query)
    outcome = measuring.measure(source, report, reading=reading, feature=feature, alike=alike)
    stream: Named = outcome.results[0]
    outcome.results = places(query, stream, method, top=top, threshold=threshold)
    if plots and outcome.results:
        outcome.picture = picture(stream, outcome.results)
    if figure is not None and outcome.results:
        from midstream_cli.cli import drawing

        title = f"{query.name} in {source}, by normalised distance"
        if stream.categorical:
            drawing.timeline(figure, spans(outcome.results), stream.time_s is not None, title, "normalised distance")
        else:
            drawing.places(figure, stream, spans(outcome.results), title)
        console.note(f"drew {figure}")
    return outcome


def show(outcome: batch.Outcome, *, several: bool) -> None:
    """Places as a picture and a table."""
    if several:
        output.text(outcome.source)
    if outcome.picture:
        output.text("\n".join([*outcome.picture, ""]))
    names = ("rank", "start_s", "end_s", "start_frame", "end_frame", "distance", "normalised")
    output.write_table([{name: getattr(place, name) for name in names} for place in outcome.results])


def picture(stream: "Named", found: "Sequence[Place]") -> list[str]:
    """The recording as a curve, where it is one, and under it where each place lies."""
    times = stream.time_s
    length = float(len(stream.values)) if times is None else float(times[-1])
    together = f"1-{len(found)}" if len(found) > MOST_LINES else ""
    lines = [(together or span.label, span.start, span.end, 2) for span in spans(found)]
    end = max([length, *(stop for _, _, stop, _ in lines)])
    drawn = pictures.timeline(lines, end, pictures.width(), timed=times is not None)
    gutter = max(len(label) for label, *_ in lines) + 2
    if stream.categorical:
        return [f"{stream.name}  ({stream.feature})", *drawn]
    from midstream_cli.cli.curves import curves

    (curve,), name = curves([stream], "feature")
    columns = max(10, pictures.width() - gutter)
    bars = pictures.sparkline(_spread(curve, times, end, columns), columns)
    return [f"{stream.name}  ({name})", " " * gutter + bars.rstrip(), *drawn]


def _spread(curve: "Float64", times: "Float64 | None", end: float, columns: int) -> "Float64":
    """Values by the columns of the places under them: means where several share one, NaN where it is silent."""
    import numpy as np

    x = np.arange(len(curve)) + 0.5 if times is None else times
    if len(curve) < columns:
        middles = (np.arange(columns) + 0.5) * end / columns
        nearest: Float64 = curve[np.searchsorted((x[1:] + x[:-1]) / 2, middles)]
        return nearest
    known = np.isfinite(curve)
    at = np.clip((x[known] / end * columns).astype(int), 0, columns - 1)
    held = np.bincount(at, minlength=columns)
    means: Float64 = np.bincount(at, curve[known], columns) / np.where(held, held, np.nan)
    return means


def spans(found: "Sequence[Place]") -> "list[Span]":
    """Where each lies, by its rank: in seconds, or in positions of a stream without times."""
    from midstream_cli.cli.drawing import Span

    return [
        Span(
            f"{place.rank}",
            place.start_frame if place.start_s is None else place.start_s,
            place.end_frame if place.end_s is None else place.end_s,
            place.normalised,
            counts=True,
        )
        for place in found
    ]
