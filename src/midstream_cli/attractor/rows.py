"""What was found of a series, as a row of results."""

import math
from typing import TYPE_CHECKING

from midstream_cli.attractor.loops import Repetition
from midstream_cli.attractor.regime.types import AttractorType
from midstream_cli.results import Attractor

if TYPE_CHECKING:
    from midstream_cli.attractor.analysis import AttractorInfo
    from midstream_cli.attractor.estimate import Estimate
    from midstream_cli.attractor.series import Series
    from midstream_cli.compare.named import Named


def row(info: "AttractorInfo", series: "Series", *, path: str, feature: str) -> Attractor:
    """A series that was analysed."""
    largest, largest_per_second = _bounds(info.max_lyapunov), _bounds(info.max_lyapunov_per_second)
    dimension = _bounds(info.correlation_dimension)
    entropy, rate_hz = info.entropy, info.rate_hz
    plot = info.recurrence
    return Attractor(
        path=path,
        feature=feature,
        channel=series.channel,
        start_s=series.start_s,
        end_s=series.end_s,
        start_frame=series.first,
        samples=info.samples,
        rate_hz=rate_hz,
        attractor_type=info.attractor_type.value,
        confidence=info.confidence,
        probabilities={kind.value: share for kind, share in info.probabilities.items()},
        is_stable=info.is_stable,
        is_chaotic=info.is_chaotic,
        dimension=dimension[0],
        dimension_low=dimension[1],
        dimension_high=dimension[2],
        lyapunov_exponents=list(info.lyapunov_exponents),
        max_lyapunov_exponent=largest[0],
        max_lyapunov_low=largest[1],
        max_lyapunov_high=largest[2],
        lyapunov_exponents_per_second=None if rate_hz is None else [x * rate_hz for x in info.lyapunov_exponents],
        max_lyapunov_per_second=largest_per_second[0],
        max_lyapunov_per_second_low=largest_per_second[1],
        max_lyapunov_per_second_high=largest_per_second[2],
        kaplan_yorke_dimension=_number(info.kaplan_yorke_dimension),
        entropy=_number(entropy),
        entropy_per_second=None if rate_hz is None or entropy is None else _number(entropy * rate_hz),
        period_samples=info.period_samples,
        cycles_per_minute=info.cycles_per_minute,
        zero_one=None if info.zero_one is None else _number(info.zero_one.k),
        permutation_entropy=info.permutation_entropy,
        surrogate_p=None if info.surrogates is None else _number(info.surrogates.p),
        recurrence_rate=None if plot is None else _number(plot.rate),
        determinism=None if plot is None else _number(plot.determinism),
        laminarity=None if plot is None else _number(plot.laminarity),
        delay=None if info.embedding is None else info.embedding.delay,
        embedding_dimension=None if info.embedding is None else info.embedding.dimension,
        theiler_window=None if info.embedding is None else info.embedding.theiler,
        reasons=[*series.notes, *info.reasons],
    )


def row_of_names(loop: Repetition, named: "Named", start: int) -> Attractor:
    """A sequence of names: it goes round in a loop, or nothing can be said."""
    times = named.time_s
    kind = AttractorType.UNKNOWN
    if loop.period:
        kind = AttractorType.POINT if loop.period == 1 else AttractorType.LIMIT_CYCLE
    cycles_per_minute = None
    if times is not None and loop.period > 1:
        passed = float(times[start + loop.length - 1] - times[start + loop.start])
        cycles_per_minute = 60.0 * (loop.length - loop.start - 1) / loop.period / passed if passed > 0 else None
    reasons = ["names have no distances: of their motion only loops can be told"]
    if loop.period:
        reasons.append(
            f"the last {loop.length - loop.start} of {loop.length} go {loop.times:.1f} times through a loop of {loop.period}"
        )
    return Attractor(
        path=named.name,
        feature=named.feature,
        channel=named.feature,
        start_s=None if times is None else float(times[start]),
        end_s=None if times is None else float(times[start + loop.length - 1]),
        start_frame=start,
        samples=loop.length,
        attractor_type=kind.value,
        confidence=loop.confidence,
        probabilities={kind.value: loop.confidence} if loop.period else {},
        is_stable=True if loop.period else None,
        is_chaotic=False if loop.period else None,
        dimension=1.0 * (loop.period > 1) if loop.period else None,
        period_samples=float(loop.period) if loop.period else None,
        cycles_per_minute=cycles_per_minute,
        determinism=loop.share if loop.period else None,
        reasons=reasons,
    )


def _bounds(estimate: "Estimate | None") -> tuple[float | None, float | None, float | None]:
    if estimate is None:
        return None, None, None
    return _number(estimate.value), _number(estimate.low), _number(estimate.high)


def _number(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
