"""`midstream capture-signature`: a signature from a live or recorded stream."""

from pathlib import Path
from typing import Annotated

import typer

from midstream_cli.cli import console, output
from midstream_cli.cli import options as o
from midstream_cli.errors import UsageError

EXAMPLES = (
    "midstream capture-signature demo://walking",
    "midstream capture-signature --label strolling --source recordings/walking_slow --background recordings/idle_room",
    "midstream capture-signature --label idle --idle --source recordings/idle_room --out idle.sig.json",
    "midstream capture-signature --label door --source demo://door_open --from 3 --average 3 --out door.sig.json",
    "midstream capture-signature --label step --source demo://walking --every-frame --out step.sig.json",
)

Argument = Annotated[
    str | None,
    typer.Argument(metavar="[SOURCE]", help="Where to capture from; the same as --source.", show_default=False),
]
SourceOption = Annotated[
    str | None,
    typer.Option(
        "--source",
        metavar="SOURCE",
        help="A port, a recording or a demo://, as `midstream help sources` lists.",
        show_default=False,
    ),
]
Label = Annotated[
    str | None,
    typer.Option(metavar="TEXT", help="What the signature is of (default: the source's name).", show_default=False),
]
Out = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Where to write it (default: signatures/LABEL.sig.json).", show_default=False),
]
Identity = Annotated[
    str | None, typer.Option("--id", metavar="ID", help="Its id (default: the file's name).", show_default=False)
]
Length = Annotated[
    float | None,
    typer.Option(
        "--duration",
        "-d",
        parser=o.seconds,
        metavar="TIME",
        help="How long the signature is (default: from --from to --to, else 2s; of tokens and numbers, all).",
        show_default=False,
    ),
]
Feature = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", help="What to measure; see `midstream help features` (default: doppler).", show_default=False
    ),
]
Rate = Annotated[float, typer.Option(callback=o.a_number, min=1.0, max=1000.0, metavar="HZ", help="Vectors a second.")]
EveryFrame = Annotated[
    bool,
    typer.Option(
        "--every-frame",
        help="One vector a frame, of amplitude-l2 unless --feature says otherwise: what `midstream watch` recognises "
        "soonest. `midstream compare` would take it as 32 vectors a second.",
    ),
]
BackgroundOption = Annotated[
    str | None,
    typer.Option(
        "--background",
        metavar="SOURCE",
        help="A recording, or a signature, of the same place while nothing happens: sets the scale and the threshold.",
        show_default=False,
    ),
]
Idle = Annotated[bool, typer.Option("--idle", help="The signature is of the background itself.")]
Average = Annotated[
    int, typer.Option(min=1, metavar="N", help="Take N segments and average them (DTW barycentre averaging).")
]
Countdown = Annotated[
    float | None,
    typer.Option(
        parser=o.seconds,
        metavar="TIME",
        help="Wait before each live segment (default: 3s on a terminal).",
        show_default=False,
    ),
]
DtwWindow = Annotated[
    int | None,
    typer.Option(
        "--window",
        min=0,
        metavar="N",
        help="DTW window of the signature (default: an eighth of its length).",
        show_default=False,
    ),
]
Threshold = Annotated[
    float | None,
    typer.Option(
        callback=o.a_number,
        min=0.001,
        max=1.0,
        metavar="SCORE",
        help="Promotion threshold (default: proposed from the background).",
        show_default=False,
    ),
]
Force = Annotated[bool, typer.Option("--force", help="Write a poor signature too, and over an existing file.")]


def command(
    context: typer.Context,
    argument: Argument = None,
    source: SourceOption = None,
    label: Label = None,
    duration: Length = None,
    out: Out = None,
    start: o.From = None,
    end: o.To = None,
    background: BackgroundOption = None,
    idle: Idle = False,
    average: Average = 1,
    feature: Feature = None,
    rate: Rate = 32.0,
    every_frame: EveryFrame = False,
    window: DtwWindow = None,
    threshold: Threshold = None,
    identity: Identity = None,
    countdown: Countdown = None,
    force: Force = False,
    node: o.Node = None,
    subcarriers: o.Subcarriers = None,
    input_format: o.InputFormat = None,
    frame_rate: o.FrameRate = None,
    timeout: o.Timeout = o.DEFAULT_TIMEOUT,
    reconnect: o.Reconnect = o.DEFAULT_RECONNECT,
    store: o.Store = o.DEFAULT_STORE,
    output_format: o.Output = None,
    json: o.Json = False,
    quiet: o.Quiet = False,
) -> int:
    """Capture a signature from a live or recorded stream.

    A segment of the stream is turned into vectors, judged, and written as JSON. From a live source, a countdown gives time
    to get ready; with --average, several segments become one template.
    """
    from midstream_cli.cli import capturing
    from midstream_cli.cli.reading import Reading

    console.quiet = quiet
    asked = context.get_parameter_source("rate")
    if every_frame and asked is not None and asked.name == "COMMANDLINE":
        raise UsageError("with --every-frame, vectors come as the frames do", "leave --rate out")
    wish = capturing.Wish(
        source=capturing.one_source(argument, source),
        label=label,
        out=out,
        identity=identity,
        seconds=duration,
        background=background,
        idle=idle,
        takes=average,
        feature=feature,
        rate_hz=None if every_frame else rate,
        window=window,
        threshold=threshold,
        countdown_s=countdown,
        force=force,
        arguments=context.params,
    )
    reading = Reading(input_format, node, subcarriers, start, end, None, None, timeout, reconnect, frame_rate)
    return capturing.capture(wish, reading, store, output.chosen(output_format, json))
