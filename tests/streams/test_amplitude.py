"""What features of channel state begin with."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.errors import LayoutError
from midstream_cli.recordings import CsiRecording
from midstream_cli.streams.amplitude import bands, carrying, fit_subcarriers, relative
from strategies import NULLS, csi, info_of, seeds, some


def test_the_layout_and_the_carrying_subcarriers_are_plain_numbers() -> None:
    parameters = fit_subcarriers(csi(1, 20))
    assert parameters == {"layout": 16, "subcarriers": [i for i in range(16) if i not in NULLS]}
    assert {type(value) for value in parameters["subcarriers"]} == {int}


def test_only_carrying_subcarriers_are_taken_in_order_and_in_one_block() -> None:
    recording = csi(1, 5)
    taken = carrying(recording, {"layout": 16, "subcarriers": [9, 2]})
    np.testing.assert_array_equal(taken, recording.matrix()[:, [9, 2]])
    assert taken.flags.c_contiguous


def test_a_layout_that_was_not_fitted_is_refused_with_advice() -> None:
    with pytest.raises(LayoutError, match="16 subcarriers, the feature was fitted to 64") as caught:
        carrying(csi(1, 5), {"layout": 64, "subcarriers": [9]})
    assert "--subcarriers 64" in caught.value.hint


def test_nothing_carried_is_refused_with_advice() -> None:
    silent = CsiRecording.build(info_of("csi"), np.arange(4), np.zeros((4, 8)))
    with pytest.raises(LayoutError, match="no subcarrier carries") as caught:
        fit_subcarriers(silent)
    assert caught.value.hint


@some
@given(seeds, st.sampled_from([2.0**-20, 1.0, 2.0**20]))
def test_relative_amplitudes_are_free_of_gain_and_zeros_stay_zeros(seed: int, gain: float) -> None:
    recording = csi(seed, 12)
    parameters = fit_subcarriers(recording)
    samples = recording.matrix() * gain
    samples[3] = 0
    found = relative(CsiRecording.build(recording.info, recording.time_ns, samples), parameters)
    assert (found[3] == 0).all()
    rest = np.delete(np.arange(12), 3)
    np.testing.assert_array_equal(found[rest], relative(recording, parameters)[rest])


@some
@given(seeds, st.integers(1, 40), st.integers(1, 12))
def test_bands_cover_all_subcarriers_without_a_gap(seed: int, subcarriers: int, count: int) -> None:
    rows = np.random.default_rng(seed).normal(0, 1, (6, subcarriers))
    found = bands(rows, count)
    assert found.shape == (6, count)
    edges = [int(i * subcarriers / count) for i in range(count + 1)]
    for k, (a, b) in enumerate(pairwise(edges)):
        inside = rows[:, a : max(b, a + 1)]
        np.testing.assert_allclose(found[:, k], inside.sum(axis=1) / inside.shape[1], rtol=1e-12, atol=1e-15)
    if subcarriers % count == 0:
        np.testing.assert_allclose(found.mean(axis=1), rows.mean(axis=1), atol=1e-12)
