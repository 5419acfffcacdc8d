"""Vectors of sixteen lanes, and the functions of them that kernels are written in.

With the JIT on, a vector is a register (or several, on processors with narrower ones), and every
function is one or a few instructions. With the JIT off, a vector is a NumPy array of `LANES`
elements, and the same kernels run as plain Python, slowly. So each function is defined twice, side
by side: in NumPy, and as the LLVM code that it is compiled to.

Kernels use explicit vectors because products of small matrices need several rows and columns in
registers at once, which compilers do not find in plain loops.
"""

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
from numba.core import cgutils, types
from numba.core.typing.templates import ConcreteTemplate, infer_global, signature
from numba.extending import lower_builtin, models, register_model
from numpy.typing import NDArray

LANES = 16

Vector = Any
"""A vector of float32 or uint32 lanes."""
Array = NDArray[Any]
Emit = Callable[..., Any]

# Numba's llvmlite, and functions of Numba without type hints.
ir: Any = cgutils.ir  # type: ignore[attr-defined]
_signature: Any = signature
_infer_global: Any = infer_global
_lower_builtin: Any = lower_builtin


class VectorType(types.Type):
    """The type of a vector in compiled code."""

    def __init__(self, dtype: types.Type) -> None:
        self.dtype = dtype
        super().__init__(name=f"vector({LANES} x {dtype})")


@register_model(VectorType)
class VectorModel(models.PrimitiveModel):
    """A vector is an LLVM vector."""

    def __init__(self, manager: Any, vector_type: VectorType) -> None:
        super().__init__(manager, vector_type, IR[vector_type.dtype])  # type: ignore[no-untyped-call]


IR: dict[types.Type, Any] = {
    types.float32: ir.VectorType(ir.FloatType(), LANES),
    types.uint32: ir.VectorType(ir.IntType(32), LANES),
}
FLOATS, WORDS = VectorType(types.float32), VectorType(types.uint32)
ARRAY = types.Array(types.float32, 1, "C")
INDEX = types.int64


def compiled(
    python: Callable[..., Any], result: types.Type, *arguments: types.Type
) -> Callable[[Emit], Emit]:
    """Declare the code that a call of ``python`` with these argument types is compiled to.

    The decorated function gets the IR builder and the arguments' IR values; an array is passed as
    the pointer to its first element.
    """

    def declare(emit: Emit) -> Emit:
        class Template(ConcreteTemplate):
            key = python
            cases = [_signature(result, *arguments)]  # noqa: RUF012 (as Numba has it)

        _infer_global(python, types.Function(Template))

        @_lower_builtin(python, *arguments)  # type: ignore[untyped-decorator]
        def lower(context: Any, builder: Any, sig: Any, values: Any) -> Any:
            values = [
                context.make_array(kind)(context, builder, value).data
                if isinstance(kind, types.Array)
                else value
                for kind, value in zip(sig.args, values, strict=True)
            ]
            emitted = emit(builder, *values)
            return context.get_dummy_value() if result is types.none else emitted

        return emit

    return declare


def address(builder: Any, array: Any, at: Any, kind: Any = None) -> Any:
    """Return the address of element ``at``, as that of a ``kind`` (by default a vector)."""
    pointer = builder.gep(array, [at])
    return builder.bitcast(pointer, (kind or IR[types.float32]).as_pointer())


def load_at(builder: Any, array: Any, at: Any) -> Any:
    """Return the vector that starts at element ``at``."""
    return builder.load(address(builder, array, at), align=4)


def constant(value: float, kind: types.Type = types.float32) -> Any:
    """Return the vector that has this number in every lane, as an IR constant."""
    return ir.Constant(IR[kind], [value] * LANES)


def broadcast(builder: Any, scalar: Any, kind: types.Type = types.float32) -> Any:
    """Return the vector that has this scalar in every lane."""
    first = builder.insert_element(
        ir.Constant(IR[kind], ir.Undefined), scalar, ir.Constant(ir.IntType(32), 0)
    )
    lanes = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
    return builder.shuffle_vector(first, first, lanes)


def call(builder: Any, name: str, *values: Any) -> Any:
    """Call the LLVM intrinsic of this name for vectors of float32."""
    kind = IR[types.float32]
    function_type = ir.FunctionType(kind, [kind] * len(values))
    function = builder.module.globals.get(f"llvm.{name}.v{LANES}f32") or ir.Function(
        builder.module, function_type, f"llvm.{name}.v{LANES}f32"
    )
    return builder.call(function, values)


def load(array: Array, at: int) -> Vector:
    """Read the lanes that start at element ``at``."""
    return array[at : at + LANES].copy()


@compiled(load, FLOATS, ARRAY, INDEX)
def _load(builder: Any, array: Any, at: Any) -> Any:
    return load_at(builder, array, at)


def store(array: Array, at: int, vector: Vector) -> None:
    """Write the lanes from element ``at`` on."""
    array[at : at + LANES] = vector


@compiled(store, types.none, ARRAY, INDEX, FLOATS)
def _store(builder: Any, array: Any, at: Any, vector: Any) -> None:
    builder.store(vector, address(builder, array, at), align=4)


def splat(scalar: float) -> Vector:
    """Return the vector that has this number in every lane."""
    return np.full(LANES, scalar, np.float32)


@compiled(splat, FLOATS, types.float32)
def _splat(builder: Any, scalar: Any) -> Any:
    return broadcast(builder, scalar)


def words(number: int) -> Vector:
    """Return the vector of uint32 that has this number, modulo 2^32, in every lane."""
    return np.full(LANES, number & 0xFFFFFFFF, np.uint32)


@compiled(words, WORDS, types.int64)
def _words(builder: Any, number: Any) -> Any:
    return broadcast(builder, builder.trunc(number, ir.IntType(32)), types.uint32)


def lane_numbers() -> Vector:
    """Return the uint32 0, 1, 2, ... one to a lane."""
    return np.arange(LANES, dtype=np.uint32)


@compiled(lane_numbers, WORDS)
def _lane_numbers(_builder: Any) -> Any:
    return ir.Constant(IR[types.uint32], list(range(LANES)))


def lanes_below(count: int) -> Vector:
    """Return 1 in the first ``count`` lanes and 0 in the others."""
    return (np.arange(LANES) < count).astype(np.float32)


@compiled(lanes_below, FLOATS, types.int64)
def _lanes_below(builder: Any, count: Any) -> Any:
    limit = broadcast(builder, builder.trunc(count, ir.IntType(32)), types.uint32)
    inside = builder.icmp_signed("<", _lane_numbers(builder), limit)
    return builder.select(inside, constant(1.0), constant(0.0))


def fma(a: Vector, b: Vector, c: Vector) -> Vector:
    """Return a * b + c, rounded once.

    The product of two float32 is exact in float64. The sum in float64 is rounded to odd, so that
    rounding it again, to float32, is like rounding once: Boldo and Melquiond, "Emulation of a FMA
    and correctly rounded sums", IEEE Transactions on Computers 57, 2008.
    """
    with np.errstate(all="ignore"):
        product, addend = a.astype(np.float64) * b, np.asarray(c, np.float64)
        total = product + addend
        part = total - product
        error = (product - (total - part)) + (addend - part)
        even = total.view(np.int64) & 1 == 0
        inexact = even & (error != 0) & np.isfinite(total) & np.isfinite(error)
        towards = np.where(error > 0, np.inf, -np.inf)
        return np.where(inexact, np.nextafter(total, towards), total).astype(np.float32)


@compiled(fma, FLOATS, FLOATS, FLOATS, FLOATS)
def _fma(builder: Any, a: Any, b: Any, c: Any) -> Any:
    return call(builder, "fma", a, b, c)


def root(vector: Vector) -> Vector:
    """Return the square root of each lane."""
    return np.sqrt(vector)


@compiled(root, FLOATS, FLOATS)
def _root(builder: Any, vector: Any) -> Any:
    return call(builder, "sqrt", vector)


def nearest(vector: Vector) -> Vector:
    """Round each lane to the nearest whole number, halves to the even one."""
    return np.rint(vector)


@compiled(nearest, FLOATS, FLOATS)
def _nearest(builder: Any, vector: Any) -> Any:
    return call(builder, "nearbyint", vector)


def power_of_two(exponent: Vector) -> Vector:
    """Return 2 to the power of each lane, a whole number from -126 to 127."""
    return np.ldexp(np.float32(1), exponent.astype(np.int32))


@compiled(power_of_two, FLOATS, FLOATS)
def _power_of_two(builder: Any, exponent: Any) -> Any:
    biased = builder.add(builder.fptosi(exponent, IR[types.uint32]), constant(127, types.uint32))
    return builder.bitcast(builder.shl(biased, constant(23, types.uint32)), IR[types.float32])


def where_greater(a: Vector, b: Vector, yes: Vector, no: Vector) -> Vector:
    """Return, lane by lane, ``yes`` where a > b and ``no`` elsewhere, also where one is NaN."""
    return np.where(a > b, yes, no)


@compiled(where_greater, FLOATS, FLOATS, FLOATS, FLOATS, FLOATS)
def _where_greater(builder: Any, a: Any, b: Any, yes: Any, no: Any) -> Any:
    return builder.select(builder.fcmp_ordered(">", a, b), yes, no)


def where_equal(a: Vector, b: Vector, yes: Vector, no: Vector) -> Vector:
    """Return, lane by lane, ``yes`` where a == b and ``no`` elsewhere."""
    return np.where(a == b, yes, no)


@compiled(where_equal, FLOATS, FLOATS, FLOATS, FLOATS, FLOATS)
def _where_equal(builder: Any, a: Any, b: Any, yes: Any, no: Any) -> Any:
    return builder.select(builder.fcmp_ordered("==", a, b), yes, no)


def where_below(a: Vector, b: Vector, yes: Vector, no: Vector) -> Vector:
    """Return, lane by lane, ``yes`` where the uint32 a < b, and ``no`` elsewhere."""
    return np.where(a < b, yes, no)


@compiled(where_below, FLOATS, WORDS, WORDS, FLOATS, FLOATS)
def _where_below(builder: Any, a: Any, b: Any, yes: Any, no: Any) -> Any:
    return builder.select(builder.icmp_unsigned("<", a, b), yes, no)


def lane_sum(vector: Vector) -> float:
    """Return the sum of all lanes: the second half is added to the first until one is left."""
    while len(vector) > 1:
        vector = vector[: len(vector) // 2] + vector[len(vector) // 2 :]
    return float(vector[0])


@compiled(lane_sum, types.float32, FLOATS)
def _lane_sum(builder: Any, vector: Any) -> Any:
    count = LANES
    while count > 1:
        count //= 2
        low, high = (
            ir.Constant(ir.VectorType(ir.IntType(32), count), list(range(first, first + count)))
            for first in (0, count)
        )
        vector = builder.fadd(
            builder.shuffle_vector(vector, vector, low),
            builder.shuffle_vector(vector, vector, high),
        )
    return builder.extract_element(vector, ir.Constant(ir.IntType(32), 0))


def rotate(vector: Vector, count: int) -> Vector:
    """Rotate the bits of each uint32 to the left."""
    return (vector << np.uint32(count)) | (vector >> np.uint32(32 - count))


@compiled(rotate, WORDS, WORDS, types.int64)
def _rotate(builder: Any, vector: Any, count: Any) -> Any:
    left = broadcast(builder, builder.trunc(count, ir.IntType(32)), types.uint32)
    right = builder.sub(constant(32, types.uint32), left)
    return builder.or_(builder.shl(vector, left), builder.lshr(vector, right))


def store_words(array: Array, at: int, vector: Vector) -> None:
    """Write uint32 lanes into an int64 array from element ``at`` on."""
    array[at : at + LANES] = vector


@compiled(store_words, types.none, types.Array(types.int64, 1, "C"), INDEX, WORDS)
def _store_words(builder: Any, array: Any, at: Any, vector: Any) -> None:
    wide = ir.VectorType(ir.IntType(64), LANES)
    builder.store(builder.zext(vector, wide), address(builder, array, at, wide), align=8)


def _operator(function: Any, kind: types.Type, instruction: str) -> None:
    @compiled(function, kind, kind, kind)
    def _emit(builder: Any, a: Any, b: Any) -> Any:
        return getattr(builder, instruction)(a, b)


_operator(operator.add, FLOATS, "fadd")
_operator(operator.sub, FLOATS, "fsub")
_operator(operator.mul, FLOATS, "fmul")
_operator(operator.truediv, FLOATS, "fdiv")
_operator(operator.add, WORDS, "add")
_operator(operator.xor, WORDS, "xor")
