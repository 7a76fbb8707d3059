"""The work of `info`."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from midstream_cli.cli import batch, output, pictures, runs
from midstream_cli.cli.reading import Reading, follow
from midstream_cli.errors import ExitCode, MidstreamError


def describe_all(
    sources: Sequence[str],
    reading: Reading,
    form: output.OutputFormat,
    *,
    plot: bool,
    jobs: int,
    store: str,
    arguments: dict[str, Any],
) -> int:
    """Describe each source; past those that cannot be read."""
    from midstream_cli.streams.expand import expand

    outcomes, results = [], []
    with runs.keeping_each(store) as keep:
        for outcome in batch.each(expand(list(sources)), partial(describe, reading=reading), jobs, "reading"):
            outcomes.append(outcome)
            results += outcome.results
            if form is output.OutputFormat.TABLE:
                show(outcome, plot)
            elif form is output.OutputFormat.JSONL:
                output.write(outcome.results, form)
            if outcome.results:
                run = runs.new_run("info", arguments, outcome.source)
                keep(replace(run, frames=outcome.frames, lost=outcome.lost, bad=outcome.bad), outcome.results)
    if form in (output.OutputFormat.JSON, output.OutputFormat.CSV):
        output.write(results, form)
    interrupted = any(outcome.interrupted for outcome in outcomes)
    return ExitCode.INTERRUPTED if interrupted else batch.conclude(outcomes)


def describe(source: str, report: batch.Report, *, reading: Reading) -> batch.Outcome:
    """Read a source once, for its description and its picture; an interrupt or an error ends it, and what came is described."""
    from midstream_cli.streams.describe import Describe
    from midstream_cli.streams.overview import Overview

    outcome = batch.Outcome(source)
    with reading.open_whole(source) as opened:
        operator, overview = Describe(opened.info, opened.tally), Overview()
        try:
            for piece in follow(opened, "reading", reading.until_s) if opened.live else opened:
                if piece is None:
                    continue
                operator.extend(piece)
                overview.add(piece)
                report(opened.stream.read, "")
        except KeyboardInterrupt:
            outcome.interrupted = True
        except MidstreamError as error:
            outcome.error = error
        outcome.results = list(operator.finish())
        outcome.frames = sum(result.frames for result in outcome.results)
        if outcome.error and not outcome.frames:
            raise outcome.error
        outcome.lost, outcome.bad = opened.tally.lost, opened.tally.bad
        outcome.notes = [
            f"{name}: {count} (first at {opened.tally.examples[name]})" for name, count in opened.tally.faults.items()
        ] + opened.tally.notes
        if not outcome.frames and not outcome.interrupted:
            outcome.notes.append(f"read as {opened.info.format}, it holds not one whole frame")
        outcome.picture = picture(overview, outcome.results[0].null_subcarriers)
    return outcome


def picture(overview: Any, nulls: Sequence[int]) -> list[str]:
    """The recording over time, one line two rows; subcarriers that carry nothing are left out."""
    import numpy as np

    matrix = overview.matrix()
    return pictures.heatmap(np.delete(matrix, nulls, axis=0), pictures.width()) if len(matrix) > len(nulls) else []


def show(outcome: batch.Outcome, plot: bool) -> None:
    """A recording as a list of facts, with its picture under it."""
    for facts in output.rows(outcome.results):
        output.write_facts({key: value for key, value in facts.items() if value not in (None, 0, [], {})})
        if plot and outcome.picture:
            output.text("\n".join(outcome.picture))
            output.text(pictures.time_axis(facts["duration_s"] or 0.0, pictures.width()))
        output.text("")
