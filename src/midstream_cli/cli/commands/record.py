"""`midstream record`: a live stream, or a recording of another kind, written down."""

from pathlib import Path
from typing import Annotated

import typer

from midstream_cli.cli import console
from midstream_cli.cli import options as o

EXAMPLES = (
    "midstream record serial:// recordings/walk_01 --duration 1m",
    "midstream record udp://0.0.0.0:5005 recordings/node_3 --frames 10000",
    "midstream record recordings/walking_slow walking.npz",
    "curl -sN https://... | midstream record - answer.jsonl",
)

Source = Annotated[
    str,
    typer.Argument(metavar="SOURCE", help="A file, a folder, - for standard input, or a URL.", show_default=False),
]
Out = Annotated[
    Path,
    typer.Argument(
        metavar="OUT",
        help="A folder, which loses nothing whatever happens; or a file, by its name .jsonl (tokens), .csv, .npz or "
        ".parquet, of which all but .jsonl are written at the end.",
        show_default=False,
    ),
]


def command(
    source: Source,
    out: Out,
    frames: o.Frames = None,
    duration: o.Duration = None,
    keep_bad: Annotated[
        bool, typer.Option("--keep-bad/--drop-bad", help="Keep frames that the receiver itself called damaged.")
    ] = True,
    force: Annotated[bool, typer.Option("--force", help="Replace a recording that is there already.")] = False,
    input_format: o.InputFormat = None,
    frame_rate: o.FrameRate = None,
    timeout: o.Timeout = o.DEFAULT_TIMEOUT,
    reconnect: o.Reconnect = o.DEFAULT_RECONNECT,
    json: o.Json = False,
    quiet: o.Quiet = False,
) -> int:
    """Write a stream down, or a recording in another form.

    Ctrl-C ends it: what came is written and told; a second one quits. --json tells what was written.
    """
    from midstream_cli.cli import recording
    from midstream_cli.streams.transports import Patience

    console.quiet = quiet
    return recording.record(
        recording.Job(
            source=source,
            out=out,
            force=force,
            input_format=input_format,
            frame_rate_hz=frame_rate,
            keep_bad=keep_bad,
            frames=frames,
            duration_s=duration,
            patience=Patience(timeout, reconnect),
            describe=json,
        )
    )
