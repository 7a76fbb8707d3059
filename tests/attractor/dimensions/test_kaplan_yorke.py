"""The Kaplan-Yorke dimension: its formula, its edges, and the bounds it inherits."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.attractor.dimensions.kaplan_yorke import kaplan_yorke, kaplan_yorke_of
from midstream_cli.attractor.estimate import Estimate
from midstream_cli.errors import UsageError


def by_hand(exponents: list[float]) -> float:
    values = sorted(exponents, reverse=True)
    total = 0.0
    for k, value in enumerate(values):
        if total + value < 0:
            return k + total / abs(value) if k else 0.0
        total += value
    return math.nan


@pytest.mark.parametrize(
    ("exponents", "dimension"),
    [((0.4192, -1.6231), 1.258), ((0.9056, 0.0, -14.572), 2.062), ((-1.0, -2.0), 0.0), ((0.0, -0.5), 1.0)],
)
def test_known_attractors(exponents: tuple[float, ...], dimension: float) -> None:
    assert kaplan_yorke(exponents) == pytest.approx(dimension, abs=5e-4)


@given(st.lists(st.floats(-10, 10).map(lambda value: round(value, 3)), min_size=1, max_size=6))
def test_it_is_what_a_loop_makes_of_it(exponents: list[float]) -> None:
    assert kaplan_yorke(exponents) == pytest.approx(by_hand(exponents), rel=1e-9, abs=1e-9, nan_ok=True)


def test_exponents_that_do_not_sum_below_zero_give_no_dimension() -> None:
    assert math.isnan(kaplan_yorke([0.7]))
    assert math.isnan(kaplan_yorke_of([Estimate(0.7, 0.6, 0.8)]).value)


def test_no_exponents_are_an_error() -> None:
    with pytest.raises(UsageError, match="at least one"):
        kaplan_yorke([])
    with pytest.raises(UsageError, match="each of them a number"):
        kaplan_yorke([0.1, math.inf])


def test_bounds_follow_from_those_of_the_exponents() -> None:
    narrow = kaplan_yorke_of([Estimate(0.42, 0.41, 0.43), Estimate(-1.62, -1.65, -1.59)])
    wide = kaplan_yorke_of([Estimate(0.42, 0.32, 0.52), Estimate(-1.62, -1.95, -1.29)])
    assert wide.low < narrow.low < narrow.value < narrow.high < wide.high
    # d(a / b) by the sizes of its two parts
    slope = 0.42 / 1.62 * math.hypot(0.01 / 0.42, 0.03 / 1.62)
    assert narrow.high - narrow.value == pytest.approx(slope, rel=0.1)
