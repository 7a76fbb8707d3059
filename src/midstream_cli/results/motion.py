"""What comes of looking at motion: attractors and regimes."""

from dataclasses import dataclass, field
from typing import Annotated, ClassVar


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
