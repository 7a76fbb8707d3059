"""`midstream info`: what is in a recording."""

from typing import Annotated

import typer

from midstream_cli.cli import console, output
from midstream_cli.cli import options as o
from midstream_cli.cli.runs import NO_STORE

EXAMPLES = (
    "midstream info demo://walking",
    "midstream info recordings/walking_slow",
    "midstream info --json 'recordings/*'",
    "midstream info serial:// --duration 10s",
)


def command(
    context: typer.Context,
    sources: o.Sources,
    plot: Annotated[bool, typer.Option(help="Draw amplitude over time and subcarrier, on a terminal.")] = True,
    frames: o.Frames = None,
    duration: o.Duration = None,
    input_format: o.InputFormat = None,
    frame_rate: o.FrameRate = None,
    timeout: o.Timeout = o.DEFAULT_TIMEOUT,
    reconnect: o.Reconnect = o.DEFAULT_RECONNECT,
    jobs: o.Jobs = 0,
    store: o.Store = NO_STORE,
    output_format: o.Output = None,
    json: o.Json = False,
    quiet: o.Quiet = False,
) -> int:
    """Say what a stream holds and what is wrong with it.

    Recordings are read to their end, live streams until --frames, --duration or Ctrl-C. On a terminal, amplitude is drawn
    over time and subcarrier.
    """
    from midstream_cli.cli import describing
    from midstream_cli.cli.reading import Reading

    console.quiet = quiet
    reading = Reading(
        input_format,
        frames=frames,
        duration_s=duration,
        timeout_s=timeout,
        reconnect_s=reconnect,
        frame_rate_hz=frame_rate,
    )
    form = output.chosen(output_format, json)
    return describing.describe_all(sources, reading, form, plot=plot, jobs=jobs, store=store, arguments=context.params)
