"""Single NumPy arrays as recordings."""

import io
from typing import Any

import numpy as np
import pytest
from table_reading import numbers, read, samples
from test_npz import archive

from midstream_cli.errors import FormatError


def saved(array: Any) -> bytes:
    file = io.BytesIO()
    np.save(file, array, allow_pickle=True)
    return file.getvalue()


@pytest.mark.parametrize(
    ("array", "columns"),
    [
        (np.array([1, 2, 3], np.int16), {"c0": [1, 2, 3]}),
        (np.array([[1, 2], [3, 4]], ">f4"), {"c0": [1, 3], "c1": [2, 4]}),
        (np.asfortranarray(np.array([[1.0, 2.0], [3.0, 4.0]])), {"c0": [1, 3], "c1": [2, 4]}),
        (np.array([True, False]), {"c0": [1, 0]}),
    ],
)
def test_an_array_of_numbers_has_numbered_columns(array: Any, columns: dict[str, list[float]]) -> None:
    recording, _ = read("npy", saved(array))
    assert numbers(recording) == columns
    assert recording is not None
    assert recording.info.clock == "none"


@pytest.mark.parametrize("shape", [(4,), (4, 1), (2, 2), (1, 2, 2)])
def test_an_array_of_complex_numbers_is_channel_state(shape: tuple[int, ...]) -> None:
    array = (np.arange(4) + 1j).reshape(shape)
    assert samples(read("npy", saved(array))[0]).tolist() == array.reshape(len(array), -1).tolist()


def test_fields_of_a_structured_array_are_columns_by_name() -> None:
    array = np.array([(1.5, 7, b"a"), (2.5, 8, b"b")], [("time_s", "f8"), ("x", "i4"), ("label", "S1")])
    recording, tally = read("npy", saved(array))
    assert numbers(recording) == {"x": [7, 8]}
    assert recording is not None
    assert recording.time_ns.tolist() == [1_500_000_000, 2_500_000_000]
    assert tally.skipped == {"label: not numbers": 1}


def test_a_structured_array_can_hold_samples() -> None:
    array = np.array([(5, [1j, 2]), (6, [3, 4])], [("time_ns", "i8"), ("csi", "c8", 2)])
    assert samples(read("npy", saved(array))[0]).tolist() == [[1j, 2], [3, 4]]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (saved(np.array([{}, []], object)), "holds Python objects"),
        (saved(np.array(5)), "no column of numbers"),
        (saved(np.arange(9))[:-8], "not a whole NumPy file"),
        (b"\x93NUMPY\x01\0", "not a whole NumPy file"),
        (archive(a=[1]), "archive of arrays"),
    ],
)
def test_what_is_no_array_of_numbers_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(FormatError, match=said) as caught:
        read("npy", data)
    assert caught.value.hint


def test_an_array_of_text_has_no_columns() -> None:
    recording, tally = read("npy", saved(np.array(["a", "b"])))
    assert numbers(recording) == {}
    assert tally.skipped == {"c0: not numbers": 1}


def test_a_size_that_is_not_there_is_refused() -> None:
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(file, {"descr": "<f8", "fortran_order": False, "shape": (10**15,)})
    with pytest.raises(FormatError, match="is not a whole NumPy file"):
        read("npy", file.getvalue() + bytes(80))


def test_channel_state_without_a_frame_has_none() -> None:
    recording, _ = read("npy", saved(np.zeros((0, 64), np.complex64)))
    assert not recording


def test_what_is_no_numpy_file_is_called_so() -> None:
    with pytest.raises(FormatError, match="is no NumPy file"):
        read("npy", b"time_s,x\n0,1\n")
