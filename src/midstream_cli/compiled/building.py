"""Machine code for the kernels of a module, made by numba: entries that take arrays by the address of the object.

An ndarray object is read as CPython lays it out, `PyArrayObject_fields` of numpy's C API: data at byte 16, dimensions at
32. A wrong array would be read as garbage: `Kernel` checks before it calls.
"""

import re
from typing import Any

import llvmlite.binding as llvm
from llvmlite import ir
from numba import njit
from numba.core import compiler, types
from numba.core.registry import cpu_target
from numba.extending import register_jitable

from midstream_cli.compiled import calling, lowering
from midstream_cli.compiled.kernel import Kernel, array_of, declared, inlined

DATA, DIMENSIONS = 16, 32
"""Bytes into an ndarray object."""

_OPTIONS = {"error_model": "numpy", "fastmath": {"nnan", "nsz", "contract"}}
_FOREIGN = re.compile(r"^declare .*? @(?!llvm\.)([\w.]+)\(", re.MULTILINE)
_KNOWN = {"memset", "memcpy", "memmove", "exp", "log", "log1p", "expm1", "pow"}
"""Functions of the C library that machine code may call."""

_EXCEPTION = "picklebuf"
"""In the name of what numba makes of an exception."""

_LETTERS = {int: types.int64, float: types.float64, bool: types.int64, type(None): types.none}
_IN_LLVM = {types.int64: "i64", types.float64: "double"}


def _array_reader(dtype: str, ndim: int) -> Any:
    """A function that turns the address of an ndarray object into the array."""
    array = types.Array(getattr(types, dtype), ndim, "C")

    def read(address: int) -> Any:
        raise NotImplementedError

    @lowering.define(read, lambda _: array, types.Integer)
    def lower(context: Any, builder: Any, _: Any, args: Any) -> Any:
        def field(offset: int, kind: Any) -> Any:
            where = builder.add(args[0], ir.IntType(64)(offset))
            return builder.load(builder.inttoptr(where, kind.as_pointer()))

        word = ir.IntType(64)
        shape = field(DIMENSIONS, word.as_pointer())
        sizes = [builder.load(builder.gep(shape, [word(i)])) for i in range(ndim)]
        size = context.get_abi_sizeof(lowering.NUMBERS[array.dtype])
        steps: list[Any] = []
        step = word(size)
        for extent in reversed(sizes):
            steps.insert(0, step)
            step = builder.mul(step, extent)
        made = context.make_array(array)(context, builder)
        from numba.np.arrayobj import populate_array

        data = field(DATA, context.get_value_type(types.CPointer(array.dtype)))
        populate_array(made, data=data, shape=sizes, strides=steps, itemsize=word(size), meminfo=None)
        return made._getvalue()  # noqa: SLF001 - numba's own way

    return read


_readers: dict[tuple[str, int], Any] = {}
_begun: list[Any] = []


def object_code(module: str, machine: llvm.TargetMachine) -> bytes:
    """The kernels of a module as an object file; entries are called by the names of the kernels."""
    _begun.extend(register_jitable(**_OPTIONS)(function) for function in inlined[len(_begun) :])
    whole: llvm.ModuleRef | None = None
    for each in declared(module):
        part = llvm.parse_assembly(_assembly(each))
        if whole is None:
            whole = part
        else:
            whole.link_in(part)
    assert whole is not None
    whole.link_in(llvm.parse_assembly(calling.DECLARATIONS + "".join(_called(each) for each in declared(module))))
    code: bytes = machine.emit_object(whole)
    return code


def _assembly(each: Kernel[..., Any]) -> str:
    """One kernel in LLVM's language, with an entry of its own name that returns what it returns.

    Raises:
        AssertionError: it raises, which nobody would hear, or needs something that only a running numba has.
    """
    *arguments, returned = each.types()
    names = [f"x{i}" for i in range(len(arguments))]
    scope: dict[str, Any] = {"compiled": njit(**_OPTIONS)(each.python)}
    given = []
    for name, annotation in zip(names, arguments, strict=True):
        array = array_of(annotation)
        if array is None:
            given.append(name)
            continue
        if array not in _readers:
            _readers[array] = _array_reader(*array)
        scope[f"read_{name}"] = _readers[array]
        given.append(f"read_{name}({name})")
    source = f"def entry({', '.join(names)}):\n    return compiled({', '.join(given)})\n"
    exec(source, scope)  # noqa: S102 - one line per kernel: numba compiles source, not closures over a number of arguments
    kinds = [types.int64 if array_of(kind) else _LETTERS[kind] for kind in arguments]
    result = _LETTERS[returned]
    flags = compiler.Flags()
    flags.no_cpython_wrapper = True
    flags.no_cfunc_wrapper = True
    flags.error_model = "numpy"
    flags.fastmath = _OPTIONS["fastmath"]
    lowering.install(cpu_target.typing_context, cpu_target.target_context)
    built = compiler.compile_extra(
        cpu_target.typing_context, cpu_target.target_context, scope["entry"], tuple(kinds), result, flags, {}
    )
    text = built.library.get_llvm_str()
    foreign = set(_FOREIGN.findall(text)) - _KNOWN
    if foreign:
        raise AssertionError(f"kernel {each.name} needs {', '.join(sorted(foreign))} at run time")
    if _EXCEPTION in text:
        raise AssertionError(f"kernel {each.name} can raise an exception")
    return str(text) + _entry(each.name, built.fndesc.llvm_func_name, [_IN_LLVM[kind] for kind in kinds], result)


def _called(each: Kernel[..., Any]) -> str:
    """The entry of one kernel that Python itself calls."""
    *kinds, returned = [array_of(kind) or _IN_LLVM.get(_LETTERS[kind], "void") for kind in each.types()]
    taken = ", ".join(kind if isinstance(kind, str) else "i64" for kind in kinds)
    result = "i64" if returned == "void" else returned
    return f"declare {result} @{each.name}({taken})\n" + calling.entry(each.name, kinds, str(returned))


def _entry(name: str, native: str, kinds: list[str], result: Any) -> str:
    """A function that calls numba's, which returns by a pointer."""
    taken = ", ".join(f"{kind} %x{i}" for i, kind in enumerate(kinds))
    kind = _IN_LLVM.get(result, "i64")
    return f"""
define {kind} @{name}({taken}) {{
  %r = alloca {kind}
  store {kind} zeroinitializer, ptr %r
  %s = call i32 @{native}(ptr %r, ptr null{", " if taken else ""}{taken})
  %v = load {kind}, ptr %r
  ret {kind} %v
}}
"""
