"""What happens to the parameters once the gradient is known."""

import math

from nnvisu.engine.compilation import Floats, Integers, helper
from nnvisu.engine.vector import LANES, fma, load, root, splat, store

SGD, RMSPROP, ADAM = range(3)
FINE, PARAMETERS, SLOTS, OUTPUTS = range(4)

LARGEST = 1e38
TINY = 1e-8


@helper
def update(
    optimiser: int,
    learning_rate: float,
    updates: int,
    parameters: Floats,
    slots: Floats,
    gradient: Floats,
) -> None:
    """Take one step down the gradient, changing parameters and slots in place.

    ``updates`` counts this one too. The arrays are whole vectors long, and so is each slot.
    Sources: PyTorch's definitions of SGD, RMSprop and Adam, for their order of rounding as well;
    Adam: Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015, algorithm 1.
    """
    p = len(parameters)
    tiny = splat(TINY)
    if optimiser == SGD:
        rate = splat(-learning_rate)
        for k in range(0, p, LANES):
            store(parameters, k, fma(rate, load(gradient, k), load(parameters, k)))
    elif optimiser == RMSPROP:
        rate, decay, rest = splat(-learning_rate), splat(0.99), splat(1.0 - 0.99)
        for k in range(0, p, LANES):
            g = load(gradient, k)
            square = fma(decay, load(slots, k), rest * g * g)
            store(slots, k, square)
            store(parameters, k, fma(rate, g / (root(square) + tiny), load(parameters, k)))
    else:
        rate = splat(-learning_rate / (1.0 - 0.9**updates))
        correction = splat(1.0 / math.sqrt(1.0 - 0.999**updates))
        decay1, rest1, decay2, rest2 = (
            splat(0.9),
            splat(0.1),
            splat(0.999),
            splat(1.0 - 0.999),
        )
        for k in range(0, p, LANES):
            g = load(gradient, k)
            first = fma(decay1, load(slots, k), rest1 * g)
            second = fma(decay2, load(slots, p + k), rest2 * g * g)
            store(slots, k, first)
            store(slots, p + k, second)
            change = first / fma(root(second), correction, tiny)
            store(parameters, k, fma(rate, change, load(parameters, k)))


@helper
def penalise(l2: float, parameters: Floats, decayed: Floats, gradient: Floats) -> None:
    """Add the gradient of l2/2 times the sum of squares; ``decayed`` is 1 for weights, else 0."""
    for k in range(0, len(parameters), LANES):
        share = splat(l2) * load(decayed, k)
        store(gradient, k, fma(share, load(parameters, k), load(gradient, k)))


@helper
def condition(sizes: Integers, parameters: Floats, slots: Floats) -> int:
    """Tell which quantity has left the finite range, if any.

    The outputs count as having left it when, for some point of the square, they could: every
    activation f here has |f(z)| <= max(|z|, 1), so sums of |W| over a row bound each layer. What
    is FINE therefore has finite probabilities and a finite loss on every point.
    """
    # Zero times anything finite is zero.
    total = parameters[0] * 0
    for k in range(len(parameters)):
        total += parameters[k] * 0
    if total != 0:
        return PARAMETERS
    for k in range(len(slots)):
        total += slots[k] * 0
    if total != 0:
        return SLOTS
    bound = 1.0
    at = 0
    for depth in range(len(sizes) - 1):
        inputs, outputs = sizes[depth], sizes[depth + 1]
        biases = at + inputs * outputs
        largest = 1.0
        for o in range(outputs):
            weights = 0.0
            for i in range(inputs):
                weights += abs(parameters[at + o * inputs + i])
            largest = max(largest, weights * bound + abs(parameters[biases + o]))
        bound = largest
        at = biases + outputs
    return FINE if bound < LARGEST else OUTPUTS
