"""Rounds of names, against plain sums, and loops of text however it is cut into tokens."""

from collections.abc import Iterator
from math import isnan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.introspection.rounds import LONGEST, MISSED, TIMES, TOGETHER, TOKENS, WORDS, Rounds, TokenRounds
from midstream_cli.streams.simulate.tokens import RIVER


def plain(names: list[int], least: int) -> Iterator[int]:
    """The definition, in plain loops."""
    sums, length = [0.0] * (LONGEST + 1), 0
    needed = [max(least, (TIMES - 1.0) * each) for each in range(LONGEST + 1)]
    waiting: list[tuple[int, int]] = []
    for at, name in enumerate(names):
        waiting.append((at, name))
        if len(waiting) == TOGETHER:
            gains = [0.0] * (LONGEST + 1)
            for place, latest in waiting:
                for each in range(1, LONGEST + 1):
                    same = place >= each and names[place - each] == latest
                    gain = 1.0 if same else -MISSED
                    gains[each] += gain
                    sums[each] = max(sums[each] + gain, 0.0)
            waiting.clear()
            sums = [min(total, 2.0 * need) for total, need in zip(sums, needed, strict=True)]
            if length and sums[length] < 0.5 * needed[length]:
                length = 0
            reached = [each for each in range(1, LONGEST + 1) if sums[each] >= needed[each] and gains[each] > 0]
            length = length or (reached[0] if reached else 0)
        yield length


def looped(text: str, cut: int) -> list[float]:
    """What is told after each token, where all have as many characters."""
    rounds = TokenRounds()
    return [rounds.update(text[at : at + cut]) for at in range(0, len(text), cut)]


ITEMS = "".join(f'{{"id": {i}, "name": "item {i}", "price": {i * 37 % 1000}.00, "stock": true}},\n' for i in range(60))
PROSE = "The river rises in the hills above the town and runs down to the sea. "


@given(
    st.lists(st.integers(0, 3), max_size=60),
    st.lists(st.integers(0, 5), min_size=1, max_size=9),
    st.integers(0, 30),
    st.lists(st.integers(0, 50), max_size=40),
)
def test_rounds_are_those_of_plain_sums(before: list[int], of: list[int], times: int, after: list[int]) -> None:
    names = before + of * times + after
    rounds = Rounds(TOKENS)
    assert [rounds.update(float(name)) for name in names] == list(plain(names, TOKENS))


def test_long_streams_keep_to_plain_sums() -> None:
    random = np.random.default_rng(4)
    names = [*random.integers(0, 20, 700).tolist(), *(list(range(200)) * 4), *random.integers(0, 9, 300).tolist()]
    rounds = Rounds(WORDS)
    told = [rounds.update(float(name)) for name in names]
    assert told == list(plain(names, WORDS))
    assert max(told) == 200


@pytest.mark.parametrize("length", [1, 2, 7, 40, LONGEST])
def test_a_round_is_found_soon_after_it_came_thrice(length: int) -> None:
    rounds = Rounds(TOKENS)
    told = [rounds.update(float(at % length)) for at in range(4 * length + TOKENS + TOGETHER)]
    begins = told.index(length)
    assert begins < max(TIMES * length, length + TOKENS) + TOGETHER
    assert set(told[:begins]) == {0}
    assert set(told[begins:]) == {length}


def test_a_loop_is_over_soon_after_it_ends() -> None:
    rounds = Rounds(TOKENS)
    told = [rounds.update(float(at % 5)) for at in range(200)] + [rounds.update(1000.0 + at) for at in range(20)]
    assert told[199] == 5
    assert told[-1] == 0


@pytest.mark.parametrize("cut", [1, 3, 7, 16])
def test_items_with_a_changing_number_go_round_however_they_are_cut(cut: int) -> None:
    told = looped(PROSE * 2 + ITEMS, cut)
    characters = len(ITEMS) / 60
    found = [length for length in told if not isnan(length)]
    assert len(found) > 0.5 * len(told)
    assert abs(np.median(found) * cut - characters) < 0.15 * characters + cut


def test_lines_with_a_changing_number_go_round() -> None:
    lines = "".join(f"Step {i}: I will check the file again.\n" for i in range(1, 40))
    assert not isnan(looped(lines, 4)[-1])


@pytest.mark.parametrize(
    ("text", "length"), [("ha", 2), ("a", 1), ("\n", 1), ("0123456789", 10), ("=-", 2), (" \n\t", 1)]
)
def test_characters_inside_long_tokens_go_round(text: str, length: int) -> None:
    told = looped(RIVER + text * 600, 50)
    assert told[-1] == pytest.approx(length / 50, rel=0.1)
    assert all(map(isnan, looped(RIVER + text * (100 // len(text)), 50)))


def test_white_space_of_any_kind_is_all_alike() -> None:
    random = np.random.default_rng(1)
    kinds = ["\n", "  ", "\t", "\r\n", " ", "    "]
    rounds = TokenRounds()
    told = [rounds.update(kinds[at]) for at in random.integers(0, len(kinds), 400)]
    assert not isnan(told[-1])


def test_tables_of_numbers_are_no_loop() -> None:
    random = np.random.default_rng(2)
    table = "".join(f"| {a} | {b} | {c} |\n" for a, b, c in random.integers(0, 10**6, (200, 3)).tolist())
    assert all(map(isnan, looped(table, 5)))


def test_records_whose_texts_change_are_no_loop() -> None:
    random = np.random.default_rng(3)
    words = ["".join(chr(97 + at) for at in random.integers(0, 26, 6)) for _ in range(400)]
    records = "".join(f'{{"name": "{a}", "city": "{b}"}},\n' for a, b in zip(words[::2], words[1::2], strict=True))
    assert all(map(isnan, looped(records, 4)))
