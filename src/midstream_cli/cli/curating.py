"""The work of `signatures`: listing, showing, checking and evaluating a library."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatch
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from midstream_cli.cli import batch, console, matching, operating, output, pictures, runs
from midstream_cli.cli.console import plural
from midstream_cli.cli.reading import Reading
from midstream_cli.errors import ExitCode, SignatureError, UsageError
from midstream_cli.results import Confusion

if TYPE_CHECKING:
    from midstream_cli.compare.signatures.signature import Signature


def listed(place: Path) -> list[dict[str, Any]]:
    """One row a signature."""
    from midstream_cli.compare.signatures.library import load

    return [_facts(signature) for signature in load(place)]


def _facts(signature: "Signature") -> dict[str, Any]:
    return {
        "id": signature.id,
        "label": signature.label,
        "feature_kind": signature.feature_kind,
        "length": signature.length,
        "seconds": signature.seconds,
        "dims": signature.vectors.shape[1],
        "promotion_threshold": signature.promotion_threshold,
        "evidence_threshold": signature.evidence_threshold,
        "false_alarms_per_day": signature.false_alarms_per_day,
        "calibrated_hours": signature.calibrated_hours or None,
        "dtw_window": signature.window,
        "takes": signature.takes,
        "background": signature.background.source if signature.background else None,
        "background_vectors": signature.background.independent if signature.background else None,
        "source": signature.source,
        "captured_at": signature.captured_at,
        "path": signature.path,
    }


def show(place: Path, form: output.OutputFormat) -> int:
    """Each signature, its facts and its picture; as JSON, its file's content."""
    from midstream_cli.compare.signatures.library import load
    from midstream_cli.compare.signatures.signature_file import as_json

    signatures = load(place)
    if form is not output.OutputFormat.TABLE:
        output.write([as_json(signature) for signature in signatures], form)
        return ExitCode.OK
    for signature in signatures:
        output.write_facts({key: value for key, value in _facts(signature).items() if value not in (None, "")})
        if signature.vectors.shape[1] == 1:
            output.text(pictures.sparkline(signature.vectors[:, 0], pictures.width()))
        else:
            output.text("\n".join(pictures.heatmap(signature.vectors.T, pictures.width())))
        if signature.seconds:
            output.text(pictures.time_axis(signature.seconds, min(pictures.width(), signature.length)))
        output.text("")
    return ExitCode.OK


def check(place: Path, form: output.OutputFormat) -> int:
    """Everything wrong or doubtful; the answer is no when something is wrong."""
    from midstream_cli.compare.signatures import library

    found = library.check(place)
    rows = [
        {"path": str(path), "severity": "error" if bad else "warning", "problem": text} for path, text, bad in found
    ]
    output.write(rows, form)
    errors = sum(bad for *_, bad in found)
    count = len(library.files(place))
    console.note(f"{plural(count, 'signature')}: {plural(errors, 'error')}, {plural(len(found) - errors, 'warning')}")
    return ExitCode.NO if errors else ExitCode.OK


def evaluate(
    arguments: dict[str, Any],
    place: Path,
    sources: Sequence[str],
    truth: Sequence[str],
    reading: Reading,
    hop_s: float | None,
    at_least: float | None,
    jobs: int,
    store: str,
    form: output.OutputFormat,
) -> int:
    """The confusion matrix of labelled recordings."""
    from midstream_cli.compare.signatures.evaluate import balanced_accuracy, confusion
    from midstream_cli.compare.signatures.library import load
    from midstream_cli.streams.expand import expand

    signatures = load(place)
    if hop_s is None:
        hop_s = max(signature.seconds or float(signature.length) for signature in signatures)
    labels = {source: label_of(source, truth) for source in expand(list(sources))}
    labelled = _labelled(labels, {signature.label for signature in signatures})
    for source in _known_before(labelled, signatures):
        console.warning(f"signatures were captured from {source}: it shows them better than they are")
    work = partial(operating.run, reading=reading, search=matching.windows(place, hop_s, 1))
    outcomes, found = [], []
    for outcome in batch.each(labelled, work, jobs, "evaluating"):
        if outcome.interrupted:
            # what a part of the windows tells would pass for the whole
            raise KeyboardInterrupt
        outcomes.append(outcome)
        found += [(labels[outcome.source] or "", match) for match in outcome.results]
    if not found:
        return _nothing(outcomes)
    confusions = confusion(found)
    balanced = balanced_accuracy(confusions)
    if form is output.OutputFormat.TABLE:
        output.write_table(_matrix(confusions))
    else:
        output.write(confusions, form)
    told = sum(bool(outcome.results) for outcome in outcomes)
    over = f"{plural(len(found), 'window')} of {plural(told, 'recording')}"
    console.note(f"balanced accuracy {balanced:.4f} over {over}")
    run = runs.new_run("signatures evaluate", arguments, " ".join(labelled))
    frames, lost, bad = (sum(getattr(each, name) for each in outcomes) for name in ("frames", "lost", "bad"))
    runs.keep(store, replace(run, frames=frames, lost=lost, bad=bad), confusions)
    return batch.conclude(outcomes, ExitCode.NO if at_least is not None and balanced < at_least else ExitCode.OK)


def _labelled(labels: Mapping[str, str | None], known: set[str]) -> list[str]:
    """The recordings that have a label, with a word on those that have none, and on labels that no signature has.

    Raises:
        UsageError: none has a label.
    """
    labelled = [source for source, label in labels.items() if label is not None]
    if not labelled:
        raise UsageError("no recording matches a --truth", "write for example --truth '*walk*=walking'")
    for source, label in labels.items():
        if label is None:
            console.warning(f"{source} matches no --truth and is left out")
    for label in sorted({labels[source] or "" for source in labelled} - known):
        console.warning(f"no signature has the label {label!r}: labels are {', '.join(sorted(known))}")
    return labelled


def _known_before(sources: Sequence[str], signatures: "Sequence[Signature]") -> list[str]:
    """The recordings that signatures, or their backgrounds, were captured from."""
    used = {signature.source for signature in signatures}
    used |= {signature.background.source for signature in signatures if signature.background}
    places = {Path(source).resolve() for source in used if source and "://" not in source}
    return [source for source in sources if source in used or Path(source).resolve() in places]


def _nothing(outcomes: Sequence[batch.Outcome]) -> int:
    """There was no window to tell anything by."""
    code = batch.conclude(outcomes)
    if code:
        return code
    raise SignatureError(
        "no recording is as long as a signature and --hop", "evaluate longer recordings, or capture shorter signatures"
    )


def label_of(source: str, truth: Sequence[str]) -> str | None:
    """What a recording really shows, by the first pattern that its name or path matches.

    Raises:
        UsageError: a pattern lacks its label.
    """
    for rule in truth:
        pattern, separator, label = rule.rpartition("=")
        if not separator:
            raise UsageError(f"--truth {rule!r} has no label", "write PATTERN=LABEL, for example '*walk*=walking'")
        if fnmatch(Path(source).name, pattern) or fnmatch(source, pattern):
            return label
    return None


def _matrix(confusions: Sequence[Confusion]) -> list[dict[str, Any]]:
    """Rows of truths, columns of predictions."""
    rows: dict[str, dict[str, Any]] = {}
    for each in confusions:
        row = rows.setdefault(each.truth, {"truth": each.truth})
        row[f"as {each.predicted}"] = each.windows
    for each in confusions:
        if each.truth == each.predicted:
            rows[each.truth]["recall"] = each.recall
    return list(rows.values())
