"""Machine code for the kernels of a module, made by numba."""

import re
from typing import Any

import llvmlite.binding as llvm
from numba.core import compiler, types
from numba.core.registry import cpu_target
from numba.extending import register_jitable

from midstream_cli.compiled import calling, lowering
from midstream_cli.compiled.kernel import Kernel, array_of, declared, inlined

_OPTIONS = {"error_model": "numpy", "fastmath": {"nnan", "nsz", "contract"}}
_FOREIGN = re.compile(r"^declare .*? @(?!llvm\.)([\w.]+)\(", re.MULTILINE)
_KNOWN = {"memset", "memcpy", "memmove", "exp", "log", "log1p", "expm1", "pow"}
"""Functions of the C library that machine code may call."""

_EXCEPTION = "picklebuf"
"""In the name of what numba makes of an exception."""

_TYPES = {int: types.int64, float: types.float64, type(None): types.none}

_begun: list[Any] = []


def object_code(module: str, machine: llvm.TargetMachine) -> bytes:
    """The kernels of a module as an object file; functions for Python are called by the names of the kernels.

    Raises:
        AssertionError: a kernel raises, which nobody would hear, or needs something that only a running numba has.
    """
    _begun.extend(register_jitable(**_OPTIONS)(function) for function in inlined[len(_begun) :])
    lowering.install(cpu_target.typing_context, cpu_target.target_context)
    whole = llvm.parse_assembly(calling.DECLARATIONS)
    for each in declared(module):
        whole.link_in(llvm.parse_assembly(_assembly(each)))
    code: bytes = machine.emit_object(whole)
    return code


def _assembly(each: Kernel[..., Any]) -> str:
    """One kernel in LLVM's language, and the function that Python calls."""
    *arguments, returned = each.types()
    flags = compiler.Flags()
    flags.no_cpython_wrapper = True
    flags.no_cfunc_wrapper = True
    flags.error_model = _OPTIONS["error_model"]
    flags.fastmath = _OPTIONS["fastmath"]
    built = compiler.compile_extra(
        cpu_target.typing_context,
        cpu_target.target_context,
        each.python,
        tuple(map(_type, arguments)),
        _TYPES[returned],
        flags,
        {},
    )
    text = str(built.library.get_llvm_str())
    foreign = set(_FOREIGN.findall(text)) - _KNOWN
    if foreign:
        raise AssertionError(f"kernel {each.name} needs {', '.join(sorted(foreign))} at run time")
    if _EXCEPTION in text:
        raise AssertionError(f"kernel {each.name} can raise an exception")
    kinds = [array_of(annotation) or annotation for annotation in arguments]
    return text + calling.DECLARATIONS + calling.function(each.name, built.fndesc.llvm_func_name, kinds, returned)


def _type(annotation: Any) -> types.Type:
    array = array_of(annotation)
    return types.Array(getattr(types, array[0]), array[1], "C") if array else _TYPES[annotation]
