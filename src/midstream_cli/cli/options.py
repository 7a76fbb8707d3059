"""Options that mean the same in every command."""

import math
import re
from typing import Annotated

import typer

from midstream_cli.cli.output import OutputFormat

_UNITS = {"": 1.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "m": 60.0, "min": 60.0, "h": 3600.0}


def seconds(text: str | float) -> float:
    """A duration as people write it: `2`, `2s`, `500ms`, `1.5m`, `1h`."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d*)?|\.\d+)\s*([a-z]*)\s*", str(text))
    if not match or match[2] not in _UNITS:
        raise typer.BadParameter(f"{text!r} is not a duration; write for example 2s, 500ms or 1.5m")
    return float(match[1]) * _UNITS[match[2]]


def a_number(value: float | None) -> float | None:
    """What is given for a number is one: nan and inf pass every bound."""
    if value is not None and not math.isfinite(value):
        raise typer.BadParameter(f"{value} is not a number")
    return value


Sources = Annotated[
    list[str],
    typer.Argument(
        metavar="SOURCE...",
        help="Files, folders, quoted globs, - for standard input, or URLs: serial:///dev/ttyUSB0?baud=921600, "
        "udp://0.0.0.0:5005, demo://walking.",
        show_default=False,
    ),
]
InputFormat = Annotated[
    str | None,
    typer.Option(
        "--input-format",
        "-i",
        envvar="MIDSTREAM_INPUT_FORMAT",
        metavar="NAME",
        help="Read as this format instead of telling it by content; see `midstream help formats`.",
        show_default=False,
    ),
]
Node = Annotated[
    str | None,
    typer.Option(
        "--node",
        metavar="NODE",
        help="The MAC address or node to analyse (default: the most frequent).",
        show_default=False,
    ),
]
Subcarriers = Annotated[
    int | None,
    typer.Option(
        "--subcarriers", metavar="N", help="The layout to analyse (default: the most frequent).", show_default=False
    ),
]
FrameRate = Annotated[
    float | None,
    typer.Option(
        "--frame-rate",
        callback=a_number,
        min=0.001,
        metavar="HZ",
        help="Frames a second, for recordings without times.",
        show_default=False,
    ),
]
Frames = Annotated[
    int | None,
    typer.Option("--frames", "-n", min=1, metavar="N", help="Stop after so many frames.", show_default=False),
]
Duration = Annotated[
    float | None,
    typer.Option(
        "--duration",
        "-d",
        parser=seconds,
        metavar="TIME",
        help="Stop after so long: 2s, 500ms, 1.5m.",
        show_default=False,
    ),
]
From = Annotated[
    float | None,
    typer.Option(
        "--from", parser=seconds, metavar="TIME", help="Begin so long after the first frame.", show_default=False
    ),
]
To = Annotated[
    float | None,
    typer.Option("--to", parser=seconds, metavar="TIME", help="End so long after the first frame.", show_default=False),
]
Timeout = Annotated[
    float,
    typer.Option(
        "--timeout",
        parser=seconds,
        metavar="TIME",
        envvar="MIDSTREAM_TIMEOUT",
        help="Give up when a live source is silent for so long (default: 30s).",
        show_default=False,
    ),
]
Reconnect = Annotated[
    float,
    typer.Option(
        "--reconnect",
        parser=seconds,
        metavar="TIME",
        envvar="MIDSTREAM_RECONNECT",
        help="Wait so long for an unplugged port to come back (default: 30s).",
        show_default=False,
    ),
]
Store = Annotated[
    str,
    typer.Option(
        "--store",
        "-s",
        metavar="FILE",
        envvar="MIDSTREAM_STORE",
        help="The DuckDB file that keeps results; none keeps nothing.",
    ),
]
Output = Annotated[
    OutputFormat | None,
    typer.Option(
        "--output-format",
        "-f",
        envvar="MIDSTREAM_OUTPUT_FORMAT",
        help="How to write results (default: a table on a terminal, JSON lines in a pipe).",
        show_default=False,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Short for --output-format jsonl: one JSON object a line.")]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", envvar="MIDSTREAM_QUIET", help="Say nothing but errors on stderr.")
]
Jobs = Annotated[
    int,
    typer.Option(
        "--jobs", "-j", min=0, metavar="N", envvar="MIDSTREAM_JOBS", help="Recordings at a time; 0 is one a core."
    ),
]
Seed = Annotated[
    int, typer.Option("--seed", metavar="N", envvar="MIDSTREAM_SEED", help="Seed of the random generator.")
]

DEFAULT_STORE = "midstream.duckdb"
DEFAULT_TIMEOUT = DEFAULT_RECONNECT = 30.0
