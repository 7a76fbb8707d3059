"""What was found of a motion, in words: the most important first, and why something could not be told at the end."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from midstream_cli.results import Attractor

WIDEST = 100
"""Columns of sentences."""
LIKELY = 0.05
"""Types that are less likely than this are not named."""


def headline(row: "Attractor") -> str:
    """The most important in a line: the type and how sure it is, exponent, dimension, period."""
    period = _period(row)
    said = [kind(row), _exponent(row, short=True), _dimension(row, short=True), f"period {period}" if period else ""]
    return "; ".join(part for part in said if part)


def facts(row: "Attractor") -> dict[str, str]:
    """Names and values, without what is not known."""
    said = {
        "source": f"{row.path}, {row.feature}" + ("" if row.channel == row.feature else f", {row.channel}"),
        "samples": _samples(row),
        "type": kind(row),
        "exponent": _exponent(row),
        "dimension": _dimension(row),
        "period": _period(row),
        "spectrum": _spectrum(row),
        "entropy": _entropy(row),
        "0-1 test": _number(row.zero_one, "{:.3g}: 0 is regular, 1 is chaotic or noise"),
        "surrogates": _number(row.surrogate_p, "p = {:.3g} that noise of the same spectrum looks as lawful"),
        "patterns": _number(row.permutation_entropy, "permutation entropy {:.3g} of 1"),
        "recurrence": _recurrence(row),
        "embedding": _embedding(row),
    }
    return {name: value for name, value in said.items() if value}


def summary(row: "Attractor", *, path: bool, feature: bool, part: bool) -> dict[str, Any]:
    """The columns of a table of several.

    Args:
        path: whether they differ in their source; the next two likewise.
        feature: in what was measured.
        part: in where they begin and end.
    """
    timed = row.rate_hz is not None
    return {
        **({"path": row.path} if path else {}),
        **({"feature": row.feature} if feature else {}),
        **(_place(row) if part else {}),
        "samples": row.samples,
        "type": row.attractor_type,
        "confidence": row.confidence,
        "exponent": row.max_lyapunov_per_second if timed else row.max_lyapunov_exponent,
        "per": "second" if timed else "sample",
        "dimension": row.dimension,
        "cycles_per_minute": row.cycles_per_minute,
    }


def _place(row: "Attractor") -> dict[str, Any]:
    return {"start_frame": row.start_frame} if row.end_s is None else {"start_s": row.start_s, "end_s": row.end_s}


def kind(row: "Attractor") -> str:
    """The type, how sure it is, and whether it is chaotic; of what is not known, what it may be."""
    if row.confidence == 0.0 and not row.probabilities:
        return row.attractor_type
    if row.attractor_type.lower() == "unknown":
        ranked = sorted(row.probabilities.items(), key=lambda item: -item[1])
        return f"unknown: {', '.join(f'{name} {_share(p)}' for name, p in ranked if p >= LIKELY)}"
    return f"{row.attractor_type}, {_share(row.confidence)} sure" + (", chaotic" if row.is_chaotic else "")


def _share(share: float) -> str:
    """In per cent; what is not certain is not called so."""
    return f"{share:.0%}" if share <= 0.99 or share == 1.0 else f"{min(share, 0.999):.1%}"


def _bounded(value: float | None, low: float | None, high: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.3g}" if low is None or high is None else f"{value:.3g} ({low:.3g} to {high:.3g})"


def _exponent(row: "Attractor", *, short: bool = False) -> str:
    each = _bounded(row.max_lyapunov_exponent, row.max_lyapunov_low, row.max_lyapunov_high)
    if not each:
        return ""
    second = _bounded(row.max_lyapunov_per_second, row.max_lyapunov_per_second_low, row.max_lyapunov_per_second_high)
    said = f"{second} per second" if second else f"{each} per sample"
    if short:
        return f"exponent {said}"
    said += f", {each} per sample" if second else ""
    low, high = row.max_lyapunov_low, row.max_lyapunov_high
    return said + ("; it may be 0" if low is not None and high is not None and low <= 0.0 <= high else "")


def _dimension(row: "Attractor", *, short: bool = False) -> str:
    said = _bounded(row.dimension, row.dimension_low, row.dimension_high)
    if short:
        return f"dimension {said}" if said else ""
    spectrum = _number(row.kaplan_yorke_dimension, "{:.3g} by the spectrum (Kaplan and Yorke)")
    return ", ".join(part for part in (said, spectrum) if part)


def _spectrum(row: "Attractor") -> str:
    every = row.lyapunov_exponents_per_second or row.lyapunov_exponents
    if len(every) < 2:
        return ""
    return ", ".join(f"{x:.3g}" for x in every) + (
        " per second" if row.lyapunov_exponents_per_second else " per sample"
    )


def _period(row: "Attractor") -> str:
    if row.period_samples is None:
        return ""
    said = f"{row.period_samples:.4g} samples"
    if row.rate_hz is not None:
        said = f"{row.period_samples / row.rate_hz:.4g} s"
    return said + _number(row.cycles_per_minute, ", {:.4g} a minute")


def _entropy(row: "Attractor") -> str:
    if row.entropy_per_second is not None:
        return f"{row.entropy_per_second:.3g} per second, {row.entropy:.3g} per sample"
    return _number(row.entropy, "{:.3g} per sample")


def _samples(row: "Attractor") -> str:
    said = f"{row.samples:,}"
    if row.rate_hz is not None:
        said += f" at {row.rate_hz:.4g} Hz, {row.samples / row.rate_hz:.4g} s"
    if row.start_s:
        said += f" from {row.start_s:.4g} s on"
    return said


def _recurrence(row: "Attractor") -> str:
    names = ("recurrence_rate", "determinism", "laminarity")
    said = [
        f"{name.removeprefix('recurrence_')} {value:.2g}" for name in names if (value := getattr(row, name)) is not None
    ]
    return ", ".join(said)


def _embedding(row: "Attractor") -> str:
    if row.delay is None:
        return ""
    return f"{row.embedding_dimension} dimensions, delay {row.delay}, Theiler window {row.theiler_window}"


def _number(value: float | None, form: str) -> str:
    return "" if value is None else form.format(value)


def sentences(row: "Attractor", columns: int) -> Sequence[str]:
    """The reasons, as sentences no wider than so many columns."""
    import textwrap

    return [
        line
        for reason in row.reasons
        for line in textwrap.wrap(f"{reason[:1].upper()}{reason[1:]}.", columns, subsequent_indent="  ")
    ]
