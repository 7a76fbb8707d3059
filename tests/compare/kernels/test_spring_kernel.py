"""The kernels of live matching, compiled and as they are written."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from midstream_cli.compare.kernels import sliding, spring
from midstream_cli.compare.live.sliding import SlidingWindow
from midstream_cli.compare.live.spring import Spring

few = settings(max_examples=8, deadline=None)


def drawn(seed: int) -> tuple[list[Any], Any]:
    """Templates that fill more than one block, and a stream that one of them is in."""
    random = np.random.default_rng(seed)
    dims = int(random.integers(1, 4))
    lengths = random.integers(1, 7, int(random.choice([1, 3, 18])))
    templates = [random.normal(0, 1, (int(length), dims)) for length in lengths]
    stream = random.normal(0, 1, (12, dims))
    stream[4 : 4 + len(templates[0])] = templates[0][:8]
    return templates, stream


@few
@given(
    seed=st.integers(0, 9999),
    window=st.sampled_from([None, 0, 2]),
    pattern=st.sampled_from(["symmetric1", "symmetric2"]),
    metric=st.sampled_from(["euclidean", "squared"]),
)
def test_a_matcher_comes_to_the_same_state_compiled_and_as_it_is_written(
    seed: int, window: int | None, pattern: str, metric: str
) -> None:
    templates, stream = drawn(seed)
    matchers = [Spring(templates, threshold=1.0, step_pattern=pattern, metric=metric, window=window) for _ in range(2)]
    for vector in stream:
        spring.advance(vector, matchers[0]._constants, matchers[0]._state, matchers[0]._table)
        spring.advance.python(vector, matchers[1]._constants, matchers[1]._state, matchers[1]._table)
        assert matchers[0]._table.tolist() == matchers[1]._table.tolist()
        np.testing.assert_allclose(matchers[0]._state, matchers[1]._state, rtol=1e-12)


@few
@given(
    seed=st.integers(0, 9999),
    window=st.sampled_from([None, 0, 2]),
    pattern=st.sampled_from(["symmetric1", "symmetric2"]),
)
def test_sliding_windows_are_the_same_compiled_and_as_it_is_written(
    seed: int, window: int | None, pattern: str
) -> None:
    templates, stream = drawn(seed)
    told = []
    for take in (sliding.slide, sliding.slide.python):
        slider = SlidingWindow(templates, step_pattern=pattern, window=window)
        lanes = len(slider._distances)
        distances = np.zeros(len(stream) * lanes)
        take(stream.reshape(-1), slider._constants, slider._state, slider._table, distances)
        told.append((distances, slider._table.tolist()))
    assert told[0][1] == told[1][1]
    np.testing.assert_allclose(told[0][0], told[1][0], rtol=1e-12)
    assert np.isfinite(told[0][0][-lanes:]).any()


@pytest.mark.parametrize("bad", [np.nan, -np.nan, np.inf, -np.inf, 1e300, -1e300])
def test_what_cannot_be_compared_is_passed_over_compiled_and_as_it_is_written(bad: float) -> None:
    stream = np.array([1.0, 2.0, 3.0, bad, 4.0, 5.0])
    for take in (spring.advance, spring.advance.python):
        matcher = Spring([[9.0, 1.0]], threshold=0.0)
        rest = (matcher._constants, matcher._state, matcher._table)
        assert take(stream, *rest) == 3
        assert (matcher.position, matcher._table[0, spring.FOUND]) == (3, 0)
        assert take(stream[4:], *rest) == 2
