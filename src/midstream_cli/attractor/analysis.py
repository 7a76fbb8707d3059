"""Everything that can be told of a series at once, each part from the same embedding."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from midstream_cli.attractor.dimensions.correlation_dimension import CorrelationDimension, correlation_dimension
from midstream_cli.attractor.embedding.embedding import Embedding, choose
from midstream_cli.attractor.embedding.sampling import standardised
from midstream_cli.attractor.estimate import Estimate
from midstream_cli.attractor.exponents.largest import LargestExponent, lyapunov
from midstream_cli.attractor.exponents.spectrum import Spectrum, lyapunov_spectrum
from midstream_cli.attractor.exponents.zero_one import ZeroOne, zero_one
from midstream_cli.attractor.ordinal import permutation_entropy
from midstream_cli.attractor.recurrence import Recurrence, recurrence
from midstream_cli.attractor.regime.classifier import Classification, classify
from midstream_cli.attractor.regime.indicators import Indicators, indicators
from midstream_cli.attractor.regime.types import AttractorType
from midstream_cli.attractor.surrogates import SurrogateTest, surrogate_test
from midstream_cli.errors import InsufficientData, UsageError

Found = TypeVar("Found")
Progress = Callable[[float, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class AttractorInfo:
    """What kind of motion a series is. What could not be told is None, and why stands in `reasons`."""

    attractor_type: AttractorType
    confidence: float
    """How often that type is right where it is said as surely."""
    probabilities: Mapping[AttractorType, float]
    samples: int
    rate_hz: float | None
    embedding: Embedding | None
    largest: LargestExponent | None
    spectrum: Spectrum | None
    correlation: CorrelationDimension | None
    zero_one: ZeroOne | None
    permutation_entropy: float | None
    recurrence: Recurrence | None
    surrogates: SurrogateTest | None
    reasons: tuple[str, ...] = field(default=())
