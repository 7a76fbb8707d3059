"""Everything that can be told of a series, at once."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import numpy.typing as npt

from midstream_cli.attractor.dimensions.correlation_dimension import CorrelationDimension, correlation_dimension
from midstream_cli.attractor.embedding.channels import leading_components
from midstream_cli.attractor.embedding.embedding import Embedding, choose
from midstream_cli.attractor.embedding.sampling import standardised
from midstream_cli.attractor.estimate import Estimate
from midstream_cli.attractor.exponents.divergence import LargestExponent
from midstream_cli.attractor.exponents.largest import Method, lyapunov
from midstream_cli.attractor.exponents.spectrum import Spectrum, lyapunov_spectrum
from midstream_cli.attractor.exponents.zero_one import ZeroOne, zero_one
from midstream_cli.attractor.live.rules import CONFIDENCE, Regime
from midstream_cli.attractor.live.whole import rhythm
from midstream_cli.attractor.ordinal import permutation_entropy
from midstream_cli.attractor.recurrences.quantification import Recurrence, recurrence
from midstream_cli.attractor.regime.classifier import Classification, classify
from midstream_cli.attractor.regime.types import AttractorType
from midstream_cli.attractor.surrogates import SurrogateTest, surrogate_test
from midstream_cli.errors import InsufficientData, UsageError
from midstream_cli.frames import Float64

Found = TypeVar("Found")

LEAST = 32
"""Samples below which nothing at all is said."""

ORDER = 5
"""Of the ordinal patterns: 120 of them."""

MOST_RECURRENT = 10_000
"""Samples, the latest, that recurrences are counted of: their number grows with the square."""

STABLE = (AttractorType.POINT, AttractorType.LIMIT_CYCLE, AttractorType.TORUS)


@dataclass(frozen=True, slots=True, kw_only=True)
class AttractorInfo:
    """What kind of motion a series is. What could not be told is None, and why stands in `reasons`."""

    attractor_type: AttractorType
    confidence: float
    """How often that type is right where it is said as surely."""
    probabilities: Mapping[AttractorType, float]
    samples: int
    rate_hz: float | None
    embedding: Embedding | None = None
    period: float = math.nan
    """Of a round, in samples; NaN where there is none."""
    largest: LargestExponent | None = None
    spectrum: Spectrum | None = None
    correlation: CorrelationDimension | None = None
    zero_one: ZeroOne | None = None
    permutation_entropy: float | None = None
    """Of order 5, as a share of the largest."""
    recurrence: Recurrence | None = None
    surrogates: SurrogateTest | None = None
    reasons: tuple[str, ...] = ()

    @property
    def dimension(self) -> float | None:
        """The correlation dimension."""
        return None if self.correlation is None else _known(self.correlation.dimension.value)

    @property
    def correlation_dimension(self) -> Estimate | None:
        """The correlation dimension with its bounds."""
        return None if self.correlation is None else self.correlation.dimension

    @property
    def entropy(self) -> float | None:
        """Correlation entropy in nats a sample."""
        return None if self.correlation is None else _known(self.correlation.entropy_per_sample.value)

    @property
    def max_lyapunov(self) -> Estimate | None:
        """The largest exponent in nats a sample, with its bounds; None of noise, which has none."""
        if self.largest is None or self.attractor_type is AttractorType.NOISE:
            return None
        return self.largest.per_sample

    @property
    def max_lyapunov_per_second(self) -> Estimate | None:
        """The largest exponent in nats a second, with its bounds; None where the rate is not known."""
        return None if self.max_lyapunov is None or self.rate_hz is None else self.max_lyapunov.scaled(self.rate_hz)

    @property
    def max_lyapunov_exponent(self) -> float | None:
        """The largest exponent in nats a sample."""
        return None if self.max_lyapunov is None else _known(self.max_lyapunov.value)

    @property
    def lyapunov_exponents(self) -> tuple[float, ...]:
        """The spectrum in nats a sample, largest first; of a motion whose spectrum cannot be told, the largest alone."""
        if self.spectrum is not None and self.spectrum.per_sample and self.attractor_type is not AttractorType.NOISE:
            return tuple(exponent.value for exponent in self.spectrum.per_sample)
        return () if self.max_lyapunov_exponent is None else (self.max_lyapunov_exponent,)

    @property
    def kaplan_yorke_dimension(self) -> float | None:
        """The dimension that the spectrum would make."""
        if self.spectrum is None or self.attractor_type is AttractorType.NOISE:
            return None
        return _known(self.spectrum.kaplan_yorke.value)

    @property
    def is_chaotic(self) -> bool | None:
        """A strange attractor whose largest exponent is significantly above zero; None where that cannot be told."""
        if self.attractor_type is AttractorType.UNKNOWN:
            return None
        return (
            self.attractor_type is AttractorType.STRANGE and self.max_lyapunov is not None and self.max_lyapunov.low > 0
        )

    @property
    def is_stable(self) -> bool | None:
        """Neighbours do not part; None where that cannot be told, as of noise."""
        if self.attractor_type in {AttractorType.UNKNOWN, AttractorType.NOISE}:
            return None
        return self.attractor_type in STABLE

    @property
    def period_samples(self) -> float | None:
        """How long a round takes, of motion that repeats."""
        return _known(self.period) if self.attractor_type is AttractorType.LIMIT_CYCLE else None

    @property
    def cycles_per_minute(self) -> float | None:
        """How often it goes round, of motion that repeats."""
        if self.period_samples is None or self.rate_hz is None:
            return None
        return 60.0 * self.rate_hz / self.period_samples


def analyze(
    x: npt.ArrayLike,
    *,
    rate_hz: float | None = None,
    delay: int | None = None,
    embedding_dimension: int | None = None,
    theiler: int | None = None,
    method: Method = "auto",
    seed: int = 0,
    stage: Callable[[str], object] | None = None,
) -> AttractorInfo:
    """What kind of motion a series is, how chaotic, of what dimension, how stable, and how sure that is.

    Args:
        x: shape (n,), evenly sampled; or (n, channels), all of which are observed together.
        rate_hz: samples a second.
        delay: of the embedding, in samples; found where it is not given, as are the next two.
        embedding_dimension: coordinates of a point.
        theiler: samples near in time that are no neighbours.
        method: of the largest exponent, as `lyapunov` takes it.
        seed: of surrogates and whatever else is drawn.
        stage: called with what is looked for next, of long series to be shown.

    Raises:
        UsageError: a value is not finite, the shape or the rate makes no sense, or no method is called so.
        InsufficientData: there are fewer than 32 samples. A part that needs more is None, and `reasons` tells how much.
    """
    series = _checked(x, rate_hz)
    n = len(series)
    if not series.any():
        return _still(n, rate_hz)
    reasons: list[str] = []
    tell = partial(_told, reasons, stage or (lambda _: None))
    one = leading_components(series, 1)[:, 0] if series.ndim == 2 else series
    if stage is not None:
        stage("embedding")
    embedding = choose(series, delay=delay, dimension=embedding_dimension, theiler=theiler)
    largest = tell(
        "largest exponent", lambda: lyapunov(series, rate_hz=rate_hz, method=method, embedding=embedding, seed=seed)
    )
    # maps are learnt best with a delay of their own
    layout = None if delay is None and embedding_dimension is None else embedding
    spectrum = tell("spectrum", lambda: lyapunov_spectrum(series, rate_hz=rate_hz, embedding=layout, seed=seed))
    correlation = tell("dimension", lambda: correlation_dimension(series, embedding=embedding))
    kind, period = _kind(tell("type", lambda: classify(one)), one, embedding.period)
    reasons += [part.reason for part in (largest, spectrum, correlation, kind) if part is not None and part.reason]
    if kind is not None and kind.attractor_type is AttractorType.NOISE:
        reasons.append("noise has no exponents: they are of motion under a law")
    return AttractorInfo(
        attractor_type=AttractorType.UNKNOWN if kind is None else kind.attractor_type,
        confidence=0.0 if kind is None else kind.confidence,
        probabilities={} if kind is None else kind.probabilities,
        samples=n,
        rate_hz=rate_hz,
        embedding=embedding,
        period=period,
        largest=largest,
        spectrum=_agreeing(spectrum, largest, reasons),
        correlation=correlation,
        zero_one=tell("0-1 test", lambda: zero_one(one)),
        permutation_entropy=tell(
            "ordinal patterns",
            lambda: permutation_entropy(one, order=ORDER, delay=embedding.delay, normalised=True),
        ),
        recurrence=tell("recurrences", lambda: recurrence(series[-MOST_RECURRENT:], embedding=embedding)),
        surrogates=tell("surrogates", lambda: surrogate_test(one, seed=seed)),
        reasons=tuple(dict.fromkeys(reasons)),
    )


def _checked(x: npt.ArrayLike, rate_hz: float | None) -> Float64:
    """The series, each channel of mean 0 and deviation 1."""
    if rate_hz is not None and not (math.isfinite(rate_hz) and rate_hz > 0):
        raise UsageError(f"{rate_hz} is no rate", "give samples a second, or nothing")
    series = standardised(x)
    if len(series) < LEAST:
        raise InsufficientData(LEAST, len(series), "an analysis of motion")
    return series


def _still(n: int, rate_hz: float | None) -> AttractorInfo:
    """What is said of a series that does not move."""
    return AttractorInfo(
        attractor_type=AttractorType.POINT,
        confidence=1.0,
        probabilities={AttractorType.POINT: 1.0},
        samples=n,
        rate_hz=rate_hz,
        reasons=("it does not move at all: a point has no exponents and no dimension",),
    )


def _kind(kind: Classification | None, x: Float64, period: float) -> tuple[Classification | None, float]:
    """The type, and the period; what nothing else is likely to be, and repeats, is a cycle of few rounds."""
    repeats = rhythm(x)
    period = period if repeats is None else repeats
    if repeats is None or kind is None or kind.attractor_type is not AttractorType.UNKNOWN:
        return kind, period
    rounds = len(x) / repeats
    reason = f"{rounds:.1f} rounds are alike: a torus would take more to be told from a cycle"
    cycle = AttractorType.LIMIT_CYCLE
    return Classification(cycle, CONFIDENCE[Regime.PERIODIC], kind.probabilities, reason), period


def _agreeing(spectrum: Spectrum | None, largest: LargestExponent | None, reasons: list[str]) -> Spectrum | None:
    """The spectrum, unless its first exponent cannot be the largest."""
    if spectrum is None or not spectrum.per_sample or largest is None or not math.isfinite(largest.per_sample.value):
        return spectrum
    first = spectrum.per_sample[0]
    if first.low <= largest.per_sample.high and first.high >= largest.per_sample.low:
        return spectrum
    reasons.append(
        f"the spectrum begins with {first.value:.3g} a sample, which the largest exponent is not: it is left out"
    )
    return None


def _told(reasons: list[str], stage: Callable[[str], object], what: str, work: Callable[[], Found]) -> Found | None:
    """What a part finds, or why it cannot."""
    stage(what)
    try:
        return work()
    except InsufficientData as error:
        reasons.append(f"{error.what} needs {error.missing} {'sample' if error.missing == 1 else 'samples'} more")
        return None


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None
