"""Recordings as Arrow batches: nothing changes on the way there and back."""

import numpy as np
import pyarrow as pa
import pytest
from any_recording import RECORDINGS, all_bits
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.errors import StoreError
from midstream_cli.frames import StreamInfo, TokenFrame
from midstream_cli.recordings import CsiRecording, Recording, TokenRecording
from midstream_cli.streams.arrow_columns import SAMPLE_TYPES, batch_of, layout_of, recording_of


@given(RECORDINGS)
def test_a_recording_of_any_kind_comes_back_bit_for_bit(recording: Recording) -> None:
    assert all_bits(recording_of(batch_of(recording))) == all_bits(recording)


@given(RECORDINGS, st.data())
def test_any_part_of_a_batch_is_that_part_of_the_recording(recording: Recording, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(recording)))
    stop = data.draw(st.integers(start, len(recording)))
    part = recording_of(batch_of(recording).slice(start, stop - start))
    assert all_bits(part) == all_bits(recording.take(slice(start, stop)))


@pytest.mark.parametrize(
    ("value", "narrowest"),
    [(127, np.int8), (-128, np.int8), (128, np.int16), (-32768, np.int16), (32768, np.float32), (0.5, np.float32)],
)
def test_samples_take_the_narrowest_type_that_holds_them(value: float, narrowest: type) -> None:
    recording = CsiRecording.build(StreamInfo(), [1], np.array([[1 + 2j, complex(0, value)]], np.complex64))
    batch = batch_of(recording)
    assert SAMPLE_TYPES[batch["csi_type"][0].as_py()] is narrowest
    assert len(batch["csi"][0].as_py()) == 4 * np.dtype(narrowest).itemsize


@pytest.mark.parametrize("special", [-0.0, np.nan, np.inf, 1e30])
def test_a_sample_that_is_no_plain_integer_keeps_its_bits(special: float) -> None:
    samples = np.array([[complex(3, special)]], np.complex64)
    back = recording_of(batch_of(CsiRecording.build(StreamInfo(), [1], samples)))
    assert isinstance(back, CsiRecording)
    assert back.csi.tobytes() == samples.tobytes()


def test_half_a_surrogate_pair_is_kept_which_json_allows_and_utf8_does_not() -> None:
    tokens = TokenRecording.of(StreamInfo(kind="token"), [TokenFrame(1, "\ud83d"), TokenFrame(2, "\ude00")])
    assert all_bits(recording_of(batch_of(tokens))) == all_bits(tokens)


def test_batches_of_different_sample_types_can_share_a_table() -> None:
    wide = CsiRecording.build(StreamInfo(), [1, 2], np.array([[300 + 1j], [2]], np.complex64))
    narrow = CsiRecording.build(StreamInfo(), [3], np.array([[1j, 5, 6]], np.complex64))
    exact = CsiRecording.build(StreamInfo(), [4], np.array([[0.25]], np.complex64))
    table = pa.Table.from_batches([batch_of(piece) for piece in (wide, narrow, exact)]).combine_chunks()
    back = recording_of(table.to_batches()[0])
    assert isinstance(back, CsiRecording)
    assert back.csi.tolist() == [300 + 1j, 2, 1j, 5, 6, 0.25]
    assert back.offsets.tolist() == [0, 1, 2, 5, 6]


def test_a_column_of_python_objects_is_refused_by_name() -> None:
    meta = {"odd": np.array([{}, None], object)}
    recording = CsiRecording.build(StreamInfo(), [1, 2], np.ones((2, 1)), meta=meta)
    with pytest.raises(StoreError, match="the column meta_odd holds objects"):
        batch_of(recording)


def test_the_layout_changes_with_columns_and_types_and_info_but_not_with_the_width_of_text() -> None:
    def piece(**meta: object) -> CsiRecording:
        fields = {name: np.array([value]) for name, value in meta.items()}
        return CsiRecording.build(StreamInfo("s"), [1], np.ones((1, 1)), meta=fields)

    assert layout_of(piece(role="AP")) == layout_of(piece(role="PASSIVE"))
    assert layout_of(piece(rate=1)) != layout_of(piece(rate=1.0))
    assert layout_of(piece(rate=1)) != layout_of(piece(mcs=1))
    other = CsiRecording.build(StreamInfo("s", clock="host"), [1], np.ones((1, 1)), meta={"rate": np.array([1])})
    assert layout_of(piece(rate=1)) != layout_of(other)
