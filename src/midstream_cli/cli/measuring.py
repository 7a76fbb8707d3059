"""Sources measured as sequences of vectors: signature files, and recordings read to their end."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from midstream_cli.cli import batch, console
from midstream_cli.cli.console import plural
from midstream_cli.cli.reading import Reading, follow, losses
from midstream_cli.errors import FormatError

if TYPE_CHECKING:
    from midstream_cli.compare.method import Settled
    from midstream_cli.compare.named import Named
    from midstream_cli.frames import Kind, StreamInfo
    from midstream_cli.recordings import Recording
    from midstream_cli.streams.features import Parameters
    from midstream_cli.streams.vectors import Track, VectorStream

SIGNATURE = ".sig.json"
"""The end of a signature file's name."""


@dataclass(frozen=True, slots=True)
class Alike:
    """What the first of several sequences was measured by, and the others have to be."""

    feature: str
    parameters: "Parameters | None"
    rate_hz: float | None

    @classmethod
    def as_in(cls, named: "Named") -> "Alike":
        """As a sequence was."""
        return cls(named.feature, named.parameters, named.rate_hz)


def measured_two(sources: Sequence[str], reading: Reading, feature: str | None) -> list[batch.Outcome]:
    """Two sources in their order, each with its sequence as the only result; a live one ends by Ctrl-C.

    Raises:
        MidstreamError: one cannot be read, or not be measured by that feature.
    """
    # a signature says what is to be measured, so it is read first
    first, second = sorted(range(2), key=lambda i: not sources[i].endswith(SIGNATURE))
    outcomes = {first: measure(sources[first], reading=reading, feature=feature)}
    alike = Alike.as_in(outcomes[first].results[0])
    outcomes[second] = measure(sources[second], reading=reading, feature=feature, alike=alike)
    return [outcomes[0], outcomes[1]]


def measured_all(sources: Sequence[str], reading: Reading, feature: str | None, jobs: int) -> list[batch.Outcome]:
    """Every source in its order, measured alike, several at a time; one that cannot be has its error instead."""
    outcomes: dict[str, batch.Outcome] = {}
    alike = None
    # a signature says what is to be measured; without one, the first recording that can be read does
    for source in sorted(sources, key=lambda source: not source.endswith(SIGNATURE)):
        if alike is not None and not source.endswith(SIGNATURE):
            break
        work = partial(measure, reading=reading, feature=feature, alike=alike)
        (outcomes[source],) = batch.each([source], work, 1, "reading")
        if alike is None and outcomes[source].results:
            alike = Alike.as_in(outcomes[source].results[0])
        if outcomes[source].interrupted:
            break
    else:
        return [outcomes[source] for source in sources]
    rest = [source for source in sources if source not in outcomes]
    work = partial(measure, reading=reading, feature=feature, alike=alike)
    for outcome in batch.each(rest, work, jobs, "reading"):
        outcomes[outcome.source] = outcome
        if outcome.interrupted:
            break
    return [outcomes[source] for source in sources if source in outcomes]


def measure(
    source: str,
    report: batch.Report | None = None,
    *,
    reading: Reading,
    feature: str | None = None,
    alike: Alike | None = None,
) -> batch.Outcome:
    """A source as one sequence of vectors, the only result; an interrupt ends a live one, and what came is measured.

    Args:
        report: told how much of a recording is read; without it, a progress bar of its own shows that.
        feature: what to measure a recording by; None takes what `alike` has, else the default of its kind.

    Raises:
        FormatError: it gives no vector, or none of that feature.
    """
    if source.endswith(SIGNATURE):
        return _signature(source)

    def choose(kind: "Kind") -> "list[VectorStream]":
        from midstream_cli.streams import features
        from midstream_cli.streams.vectors import RATE_HZ, VectorStream

        name = feature or (alike.feature if alike else None) or features.DEFAULT[kind]
        shared = alike.parameters if alike and alike.feature == name else None
        return [VectorStream(name, parameters=shared, rate_hz=(alike.rate_hz if alike else None) or RATE_HZ)]

    return measure_by(source, report, reading=reading, choose=choose)


def measure_by(
    source: str,
    report: batch.Report | None = None,
    *,
    reading: Reading,
    choose: "Callable[[Kind], Sequence[VectorStream]]",
) -> batch.Outcome:
    """A source, read once, as a sequence of vectors for each of several features: its results.

    Args:
        report: told how much of a recording is read; without it, a progress bar of its own shows that.
        choose: what to measure a stream of that kind by.

    Raises:
        FormatError: it gives no vector of one of them.
    """
    outcome = batch.Outcome(source)
    with reading.open(source) as opened:
        measures = [_Measure(stream) for stream in choose(opened.info.kind)]
        texts: dict[float, str] = {}
        own_bar = report is None or opened.live
        try:
            for piece in follow(opened, "reading", reading.until_s) if own_bar else opened:
                if piece is not None:
                    outcome.frames += len(piece)
                    for measure in measures:
                        texts |= measure.take(piece, alone=len(measures) == 1)
                    if report is not None:
                        report(opened.stream.read, "")
        except KeyboardInterrupt:
            if not opened.live:
                raise
            outcome.interrupted = True
        outcome.lost, outcome.bad, outcome.notes = opened.tally.lost, opened.tally.bad, losses(opened)
        for measure in measures:
            if (whole := measure.whole(source, outcome.frames)) is not None:
                outcome.results.append(_named(source, opened.info, measure.stream, whole, texts))
    failed = [measure.failure for measure in measures if measure.failure is not None]
    if failed and not outcome.results:
        tell(outcome)
        raise failed[0]
    outcome.notes += [str(failure) for failure in failed]
    return outcome


class _Measure:
    """A feature of a source that is read once for several; one that cannot be measured is none of the others' business."""

    def __init__(self, stream: "VectorStream") -> None:
        from midstream_cli.streams import features

        self.stream = stream
        self.failure: FormatError | None = None
        self._module = features.load(stream.feature)
        self._tracks: list[Track] = []

    def take(self, piece: "Recording", *, alone: bool) -> dict[float, str]:
        """Measure a piece; return what names in it stand for."""
        from midstream_cli.streams import features

        if self.failure is not None:
            return {}
        try:
            self._tracks.append(self.stream.push(piece))
        except FormatError as failure:
            if alone:
                raise
            self.failure = failure
            return {}
        return dict(features.meanings(self._module, piece))

    def whole(self, source: str, frames: int) -> "Track | None":
        """All vectors; None where there is none, and why in `failure`."""
        from midstream_cli.streams.vectors import Track

        if self.failure is not None:
            return None
        try:
            track = Track.joined([*self._tracks, self.stream.finish()])
        except FormatError as failure:
            self.failure = failure
            return None
        if len(track.values):
            return track
        self.failure = FormatError(
            f"{source} gives no vector of {self.stream.feature}: {plural(frames, 'frame')} were read",
            "a second of frames is the least for most features; midstream info shows what there is",
        )
        return None


def _named(source: str, info: "StreamInfo", stream: "VectorStream", track: "Track", texts: dict[float, str]) -> "Named":
    from midstream_cli.compare.named import Named

    time_s = None
    if info.clock != "none":
        begun_ns = stream.start_ns if info.start_ns is None else info.start_ns
        time_s = (track.time_ns - (begun_ns or 0)) / 1e9
    return Named(
        source,
        stream.feature,
        track.values,
        _is_categorical(stream.feature),
        stream.parameters,
        stream.rate_hz if stream.on_grid else None,
        time_s=time_s,
        texts=texts,
    )


def _signature(source: str) -> batch.Outcome:
    from midstream_cli.compare.named import Named
    from midstream_cli.compare.signatures.signature_file import read

    signature = read(Path(source))
    named = Named(
        source,
        signature.feature_kind,
        signature.vectors,
        _is_categorical(signature.feature_kind),
        signature.parameters,
        signature.rate_hz,
        signature,
    )
    return batch.Outcome(source, [named])


def _is_categorical(feature: str) -> bool:
    from midstream_cli.streams import features

    return bool(feature) and feature in features.names() and features.is_categorical(features.load(feature))


def tell(outcome: batch.Outcome) -> None:
    """Say what of a source was not read."""
    for sentence in outcome.notes:
        console.warning(f"{outcome.source}: {sentence}")


def tell_of_fits(sequences: Sequence["Named"]) -> None:
    """Warn of sequences whose feature was fitted to something else than that of the first."""
    fitted = [each for each in sequences if each.parameters]
    for other in fitted[1:]:
        if other.parameters != fitted[0].parameters:
            console.warning(f"{other.feature} was fitted to different things in {fitted[0].name} and in {other.name}")


def tell_of_units(settled: "Settled") -> None:
    """Warn of distances that are not in units of a background, where that might be expected."""
    if settled.doubt:
        console.warning(f"{settled.doubt}: compared in the feature's own units")
