"""Embedding dimensions against loops over all pairs, and what is known of famous systems."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.attractor.embedding import dimension
from midstream_cli.attractor.embedding.dimension import Cao, cao, embedding_dimension, false_neighbours
from midstream_cli.errors import InsufficientData, UsageError
from midstream_cli.frames import Float64
from midstream_cli.streams.simulate.dynamics.playing import Sampling, series
from strategies import few, seeds


def pairs_twin(x: Float64, delay: int, d: int, most: int, theiler: int, norm: float) -> list[tuple[float, float]]:
    """The distance to the nearest state in d dimensions and in the new coordinate, by looking at all of them."""
    states = len(x) - most * delay
    vectors = [[x[i + k * delay] for k in range(d + 1)] for i in range(states)]
    found = []
    for i, mine in enumerate(vectors):
        best = min(
            (
                (float(np.linalg.norm(np.subtract(mine[:d], each[:d]), norm)), j)
                for j, each in enumerate(vectors)
                if abs(i - j) > theiler
            ),
            default=None,
        )
        if best is not None:
            found.append((max(best[0], 1e-3), abs(mine[d] - vectors[best[1]][d])))
    return found


@few
@given(seeds, st.integers(60, 110), st.integers(1, 3), st.integers(0, 4))
def test_caos_quotients_are_those_of_all_pairs(seed: int, n: int, delay: int, theiler: int) -> None:
    x = np.cumsum(np.random.default_rng(seed).normal(size=n))
    z = (x - x.mean()) / x.std()
    means, steps = [], []
    for d in range(1, 5):
        pairs = pairs_twin(z, delay, d, 4, theiler, np.inf)
        means.append(sum(max(near, step) / near for near, step in pairs) / len(pairs))
        steps.append(sum(step for _, step in pairs) / len(pairs))
    found = cao(x, delay, theiler=theiler, max_dimension=3)
    assert np.allclose(found.e1, np.divide(means[1:], means[:-1]), rtol=1e-9)
    assert np.allclose(found.e2, np.divide(steps[1:], steps[:-1]), rtol=1e-9)


@few
@given(seeds, st.integers(60, 110), st.integers(1, 3), st.integers(0, 4))
def test_false_neighbours_are_those_of_all_pairs(seed: int, n: int, delay: int, theiler: int) -> None:
    x = np.cumsum(np.random.default_rng(seed).normal(size=n))
    z = (x - x.mean()) / x.std()
    shares = []
    for d in range(1, 5):
        pairs = pairs_twin(z, delay, d, 4, theiler, 2)
        shares.append(sum(step > 10 * near or math.hypot(near, step) > 2 for near, step in pairs) / len(pairs))
    assert false_neighbours(x, delay, theiler=theiler, max_dimension=4).share.tolist() == pytest.approx(shares)


KNOWN = [
    ("lorenz", 9, 80, 3, 5),
    ("rossler", 13, 117, 3, 4),
    ("mackey_glass", 12, 98, 4, 5),
    ("henon", 1, 1, 2, 3),
    ("logistic", 1, 1, 1, 2),
    ("sine", 12, 100, 1, 2),
    ("torus", 3, 30, 3, 4),
]


@pytest.mark.parametrize(("name", "delay", "theiler", "low", "high"), KNOWN)
@pytest.mark.parametrize("n", [1000, 5000])
def test_famous_systems_unfold_where_they_should(
    name: str, delay: int, theiler: int, low: int, high: int, n: int
) -> None:
    x = series(name, Sampling(samples=n))[:, 0]
    found = embedding_dimension(x, delay, theiler=theiler)
    assert isinstance(found, Cao)
    assert low <= found.dimension <= high
    assert not found.is_random
    fewer = embedding_dimension(x, delay, theiler=theiler, method="false-neighbours").dimension
    assert low - 1 <= fewer <= high


@pytest.mark.parametrize("seed", range(5))
def test_white_noise_is_told_by_the_second_quotient(seed: int) -> None:
    x = np.random.default_rng(seed).normal(size=3000)
    found = cao(x, 1)
    assert found.is_random
    assert found.dimension > 4


def test_states_of_several_channels_need_no_copies() -> None:
    x = series("lorenz", Sampling(samples=3000))
    assert embedding_dimension(x, 9, theiler=80).dimension == 1


def test_of_a_long_series_a_part_says_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    x = series("lorenz", Sampling(samples=12_000))[:, 0]
    whole = cao(x, 9, theiler=80)
    monkeypatch.setattr(dimension, "POINTS", 3000)
    part = cao(x, 9, theiler=80)
    assert abs(part.dimension - whole.dimension) <= 1
    # fewer states are farther apart, and unfold a little less
    assert np.abs(part.e1[2:] - whole.e1[2:]).max() < 0.15


def test_what_does_not_move_has_one_dimension() -> None:
    assert cao(np.full(100, 0.3), 1).dimension == 1
    assert false_neighbours(np.full(100, 0.3), 1).dimension == 1


def test_a_clean_cycle_is_not_made_of_rounding() -> None:
    assert cao(np.sin(np.arange(1000) / 1.2), 2, theiler=15).dimension == 2
    # where states come back exactly, no neighbour parts from another
    assert cao(np.tile(np.sin(2 * math.pi * np.arange(25) / 25), 40), 6, theiler=24).dimension == 1


def test_a_short_series_says_how_much_is_missing() -> None:
    with pytest.raises(InsufficientData) as missing:
        cao(np.arange(15.0), 3)
    assert missing.value.missing == 8


@pytest.mark.parametrize("wrong", [{"delay": 0}, {"theiler": -1}, {"max_dimension": 0}, {"method": "kennel"}])
def test_an_embedding_that_does_not_exist_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        embedding_dimension(**{"x": np.random.default_rng(1).normal(size=99), "delay": 1} | wrong)  # type: ignore[arg-type]
