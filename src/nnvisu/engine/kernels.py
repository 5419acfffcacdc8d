"""All compiled code: forward, backward, update, and the loop over updates.

Values are kept feature-major, ``(units, samples)``, so that the innermost loops run over samples.
Row r of ``values`` and ``deltas`` belongs to unit r, counted from the inputs on. A forward pass
leaves the activation's derivative in ``deltas``, where the backward pass multiplies it by what
comes from the layer above: so each activation stands beside its derivative, and the backward pass
needs to know none.
"""

import math

import numpy as np
from numba import njit

from nnvisu.engine.cache import kernel_cache

BLOCK = 256
"""Samples that go through the network together; partial sums are added block by block."""

TANH, RELU, LEAKY_RELU, GELU = range(4)
SGD, RMSPROP, ADAM = range(3)
STEP, EPOCH, POSITION, UPDATES = range(4)
FINE, PARAMETERS, SLOTS, OUTPUTS = range(4)

# Only what leaves NaN and infinities alone: divergence must be seen.
FASTMATH = {"reassoc", "contract", "arcp", "nsz"}
SHUFFLE, DROPOUT = 2, 3
LARGEST = 1e38


def _kernel(function):  # type: ignore[no-untyped-def]
    with kernel_cache():
        return njit(nogil=True, cache=True, fastmath=FASTMATH, error_model="numpy")(function)


def _helper(function):  # type: ignore[no-untyped-def]
    return njit(nogil=True, fastmath=FASTMATH, error_model="numpy")(function)


@_helper
def random_word(seed, purpose, low, high):  # type: ignore[no-untyped-def]
    """Return the first word of Threefry-2x32-20 (see threefry.py)."""
    mask = 0xFFFFFFFF
    k0 = seed & mask
    k1 = purpose & mask
    k2 = k0 ^ k1 ^ 0x1BD11BDA
    a = (low + k0) & mask
    b = (high + k1) & mask
    for group in range(5):
        for turn in range(4):
            r = (13, 15, 26, 6)[turn] if group % 2 == 0 else (17, 29, 16, 24)[turn]
            a = (a + b) & mask
            b = ((b << r) | (b >> (32 - r))) & mask
            b = a ^ b
        a = (a + (k1, k2, k0)[group % 3]) & mask
        b = (b + (k2, k0, k1)[group % 3] + group + 1) & mask
    return a


@_helper
def shuffle(order, seed, epoch):  # type: ignore[no-untyped-def]
    """Fill ``order`` with the permutation of this epoch."""
    for i in range(len(order)):
        order[i] = i
    for i in range(len(order) - 1, 0, -1):
        word = random_word(seed, SHUFFLE | (epoch >> 32) << 8, i, epoch)
        j = (word * (i + 1)) >> 32
        order[i], order[j] = order[j], order[i]


@_helper
def activate(activation, z, slope):  # type: ignore[no-untyped-def]
    """Replace z by f(z), and put f'(z) into ``slope``."""
    if activation == TANH:
        for s in range(len(z)):
            a = math.tanh(z[s])
            z[s] = a
            slope[s] = np.float32(1) - a * a
    elif activation == RELU:
        for s in range(len(z)):
            slope[s] = np.float32(1) if z[s] > 0 else np.float32(0)
            z[s] = z[s] * slope[s]
    elif activation == LEAKY_RELU:
        for s in range(len(z)):
            slope[s] = np.float32(1) if z[s] > 0 else np.float32(0.01)
            z[s] = z[s] * slope[s]
    elif activation == GELU:
        # Hendrycks and Gimpel, "Gaussian error linear units", 2016: the form with tanh.
        scale = np.float32(0.7978845608028654)
        cubic = np.float32(0.044715)
        half = np.float32(0.5)
        one = np.float32(1)
        three = np.float32(3)
        for s in range(len(z)):
            v = z[s]
            t = math.tanh(scale * (v + cubic * v * v * v))
            z[s] = half * v * (one + t)
            inner = scale * (one + three * cubic * v * v)
            slope[s] = half * (one + t) + half * v * (one - t * t) * inner


@_helper
def drop(rate, seed, step, unit, first, values, slope):  # type: ignore[no-untyped-def]
    """Apply inverted dropout to one unit's values and slopes."""
    threshold = int(rate * 4294967296.0)
    scale = np.float32(1.0 / (1.0 - rate))
    for s in range(len(values)):
        word = random_word(seed, DROPOUT | (step >> 32) << 8, unit << 20 | (first + s), step)
        kept = scale if word >= threshold else np.float32(0)
        values[s] = values[s] * kept
        slope[s] = slope[s] * kept


@_helper
def forward(sizes, activation, parameters, values, deltas, n):  # type: ignore[no-untyped-def]
    """Compute one block's values; the last rows are logits."""
    _forward(sizes, activation, parameters, values, deltas, n, 0.0, 0, 0, 0)


@_helper
def _forward(  # type: ignore[no-untyped-def]
    sizes, activation, parameters, values, deltas, n, dropout, seed, step, first
):
    below = 0
    at = 0
    last = len(sizes) - 2
    for depth in range(len(sizes) - 1):
        inputs, outputs = sizes[depth], sizes[depth + 1]
        above = below + inputs
        biases = at + inputs * outputs
        for o in range(outputs):
            row = values[above + o, :n]
            row[:] = parameters[biases + o]
            for i in range(inputs):
                weight = parameters[at + o * inputs + i]
                source = values[below + i, :n]
                for s in range(n):
                    row[s] += weight * source[s]
            if depth < last:
                slope = deltas[above + o, :n]
                activate(activation, row, slope)
                if dropout > 0.0:
                    drop(dropout, seed, step, above + o, first, row, slope)
        below = above
        at = biases + outputs


@_helper
def softmax(values, top, classes, n):  # type: ignore[no-untyped-def]
    """Replace the logits in the rows from ``top`` on by probabilities."""
    for s in range(n):
        largest = values[top, s]
        for c in range(1, classes):
            largest = max(largest, values[top + c, s])
        total = np.float32(0)
        for c in range(classes):
            e = math.exp(values[top + c, s] - largest)
            values[top + c, s] = e
            total += e
        for c in range(classes):
            values[top + c, s] /= total


@_helper
def backward(sizes, parameters, values, deltas, n, gradient):  # type: ignore[no-untyped-def]
    """Add one block's share to the gradient; ``deltas`` holds the outputs' already."""
    top = 0
    at = 0
    for depth in range(len(sizes) - 1):
        top += sizes[depth]
        at += sizes[depth] * sizes[depth + 1] + sizes[depth + 1]
    for depth in range(len(sizes) - 2, -1, -1):
        inputs, outputs = sizes[depth], sizes[depth + 1]
        below = top - inputs
        biases = at - outputs
        at = biases - inputs * outputs
        for o in range(outputs):
            delta = deltas[top + o, :n]
            total = np.float32(0)
            for s in range(n):
                total += delta[s]
            gradient[biases + o] += total
            for i in range(inputs):
                value = values[below + i, :n]
                total = np.float32(0)
                for s in range(n):
                    total += delta[s] * value[s]
                gradient[at + o * inputs + i] += total
        if depth > 0:
            for i in range(inputs):
                slope = deltas[below + i, :n]
                for s in range(n):
                    total = np.float32(0)
                    for o in range(outputs):
                        total += parameters[at + o * inputs + i] * deltas[top + o, s]
                    slope[s] *= total
        top = below


@_helper
def update(  # type: ignore[no-untyped-def]
    optimiser, learning_rate, updates, parameters, slots, gradient
):
    """Take one step down the gradient; ``updates`` counts this one too. Formulas: PyTorch's."""
    p = len(parameters)
    rate = np.float32(learning_rate)
    tiny = np.float32(1e-8)
    if optimiser == SGD:
        for k in range(p):
            parameters[k] -= rate * gradient[k]
    elif optimiser == RMSPROP:
        decay, rest = np.float32(0.99), np.float32(1 - 0.99)
        for k in range(p):
            g = gradient[k]
            slots[k] = decay * slots[k] + rest * g * g
            parameters[k] -= rate * g / (np.sqrt(slots[k]) + tiny)
    else:
        b1, r1 = np.float32(0.9), np.float32(1 - 0.9)
        b2, r2 = np.float32(0.999), np.float32(1 - 0.999)
        size = np.float32(learning_rate / (1.0 - 0.9**updates))
        correction = np.float32(1.0 / math.sqrt(1.0 - 0.999**updates))
        for k in range(p):
            g = gradient[k]
            slots[k] = b1 * slots[k] + r1 * g
            slots[p + k] = b2 * slots[p + k] + r2 * g * g
            parameters[k] -= size * slots[k] / (np.sqrt(slots[p + k]) * correction + tiny)


@_helper
def condition(sizes, parameters, slots):  # type: ignore[no-untyped-def]
    """Tell which quantity has left the finite range, if any.

    The outputs count as having left it when, for some point of the square, they could: every
    activation here satisfies |f(z)| <= max(|z|, 1), so row sums of |W| bound each layer. What is
    FINE therefore has finite probabilities and a finite loss on every point.
    """
    for k in range(len(parameters)):
        if not abs(parameters[k]) < LARGEST:
            return PARAMETERS
    for k in range(len(slots)):
        if not abs(slots[k]) < LARGEST:
            return SLOTS
    bound = 1.0
    at = 0
    for depth in range(len(sizes) - 1):
        inputs, outputs = sizes[depth], sizes[depth + 1]
        biases = at + inputs * outputs
        largest = 1.0
        for o in range(outputs):
            total = 0.0
            for i in range(inputs):
                total += abs(parameters[at + o * inputs + i])
            largest = max(largest, total * bound + abs(parameters[biases + o]))
        bound = largest
        at = biases + outputs
    return FINE if bound < LARGEST else OUTPUTS


@_kernel
def train(  # type: ignore[no-untyped-def]
    steps,
    sizes,
    activation,
    optimiser,
    learning_rate,
    batch,
    l2,
    dropout,
    seed,
    inputs,
    targets,
    parameters,
    slots,
    boundary,
    counters,
    order,
    values,
    deltas,
    gradient,
):
    """Run up to so many updates, and return how many and the condition at the end.

    Changes in place: parameters, slots, counters, order and the scratch arrays; ``boundary``
    (parameters and slots, joined) holds the state at the last epoch boundary that was FINE.
    ``inputs`` float32 (2, n), ``targets`` int64 (n,) output units.
    """
    n = len(targets)
    p = len(parameters)
    classes = sizes[-1]
    top = len(values) - classes
    one = np.float32(1)
    done = 0
    while done < steps:
        if counters[POSITION] == 0 and batch < n:
            shuffle(order, seed, counters[EPOCH])
        start = counters[POSITION] * batch
        stop = min(start + batch, n)
        share = np.float32(1.0 / (stop - start))
        gradient[:] = 0
        first = start
        while first < stop:
            m = min(BLOCK, stop - first)
            for s in range(m):
                values[0, s] = inputs[0, order[first + s]]
                values[1, s] = inputs[1, order[first + s]]
            _forward(
                sizes,
                activation,
                parameters,
                values,
                deltas,
                m,
                dropout,
                seed,
                counters[STEP],
                first - start,
            )
            softmax(values, top, classes, m)
            for c in range(classes):
                for s in range(m):
                    hit = one if targets[order[first + s]] == c else np.float32(0)
                    deltas[top + c, s] = (values[top + c, s] - hit) * share
            backward(sizes, parameters, values, deltas, m, gradient)
            first += m
        if l2 > 0.0:
            at = 0
            decay = np.float32(l2)
            for depth in range(len(sizes) - 1):
                weights = sizes[depth] * sizes[depth + 1]
                for k in range(at, at + weights):
                    gradient[k] += decay * parameters[k]
                at += weights + sizes[depth + 1]
        counters[UPDATES] += 1
        update(optimiser, learning_rate, counters[UPDATES], parameters, slots, gradient)
        counters[STEP] += 1
        counters[POSITION] += 1
        done += 1
        if stop == n:
            counters[POSITION] = 0
            counters[EPOCH] += 1
            state = condition(sizes, parameters, slots)
            if state != FINE:
                return done, state
            boundary[:p] = parameters
            boundary[p:] = slots
    return done, FINE


@_kernel
def classify(  # type: ignore[no-untyped-def]
    sizes, activation, parameters, inputs, values, deltas, probabilities
):
    """Fill ``probabilities`` float32 (classes, n) for ``inputs`` float32 (2, n)."""
    n = inputs.shape[1]
    classes = sizes[-1]
    top = len(values) - classes
    for first in range(0, n, BLOCK):
        m = min(BLOCK, n - first)
        values[:2, :m] = inputs[:, first : first + m]
        forward(sizes, activation, parameters, values, deltas, m)
        softmax(values, top, classes, m)
        probabilities[:, first : first + m] = values[top:, :m]


@_kernel
def measure(  # type: ignore[no-untyped-def]
    sizes, activation, parameters, inputs, targets, values, deltas
):
    """Return the mean cross-entropy in nats and the accuracy."""
    n = len(targets)
    classes = sizes[-1]
    top = len(values) - classes
    loss = 0.0
    right = 0
    for first in range(0, n, BLOCK):
        m = min(BLOCK, n - first)
        values[:2, :m] = inputs[:, first : first + m]
        forward(sizes, activation, parameters, values, deltas, m)
        for s in range(m):
            best = 0
            for c in range(1, classes):
                if values[top + c, s] > values[top + best, s]:
                    best = c
            largest = float(values[top + best, s])
            total = 0.0
            for c in range(classes):
                total += math.exp(float(values[top + c, s]) - largest)
            target = targets[first + s]
            loss += math.log(total) + largest - float(values[top + target, s])
            right += best == target
    return loss / n, right / n
