"""What comes out: each class is one DuckDB table, one JSON object, one CSV row and one section of the docs.

A field is written here and nowhere else. Its annotation holds its type and what it means.
"""

from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, TypedDict, get_args, get_type_hints


@dataclass(frozen=True, slots=True)
class Run:
    """One command at work on one source: where results come from."""

    TABLE: ClassVar[str] = "runs"

    run_id: Annotated[str, "twelve hexadecimal digits, unique to this run"]
    command: Annotated[str, "the subcommand"]
    arguments: Annotated[str, "all options in effect, as a JSON object"]
    version: Annotated[str, "the version of midstream"]
    source: Annotated[str, "the URL or path that was read"]
    started: Annotated[str, "UTC, ISO 8601"]
    seed: Annotated[int | None, "of the random generator, where the command uses one"]
    frames: Annotated[int, "frames read"]
    lost: Annotated[int, "frames that the sender numbered and that never came"]
    bad: Annotated[int, "malformed records passed over"]


@dataclass(frozen=True, slots=True)
class RecordingInfo:
    """What a recording holds, and what is wrong with it."""

    TABLE: ClassVar[str] = "recordings"

    path: Annotated[str, "the source, as it was named"]
    format: Annotated[str, "the format that read it"]
    kind: Annotated[str, "csi, token or numeric"]
    clock: Annotated[str, "device (since boot), host (Unix time) or none: no time per event, so no latencies"]
    frames: Annotated[int, "whole frames, those the receiver called damaged included"]
    nodes: Annotated[list[str], "MAC addresses or node numbers, most frames first; choices of a token stream"]
    duration_s: Annotated[float | None, "from the first to the last frame"]
    rate_hz: Annotated[float | None, "frames a second of the most frequent node"]
    gaps: Annotated[int, "silences of more than 10 median intervals and 50 ms"]
    longest_gap_s: Annotated[float | None, "the longest interval between two frames"]
    resets: Annotated[int, "restarts of the board"]
    lost: Annotated[int | None, "frames that the sender numbered and that never came; null where it numbers none"]
    late: Annotated[int, "frames that came out of order and were put back"]
    bad: Annotated[int, "malformed records passed over"]
    faults: Annotated[dict[str, int], "malformed records by kind of damage"]
    skipped: Annotated[dict[str, int], "whole records that are not frames, by kind"]
    dropped: Annotated[dict[str, int], "frames an analysis would leave out, by reason"]
    subcarriers: Annotated[int | None, "of the most frequent layout"]
    null_subcarriers: Annotated[list[int], "positions in the frame that carry nothing, in that layout"]
    layouts: Annotated[dict[str, int], "frames by number of subcarriers"]
    rssi_dbm: Annotated[float | None, "median received signal strength"]
    channel: Annotated[int | None, "WiFi channel"]
    usage: Annotated[dict[str, int], "token counts that the provider reported"]


@dataclass(frozen=True, slots=True)
class Match:
    """One window of a stream compared with one signature."""

    TABLE: ClassVar[str] = "matches"

    path: Annotated[str, "the source, as it was named"]
    node: Annotated[str, "the sender, or the choice of a token stream"]
    start_s: Annotated[float | None, "where the window begins, in seconds since the first frame"]
    end_s: Annotated[float | None, "where it ends"]
    start_frame: Annotated[int, "position of the window's first vector in the feature sequence"]
    end_frame: Annotated[int, "position after its last vector"]
    rank: Annotated[int, "1 for the signature nearest to this window"]
    signature_id: Annotated[str, "the signature"]
    label: Annotated[str, "what the signature is of"]
    distance: Annotated[float, "normalised distance between window and signature, 0 for equal"]
    score: Annotated[float, "1 / (1 + distance)"]
    above_threshold: Annotated[bool, "the score reaches the signature's promotion threshold"]


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A stretch of a stream, of any length, that a signature matches; those of one signature are disjoint."""

    TABLE: ClassVar[str] = "occurrences"

    path: Annotated[str, "the source, as it was named"]
    node: Annotated[str, "the sender, or the choice of a token stream"]
    start_s: Annotated[float | None, "where the stretch begins, in seconds since the first frame"]
    end_s: Annotated[float | None, "where it ends"]
    start_frame: Annotated[int, "position of the stretch's first vector in the feature sequence"]
    end_frame: Annotated[int, "position after its last vector"]
    decided_frame: Annotated[int, "position after the vector that made it certain: nothing that overlaps comes nearer"]
    signature_id: Annotated[str, "the signature"]
    label: Annotated[str, "what the signature is of"]
    distance: Annotated[float, "normalised distance between stretch and signature, 0 for equal"]
    score: Annotated[float, "1 / (1 + distance)"]


class Edit(TypedDict):
    """One operation on the way from one sequence of names to another."""

    operation: str
    """replace, delete or insert"""
    a: int
    """Position in the first sequence; an insertion is before it."""
    b: int
    """Position in the second sequence; a deletion is before it."""
    text_a: str | None
    """What is replaced or deleted, where its text is known."""
    text_b: str | None
    """What takes its place, or is inserted."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two sequences compared as wholes."""

    TABLE: ClassVar[str] = "comparisons"

    a: Annotated[str, "the first sequence"]
    b: Annotated[str, "the second"]
    feature: Annotated[str, "what was compared"]
    algorithm: Annotated[str, "dtw, soft-dtw, euclidean, lcs or edit"]
    length_a: Annotated[int, "elements of the first"]
    length_b: Annotated[int, "elements of the second"]
    distance: Annotated[float, "by the algorithm's own definition; of an LCS, what is not common"]
    normalised: Annotated[float, "a distance that does not depend on the lengths; none with steps symmetric1"]
    alignment: Annotated[list[list[int]], "pairs of positions that belong together, in order"]
    operations: Annotated[list[Edit], "of names: what turns the first into the second, by position in both, with texts"]
    dtw_window: Annotated[float | None, "positions that the alignment might shift by at most; null for any"]
    units: Annotated[str, "feature, or background: multiples of its deviation"]
    transforms: Annotated[list[str], "what was done to both sequences first"]
    convention: Annotated[str, "how distance and normalised are defined"]


@dataclass(frozen=True, slots=True)
class Distance:
    """One pair of many sequences that were all compared with one another."""

    TABLE: ClassVar[str] = "distances"

    a: Annotated[str, "the first sequence"]
    b: Annotated[str, "the second"]
    feature: Annotated[str, "what was compared"]
    algorithm: Annotated[str, "dtw, soft-dtw, euclidean, lcs or edit"]
    distance: Annotated[float, "by the algorithm's own definition"]
    normalised: Annotated[float, "a distance that does not depend on the lengths; none with steps symmetric1"]
    cluster_a: Annotated[int, "the cluster of the first, counted from 1"]
    cluster_b: Annotated[int, "the cluster of the second"]
    medoid_a: Annotated[bool, "the first is the medoid of its cluster: the nearest to all others in it"]
    medoid_b: Annotated[bool, "the second is the medoid of its cluster"]
    convention: Annotated[str, "how distance and normalised are defined"]


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of a recording that resembles a query."""

    TABLE: ClassVar[str] = "places"

    path: Annotated[str, "the source, as it was named"]
    query: Annotated[str, "what was looked for"]
    feature: Annotated[str, "what was compared"]
    rank: Annotated[int, "1 for the place that is nearest to the query"]
    start_s: Annotated[float | None, "where the stretch begins, in seconds since the first frame"]
    end_s: Annotated[float | None, "where it ends"]
    start_frame: Annotated[int, "position of the stretch's first vector in the feature sequence"]
    end_frame: Annotated[int, "position after its last vector"]
    distance: Annotated[float, "by the algorithm's own definition"]
    normalised: Annotated[float, "a distance that does not depend on the lengths"]
    algorithm: Annotated[str, "dtw, euclidean or edit"]
    convention: Annotated[str, "how distance and normalised are defined"]


@dataclass(frozen=True, slots=True)
class Capture:
    """A signature that was captured, and how good it is."""

    TABLE: ClassVar[str] = "captures"

    path: Annotated[str, "the signature's file"]
    source: Annotated[str, "what it was captured from"]
    signature_id: Annotated[str, "its id"]
    label: Annotated[str, "what it is of"]
    feature_kind: Annotated[str, "the feature its vectors hold"]
    length: Annotated[int, "vectors"]
    takes: Annotated[int, "segments averaged into it"]
    frames: Annotated[int, "frames in the segments"]
    rate_hz: Annotated[float | None, "frames a second in the segments"]
    lost: Annotated[int | None, "frames lost in the segments; null where the sender numbers none"]
    longest_gap_s: Annotated[float | None, "the longest silence in the segments"]
    energy_over_background_db: Annotated[float | None, "variation of the segment over that of the background"]
    promotion_threshold: Annotated[float, "score from which a window counts as this signature"]
    verdict: Annotated[str, "good, fair, or why it is poor"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attractor:
    """What kind of motion a stream, or a window of it, is; of what cannot be told, null, and why in `reasons`.

    Bounds hold the truth nine times in ten. Exponents are in nats.
    """

    TABLE: ClassVar[str] = "attractors"

    path: Annotated[str, "the source, as it was named"]
    feature: Annotated[str, "what was measured"]
    channel: Annotated[str, "which of the feature's numbers, or of their combinations, was analysed"]
    start_s: Annotated[float | None, "where the window begins, in seconds since the first frame"] = None
    end_s: Annotated[float | None, "where it ends"] = None
    start_frame: Annotated[int, "position of the first value that was analysed in the feature sequence"]
    samples: Annotated[int, "values that were analysed"]
    rate_hz: Annotated[float | None, "values a second; null where the stream has no times"] = None
    attractor_type: Annotated[str, "point, limit_cycle, torus, strange, noise or unknown"]
    confidence: Annotated[float, "how often that is right where it is said as surely"]
    probabilities: Annotated[dict[str, float], "of every type"]
    is_stable: Annotated[bool | None, "neighbours do not part: no exponent is significantly above zero"] = None
    is_chaotic: Annotated[
        bool | None, "it is a strange attractor whose largest exponent is significantly above zero"
    ] = None
    dimension: Annotated[float | None, "correlation dimension"] = None
    dimension_low: Annotated[float | None, "its lower bound"] = None
    dimension_high: Annotated[float | None, "its upper bound"] = None
    lyapunov_exponents: Annotated[list[float], "the spectrum per sample, largest first"] = field(default_factory=list)
    max_lyapunov_exponent: Annotated[float | None, "the largest exponent, per sample"] = None
    max_lyapunov_low: Annotated[float | None, "its lower bound, per sample"] = None
    max_lyapunov_high: Annotated[float | None, "its upper bound, per sample"] = None
    lyapunov_exponents_per_second: Annotated[list[float] | None, "the spectrum per second"] = None
    max_lyapunov_per_second: Annotated[float | None, "the largest exponent per second"] = None
    max_lyapunov_per_second_low: Annotated[float | None, "its lower bound, per second"] = None
    max_lyapunov_per_second_high: Annotated[float | None, "its upper bound, per second"] = None
    kaplan_yorke_dimension: Annotated[float | None, "from the spectrum"] = None
    entropy: Annotated[float | None, "correlation entropy, per sample"] = None
    entropy_per_second: Annotated[float | None, "correlation entropy, per second"] = None
    period_samples: Annotated[float | None, "of the regime, where it repeats"] = None
    cycles_per_minute: Annotated[float | None, "its rate, where it repeats and has times: breaths a minute"] = None
    zero_one: Annotated[float | None, "the 0-1 test for chaos: near 0 regular, near 1 chaotic or noise"] = None
    permutation_entropy: Annotated[float | None, "of order 5, from 0 to 1"] = None
    surrogate_p: Annotated[float | None, "how likely noise of the same spectrum looks as deterministic"] = None
    recurrence_rate: Annotated[float | None, "share of moments near one another"] = None
    determinism: Annotated[float | None, "share of these on diagonals: where stretches repeat"] = None
    laminarity: Annotated[float | None, "share of these on verticals: where it rests"] = None
    delay: Annotated[int | None, "of the embedding, in samples"] = None
    embedding_dimension: Annotated[int | None, "coordinates of a point of the embedding"] = None
    theiler_window: Annotated[int | None, "samples near in time that are no neighbours"] = None
    reasons: Annotated[list[str], "why something could not be told"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class RegimeChange:
    """A moment at which a stream begins to do something else."""

    TABLE: ClassVar[str] = "regime_changes"

    path: Annotated[str, "the source, as it was named"]
    node: Annotated[str, "the sender, or the choice of a token stream"]
    time_s: Annotated[float | None, "when, in seconds since the first frame"]
    frame: Annotated[int, "position of the vector that told it in the feature sequence"]
    feature: Annotated[str, "what was measured"]
    regime: Annotated[str, "idle, periodic, transient, chaotic or unknown from now on"]
    previous: Annotated[str, "what it was until now"]
    confidence: Annotated[float, "how often that is right where it is said as surely"]
    period_s: Annotated[float | None, "how long a round takes, of a periodic regime with times"]
    cycles_per_minute: Annotated[float | None, "its rate: breaths a minute"]
    change_score: Annotated[float, "how unusual the latest vectors are, in deviations of a normal number"]


@dataclass(frozen=True, slots=True)
class Confusion:
    """How often windows of one truth were taken for each label."""

    TABLE: ClassVar[str] = "confusions"

    truth: Annotated[str, "the label the windows really have"]
    predicted: Annotated[str, "the label of the nearest signature"]
    windows: Annotated[int, "how many"]
    recall: Annotated[float, "of the windows of this truth"]


RESULTS: tuple[Any, ...] = (
    Run, RecordingInfo, Match, Occurrence, Comparison, Distance, Place, Capture, Confusion, Attractor,
    RegimeChange,
)  # fmt: skip
"""All of them, in the order of the docs."""


def columns(result: Any) -> dict[str, tuple[Any, str]]:
    """The type and the meaning of each field of a result class."""
    hints = get_type_hints(result, include_extras=True)
    return {name: get_args(hint)[:2] for name, hint in hints.items() if name != "TABLE"}
