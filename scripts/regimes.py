"""Make the table by which regimes are told: simulate the systems, compute indicators, grow trees, calibrate.

python scripts/regimes.py [--seed 1] [--keep FOLDER] [--out FILE]

The same seed gives the same table, byte for byte, with the same numpy, scipy and scikit-learn. Errors that are printed are
of systems left out of the training they are tried on, a fifth of all at a time; no decision was made by any others.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from regime_simulation import Array, System, noisy
from regime_systems import SYSTEMS

from midstream_cli.attractor.regime.indicators import NAMES, indicators

SEED = 1
REGIMES = ("point", "limit-cycle", "torus", "strange", "noise")
LENGTHS = (128, 300, 1_000, 3_000)
DRAWS = 8
"""Series of each system and length."""


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
    file = folder / f"samples_{seed}.npz"
    if not file.exists():
        np.savez(file, **simulated(seed)._asdict())
    with np.load(file, allow_pickle=False) as found:
        return Samples(*(found[name] for name in Samples._fields))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    samples = kept(given.seed, given.keep)
    print(samples.values.shape, np.isfinite(samples.values).all())
    return 0


if __name__ == "__main__":
    sys.exit(main())
