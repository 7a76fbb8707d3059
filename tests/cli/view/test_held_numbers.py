"""Numbers that stand still while they hardly change, and a minute of them."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.cli.view.held import Held, clock, number, seconds
from midstream_cli.cli.view.history import BIN_S, BINS, Minute

FLOATS = st.floats(allow_nan=True, allow_infinity=True)


def test_a_rate_that_trembles_is_shown_as_one() -> None:
    held, seen = Held(3, smooth_s=1.0), set()
    for value in np.random.default_rng(3).normal(99.7, 0.4, 2000).tolist():
        held.take(value, 0.125)
        seen.add(held.shown)
    # the first says what it is by chance
    assert len(seen) <= 2
    assert held.shown == pytest.approx(99.7, abs=1.1)


def test_a_number_that_changes_is_followed_and_one_that_is_unknown_is_not_shown() -> None:
    held = Held(2)
    held.take(10.0, 0.1)
    assert held.shown == 10.0
    for _ in range(40):
        held.take(20.0, 0.1)
    assert held.shown == pytest.approx(20.0, rel=0.06)
    held.take(None, 0.1)
    assert held.shown is None


@given(st.lists(FLOATS | st.none(), max_size=20), st.floats(0, 10))
def test_any_numbers_can_be_held_and_said(values: list[float | None], passed_s: float) -> None:
    held = Held(2)
    for value in values:
        held.take(value, passed_s)
        assert held.shown is None or math.isfinite(held.shown)
        assert len(number(value, 2)) <= 9
        assert len(number(held.shown, 2)) <= 9


@given(FLOATS)
def test_any_length_of_time_has_a_few_words(value: float) -> None:
    assert len(seconds(value)) <= 10
    assert len(seconds(value, whole=True)) <= 10
    assert len(clock(value)) <= 13


@pytest.mark.parametrize(
    ("value", "said", "shown"),
    [
        (0.42, "0.4 s", "0:00"),
        (59.6, "60 s", "0:59"),
        (187, "3 min", "3:07"),
        (11527, "3.2 h", "3:12:07"),
        (400000, "5 days", "111:06:40"),
    ],
)
def test_lengths_of_time_are_said_as_people_do(value: float, said: str, shown: str) -> None:
    assert seconds(value) == said
    assert clock(value) == shown


@given(st.lists(st.tuples(st.floats(0, 200), st.floats(0, 9)), min_size=1, max_size=40), st.integers(0, 300))
def test_the_highest_of_the_last_minute_is_seen_in_any_room(points: list[tuple[float, float]], room: int) -> None:
    minute = Minute()
    for at, value in sorted(points):
        minute.take(at, value, "idle")
    newest = int(max(at for at, _ in points) / BIN_S)
    columns = minute.columns(room)
    assert len(columns) <= room
    shown = [column.peak for column in columns if column]
    if room >= BINS // 12:
        assert max(shown) == max(value for at, value in points if int(at / BIN_S) > newest - BINS)
        assert columns[-1] is not None


def test_what_has_passed_does_not_change_while_time_goes_on() -> None:
    minute, before = Minute(), ""
    rng = np.random.default_rng(0)
    for i in range(2000):
        minute.take(i * 0.04, float(rng.random()), "idle")
        columns = minute.columns(64)[:-1]
        now = "".join(f"{column.peak:.6f} " for column in columns if column)
        # the same, or one column further
        assert now.startswith((before, before[len("0.000000 ") :]))
        before = now


def test_a_silence_is_blank_and_time_that_runs_backwards_is_now() -> None:
    minute = Minute()
    minute.take(1.0, 5.0, "idle")
    minute.take(31.0, 3.0, "chaotic")
    minute.take(2.0, 4.0, "chaotic")
    columns = minute.columns(60)
    assert [(column.peak, column.style) for column in columns if column] == [(5.0, "idle"), (4.0, "chaotic")]
    minute.take(500.0, 1.0, "idle")
    assert [column.peak for column in minute.columns(60) if column] == [1.0]
    assert Minute().columns(60) == []
