"""What the operations on vectors are to the compiler: one LLVM vector type, and an instruction or two each."""

import operator
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.core.imputils import Registry, builtin_registry
from numba.core.typing.templates import AbstractTemplate, signature
from numba.core.typing.templates import Registry as Typing
from numba.extending import models, register_model
from numba.np import arrayobj

from midstream_cli.compiled import vectors

FAST = ("nnan", "nsz", "contract")
"""Freedoms of arithmetic: no NaN, no sign of zero, multiply and add rounded once."""

INDEX = ir.IntType(32)
NUMBERS = {
    types.float64: ir.DoubleType(),
    types.int64: ir.IntType(64),
    types.uint64: ir.IntType(64),
    types.int32: ir.IntType(32),
    types.uint8: ir.IntType(8),
    types.boolean: ir.IntType(1),
}

typing_of = Typing()
lowering_of = Registry("midstream vectors")

Lower = Callable[[Any, Any, Any, Any], Any]


class Vector(types.Type):  # type: ignore[misc]  # numba is not typed
    """So many numbers of one type, in registers."""

    def __init__(self, dtype: types.Type, lanes: int) -> None:
        self.dtype = dtype
        self.lanes = lanes
        super().__init__(name=f"Vector({dtype}, {lanes})")

    @property
    def floating(self) -> bool:
        """Whether the lanes hold floating-point numbers."""
        return isinstance(self.dtype, types.Float)


@register_model(Vector)
class _Model(models.PrimitiveModel):  # type: ignore[misc]
    def __init__(self, manager: Any, vector: Vector) -> None:
        super().__init__(manager, vector, ir.VectorType(NUMBERS[vector.dtype], vector.lanes))


def define(function: Any, result: Callable[..., types.Type | None], *arguments: Any) -> Callable[[Lower], Lower]:
    """Give a function a meaning for arguments of these types, and a type of what it returns; None is another's."""

    class Template(AbstractTemplate):  # type: ignore[misc]
        key = function
        prefer_literal = True

        def generic(self, args: Any, kws: Any) -> Any:
            if kws or len(args) != len(arguments):
                return None
            if not all(isinstance(given, wanted) for given, wanted in zip(args, arguments, strict=True)):
                return None
            returned = result(*args)
            return None if returned is None else signature(returned, *args)

    typing_of.register_global(function, types.Function(Template))

    def register(lower: Lower) -> Lower:
        lowering_of.lower(function, *(types.Any if wanted is object else wanted for wanted in arguments))(lower)
        return lower

    return register


def _same(x: Vector, *others: Any) -> Vector | None:
    return x if all(other == x for other in others if isinstance(other, Vector)) else None


def _mask(x: Vector, y: Vector) -> Vector | None:
    return Vector(types.boolean, x.lanes) if x == y else None


def _place(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    array = context.make_array(sig.args[0])(context, builder, args[0])
    return builder.gep(array.data, [context.cast(builder, args[1], sig.args[1], types.int64)])


@define(vectors.flat, lambda array: array.copy(ndim=1) if array.layout == "C" else None, types.Array)
def _flat(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    given = context.make_array(sig.args[0])(context, builder, args[0])
    made = context.make_array(sig.return_type)(context, builder)
    arrayobj.populate_array(made, given.data, [given.nitems], [given.itemsize], given.itemsize, None)
    return made._getvalue()  # noqa: SLF001 - numba's own name for it


@define(
    vectors.load, lambda array, _, n: Vector(array.dtype, n.literal_value), types.Array, types.Integer, types.Literal
)
def _load(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    pointer = builder.bitcast(_place(context, builder, sig, args), context.get_value_type(sig.return_type).as_pointer())
    loaded = builder.load(pointer)
    loaded.align = context.get_abi_sizeof(NUMBERS[sig.return_type.dtype])
    return loaded


@define(vectors.store, lambda *_: types.none, types.Array, types.Integer, Vector)
def _store(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    pointer = builder.bitcast(_place(context, builder, sig, args), args[2].type.as_pointer())
    builder.store(args[2], pointer).align = context.get_abi_sizeof(NUMBERS[sig.args[2].dtype])
    return context.get_dummy_value()


@define(vectors.splat, lambda x, n: Vector(types.unliteral(x), n.literal_value), types.Number, types.Literal)
def _splat(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    number = context.cast(builder, args[0], sig.args[0], sig.return_type.dtype)
    kind = context.get_value_type(sig.return_type)
    first = builder.insert_element(ir.Constant(kind, ir.Undefined), number, INDEX(0))
    return builder.shuffle_vector(first, ir.Constant(kind, ir.Undefined), _places([0] * kind.count))


def _places(order: list[int]) -> Any:
    return ir.Constant(ir.VectorType(INDEX, len(order)), order)


def _compare(builder: Any, vector: Vector, sign: str, x: Any, y: Any) -> Any:
    if vector.floating:
        return builder.fcmp_ordered(sign, x, y, flags=FAST)
    return (builder.icmp_signed if vector.dtype.signed else builder.icmp_unsigned)(sign, x, y)


def _extreme(function: Any, sign: str) -> None:
    @define(function, _same, Vector, Vector)
    def lower(_: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.select(_compare(builder, sig.args[0], sign, *args), *args)


_extreme(vectors.minimum, "<")
_extreme(vectors.maximum, ">")


@define(vectors.minimum_cost, lambda x, y: x if x == y and x.dtype == types.float64 else None, Vector, Vector)
def _minimum_cost(_: Any, builder: Any, sig: Any, args: Any) -> Any:
    if vectors.REGISTER < 8:
        return builder.select(_compare(builder, sig.args[0], "<", *args), *args)
    whole = ir.VectorType(NUMBERS[types.int64], sig.args[0].lanes)
    # a positive number's bits are in the order of the numbers
    x, y = (builder.bitcast(arg, whole) for arg in args)
    return builder.bitcast(builder.select(builder.icmp_signed("<", x, y), x, y), args[0].type)


def _intrinsic(function: Any, name: str, count: int) -> None:
    @define(function, lambda *args: _same(*args) if args[0].floating else None, *[Vector] * count)
    def lower(_: Any, builder: Any, __: Any, args: Any) -> Any:
        kind = args[0].type
        called = cgutils.get_or_insert_function(
            builder.module, ir.FunctionType(kind, [kind] * count), f"llvm.{name}.v{kind.count}f64"
        )
        return builder.call(called, args, fastmath=FAST)


_intrinsic(vectors.fma, "fma", 3)
_intrinsic(vectors.absolute, "fabs", 1)
_intrinsic(vectors.root, "sqrt", 1)


@define(vectors.select, lambda mask, x, y: x if x == y and mask.lanes == x.lanes else None, Vector, Vector, Vector)
def _select(_: Any, builder: Any, __: Any, args: Any) -> Any:
    return builder.select(*args)


def _shift(function: Any, *, forward: bool) -> None:
    @define(function, lambda x, _: x, Vector, types.Number)
    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        kind = args[0].type
        number = context.cast(builder, args[1], sig.args[1], sig.args[0].dtype)
        place, begin = (kind.count - 1, kind.count - 1) if forward else (0, 1)
        entering = builder.insert_element(ir.Constant(kind, ir.Undefined), number, INDEX(place))
        both = (entering, args[0]) if forward else (args[0], entering)
        return builder.shuffle_vector(*both, _places(list(range(begin, begin + kind.count))))


_shift(vectors.shift_in, forward=True)
_shift(vectors.shift_out, forward=False)


def _zip(function: Any, at_x: int, at_y: int) -> None:
    @define(function, _same, Vector, Vector)
    def lower(_: Any, builder: Any, __: Any, args: Any) -> Any:
        half = args[0].type.count // 2
        order = [i + at for i in range(half) for at in (at_x * half, at_y * half)]
        return builder.shuffle_vector(*args, _places(order))


_zip(vectors.zip_low, 0, 2)
_zip(vectors.zip_high, 1, 3)


@define(vectors.last, lambda x: x.dtype, Vector)
def _last(_: Any, builder: Any, __: Any, args: Any) -> Any:
    return builder.extract_element(args[0], INDEX(args[0].type.count - 1))


@define(vectors.lane, lambda x, _: x.dtype, Vector, types.Integer)
def _lane(_: Any, builder: Any, __: Any, args: Any) -> Any:
    return builder.extract_element(args[0], args[1])


@define(vectors.least, lambda x: x.dtype if x.floating else None, Vector)
def _least(_: Any, builder: Any, __: Any, args: Any) -> Any:
    kind = args[0].type
    called = cgutils.get_or_insert_function(
        builder.module, ir.FunctionType(kind.element, [kind]), f"llvm.vector.reduce.fmin.v{kind.count}f64"
    )
    return builder.call(called, args, fastmath=FAST)


@define(vectors.pattern, lambda x: Vector(types.int64, x.lanes) if x.dtype == types.float64 else None, Vector)
@define(vectors.from_pattern, lambda x: Vector(types.float64, x.lanes) if x.dtype == types.int64 else None, Vector)
def _reinterpreted(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    return builder.bitcast(args[0], context.get_value_type(sig.return_type))


@define(vectors.bits, lambda mask: types.int64 if mask.dtype == types.boolean else None, Vector)
def _bits(_: Any, builder: Any, __: Any, args: Any) -> Any:
    whole = builder.bitcast(args[0], ir.IntType(args[0].type.count))
    return whole if args[0].type.count == 64 else builder.zext(whole, ir.IntType(64))


@define(vectors.mask, lambda _, n: Vector(types.boolean, n.literal_value), types.Integer, types.Literal)
def _mask_of(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    kind = context.get_value_type(sig.return_type)
    whole = context.cast(builder, args[0], sig.args[0], types.int64)
    return builder.bitcast(whole if kind.count == 64 else builder.trunc(whole, ir.IntType(kind.count)), kind)


@define(vectors.ones, lambda x: None if x.floating else x, Vector)
def _ones(_: Any, builder: Any, __: Any, args: Any) -> Any:
    kind = args[0].type
    name = f"llvm.ctpop.v{kind.count}i{kind.element.width}"
    return builder.call(cgutils.get_or_insert_function(builder.module, ir.FunctionType(kind, [kind]), name), args)


def _arithmetic(function: Any, floating: str, whole: str) -> None:
    @define(function, lambda x, y: _same(x, y) if x.floating or whole else None, Vector, Vector)
    def lower(_: Any, builder: Any, sig: Any, args: Any) -> Any:
        return getattr(builder, floating)(*args, flags=FAST) if sig.args[0].floating else getattr(builder, whole)(*args)


_arithmetic(operator.add, "fadd", "add")
_arithmetic(operator.sub, "fsub", "sub")
_arithmetic(operator.mul, "fmul", "mul")
_arithmetic(operator.truediv, "fdiv", "")


def _bitwise(function: Any, instruction: str) -> None:
    @define(function, lambda x, y: None if x.floating else _same(x, y), Vector, Vector)
    def lower(_: Any, builder: Any, __: Any, args: Any) -> Any:
        return getattr(builder, instruction)(*args)


_bitwise(operator.and_, "and_")
_bitwise(operator.or_, "or_")
_bitwise(operator.xor, "xor")
_bitwise(operator.lshift, "shl")


@define(operator.rshift, lambda x, y: None if x.floating else _same(x, y), Vector, Vector)
def _shift_right(_: Any, builder: Any, sig: Any, args: Any) -> Any:
    return (builder.ashr if sig.args[0].dtype.signed else builder.lshr)(*args)


@define(operator.invert, lambda x: None if x.floating else x, Vector)
def _invert(_: Any, builder: Any, __: Any, args: Any) -> Any:
    return builder.not_(args[0])


def _comparison(function: Any, sign: str) -> None:
    @define(function, _mask, Vector, Vector)
    def lower(_: Any, builder: Any, sig: Any, args: Any) -> Any:
        return _compare(builder, sig.args[0], sign, *args)


for _name, _sign in {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!="}.items():
    _comparison(getattr(operator, _name), _sign)


def install(typing_context: Any, target_context: Any) -> None:
    """Make the operations known to a compiler."""
    # numba keeps what it defines later in the first registry it meets: it must be one that it reads again
    target_context.install_registry(builtin_registry)
    typing_context.install_registry(typing_of)
    target_context.install_registry(lowering_of)
