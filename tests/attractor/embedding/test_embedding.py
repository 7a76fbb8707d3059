"""The embedding that is chosen, and what of it can be given."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.attractor.embedding.delay_vectors import embed
from midstream_cli.attractor.embedding.embedding import LEAST, choose
from midstream_cli.attractor.embedding.theiler import theiler_window
from midstream_cli.errors import InsufficientData, UsageError
from midstream_cli.streams.simulate.dynamics.playing import Sampling, series
from strategies import few, seeds, some


@pytest.mark.parametrize(
    ("name", "delays", "dimensions", "windows"),
    [
        ("lorenz", (7, 12), (3, 5), (60, 120)),
        ("rossler", (11, 16), (3, 5), (110, 120)),
        ("mackey_glass", (9, 14), (3, 6), (90, 106)),
        ("henon", (1, 1), (2, 3), (1, 10)),
        ("sine", (11, 13), (2, 2), (99, 101)),
        ("white_noise", (1, 1), (4, 10), (1, 3)),
    ],
)
def test_famous_systems(
    name: str, delays: tuple[int, int], dimensions: tuple[int, int], windows: tuple[int, int]
) -> None:
    found = choose(series(name, Sampling(samples=5000))[:, 0])
    assert delays[0] <= found.delay <= delays[1]
    assert dimensions[0] <= found.dimension <= dimensions[1]
    assert windows[0] <= found.theiler <= windows[1]


@some
@given(
    seeds,
    st.integers(LEAST, 400),
    st.integers(1, 3),
    st.sampled_from(["white", "walk", "sine", "slow", "tied", "constant", "step"]),
    st.integers(-600, 600),
)
def test_every_series_gets_an_embedding_that_leaves_states(
    seed: int, n: int, channels: int, flavour: str, exponent: int
) -> None:
    random = np.random.default_rng(seed)
    x = random.normal(size=(n, channels))
    t = np.arange(n)[:, None]
    x = {
        "white": x,
        "walk": np.cumsum(x, axis=0),
        "sine": np.sin(t / 5.0 + x[0]),
        "slow": np.sin(t / n / 3.0 + x[0]),
        "tied": np.round(x),
        "constant": np.zeros_like(x) + 0.1,
        "step": (t > n // 2) + 0.0 * x,
    }[flavour]
    found = choose(np.ldexp(x if channels > 1 else x[:, 0], exponent))
    assert 1 <= found.theiler <= max(1, n // 10)
    assert 1 <= found.dimension <= 10
    assert math.isnan(found.period) or 2.0 <= found.period <= n
    assert len(embed(x, found.dimension, found.delay)) >= n // 2
    assert found == choose(x if channels > 1 else x[:, 0]) or math.isnan(found.period)


@few
@given(seeds, st.integers(1, 9), st.integers(1, 6), st.integers(0, 50))
def test_what_is_given_is_kept(seed: int, delay: int, dimension: int, theiler: int) -> None:
    x = np.random.default_rng(seed).normal(size=300)
    assert choose(x, delay=delay, dimension=dimension, theiler=theiler)[:3] == (delay, dimension, theiler)
    assert choose(x, delay=delay).delay == delay
    assert choose(x, dimension=dimension).dimension == dimension
    assert choose(x, theiler=theiler).theiler == theiler


def test_what_does_not_move_is_a_point() -> None:
    found = choose(np.full(100, 1e6))
    assert found[:3] == (1, 1, 1)
    assert math.isnan(found.period)


def test_states_are_taken_as_they_are() -> None:
    found = choose(series("lorenz", Sampling(samples=3000)))
    assert found.dimension == 1


def test_a_short_series_says_how_much_is_missing() -> None:
    for given_, missing in (({}, 2), ({"delay": 5}, 2), ({"delay": 5, "dimension": 4}, 5), ({"dimension": 21}, 10)):
        with pytest.raises(InsufficientData) as caught:
            choose(np.random.default_rng(1).normal(size=LEAST - 2), **given_)
        assert caught.value.missing == missing


@pytest.mark.parametrize("wrong", [{"delay": 0}, {"dimension": 0}, {"theiler": -1}, {"delay": -2}])
def test_what_does_not_exist_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(UsageError):
        choose(np.arange(100.0), **wrong)


def test_a_window_is_two_periods_or_the_memory_of_the_series() -> None:
    random = np.random.default_rng(1)
    assert theiler_window(np.sin(2 * math.pi * np.arange(2000) / 40)) == 80
    assert theiler_window(np.arange(2000.0), period=30.0) == 60
    assert theiler_window(random.normal(size=2000)) == 1
    x = np.zeros(20_000)
    for i, step in enumerate(random.normal(size=19_999)):
        x[i + 1] = 0.9 * x[i] + step
    # 0.9^22 is a tenth
    assert 18 <= theiler_window(x) <= 27


def test_a_window_leaves_a_short_series_most_of_its_neighbours() -> None:
    assert theiler_window(np.sin(2 * math.pi * np.arange(200) / 50)) == 20
    assert theiler_window([1.0, 2.0]) == 1
