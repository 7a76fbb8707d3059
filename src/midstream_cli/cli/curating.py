"""The work of `signatures`: listing, showing, checking and evaluating a library."""

from collections.abc import Sequence
from fnmatch import fnmatch
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from midstream_cli.cli import batch, console, matching, output, pictures, runs
from midstream_cli.cli.reading import Reading
from midstream_cli.errors import ExitCode, UsageError
from midstream_cli.results import Confusion

if TYPE_CHECKING:
    from midstream_cli.compare.signatures import Signature


def listed(place: Path) -> list[dict[str, Any]]:
    """One row a signature."""
    from midstream_cli.compare.library import load

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
        "dtw_window": signature.window,
        "takes": signature.takes,
        "background": signature.background.source if signature.background else None,
        "source": signature.source,
        "captured_at": signature.captured_at,
        "path": signature.path,
    }


def show(place: Path, form: output.OutputFormat) -> int:
    """Each signature, its facts and its picture; as JSON, its file's content."""
    from midstream_cli.compare.library import load
    from midstream_cli.compare.signature_file import as_json

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
    from midstream_cli.compare import library

    found = library.check(place)
    rows = [
        {"path": str(path), "severity": "error" if bad else "warning", "problem": text} for path, text, bad in found
    ]
    output.write(rows, form)
    errors = sum(bad for *_, bad in found)
    count = len(library.files(place))
    console.note(f"{count} signatures: {errors} errors, {len(found) - errors} warnings")
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
    from midstream_cli.compare.evaluate import balanced_accuracy, confusion
    from midstream_cli.compare.library import load
    from midstream_cli.streams.expand import expand

    signatures = load(place)
    if hop_s is None:
        hop_s = max(signature.seconds or float(signature.length) for signature in signatures)
    labels = {source: label_of(source, truth) for source in expand(list(sources))}
    labelled = [source for source, label in labels.items() if label is not None]
    for source in labels.keys() - set(labelled):
        console.warning(f"{source} matches no --truth and is left out")
    if not labelled:
        raise UsageError("no recording matches a --truth", "write for example --truth '*walk*=walking'")
    work = partial(matching.match, reading=reading, signatures=place, hop_s=hop_s, top=1)
    outcomes, found = [], []
    for outcome in batch.each(labelled, work, jobs, "evaluating"):
        outcomes.append(outcome)
        found += [(labels[outcome.source] or "", match) for match in outcome.results]
    confusions = confusion(found)
    balanced = balanced_accuracy(confusions)
    if form is output.OutputFormat.TABLE:
        output.write_table(_matrix(confusions))
    else:
        output.write(confusions, form)
    console.note(f"balanced accuracy {balanced:.4f} over {len(found)} windows of {len(labelled)} recordings")
    runs.keep(store, runs.new_run("signatures evaluate", arguments, " ".join(labelled)), confusions)
    return batch.conclude(outcomes, ExitCode.NO if at_least is not None and balanced < at_least else ExitCode.OK)


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
