"""The update of the parameters from the gradient: schedule, penalties, clipping, optimisers."""

import math

import numpy as np

from nnvisu.engine.compilation import Doubles, Floats, Integers, helper
from nnvisu.engine.layout import biases_at, layer_stop
from nnvisu.engine.mathematics import falling_cosine, powers_of, tabled_power, whole_power
from nnvisu.engine.vector import LANES, fma, lane_sum, load, root, splat, store, where_greater

SGD, MOMENTUM, RMSPROP, ADAM = range(4)
CONSTANT, STEPWISE, COSINE, WARM_UP = range(4)
FINE, PARAMETERS, SLOTS, OUTPUTS = range(4)

LEARNING_RATE, PERIOD, FACTOR, NESTEROV, WEIGHT_DECAY, L1, L2, CLIP_NORM, DROPOUT = range(9)
"""Places in ``settings``, the hyper-parameters as float64."""
SETTINGS = 9

LARGEST = 1e38
"""Larger logits count as infinite."""
LARGEST_VALUE = 1e18
"""Larger values of regression count as infinite: their squares must stay in float32's range."""
TINY = 1e-8
FRICTION = 0.9
FIRST, SECOND = powers_of(0.9), powers_of(0.999)
"""The powers of Adam's decay rates."""


@helper
def scheduled_rate(schedule: int, epoch: int, settings: Doubles) -> float:
    """Return the learning rate of an epoch."""
    rate, period = float(settings[LEARNING_RATE]), float(settings[PERIOD])
    if schedule == STEPWISE:
        return rate * whole_power(float(settings[FACTOR]), math.floor(epoch / period))
    if schedule == COSINE:
        # Loshchilov and Hutter, "SGDR", ICLR 2017, eq. 5, without restarts and down to zero.
        return rate * 0.5 * (1.0 + falling_cosine(min(epoch / period, 1.0)))
    if schedule == WARM_UP:
        return rate * min((epoch + 1.0) / period, 1.0)
    return rate


@helper
def update(
    optimiser: int,
    rate: float,
    updates: int,
    settings: Doubles,
    decayed: Floats,
    parameters: Floats,
    slots: Floats,
    gradient: Floats,
) -> None:
    """Take one step down the gradient, changing parameters and slots in place.

    ``updates`` counts this one too; ``decayed`` is 1 for weights and 0 for biases. The arrays are
    whole vectors long, and so is each slot. Sources: PyTorch's definitions of SGD, RMSprop, Adam
    and AdamW, for their order of rounding as well; Adam: Kingma and Ba, "Adam: a method for
    stochastic optimization", ICLR 2015, algorithm 1; AdamW: Loshchilov and Hutter, "Decoupled
    weight decay regularization", ICLR 2019, algorithm 2; momentum with Nesterov's gradient:
    Sutskever et al., "On the importance of initialization and momentum", ICML 2013.
    """
    p = len(parameters)
    tiny, down = splat(TINY), splat(-rate)
    if settings[WEIGHT_DECAY] > 0.0:
        shrink = splat(-rate * settings[WEIGHT_DECAY])
        for k in range(0, p, LANES):
            weights = load(parameters, k)
            store(parameters, k, fma(shrink * load(decayed, k), weights, weights))
    if optimiser == SGD:
        for k in range(0, p, LANES):
            store(parameters, k, fma(down, load(gradient, k), load(parameters, k)))
    elif optimiser == MOMENTUM:
        friction = splat(FRICTION)
        ahead = splat(settings[NESTEROV])
        for k in range(0, p, LANES):
            g = load(gradient, k)
            velocity = fma(friction, load(slots, k), g)
            store(slots, k, velocity)
            # Nesterov: the velocity after the next update, if its gradient were the same.
            change = velocity + ahead * (fma(friction, velocity, g) - velocity)
            store(parameters, k, fma(down, change, load(parameters, k)))
    elif optimiser == RMSPROP:
        decay, rest = splat(0.99), splat(1.0 - 0.99)
        for k in range(0, p, LANES):
            g = load(gradient, k)
            square = fma(decay, load(slots, k), rest * g * g)
            store(slots, k, square)
            store(parameters, k, fma(down, g / (root(square) + tiny), load(parameters, k)))
    else:
        down = splat(-rate / (1.0 - tabled_power(FIRST, updates)))
        correction = splat(1.0 / math.sqrt(1.0 - tabled_power(SECOND, updates)))
        decay1, rest1, decay2, rest2 = splat(0.9), splat(0.1), splat(0.999), splat(1.0 - 0.999)
        for k in range(0, p, LANES):
            g = load(gradient, k)
            first = fma(decay1, load(slots, k), rest1 * g)
            second = fma(decay2, load(slots, p + k), rest2 * g * g)
            store(slots, k, first)
            store(slots, p + k, second)
            change = first / fma(root(second), correction, tiny)
            store(parameters, k, fma(down, change, load(parameters, k)))


@helper
def penalise(l1: float, l2: float, parameters: Floats, decayed: Floats, gradient: Floats) -> None:
    """Add the gradient of l1 times the sum of |w| plus l2/2 times that of w^2.

    At w = 0 the derivative of |w| is taken as 0. Changes ``gradient`` in place.
    """
    zero = splat(0.0)
    for k in range(0, len(parameters), LANES):
        w, counts = load(parameters, k), load(decayed, k)
        towards = where_greater(w, zero, splat(l1), where_greater(zero, w, splat(-l1), zero))
        store(gradient, k, fma(counts, fma(splat(l2), w, towards), load(gradient, k)))


@helper
def clip(limit: float, gradient: Floats) -> None:
    """Scale the gradient, in place, to a norm of at most ``limit``, as PyTorch's clip_grad_norm_.

    Source: Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural
    networks", ICML 2013, algorithm 1.
    """
    total = splat(0.0)
    for k in range(0, len(gradient), LANES):
        g = load(gradient, k)
        total = fma(g, g, total)
    scale = limit / (math.sqrt(np.float64(lane_sum(total))) + 1e-6)
    if scale < 1.0:
        for k in range(0, len(gradient), LANES):
            store(gradient, k, splat(scale) * load(gradient, k))


@helper
def are_finite(numbers: Floats) -> bool:
    """Return whether all numbers, whole vectors of them, are finite."""
    # Zero times anything finite is zero.
    total = zero = splat(0.0)
    for k in range(0, len(numbers), LANES):
        total = fma(load(numbers, k), zero, total)
    return bool(lane_sum(total) == 0.0)


@helper
def condition(sizes: Integers, parameters: Floats, slots: Floats) -> int:
    """Return which quantity has left the finite range: PARAMETERS, SLOTS, OUTPUTS; or FINE.

    OUTPUTS means that an output could leave it for some point of the square. Every activation f
    has |f(z)| <= max(|z|, 1), so the sums of |W| over the rows bound each layer. FINE therefore
    implies finite probabilities and a finite loss on every point.
    """
    if not are_finite(parameters):
        return PARAMETERS
    if not are_finite(slots):
        return SLOTS
    bound = 1.0
    at = 0
    for depth in range(len(sizes) - 1):
        inputs, outputs = sizes[depth], sizes[depth + 1]
        biases = biases_at(at, inputs, outputs)
        largest = 1.0
        for o in range(outputs):
            weights = 0.0
            for i in range(inputs):
                weights += np.float64(abs(parameters[at + o * inputs + i]))
            largest = max(largest, weights * bound + np.float64(abs(parameters[biases + o])))
        bound = largest
        at = layer_stop(at, inputs, outputs)
    limit = LARGEST_VALUE if sizes[-1] == 1 else LARGEST
    return FINE if bound < limit else OUTPUTS
