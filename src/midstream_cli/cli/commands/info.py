"""`midstream info`: what is in a recording."""

from functools import partial
from typing import Annotated

import typer

from midstream_cli.cli import batch, console, output, pictures
from midstream_cli.cli import options as o

EXAMPLES = (
    "midstream info recordings/walking_slow",
    "midstream info --json 'recordings/*'",
    "midstream info 'demo://walking?duration=5'",
)


def command(
    sources: o.Sources,
    plot: Annotated[bool, typer.Option(help="Draw amplitude over time and subcarrier, on a terminal.")] = True,
    input_format: o.InputFormat = None,
    jobs: o.Jobs = 0,
    output_format: o.Output = None,
    json: o.Json = False,
    quiet: o.Quiet = False,
) -> int:
    """Say what recordings hold and what is wrong with them; on a terminal, plot them."""
    from midstream_cli.streams.expand import expand

    console.quiet = quiet
    form = output.chosen(output_format, json)
    outcomes = []
    for outcome in batch.each(expand(sources), partial(describe, input_format=input_format), jobs, "reading"):
        outcomes.append(outcome)
        if form is output.OutputFormat.TABLE:
            show(outcome, plot)
        elif form is output.OutputFormat.JSONL:
            output.write(outcome.results, form)
    if form in (output.OutputFormat.JSON, output.OutputFormat.CSV):
        output.write([result for outcome in outcomes for result in outcome.results], form)
    return batch.conclude(outcomes)


def describe(source: str, report: batch.Report, input_format: str | None = None) -> batch.Outcome:
    """Read a source once, for its description and its picture."""
    from midstream_cli.streams.describe import Describe
    from midstream_cli.streams.overview import Overview
    from midstream_cli.streams.source import open_source

    outcome = batch.Outcome(source)
    with open_source(source, input_format=input_format, keep_bad=True) as opened:
        operator, overview = Describe(opened.info, opened.tally), Overview()
        for piece in opened:
            operator.extend(piece)
            overview.add(piece)
            report(opened.stream.read, "")
        outcome.results = list(operator.finish())
        outcome.notes = [
            f"{name}: {count} ({opened.tally.examples[name]})" for name, count in opened.tally.faults.items()
        ] + opened.tally.notes
        if overview.rows:
            outcome.picture = pictures.heatmap(overview.matrix(), pictures.width())
    return outcome


def show(outcome: batch.Outcome, plot: bool) -> None:
    """A recording as a list of facts, with its picture under it."""
    for facts in output.rows(outcome.results):
        shown = {key: value for key, value in facts.items() if value not in (None, 0, [], {})}
        output.write_facts(shown)
        if plot and outcome.picture:
            output.text("\n".join(outcome.picture))
            output.text(pictures.time_axis(facts["duration_s"] or 0.0, pictures.width()))
