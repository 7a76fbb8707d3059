"""The exponents that systems are said to have, derived once more from their equations."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import numpy.typing as npt
import pytest

from midstream_cli.streams.simulate.dynamics.systems import SYSTEMS

BENCHMARKS = Path(__file__).resolve().parents[3] / "benchmarks"


@pytest.fixture(scope="module")
def truth() -> ModuleType:
    """The benchmarks are no package."""
    sys.path.insert(0, str(BENCHMARKS))
    try:
        spec = importlib.util.spec_from_file_location("attractor_truth", BENCHMARKS / "attractor_truth.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(BENCHMARKS))
    return module


@pytest.mark.parametrize("name", ["logistic", "henon", "ikeda"])
def test_exponents_of_maps(truth: ModuleType, name: str) -> None:
    found = truth.of_map(name, courses=400, steps=500)
    assert_stated(found.value, found.error, SYSTEMS[name].exponents)


@pytest.mark.parametrize(
    ("name", "courses", "seconds", "settling_s"),
    [
        ("lorenz", 200, 20.0, 10.0),
        ("rossler", 100, 58.7, 40.0),  # ten turns: all courses turn together
        ("ueda", 200, 50.0, 30.0),
        ("van_der_pol", 2, 66.6, 40.0),
    ],
)
def test_exponents_of_flows(truth: ModuleType, name: str, courses: int, seconds: float, settling_s: float) -> None:
    found = truth.of_flow(name, courses=courses, seconds=seconds, settling_s=settling_s)
    assert_stated(found.value, found.error, SYSTEMS[name].exponents)


def test_the_largest_exponent_of_a_flow_with_a_delay(truth: ModuleType) -> None:
    found = truth.of_delay(17.0, courses=100, seconds=2500.0, settling_s=1000.0, per_delay=34)
    assert_stated(found.value, found.error, SYSTEMS["mackey_glass"].exponents[:1])


def assert_stated(value: npt.NDArray[np.float64], error: npt.NDArray[np.float64], stated: tuple[float, ...]) -> None:
    """Within four standard errors and one per cent, or 0.004 of 0; the largest, where it is not 0, is known to 5 %."""
    assert len(value) == len(stated)
    known = np.array(stated)
    assert error[0] <= 0.05 * known[0] or known[0] == 0
    assert (np.abs(value - known) < 4 * error + np.where(known == 0, 0.004, 0.01 * np.abs(known))).all()
