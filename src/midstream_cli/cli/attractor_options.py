"""Options that only `analyze-attractor` has, in the order of its help: what it analyses, how, and what it reports."""

from pathlib import Path
from typing import Annotated

import typer

from midstream_cli.cli import options as o

Feature = Annotated[
    str | None,
    typer.Option(
        metavar="NAMES",
        help="What to analyse; several with commas between; see `midstream help features`.",
        show_default=False,
    ),
]
Channel = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        help="Of a feature with several numbers: leading (their leading component), all, or a number's name or place.",
    ),
]
Delay = Annotated[
    int | None,
    typer.Option(min=1, metavar="N", help="Delay of the embedding in samples (default: found).", show_default=False),
]
Dimension = Annotated[
    int | None,
    typer.Option(
        "--embedding-dimension",
        min=1,
        max=20,
        metavar="N",
        help="Coordinates of a point of the embedding (default: found).",
        show_default=False,
    ),
]
Theiler = Annotated[
    int | None,
    typer.Option(
        min=0, metavar="N", help="Samples near in time that are no neighbours (default: found).", show_default=False
    ),
]
Method = Annotated[
    str,
    typer.Option(metavar="NAME", help="Of the largest exponent: auto, rosenstein, kantz, transverse or global."),
]
Window = Annotated[
    float | None,
    typer.Option(
        parser=o.seconds,
        metavar="TIME",
        help="Analyse windows of this length one by one; without times, and of events as tokens, so many samples.",
        show_default=False,
    ),
]
Hop = Annotated[
    float | None,
    typer.Option(
        parser=o.seconds, metavar="TIME", help="Distance of windows (default: half a window).", show_default=False
    ),
]
Regimes = Annotated[
    bool, typer.Option("--regimes", help="Report when the regime changes, frame by frame, live or recorded.")
]
Expect = Annotated[
    str | None,
    typer.Option(
        metavar="NAMES",
        help="Exit with 1 when it is another type than one of these, with 6 when that cannot be told.",
        show_default=False,
    ),
]
SeedNames = Annotated[
    bool,
    typer.Option("--seed-names", help="Name types PointAttractor, LimitCycle, StrangeAttractor and Unknown."),
]
Picture = Annotated[
    str,
    typer.Option(
        metavar="NAME", help="What to draw: overview, phase, divergence, recurrence, correlation or timeline."
    ),
]
Plot = Annotated[bool, typer.Option(help="Draw it above its table, on a terminal.")]
Figure = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Draw it to a file too: .png, .svg or .pdf.", show_default=False),
]
