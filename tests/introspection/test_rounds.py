"""Loops of text, however it is cut into tokens."""

from math import isnan

import numpy as np
import pytest

from midstream_cli.introspection.rounds import TokenRounds
from midstream_cli.streams.simulate.tokens import RIVER


def looped(text: str, cut: int) -> list[float]:
    """What is told after each token, where all have as many characters."""
    rounds = TokenRounds()
    return [rounds.update(text[at : at + cut]) for at in range(0, len(text), cut)]


ITEMS = "".join(f'{{"id": {i}, "name": "item {i}", "price": {i * 37 % 1000}.00, "stock": true}},\n' for i in range(60))
PROSE = "The river rises in the hills above the town and runs down to the sea. "


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
