"""The largest exponent of flows that nothing was tuned to: the accepting part of the dysts catalogue."""

from collections import defaultdict
from math import isfinite
from statistics import median
from typing import Any

from attractor_asked import Answer, answers, asked
from attractor_flows import ACCEPTANCE, DEVELOPMENT, SAMPLES_A_PERIOD, series, truth_per_sample
from attractor_ours import embedding_of
from report import Report

OURS = "midstream auto"

LENGTHS = (1000, 3000)

BARS = {0.0: 0.15, 0.05: 0.20, 0.10: 1.0}
"""The median relative error at 3,000 samples, by the noise."""

CLOSE = 0.05
"""The truth is known so well: an interval that is off by less covers it."""


def measure(report: Report, libraries: list[Any], words: list[str]) -> None:
    """Every flow, length and noise; `--development` takes the flows to tune on."""
    names: tuple[str, ...] = DEVELOPMENT if "--development" in words else ACCEPTANCE
    names = names[::2] if "--quick" in words else names
    for n in LENGTHS:
        for noise in BARS:
            title = f"Exponents of {len(names)} flows, {n:,} samples, {noise:.0%} noise"
            if asked(title, words):
                try:
                    said = _said(report, libraries, names, n, noise)
                except ImportError as error:
                    report.note(f"the flows are missing ({error}): pip install -e '.[benchmark]'")
                    return
                _judge(report, title, said, n, noise)


def _said(
    report: Report, libraries: list[Any], names: tuple[str, ...], n: int, noise: float
) -> dict[str, dict[str, Answer]]:
    """Answers by call and by flow."""
    said: dict[str, dict[str, Answer]] = defaultdict(dict)
    for name in names:
        x = series(name, n, noise)
        for call, answer in answers(report, libraries, "exponent", x, embedding_of(x)).items():
            said[call][name] = answer
    return said


def _judge(report: Report, title: str, said: dict[str, dict[str, Answer]], n: int, noise: float) -> None:
    rows: list[dict[str, object]] = []
    for call, found in said.items():
        errors = {name: _error(answer, name) for name, answer in found.items()}
        rows.append(
            {
                "call": call,
                "median error": median(errors.values()),
                "90 % below": sorted(errors.values())[round(0.9 * (len(errors) - 1))],
                "no answer": sum(not isfinite(answer.value[0]) for answer in found.values()),
                "median s": median(answer.seconds for answer in found.values()),
            }
        )
    report.table(f"{title}, {SAMPLES_A_PERIOD} a period", rows)
    ours = said.get(OURS, {})
    if not ours:
        return
    report.table(f"Each of the {title[0].lower()}{title[1:]}", [_row(name, answer) for name, answer in ours.items()])
    if n == max(LENGTHS):
        error = median(_error(answer, name) for name, answer in ours.items())
        report.at_most(BARS[noise], f"median error, {title}", error)
    answered = {name: answer for name, answer in ours.items() if len(answer.value) == 3 and isfinite(answer.value[0])}
    if answered:
        covered = sum(_covers(answer, name) for name, answer in answered.items()) / len(answered)
        # nine of ten, less two standard errors of so few
        least = 0.9 - 2 * (0.9 * 0.1 / len(answered)) ** 0.5
        report.at_least(least, f"share of 90 % intervals that cover the truth, {title}", covered)


def _error(answer: Answer, name: str) -> float:
    """Relative to the truth; an answer that is missing is all wrong."""
    value = float(answer.value[0])
    return abs(value / truth_per_sample(name) - 1) if isfinite(value) else 1.0


def _covers(answer: Answer, name: str) -> bool:
    _, low, high = answer.value.tolist()
    truth = truth_per_sample(name)
    return bool(low <= truth * (1 + CLOSE) and high >= truth * (1 - CLOSE))


def _row(name: str, answer: Answer) -> dict[str, object]:
    truth, found = truth_per_sample(name), answer.value.tolist()
    low, high = found[1:] if len(found) == 3 else (float("nan"), float("nan"))
    return {
        "flow": name,
        "truth a sample": truth,
        "midstream": found[0],
        "low": low,
        "high": high,
        "error": _error(answer, name),
        "s": answer.seconds,
        "why": answer.why[:60],
    }
