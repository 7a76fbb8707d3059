"""Options of `watch`."""

from pathlib import Path
from typing import Annotated

import typer

from midstream_cli.cli import options as o

Source = Annotated[
    str,
    typer.Argument(
        metavar="SOURCE",
        help="A file, a folder, - for standard input, or a URL: serial:///dev/ttyUSB0?baud=921600, udp://0.0.0.0:5005, "
        "demo://day.",
        show_default=False,
    ),
]
Signatures = Annotated[
    Path | None,
    typer.Option("--signatures", metavar="DIR", help="What to recognise: a folder, or one file.", show_default=False),
]
Feature = Annotated[
    str | None,
    typer.Option(
        "--feature",
        metavar="NAME",
        help="What regimes and changes are told of (default: bands8, token-ids or columns).",
        show_default=False,
    ),
]
FalseAlarms = Annotated[
    float,
    typer.Option(
        "--false-alarms-per-day",
        callback=o.a_number,
        min=1e-6,
        metavar="X",
        help="How often a match or a change may be told where there is none.",
    ),
]
Until = Annotated[
    str | None,
    typer.Option(
        "--until",
        metavar="PREDICATE",
        help="Stop with exit code 0 at the first snapshot of which this is true; 1 if there is none.",
        show_default=False,
    ),
]
OnMatch = Annotated[
    str | None,
    typer.Option(
        "--on-match",
        metavar="COMMAND",
        help="A shell command to run for each match, which is its standard input as JSON.",
        show_default=False,
    ),
]
EventsOnly = Annotated[bool, typer.Option("--events", help="Write events instead of snapshots.")]
Snapshots = Annotated[bool, typer.Option("--snapshots", help="Keep every snapshot in the store, not only events.")]
Speed = Annotated[
    float | None,
    typer.Option(
        "--speed",
        callback=o.a_number,
        min=0.001,
        metavar="X",
        help="Replay a recording at so many times its own pace (default: 1 where it is shown, else as fast as it goes).",
        show_default=False,
    ),
]
State = Annotated[
    Path | None,
    typer.Option(
        "--state",
        metavar="FILE",
        help="Go on from what was known when this was written, and write it at the end.",
        show_default=False,
    ),
]
Node = Annotated[
    str | None,
    typer.Option("--node", metavar="NODE", help="The MAC address or node to watch (default: all).", show_default=False),
]
Shown = Annotated[bool, typer.Option("--view/--no-view", help="Show a live picture where stdout is a terminal.")]
DEFAULT_FALSE_ALARMS = 24.0
