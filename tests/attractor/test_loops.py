"""Loops of names against a slow obvious search, planted loops, and chance."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.attractor.loops import LEAST, Repetition, repetition
from midstream_cli.errors import InsufficientData, UsageError
from strategies import seeds, some


def words(text: str) -> list[str]:
    return text.split()


TEXT = words("the cat sat on the mat and looked at the dog which was not there any more because of")


def exact_loop(names: list[str]) -> int:
    """The shortest period that the end keeps to for three rounds without one miss; 0 where there is none."""
    for period in range(1, len(names) // 3 + 1):
        if all(names[-i] == names[-i - period] for i in range(1, 2 * period + 1)):
            return period
    return 0


@pytest.mark.parametrize("period", [1, 2, 5, 6])
def test_a_planted_loop_is_found_where_it_begins(period: int) -> None:
    loop = words("I am sorry but cannot do")[:period]
    found = repetition(TEXT + loop * 12)
    assert (found.period, found.start, found.share) == (period, len(TEXT), 1.0)
    assert found.times == 12.0


def test_a_counter_that_changes_in_each_round_does_not_hide_a_loop() -> None:
    loop = words("and then they went home again and slept")
    found = repetition(TEXT + [word for i in range(6) for word in [*loop, f"{i}."]])
    assert (found.period, found.start) == (9, len(TEXT))
    # the counter itself never comes again
    assert found.share == pytest.approx(8 / 9)


def test_a_loop_that_was_left_is_none() -> None:
    assert repetition(words("la la la la la la la la") + TEXT).period == 0


def test_twice_is_a_refrain() -> None:
    assert repetition(TEXT + TEXT).period == 0
    assert repetition(TEXT * 3).period == len(TEXT)


def test_the_same_name_for_ever_is_a_loop_of_one() -> None:
    assert repetition([7] * LEAST) == Repetition(1, 0, 1.0, LEAST)


@some
@given(st.lists(st.sampled_from("abcdefgh"), min_size=LEAST, max_size=40), seeds, st.integers(1, 6))
def test_every_exact_loop_of_enough_rounds_is_found(start: list[str], seed: int, period: int) -> None:
    loop = [str(word) for word in np.random.default_rng(seed).permutation(10)[:period]]
    names = start + loop * 16
    found = repetition(names)
    assert 0 < found.period <= exact_loop(names) == period
    assert found.start <= len(start)


@pytest.mark.parametrize("exponent", [1.2, 1.5, 2.0])
def test_names_drawn_by_chance_are_no_loop_however_frequent_some_are(exponent: float) -> None:
    loops = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        loops += repetition(rng.zipf(exponent, 300) % int(rng.integers(2, 60))).period > 0
    assert loops == 0


@pytest.mark.parametrize("kind", [list, np.array])
def test_what_kind_of_names_they_are_does_not_matter(kind: type) -> None:
    numbers = [3, 1, 4, 1, 5, 9, 2, 6] * 5
    named = [f"w{number}" for number in numbers]
    assert repetition(kind(numbers)) == repetition(kind(named))


@pytest.mark.parametrize("names", [np.zeros((20, 2)), [["a"]] * 20])
def test_what_is_no_name_is_refused(names: list[list[str]]) -> None:
    with pytest.raises(UsageError, match="cannot be a name"):
        repetition(names)  # type: ignore[arg-type]


def test_too_few_names_are_said_to_be() -> None:
    with pytest.raises(InsufficientData) as caught:
        repetition(["a"] * (LEAST - 3))
    assert (caught.value.missing, caught.value.needed) == (3, LEAST)
