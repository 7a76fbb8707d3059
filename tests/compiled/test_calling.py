"""Kernels as functions of Python's own: they take what is declared, and refuse all else."""

import os
import threading
from typing import Any

import numpy as np
import pytest
import vector_kernels

from midstream_cli.compiled.kernel import VARIABLE

compiled = pytest.mark.skipif(os.environ.get(VARIABLE) == "off", reason="nothing is compiled")

ARRAY = np.arange(8.0)
READ_ONLY = ARRAY.copy()
READ_ONLY.flags.writeable = False


@pytest.mark.parametrize("hold_gil", [False, True])
def test_it_gives_what_the_kernel_gives(hold_gil: bool) -> None:
    run = vector_kernels.as_bits.function(hold_gil=hold_gil)
    for x in (ARRAY, READ_ONLY, ARRAY[:], np.arange(16.0)[8:]):
        assert run(x, np.full(8, 3.0)) == vector_kernels.as_bits(x, np.full(8, 3.0))


@compiled
@pytest.mark.parametrize("hold_gil", [False, True])
def test_it_is_made_once(hold_gil: bool) -> None:
    made = vector_kernels.as_bits.function(hold_gil=hold_gil)
    assert vector_kernels.as_bits.function(hold_gil=hold_gil) is made
    assert vector_kernels.as_bits.function(hold_gil=not hold_gil) is not made


@compiled
@pytest.mark.parametrize(
    "bad",
    [
        ARRAY.astype(np.float32), ARRAY.astype(np.int64), ARRAY.astype(">f8"), np.arange(16.0)[::2], ARRAY[None],
        np.array(3.0), ARRAY.tolist(), None, 3.0, ARRAY.view(np.ma.MaskedArray), np.zeros(65, np.uint8)[1:].view(np.float64),
    ],
    ids=str,
)  # fmt: skip
def test_what_is_not_declared_is_refused(bad: Any) -> None:
    run = vector_kernels.as_bits.function()
    with pytest.raises(TypeError, match="as_bits: each array must be contiguous"):
        run(bad, ARRAY)
    with pytest.raises(TypeError, match="as_bits: each array must be contiguous"):
        run(ARRAY, bad)


@compiled
def test_too_many_or_too_few_arguments_are_refused() -> None:
    run: Any = vector_kernels.as_bits.function()
    for arguments in ((), (ARRAY,), (ARRAY,) * 3):
        with pytest.raises(TypeError, match="as_bits"):
            run(*arguments)


def test_threads_may_call_it_at_once() -> None:
    run = vector_kernels.as_bits.function()
    found: list[set[int]] = []
    threads = [
        threading.Thread(target=lambda: found.append({run(ARRAY, np.full(8, 3.0)) for _ in range(2000)}))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [{7}] * 4


def test_without_compiled_code_it_is_the_function_as_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIDSTREAM_COMPILED", "off")
    assert vector_kernels.as_bits.function() is vector_kernels.as_bits.python
