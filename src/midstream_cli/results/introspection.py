"""What comes of watching a stream: a snapshot a frame, events, and how often signatures are told falsely."""

from dataclasses import dataclass, field
from typing import Annotated, ClassVar, TypedDict


class Similarity(TypedDict):
    """How far a signature has been recognised."""

    signature_id: str
    """The signature."""
    label: str
    """What it is of."""
    score: float
    """How probable it is that this goes on now, and neither background nor another motion, 0 to 1."""
    above_threshold: bool
    """Its evidence is beyond what the background brings as rarely as asked for."""
    margin: float
    """Evidence beyond that for the next best signature, in nats; of those behind the best, below 0."""
    start_frame: int | None
    """Vector of the feature that the motion began with, counted from 0."""
    start_s: float | None
    """When that was, in seconds since the first frame."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IntrospectionSnapshot:
    """What is known of a stream after one of its frames. The first fields are those of ADR-099."""

    TABLE: ClassVar[str] = "snapshots"

    timestamp_ns: Annotated[int, "time of the frame; its position, where the stream has no times"]
    frame_count: Annotated[int, "frames of this node so far, this one included"]
    regime: Annotated[str, "idle, periodic, transient, chaotic or unknown"] = "unknown"
    lyapunov_exponent: Annotated[
        float | None, "of the latest window, nats per vector; null where it cannot be told"
    ] = None
    attractor_dim: Annotated[float | None, "of the latest window; null where it cannot be told"] = None
    attractor_confidence: Annotated[float, "how often this regime is right where it is said"] = 0.0
    regime_changed: Annotated[bool, "it was another after the frame before"] = False
    top_k_similarity: Annotated[list[Similarity], "the signatures that most speaks for, five at most"] = field(
        default_factory=list
    )
    path: Annotated[str, "the source, as it was named"] = ""
    node: Annotated[str, "the sender, or the choice of a token stream"] = ""
    time_s: Annotated[float | None, "seconds since the first frame of the node"] = None
    rate_hz: Annotated[float | None, "frames a second, of the latest"] = None
    frames_lost: Annotated[
        int | None, "frames that the sender numbered and that never came; null where it numbers none"
    ] = None
    period_s: Annotated[float | None, "of a periodic regime"] = None
    change_score: Annotated[float, "how unusual the latest frames are; 1 is where a change is told"] = 0.0
    unknown_motion: Annotated[
        float | None, "how probable it is that something moves that no signature is of; null without signatures"
    ] = None
    baseline_age_s: Annotated[float | None, "since the baseline last learnt; null before it is known"] = None
    baseline_frozen: Annotated[bool, "something moves, and the baseline does not learn from it"] = False
    background: Annotated[str, "none, learning, steady or unsettled: whether matches can be trusted"] = "none"
    suppressed: Annotated[bool, "no match is told, as the background is not steady"] = False
    loop_tokens: Annotated[float | None, "of a token stream that goes round: tokens of a round"] = None
    stalled_s: Annotated[float | None, "of a token stream: the silence before this token, where it was unusual"] = None
    drift_score: Annotated[
        float | None, "of a token stream: how far its latest tokens are from what it began with, in deviations"
    ] = None
    drifted: Annotated[bool, "of a token stream: from here on that is more than chance"] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened while a stream was watched."""

    TABLE: ClassVar[str] = "events"

    path: Annotated[str, "the source, as it was named"]
    node: Annotated[str, "the sender, or the choice of a token stream"]
    timestamp_ns: Annotated[int, "time of the frame that told it; its position, where the stream has no times"]
    time_s: Annotated[float | None, "seconds since the first frame of the node"] = None
    frame_count: Annotated[int, "frames of this node by then"]
    kind: Annotated[str, "match, motion, regime, background, loop, stall, drift or back"]
    name: Annotated[str, "what it is now: the label of a match, the regime, the state of the background"]
    previous: Annotated[str | None, "what it was before"] = None
    signature_id: Annotated[str | None, "of a match"] = None
    score: Annotated[float | None, "of a match or a motion, 0 to 1"] = None
    margin: Annotated[float | None, "of a match: evidence beyond that for the next best signature, in nats"] = None
    start_s: Annotated[float | None, "when what was told began, in seconds since the first frame"] = None
    seconds: Annotated[float | None, "how long a stall or an absence lasted, or the period of a rhythm"] = None
    tokens: Annotated[float | None, "of a loop: tokens of a round"] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """How often a background brings evidence for a signature, and the threshold that follows."""

    TABLE: ClassVar[str] = "calibrations"

    path: Annotated[str, "the signature's file"]
    signature_id: Annotated[str, "its id"]
    label: Annotated[str, "what it is of"]
    background: Annotated[list[str], "recordings in which it does not occur"]
    hours: Annotated[float, "how long they last together"]
    peaks: Annotated[int, "separate moments at which they brought evidence for it"]
    highest: Annotated[float | None, "the most evidence that they brought, in nats"]
    threshold: Annotated[float, "evidence from which it is told, in nats"]
    false_alarms_per_day: Annotated[float, "how often the background is expected to reach that"]
    false_alarms_per_day_high: Annotated[float, "a bound that holds nine times in ten"]
    measured: Annotated[bool, "that was seen in the recordings; else it is what their tail foretells"]
    steady: Annotated[bool, "the background was stationary, so that its past says something of its future"]
