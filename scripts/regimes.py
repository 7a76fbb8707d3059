"""Make the table by which regimes are told: simulate the systems, compute indicators, grow trees, calibrate.

python scripts/regimes.py [--seed 1] [--keep FOLDER] [--out FILE]

The same seed gives the same table, byte for byte, with the same numpy, scipy and scikit-learn. Errors that are printed are
of systems left out of the training they are tried on, a fifth of all at a time; no decision was made by any others.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from regime_simulation import Array, System, noisy
from regime_systems import SYSTEMS

from midstream_cli.attractor.regime import classifier
from midstream_cli.attractor.regime.classifier import TABLE, probabilities, read
from midstream_cli.attractor.regime.indicators import NAMES, indicators

SEED = 1
REGIMES = ("point", "limit_cycle", "torus", "strange", "noise")
LENGTHS = (128, 300, 1_000, 3_000)
DRAWS = 8
"""Series of each system and length."""

TREES, LEAVES, LEAF = 80, 100, 3
FOLDS = 5
CHECKED = ("noisy relaxation", "smooth wave", "two tones", "ringing noise")
UNKNOWN = 0.1
"""The share of series of systems left out that are not said."""


class Samples(NamedTuple):
    """What the table is made from."""

    values: Array
    """Indicators, shape (samples, indicators)."""
    regime: NDArray[np.int64]
    system: NDArray[np.int64]
    length: NDArray[np.int64]
    noise: Array


def simulated(seed: int, systems: tuple[System, ...] = SYSTEMS) -> Samples:
    """Series of every system at every length, at random rates and with random noise, and their indicators."""
    rows = []
    for which, system in enumerate(systems):
        for length in LENGTHS:
            rng = np.random.default_rng([seed, which, length])
            for draw in range(DRAWS):
                rate = float(np.exp(rng.uniform(np.log(7), np.log(45))))
                noise = 0.0 if draw % 4 == 0 else float(np.exp(rng.uniform(np.log(0.005), np.log(0.12))))
                x = noisy(rng, system.draw(rng, length, rate), noise)
                rows.append((indicators(x).values, REGIMES.index(system.regime), which, length, noise))
    values, regime, which_of, lengths, noises = zip(*rows, strict=True)
    return Samples(np.array(values), np.array(regime), np.array(which_of), np.array(lengths), np.array(noises))


def kept(seed: int, folder: Path | None) -> Samples:
    """The samples, from a folder where they were kept for the same indicators."""
    if folder is None:
        return simulated(seed)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"samples_{seed}.npz"
    if not file.exists():
        np.savez(file, **simulated(seed)._asdict())
    with np.load(file, allow_pickle=False) as found:
        return Samples(*(found[name] for name in Samples._fields))


def left_out(samples: Samples) -> NDArray[np.int64]:
    """For each sample the fold that its system is left out in; every fold has systems of each regime."""
    rng = np.random.default_rng(0)
    fold = np.zeros(samples.system.max() + 1, np.int64)
    for regime in range(len(REGIMES)):
        those = rng.permutation(np.unique(samples.system[samples.regime == regime]))
        fold[those] = np.arange(len(those)) % FOLDS
    return fold[samples.system]


def trees(samples: Samples, used: NDArray[np.bool_]) -> list[dict[str, Any]]:
    """Extremely randomised trees (Geurts, Ernst and Wehenkel 2006), each regime of the same weight."""
    from sklearn.ensemble import ExtraTreesClassifier

    regime = samples.regime[used]
    weight = (1 / np.bincount(regime))[regime] * len(regime) / len(REGIMES)
    grown = ExtraTreesClassifier(TREES, min_samples_leaf=LEAF, max_leaf_nodes=LEAVES, max_features=0.3, random_state=0)
    grown.fit(samples.values[used], regime, sample_weight=weight)
    return [written(each.tree_) for each in grown.estimators_]


def written(tree: Any) -> dict[str, Any]:
    """A tree by its levels: features with -1 for leaves, thresholds of the others, shares of the leaves in percent."""
    feature, threshold, shares, level = [], [], [], [0]
    while level:
        below = []
        for node in level:
            leaf = tree.children_left[node] < 0
            feature.append(-1 if leaf else int(tree.feature[node]))
            if leaf:
                shares.append(np.round(100 * tree.value[node, 0] / tree.value[node, 0].sum()).astype(int).tolist())
            else:
                # a value at the threshold goes left in scikit-learn, right here: no value is ever at it
                threshold.append(float(f"{tree.threshold[node]:.4g}"))
                below += [tree.children_left[node], tree.children_right[node]]
        level = below
    return {"feature": feature, "threshold": threshold, "shares": shares}


def made(grown: list[dict[str, Any]], sharpness: float, level: Array, least: float, seed: int) -> dict[str, Any]:
    """The table as JSON holds it."""
    return {
        "made by": f"python scripts/regimes.py --seed {seed}",
        "indicators": list(NAMES),
        "regimes": list(REGIMES),
        "depth": max(depth_of(tree["feature"]) for tree in grown),
        "sharpness": round(sharpness, 3),
        "level": [round(float(each), 3) for each in level],
        "least": round(least, 3),
        "check": check(seed),
        "trees": grown,
    }


def depth_of(feature: list[int]) -> int:
    """Levels below the root of a tree that is written by its levels."""
    depth, start, width = 0, 0, 1
    while any(each >= 0 for each in feature[start : start + width]):
        start, width = start + width, 2 * sum(each >= 0 for each in feature[start : start + width])
        depth += 1
    return depth


def check(seed: int) -> dict[str, list[float]]:
    """Indicators of series that no rounding can change: a table that was made for others is out of date."""
    out = {}
    for system in SYSTEMS:
        if system.name in CHECKED:
            x = system.draw(np.random.default_rng(seed), LENGTHS[1], 16.0)
            out[system.name] = [float(f"{each:.6g}") for each in indicators(x).values]
    return out


def calibrated(shares: Array, regime: NDArray[np.int64], weight: Array) -> tuple[float, Array]:
    """The sharpness and the levels with which probabilities of systems that were left out are likeliest."""
    from scipy.optimize import minimize

    logs = np.log(shares + 1e-3)

    def unlikely(given: Array) -> float:
        scores = np.exp(given[0]) * logs + given[1:]
        scores = scores - scores.max(axis=1, keepdims=True)
        chosen = scores[np.arange(len(regime)), regime] - np.log(np.exp(scores).sum(axis=1))
        return float(-(weight @ chosen) / weight.sum() + 0.01 * (given[1:] ** 2).sum())

    found = minimize(unlikely, np.zeros(1 + len(REGIMES)), method="BFGS").x
    return float(np.exp(found[0])), found[1:] - found[1:].mean()


def table_of(samples: Samples, seed: int) -> dict[str, Any]:
    """The table, calibrated on systems that were left out of the trees that judge them."""
    fold, plain = left_out(samples), np.zeros(len(REGIMES))
    shares = np.empty((len(fold), len(REGIMES)))
    for each in range(FOLDS):
        grown = read(made(trees(samples, fold != each), 1.0, plain, 0.0, seed))
        shares[fold == each] = probabilities(samples.values[fold == each], grown)
    weight = (1 / np.bincount(samples.regime))[samples.regime]
    sharpness, level = calibrated(shares, samples.regime, weight)
    logs = sharpness * np.log(shares + 1e-3) + level
    sure = np.exp(logs - logs.max(axis=1, keepdims=True))
    sure /= sure.sum(axis=1, keepdims=True)
    least = float(np.quantile(sure.max(axis=1)[samples.length >= LENGTHS[1]], UNKNOWN))
    say(samples, sure, least)
    return made(trees(samples, fold >= 0), sharpness, level, least, seed)


def say(samples: Samples, shares: Array, least: float) -> None:
    """How often systems that were left out are told right."""
    right, sure = shares.argmax(axis=1) == samples.regime, shares.max(axis=1)
    long = samples.length >= LENGTHS[1]
    print(
        f"systems left out: {right[long].mean():.3f} right, {right[long & (sure >= least)].mean():.3f} where surer than {least:.2f}"
    )
    for length in LENGTHS:
        print(f"  {length} samples: {right[samples.length == length].mean():.3f}")
    for number, regime in enumerate(REGIMES):
        print(f"  {regime}: {right[long & (samples.regime == number)].mean():.3f}")
    for low in np.arange(0.3, 1.0, 0.1):
        within = (sure >= low) & (sure < low + 0.1 + 1e-9)
        print(
            f"  sure {low:.1f} to {low + 0.1:.1f}: {right[within].mean() if within.any() else np.nan:.2f} of {within.sum()}"
        )


def main() -> int:
    """Make the table, and say how well it does."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--keep", type=Path, help="a folder for the indicators, which take minutes to compute")
    parser.add_argument("--out", type=Path, default=Path(classifier.__file__).parent / TABLE)
    given = parser.parse_args()
    table = table_of(kept(given.seed, given.keep), given.seed)
    given.out.write_text(
        json.dumps(table, separators=(",", ":")).replace('{"feature', '\n{"feature') + "\n", encoding="utf-8"
    )
    print(f"{given.out}: {given.out.stat().st_size / 1000:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
