"""Making a signature: cutting segments out of a stream of vectors, judging them, proposing a threshold."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from midstream_cli.compare.signatures.signature import DEFAULT_THRESHOLD, Signature
from midstream_cli.errors import SignatureError
from midstream_cli.frames import Float64, Int64
from midstream_cli.streams.sequence import LossCounter
from midstream_cli.streams.tally import Tally
from midstream_cli.streams.vectors import Track

LEAST_VECTORS = 4


class Limits(NamedTuple):
    """What the frames of a segment must have."""

    rate_hz: float
    lost: float
    """At most this share."""
    gap_s: float
    energy_db: float
    """Over the background."""


USABLE, GOOD = Limits(10.0, 0.2, 0.5, 3.0), Limits(20.0, 0.05, 0.2, 6.0)


@dataclass(frozen=True, slots=True)
class Quality:
    """How good the frames of a segment are."""

    frames: int
    rate_hz: float | None
    lost: int | None
    """Null where the sender numbers no frames."""
    longest_gap_s: float | None
    energy_over_background_db: float | None = None


def segments(track: Track, starts_ns: Sequence[int], length: int, *, even: bool = True) -> list[Track]:
    """Stretches of `length` consecutive vectors, each from the first vector at or after its start.

    Args:
        even: vectors come at an even rate, so that a longer step is a silence.

    Raises:
        SignatureError: the stream ends before, or is broken within, a stretch, or a value there is missing.
    """
    found = []
    for start_ns in starts_ns:
        first = int(np.searchsorted(track.time_ns, start_ns))
        piece = Track(track.time_ns[first : first + length], track.values[first : first + length])
        if len(piece.time_ns) < length:
            raise SignatureError(
                f"the segment needs {length} vectors, and the stream has {len(piece.time_ns)} from there on",
                "choose an earlier --from or a shorter --duration"
                if len(track.time_ns)
                else "its frames are too few or too far apart; midstream info shows their rate and gaps",
            )
        steps = np.diff(piece.time_ns)
        if even and length > 1 and steps.max() > 1.5 * np.median(steps):
            raise SignatureError("the stream is interrupted within the segment", "choose another --from")
        if not np.isfinite(piece.values).all():
            raise SignatureError("the segment holds a value that is not finite", "choose another --from")
        found.append(piece)
    return found


def frame_quality(times: Int64, start_ns: int, end_ns: int, lost: int | None = None) -> Quality:
    """What the frames of [start_ns, end_ns) are like.

    Args:
        times: shape (n,), of the frames of one link.
        lost: frames that never came meanwhile; see `lost_between`.
    """
    own = times[(times >= start_ns) & (times < end_ns)]
    steps = np.diff(own)
    passed_s = (own[-1] - own[0]) / 1e9 if len(own) > 1 else 0.0
    return Quality(
        frames=len(own),
        rate_hz=float((len(own) - 1) / passed_s) if passed_s > 0 else None,
        lost=lost,
        longest_gap_s=float(steps.max() / 1e9) if len(steps) else None,
    )


def lost_between(times: Int64, numbers: Int64, start_ns: int, end_ns: int) -> int | None:
    """How many frames a sender numbered in [start_ns, end_ns) that never came; None where it numbers none.

    Args:
        times: shape (n,), of all frames of one sender, in whichever layout.
        numbers: shape (n,), its frame counter, or -1.
    """
    own = numbers[(times >= start_ns) & (times < end_ns)]
    if (own < 0).any():
        return None
    tally = Tally()
    LossCounter(tally).count(own, np.zeros_like(own))
    return tally.lost


def worst(qualities: Sequence[Quality], frames: int) -> Quality:
    """One judgement of several segments; of none, that so many frames came."""
    if not qualities:
        return Quality(frames, None, None, None)
    losses = [quality.lost for quality in qualities if quality.lost is not None]
    rates = [quality.rate_hz for quality in qualities if quality.rate_hz is not None]
    gaps = [quality.longest_gap_s for quality in qualities if quality.longest_gap_s is not None]
    energies = [q.energy_over_background_db for q in qualities if q.energy_over_background_db is not None]
    return Quality(
        frames=sum(quality.frames for quality in qualities),
        rate_hz=min(rates, default=None),
        lost=sum(losses) if losses else None,
        longest_gap_s=max(gaps, default=None),
        energy_over_background_db=min(energies, default=None),
    )


def problems(quality: Quality, length: int, *, idle: bool) -> list[str]:
    """Why a segment is not usable; empty when it is."""
    few = [f"{length} vectors, where {LEAST_VECTORS} are the least"] if length < LEAST_VECTORS else []
    return few + _beyond(USABLE, quality, idle=idle)


def verdict(quality: Quality, length: int, *, idle: bool) -> str:
    """`good`, `fair: ...` or `poor: ...`."""
    poor = problems(quality, length, idle=idle)
    if poor:
        return "poor: " + "; ".join(poor)
    fair = _beyond(GOOD, quality, idle=idle)
    return "fair: " + "; ".join(fair) if fair else "good"


def _beyond(limits: Limits, quality: Quality, *, idle: bool) -> list[str]:
    """Which limits are not kept; of an idle segment, nothing is asked to move."""
    found = []
    if quality.rate_hz is not None and quality.rate_hz < limits.rate_hz:
        found.append(f"{quality.rate_hz:.1f} frames a second, less than {limits.rate_hz:g}")
    if quality.lost and quality.lost > limits.lost * (quality.frames + quality.lost):
        found.append(f"{quality.lost} of {quality.frames + quality.lost} frames were lost")
    if quality.longest_gap_s is not None and quality.longest_gap_s > limits.gap_s:
        found.append(f"nothing came for {quality.longest_gap_s:.2f} s")
    energy = quality.energy_over_background_db
    if energy is not None and not idle and energy < limits.energy_db:
        found.append(f"it moves {energy:.1f} dB more than the background, less than {limits.energy_db:g}")
    return found


def propose_threshold(
    signature: Signature, background: Float64 | None, takes: Sequence[Float64], *, idle: bool
) -> float:
    """A score that the background does not reach and the takes do.

    Half way, in distance, between the farthest take and the nearest window of the background; of a single take, 15 %
    nearer than the background ever comes. Of a signature of the background itself, the score that 19 of 20 of
    its windows reach. Without a background, the default.
    """
    from midstream_cli.compare.live.match import distances

    if background is None or len(background) < signature.length:
        return DEFAULT_THRESHOLD
    hop = max(1, signature.length // 4)
    windows = np.lib.stride_tricks.sliding_window_view(background, signature.length, axis=0)[::hop].swapaxes(1, 2)
    windows = windows[np.isfinite(windows).all(axis=(1, 2))]
    if len(windows) == 0:
        return DEFAULT_THRESHOLD
    quiet = distances(signature, windows)
    if idle:
        return float(1 / (1 + np.quantile(quiet, 0.95)))
    nearest = float(quiet.min())
    farthest = float(distances(signature, np.stack(takes)).max()) if len(takes) > 1 else 0.7 * nearest
    return 1 / (1 + (min(farthest, nearest) + nearest) / 2)
