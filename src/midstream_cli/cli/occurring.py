"""The work of `compare --occurrences`: where along recordings each signature occurs."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from midstream_cli.cli import output, pictures
from midstream_cli.cli.operating import Search

if TYPE_CHECKING:
    from midstream_cli.cli.drawing import Span
    from midstream_cli.operator import Operator
    from midstream_cli.results import Occurrence


def occurrences(library: Path, threshold: float | None) -> Search:
    """Where each signature of a folder occurs, none overlapping another of the same signature.

    Args:
        threshold: the greatest normalised distance of an occurrence; None takes what each signature says.
    """
    return Search(partial(finder, library, threshold), show, spans, "no signature occurs in it")


def finder(library: Path, threshold: float | None) -> "Operator[Occurrence]":
    """What looks for the signatures of a folder.

    Raises:
        MidstreamError: there are none, or one is damaged or not to be found in this way.
    """
    from midstream_cli.compare.live.occurrences import FindOccurrences
    from midstream_cli.compare.signatures.library import load

    return FindOccurrences(load(library), threshold=threshold)


def show(found: Sequence["Occurrence"], plot: bool) -> None:
    """Occurrences as a picture and a table."""
    if not found:
        return
    if plot:
        timed = found[0].start_s is not None
        lines = [(span.label, span.start, span.end, 2) for span in spans(found)]
        length = max(end for _, _, end, _ in lines)
        output.text("\n".join(pictures.timeline(lines, length, pictures.width(), timed=timed)))
    names = ("label", "start_s", "end_s", "start_frame", "end_frame", "distance", "score")
    output.write_table([{name: getattr(each, name) for name in names} for each in found])


def spans(found: Sequence["Occurrence"]) -> "list[Span]":
    """Where each lies: in seconds, or in positions of a stream without times."""
    from midstream_cli.cli.drawing import Span

    return [
        Span(
            each.label,
            each.start_frame if each.start_s is None else each.start_s,
            each.end_frame if each.end_s is None else each.end_s,
            each.distance,
            counts=True,
        )
        for each in found
    ]
