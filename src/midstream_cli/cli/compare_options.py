"""Options that only `compare` has, in the order of its help: what it does, what it measures, how, and what it reports."""

from pathlib import Path
from typing import Annotated

import typer

from midstream_cli.cli import options as o

Signatures = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Compare every window with these signatures.", show_default=False),
]
Occurrences = Annotated[
    bool,
    typer.Option(
        "--occurrences", help="With --signatures: report where each occurs, of any length, instead of windows."
    ),
]
Find = Annotated[bool, typer.Option("--find", help="Find where the first source occurs in each of the others.")]
Pairwise = Annotated[bool, typer.Option("--pairwise", help="Compare all pairs of sources, and cluster them.")]

Feature = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="What to compare by; see `midstream help features`.", show_default=False),
]
Units = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="background or feature (default: background, where signatures have the same).",
        show_default=False,
    ),
]
Transform = Annotated[
    str | None,
    typer.Option(
        metavar="NAMES",
        help="What to do to every sequence first: derivative, z-normalise; several with commas between.",
        show_default=False,
    ),
]

Algorithm = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="dtw, soft-dtw, euclidean, lcs or edit (default: dtw; edit for tokens).",
        show_default=False,
    ),
]
Convention = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Give DTW as dtaidistance, aeon, tslearn or dtw-python define it (default: midstream).",
        show_default=False,
    ),
]
StepPattern = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", help="symmetric1, symmetric2 or asymmetric (default: symmetric2).", show_default=False
    ),
]
Metric = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Of two vectors: euclidean or squared (default: euclidean).", show_default=False),
]
Window = Annotated[
    float | None,
    typer.Option(
        callback=o.a_number,
        min=0.0,
        metavar="N",
        help="Positions that DTW may shift by at most, or what --convention means by it (default: what signatures say, "
        "else any).",
        show_default=False,
    ),
]
WindowShape = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", help="sakoe-chiba or itakura (default: sakoe-chiba, with --window).", show_default=False
    ),
]
OpenBegin = Annotated[bool, typer.Option("--open-begin", help="The first may begin anywhere in the second.")]
OpenEnd = Annotated[bool, typer.Option("--open-end", help="The first may end anywhere in the second.")]
Independent = Annotated[bool, typer.Option("--independent", help="Warp each dimension by itself, and add up.")]

Hop = Annotated[
    float | None,
    typer.Option(
        parser=o.seconds, metavar="TIME", help="Distance of windows (default: half a signature).", show_default=False
    ),
]
Top = Annotated[
    int | None,
    typer.Option(
        min=1,
        metavar="K",
        help="Signatures to report for each window; places to find in a recording (default: 3; of places, with "
        "--threshold, all).",
        show_default=False,
    ),
]
TOP = 3
"""Where nothing else is asked for."""
Clusters = Annotated[
    int | None,
    typer.Option(
        min=1,
        metavar="K",
        help="With --pairwise: so many clusters (default: as many as are told apart best).",
        show_default=False,
    ),
]
Threshold = Annotated[
    float | None,
    typer.Option(
        callback=o.a_number,
        min=0.0,
        metavar="D",
        help="Exit with 1 when no normalised distance (with steps symmetric1, no distance) is at most D; of occurrences "
        "and places, report no farther ones.",
        show_default=False,
    ),
]
Plot = Annotated[bool, typer.Option(help="Draw what was found above its table.")]
Figure = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Draw it to a file too: .png, .svg or .pdf.", show_default=False),
]
