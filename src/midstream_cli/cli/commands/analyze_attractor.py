"""`midstream analyze-attractor`: what kind of motion a stream is, how chaotic, of what dimension, and how sure that is."""

import typer

from midstream_cli.cli import attractor_options as a
from midstream_cli.cli import console
from midstream_cli.cli import options as o

EXAMPLES = (
    "midstream analyze-attractor demo://lorenz",
    "midstream analyze-attractor demo://breathing --feature bands8 --json",
    "midstream analyze-attractor demo://henon --expect strange --quiet",
    "midstream analyze-attractor 'demo://loop?tokens=200' --output-format table",
    "midstream analyze-attractor demo://rossler --picture correlation --figure correlation.svg",
    "midstream analyze-attractor demo://day --window 20s --output-format table",
    "midstream analyze-attractor 'recordings/*' --regimes",
)


def command(
    context: typer.Context,
    sources: o.Sources,
    feature: a.Feature = None,
    channel: a.Channel = "leading",
    delay: a.Delay = None,
    embedding_dimension: a.Dimension = None,
    theiler: a.Theiler = None,
    method: a.Method = "auto",
    window: a.Window = None,
    hop: a.Hop = None,
    regimes: a.Regimes = False,
    expect: a.Expect = None,
    seed_names: a.SeedNames = False,
    picture: a.Picture = "overview",
    plot: a.Plot = True,
    figure: a.Figure = None,
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
    seed: o.Seed = 0,
    store: o.Store = o.DEFAULT_STORE,
    output_format: o.Output = None,
    json: o.Json = False,
    quiet: o.Quiet = False,
) -> int:
    """Say what kind of motion a stream is, and how chaotic.

    And of what dimension, how stable, and how sure all of that is. A type is point, limit_cycle, torus, strange, noise or unknown; what cannot be told is null, and the reasons say why.
    Exponents are given per sample and per second, with bounds that hold the truth nine times in ten. Token streams are
    analysed by the lengths of their texts, by their timing, and by their repetition.

    With --window, each window of a recording is analysed by itself. With --regimes, each frame is put into a regime while
    it comes: idle, periodic, transient, chaotic or unknown; every change is reported.
    """
    from midstream_cli.cli import motions
    from midstream_cli.compiled import machine

    console.quiet = quiet
    machine.tell = console.note
    return motions.analyse(context.params)
