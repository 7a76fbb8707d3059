"""Which regime it is, with probabilities that can be believed."""

import json
from importlib.resources import files

import numpy as np
import pytest

from midstream_cli.attractor.regime import classifier
from midstream_cli.attractor.regime.classifier import Table, classify, probabilities, table
from midstream_cli.attractor.regime.indicators import NAMES, Indicators, indicators
from midstream_cli.attractor.regime.types import AttractorType
from midstream_cli.errors import InsufficientData, UsageError

T = np.arange(1_000)


def random(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def logistic(n: int = 1_000) -> np.ndarray:
    x = [0.37]
    for _ in range(n - 1):
        x.append(3.97 * x[-1] * (1 - x[-1]))
    return np.array(x)


def lorenz(n: int = 1_000, step: float = 0.005, every: int = 8) -> np.ndarray:
    state, out = np.array([1.0, 2.0, 20.0]), np.empty(n)
    for k in range(-1_000, n * every):
        x, y, z = state
        half = state + step / 2 * np.array([10 * (y - x), x * (28 - z) - y, x * y - 8 / 3 * z])
        x, y, z = half
        state = state + step * np.array([10 * (y - x), x * (28 - z) - y, x * y - 8 / 3 * z])
        if k >= 0 and k % every == 0:
            out[k // every] = state[0]
    return out


def resonant_noise() -> np.ndarray:
    shock, x = random().standard_normal(1_500), [0.0, 0.0]
    for each in shock:
        x.append(1.75 * x[-1] - 0.88 * x[-2] + each)
    return np.array(x[-1_000:])


SERIES = {
    "ring-down": (AttractorType.POINT, np.exp(-T / 120) * np.cos(0.4 * T)),
    "relaxation": (AttractorType.POINT, np.exp(-T / 90)),
    "saw": (AttractorType.LIMIT_CYCLE, (T / 23.7) % 1),
    "sine": (AttractorType.LIMIT_CYCLE, np.sin(0.31 * T)),
    "two sines": (AttractorType.TORUS, np.sin(0.31 * T) + 0.8 * np.sin(0.31 * np.sqrt(3) * T)),
    "beside each other": (AttractorType.TORUS, np.sin(0.2 * T) + np.cos(0.2 * (1 + np.sqrt(5)) / 2 * T)),
    "logistic": (AttractorType.STRANGE, logistic()),
    "Lorenz": (AttractorType.STRANGE, lorenz()),
    "white": (AttractorType.NOISE, random().standard_normal(1_000)),
    "resonant": (AttractorType.NOISE, resonant_noise()),
}


@pytest.mark.parametrize("noise", [0.0, 0.02, 0.05])
@pytest.mark.parametrize("name", SERIES)
def test_simple_systems_are_told_right(name: str, noise: float) -> None:
    regime, x = SERIES[name]
    found = classify(x + noise * x.std() * random(1).standard_normal(len(x)))
    assert max(found.probabilities, key=lambda each: found.probabilities[each]) is regime


@pytest.mark.parametrize("name", SERIES)
def test_probabilities_are_of_five_regimes_and_sum_to_one(name: str) -> None:
    found = classify(SERIES[name][1])
    assert set(found.probabilities) == set(AttractorType) - {AttractorType.UNKNOWN}
    assert sum(found.probabilities.values()) == pytest.approx(1)
    assert found.confidence == max(found.probabilities.values())
    assert min(found.probabilities.values()) > 0


@pytest.mark.parametrize(("scale", "level"), [(1e-200, 0.0), (1e200, 0.0), (-3.0, 0.0), (1.0, 1e6), (2.0**40, 2.0**45)])
def test_scale_and_level_do_not_matter(scale: float, level: float) -> None:
    x = np.round(SERIES["Lorenz"][1] * 2.0**20) / 2.0**20  # so that adding the level loses nothing
    own, other = indicators(x).values, indicators(scale * x + level).values
    assert np.allclose(own, other, atol=2e-3) or scale < 0  # patterns of rank turn over with the sign
    assert classify(scale * x + level).attractor_type is AttractorType.STRANGE


def test_what_does_not_move_is_a_point() -> None:
    found = classify(np.full(200, 7.25))
    assert (found.attractor_type, found.confidence) == (AttractorType.POINT, 1.0)


def test_where_two_regimes_are_as_likely_the_answer_is_unknown() -> None:
    rng = random(3)
    own = np.array([indicators(x).values for _, x in SERIES.values()])
    mixes = [np.where(rng.random(len(NAMES)) < 0.5, own[i], own[j]) for i in range(len(own)) for j in range(i)]
    said = [classify(Indicators(mix, 1_000)) for mix in mixes]
    unknown = [each for each in said if each.attractor_type is AttractorType.UNKNOWN]
    assert unknown
    assert all(each.confidence < table().least and "too close to say" in each.reason for each in unknown)
    assert all(each.confidence >= table().least and not each.reason for each in said if each not in unknown)


def test_too_few_samples_are_not_judged() -> None:
    with pytest.raises(InsufficientData, match="100 samples"):
        classify(np.sin(np.arange(99)))


@pytest.mark.parametrize("x", [np.full(200, np.nan), np.zeros((200, 2)), np.append(np.zeros(200), np.inf)])
def test_what_is_no_series_is_an_error(x: np.ndarray) -> None:
    with pytest.raises(UsageError):
        classify(x)


def walked(values: np.ndarray, said: dict[str, list[int]], known: Table) -> np.ndarray:
    """The shares of the leaf that a tree as written leads to, level by level."""
    feature, threshold, shares = (list(said[name]) for name in ("feature", "threshold", "shares"))
    at, inner, leaves = 0, 0, 0
    places = []
    for each in feature:
        places.append((inner, None) if each >= 0 else (None, leaves))
        inner, leaves = inner + (each >= 0), leaves + (each < 0)
    while feature[at] >= 0:
        order = places[at][0]
        assert order is not None
        at = 1 + 2 * order + int(values[feature[at]] >= threshold[order])
    leaf = np.array(shares[places[at][1] or 0], float)
    assert len(leaf) == len(known.regimes)
    return np.asarray(leaf / leaf.sum())


def test_all_trees_at_once_say_what_each_of_them_says() -> None:
    said = json.loads(files(classifier.__package__).joinpath(classifier.TABLE).read_text())
    known = table()
    values = np.array([indicators(x).values for _, x in SERIES.values()])
    for row, found in zip(values, probabilities(values, known), strict=True):
        shares = np.mean([walked(row, tree, known) for tree in said["trees"]], axis=0)
        expected = np.exp(known.sharpness * np.log(shares + 1e-3) + known.level)
        assert found == pytest.approx(expected / expected.sum(), rel=1e-9)


def test_a_table_for_other_indicators_is_refused() -> None:
    with pytest.raises(ValueError, match="other indicators"):
        classifier.read({"indicators": ["one"]})


def test_the_table_is_small() -> None:
    assert len(files(classifier.__package__).joinpath(classifier.TABLE).read_bytes()) < 300_000
