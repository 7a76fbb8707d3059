"""Text of others on a terminal: harmless, and as wide as it is taken to be."""

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from midstream_cli.cli.view.text import UNSHOWN, cells, cut, filled, harmless, wrapped

ANY = st.text() | st.text(st.characters(categories=["Cc", "Cf", "Cs", "Mn", "Me", "Zs", "Zl", "Zp", "Lo", "So"]))


@given(ANY)
@example("\x1b[2Jgone")
@example("\x1b]0;title\x07")
@example("\u202egnp.exe")
@example("\ud800")
@example("e" + "\u0301" * 50)
def test_nothing_is_left_that_a_terminal_would_obey(text: str) -> None:
    shown = harmless(text)
    assert not [c for c in shown if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
    shown.encode()
    assert not re.search("[\u0300-\u036f]{3}", shown)
    assert harmless(shown) == shown


@given(ANY)
def test_ascii_is_left_where_nothing_else_can_be_shown(text: str) -> None:
    shown = harmless(text, narrow=True)
    assert shown.isascii()
    assert not shown or shown.isprintable()


@pytest.mark.parametrize(
    ("text", "shown", "columns"),
    [
        ("walking", "walking", 7),
        ("行走", "行走", 4),
        ("cafe\u0301", "café", 4),
        ("q\u0303\u0303\u0303\u0303", "q\u0303\u0303", 1),
        ("\u0301x", "x", 1),
        ("🦄", "🦄", 2),
        ("👩\u200d💻", "👩💻", 4),
        ("👍\U0001f3fd", "👍", 2),
        ("☺\ufe0f", "☺", 1),
        ("\U0001f1e9\U0001f1ea", "DE", 2),
        ("a\tb\nc", "a b c", 5),
        ("\x1b[31mred", UNSHOWN + "[31mred", 8),
        ("\u1112\u1161\u11ab", "한", 2),
        ("", "", 0),
    ],
)
def test_widths_are_known(text: str, shown: str, columns: int) -> None:
    assert harmless(text) == shown
    assert cells(shown) == columns


@given(ANY, st.integers(0, 30), st.booleans())
def test_text_fits_wherever_it_is_put(text: str, columns: int, right: bool) -> None:
    shown = harmless(text)
    assert cells(filled(shown, columns, right=right)) == columns
    short = cut(shown, columns)
    assert cells(short) <= columns
    assert short == shown or cells(shown) > columns


def test_what_was_cut_off_is_told() -> None:
    assert cut("a long label", 6) == "a lon…"
    assert cut("行走行走", 4) == "行…"
    assert cut("ab", 1) == "a"
    assert filled("行走", 3, right=True) == "行…"
    assert filled("7", 3, right=True) == "  7"


LINES = st.text("ab é行\n", max_size=80)


@given(LINES, st.integers(2, 12))
def test_lines_of_running_text_fit_and_lose_nothing_but_blanks(text: str, columns: int) -> None:
    lines = wrapped(text, columns)
    assert all(cells(line) <= columns for _, line in lines)
    assert "".join(line for _, line in lines).replace(" ", "") == text.replace(" ", "").replace("\n", "")
    assert all(text[start : start + len(line)] == line for start, line in lines)


@given(LINES, LINES, st.integers(2, 12))
def test_text_that_grows_does_not_move(text: str, more: str, columns: int) -> None:
    before, after = wrapped(text, columns), wrapped(text + more, columns)
    assert after[: len(before) - 1] == before[:-1]
    # nor when it is forgotten up to the beginning of a line
    start = before[len(before) // 2][0]
    moved = [(at + start, line) for at, line in wrapped((text + more)[start:], columns)]
    assert moved == [(at, line) for at, line in after if at >= start]
