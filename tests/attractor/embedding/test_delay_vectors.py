"""Delay vectors against plain loops."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.attractor.embedding.delay_vectors import embed
from midstream_cli.errors import InsufficientData, UsageError
from strategies import seeds, some


@some
@given(seeds, st.integers(1, 40), st.integers(1, 5), st.integers(1, 6), st.integers(1, 3))
def test_each_row_is_a_sample_and_those_so_many_delays_later(
    seed: int, n: int, dimension: int, delay: int, channels: int
) -> None:
    x = np.random.default_rng(seed).normal(size=(n, channels))
    rows = n - (dimension - 1) * delay
    if rows < 1:
        with pytest.raises(InsufficientData) as missing:
            embed(x, dimension, delay)
        assert missing.value.missing == 1 - rows
        return
    expected = [[x[i + k * delay, c] for k in range(dimension) for c in range(channels)] for i in range(rows)]
    found = embed(x, dimension, delay)
    assert found.tolist() == expected
    assert found.flags.c_contiguous


def test_a_single_channel_needs_no_second_axis() -> None:
    assert embed([1.0, 2.0, 3.0, 4.0], 2, 2).tolist() == [[1.0, 3.0], [2.0, 4.0]]


@pytest.mark.parametrize(("dimension", "delay"), [(0, 1), (1, 0), (2, -1)])
def test_an_embedding_that_does_not_exist_is_refused(dimension: int, delay: int) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        embed(np.arange(9.0), dimension, delay)
