"""The work of `capture-signature`."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from midstream_cli import __version__
from midstream_cli.cli import console, output, pictures, runs
from midstream_cli.cli.reading import Reading, follow, losses
from midstream_cli.errors import ExitCode, SignatureError, UsageError
from midstream_cli.results import Capture

if TYPE_CHECKING:
    from midstream_cli.compare.capture import Quality
    from midstream_cli.compare.signatures import Background, Signature
    from midstream_cli.streams.source import Source
    from midstream_cli.streams.vectors import Track, VectorStream

COUNTDOWN_S = 3.0
MARGIN_S = 1.5
"""Read on so long after the segment: filters and sliding windows look ahead."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be captured."""

    source: str
    label: str | None
    out: Path | None
    identity: str | None
    seconds: float
    background: str | None
    idle: bool
    takes: int
    feature: str | None
    rate_hz: float
    window: int | None
    threshold: float | None
    countdown_s: float | None
    force: bool
    arguments: dict[str, Any]
    """As given, for the record."""

    @property
    def name(self) -> str:
        """What it is of: as said, else after the source."""
        return (
            self.label
            or re.split(r"[/?#]", self.source.partition("://")[2] or Path(self.source).stem)[0]
            or "signature"
        )

    @property
    def path(self) -> Path:
        """Where it goes."""
        from midstream_cli.compare.signatures import SUFFIX

        return self.out or Path("signatures") / (re.sub(r"[^\w.-]+", "_", self.name).strip("_").lower() + SUFFIX)


def one_source(argument: str | None, option: str | None) -> str:
    """The source, named in one way or the other.

    Raises:
        UsageError: named in neither or both.
    """
    if (argument is None) == (option is None):
        raise UsageError(
            "name the source once" if argument else "no source is named",
            "for example --source serial:///dev/ttyUSB0 or --source demo://walking",
        )
    return argument or option or ""


@dataclass(slots=True)
class _Heard:
    """What was read of a source."""

    stream: "VectorStream"
    tracks: "list[Track]" = field(default_factory=list)
    motion: "list[Track]" = field(default_factory=list)
    """How strongly the channel moves, whatever the feature."""
    times: list[Any] = field(default_factory=list)
    numbers: list[Any] = field(default_factory=list)

    @property
    def track(self) -> "Track":
        from midstream_cli.streams.vectors import Track

        return Track.joined(self.tracks)

    def level(self, start_ns: int | None = None, end_ns: int | None = None) -> float | None:
        """Mean motion in decades of power, between two times."""
        from midstream_cli.streams.vectors import Track

        motion = Track.joined(self.motion)
        if start_ns is not None and end_ns is not None:
            motion = motion.between(start_ns, end_ns)
        return float(motion.values[:, :-1].mean()) if len(motion.time_ns) else None


def capture(wish: Wish, reading: Reading, store: str, form: output.OutputFormat) -> int:
    """Capture, judge, write and show a signature."""
    if wish.path.exists() and not wish.force:
        raise UsageError(f"{wish.path} exists already", "choose another --out, or write over it with --force")
    quiet = _background(wish, reading)
    with replace(reading, start_s=None, end_s=None).open(wish.source) as opened:
        feature = _feature(wish, opened)
        starts_s, until_s = _schedule(wish, reading, opened)
        heard = _listen(opened, wish, feature, quiet.parameters if quiet else None, starts_s, until_s)
        missing, source_lost, bad = losses(opened), opened.tally.lost, opened.tally.bad
    signature, row = _make(wish, heard, quiet, _starts_ns(wish, reading, heard, starts_s), str(wish.path))
    for sentence in missing:
        console.warning(sentence)
    if row.verdict.startswith("poor") and not wish.force:
        raise SignatureError(
            f"the segment is not usable: {row.verdict.removeprefix('poor: ')}",
            "capture it again, choose another --from, or keep it all the same with --force",
        )
    _keep(wish, signature, row, store, (sum(map(len, heard.times)), source_lost, bad), form)
    return ExitCode.OK


@dataclass(frozen=True, slots=True)
class _Quiet:
    """The background as it was read, or as another signature has it."""

    model: "Background"
    parameters: Any
    values: Any = None
    level: float | None = None


def _background(wish: Wish, reading: Reading) -> _Quiet | None:
    """Read the background, from a recording or from a signature that was captured with it."""
    from midstream_cli.compare.signatures import SUFFIX, Background, read

    if wish.background is None:
        return None
    if wish.background.endswith(SUFFIX):
        other = read(Path(wish.background))
        if other.background is None or other.feature_kind != (wish.feature or other.feature_kind):
            raise SignatureError(
                f"{wish.background} has no background of {wish.feature or 'its feature'}",
                "name a recording of the quiet place instead",
            )
        level = float(other.background.mean[:-1].mean()) if other.feature_kind == "doppler" else None
        return _Quiet(other.background, other.parameters, level=level)
    with replace(reading, start_s=None, end_s=None).open(wish.background) as opened:
        heard = _listen(opened, wish, _feature(wish, opened), None, [], None, title="reading the background")
    track = heard.track
    if len(track.time_ns) == 0:
        raise SignatureError(f"{wish.background} is too short for a background", "record at least ten seconds of it")
    seconds = float(track.time_ns[-1] - track.time_ns[0]) / 1e9
    model = Background.of(track.values, wish.background, seconds)
    return _Quiet(model, heard.stream.parameters, track.values, heard.level())


def _feature(wish: Wish, opened: "Source") -> str:
    from midstream_cli.streams.features import DEFAULT

    return wish.feature or DEFAULT[opened.info.kind]


def _schedule(wish: Wish, reading: Reading, opened: "Source") -> tuple[list[float], float | None]:
    """When the segments begin, in seconds after the first frame, and until when to read; recorded takes are placed later."""
    if opened.live:
        wait = wish.countdown_s if wish.countdown_s is not None else COUNTDOWN_S * console.watched()
        first = max(reading.start_s or 0.0, wait)
        starts = [first + i * (wish.seconds + wait) for i in range(wish.takes)]
        return starts, starts[-1] + wish.seconds + MARGIN_S
    if wish.takes == 1:
        start = reading.start_s or 0.0
        return [start], start + wish.seconds + MARGIN_S
    return [], reading.end_s and reading.end_s + MARGIN_S


def _starts_ns(wish: Wish, reading: Reading, heard: _Heard, starts_s: list[float]) -> list[int]:
    """When the segments begin, on the stream's clock; several takes of a recording are spread evenly over it."""
    origin = heard.stream.start_ns or 0
    if starts_s:
        return [origin + round(start * 1e9) for start in starts_s]
    track = heard.track
    first = origin + round((reading.start_s or 0.0) * 1e9)
    last = origin + round(reading.end_s * 1e9) if reading.end_s else int(track.time_ns[-1]) if len(track.time_ns) else 0
    room = last - first - round(wish.seconds * 1e9)
    return [first + round(i * room / (wish.takes - 1)) for i in range(wish.takes)]


def _listen(
    opened: "Source",
    wish: Wish,
    feature: str,
    parameters: Any,
    starts_s: list[float],
    until_s: float | None,
    title: str = "capturing",
) -> _Heard:
    """Read a source until its segments are complete."""
    from midstream_cli.frames import CsiRecording
    from midstream_cli.streams.vectors import VectorStream

    heard = _Heard(VectorStream(feature, parameters=parameters, rate_hz=wish.rate_hz))
    meter = VectorStream("doppler") if opened.info.kind == "csi" and feature != "doppler" else None
    streams = [(heard.stream, heard.tracks)] + ([(meter, heard.motion)] if meter else [])
    for piece in follow(opened, title, until_s, status=_prompts(wish, starts_s)):
        if piece is None:
            continue
        for stream, tracks in streams:
            tracks.append(stream.push(piece))
        heard.times.append(piece.time_ns)
        if isinstance(piece, CsiRecording):
            heard.numbers.append(piece.seq)
        origin = heard.stream.start_ns
        if until_s is not None and origin is not None and piece.time_ns[-1] > origin + until_s * 1e9:
            break
    for stream, tracks in streams:
        tracks.append(stream.finish())
    if meter is None and feature == "doppler":
        heard.motion = heard.tracks
    return heard


def _prompts(wish: Wish, starts_s: list[float]) -> Callable[[float], str]:
    """What to tell the person in front of a live source."""

    def text(passed_s: float) -> str:
        for i, start in enumerate(starts_s, 1):
            which = f" (take {i} of {len(starts_s)})" if len(starts_s) > 1 else ""
            if passed_s < start:
                return f"{wish.name}{which} begins in {start - passed_s:.0f} s"
            if passed_s < start + wish.seconds:
                return f"{wish.name}{which}: now, {start + wish.seconds - passed_s:.1f} s left"
        return "done"

    return text


def _make(
    wish: Wish, heard: _Heard, quiet: _Quiet | None, starts_ns: list[int], path: str
) -> tuple["Signature", Capture]:
    """The signature, and what there is to say of it."""
    import numpy as np

    from midstream_cli.compare import capture as making
    from midstream_cli.compare.barycenter import barycenter
    from midstream_cli.compare.signatures import SUFFIX, Background, Signature

    stream, track = heard.stream, heard.track
    length = round(wish.seconds * wish.rate_hz) if stream.on_grid else len(track.time_ns)
    takes = making.segments(track, starts_ns if stream.on_grid else [0], length)
    window = wish.window if wish.window is not None else max(1, length // 8)
    model = quiet.model if quiet else None
    if wish.idle and model is None:
        model = Background.of(track.values, wish.source, float(track.time_ns[-1] - track.time_ns[0]) / 1e9)
    signature = Signature(
        id=wish.identity or wish.path.name.removesuffix(SUFFIX),
        label=wish.name,
        vectors=takes[0].values,
        feature_kind=stream.feature,
        captured_at=datetime.now(UTC).isoformat(timespec="seconds"),
        window=window,
        rate_hz=wish.rate_hz if stream.on_grid else None,
        parameters=stream.parameters,
        background=model,
        source=wish.source,
        takes=len(takes),
        version=__version__,
        path=path,
    )
    if len(takes) > 1:
        white = [signature.whiten(take.values) for take in takes]
        signature = replace(signature, vectors=signature.unwhiten(barycenter(white, window)))
    threshold = wish.threshold
    if threshold is None:
        against = quiet.values if quiet else track.values if wish.idle else None
        threshold = making.propose_threshold(signature, against, [take.values for take in takes], idle=wish.idle)
    signature = replace(signature, promotion_threshold=threshold)
    times = np.concatenate(heard.times) if heard.times else np.empty(0, np.int64)
    numbers = np.concatenate(heard.numbers) if heard.numbers else np.full(len(times), -1)
    qualities = []
    for take in takes if stream.on_grid else []:
        begin, end = int(take.time_ns[0]), int(take.time_ns[-1])
        level = heard.level(begin, end + 1)
        over = 10 * (level - quiet.level) if quiet and quiet.level is not None and level is not None else None
        qualities.append(replace(making.frame_quality(times, numbers, begin, end + 1), energy_over_background_db=over))
    return signature, _row(wish, signature, making.worst(qualities, len(times)))


def _row(wish: Wish, signature: "Signature", quality: "Quality") -> Capture:
    from midstream_cli.compare.capture import verdict

    return Capture(
        path=str(wish.path),
        source=wish.source,
        signature_id=signature.id,
        label=signature.label,
        feature_kind=signature.feature_kind,
        length=signature.length,
        takes=signature.takes,
        frames=quality.frames,
        rate_hz=quality.rate_hz,
        lost=quality.lost,
        longest_gap_s=quality.longest_gap_s,
        energy_over_background_db=quality.energy_over_background_db,
        promotion_threshold=signature.promotion_threshold,
        verdict=verdict(quality, signature.length, idle=wish.idle),
    )


def _keep(
    wish: Wish,
    signature: "Signature",
    row: Capture,
    store: str,
    counts: tuple[int, int, int],
    form: output.OutputFormat,
) -> None:
    """Write the signature and its result, and show them."""
    from midstream_cli.compare.signatures import write

    write(signature, wish.path)
    if form is output.OutputFormat.TABLE:
        output.write_facts({key: value for key, value in output.rows([row])[0].items() if value is not None})
        output.text("\n".join(pictures.heatmap(signature.vectors.T, pictures.width())))
    else:
        output.write([row], form)
    console.note(
        f"wrote {wish.path}: {signature.length} vectors of {signature.feature_kind}, threshold "
        f"{signature.promotion_threshold:.2f}, {row.verdict}"
    )
    run = runs.new_run("capture-signature", wish.arguments, wish.source)
    runs.keep(store, replace(run, frames=counts[0], lost=counts[1], bad=counts[2]), [row])
    console.note(f"next: midstream compare SOURCE --signatures {wish.path.parent}")
