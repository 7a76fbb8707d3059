"""Exponents, dimensions and spectra of systems whose answers are known, by every library, of the same series."""

from collections import defaultdict
from collections.abc import Sequence
from math import isfinite, isnan, nan
from statistics import fmean, median
from typing import Any

import numpy as np

from attractor_asked import Answer, answers, asked
from attractor_ours import embedding_of
from attractor_series import ALL, CHAOTIC, LENGTHS, NOISES, Known
from report import Report

OURS = "midstream auto"

BARS = {1000: 0.10, 5000: 0.05, 20_000: 0.03}
"""The mean relative error of the largest exponent on the chaotic systems without noise, by the number of samples."""

ZERO = 0.005
"""The exponent of cycles and tori is smaller, a second of the system's own time."""

PEERS_LONGEST = 5000
"""Samples of a peer's longest series, unless --full."""


def measure(report: Report, libraries: list[Any], words: list[str]) -> None:
    """All tables of accuracy that are asked for."""
    lengths = LENGTHS[:2] if "--quick" in words else LENGTHS
    exponents(report, libraries, words, lengths)
    if asked("Spectrum", words):
        spectra(report, libraries, lengths)
    if asked("Correlation dimension", words):
        dimensions(report, libraries, lengths)


def exponents(report: Report, libraries: list[Any], words: list[str], lengths: Sequence[int]) -> None:
    """The largest exponent: a table for each length and noise; then the errors of all, and the bars."""
    errors: dict[tuple[int, float], dict[str, list[float]]] = {}
    seconds: dict[int, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for n in lengths:
        for noise in NOISES:
            title = f"Largest exponent, {n:,} samples, {noise:.0%} noise"
            if not asked(title, words):
                continue
            rows, errors[n, noise] = [], defaultdict(list)
            for known in ALL:
                row, said = _exponent(report, libraries, words, known, n, noise)
                rows.append(row)
                for name, answer in said.items():
                    seconds[n][name].append(answer.seconds)
                    if known in CHAOTIC:
                        errors[n, noise][name].append(_error(answer, known))
            report.table(title, [{name: row.get(name, "") for name in rows[0]} for row in rows])
    for (n, noise), found in errors.items():
        title = f"Relative error of the largest exponent on the chaotic systems, {n:,} samples, {noise:.0%} noise"
        report.table(title, [_summary(name, each, seconds[n][name]) for name, each in found.items()])
        if noise == 0.0 and n in BARS and OURS in found:
            report.at_most(BARS[n], f"mean error of the largest exponent, {n:,} samples", fmean(found[OURS]))


def _exponent(
    report: Report, libraries: list[Any], words: list[str], known: Known, n: int, noise: float
) -> tuple[dict[str, object], dict[str, Answer]]:
    x = known.observed(n, noise)
    asked_of = libraries if n <= PEERS_LONGEST or "--full" in words else libraries[:1]
    said = answers(report, asked_of, "exponent", x, embedding_of(x))
    truth = known.exponents[0] if known.exponents else nan
    row: dict[str, object] = {"system": known.name, "truth": truth if known.exponents else "-"}
    for name, answer in said.items():
        row[name] = float(answer.value[0]) * known.rate_hz
        if name == OURS:
            low, high = (answer.value[1:] if len(answer.value) == 3 else np.full(2, nan)) * known.rate_hz
            row |= {"low": float(low), "high": float(high)}
            what = f"{known.name}, {n:,} samples, {noise:.0%} noise"
            if answer.why:
                report.note(f"{what}: {answer.why}")
            if known.regime in ("limit cycle", "torus"):
                report.at_most(ZERO, f"exponent of {what}", abs(float(answer.value[0])) * known.rate_hz)
            if known.regime == "noise":
                report.at_most(0.0, f"lower end of the exponent of {what}", float(low))
    return row, said


def _error(answer: Answer, known: Known) -> float:
    """Relative to the truth; an answer that is missing is all wrong."""
    value = float(answer.value[0]) * known.rate_hz
    return abs(value / known.exponents[0] - 1) if isfinite(value) else 1.0


def _summary(name: str, errors: list[float], seconds: list[float]) -> dict[str, object]:
    return {
        "call": name,
        "mean error": fmean(errors),
        "median error": median(errors),
        "largest": max(errors),
        "median s": median(seconds),
    }


def dimensions(report: Report, libraries: list[Any], lengths: Sequence[int]) -> None:
    """The correlation dimension of the systems of which it is known."""
    for n in lengths:
        asked_of = libraries if n <= PEERS_LONGEST else libraries[:1]
        for noise in (0.0, 0.05):
            rows: list[dict[str, object]] = []
            for known in (known for known in ALL if not isnan(known.dimension)):
                x = known.observed(n, noise)
                said = answers(report, asked_of, "dimension", x, embedding_of(x))
                row: dict[str, object] = {"system": known.name, "published": known.dimension}
                row |= {name: float(answer.value[0]) for name, answer in said.items()}
                ours = said.get(OURS)
                if ours and len(ours.value) == 3:
                    row |= {"low": float(ours.value[1]), "high": float(ours.value[2])}
                rows.append(row)
                if ours and n == 5000 and noise == 0.0 and known in CHAOTIC:
                    error = abs(float(ours.value[0]) / known.dimension - 1)
                    report.at_most(0.05, f"error of the correlation dimension of {known.name}, {n:,} samples", error)
            everything = {name: "" for row in rows for name in row}
            title = f"Correlation dimension, {n:,} samples, {noise:.0%} noise"
            report.table(title, [everything | row for row in rows])


def spectra(report: Report, libraries: list[Any], lengths: Sequence[int]) -> None:
    """All exponents, of one coordinate and of the whole state."""
    for n in lengths:
        rows: list[dict[str, object]] = []
        for known in (known for known in CHAOTIC if known.name in ("henon", "ikeda", "lorenz", "rossler", "ueda")):
            for what, x in (("x", known.observed(n, 0.0)), ("state", known.state(n, 0.0))):
                asked_of = libraries if what == "x" and n <= PEERS_LONGEST else libraries[:1]
                for name, answer in answers(report, asked_of, "spectrum", x, None).items():
                    found = answer.value * known.rate_hz
                    row: dict[str, object] = {"system": known.name, "of": what, "call": name}
                    for i in range(3):
                        row[f"truth {i + 1}"] = known.exponents[i] if i < len(known.exponents) else ""
                        row[f"found {i + 1}"] = float(found[i]) if i < len(found) else ""
                    rows.append(row)
                    if name == OURS and n == 5000 and known.name in ("henon", "lorenz"):
                        error = _spectrum_error(found, known.exponents)
                        report.at_most(0.10, f"largest error of the spectrum of {known.name}, of {what}", error)
        if rows:
            report.table(f"Spectrum, {n:,} samples", rows)


def _spectrum_error(found: Any, truth: tuple[float, ...]) -> float:
    """The largest, relative to the exponent; to the largest one where it is 0."""
    if len(found) < len(truth):
        return 1.0
    scale = [abs(one) or truth[0] for one in truth]
    return float(np.max(np.abs(found[: len(truth)] - truth) / scale))
