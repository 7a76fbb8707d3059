"""The count of close pairs: as compiled, as written, and by plain loops."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.attractor.kernels import correlation
from midstream_cli.attractor.kernels.correlation import BINS, LANES, OCTAVES_DOWN, PRECISION
from midstream_cli.frames import Float64, Int64
from strategies import few, seeds

LENGTH, DELAY, DIMENSIONS, BEGIN, END = 90, 2, 3, 5, 83
REFERENCES = np.arange(3, 80, 9)


def twin(x: Float64, theiler: int, *, both: bool, cut: float, squares: bool) -> tuple[int, Int64]:
    """Every pair by itself, its bin by a logarithm."""
    counts, seen = np.zeros((DIMENSIONS, BINS + 1), np.int64), 0
    for i in REFERENCES.tolist():
        for j in range(BEGIN, END):
            if j - i > theiler or (both and i - j > theiler):
                seen += 1
                distance = 0.0
                for m in range(DIMENSIONS):
                    for channel in (0, LENGTH):
                        apart = abs(x[channel + i + m * DELAY] - x[channel + j + m * DELAY])
                        distance = distance + apart * apart if squares else max(distance, apart)
                    if distance >= cut:
                        break
                    mantissa, exponent = math.frexp(distance)
                    part = int((2 * mantissa - 1) * (1 << PRECISION))
                    counts[m, min(((exponent - 1 + OCTAVES_DOWN) << PRECISION) + part, BINS)] += 1
    return seen, counts


@few
@given(seeds, st.integers(0, 5), st.booleans(), st.sampled_from([0.5, 2.0, math.inf]), st.booleans())
def test_the_count_is_that_of_plain_loops(seed: int, theiler: int, both: bool, cut: float, squares: bool) -> None:
    x = np.random.default_rng(seed).normal(size=2 * LENGTH + LANES)
    expected_seen, expected = twin(x, theiler, both=both, cut=cut, squares=squares)
    for count in (correlation.count, correlation.count.python):
        counts = np.zeros(DIMENSIONS * (BINS + 1), np.int64)
        seen = count(
            x, 2, LENGTH, DELAY, DIMENSIONS, REFERENCES, BEGIN, END, theiler, int(both), cut, int(squares), counts,
            np.empty(LANES, np.int64),
        )  # fmt: skip
        assert seen == expected_seen
        # the last bit of a square may differ, and with it its bin
        off = np.abs(np.cumsum(counts.reshape(expected.shape) - expected, axis=1))
        assert off.max() <= (1 if squares else 0)


@pytest.mark.parametrize("count", [correlation.count, correlation.count.python])
@pytest.mark.parametrize("squares", [0, 1])
def test_what_is_farther_than_all_bins_stays_in_its_table(count: Callable[..., int], squares: int) -> None:
    x = np.random.default_rng(1).normal(size=2 * LENGTH + LANES)
    x[[50, LENGTH + 60]] = 1e9, 1e100
    guarded = np.zeros((3, DIMENSIONS * (BINS + 1)), np.int64)
    count(
        x, 2, LENGTH, DELAY, DIMENSIONS, REFERENCES, BEGIN, END, 0, 1, math.inf, squares, guarded[1],
        np.empty(LANES, np.int64),
    )  # fmt: skip
    assert not guarded[[0, 2]].any()
    _, expected = twin(x, 0, both=True, cut=math.inf, squares=bool(squares))
    assert expected[:, BINS].all()
    assert (guarded[1].reshape(expected.shape)[:, BINS] == expected[:, BINS]).all()
