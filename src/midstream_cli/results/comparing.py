"""What comes of comparing: matches, places, distances, signatures."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, TypedDict


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


@dataclass(frozen=True, slots=True)
class Confusion:
    """How often windows of one truth were taken for each label."""

    TABLE: ClassVar[str] = "confusions"

    truth: Annotated[str, "the label the windows really have"]
    predicted: Annotated[str, "the label of the nearest signature"]
    windows: Annotated[int, "how many"]
    recall: Annotated[float, "of the windows of this truth"]
