"""Which signatures most speaks for, over all features that are measured for them."""

from collections.abc import Sequence

from midstream_cli.introspection.lanes import Lane
from midstream_cli.results import Similarity

TOP = 5
"""Signatures in a snapshot at most (ADR-099)."""


def similarities(lanes: Sequence[Lane], origin_ns: int, *, timed: bool) -> list[Similarity]:
    """The best signatures, best first.

    Args:
        lanes: those that have signatures.
        origin_ns: what seconds are counted from.
        timed: the stream has times.
    """
    found = [
        (candidate, lane) for lane in lanes if lane.recogniser is not None for candidate in lane.recogniser.top(TOP)
    ]
    if len(lanes) > 1:
        found.sort(key=lambda each: -each[0].score)
    return [
        Similarity(
            signature_id=lane.signatures[candidate.signature].id,
            label=lane.signatures[candidate.signature].label,
            score=candidate.score,
            above_threshold=candidate.above_threshold,
            margin=candidate.margin,
            start_frame=candidate.start if candidate.start >= 0 else None,
            start_s=lane.start_s(candidate.start, origin_ns) if timed and candidate.start >= 0 else None,
        )
        for candidate, lane in found[:TOP]
    ]
