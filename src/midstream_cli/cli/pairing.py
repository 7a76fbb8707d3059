"""The work of `compare` without a library: two sequences as wholes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from midstream_cli.cli import console, output, runs
from midstream_cli.cli.console import plural
from midstream_cli.cli.matching import Job
from midstream_cli.cli.reading import Reading, follow, losses
from midstream_cli.errors import ExitCode, FormatError, UsageError

if TYPE_CHECKING:
    from midstream_cli.compare.pair import Named


@dataclass(frozen=True, slots=True)
class _Side:
    """One of the two, and what reading it came to."""

    named: "Named"
    frames: int = 0
    lost: int = 0
    bad: int = 0
    interrupted: bool = False
    """It is live, and was ended by Ctrl-C."""


def compare_pair(
    job: Job, sources: Sequence[str], *, feature: str | None, algorithm: str | None, window: int | None
) -> int:
    """Two sources as wholes.

    Raises:
        UsageError: they are not two, or the algorithm is unknown or does not fit them.
    """
    from midstream_cli.compare.pair import ALGORITHMS, compare

    if len(sources) != 2:
        raise UsageError(
            f"{len(sources)} sources to compare, where two are needed",
            "name two, or a folder of signatures with --signatures",
        )
    if algorithm is not None and algorithm not in ALGORITHMS:
        raise UsageError(f"no algorithm is called {algorithm!r}", f"known are {', '.join(ALGORITHMS)}")
    # a signature says what is to be measured, so it is read first
    first, second = sorted(range(2), key=lambda i: not sources[i].endswith(".sig.json"))
    sides = {first: _side(sources[first], job.reading, feature, None)}
    sides[second] = _side(sources[second], job.reading, feature, sides[first].named)
    a, b = sides[0].named, sides[1].named
    if a.parameters and b.parameters and a.parameters != b.parameters:
        console.warning(f"{a.feature} was fitted to different things in {a.name} and in {b.name}")
    row = compare(a, b, algorithm, window)
    if job.form is output.OutputFormat.TABLE:
        facts = output.rows([row])[0]
        output.write_facts(facts | {"alignment": f"{len(row.alignment)} pairs"})
    else:
        output.write([row], job.form)
    frames, lost, bad = (sum(getattr(side, name) for side in sides.values()) for name in ("frames", "lost", "bad"))
    run = runs.new_run("compare", job.arguments, f"{row.a} {row.b}")
    runs.keep(job.store, replace(run, frames=frames, lost=lost, bad=bad), [row])
    interrupted = any(side.interrupted for side in sides.values())
    return ExitCode.INTERRUPTED if interrupted else job.answer(row.normalised)


def _side(source: str, reading: Reading, feature: str | None, like: "Named | None") -> _Side:
    """A signature file or a recording as a sequence of vectors; what could not be read is told.

    Args:
        feature: what to measure a recording by; None takes what `like` has, else the default of its kind.
        like: the sequence it will be compared with, if that is known.
    """
    from midstream_cli.compare.pair import Named
    from midstream_cli.compare.signature_file import SUFFIX, read
    from midstream_cli.streams import features
    from midstream_cli.streams.vectors import RATE_HZ, Track, VectorStream

    if source.endswith(SUFFIX):
        signature = read(Path(source))
        return _Side(Named(source, signature.feature_kind, signature.vectors, parameters=signature.parameters,
                           rate_hz=signature.rate_hz))  # fmt: skip
    with reading.open(source) as opened:
        name = feature or (like.feature if like else None) or features.DEFAULT[opened.info.kind]
        shared = like.parameters if like and like.feature == name else None
        stream = VectorStream(name, parameters=shared, rate_hz=(like.rate_hz if like else None) or RATE_HZ)
        tracks, frames, interrupted = [], 0, False
        try:
            for piece in follow(opened, "reading", reading.until_s):
                if piece is not None:
                    frames += len(piece)
                    tracks.append(stream.push(piece))
        except KeyboardInterrupt:
            if not opened.live:
                raise
            interrupted = True
        values = Track.joined([*tracks, stream.finish()]).values
        for sentence in losses(opened):
            console.warning(f"{source}: {sentence}")
        if len(values) == 0:
            raise FormatError(
                f"{source} gives no vector of {name}: {plural(frames, 'frame')} were read",
                "a second of frames is the least for most features; midstream info shows what there is",
            )
        rate_hz = stream.rate_hz if stream.on_grid else None
        categorical = features.is_categorical(features.load(name))
        named = Named(source, name, values, categorical, stream.parameters, rate_hz)
        return _Side(named, frames, opened.tally.lost, opened.tally.bad, interrupted)
