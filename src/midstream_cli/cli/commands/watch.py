"""`midstream watch`: what is known of a stream after each of its frames."""

import typer

from midstream_cli.cli import console
from midstream_cli.cli import options as o
from midstream_cli.cli import watch_options as w

EXAMPLES = (
    "midstream watch demo://day --signatures signatures --events",
    "midstream watch recordings/walking_slow --json",
    "midstream watch demo://day --until 'regime == \"transient\"' --quiet",
    "midstream watch 'demo://loop?tokens=200' --events --output-format table",
    "midstream watch demo://day --signatures signatures --on-match 'cat >> matches.jsonl' --events",
    "midstream watch demo://lorenz --until 'regime == \"chaotic\" and lyapunov_exponent > 0' --snapshots --quiet",
)


def command(
    context: typer.Context,
    source: w.Source,
    signatures: w.Signatures = None,
    feature: w.Feature = None,
    false_alarms_per_day: w.FalseAlarms = w.DEFAULT_FALSE_ALARMS,
    until: w.Until = None,
    on_match: w.OnMatch = None,
    events: w.EventsOnly = False,
    snapshots: w.Snapshots = False,
    speed: w.Speed = None,
    state: w.State = None,
    view: w.Shown = True,
    start: o.From = None,
    end: o.To = None,
    frames: o.Frames = None,
    duration: o.Duration = None,
    node: w.Node = None,
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
    """Tell frame by frame what a stream does and resembles.

    On a terminal, a live picture; in a pipe, one snapshot a frame and node as a JSON line, or with --events what
    happened: matches, motions, changes of regime, loops and stalls of tokens, nodes that come back. Events are kept in
    the store. All nodes are watched, each by itself.

    Signatures are recognised from their first vectors, against a background that is learnt while nothing moves, and
    told only where no other explains them; `midstream signatures calibrate` measures how often a place tells them
    falsely.
    """
    from midstream_cli.cli import watching
    from midstream_cli.compiled import machine

    console.quiet = quiet
    machine.tell = console.note
    return watching.watch(context.params)
