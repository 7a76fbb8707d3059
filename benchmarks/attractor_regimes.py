"""How often the regime of a system that the table never saw is told right, and whether it is as sure as it says.

Run as `python benchmarks/attractor_regimes.py [--peers] [--figure FILE]`. The systems are those of
`attractor_regime_systems.py`, each at three rates, with four levels of noise and of three lengths. With --peers, rules that
users make of other libraries' numbers follow, on the same series at the middle rate.

The figure in README.md is that of the first run on the list, which was fixed, and every label checked from the equations,
before the table or an indicator was evaluated on any of it; nothing was changed after it. Whoever makes a decision by these
systems moves them into `scripts/` and writes others.
"""

import sys
from collections.abc import Callable
from importlib import import_module
from typing import NamedTuple

import numpy as np

from attractor_regime_systems import SYSTEMS, Array, System, noisy
from midstream_cli.attractor.exponents.zero_one import zero_one
from midstream_cli.attractor.regime.classifier import classify
from midstream_cli.attractor.regime.series import stretch
from midstream_cli.attractor.regime.shape import NAMES as SHAPE
from midstream_cli.attractor.regime.shape import shape
from midstream_cli.attractor.regime.types import AttractorType
from midstream_cli.errors import InsufficientData
from report import Report, main

RATES = (10.0, 20.0, 40.0)
"""Samples a period."""
NOISES = (0.0, 0.01, 0.05, 0.1)
LENGTHS = (300, 1_000, 3_000)
REGIMES = ("point", "limit_cycle", "torus", "strange", "noise")

RIGHT_AT_LEAST, SURE_RIGHT_AT_LEAST, COVERED = 0.92, 0.96, 0.9


class Case(NamedTuple):
    """One series, and what was said of it."""

    system: System
    rate: float
    noise: float
    length: int
    probabilities: Array
    said: AttractorType

    @property
    def right(self) -> bool:
        """Whether the likeliest regime is the true one."""
        return REGIMES[int(self.probabilities.argmax())] == self.system.regime

    @property
    def sure(self) -> float:
        """The probability of the likeliest regime."""
        return float(self.probabilities.max())


def series(which: int, rate: float, noise: float, length: int) -> Array:
    """The series of a system; the same each time."""
    rng = np.random.default_rng([which, int(rate), int(1000 * noise), length])
    return noisy(rng, SYSTEMS[which].draw(rng, length, rate), noise)


def judged() -> list[Case]:
    """Every series, judged."""
    out = []
    for which, system in enumerate(SYSTEMS):
        for rate in RATES:
            for noise in NOISES:
                for length in LENGTHS:
                    found = classify(series(which, rate, noise, length))
                    shares = np.array([found.probabilities[AttractorType(each)] for each in REGIMES])
                    out.append(Case(system, rate, noise, length, shares, found.attractor_type))
    return out


def share(cases: list[Case]) -> float:
    """How many of them are right."""
    return float(np.mean([case.right for case in cases])) if cases else float("nan")


def measure(report: Report) -> None:
    """Judge every series, then print the tables, then the bars."""
    cases = judged()
    report.note(f"{len(SYSTEMS)} systems, {len(cases)} series")
    sure = sorted(cases, key=lambda case: -case.sure)[: round(COVERED * len(cases))]
    said = [case for case in cases if case.said is not AttractorType.UNKNOWN]
    report.table("What is said, by what is true", confusion(cases))
    report.table("Right, by length and noise", by_length(cases))
    report.table("Systems that are told worst", worst(cases))
    report.table("Right, by how sure", reliability(cases))
    report.note(f"said: {len(said) / len(cases):.1%}; right where said: {share(said):.1%}")
    balanced = np.mean([share([case for case in cases if case.system.regime == regime]) for regime in REGIMES])
    report.note(f"every regime of the same weight: {balanced:.1%}; calibration error: {calibration_error(cases):.3f}")
    if "--figure" in sys.argv:
        draw(cases, sys.argv[sys.argv.index("--figure") + 1])
    if "--peers" in sys.argv:
        report.table("Right, at the middle rate", peers(cases))
    report.at_least(RIGHT_AT_LEAST, "right", share(cases))
    report.at_least(SURE_RIGHT_AT_LEAST, "right at 90 % coverage", share(sure))


def confusion(cases: list[Case]) -> list[dict[str, object]]:
    """A row for each true regime; what is unknown counts apart."""
    columns = (*REGIMES, "unknown")
    rows = []
    for regime in REGIMES:
        those = [case for case in cases if case.system.regime == regime]
        counts = {each: sum(case.said == each for case in those) for each in columns}
        rows.append({"true": regime, "series": len(those), **counts, "right": share(those)})
    return rows


def by_length(cases: list[Case]) -> list[dict[str, object]]:
    """A row for each length, a column for each level of noise."""
    return [
        {
            "samples": length,
            **{
                f"{noise:.0%} noise": share([case for case in cases if (case.length, case.noise) == (length, noise)])
                for noise in NOISES
            },
            "all": share([case for case in cases if case.length == length]),
        }
        for length in LENGTHS
    ]


def worst(cases: list[Case], count: int = 12) -> list[dict[str, object]]:
    """The systems that are most often told wrong, and what they are taken for."""
    rows: list[dict[str, object]] = []
    for system in SYSTEMS:
        those = [case for case in cases if case.system is system]
        wrong = [REGIMES[int(case.probabilities.argmax())] for case in those if not case.right]
        taken = max(set(wrong), key=wrong.count) if wrong else ""
        rows.append({"system": system.name, "true": system.regime, "taken for": taken, "right": share(those)})
    return sorted(rows, key=lambda row: float(str(row["right"])))[:count]


def reliability(cases: list[Case]) -> list[dict[str, object]]:
    """How often it is right where it is as sure as that."""
    rows: list[dict[str, object]] = []
    for low in np.arange(0.3, 1.0, 0.1):
        those = [case for case in cases if low <= case.sure < low + 0.1 + 1e-9 * (low > 0.85)]
        if those:
            said, is_right = float(np.mean([case.sure for case in those])), share(those)
            bar = "#" * round(40 * is_right)
            rows.append(
                {
                    "sure": f"{low:.1f}-{low + 0.1:.1f}",
                    "": f"{bar:<40}",
                    "series": len(those),
                    "said": said,
                    "right": is_right,
                }
            )
    return rows


def calibration_error(cases: list[Case]) -> float:
    """The mean gap between how sure and how often right, over ten bins."""
    rows = reliability(cases)
    return sum(abs(float(str(r["said"])) - float(str(r["right"]))) * int(str(r["series"])) for r in rows) / len(cases)


def draw(cases: list[Case], file: str) -> None:
    """The reliability diagram."""
    from matplotlib.figure import Figure

    rows = reliability(cases)
    figure = Figure(figsize=(5, 5))
    axes = figure.add_subplot(xlabel="how sure it says it is", ylabel="how often it is right", xlim=(0, 1), ylim=(0, 1))
    axes.plot([0, 1], [0, 1], color="0.7")
    said, is_right = ([float(str(r[name])) for r in rows] for name in ("said", "right"))
    axes.plot(said, is_right, "o-")
    for r in rows:
        axes.annotate(
            str(r["series"]), (float(str(r["said"])), float(str(r["right"]))), (4, -12), textcoords="offset points"
        )
    figure.savefig(file, dpi=120)


def peers(cases: list[Case]) -> list[dict[str, object]]:
    """Rules that users make of one number, on the same series."""
    some = [case for case in cases if case.rate == RATES[1]]
    known = {id(system): which for which, system in enumerate(SYSTEMS)}
    made = [series(known[id(case.system)], case.rate, case.noise, case.length) for case in some]
    rows: list[dict[str, object]] = [{"rule": "midstream", "no answer": 0, "right": share(some)}]
    for name, rule in RULES.items():
        found, failed = [], 0
        for x in made:
            try:
                found.append(rule(x))
            except Exception:  # noqa: BLE001 - a peer may fail as it likes; what it does not answer is not right
                found.append("none")
                failed += 1
        right = [regime == case.system.regime for regime, case in zip(found, some, strict=True)]
        rows.append({"rule": name, "no answer": failed, "right": float(np.mean(right))})
    return rows


def by_sign(exponent: float) -> str:
    """Growth is chaos, decay a point, and neither a cycle."""
    if exponent > 0.005:
        return "strange"
    return "point" if exponent < -0.005 else "limit_cycle"


def nolds(x: Array) -> str:
    """The sign of nolds' exponent by Rosenstein's method, with its own parameters."""
    return by_sign(float(import_module("nolds").lyap_r(x)))


def neurokit(x: Array) -> str:
    """The sign of neurokit2's exponent, with its own parameters."""
    return by_sign(float(import_module("neurokit2").complexity_lyapunov(x)[0]))


def by_zero_one(x: Array) -> str:
    """Whether the 0-1 test says chaos."""
    try:
        return "strange" if zero_one(x).k > 0.5 else "limit_cycle"
    except InsufficientData:
        return "unknown"


def by_patterns(x: Array) -> str:
    """The entropy of ordinal patterns, and how many are missing."""
    found = dict(zip(SHAPE, shape(stretch((x - x.mean()) / x.std())), strict=True))
    if found["permutations_delay"] > 0.97:
        return "noise"
    return "limit_cycle" if found["permutations_delay"] < 0.7 else "strange"


RULES: dict[str, Callable[[Array], str]] = {
    "sign of nolds' exponent": nolds,
    "sign of neurokit2's exponent": neurokit,
    "0-1 test": by_zero_one,
    "ordinal patterns": by_patterns,
}

if __name__ == "__main__":
    main(measure)
