"""Kernels as the rest of the program sees them: functions of arrays and numbers, compiled when they are first called.

A kernel is a plain Python function on contiguous arrays and numbers, annotated with the types below. Calling it runs
the code that was compiled for this machine; `kernel.python` is the function as written, for machines without a
compiler and for tests that hold both against each other.
"""

import os
import sys
from collections.abc import Callable
from typing import Annotated, Any, Generic, ParamSpec, TypeVar, get_args, get_origin, get_type_hints

import numpy as np
import numpy.typing as npt

Arguments = ParamSpec("Arguments")
Returned = TypeVar("Returned")

F1 = Annotated[npt.NDArray[np.float64], "float64", 1]
F2 = Annotated[npt.NDArray[np.float64], "float64", 2]
F3 = Annotated[npt.NDArray[np.float64], "float64", 3]
I1 = Annotated[npt.NDArray[np.int64], "int64", 1]
I2 = Annotated[npt.NDArray[np.int64], "int64", 2]
U1 = Annotated[npt.NDArray[np.uint64], "uint64", 1]
B1 = Annotated[npt.NDArray[np.uint8], "uint8", 1]

VARIABLE = "MIDSTREAM_COMPILED"
"""Set to `off`, every kernel runs as it is written: a thousand times slower, and without a compiler."""

inlined: list[Callable[..., Any]] = []
"""Functions that kernels call."""


def inline(function: Callable[Arguments, Returned]) -> Callable[Arguments, Returned]:
    """A function that kernels may call; it is compiled into them."""
    inlined.append(function)
    return function


class Kernel(Generic[Arguments, Returned]):
    """A function on arrays and numbers, compiled for this machine when it is first called."""

    def __init__(self, python: Callable[Arguments, Returned]) -> None:
        self.python = python
        self.module: str = python.__module__
        self.name: str = python.__name__
        self.__doc__ = python.__doc__
        self._function: Callable[Arguments, Returned] | None = None

    def __call__(self, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Returned:
        """Run it; arrays must be contiguous, of the type and the number of dimensions that are declared.

        Other Python threads run meanwhile.

        Raises:
            TypeError: they are not.
        """
        if self._function is None:
            self._function = self.function()
        return self._function(*args, **kwargs)

    def function(self, *, hold_gil: bool = False) -> Callable[Arguments, Returned]:
        """The machine code as a function that is called like this one, in 0.05 us; without a compiler, as it is written.

        Args:
            hold_gil: other threads wait while it runs; for calls of a microsecond, where letting them costs more.
        """
        if os.environ.get(VARIABLE) == "off":
            return self.python
        from midstream_cli.compiled import machine

        return machine.function(self, hold_gil=hold_gil)

    def types(self) -> list[Any]:
        """The annotations of its arguments, and of what it returns."""
        hints = get_type_hints(self.python, include_extras=True)
        return [*(kind for name, kind in hints.items() if name != "return"), hints["return"]]


def kernel(function: Callable[Arguments, Returned]) -> Kernel[Arguments, Returned]:
    """Declare a kernel."""
    return Kernel(function)


def array_of(annotation: Any) -> tuple[str, int] | None:
    """The type of the elements and the number of dimensions, where an annotation means an array."""
    if get_origin(annotation) is not Annotated:
        return None
    _, dtype, ndim = get_args(annotation)
    return dtype, ndim


def declared(module: str) -> list[Kernel[..., Any]]:
    """The kernels of a module, in the order in which they are written."""
    return [
        value for value in vars(sys.modules[module]).values() if isinstance(value, Kernel) and value.module == module
    ]
