"""The work of `capture-signature`."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from midstream_cli import __version__
from midstream_cli.cli import console, output, pictures, runs
from midstream_cli.cli.reading import Reading
from midstream_cli.errors import ExitCode, SignatureError, UsageError
from midstream_cli.results import Capture

if TYPE_CHECKING:
    from midstream_cli.cli.listening import Heard
    from midstream_cli.compare.capture import Quality
    from midstream_cli.compare.signatures import Background, Signature
    from midstream_cli.streams.vectors import Track

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
        from midstream_cli.compare.signature_file import SUFFIX

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


def capture(wish: Wish, reading: Reading, store: str, form: output.OutputFormat) -> int:
    """Capture, judge, write and show a signature."""
    from midstream_cli.cli.listening import listen

    if wish.path.exists() and not wish.force:
        raise UsageError(f"{wish.path} exists already", "choose another --out, or write over it with --force")
    quiet = _background(wish, reading)
    starts_s: list[float] = []

    def schedule(live: bool) -> float | None:
        starts_s.extend(_starts_s(wish, reading, live))
        if starts_s:
            return starts_s[-1] + wish.seconds + MARGIN_S
        return reading.end_s and reading.end_s + MARGIN_S

    heard = listen(
        replace(reading, start_s=None, end_s=None),
        wish.source,
        "capturing",
        wish.feature,
        quiet.parameters if quiet else None,
        wish.rate_hz,
        schedule,
        _prompts(wish, starts_s),
    )
    for sentence in heard.warnings:
        console.warning(sentence)
    signature, row = _make(wish, heard, quiet, _starts_ns(wish, reading, heard, starts_s))
    if row.verdict.startswith("poor") and not wish.force:
        raise SignatureError(
            f"the segment is not usable: {row.verdict.removeprefix('poor: ')}",
            "capture it again, choose another --from, or keep it all the same with --force",
        )
    _keep(wish, signature, row, heard, store, form)
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
    from midstream_cli.cli.listening import METER, listen
    from midstream_cli.compare.signature_file import SUFFIX, read
    from midstream_cli.compare.signatures import Background

    if wish.background is None:
        return None
    if wish.background.endswith(SUFFIX):
        other = read(Path(wish.background))
        if other.background is None or other.feature_kind != (wish.feature or other.feature_kind):
            raise SignatureError(
                f"{wish.background} has no background of {wish.feature or 'its feature'}",
                "name a recording of the quiet place instead",
            )
        level = float(other.background.mean[:-1].mean()) if other.feature_kind == METER else None
        return _Quiet(other.background, other.parameters, level=level)
    reading = replace(reading, start_s=None, end_s=None)
    heard = listen(reading, wish.background, "reading the background", wish.feature, None, wish.rate_hz, lambda _: None)
    if len(heard.track.time_ns) == 0:
        raise SignatureError(f"{wish.background} is too short for a background", "record at least ten seconds of it")
    model = Background.of(heard.track.values, wish.background, heard.seconds)
    return _Quiet(model, heard.stream.parameters, heard.track.values, heard.level())


def _starts_s(wish: Wish, reading: Reading, live: bool) -> list[float]:
    """When the segments begin, in seconds after the first frame; none where several takes of a recording are placed later."""
    if live:
        wait = wish.countdown_s if wish.countdown_s is not None else COUNTDOWN_S * console.watched()
        first = max(reading.start_s or 0.0, wait)
        return [first + i * (wish.seconds + wait) for i in range(wish.takes)]
    return [reading.start_s or 0.0] if wish.takes == 1 else []


def _starts_ns(wish: Wish, reading: Reading, heard: "Heard", starts_s: list[float]) -> list[int]:
    """When the segments begin, on the stream's clock; several takes of a recording are spread evenly over it."""
    origin = heard.stream.start_ns or 0
    if starts_s:
        return [origin + round(start * 1e9) for start in starts_s]
    times = heard.track.time_ns
    first = origin + round((reading.start_s or 0.0) * 1e9)
    last = origin + round(reading.end_s * 1e9) if reading.end_s else int(times[-1]) if len(times) else 0
    room = last - first - round(wish.seconds * 1e9)
    return [first + round(i * room / (wish.takes - 1)) for i in range(wish.takes)]


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


def _make(wish: Wish, heard: "Heard", quiet: _Quiet | None, starts_ns: list[int]) -> tuple["Signature", Capture]:
    """The signature, and what there is to say of it."""
    from midstream_cli.compare import capture as making

    stream = heard.stream
    length = round(wish.seconds * wish.rate_hz) if stream.on_grid else len(heard.track.time_ns)
    starts = starts_ns if stream.on_grid else [0]
    takes = making.segments(heard.track, starts, length, even=stream.on_grid)
    signature = _template(wish, heard, quiet, takes)
    level = quiet.level if quiet else None
    qualities = [
        heard.quality(int(take.time_ns[0]), int(take.time_ns[-1]) + 1, level)
        for take in (takes if stream.on_grid else [])
    ]
    return signature, _row(wish, signature, making.worst(qualities, len(heard.times)))


def _template(wish: Wish, heard: "Heard", quiet: _Quiet | None, takes: "list[Track]") -> "Signature":
    """One signature of all takes, in the scale of the background, with its threshold."""
    from midstream_cli.compare.barycenter import barycenter
    from midstream_cli.compare.capture import propose_threshold
    from midstream_cli.compare.signature_file import SUFFIX
    from midstream_cli.compare.signatures import Background, Signature

    stream, values = heard.stream, takes[0].values
    window = wish.window if wish.window is not None else max(1, len(values) // 8)
    model = quiet.model if quiet else None
    if wish.idle and model is None:
        model = Background.of(heard.track.values, wish.source, heard.seconds)
    signature = Signature(
        id=wish.identity or wish.path.name.removesuffix(SUFFIX),
        label=wish.name,
        vectors=values,
        feature_kind=stream.feature,
        captured_at=datetime.now(UTC).isoformat(timespec="seconds"),
        window=window,
        rate_hz=wish.rate_hz if stream.on_grid else None,
        parameters=stream.parameters,
        background=model,
        source=runs.without_secrets(wish.source),
        takes=len(takes),
        version=__version__,
        path=str(wish.path),
    )
    if len(takes) > 1:
        white = [signature.whiten(take.values) for take in takes]
        signature = replace(signature, vectors=signature.unwhiten(barycenter(white, window)))
    threshold = wish.threshold
    if threshold is None:
        against = quiet.values if quiet else heard.track.values if wish.idle else None
        threshold = propose_threshold(signature, against, [take.values for take in takes], idle=wish.idle)
    return replace(signature, promotion_threshold=threshold)


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
    heard: "Heard",
    store: str,
    form: output.OutputFormat,
) -> None:
    """Write the signature and its result, and show them."""
    from midstream_cli.compare.signature_file import write

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
    runs.keep(store, replace(run, frames=len(heard.times), lost=heard.lost, bad=heard.bad), [row])
    console.note(f"next: midstream compare SOURCE --signatures {wish.path.parent}")
