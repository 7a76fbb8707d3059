"""When the segments of a capture begin, by hand and by what must hold."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.cli.schedule import DEFAULT_S, MARGIN_S, Schedule, of_events, of_grid, spread
from midstream_cli.errors import SignatureError, UsageError
from strategies import some


@pytest.mark.parametrize(
    ("start", "end", "seconds", "takes", "wait", "starts", "length", "until"),
    [
        (None, None, None, 1, None, [0.0], DEFAULT_S, DEFAULT_S + MARGIN_S),
        (12.5, 14.5, None, 1, None, [12.5], 2.0, 14.5 + MARGIN_S),
        (12.5, 20.0, 3.0, 1, None, [12.5], 3.0, 15.5 + MARGIN_S),
        (1.0, None, 3.0, 4, None, [], 3.0, None),
        (1.0, 30.0, None, 4, None, [], DEFAULT_S, 30.0 + MARGIN_S),
        (None, None, 2.0, 3, 0.0, [0.0, 2.0, 4.0], 2.0, 6.0 + MARGIN_S),
        (None, None, 2.0, 3, 3.0, [3.0, 8.0, 13.0], 2.0, 15.0 + MARGIN_S),
        (5.0, None, 2.0, 2, 3.0, [5.0, 10.0], 2.0, 12.0 + MARGIN_S),
    ],
)
def test_segments_on_a_grid_begin_and_end_as_asked(
    start: float | None, end: float | None, seconds: float | None, takes: int, wait: float | None,
    starts: list[float], length: float, until: float | None,
) -> None:  # fmt: skip
    found = of_grid(start, end, seconds, takes, wait_s=wait)
    assert (list(found.starts_s), found.seconds, found.until_s) == (starts, length, until)


@pytest.mark.parametrize(
    ("start", "end", "seconds", "takes", "wait"),
    [(3.0, 4.0, 2.0, 1, None), (None, 5.0, 2.0, 3, 0.0), (None, 4.0, 2.0, 1, 3.0)],
)
def test_segments_without_room_before_the_end_are_refused(
    start: float | None, end: float | None, seconds: float, takes: int, wait: float | None
) -> None:
    with pytest.raises(UsageError, match="do not fit before --to"):
        of_grid(start, end, seconds, takes, wait_s=wait)


def test_events_are_taken_whole_unless_a_part_is_asked_for() -> None:
    assert of_events(None, None, None, 1) == Schedule((0.0,), None, None)
    assert of_events(3.0, None, None, 1) == Schedule((3.0,), None, None)
    assert of_events(3.0, None, 2.0, 1) == Schedule((3.0,), 2.0, 5.0)
    assert of_events(3.0, 7.0, None, 1) == Schedule((3.0,), 4.0, 7.0)
    with pytest.raises(UsageError, match="cannot be averaged"):
        of_events(None, None, None, 2)
    with pytest.raises(UsageError, match="do not fit"):
        of_events(3.0, 4.0, 2.0, 1)


@some
@given(st.floats(0, 50), st.floats(0, 50), st.floats(0.1, 10), st.integers(2, 9))
def test_takes_share_a_recording_evenly_and_stay_in_it(first: float, length: float, seconds: float, takes: int) -> None:
    if length < seconds - 1e-6:
        with pytest.raises(SignatureError, match="needs more than"):
            spread(first, first + length, seconds, takes)
    elif seconds + 1e-6 < length < takes * seconds - 1e-6:
        with pytest.raises(SignatureError, match=f"{takes} takes of .* s overlap in the"):
            spread(first, first + length, seconds, takes)
    elif length > takes * seconds + 1e-6:
        starts = spread(first, first + length, seconds, takes)
        assert starts[0] == first
        assert starts[-1] == pytest.approx(first + length - seconds)
        steps = [b - a for a, b in pairwise(starts)]
        assert steps == pytest.approx([steps[0]] * (takes - 1))
        assert min(steps) >= seconds - 1e-9


@pytest.mark.parametrize(("length", "hint"), [(3.9, "leave --average out"), (4.1, "choose --average 2"), (9.9, "4")])
def test_of_takes_that_overlap_the_hint_says_how_many_fit(length: float, hint: str) -> None:
    with pytest.raises(SignatureError, match="5 takes of 2 s overlap") as caught:
        spread(1.0, 1.0 + length, 2.0, 5)
    assert hint in caught.value.hint


def test_prompts_say_what_to_do_and_when() -> None:
    text = Schedule((3.0, 8.0), 2.0, 11.5).prompts("walking")
    assert text(0.4) == "walking (take 1 of 2) begins in 3 s"
    assert text(3.5) == "walking (take 1 of 2): now, 1.5 s left"
    assert text(5.5) == "walking (take 2 of 2) begins in 2 s"
    assert text(10.0) == "done"
    assert Schedule((1.0,), None).prompts("chat")(2.0) == "chat: now"
