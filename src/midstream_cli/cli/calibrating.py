"""The work of `signatures calibrate`: thresholds that a background reaches as rarely as asked for."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from midstream_cli.cli import batch, console, output, runs
from midstream_cli.cli.console import plural
from midstream_cli.cli.reading import Reading, follow, losses
from midstream_cli.errors import ExitCode, SignatureError
from midstream_cli.results import Calibration

if TYPE_CHECKING:
    from midstream_cli.compare.live.quiet import Brought
    from midstream_cli.compare.signatures.signature import Signature

DAY_S = 86_400.0

UNSETTLED = 0.1
"""Share of a recording during which nothing could be told, from which on its background is not steady."""

LIKE_BACKGROUND = 1.5
"""Mean energy of a signature, where that of its background is 1: nothing moves in it."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be calibrated."""

    place: Path
    per_day: float
    dry_run: bool
    arguments: dict[str, Any]
    """As given, for the record."""


@dataclass(slots=True)
class _Heard:
    """What all recordings brought, those that could be read."""

    outcomes: list[batch.Outcome] = field(default_factory=list)
    interrupted: bool = False

    @property
    def told(self) -> list[batch.Outcome]:
        """Those that lasted long enough to tell something."""
        return [each for each in self.outcomes if each.results and each.results[0].seconds > 0]


def calibrate(
    wish: Wish, sources: Sequence[str], reading: Reading, jobs: int, store: str, form: output.OutputFormat
) -> int:
    """Measure, find thresholds, show and keep them, and write them into the files."""
    from midstream_cli.compare.signatures.library import load
    from midstream_cli.streams.expand import expand

    signatures = load(wish.place)
    moving = [signature for signature in signatures if not is_idle(signature)]
    for signature in signatures:
        if signature not in moving:
            console.note(f"{signature.label} ({signature.path}) does not move: it needs no threshold")
    if not moving:
        raise SignatureError("there is nothing to calibrate", "capture signatures of what moves")
    heard = _listened(wish, expand(list(sources)), reading, jobs)
    told = heard.told
    if not told:
        code = batch.conclude(heard.outcomes)
        if code or heard.interrupted:
            return ExitCode.INTERRUPTED if heard.interrupted else code
        raise SignatureError(
            "no recording lasts long enough to know its background",
            "give recordings of a quiet place, an hour or more of it if possible",
        )
    rows = [_row(wish, signature, told, len(moving)) for signature in moving]
    good = [_is_reached(signature, row, told) for signature, row in zip(moving, rows, strict=True)]
    _show(rows, form)
    if not wish.dry_run:
        _write([replace_threshold(s, row) for s, row, fine in zip(moving, rows, good, strict=True) if fine])
    run = runs.new_run("signatures calibrate", wish.arguments, " ".join(outcome.source for outcome in heard.outcomes))
    frames, lost, bad = (sum(getattr(each, name) for each in heard.outcomes) for name in ("frames", "lost", "bad"))
    runs.keep(store, replace(run, frames=frames, lost=lost, bad=bad), rows)
    code = batch.conclude(heard.outcomes, ExitCode.OK if all(good) else ExitCode.NO)
    return ExitCode.INTERRUPTED if heard.interrupted else code


def is_idle(signature: "Signature") -> bool:
    """Whether a signature is of its background itself."""
    if signature.background is None:
        return False
    white = signature.whiten(signature.vectors)
    return float((white**2).sum(axis=1).mean()) < LIKE_BACKGROUND


def _listened(wish: Wish, sources: Sequence[str], reading: Reading, jobs: int) -> _Heard:
    """Every recording once; an interrupt ends it, and what came counts."""
    heard = _Heard()
    work = partial(run, place=wish.place, per_day=wish.per_day, reading=reading)
    try:
        for outcome in batch.each(sources, work, jobs, "measuring"):
            heard.outcomes.append(outcome)
            if outcome.interrupted:
                heard.interrupted = True
                break
    except KeyboardInterrupt:
        heard.interrupted = True
    return heard


def run(source: str, report: batch.Report, *, place: Path, per_day: float, reading: Reading) -> batch.Outcome:
    """What one recording, or a live source, brings for each signature; an interrupt ends it, and what came counts."""
    from midstream_cli.compare.live.quiet import Quiet
    from midstream_cli.compare.signatures.library import load

    outcome = batch.Outcome(source)
    quiet = Quiet([signature for signature in load(place) if not is_idle(signature)], per_day)
    with reading.open(source) as opened:
        try:
            for piece in follow(opened, "measuring", reading.until_s) if opened.live else opened:
                if piece is not None:
                    quiet.push(piece)
                    outcome.frames += len(piece)
                    report(opened.stream.read, "")
        except KeyboardInterrupt:
            outcome.interrupted = True
        outcome.results = quiet.finish()
        outcome.lost, outcome.bad, outcome.notes = opened.tally.lost, opened.tally.bad, losses(opened)
    return outcome


def _row(wish: Wish, signature: "Signature", told: Sequence[batch.Outcome], count: int) -> Calibration:
    """What all recordings together say of one signature."""
    import numpy as np

    from midstream_cli.compare.recognition.calibrate import come_evenly, threshold

    brought = _of(signature, told)
    heights = np.concatenate([each.heights for each in brought])
    begins = np.cumsum([0, *(each.vectors for each in brought)])
    positions = np.concatenate([each.positions + begin for each, begin in zip(brought, begins[:-1], strict=True)])
    days = sum(each.seconds for each in brought) / DAY_S
    found = threshold(heights, days, wish.per_day / count, max(each.usual for each in brought))
    steady = all(each.unsettled < UNSETTLED for each in brought) and come_evenly(positions, heights, int(begins[-1]))
    return Calibration(
        path=signature.path,
        signature_id=signature.id,
        label=signature.label,
        background=[runs.without_secrets(outcome.source) for outcome in told],
        hours=24.0 * days,
        peaks=len(heights),
        highest=float(heights.max()) if len(heights) else None,
        threshold=found.evidence,
        false_alarms_per_day=found.per_day,
        false_alarms_per_day_high=found.per_day_high,
        measured=found.measured,
        steady=steady,
    )


def _of(signature: "Signature", told: Sequence[batch.Outcome]) -> "list[Brought]":
    return [each for outcome in told for each in outcome.results if each.signature_id == signature.id]


def _is_reached(signature: "Signature", row: Calibration, told: Sequence[batch.Outcome]) -> bool:
    """Whether a threshold can be relied on, and reached by the signature itself; if not, why is said."""
    brought = _of(signature, told)
    own = min(each.own for each in brought)
    if row.threshold >= own:
        highest = max(range(len(brought)), key=lambda i: brought[i].heights.max(initial=0.0))
        moment = brought[highest].highest_s
        where = "" if moment is None else f" (the most at {moment:.1f} s of {row.background[highest]})"
        console.warning(
            f"{signature.label} brings {own:.1f} nats itself, and the background would have to stay below "
            f"{row.threshold:.1f}: it holds something like it{where}, or moves as much"
        )
    if not row.steady:
        console.warning(f"the background is not steady for {signature.label}: its past says little of its future")
    return row.steady and row.threshold < own


def replace_threshold(signature: "Signature", row: Calibration) -> "Signature":
    """The signature with what its calibration found."""
    return replace(
        signature,
        evidence_threshold=row.threshold,
        false_alarms_per_day=row.false_alarms_per_day,
        calibrated_hours=row.hours,
        calibrated_on=tuple(row.background),
    )


def _show(rows: Sequence[Calibration], form: output.OutputFormat) -> None:
    """The rows; as a table, what one looks for first."""
    if form is not output.OutputFormat.TABLE:
        output.write(rows, form)
    else:
        output.write_table(
            [
                {
                    "label": row.label,
                    "threshold": row.threshold,
                    "false alarms a day": row.false_alarms_per_day,
                    "at most (90 %)": row.false_alarms_per_day_high,
                    "hours": row.hours,
                    "peaks": row.peaks,
                    "highest": row.highest,
                    "measured": row.measured,
                    "steady": row.steady,
                }
                for row in rows
            ]
        )
    if any(not row.measured for row in rows):
        console.note(
            f"{_lasting(rows[0].hours)} of background are too short to count so few false alarms: they are foretold"
        )


def _lasting(hours: float) -> str:
    return f"{hours:.1f} h" if hours >= 1 else f"{60 * hours:.1f} min"


def _write(signatures: "Sequence[Signature]") -> None:
    from midstream_cli.cli.interrupts import held_back
    from midstream_cli.compare.signatures.signature_file import annotate

    with held_back():
        for signature in signatures:
            annotate(signature)
    console.note(
        f"wrote the {'threshold' if len(signatures) == 1 else 'thresholds'} of {plural(len(signatures), 'signature')}"
    )
