"""The three matrix products of a network: forward, backward, and the gradient of the weights.

Each is defined in NumPy. It is compiled to a function made of tiles: a few rows by a few vectors of
the result, kept in registers from the first addition to the last. The number of registers limits
the size of a tile.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numba.core import types
from numba.core.codegen import ll  # type: ignore[attr-defined]  # llvmlite's binding

from nnvisu.engine.vector import (
    ARRAY,
    INDEX,
    LANES,
    Array,
    address,
    broadcast,
    call,
    compiled,
    constant,
    fma,
    ir,
    load_at,
)

_WIDE = ll.get_host_cpu_features().get("avx512f", False)
COLUMNS = (2, 1) if _WIDE else (1,)
"""Vectors of samples in a tile of rows of samples."""
ROWS = (8, 4, 2, 1)
"""Rows in a tile of rows of samples."""
SIDES = (4, 2, 1) if _WIDE else (2, 1)
"""Rows and columns in a tile of a gradient."""

_INDEX = ir.IntType(64)


def _matrix(array: Array, at: int, shape: tuple[int, int], steps: tuple[int, int]) -> Array:
    """Return a view of part of a flat array: element (i, j) is at ``at + i, j . steps``."""
    strides = [step * array.itemsize for step in steps]
    return np.lib.stride_tricks.as_strided(array[at:], shape, strides)


def _product(weights: Array, source: Array, total: Array) -> Array:
    """Return ``total`` plus the product, added up as the tiles do: input by input, rounded once."""
    for k in range(source.shape[0]):
        total = fma(*np.broadcast_arrays(weights[:, k, None], source[k], total))
    return total


def multiply_up(
    parameters: Array,
    at: int,
    biases_at: int,
    inputs: int,
    outputs: int,
    rows: Array,
    below: int,
    above: int,
    stride: int,
    vectors: int,
) -> None:
    """Set the rows at ``above`` to b + W times the rows at ``below``: the forward product.

    In the parameters W (outputs, inputs) begins at ``at`` and b at ``biases_at``. Rows are
    ``stride`` elements apart and ``vectors`` vectors long.
    """
    weights = _matrix(parameters, at, (outputs, inputs), (inputs, 1))
    biases = parameters[biases_at : biases_at + outputs]
    samples = vectors * LANES
    source = _matrix(rows, below, (inputs, samples), (stride, 1))
    target = _matrix(rows, above, (outputs, samples), (stride, 1))
    target[:] = _product(weights, source, np.broadcast_to(biases[:, None], target.shape))


def multiply_down(
    parameters: Array,
    at: int,
    inputs: int,
    outputs: int,
    rows: Array,
    above: int,
    below: int,
    stride: int,
    vectors: int,
) -> None:
    """Multiply the rows at ``below``, element by element, by W^T times the rows at ``above``."""
    weights = _matrix(parameters, at, (outputs, inputs), (inputs, 1))
    samples = vectors * LANES
    source = _matrix(rows, above, (outputs, samples), (stride, 1))
    target = _matrix(rows, below, (inputs, samples), (stride, 1))
    target *= _product(weights.T, source, np.zeros(target.shape, np.float32))


def correlate(
    deltas: Array,
    above: int,
    outputs: int,
    values: Array,
    below: int,
    inputs: int,
    stride: int,
    vectors: int,
    gradient: Array,
    at: int,
) -> None:
    """Add deltas times values, transposed, to the gradient of W (outputs, inputs) at ``at``."""
    samples = vectors * LANES
    delta = _matrix(deltas, above, (outputs, samples), (stride, 1))
    value = _matrix(values, below, (inputs, samples), (stride, 1))
    sums = np.zeros((outputs, inputs, LANES), np.float32)
    for start in range(0, samples, LANES):
        lanes = slice(start, start + LANES)
        sums = fma(*np.broadcast_arrays(delta[:, None, lanes], value[None, :, lanes], sums))
    count = LANES
    while count > 1:
        count //= 2
        sums = sums[:, :, :count] + sums[:, :, count:]
    gradient[at : at + outputs * inputs] += sums.ravel()


def _index(number: int) -> Any:
    return ir.Constant(_INDEX, number)


@contextmanager
def _loop(builder: Any, count: Any, carried: list[Any]) -> Iterator[tuple[Any, list[Any]]]:
    """Emit a loop of ``count`` rounds, none for 0.

    Yields the number of the round and a list of the carried values. The body replaces the values
    in this list by those of the next round. At the end ``carried`` holds the values of the last.
    """
    head = builder.append_basic_block("head")
    body = builder.append_basic_block("body")
    after = builder.append_basic_block("after")
    before = builder.block
    builder.branch(head)
    builder.position_at_end(head)
    phis = [builder.phi(value.type) for value in (_index(0), *carried)]
    builder.cbranch(builder.icmp_signed("<", phis[0], count), body, after)
    builder.position_at_end(body)
    values = phis[1:]
    yield phis[0], values
    following = [builder.add(phis[0], _index(1)), *values]
    for phi, first, then in zip(phis, (_index(0), *carried), following, strict=True):
        phi.add_incoming(first, before)
        phi.add_incoming(then, builder.block)
    builder.branch(head)
    builder.position_at_end(after)
    carried[:] = phis[1:]


def _cover(builder: Any, count: Any, sizes: Sequence[int]) -> Iterator[tuple[Any, int]]:
    """Emit loops that divide ``count`` into pieces of these sizes, as many as fit of the largest.

    Yields, once for each size and inside its loop, the start of a piece and its size.
    """
    start = _index(0)
    for size in sizes:
        rounds = builder.udiv(builder.sub(count, start), _index(size))
        with _loop(builder, rounds, []) as (k, _):
            yield builder.add(start, builder.mul(k, _index(size))), size
        start = builder.add(start, builder.mul(rounds, _index(size)))


def _outlined(emit: Callable[..., None]) -> Callable[..., None]:
    """Emit the code once, as a function, and a call of it at each use."""

    def emit_call(builder: Any, *values: Any) -> None:
        name = f"nnvisu.{emit.__name__}"
        function = builder.module.globals.get(name)
        if function is None:
            kind = ir.FunctionType(ir.VoidType(), [value.type for value in values])
            function = ir.Function(builder.module, kind, name)
            function.linkage = "internal"
            body = ir.IRBuilder(function.append_basic_block("entry"))
            emit(body, *function.args)
            body.ret_void()
        builder.call(function, values)

    return emit_call


def _row(builder: Any, at: Any, stride: Any, number: Any) -> Any:
    return builder.add(at, builder.mul(stride, number))


def _tile_of_rows(
    builder: Any,
    size: tuple[int, int],
    depth: Any,
    weight_at: Callable[[Any, int], Any],
    source: tuple[Any, Any, Any],
    start: Callable[[int], Any],
) -> list[Any]:
    """Emit one tile of weights times rows of samples, and return its vectors, row by row.

    ``weight_at(k, r)`` is the address of the weight between row k of the source (array, place,
    stride) and row r of the tile, which starts from ``start(r)``.
    """
    rows, columns = size
    array, place, stride = source
    totals = [vector for r in range(rows) for vector in [start(r)] * columns]
    with _loop(builder, depth, totals) as (k, sums):
        along = _row(builder, place, stride, k)
        vectors = [
            load_at(builder, array, builder.add(along, _index(c * LANES))) for c in range(columns)
        ]
        for r in range(rows):
            weight = broadcast(builder, builder.load(weight_at(k, r)))
            for c in range(columns):
                n = r * columns + c
                sums[n] = call(builder, "fma", weight, vectors[c], sums[n])
    return totals


@compiled(multiply_up, types.none, ARRAY, *[INDEX] * 4, ARRAY, *[INDEX] * 4)
@_outlined
def _multiply_up(
    builder: Any,
    parameters: Any,
    at: Any,
    biases: Any,
    inputs: Any,
    outputs: Any,
    rows: Any,
    below: Any,
    above: Any,
    stride: Any,
    vectors: Any,
) -> None:
    # All rows of a few columns before the next columns: the source stays in the first-level cache.
    for v, columns in _cover(builder, vectors, COLUMNS):
        lanes = builder.mul(v, _index(LANES))
        for o, count in _cover(builder, outputs, ROWS):
            first = _row(builder, at, inputs, o)

            def weight_at(k: Any, r: int, first: Any = first) -> Any:
                place = builder.add(_row(builder, first, inputs, _index(r)), k)
                return builder.gep(parameters, [place])

            def bias(r: int, o: Any = o) -> Any:
                place = builder.add(builder.add(biases, o), _index(r))
                return broadcast(builder, builder.load(builder.gep(parameters, [place])))

            source = (rows, builder.add(below, lanes), stride)
            tile = _tile_of_rows(builder, (count, columns), inputs, weight_at, source, bias)
            for n, vector in enumerate(tile):
                row = _row(builder, above, stride, builder.add(o, _index(n // columns)))
                place = builder.add(builder.add(row, lanes), _index(n % columns * LANES))
                builder.store(vector, address(builder, rows, place), align=4)


@compiled(multiply_down, types.none, ARRAY, *[INDEX] * 3, ARRAY, *[INDEX] * 4)
@_outlined
def _multiply_down(
    builder: Any,
    parameters: Any,
    at: Any,
    inputs: Any,
    outputs: Any,
    rows: Any,
    above: Any,
    below: Any,
    stride: Any,
    vectors: Any,
) -> None:
    for v, columns in _cover(builder, vectors, COLUMNS):
        lanes = builder.mul(v, _index(LANES))
        for i, count in _cover(builder, inputs, ROWS):
            first = builder.add(at, i)

            def weight_at(k: Any, r: int, first: Any = first) -> Any:
                place = builder.add(_row(builder, first, inputs, k), _index(r))
                return builder.gep(parameters, [place])

            source = (rows, builder.add(above, lanes), stride)
            tile = _tile_of_rows(
                builder, (count, columns), outputs, weight_at, source, lambda _: constant(0.0)
            )
            for n, vector in enumerate(tile):
                row = _row(builder, below, stride, builder.add(i, _index(n // columns)))
                place = builder.add(builder.add(row, lanes), _index(n % columns * LANES))
                target = address(builder, rows, place)
                builder.store(builder.fmul(vector, builder.load(target, align=4)), target, align=4)


@compiled(correlate, types.none, ARRAY, INDEX, INDEX, ARRAY, *[INDEX] * 4, ARRAY, INDEX)
@_outlined
def _correlate(
    builder: Any,
    deltas: Any,
    above: Any,
    outputs: Any,
    values: Any,
    below: Any,
    inputs: Any,
    stride: Any,
    vectors: Any,
    gradient: Any,
    at: Any,
) -> None:
    for o, rows in _cover(builder, outputs, SIDES):
        for i, columns in _cover(builder, inputs, SIDES):
            delta_rows = [
                _row(builder, above, stride, builder.add(o, _index(r))) for r in range(rows)
            ]
            value_rows = [
                _row(builder, below, stride, builder.add(i, _index(c))) for c in range(columns)
            ]
            totals = [constant(0.0)] * (rows * columns)
            with _loop(builder, vectors, totals) as (v, sums):
                along = builder.mul(v, _index(LANES))
                value = [load_at(builder, values, builder.add(row, along)) for row in value_rows]
                for r in range(rows):
                    delta = load_at(builder, deltas, builder.add(delta_rows[r], along))
                    for c in range(columns):
                        n = r * columns + c
                        sums[n] = call(builder, "fma", delta, value[c], sums[n])
            lanes = _sum_lanes(builder, totals)
            for r in range(rows):
                sums_of_row = _pick(builder, lanes, lanes, range(r * columns, (r + 1) * columns))
                row = _row(builder, at, inputs, builder.add(o, _index(r)))
                target = address(builder, gradient, builder.add(row, i), sums_of_row.type)
                grown = builder.fadd(builder.load(target, align=4), sums_of_row)
                builder.store(grown, target, align=4)


def _pick(builder: Any, a: Any, b: Any, lanes: Sequence[int]) -> Any:
    """Return these lanes of the concatenation of a and b."""
    kind = ir.VectorType(ir.IntType(32), len(lanes))
    return builder.shuffle_vector(a, b, ir.Constant(kind, list(lanes)))


def _sum_lanes(builder: Any, vectors: list[Any]) -> Any:
    """Return one vector whose lane j is the sum of the lanes of the jth vector.

    The number of vectors is a power of two, at most 16. Two vectors are folded into one, with half
    of the lanes for each, until one is left: 16 sums cost 15 additions instead of 64.
    """
    group = LANES
    while len(vectors) > 1:
        pairs = zip(vectors[::2], vectors[1::2], strict=True)
        vectors = [_fold(builder, a, b, group, 2 * LANES) for a, b in pairs]
        group //= 2
    (vector,) = vectors
    lanes = LANES
    while group > 1:
        vector = _fold(builder, vector, vector, group, lanes)
        group, lanes = group // 2, lanes // 2
    return vector


def _fold(builder: Any, a: Any, b: Any, group: int, lanes: int) -> Any:
    """Add the second half of each group of lanes to the first; a's groups stand before b's."""
    low = [start + lane for start in range(0, lanes, group) for lane in range(group // 2)]
    high = [lane + group // 2 for lane in low]
    return builder.fadd(_pick(builder, a, b, low), _pick(builder, a, b, high))
