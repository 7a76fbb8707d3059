"""A folder of signatures, taken as a whole."""

from collections.abc import Sequence
from pathlib import Path

from midstream_cli.compare.signatures.signature import Background, Signature
from midstream_cli.compare.signatures.signature_file import SUFFIX, read
from midstream_cli.errors import MidstreamError, SignatureError, SourceError
from midstream_cli.streams.features import names

ENOUGH_HOURS = 1.0


def files(place: Path) -> list[Path]:
    """The signature files of a folder, or the one file.

    Raises:
        SourceError: there are none.
    """
    if place.is_file():
        return [place]
    if not place.is_dir():
        raise SourceError(f"there is no folder {place}", "midstream capture-signature makes signatures")
    found = sorted(place.glob(f"*{SUFFIX}"))
    if not found:
        raise SourceError(
            f"the folder {place} holds no signature",
            f"midstream capture-signature --out {place}/NAME{SUFFIX} makes one",
        )
    return found


def load(place: Path) -> list[Signature]:
    """All signatures of a folder.

    Raises:
        SourceError: there are none.
        SignatureError: one is damaged or of a feature that does not exist, or two have the same id.
    """
    signatures = [read(path) for path in files(place)]
    for problem in twins(signatures):
        raise SignatureError(problem, "rename one of them")
    for problem in strangers(signatures):
        raise SignatureError(problem, f"known are {', '.join(names())}")
    return signatures


def twins(signatures: Sequence[Signature]) -> list[str]:
    """What is wrong with the ids."""
    seen: dict[str, str] = {}
    problems = []
    for signature in signatures:
        if signature.id in seen:
            problems.append(f"{seen[signature.id]} and {signature.path} both have the id {signature.id}")
        seen[signature.id] = signature.path
    return problems


def strangers(signatures: Sequence[Signature]) -> list[str]:
    """What is wrong with the features."""
    known = {"", *names()}
    return [
        f"{signature.path} is of a feature that does not exist: {signature.feature_kind}"
        for signature in signatures
        if signature.feature_kind not in known
    ]


def check(place: Path) -> list[tuple[Path, str, bool]]:
    """Everything that is wrong or doubtful in a folder: the file, what it is, and whether it is an error."""
    found: list[tuple[Path, str, bool]] = []
    signatures = []
    for path in files(place):
        try:
            signatures.append(read(path))
        except MidstreamError as error:
            found.append((path, str(error), True))
    found += [(place, problem, True) for problem in twins(signatures) + strangers(signatures)]
    for signature in signatures:
        found += [(Path(signature.path), problem, False) for problem in _doubts(signature)]
    found += [(place, problem, False) for problem in _mixtures(signatures)]
    return found


def _doubts(signature: Signature) -> list[str]:
    doubts = []
    if not signature.feature_kind:
        doubts.append("it does not name its feature: only plain numbers can be compared with it")
    if signature.background is None:
        doubts.append("it has no background: its distances are in the feature's own units")
    else:
        doubts += _background_doubts(signature.background)
    if signature.evidence_threshold is not None and signature.calibrated_hours < ENOUGH_HOURS:
        lasted = f"{60 * signature.calibrated_hours:.1f} min"
        doubts.append(f"its evidence threshold is foretold from {lasted} of background: calibrate it on an hour")
    if signature.length < 4:
        doubts.append(f"it has {signature.length} vectors only: almost anything resembles it")
    if signature.window is not None and signature.window >= signature.length:
        doubts.append(f"its DTW window of {signature.window} is as long as itself: it constrains nothing")
    return doubts


def _background_doubts(background: Background) -> list[str]:
    dims, independent = len(background.mean), background.independent
    if background.covariance is None:
        return ["its background does not say how its dimensions go together: they count as independent"]
    if independent is not None and independent < 2 * dims:
        return [
            f"its background tells as much as {independent:.0f} vectors, few for {dims} dimensions: record it longer"
        ]
    return []


def _mixtures(signatures: Sequence[Signature]) -> list[str]:
    """Signatures compete for a window: their distances should be on one scale."""
    problems = []
    kinds = sorted({signature.feature_kind for signature in signatures})
    if len(kinds) > 1:
        problems.append(f"signatures of different features compete: {', '.join(kind or 'unnamed' for kind in kinds)}")
    backgrounds = sorted({signature.background.source for signature in signatures if signature.background})
    if len(backgrounds) > 1:
        problems.append(f"signatures are whitened by different backgrounds: {', '.join(backgrounds)}")
    return problems
