"""Loops of names while they come: when they are told, when they are over, and what is none."""

import numpy as np
import pytest

from midstream_cli.attractor.live.loops import ENOUGH, LoopWatch
from midstream_cli.attractor.live.regimes import Regime


def watched(names: list[int]) -> list[tuple[Regime, float]]:
    watch = LoopWatch()
    return [(moment.regime, moment.period) for moment in map(watch.update, map(float, names))]


def text(n: int, seed: int = 1) -> list[int]:
    """Words of a language: some frequent, most rare."""
    return [int(word) for word in 100 + np.random.default_rng(seed).zipf(1.5, n) % 5_000]


@pytest.mark.parametrize("period", [1, 3, 6, 20, 200])
def test_a_loop_is_told_in_its_third_round_or_after_twelve_names(period: int) -> None:
    start = text(300)
    heard = watched([*start, *list(range(period)) * (4 + 2 * ENOUGH // period)])
    first = next(at for at, (regime, _) in enumerate(heard) if regime is Regime.PERIODIC)
    assert first == len(start) + period + max(ENOUGH, 2 * period) - 1
    assert set(heard[first:]) == {(Regime.PERIODIC, float(period))}


def test_a_counter_in_each_round_is_no_end_of_a_loop_but_other_words_are() -> None:
    rounds = [name for count in range(30) for name in [*range(9), 1_000 + count]]
    heard = [regime for regime, _ in watched([*rounds, *text(200)])]
    first = heard.index(Regime.PERIODIC)
    assert set(heard[first : len(rounds)]) == {Regime.PERIODIC}
    assert Regime.PERIODIC not in heard[len(rounds) + 20 :]


@pytest.mark.parametrize("seed", range(3))
def test_text_is_no_loop(seed: int) -> None:
    assert {regime for regime, _ in watched(text(5_000, seed))} == {Regime.UNKNOWN}


def test_names_that_are_missing_are_like_no_other() -> None:
    watch = LoopWatch()
    assert {watch.update(float("nan")).regime for _ in range(100)} == {Regime.UNKNOWN}
