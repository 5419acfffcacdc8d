"""The forward and the backward pass of one block of samples.

``values`` and ``deltas`` are flat arrays of rows, one row of samples for each unit, counted from
the inputs on: row r begins at ``r * stride``. The forward pass leaves the activation's derivative
in ``deltas``; the backward pass multiplies it by the derivative from the layer above. So the
backward pass is the same for every activation.

Rows are whole vectors long, and their last lanes may hold samples beyond the block. The outputs'
deltas are 0 there, so these samples add nothing to the gradient.
"""

from nnvisu.engine.activations import activate, drop
from nnvisu.engine.compilation import Floats, Integers, helper, inlined
from nnvisu.engine.layout import biases_at, layer_stop
from nnvisu.engine.mathematics import exponential
from nnvisu.engine.matmul import correlate, multiply_down, multiply_up
from nnvisu.engine.vector import LANES, load, splat, store, where_greater


@inlined
def forward(
    sizes: Integers,
    activation: int,
    parameters: Floats,
    values: Floats,
    deltas: Floats,
    stride: int,
    vectors: int,
    dropout: float,
    seed: int,
    step: int,
    first: int,
) -> None:
    """Fill a block's ``values`` and ``deltas`` from its inputs, the first rows of ``values``.

    The last rows of ``values`` become the logits. ``first`` is the place of the block's first
    sample in the batch of this step.
    """
    below = 0
    at = 0
    last = len(sizes) - 2
    for depth in range(len(sizes) - 1):
        inputs, outputs = sizes[depth], sizes[depth + 1]
        above = below + inputs
        multiply_up(
            parameters,
            at,
            biases_at(at, inputs, outputs),
            inputs,
            outputs,
            values,
            below * stride,
            above * stride,
            stride,
            vectors,
        )
        if depth < last:
            for unit in range(above, above + outputs):
                start = unit * stride
                stop = start + vectors * LANES
                activate(activation, values, deltas, start, stop)
                if dropout > 0.0:
                    drop(dropout, seed, step, unit, first, values, deltas, start, stop)
        below = above
        at = layer_stop(at, inputs, outputs)


@helper
def softmax(values: Floats, top: int, classes: int, stride: int, vectors: int) -> None:
    """Replace the logits, in the rows from ``top`` on, by probabilities, in place."""
    for at in range(top * stride, top * stride + vectors * LANES, LANES):
        end = at + classes * stride
        largest = load(values, at)
        for row in range(at + stride, end, stride):
            z = load(values, row)
            largest = where_greater(largest, z, largest, z)
        total = splat(0.0)
        for row in range(at, end, stride):
            e = exponential(load(values, row) - largest)
            store(values, row, e)
            total = total + e
        share = splat(1.0) / total
        for row in range(at, end, stride):
            store(values, row, load(values, row) * share)


@inlined
def backward(
    sizes: Integers,
    parameters: Floats,
    values: Floats,
    deltas: Floats,
    stride: int,
    vectors: int,
    ones_at: int,
    gradient: Floats,
) -> None:
    """Add a block's share to ``gradient``. The outputs' rows of ``deltas`` must be filled.

    Changes the hidden units' deltas in place. A bias is the weight of an input that is always 1;
    these ones begin at element ``ones_at`` of ``values``.
    """
    top = 0
    at = 0
    for depth in range(len(sizes) - 1):
        top += sizes[depth]
        at = layer_stop(at, sizes[depth], sizes[depth + 1])
    for depth in range(len(sizes) - 2, -1, -1):
        inputs, outputs = sizes[depth], sizes[depth + 1]
        below = top - inputs
        at -= layer_stop(0, inputs, outputs)
        biases = biases_at(at, inputs, outputs)
        correlate(
            deltas,
            top * stride,
            outputs,
            values,
            below * stride,
            inputs,
            stride,
            vectors,
            gradient,
            at,
        )
        correlate(
            deltas, top * stride, outputs, values, ones_at, 1, stride, vectors, gradient, biases
        )
        if depth > 0:
            multiply_down(
                parameters,
                at,
                inputs,
                outputs,
                deltas,
                top * stride,
                below * stride,
                stride,
                vectors,
            )
        top = below
