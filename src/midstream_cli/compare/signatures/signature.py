"""Signatures: short sequences of vectors with a name, in the scale of what is there while nothing happens."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from midstream_cli.errors import SignatureError
from midstream_cli.frames import Float64

DEFAULT_THRESHOLD = 0.70
"""The promotion threshold of ADR-099, for signatures that do not say theirs."""

LEAST_DEVIATION = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Background:
    """What the feature is like while nothing happens: the scale on which a difference is large."""

    mean: Float64
    """Shape (dims,)."""
    deviation: Float64
    """Shape (dims,): standard deviations."""
    source: str = ""
    seconds: float = 0.0
    covariance: Float64 | None = None
    """Shape (dims, dims), as measured, of which the deviations are the root of the diagonal; None where a file has none."""
    correlation: float = 1.0
    """How many consecutive vectors tell as much as one of independent ones, 1 or more; told where the covariance is."""
    count: int | None = None
    """Vectors that it was measured on."""

    @classmethod
    def of(cls, vectors: Float64, source: str, seconds: float) -> "Background":
        """The background that vectors of shape (n, dims) describe; those that are not finite tell nothing.

        Raises:
            SignatureError: none is finite.
        """
        from midstream_cli.compare.signatures.correlation import correlation_time, covariance

        known = vectors[np.isfinite(vectors).all(axis=1)]
        if len(known) == 0:
            raise SignatureError(f"{source} holds no finite vector", "choose another recording as the background")
        mean, deviation = known.mean(axis=0), known.std(axis=0)
        return cls(
            mean, deviation, source, seconds, covariance(known, mean, deviation), correlation_time(known), len(known)
        )

    def whiten(self, vectors: Float64) -> Float64:
        """Vectors as multiples of the background's deviation, over the root of the number of dimensions.

        Two independent vectors of the background are then sqrt(2) apart in the root mean square, whatever the feature.
        """
        return (vectors - self.mean) / self.unit

    def unwhiten(self, vectors: Float64) -> Float64:
        """The inverse of `whiten`."""
        return vectors * self.unit + self.mean

    def agrees(self, other: "Background") -> bool:
        """Whether it is the same scale."""
        return np.array_equal(self.mean, other.mean) and np.array_equal(self.deviation, other.deviation)

    @property
    def independent(self) -> float | None:
        """As how many independent vectors those it was measured on count; None where a file does not say."""
        return None if self.count is None else self.count / self.correlation

    @property
    def unit(self) -> Float64:
        """Shape (dims,): what differences are told in multiples of."""
        unit: Float64 = np.maximum(self.deviation, LEAST_DEVIATION) * math.sqrt(len(self.mean))
        return unit


@dataclass(frozen=True, slots=True, eq=False)
class Signature:
    """One template. The first fields are those of ADR-099; the others are additions, and may be missing in a file."""

    id: str
    label: str
    vectors: Float64
    """Shape (length, dims), in the units of the feature."""
    feature_kind: str = ""
    """The feature that the vectors hold; empty where the file does not say."""
    captured_at: str = ""
    """UTC, ISO 8601."""
    window: int | None = None
    """Sakoe-Chiba window in vectors."""
    step_pattern: str = "symmetric2"
    promotion_threshold: float = DEFAULT_THRESHOLD
    """A window whose score reaches this counts as this signature."""
    rate_hz: float | None = None
    """Vectors a second; None for features that are not on a time grid."""
    parameters: Mapping[str, Any] | None = None
    """What the feature was fitted to."""
    background: Background | None = None
    evidence_threshold: float | None = None
    """Evidence, in nats, from which a live stream shows it; None where `midstream signatures calibrate` has not been run."""
    false_alarms_per_day: float | None = None
    """How often its calibration's background is expected to reach that."""
    calibrated_hours: float = 0.0
    """How long that background lasted."""
    calibrated_on: tuple[str, ...] = ()
    """The recordings it was."""
    source: str = ""
    takes: int = 1
    """Segments averaged into the vectors."""
    version: str = ""
    """Of the midstream that wrote it."""
    path: str = field(default="", compare=False)
    """The file it came from."""

    @property
    def length(self) -> int:
        """Vectors."""
        return len(self.vectors)

    @property
    def seconds(self) -> float | None:
        """How long it lasts."""
        return self.length / self.rate_hz if self.rate_hz else None

    def whiten(self, vectors: Float64) -> Float64:
        """Vectors in units of the background; without one, in their own."""
        return vectors if self.background is None else self.background.whiten(vectors)

    def unwhiten(self, vectors: Float64) -> Float64:
        """The inverse of `whiten`."""
        return vectors if self.background is None else self.background.unwhiten(vectors)
