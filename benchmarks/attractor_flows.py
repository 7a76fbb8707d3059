"""Chaotic flows nobody tuned to: the dysts catalogue, split by a rule that was written down before the first run.

The rule:

- Tried are all flows of dysts 0.96 that have no delay and whose equations it compiles (109 of its 135, those with a
  forcing included).
- Eligible are those of which one coordinate at least stays bounded, and whose largest exponent in the catalogue
  (`maximum_lyapunov_estimated`) agrees within 15 % with the one that `attractor_flow_motion.py` finds from the
  equations with a standard error below 5 %. The truth is the latter.
- DEVELOPMENT, to tune on, are the eligible flows whose place in the alphabetical order of the whole catalogue, counted
  from 0, is divisible by three, and Lorenz's, which everybody knows; ACCEPTANCE, which accepts what was tuned, all others.
- Observed is the first coordinate that stays bounded, at 50 samples of the catalogue's period, after 200 periods of
  settling from the catalogue's initial state; a seed chooses the stretch and the noise.

`MIDSTREAM_FLOWS` names a folder that keeps the trajectories; without it they lie in the temporary folder.
"""

import os
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

SAMPLES_A_PERIOD = 50

KEPT = 40_000
"""Samples of the trajectory of which a seed chooses a stretch."""


class Flow(NamedTuple):
    """What is true of a flow; time is the flow's own."""

    largest: float
    """Largest exponent per unit of time, by tangents of the flow over 2,000 periods."""
    error: float
    """Its standard error."""
    period: float
    """As the catalogue has it."""
    observed: int
    """The coordinate that `series` shows."""


DEVELOPMENT = (
    "Duffing",
    "HyperJha",
    "HyperPang",
    "HyperWang",
    "HyperYangChen",
    "Lorenz",
    "LorenzStenflo",
    "NuclearQuadrupole",
    "QiChen",
    "RikitakeDynamo",
    "Sakarya",
    "SprottB",
)
"""Flows to tune on."""

ACCEPTANCE = (
    "BurkeShaw",
    "Chen",
    "ChenLee",
    "Dadras",
    "Finance",
    "ForcedBrusselator",
    "GenesioTesi",
    "Hadley",
    "Halvorsen",
    "HyperBao",
    "HyperCai",
    "HyperQi",
    "HyperXu",
    "HyperYan",
    "Laser",
    "Lorenz84",
    "LorenzBounded",
    "LorenzCoupled",
    "LuChen",
    "LuChenCheng",
    "NewtonLiepnik",
    "Qi",
    "RayleighBenard",
    "Rucklidge",
    "ShimizuMorioka",
    "SprottC",
    "SprottD",
    "SprottF",
    "SprottH",
    "ThomasLabyrinth",
    "WangSun",
    "ZhouChen",
)
"""Flows to accept with: look at them only at the end."""

FLOWS: dict[str, Flow] = {
    "Duffing": Flow(0.13325, 0.0037, 7.4496, 0),
    "HyperJha": Flow(0.33962, 0.011, 0.856447, 0),
    "HyperPang": Flow(1.4318, 0.013, 0.843937, 0),
    "HyperWang": Flow(1.1704, 0.032, 0.648152, 0),
    "HyperYangChen": Flow(0.37382, 0.0083, 0.912703, 0),
    "Lorenz": Flow(0.90393, 0.0034, 1.5008, 0),
    "LorenzStenflo": Flow(0.38232, 0.0014, 3.88771, 0),
    "NuclearQuadrupole": Flow(0.28742, 0.005, 6.02308, 0),
    "QiChen": Flow(4.0229, 0.044, 0.39179, 0),
    "RikitakeDynamo": Flow(0.12636, 0.0014, 5.8975, 0),
    "Sakarya": Flow(0.26422, 0.0037, 4.9844, 0),
    "SprottB": Flow(0.21016, 0.00077, 11.0501, 0),
    "BurkeShaw": Flow(2.3323, 0.017, 0.78333, 0),
    "Chen": Flow(2.0552, 0.02, 0.58689, 0),
    "ChenLee": Flow(0.14384, 0.0017, 2.8043, 0),
    "Dadras": Flow(0.37427, 0.0054, 3.2886, 0),
    "Finance": Flow(0.091281, 0.00098, 9.8932, 0),
    "ForcedBrusselator": Flow(0.015712, 0.00038, 20.411, 0),
    "GenesioTesi": Flow(0.10575, 0.0023, 5.9431, 0),
    "Hadley": Flow(0.21543, 0.0078, 1.4541, 0),
    "Halvorsen": Flow(0.68921, 0.0088, 1.4889, 0),
    "HyperBao": Flow(0.7505, 0.012, 0.583151, 0),
    "HyperCai": Flow(1.7108, 0.028, 0.611394, 0),
    "HyperQi": Flow(12.307, 0.17, 0.0618604, 0),
    "HyperXu": Flow(0.9969, 0.0088, 1.13282, 0),
    "HyperYan": Flow(1.232, 0.023, 0.912703, 0),
    "Laser": Flow(0.57394, 0.0048, 0.94667, 0),
    "Lorenz84": Flow(0.42637, 0.0032, 6.2586, 0),
    "LorenzBounded": Flow(0.71618, 0.0024, 1.3716, 0),
    "LorenzCoupled": Flow(1.0508, 0.0015, 1.6207, 0),
    "LuChen": Flow(0.31274, 0.0061, 2.3385, 0),
    "LuChenCheng": Flow(0.27046, 0.0043, 0.92333, 0),
    "NewtonLiepnik": Flow(0.13979, 0.002, 8.5095, 0),
    "Qi": Flow(2.1482, 0.032, 0.40821, 0),
    "RayleighBenard": Flow(1.8093, 0.02, 0.91967, 0),
    "Rucklidge": Flow(0.19245, 0.0015, 6.0721, 0),
    "ShimizuMorioka": Flow(0.035721, 0.00024, 12.038, 0),
    "SprottC": Flow(0.16508, 0.0019, 8.8852, 0),
    "SprottD": Flow(0.10238, 0.0024, 4.8333, 0),
    "SprottF": Flow(0.11831, 0.0011, 19.244, 0),
    "SprottH": Flow(0.11597, 0.0012, 20.229, 0),
    "ThomasLabyrinth": Flow(1.3135, 0.007, 6.05, 0),
    "WangSun": Flow(0.064611, 0.0004, 26.958, 0),
    "ZhouChen": Flow(0.7199, 0.024, 0.87518, 0),
}
"""What is true of the eligible flows."""


def rate_hz(name: str) -> float:
    """Samples per unit of the flow's time."""
    return SAMPLES_A_PERIOD / FLOWS[name].period


def truth_per_sample(name: str) -> float:
    """The largest exponent of a flow, in nats a sample of `series`."""
    return FLOWS[name].largest / rate_hz(name)


def series(name: str, n: int, noise: float = 0.0, seed: int = 0) -> NDArray[np.float64]:
    """One observed coordinate, of mean 0 and standard deviation 1 before the noise; shape (n,).

    Args:
        name: a flow of the tables above.
        n: samples, at most `KEPT`.
        noise: standard deviation of white observational noise, as a share of the coordinate's.
        seed: of the stretch and of the noise.

    Raises:
        ImportError: dysts or numba is not installed, and the trajectory is not kept.
    """
    whole = _trajectory(name)
    random = np.random.default_rng([seed, *name.encode()])
    start = int(random.integers(0, len(whole) - n + 1))
    found = whole[start : start + n]
    found = (found - found.mean()) / found.std()
    seen: NDArray[np.float64] = found + noise * random.standard_normal(n)
    return seen


def _trajectory(name: str) -> NDArray[np.float64]:
    folder = Path(os.environ.get("MIDSTREAM_FLOWS") or Path(tempfile.gettempdir()) / "midstream-flows")
    path = folder / f"{name}-{SAMPLES_A_PERIOD}-{KEPT}.npy"
    if path.exists():
        kept: NDArray[np.float64] = np.load(path)
        return kept
    from attractor_flow_motion import SETTLING, motion

    moving = motion(name)
    between = max(1, round(moving.period / SAMPLES_A_PERIOD / moving.step))
    step = moving.period / SAMPLES_A_PERIOD / between
    settled = moving.walk(moving.start, step, between * SAMPLES_A_PERIOD * SETTLING, 2)[1]
    found = np.ascontiguousarray(moving.walk(settled, step, between, KEPT)[:, moving.observed])
    folder.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(f".{os.getpid()}.npy")
    np.save(partial, found)
    partial.replace(path)
    return found
