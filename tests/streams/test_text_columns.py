"""Numbers and names picked out of text as columns, against Python's own reading of each."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from midstream_cli.frames import node_number
from midstream_cli.streams import text_columns
from midstream_cli.streams.text_columns import Positions, Text

NUMBERS = st.one_of(st.integers(-140, 140), st.integers(-40_000, 40_000), st.integers(-(10**16), 10**16)).map(str)
LETTERS = st.text("0123456789-+. ,e", max_size=7)


@contextmanager
def one_by_one(most: int) -> Iterator[None]:
    """So many numbers are read one by one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_columns, "FEW", most)
        yield


def placed(words: list[str]) -> tuple[Text, Positions, Positions]:
    """Words in a text, one a line, each between commas; the text, and where they begin and end."""
    text = "".join(f",{word},\n" for word in words)
    lengths = np.array([len(word) for word in words])
    begin = np.cumsum(lengths + 3) - lengths - 2
    return Text(np.frombuffer(text.encode("latin-1"), np.uint8)), begin, begin + lengths


def listed(lists: list[str]) -> tuple[Text, Positions, Positions]:
    """Lists in a text, one a line; the text, and where their brackets stand."""
    text = np.frombuffer("".join(f"7,[{content}]\n" for content in lists).encode("latin-1"), np.uint8)
    return Text(text), np.flatnonzero(text == ord("[")), np.flatnonzero(text == ord("]"))


@pytest.mark.parametrize("most", [0, 100])
@given(st.lists(st.one_of(NUMBERS, NUMBERS, LETTERS.filter(lambda word: "," not in word)), min_size=1, max_size=20))
@settings(deadline=None)
def test_integers_are_read_like_python_reads_them(most: int, words: list[str]) -> None:
    text, begin, end = placed(words)
    with one_by_one(most):
        values, bad = text.ints(np.stack([begin - 1, end], axis=1), [0])
    legal = [re.fullmatch(r"-?\d{1,15}", word) is not None for word in words]
    assert (~bad[0]).tolist() == legal
    assert values[0][legal].tolist() == [int(word) for word, fine in zip(words, legal, strict=True) if fine]


def test_every_short_integer_is_read() -> None:
    numbers = list(range(-1100, 1100))
    text, begin, end = placed([str(number) for number in numbers])
    values, bad = text.ints(np.stack([begin - 1, end], axis=1), [0])
    assert values[0].tolist() == numbers
    assert not bad.any()


def test_integers_stand_in_the_columns_that_were_asked_for() -> None:
    lines = b"CSI,1,-22,word,4294967295,\nCSI,-128,384,5,,\n"
    data = np.frombuffer(lines, np.uint8)
    cuts = np.flatnonzero(data == ord(",")).reshape(2, 5)
    values, bad = Text(data).ints(cuts, [0, 1, 3])
    assert values[:, 0].tolist() == [1, -22, 4294967295]
    assert values[:2, 1].tolist() == [-128, 384]
    assert bad.tolist() == [[False, False], [False, False], [False, True]]


@pytest.mark.parametrize("others", [[], ["123456789012345"], ["12345678901234567890"]], ids=len)
def test_a_number_at_the_very_start_of_a_block_is_read(others: list[str]) -> None:
    with one_by_one(0):
        text, begin, end = placed(["5", *others])
        assert text.ints(np.stack([begin - 1, end], axis=1), [0])[0][0, 0] == 5
        text, begin, end = placed(["5.5", *others])
        assert text.reals(begin, end)[0][0] == 5.5


REAL = re.compile(r"-?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")


@pytest.mark.parametrize("most", [0, 100])
@given(
    st.lists(
        st.one_of(
            st.floats(allow_nan=False, allow_infinity=False).map(repr),
            st.floats(0, 1e7).map("{:.6g}".format),
            st.decimals(0, 10**10, places=7).map(str),
            st.text("0123456789.-eE+ \r", max_size=20),
            st.sampled_from(["nan", "inf", "1_0", ".", "", "5.", ".5", "9007199254740993.5", "999999999999999.9"]),
        ),
        min_size=1,
        max_size=12,
    )
)
@settings(deadline=None)
def test_reals_are_the_nearest_doubles(most: int, words: list[str]) -> None:
    text, begin, end = placed(words)
    with one_by_one(most):
        values, bad = (column.tolist() for column in text.reals(begin, end))
    assert bad == [REAL.fullmatch(word) is None for word in words]
    for word, value, unreadable in zip(words, values, bad, strict=True):
        assert unreadable or value == float(word)


@given(
    st.lists(
        st.lists(st.one_of(NUMBERS, st.text("0123456789-+.x[ ", max_size=4)), max_size=8),
        min_size=1,
        max_size=8,
    ),
    st.sampled_from([" ", ",", ", ", " , "]),
)
@settings(deadline=None)
def test_lists_are_read_like_python_reads_them(lists: list[list[str]], between: str) -> None:
    contents = [between.join(word.replace("[", "") for word in words) for words in lists]
    values, counts, garbage = listed(contents)[0].lists(*listed(contents)[1:])
    ends = np.cumsum(counts)
    for content, end, count, bad in zip(contents, ends, counts, garbage, strict=True):
        words = content.replace(",", " ").split(" ")
        numbers = [int(word) for word in words if re.fullmatch(r"-?\d{1,5}", word)]
        legal = len(numbers) == len([word for word in words if word]) and all(-32768 <= n < 32768 for n in numbers)
        assert bad == (not legal)
        if legal:
            assert values[end - count : end].tolist() == numbers


def test_every_value_of_sixteen_bits_is_read() -> None:
    numbers = list(range(-32768, 32768))
    rows = [numbers[at : at + 512] for at in range(0, len(numbers), 512)]
    text, opened, closed = listed([" ".join(map(str, row)) for row in rows])
    values, counts, garbage = text.lists(opened, closed)
    assert values.tolist() == numbers
    assert set(counts.tolist()) == {512}
    assert not garbage.any()


def test_lists_of_different_lengths_keep_their_own_values() -> None:
    text, opened, closed = listed(["1 2 3 ", "", "4 ", " ", "5 6"])
    values, counts, garbage = text.lists(opened, closed)
    assert counts.tolist() == [3, 0, 1, 0, 2]
    assert values.tolist() == [1, 2, 3, 4, 5, 6]
    assert not garbage.any()


@pytest.mark.parametrize(
    "damage", ["--5", "5-3", "5-", "-", "+5", "1.5", "0x5", "100000", "000005", "32768", "-32769", "5\r", "é", "\x00"]
)
def test_what_is_no_list_of_integers_is_told(damage: str) -> None:
    text, opened, closed = listed(["1 2", f"3 {damage} 4", "5 6"])
    assert text.lists(opened, closed)[2].tolist() == [False, True, False]


@given(st.lists(st.from_regex(r"[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}", fullmatch=True), min_size=1, max_size=6))
@settings(deadline=None)
def test_mac_addresses_are_numbers_of_48_bits(words: list[str]) -> None:
    text, begin, end = placed(words)
    addresses, bad = text.macs(begin, end)
    assert addresses.tolist() == [node_number(word) for word in words]
    assert not bad.any()


@pytest.mark.parametrize("word", ["", "20:50:0D:2A:A2", "20:50:0D:2A:A2:E", "20:50:0D:2A:A2:EG", "120:50:0D:2A:A2:E4"])
def test_what_is_no_mac_address_is_told(word: str) -> None:
    text, begin, end = placed(["20:50:0D:2A:A2:E4", word])
    assert text.macs(begin, end)[1].tolist() == [False, True]


def test_texts_are_printable_and_short() -> None:
    words = ["AP", "sit down", "", "x" * 32, "x" * 33, "A\x00", "\x00A", "xNO", "\xe9"]
    text, begin, end = placed(words)
    texts, bad = text.texts(begin, end, without=b"NO")
    assert bad.tolist() == [False] * 4 + [True] * 5
    assert texts[:4].tolist() == words[:4]


def test_moments_are_seconds_since_boot_or_since_1970() -> None:
    words = ["12345", "2024-02-29 10:20:30.123", "2024-02-30 10:20:30.123", "soon", "2024-03-01"]
    text, begin, end = placed(words)
    seconds, bad = text.moments(begin, end)
    assert bad.tolist() == [False, False, True, True, True]
    assert seconds[0] == 12.345
    assert seconds[1] == datetime(2024, 2, 29, 10, 20, 30, 123_000, UTC).timestamp()
