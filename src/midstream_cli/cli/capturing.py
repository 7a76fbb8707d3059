"""The work of `capture-signature`."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from midstream_cli import __version__
from midstream_cli.cli import console, output, pictures, runs, schedule
from midstream_cli.cli.reading import Reading
from midstream_cli.errors import ExitCode, SignatureError, UsageError
from midstream_cli.results import Capture

if TYPE_CHECKING:
    from midstream_cli.cli.listening import Heard
    from midstream_cli.compare.signatures.capture import Quality
    from midstream_cli.compare.signatures.signature import Background, Signature
    from midstream_cli.streams.source import Source
    from midstream_cli.streams.vectors import Track

COUNTDOWN_S = 3.0


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be captured."""

    source: str
    label: str | None
    out: Path | None
    identity: str | None
    seconds: float | None
    background: str | None
    idle: bool
    takes: int
    feature: str | None
    rate_hz: float | None
    """Vectors of channel state a second; None takes one a frame."""
    window: int | None
    threshold: float | None
    countdown_s: float | None
    force: bool
    arguments: dict[str, Any]
    """As given, for the record."""

    @property
    def name(self) -> str:
        """What it is of: as said, else after the source."""
        place = re.split(r"[/?#]", self.source.partition("://")[2] or Path(self.source).stem)[0]
        return self.label or (place if re.search(r"\w", place) else "signature")

    @property
    def path(self) -> Path:
        """Where it goes."""
        from midstream_cli.compare.signatures.signature_file import SUFFIX

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
    try:
        quiet = _background(wish, reading)
        heard = listen(
            replace(reading, start_s=None, end_s=None),
            wish.source,
            "capturing",
            wish.feature or (quiet.feature if quiet else None),
            quiet.parameters if quiet else None,
            wish.rate_hz,
            partial(_plan, wish, reading),
            wish.name,
        )
    except KeyboardInterrupt:
        console.note("interrupted: no signature was written")
        return ExitCode.INTERRUPTED
    for sentence in heard.warnings:
        console.warning(sentence)
    signature, row = _make(wish, heard, quiet, _takes(wish, reading, heard))
    if row.verdict.startswith("poor") and not wish.force:
        raise SignatureError(
            f"the segment is not usable: {row.verdict.removeprefix('poor: ')}",
            "capture it again, choose another --from, or keep it all the same with --force",
        )
    _keep(wish, signature, row, heard, store, form)
    return ExitCode.OK


def _plan(wish: Wish, reading: Reading, opened: "Source") -> schedule.Schedule:
    """When to listen; the background of an idle signature is the whole recording."""
    asked = reading.start_s, reading.end_s, wish.seconds, wish.takes
    if opened.info.kind != "csi":
        return schedule.of_events(*asked)
    wait_s = None
    if opened.live:
        wait_s = COUNTDOWN_S * console.watched() if wish.countdown_s is None else wish.countdown_s
    planned = schedule.of_grid(*asked, wait_s=wait_s)
    return replace(planned, until_s=None) if wish.idle and not wish.background and not opened.live else planned


@dataclass(frozen=True, slots=True)
class _Quiet:
    """The background as it was read, or as another signature has it."""

    model: "Background"
    feature: str
    parameters: Any
    values: Any = None
    level: float | None = None


def _background(wish: Wish, reading: Reading) -> _Quiet | None:
    """Read the background, from a recording or from a signature that was captured with it."""
    from midstream_cli.cli.listening import METER, listen
    from midstream_cli.compare.signatures.signature import Background
    from midstream_cli.compare.signatures.signature_file import SUFFIX, read
    from midstream_cli.streams.features import load

    if wish.background is None:
        return None
    if wish.background.endswith(SUFFIX):
        other = read(Path(wish.background))
        if other.background is None or other.feature_kind != (wish.feature or other.feature_kind):
            raise SignatureError(
                f"{wish.background} has no background of {wish.feature or 'its feature'}",
                "name a recording of the quiet place instead",
            )
        if (other.rate_hz is None) is not (wish.rate_hz is None) and load(other.feature_kind).KIND == "csi":
            raise SignatureError(
                f"{wish.background} and what is captured differ in --every-frame",
                "name a recording of the quiet place instead",
            )
        level = float(other.background.mean[:-1].mean()) if other.feature_kind == METER else None
        return _Quiet(other.background, other.feature_kind, other.parameters, level=level)
    reading = replace(reading, start_s=None, end_s=None)
    whole = schedule.Schedule()
    heard = listen(
        reading, wish.background, "reading the background", wish.feature, None, wish.rate_hz, lambda _: whole
    )
    if len(heard.track.time_ns) == 0:
        raise SignatureError(f"{wish.background} is too short for a background", "record at least ten seconds of it")
    model = Background.of(heard.track.values, wish.background, heard.seconds)
    return _Quiet(model, heard.stream.feature, heard.stream.parameters, heard.track.values, heard.level())


def _takes(wish: Wish, reading: Reading, heard: "Heard") -> "list[Track]":
    """The segments that were asked for; several takes of a recording are spread evenly over it."""
    from midstream_cli.compare.signatures.capture import segments

    plan, stream, times = heard.schedule, heard.stream, heard.track.time_ns
    origin = stream.start_ns or 0
    if heard.is_channel_state:
        starts = plan.starts_s
        if not starts:
            last = (int(times[-1]) - origin) / 1e9 if len(times) else 0.0
            starts = schedule.spread(
                reading.start_s or 0.0, min(last, reading.end_s or last), plan.seconds or 0.0, wish.takes
            )
        begins, lasting_s = [origin + round(start * 1e9) for start in starts], plan.seconds or 0.0
        if wish.rate_hz is not None:
            return segments(heard.track, begins, round(lasting_s * wish.rate_hz))
        ends = [begin + round(lasting_s * 1e9) for begin in begins]
        counts = [len(heard.track.between(*each).time_ns) for each in zip(begins, ends, strict=True)]
        return segments(heard.track, begins, max(1, min(counts)), even=False)
    if not plan.starts_s[0] and plan.seconds is None:
        return segments(heard.track, times[:1].tolist(), max(1, len(times)), even=False)
    if heard.clock == "none":
        raise UsageError(f"{wish.source} has no times to cut it by", "leave --from, --to and --duration out")
    begin = origin + round(plan.starts_s[0] * 1e9)
    end = begin + round(plan.seconds * 1e9) if plan.seconds is not None else int(times[-1]) + 1 if len(times) else begin
    cut = heard.track.between(begin, end)
    return segments(cut, [begin], max(1, len(cut.time_ns)), even=False)


def _make(wish: Wish, heard: "Heard", quiet: _Quiet | None, takes: "list[Track]") -> tuple["Signature", Capture]:
    """The signature, and what there is to say of it."""
    from midstream_cli.compare.signatures import capture as making

    signature = _template(wish, heard, quiet, takes)
    level = quiet.level if quiet else None
    qualities = [
        heard.quality(int(take.time_ns[0]), int(take.time_ns[-1]) + 1, level)
        for take in (takes if heard.is_channel_state else [])
    ]
    return signature, _row(wish, signature, making.worst(qualities, sum(len(take.time_ns) for take in takes)))


def _template(wish: Wish, heard: "Heard", quiet: _Quiet | None, takes: "list[Track]") -> "Signature":
    """One signature of all takes, in the scale of the background, with its threshold."""
    from midstream_cli.compare.signatures.capture import propose_threshold
    from midstream_cli.compare.signatures.signature import Background, Signature
    from midstream_cli.compare.signatures.signature_file import SUFFIX
    from midstream_cli.compare.warping.barycenter import barycenter, median

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
        # no running median has taken impulsive frames off
        average = barycenter if stream.on_grid else median
        signature = replace(signature, vectors=signature.unwhiten(average(white, window)))
    threshold = wish.threshold
    if threshold is None:
        against = quiet.values if quiet else heard.track.values if wish.idle else None
        threshold = propose_threshold(signature, against, [take.values for take in takes], idle=wish.idle)
    return replace(signature, promotion_threshold=threshold)


def _row(wish: Wish, signature: "Signature", quality: "Quality") -> Capture:
    from midstream_cli.compare.signatures.capture import verdict

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
    from midstream_cli.compare.signatures.signature_file import write

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
    use = "compare" if wish.rate_hz is not None else "watch"
    console.note(f"next: midstream {use} SOURCE --signatures {wish.path.parent}")
