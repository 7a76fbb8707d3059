"""What a compiled operation gives is what it means."""

import numpy as np
import numpy.typing as npt
import pytest
import vector_kernels
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from midstream_cli.compiled.kernel import declared
from midstream_cli.compiled.vectors import aligned

NUMBERS = st.floats(-1e6, 1e6, width=32)
L = vector_kernels.L


def vector(elements: st.SearchStrategy[float], lanes: int = L) -> st.SearchStrategy[npt.NDArray[np.float64]]:
    return arrays.arrays(np.float64, lanes, elements=elements)


@given(vector(NUMBERS), vector(NUMBERS), vector(NUMBERS))
def test_operations_on_numbers(
    x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], z: npt.NDArray[np.float64]
) -> None:
    compiled, meant = np.zeros(18 * L), np.zeros(18 * L)
    vector_kernels.floating(x, y, z, compiled)
    vector_kernels.floating.python(x, y, z, meant)
    # a product and a sum may be rounded once or twice
    scale = np.abs(x).max() * np.abs(y).max() + np.abs(z).max()
    np.testing.assert_allclose(compiled, meant, rtol=1e-15, atol=4e-16 * scale)
    assert np.array_equal(np.delete(compiled, np.s_[6 * L : 7 * L]), np.delete(meant, np.s_[6 * L : 7 * L]))


@given(vector(NUMBERS))
def test_lanes_move_and_numbers_are_patterns_of_bits(x: npt.NDArray[np.float64]) -> None:
    compiled, meant = np.zeros(4 * L), np.zeros(4 * L)
    vector_kernels.rearranged(x, compiled)
    vector_kernels.rearranged.python(x, meant)
    # as bits: turned over, zero is the least subnormal, which arithmetic may take for zero
    assert np.array_equal(compiled.view(np.int64), meant.view(np.int64))


@given(vector(st.one_of(NUMBERS, st.just(np.inf))), vector(st.one_of(NUMBERS, st.just(np.inf))))
def test_infinity_is_a_number_to_compare_with(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> None:
    assert vector_kernels.as_bits(x, y) == sum(1 << i for i in range(L) if x[i] < y[i])
    assert vector_kernels.as_bits.python(x, y) == vector_kernels.as_bits(x, y)


@given(vector(NUMBERS, 64), vector(NUMBERS, 64))
def test_sixty_four_lanes_fill_a_word(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> None:
    expected = sum(1 << i for i in range(64) if x[i] < y[i])
    assert vector_kernels.as_many_bits(x, y) % 2**64 == expected
    assert vector_kernels.as_many_bits.python(x, y) % 2**64 == expected


@given(arrays.arrays(np.uint64, L), arrays.arrays(np.uint64, L))
def test_operations_on_whole_numbers(x: npt.NDArray[np.uint64], y: npt.NDArray[np.uint64]) -> None:
    compiled, meant = np.zeros(13 * L, np.uint64), np.zeros(13 * L, np.uint64)
    vector_kernels.unsigned(x, y, compiled)
    vector_kernels.unsigned.python(x, y, meant)
    assert np.array_equal(compiled, meant)


@given(arrays.arrays(np.int64, L), arrays.arrays(np.int64, L))
def test_operations_on_whole_numbers_with_a_sign(x: npt.NDArray[np.int64], y: npt.NDArray[np.int64]) -> None:
    compiled, meant = np.zeros(3 * L, np.int64), np.zeros(3 * L, np.int64)
    vector_kernels.signed(x, y, compiled)
    vector_kernels.signed.python(x, y, meant)
    assert np.array_equal(compiled, meant)


@given(arrays.array_shapes(min_dims=6, max_dims=6, min_side=0, max_side=4), st.integers(-5, 5), st.floats(-3, 3))
def test_arrays_of_every_shape_arrive_as_they_are(shape: tuple[int, ...], count: int, factor: float) -> None:
    rng = np.random.default_rng(1)
    one, two, three = (rng.integers(-9, 9, shape[i:j]).astype(float) for i, j in ((0, 1), (1, 3), (3, 6)))
    expected = vector_kernels.shapes.python(one, two, three, factor, count)
    assert vector_kernels.shapes(one, two, three, factor, count) == pytest.approx(expected, rel=1e-12, abs=1e-9)


def test_the_kernels_of_a_module_are_found() -> None:
    names = [each.name for each in declared("vector_kernels")]
    assert names == ["floating", "unsigned", "signed", "rearranged", "as_bits", "as_many_bits", "shapes"]


@pytest.mark.parametrize("shape", [1, 7, (3, 5), (2, 3, 4)])
def test_aligned_arrays_begin_where_a_register_can_load_at_once(shape: int | tuple[int, ...]) -> None:
    for dtype in (np.float64, np.uint8):
        array = aligned(shape, dtype)
        assert array.ctypes.data % 64 == 0
        assert np.array_equal(array, np.zeros(shape, dtype))
        assert array.dtype == dtype
