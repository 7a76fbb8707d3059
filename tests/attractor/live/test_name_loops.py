"""Loops of names while they come: against plain sums; when they are told, when they are over, and what is none."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.attractor.live.loops import ENOUGH, FADES, LONGEST, MISSED, LoopWatch, Rounds
from midstream_cli.attractor.live.rules import Regime
from midstream_cli.attractor.loops import TIMES

LEAST = 16


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


def plain(names: list[int], least: int, together: int) -> Iterator[int]:
    """The definition, in plain loops."""
    sums, lately, length = [0.0] * (LONGEST + 1), [0.0] * (LONGEST + 1), 0
    needed = [max(least, (TIMES - 1.0) * each) for each in range(LONGEST + 1)]
    waiting: list[tuple[int, int]] = []
    for at, name in enumerate(names):
        waiting.append((at, name))
        if len(waiting) == together:
            gains = [0.0] * (LONGEST + 1)
            for place, latest in waiting:
                for each in range(1, LONGEST + 1):
                    same = place >= each and names[place - each] == latest
                    gain = 1.0 if same else -MISSED
                    gains[each] += gain
                    sums[each] = max(sums[each] + gain, 0.0)
            waiting.clear()
            sums = [min(total, 2.0 * need) for total, need in zip(sums, needed, strict=True)]
            lately = [FADES * before + (1.0 if gain > 0 else -1.0) for before, gain in zip(lately, gains, strict=True)]
            if length and sums[length] < 0.5 * needed[length]:
                length = 0
            reached = [each for each in range(1, LONGEST + 1) if sums[each] >= needed[each] and lately[each] > 0]
            length = length or (reached[0] if reached else 0)
        yield length


@given(
    st.lists(st.integers(0, 3), max_size=60),
    st.lists(st.integers(0, 5), min_size=1, max_size=9),
    st.integers(0, 30),
    st.lists(st.integers(0, 50), max_size=40),
    st.sampled_from([1, 4]),
)
def test_rounds_are_those_of_plain_sums(
    before: list[int], of: list[int], times: int, after: list[int], together: int
) -> None:
    names = before + of * times + after
    rounds = Rounds(LEAST, together=together)
    assert [rounds.update(name) for name in names] == list(plain(names, LEAST, together))


@pytest.mark.parametrize("together", [1, 4])
def test_long_streams_keep_to_plain_sums(together: int) -> None:
    random = np.random.default_rng(4)
    names = [*random.integers(0, 20, 700).tolist(), *(list(range(200)) * 4), *random.integers(0, 9, 300).tolist()]
    rounds = Rounds(2 * LEAST, together=together)
    told = [rounds.update(name) for name in names]
    assert told == list(plain(names, 2 * LEAST, together))
    assert max(told) == 200


@pytest.mark.parametrize("together", [1, 4])
@pytest.mark.parametrize("length", [1, 2, 7, 40, LONGEST])
def test_a_round_is_found_soon_after_it_came_thrice(length: int, together: int) -> None:
    rounds = Rounds(LEAST, together=together)
    told = [rounds.update(at % length) for at in range(4 * length + LEAST + together)]
    begins = told.index(length)
    assert begins < max(TIMES * length, length + LEAST) + together
    assert set(told[:begins]) == {0}
    assert set(told[begins:]) == {length}


def test_a_loop_is_over_soon_after_it_ends() -> None:
    rounds = Rounds(LEAST, together=4)
    told = [rounds.update(at % 5) for at in range(200)] + [rounds.update(1000 + at) for at in range(20)]
    assert told[199] == 5
    assert told[-1] == 0
