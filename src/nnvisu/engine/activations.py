"""The activations of hidden units, each beside its derivative; dropout.

An activation is a row of `ACTIVATIONS` and a branch of `activate`.
"""

from dataclasses import dataclass

from nnvisu.engine.compilation import Floats, helper
from nnvisu.engine.mathematics import hyperbolic_tangent, random_words, sine_and_cosine
from nnvisu.engine.random_numbers import Purpose
from nnvisu.engine.vector import (
    LANES,
    fma,
    lane_numbers,
    load,
    splat,
    store,
    where_below,
    where_greater,
    words,
)

TANH, RELU, LEAKY_RELU, GELU, SIGMOID, SILU, SINE, LINEAR = range(8)


@dataclass(frozen=True)
class Activation:
    """What is known of an activation outside the kernels.

    Attributes:
        number: How kernels know it.
        steepest: The largest absolute value of its derivative, to three digits.
    """

    number: int
    steepest: float = 1.0


ACTIVATIONS = {
    "tanh": Activation(TANH),
    "relu": Activation(RELU),
    "leaky_relu": Activation(LEAKY_RELU),
    "gelu": Activation(GELU, steepest=1.13),
    "sigmoid": Activation(SIGMOID, steepest=0.25),
    "silu": Activation(SILU, steepest=1.1),
    "sine": Activation(SINE),
    "linear": Activation(LINEAR),
}
"""By the names of `choices.Activation`, in their order."""

DROPOUT = int(Purpose.DROPOUT)
HALF, SLOPE = 0.5, 0.01
GELU_SCALE, GELU_CUBIC = 0.7978845608028654, 0.044715


@helper
def activate(activation: int, values: Floats, deltas: Floats, start: int, stop: int) -> None:
    """Replace z by f(z) in the values from ``start`` to ``stop``, and put f'(z) into the deltas."""
    zero, one, half = splat(0.0), splat(1.0), splat(HALF)
    if activation == TANH:
        for at in range(start, stop, LANES):
            a = hyperbolic_tangent(load(values, at))
            store(values, at, a)
            store(deltas, at, one - a * a)
    elif activation == RELU:
        for at in range(start, stop, LANES):
            z = load(values, at)
            store(values, at, where_greater(zero, z, zero, z))
            store(deltas, at, where_greater(z, zero, one, zero))
    elif activation == LEAKY_RELU:
        slope = splat(SLOPE)
        for at in range(start, stop, LANES):
            z = load(values, at)
            store(values, at, where_greater(zero, z, slope * z, z))
            store(deltas, at, where_greater(z, zero, one, slope))
    elif activation == GELU:
        # The form with tanh: Hendrycks and Gimpel, "Gaussian error linear units", 2016.
        for at in range(start, stop, LANES):
            z = load(values, at)
            inner = splat(GELU_SCALE) * fma(splat(GELU_CUBIC) * (z * z), z, z)
            rate = splat(GELU_SCALE) * fma(splat(3 * GELU_CUBIC) * z, z, one)
            t = hyperbolic_tangent(inner)
            store(values, at, half * z * (one + t))
            store(deltas, at, half * fma(z * rate, one - t * t, one + t))
    elif activation == SIGMOID:
        for at in range(start, stop, LANES):
            a = fma(half, hyperbolic_tangent(half * load(values, at)), half)
            store(values, at, a)
            store(deltas, at, a * (one - a))
    elif activation == SILU:
        # Elfwing, Uchibe and Doya, "Sigmoid-weighted linear units", Neural Networks 107, 2018.
        for at in range(start, stop, LANES):
            z = load(values, at)
            share = fma(half, hyperbolic_tangent(half * z), half)
            store(values, at, z * share)
            store(deltas, at, share * fma(z, one - share, one))
    elif activation == SINE:
        for at in range(start, stop, LANES):
            a, slope = sine_and_cosine(load(values, at))
            store(values, at, a)
            store(deltas, at, slope)
    else:
        for at in range(start, stop, LANES):
            store(deltas, at, one)


@helper
def drop(
    rate: float,
    seed: int,
    step: int,
    unit: int,
    first: int,
    values: Floats,
    deltas: Floats,
    start: int,
    stop: int,
) -> None:
    """Apply inverted dropout to a row, in place: scale kept units by 1 / (1 - rate), zero the rest.

    ``unit`` counts from the inputs on; ``first`` is the row's first sample within the batch.
    """
    threshold = words(int(rate * 4294967296.0))
    scale, zero = splat(1.0 / (1.0 - rate)), splat(0.0)
    counter = lane_numbers() + words(unit << 20) + words(first)
    for at in range(start, stop, LANES):
        bits = random_words(seed, DROPOUT | (step >> 32) << 8, counter, step)
        kept = where_below(bits, threshold, zero, scale)
        store(values, at, load(values, at) * kept)
        store(deltas, at, load(deltas, at) * kept)
        counter = counter + words(LANES)
