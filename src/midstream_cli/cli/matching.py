"""The work of `compare --signatures`: every window of recordings against every signature."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from midstream_cli.cli import output, pictures
from midstream_cli.cli.operating import Search
from midstream_cli.results import Match

if TYPE_CHECKING:
    from midstream_cli.cli.drawing import Span
    from midstream_cli.operator import Operator


def windows(library: Path, hop_s: float | None, top: int) -> Search:
    """Every window against every signature of a folder."""
    return Search(partial(match, library, hop_s, top), show, spans, "no window is as long as a signature")


def match(library: Path, hop_s: float | None, top: int) -> "Operator[Match]":
    """What compares every window with the signatures of a folder.

    Raises:
        MidstreamError: there are none, or one is damaged.
    """
    from midstream_cli.compare.live.match import MatchSignatures
    from midstream_cli.compare.signatures.library import load

    return MatchSignatures(load(library), hop_s=hop_s, top=top)


def show(matches: Sequence[Match], plot: bool) -> None:
    """Matches as a picture and a table."""
    if not matches:
        return
    if plot:
        output.text("\n".join(picture(matches)))
    output.write_table(summary(matches))


def summary(matches: Sequence[Match]) -> list[dict[str, object]]:
    """How often each label was nearest, and how near."""
    nearest = [match for match in matches if match.rank == 1]
    rows = []
    for label in sorted({match.label for match in nearest}):
        own = [match for match in nearest if match.label == label]
        rows.append(
            {
                "label": label,
                "windows": len(own),
                "share": len(own) / len(nearest),
                "above_threshold": sum(match.above_threshold for match in own),
                "best_score": max(match.score for match in own),
                "median_distance": sorted(match.distance for match in own)[len(own) // 2],
            }
        )
    return rows


def spans(matches: Sequence[Match]) -> "list[Span]":
    """When which label was nearest, and how near."""
    from midstream_cli.cli.drawing import Span

    nearest = [match for match in matches if match.rank == 1]
    timed = [match for match in nearest if match.start_s is not None and match.end_s is not None]
    if not timed:
        return [Span(m.label, m.start_frame, m.end_frame, m.distance, m.above_threshold) for m in nearest]
    return [Span(m.label, m.start_s or 0.0, m.end_s or 0.0, m.distance, m.above_threshold) for m in timed]


def picture(matches: Sequence[Match]) -> list[str]:
    """When which label was nearest."""
    found = [(span.label, span.start, span.end, 1 + span.counts) for span in spans(matches)]
    length, timed = max(end for _, _, end, _ in found), any(match.start_s is not None for match in matches)
    return pictures.timeline(found, length, pictures.width(), timed=timed)
