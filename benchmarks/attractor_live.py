"""How often what is said of a flowing stream is right, how soon, and what it costs: vector by vector, as it comes.

Run as `python benchmarks/attractor_live.py`, with `--quick` on a quarter of the streams. The systems are those of
`attractor_regime_systems.py`, which no rule was made on, each at three rates, with four levels of noise, as one channel and
as eight; every stream is 384 vectors of white noise, then 768 of the system. What a system may be called: cycles periodic,
strange ones chaotic, noise idle, and what comes to rest idle too; of a torus, whose rhythms have no common period, nothing
but unknown is right, and periodic not counted. Each sixteenth vector of the second 640 is counted, and each true regime weighs the same. Costs are processor time.

With `--development` the systems are those the table of regimes was made from, on which rules may be tuned.
"""

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[1] / "scripts"))

from regime_simulation import Array, System, noisy

from attractor_regime_systems import SYSTEMS
from midstream_cli.attractor.change.onset import Onset
from midstream_cli.attractor.live.regimes import HOP, Moment, RegimeWatch
from midstream_cli.attractor.live.rules import CONFIDENCE, Regime
from report import Report, main

RATES = (10.0, 20.0, 40.0)
"""Samples a period."""
NOISES = (0.0, 0.01, 0.05, 0.1)
CHANNELS = (1, 8)
BEFORE, AFTER, SETTLING = 384, 768, 128
"""Vectors of noise, of the system, and of these, those that both may be seen in."""
LATE = 64
"""Vectors after which a change is missed."""
TRUE = {
    "point": Regime.IDLE,
    "limit_cycle": Regime.PERIODIC,
    "torus": Regime.UNKNOWN,
    "strange": Regime.CHAOTIC,
    "noise": Regime.IDLE,
}
TIMED = 8_000


class Heard(NamedTuple):
    """One stream, and what was said."""

    system: System
    noise: float
    moments: list[Moment]

    @property
    def counted(self) -> list[Regime]:
        """What was said of the system, once it is all that is seen."""
        return [moment.regime for moment in self.moments[BEFORE + SETTLING :: HOP]]

    @property
    def noticed(self) -> int | None:
        """Vectors from the change to the first that was called transient, that included."""
        said = (moment.regime is Regime.TRANSIENT for moment in self.moments[BEFORE : BEFORE + LATE])
        return next((at for at, is_transient in enumerate(said, 1) if is_transient), None)

    @property
    def alarms(self) -> tuple[int, int]:
        """How often it became transient where nothing changed, and where the system began or its end is still near."""
        began = [
            at for at, moment in enumerate(self.moments) if moment.regime_changed and moment.regime is Regime.TRANSIENT
        ]
        return sum(at < BEFORE for at in began), sum(BEFORE <= at < BEFORE + LATE for at in began)


def systems() -> tuple[System, ...]:
    """Those that are asked for."""
    if "--development" not in sys.argv[1:]:
        return SYSTEMS
    from regime_systems import SYSTEMS as DEVELOPMENT

    return DEVELOPMENT


def stream(which: int, system: System, rate: float, noise: float, channels: int) -> Array:
    """White noise, then a system, shape (n, channels); the same each time."""
    rng = np.random.default_rng([which, int(rate), int(1000 * noise), channels])
    x = noisy(rng, system.draw(rng, AFTER, rate), noise)
    pattern = rng.standard_normal(channels) if channels > 1 else np.ones(1)
    moving = (x - x.mean()) / (x.std() or 1.0)
    out = max(noise, 0.01) * rng.standard_normal((BEFORE + AFTER, channels))
    out[BEFORE:] += moving[:, None] * pattern - out[BEFORE:] * (channels == 1)
    return np.asarray(out)


def heard() -> Iterator[Heard]:
    """Every stream, watched."""
    step = 4 if "--quick" in sys.argv[1:] else 1
    for which, system in enumerate(systems()):
        for rate, noise, channels in list(product(RATES, NOISES, CHANNELS))[which % step :: step]:
            watch = RegimeWatch(channels)
            yield Heard(system, noise, [watch.update(v) for v in stream(which, system, rate, noise, channels)])


def shares(streams: list[Heard]) -> Counter[Regime]:
    """How large a part of what was counted each regime is."""
    said = Counter(regime for each in streams for regime in each.counted)
    return Counter({regime: count / said.total() for regime, count in said.items()})


def confusion(streams: list[Heard]) -> list[dict[str, Any]]:
    """A row for each true regime."""
    rows = []
    for name, right in TRUE.items():
        those = [each for each in streams if each.system.regime == name]
        said = shares(those)
        rows.append({"true": name, "streams": len(those), **{r.value: said[r] for r in Regime}, "right": said[right]})
    return rows


def sureness(streams: list[Heard]) -> dict[Regime, tuple[float, float]]:
    """By regime: how often it is right where it is said, and how much of what it is true of it is said of."""
    said = {name: shares([each for each in streams if each.system.regime == name]) for name in TRUE}
    out = {}
    for regime in (Regime.IDLE, Regime.PERIODIC, Regime.CHAOTIC):
        whole = sum(said[name][regime] for name in TRUE if (name, regime) != ("torus", Regime.PERIODIC))
        true = [said[name][regime] for name in TRUE if TRUE[name] is regime]
        out[regime] = sum(true) / whole if whole else float("nan"), sum(true) / len(true)
    early, right = np.sum([each.alarms for each in streams], axis=0)
    out[Regime.TRANSIENT] = right / (early + right), float(np.mean([each.noticed is not None for each in streams]))
    return out


def worst(streams: list[Heard], count: int = 14) -> list[dict[str, Any]]:
    """Systems of which something else than is true is said most often; `unknown` and `transient` are not that."""
    rows: list[dict[str, Any]] = []
    for system in {each.system.name: each.system for each in streams}.values():
        said = shares([each for each in streams if each.system.name == system.name])
        right = {TRUE[system.regime], Regime.UNKNOWN, Regime.TRANSIENT}
        right |= {Regime.PERIODIC} if system.regime == "torus" else set()
        wrong = {regime: said[regime] for regime in CONFIDENCE if regime not in right}
        most = max(wrong, key=lambda regime: wrong[regime])
        rows.append(
            {"system": system.name, "true": system.regime, "taken for": most.value, "wrong": sum(wrong.values())}
        )
    return sorted(rows, key=lambda row: -float(row["wrong"]))[:count]


def cost(take: Callable[[Array], object], vectors: Array) -> Array:
    """Microseconds of processor time that each vector takes, after the first thousand."""
    took = np.empty(len(vectors))
    for at, vector in enumerate(vectors):
        begun = time.thread_time_ns()
        take(vector)
        took[at] = time.thread_time_ns() - begun
    return took[1_000:] / 1e3


def costs(report: Report) -> None:
    """What one vector takes."""
    rng = np.random.default_rng(1)
    rows, bars = [], {}
    for name, make, channels in (
        ("onset", Onset, 1),
        ("onset", Onset, 52),
        ("regime", RegimeWatch, 1),
        ("regime", RegimeWatch, 8),
        ("regime", RegimeWatch, 52),
    ):
        took = cost(make(channels).update, 20.0 + rng.standard_normal((TIMED, channels)))
        # looks come once in HOP vectors, and not all scales look at once
        amortised = took[: len(took) // HOP * HOP].reshape(-1, HOP).mean(axis=1)
        p50, p99 = np.quantile(took, [0.5, 0.99])
        bars[name, channels] = float(p99), float(np.quantile(amortised, 0.99))
        rows.append(
            {
                "update": name,
                "channels": channels,
                "mean": float(took.mean()),
                "half": float(p50),
                "99 of 100": float(p99),
                f"99 of 100, over {HOP}": bars[name, channels][1],
            }
        )
    report.table("Microseconds a vector", rows)
    report.at_most(10.0, "onset, 52 channels, 99 of 100", bars["onset", 52][0], "us")
    report.at_most(100.0, f"regime, 8 channels, 99 of 100, over {HOP} vectors", bars["regime", 8][1], "us")


def measure(report: Report) -> None:
    """Watch every stream, then print the tables, then the bars."""
    costs(report)
    streams = list(heard())
    report.note(f"{len(systems())} systems, {len(streams)} streams")
    report.table("What is said, by what is true, in parts of 1", confusion(streams))
    known = sureness(streams)
    report.table(
        "By what is said",
        [
            {"regime": regime.value, "right": right, "stated": CONFIDENCE[regime], "found": found}
            for regime, (right, found) in known.items()
        ],
    )
    clean = [
        {
            "noise": f"{noise:.0%}",
            **{r.value: right for r, (right, _) in sureness([each for each in streams if each.noise == noise]).items()},
        }
        for noise in NOISES
    ]
    report.table("Right where said, by noise", clean)
    report.table("Systems that something wrong is said of", worst(streams))
    delays = [each.noticed for each in streams if each.noticed is not None]
    half, most = np.quantile(delays, [0.5, 0.9])
    report.note(f"transient: noticed after {half:.0f} vectors in half of the streams, {most:.0f} in nine of ten")
    for regime, (right, _) in known.items():
        # a quarter of the streams tells shares less exactly
        report.at_least(
            CONFIDENCE[regime] - (0.05 if "--quick" in sys.argv[1:] else 0.02),
            f"right where {regime.value} is said",
            right,
        )


if __name__ == "__main__":
    main(measure)
