"""`midstream compare`: two sequences, all pairs of many, a query in recordings, or recordings with a library."""

import typer

from midstream_cli.cli import compare_options as c
from midstream_cli.cli import console
from midstream_cli.cli import options as o

EXAMPLES = (
    "midstream compare demo://day --signatures signatures",
    "midstream compare 'recordings/*' --signatures signatures --top 1 --json",
    "midstream compare recordings/walking_slow recordings/idle_room --feature bands8",
    "midstream compare signatures/walking_slow.sig.json signatures/idle_room.sig.json --threshold 2",
    "midstream compare 'demo://chat?tokens=60' 'demo://chat?tokens=60&seed=2' --output-format table",
    "midstream compare 'signatures/*' --pairwise --clusters 2 --figure signatures.svg",
    "midstream compare signatures/door_open.sig.json demo://day --find --threshold 4",
    "midstream compare demo://day --signatures signatures --occurrences",
)


def command(
    context: typer.Context,
    sources: o.Sources,
    signatures: c.Signatures = None,
    occurrences: c.Occurrences = False,
    find: c.Find = False,
    pairwise: c.Pairwise = False,
    feature: c.Feature = None,
    units: c.Units = None,
    transform: c.Transform = None,
    algorithm: c.Algorithm = None,
    convention: c.Convention = None,
    step_pattern: c.StepPattern = None,
    metric: c.Metric = None,
    window: c.Window = None,
    window_shape: c.WindowShape = None,
    open_begin: c.OpenBegin = False,
    open_end: c.OpenEnd = False,
    independent: c.Independent = False,
    hop: c.Hop = None,
    top: c.Top = None,
    clusters: c.Clusters = None,
    threshold: c.Threshold = None,
    plot: c.Plot = True,
    figure: c.Figure = None,
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
    """Compare recordings with one another or with signatures.

    With --signatures, each window of each source is compared with every signature, and the nearest are reported; with
    --occurrences, where each signature occurs. With --find, the places in other sources that are nearest to the first.
    With --pairwise, all sources with one another. Two sources without any of these are compared as wholes: numbers by
    dynamic time warping, tokens by edit distance, with the operations that turn one into the other.

    A source may be a signature file, except with --signatures. What is compared with signatures is in units of their
    background where all have the same, and two signatures are warped within their own window.
    """
    from midstream_cli.cli import ways
    from midstream_cli.compiled import machine

    console.quiet = quiet
    machine.tell = console.note
    return ways.compare(context.params, {name for name in context.params if _is_asked(context, name)})


def _is_asked(context: typer.Context, name: str) -> bool:
    """Whether an option is on the command line; configuration files may set it for another way to compare."""
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"
