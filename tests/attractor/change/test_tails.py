"""Tails: fitted to numbers of a known distribution, beside scipy's."""

import math

import numpy as np
import pytest
from scipy import stats

from midstream_cli.attractor.kernels import tails


def fitted(numbers: np.typing.NDArray[np.float64], heaviest: float) -> np.typing.NDArray[np.float64]:
    """The tail of numbers g whose y = g^2 / 2 are given."""
    s = np.zeros(tails.SIZE)
    for y in numbers.tolist():
        tails.seen(s, 0, math.sqrt(2.0 * y))
    tails.fit(s, 0, heaviest)
    return s


@pytest.mark.parametrize("share", [0.3, 1e-2, 1e-5, 1e-9, 1e-40, 1e-200])
def test_the_normal_number_of_a_share_is_that_of_scipy(share: float) -> None:
    assert tails.normal_beyond(math.log(share)) == pytest.approx(stats.norm.isf(share), abs=5e-4)


def test_few_numbers_have_no_tail() -> None:
    s = fitted(np.ones(tails.FEWEST - 1), 0.9)
    assert s[tails.OVER] == 0.0
    assert tails.as_normal(s, 0, 7.0) == 7.0
    assert tails.beyond(s, 0, -12.0) == 0.0


@pytest.mark.parametrize("shape", [0.0, 0.3, 0.6])
def test_rare_numbers_of_a_pareto_tail_become_normal(shape: float) -> None:
    law = stats.genpareto(shape)
    s = fitted(law.rvs(60_000, random_state=5), 0.9)
    assert s[tails.SHAPE] == pytest.approx(shape, abs=0.08)
    for share in (1e-2, 1e-3, 1e-4):
        g = math.sqrt(2.0 * law.isf(share))
        assert tails.as_normal(s, 0, g) == pytest.approx(min(g, stats.norm.isf(share)), abs=0.15)
        assert tails.beyond(s, 0, math.log(share)) == pytest.approx(g, rel=0.12)


def test_rare_stays_in_order() -> None:
    s = fitted(stats.genpareto(0.4).rvs(5_000, random_state=6), 0.9)
    numbers = [tails.as_normal(s, 0, g) for g in np.linspace(-3.0, 200.0, 3000)]
    assert (np.diff(numbers) >= -1e-3).all()
    assert numbers[0] == -3.0


def test_what_is_old_counts_half() -> None:
    s = np.zeros(tails.SIZE)
    s[tails.SEEN] = tails.MOST
    s[tails.COUNTS + 3] = tails.MOST
    tails.seen(s, 0, 2.0)
    assert s[tails.SEEN] == pytest.approx(0.5 * (tails.MOST + 1))
    assert s[tails.COUNTS :].sum() == pytest.approx(s[tails.SEEN])
