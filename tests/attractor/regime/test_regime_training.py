"""The table of regimes is what its command makes."""

import json
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from midstream_cli.attractor.regime import classifier

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def regimes(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(ROOT / "scripts")
    return import_module("regimes")


def test_the_table_was_made_for_the_indicators_that_there_are(regimes: ModuleType) -> None:
    said = json.loads(files(classifier.__package__).joinpath(classifier.TABLE).read_text())
    now = regimes.check(regimes.SEED)
    assert set(now) == set(said["check"]) == set(regimes.CHECKED)
    for name, values in said["check"].items():
        assert now[name] == pytest.approx(values, rel=1e-3, abs=1e-3), f"{name}: run scripts/regimes.py"


def test_the_same_seed_makes_the_same_table(regimes: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("sklearn")
    monkeypatch.setattr(regimes, "LENGTHS", (128, 140))
    monkeypatch.setattr(regimes, "FOLDS", 2)
    monkeypatch.setattr(regimes, "DRAWS", 1)
    monkeypatch.setattr(regimes, "TREES", 3)
    quick = [each for each in regimes.SYSTEMS if type(each.draw).__name__ in {"function", "Map"}]
    some = tuple(each for regime in regimes.REGIMES for each in [q for q in quick if q.regime == regime][:3])

    def made(seed: int) -> str:
        return json.dumps(regimes.table_of(regimes.simulated(seed, some), seed))

    assert made(1) == made(1) != made(2)


def test_training_and_test_systems_have_no_name_in_common(regimes: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    unseen = import_module("attractor_regime_systems").SYSTEMS
    assert not {each.name.lower() for each in regimes.SYSTEMS} & {each.name.lower() for each in unseen}
    assert len(regimes.SYSTEMS) >= 150
    assert len(unseen) >= 36


def test_a_system_drawn_twice_from_the_same_numbers_is_the_same(regimes: ModuleType) -> None:
    for system in regimes.SYSTEMS:
        if type(system.draw).__name__ in {"function", "Map"}:
            one, other = (system.draw(np.random.default_rng(5), 150, 16.0) for _ in range(2))
            assert (one == other).all(), system.name
            assert one.shape == (150,)
