"""Machine code as a function of Python's own: it takes arrays and numbers as they are, and a call costs 0.05 us.

ctypes takes half a microsecond for a handful of arguments, as long as a short alignment itself. Here the entry reads the
arguments where the interpreter has put them (`METH_FASTCALL`, part of Python's stable interface) and checks each array:
an ndarray object is laid out as `PyArrayObject_fields` of numpy's C API.
"""

import ctypes
from collections.abc import Callable
from typing import Any

import numpy as np

FASTCALL = 0x80
TYPE, DIMENSIONS, DESCRIPTION, FLAGS = 8, 24, 56, 64
"""Bytes into an ndarray object."""
BYTE_ORDER, NUMBER = 26, 28
"""Bytes into what describes its elements."""
CONTIGUOUS_ALIGNED = 0x101

SYMBOLS = (
    "PyLong_AsLongLong", "PyLong_FromLongLong", "PyFloat_AsDouble", "PyFloat_FromDouble", "Py_BuildValue",
    "PyErr_Occurred", "PyErr_SetString", "PyEval_SaveThread", "PyEval_RestoreThread",
)  # fmt: skip
"""Functions of Python that an entry calls."""

DECLARATIONS = """
@midstream_ndarray = external global i8
@midstream_type_error = external global i8
@midstream_none = private constant [1 x i8] zeroinitializer
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


def entry(name: str, kinds: list[str | tuple[str, int]], returned: str) -> str:
    """A function in LLVM's language that checks what Python gives, and calls the entry of that name.

    Args:
        kinds: of each argument `i64`, `double`, or the dtype and number of dimensions of an array.
        returned: `i64`, `double` or `void`.
    """
    lines = [
        f'@{name}.refused = private constant [{len(_refusal(name)) + 1} x i8] c"{_refusal(name)}\\00"',
        f"define ptr @{name}.called(ptr %self, ptr %args, i64 %count) {{",
        f"  %enough = icmp eq i64 %count, {len(kinds)}",
        "  br i1 %enough, label %a0, label %refuse",
    ]
    for at, kind in enumerate(kinds):
        lines += [f"a{at}:", f"  %p{at} = getelementptr ptr, ptr %args, i64 {at}", f"  %o{at} = load ptr, ptr %p{at}"]
        lines += _number(at, kind) if isinstance(kind, str) else _array(at, *kind)
    taken = ", ".join(f"{kind if isinstance(kind, str) else 'i64'} %v{at}" for at, kind in enumerate(kinds))
    lines += [
        f"a{len(kinds)}:",
        "  %raised = call ptr @PyErr_Occurred()",
        "  %fine = icmp eq ptr %raised, null",
        "  br i1 %fine, label %go, label %leave",
        "go:",
        "  %holding = icmp eq ptr %self, null",
        "  br i1 %holding, label %held, label %free",
        "held:",
        f"  %r0 = call {_returned(returned)} @{name}({taken})",
        "  br label %done",
        "free:",
        "  %thread = call ptr @PyEval_SaveThread()",
        f"  %r1 = call {_returned(returned)} @{name}({taken})",
        "  call void @PyEval_RestoreThread(ptr %thread)",
        "  br label %done",
        "done:",
        f"  %r = phi {_returned(returned)} [%r0, %held], [%r1, %free]",
        *_result(returned),
        "  ret ptr %result",
        "refuse:",
        f"  call void @PyErr_SetString(ptr @midstream_type_error, ptr @{name}.refused)",
        "  br label %leave",
        "leave:",
        "  ret ptr null",
        "}",
    ]
    return "\n".join(lines) + "\n"


def _refusal(name: str) -> str:
    return f"{name}: each array must be contiguous, and of the type and dimensions that are declared"


def _returned(kind: str) -> str:
    return "i64" if kind == "void" else kind


def _number(at: int, kind: str) -> list[str]:
    convert = "i64 @PyLong_AsLongLong" if kind == "i64" else "double @PyFloat_AsDouble"
    return [f"  %v{at} = call {convert}(ptr %o{at})", f"  br label %a{at + 1}"]


def _array(at: int, dtype: str, ndim: int) -> list[str]:
    wanted = np.dtype(dtype)

    def field(name: str, source: str, offset: int, kind: str) -> list[str]:
        return [
            f"  %{name}p{at} = getelementptr i8, ptr {source}, i64 {offset}",
            f"  %{name}{at} = load {kind}, ptr %{name}p{at}",
        ]

    return [
        *field("t", f"%o{at}", TYPE, "ptr"),
        f"  %c{at} = icmp eq ptr %t{at}, @midstream_ndarray",
        f"  br i1 %c{at}, label %b{at}, label %refuse",
        f"b{at}:",
        *field("n", f"%o{at}", DIMENSIONS, "i32"),
        *field("f", f"%o{at}", FLAGS, "i32"),
        *field("d", f"%o{at}", DESCRIPTION, "ptr"),
        *field("k", f"%d{at}", NUMBER, "i32"),
        *field("y", f"%d{at}", BYTE_ORDER, "i8"),
        f"  %g{at} = and i32 %f{at}, {CONTIGUOUS_ALIGNED}",
        f"  %h{at} = xor i32 %g{at}, {CONTIGUOUS_ALIGNED}",
        f"  %i{at} = xor i32 %n{at}, {ndim}",
        f"  %j{at} = xor i32 %k{at}, {wanted.num}",
        f"  %l{at} = xor i8 %y{at}, {ord(wanted.byteorder)}",
        f"  %m{at} = zext i8 %l{at} to i32",
        f"  %q{at} = or i32 %h{at}, %i{at}",
        f"  %s{at} = or i32 %j{at}, %m{at}",
        f"  %u{at} = or i32 %q{at}, %s{at}",
        f"  %w{at} = icmp eq i32 %u{at}, 0",
        f"  %v{at} = ptrtoint ptr %o{at} to i64",
        f"  br i1 %w{at}, label %a{at + 1}, label %refuse",
    ]


def _result(kind: str) -> list[str]:
    if kind == "double":
        return ["  %result = call ptr @PyFloat_FromDouble(double %r)"]
    if kind == "i64":
        return ["  %result = call ptr @PyLong_FromLongLong(i64 %r)"]
    return ["  %result = call ptr (ptr, ...) @Py_BuildValue(ptr @midstream_none)"]


class _Method(ctypes.Structure):
    """`PyMethodDef`."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("function", ctypes.c_void_p),
        ("flags", ctypes.c_int),
        ("doc", ctypes.c_char_p),
    )


_kept: list[_Method] = []
"""The interpreter refers to them for as long as it runs."""


def symbols() -> dict[str, int]:
    """Addresses that entries refer to."""
    found = {name: ctypes.cast(getattr(ctypes.pythonapi, name), ctypes.c_void_p).value or 0 for name in SYMBOLS}
    return found | {"midstream_ndarray": id(np.ndarray), "midstream_type_error": id(TypeError)}


def function(name: str, address: int, *, hold_gil: bool) -> Callable[..., Any]:
    """The entry at an address as a Python function.

    Args:
        hold_gil: other threads wait while it runs; for calls of a microsecond, where letting them costs more.
    """
    method = _Method(name.encode(), address, FASTCALL, None)
    _kept.append(method)
    make = ctypes.pythonapi.PyCFunction_NewEx
    make.restype, make.argtypes = ctypes.py_object, [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p]
    made: Callable[..., Any] = make(ctypes.addressof(method), None if hold_gil else id(function), None)
    return made
