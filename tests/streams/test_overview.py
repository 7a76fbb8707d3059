"""A recording made small enough to look at."""

import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.recordings import CsiRecording, NumericRecording, TokenRecording
from midstream_cli.streams.overview import COLUMNS, FIRST_SLICE_NS, Overview
from strategies import SECOND, csi, csi_recordings, cuts, info_of, numbers, pieces, seeds, some, tokens


def seen(recording: Any, places: list[int]) -> Overview:
    overview = Overview()
    for piece in pieces(recording, places):
        overview.add(piece)
    return overview


def means_of(overview: Overview, times: Any, values: Any) -> Any:
    """The picture computed from all frames at once, one slice after the other."""
    slices = np.maximum(np.asarray(times) - times[0], 0) // overview.slice_ns
    picture = np.full((values.shape[1], int(slices.max()) + 1), np.nan)
    for column in range(picture.shape[1]):
        for row in range(picture.shape[0]):
            inside = [value for value in values[slices == column, row] if np.isfinite(value)]
            if inside:
                picture[row, column] = sum(inside) / len(inside)
    return picture


@some
@given(csi_recordings(), cuts)
def test_each_slice_is_the_mean_amplitude_of_its_frames(recording: CsiRecording, places: list[int]) -> None:
    overview = seen(recording, places)
    expected = means_of(overview, recording.time_ns, np.abs(recording.matrix().astype(np.complex128)))
    np.testing.assert_allclose(overview.matrix(), expected, rtol=1e-6)
    assert overview.rows == [str(i) for i in range(16)]
    assert overview.start_ns == recording.time_ns[0]


@some
@given(seeds, st.integers(1, 400), st.integers(1, 10**12), cuts)
def test_slices_are_as_short_as_the_picture_allows(seed: int, n: int, span_ns: int, places: list[int]) -> None:
    recording = numbers(seed, n)
    recording.time_ns[:] = np.sort(np.random.default_rng(seed).integers(0, span_ns + 1, n))
    overview = seen(recording, places)
    passed = int(recording.time_ns[-1] - recording.time_ns[0])
    assert passed // overview.slice_ns < 2 * COLUMNS
    assert overview.slice_ns == FIRST_SLICE_NS or passed // (overview.slice_ns // 2) >= 2 * COLUMNS
    np.testing.assert_allclose(overview.matrix(), means_of(overview, recording.time_ns, recording.matrix()), rtol=1e-9)


def test_the_picture_has_at_least_so_many_columns_once_the_stream_is_long_enough() -> None:
    overview, widths = Overview(), []
    for i in range(3000):
        recording = numbers(1, 1)
        recording.time_ns[:] = i * 7 * FIRST_SLICE_NS
        overview.add(recording)
        widths.append(overview.matrix().shape[1])
    enough = widths.index(COLUMNS) if COLUMNS in widths else next(i for i, w in enumerate(widths) if w > COLUMNS)
    assert min(widths[enough:]) >= COLUMNS
    assert max(widths) <= 2 * COLUMNS


def test_memory_does_not_grow_with_the_stream() -> None:
    overview, sizes = Overview(), []
    for hour in range(4):
        recording = csi(hour, 200)
        overview.add(CsiRecording.build(recording.info, recording.time_ns + hour * 3600 * SECOND, recording.matrix()))
        sizes.append(len(pickle.dumps(overview)))
    assert max(sizes) - min(sizes) < 100


def test_missing_numbers_do_not_pull_a_mean_down() -> None:
    columns = {"a": np.array([4.0, np.nan, 8.0]), "b": np.array([np.nan, np.inf, np.nan])}
    overview = seen(NumericRecording(info_of("numeric"), np.zeros(3, np.int64), columns), [1])
    assert overview.matrix()[0].tolist() == [6.0]
    assert np.isnan(overview.matrix()[1]).all()


def test_where_no_frame_came_there_is_nothing() -> None:
    recording = numbers(1, 2)
    recording.time_ns[:] = [0, 3 * FIRST_SLICE_NS]
    picture = seen(recording, []).matrix()
    assert np.isnan(picture).tolist() == [[False, True, True, False]] * 2


def test_frames_of_another_layout_are_left_out() -> None:
    samples = np.array([1, 1, 9, 9, 9, 3, 3], np.complex64)
    recording = CsiRecording.build(info_of("csi"), [0, 1, 2], samples, offsets=[0, 2, 5, 7])
    for places in ([], [1], [1, 2]):
        overview = seen(recording, places)
        assert overview.rows == ["0", "1"]
        assert overview.matrix().tolist() == [[2.0], [2.0]]


@pytest.mark.parametrize("places", [[], [1], [1, 3, 4], [5]])
def test_streams_without_times_are_shown_by_position(places: list[int]) -> None:
    recording = tokens(1, 6, clock="none")
    assert seen(recording, places).matrix().tolist() == [[float(len(text)) for text in recording.text]]
    samples = np.array([1, 1, 9, 9, 9, 3, 3, 5, 5], np.complex64)
    mixed = CsiRecording.build(info_of("csi", clock="none"), np.zeros(4), samples, offsets=[0, 2, 5, 7, 9])
    picture = seen(mixed, places).matrix()[0]
    assert picture[~np.isnan(picture)].tolist() == [1.0, 3.0, 5.0]
    assert np.flatnonzero(np.isnan(picture)).tolist() == [1]


def test_times_that_step_back_before_the_first_count_as_the_first() -> None:
    recording = numbers(1, 2)
    recording.time_ns[:] = [5 * SECOND, 0]
    assert seen(recording, [1]).matrix().shape == (2, 1)


def test_frames_that_come_out_of_order_count_where_they_belong() -> None:
    recording = numbers(1, 6)
    recording.time_ns[:] = np.array([0, 3, 1, 3, 0, 1]) * FIRST_SLICE_NS
    for places in ([], [2, 5]):
        picture = seen(recording, places).matrix()
        np.testing.assert_allclose(picture, means_of(Overview(), recording.time_ns, recording.matrix()), rtol=1e-12)


def test_a_jump_of_years_is_one_picture() -> None:
    recording = numbers(1, 3)
    recording.time_ns[:] = [0, 1, 2**62]
    picture = seen(recording, [1]).matrix()
    assert COLUMNS <= picture.shape[1] <= 2 * COLUMNS
    np.testing.assert_allclose(picture[:, 0], recording.matrix()[:2].mean(axis=0))


def test_of_nothing_there_is_no_picture() -> None:
    overview = Overview()
    overview.add(csi(1, 3).take(slice(0)))
    assert overview.matrix().shape == (0, 0)
    assert overview.rows == []


def test_tokens_are_shown_by_their_length() -> None:
    recording = tokens(1, 30)
    assert isinstance(recording, TokenRecording)
    overview = seen(recording, [10])
    assert overview.rows == ["characters"]
    lengths = np.array([[float(len(text))] for text in recording.text])
    np.testing.assert_allclose(overview.matrix(), means_of(overview, recording.time_ns, lengths), rtol=1e-12)
