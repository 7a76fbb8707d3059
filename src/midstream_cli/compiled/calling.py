"""Machine code as functions of Python's own: they take arrays and numbers as they are, and a call costs 0.05 us.

ctypes takes half a microsecond for a handful of arguments, as long as a short alignment itself. Here a function reads its
arguments where the interpreter has put them (`METH_FASTCALL`, part of Python's stable interface) and checks each array:
an ndarray object is laid out as `PyArrayObject_fields` of numpy's C API.
"""

import ctypes
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

FASTCALL = 0x80
TYPE, DATA, DIMENSIONS, SHAPE, DESCRIPTION, FLAGS = 8, 16, 24, 32, 56, 64
"""Bytes into an ndarray object."""
BYTE_ORDER, NUMBER = 26, 28
"""Bytes into what describes its elements."""
CONTIGUOUS_ALIGNED = 0x101

SYMBOLS = (
    "PyLong_AsLongLong", "PyLong_FromLongLong", "PyFloat_AsDouble", "PyFloat_FromDouble", "Py_BuildValue",
    "PyErr_Occurred", "PyErr_SetString", "PyEval_SaveThread", "PyEval_RestoreThread",
)  # fmt: skip
"""Functions of Python that are called."""

DECLARATIONS = """
@midstream_ndarray = external global i8
@midstream_type_error = external global i8
declare i64 @PyLong_AsLongLong(ptr)
declare ptr @PyLong_FromLongLong(i64)
declare double @PyFloat_AsDouble(ptr)
declare ptr @PyFloat_FromDouble(double)
declare ptr @Py_BuildValue(ptr, ...)
declare ptr @PyErr_Occurred()
declare void @PyErr_SetString(ptr, ptr)
declare ptr @PyEval_SaveThread()
declare void @PyEval_RestoreThread(ptr)
"""

_RESULTS = {
    float: "call ptr @PyFloat_FromDouble(double %v)",
    int: "call ptr @PyLong_FromLongLong(i64 %v)",
    type(None): "call ptr (ptr, ...) @Py_BuildValue(ptr @{name}.nothing)",
}

_FUNCTION = """
@{name}.nothing = private constant [1 x i8] zeroinitializer
@{name}.refusal = private constant [{length} x i8] c"{refusal}\\00"

define ptr @{name}(ptr %self, ptr %arguments, i64 %count) {{
  %r = alloca i64
  %enough = icmp eq i64 %count, {count}
  br i1 %enough, label %a0, label %refuse
{arguments}
a{count}:
  %raised = call ptr @PyErr_Occurred()
  %fine = icmp eq ptr %raised, null
  br i1 %fine, label %go, label %leave
go:
  %holding = icmp eq ptr %self, null
  br i1 %holding, label %held, label %free
held:
  %s0 = call i32 @{native}(ptr %r, ptr null, {taken})
  br label %done
free:
  %thread = call ptr @PyEval_SaveThread()
  %s1 = call i32 @{native}(ptr %r, ptr null, {taken})
  call void @PyEval_RestoreThread(ptr %thread)
  br label %done
done:
  %v = load {kind}, ptr %r
  %result = {result}
  ret ptr %result
refuse:
  call void @PyErr_SetString(ptr @midstream_type_error, ptr @{name}.refusal)
  br label %leave
leave:
  ret ptr null
}}
"""


def function(name: str, native: str, kinds: Sequence[Any], returned: type) -> str:
    """A function in LLVM's language that checks what Python gives, and calls numba's.

    Args:
        native: the name of numba's function, which returns through a pointer.
        kinds: of each argument `int`, `float`, or the dtype and number of dimensions of an array.
        returned: `int`, `float` or the type of None.
    """
    refusal = f"{name}: each array must be contiguous, and of the type and dimensions that are declared"
    lines, taken = [], []
    for at, kind in enumerate(kinds):
        lines += [
            f"a{at}:",
            f"  %p{at} = getelementptr ptr, ptr %arguments, i64 {at}",
            f"  %o{at} = load ptr, ptr %p{at}",
            *(_array(at, *kind) if isinstance(kind, tuple) else _number(at, kind)),
        ]
        taken += _taken(at, *kind) if isinstance(kind, tuple) else [f"{_kind(kind)} %v{at}"]
    return _FUNCTION.format(
        name=name,
        native=native,
        refusal=refusal,
        length=len(refusal) + 1,
        count=len(kinds),
        arguments="\n".join(lines),
        taken=", ".join(taken),
        kind=_kind(returned),
        result=_RESULTS[returned].format(name=name),
    )


def _kind(of: type) -> str:
    return "double" if of is float else "i64"


def _number(at: int, kind: type) -> list[str]:
    convert = "double @PyFloat_AsDouble" if kind is float else "i64 @PyLong_AsLongLong"
    return [f"  %v{at} = call {convert}(ptr %o{at})", f"  br label %a{at + 1}"]


def _array(at: int, dtype: str, ndim: int) -> list[str]:
    """Check an array, and take it apart into what numba knows of one."""
    wanted = np.dtype(dtype)

    def field(name: str, source: str, offset: int, kind: str) -> list[str]:
        return [
            f"  %{name}p{at} = getelementptr i8, ptr {source}, i64 {offset}",
            f"  %{name}{at} = load {kind}, ptr %{name}p{at}",
        ]

    extents = [line for i in range(ndim) for line in field(f"e{i}_", f"%h{at}", 8 * i, "i64")]
    return [
        *field("t", f"%o{at}", TYPE, "ptr"),
        f"  %is{at} = icmp eq ptr %t{at}, @midstream_ndarray",
        f"  br i1 %is{at}, label %b{at}, label %refuse",
        f"b{at}:",
        *field("n", f"%o{at}", DIMENSIONS, "i32"),
        *field("f", f"%o{at}", FLAGS, "i32"),
        *field("d", f"%o{at}", DESCRIPTION, "ptr"),
        *field("k", f"%d{at}", NUMBER, "i32"),
        *field("y", f"%d{at}", BYTE_ORDER, "i8"),
        f"  %g{at} = and i32 %f{at}, {CONTIGUOUS_ALIGNED}",
        f"  %x0_{at} = xor i32 %g{at}, {CONTIGUOUS_ALIGNED}",
        f"  %x1_{at} = xor i32 %n{at}, {ndim}",
        f"  %x2_{at} = xor i32 %k{at}, {wanted.num}",
        f"  %x3_{at} = xor i8 %y{at}, {ord(wanted.byteorder)}",
        f"  %x4_{at} = zext i8 %x3_{at} to i32",
        f"  %x5_{at} = or i32 %x0_{at}, %x1_{at}",
        f"  %x6_{at} = or i32 %x2_{at}, %x4_{at}",
        f"  %x7_{at} = or i32 %x5_{at}, %x6_{at}",
        f"  %ok{at} = icmp eq i32 %x7_{at}, 0",
        f"  br i1 %ok{at}, label %c{at}, label %refuse",
        f"c{at}:",
        *field("data", f"%o{at}", DATA, "ptr"),
        *field("h", f"%o{at}", SHAPE, "ptr"),
        *extents,
        f"  %s{ndim - 1}_{at} = add i64 0, {wanted.itemsize}",
        *(f"  %s{i}_{at} = mul i64 %s{i + 1}_{at}, %e{i + 1}_{at}" for i in reversed(range(ndim - 1))),
        f"  %bytes{at} = mul i64 %s0_{at}, %e0_{at}",
        f"  %items{at} = udiv i64 %bytes{at}, {wanted.itemsize}",
        f"  br label %a{at + 1}",
    ]


def _taken(at: int, dtype: str, ndim: int) -> list[str]:
    """An array as numba's functions take it: owner, parent, elements, their size, data, extents, strides."""
    size = np.dtype(dtype).itemsize
    extents, strides = ([f"i64 %{letter}{i}_{at}" for i in range(ndim)] for letter in "es")
    return ["ptr null", "ptr null", f"i64 %items{at}", f"i64 {size}", f"ptr %data{at}", *extents, *strides]


class _Method(ctypes.Structure):
    """`PyMethodDef`."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("function", ctypes.c_void_p),
        ("flags", ctypes.c_int),
        ("doc", ctypes.c_char_p),
    )


_made: dict[tuple[str, int, bool], tuple[_Method, Callable[..., Any]]] = {}
"""The interpreter refers to them for as long as it runs."""


def symbols() -> dict[str, int]:
    """Addresses that machine code refers to."""
    found = {name: ctypes.cast(getattr(ctypes.pythonapi, name), ctypes.c_void_p).value or 0 for name in SYMBOLS}
    return found | {"midstream_ndarray": id(np.ndarray), "midstream_type_error": id(TypeError)}


def bound(name: str, address: int, *, hold_gil: bool) -> Callable[..., Any]:
    """The function at an address as one of Python.

    Args:
        hold_gil: other threads wait while it runs; for calls of a microsecond, where letting them costs more.
    """
    known = _made.get((name, address, hold_gil))
    if known is None:
        method = _Method(name.encode(), address, FASTCALL, None)
        make = ctypes.pythonapi.PyCFunction_NewEx
        make.restype, make.argtypes = ctypes.py_object, [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p]
        known = method, make(ctypes.addressof(method), None if hold_gil else id(bound), None)
        # of two threads, the first one's counts
        known = _made.setdefault((name, address, hold_gil), known)
    return known[1]
