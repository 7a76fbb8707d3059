"""`midstream signatures`: a library of signatures, looked at, checked and put to the test."""

from pathlib import Path
from typing import Annotated

import typer

from midstream_cli.cli import console, output
from midstream_cli.cli import options as o
from midstream_cli.cli.app import examples
from midstream_cli.errors import ExitCode

group = typer.Typer(
    help="List, show, check, evaluate and calibrate signatures.", no_args_is_help=True, rich_markup_mode=None
)

Place = Annotated[Path, typer.Argument(metavar="[DIR]", help="A folder of signatures, or one file.")]


@group.command("list", epilog=examples(("midstream signatures list signatures", "midstream signatures list --json")))
def list_command(
    place: Place = Path("signatures"),
    output_format: o.Output = None,
    json: o.Json = False,
    quiet: o.Quiet = False,
) -> int:
    """List the signatures of a folder."""
    from midstream_cli.cli import curating

    console.quiet = quiet
    output.write(curating.listed(place), output.chosen(output_format, json))
    return ExitCode.OK


@group.command("show", epilog=examples(("midstream signatures show signatures/walking_slow.sig.json",)))
def show_command(
    place: Place = Path("signatures"),
    output_format: o.Output = None,
    json: o.Json = False,
    quiet: o.Quiet = False,
) -> int:
    """Show signatures with their pictures."""
    from midstream_cli.cli import curating

    console.quiet = quiet
    return curating.show(place, output.chosen(output_format, json))


@group.command("check", epilog=examples(("midstream signatures check signatures",)))
def check_command(
    place: Place = Path("signatures"),
    output_format: o.Output = None,
    json: o.Json = False,
    quiet: o.Quiet = False,
) -> int:
    """Check a library as a whole.

    Damaged files, equal ids, mixed features and backgrounds are found. Exit code 1 when a file is bad.
    """
    from midstream_cli.cli import curating

    console.quiet = quiet
    return curating.check(place, output.chosen(output_format, json))


@group.command(
    "evaluate",
    epilog=examples(
        (
            "midstream signatures evaluate signatures 'recordings/*' --truth '*idle*=idle' --truth '*walking*=walking'",
            "midstream signatures evaluate signatures recordings --truth '*walk*=walking' --truth '*=idle' --at-least 0.9",
        )
    ),
)
def evaluate_command(
    context: typer.Context,
    place: Annotated[Path, typer.Argument(metavar="DIR", help="A folder of signatures.")],
    sources: o.Sources,
    truth: Annotated[
        list[str],
        typer.Option(
            metavar="PATTERN=LABEL",
            help="What recordings whose name matches really show; repeatable, the first that fits counts.",
        ),
    ],
    hop: Annotated[
        float | None,
        typer.Option(
            parser=o.seconds,
            metavar="TIME",
            help="Distance of windows (default: as long as a signature).",
            show_default=False,
        ),
    ] = None,
    at_least: Annotated[
        float | None,
        typer.Option(
            "--at-least",
            callback=o.a_number,
            min=0.0,
            max=1.0,
            metavar="X",
            help="Exit with 1 below this balanced accuracy.",
            show_default=False,
        ),
    ] = None,
    node: o.Node = None,
    subcarriers: o.Subcarriers = None,
    input_format: o.InputFormat = None,
    frame_rate: o.FrameRate = None,
    jobs: o.Jobs = 0,
    store: o.Store = o.DEFAULT_STORE,
    output_format: o.Output = None,
    json: o.Json = False,
    quiet: o.Quiet = False,
) -> int:
    """Put signatures to the test on labelled recordings.

    Each window of each recording is taken for what its nearest signature is of; the confusion matrix shows how often that
    is true.
    """
    from midstream_cli.cli import curating
    from midstream_cli.cli.reading import Reading

    console.quiet = quiet
    reading = Reading(input_format, node, subcarriers, frame_rate_hz=frame_rate)
    form = output.chosen(output_format, json)
    return curating.evaluate(context.params, place, sources, truth, reading, hop, at_least, jobs, store, form)


@group.command(
    "calibrate",
    epilog=examples(
        (
            "midstream signatures calibrate signatures recordings/idle_room --dry-run",
            "midstream signatures calibrate signatures 'demo://idle_room?duration=120&seed=3' --false-alarms-per-day 2",
        )
    ),
)
def calibrate_command(
    context: typer.Context,
    place: Annotated[Path, typer.Argument(metavar="DIR", help="A folder of signatures, or one file.")],
    sources: o.Sources,
    false_alarms_per_day: Annotated[
        float,
        typer.Option(
            callback=o.a_number,
            min=1e-3,
            max=86_400.0,
            metavar="X",
            help="How often a day the background may be mistaken for any of them.",
        ),
    ] = 24.0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing into the signatures.")] = False,
    duration: o.Duration = None,
    frames: o.Frames = None,
    start: o.From = None,
    end: o.To = None,
    node: o.Node = None,
    subcarriers: o.Subcarriers = None,
    input_format: o.InputFormat = None,
    frame_rate: o.FrameRate = None,
    timeout: o.Timeout = o.DEFAULT_TIMEOUT,
    reconnect: o.Reconnect = o.DEFAULT_RECONNECT,
    jobs: o.Jobs = 0,
    store: o.Store = o.DEFAULT_STORE,
    output_format: o.Output = None,
    json: o.Json = False,
    quiet: o.Quiet = False,
) -> int:
    """Find the thresholds that a quiet background asks for.

    Recordings in which no signature occurs, an hour or more in all, bring evidence for a signature now and then. The threshold is what they bring
    as rarely as asked for, and is written into the signature's file; where they are too short to count that, the tail of
    what they brought foretells it. Exit code 1 where the background brings as much as a signature itself, or is not
    steady: nothing is written there.
    """
    from midstream_cli.cli import calibrating
    from midstream_cli.cli.reading import Reading

    console.quiet = quiet
    wish = calibrating.Wish(place, false_alarms_per_day, dry_run, context.params)
    reading = Reading(
        input_format, node, subcarriers, start, end, frames, duration, timeout, reconnect, frame_rate_hz=frame_rate
    )
    return calibrating.calibrate(wish, sources, reading, jobs, store, output.chosen(output_format, json))
