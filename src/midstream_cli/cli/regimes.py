"""The work of `analyze-attractor --regimes`: when sources begin to do something else, told as they come."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from midstream_cli.cli import output, pictures
from midstream_cli.cli.operating import Search

if TYPE_CHECKING:
    from midstream_cli.cli.drawing import Span
    from midstream_cli.operator import Operator
    from midstream_cli.results import RegimeChange


def changes(feature: str | None) -> Search:
    """When the regime changes.

    Args:
        feature: what to measure; None takes what the kind of stream has.
    """
    return Search(
        partial(watch, feature),
        show,
        spans,
        "its regime never changed from unknown",
        command="analyze-attractor",
        doing="watching",
        nearness=certainty,
        meaning="confidence",
    )


def certainty(change: "RegimeChange") -> float:
    """How sure a change is."""
    return change.confidence


def watch(feature: str | None) -> "Operator[RegimeChange]":
    """What watches a source.

    Raises:
        UsageError: there is no such feature.
    """
    from midstream_cli.attractor.live.watch import WatchRegimes

    return WatchRegimes(feature)


def show(found: Sequence["RegimeChange"], plot: bool) -> None:
    """Changes as a picture and a table."""
    if not found:
        return
    if plot:
        lines = [(span.label, span.start, span.end, 2) for span in spans(found)]
        timed = found[0].time_s is not None
        output.text(
            "\n".join(pictures.timeline(lines, max(end for _, _, end, _ in lines), pictures.width(), timed=timed))
        )
    names = ("time_s", "frame", "regime", "previous", "confidence", "cycles_per_minute", "change_score")
    output.write_table([{name: getattr(change, name) for name in names} for change in found])


def spans(found: Sequence["RegimeChange"]) -> "list[Span]":
    """What it was from each change to the next; how long the last lasts, a change does not tell."""
    from midstream_cli.cli.drawing import Span

    starts = [change.frame if change.time_s is None else change.time_s for change in found]
    shortest = 0.02 * max(starts, default=1.0) or 1.0
    ends = [*starts[1:], (starts[-1] if starts else 0.0) + shortest]
    return [
        Span(change.regime, start, end, change.confidence, counts=True)
        for change, start, end in zip(found, starts, ends, strict=True)
    ]
