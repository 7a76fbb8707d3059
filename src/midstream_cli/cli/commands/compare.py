"""`midstream compare`: two sequences, or recordings against a library of signatures."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from midstream_cli.cli import console, output
from midstream_cli.cli import options as o
from midstream_cli.errors import UsageError

EXAMPLES = (
    "midstream compare demo://day --signatures signatures",
    "midstream compare 'recordings/*' --signatures signatures --top 1 --json",
    "midstream compare recordings/walking_slow recordings/idle_room --feature bands8",
    "midstream compare signatures/walking_slow.sig.json signatures/idle_room.sig.json --threshold 2",
)

Signatures = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Compare every window with these signatures.", show_default=False),
]
Feature = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", help="What to compare two recordings by; see `midstream help features`.", show_default=False
    ),
]
Algorithm = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", help="dtw, euclidean, lcs or edit (default: dtw; edit for tokens).", show_default=False
    ),
]
Window = Annotated[
    int | None, typer.Option(min=0, metavar="N", help="Positions that DTW may shift by at most.", show_default=False)
]
Hop = Annotated[
    float | None,
    typer.Option(
        parser=o.seconds, metavar="TIME", help="Distance of windows (default: half a signature).", show_default=False
    ),
]
Top = Annotated[int, typer.Option(min=1, metavar="K", help="Signatures to report for each window.")]
Threshold = Annotated[
    float | None,
    typer.Option(
        callback=o.a_number,
        min=0.0,
        metavar="D",
        help="Exit with 1 when no normalised distance is at most D.",
        show_default=False,
    ),
]

OF_LIBRARIES, OF_PAIRS = ("hop", "top"), ("feature", "algorithm", "window")
"""Options that mean nothing without --signatures, and with it."""


def command(
    context: typer.Context,
    sources: o.Sources,
    signatures: Signatures = None,
    feature: Feature = None,
    algorithm: Algorithm = None,
    window: Window = None,
    hop: Hop = None,
    top: Top = 3,
    threshold: Threshold = None,
    start: o.From = None,
    end: o.To = None,
    frames: o.Frames = None,
    duration: o.Duration = None,
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
    """Compare two recordings, or recordings with signatures.

    With --signatures, each window of each source is compared with every signature, and the nearest are reported. Two
    sources without it are compared as wholes: numbers by dynamic time warping, tokens by edit distance.
    """
    from midstream_cli.cli import matching, pairing
    from midstream_cli.cli.reading import Reading

    console.quiet = quiet
    if signatures is None:
        _refuse(context, OF_LIBRARIES, "without --signatures: two sources are compared as wholes")
    else:
        _refuse(context, OF_PAIRS, "with --signatures: a signature says itself how it is compared")
    job = matching.Job(
        reading=Reading(input_format, node, subcarriers, start, end, frames, duration, timeout, reconnect, frame_rate),
        form=output.chosen(output_format, json),
        store=store,
        threshold=threshold,
        arguments=context.params,
    )
    if signatures is None:
        return pairing.compare_pair(job, sources, feature=feature, algorithm=algorithm, window=window)
    return matching.compare_with_library(job, sources, library=signatures, hop_s=hop, top=top, jobs=jobs)


def _refuse(context: typer.Context, names: Sequence[str], why: str) -> None:
    """Rather say that an option means nothing here than pass over it; configuration files may set it for elsewhere.

    Raises:
        UsageError: one is on the command line.
    """
    for name in names:
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            raise UsageError(f"--{name} means nothing {why}", f"leave --{name} out; see midstream compare --help")
